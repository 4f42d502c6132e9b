//! Lines on standard error.
//!
//! They are written by one system call each: the standard library's stream
//! has a lock, which a fork child may find held for ever.

use std::fmt::Display;

use crate::system;

/// Writes a sentence on standard error.
pub fn say(sentence: impl Display) {
    system::write(libc::STDERR_FILENO, format!("lowcore: {sentence}\n").as_bytes());
}
