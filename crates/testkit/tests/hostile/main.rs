//! Guests and clients that do what nobody sane does, and what must come of
//! it: results are those of the specification (cited by section) and of the
//! manual (cited by chapter).

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

#[path = "../reservation/mod.rs"]
mod reservation;

mod codes;
mod execute;
mod guest;
mod limits;
mod loops;
mod psws;
mod slots;
