//! And, or, exclusive or; tests under mask; inserting parts of a register.

use super::Source;
use crate::{Builder, Done, Helper, Place, Value, Width};

/// A bitwise operation.
pub type Bitwise<B, T> = fn(&mut B, Value<B, T>, Value<B, T>) -> Value<B, T>;

/// AND, OR, EXCLUSIVE OR: register `r1` becomes register `r2` with the
/// operand.
#[inline(always)]
pub fn combine<B: Builder, T: Width>(
    b: &mut B,
    operation: Bitwise<B, T>,
    r1: u8,
    r2: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r2);
    let result = operation(b, x, y);
    b.set_gr(r1, result);
    b.set_cc_not_zero(result);
    Ok(())
}

/// The immediate forms that touch `T` at `shift` bits from the right of the
/// register and set the condition code from that part alone.
#[inline(always)]
pub fn combine_part<B: Builder, T: Width>(
    b: &mut B,
    operation: Bitwise<B, T>,
    r1: u8,
    shift: u64,
    immediate: u64,
) -> Done<B> {
    let x = part(b, r1, shift);
    let y = b.constant(immediate);
    let result = operation(b, x, y);
    set_part(b, r1, shift, result);
    b.set_cc_not_zero(result);
    Ok(())
}

/// `T` at `shift` bits from the right of a register.
#[inline(always)]
fn part<B: Builder, T: Width>(b: &mut B, r: u8, shift: u64) -> Value<B, T> {
    let whole = b.gr::<u64>(r);
    let amount = b.constant(shift);
    let shifted = b.shift_right(whole, amount);
    b.zero_extend(shifted)
}

/// Replaces `T` at `shift` bits from the right of a register.
#[inline(always)]
pub fn set_part<B: Builder, T: Width>(b: &mut B, r: u8, shift: u64, value: Value<B, T>) {
    let whole = b.gr::<u64>(r);
    let kept = b.constant(!((u64::MAX >> (64 - T::BITS)) << shift));
    let whole = b.and(whole, kept);
    let wide: Value<B, u64> = b.zero_extend(value);
    let amount = b.constant(shift);
    let wide = b.shift_left(wide, amount);
    let whole = b.or(whole, wide);
    b.set_gr(r, whole);
}

/// INSERT IMMEDIATE.
#[inline(always)]
pub fn insert_part<B: Builder, T: Width>(b: &mut B, r1: u8, shift: u64, value: u64) -> Done<B> {
    let value = b.constant::<T>(value);
    set_part(b, r1, shift, value);
    Ok(())
}

/// TEST UNDER MASK of a byte in storage.
#[inline(always)]
pub fn test_byte<B: Builder>(b: &mut B, place: impl Place, mask: u64) -> Done<B> {
    let value = place.load::<B, u8>(b)?;
    b.set_cc_mixed(value, mask);
    Ok(())
}

/// TEST UNDER MASK of a halfword of a register.
#[inline(always)]
pub fn test_part<B: Builder>(b: &mut B, r1: u8, shift: u64, mask: u64) -> Done<B> {
    let value = part::<B, u16>(b, r1, shift);
    b.set_cc_under_mask(value, mask);
    Ok(())
}

/// The storage-to-storage forms.
#[inline(always)]
pub fn storage<B: Builder>(b: &mut B, helper: Helper, o: crate::format::SsA) -> Done<B> {
    let first = o.first.location(b);
    let second = o.second.location(b);
    let length = b.constant(o.first.length);
    b.call(helper, &[first, second], &[length])?;
    Ok(())
}
