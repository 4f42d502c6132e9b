//! Branches (manual, chapter 7), EXECUTE and changes of the addressing mode.

use crate::{Builder, Done, Helper, Link, Place, Value, Width};
use lowcore_arch::ProgramCode;

/// BRANCH ON CONDITION to an address.
#[inline(always)]
pub fn on_condition<B: Builder>(b: &mut B, mask: u8, place: impl Place) -> Done<B> {
    let target = place.address(b);
    let condition = b.cc_in(mask);
    b.branch_if(condition, target);
    Ok(())
}

/// BRANCH ON CONDITION to the address in a register; register 0 means no
/// branch, but with the masks 15 and 14 serialization.
#[inline(always)]
pub fn on_condition_register<B: Builder>(b: &mut B, mask: u8, r2: u8) -> Done<B> {
    if r2 != 0 {
        let target = b.gr(r2);
        let condition = b.cc_in(mask);
        b.branch_if(condition, target);
    } else if mask >= 14 {
        b.serialize();
    }
    Ok(())
}

/// BRANCH RELATIVE ON CONDITION.
#[inline(always)]
pub fn relative_on_condition<B: Builder>(b: &mut B, mask: u8, to: i64) -> Done<B> {
    let condition = b.cc_in(mask);
    b.branch_relative_if(condition, to);
    Ok(())
}

/// BRANCH AND LINK, BRANCH AND SAVE to an address.
#[inline(always)]
pub fn and_link<B: Builder>(b: &mut B, r1: u8, place: impl Place, form: Link) -> Done<B> {
    let target = place.address(b);
    b.link(r1, form);
    let always = b.constant_bool(true);
    b.branch_if(always, target);
    Ok(())
}

/// BRANCH AND LINK, BRANCH AND SAVE to the address in a register; register 0
/// means that only the link is made.
#[inline(always)]
pub fn and_link_register<B: Builder>(b: &mut B, r1: u8, r2: u8, form: Link) -> Done<B> {
    let target = b.gr(r2);
    b.link(r1, form);
    if r2 != 0 {
        let always = b.constant_bool(true);
        b.branch_if(always, target);
    }
    Ok(())
}

/// BRANCH RELATIVE AND SAVE.
#[inline(always)]
pub fn relative_and_save<B: Builder>(b: &mut B, r1: u8, to: i64) -> Done<B> {
    b.link(r1, Link::Save);
    let always = b.constant_bool(true);
    b.branch_relative_if(always, to);
    Ok(())
}

/// BRANCH AND SAVE AND SET MODE.
#[inline(always)]
pub fn and_save_and_set_mode<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let target = b.gr(r2);
    b.link(r1, Link::SaveMode);
    if r2 != 0 {
        b.call(Helper::BranchAndSetMode, &[], &[target])?;
    }
    Ok(())
}

/// BRANCH AND SET MODE: inserts the present mode into `r1`, if that is not
/// register 0, and takes the new one from `r2`.
#[inline(always)]
pub fn and_set_mode<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let target = b.gr(r2);
    if r1 != 0 {
        let mode = b.psw_mask();
        let old = b.gr::<u64>(r1);
        let (is_64_bit, keep_basic, basic) =
            (b.constant(1 << 32), b.constant(!(1 << 31)), b.constant(1 << 31));
        let extended = b.and(mode, is_64_bit);
        let is_long = b.equal(extended, is_64_bit);
        let one = b.constant(1);
        let long = b.or(old, one);
        let kept = b.and(old, keep_basic);
        let basic = b.and(mode, basic);
        let short = b.or(kept, basic);
        let value = b.select(is_long, long, short);
        b.set_gr(r1, value);
    }
    if r2 != 0 {
        b.call(Helper::BranchAndSetMode, &[], &[target])?;
    }
    Ok(())
}

/// Counts a register down and says whether it is not zero now.
#[inline(always)]
fn count_down<B: Builder, T: Width>(b: &mut B, r1: u8) -> B::Bool {
    let old = b.gr::<T>(r1);
    let (one, zero) = (b.constant(1), b.constant(0));
    let new = b.sub(old, one);
    b.set_gr(r1, new);
    let is_zero = b.equal(new, zero);
    b.not(is_zero)
}

/// BRANCH ON COUNT.
#[inline(always)]
pub fn on_count<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let target = place.address(b);
    let again = count_down::<B, T>(b, r1);
    b.branch_if(again, target);
    Ok(())
}

/// BRANCH ON COUNT to the address in a register; register 0 means that it
/// only counts.
#[inline(always)]
pub fn on_count_register<B: Builder, T: Width>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let target = b.gr(r2);
    let again = count_down::<B, T>(b, r1);
    if r2 != 0 {
        b.branch_if(again, target);
    }
    Ok(())
}

/// BRANCH RELATIVE ON COUNT.
#[inline(always)]
pub fn relative_on_count<B: Builder, T: Width>(b: &mut B, r1: u8, to: i64) -> Done<B> {
    let again = count_down::<B, T>(b, r1);
    b.branch_relative_if(again, to);
    Ok(())
}

/// Adds the increment in `r3` to `r1` and says whether the sum is above the
/// comparand, which is in the odd register of the pair that `r3` belongs to.
#[inline(always)]
fn step<B: Builder, T: Width>(b: &mut B, r1: u8, r3: u8) -> B::Bool {
    let comparand = b.gr::<T>(r3 | 1);
    let increment = b.gr::<T>(r3);
    let old = b.gr::<T>(r1);
    let sum: Value<B, T> = b.add(old, increment);
    b.set_gr(r1, sum);
    b.below_signed(comparand, sum)
}

/// BRANCH ON INDEX HIGH (`high`) or LOW OR EQUAL.
#[inline(always)]
pub fn on_index<B: Builder, T: Width>(
    b: &mut B,
    high: bool,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let target = place.address(b);
    let is_high = step::<B, T>(b, r1, r3);
    let condition = if high { is_high } else { b.not(is_high) };
    b.branch_if(condition, target);
    Ok(())
}

/// BRANCH RELATIVE ON INDEX HIGH (`high`) or LOW OR EQUAL.
#[inline(always)]
pub fn relative_on_index<B: Builder, T: Width>(
    b: &mut B,
    high: bool,
    r1: u8,
    r3: u8,
    to: i64,
) -> Done<B> {
    let is_high = step::<B, T>(b, r1, r3);
    let condition = if high { is_high } else { b.not(is_high) };
    b.branch_relative_if(condition, to);
    Ok(())
}

/// EXECUTE: the second byte of the target is ORed with the low byte of `r1`,
/// unless that is register 0.
#[inline(always)]
pub fn execute<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    let (one, zero) = (b.constant(1), b.constant(0));
    let odd = b.and(at.address, one);
    let is_even = b.equal(odd, zero);
    let is_odd = b.not(is_even);
    b.raise_if(is_odd, ProgramCode::SPECIFICATION)?;
    let bits = if r1 == 0 {
        b.constant(0)
    } else {
        let byte = b.gr::<u8>(r1);
        b.zero_extend(byte)
    };
    b.call(Helper::Execute, &[at], &[bits])?;
    Ok(())
}
