//! Loads of hexadecimal numbers (manual, chapter 18): a sign, a
//! characteristic of seven bits, and a fraction.

use super::sign;
use crate::bodies::Source;
use crate::{Builder, Done, Value, Width};

/// The bits of the fraction.
const fn fraction<T: Width>() -> u64 {
    u64::MAX >> (64 - T::BITS + 8)
}

/// LOAD AND TEST, LOAD COMPLEMENT, LOAD NEGATIVE and LOAD POSITIVE: condition
/// code 0 for a zero fraction, else 1 negative and 2 positive.
#[inline(always)]
pub fn load_changed<B: Builder, T: Width>(
    b: &mut B,
    change: impl FnOnce(&mut B, Value<B, T>) -> Value<B, T>,
    r1: u8,
    r2: u8,
) -> Done<B> {
    let value = b.fpr(r2);
    let value = change(b, value);
    let bits = b.constant(fraction::<T>());
    let bits = b.and(value, bits);
    let zero = b.constant(0);
    let is_zero = b.equal(bits, zero);
    let sign = b.constant(sign::<T>());
    // The sign and whether there is a fraction, as a signed number.
    let sign = b.and(value, sign);
    let one = b.constant(1);
    let signed = b.or(sign, one);
    let signed = b.select(is_zero, zero, signed);
    b.set_fpr(r1, value);
    b.set_cc_sign(signed);
    Ok(())
}

/// LOAD LENGTHENED from short to long.
#[inline(always)]
pub fn lengthen<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let short = operand.get(b)?;
    let value: Value<B, u64> = b.zero_extend(short);
    let amount = b.constant(32);
    let value = b.shift_left(value, amount);
    b.set_fpr(r1, value);
    Ok(())
}
