//! What the system tells about itself, and its clock.

use crate::{Based, Builder, Done, Helper, Location, Place, SystemHelper, Value, Width};
use lowcore_arch::ProgramCode;

/// STORE CLOCK: a value that is stored only once.
#[inline(always)]
pub fn store_clock<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let at = place.location(b);
    let value = b.call(Helper::System(SystemHelper::UniqueClock), &[], &[])?;
    b.store(at, value)?;
    let set_state = b.constant(0);
    b.set_cc(set_state);
    Ok(())
}

/// PERFORM TIMING FACILITY FUNCTION: the function in general register 0, its
/// parameter block at general register 1.
#[inline(always)]
pub fn timing_function<B: Builder>(b: &mut B) -> Done<B> {
    let function = b.gr(0);
    let at = Location { address: b.gr(1), base: 1 };
    b.call(Helper::System(SystemHelper::Timing), &[at], &[function])?;
    Ok(())
}

/// EXTRACT CPU ATTRIBUTE.
#[inline(always)]
pub fn extract_attribute<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let address = place.address(b);
    let attribute = b.call(Helper::System(SystemHelper::CpuAttribute), &[], &[address])?;
    b.set_gr(r1, attribute);
    Ok(())
}

/// MONITOR CALL: the class in bits 12-15, bits 8-11 zero; the code is the
/// first-operand address.
#[inline(always)]
pub fn monitor_call<B: Builder>(b: &mut B, place: impl Place, class: u64) -> Done<B> {
    let wrong = b.constant_bool(class > 15);
    b.raise_if(wrong, ProgramCode::SPECIFICATION)?;
    let class = b.constant(class);
    let code = place.address(b);
    b.call(Helper::System(SystemHelper::Monitor), &[], &[class, code])?;
    Ok(())
}

/// LOAD PROGRAM PARAMETER.
#[inline(always)]
pub fn load_program_parameter<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let value: Value<B, u64> = place.load(b)?;
    b.call(Helper::System(SystemHelper::SetProgramParameter), &[], &[value])?;
    Ok(())
}

/// RESUME PROGRAM.
#[inline(always)]
pub fn resume_program<B: Builder>(b: &mut B, place: Based) -> Done<B> {
    let at = place.location(b);
    let base = b.constant(u64::from(place.b));
    b.uses(0, 1 << place.b);
    b.call(Helper::System(SystemHelper::ResumeProgram), &[at], &[base])?;
    Ok(())
}

/// TRACE, with the low `T` of general registers.
#[inline(always)]
pub fn trace<B: Builder, T: Width>(b: &mut B, r1: u8, r3: u8, place: Based) -> Done<B> {
    let at = place.location(b);
    let [first, last] = [r1, r3].map(|r| b.constant(r.into()));
    let is_long = b.constant(u64::from(T::BITS == 64));
    let count = (r3.wrapping_sub(r1) & 15) + 1;
    b.uses((u16::MAX >> (16 - count)).rotate_left(r1.into()), 0);
    b.call(Helper::System(SystemHelper::Trace), &[at], &[first, last, is_long])?;
    Ok(())
}
