//! Addition, subtraction, multiplication, division.

use crate::control::{Controls, Rounding};
use crate::format::{Format, LongerThan};
use crate::host;
use crate::nan;
use crate::number::{Datum, Number, unpack};
use crate::outcome::Outcome;
use crate::round::round;
use crate::wide;

/// ADD: `a` + `b`.
///
/// ```
/// use lowcore_float::{add, Controls, Outcome};
/// let two = add(1.0f64.to_bits(), 1.0f64.to_bits(), Controls::default());
/// assert_eq!(two, Outcome::Completed { value: 2.0f64.to_bits(), flags: Default::default() });
/// ```
#[inline]
pub fn add<F: Format>(a: F, b: F, controls: Controls) -> Outcome<F> {
    match host::outcome(controls, |known| F::host_add(a, b, known)) {
        Some(outcome) => outcome,
        None => add_generally(a, b, false, controls),
    }
}

/// SUBTRACT: `a` − `b`. A NaN keeps its sign.
#[inline]
pub fn subtract<F: Format>(a: F, b: F, controls: Controls) -> Outcome<F> {
    match host::outcome(controls, |known| F::host_subtract(a, b, known)) {
        Some(outcome) => outcome,
        None => add_generally(a, b, true, controls),
    }
}

#[inline(never)]
pub(crate) fn add_generally<F: Format>(
    a: F,
    b: F,
    subtract: bool,
    controls: Controls,
) -> Outcome<F> {
    let addend = b.with_sign(b.is_negative() != subtract);
    if let (Datum::Finite(a), Datum::Finite(b)) = (unpack(a), unpack(addend)) {
        return match add_numbers(a, b) {
            Some(sum) => round(sum, controls),
            None => cancelled(controls),
        };
    }
    if let Some(outcome) = nan::propagate([a, b], controls) {
        return outcome;
    }
    let signs_differ = a.is_negative() != addend.is_negative();
    match (unpack(a), unpack(addend)) {
        (Datum::Infinity, Datum::Infinity) if signs_differ => {
            Outcome::invalid(F::default_nan(), controls)
        }
        (Datum::Infinity, _) => Outcome::exact(a, controls),
        (_, Datum::Infinity) => Outcome::exact(addend, controls),
        (Datum::Zero, Datum::Zero) if signs_differ => cancelled(controls),
        (Datum::Finite(number), _) | (_, Datum::Finite(number)) => round(number, controls),
        _ => Outcome::exact(a, controls),
    }
}

/// The zero that is the sum of numbers that cancel each other.
#[inline]
pub(crate) fn cancelled<F: Format>(controls: Controls) -> Outcome<F> {
    Outcome::exact(F::zero(controls.rounding == Rounding::TowardNegative), controls)
}

/// The sum, if it is not zero. The significands may have 127 bits.
///
/// The sticky bit is exact enough: where the smaller number loses bits, it is
/// smaller than a quarter of the larger one (their last 14 bits and more are
/// zero), so that at most one leading bit cancels.
#[inline]
pub(crate) fn add_numbers(a: Number, b: Number) -> Option<Number> {
    let (large, small) = if a.exponent >= b.exponent { (a, b) } else { (b, a) };
    let shift = (large.exponent - small.exponent).cast_unsigned();
    // One bit of room for the carry.
    let augend = large.significand >> 1;
    let addend = wide::shift_right_sticky(small.significand >> 1, shift);
    let (negative, significand) = if a.negative == b.negative {
        (large.negative, augend + addend)
    } else if augend >= addend {
        (large.negative, augend - addend)
    } else {
        (small.negative, addend - augend)
    };
    (significand != 0).then(|| Number::normalised(negative, large.exponent + 1, significand))
}

/// MULTIPLY: `a` × `b`.
#[inline]
pub fn multiply<F: Format>(a: F, b: F, controls: Controls) -> Outcome<F> {
    match host::outcome(controls, |known| F::host_multiply(a, b, known)) {
        Some(outcome) => outcome,
        None => multiply_generally(a, b, controls),
    }
}

