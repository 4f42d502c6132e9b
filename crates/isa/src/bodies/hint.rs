//! What asks the machine to be faster, which it need not heed.

use crate::{Builder, Done};

/// PREFETCH DATA, BRANCH PREDICTION PRELOAD, NEXT INSTRUCTION ACCESS INTENT,
/// PERFORM PROCESSOR ASSIST: nothing that a program sees. The manual has no
/// access exceptions recognised for their storage operands.
#[inline(always)]
#[expect(clippy::unnecessary_wraps, reason = "it is a body like any other")]
pub fn nothing<B: Builder>(_: &mut B) -> Done<B> {
    Ok(())
}
