//! Conversions between formats and character sets.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConvertHelper {}

impl ConvertHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        match self {}
    }
}
