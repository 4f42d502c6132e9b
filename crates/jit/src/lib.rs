//! The second engine: instructions compiled by Cranelift, from the very
//! bodies that the interpreter executes.
//!
//! At present it compiles one instruction at a time, which is slower than to
//! interpret it: it is there to prove that a body says all that a compiler
//! must know. Nothing chooses it but tests.
//!
//! - [`Compiler`] turns one instruction into machine code: the rules of its
//!   row, then its body with Cranelift's values.
//! - [`Compiled`] is an [`Engine`](lowcore_cpu::Engine): it compiles what it
//!   meets, keeps it, and leaves to the interpreter what cannot be compiled.
//!
//! Compiled code works on registers in a block of its own and leaves storage
//! to [`Context`](lowcore_cpu::Context), whose exceptions end it early.

mod builder;
mod compiler;
mod emitter;
mod end;
mod engine;
mod host_calls;
mod state;

pub use compiler::{Compiler, Error, MachineCode, Place, Unsupported};
pub use engine::{Compiled, Counts};
