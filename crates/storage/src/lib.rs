//! One guest's absolute storage: slots, storage keys and the dirty log.
//!
//! A guest's storage is what its client has put into numbered slots: ranges
//! of the client's own memory, each at a guest address. There is no storage
//! outside of the slots. The client may change, protect or unmap that memory
//! at any time; that is an [`AccessError::Host`], never a crash.
//!
//! Addresses here are absolute (manual, chapter 3, "Address Types"). Integers
//! are given and taken with their architectural value; this crate is where
//! they become big-endian bytes and back.
//!
//! ```
//! use lowcore_host::memory::{HostRange, Mapping};
//! use lowcore_storage::{AccessError, Storage};
//!
//! let memory = Mapping::anonymous(1 << 20)?;
//! let storage = Storage::new();
//! storage.set_slot(0, 0, HostRange::of(&memory), false)?;
//!
//! let view = storage.view();
//! view.store_u32(0x1000, 0x0102_0304)?;
//! assert_eq!(view.load_u8(0x1000), Ok(1));
//! assert_eq!(view.load_u64((1 << 20) - 4), Err(AccessError::Addressing));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod code;
mod copy;
mod dirty;
mod keys;
mod slots;
mod storage;
mod view;

pub use code::GRANULE;
pub use copy::{CodeCopy, Look};
pub use slots::SLOTS;
pub use storage::Storage;
pub use view::View;

use lowcore_host::Fault;

/// The smallest piece of storage that has a key or a bit in the dirty log, in
/// bytes.
pub const PAGE: u64 = 0x1000;

/// Slots have a size in multiples of this many bytes.
pub const SEGMENT: u64 = 0x10_0000;

/// Why an access did not take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Some byte lies outside of all slots: an addressing exception, if a CPU
    /// made the access. No byte was changed.
    #[error("the storage does not exist in this guest")]
    Addressing,
    /// The memory that the client put into the slot is not accessible. Of a
    /// longer or unaligned store, bytes before the bad one may have been
    /// changed.
    #[error(transparent)]
    Host(#[from] Fault),
}

/// Why a change or a question about slots was refused, in the order in which
/// the kernel finds out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `EINVAL`.
    #[error("there are slots 0 to {} only", SLOTS - 1)]
    SlotNumber,
    /// `EINVAL`. The host address need not be a multiple of 1 MiB, unlike in
    /// a kernel that runs on s390.
    #[error("a slot's addresses and size must be multiples of 4 KiB")]
    Misaligned,
    /// `EINVAL`.
    #[error("a slot must lie in the host's user address space")]
    HostAddress,
    /// `EINVAL`.
    #[error("a slot must not reach beyond the end of the guest's address space")]
    GuestAddress,
    /// `EINVAL`.
    #[error("the slot to delete does not exist")]
    NoSuchSlot,
    /// `EINVAL`.
    #[error("the size and the host address of an existing slot cannot change")]
    Immutable,
    /// `EEXIST`.
    #[error("the slot overlaps another slot in guest storage")]
    Overlap,
    /// `EINVAL`.
    #[error("a slot's size must be a multiple of 1 MiB")]
    BadSize,
    /// `EINVAL`.
    #[error("the slot reaches beyond the limit that is set for guest storage")]
    Limit,
    /// `ENOMEM`.
    #[error("the host has no memory for the slot's keys or its dirty log")]
    NoMemory,
    /// `ENOENT`.
    #[error("the slot does not exist or has no dirty log")]
    NoDirtyLog,
}
