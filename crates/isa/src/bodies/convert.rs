//! Conversions: the routines do them.

use crate::operand::{Based, Long};
use crate::{Builder, ConvertHelper, Done, Helper, Loaded, Location, Place, Value};
use lowcore_arch::ProgramCode;

#[inline(always)]
fn call<B: Builder>(
    b: &mut B,
    helper: ConvertHelper,
    at: &[Location<B>],
    arguments: &[Value<B, u64>],
) -> Loaded<B, u64> {
    b.call(Helper::Convert(helper), at, arguments)
}

/// CONVERT TO BINARY.
#[inline(always)]
pub fn to_binary<B: Builder>(
    b: &mut B,
    helper: ConvertHelper,
    r1: u8,
    place: impl Place,
) -> Done<B> {
    // A short result keeps bits 0-31.
    b.uses(1 << r1, 1 << r1);
    let at = place.location(b);
    let register = b.constant(r1.into());
    call(b, helper, &[at], &[register])?;
    Ok(())
}

/// CONVERT TO DECIMAL of a word.
#[inline(always)]
pub fn to_decimal<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let word = b.gr::<u32>(r1);
    let value = b.sign_extend(word);
    let packed = call(b, ConvertHelper::ToDecimal, &[], &[value])?;
    place.store(b, packed)
}

/// CONVERT TO DECIMAL of a doubleword.
#[inline(always)]
pub fn to_decimal_long<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    let value = b.gr(r1);
    call(b, ConvertHelper::ToDecimalLong, &[at], &[value])?;
    Ok(())
}

/// Two storage operands, each with a length.
#[inline(always)]
pub fn two_lengths<B: Builder>(
    b: &mut B,
    helper: ConvertHelper,
    first: Long,
    second: Long,
) -> Done<B> {
    let at = [first.location(b), second.location(b)];
    let lengths = [b.constant(first.length), b.constant(second.length)];
    call(b, helper, &at, &lengths)?;
    Ok(())
}

/// Raises a specification exception unless `length` bytes are at most 32
/// characters of `size` bytes.
#[inline(always)]
fn characters<B: Builder>(b: &mut B, length: u64, size: u64) -> Done<B> {
    let wrong = b.constant_bool(length > 32 * size || !length.is_multiple_of(size));
    b.raise_if(wrong, ProgramCode::SPECIFICATION)
}

/// PACK ASCII, PACK UNICODE, from characters of `size` bytes.
#[inline(always)]
pub fn pack_characters<B: Builder>(
    b: &mut B,
    helper: ConvertHelper,
    first: Based,
    second: Long,
    size: u64,
) -> Done<B> {
    characters(b, second.length, size)?;
    let at = [first.location(b), second.location(b)];
    let length = b.constant(second.length);
    call(b, helper, &at, &[length])?;
    Ok(())
}

/// UNPACK ASCII, UNPACK UNICODE, to characters of `size` bytes.
#[inline(always)]
pub fn unpack_characters<B: Builder>(
    b: &mut B,
    helper: ConvertHelper,
    first: Long,
    second: Based,
    size: u64,
) -> Done<B> {
    characters(b, first.length, size)?;
    let at = [first.location(b), second.location(b)];
    let length = b.constant(first.length);
    call(b, helper, &at, &[length])?;
    Ok(())
}

/// TEST DECIMAL.
#[inline(always)]
pub fn test_decimal<B: Builder>(b: &mut B, first: Long) -> Done<B> {
    let at = first.location(b);
    let length = b.constant(first.length);
    call(b, ConvertHelper::TestDecimal, &[at], &[length])?;
    Ok(())
}

/// CONVERT UTF-8 TO UTF-16 and its kin: two register pairs and a mask.
#[inline(always)]
pub fn unicode<B: Builder>(b: &mut B, helper: ConvertHelper, r1: u8, r2: u8, mask: u8) -> Done<B> {
    let pairs = 0b11 << r1 | 0b11 << r2;
    b.uses(pairs, pairs);
    let arguments = [b.constant(r1.into()), b.constant(r2.into()), b.constant(mask.into())];
    call(b, helper, &[], &arguments)?;
    Ok(())
}
