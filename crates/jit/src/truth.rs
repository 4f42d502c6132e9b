//! Truth values that are computed only where they are needed.

use crate::emitter::Emitter;
use cranelift_codegen::ir::condcodes::{CondCode, FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Value, types};

/// A sum or difference of which somebody may want to know more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The first operand.
    pub x: Value,
    /// The second operand.
    pub y: Value,
    /// The sum, or the difference.
    pub result: Value,
    /// Whether it is a difference.
    pub is_difference: bool,
}

/// A truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Known when the code is made.
    Constant(bool),
    /// How two values compare.
    Compare(IntCC, Value, Value),
    /// How two floating-point numbers compare.
    Float(FloatCC, Value, Value),
    /// Whether a sum or difference overflowed as signed numbers.
    Overflow(Sum),
    /// Whether a sum had a carry, or a difference no borrow.
    Carry(Sum),
    /// The opposite of that.
    NoCarry(Sum),
}

impl Truth {
    /// Not.
    pub fn not(self, e: &mut Emitter<'_>) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(!value),
            Self::Compare(how, a, b) => Self::Compare(how.complement(), a, b),
            Self::Float(how, a, b) => Self::Float(how.complement(), a, b),
            Self::Carry(sum) => Self::NoCarry(sum),
            Self::NoCarry(sum) => Self::Carry(sum),
            Self::Overflow(_) => {
                let value = self.value(e);
                let zero = e.number(types::I8, 0);
                Self::Compare(IntCC::Equal, value, zero)
            }
        }
    }

    /// What a computed truth value says.
    pub fn of(value: Value, e: &mut Emitter<'_>) -> Self {
        let zero = e.number(types::I8, 0);
        Self::Compare(IntCC::NotEqual, value, zero)
    }

    /// As a byte, 0 or 1.
    pub fn value(self, e: &mut Emitter<'_>) -> Value {
        match self {
            Self::Constant(value) => e.number(types::I8, value.into()),
            Self::Compare(how, a, b) => match (e.constant_of(a), e.constant_of(b)) {
                (Some(x), Some(y)) if matches!(how, IntCC::Equal | IntCC::NotEqual) => {
                    e.number(types::I8, ((x == y) == (how == IntCC::Equal)).into())
                }
                _ => e.f.ins().icmp(how, a, b),
            },
            Self::Float(how, a, b) => e.f.ins().fcmp(how, a, b),
            Self::Overflow(Sum { x, y, result, is_difference }) => {
                // The sign of (x ^ result) & (y ^ c): for a sum c is the
                // result, for a difference it is x, and y counts as itself.
                let left = e.f.ins().bxor(x, result);
                let right = e.f.ins().bxor(y, if is_difference { x } else { result });
                let both = e.f.ins().band(left, right);
                let zero = e.zero_like(both);
                e.f.ins().icmp(IntCC::SignedLessThan, both, zero)
            }
            Self::Carry(sum) => sum.carry(true).value(e),
            Self::NoCarry(sum) => sum.carry(false).value(e),
        }
    }
}

impl Sum {
    /// As a comparison: whether there was a carry, or none.
    const fn carry(self, wanted: bool) -> Truth {
        match (self.is_difference, wanted) {
            (false, true) => Truth::Compare(IntCC::UnsignedLessThan, self.result, self.y),
            (false, false) => {
                Truth::Compare(IntCC::UnsignedGreaterThanOrEqual, self.result, self.y)
            }
            (true, true) => Truth::Compare(IntCC::UnsignedGreaterThanOrEqual, self.x, self.y),
            (true, false) => Truth::Compare(IntCC::UnsignedLessThan, self.x, self.y),
        }
    }
}
