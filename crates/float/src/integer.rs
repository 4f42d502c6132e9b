//! Between floating-point data and binary integers: CONVERT FROM FIXED and
//! FROM LOGICAL, CONVERT TO FIXED and TO LOGICAL.

use std::fmt::Debug;

use crate::control::Controls;
use crate::format::Format;
use crate::number::{Datum, Number, unpack};
use crate::outcome::Outcome;
use crate::round::{Direction, inexact, round, round_to_integer};

/// An integer that a datum can be converted from and to.
pub trait Integer: Copy + Eq + Debug + sealed::Sealed {
    /// The smallest one.
    const MIN: Self;
    /// The largest one.
    const MAX: Self;

    /// Whether it is negative, and its magnitude.
    fn parts(self) -> (bool, u128);
    /// The integer of that sign and magnitude, if there is one.
    fn from_parts(negative: bool, magnitude: u128) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl sealed::Sealed for $integer {}

        impl Integer for $integer {
            const MIN: Self = <$integer>::MIN;
            const MAX: Self = <$integer>::MAX;

            #[inline]
            fn parts(self) -> (bool, u128) {
                let value = i128::from(self);
                (value < 0, value.unsigned_abs())
            }

            #[inline]
            fn from_parts(negative: bool, magnitude: u128) -> Option<Self> {
                let magnitude = i128::try_from(magnitude).ok()?;
                Self::try_from(if negative { -magnitude } else { magnitude }).ok()
            }
        }
    )*};
}
integers!(i32, i64, u32, u64);

/// CONVERT FROM FIXED (signed) and CONVERT FROM LOGICAL (unsigned).
///
/// ```
/// use lowcore_float::{from_integer, Controls, Exceptions, Outcome};
/// let outcome = from_integer::<i32, u32>(-16_777_217, Controls::default());
/// let value = (-16_777_216f32).to_bits();
/// assert_eq!(outcome, Outcome::Completed { value, flags: Exceptions::INEXACT });
/// ```
#[inline]
pub fn from_integer<I: Integer, F: Format>(source: I, controls: Controls) -> Outcome<F> {
    let (negative, magnitude) = source.parts();
    if magnitude == 0 {
        return Outcome::exact(F::zero(false), controls);
    }
    let number = Number::normalised(negative, 127, magnitude);
    if magnitude >> F::PRECISION == 0 {
        return Outcome::exact(number.pack(), controls);
    }
    round(number, controls)
}

/// An integer that a datum was converted to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Converted<I> {
    /// The integer.
    pub value: I,
    /// The condition code: 0 if the source was zero, 1 if it was less, 2 if it
    /// was greater, 3 if there is no such integer.
    pub condition: u8,
}

/// CONVERT TO FIXED (signed) and CONVERT TO LOGICAL (unsigned).
///
/// Where no integer equals the rounded source, that is an invalid operation;
/// if it does not trap, the result is the integer nearest to the source, the
/// smallest one for a NaN, and it is inexact as well.
#[inline]
pub fn to_integer<F: Format, I: Integer>(source: F, controls: Controls) -> Outcome<Converted<I>> {
    let negative = source.is_negative();
    let nearest = match unpack(source) {
        Datum::Zero => {
            let value = I::from_parts(false, 0).unwrap_or(I::MIN);
            return Outcome::exact(Converted { value, condition: 0 }, controls);
        }
        Datum::Nan => I::MIN,
        Datum::Finite(number) => {
            let (magnitude, direction) = round_to_integer(number, controls.rounding);
            if let Some(value) = I::from_parts(negative, magnitude) {
                let condition = if negative { 1 } else { 2 };
                let converted = Converted { value, condition };
                return inexact(converted, direction, controls.flags, controls);
            }
            if negative { I::MIN } else { I::MAX }
        }
        Datum::Infinity if negative => I::MIN,
        Datum::Infinity => I::MAX,
    };
    match Outcome::invalid(Converted { value: nearest, condition: 3 }, controls) {
        Outcome::Completed { value, flags } => {
            inexact(value, Direction::Truncated, flags, controls)
        }
        trapped => trapped,
    }
}
