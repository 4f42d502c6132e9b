//! Arithmetic and comparison.

use super::{Datum, conclude, controls, in_format};
use crate::{Context, Exception};
use lowcore_arch::bits;
use lowcore_float::{
    Division, LongerThan, Rounding, ShortOrLong, add, compare, compare_and_signal, condition,
    divide, divide_to_integer, load_and_test, multiply, multiply_and_add, multiply_and_subtract,
    multiply_longer, square_root, subtract, test_data_class,
};
use lowcore_isa::{FloatFormat, FloatHelper, FloatOperation};

type Arguments = [u64; 6];

pub fn call(
    c: &mut Context<'_>,
    helper: FloatHelper,
    arguments: Arguments,
) -> Result<u64, Exception> {
    match helper {
        FloatHelper::Arithmetic(operation, format) => {
            in_format!(format, arithmetic(c, operation, arguments))
        }
        FloatHelper::MultiplyLonger(FloatFormat::Short) => longer::<u32, u64>(c, arguments),
        FloatHelper::MultiplyLonger(_) => longer::<u64, u128>(c, arguments),
        FloatHelper::MultiplyAndAdd(FloatFormat::Short) => fused::<u32>(c, true, arguments),
        FloatHelper::MultiplyAndAdd(_) => fused::<u64>(c, true, arguments),
        FloatHelper::MultiplyAndSubtract(FloatFormat::Short) => fused::<u32>(c, false, arguments),
        FloatHelper::MultiplyAndSubtract(_) => fused::<u64>(c, false, arguments),
        FloatHelper::SquareRoot(format) => in_format!(format, root(c, arguments)),
        FloatHelper::DivideToInteger(FloatFormat::Short) => to_integer::<u32>(c, arguments),
        FloatHelper::DivideToInteger(_) => to_integer::<u64>(c, arguments),
        FloatHelper::Compare(format) => in_format!(format, compared(c, false, arguments)),
        FloatHelper::CompareAndSignal(format) => in_format!(format, compared(c, true, arguments)),
        FloatHelper::TestDataClass(format) => in_format!(format, class(c, arguments)),
        FloatHelper::LoadAndTest(format) => in_format!(format, tested(c, arguments)),
        _ => Err(Exception::Unsupported("The routine is no arithmetic.")),
    }
}

fn arithmetic<F: Datum>(
    c: &mut Context<'_>,
    operation: FloatOperation,
    [r1, a, a_low, b, b_low, ..]: Arguments,
) -> Result<u64, Exception> {
    let (a, b) = (F::from_words(a, a_low), F::from_words(b, b_low));
    let operate = match operation {
        FloatOperation::Add => add,
        FloatOperation::Subtract => subtract,
        FloatOperation::Multiply => multiply,
        FloatOperation::Divide => divide,
    };
    let outcome = operate(a, b, controls(c));
    conclude(c, outcome, |c, result: F| {
        result.put(c, r1);
        if operation.sets_cc() {
            c.regs.psw.set_condition_code(condition(result));
        }
    })
}

fn longer<F: Datum, G: Datum + LongerThan<F>>(
    c: &mut Context<'_>,
    [r1, a, a_low, b, b_low, ..]: Arguments,
) -> Result<u64, Exception> {
    let (a, b) = (F::from_words(a, a_low), F::from_words(b, b_low));
    let outcome = multiply_longer(a, b, controls(c));
    conclude(c, outcome, |c, result: G| result.put(c, r1))
}

fn fused<F: Datum + ShortOrLong>(
    c: &mut Context<'_>,
    adds: bool,
    [r1, first, second, third, ..]: Arguments,
) -> Result<u64, Exception> {
    let [first, second, third] = [first, second, third].map(|word| F::from_words(word, 0));
    let operate = if adds { multiply_and_add } else { multiply_and_subtract };
    let outcome = operate(first, second, third, controls(c));
    conclude(c, outcome, |c, result: F| result.put(c, r1))
}

fn root<F: Datum>(c: &mut Context<'_>, [r1, high, low, ..]: Arguments) -> Result<u64, Exception> {
    let outcome = square_root(F::from_words(high, low), controls(c));
    conclude(c, outcome, |c, result: F| result.put(c, r1))
}

fn to_integer<F: Datum + ShortOrLong>(
    c: &mut Context<'_>,
    [r1, r3, m4, first, second, ..]: Arguments,
) -> Result<u64, Exception> {
    let controls = controls(c);
    let method = Rounding::from_modifier(bits::low8(m4), controls.rounding);
    let method = method.unwrap_or(controls.rounding);
    let [first, second] = [first, second].map(|word| F::from_words(word, 0));
    let outcome = divide_to_integer(first, second, method, controls);
    conclude(c, outcome, |c, Division { quotient, remainder, condition }| {
        quotient.put(c, r3);
        remainder.put(c, r1);
        c.regs.psw.set_condition_code(condition);
    })
}

fn compared<F: Datum>(
    c: &mut Context<'_>,
    signals: bool,
    [a, a_low, b, b_low, ..]: Arguments,
) -> Result<u64, Exception> {
    let (a, b) = (F::from_words(a, a_low), F::from_words(b, b_low));
    let operate = if signals { compare_and_signal } else { compare };
    let outcome = operate(a, b, controls(c));
    conclude(c, outcome, |c, code| c.regs.psw.set_condition_code(code))
}

fn class<F: Datum>(
    c: &mut Context<'_>,
    [high, low, classes, ..]: Arguments,
) -> Result<u64, Exception> {
    let code = test_data_class(F::from_words(high, low), classes);
    c.regs.psw.set_condition_code(code);
    Ok(0)
}

fn tested<F: Datum>(c: &mut Context<'_>, [r1, high, low, ..]: Arguments) -> Result<u64, Exception> {
    let outcome = load_and_test(F::from_words(high, low), controls(c));
    conclude(c, outcome, |c, result: F| {
        result.put(c, r1);
        c.regs.psw.set_condition_code(condition(result));
    })
}
