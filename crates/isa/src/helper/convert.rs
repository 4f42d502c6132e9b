//! Conversions between formats and character sets.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper). Where an operand
/// is given by registers, the arguments are their numbers: the address is in
/// the first, the length in the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConvertHelper {
    /// CONVERT TO BINARY of 8 bytes: (second; R1).
    ToBinary,
    /// CONVERT TO BINARY of 16 bytes: (second; R1).
    ToBinaryLong,
    /// CONVERT TO DECIMAL: (; value) gives a packed number of 8 bytes.
    ToDecimal,
    /// CONVERT TO DECIMAL into 16 bytes: (second; value).
    ToDecimalLong,
    /// MOVE WITH OFFSET: (first, second; both lengths).
    MoveWithOffset,
    /// PACK: (first, second; both lengths).
    Pack,
    /// UNPACK: (first, second; both lengths).
    Unpack,
    /// PACK ASCII: (first, second; second length).
    PackAscii,
    /// PACK UNICODE: (first, second; second length).
    PackUnicode,
    /// UNPACK ASCII: (first, second; first length). Sets the condition code.
    UnpackAscii,
    /// UNPACK UNICODE: (first, second; first length). Sets the condition code.
    UnpackUnicode,
    /// TEST DECIMAL: (first; length). Sets the condition code.
    TestDecimal,
    /// CONVERT UTF-8 TO UTF-16: (; R1, R2, M3). Sets the condition code.
    Utf8ToUtf16,
    /// CONVERT UTF-8 TO UTF-32: (; R1, R2, M3). Sets the condition code.
    Utf8ToUtf32,
    /// CONVERT UTF-16 TO UTF-8: (; R1, R2, M3). Sets the condition code.
    Utf16ToUtf8,
    /// CONVERT UTF-16 TO UTF-32: (; R1, R2, M3). Sets the condition code.
    Utf16ToUtf32,
    /// CONVERT UTF-32 TO UTF-8: (; R1, R2). Sets the condition code.
    Utf32ToUtf8,
    /// CONVERT UTF-32 TO UTF-16: (; R1, R2). Sets the condition code.
    Utf32ToUtf16,
}

impl ConvertHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        const NONE: HelperEffects = HelperEffects { may_end: true, ..HelperEffects::NONE };
        const BOTH: HelperEffects =
            HelperEffects { loads: HelperEffects::SOME, stores: HelperEffects::SOME, ..NONE };
        match self {
            Self::ToBinary => HelperEffects { loads: 8, ..NONE },
            Self::ToBinaryLong => HelperEffects { loads: 16, ..NONE },
            Self::ToDecimal => HelperEffects::NONE,
            Self::ToDecimalLong => HelperEffects { stores: 16, ..NONE },
            Self::TestDecimal => HelperEffects { loads: 16, sets_cc: true, ..NONE },
            Self::MoveWithOffset
            | Self::Pack
            | Self::Unpack
            | Self::PackAscii
            | Self::PackUnicode => BOTH,
            Self::UnpackAscii
            | Self::UnpackUnicode
            | Self::Utf8ToUtf16
            | Self::Utf8ToUtf32
            | Self::Utf16ToUtf8
            | Self::Utf16ToUtf32
            | Self::Utf32ToUtf8
            | Self::Utf32ToUtf16 => HelperEffects { sets_cc: true, ..BOTH },
        }
    }
}
