//! MULTIPLY AND ADD, MULTIPLY AND SUBTRACT: one rounding for both operations.

use crate::arithmetic::{Product, add_numbers, cancelled, product};
use crate::control::Controls;
use crate::format::ShortOrLong;
use crate::host;
use crate::nan;
use crate::number::{Datum, unpack};
use crate::outcome::Outcome;
use crate::round::round;

/// MULTIPLY AND ADD: `multiplicand` × `multiplier` + `addend`. As operands of
/// the instruction, these are the third, the second and the first.
#[inline]
pub fn multiply_and_add<F: ShortOrLong>(
    addend: F,
    multiplier: F,
    multiplicand: F,
    controls: Controls,
) -> Outcome<F> {
    fused(addend, multiplier, multiplicand, false, controls)
}

/// MULTIPLY AND SUBTRACT: `multiplicand` × `multiplier` − `subtrahend`. As
/// operands of the instruction, these are the third, the second and the first.
#[inline]
pub fn multiply_and_subtract<F: ShortOrLong>(
    subtrahend: F,
    multiplier: F,
    multiplicand: F,
    controls: Controls,
) -> Outcome<F> {
    fused(subtrahend, multiplier, multiplicand, true, controls)
}

#[inline]
fn fused<F: ShortOrLong>(
    addend: F,
    multiplier: F,
    multiplicand: F,
    subtract: bool,
    controls: Controls,
) -> Outcome<F> {
    let compute = |known| F::host_fused(multiplicand, multiplier, addend, subtract, known);
    match host::outcome(controls, compute) {
        Some(outcome) => outcome,
        None => fused_generally(addend, multiplier, multiplicand, subtract, controls),
    }
}

#[inline(never)]
pub(crate) fn fused_generally<F: ShortOrLong>(
    addend: F,
    multiplier: F,
    multiplicand: F,
    subtract: bool,
    controls: Controls,
) -> Outcome<F> {
    let product = product(multiplicand, multiplier);
    // Zero times infinity is invalid before the addend is looked at.
    if let Product::Invalid = product {
        return Outcome::invalid(F::default_nan(), controls);
    }
    if let Some(outcome) = nan::propagate([multiplicand, multiplier, addend], controls) {
        return outcome;
    }
    let addend = addend.with_sign(addend.is_negative() != subtract);
    let negative = multiplicand.is_negative() != multiplier.is_negative();
    let signs_differ = negative != addend.is_negative();
    match (product, unpack(addend)) {
        (Product::Infinity, Datum::Infinity) if signs_differ => {
            Outcome::invalid(F::default_nan(), controls)
        }
        (Product::Infinity, _) => Outcome::exact(F::infinity(negative), controls),
        (_, Datum::Infinity | Datum::Nan) | (Product::Invalid, _) => {
            Outcome::exact(addend, controls)
        }
        (Product::Zero, Datum::Zero) if signs_differ => cancelled(controls),
        (Product::Zero, Datum::Zero) => Outcome::exact(addend, controls),
        (Product::Zero, Datum::Finite(number)) | (Product::Finite(number), Datum::Zero) => {
            round(number, controls)
        }
        // Of formats that have fused operations, a product has 106 bits at
        // most, all of which are in its number.
        (Product::Finite(product), Datum::Finite(addend)) => match add_numbers(product, addend) {
            Some(sum) => round(sum, controls),
            None => cancelled(controls),
        },
    }
}
