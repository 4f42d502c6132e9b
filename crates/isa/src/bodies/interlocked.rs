//! Interlocked accesses: what other CPUs see as one step.

use super::aligned;
use crate::{Builder, Done, Place, Update, Value, Width};

/// LOAD AND ADD.
#[inline(always)]
pub fn load_and_add<B: Builder, T: Width>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, T::BYTES)?;
    let y = b.gr::<T>(r3);
    let x = b.fetch_and_update(at, Update::Add, y)?;
    let (sum, overflow) = b.add_signed(x, y);
    b.set_gr(r1, x);
    b.set_cc_sign_or_overflow(sum, overflow);
    b.raise_overflow(overflow)
}

/// LOAD AND ADD LOGICAL.
#[inline(always)]
pub fn load_and_add_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, T::BYTES)?;
    let y = b.gr::<T>(r3);
    let x = b.fetch_and_update(at, Update::Add, y)?;
    let (sum, carry) = b.add_carry(x, y);
    b.set_gr(r1, x);
    b.set_cc_carry(sum, carry);
    Ok(())
}

/// LOAD AND AND, LOAD AND OR, LOAD AND EXCLUSIVE OR.
#[inline(always)]
pub fn load_and_combine<B: Builder, T: Width>(
    b: &mut B,
    update: Update,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, T::BYTES)?;
    let y = b.gr::<T>(r3);
    let x = b.fetch_and_update(at, update, y)?;
    let result = update.of(b, x, y);
    b.set_gr(r1, x);
    b.set_cc_not_zero(result);
    Ok(())
}

/// ADD IMMEDIATE to storage. Interlocked where the operand is aligned.
#[inline(always)]
pub fn add_immediate<B: Builder, T: Width>(
    b: &mut B,
    place: impl Place,
    immediate: i64,
) -> Done<B> {
    let at = place.location(b);
    let y = b.constant::<T>(immediate.cast_unsigned());
    let x = b.fetch_and_update(at, Update::Add, y)?;
    let (sum, overflow) = b.add_signed(x, y);
    b.set_cc_sign_or_overflow(sum, overflow);
    b.raise_overflow(overflow)
}

/// ADD LOGICAL WITH SIGNED IMMEDIATE to storage. Interlocked where the
/// operand is aligned.
#[inline(always)]
pub fn add_logical_immediate<B: Builder, T: Width>(
    b: &mut B,
    place: impl Place,
    immediate: i64,
) -> Done<B> {
    let at = place.location(b);
    let y = b.constant::<T>(immediate.cast_unsigned());
    let x = b.fetch_and_update(at, Update::Add, y)?;
    let (sum, carry) = b.add_carry(x, y);
    b.set_cc_carry(sum, carry);
    Ok(())
}

/// AND, OR, EXCLUSIVE OR of an immediate to a byte in storage.
#[inline(always)]
pub fn combine_immediate<B: Builder>(
    b: &mut B,
    update: Update,
    place: impl Place,
    immediate: u64,
) -> Done<B> {
    let at = place.location(b);
    let y = b.constant::<u8>(immediate);
    let x = b.fetch_and_update(at, update, y)?;
    let result = update.of(b, x, y);
    b.set_cc_not_zero(result);
    Ok(())
}

/// TEST AND SET: all ones into a byte, its old leftmost bit into the
/// condition code.
#[inline(always)]
pub fn test_and_set<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let at = place.location(b);
    let ones = b.constant::<u8>(0xff);
    let old = b.fetch_and_update(at, Update::Or, ones)?;
    let seven = b.constant(7);
    let bit = b.shift_right(old, seven);
    let cc = b.zero_extend(bit);
    b.set_cc(cc);
    Ok(())
}

/// LOAD PAIR DISJOINT. Both operands are fetched twice; if neither changed,
/// the pair of the first fetches counts as fetched in one step.
#[inline(always)]
pub fn load_pair_disjoint<B: Builder, T: Width>(
    b: &mut B,
    r3: u8,
    first: impl Place,
    second: impl Place,
) -> Done<B> {
    let first = first.location(b);
    let second = second.location(b);
    aligned(b, first, T::BYTES)?;
    aligned(b, second, T::BYTES)?;
    let even = b.load::<T>(first)?;
    let odd = b.load::<T>(second)?;
    let even_again = b.load::<T>(first)?;
    let odd_again = b.load::<T>(second)?;
    b.set_gr(r3, even);
    b.set_gr(r3 + 1, odd);
    let (same_even, same_odd) = (b.equal(even, even_again), b.equal(odd, odd_again));
    let same = b.both(same_even, same_odd);
    let (interlocked, not) = (b.constant(0), b.constant(3));
    let cc: Value<B, u64> = b.select(same, interlocked, not);
    b.set_cc(cc);
    Ok(())
}

/// LOAD PAIR FROM QUADWORD.
#[inline(always)]
pub fn load_quadword<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 16)?;
    let [even, odd] = b.load_quadword(at)?;
    b.set_gr(r1, even);
    b.set_gr(r1 + 1, odd);
    Ok(())
}

/// STORE PAIR TO QUADWORD.
#[inline(always)]
pub fn store_quadword<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 16)?;
    let pair = [b.gr(r1), b.gr(r1 + 1)];
    b.store_quadword(at, pair)
}
