//! Operations on short and long numbers for an engine that does on the host's
//! arithmetic what that can do, and asks here about the rest.

use super::{Datum, controls, modified};
use crate::Context;
use lowcore_arch::{bits, fpc};
use lowcore_float::{
    Controls, Converted, Integer, Outcome, Rounded, ShortOrLong, add, compare, compare_and_signal,
    divide, from_integer, load_and_test, load_fp_integer, load_lengthened, load_rounded, multiply,
    multiply_and_add, multiply_and_subtract, multiply_longer, square_root, subtract, to_integer,
};
use lowcore_isa::{FixedFormat, FloatOperation, HostFloat};

/// The width of a short number.
const SHORT: u8 = 32;

impl Context<'_> {
    /// The result of an operation on numbers of the widths `from` and `to`
    /// (32 or 64 bits), each on the right of a word; its flags are set. Of a
    /// conversion to an integer also the number that the condition code is
    /// of: see [`Builder::float_to_fixed`](lowcore_isa::Builder). Nothing, and
    /// nothing is changed, if it ends in a data exception.
    pub fn float(
        &mut self,
        operation: HostFloat,
        [from, to]: [u8; 2],
        words: [u64; 3],
    ) -> Option<[u64; 2]> {
        let controls = match operation.modifiers() {
            Some(modifiers) => modified(self, modifiers.m3.into(), modifiers.m4.into()),
            None => controls(self),
        };
        let mut judged = words[0];
        let (word, flags) = match operation {
            HostFloat::ToFixed(to, _) => {
                let converted = if from == SHORT {
                    to_fixed_of(bits::low32(words[0]), to, controls)
                } else {
                    to_fixed_of(words[0], to, controls)
                };
                let (word, condition, flags) = converted?;
                if condition == 3 {
                    // Not a number in either width.
                    judged = u64::MAX;
                }
                (word, flags)
            }
            HostFloat::MultiplyLonger => {
                let [a, b, _] = words.map(bits::low32);
                completed(multiply_longer::<u32, u64>(a, b, controls))?
            }
            HostFloat::Lengthen => {
                completed(load_lengthened::<u32, u64>(bits::low32(words[0]), controls))?
            }
            HostFloat::Round(_) => rounded(words[0], controls)?,
            HostFloat::FromFixed(fixed, _) if to == SHORT => {
                from_fixed::<u32>(fixed, words[0], controls)?
            }
            HostFloat::FromFixed(fixed, _) => from_fixed::<u64>(fixed, words[0], controls)?,
            _ if from == SHORT => of_format::<u32>(operation, words, controls)?,
            _ => of_format::<u64>(operation, words, controls)?,
        };
        self.regs.fpc = self.regs.fpc & !fpc::FLAGS | u32::from(flags) << 16;
        Some([word, judged])
    }
}

/// A result and the flags after it.
type Completed = Option<(u64, u8)>;

fn completed<T: Into<u64>>(outcome: Outcome<T>) -> Completed {
    match outcome {
        Outcome::Completed { value, flags } => Some((value.into(), flags.byte())),
        Outcome::Trapped { .. } | Outcome::Suppressed { .. } => None,
    }
}

fn rounded(long: u64, controls: Controls) -> Completed {
    match load_rounded::<u64, u32>(long, controls) {
        Outcome::Completed { value: Rounded::Result(short), flags } => {
            Some((short.into(), flags.byte()))
        }
        _ => None,
    }
}

fn of_format<F: Datum + ShortOrLong + Into<u64>>(
    operation: HostFloat,
    words: [u64; 3],
    controls: Controls,
) -> Completed {
    let [a, b, c] = words.map(|word| F::from_words(word, 0));
    let compared = |outcome: Outcome<u8>| completed(outcome.map(|_| a));
    match operation {
        HostFloat::Arithmetic(FloatOperation::Add) => completed(add(a, b, controls)),
        HostFloat::Arithmetic(FloatOperation::Subtract) => completed(subtract(a, b, controls)),
        HostFloat::Arithmetic(FloatOperation::Multiply) => completed(multiply(a, b, controls)),
        HostFloat::Arithmetic(FloatOperation::Divide) => completed(divide(a, b, controls)),
        HostFloat::Fused { subtract: false } => completed(multiply_and_add(a, b, c, controls)),
        HostFloat::Fused { subtract: true } => completed(multiply_and_subtract(a, b, c, controls)),
        HostFloat::SquareRoot => completed(square_root(a, controls)),
        HostFloat::Compare { signals: false } => compared(compare(a, b, controls)),
        HostFloat::Compare { signals: true } => compared(compare_and_signal(a, b, controls)),
        HostFloat::LoadAndTest => completed(load_and_test(a, controls)),
        HostFloat::ToInteger(_) => completed(load_fp_integer(a, controls)),
        HostFloat::MultiplyLonger
        | HostFloat::Lengthen
        | HostFloat::Round(_)
        | HostFloat::ToFixed(..)
        | HostFloat::FromFixed(..) => None,
    }
}

/// An integer as a word, the condition code, and the flags.
type Fixed = Option<(u64, u8, u8)>;

fn to_fixed_of<F: Datum>(source: F, to: FixedFormat, controls: Controls) -> Fixed {
    match to {
        FixedFormat::Word => {
            to_fixed(source, controls, |integer: i32| integer.cast_unsigned().into())
        }
        FixedFormat::LogicalWord => to_fixed(source, controls, <u64 as From<u32>>::from),
        FixedFormat::Doubleword => to_fixed(source, controls, i64::cast_unsigned),
        FixedFormat::LogicalDoubleword => {
            to_fixed(source, controls, core::convert::identity::<u64>)
        }
    }
}

fn to_fixed<F: Datum, I: Integer>(source: F, controls: Controls, word: impl Fn(I) -> u64) -> Fixed {
    match to_integer(source, controls) {
        Outcome::Completed { value: Converted { value, condition }, flags } => {
            Some((word(value), condition, flags.byte()))
        }
        _ => None,
    }
}

fn from_fixed<F: Datum + Into<u64>>(from: FixedFormat, word: u64, controls: Controls) -> Completed {
    completed::<F>(match from {
        FixedFormat::Word => from_integer(bits::low32(word).cast_signed(), controls),
        FixedFormat::LogicalWord => from_integer(bits::low32(word), controls),
        FixedFormat::Doubleword => from_integer(word.cast_signed(), controls),
        FixedFormat::LogicalDoubleword => from_integer(word, controls),
    })
}
