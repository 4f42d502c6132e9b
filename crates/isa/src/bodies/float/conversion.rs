//! Conversions between formats, and from and to integers (manual, chapter
//! 19).

use super::Fpr;
use super::number::{self, Number, Operand, call_for, on_host};
use crate::bodies::Reg;
use crate::{
    Builder, Done, FixedFormat, FloatFormat, FloatHelper, Helper, HostFloat, Modifiers, Value,
    Width,
};
use lowcore_arch::ProgramCode;

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
    let source = operand.number(b, from)?;
    if let Some(longer) = on_host(b, HostFloat::Lengthen, [from, to], [source])? {
        number::set(b, r1, to, longer);
        return Ok(());
    }
    let r = b.constant(r1.into());
    call_for(b, FloatHelper::Lengthen(from, to), r1, to, &[r, source[0], source[1]])
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
    if let Some(shorter) = on_host(b, HostFloat::Round(modifiers), [from, to], [source])? {
        number::set(b, r1, to, shorter);
        return Ok(());
    }
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
    if let Some(integer) = on_host(b, HostFloat::ToInteger(modifiers), [format; 2], [source])? {
        number::set(b, r1, format, integer);
        return Ok(());
    }
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
    let is_done = match from {
        FloatFormat::Short => to_fixed_on_host::<B, u32>(b, to, r1, source, modifiers)?,
        FloatFormat::Long => to_fixed_on_host::<B, u64>(b, to, r1, source, modifiers)?,
        FloatFormat::Extended => false,
    };
    if is_done {
        return Ok(());
    }
    let arguments = arguments(b, r1, source, modifiers);
    b.uses(0, 1 << r1);
    b.call(Helper::Float(FloatHelper::ToFixed(from, to)), &[], &arguments)?;
    Ok(())
}

/// Whether the builder did it.
#[inline(always)]
fn to_fixed_on_host<B: Builder, T: Width>(
    b: &mut B,
    to: FixedFormat,
    r1: u8,
    [source, _]: Number<B>,
    modifiers: Modifiers,
) -> Result<bool, B::Exit> {
    let source = b.zero_extend::<u64, T>(source);
    let Some((integer, judged)) = b.float_to_fixed(to, modifiers, source)? else {
        return Ok(false);
    };
    if to.is_word() {
        let word: Value<B, u32> = b.zero_extend(integer);
        b.set_gr(r1, word);
    } else {
        b.set_gr(r1, integer);
    }
    b.set_cc_float(judged);
    Ok(true)
}

/// CONVERT FROM FIXED and CONVERT FROM LOGICAL.
#[inline(always)]
pub fn from_fixed<B: Builder>(
    b: &mut B,
    from: FixedFormat,
    to: FloatFormat,
    r1: u8,
    r2: u8,
    modifiers: Modifiers,
) -> Done<B> {
    valid_method(b, modifiers.m3)?;
    let source = Reg(r2).number(b, to)?;
    let host = HostFloat::FromFixed(from, modifiers);
    if let Some(number) = on_host(b, host, [FloatFormat::Long, to], [source])? {
        number::set(b, r1, to, number);
        return Ok(());
    }
    let [r, integer, _, m3, m4] = arguments(b, r1, source, modifiers);
    call_for(b, FloatHelper::FromFixed(from, to), r1, to, &[r, integer, m3, m4])
}
