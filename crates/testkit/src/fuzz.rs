//! Hostile input: what the fuzz targets do with bytes.
//!
//! A target is a function of bytes that panics if something is not as it must
//! be. Stable Rust runs it on random bytes ([`campaign`]), cargo-fuzz on bytes
//! that cover more and more of the code (the folder `fuzz` of the workspace).
//!
//! | target | what the bytes become |
//! |---|---|
//! | [`interpreter`] | a CPU, storage, instructions, pending interrupts: executed one by one, then by the run loop |
//! | [`translation`] | the same in every PSW mode: translation tables, access lists, PER, any control registers |
//! | [`delivery`] | masks and pending interrupts: one delivery pass, after which every interrupt is accounted for |
//! | [`ioctls`] | a client's ioctls with good and bad arguments |
//! | [`together`] | two vcpus that run while ioctls change their storage and inject |

mod accounts;
mod campaign;
mod delivery;
mod guest;
mod interpreter;
mod ioctls;
mod machine;
mod source;
mod translation;

pub use campaign::{Report, Stop, campaign, random_input};
pub use delivery::delivery;
pub use interpreter::{engine, interpreter};
pub use ioctls::{Access, Client, ioctls, together};
pub use source::Source;
pub use translation::translation;
