//! Signal masks.

use std::ffi::c_int;

use libc::sigset_t;
use lowcore_host::signals;

use super::give;

/// `pthread_sigmask`.
///
/// # Safety
/// As of the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_sigmask(
    how: c_int,
    new: *const sigset_t,
    old: *mut sigset_t,
) -> c_int {
    // SAFETY: the pointers are the client's.
    unsafe { signals::sigmask(how, new, old) }.err().unwrap_or(0)
}

/// `sigprocmask`.
///
/// # Safety
/// As of the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigprocmask(
    how: c_int,
    new: *const sigset_t,
    old: *mut sigset_t,
) -> c_int {
    // SAFETY: the pointers are the client's.
    give(unsafe { signals::sigmask(how, new, old) }.map(|()| 0))
}

/// `sighold`: blocks one signal.
#[unsafe(no_mangle)]
pub extern "C" fn sighold(signal: c_int) -> c_int {
    super::signals::change_one(libc::SIG_BLOCK, signal).map_or(-1, |_| 0)
}

/// `sigrelse`: unblocks one signal.
#[unsafe(no_mangle)]
pub extern "C" fn sigrelse(signal: c_int) -> c_int {
    super::signals::change_one(libc::SIG_UNBLOCK, signal).map_or(-1, |_| 0)
}

/// `sigblock`: blocks the low 32 signals of a mask, and gives the old mask.
#[unsafe(no_mangle)]
pub extern "C" fn sigblock(mask: c_int) -> c_int {
    change_low(libc::SIG_BLOCK, mask)
}

/// `sigsetmask`: sets the mask, and gives the old one.
#[unsafe(no_mangle)]
pub extern "C" fn sigsetmask(mask: c_int) -> c_int {
    change_low(libc::SIG_SETMASK, mask)
}

fn change_low(how: c_int, mask: c_int) -> c_int {
    let mut old = [0_u32; size_of::<sigset_t>() / size_of::<u32>()];
    let mut new = old;
    new[0] = mask.cast_unsigned();
    // SAFETY: both are as large as sets, whose first word is that of the
    // signals from 1 on.
    unsafe { pthread_sigmask(how, new.as_ptr().cast(), old.as_mut_ptr().cast()) };
    old[0].cast_signed()
}
