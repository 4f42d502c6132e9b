//! Address spaces: translation, cross-memory access, linkage.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper). Where operands
/// are numbers of registers, the routine reads and writes these itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpaceHelper {
    /// SET ADDRESS SPACE CONTROL (FAST): (; second-operand address).
    SetSpaceControl,
    /// INSERT ADDRESS SPACE CONTROL: the byte for bits 48-55. Sets the
    /// condition code.
    InsertSpaceControl,
    /// MOVE TO PRIMARY: (first, second; length, key). Sets the condition code.
    MoveToPrimary,
    /// MOVE TO SECONDARY: (first, second; length, key). Sets the condition
    /// code.
    MoveToSecondary,
    /// MOVE WITH KEY: (first, second; length, key). Sets the condition code.
    MoveWithKey,
    /// MOVE WITH SOURCE KEY: (first, second; length less one, key).
    MoveWithSourceKey,
    /// MOVE WITH DESTINATION KEY: (first, second; length less one, key).
    MoveWithDestinationKey,
    /// MOVE WITH OPTIONAL SPECIFICATIONS: (first, second; length,
    /// operand-access controls). Sets the condition code.
    MoveWithSpecifications,
    /// LOAD REAL ADDRESS: (second; number of R1, whether the result has 64
    /// bits in every addressing mode). Sets the condition code.
    LoadReal,
    /// STORE REAL ADDRESS: (first, second).
    StoreReal,
    /// LOAD USING REAL ADDRESS: (; address, bytes). The value.
    LoadUsingReal,
    /// STORE USING REAL ADDRESS: (; address, bytes, value).
    StoreUsingReal,
    /// TEST PROTECTION: (first; address with the key). Sets the condition
    /// code.
    TestProtection,
    /// PURGE ALB.
    PurgeAlb,
    /// INVALIDATE PAGE TABLE ENTRY: (; page-table origin, virtual address,
    /// additional entries, mask).
    InvalidatePage,
    /// INVALIDATE DAT TABLE ENTRY: (; table designation, index and number of
    /// entries, space or 0, mask).
    InvalidateTable,
    /// COMPARE AND SWAP AND PURGE: (; numbers of R1 and R2, bytes). Sets the
    /// condition code.
    CompareAndPurge,
    /// COMPARE AND REPLACE DAT TABLE ENTRY: (; numbers of R1, R2, R3, mask).
    /// Sets the condition code.
    CompareAndReplace,
    /// EXTRACT PRIMARY ASN: the number.
    ExtractPrimary,
    /// EXTRACT SECONDARY ASN: the number.
    ExtractSecondary,
    /// TEST ACCESS: (; token, register with the extended authorization
    /// index). Sets the condition code.
    TestAccess,
    /// LOAD ADDRESS SPACE PARAMETERS: (first; second-operand address). Sets
    /// the condition code.
    LoadSpaceParameters,
    /// SET SECONDARY ASN: (; contents of R1).
    SetSecondary,
    /// PROGRAM CALL: (; program-call number).
    ProgramCall,
    /// PROGRAM RETURN. Sets the condition code.
    ProgramReturn,
    /// PROGRAM TRANSFER: (; contents of R1 and R2).
    ProgramTransfer,
    /// BRANCH AND STACK: (; numbers of R1 and R2).
    BranchAndStack,
    /// BRANCH AND SET AUTHORITY: (; numbers of R1 and R2).
    BranchAndSetAuthority,
    /// BRANCH IN SUBSPACE GROUP: (; numbers of R1 and R2).
    BranchInSubspaceGroup,
    /// EXTRACT STACKED REGISTERS: (; numbers of R1 and R2, bytes of each
    /// general register).
    ExtractStackedRegisters,
    /// EXTRACT STACKED STATE: (; number of R1, code). Sets the condition code.
    ExtractStackedState,
    /// MODIFY STACKED STATE: (; contents of R1 and of the next register).
    ModifyStackedState,
    /// TRAP: (; contents of the second operand's address, 1 for TRAP (4)).
    Trap,
}

impl SpaceHelper {
    /// Whether a problem program may call it: the routine itself checks the
    /// program's authority.
    #[must_use]
    pub const fn is_for_problem_state(self) -> bool {
        !matches!(
            self,
            Self::LoadReal
                | Self::StoreReal
                | Self::LoadUsingReal
                | Self::StoreUsingReal
                | Self::TestProtection
                | Self::PurgeAlb
                | Self::InvalidatePage
                | Self::InvalidateTable
                | Self::CompareAndPurge
                | Self::CompareAndReplace
                | Self::LoadSpaceParameters
        )
    }

    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        const NONE: HelperEffects = HelperEffects { may_end: true, ..HelperEffects::NONE };
        const SOME: u64 = HelperEffects::SOME;
        match self {
            Self::SetSpaceControl => HelperEffects { changes_psw: true, ..NONE },
            Self::InsertSpaceControl | Self::TestAccess => HelperEffects { sets_cc: true, ..NONE },
            Self::MoveToPrimary
            | Self::MoveToSecondary
            | Self::MoveWithKey
            | Self::MoveWithSpecifications => {
                HelperEffects { loads: SOME, stores: SOME, sets_cc: true, ..NONE }
            }
            Self::MoveWithSourceKey | Self::MoveWithDestinationKey => {
                HelperEffects { loads: SOME, stores: SOME, ..NONE }
            }
            Self::LoadReal | Self::TestProtection | Self::LoadSpaceParameters => {
                HelperEffects { loads: SOME, sets_cc: true, ..NONE }
            }
            Self::StoreReal => HelperEffects { stores: 8, ..NONE },
            Self::LoadUsingReal => HelperEffects { loads: 8, ..NONE },
            Self::StoreUsingReal => HelperEffects { stores: 8, ..NONE },
            Self::PurgeAlb | Self::ExtractPrimary | Self::ExtractSecondary => NONE,
            Self::InvalidatePage | Self::InvalidateTable => {
                HelperEffects { loads: SOME, stores: SOME, ..NONE }
            }
            Self::CompareAndPurge | Self::CompareAndReplace => {
                HelperEffects { loads: 8, stores: 8, sets_cc: true, ..NONE }
            }
            Self::SetSecondary => HelperEffects { loads: SOME, ..NONE },
            Self::ProgramReturn => HelperEffects {
                loads: SOME,
                stores: SOME,
                sets_cc: true,
                changes_psw: true,
                branches: true,
                may_end: true,
                ..NONE
            },
            Self::ProgramCall
            | Self::BranchAndStack
            | Self::BranchAndSetAuthority
            | Self::BranchInSubspaceGroup
            | Self::Trap => HelperEffects {
                loads: SOME,
                stores: SOME,
                changes_psw: true,
                branches: true,
                ..NONE
            },
            Self::ProgramTransfer => {
                HelperEffects { loads: SOME, changes_psw: true, branches: true, ..NONE }
            }
            Self::ExtractStackedRegisters => HelperEffects { loads: SOME, ..NONE },
            Self::ExtractStackedState => HelperEffects { loads: SOME, sets_cc: true, ..NONE },
            Self::ModifyStackedState => HelperEffects { loads: SOME, stores: 8, ..NONE },
        }
    }
}
