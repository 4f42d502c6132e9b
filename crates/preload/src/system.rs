//! System calls on descriptors, past the functions that this crate replaces.
//!
//! Errors are error numbers.

use std::ffi::{CStr, c_int, c_long, c_uint};

/// An error number.
pub type Errno = c_int;

/// The error number of the calling thread.
pub fn errno() -> Errno {
    // SAFETY: the C library's, valid in every thread.
    unsafe { *libc::__errno_location() }
}

/// Sets the error number of the calling thread.
pub fn set_errno(errno: Errno) {
    // SAFETY: the C library's, valid in every thread.
    unsafe { *libc::__errno_location() = errno };
}

/// The C library's `syscall`, with the result of a call that gives a number
/// that fits an `int`.
fn result(value: c_long) -> Result<c_int, Errno> {
    c_int::try_from(value).ok().filter(|value| *value >= 0).ok_or_else(errno)
}

/// An event poll that watches nothing: a descriptor that cannot be read,
/// written or mapped. `flags` is 0 or `O_CLOEXEC`.
pub fn placeholder(flags: c_int) -> Result<c_int, Errno> {
    // SAFETY: a new descriptor concerns nobody.
    result(unsafe { libc::syscall(libc::SYS_epoll_create1, flags & libc::O_CLOEXEC) })
}

/// Closes a descriptor.
pub fn close(fd: c_int) -> Result<c_int, Errno> {
    // SAFETY: the caller owns the number.
    result(unsafe { libc::syscall(libc::SYS_close, fd) })
}

/// Makes `new` a duplicate of `old`; `flags` is 0 or `O_CLOEXEC`.
pub fn dup3(old: c_int, new: c_int, flags: c_int) -> Result<c_int, Errno> {
    // SAFETY: the caller owns both numbers.
    result(unsafe { libc::syscall(libc::SYS_dup3, old, new, flags) })
}

/// `fcntl` with a number as its argument.
pub fn fcntl(fd: c_int, command: c_int, argument: c_long) -> Result<c_int, Errno> {
    // SAFETY: commands of this crate take no address.
    result(unsafe { libc::syscall(libc::SYS_fcntl, fd, command, argument) })
}

/// Closes all descriptors from `first` to `last`, or makes them close at exec.
pub fn close_range(first: c_uint, last: c_uint, flags: c_int) -> Result<c_int, Errno> {
    // SAFETY: the caller owns the numbers.
    result(unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) })
}

/// What is known of a file by its name. `flags` are those of `fstatat`.
///
/// # Safety
/// None of `path` is read here; a bad pointer is `EFAULT`.
pub fn status(folder: c_int, path: *const libc::c_char, flags: c_int) -> Result<libc::stat, Errno> {
    let mut status = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel checks the path and fills the place; zeros are a
    // valid value of it.
    unsafe {
        result(libc::syscall(libc::SYS_newfstatat, folder, path, status.as_mut_ptr(), flags))?;
        Ok(status.assume_init())
    }
}

/// What a symbolic link contains, as much of it as fits.
pub fn read_link<'a>(folder: c_int, path: &CStr, buffer: &'a mut [u8]) -> Result<&'a [u8], Errno> {
    // SAFETY: both places are valid for their lengths.
    let length = result(unsafe {
        let place = buffer.as_mut_ptr();
        libc::syscall(libc::SYS_readlinkat, folder, path.as_ptr(), place, buffer.len())
    })?;
    buffer.get(..usize::try_from(length).unwrap_or(0)).ok_or(libc::EINVAL)
}

/// Writes bytes, all of them if the kernel takes them.
pub fn write(fd: c_int, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: the bytes are valid.
        let written = unsafe { libc::syscall(libc::SYS_write, fd, bytes.as_ptr(), bytes.len()) };
        match result(written) {
            Ok(written) => {
                let written = usize::try_from(written).unwrap_or(0);
                bytes = bytes.get(written..).unwrap_or_default();
            }
            Err(libc::EINTR) => {}
            Err(_) => return,
        }
    }
}

/// Writes bytes at an offset of a file.
pub fn write_at(fd: c_int, bytes: &[u8], offset: i64) -> Result<c_int, Errno> {
    let (place, length) = (bytes.as_ptr(), bytes.len());
    // SAFETY: the bytes are valid.
    result(unsafe { libc::syscall(libc::SYS_pwrite64, fd, place, length, offset) })
}

/// Reads bytes at an offset of a file.
pub fn read_at(fd: c_int, bytes: &mut [u8], offset: i64) -> Result<c_int, Errno> {
    let (place, length) = (bytes.as_mut_ptr(), bytes.len());
    // SAFETY: the bytes are valid.
    result(unsafe { libc::syscall(libc::SYS_pread64, fd, place, length, offset) })
}

/// Opens a file, which closes at exec.
pub fn open(path: &CStr, flags: c_int, mode: libc::mode_t) -> Result<c_int, Errno> {
    let (folder, flags) = (libc::AT_FDCWD, flags | libc::O_CLOEXEC);
    // SAFETY: the path is a C string.
    result(unsafe { libc::syscall(libc::SYS_openat, folder, path.as_ptr(), flags, mode) })
}

/// Waits until no other process has this file locked, and locks it.
pub fn lock_file(fd: c_int) -> Result<c_int, Errno> {
    // SAFETY: takes no address.
    result(unsafe { libc::syscall(libc::SYS_flock, fd, libc::LOCK_EX) })
}

/// This process.
pub fn process() -> u32 {
    std::process::id()
}

/// The calling thread, as the kernel numbers it.
pub fn thread() -> u32 {
    // SAFETY: has no arguments.
    u32::try_from(unsafe { libc::syscall(libc::SYS_gettid) }).unwrap_or(0)
}
