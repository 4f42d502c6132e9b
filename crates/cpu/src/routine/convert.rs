//! Conversions between formats and character sets.

use super::Operands;
use crate::{Context, Exception};
use lowcore_isa::ConvertHelper;

/// Calls a routine of this family.
pub(crate) fn call(
    _c: &mut Context<'_>,
    helper: ConvertHelper,
    _operands: &Operands,
) -> Result<u64, Exception> {
    match helper {}
}
