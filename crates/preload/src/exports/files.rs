//! Opening files.

use std::ffi::{c_char, c_int};

use libc::{AT_FDCWD, FILE, mode_t};

use super::give;
use crate::path::names_kvm;
use crate::real::real;
use crate::serve;

/// Opens KVM, or lets the C library open the file.
///
/// # Safety
/// The path is the client's.
unsafe fn open_or(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    other: impl FnOnce() -> c_int,
) -> c_int {
    // SAFETY: the caller's.
    if unsafe { names_kvm(folder, path, flags) } {
        return give(serve::open(flags));
    }
    let fd = other();
    serve::opened(fd);
    fd
}

macro_rules! open {
    ($($name:ident $([$mode:ident: $mode_type:ty])?),*) => {$(
        /// `open` under one of its names.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            path: *const c_char,
            flags: c_int
            $(, $mode: $mode_type)?
        ) -> c_int {
            let other = || real!(
                $name(path: *const c_char, flags: c_int $(, $mode: $mode_type)?) -> c_int, or -1
            );
            // SAFETY: the arguments are the client's, in the registers in
            // which a variadic function gets them too.
            unsafe { open_or(AT_FDCWD, path, flags, other) }
        }
    )*};
}
open!(open[mode: mode_t], open64[mode: mode_t], __open_2, __open64_2);

macro_rules! openat {
    ($($name:ident $([$mode:ident: $mode_type:ty])?),*) => {$(
        /// `openat` under one of its names.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            folder: c_int,
            path: *const c_char,
            flags: c_int
            $(, $mode: $mode_type)?
        ) -> c_int {
            let other = || real!(
                $name(
                    folder: c_int, path: *const c_char, flags: c_int $(, $mode: $mode_type)?
                ) -> c_int, or -1
            );
            // SAFETY: the arguments are the client's, in the registers in
            // which a variadic function gets them too.
            unsafe { open_or(folder, path, flags, other) }
        }
    )*};
}
openat!(openat[mode: mode_t], openat64[mode: mode_t], __openat_2, __openat64_2);

macro_rules! creat {
    ($($name:ident),*) => {$(
        /// `creat` under one of its names.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(path: *const c_char, mode: mode_t) -> c_int {
            let flags = libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC;
            let other = || real!($name(path: *const c_char, mode: mode_t) -> c_int, or -1);
            // SAFETY: the arguments are the client's.
            unsafe { open_or(AT_FDCWD, path, flags, other) }
        }
    )*};
}
creat!(creat, creat64);

macro_rules! fopen {
    ($($name:ident),*) => {$(
        /// `fopen` under one of its names; the library opens without calling
        /// `open`.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(path: *const c_char, mode: *const c_char) -> *mut FILE {
            // SAFETY: the path is the client's.
            if !unsafe { names_kvm(AT_FDCWD, path, 0) } {
                return real!(
                    $name(path: *const c_char, mode: *const c_char) -> *mut FILE,
                    or std::ptr::null_mut()
                );
            }
            // SAFETY: the mode is the client's.
            let closes_on_exec = !unsafe { libc::strchr(mode, c_int::from(b'e')) }.is_null();
            let closes = if closes_on_exec { libc::O_CLOEXEC } else { 0 };
            let fd = give(serve::open(libc::O_RDWR | closes));
            if fd < 0 {
                return std::ptr::null_mut();
            }
            // SAFETY: the descriptor is the stream's from now on; the mode is
            // the client's.
            let stream = unsafe { libc::fdopen(fd, mode) };
            if stream.is_null() {
                let _ = serve::close(fd);
            }
            stream
        }
    )*};
}
fopen!(fopen, fopen64);
