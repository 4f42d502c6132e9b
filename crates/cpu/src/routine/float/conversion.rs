//! Conversions.

use super::{Datum, conclude, controls, in_format, modified};
use crate::{Context, Exception};
use lowcore_arch::bits;
use lowcore_float::{
    Converted, Integer, LongerThan, Rounded, from_integer, load_fp_integer, load_lengthened,
    load_rounded, to_integer,
};
use lowcore_isa::{FixedFormat, FloatFormat, FloatHelper};

type Arguments = [u64; 6];

/// An integer in a general register.
trait Fixed: Integer {
    /// From the right of a doubleword.
    fn from_word(word: u64) -> Self;

    /// Puts it into a general register, or the right of one.
    fn store(self, register: &mut u64);
}

impl Fixed for i32 {
    fn from_word(word: u64) -> Self {
        bits::low32(word).cast_signed()
    }

    fn store(self, register: &mut u64) {
        self.cast_unsigned().store(register);
    }
}

impl Fixed for u32 {
    fn from_word(word: u64) -> Self {
        bits::low32(word)
    }

    fn store(self, register: &mut u64) {
        *register = bits::with_low32(*register, self);
    }
}

impl Fixed for i64 {
    fn from_word(word: u64) -> Self {
        word.cast_signed()
    }

    fn store(self, register: &mut u64) {
        *register = self.cast_unsigned();
    }
}

impl Fixed for u64 {
    fn from_word(word: u64) -> Self {
        word
    }

    fn store(self, register: &mut u64) {
        *register = self;
    }
}

/// Calls a function generic over a format and an integer.
macro_rules! with_fixed {
    ($format:expr, $fixed:expr, $function:ident) => {
        match $fixed {
            FixedFormat::Word => with_integer!($format, i32, $function),
            FixedFormat::Doubleword => with_integer!($format, i64, $function),
            FixedFormat::LogicalWord => with_integer!($format, u32, $function),
            FixedFormat::LogicalDoubleword => with_integer!($format, u64, $function),
        }
    };
}

/// The function for an integer.
macro_rules! with_integer {
    ($format:expr, $integer:ident, $function:ident) => {
        match $format {
            FloatFormat::Short => $function::<u32, $integer>,
            FloatFormat::Long => $function::<u64, $integer>,
            FloatFormat::Extended => $function::<u128, $integer>,
        }
    };
}

pub fn call(
    c: &mut Context<'_>,
    helper: FloatHelper,
    arguments: Arguments,
) -> Result<u64, Exception> {
    use FloatFormat::{Extended, Long, Short};
    match helper {
        FloatHelper::Lengthen(Short, Long) => lengthen::<u32, u64>(c, arguments),
        FloatHelper::Lengthen(Short, Extended) => lengthen::<u32, u128>(c, arguments),
        FloatHelper::Lengthen(Long, Extended) => lengthen::<u64, u128>(c, arguments),
        FloatHelper::Round(Long, Short) => round::<u64, u32>(c, arguments),
        FloatHelper::Round(Extended, Short) => round::<u128, u32>(c, arguments),
        FloatHelper::Round(Extended, Long) => round::<u128, u64>(c, arguments),
        FloatHelper::ToInteger(format) => in_format!(format, integer(c, arguments)),
        FloatHelper::ToFixed(from, to) => with_fixed!(from, to, to_fixed)(c, arguments),
        FloatHelper::FromFixed(from, to) => with_fixed!(to, from, from_fixed)(c, arguments),
        _ => Err(Exception::Unsupported("The routine is no conversion.")),
    }
}

fn lengthen<F: Datum, G: Datum + LongerThan<F>>(
    c: &mut Context<'_>,
    [r1, high, low, ..]: Arguments,
) -> Result<u64, Exception> {
    let outcome = load_lengthened(F::from_words(high, low), controls(c));
    conclude(c, outcome, |c, result: G| result.put(c, r1))
}

fn round<F: Datum + LongerThan<G>, G: Datum>(
    c: &mut Context<'_>,
    [r1, high, low, m3, m4, ..]: Arguments,
) -> Result<u64, Exception> {
    let outcome = load_rounded(F::from_words(high, low), modified(c, m3, m4));
    conclude(c, outcome, |c, result: Rounded<G, F>| match result {
        Rounded::Result(result) => result.put(c, r1),
        Rounded::Scaled(result) => result.put(c, r1),
    })
}

fn integer<F: Datum>(
    c: &mut Context<'_>,
    [r1, high, low, m3, m4, ..]: Arguments,
) -> Result<u64, Exception> {
    let outcome = load_fp_integer(F::from_words(high, low), modified(c, m3, m4));
    conclude(c, outcome, |c, result: F| result.put(c, r1))
}

fn to_fixed<F: Datum, I: Fixed>(
    c: &mut Context<'_>,
    [r1, high, low, m3, m4, ..]: Arguments,
) -> Result<u64, Exception> {
    let outcome = to_integer(F::from_words(high, low), modified(c, m3, m4));
    conclude(c, outcome, |c, Converted::<I> { value, condition }| {
        value.store(&mut c.regs.gr[bits::index(r1 & 15)]);
        c.regs.psw.set_condition_code(condition);
    })
}

fn from_fixed<F: Datum, I: Fixed>(
    c: &mut Context<'_>,
    [r1, integer, m3, m4, ..]: Arguments,
) -> Result<u64, Exception> {
    let outcome = from_integer(I::from_word(integer), modified(c, m3, m4));
    conclude(c, outcome, |c, result: F| result.put(c, r1))
}
