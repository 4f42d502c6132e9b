//! Conversions between formats, and from and to integers (manual, chapter
//! 19).

use super::Fpr;
use super::number::{Number, Operand, call_for};
use crate::bodies::Reg;
use crate::{Builder, Done, FixedFormat, FloatFormat, FloatHelper, Helper, Value};
use lowcore_arch::ProgramCode;

/// The modifiers of a conversion: the rounding method, and whether inexact
/// results count.
#[derive(Clone, Copy)]
pub struct Modifiers {
    /// M3.
    pub m3: u8,
    /// M4.
    pub m4: u8,
}

/// A specification exception for a modifier that names no rounding method.
#[inline(always)]
pub fn valid_method<B: Builder>(b: &mut B, modifier: u8) -> Done<B> {
    let is_invalid = b.constant_bool(modifier == 2 || modifier > 7);
    b.raise_if(is_invalid, ProgramCode::SPECIFICATION)
}

/// What a routine gets: R1, a number, M3 and M4.
#[inline(always)]
fn arguments<B: Builder>(
    b: &mut B,
    r1: u8,
    [high, low]: Number<B>,
    Modifiers { m3, m4 }: Modifiers,
) -> [Value<B, u64>; 5] {
    let [r1, m3, m4] = [r1, m3, m4].map(|field| b.constant(field.into()));
    [r1, high, low, m3, m4]
}

/// LOAD LENGTHENED.
#[inline(always)]
pub fn lengthen<B: Builder>(
    b: &mut B,
    from: FloatFormat,
    to: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let [high, low] = operand.number(b, from)?;
    let r = b.constant(r1.into());
    call_for(b, FloatHelper::Lengthen(from, to), r1, to, &[r, high, low])
}

/// LOAD ROUNDED. A result that traps has the format of the source.
#[inline(always)]
pub fn round<B: Builder>(
    b: &mut B,
    from: FloatFormat,
    to: FloatFormat,
    r1: u8,
    r2: u8,
    modifiers: Modifiers,
) -> Done<B> {
    valid_method(b, modifiers.m3)?;
    let source = Fpr(r2).number(b, from)?;
    let arguments = arguments(b, r1, source, modifiers);
    call_for(b, FloatHelper::Round(from, to), r1, from, &arguments)
}

/// LOAD FP INTEGER.
#[inline(always)]
pub fn to_integer<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    r1: u8,
    r2: u8,
    modifiers: Modifiers,
) -> Done<B> {
    valid_method(b, modifiers.m3)?;
    let source = Fpr(r2).number(b, format)?;
    let arguments = arguments(b, r1, source, modifiers);
    call_for(b, FloatHelper::ToInteger(format), r1, format, &arguments)
}

/// CONVERT TO FIXED and CONVERT TO LOGICAL.
#[inline(always)]
pub fn to_fixed<B: Builder>(
    b: &mut B,
    from: FloatFormat,
    to: FixedFormat,
    r1: u8,
    r2: u8,
    modifiers: Modifiers,
) -> Done<B> {
    valid_method(b, modifiers.m3)?;
    let source = Fpr(r2).number(b, from)?;
    let arguments = arguments(b, r1, source, modifiers);
    b.uses(0, 1 << r1);
    b.call(Helper::Float(FloatHelper::ToFixed(from, to)), &[], &arguments)?;
    Ok(())
}

/// CONVERT FROM FIXED and CONVERT FROM LOGICAL.
#[inline(always)]
pub fn from_fixed<B: Builder>(
    b: &mut B,
    from: FixedFormat,
    to: FloatFormat,
    r1: u8,
    r2: u8,
    Modifiers { m3, m4 }: Modifiers,
) -> Done<B> {
    valid_method(b, m3)?;
    let [integer, _] = Reg(r2).number(b, to)?;
    let [r, m3, m4] = [r1, m3, m4].map(|field| b.constant(field.into()));
    call_for(b, FloatHelper::FromFixed(from, to), r1, to, &[r, integer, m3, m4])
}
