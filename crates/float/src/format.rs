//! The three formats, told apart by the type that holds their bits.

use std::fmt::{Debug, LowerHex};

use crate::host;

/// A binary-floating-point format: short (`u32`), long (`u64`) or extended
/// (`u128`). A datum is its bits, sign first, as registers and storage hold
/// them.
///
/// Source: SA22-7832, chapter 9, "Binary-Floating-Point Data Formats".
pub trait Format: Copy + Eq + Debug + LowerHex + crate::host::Host + 'static {
    /// Bits of the whole datum.
    const WIDTH: u32;
    /// Bits of the significand, the implied unit bit included.
    const PRECISION: u32;
    /// The largest exponent of a finite number. The smallest of a normal one
    /// is `1 - MAX_EXPONENT`.
    const MAX_EXPONENT: i32;
    /// What a trapped overflow takes from the exponent of an arithmetic
    /// result, and a trapped underflow adds to it.
    const SCALE: i32;
    /// The same where the result is that of LOAD ROUNDED from this format.
    const LOAD_ROUNDED_SCALE: i32;

    /// The sign bit.
    const SIGN: u128 = 1 << (Self::WIDTH - 1);
    /// The bits of the fraction.
    const FRACTION: u128 = (1 << (Self::PRECISION - 1)) - 1;
    /// The bits of the biased exponent; alone, the bits of +infinity.
    const EXPONENT: u128 = Self::SIGN - 1 - Self::FRACTION;
    /// The bit of the fraction that tells a quiet NaN from a signaling one.
    const QUIET: u128 = 1 << (Self::PRECISION - 2);

    /// The datum as an integer.
    fn bits(self) -> u128;
    /// The datum whose bits are the low [`WIDTH`](Self::WIDTH) bits of `bits`.
    fn from_bits(bits: u128) -> Self;

    /// The default NaN: positive, quiet, without payload.
    #[must_use]
    fn default_nan() -> Self {
        Self::from_bits(Self::EXPONENT | Self::QUIET)
    }

    /// Infinity of a sign.
    #[must_use]
    fn infinity(negative: bool) -> Self {
        Self::from_bits(Self::EXPONENT).with_sign(negative)
    }

    /// Zero of a sign.
    #[must_use]
    fn zero(negative: bool) -> Self {
        Self::from_bits(0).with_sign(negative)
    }

    /// The same datum with the sign given.
    #[must_use]
    fn with_sign(self, negative: bool) -> Self {
        let magnitude = self.bits() & !Self::SIGN;
        Self::from_bits(if negative { magnitude | Self::SIGN } else { magnitude })
    }

    /// Whether the sign bit is one.
    #[must_use]
    fn is_negative(self) -> bool {
        self.bits() & Self::SIGN != 0
    }

    /// Whether the datum is a NaN, quiet or signaling.
    #[must_use]
    fn is_nan(self) -> bool {
        self.bits() & !Self::SIGN > Self::EXPONENT
    }

    /// Whether the datum is a signaling NaN.
    #[must_use]
    fn is_signaling(self) -> bool {
        self.is_nan() && self.bits() & Self::QUIET == 0
    }
}

/// A format that data of the format `S` can be lengthened to.
pub trait LongerThan<S: Format>: Format {
    /// The host's rounding to the shorter format, to nearest, and whether it
    /// is inexact; or nothing, as in [`Host`](crate::Host).
    #[inline(always)]
    #[must_use]
    fn host_shorten(self) -> Option<(S, bool)> {
        None
    }
}

impl LongerThan<u32> for u128 {}
impl LongerThan<u64> for u128 {}

impl LongerThan<u32> for u64 {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
    fn host_shorten(self) -> Option<(u32, bool)> {
        let long = f64::from_bits(self);
        let short = long as f32;
        if long == 0.0 {
            return Some((short.to_bits(), false));
        }
        host::normal(short.to_bits()).then_some((short.to_bits(), f64::from(short) != long))
    }
}

/// A format that has the fused operations and DIVIDE TO INTEGER.
pub trait ShortOrLong: Format {}

impl ShortOrLong for u32 {}
impl ShortOrLong for u64 {}

impl Format for u32 {
    const WIDTH: u32 = 32;
    const PRECISION: u32 = 24;
    const MAX_EXPONENT: i32 = 127;
    const SCALE: i32 = 192;
    /// Nothing is shorter than the short format.
    const LOAD_ROUNDED_SCALE: i32 = 0;

    #[inline]
    fn bits(self) -> u128 {
        self.into()
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are the datum")]
    fn from_bits(bits: u128) -> Self {
        bits as Self
    }
}

impl Format for u64 {
    const WIDTH: u32 = 64;
    const PRECISION: u32 = 53;
    const MAX_EXPONENT: i32 = 1023;
    const SCALE: i32 = 1536;
    const LOAD_ROUNDED_SCALE: i32 = 512;

    #[inline]
    fn bits(self) -> u128 {
        self.into()
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are the datum")]
    fn from_bits(bits: u128) -> Self {
        bits as Self
    }
}

impl Format for u128 {
    const WIDTH: u32 = 128;
    const PRECISION: u32 = 113;
    const MAX_EXPONENT: i32 = 16383;
    const SCALE: i32 = 24576;
    const LOAD_ROUNDED_SCALE: i32 = 8192;

    #[inline]
    fn bits(self) -> u128 {
        self
    }

    #[inline]
    fn from_bits(bits: u128) -> Self {
        bits
    }
}
