//! Address spaces: translation, cross-memory access, linkage.

use super::Operands;
use crate::{Context, Exception};
use lowcore_arch::ProgramCode;
use lowcore_isa::SpaceHelper;

/// Calls a routine of this family.
pub(crate) fn call(
    _c: &mut Context<'_>,
    _helper: SpaceHelper,
    _operands: &Operands,
) -> Result<u64, Exception> {
    Err(ProgramCode::OPERATION.into())
}
