//! The high-word facility: bits 0-31 of a general register as a register of
//! its own.

use super::Source;
use crate::{Builder, Done, Loaded, Place, Value, Width};

/// Bits 0-31 of a general register.
pub struct High(pub u8);

impl<B: Builder> Source<B, u32> for High {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, u32> {
        Ok(b.gr_high(self.0))
    }
}

/// LOAD HIGH and its kin.
#[inline(always)]
pub fn load<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let value = operand.get(b)?;
    b.set_gr_high(r1, value);
    Ok(())
}

/// STORE HIGH and its kin: the right part of the high word.
#[inline(always)]
pub fn store<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let word = b.gr_high(r1);
    let value: Value<B, T> = b.zero_extend(word);
    place.store(b, value)
}

#[inline(always)]
fn signed_result<B: Builder>(
    b: &mut B,
    r1: u8,
    result: Value<B, u32>,
    overflow: B::Bool,
) -> Done<B> {
    b.set_gr_high(r1, result);
    b.set_cc_sign_or_overflow(result, overflow);
    b.raise_overflow(overflow)
}

/// ADD HIGH, ADD IMMEDIATE HIGH.
#[inline(always)]
pub fn add<B: Builder>(
    b: &mut B,
    r1: u8,
    first: impl Source<B, u32>,
    second: impl Source<B, u32>,
) -> Done<B> {
    let x = first.get(b)?;
    let y = second.get(b)?;
    let (sum, overflow) = b.add_signed(x, y);
    signed_result(b, r1, sum, overflow)
}

/// SUBTRACT HIGH.
#[inline(always)]
pub fn subtract<B: Builder>(
    b: &mut B,
    r1: u8,
    first: impl Source<B, u32>,
    second: impl Source<B, u32>,
) -> Done<B> {
    let x = first.get(b)?;
    let y = second.get(b)?;
    let (difference, overflow) = b.sub_signed(x, y);
    signed_result(b, r1, difference, overflow)
}

/// ADD LOGICAL HIGH, ADD LOGICAL WITH SIGNED IMMEDIATE HIGH.
#[inline(always)]
pub fn add_logical<B: Builder>(
    b: &mut B,
    r1: u8,
    first: impl Source<B, u32>,
    second: impl Source<B, u32>,
) -> Done<B> {
    let x = first.get(b)?;
    let y = second.get(b)?;
    let (sum, carry) = b.add_carry(x, y);
    b.set_gr_high(r1, sum);
    b.set_cc_carry(sum, carry);
    Ok(())
}

/// The form of ADD LOGICAL WITH SIGNED IMMEDIATE HIGH that leaves the
/// condition code alone.
#[inline(always)]
pub fn add_quietly<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let x = b.gr_high(r1);
    let y = operand.get(b)?;
    let sum = b.add(x, y);
    b.set_gr_high(r1, sum);
    Ok(())
}

/// SUBTRACT LOGICAL HIGH.
#[inline(always)]
pub fn subtract_logical<B: Builder>(
    b: &mut B,
    r1: u8,
    first: impl Source<B, u32>,
    second: impl Source<B, u32>,
) -> Done<B> {
    let x = first.get(b)?;
    let y = second.get(b)?;
    let (difference, borrow) = b.sub_borrow(x, y);
    b.set_gr_high(r1, difference);
    let carry = b.not(borrow);
    b.set_cc_carry(difference, carry);
    Ok(())
}

/// BRANCH RELATIVE ON COUNT HIGH.
#[inline(always)]
pub fn branch_on_count<B: Builder>(b: &mut B, r1: u8, to: i64) -> Done<B> {
    let old = b.gr_high(r1);
    let (one, zero) = (b.constant(1), b.constant(0));
    let new = b.sub(old, one);
    b.set_gr_high(r1, new);
    let is_zero = b.equal(new, zero);
    let again = b.not(is_zero);
    b.branch_relative_if(again, to);
    Ok(())
}
