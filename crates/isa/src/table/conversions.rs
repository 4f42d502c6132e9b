//! Conversions between binary, packed and zoned numbers, and between forms of
//! Unicode.

use super::prelude::*;
use crate::ConvertHelper as C;
use crate::bodies::convert;
use lowcore_arch::Facility;

const ETF2: Facility = Facility::EXTENDED_TRANSLATION_2;
const ETF3: Facility = Facility::EXTENDED_TRANSLATION_3;

family! {
    cvb     0x4f   RxA   N3  []   |b, o| convert::to_binary(b, C::ToBinary, o.r1, o.at);
    cvby    0xe306 RxyA  LD  []   |b, o| convert::to_binary(b, C::ToBinary, o.r1, o.at);
    cvbg    0xe30e RxyA  N3  []   |b, o| convert::to_binary(b, C::ToBinaryLong, o.r1, o.at);
    cvd     0x4e   RxA   N3  []   |b, o| convert::to_decimal(b, o.r1, o.at);
    cvdy    0xe326 RxyA  LD  []   |b, o| convert::to_decimal(b, o.r1, o.at);
    cvdg    0xe32e RxyA  N3  []   |b, o| convert::to_decimal_long(b, o.r1, o.at);
    mvo     0xf1   SsB   N3  []   |b, o| convert::two_lengths(b, C::MoveWithOffset, o.first, o.second);
    pack    0xf2   SsB   N3  []   |b, o| convert::two_lengths(b, C::Pack, o.first, o.second);
    unpk    0xf3   SsB   N3  []   |b, o| convert::two_lengths(b, C::Unpack, o.first, o.second);
    pka     0xe9   SsF   ETF2 []  |b, o| convert::pack_characters(b, C::PackAscii, o.first, o.second, 1);
    pku     0xe1   SsF   ETF2 []  |b, o| convert::pack_characters(b, C::PackUnicode, o.first, o.second, 2);
    unpka   0xea   SsA   ETF2 [cc] |b, o| convert::unpack_characters(b, C::UnpackAscii, o.first, o.second, 1);
    unpku   0xe2   SsA   ETF2 [cc] |b, o| convert::unpack_characters(b, C::UnpackUnicode, o.first, o.second, 2);
    tp      0xebc0 Rsl   ETF2 [cc] |b, o| convert::test_decimal(b, o.first);
    cu12    0xb2a7 RrfC  N3  [cc r1 r2] |b, o| convert::unicode(b, C::Utf8ToUtf16, o.r1, o.r2, o.m3);
    cu14    0xb9b0 RrfC  ETF3 [cc r1 r2] |b, o| convert::unicode(b, C::Utf8ToUtf32, o.r1, o.r2, o.m3);
    cu21    0xb2a6 RrfC  N3  [cc r1 r2] |b, o| convert::unicode(b, C::Utf16ToUtf8, o.r1, o.r2, o.m3);
    cu24    0xb9b1 RrfC  ETF3 [cc r1 r2] |b, o| convert::unicode(b, C::Utf16ToUtf32, o.r1, o.r2, o.m3);
    cu41    0xb9b2 Rre   ETF3 [cc r1 r2] |b, o| convert::unicode(b, C::Utf32ToUtf8, o.r1, o.r2, 0);
    cu42    0xb9b3 Rre   ETF3 [cc r1 r2] |b, o| convert::unicode(b, C::Utf32ToUtf16, o.r1, o.r2, 0);
}
