//! Conversions between formats and character sets.

mod decimal;
mod packed;
mod unicode;

use super::Operands;
use super::registers::number;
use crate::{Context, Exception};
use lowcore_arch::bits;
use lowcore_isa::ConvertHelper;
use unicode::Encoding::{Utf8, Utf16, Utf32};

/// Calls a routine of this family.
pub(crate) fn call(
    c: &mut Context<'_>,
    helper: ConvertHelper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let (at, arguments) = (operands.at, operands.arguments);
    let [one, other, mask, ..] = arguments;
    let unicode = |c: &mut Context<'_>, from, to| {
        unicode::convert(c, number(one), number(other), from, to, mask & 1 != 0)
    };
    match helper {
        ConvertHelper::ToBinary => decimal::to_binary(c, at[0], number(one))?,
        ConvertHelper::ToBinaryLong => decimal::to_binary_long(c, at[0], number(one))?,
        ConvertHelper::ToDecimal => {
            return Ok(bits::low64(decimal::packed_of(one.cast_signed())));
        }
        ConvertHelper::ToDecimalLong => {
            c.store_u128(at[0], decimal::packed_of(one.cast_signed()))?;
        }
        ConvertHelper::TestDecimal => decimal::test(c, at[0], one)?,
        ConvertHelper::MoveWithOffset => packed::move_with_offset(c, at, arguments)?,
        ConvertHelper::Pack => packed::pack(c, at, arguments)?,
        ConvertHelper::Unpack => packed::unpack(c, at, arguments)?,
        ConvertHelper::PackAscii => packed::pack_characters(c, at, one, 1)?,
        ConvertHelper::PackUnicode => packed::pack_characters(c, at, one, 2)?,
        ConvertHelper::UnpackAscii => packed::unpack_characters(c, at, one, 1)?,
        ConvertHelper::UnpackUnicode => packed::unpack_characters(c, at, one, 2)?,
        ConvertHelper::Utf8ToUtf16 => unicode(c, Utf8, Utf16)?,
        ConvertHelper::Utf8ToUtf32 => unicode(c, Utf8, Utf32)?,
        ConvertHelper::Utf16ToUtf8 => unicode(c, Utf16, Utf8)?,
        ConvertHelper::Utf16ToUtf32 => unicode(c, Utf16, Utf32)?,
        ConvertHelper::Utf32ToUtf8 => unicode(c, Utf32, Utf8)?,
        ConvertHelper::Utf32ToUtf16 => unicode(c, Utf32, Utf16)?,
    }
    Ok(0)
}
