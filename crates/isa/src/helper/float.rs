//! Floating point.

use super::HelperEffects;

/// A format of binary floating point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatFormat {
    /// 32 bits, in the left half of a register.
    Short,
    /// 64 bits.
    Long,
    /// 128 bits, in a pair of registers.
    Extended,
}

/// An operation on two numbers of one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatOperation {
    /// ADD. Sets the condition code.
    Add,
    /// SUBTRACT. Sets the condition code.
    Subtract,
    /// MULTIPLY.
    Multiply,
    /// DIVIDE.
    Divide,
}

impl FloatOperation {
    /// Whether it sets the condition code.
    #[inline(always)]
    #[must_use]
    pub const fn sets_cc(self) -> bool {
        matches!(self, Self::Add | Self::Subtract)
    }
}

/// An integer that numbers are converted from and to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FixedFormat {
    /// Signed, 32 bits.
    Word,
    /// Signed, 64 bits.
    Doubleword,
    /// Unsigned, 32 bits.
    LogicalWord,
    /// Unsigned, 64 bits.
    LogicalDoubleword,
}

impl FixedFormat {
    /// Whether it has 32 bits.
    #[inline(always)]
    #[must_use]
    pub const fn is_word(self) -> bool {
        matches!(self, Self::Word | Self::LogicalWord)
    }
}

/// A routine of this family; see [`Helper`](crate::Helper).
///
/// A number is an argument as two doublewords, of which formats other than
/// the extended one use the first only, on its right. R1 is the number of the
/// register that gets the result. All set the flags of the
/// floating-point-control register, and end in a data exception for an
/// exception that traps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatHelper {
    /// SET FPC AND SIGNAL: (; value). Replaces the floating-point-control
    /// register, and ends in a data exception for a flag that was one and is
    /// now enabled.
    SetFpcAndSignal,
    /// ADD, SUBTRACT, MULTIPLY, DIVIDE: (; R1, first, second).
    Arithmetic(FloatOperation, FloatFormat),
    /// MULTIPLY of numbers of this format with a product in the next longer
    /// one: (; R1, first, second).
    MultiplyLonger(FloatFormat),
    /// MULTIPLY AND ADD: (; R1, first, second, third), a doubleword each.
    MultiplyAndAdd(FloatFormat),
    /// MULTIPLY AND SUBTRACT: (; R1, first, second, third), a doubleword each.
    MultiplyAndSubtract(FloatFormat),
    /// SQUARE ROOT: (; R1, second).
    SquareRoot(FloatFormat),
    /// DIVIDE TO INTEGER: (; R1, R3, M4, first, second), a doubleword each.
    /// Sets the condition code.
    DivideToInteger(FloatFormat),
    /// COMPARE: (; first, second). Sets the condition code.
    Compare(FloatFormat),
    /// COMPARE AND SIGNAL: (; first, second). Sets the condition code.
    CompareAndSignal(FloatFormat),
    /// TEST DATA CLASS: (; number, classes). Sets the condition code.
    TestDataClass(FloatFormat),
    /// LOAD AND TEST: (; R1, second). Sets the condition code.
    LoadAndTest(FloatFormat),
    /// LOAD LENGTHENED from the first format to the second one:
    /// (; R1, second).
    Lengthen(FloatFormat, FloatFormat),
    /// LOAD ROUNDED from the first format to the second one:
    /// (; R1, second, M3, M4).
    Round(FloatFormat, FloatFormat),
    /// LOAD FP INTEGER: (; R1, second, M3, M4).
    ToInteger(FloatFormat),
    /// CONVERT TO FIXED and CONVERT TO LOGICAL: (; R1, second, M3, M4). R1 is
    /// a general register. Sets the condition code.
    ToFixed(FloatFormat, FixedFormat),
    /// CONVERT FROM FIXED and CONVERT FROM LOGICAL: (; R1, integer, M3, M4).
    FromFixed(FixedFormat, FloatFormat),
}

impl FloatHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        let sets_cc = match self {
            Self::Arithmetic(operation, _) => operation.sets_cc(),
            Self::DivideToInteger(_)
            | Self::Compare(_)
            | Self::CompareAndSignal(_)
            | Self::TestDataClass(_)
            | Self::LoadAndTest(_)
            | Self::ToFixed(..) => true,
            _ => false,
        };
        HelperEffects { sets_cc, changes_fpc: true, may_end: true, ..HelperEffects::NONE }
    }
}
