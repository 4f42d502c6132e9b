//! Between formats: LOAD ROUNDED, LOAD LENGTHENED, LOAD FP INTEGER.

use crate::control::Controls;
use crate::format::{Format, LongerThan};
use crate::host;
use crate::nan;
use crate::number::{Datum, Number, unpack};
use crate::outcome::Outcome;
use crate::round::{Direction, inexact, round_or_scale, round_to_integer};

/// What LOAD ROUNDED delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounded<T, S> {
    /// The result in the format that was asked for.
    Result(T),
    /// After a trapped overflow or underflow, the result in the format of the
    /// source: rounded to the precision asked for, its exponent scaled.
    Scaled(S),
}

/// LOAD ROUNDED: `source` in a shorter format.
///
/// ```
/// use lowcore_float::{load_rounded, Controls, Exceptions, Outcome, Rounded};
/// let outcome = load_rounded::<u64, u32>(0.1f64.to_bits(), Controls::default());
/// assert_eq!(
///     outcome,
///     Outcome::Completed { value: Rounded::Result(0.1f32.to_bits()), flags: Exceptions::INEXACT },
/// );
/// ```
#[inline]
pub fn load_rounded<S: LongerThan<T>, T: Format>(
    source: S,
    controls: Controls,
) -> Outcome<Rounded<T, S>> {
    match host::outcome(controls, |_| source.host_shorten()) {
        Some(outcome) => outcome.map(Rounded::Result),
        None => load_rounded_generally(source, controls),
    }
}

#[inline(never)]
fn load_rounded_generally<S: LongerThan<T>, T: Format>(
    source: S,
    controls: Controls,
) -> Outcome<Rounded<T, S>> {
    match unpack(source) {
        Datum::Finite(number) => {
            round_or_scale(number, S::LOAD_ROUNDED_SCALE, controls, Rounded::Result, |scaled| {
                Rounded::Scaled(scaled.pack())
            })
        }
        Datum::Zero => Outcome::exact(Rounded::Result(T::zero(source.is_negative())), controls),
        Datum::Infinity => {
            Outcome::exact(Rounded::Result(T::infinity(source.is_negative())), controls)
        }
        Datum::Nan => {
            let payload = source.bits() & S::FRACTION;
            let fraction = payload >> (S::PRECISION - T::PRECISION) | T::QUIET;
            let nan = T::from_bits(T::EXPONENT | fraction).with_sign(source.is_negative());
            nan::loaded(source, Rounded::Result(nan), controls)
        }
    }
}

/// LOAD LENGTHENED: `source` in a longer format, which is always exact.
#[inline]
pub fn load_lengthened<S: Format, T: LongerThan<S>>(source: S, controls: Controls) -> Outcome<T> {
    match unpack(source) {
        Datum::Finite(number) => Outcome::exact(number.pack(), controls),
        Datum::Zero => Outcome::exact(T::zero(source.is_negative()), controls),
        Datum::Infinity => Outcome::exact(T::infinity(source.is_negative()), controls),
        Datum::Nan => nan::loaded(source, lengthen_nan(source), controls),
    }
}

/// The NaN in a longer format, quiet.
#[inline]
pub(crate) fn lengthen_nan<S: Format, T: LongerThan<S>>(nan: S) -> T {
    let fraction = (nan.bits() & S::FRACTION) << (T::PRECISION - S::PRECISION);
    nan::quiet(T::from_bits(T::EXPONENT | fraction).with_sign(nan.is_negative()))
}

/// LOAD FP INTEGER: `source` rounded to an integer in the same format. Zero
/// keeps the sign of the source.
#[inline]
pub fn load_fp_integer<F: Format>(source: F, controls: Controls) -> Outcome<F> {
    let number = match unpack(source) {
        Datum::Finite(number) => number,
        Datum::Nan => return nan::loaded(source, nan::quiet(source), controls),
        Datum::Zero | Datum::Infinity => return Outcome::exact(source, controls),
    };
    let (magnitude, direction) = round_to_integer(number, controls.rounding);
    if direction == Direction::Exact {
        return Outcome::exact(source, controls);
    }
    let negative = number.negative;
    let value = if magnitude == 0 {
        F::zero(negative)
    } else {
        Number::normalised(negative, 127, magnitude).pack()
    };
    inexact(value, direction, controls.flags, controls)
}
