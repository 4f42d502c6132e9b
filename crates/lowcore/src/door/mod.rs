//! The door of a running machine: a socket by which other programs look at it
//! and interrupt it. docs/control.md describes what goes over it.
//!
//! The folder with the sockets is in `socket`, what is said in `protocol` and
//! `interrupt`. A machine answers by `server` and `answer`; our own commands
//! ask by `client`.

mod answer;
mod client;
mod interrupt;
mod protocol;
mod server;
mod socket;

pub use client::{Client, Error};
pub use interrupt::Interrupt;
pub use protocol::{Command, CpuList, MachineStatus, State};
pub use server::Door;
pub use socket::{Error as NameError, Name, names};
