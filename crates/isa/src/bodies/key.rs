//! Storage keys (manual, chapter 10). All the work is in routines: what they
//! touch is neither in registers nor in a storage operand.

use crate::{Builder, Done, Helper, KeyHelper, Location, Value};

/// A general register as a bit.
const fn bit(r: u8) -> u16 {
    1 << r
}

/// INSERT STORAGE KEY EXTENDED: into bits 56-62, a zero after it.
#[inline(always)]
pub fn insert<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let address = b.gr(r2);
    let key = b.call(Helper::Key(KeyHelper::Insert), &[], &[address])?;
    let key: Value<B, u8> = b.zero_extend(key);
    b.set_gr(r1, key);
    Ok(())
}

/// INSERT VIRTUAL STORAGE KEY: into bits 56-60, zeros after it.
#[inline(always)]
pub fn insert_virtual<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let at = Location { address: b.gr(r2), base: r2 };
    let key = b.call(Helper::Key(KeyHelper::InsertVirtual), &[at], &[])?;
    let key: Value<B, u8> = b.zero_extend(key);
    b.set_gr(r1, key);
    Ok(())
}

/// SET STORAGE KEY EXTENDED.
#[inline(always)]
pub fn set<B: Builder>(b: &mut B, r1: u8, r2: u8, m3: u8) -> Done<B> {
    const CONDITIONAL: u8 = 0b0110;
    const MULTIPLE: u8 = 0b0001;
    let first = if m3 & CONDITIONAL != 0 { bit(r1) } else { 0 };
    let second = if m3 & MULTIPLE != 0 { bit(r2) } else { 0 };
    with_registers(b, KeyHelper::Set, &[r1, r2, m3], bit(r1) | bit(r2), first | second)
}

/// RESET REFERENCE BIT EXTENDED.
#[inline(always)]
pub fn reset_reference<B: Builder>(b: &mut B, r2: u8) -> Done<B> {
    with_address(b, KeyHelper::ResetReference, r2)
}

/// RESET REFERENCE BITS MULTIPLE.
#[inline(always)]
pub fn reset_references<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    with_registers(b, KeyHelper::ResetReferences, &[r1, r2], bit(r2), bit(r1))
}

/// PERFORM FRAME MANAGEMENT FUNCTION.
#[inline(always)]
pub fn manage_frame<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    with_registers(b, KeyHelper::ManageFrame, &[r1, r2], bit(r1) | bit(r2), bit(r2))
}

/// TEST BLOCK.
#[inline(always)]
pub fn test_block<B: Builder>(b: &mut B, r2: u8) -> Done<B> {
    b.uses(0, bit(0));
    with_address(b, KeyHelper::TestBlock, r2)
}

/// Hands an address in a register to a routine.
#[inline(always)]
fn with_address<B: Builder>(b: &mut B, helper: KeyHelper, r2: u8) -> Done<B> {
    let address = b.gr(r2);
    b.call(Helper::Key(helper), &[], &[address])?;
    Ok(())
}

/// Hands fields of the instruction to a routine.
#[inline(always)]
fn with_registers<B: Builder>(
    b: &mut B,
    helper: KeyHelper,
    fields: &[u8],
    reads: u16,
    writes: u16,
) -> Done<B> {
    let mut arguments = [b.constant(0); 3];
    for (argument, field) in arguments.iter_mut().zip(fields) {
        *argument = b.constant(u64::from(*field));
    }
    b.uses(reads, writes);
    b.call(Helper::Key(helper), &[], &arguments)?;
    Ok(())
}
