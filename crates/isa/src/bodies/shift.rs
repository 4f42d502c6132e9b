//! Shifts and rotates. The amount is the low six bits of an address.

use super::arithmetic::{pair, set_pair};
use crate::{Builder, Done, Value, Width};

/// The shift amount that an address holds.
#[inline(always)]
fn amount<B: Builder>(b: &mut B, place: impl crate::Place) -> Value<B, u64> {
    let address = place.address(b);
    let six_bits = b.constant(63);
    b.and(address, six_bits)
}

/// SHIFT LEFT SINGLE LOGICAL.
#[inline(always)]
pub fn left_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl crate::Place,
) -> Done<B> {
    let n = amount(b, place);
    let x = b.gr::<T>(r3);
    let wide: Value<B, u64> = b.zero_extend(x);
    let wide = b.shift_left(wide, n);
    let result: Value<B, T> = b.zero_extend(wide);
    b.set_gr(r1, result);
    Ok(())
}

/// SHIFT RIGHT SINGLE LOGICAL.
#[inline(always)]
pub fn right_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl crate::Place,
) -> Done<B> {
    let n = amount(b, place);
    let x = b.gr::<T>(r3);
    let wide: Value<B, u64> = b.zero_extend(x);
    let wide = b.shift_right(wide, n);
    let result: Value<B, T> = b.zero_extend(wide);
    b.set_gr(r1, result);
    Ok(())
}

/// SHIFT RIGHT SINGLE.
#[inline(always)]
pub fn right<B: Builder, T: Width>(b: &mut B, r1: u8, r3: u8, place: impl crate::Place) -> Done<B> {
    let n = amount(b, place);
    let x = b.gr::<T>(r3);
    let wide: Value<B, u64> = b.sign_extend(x);
    let wide = b.shift_right_signed(wide, n);
    let result: Value<B, T> = b.zero_extend(wide);
    b.set_gr(r1, result);
    b.set_cc_sign(result);
    Ok(())
}

/// Shifts a number left, its sign staying. The overflow says that a bit
/// unlike the sign was shifted out.
#[inline(always)]
fn shift_left_signed<B: Builder, T: Width>(
    b: &mut B,
    x: Value<B, T>,
    n: Value<B, u64>,
) -> (Value<B, T>, B::Bool) {
    let wide: Value<B, u64> = b.sign_extend(x);
    let shifted = b.shift_left(wide, n);
    let back = b.shift_right_signed(shifted, n);
    let kept_in_64 = b.equal(back, wide);
    let narrow: Value<B, T> = b.zero_extend(shifted);
    let extended: Value<B, u64> = b.sign_extend(narrow);
    let kept_in_width = b.equal(extended, shifted);
    let kept = b.both(kept_in_64, kept_in_width);
    let sign = b.constant(1 << (T::BITS - 1));
    let number = b.constant((1 << (T::BITS - 1)) - 1);
    let sign = b.and(x, sign);
    let number = b.and(narrow, number);
    let result = b.or(sign, number);
    let overflow = b.not(kept);
    (result, overflow)
}

/// SHIFT LEFT SINGLE.
#[inline(always)]
pub fn left<B: Builder, T: Width>(b: &mut B, r1: u8, r3: u8, place: impl crate::Place) -> Done<B> {
    let n = amount(b, place);
    let x = b.gr::<T>(r3);
    let (result, overflow) = shift_left_signed(b, x, n);
    b.set_gr(r1, result);
    b.set_cc_sign_or_overflow(result, overflow);
    b.raise_overflow(overflow)
}

/// ROTATE LEFT SINGLE LOGICAL.
#[inline(always)]
pub fn rotate<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl crate::Place,
) -> Done<B> {
    let n = amount(b, place);
    let x = b.gr::<T>(r3);
    let result = b.rotate_left(x, n);
    b.set_gr(r1, result);
    Ok(())
}

/// SHIFT LEFT DOUBLE LOGICAL.
#[inline(always)]
pub fn left_logical_double<B: Builder>(b: &mut B, r1: u8, place: impl crate::Place) -> Done<B> {
    let n = amount(b, place);
    let x = pair(b, r1);
    let result = b.shift_left(x, n);
    set_pair(b, r1, result);
    Ok(())
}

/// SHIFT RIGHT DOUBLE LOGICAL.
#[inline(always)]
pub fn right_logical_double<B: Builder>(b: &mut B, r1: u8, place: impl crate::Place) -> Done<B> {
    let n = amount(b, place);
    let x = pair(b, r1);
    let result = b.shift_right(x, n);
    set_pair(b, r1, result);
    Ok(())
}

/// SHIFT LEFT DOUBLE.
#[inline(always)]
pub fn left_double<B: Builder>(b: &mut B, r1: u8, place: impl crate::Place) -> Done<B> {
    let n = amount(b, place);
    let x = pair(b, r1);
    let (result, overflow) = shift_left_signed(b, x, n);
    set_pair(b, r1, result);
    b.set_cc_sign_or_overflow(result, overflow);
    b.raise_overflow(overflow)
}

/// SHIFT RIGHT DOUBLE.
#[inline(always)]
pub fn right_double<B: Builder>(b: &mut B, r1: u8, place: impl crate::Place) -> Done<B> {
    let n = amount(b, place);
    let x = pair(b, r1);
    let result = b.shift_right_signed(x, n);
    set_pair(b, r1, result);
    b.set_cc_sign(result);
    Ok(())
}
