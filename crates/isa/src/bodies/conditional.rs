//! Loads and stores on condition, compare and branch to an address, compare
//! and trap, load and trap.

use super::Source;
use super::compare::{logical_outcome, signed_outcome};
use crate::{Builder, Done, Place, Value, Width};

/// LOAD ON CONDITION of a register.
#[inline(always)]
pub fn load_register<B: Builder, T: Width>(b: &mut B, r1: u8, r2: u8, mask: u8) -> Done<B> {
    let condition = b.cc_in(mask);
    let (new, old) = (b.gr::<T>(r2), b.gr(r1));
    let value = b.select(condition, new, old);
    b.set_gr(r1, value);
    Ok(())
}

/// LOAD ON CONDITION. Storage is not accessed without the condition.
#[inline(always)]
pub fn load<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place, mask: u8) -> Done<B> {
    let at = place.location(b);
    let condition = b.cc_in(mask);
    b.when(condition, |b| {
        let value = b.load::<T>(at)?;
        b.set_gr(r1, value);
        Ok(())
    })
}

/// STORE ON CONDITION. Storage is not accessed without the condition.
#[inline(always)]
pub fn store<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place, mask: u8) -> Done<B> {
    let at = place.location(b);
    let condition = b.cc_in(mask);
    let value = b.gr::<T>(r1);
    b.when(condition, |b| b.store(at, value))
}

/// COMPARE AND BRANCH.
#[inline(always)]
pub fn branch_signed<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
    mask: u8,
    place: impl Place,
) -> Done<B> {
    let target = place.address(b);
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let condition = signed_outcome(b, mask, x, y);
    b.branch_if(condition, target);
    Ok(())
}

/// COMPARE LOGICAL AND BRANCH.
#[inline(always)]
pub fn branch_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
    mask: u8,
    place: impl Place,
) -> Done<B> {
    let target = place.address(b);
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let condition = logical_outcome(b, mask, x, y);
    b.branch_if(condition, target);
    Ok(())
}

/// The data-exception code of the instructions that trap.
const TRAP: u8 = 0xff;

/// COMPARE AND TRAP.
#[inline(always)]
pub fn trap_signed<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
    mask: u8,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let condition = signed_outcome(b, mask, x, y);
    b.raise_data_if(condition, TRAP)
}

/// COMPARE LOGICAL AND TRAP.
#[inline(always)]
pub fn trap_logical<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
    mask: u8,
) -> Done<B> {
    let y = operand.get(b)?;
    let x = b.gr(r1);
    let condition = logical_outcome(b, mask, x, y);
    b.raise_data_if(condition, TRAP)
}

#[inline(always)]
fn trap_if_zero<B: Builder, T: Width>(b: &mut B, value: Value<B, T>) -> Done<B> {
    let zero = b.constant(0);
    let is_zero = b.equal(value, zero);
    b.raise_data_if(is_zero, TRAP)
}

/// LOAD AND TRAP: the zero is loaded, too.
#[inline(always)]
pub fn load_and_trap<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let value = operand.get(b)?;
    b.set_gr(r1, value);
    trap_if_zero(b, value)
}

/// LOAD HIGH AND TRAP.
#[inline(always)]
pub fn load_high_and_trap<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let value = place.load::<B, u32>(b)?;
    b.set_gr_high(r1, value);
    trap_if_zero(b, value)
}

/// LOAD LOGICAL THIRTY ONE BITS AND TRAP: by the 31 bits alone.
#[inline(always)]
pub fn load_thirty_one_and_trap<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let value = place.load_unsigned::<B, u32, u64>(b)?;
    let mask = b.constant(0x7fff_ffff);
    let value = b.and(value, mask);
    b.set_gr(r1, value);
    trap_if_zero(b, value)
}
