//! The second engine: regions of instructions compiled by Cranelift, from the
//! very bodies that the interpreter executes.
//!
//! - [`region`] finds instructions that belong together: those that direct
//!   branches lead to within a page, and short functions that they call there.
//! - [`Compiler`] turns a region into machine code: for each instruction the
//!   rules of its row, then its body with Cranelift's values. General
//!   registers and the condition code are values across the region.
//! - [`Compiled`] is an [`Engine`](lowcore_cpu::Engine): it compiles what it
//!   meets, keeps it, and leaves to the interpreter what cannot be compiled
//!   and what ends in an exception.
//!
//! Compiled code works on the CPU's own registers. It reaches storage through
//! the CPU's TLB; where that does not permit an access,
//! [`Context`](lowcore_cpu::Context) makes it. An instruction that cannot be
//! completed is given up before it did anything, and the interpreter executes
//! it anew: so every exception is the interpreter's.
//!
//! ```
//! use lowcore_arch::Psw;
//! use lowcore_jit::region::{Region, Shape, instruction_at};
//! use lowcore_jit::{Compiler, Extras, Mode};
//! let mut page = [0; 4096];
//! page[..6].copy_from_slice(&[0x1a, 0x12, 0xa7, 0xf4, 0xff, 0xff]); // ar %r1,%r2; j .-2
//! let mode = Mode::of(Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0));
//! let fetch = |at| Ok::<_, ()>(instruction_at(&page, at));
//! let region = Region::find(0, mode, Shape::default(), fetch).unwrap().unwrap();
//! assert_eq!(region.instructions.len(), 2);
//! let code = Compiler::new()?.compile(&region, Extras::default(), 0)?;
//! assert!(!code.bytes.is_empty());
//! # Ok::<(), lowcore_jit::Error>(())
//! ```

mod access;
mod beginnings;
mod builder;
mod cache;
mod calls;
mod choice;
mod codes;
mod compiler;
mod condition;
mod divide;
mod emitter;
mod engine;
mod exits;
mod float;
mod given_up;
mod heat;
mod host_calls;
mod interlocked;
mod last_branch;
mod leaf;
mod mode;
mod perf_map;
pub mod region;
mod registers;
mod run;
mod service;
mod short;
mod slow;
mod stubs;
mod truth;
mod way_in;

pub use choice::{CHOICES, Choice, NoSuchEngine, NoSuchMnemonic, bisection, executed};
pub use compiler::{Compiler, Error, Extras, MachineCode};
pub use engine::{Compiled, Counts, Options};
pub use mode::Mode;
