//! Address spaces and linkage (manual, chapter 10). What they need of
//! storage, control registers and authority is in routines.

use crate::operand::{Based, RegisterLong};
use crate::{Builder, Done, Helper, Location, Place, SpaceHelper, Value, Width};

/// A general register as a bit.
const fn bit(r: u8) -> u16 {
    1 << (r & 15)
}

/// The registers from `first` to `last`, wrapping from 15 to 0.
fn range(first: u8, last: u8) -> u16 {
    (0..super::register_count(first, last)).fold(0, |set, i| set | bit(first.wrapping_add(i)))
}

/// Hands fields of the instruction to a routine, which reads and writes these
/// registers.
#[inline(always)]
fn with_fields<B: Builder>(
    b: &mut B,
    helper: SpaceHelper,
    fields: &[u8],
    reads: u16,
    writes: u16,
) -> Done<B> {
    let mut arguments = [b.constant(0); 4];
    for (argument, field) in arguments.iter_mut().zip(fields) {
        *argument = b.constant(u64::from(*field));
    }
    b.uses(reads, writes);
    b.call(Helper::Space(helper), &[], &arguments)?;
    Ok(())
}

/// Calls a routine that needs nothing.
#[inline(always)]
pub fn plain<B: Builder>(b: &mut B, helper: SpaceHelper) -> Done<B> {
    b.call(Helper::Space(helper), &[], &[])?;
    Ok(())
}

/// Hands an address to a routine as a number.
#[inline(always)]
pub fn with_address<B: Builder>(b: &mut B, helper: SpaceHelper, at: Based) -> Done<B> {
    let address = at.address(b);
    b.call(Helper::Space(helper), &[], &[address])?;
    Ok(())
}

/// Hands the contents of a register to a routine.
#[inline(always)]
pub fn with_value<B: Builder>(b: &mut B, helper: SpaceHelper, r1: u8) -> Done<B> {
    let value = b.gr(r1);
    b.call(Helper::Space(helper), &[], &[value])?;
    Ok(())
}

/// Hands the contents of two registers to a routine.
#[inline(always)]
pub fn with_values<B: Builder>(b: &mut B, helper: SpaceHelper, r1: u8, r2: u8) -> Done<B> {
    let (first, second) = (b.gr(r1), b.gr(r2));
    b.call(Helper::Space(helper), &[], &[first, second])?;
    Ok(())
}

/// Puts what a routine gives into a register or its low part.
#[inline(always)]
pub fn extract<B: Builder, T: Width>(b: &mut B, helper: SpaceHelper, r1: u8) -> Done<B> {
    let value = b.call(Helper::Space(helper), &[], &[])?;
    let value: Value<B, T> = b.zero_extend(value);
    b.set_gr(r1, value);
    Ok(())
}

/// INSERT ADDRESS SPACE CONTROL: into bits 48-55.
#[inline(always)]
pub fn insert_control<B: Builder>(b: &mut B, r1: u8) -> Done<B> {
    let control = b.call(Helper::Space(SpaceHelper::InsertSpaceControl), &[], &[])?;
    let byte: Value<B, u8> = b.zero_extend(control);
    super::logic::set_part(b, r1, 8, byte);
    Ok(())
}

/// MOVE TO PRIMARY, MOVE TO SECONDARY, MOVE WITH KEY.
#[inline(always)]
pub fn move_with_key<B: Builder>(
    b: &mut B,
    helper: SpaceHelper,
    first: RegisterLong,
    second: Based,
    r3: u8,
) -> Done<B> {
    let (to, from) = (first.location(b), second.location(b));
    let (length, key) = (b.gr(first.r), b.gr(r3));
    b.call(Helper::Space(helper), &[to, from], &[length, key])?;
    Ok(())
}

/// MOVE WITH SOURCE KEY, MOVE WITH DESTINATION KEY: length and key are in
/// registers 0 and 1.
#[inline(always)]
pub fn move_with_one_key<B: Builder>(
    b: &mut B,
    helper: SpaceHelper,
    first: Based,
    second: Based,
) -> Done<B> {
    let (to, from) = (first.location(b), second.location(b));
    let (length, key) = (b.gr(0), b.gr(1));
    b.call(Helper::Space(helper), &[to, from], &[length, key])?;
    Ok(())
}

