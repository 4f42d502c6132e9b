//! Floating point.

mod control;

use super::Operands;
use crate::{Context, Exception};
use lowcore_isa::FloatHelper;

pub(super) fn call(
    c: &mut Context<'_>,
    helper: FloatHelper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let [first, ..] = operands.arguments;
    match helper {
        FloatHelper::SetFpcAndSignal => control::set_and_signal(c, first),
    }
}
