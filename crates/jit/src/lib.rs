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
//!
//! ```
//! use lowcore_arch::AddressingMode;
//! use lowcore_jit::{Compiler, Place};
//! let raw = 0x1a12_0000_0000_0000; // ar %r1,%r2
//! let row = lowcore_isa::decode(raw).unwrap();
//! let place = Place { address: 0x1000, length: row.length(), mode: AddressingMode::Bits64 };
//! let code = Compiler::new()?.compile(row, raw, place)?;
//! assert!(!code.bytes.is_empty() && code.routines.is_empty());
//! # Ok::<(), lowcore_jit::Error>(())
//! ```

mod builder;
mod compiler;
mod emitter;
mod end;
mod engine;
mod host_calls;
mod state;

pub use compiler::{Compiler, Error, MachineCode, Place, Unsupported};
pub use engine::{Compiled, Counts};