/// MOVE WITH OPTIONAL SPECIFICATIONS: the controls are in register 0.
#[inline(always)]
pub fn move_with_specifications<B: Builder>(
    b: &mut B,
    first: Based,
    second: Based,
    r3: u8,
) -> Done<B> {
    let (to, from) = (first.location(b), second.location(b));
    let (length, controls) = (b.gr(r3), b.gr(0));
    let helper = Helper::Space(SpaceHelper::MoveWithSpecifications);
    b.call(helper, &[to, from], &[length, controls])?;
    Ok(())
}

/// LOAD REAL ADDRESS.
#[inline(always)]
pub fn load_real<B: Builder>(b: &mut B, r1: u8, at: impl Place, is_long: bool) -> Done<B> {
    let at = at.location(b);
    let (register, long) = (b.constant(u64::from(r1)), b.constant(u64::from(is_long)));
    b.uses(0, bit(r1));
    b.call(Helper::Space(SpaceHelper::LoadReal), &[at], &[register, long])?;
    Ok(())
}

/// STORE REAL ADDRESS.
#[inline(always)]
pub fn store_real<B: Builder>(b: &mut B, first: Based, second: Based) -> Done<B> {
    let to = first.location(b);
    super::aligned(b, to, 8)?;
    let from = second.location(b);
    b.call(Helper::Space(SpaceHelper::StoreReal), &[to, from], &[])?;
    Ok(())
}

/// An aligned real address in a register, which may be register 0.
#[inline(always)]
fn real_address<B: Builder, T: Width>(b: &mut B, r: u8) -> crate::Loaded<B, u64> {
    let at = Location { address: b.gr(r), base: 0 };
    let at = b.beyond(at, 0);
    super::aligned(b, at, T::BYTES)?;
    Ok(at.address)
}

/// LOAD USING REAL ADDRESS.
#[inline(always)]
pub fn load_using_real<B: Builder, T: Width>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let address = real_address::<B, T>(b, r2)?;
    let bytes = b.constant(T::BYTES);
    let value = b.call(Helper::Space(SpaceHelper::LoadUsingReal), &[], &[address, bytes])?;
    let value: Value<B, T> = b.zero_extend(value);
    b.set_gr(r1, value);
    Ok(())
}

/// STORE USING REAL ADDRESS.
#[inline(always)]
pub fn store_using_real<B: Builder, T: Width>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let address = real_address::<B, T>(b, r2)?;
    let (bytes, value) = (b.constant(T::BYTES), b.gr(r1));
    b.call(Helper::Space(SpaceHelper::StoreUsingReal), &[], &[address, bytes, value])?;
    Ok(())
}

/// Hands the first operand to a routine, and the address of the second as a
/// number: TEST PROTECTION, LOAD ADDRESS SPACE PARAMETERS.
#[inline(always)]
pub fn with_operand_and_address<B: Builder>(
    b: &mut B,
    helper: SpaceHelper,
    first: Based,
    second: Based,
) -> Done<B> {
    let at = first.location(b);
    let address = second.address(b);
    b.call(Helper::Space(helper), &[at], &[address])?;
    Ok(())
}

/// INVALIDATE PAGE TABLE ENTRY: without a register R3, only one entry.
#[inline(always)]
pub fn invalidate_page<B: Builder>(b: &mut B, r1: u8, r2: u8, r3: u8, m4: u8) -> Done<B> {
    let (origin, address) = (b.gr(r1), b.gr(r2));
    let additional = if r3 == 0 {
        b.constant(0)
    } else {
        let count = b.gr::<u8>(r3);
        b.zero_extend(count)
    };
    let mask = b.constant(u64::from(m4));
    let helper = Helper::Space(SpaceHelper::InvalidatePage);
    b.call(helper, &[], &[origin, address, additional, mask])?;
    Ok(())
}

/// INVALIDATE DAT TABLE ENTRY.
#[inline(always)]
pub fn invalidate_table<B: Builder>(b: &mut B, r1: u8, r2: u8, r3: u8, m4: u8) -> Done<B> {
    let (table, index) = (b.gr(r1), b.gr(r2));
    let space = if r3 == 0 { b.constant(0) } else { b.gr(r3) };
    let mask = b.constant(u64::from(m4));
    b.call(Helper::Space(SpaceHelper::InvalidateTable), &[], &[table, index, space, mask])?;
    Ok(())
}

/// COMPARE AND SWAP AND PURGE.
#[inline(always)]
pub fn compare_and_purge<B: Builder, T: Width>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let bytes = lowcore_arch::bits::low8(T::BYTES);
    let reads = bit(r1) | bit(r1 + 1) | bit(r2);
    with_fields(b, SpaceHelper::CompareAndPurge, &[r1, r2, bytes], reads, bit(r1))
}

