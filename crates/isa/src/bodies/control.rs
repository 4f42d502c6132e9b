//! Control instructions and those that read the CPU's state.

use super::{aligned, register_count};
use crate::{Builder, Done, Helper, Location, Place, Value, Width};
use lowcore_arch::ProgramCode;

/// LOAD CONTROL, 32 bits.
#[inline(always)]
pub fn load_control<B: Builder>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 4)?;
    b.load_many::<u32>(at, register_count(r1, r3), |b, i, value| {
        b.set_cr_low(r1.wrapping_add(i) & 15, value);
    })
}

/// LOAD CONTROL, 64 bits.
#[inline(always)]
pub fn load_control_long<B: Builder>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 8)?;
    b.load_many::<u64>(at, register_count(r1, r3), |b, i, value| {
        b.set_cr(r1.wrapping_add(i) & 15, value);
    })
}

/// STORE CONTROL, 32 or 64 bits.
#[inline(always)]
pub fn store_control<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, T::BYTES)?;
    b.store_many::<T>(at, register_count(r1, r3), |b, i| {
        let value = b.cr(r1.wrapping_add(i) & 15);
        b.zero_extend(value)
    })
}

/// Stores a value that a routine gives, at an aligned place.
#[inline(always)]
pub fn store_from<B: Builder, T: Width>(b: &mut B, helper: Helper, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, T::BYTES)?;
    let value = b.call(helper, &[], &[])?;
    let value: Value<B, T> = b.zero_extend(value);
    b.store(at, value)
}

/// Hands a value from an aligned place to a routine.
#[inline(always)]
pub fn load_to<B: Builder, T: Width>(b: &mut B, helper: Helper, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, T::BYTES)?;
    let value = b.load::<T>(at)?;
    let value: Value<B, u64> = b.zero_extend(value);
    b.call(helper, &[], &[value])?;
    Ok(())
}

/// Hands an aligned place to a routine.
#[inline(always)]
pub fn with_place<B: Builder>(
    b: &mut B,
    helper: Helper,
    place: impl Place,
    alignment: u64,
) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, alignment)?;
    b.call(helper, &[at], &[])?;
    Ok(())
}

/// Calls a routine that needs nothing.
#[inline(always)]
pub fn plain<B: Builder>(b: &mut B, helper: Helper) -> Done<B> {
    b.call(helper, &[], &[])?;
    Ok(())
}

/// STORE CLOCK and STORE CLOCK FAST.
#[inline(always)]
pub fn store_clock<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let at = place.location(b);
    let value = b.call(Helper::Clock, &[], &[])?;
    b.store(at, value)?;
    let set_state = b.constant(0);
    b.set_cc(set_state);
    Ok(())
}

/// STORE CLOCK EXTENDED.
#[inline(always)]
pub fn store_clock_extended<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let at = place.location(b);
    b.call(Helper::StoreClockExtended, &[at], &[])?;
    let set_state = b.constant(0);
    b.set_cc(set_state);
    Ok(())
}

/// SET CLOCK PROGRAMMABLE FIELD.
#[inline(always)]
pub fn set_clock_programmable_field<B: Builder>(b: &mut B) -> Done<B> {
    let value = b.gr::<u32>(0);
    let mask = b.constant(0xffff_0000);
    let rest = b.and(value, mask);
    let zero = b.constant(0);
    let is_valid = b.equal(rest, zero);
    let is_not = b.not(is_valid);
    b.raise_if(is_not, ProgramCode::SPECIFICATION)?;
    let value: Value<B, u64> = b.zero_extend(value);
    b.call(Helper::SetTodProgrammable, &[], &[value])?;
    Ok(())
}

/// Bit 33 of control register 0 suppresses SET SYSTEM MASK.
const SSM_SUPPRESSION: u64 = 1 << 30;

/// SET SYSTEM MASK.
#[inline(always)]
pub fn set_system_mask<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let cr0 = b.cr(0);
    let bit = b.constant(SSM_SUPPRESSION);
    let selected = b.and(cr0, bit);
    let suppressed = b.equal(selected, bit);
    b.raise_if(suppressed, ProgramCode::SPECIAL_OPERATION)?;
    let value = place.load_unsigned::<B, u8, u64>(b)?;
    b.call(Helper::SetSystemMask, &[], &[value])?;
    Ok(())
}

/// STORE THEN AND SYSTEM MASK, STORE THEN OR SYSTEM MASK.
#[inline(always)]
pub fn store_then_mask<B: Builder>(
    b: &mut B,
    operation: super::logic::Bitwise<B, u64>,
    place: impl Place,
    immediate: u64,
) -> Done<B> {
    let old = b.system_mask();
    let byte: Value<B, u8> = b.zero_extend(old);
    place.store(b, byte)?;
    let bits = b.constant(immediate);
    let new = operation(b, old, bits);
    b.call(Helper::SetSystemMask, &[], &[new])?;
    Ok(())
}

/// SET PSW KEY FROM ADDRESS.
#[inline(always)]
pub fn set_key<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let address = place.address(b);
    b.call(Helper::SetKey, &[], &[address])?;
    Ok(())
}

