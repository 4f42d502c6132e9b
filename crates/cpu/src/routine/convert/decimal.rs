//! CONVERT TO BINARY and CONVERT TO DECIMAL.

use crate::{At, Context, Exception};
use lowcore_arch::{ProgramCode, bits};

/// The signs of a packed number: positive and negative.
const PLUS: u128 = 0xc;
const MINUS: u128 = 0xd;

/// The value of a packed number, with its sign in the rightmost digit.
fn value_of(packed: u128) -> Result<i128, Exception> {
    let invalid = Exception::data(0);
    let mut value = 0;
    for position in (1..32).rev() {
        let digit = (packed >> (4 * position) & 15).cast_signed();
        if digit > 9 {
            return Err(invalid);
        }
        // 31 digits at most.
        value = 10 * value + digit;
    }
    match packed & 15 {
        0xa | 0xc | 0xe | 0xf => Ok(value),
        0xb | 0xd => Ok(-value),
        _ => Err(invalid),
    }
}

/// CONVERT TO BINARY of eight bytes. A result that is too large is cut, and
/// the exception comes after that.
pub(super) fn to_binary(c: &mut Context<'_>, at: At, r1: u8) -> Result<(), Exception> {
    let value = value_of(c.load_u64(at)?.into())?;
    c.set_register_low(r1, bits::low32(bits::low64(value.cast_unsigned())));
    if i32::try_from(value).is_err() {
        return Err(ProgramCode::FIXED_POINT_DIVIDE.into());
    }
    Ok(())
}

/// CONVERT TO BINARY of 16 bytes: a result that is too large suppresses it.
pub(super) fn to_binary_long(c: &mut Context<'_>, at: At, r1: u8) -> Result<(), Exception> {
    let value = value_of(c.load_u128(at)?)?;
    let value = i64::try_from(value).map_err(|_| ProgramCode::FIXED_POINT_DIVIDE)?;
    c.set_register(r1, value.cast_unsigned());
    Ok(())
}

/// The packed number of a value, with its sign in the rightmost digit.
pub(super) fn packed_of(value: i64) -> u128 {
    let mut packed = if value < 0 { MINUS } else { PLUS };
    let mut rest = value.unsigned_abs();
    let mut position = 4;
    while rest != 0 {
        packed |= u128::from(rest % 10) << position;
        rest /= 10;
        position += 4;
    }
    packed
}

/// TEST DECIMAL: 1 for an invalid sign, 2 for an invalid digit, 3 for both.
pub(super) fn test(c: &mut Context<'_>, at: At, length: u64) -> Result<(), Exception> {
    let mut bytes = [0; 16];
    c.read(at, &mut bytes[16 - bits::index(length)..])?;
    let packed = u128::from_be_bytes(bytes);
    let wrong_digit = (1..32).any(|position| packed >> (4 * position) & 15 > 9);
    let wrong_sign = packed & 15 < 10;
    c.end_with(u8::from(wrong_sign) | u8::from(wrong_digit) << 1)
}
