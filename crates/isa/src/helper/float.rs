//! Floating point.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatHelper {
    /// SET FPC AND SIGNAL: (; value). Replaces the floating-point-control
    /// register, and ends in a data exception for a flag that was one and is
    /// now enabled.
    SetFpcAndSignal,
}

impl FloatHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        match self {
            Self::SetFpcAndSignal => {
                HelperEffects { changes_fpc: true, may_end: true, ..HelperEffects::NONE }
            }
        }
    }
}
