//! Binary integer arithmetic (manual, chapter 7).

use super::Source;
use crate::{Builder, Done, Value, Width};
use lowcore_arch::ProgramCode;

/// ADD: register `r1` becomes register `r2` plus the operand.
#[inline(always)]
pub fn add<B: Builder, T: Width>(b: &mut B, r1: u8, r2: u8, operand: impl Source<B, T>) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r2);
    let (sum, overflow) = b.add_signed(x, y);
    signed_result(b, r1, sum, overflow)
}

/// SUBTRACT.
#[inline(always)]
pub fn subtract<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r2: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r2);
    let (difference, overflow) = b.sub_signed(x, y);
    signed_result(b, r1, difference, overflow)
}

#[inline(always)]
fn signed_result<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    result: Value<B, T>,
    overflow: B::Bool,
) -> Done<B> {
    b.set_gr(r1, result);
    b.set_cc_sign_or_overflow(result, overflow);
    b.raise_overflow(overflow)
}

/// ADD LOGICAL.
#[inline(always)]
pub fn add_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r2: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r2);
    let (sum, carry) = b.add_carry(x, y);
    b.set_gr(r1, sum);
    b.set_cc_carry(sum, carry);
    Ok(())
}

/// SUBTRACT LOGICAL.
#[inline(always)]
pub fn subtract_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r2: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r2);
    let (difference, borrow) = b.sub_borrow(x, y);
    b.set_gr(r1, difference);
    let carry = b.not(borrow);
    b.set_cc_carry(difference, carry);
    Ok(())
}

/// ADD LOGICAL WITH CARRY.
#[inline(always)]
pub fn add_with_carry<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let carry_in = b.cc_in(0b0011);
    let (one, zero) = (b.constant(1), b.constant(0));
    let more = b.select(carry_in, one, zero);
    let (sum, first) = b.add_carry(x, y);
    let (sum, second) = b.add_carry(sum, more);
    let carry = b.either(first, second);
    b.set_gr(r1, sum);
    b.set_cc_carry(sum, carry);
    Ok(())
}

/// SUBTRACT LOGICAL WITH BORROW.
#[inline(always)]
pub fn subtract_with_borrow<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let borrow_in = b.cc_in(0b1100);
    let (one, zero) = (b.constant(1), b.constant(0));
    let less = b.select(borrow_in, one, zero);
    let (difference, first) = b.sub_borrow(x, y);
    let (difference, second) = b.sub_borrow(difference, less);
    let borrow = b.either(first, second);
    b.set_gr(r1, difference);
    let carry = b.not(borrow);
    b.set_cc_carry(difference, carry);
    Ok(())
}

/// LOAD COMPLEMENT.
#[inline(always)]
pub fn load_complement<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let x = operand.get(b)?;
    let zero = b.constant(0);
    let (result, overflow) = b.sub_signed(zero, x);
    signed_result(b, r1, result, overflow)
}

/// LOAD POSITIVE.
#[inline(always)]
pub fn load_positive<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let x = operand.get(b)?;
    let zero = b.constant(0);
    let negated = b.sub(zero, x);
    let is_negative = b.below_signed(x, zero);
    let result = b.select(is_negative, negated, x);
    // Only the greatest negative number keeps its sign.
    let overflow = b.below_signed(result, zero);
    signed_result(b, r1, result, overflow)
}

/// LOAD NEGATIVE.
#[inline(always)]
pub fn load_negative<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let x = operand.get(b)?;
    let zero = b.constant(0);
    let negated = b.sub(zero, x);
    let is_negative = b.below_signed(x, zero);
    let result = b.select(is_negative, x, negated);
    b.set_gr(r1, result);
    b.set_cc_sign(result);
    Ok(())
}

/// MULTIPLY SINGLE and its immediate and halfword forms: the low half of the
/// product.
#[inline(always)]
pub fn multiply_single<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let product = b.mul(x, y);
    b.set_gr(r1, product);
    Ok(())
}

/// Splits 64 bits over the low halves of a register pair.
#[inline(always)]
pub fn set_pair<B: Builder>(b: &mut B, r1: u8, value: Value<B, u64>) {
    let half = b.constant(32);
    let high = b.shift_right(value, half);
    let high: Value<B, u32> = b.zero_extend(high);
    let low: Value<B, u32> = b.zero_extend(value);
    b.set_gr(r1, high);
    b.set_gr(r1 + 1, low);
}

/// The low halves of a register pair as 64 bits.
#[inline(always)]
pub fn pair<B: Builder>(b: &mut B, r1: u8) -> Value<B, u64> {
    let high = b.gr::<u32>(r1);
    let high: Value<B, u64> = b.zero_extend(high);
    let low = b.gr::<u32>(r1 + 1);
    let low: Value<B, u64> = b.zero_extend(low);
    let amount = b.constant(32);
    let high = b.shift_left(high, amount);
    b.or(high, low)
}

