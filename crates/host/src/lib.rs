//! What needs care on the host: fault-safe memory, parking, signals, clocks.
//!
//! This crate knows nothing of the guest's architecture. It gives the others
//! safe building blocks over what is unsafe on a host:
//!
//! - [`memory`]: access to memory that somebody else owns and may unmap at
//!   any time; a bad address is a [`Fault`], never a crash.
//! - [`attention`]: how one thread gets the attention of a CPU's thread,
//!   whether that runs, is about to sleep or sleeps.
//! - [`executable`]: machine code in memory that is written in one view and
//!   executed in another.
//! - [`float_environment`]: the floating-point environment that arithmetic
//!   needs, on threads that somebody else owns.
//! - [`signals`]: a client's signal handlers run when no lock of ours is held.
//! - [`clock`]: host time in the units that a guest's TOD clock counts.
//!
//! Linux on x86-64 is supported. The AArch64 parts are written, never built.

pub mod attention;
pub mod background;
pub mod clock;
pub mod executable;
pub mod float_environment;
mod guarded;
pub mod memory;
pub mod signals;
mod sync;
mod sys;
#[cfg(not(loom))]
mod timer_slack;

/// A host address could not be accessed: it is not mapped, its protection
/// forbids the access, the file behind it is too short, or the access lies
/// outside its [`memory::HostRange`]. A kernel reports the same as `EFAULT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a host address that the client named is not accessible")]
pub struct Fault;