/// INSERT PSW KEY: into bits 56-59 of register 2, zeros after it.
#[inline(always)]
pub fn insert_key<B: Builder>(b: &mut B) -> Done<B> {
    let key = b.call(Helper::InsertKey, &[], &[])?;
    let byte: Value<B, u8> = b.zero_extend(key);
    b.set_gr(2, byte);
    Ok(())
}

/// EXTRACT PSW.
#[inline(always)]
pub fn extract_psw<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let mask = b.psw_mask();
    let amount = b.constant(32);
    let high = b.shift_right(mask, amount);
    let high: Value<B, u32> = b.zero_extend(high);
    b.set_gr(r1, high);
    if r2 != 0 {
        let low: Value<B, u32> = b.zero_extend(mask);
        b.set_gr(r2, low);
    }
    Ok(())
}

/// INSERT PROGRAM MASK: condition code and program mask into bits 32-39.
#[inline(always)]
pub fn insert_program_mask<B: Builder>(b: &mut B, r1: u8) -> Done<B> {
    let cc = b.cc();
    let amount = b.constant(4);
    let cc = b.shift_left(cc, amount);
    let mask = b.program_mask();
    let both = b.or(cc, mask);
    let byte: Value<B, u8> = b.zero_extend(both);
    super::logic::set_part(b, r1, 24, byte);
    Ok(())
}

/// SET PROGRAM MASK: condition code and program mask from bits 34-39.
#[inline(always)]
pub fn set_program_mask<B: Builder>(b: &mut B, r1: u8) -> Done<B> {
    let value = b.gr::<u64>(r1);
    let (mask_at, cc_at) = (b.constant(24), b.constant(28));
    let mask = b.shift_right(value, mask_at);
    b.set_program_mask(mask);
    let cc = b.shift_right(value, cc_at);
    b.set_cc(cc);
    Ok(())
}

/// TEST ADDRESSING MODE.
#[inline(always)]
pub fn test_addressing_mode<B: Builder>(b: &mut B) -> Done<B> {
    let cc = b.call(Helper::AddressingMode, &[], &[])?;
    b.set_cc(cc);
    Ok(())
}

/// SET ADDRESSING MODE to this number of bits.
#[inline(always)]
pub fn set_addressing_mode<B: Builder>(b: &mut B, bits: u64) -> Done<B> {
    let bits = b.constant(bits);
    b.call(Helper::SetAddressingMode, &[], &[bits])?;
    Ok(())
}

/// SUPERVISOR CALL.
#[inline(always)]
pub fn supervisor_call<B: Builder>(b: &mut B, number: u64) -> Done<B> {
    let number = b.constant(number);
    b.call(Helper::SupervisorCall, &[], &[number])?;
    Ok(())
}

/// SIGNAL PROCESSOR: the parameter is in the odd register of the pair that
/// `r1` belongs to.
#[inline(always)]
pub fn signal_processor<B: Builder>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let order = place.address(b);
    let cpu = b.gr::<u16>(r3);
    let cpu: Value<B, u64> = b.zero_extend(cpu);
    let parameter = b.gr::<u32>(r1 | 1);
    let parameter: Value<B, u64> = b.zero_extend(parameter);
    let status = b.constant(u64::from(r1));
    b.uses(0, 1 << r1);
    b.call(Helper::SignalProcessor, &[], &[order, cpu, parameter, status])?;
    Ok(())
}

/// STORE FACILITY LIST EXTENDED.
#[inline(always)]
pub fn store_facility_list_extended<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 8)?;
    let wanted = b.gr::<u8>(0);
    let wanted: Value<B, u64> = b.zero_extend(wanted);
    let present = b.call(Helper::StoreFacilityListExtended, &[at], &[wanted])?;
    let present: Value<B, u8> = b.zero_extend(present);
    b.set_gr(0, present);
    Ok(())
}

/// COPY ACCESS.
#[inline(always)]
pub fn copy_access<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let value = b.ar(r2);
    b.set_ar(r1, value);
    Ok(())
}

/// SET ACCESS.
#[inline(always)]
pub fn set_access<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let value = b.gr::<u32>(r2);
    b.set_ar(r1, value);
    Ok(())
}

/// EXTRACT ACCESS.
#[inline(always)]
pub fn extract_access<B: Builder>(b: &mut B, r1: u8, r2: u8) -> Done<B> {
    let value = b.ar(r2);
    b.set_gr(r1, value);
    Ok(())
}

/// EXTRACT CPU TIME: the first operand less the CPU timer into register 0,
/// the second operand into register 1, and into `r3` what it designates.
#[inline(always)]
pub fn extract_cpu_time<B: Builder>(
    b: &mut B,
    r3: u8,
    first: impl Place,
    second: impl Place,
) -> Done<B> {
    let (first, second) = (first.location(b), second.location(b));
    // Cut to the addressing mode.
    let third = Location { address: b.gr(r3), base: r3 };
    let third = b.beyond(third, 0);
    let start = b.load(first)?;
    let used = b.load::<u64>(second)?;
    let word = b.load::<u64>(third)?;
    let timer = b.call(Helper::CpuTimer, &[], &[])?;
    let since: Value<B, u64> = b.sub(start, timer);
    b.set_gr(r3, word);
    b.set_gr(0, since);
    b.set_gr(1, used);
    Ok(())
}
