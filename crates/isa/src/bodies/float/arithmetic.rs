//! Arithmetic of binary floating point (manual, chapter 19). Routines
//! compute; what looks at bits only is done here.

use super::Fpr;
use super::number::{
    self, Operand, magnitude, on_host, perform, set_cc_compare, set_cc_or_nan, sign_of,
};
use crate::{Builder, Done, FloatFormat, FloatHelper, FloatOperation, Helper, HostFloat};
use lowcore_arch::ProgramCode;

/// ADD, SUBTRACT, MULTIPLY and DIVIDE.
#[inline(always)]
pub fn arithmetic<B: Builder>(
    b: &mut B,
    operation: FloatOperation,
    format: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let second = operand.number(b, format)?;
    let first = Fpr(r1).number(b, format)?;
    let r = b.constant(r1.into());
    let arguments = [r, first[0], first[1], second[0], second[1]];
    let ways = (HostFloat::Arithmetic(operation), FloatHelper::Arithmetic(operation, format));
    let result = perform(b, ways, r1, [format; 2], [first, second], &arguments)?;
    if let Some(result) = result
        && operation.sets_cc()
    {
        set_cc_or_nan(b, format, result);
    }
    Ok(())
}

/// MULTIPLY of short numbers to a long one, or of long numbers to an extended
/// one. The first operand is in the left of what becomes the product.
#[inline(always)]
pub fn multiply_longer<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let second = operand.number(b, format)?;
    let first = Fpr(r1).number(b, format)?;
    let longer =
        if format == FloatFormat::Short { FloatFormat::Long } else { FloatFormat::Extended };
    let r = b.constant(r1.into());
    let arguments = [r, first[0], first[1], second[0], second[1]];
    let ways = (HostFloat::MultiplyLonger, FloatHelper::MultiplyLonger(format));
    perform(b, ways, r1, [format, longer], [first, second], &arguments)?;
    Ok(())
}

/// MULTIPLY AND ADD.
#[inline(always)]
pub fn multiply_and_add<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    registers: [u8; 2],
    operand: impl Operand,
) -> Done<B> {
    let ways = (HostFloat::Fused { subtract: false }, FloatHelper::MultiplyAndAdd(format));
    fused(b, ways, format, registers, operand)
}

/// MULTIPLY AND SUBTRACT.
#[inline(always)]
pub fn multiply_and_subtract<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    registers: [u8; 2],
    operand: impl Operand,
) -> Done<B> {
    let ways = (HostFloat::Fused { subtract: true }, FloatHelper::MultiplyAndSubtract(format));
    fused(b, ways, format, registers, operand)
}

#[inline(always)]
fn fused<B: Builder>(
    b: &mut B,
    ways: (HostFloat, FloatHelper),
    format: FloatFormat,
    [r1, r3]: [u8; 2],
    operand: impl Operand,
) -> Done<B> {
    let second = operand.number(b, format)?;
    let first = Fpr(r1).number(b, format)?;
    let third = Fpr(r3).number(b, format)?;
    let r = b.constant(r1.into());
    let arguments = [r, first[0], second[0], third[0]];
    perform(b, ways, r1, [format; 2], [first, second, third], &arguments)?;
    Ok(())
}

/// SQUARE ROOT.
#[inline(always)]
pub fn square_root<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let second = operand.number(b, format)?;
    let arguments = [b.constant(r1.into()), second[0], second[1]];
    let ways = (HostFloat::SquareRoot, FloatHelper::SquareRoot(format));
    perform(b, ways, r1, [format; 2], [second], &arguments)?;
    Ok(())
}

/// DIVIDE TO INTEGER: the three registers must be different ones.
#[inline(always)]
pub fn divide_to_integer<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    [r1, r3, r2]: [u8; 3],
    m4: u8,
) -> Done<B> {
    let is_same = b.constant_bool(r1 == r2 || r1 == r3 || r2 == r3);
    b.raise_if(is_same, ProgramCode::SPECIFICATION)?;
    super::conversion::valid_method(b, m4)?;
    let [first, _] = Fpr(r1).number(b, format)?;
    let [second, _] = Fpr(r2).number(b, format)?;
    let [r, quotient, method] = [r1, r3, m4].map(|field| b.constant(field.into()));
    b.uses_float(0, 1 << r1 | 1 << r3);
    let helper = FloatHelper::DivideToInteger(format);
    b.call(Helper::Float(helper), &[], &[r, quotient, method, first, second])?;
    Ok(())
}

/// COMPARE.
#[inline(always)]
pub fn compare<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let ways = (HostFloat::Compare { signals: false }, FloatHelper::Compare(format));
    compare_by(b, ways, format, r1, operand)
}

/// COMPARE AND SIGNAL.
#[inline(always)]
pub fn compare_and_signal<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let ways = (HostFloat::Compare { signals: true }, FloatHelper::CompareAndSignal(format));
    compare_by(b, ways, format, r1, operand)
}

#[inline(always)]
fn compare_by<B: Builder>(
    b: &mut B,
    (host, helper): (HostFloat, FloatHelper),
    format: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let second = operand.number(b, format)?;
    let first = Fpr(r1).number(b, format)?;
    if on_host(b, host, [format; 2], [first, second])?.is_some() {
        set_cc_compare(b, format, [first, second]);
        return Ok(());
    }
    b.call(Helper::Float(helper), &[], &[first[0], first[1], second[0], second[1]])?;
    Ok(())
}

/// TEST DATA CLASS.
#[inline(always)]
pub fn test_data_class<B: Builder>(
    b: &mut B,
    format: FloatFormat,
    r1: u8,
    place: impl crate::Place,
) -> Done<B> {
    let classes = place.address(b);
    let [high, low] = Fpr(r1).number(b, format)?;
    let helper = Helper::Float(FloatHelper::TestDataClass(format));
    b.call(helper, &[], &[high, low, classes])?;
    Ok(())
}

/// LOAD AND TEST: a signaling NaN is an invalid operation.
#[inline(always)]
pub fn load_and_test<B: Builder>(b: &mut B, format: FloatFormat, r1: u8, r2: u8) -> Done<B> {
    let second = Fpr(r2).number(b, format)?;
    let arguments = [b.constant(r1.into()), second[0], second[1]];
    let ways = (HostFloat::LoadAndTest, FloatHelper::LoadAndTest(format));
    if let Some(number) = perform(b, ways, r1, [format; 2], [second], &arguments)? {
        set_cc_or_nan(b, format, number);
    }
    Ok(())
}

/// What LOAD POSITIVE, LOAD NEGATIVE and LOAD COMPLEMENT do to the sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Makes it plus.
    Positive,
    /// Makes it minus.
    Negative,
    /// Makes it the other one.
    Complement,
}

/// LOAD POSITIVE, LOAD NEGATIVE and LOAD COMPLEMENT, of any NaN too.
#[inline(always)]
pub fn load_changed<B: Builder>(
    b: &mut B,
    change: Change,
    format: FloatFormat,
    r1: u8,
    r2: u8,
) -> Done<B> {
    let [high, low] = Fpr(r2).number(b, format)?;
    let sign = b.constant(sign_of(format));
    let high = match change {
        Change::Positive => magnitude(b, format, high),
        Change::Negative => b.or(high, sign),
        Change::Complement => b.xor(high, sign),
    };
    number::set(b, r1, format, [high, low]);
    set_cc_or_nan(b, format, [high, low]);
    Ok(())
}
