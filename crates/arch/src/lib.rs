//! The nouns of z/Architecture: PSW, control registers, condition code,
//! program-interruption codes, storage keys, facility list, the low core's
//! map and big-endian field types.
//!
//! Names are those of *z/Architecture Principles of Operation*, SA22-7832
//! ("the manual" in every crate). Nothing here knows of guests or of KVM.
#![no_std]
#![forbid(unsafe_code)]

pub mod bits;
pub mod control;
pub mod facility;
pub mod fpc;
pub mod key;
pub mod lowcore;
pub mod machine_check;
pub mod program;
pub mod psw;

/// Big-endian integers for structures that lie in guest storage.
pub use zerocopy::big_endian;

pub use control::ControlRegister;
pub use facility::{Facility, FacilityList};
pub use key::StorageKey;
pub use program::ProgramCode;
pub use psw::{AddressingMode, Psw};
