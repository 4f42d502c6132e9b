//! How an operation ends.

use crate::control::{Controls, Exceptions};

/// How an operation with a result `T` ends.
///
/// `flags` are the flags as they are after the operation: those that were one
/// before (in [`Controls::flags`]), and those raised. An exception that traps
/// raises no flag.
///
/// Source: SA22-7832, chapter 9, "IEEE Exceptions".
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome<T> {
    /// No trap.
    Completed {
        /// The result.
        value: T,
        /// The flags after the operation.
        flags: Exceptions,
    },
    /// Completed, then a data exception: a trapped overflow, underflow or
    /// inexact exception. The result is to be stored, and the condition code
    /// to be set, before the interruption.
    Trapped {
        /// The result; after an overflow or underflow it is scaled.
        value: T,
        /// The flags after the operation.
        flags: Exceptions,
        /// The data-exception code.
        dxc: u8,
    },
    /// Suppressed by a data exception: a trapped invalid operation or
    /// division by zero. Nothing changes.
    Suppressed {
        /// The data-exception code.
        dxc: u8,
    },
}

/// DXC of a trapped invalid operation.
pub const DXC_INVALID: u8 = 0x80;
/// DXC of a trapped division by zero.
pub const DXC_DIVISION: u8 = 0x40;
/// DXC of a trapped overflow; of an inexact result with one of the next two.
pub const DXC_OVERFLOW: u8 = 0x20;
/// DXC of a trapped underflow; of an inexact result with one of the next two.
pub const DXC_UNDERFLOW: u8 = 0x10;
/// DXC of a trapped inexact result whose magnitude was truncated.
pub const DXC_TRUNCATED: u8 = 0x08;
/// DXC of a trapped inexact result whose magnitude was incremented.
pub const DXC_INCREMENTED: u8 = 0x0c;

impl<T> Outcome<T> {
    /// The same outcome with the result that `f` makes of this one.
    #[inline]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Completed { value, flags } => Outcome::Completed { value: f(value), flags },
            Self::Trapped { value, flags, dxc } => Outcome::Trapped { value: f(value), flags, dxc },
            Self::Suppressed { dxc } => Outcome::Suppressed { dxc },
        }
    }

    /// An exact result.
    #[inline]
    pub(crate) const fn exact(value: T, controls: Controls) -> Self {
        Self::Completed { value, flags: controls.flags }
    }

    /// An invalid operation, with the result for when it does not trap.
    #[inline]
    pub(crate) fn invalid(value: T, controls: Controls) -> Self {
        if controls.masks.contains(Exceptions::INVALID) {
            Self::Suppressed { dxc: DXC_INVALID }
        } else {
            Self::Completed { value, flags: controls.flags | Exceptions::INVALID }
        }
    }

    /// A division by zero, with the result for when it does not trap.
    #[inline]
    pub(crate) fn division_by_zero(value: T, controls: Controls) -> Self {
        if controls.masks.contains(Exceptions::DIVISION) {
            Self::Suppressed { dxc: DXC_DIVISION }
        } else {
            Self::Completed { value, flags: controls.flags | Exceptions::DIVISION }
        }
    }
}
