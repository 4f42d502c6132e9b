//! Numbers as bodies hand them to routines, and where they come from.

use super::{Fpr, second, sign};
use crate::bodies::{Mem, Reg};
use crate::{Builder, FloatFormat, FloatHelper, Helper, HostFloat, Place, Value, Width};
use FloatFormat::{Extended, Long, Short};

/// Two doublewords; see [`FloatHelper`].
pub type Number<B> = [Value<B, u64>; 2];

/// A second operand of any format.
pub trait Operand {
    /// Its value.
    ///
    /// # Errors
    /// Access exceptions of a storage operand.
    fn number<B: Builder>(self, b: &mut B, format: FloatFormat) -> Result<Number<B>, B::Exit>;
}

impl Operand for Fpr {
    #[inline(always)]
    fn number<B: Builder>(self, b: &mut B, format: FloatFormat) -> Result<Number<B>, B::Exit> {
        Ok(match format {
            Short => {
                let short = b.fpr::<u32>(self.0);
                [b.zero_extend(short), b.constant(0)]
            }
            Long => [b.fpr(self.0), b.constant(0)],
            Extended => [b.fpr(self.0), b.fpr(second(self.0))],
        })
    }
}

/// In storage no number is longer than 64 bits.
impl<P: Place> Operand for Mem<P> {
    #[inline(always)]
    fn number<B: Builder>(self, b: &mut B, format: FloatFormat) -> Result<Number<B>, B::Exit> {
        let value = match format {
            Short => self.0.load_unsigned::<B, u32, u64>(b)?,
            _ => self.0.load(b)?,
        };
        Ok([value, b.constant(0)])
    }
}

/// An integer in a general register, on the right of a doubleword.
impl Operand for Reg {
    #[inline(always)]
    fn number<B: Builder>(self, b: &mut B, _: FloatFormat) -> Result<Number<B>, B::Exit> {
        Ok([b.gr(self.0), b.constant(0)])
    }
}

/// The set of registers that a number occupies.
const fn registers(r: u8, format: FloatFormat) -> u16 {
    match format {
        Extended => 1 << r | 1 << second(r),
        _ => 1 << r,
    }
}

/// Performs an operation with the host's arithmetic, see [`Builder::float`]:
/// nothing also where hosts do not have the formats of operands and result.
#[inline(always)]
pub fn on_host<B: Builder, const N: usize>(
    b: &mut B,
    operation: HostFloat,
    formats: [FloatFormat; 2],
    numbers: [Number<B>; N],
) -> Result<Option<Number<B>>, B::Exit> {
    match formats {
        [Extended, _] | [_, Extended] => Ok(None),
        [Short, Short] => on_host_of::<B, u32, u32, N>(b, operation, numbers),
        [Short, Long] => on_host_of::<B, u32, u64, N>(b, operation, numbers),
        [Long, Short] => on_host_of::<B, u64, u32, N>(b, operation, numbers),
        [Long, Long] => on_host_of::<B, u64, u64, N>(b, operation, numbers),
    }
}

#[inline(always)]
fn on_host_of<B: Builder, T: Width, U: Width, const N: usize>(
    b: &mut B,
    operation: HostFloat,
    numbers: [Number<B>; N],
) -> Result<Option<Number<B>>, B::Exit> {
    let operands = numbers.map(|[word, _]| b.zero_extend::<u64, T>(word));
    let Some(result) = b.float::<T, U>(operation, &operands)? else { return Ok(None) };
    Ok(Some([b.zero_extend(result), b.constant(0)]))
}

/// Performs an operation whose result comes into R1: with the host's
/// arithmetic, and gives the result, or by a routine with these arguments.
#[inline(always)]
pub fn perform<B: Builder, const N: usize>(
    b: &mut B,
    (host, helper): (HostFloat, FloatHelper),
    r1: u8,
    formats: [FloatFormat; 2],
    numbers: [Number<B>; N],
    arguments: &[Value<B, u64>],
) -> Result<Option<Number<B>>, B::Exit> {
    let [from, to] = formats;
    let result = on_host(b, host, formats, numbers)?;
    if let Some(result) = result {
        set(b, r1, to, result);
    } else {
        // What LOAD ROUNDED traps with has the format of the source.
        b.uses_float(0, registers(r1, from) | registers(r1, to));
        b.call(Helper::Float(helper), &[], arguments)?;
    }
    Ok(result)
}

/// Replaces a number in registers.
#[inline(always)]
pub fn set<B: Builder>(b: &mut B, r1: u8, format: FloatFormat, [high, low]: Number<B>) {
    match format {
        Short => {
            let short = b.zero_extend::<u64, u32>(high);
            b.set_fpr(r1, short);
        }
        Long => b.set_fpr(r1, high),
        Extended => {
            b.set_fpr(r1, high);
            b.set_fpr(second(r1), low);
        }
    }
}

/// What the left doubleword of an extended number has of infinity.
const INFINITY: u64 = 0x7fff << 48;

/// The sign in its doubleword.
pub const fn sign_of(format: FloatFormat) -> u64 {
    match format {
        Short => sign::<u32>(),
        _ => sign::<u64>(),
    }
}

/// The number without its sign.
#[inline(always)]
pub fn magnitude<B: Builder>(b: &mut B, format: FloatFormat, high: Value<B, u64>) -> Value<B, u64> {
    let rest = b.constant(!sign_of(format));
    b.and(high, rest)
}

/// Whether an extended number is a NaN.
#[inline(always)]
fn is_nan<B: Builder>(b: &mut B, [high, low]: Number<B>) -> B::Bool {
    let size = magnitude(b, Extended, high);
    let infinity = b.constant(INFINITY);
    let is_above = b.below(infinity, size);
    let is_at = b.equal(size, infinity);
    let zero = b.constant(0);
    let is_zero = b.equal(low, zero);
    let has_fraction = b.not(is_zero);
    let has_low = b.both(is_at, has_fraction);
    b.either(is_above, has_low)
}

/// A signed number with the sign of an extended one.
#[inline(always)]
fn sign_cc<B: Builder>(b: &mut B, [high, low]: Number<B>) -> Value<B, u64> {
    let size = magnitude(b, Extended, high);
    let size = b.or(size, low);
    let zero = b.constant(0);
    let is_zero = b.equal(size, zero);
    let one = b.constant(1);
    let signed = b.or(high, one);
    b.select(is_zero, zero, signed)
}

/// Sets the condition code of a number: 0 zero, 1 less, 2 greater, 3 a NaN.
#[inline(always)]
pub fn set_cc_or_nan<B: Builder>(b: &mut B, format: FloatFormat, number: Number<B>) {
    match format {
        Short => {
            let short = b.zero_extend::<u64, u32>(number[0]);
            b.set_cc_float(short);
        }
        Long => b.set_cc_float(number[0]),
        Extended => {
            let is_nan = is_nan(b, number);
            let sign = sign_cc(b, number);
            b.set_cc_sign_or_overflow(sign, is_nan);
        }
    }
}

/// Sets the condition code of two numbers that are not extended: 0 equal, 1
/// first low, 2 first high, 3 unordered.
#[inline(always)]
pub fn set_cc_compare<B: Builder>(b: &mut B, format: FloatFormat, [first, second]: [Number<B>; 2]) {
    if format == Short {
        let [first, second] = [first, second].map(|[word, _]| b.zero_extend::<u64, u32>(word));
        b.set_cc_float_compare(first, second);
    } else {
        b.set_cc_float_compare(first[0], second[0]);
    }
}
