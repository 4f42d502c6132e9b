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

    /// Both, or either, of two comparisons of the same values as one.
    pub fn join(self, other: Self, both: bool) -> Option<Self> {
        let (Self::Compare(how, a, b), Self::Compare(other, c, d)) = (self, other) else {
            return None;
        };
        let other = match () {
            () if (a, b) == (c, d) => other,
            () if (a, b) == (d, c) => other.swap_args(),
            () => return None,
        };
        let (outcomes, others) = (Outcomes::of(how), Outcomes::of(other));
        if outcomes.signed.is_some() && others.signed.is_some() && outcomes.signed != others.signed
        {
            return None;
        }
        let signed = outcomes.signed.or(others.signed);
        let bits = if both { outcomes.bits & others.bits } else { outcomes.bits | others.bits };
        Some(Outcomes { bits, signed }.truth(a, b))
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

/// For which outcomes a comparison holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outcomes {
    /// 4 for less, 2 for equal, 1 for greater.
    bits: u8,
    /// How numbers are compared, where that counts.
    signed: Option<bool>,
}

impl Outcomes {
    const fn of(how: IntCC) -> Self {
        let (bits, signed) = match how {
            IntCC::Equal => (2, None),
            IntCC::NotEqual => (5, None),
            IntCC::SignedLessThan => (4, Some(true)),
            IntCC::SignedLessThanOrEqual => (6, Some(true)),
            IntCC::SignedGreaterThan => (1, Some(true)),
            IntCC::SignedGreaterThanOrEqual => (3, Some(true)),
            IntCC::UnsignedLessThan => (4, Some(false)),
            IntCC::UnsignedLessThanOrEqual => (6, Some(false)),
            IntCC::UnsignedGreaterThan => (1, Some(false)),
            IntCC::UnsignedGreaterThanOrEqual => (3, Some(false)),
        };
        Self { bits, signed }
    }

    const fn truth(self, a: Value, b: Value) -> Truth {
        let signed = matches!(self.signed, Some(true));
        let how = match self.bits {
            0 => return Truth::Constant(false),
            2 => IntCC::Equal,
            5 => IntCC::NotEqual,
            4 if signed => IntCC::SignedLessThan,
            6 if signed => IntCC::SignedLessThanOrEqual,
            1 if signed => IntCC::SignedGreaterThan,
            3 if signed => IntCC::SignedGreaterThanOrEqual,
            4 => IntCC::UnsignedLessThan,
            6 => IntCC::UnsignedLessThanOrEqual,
            1 => IntCC::UnsignedGreaterThan,
            3 => IntCC::UnsignedGreaterThanOrEqual,
            _ => return Truth::Constant(true),
        };
        Truth::Compare(how, a, b)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_of_the_same_values_are_joined() {
        let [a, b] = [1, 2].map(Value::from_u32);
        let below = Truth::Compare(IntCC::UnsignedLessThan, a, b);
        let above = Truth::Compare(IntCC::UnsignedLessThan, b, a);
        let equal = Truth::Compare(IntCC::Equal, b, a);
        let at_most = Truth::Compare(IntCC::UnsignedLessThanOrEqual, a, b);
        assert_eq!(below.join(equal, false), Some(at_most));
        assert_eq!(
            equal.join(below, false),
            Some(Truth::Compare(IntCC::UnsignedGreaterThanOrEqual, b, a))
        );
        assert_eq!(below.join(above, false), Some(Truth::Compare(IntCC::NotEqual, a, b)));
        assert_eq!(below.join(above, true), Some(Truth::Constant(false)));
        assert_eq!(at_most.join(above, false), Some(Truth::Constant(true)));
        let signed = Truth::Compare(IntCC::SignedLessThan, a, b);
        assert_eq!(below.join(signed, false), None);
        assert_eq!(below.join(Truth::Compare(IntCC::Equal, a, a), false), None);
    }
}
