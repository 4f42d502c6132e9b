//! The shared object that serves `/dev/kvm` to other programs.
//!
//! `liblowcore_preload.so` is named in `LD_PRELOAD`, which `lowcore kvm` does,
//! and takes the place of some functions of the C library in the program:
//!
//! - what opens a file: a path that names `/dev/kvm`, by whatever name, gives
//!   a descriptor of ours, and a real one is never opened;
//! - what closes and duplicates descriptors, so that ours are known by number;
//! - `ioctl`, which for descriptors of ours is
//!   [`lowcore_kvm::dispatch`];
//! - what sets signal handlers and masks, so that a handler never runs while
//!   a lock of ours is held ([`lowcore_host::signals`]).
//!
//! `mmap` is not among them: the descriptor of a vcpu is a file in memory,
//! its run page. Every other descriptor of ours is an empty event poll, which
//! refuses to be read, written and mapped, as the kernel's does.
//!
//! # In a foreign process
//! - A child of `fork` gets `EIO` from descriptors that it inherited, and may
//!   open `/dev/kvm` itself. A child that shares its parent's memory until it
//!   executes a program (`vfork`) changes nothing of its parent's.
//! - A guest does not survive `exec`. A descriptor that is left over gives
//!   `ENOTTY`, and a line on standard error says why.
//! - A fault of our own is a line on standard error and `EIO`, or the exit
//!   `KVM_EXIT_INTERNAL_ERROR`, never the end of the program.
//!
//! # Limits
//! - Only calls of the C library are seen: not a system call that a program
//!   makes by itself, nor anything that a statically linked program does.
//! - A descriptor that another process receives through a socket is not one
//!   of KVM there.
//!
//! The environment variable `LOWCORE_TRACE` names a file that every ioctl is
//! written to; see [`trace`]. `LOWCORE_ENGINE` says what executes guests:
//! `interpreter`, `compiler` or `auto`, which is the default.
//!
//! Programs do not link with this crate: its functions would take the place
//! of the C library's in the program itself.
#![cfg_attr(
    test,
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "what is exported would take the C library's place in the test itself"
    )
)]

mod engine;
#[cfg(not(test))]
mod exports;
mod fork;
mod message;
mod path;
mod real;
mod serve;
mod system;
mod table;
pub mod trace;