/// MULTIPLY: 32 by 32 bits, signed, into an even-odd pair.
#[inline(always)]
pub fn multiply<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr::<u32>(r1 + 1);
    let (x, y): (Value<B, u64>, Value<B, u64>) = (b.sign_extend(x), b.sign_extend(y));
    let product = b.mul(x, y);
    set_pair(b, r1, product);
    Ok(())
}

/// MULTIPLY LOGICAL: 32 by 32 bits into an even-odd pair.
#[inline(always)]
pub fn multiply_logical<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr::<u32>(r1 + 1);
    let (x, y): (Value<B, u64>, Value<B, u64>) = (b.zero_extend(x), b.zero_extend(y));
    let product = b.mul(x, y);
    set_pair(b, r1, product);
    Ok(())
}

/// MULTIPLY LOGICAL: 64 by 64 bits into an even-odd pair.
#[inline(always)]
pub fn multiply_logical_long<B: Builder>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, u64>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1 + 1);
    let high = b.mul_high(x, y);
    let low = b.mul(x, y);
    b.set_gr(r1, high);
    b.set_gr(r1 + 1, low);
    Ok(())
}

/// Raises a fixed-point-divide exception if `divisor` is zero.
#[inline(always)]
fn not_zero<B: Builder, T: Width>(b: &mut B, divisor: Value<B, T>) -> Done<B> {
    let zero = b.constant(0);
    let is_zero = b.equal(divisor, zero);
    b.raise_if(is_zero, ProgramCode::FIXED_POINT_DIVIDE)
}

/// Raises a fixed-point-divide exception if a signed 64-bit quotient would
/// not fit.
#[inline(always)]
fn quotient_fits<B: Builder>(
    b: &mut B,
    dividend: Value<B, u64>,
    divisor: Value<B, u64>,
) -> Done<B> {
    let (least, minus_one) = (b.constant(1 << 63), b.constant(u64::MAX));
    let is_least = b.equal(dividend, least);
    let is_minus_one = b.equal(divisor, minus_one);
    let overflow = b.both(is_least, is_minus_one);
    b.raise_if(overflow, ProgramCode::FIXED_POINT_DIVIDE)
}

/// DIVIDE: 64 by 32 bits, signed; remainder and quotient in a pair.
#[inline(always)]
pub fn divide<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let divisor = operand.get(b)?;
    not_zero(b, divisor)?;
    let divisor: Value<B, u64> = b.sign_extend(divisor);
    let dividend = pair(b, r1);
    quotient_fits(b, dividend, divisor)?;
    let (quotient, remainder) = b.div_signed(dividend, divisor);
    let low: Value<B, u32> = b.zero_extend(quotient);
    let extended: Value<B, u64> = b.sign_extend(low);
    let fits = b.equal(quotient, extended);
    let overflow = b.not(fits);
    b.raise_if(overflow, ProgramCode::FIXED_POINT_DIVIDE)?;
    let remainder: Value<B, u32> = b.zero_extend(remainder);
    b.set_gr(r1, remainder);
    b.set_gr(r1 + 1, low);
    Ok(())
}

/// DIVIDE LOGICAL: 64 by 32 bits; remainder and quotient in a pair.
#[inline(always)]
pub fn divide_logical<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let divisor = operand.get(b)?;
    // A quotient that does not fit, a zero divisor included.
    let high = b.gr::<u32>(r1);
    let fits = b.below(high, divisor);
    let overflow = b.not(fits);
    b.raise_if(overflow, ProgramCode::FIXED_POINT_DIVIDE)?;
    let divisor: Value<B, u64> = b.zero_extend(divisor);
    let dividend = pair(b, r1);
    let (quotient, remainder) = b.div_unsigned(dividend, divisor);
    let (remainder, quotient): (Value<B, u32>, Value<B, u32>) =
        (b.zero_extend(remainder), b.zero_extend(quotient));
    b.set_gr(r1, remainder);
    b.set_gr(r1 + 1, quotient);
    Ok(())
}

/// DIVIDE SINGLE: 64 by 64 bits, signed; the dividend is the odd register.
#[inline(always)]
pub fn divide_single<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u64>) -> Done<B> {
    let divisor = operand.get(b)?;
    not_zero(b, divisor)?;
    let dividend = b.gr(r1 + 1);
    quotient_fits(b, dividend, divisor)?;
    let (quotient, remainder) = b.div_signed(dividend, divisor);
    b.set_gr(r1, remainder);
    b.set_gr(r1 + 1, quotient);
    Ok(())
}

/// DIVIDE LOGICAL: 128 by 64 bits.
#[inline(always)]
pub fn divide_logical_long<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u64>) -> Done<B> {
    let divisor = operand.get(b)?;
    let high = b.gr(r1);
    let fits = b.below(high, divisor);
    let overflow = b.not(fits);
    b.raise_if(overflow, ProgramCode::FIXED_POINT_DIVIDE)?;
    let low = b.gr(r1 + 1);
    let (quotient, remainder) = b.div_wide(high, low, divisor);
    b.set_gr(r1, remainder);
    b.set_gr(r1 + 1, quotient);
    Ok(())
}
