//! Address spaces: translation, cross-memory access, linkage (manual,
//! chapters 5 and 10).

mod control;
mod linkage;
mod moves;
mod purge;
mod real;
mod stack;

use super::Operands;
use crate::translation::TranslationFault;
use crate::{Context, Exception};
use lowcore_arch::{ProgramCode, Psw};
use lowcore_isa::SpaceHelper;

/// CR0 bit 36: a problem program may look at address-space numbers and keys.
const EXTRACTION_AUTHORITY: u64 = 1 << 27;
/// CR0 bit 37: the secondary space may be used.
const SECONDARY_SPACE: u64 = 1 << 26;
/// CR14 bit 44: address-space numbers are translated.
const ASN_TRANSLATION: u64 = 1 << 19;

/// The address-space control of a PSW.
const PRIMARY: u64 = 0;
const ACCESS_REGISTER: u64 = 1;
const SECONDARY: u64 = 2;
const HOME: u64 = 3;

/// Calls a routine of this family.
pub(crate) fn call(
    c: &mut Context<'_>,
    helper: SpaceHelper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let Operands { at: [first, second, _], arguments: [one, two, three, four, ..] } = *operands;
    match helper {
        SpaceHelper::SetSpaceControl => control::set(c, one)?,
        SpaceHelper::InsertSpaceControl => return control::insert(c),
        SpaceHelper::MoveToPrimary => moves::to_primary(c, first, second, one, two)?,
        SpaceHelper::MoveToSecondary => moves::to_secondary(c, first, second, one, two)?,
        SpaceHelper::MoveWithKey => moves::with_key(c, first, second, one, two)?,
        SpaceHelper::MoveWithSourceKey => moves::with_source_key(c, first, second, one, two)?,
        SpaceHelper::MoveWithDestinationKey => {
            moves::with_destination_key(c, first, second, one, two)?;
        }
        SpaceHelper::MoveWithSpecifications => {
            moves::with_specifications(c, first, second, one, two)?;
        }
        SpaceHelper::LoadReal => real::load_address(c, first, one, two != 0)?,
        SpaceHelper::StoreReal => real::store_address(c, first, second)?,
        SpaceHelper::LoadUsingReal => return real::load(c, one, two),
        SpaceHelper::StoreUsingReal => real::store(c, one, two, three)?,
        SpaceHelper::TestProtection => real::test_protection(c, first, one)?,
        // Access-register translation leaves nothing behind.
        SpaceHelper::PurgeAlb => {}
        SpaceHelper::InvalidatePage => purge::page(c, one, two, three, four)?,
        SpaceHelper::InvalidateTable => purge::table(c, one, two, three, four)?,
        SpaceHelper::CompareAndPurge => purge::compare_and_swap(c, one, two, three)?,
        SpaceHelper::CompareAndReplace => purge::compare_and_replace(c, one, two, four)?,
        SpaceHelper::ExtractPrimary => return control::number(c, 4),
        SpaceHelper::ExtractSecondary => return control::number(c, 3),
        SpaceHelper::TestAccess => control::test_access(c, one, two)?,
        SpaceHelper::LoadSpaceParameters => linkage::load_parameters(c, first, one)?,
        SpaceHelper::SetSecondary => linkage::set_secondary(c, one)?,
        SpaceHelper::ProgramCall => linkage::program_call(c, one)?,
        SpaceHelper::ProgramTransfer => linkage::program_transfer(c, one, two)?,
        SpaceHelper::BranchAndSetAuthority => linkage::branch_and_set_authority(c, one, two)?,
        SpaceHelper::BranchInSubspaceGroup => linkage::branch_in_subspace_group(c)?,
        SpaceHelper::Trap => linkage::trap(c)?,
        SpaceHelper::BranchAndStack => stack::branch(c, one, two)?,
        SpaceHelper::ProgramReturn => stack::program_return(c)?,
        SpaceHelper::ExtractStackedRegisters => stack::extract_registers(c, one, two, three)?,
        SpaceHelper::ExtractStackedState => stack::extract_state(c, one, two)?,
        SpaceHelper::ModifyStackedState => stack::modify_state(c, one, two)?,
    }
    Ok(0)
}

/// The address-space control of the PSW.
fn mode(c: &Context<'_>) -> u64 {
    c.regs.psw.mask >> 46 & 3
}

/// A special-operation exception if `wrong`.
fn special_if(wrong: bool) -> Result<(), Exception> {
    if wrong { Err(ProgramCode::SPECIAL_OPERATION.into()) } else { Ok(()) }
}

/// A special-operation exception without address translation.
fn needs_translation(c: &Context<'_>) -> Result<(), Exception> {
    special_if(!c.regs.psw.has(Psw::DAT))
}

/// A privileged-operation exception in the problem state if `wrong`.
fn privileged_if(c: &Context<'_>, wrong: bool) -> Result<(), Exception> {
    if wrong && c.regs.psw.has(Psw::PROBLEM) {
        return Err(ProgramCode::PRIVILEGED_OPERATION.into());
    }
    Ok(())
}

/// The key in bits 56-59 of a register, which a problem program may use only
/// if the PSW-key mask, bits 32-47 of control register 3, has its bit.
fn checked_key(c: &Context<'_>, register: u64) -> Result<u8, Exception> {
    check_key(c, lowcore_arch::bits::low8(register) >> 4)
}

fn check_key(c: &Context<'_>, key: u8) -> Result<u8, Exception> {
    privileged_if(c, c.regs.cr[3] >> (31 - key) & 1 == 0)?;
    Ok(key)
}

impl From<TranslationFault> for Exception {
    fn from(fault: TranslationFault) -> Self {
        match fault {
            TranslationFault::Program(code) => code.into(),
            TranslationFault::Host => Self::HostFault,
        }
    }
}
