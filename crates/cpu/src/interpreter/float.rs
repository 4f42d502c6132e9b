//! Binary floating point on the host's own arithmetic: which of its functions
//! an operation is.

use lowcore_arch::bits;
use lowcore_float::{Host, HostInteger, LongerThan, Rounding, ShortOrLong};
use lowcore_isa::{FixedFormat, FloatOperation, HostFloat, Modifiers, Width};

/// A short or long number as a word.
trait Number:
    Host + HostInteger<i32> + HostInteger<u32> + HostInteger<i64> + HostInteger<u64> + ShortOrLong
{
    fn of(word: u64) -> Self;
    fn word(self) -> u64;
}

impl Number for u32 {
    #[inline(always)]
    fn of(word: u64) -> Self {
        bits::low32(word)
    }

    #[inline(always)]
    fn word(self) -> u64 {
        self.into()
    }
}

impl Number for u64 {
    #[inline(always)]
    fn of(word: u64) -> Self {
        word
    }

    #[inline(always)]
    fn word(self) -> u64 {
        self
    }
}

/// The method that modifiers name, where that of the register is to nearest.
#[inline(always)]
fn method(modifiers: Modifiers) -> Option<Rounding> {
    Rounding::from_modifier(modifiers.m3, Rounding::NearestEven)
}

/// The result of an operation and whether it is inexact (any answer will do if
/// that is `known`), or nothing if the host's arithmetic does not do. Operands
/// and result have the widths `T` and `U`.
#[inline(always)]
pub fn on_host<T: Width, U: Width>(
    operation: HostFloat,
    operands: [u64; 3],
    known: bool,
) -> Option<(u64, bool)> {
    let short = if let HostFloat::FromFixed(..) = operation { U::BITS } else { T::BITS } == 32;
    if short {
        of_format::<u32>(operation, operands, known)
    } else {
        of_format::<u64>(operation, operands, known)
    }
}

#[inline(always)]
fn of_format<F: Number>(operation: HostFloat, words: [u64; 3], known: bool) -> Option<(u64, bool)> {
    let [a, b, c] = words.map(F::of);
    let (result, inexact) = match operation {
        HostFloat::Arithmetic(FloatOperation::Add) => F::host_add(a, b, known),
        HostFloat::Arithmetic(FloatOperation::Subtract) => F::host_subtract(a, b, known),
        HostFloat::Arithmetic(FloatOperation::Multiply) => F::host_multiply(a, b, known),
        HostFloat::Arithmetic(FloatOperation::Divide) => F::host_divide(a, b, known),
        HostFloat::Fused { subtract } => F::host_fused(c, b, a, subtract, known),
        HostFloat::SquareRoot => F::host_square_root(a, known),
        HostFloat::Compare { .. } => (!a.is_nan() && !b.is_nan()).then_some((a, false)),
        HostFloat::LoadAndTest => (!a.is_nan()).then_some((a, false)),
        HostFloat::ToInteger(modifiers) => F::host_integral(a, method(modifiers)?),
        HostFloat::MultiplyLonger => {
            let [a, b] = [words[0], words[1]].map(|word| f64::from(f32::from_bits(u32::of(word))));
            let product = a * b;
            return (!product.is_nan()).then_some((product.to_bits(), false));
        }
        HostFloat::Lengthen => {
            let short = f32::from_bits(u32::of(words[0]));
            return (!short.is_nan()).then_some((f64::from(short).to_bits(), false));
        }
        HostFloat::Round(modifiers) => {
            return match method(modifiers)? {
                Rounding::NearestEven => {
                    let (short, inexact): (u32, _) = words[0].host_shorten()?;
                    Some((short.into(), inexact))
                }
                _ => None,
            };
        }
        HostFloat::ToFixed(to, modifiers) => return to_fixed(a, to, method(modifiers)?),
        HostFloat::FromFixed(from, modifiers) => match method(modifiers)? {
            Rounding::NearestEven => Some(from_fixed::<F>(words[0], from, known)),
            _ => None,
        },
    }?;
    Some((result.word(), inexact))
}

#[inline(always)]
fn to_fixed<F: Number>(a: F, to: FixedFormat, method: Rounding) -> Option<(u64, bool)> {
    Some(match to {
        FixedFormat::Word => {
            let (integer, inexact): (i32, _) = a.host_to(method)?;
            (integer.cast_unsigned().into(), inexact)
        }
        FixedFormat::LogicalWord => {
            let (integer, inexact): (u32, _) = a.host_to(method)?;
            (integer.into(), inexact)
        }
        FixedFormat::Doubleword => {
            let (integer, inexact): (i64, _) = a.host_to(method)?;
            (integer.cast_unsigned(), inexact)
        }
        FixedFormat::LogicalDoubleword => a.host_to(method)?,
    })
}

#[inline(always)]
fn from_fixed<F: Number>(word: u64, from: FixedFormat, known: bool) -> (F, bool) {
    match from {
        FixedFormat::Word => F::host_from(bits::low32(word).cast_signed(), known),
        FixedFormat::LogicalWord => F::host_from(bits::low32(word), known),
        FixedFormat::Doubleword => F::host_from(word.cast_signed(), known),
        FixedFormat::LogicalDoubleword => F::host_from(word, known),
    }
}

/// The condition code of two numbers: 0 equal, 1 first low, 2 first high, 3
/// unordered.
#[inline(always)]
pub fn compare<T: Width>(a: T, b: T) -> u64 {
    let [a, b] = [a, b].map(|number| {
        let word = number.zero_extended();
        if T::BITS == 32 { f32::from_bits(u32::of(word)).into() } else { f64::from_bits(word) }
    });
    let is_unordered = a.is_nan() || b.is_nan();
    u64::from(a < b || is_unordered) + 2 * u64::from(a > b || is_unordered)
}
