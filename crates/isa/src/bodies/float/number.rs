//! Numbers as bodies hand them to routines, and where they come from.

use super::{Fpr, second, sign};
use crate::bodies::{Mem, Reg};
use crate::{Builder, Done, FloatFormat, FloatHelper, Helper, Place, Value, Width};
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

/// Calls a routine that puts a number of this format into R1.
#[inline(always)]
pub fn call_for<B: Builder>(
    b: &mut B,
    helper: FloatHelper,
    r1: u8,
    format: FloatFormat,
    arguments: &[Value<B, u64>],
) -> Done<B> {
    b.uses_float(0, registers(r1, format));
    b.call(Helper::Float(helper), &[], arguments)?;
    Ok(())
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

/// What the doubleword with the sign has of infinity.
const fn infinity(format: FloatFormat) -> u64 {
    match format {
        Short => 0x7f80_0000,
        Long => 0x7ff0 << 48,
        Extended => 0x7fff << 48,
    }
}

/// The sign in its doubleword.
pub const fn sign_of(format: FloatFormat) -> u64 {
    match format {
        Short => sign::<u32>(),
        _ => sign::<u64>(),
    }
}

/// The bit that is one in a quiet NaN.
const fn quiet(format: FloatFormat) -> u64 {
    match format {
        Short => 0x40_0000,
        Long => 1 << 51,
        Extended => 1 << 47,
    }
}

/// The number without its sign.
#[inline(always)]
pub fn magnitude<B: Builder>(b: &mut B, format: FloatFormat, high: Value<B, u64>) -> Value<B, u64> {
    let rest = b.constant(!sign_of(format));
    b.and(high, rest)
}

/// Whether it is a NaN.
#[inline(always)]
pub fn is_nan<B: Builder>(b: &mut B, format: FloatFormat, [high, low]: Number<B>) -> B::Bool {
    let size = magnitude(b, format, high);
    let infinity = b.constant(infinity(format));
    let is_above = b.below(infinity, size);
    if format != Extended {
        return is_above;
    }
    let is_at = b.equal(size, infinity);
    let zero = b.constant(0);
    let is_zero = b.equal(low, zero);
    let has_fraction = b.not(is_zero);
    let has_low = b.both(is_at, has_fraction);
    b.either(is_above, has_low)
}

/// Whether it is a signaling NaN.
#[inline(always)]
pub fn is_signaling<B: Builder>(b: &mut B, format: FloatFormat, number: Number<B>) -> B::Bool {
    let is_nan = is_nan(b, format, number);
    let quiet = b.constant(quiet(format));
    let quiet = b.and(number[0], quiet);
    let zero = b.constant(0);
    let is_not_quiet = b.equal(quiet, zero);
    b.both(is_nan, is_not_quiet)
}

/// A signed number with the sign of a floating-point number.
#[inline(always)]
fn sign_cc<B: Builder>(b: &mut B, format: FloatFormat, [high, low]: Number<B>) -> Value<B, u64> {
    let mut size = magnitude(b, format, high);
    if format == Extended {
        size = b.or(size, low);
    }
    let zero = b.constant(0);
    let is_zero = b.equal(size, zero);
    let amount = b.constant(if format == Short { 32 } else { 0 });
    let signed = b.shift_left(high, amount);
    let one = b.constant(1);
    let signed = b.or(signed, one);
    b.select(is_zero, zero, signed)
}

/// Sets the condition code of a number: 0 zero, 1 less, 2 greater, 3 a NaN.
#[inline(always)]
pub fn set_cc_or_nan<B: Builder>(b: &mut B, format: FloatFormat, number: Number<B>) {
    let is_nan = is_nan(b, format, number);
    let sign = sign_cc(b, format, number);
    b.set_cc_sign_or_overflow(sign, is_nan);
}

/// A number of up to 64 bits as a signed integer with the same order, both
/// zeros being 0.
#[inline(always)]
pub fn ordered<B: Builder, T: Width>(b: &mut B, value: Value<B, T>) -> Value<B, T> {
    let zero = b.constant(0);
    let is_negative = b.below_signed(value, zero);
    let least = b.constant(sign::<T>());
    let mirrored = b.sub(least, value);
    b.select(is_negative, mirrored, value)
}
