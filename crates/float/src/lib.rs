#![forbid(unsafe_code)]
//! IEEE binary floating point as z/Architecture has it: for an operation, its
//! operands and the controls of the FPC register, the result, the flags and
//! the trap, bit for bit. It knows nothing of registers, storage or
//! interruptions.
//!
//! ```
//! use lowcore_float::{Controls, Exceptions, Outcome, divide};
//!
//! // 1 / 3 in the long format, to nearest, nothing traps.
//! let [one, three] = [1.0f64, 3.0].map(f64::to_bits);
//! let third = (1.0f64 / 3.0).to_bits();
//! assert_eq!(
//!     divide(one, three, Controls::from_fpc(0)),
//!     Outcome::Completed { value: third, flags: Exceptions::INEXACT },
//! );
//!
//! // With the inexact mask on: completed, then a data exception.
//! assert_eq!(
//!     divide(one, three, Controls::from_fpc(0x0800_0000)),
//!     Outcome::Trapped { value: third, flags: Exceptions::NONE, dxc: 0x08 },
//! );
//! ```
//!
//! # How
//! Every operation takes its operands apart into a significand of 128 bits and
//! an exponent, computes exactly, and rounds once, in one place (`round.rs`),
//! where overflow, underflow, inexact and their traps are decided. Bits below
//! the 128th are kept as one sticky bit.
//!
//! Why not a library: a trapped overflow or underflow delivers the result as
//! rounded with an unbounded exponent, and says whether the magnitude was
//! truncated or incremented. Libraries round into the format's range and
//! forget both. With a rounding of our own, what is left of addition,
//! multiplication and division is a few lines each, on integers that the
//! language has. Berkeley SoftFloat checks them, in the tests.

mod arithmetic;
mod compare;
mod control;
mod convert;
mod format;
mod fused;
mod host;
mod integer;
mod nan;
mod number;
mod outcome;
mod remainder;
mod root;
mod round;
mod wide;

#[cfg(test)]
extern crate self as lowcore_float;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;

pub use arithmetic::{add, divide, multiply, multiply_longer, subtract};
pub use compare::{
    compare, compare_and_signal, condition, data_class, load_and_test, test_data_class,
};
pub use control::{Controls, Exceptions, Rounding};
pub use convert::{Rounded, load_fp_integer, load_lengthened, load_rounded};
pub use format::{Format, LongerThan, ShortOrLong};
pub use fused::{multiply_and_add, multiply_and_subtract};
pub use host::{Host, HostInteger};
pub use integer::{Converted, Integer, from_integer, to_integer};
pub use outcome::{
    DXC_DIVISION, DXC_INCREMENTED, DXC_INVALID, DXC_OVERFLOW, DXC_TRUNCATED, DXC_UNDERFLOW, Outcome,
};
pub use remainder::{Division, divide_to_integer};
pub use root::square_root;
