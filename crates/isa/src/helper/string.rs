//! Long operations on storage.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StringHelper {}

impl StringHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        match self {}
    }
}
