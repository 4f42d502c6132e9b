//! Instructions on storage keys.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper). Where it takes
/// numbers of registers, it reads and writes them itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyHelper {
    /// INSERT STORAGE KEY EXTENDED: (; real address). The key.
    Insert,
    /// INSERT VIRTUAL STORAGE KEY: (operand). The key without its reference
    /// and change bits.
    InsertVirtual,
    /// SET STORAGE KEY EXTENDED: (; R1, R2, M3). Sets the condition code if
    /// it is conditional.
    Set,
    /// RESET REFERENCE BIT EXTENDED: (; real address). Sets the condition
    /// code.
    ResetReference,
    /// RESET REFERENCE BITS MULTIPLE: (; R1, absolute address).
    ResetReferences,
    /// PERFORM FRAME MANAGEMENT FUNCTION: (; R1, R2).
    ManageFrame,
    /// TEST BLOCK: (; real address). Sets the condition code and general
    /// register 0.
    TestBlock,
}

impl KeyHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        const NONE: HelperEffects = HelperEffects { may_end: true, ..HelperEffects::NONE };
        match self {
            Self::Insert | Self::InsertVirtual | Self::ResetReferences => NONE,
            Self::Set | Self::ResetReference => HelperEffects { sets_cc: true, ..NONE },
            Self::ManageFrame => HelperEffects { stores: HelperEffects::SOME, ..NONE },
            Self::TestBlock => HelperEffects { stores: HelperEffects::SOME, sets_cc: true, ..NONE },
        }
    }
}
