//! COMPARE, COMPARE AND SIGNAL, LOAD AND TEST, TEST DATA CLASS.

use std::cmp::Ordering;

use crate::control::Controls;
use crate::format::Format;
use crate::nan;
use crate::outcome::Outcome;

/// COMPARE: the condition code, 0 for equal, 1 for `a` low, 2 for `a` high,
/// 3 for unordered. A signaling NaN is an invalid operation.
#[inline]
pub fn compare<F: Format>(a: F, b: F, controls: Controls) -> Outcome<u8> {
    if a.is_nan() || b.is_nan() {
        return if a.is_signaling() || b.is_signaling() {
            Outcome::invalid(3, controls)
        } else {
            Outcome::exact(3, controls)
        };
    }
    Outcome::exact(order(a, b), controls)
}

/// COMPARE AND SIGNAL: as [`compare`], but any NaN is an invalid operation.
#[inline]
pub fn compare_and_signal<F: Format>(a: F, b: F, controls: Controls) -> Outcome<u8> {
    if a.is_nan() || b.is_nan() {
        return Outcome::invalid(3, controls);
    }
    Outcome::exact(order(a, b), controls)
}

/// The condition code for data that are not NaNs.
#[inline]
fn order<F: Format>(a: F, b: F) -> u8 {
    // Data of one sign are in the order of their bits, and zeros are equal.
    let [a, b] = [a, b].map(|datum| {
        let magnitude = (datum.bits() & !F::SIGN).cast_signed();
        if datum.is_negative() { -magnitude } else { magnitude }
    });
    match a.cmp(&b) {
        Ordering::Equal => 0,
        Ordering::Less => 1,
        Ordering::Greater => 2,
    }
}

/// The condition code that tells what a result is: 0 for zero, 1 for less than
/// zero, 2 for greater, 3 for a NaN. ADD, SUBTRACT, LOAD AND TEST and their
/// like set it.
#[must_use]
#[inline]
pub fn condition<F: Format>(result: F) -> u8 {
    if result.is_nan() {
        3
    } else if result.bits() & !F::SIGN == 0 {
        0
    } else if result.is_negative() {
        1
    } else {
        2
    }
}

/// LOAD AND TEST: the datum, a signaling NaN made quiet with an
/// invalid-operation exception. The condition code is [`condition`]'s.
#[inline]
pub fn load_and_test<F: Format>(source: F, controls: Controls) -> Outcome<F> {
    if source.is_nan() {
        return nan::loaded(source, nan::quiet(source), controls);
    }
    Outcome::exact(source, controls)
}

/// The bit that TEST DATA CLASS has for the class and sign of a datum, in the
/// rightmost 12 bits of its second operand's address.
///
/// Source: SA22-7832, chapter 19, TEST DATA CLASS.
#[must_use]
#[inline]
pub fn data_class<F: Format>(datum: F) -> u16 {
    let magnitude = datum.bits() & !F::SIGN;
    let positive = if magnitude == 0 {
        0x800
    } else if magnitude > F::EXPONENT {
        if datum.is_signaling() { 0x002 } else { 0x008 }
    } else if magnitude == F::EXPONENT {
        0x020
    } else if magnitude & F::EXPONENT == 0 {
        0x080
    } else {
        0x200
    };
    if datum.is_negative() { positive >> 1 } else { positive }
}

/// TEST DATA CLASS: the condition code, 1 if the class of the datum is among
/// those of `classes`, else 0.
#[must_use]
#[inline]
pub fn test_data_class<F: Format>(datum: F, classes: u64) -> u8 {
    u8::from(classes & u64::from(data_class(datum)) != 0)
}
