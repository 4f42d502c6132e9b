//! Loads, stores and moves of floating-point registers, and changes of signs
//! that look at no number (manual, chapter 9).

use super::{second, sign};
use crate::bodies::Source;
use crate::{Builder, Done, Place, Value, Width};

/// LOAD.
#[inline(always)]
pub fn load<B: Builder, T: Width>(b: &mut B, r1: u8, operand: impl Source<B, T>) -> Done<B> {
    let value = operand.get(b)?;
    b.set_fpr(r1, value);
    Ok(())
}

/// LOAD, extended.
#[inline(always)]
pub fn load_extended<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let (high, low) = (b.fpr::<u64>(r2), b.fpr::<u64>(second(r2)));
    b.set_fpr(r1, high);
    b.set_fpr(second(r1), low);
    Ok(())
}

/// LOAD GR FROM FPR.
#[inline(always)]
pub fn load_general<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let value = b.fpr::<u64>(r2);
    b.set_gr(r1, value);
    Ok(())
}

/// STORE.
#[inline(always)]
pub fn store<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let value = b.fpr::<T>(r1);
    place.store(b, value)
}

/// LOAD ZERO.
#[inline(always)]
pub fn load_zero<B: Builder, T: Width>(b: &mut B, r1: u8) -> Done<B> {
    let zero = b.constant::<T>(0);
    b.set_fpr(r1, zero);
    Ok(())
}

/// LOAD ZERO, extended.
#[inline(always)]
pub fn load_zero_extended<B: Builder>(b: &mut B, r1: u8) -> Done<B> {
    load_zero::<B, u64>(b, r1)?;
    load_zero::<B, u64>(b, second(r1))
}

/// The number with a plus.
#[inline(always)]
pub fn positive<B: Builder, T: Width>(b: &mut B, value: Value<B, T>) -> Value<B, T> {
    let rest = b.constant(!sign::<T>());
    b.and(value, rest)
}

/// The number with a minus.
#[inline(always)]
pub fn negative<B: Builder, T: Width>(b: &mut B, value: Value<B, T>) -> Value<B, T> {
    let sign = b.constant(sign::<T>());
    b.or(value, sign)
}

/// The number with the other sign.
#[inline(always)]
pub fn complement<B: Builder, T: Width>(b: &mut B, value: Value<B, T>) -> Value<B, T> {
    let sign = b.constant(sign::<T>());
    b.xor(value, sign)
}

/// LOAD POSITIVE, LOAD NEGATIVE and LOAD COMPLEMENT without a condition code.
#[inline(always)]
pub fn load_changed<B: Builder>(
    b: &mut B,
    change: fn(&mut B, Value<B, u64>) -> Value<B, u64>,
    r1: u8,
    r2: u8,
) -> Done<B> {
    let value = b.fpr(r2);
    let value = change(b, value);
    b.set_fpr(r1, value);
    Ok(())
}

/// COPY SIGN: the number of the second operand with the sign of the third.
#[inline(always)]
pub fn copy_sign<B: Builder>(b: &mut B, r1: u8, r3: u8, r2: u8) -> Done<B> {
    let (number, from) = (b.fpr::<u64>(r2), b.fpr::<u64>(r3));
    let number = positive(b, number);
    let sign = b.constant(sign::<u64>());
    let sign = b.and(from, sign);
    let value = b.or(number, sign);
    b.set_fpr(r1, value);
    Ok(())
}
