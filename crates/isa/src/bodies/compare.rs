//! Comparisons, with the condition code or a branch as the outcome.

use super::Source;
use crate::{Builder, Done, Place, Value, Width};

/// COMPARE: signed.
#[inline(always)]
pub fn signed<B: Builder, T: Width>(
    b: &mut B,
    first: impl Source<B, T>,
    second: impl Source<B, T>,
) -> Done<B> {
    let x = first.get(b)?;
    let y = second.get(b)?;
    b.set_cc_compare_signed(x, y);
    Ok(())
}

/// COMPARE LOGICAL.
#[inline(always)]
pub fn logical<B: Builder, T: Width>(
    b: &mut B,
    first: impl Source<B, T>,
    second: impl Source<B, T>,
) -> Done<B> {
    let x = first.get(b)?;
    let y = second.get(b)?;
    b.set_cc_compare(x, y);
    Ok(())
}

/// LOAD AND TEST.
#[inline(always)]
pub fn load_and_test<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let value = operand.get(b)?;
    b.set_gr(r1, value);
    b.set_cc_sign(value);
    Ok(())
}

/// Whether a comparison has one of the outcomes that a mask selects: 8 equal,
/// 4 first low, 2 first high.
#[inline(always)]
fn outcome<B: Builder>(b: &mut B, mask: u8, equal: B::Bool, low: B::Bool) -> B::Bool {
    match mask & 0b1110 {
        0b0000 => b.constant_bool(false),
        0b1000 => equal,
        0b0100 => low,
        0b1100 => b.either(equal, low),
        0b0010 => {
            let not_high = b.either(equal, low);
            b.not(not_high)
        }
        0b1010 => b.not(low),
        0b0110 => b.not(equal),
        _ => b.constant_bool(true),
    }
}

/// Whether a signed comparison has an outcome that a mask selects.
#[inline(always)]
pub(super) fn signed_outcome<B: Builder, T: Width>(
    b: &mut B,
    mask: u8,
    x: Value<B, T>,
    y: Value<B, T>,
) -> B::Bool {
    let equal = b.equal(x, y);
    let low = b.below_signed(x, y);
    outcome(b, mask, equal, low)
}

/// Whether an unsigned comparison has an outcome that a mask selects.
#[inline(always)]
pub(super) fn logical_outcome<B: Builder, T: Width>(
    b: &mut B,
    mask: u8,
    x: Value<B, T>,
    y: Value<B, T>,
) -> B::Bool {
    let equal = b.equal(x, y);
    let low = b.below(x, y);
    outcome(b, mask, equal, low)
}

/// COMPARE AND BRANCH RELATIVE.
#[inline(always)]
pub fn branch_signed<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
    mask: u8,
    to: i64,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let condition = signed_outcome(b, mask, x, y);
    b.branch_relative_if(condition, to);
    Ok(())
}

/// COMPARE LOGICAL AND BRANCH RELATIVE.
#[inline(always)]
pub fn branch_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
    mask: u8,
    to: i64,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let condition = logical_outcome(b, mask, x, y);
    b.branch_relative_if(condition, to);
    Ok(())
}

/// The bytes of a 32-bit value that a mask selects, moved together to the
/// right, and their number.
#[inline(always)]
pub fn selected_bytes<B: Builder>(
    b: &mut B,
    value: Value<B, u32>,
    mask: u8,
) -> (Value<B, u32>, u8) {
    let mut result = b.constant::<u32>(0);
    let mut count = 0;
    let (eight, byte_mask) = (b.constant(8), b.constant(0xff));
    for byte in 0..4u8 {
        if mask & (8 >> byte) != 0 {
            let amount = b.constant(u64::from(8 * (3 - byte)));
            let part = b.shift_right(value, amount);
            let part = b.and(part, byte_mask);
            result = b.shift_left(result, eight);
            result = b.or(result, part);
            count += 1;
        }
    }
    (result, count)
}

/// COMPARE LOGICAL CHARACTERS UNDER MASK, of a word of a register.
#[inline(always)]
pub fn under_mask<B: Builder>(
    b: &mut B,
    word: Value<B, u32>,
    mask: u8,
    place: impl Place,
) -> Done<B> {
    let (x, count) = selected_bytes(b, word, mask);
    let y = super::transfer::load_bytes(b, place, count)?;
    b.set_cc_compare(x, y);
    Ok(())
}
