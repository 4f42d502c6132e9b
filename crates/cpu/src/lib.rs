//! One z/Architecture CPU: registers, prefixing, timers, the run loop,
//! interruption delivery into the low core, and the interpreter.
//!
//! A [`Cpu`] belongs to the thread that runs it. What other threads may touch
//! of it is its [`Mailbox`]; what it may ask of the rest of the machine is a
//! [`Configuration`]. Why it stopped executing is an [`Intercept`], in the
//! architecture's own intercept codes.
#![deny(unsafe_code)]

mod access;
mod at;
mod configuration;
mod context;
mod debug;
mod deliver;
mod exception;
mod intercept;
mod interpreter;
pub mod layout;
mod mailbox;
mod per;
mod registers;
mod reset;
mod routine;
mod run;
mod slice;
mod standalone;
mod status;
mod timer;
mod tlb;
pub mod translation;
mod update;

pub use at::{Access, At, Piece, Space};
pub use configuration::{Configuration, Engine, Engines, Interpreters, Sigp};
pub use context::Context;
pub use debug::{Breakpoint, DebugEvent, DebugKind, GuestDebug, Watchpoint};
pub use exception::{Detail, Exception, SigpRequest};
pub use intercept::Intercept;
pub use interpreter::Interpreter;
pub use mailbox::{Mailbox, attention};
pub use registers::{Pfault, Registers};
pub use routine::{PERFORM_LOCKED_FUNCTIONS, TIMING_FUNCTIONS};
pub use run::Cpu;
pub use standalone::Standalone;
pub use status::{Status, StatusForm, store_status};
pub use timer::{CpuTimer, TodClock};
pub use tlb::Tlb;
