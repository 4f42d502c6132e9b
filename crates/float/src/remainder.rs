//! DIVIDE TO INTEGER.

use std::cmp::Ordering;

use crate::arithmetic::add_numbers;
use crate::control::{Controls, Exceptions, Rounding};
use crate::format::{Format, ShortOrLong};
use crate::nan;
use crate::number::{Datum, Number, unpack};
use crate::outcome::Outcome;
use crate::round::{Direction, round, round_significand};

/// What DIVIDE TO INTEGER delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Division<F> {
    /// The integer quotient, final or partial.
    pub quotient: F,
    /// The remainder, final or partial: dividend − divisor × quotient.
    pub remainder: F,
    /// The condition code: 0 for a final remainder, 2 for a partial one; one
    /// more if the quotient overflowed and is scaled, or is a NaN.
    pub condition: u8,
}

/// DIVIDE TO INTEGER. A final quotient is rounded by `quotient_rounding` (the
/// method of M4), a final remainder by the mode in `controls`.
///
/// Where the quotient is no integer, and the integers around it do not both
/// have few enough bits, the quotient is partial: it is cut to the bits of the
/// format, and its remainder is exact.
///
/// ```
/// use lowcore_float::{Controls, Division, Outcome, Rounding, divide_to_integer};
/// let [seven, two] = [7.0f64, 2.0].map(f64::to_bits);
/// let Outcome::Completed { value, .. } =
///     divide_to_integer(seven, two, Rounding::TowardZero, Controls::default())
/// else {
///     panic!("nothing traps")
/// };
/// let [quotient, remainder] = [3.0f64, 1.0].map(f64::to_bits);
/// assert_eq!(value, Division { quotient, remainder, condition: 0 });
/// ```
pub fn divide_to_integer<F: ShortOrLong>(
    dividend: F,
    divisor: F,
    quotient_rounding: Rounding,
    controls: Controls,
) -> Outcome<Division<F>> {
    if let Some(outcome) = nan::propagate([dividend, divisor], controls) {
        return outcome.map(not_a_number);
    }
    let negative = dividend.is_negative() != divisor.is_negative();
    match (unpack(dividend), unpack(divisor)) {
        (Datum::Finite(dividend), Datum::Finite(divisor)) => {
            divide_numbers(dividend, divisor, quotient_rounding, controls)
        }
        (Datum::Infinity, _) | (_, Datum::Zero) => {
            Outcome::invalid(not_a_number(F::default_nan()), controls)
        }
        // The dividend is zero or the divisor infinite. No exception, not even
        // for a tiny dividend.
        _ => {
            let quotient = F::zero(negative);
            Outcome::exact(Division { quotient, remainder: dividend, condition: 0 }, controls)
        }
    }
}

fn not_a_number<F>(nan: F) -> Division<F>
where
    F: Format,
{
    Division { quotient: nan, remainder: nan, condition: 1 }
}

/// The magnitude of a quotient cut to an integer of the format's precision:
/// `quotient` × 2^`scale`.
struct Cut {
    quotient: u128,
    scale: u32,
    /// What is left of the dividend, if anything.
    rest: Option<Number>,
    /// How what is left compares with half of the divisor.
    half: Ordering,
}

fn divide_numbers<F: ShortOrLong>(
    dividend: Number,
    divisor: Number,
    quotient_rounding: Rounding,
    controls: Controls,
) -> Outcome<Division<F>> {
    let negative = dividend.negative != divisor.negative;
    let cut = cut_quotient::<F>(dividend, divisor);
    let quotient_of = |integer: u128| {
        if integer == 0 {
            return (F::zero(negative), 0);
        }
        let number = Number::normalised(negative, 127 + cut.scale.cast_signed(), integer);
        if number.exponent <= F::MAX_EXPONENT {
            (number.pack(), 0)
        } else {
            let exponent = number.exponent - F::SCALE;
            (Number { exponent, ..number }.pack(), 1)
        }
    };
    let Some(rest) = cut.rest else {
        let (quotient, condition) = quotient_of(cut.quotient);
        let remainder = F::zero(dividend.negative);
        return Outcome::exact(Division { quotient, remainder, condition }, controls);
    };
    if cut.scale > 0 {
        let (quotient, overflowed) = quotient_of(cut.quotient);
        // A partial remainder is exact, and no underflow even if it is tiny.
        let silently = Controls { masks: Exceptions::NONE, ..controls };
        return round(rest, silently).map(|remainder| Division {
            quotient,
            remainder,
            condition: 2 + overflowed,
        });
    }
    // The bits of the fraction that rounding asks for: a half, and less.
    let fraction = match cut.half {
        Ordering::Less => 0b01,
        Ordering::Equal => 0b10,
        Ordering::Greater => 0b11,
    };
    let (integer, direction) =
        round_significand(cut.quotient << 64 | fraction << 62, 64, negative, quotient_rounding);
    let (quotient, condition) = quotient_of(integer);
    let rest = if direction == Direction::Incremented {
        let divisor = Number { negative: !dividend.negative, ..divisor };
        add_numbers(rest, divisor).unwrap_or(rest)
    } else {
        rest
    };
    round(rest, controls).map(|remainder| Division { quotient, remainder, condition })
}

fn cut_quotient<F: ShortOrLong>(dividend: Number, divisor: Number) -> Cut {
    let Ok(mut steps) = u32::try_from(dividend.exponent - divisor.exponent) else {
        // The dividend is the smaller one.
        let half = if dividend.exponent + 1 == divisor.exponent {
            dividend.significand.cmp(&divisor.significand)
        } else {
            Ordering::Less
        };
        return Cut { quotient: 0, scale: 0, rest: Some(dividend), half };
    };
    // As on paper, a bit of the quotient for each step.
    let by = divisor.significand >> (128 - F::PRECISION);
    let mut rest = dividend.significand >> (128 - F::PRECISION);
    let mut quotient = u128::from(rest >= by);
    rest -= by * quotient;
    while steps > 0 && quotient >> (F::PRECISION - 1) == 0 {
        rest <<= 1;
        quotient <<= 1;
        if rest >= by {
            rest -= by;
            quotient |= 1;
        }
        steps -= 1;
    }
    let exponent = divisor.exponent + steps.cast_signed();
    let units = 127 + exponent - (F::PRECISION - 1).cast_signed();
    Cut {
        quotient,
        scale: steps,
        rest: (rest != 0).then(|| Number::normalised(dividend.negative, units, rest)),
        half: (rest << 1).cmp(&by),
    }
}
