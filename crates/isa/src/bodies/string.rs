//! Long operations on storage: the routines do them.

use crate::operand::{Based, Long};
use crate::{Builder, Done, Helper, Location, Place, StringHelper, Value};

/// Bit `r` and the next, of a register pair.
const fn pair(r: u8) -> u16 {
    0b11 << r
}

const fn one(r: u8) -> u16 {
    1 << r
}

#[inline(always)]
fn call<B: Builder>(
    b: &mut B,
    helper: StringHelper,
    at: &[Location<B>],
    arguments: &[Value<B, u64>],
) -> Done<B> {
    b.call(Helper::String(helper), at, arguments)?;
    Ok(())
}

/// Calls a routine with two register numbers and a mask.
#[inline(always)]
fn registers<B: Builder>(b: &mut B, helper: StringHelper, r1: u8, r2: u8, mask: u8) -> Done<B> {
    let arguments = [b.constant(r1.into()), b.constant(r2.into()), b.constant(mask.into())];
    call(b, helper, &[], &arguments)
}

/// Two storage operands of one length.
#[inline(always)]
pub fn storage<B: Builder>(b: &mut B, helper: StringHelper, first: Long, second: Based) -> Done<B> {
    let at = [first.location(b), second.location(b)];
    let length = b.constant(first.length);
    call(b, helper, &at, &[length])
}

/// TRANSLATE AND TEST and its reverse form: the results are in registers 1
/// and 2.
#[inline(always)]
pub fn translate_and_test<B: Builder>(
    b: &mut B,
    helper: StringHelper,
    first: Long,
    second: Based,
) -> Done<B> {
    b.uses(one(1) | one(2), one(1) | one(2));
    storage(b, helper, first, second)
}

/// Two operands given by register pairs, padding in the second pair.
#[inline(always)]
pub fn pairs<B: Builder>(b: &mut B, helper: StringHelper, r1: u8, r2: u8) -> Done<B> {
    b.uses(pair(r1) | pair(r2), pair(r1) | pair(r2));
    registers(b, helper, r1, r2, 0)
}

/// The same with the padding as an address.
#[inline(always)]
pub fn pairs_and_padding<B: Builder>(
    b: &mut B,
    helper: StringHelper,
    r1: u8,
    r3: u8,
    padding: impl Place,
) -> Done<B> {
    b.uses(pair(r1) | pair(r3), pair(r1) | pair(r3));
    let padding = padding.address(b);
    let arguments = [b.constant(r1.into()), b.constant(r3.into()), padding];
    call(b, helper, &[], &arguments)
}

/// Two strings that end at the byte in register 0.
#[inline(always)]
pub fn strings<B: Builder>(b: &mut B, helper: StringHelper, r1: u8, r2: u8) -> Done<B> {
    let both = one(r1) | one(r2);
    b.uses(both | one(0), both);
    registers(b, helper, r1, r2, 0)
}

/// COMPARE UNTIL SUBSTRING EQUAL.
#[inline(always)]
pub fn until_equal<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let both = pair(r1) | pair(r2);
    b.uses(both | one(0) | one(1), both);
    registers(b, StringHelper::CompareUntilEqual, r1, r2, 0)
}

/// CHECKSUM.
#[inline(always)]
pub fn checksum<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let both = one(r1) | pair(r2);
    b.uses(both, both);
    registers(b, StringHelper::Checksum, r1, r2, 0)
}

/// TRANSLATE EXTENDED.
#[inline(always)]
pub fn translate_extended<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    b.uses(pair(r1) | one(r2) | one(0), pair(r1));
    registers(b, StringHelper::TranslateExtended, r1, r2, 0)
}

/// TRANSLATE ONE TO ONE and its kin, TRANSLATE AND TEST EXTENDED: registers 0
/// and 1 have a character and the address of a table.
#[inline(always)]
pub fn translate_by_table<B: Builder>(
    b: &mut B,
    helper: StringHelper,
    r1: u8,
    r2: u8,
    mask: u8,
) -> Done<B> {
    let both = pair(r1) | one(r2);
    b.uses(both | one(0) | one(1), both);
    registers(b, helper, r1, r2, mask)
}

/// MOVE PAGE.
#[inline(always)]
pub fn move_page<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    b.uses(one(r1) | one(r2) | one(0), 0);
    registers(b, StringHelper::MovePage, r1, r2, 0)
}

/// PERFORM LOCKED OPERATION.
#[inline(always)]
pub fn perform_locked<B: Builder>(
    b: &mut B,
    r1: u8,
    second: Based,
    r3: u8,
    fourth: Based,
) -> Done<B> {
    // Which registers it uses depends on register 0.
    let next = |r: u8| one(r) | one((r + 1) & 15);
    let both = next(r1) | next(r3);
    b.uses(both | one(0) | one(1), both);
    let at = [second.location(b), fourth.location(b)];
    let arguments = [b.constant(r1.into()), b.constant(r3.into())];
    call(b, StringHelper::PerformLocked, &at, &arguments)
}

/// COMPARE AND SWAP AND STORE.
#[inline(always)]
pub fn compare_swap_and_store<B: Builder>(
    b: &mut B,
    first: Based,
    second: Based,
    r3: u8,
) -> Done<B> {
    let both = one(r3) | one((r3 + 1) & 15);
    b.uses(both | one(0) | one(1), both);
    let at = [first.location(b), second.location(b)];
    let register = b.constant(r3.into());
    call(b, StringHelper::CompareSwapAndStore, &at, &[register])
}

/// COMPARE AND FORM CODEWORD.
#[inline(always)]
pub fn form_codeword<B: Builder>(b: &mut B, limit: impl Place) -> Done<B> {
    const USED: u16 = 0b1110;
    b.uses(USED, USED);
    let limit = limit.address(b);
    call(b, StringHelper::FormCodeword, &[], &[limit])
}

/// UPDATE TREE.
#[inline(always)]
pub fn update_tree<B: Builder>(b: &mut B) -> Done<B> {
    b.uses(0b11_0011, 0b10_1111);
    call(b, StringHelper::UpdateTree, &[], &[])
}

/// COMPRESSION CALL: register 0 has controls, register 1 the dictionary's
/// address and a bit number.
#[inline(always)]
pub fn compression<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let both = pair(r1) | pair(r2) | one(1);
    b.uses(both | one(0), both);
    registers(b, StringHelper::Compression, r1, r2, 0)
}
