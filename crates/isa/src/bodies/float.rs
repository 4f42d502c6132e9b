//! Floating point. Whether the registers may be used, and which of them are
//! pairs, are rules of the rows.

pub mod arithmetic;
pub mod control;
pub mod conversion;
pub mod hexadecimal;
pub mod number;
pub mod transfer;

use super::Source;
use crate::{Builder, Loaded, Width};

/// The leftmost bits of a floating-point register.
pub struct Fpr(pub u8);

impl<B: Builder, T: Width> Source<B, T> for Fpr {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        Ok(b.fpr(self.0))
    }
}

/// The sign of a number, whatever its format.
const fn sign<T: Width>() -> u64 {
    1 << (T::BITS - 1)
}

/// The second register of a pair.
pub const fn second(r: u8) -> u8 {
    r | 2
}
