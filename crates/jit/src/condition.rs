//! The condition code as a recipe: what it is computed from, and how. In code
//! it is known how; in the run block a number says so.

use core::cmp::Ordering;
use lowcore_arch::bits;

/// How a condition code follows from two values. Numbers are those in the run
/// block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// It is the first.
    Number = 0,
    /// The sign of the first: 0 zero, 1 negative, 2 positive.
    Sign = 1,
    /// 0 if the first is zero, else 1.
    NotZero = 2,
    /// The first compared with the second, as signed numbers.
    CompareSigned = 3,
    /// The same as unsigned numbers.
    Compare = 4,
    /// TEST UNDER MASK of storage: the first under the second.
    Mixed = 5,
    /// TEST UNDER MASK of registers.
    UnderMask = 6,
    /// The first is the sum of something and the second; signed, 32 bits.
    Add32 = 8,
    /// With 64 bits.
    Add64 = 9,
    /// The first is what is left of something less the second; signed.
    Sub32 = 10,
    /// With 64 bits.
    Sub64 = 11,
    /// The first is the sum of something and the second; unsigned.
    Carry32 = 12,
    /// With 64 bits.
    Carry64 = 13,
    /// The first is what is left of something less the second; unsigned.
    Borrow32 = 14,
    /// With 64 bits.
    Borrow64 = 15,
    /// The first compared with the second, as short floating-point numbers; 3
    /// if a NaN is among them.
    Float32 = 16,
    /// As long ones.
    Float64 = 17,
}

impl Kind {
    /// The kind of 64 bits, if the width is 64, of one of 32 bits.
    #[must_use]
    pub const fn of_width(self, bits: u32) -> Self {
        match (self, bits) {
            (Self::Add32, 64) => Self::Add64,
            (Self::Sub32, 64) => Self::Sub64,
            (Self::Carry32, 64) => Self::Carry64,
            (Self::Borrow32, 64) => Self::Borrow64,
            (Self::Float32, 64) => Self::Float64,
            (other, _) => other,
        }
    }

    /// Whether its values are signed where they are widened.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Sign | Self::CompareSigned)
    }
}

fn ordered(order: Option<Ordering>) -> u64 {
    match order {
        Some(Ordering::Equal) => 0,
        Some(Ordering::Less) => 1,
        Some(Ordering::Greater) => 2,
        None => 3,
    }
}

fn sign(value: i64) -> u64 {
    if value < 0 { 1 } else { u64::from(value > 0) * 2 }
}

/// The condition code of a recipe in the run block.
#[must_use]
pub fn evaluate([kind, a, b]: [u64; 3]) -> u8 {
    let three_way = |low: bool, high: bool| u64::from(low) + 2 * u64::from(high);
    let is = |kind: Kind| kind as u64;
    let (a32, b32) = (bits::low32(a), bits::low32(b));
    let signed = |overflow: bool, result: i64| if overflow { 3 } else { sign(result) };
    let cc = match kind {
        k if k == is(Kind::Number) => a & 3,
        k if k == is(Kind::Sign) => sign(a.cast_signed()),
        k if k == is(Kind::NotZero) => u64::from(a != 0),
        k if k == is(Kind::CompareSigned) => {
            let (a, b) = (a.cast_signed(), b.cast_signed());
            three_way(a < b, a > b)
        }
        k if k == is(Kind::Compare) => three_way(a < b, a > b),
        k if k == is(Kind::Mixed) => match a & b {
            0 => 0,
            all if all == b => 3,
            _ => 1,
        },
        k if k == is(Kind::UnderMask) => match a & b {
            0 => 0,
            all if all == b => 3,
            some => 1 + u64::from(some & (1 << 63 >> b.leading_zeros().min(63)) != 0),
        },
        k if k == is(Kind::Add32) => {
            let (result, y) = (a32.cast_signed(), b32.cast_signed());
            let x = result.wrapping_sub(y);
            signed(x.overflowing_add(y).1, result.into())
        }
        k if k == is(Kind::Add64) => {
            let (result, y) = (a.cast_signed(), b.cast_signed());
            signed(result.wrapping_sub(y).overflowing_add(y).1, result)
        }
        k if k == is(Kind::Sub32) => {
            let (result, y) = (a32.cast_signed(), b32.cast_signed());
            signed(result.wrapping_add(y).overflowing_sub(y).1, result.into())
        }
        k if k == is(Kind::Sub64) => {
            let (result, y) = (a.cast_signed(), b.cast_signed());
            signed(result.wrapping_add(y).overflowing_sub(y).1, result)
        }
        k if k == is(Kind::Carry32) => 2 * u64::from(a32 < b32) + u64::from(a32 != 0),
        k if k == is(Kind::Carry64) => 2 * u64::from(a < b) + u64::from(a != 0),
        k if k == is(Kind::Borrow32) => {
            let x = a32.wrapping_add(b32);
            2 * u64::from(x >= b32) + u64::from(a32 != 0)
        }
        k if k == is(Kind::Float32) => {
            ordered(f32::from_bits(a32).partial_cmp(&f32::from_bits(b32)))
        }
        k if k == is(Kind::Float64) => ordered(f64::from_bits(a).partial_cmp(&f64::from_bits(b))),
        _ => 2 * u64::from(a.wrapping_add(b) >= b) + u64::from(a != 0),
    };
    bits::low8(cc) & 3
}
