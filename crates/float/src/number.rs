//! Data taken apart: every finite number but zero as a normalised significand
//! and an exponent, whatever the format.

use crate::format::Format;

/// A finite number other than zero: ±`significand` × 2^(`exponent` − 127).
///
/// Bit 127 of the significand is one, so that 2^`exponent` is the value of the
/// leading bit. A significand that would be longer than 128 bits has its lowest
/// bit set instead (a sticky bit): more than enough for any rounding, since
/// formats keep 113 bits at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Number {
    pub negative: bool,
    pub exponent: i32,
    pub significand: u128,
}

/// What a datum stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Datum {
    Zero,
    Finite(Number),
    Infinity,
    Nan,
}

impl Number {
    /// The number ±`significand` × 2^(`exponent` − 127), whose significand is
    /// not zero but need not be normalised.
    #[inline]
    pub fn normalised(negative: bool, exponent: i32, significand: u128) -> Self {
        let shift = significand.leading_zeros();
        Self {
            negative,
            exponent: exponent - shift.cast_signed(),
            significand: significand << shift,
        }
    }

    /// The datum that is exactly this number, which the format must have as a
    /// normal number.
    #[inline]
    pub fn pack<F: Format>(self) -> F {
        debug_assert!((1 - F::MAX_EXPONENT..=F::MAX_EXPONENT).contains(&self.exponent));
        debug_assert!(self.significand << F::PRECISION == 0);
        pack(self.negative, self.exponent, self.significand >> (128 - F::PRECISION))
    }
}

/// The datum ±`kept` × 2^(`exponent` − precision + 1).
///
/// `kept` has as many bits as the format's precision, or is a power of two
/// with one more, or has less and the exponent is the format's smallest.
#[inline]
pub(crate) fn pack<F: Format>(negative: bool, exponent: i32, kept: u128) -> F {
    // The unit bit of `kept`, and what carries out of it, belong to the
    // exponent: a subnormal number has biased exponent 0, and no unit bit.
    let below = (exponent + F::MAX_EXPONENT - 1).cast_unsigned();
    F::from_bits((u128::from(below) << (F::PRECISION - 1)) + kept).with_sign(negative)
}

/// What `datum` stands for.
#[inline]
pub(crate) fn unpack<F: Format>(datum: F) -> Datum {
    let magnitude = datum.bits() & !F::SIGN;
    let fraction = magnitude & F::FRACTION;
    if magnitude >= F::EXPONENT {
        return if fraction == 0 { Datum::Infinity } else { Datum::Nan };
    }
    if magnitude == 0 {
        return Datum::Zero;
    }
    let biased = crate::wide::small((magnitude & F::EXPONENT) >> (F::PRECISION - 1));
    let negative = datum.is_negative();
    let at_top = 128 - F::PRECISION;
    Datum::Finite(if biased == 0 {
        Number::normalised(negative, 1 - F::MAX_EXPONENT, fraction << at_top)
    } else {
        Number {
            negative,
            exponent: biased - F::MAX_EXPONENT,
            significand: (fraction << at_top) | 1 << 127,
        }
    })
}
