//! Signal masks of the calling thread.

use std::cell::Cell;
use std::marker::PhantomData;

use super::{FAULTS, LIBRARY, SignalSet, deferral};
use crate::memory::ClientMemory;
use crate::sys;

/// Bytes of a signal set in the kernel.
pub(super) const SET_BYTES: u64 = 8;

thread_local! {
    /// Which of [`FAULTS`] the client believes it has blocked.
    static CLIENT_FAULTS: Cell<SignalSet> = const { Cell::new(0) };
}

/// Replaces the thread's mask, and gives the old one. Never blocks faults.
pub(super) fn set(mask: SignalSet) -> SignalSet {
    let mask = mask & !(FAULTS | LIBRARY);
    let mut old: SignalSet = 0;
    let arguments = [
        sys::signed(libc::SIG_SETMASK),
        sys::pointer(&raw const mask),
        sys::pointer(&raw mut old),
        SET_BYTES,
        0,
        0,
    ];
    // SAFETY: both places are valid sets.
    unsafe { sys::call(libc::SYS_rt_sigprocmask, arguments) };
    old
}

/// Calls `work` with all signals blocked but those of faults.
pub(crate) fn with_all_blocked<T>(work: impl FnOnce() -> T) -> T {
    let old = set(SignalSet::MAX);
    let result = work();
    set(old);
    result
}

/// The thread's mask.
pub(super) fn get() -> SignalSet {
    let mut old: SignalSet = 0;
    let arguments = [0, 0, sys::pointer(&raw mut old), SET_BYTES, 0, 0];
    // SAFETY: the place is a valid set.
    unsafe { sys::call(libc::SYS_rt_sigprocmask, arguments) };
    old
}

/// Another mask for a while; dropping it brings the old one back.
///
/// A signal that was noted meanwhile, but that the old mask blocks, is made
/// pending again: the run that the mask was for has ended because of it, and
/// the client, who blocks it, will fetch it in its own way.
#[derive(Debug)]
pub struct MaskGuard {
    old: SignalSet,
    /// A mask belongs to its thread.
    _not_send: PhantomData<*const ()>,
}

/// Sets the calling thread's mask to `mask` until the guard is dropped: the
/// mask of `KVM_SET_SIGNAL_MASK` for the time of a run, inside of a
/// [`super::defer`] scope; or all signals, `SignalSet::MAX`, while a thread is
/// started that shall take none.
///
/// A signal that is pending and becomes unblocked is delivered before this
/// function returns: it is noted, or its handler runs, at once. `SIGSEGV`,
/// `SIGBUS` and the C library's own signals are never blocked.
#[must_use]
pub fn with_mask(mask: SignalSet) -> MaskGuard {
    // Nothing may be noted between the look at the notes and the change.
    let current = set(SignalSet::MAX);
    let (old, new) = deferral::enter_mask(current, mask);
    set(new);
    MaskGuard { old, _not_send: PhantomData }
}

impl Drop for MaskGuard {
    fn drop(&mut self) {
        set(SignalSet::MAX);
        set(deferral::leave_mask(self.old));
    }
}

/// `pthread_sigmask` for a client: as the C library's, but for `SIGSEGV` and
/// `SIGBUS`, which are reported as the client left them and never blocked.
///
/// # Errors
/// `EINVAL` for an unknown `how` together with a set, `EFAULT` for a bad
/// pointer.
///
/// # Safety
/// `old` is null or the client's to write to.
pub unsafe fn sigmask(
    how: libc::c_int,
    new: *const libc::sigset_t,
    old: *mut libc::sigset_t,
) -> Result<(), libc::c_int> {
    // SAFETY: both pointers are the client's.
    let client = unsafe { ClientMemory::of_this_process() };
    let mut operand = [0; 8];
    if !new.is_null() {
        client.read(new as u64, &mut operand).map_err(|_| libc::EFAULT)?;
    }
    let operand = SignalSet::from_ne_bytes(operand);
    let faults = CLIENT_FAULTS.get();
    let before = get() | faults;
    let after = match how {
        _ if new.is_null() => before,
        libc::SIG_BLOCK => before | operand,
        libc::SIG_UNBLOCK => before & !operand,
        libc::SIG_SETMASK => operand,
        _ => return Err(libc::EINVAL),
    };
    if !new.is_null() {
        CLIENT_FAULTS.set(after & FAULTS);
        set(after);
    }
    if !old.is_null() {
        client.write(old as u64, &before.to_ne_bytes()).map_err(|_| libc::EFAULT)?;
    }
    Ok(())
}
