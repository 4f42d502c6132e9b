//! Signal handlers. They all end in [`lowcore_host::signals::sigaction`],
//! which the kernel's handler is not the client's in.

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

use libc::{sighandler_t, sigset_t};
use lowcore_host::signals;

use super::give;
use crate::system::{self, Errno};

/// `SIG_HOLD`, which `sigset` takes for a handler.
const SIG_HOLD: sighandler_t = 2;

/// Signals whose handlers end system calls, by `siginterrupt`: the set of the
/// C library is its own.
static INTERRUPTING: AtomicU64 = AtomicU64::new(0);

macro_rules! sigaction {
    ($($name:ident),*) => {$(
        /// `sigaction` under one of its names.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            signal: c_int,
            new: *const libc::sigaction,
            old: *mut libc::sigaction,
        ) -> c_int {
            // SAFETY: the pointers are the client's.
            give(number(unsafe { signals::sigaction(signal, new, old) }))
        }
    )*};
}
sigaction!(sigaction, __sigaction);

fn number(errno: Errno) -> Result<c_int, Errno> {
    if errno == 0 { Ok(0) } else { Err(errno) }
}

fn empty_set() -> sigset_t {
    // SAFETY: zeros are an empty set.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// Sets a handler and gives the one before; `SIG_ERR` with `errno` for an
/// error.
fn handle(signal: c_int, handler: sighandler_t, flags: c_int, mask: sigset_t) -> sighandler_t {
    // SAFETY: zeros are a valid action.
    let mut new: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    let mut old = new;
    new.sa_sigaction = handler;
    new.sa_flags = flags;
    new.sa_mask = mask;
    // SAFETY: both are valid; the handler is the client's.
    match number(unsafe { signals::sigaction(signal, &raw const new, &raw mut old) }) {
        Ok(_) => old.sa_sigaction,
        Err(errno) => {
            system::set_errno(errno);
            libc::SIG_ERR
        }
    }
}

/// The set of one signal; `EINVAL` for what is none.
fn set_of(signal: c_int) -> Option<sigset_t> {
    let mut set = empty_set();
    // SAFETY: the set is valid, and the function checks the signal.
    (unsafe { libc::sigaddset(&raw mut set, signal) } == 0).then_some(set)
}

fn bit(signal: c_int) -> u64 {
    u32::try_from(signal - 1).ok().and_then(|n| 1_u64.checked_shl(n)).unwrap_or(0)
}

macro_rules! signal {
    ($($name:ident),*) => {$(
        /// `signal` under one of its names: the handler stays, its signal is
        /// blocked while it runs, system calls go on.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(signal: c_int, handler: sighandler_t) -> sighandler_t {
            let interrupts = INTERRUPTING.load(Ordering::Relaxed) & bit(signal) != 0;
            match set_of(signal) {
                Some(_) if handler == libc::SIG_ERR => {
                    system::set_errno(libc::EINVAL);
                    libc::SIG_ERR
                }
                Some(mask) => {
                    handle(signal, handler, if interrupts { 0 } else { libc::SA_RESTART }, mask)
                }
                None => libc::SIG_ERR,
            }
        }
    )*};
}
signal!(signal, bsd_signal, ssignal);

macro_rules! sysv_signal {
    ($($name:ident),*) => {$(
        /// System V's `signal`: the handler is good for one signal, which is
        /// not blocked meanwhile.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(signal: c_int, handler: sighandler_t) -> sighandler_t {
            handle(signal, handler, libc::SA_RESETHAND | libc::SA_NODEFER, empty_set())
        }
    )*};
}
sysv_signal!(sysv_signal, __sysv_signal);

/// `siginterrupt`.
#[unsafe(no_mangle)]
pub extern "C" fn siginterrupt(signal: c_int, interrupts: c_int) -> c_int {
    // SAFETY: zeros are a valid action.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    // SAFETY: the place is valid.
    let read = unsafe { signals::sigaction(signal, std::ptr::null(), &raw mut action) };
    if let Err(errno) = number(read) {
        system::set_errno(errno);
        return -1;
    }
    if interrupts == 0 {
        INTERRUPTING.fetch_and(!bit(signal), Ordering::Relaxed);
        action.sa_flags |= libc::SA_RESTART;
    } else {
        INTERRUPTING.fetch_or(bit(signal), Ordering::Relaxed);
        action.sa_flags &= !libc::SA_RESTART;
    }
    // SAFETY: the action is one that the client had set.
    give(number(unsafe { signals::sigaction(signal, &raw const action, std::ptr::null_mut()) }))
}

/// Blocks or unblocks one signal, and says whether it was blocked.
pub(super) fn change_one(how: c_int, signal: c_int) -> Option<bool> {
    let set = set_of(signal)?;
    let mut old = empty_set();
    // SAFETY: both sets are valid.
    match unsafe { signals::sigmask(how, &raw const set, &raw mut old) } {
        // SAFETY: the set is valid.
        Ok(()) => Some(unsafe { libc::sigismember(&raw const old, signal) } == 1),
        Err(errno) => {
            system::set_errno(errno);
            None
        }
    }
}

/// `sigset`: sets a handler and unblocks the signal, or blocks it.
///
/// # Safety
/// As of the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigset(signal: c_int, handler: sighandler_t) -> sighandler_t {
    if handler == SIG_HOLD {
        let Some(held) = change_one(libc::SIG_BLOCK, signal) else { return libc::SIG_ERR };
        if held {
            return SIG_HOLD;
        }
        // SAFETY: zeros are a valid action.
        let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
        // SAFETY: the place is valid.
        unsafe { signals::sigaction(signal, std::ptr::null(), &raw mut action) };
        return action.sa_sigaction;
    }
    let old = handle(signal, handler, 0, empty_set());
    if old == libc::SIG_ERR {
        return old;
    }
    match change_one(libc::SIG_UNBLOCK, signal) {
        Some(true) => SIG_HOLD,
        Some(false) => old,
        None => libc::SIG_ERR,
    }
}

/// `sigignore`.
#[unsafe(no_mangle)]
pub extern "C" fn sigignore(signal: c_int) -> c_int {
    if handle(signal, libc::SIG_IGN, 0, empty_set()) == libc::SIG_ERR { -1 } else { 0 }
}
