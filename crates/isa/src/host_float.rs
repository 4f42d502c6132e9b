//! Operations of binary floating point that hosts have as well.

use crate::{FixedFormat, FloatOperation};
use lowcore_arch::fpc;

/// The modifiers of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modifiers {
    /// M3: the rounding method; 0 for that of the floating-point-control
    /// register.
    pub m3: u8,
    /// M4: with bit 1 (value 4), an inexact result does not count.
    pub m4: u8,
}

impl Modifiers {
    /// Whether an inexact result neither raises its flag nor traps.
    #[inline(always)]
    #[must_use]
    pub const fn suppress_inexact(self) -> bool {
        self.m4 & 4 != 0
    }
}

/// An operation on numbers of the short and the long format, the same as the
/// operation of hosts by its name, where that neither meets a NaN nor
/// overflows nor underflows. Which of the two formats operands and results
/// have, the widths in [`Builder::float`](crate::Builder::float) say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFloat {
    /// ADD, SUBTRACT, MULTIPLY, DIVIDE: first, second.
    Arithmetic(FloatOperation),
    /// MULTIPLY AND ADD, or AND SUBTRACT: first, second, third.
    Fused {
        /// Whether the first operand is subtracted.
        subtract: bool,
    },
    /// SQUARE ROOT: second.
    SquareRoot,
    /// MULTIPLY of short numbers to a long one: first, second.
    MultiplyLonger,
    /// COMPARE, or COMPARE AND SIGNAL: first, second. There is no result.
    Compare {
        /// Whether a quiet NaN is an invalid operation too.
        signals: bool,
    },
    /// LOAD AND TEST: second.
    LoadAndTest,
    /// LOAD LENGTHENED from short to long: second.
    Lengthen,
    /// LOAD ROUNDED from long to short: second.
    Round(Modifiers),
    /// LOAD FP INTEGER: second.
    ToInteger(Modifiers),
    /// CONVERT TO FIXED and CONVERT TO LOGICAL: second. See
    /// [`Builder::float_to_fixed`](crate::Builder::float_to_fixed).
    ToFixed(FixedFormat, Modifiers),
    /// CONVERT FROM FIXED and CONVERT FROM LOGICAL: the integer.
    FromFixed(FixedFormat, Modifiers),
}

impl HostFloat {
    /// Whether no result is ever inexact, where the result has so many bits.
    /// Then nothing depends on the floating-point-control register.
    #[inline(always)]
    #[must_use]
    pub const fn is_exact(self, bits: u32) -> bool {
        match self {
            Self::MultiplyLonger | Self::Compare { .. } | Self::LoadAndTest | Self::Lengthen => {
                true
            }
            Self::FromFixed(FixedFormat::Word | FixedFormat::LogicalWord, _) => bits == 64,
            _ => false,
        }
    }

    /// The modifiers, if there are any.
    #[inline(always)]
    #[must_use]
    pub const fn modifiers(self) -> Option<Modifiers> {
        match self {
            Self::Round(modifiers)
            | Self::ToInteger(modifiers)
            | Self::ToFixed(_, modifiers)
            | Self::FromFixed(_, modifiers) => Some(modifiers),
            _ => None,
        }
    }

    /// The bits of the floating-point-control register that must be zero for
    /// a host to round as the operation does, and for nothing to trap, where
    /// the result has so many bits.
    #[inline(always)]
    #[must_use]
    pub const fn must_be_zero(self, bits: u32) -> u32 {
        if self.is_exact(bits) {
            return 0;
        }
        match self.modifiers() {
            Some(Modifiers { m3: 1.., .. }) => fpc::MASKS,
            _ => fpc::MASKS | fpc::ROUNDING,
        }
    }

    /// Whether an inexact result raises the flag of that.
    #[inline(always)]
    #[must_use]
    pub const fn raises_inexact(self, bits: u32) -> bool {
        let suppressed = match self.modifiers() {
            Some(modifiers) => modifiers.suppress_inexact(),
            None => false,
        };
        !suppressed && !self.is_exact(bits)
    }
}
