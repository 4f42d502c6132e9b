//! SQUARE ROOT.

use crate::control::Controls;
use crate::format::Format;
use crate::host;
use crate::nan;
use crate::number::{Datum, Number, unpack};
use crate::outcome::Outcome;
use crate::round::round;
use crate::wide;

/// SQUARE ROOT. The root of −0 is −0; of a number less than zero it is an
/// invalid operation.
#[inline]
pub fn square_root<F: Format>(source: F, controls: Controls) -> Outcome<F> {
    match host::outcome(controls, |known| F::host_square_root(source, known)) {
        Some(outcome) => outcome,
        None => square_root_generally(source, controls),
    }
}

#[inline(never)]
pub(crate) fn square_root_generally<F: Format>(source: F, controls: Controls) -> Outcome<F> {
    if let Some(outcome) = nan::propagate([source], controls) {
        return outcome;
    }
    match unpack(source) {
        Datum::Zero => Outcome::exact(source, controls),
        _ if source.is_negative() => Outcome::invalid(F::default_nan(), controls),
        Datum::Finite(number) => round(root(number), controls),
        Datum::Infinity | Datum::Nan => Outcome::exact(source, controls),
    }
}

fn root(number: Number) -> Number {
    // The significand as a number in [1, 4) with two bits before the point, so
    // that what is left of the exponent is even.
    let odd = number.exponent & 1 != 0;
    let radicand = if odd { number.significand } else { number.significand >> 1 };
    let (root, rest) = wide::square_root(radicand);
    Number {
        negative: false,
        exponent: number.exponent >> 1,
        significand: root << 8 | u128::from(rest),
    }
}
