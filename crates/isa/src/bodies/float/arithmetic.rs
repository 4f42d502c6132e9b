//! Arithmetic of binary floating point (manual, chapter 19). Routines
//! compute; what looks at bits only is done here.

use super::Fpr;
use super::number::{
    self, Number, Operand, call_for, magnitude, on_host, set_cc_compare, set_cc_or_nan, sign_of,
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
    let host = HostFloat::Arithmetic(operation);
    if let Some(result) = on_host(b, host, [format; 2], [first, second])? {
        number::set(b, r1, format, result);
        if operation.sets_cc() {
            set_cc_or_nan(b, format, result);
        }
        return Ok(());
    }
    let helper = FloatHelper::Arithmetic(operation, format);
    call_with_two(b, helper, r1, format, first, second)
}

/// Calls a routine with R1 and two numbers.
#[inline(always)]
fn call_with_two<B: Builder>(
    b: &mut B,
    helper: FloatHelper,
    r1: u8,
    format: FloatFormat,
    [high, low]: Number<B>,
    second: Number<B>,
) -> Done<B> {
    let r = b.constant(r1.into());
    call_for(b, helper, r1, format, &[r, high, low, second[0], second[1]])
}

/// Calls a routine with R1 and one number.
#[inline(always)]
fn call_with_one<B: Builder>(
    b: &mut B,
    helper: FloatHelper,
    r1: u8,
    format: FloatFormat,
    [high, low]: Number<B>,
) -> Done<B> {
    let r = b.constant(r1.into());
    call_for(b, helper, r1, format, &[r, high, low])
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
    let host = HostFloat::MultiplyLonger;
    if let Some(product) = on_host(b, host, [format, longer], [first, second])? {
        number::set(b, r1, longer, product);
        return Ok(());
    }
    call_with_two(b, FloatHelper::MultiplyLonger(format), r1, longer, first, second)
}

/// MULTIPLY AND ADD and MULTIPLY AND SUBTRACT.
#[inline(always)]
pub fn fused<B: Builder>(
    b: &mut B,
    helper: FloatHelper,
    format: FloatFormat,
    [r1, r3]: [u8; 2],
    operand: impl Operand,
) -> Done<B> {
    let second = operand.number(b, format)?;
    let first = Fpr(r1).number(b, format)?;
    let third = Fpr(r3).number(b, format)?;
    let subtract = matches!(helper, FloatHelper::MultiplyAndSubtract(_));
    let host = HostFloat::Fused { subtract };
    if let Some(result) = on_host(b, host, [format; 2], [first, second, third])? {
        number::set(b, r1, format, result);
        return Ok(());
    }
    let r = b.constant(r1.into());
    call_for(b, helper, r1, format, &[r, first[0], second[0], third[0]])
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
    if let Some(root) = on_host(b, HostFloat::SquareRoot, [format; 2], [second])? {
        number::set(b, r1, format, root);
        return Ok(());
    }
    call_with_one(b, FloatHelper::SquareRoot(format), r1, format, second)
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

/// COMPARE and COMPARE AND SIGNAL.
#[inline(always)]
pub fn compare<B: Builder>(
    b: &mut B,
    helper: FloatHelper,
    format: FloatFormat,
    r1: u8,
    operand: impl Operand,
) -> Done<B> {
    let second = operand.number(b, format)?;
    let first = Fpr(r1).number(b, format)?;
    let signals = matches!(helper, FloatHelper::CompareAndSignal(_));
    let host = HostFloat::Compare { signals };
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
    let source = Fpr(r2).number(b, format)?;
    if let Some(number) = on_host(b, HostFloat::LoadAndTest, [format; 2], [source])? {
        number::set(b, r1, format, number);
        set_cc_or_nan(b, format, number);
        return Ok(());
    }
    call_with_one(b, FloatHelper::LoadAndTest(format), r1, format, source)
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
