//! Long operations on storage.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper). Where an operand
/// is given by registers, the arguments are their numbers: the address is in
/// the first, the length, if there is one, in the next. All of these set the
/// condition code, where the instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StringHelper {
    /// MOVE INVERSE: (first, last byte of the second; length).
    MoveInverse,
    /// MOVE NUMERICS: (first, second; length).
    MoveNumerics,
    /// MOVE ZONES: (first, second; length).
    MoveZones,
    /// MOVE LONG: (; R1, R2).
    MoveLong,
    /// MOVE LONG EXTENDED: (; R1, R3, padding).
    MoveLongExtended,
    /// MOVE LONG UNICODE: (; R1, R3, padding).
    MoveLongUnicode,
    /// COMPARE LOGICAL LONG: (; R1, R2).
    CompareLong,
    /// COMPARE LOGICAL LONG EXTENDED: (; R1, R3, padding).
    CompareLongExtended,
    /// COMPARE LOGICAL LONG UNICODE: (; R1, R3, padding).
    CompareLongUnicode,
    /// MOVE STRING: (; R1, R2).
    MoveString,
    /// COMPARE LOGICAL STRING: (; R1, R2).
    CompareString,
    /// SEARCH STRING: (; R1, R2).
    SearchString,
    /// SEARCH STRING UNICODE: (; R1, R2).
    SearchStringUnicode,
    /// COMPARE UNTIL SUBSTRING EQUAL: (; R1, R2).
    CompareUntilEqual,
    /// CHECKSUM: (; R1, R2).
    Checksum,
    /// TRANSLATE: (first, second; length).
    Translate,
    /// TRANSLATE AND TEST: (first, second; length).
    TranslateAndTest,
    /// TRANSLATE AND TEST REVERSE: (last byte of the first, second; length).
    TranslateAndTestReverse,
    /// TRANSLATE EXTENDED: (; R1, R2).
    TranslateExtended,
    /// TRANSLATE ONE TO ONE: (; R1, R2, M3).
    TranslateOneToOne,
    /// TRANSLATE ONE TO TWO: (; R1, R2, M3).
    TranslateOneToTwo,
    /// TRANSLATE TWO TO ONE: (; R1, R2, M3).
    TranslateTwoToOne,
    /// TRANSLATE TWO TO TWO: (; R1, R2, M3).
    TranslateTwoToTwo,
    /// TRANSLATE AND TEST EXTENDED: (; R1, R2, M3).
    TestExtended,
    /// TRANSLATE AND TEST REVERSE EXTENDED: (; R1, R2, M3).
    TestReverseExtended,
    /// MOVE PAGE: (; R1, R2).
    MovePage,
    /// PERFORM LOCKED OPERATION: (second, fourth; R1, R3).
    PerformLocked,
    /// COMPARE AND SWAP AND STORE: (first, second; R3).
    CompareSwapAndStore,
    /// COMPARE AND FORM CODEWORD: (; second-operand address).
    FormCodeword,
    /// UPDATE TREE.
    UpdateTree,
    /// COMPRESSION CALL: (; R1, R2).
    Compression,
}

impl StringHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        const FETCHES: HelperEffects = HelperEffects {
            loads: HelperEffects::SOME,
            sets_cc: true,
            may_end: true,
            ..HelperEffects::NONE
        };
        const STORES: HelperEffects = HelperEffects { stores: HelperEffects::SOME, ..FETCHES };
        match self {
            Self::MoveInverse | Self::MoveNumerics | Self::MoveZones | Self::Translate => {
                HelperEffects { sets_cc: false, ..STORES }
            }
            Self::CompareLong
            | Self::CompareLongExtended
            | Self::CompareLongUnicode
            | Self::CompareString
            | Self::SearchString
            | Self::SearchStringUnicode
            | Self::CompareUntilEqual
            | Self::Checksum
            | Self::TranslateAndTest
            | Self::TranslateAndTestReverse
            | Self::TestExtended
            | Self::TestReverseExtended
            | Self::FormCodeword => FETCHES,
            Self::MoveLong
            | Self::MoveLongExtended
            | Self::MoveLongUnicode
            | Self::MoveString
            | Self::TranslateExtended
            | Self::TranslateOneToOne
            | Self::TranslateOneToTwo
            | Self::TranslateTwoToOne
            | Self::TranslateTwoToTwo
            | Self::MovePage
            | Self::PerformLocked
            | Self::CompareSwapAndStore
            | Self::UpdateTree
            | Self::Compression => STORES,
        }
    }
}
