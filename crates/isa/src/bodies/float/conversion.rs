//! Conversions between formats, and from and to integers (manual, chapter
//! 19).

use super::Fpr;
use super::number::{Number, Operand, perform};
use crate::bodies::Reg;
use crate::format::{RrfEF, RrfEFG, RrfEGF, RrfEGX, RrfEX, RrfEXG};
use crate::{
    Builder, Done, FixedFormat, FloatFormat, FloatHelper, Helper, HostFloat, Modifiers, Value,
    Width,
};
use lowcore_arch::ProgramCode;

/// The fields of a conversion with modifiers.
#[derive(Clone, Copy)]
pub struct Fields {
    r1: u8,
    r2: u8,
    modifiers: Modifiers,
}

macro_rules! have_fields {
    ($($format:ident)*) => {$(
        impl From<$format> for Fields {
            #[inline(always)]
            fn from($format { r1, m3, r2, m4 }: $format) -> Self {
                Self { r1, r2, modifiers: Modifiers { m3, m4 } }
            }
        }
    )*};
}
have_fields! { RrfEF RrfEX RrfEFG RrfEXG RrfEGF RrfEGX }

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
    Fields { r1, modifiers: Modifiers { m3, m4 }, .. }: Fields,
    [high, low]: Number<B>,
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
    let second = operand.number(b, from)?;
    let arguments = [b.constant(r1.into()), second[0], second[1]];
    let ways = (HostFloat::Lengthen, FloatHelper::Lengthen(from, to));
    perform(b, ways, r1, [from, to], [second], &arguments)?;
    Ok(())
}

/// LOAD ROUNDED.
#[inline(always)]
pub fn round<B: Builder>(
    b: &mut B,
    from: FloatFormat,
    to: FloatFormat,
    fields: impl Into<Fields>,
) -> Done<B> {
    let fields = fields.into();
    let ways = (HostFloat::Round(fields.modifiers), FloatHelper::Round(from, to));
    convert(b, ways, [from, to], fields)
}

/// LOAD FP INTEGER.
#[inline(always)]
pub fn to_integer<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    fields: impl Into<Fields>,
) -> Done<B> {
    let fields = fields.into();
    let ways = (HostFloat::ToInteger(fields.modifiers), FloatHelper::ToInteger(format));
    convert(b, ways, [format; 2], fields)
}

/// Converts to a floating-point number.
#[inline(always)]
fn convert<B: Builder>(
    b: &mut B,
    ways: (HostFloat, FloatHelper),
    formats: [FloatFormat; 2],
    fields: Fields,
) -> Done<B> {
    valid_method(b, fields.modifiers.m3)?;
    let second = Fpr(fields.r2).number(b, formats[0])?;
    let arguments = arguments(b, fields, second);
    perform(b, ways, fields.r1, formats, [second], &arguments)?;
    Ok(())
}

/// CONVERT TO FIXED and CONVERT TO LOGICAL.
#[inline(always)]
pub fn to_fixed<B: Builder>(
    b: &mut B,
    from: FloatFormat,
    to: FixedFormat,
    fields: impl Into<Fields>,
) -> Done<B> {
    let fields = fields.into();
    valid_method(b, fields.modifiers.m3)?;
    let second = Fpr(fields.r2).number(b, from)?;
    let is_done = match from {
        FloatFormat::Short => to_fixed_on_host::<B, u32>(b, to, fields, second)?,
        FloatFormat::Long => to_fixed_on_host::<B, u64>(b, to, fields, second)?,
        FloatFormat::Extended => false,
    };
    if is_done {
        return Ok(());
    }
    let arguments = arguments(b, fields, second);
    b.uses(0, 1 << fields.r1);
    b.call(Helper::Float(FloatHelper::ToFixed(from, to)), &[], &arguments)?;
    Ok(())
}

/// Whether the builder did it.
#[inline(always)]
fn to_fixed_on_host<B: Builder, T: Width>(
    b: &mut B,
    to: FixedFormat,
    Fields { r1, modifiers, .. }: Fields,
    [source, _]: Number<B>,
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
    fields: impl Into<Fields>,
) -> Done<B> {
    let fields = fields.into();
    valid_method(b, fields.modifiers.m3)?;
    let source = Reg(fields.r2).number(b, to)?;
    let [r, integer, _, m3, m4] = arguments(b, fields, source);
    let ways = (HostFloat::FromFixed(from, fields.modifiers), FloatHelper::FromFixed(from, to));
    let formats = [FloatFormat::Long, to];
    perform(b, ways, fields.r1, formats, [source], &[r, integer, m3, m4])?;
    Ok(())
}
