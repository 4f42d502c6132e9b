//! What is done with descriptors.

use std::ffi::{c_int, c_uint, c_ulong};

use libc::FILE;

use super::give;
use crate::real::real;
use crate::{serve, table};

/// `ioctl`.
///
/// # Safety
/// As of the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ioctl(fd: c_int, request: c_ulong, argument: c_ulong) -> c_int {
    match serve::ioctl(fd, request, argument) {
        Some(result) => give(result),
        None => real!(
            ioctl(fd: c_int, request: c_ulong, argument: c_ulong) -> c_int, or -1
        ),
    }
}

/// `close`.
#[unsafe(no_mangle)]
pub extern "C" fn close(fd: c_int) -> c_int {
    if table::is_ours(fd) {
        return give(serve::close(fd));
    }
    real!(close(fd: c_int) -> c_int, or -1)
}

/// `fclose`, which closes without calling `close`.
///
/// # Safety
/// As of the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fclose(stream: *mut FILE) -> c_int {
    // SAFETY: the stream is the client's.
    let fd = unsafe { libc::fileno(stream) };
    if table::is_ours(fd) {
        serve::forget(fd);
    }
    real!(fclose(stream: *mut FILE) -> c_int, or libc::EOF)
}

/// `close_range`.
#[unsafe(no_mangle)]
pub extern "C" fn close_range(first: c_uint, last: c_uint, flags: c_int) -> c_int {
    give(serve::close_range(first, last, flags))
}

/// `closefrom`.
#[unsafe(no_mangle)]
pub extern "C" fn closefrom(first: c_int) {
    let first = c_uint::try_from(first).unwrap_or(0);
    if serve::close_range(first, c_uint::MAX, 0).is_err() {
        // A kernel without the call; the library closes one by one.
        serve::forget_from(first);
        let first = first.cast_signed();
        real!(closefrom(first: c_int) -> (), or ());
    }
}

/// `dup`.
#[unsafe(no_mangle)]
pub extern "C" fn dup(fd: c_int) -> c_int {
    if table::is_ours(fd) {
        return give(serve::duplicate(fd, libc::F_DUPFD, 0));
    }
    let new = real!(dup(fd: c_int) -> c_int, or -1);
    serve::opened(new);
    new
}

/// `dup2`.
#[unsafe(no_mangle)]
pub extern "C" fn dup2(old: c_int, new: c_int) -> c_int {
    if old != new && (table::is_ours(old) || table::is_ours(new)) {
        return give(serve::dup3(old, new, 0));
    }
    real!(dup2(old: c_int, new: c_int) -> c_int, or -1)
}

/// `dup3`.
#[unsafe(no_mangle)]
pub extern "C" fn dup3(old: c_int, new: c_int, flags: c_int) -> c_int {
    if old != new && (table::is_ours(old) || table::is_ours(new)) {
        return give(serve::dup3(old, new, flags));
    }
    real!(dup3(old: c_int, new: c_int, flags: c_int) -> c_int, or -1)
}

macro_rules! fcntl {
    ($($name:ident),*) => {$(
        /// `fcntl` under one of its names.
        ///
        /// # Safety
        /// As of the C library's.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int, command: c_int, argument: c_ulong) -> c_int {
            let duplicates = command == libc::F_DUPFD || command == libc::F_DUPFD_CLOEXEC;
            if duplicates && table::is_ours(fd) {
                // The argument is an int.
                let from = lowcore_arch::bits::low32(argument).cast_signed();
                return give(serve::duplicate(fd, command, from));
            }
            real!($name(fd: c_int, command: c_int, argument: c_ulong) -> c_int, or -1)
        }
    )*};
}
fcntl!(fcntl, fcntl64);
