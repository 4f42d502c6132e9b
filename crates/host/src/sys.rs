//! System calls without the C library.
//!
//! A preloaded object of ours replaces `sigaction`, `close`, `fcntl` and
//! others for the client; calling the C library from here would come back to
//! those replacements. These calls also leave `errno` alone, so that signal
//! handlers may use them.

use std::io;

/// One system call. The result is the kernel's: negative values from -4095
/// are errors.
///
/// # Safety
/// The arguments must be right for the call `number`.
#[cfg(target_arch = "x86_64")]
pub(crate) unsafe fn call(number: libc::c_long, arguments: [u64; 6]) -> i64 {
    let [a, b, c, d, e, f] = arguments;
    let result: i64;
    // SAFETY: the caller vouches for the arguments; the kernel clobbers rcx
    // and r11 only.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    result
}

/// One system call. The result is the kernel's: negative values from -4095
/// are errors.
///
/// # Safety
/// The arguments must be right for the call `number`.
#[cfg(target_arch = "aarch64")]
pub(crate) unsafe fn call(number: libc::c_long, arguments: [u64; 6]) -> i64 {
    let [a, b, c, d, e, f] = arguments;
    let result: i64;
    // SAFETY: the caller vouches for the arguments; the kernel changes x0
    // only.
    unsafe {
        core::arch::asm!(
            "svc #0",
            in("x8") number,
            inlateout("x0") a => result,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e, in("x5") f,
            options(nostack),
        );
    }
    result
}

/// The kernel's result as a value or an error.
pub(crate) fn check(result: i64) -> io::Result<u64> {
    match u64::try_from(result) {
        Ok(value) => Ok(value),
        Err(_) => Err(io::Error::from_raw_os_error(errno(result))),
    }
}

/// The error number of a failed call.
pub(crate) fn errno(result: i64) -> i32 {
    i32::try_from(-result).unwrap_or(libc::EINVAL)
}

/// A pointer as an argument.
pub(crate) fn pointer<T: ?Sized>(pointer: *const T) -> u64 {
    pointer.cast::<u8>() as u64
}

/// A signed number as an argument, sign-extended as the C library does.
pub(crate) fn signed(value: i32) -> u64 {
    i64::from(value).cast_unsigned()
}
