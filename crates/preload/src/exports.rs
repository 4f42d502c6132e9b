//! The functions that take the place of the C library's, each under its name.
//!
//! The variadic ones (`open`, `fcntl`, `ioctl`) are defined with all their
//! arguments: on x86-64 and on AArch64 Linux, a caller passes integer and
//! pointer arguments in the same registers either way. An argument that a
//! caller left out is whatever its register holds, and is passed on like that.

mod descriptors;
mod files;
mod masks;
mod process;
mod signals;

use std::ffi::c_int;

use crate::system::{self, Errno};

/// A result in the C library's way: -1 and `errno` for an error.
fn give(result: Result<c_int, Errno>) -> c_int {
    result.unwrap_or_else(|errno| {
        system::set_errno(errno);
        -1
    })
}
