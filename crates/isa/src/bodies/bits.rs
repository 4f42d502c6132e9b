//! Rotated and selected bits, the leftmost one, counts of ones.

use crate::{Builder, Done, Value, Width};

/// The bits of a `width`-bit number from `start` to `end`, both counted from
/// its left; around its right end if `end` is before `start`.
const fn selection(width: u32, start: u64, end: u64) -> u64 {
    let ones = u64::MAX >> (64 - width);
    let last = width as u64 - 1;
    let (start, end) = (start & last, end & last);
    // From `start` to the right end; from the left end to `end`.
    let right = ones >> start;
    let left = ones & ones << (last - end);
    if start <= end { right & left } else { right | left }
}

/// Bit 0 of an immediate byte: the remaining bits become zero, or only the
/// condition code is set.
const FLAG: u64 = 0x80;

/// Register `r2` rotated left by the low six bits of an immediate byte.
#[inline(always)]
fn rotated<B: Builder>(b: &mut B, r2: u8, amount: u64) -> Value<B, u64> {
    let value = b.gr(r2);
    let amount = b.constant(amount & 63);
    b.rotate_left(value, amount)
}

/// `new` where `mask` has ones, elsewhere what `old` gives, or zeros.
#[inline(always)]
fn insert<B: Builder, T: Width>(
    b: &mut B,
    new: Value<B, T>,
    mask: u64,
    zero_remaining: bool,
    old: impl FnOnce(&mut B) -> Value<B, T>,
) -> Value<B, T> {
    let selected = b.constant(mask);
    let new = b.and(new, selected);
    if zero_remaining {
        return new;
    }
    let old = old(b);
    let remaining = b.constant(!mask);
    let old = b.and(old, remaining);
    b.or(old, new)
}

/// ROTATE THEN INSERT SELECTED BITS, with the condition code or without.
#[inline(always)]
pub fn insert_selected<B: Builder>(b: &mut B, o: crate::format::RieF, sets_cc: bool) -> Done<B> {
    let new = rotated(b, o.r2, o.i5);
    let mask = selection(64, o.i3, o.i4);
    let result = insert(b, new, mask, o.i4 & FLAG != 0, |b| b.gr(o.r1));
    b.set_gr(o.r1, result);
    if sets_cc {
        b.set_cc_sign(result);
    }
    Ok(())
}

/// ROTATE THEN INSERT SELECTED BITS HIGH.
#[inline(always)]
pub fn insert_selected_high<B: Builder>(b: &mut B, o: crate::format::RieF) -> Done<B> {
    let new = rotated(b, o.r2, o.i5);
    let half = b.constant(32);
    let new = b.shift_right(new, half);
    let new: Value<B, u32> = b.zero_extend(new);
    let mask = selection(32, o.i3, o.i4);
    let result = insert(b, new, mask, o.i4 & FLAG != 0, |b| b.gr_high(o.r1));
    b.set_gr_high(o.r1, result);
    Ok(())
}

/// ROTATE THEN INSERT SELECTED BITS LOW.
#[inline(always)]
pub fn insert_selected_low<B: Builder>(b: &mut B, o: crate::format::RieF) -> Done<B> {
    let new = rotated(b, o.r2, o.i5);
    let new: Value<B, u32> = b.zero_extend(new);
    let mask = selection(32, o.i3, o.i4);
    let result = insert(b, new, mask, o.i4 & FLAG != 0, |b| b.gr(o.r1));
    b.set_gr(o.r1, result);
    Ok(())
}

/// ROTATE THEN AND, OR, EXCLUSIVE OR SELECTED BITS. The condition code tells
/// of the selected bits alone. With bits of `neutral` the operation leaves the
/// others as they are.
#[inline(always)]
pub fn combine_selected<B: Builder>(
    b: &mut B,
    operation: super::logic::Bitwise<B, u64>,
    neutral: u64,
    o: crate::format::RieF,
) -> Done<B> {
    let rotated = rotated(b, o.r2, o.i5);
    let old = b.gr(o.r1);
    let mask = selection(64, o.i3, o.i4);
    let (selected, remaining) = (b.constant(mask), b.constant(neutral & !mask));
    let operand = b.and(rotated, selected);
    let operand = b.or(operand, remaining);
    let result = operation(b, old, operand);
    if o.i3 & FLAG == 0 {
        b.set_gr(o.r1, result);
    }
    let combined = b.and(result, selected);
    b.set_cc_not_zero(combined);
    Ok(())
}

/// FIND LEFTMOST ONE: its position into `r1`, the number without it into the
/// next register.
#[inline(always)]
pub fn find_leftmost_one<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let value = b.gr::<u64>(r2);
    let position = b.leading_zeros(value);
    // For zero the amount is 64, which shifts nothing: still no bit goes.
    let first = b.constant(1 << 63);
    let one = b.shift_right(first, position);
    let both = b.and(value, one);
    let rest = b.sub(value, both);
    b.set_gr(r1, position);
    b.set_gr(r1 + 1, rest);
    let zero = b.constant(0);
    let is_zero = b.equal(value, zero);
    let (none, found) = (b.constant(0), b.constant(2));
    let cc = b.select(is_zero, none, found);
    b.set_cc(cc);
    Ok(())
}

/// Adds neighbouring groups of `size` bits; `mask` selects every other group.
#[inline(always)]
fn add_neighbours<B: Builder>(
    b: &mut B,
    value: Value<B, u64>,
    size: u64,
    mask: u64,
) -> Value<B, u64> {
    let (amount, mask) = (b.constant(size), b.constant(mask));
    let odd = b.shift_right(value, amount);
    let odd = b.and(odd, mask);
    let even = b.and(value, mask);
    b.add(odd, even)
}

/// POPULATION COUNT: of each byte.
#[inline(always)]
pub fn population_count<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let value = b.gr::<u64>(r2);
    let value = add_neighbours(b, value, 1, 0x5555_5555_5555_5555);
    let value = add_neighbours(b, value, 2, 0x3333_3333_3333_3333);
    let value = add_neighbours(b, value, 4, 0x0f0f_0f0f_0f0f_0f0f);
    b.set_gr(r1, value);
    b.set_cc_not_zero(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::selection;

    #[test]
    fn selections_may_go_around_the_right_end() {
        assert_eq!(selection(64, 0, 63), u64::MAX);
        assert_eq!(selection(64, 48, 55), 0xff00);
        assert_eq!(selection(64, 60, 3), 0xf000_0000_0000_000f);
        assert_eq!(selection(64, 5, 4), u64::MAX);
        assert_eq!(selection(64, 63, 63), 1);
        assert_eq!(selection(32, 0, 31), 0xffff_ffff);
        assert_eq!(selection(32, 24, 7), 0xff00_00ff);
        assert_eq!(selection(32, 0x98, 0x27), 0xff00_00ff, "only five bits count");
    }
}
