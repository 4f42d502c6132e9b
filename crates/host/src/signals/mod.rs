//! A client's signals, and ours.
//!
//! On Linux proper, a signal that arrives during `KVM_RUN` makes the call
//! return `EINTR`, and the client's handler runs when the kernel holds no
//! lock. Served from user space, the handler would run in the middle of us.
//! So, for handlers that were installed through [`sigaction`]:
//!
//! 1. A trampoline of ours is what the kernel calls. Outside of a
//!    [`defer`] scope it calls the client's handler at once.
//! 2. Inside of a scope it notes the signal with its `siginfo`, blocks the
//!    other signals that have handlers (so that they stay where the kernel
//!    keeps and orders them), and raises [`Attention::SIGNAL`], which ends
//!    the run or the wait.
//! 3. After the scope, [`run_deferred`] calls the client's handler under the
//!    mask that the client asked for, and unblocks what was blocked.
//!
//! `SIGSEGV` and `SIGBUS` are different: their handler is ours for good,
//! because [`crate::memory`] lives by it. The client's own handlers for them
//! are kept beside it, reported back to the client, and called for every fault
//! that is not ours.
//!
//! A process that does not route its calls through [`sigaction`] and
//! [`sigmask`], such as a Rust program that uses our crates directly, keeps
//! its signal handling; only the fault handler is installed when first needed.
//!
//! # Limits
//! - A deferred handler runs on the ordinary stack, `SA_ONSTACK` or not, and
//!   its `ucontext` is that of the place where it is called.
//! - A signal that the mask of a run unblocks, but the thread's own mask
//!   blocks, must have a handler to end the run; one with the default action
//!   takes that action.
//! - A `SIGSEGV` or `SIGBUS` that the client blocked is delivered all the
//!   same.
//!
//! [`Attention::SIGNAL`]: crate::attention::Attention::SIGNAL

mod action;
mod deferral;
mod fault;
mod mask;
mod process;

pub use action::sigaction;
pub use deferral::{Deferred, defer, run_deferred};
pub use fault::install_fault_handler;
pub(crate) use mask::with_all_blocked;
pub use mask::{MaskGuard, sigmask, with_mask};

/// A set of signals as the kernel keeps it: signal `n` is bit `1 << (n - 1)`.
pub type SignalSet = u64;

/// The set with the one signal.
const fn bit(signal: libc::c_int) -> SignalSet {
    1 << (signal - 1)
}

/// Signals that a thread must be able to take at any time: a fault that
/// arrives blocked kills the process.
const FAULTS: SignalSet = bit(libc::SIGSEGV) | bit(libc::SIGBUS);

/// Signals that the C library keeps for itself, and never lets anybody block.
const LIBRARY: SignalSet = bit(32) | bit(33);

/// Whether clients can have handlers for it.
fn is_catchable(signal: libc::c_int) -> bool {
    (1..=64).contains(&signal)
        && bit(signal) & LIBRARY == 0
        && signal != libc::SIGKILL
        && signal != libc::SIGSTOP
}

#[cfg(all(test, not(loom)))]
mod tests;