#[inline(never)]
pub(crate) fn multiply_generally<F: Format>(a: F, b: F, controls: Controls) -> Outcome<F> {
    let product = product(a, b);
    if let Product::Finite(number) = product {
        return round(number, controls);
    }
    if let Some(outcome) = nan::propagate([a, b], controls) {
        return outcome;
    }
    let negative = a.is_negative() != b.is_negative();
    match product {
        Product::Infinity => Outcome::exact(F::infinity(negative), controls),
        Product::Invalid => Outcome::invalid(F::default_nan(), controls),
        _ => Outcome::exact(F::zero(negative), controls),
    }
}

/// What a product is. Where a factor is a NaN, it is anything but finite or
/// invalid.
pub(crate) enum Product {
    Finite(Number),
    Zero,
    Infinity,
    /// Zero times infinity.
    Invalid,
}

#[inline]
pub(crate) fn product<F: Format>(a: F, b: F) -> Product {
    match (unpack(a), unpack(b)) {
        (Datum::Finite(a), Datum::Finite(b)) => Product::Finite(multiply_numbers(a, b)),
        (Datum::Zero, Datum::Infinity) | (Datum::Infinity, Datum::Zero) => Product::Invalid,
        (Datum::Infinity, _) | (_, Datum::Infinity) => Product::Infinity,
        _ => Product::Zero,
    }
}

#[inline]
fn multiply_numbers(a: Number, b: Number) -> Number {
    let (high, low) = wide::multiply(a.significand, b.significand);
    // The product of two numbers in [1, 2) is in [1, 4).
    let carry = high >> 127 != 0;
    let significand = if carry { high } else { high << 1 | low >> 127 };
    let rest = if carry { low } else { low << 1 };
    Number {
        negative: a.negative != b.negative,
        exponent: a.exponent + b.exponent + i32::from(carry),
        significand: significand | u128::from(rest != 0),
    }
}

/// DIVIDE: `a` / `b`.
#[inline]
pub fn divide<F: Format>(a: F, b: F, controls: Controls) -> Outcome<F> {
    match host::outcome(controls, |known| F::host_divide(a, b, known)) {
        Some(outcome) => outcome,
        None => divide_generally(a, b, controls),
    }
}

#[inline(never)]
pub(crate) fn divide_generally<F: Format>(a: F, b: F, controls: Controls) -> Outcome<F> {
    let operands = (unpack(a), unpack(b));
    if let (Datum::Finite(a), Datum::Finite(b)) = operands {
        return round(divide_numbers(a, b), controls);
    }
    if let Some(outcome) = nan::propagate([a, b], controls) {
        return outcome;
    }
    let negative = a.is_negative() != b.is_negative();
    match operands {
        (Datum::Infinity, Datum::Infinity) | (Datum::Zero, Datum::Zero) => {
            Outcome::invalid(F::default_nan(), controls)
        }
        (Datum::Infinity, _) => Outcome::exact(F::infinity(negative), controls),
        (_, Datum::Zero) => Outcome::division_by_zero(F::infinity(negative), controls),
        _ => Outcome::exact(F::zero(negative), controls),
    }
}

#[inline]
fn divide_numbers(a: Number, b: Number) -> Number {
    let (quotient, rest) = wide::divide(a.significand, b.significand);
    let negative = a.negative != b.negative;
    let number = Number::normalised(negative, a.exponent - b.exponent, quotient);
    Number { significand: number.significand | u128::from(rest), ..number }
}

/// MULTIPLY with a product in a longer format, which is always exact: short to
/// long (MDEB, MDEBR), long to extended (MXDB, MXDBR).
#[inline]
pub fn multiply_longer<S: Format, T: LongerThan<S>>(a: S, b: S, controls: Controls) -> Outcome<T> {
    if let Some(outcome) = nan::propagate([a, b], controls) {
        return outcome.map(crate::convert::lengthen_nan);
    }
    let negative = a.is_negative() != b.is_negative();
    match product(a, b) {
        Product::Finite(number) => Outcome::exact(number.pack(), controls),
        Product::Zero => Outcome::exact(T::zero(negative), controls),
        Product::Infinity => Outcome::exact(T::infinity(negative), controls),
        Product::Invalid => Outcome::invalid(T::default_nan(), controls),
    }
}
