//! The floating-point-control register (manual, chapter 9, "Floating-Point-
//! Control (FPC) Register").

use crate::bodies::Source;
use crate::{Builder, Done, FloatHelper, Helper, Place, Value};
use lowcore_arch::{ProgramCode, fpc};

/// A specification exception for a value that the register cannot have.
#[inline(always)]
fn valid<B: Builder>(b: &mut B, value: Value<B, u32>) -> Done<B> {
    let reserved = b.constant(fpc::RESERVED.into());
    let reserved = b.and(value, reserved);
    let zero = b.constant(0);
    let is_zero = b.equal(reserved, zero);
    let is_reserved = b.not(is_zero);
    let mode = b.constant(fpc::ROUNDING.into());
    let mode = b.and(value, mode);
    let is_no_mode = no_rounding_mode(b, mode);
    let is_invalid = b.either(is_reserved, is_no_mode);
    b.raise_if(is_invalid, ProgramCode::SPECIFICATION)
}

/// Whether three bits are none of the rounding modes 0 to 3 and 7.
#[inline(always)]
fn no_rounding_mode<B: Builder>(b: &mut B, mode: Value<B, u32>) -> B::Bool {
    let (first, count) = (b.constant(4), b.constant(3));
    let distance = b.sub(mode, first);
    b.below(distance, count)
}

/// LOAD FPC and SET FPC.
#[inline(always)]
pub fn set<B: Builder>(b: &mut B, operand: impl Source<B, u32>) -> Done<B> {
    let value = operand.get(b)?;
    valid(b, value)?;
    b.set_fpc(value);
    Ok(())
}

/// LOAD FPC AND SIGNAL and SET FPC AND SIGNAL.
#[inline(always)]
pub fn set_and_signal<B: Builder>(b: &mut B, operand: impl Source<B, u32>) -> Done<B> {
    let value = operand.get(b)?;
    valid(b, value)?;
    let value = b.zero_extend(value);
    b.call(Helper::Float(FloatHelper::SetFpcAndSignal), &[], &[value])?;
    Ok(())
}

/// EXTRACT FPC.
#[inline(always)]
pub fn extract<B: Builder>(b: &mut B, r1: u8) -> Done<B> {
    let value = b.fpc();
    b.set_gr(r1, value);
    Ok(())
}

/// STORE FPC.
#[inline(always)]
pub fn store<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let value = b.fpc();
    place.store(b, value)
}

/// Replaces bits of the register.
#[inline(always)]
fn replace<B: Builder>(b: &mut B, bits: u32, new: Value<B, u32>) {
    let old = b.fpc();
    let kept = b.constant((!bits).into());
    let kept = b.and(old, kept);
    let value = b.or(kept, new);
    b.set_fpc(value);
}

/// SET BFP ROUNDING MODE from two bits.
#[inline(always)]
pub fn set_rounding_short<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let address = place.address(b);
    let address = b.zero_extend(address);
    let mask = b.constant(3);
    let mode = b.and(address, mask);
    replace(b, fpc::ROUNDING, mode);
    Ok(())
}

/// SET BFP ROUNDING MODE from eight bits, of which three may be one.
#[inline(always)]
pub fn set_rounding<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let address = place.address(b);
    let address = b.zero_extend(address);
    let mask = b.constant(0xff);
    let mode = b.and(address, mask);
    let last = b.constant(fpc::ROUNDING.into());
    let is_beyond = b.below(last, mode);
    let is_no_mode = no_rounding_mode(b, mode);
    let is_invalid = b.either(is_beyond, is_no_mode);
    b.raise_if(is_invalid, ProgramCode::SPECIFICATION)?;
    replace(b, fpc::ROUNDING, mode);
    Ok(())
}

/// SET DFP ROUNDING MODE.
#[inline(always)]
pub fn set_decimal_rounding<B: Builder>(b: &mut B, place: impl Place) -> Done<B> {
    let address = place.address(b);
    let address = b.zero_extend(address);
    let mask = b.constant(7);
    let mode = b.and(address, mask);
    let shift = b.constant(fpc::DECIMAL_ROUNDING.trailing_zeros().into());
    let mode = b.shift_left(mode, shift);
    replace(b, fpc::DECIMAL_ROUNDING, mode);
    Ok(())
}
