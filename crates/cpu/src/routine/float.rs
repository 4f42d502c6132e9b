//! Floating point: crates/float computes, and what it says becomes registers,
//! flags, a condition code and a data exception.

mod arithmetic;
mod control;
mod conversion;
mod untrapped;

use super::Operands;
use crate::{Context, Exception};
use lowcore_arch::{bits, fpc};
use lowcore_float::{Controls, Exceptions, Format, Outcome};
use lowcore_isa::FloatHelper;

/// A number in arguments and registers.
trait Datum: Format {
    /// From two doublewords; see [`FloatHelper`].
    fn from_words(high: u64, low: u64) -> Self;

    /// Puts it into floating-point registers.
    fn put(self, c: &mut Context<'_>, r1: u64);
}

impl Datum for u32 {
    fn from_words(high: u64, _: u64) -> Self {
        bits::low32(high)
    }

    fn put(self, c: &mut Context<'_>, r1: u64) {
        let r = bits::index(r1 & 15);
        let right = c.regs.fpr(r) & 0xffff_ffff;
        c.regs.set_fpr(r, u64::from(self) << 32 | right);
    }
}

impl Datum for u64 {
    fn from_words(high: u64, _: u64) -> Self {
        high
    }

    fn put(self, c: &mut Context<'_>, r1: u64) {
        c.regs.set_fpr(bits::index(r1 & 15), self);
    }
}

impl Datum for u128 {
    fn from_words(high: u64, low: u64) -> Self {
        Self::from(high) << 64 | Self::from(low)
    }

    fn put(self, c: &mut Context<'_>, r1: u64) {
        c.regs.set_fpr(bits::index(r1 & 15), bits::high64(self));
        c.regs.set_fpr(bits::index(r1 & 13 | 2), bits::low64(self));
    }
}

/// The controls of the moment.
fn controls(c: &Context<'_>) -> Controls {
    Controls::from_fpc(c.regs.fpc)
}

/// The controls under the modifiers of an instruction, whose body has seen
/// that they are valid.
fn modified(c: &Context<'_>, m3: u64, m4: u64) -> Controls {
    let controls = controls(c);
    controls.with_modifiers(bits::low8(m3), bits::low8(m4)).unwrap_or(controls)
}

/// Ends an instruction with an outcome, whose result `put` stores.
fn conclude<'c, T>(
    c: &mut Context<'c>,
    outcome: Outcome<T>,
    put: impl FnOnce(&mut Context<'c>, T),
) -> Result<u64, Exception> {
    let set_flags = |c: &mut Context<'_>, flags: Exceptions| {
        c.regs.fpc = c.regs.fpc & !fpc::FLAGS | u32::from(flags.byte()) << 16;
    };
    match outcome {
        Outcome::Completed { value, flags } => {
            set_flags(c, flags);
            put(c, value);
            Ok(0)
        }
        Outcome::Trapped { value, flags, dxc } => {
            set_flags(c, flags);
            put(c, value);
            Err(Exception::data(dxc))
        }
        Outcome::Suppressed { dxc } => Err(Exception::data(dxc)),
    }
}

/// Calls a function generic over the format that an operand has.
macro_rules! in_format {
    ($format:expr, $function:ident($($argument:expr),*)) => {
        match $format {
            FloatFormat::Short => $function::<u32>($($argument),*),
            FloatFormat::Long => $function::<u64>($($argument),*),
            FloatFormat::Extended => $function::<u128>($($argument),*),
        }
    };
}
use in_format;

pub(super) fn call(
    c: &mut Context<'_>,
    helper: FloatHelper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let [first, ..] = operands.arguments;
    match helper {
        FloatHelper::SetFpcAndSignal => control::set_and_signal(c, first),
        FloatHelper::Lengthen(..)
        | FloatHelper::Round(..)
        | FloatHelper::ToInteger(_)
        | FloatHelper::ToFixed(..)
        | FloatHelper::FromFixed(..) => conversion::call(c, helper, operands.arguments),
        _ => arithmetic::call(c, helper, operands.arguments),
    }
}