/// COMPARE AND REPLACE DAT TABLE ENTRY.
#[inline(always)]
pub fn compare_and_replace<B: Builder>(b: &mut B, r1: u8, r2: u8, r3: u8, m4: u8) -> Done<B> {
    let reads = bit(r1) | bit(r1 + 1) | bit(r2) | bit(r2 + 1) | bit(r3);
    with_fields(b, SpaceHelper::CompareAndReplace, &[r1, r2, r3, m4], reads, bit(r1))
}

/// EXTRACT AND SET EXTENDED AUTHORITY: the index moves between bits 32-47 of
/// control register 8 and the register's, the old one to bits 48-63.
#[inline(always)]
pub fn exchange_authority<B: Builder>(b: &mut B, r1: u8) -> Done<B> {
    let sixteen = b.constant(16);
    let control = b.cr(8);
    let old = b.shift_right(control, sixteen);
    let old: Value<B, u16> = b.zero_extend(old);
    let given = b.gr::<u32>(r1);
    let mask = b.constant(0xffff_0000);
    let index = b.and(given, mask);
    let low: Value<B, u16> = b.zero_extend(control);
    let low: Value<B, u32> = b.zero_extend(low);
    let new = b.or(index, low);
    b.set_gr(r1, old);
    b.set_cr_low(8, new);
    Ok(())
}

/// TEST ACCESS.
#[inline(always)]
pub fn test_access<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let token = b.ar(r1);
    let token: Value<B, u64> = b.zero_extend(token);
    let index = b.gr(r2);
    b.call(Helper::Space(SpaceHelper::TestAccess), &[], &[token, index])?;
    Ok(())
}

/// Instructions of linkage that branch, with the numbers of both registers;
/// register 1 may be written.
#[inline(always)]
pub fn branch_and_link<B: Builder>(b: &mut B, helper: SpaceHelper, r1: u8, r2: u8) -> Done<B> {
    with_fields(b, helper, &[r1, r2], bit(r1) | bit(r2), bit(r1))
}

/// PROGRAM CALL: parameters are in registers 3 and 4, the return address in
/// register 14.
#[inline(always)]
pub fn program_call<B: Builder>(b: &mut B, at: Based) -> Done<B> {
    let number = at.address(b);
    b.uses(u16::MAX, bit(3) | bit(4) | bit(14));
    b.call(Helper::Space(SpaceHelper::ProgramCall), &[], &[number])?;
    Ok(())
}

/// PROGRAM RETURN: registers 2 to 14 come back from the linkage stack.
#[inline(always)]
pub fn program_return<B: Builder>(b: &mut B) -> Done<B> {
    b.uses(0, range(2, 14));
    plain(b, SpaceHelper::ProgramReturn)
}

/// EXTRACT STACKED REGISTERS, 32 or 64 bits.
#[inline(always)]
pub fn extract_stacked<B: Builder, T: Width>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let bytes = lowcore_arch::bits::low8(T::BYTES);
    let writes = range(r1, r2);
    with_fields(b, SpaceHelper::ExtractStackedRegisters, &[r1, r2, bytes], 0, writes)
}

/// EXTRACT STACKED STATE: the code is in bits 56-63 of R2.
#[inline(always)]
pub fn extract_stacked_state<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let register = b.constant(u64::from(r1));
    let code = b.gr::<u8>(r2);
    let code: Value<B, u64> = b.zero_extend(code);
    b.uses(0, bit(r1) | bit(r1 + 1));
    b.call(Helper::Space(SpaceHelper::ExtractStackedState), &[], &[register, code])?;
    Ok(())
}

/// MODIFY STACKED STATE.
#[inline(always)]
pub fn modify_stacked_state<B: Builder>(b: &mut B, r1: u8) -> Done<B> {
    with_values(b, SpaceHelper::ModifyStackedState, r1, r1 | 1)
}

/// TRAP (2).
#[inline(always)]
pub fn trap<B: Builder>(b: &mut B) -> Done<B> {
    plain(b, SpaceHelper::Trap)
}

/// TRAP (4): the trap program gets the second-operand address.
#[inline(always)]
pub fn trap_with_address<B: Builder>(b: &mut B, at: Based) -> Done<B> {
    let address = at.address(b);
    let four = b.constant(1);
    b.call(Helper::Space(SpaceHelper::Trap), &[], &[address, four])?;
    Ok(())
}
