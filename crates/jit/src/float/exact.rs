//! Whether results are exact, as long as the inexact flag is zero: programs
//! that compute with whole numbers never raise it.

use crate::emitter::Emitter;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Opcode, Value, types};
use lowcore_isa::{FixedFormat, FloatOperation, HostFloat};

impl Emitter<'_> {
    /// Whether a result is exact, which the guards have found to be right but
    /// for that. Nothing if that is not easy to tell.
    pub(super) fn is_exact(
        &mut self,
        operation: HostFloat,
        operands: &[Value],
        result: Value,
    ) -> Option<Value> {
        let first = *operands.first()?;
        if let HostFloat::FromFixed(fixed, _) = operation {
            return Some(self.is_exactly(result, first, fixed));
        }
        let a = self.as_number(first);
        let b = operands.get(1).map_or(a, |b| self.as_number(*b));
        match operation {
            HostFloat::Arithmetic(FloatOperation::Add) => Some(self.is_exact_sum(a, b, result)),
            HostFloat::Arithmetic(FloatOperation::Subtract) => {
                let b = self.f.ins().fneg(b);
                Some(self.is_exact_sum(a, b, result))
            }
            HostFloat::Arithmetic(FloatOperation::Multiply) => {
                self.is_exact_product(a, b, result, result)
            }
            HostFloat::Arithmetic(FloatOperation::Divide) => self.is_exact_product(result, b, a, a),
            HostFloat::SquareRoot => self.is_exact_product(result, result, a, a),
            HostFloat::Round(_) => {
                let long = self.f.ins().fpromote(types::F64, result);
                Some(self.f.ins().fcmp(FloatCC::Equal, long, a))
            }
            HostFloat::ToInteger(_) => Some(self.f.ins().fcmp(FloatCC::Equal, result, a)),
            HostFloat::ToFixed(fixed, _) => {
                let back = self.number_near(result, fixed, self.type_of(a));
                Some(self.f.ins().fcmp(FloatCC::Equal, back, a))
            }
            _ => None,
        }
    }

    /// Whether a sum has no error: Knuth's 2Sum. Should a step overflow, the
    /// error is not zero.
    fn is_exact_sum(&mut self, a: Value, b: Value, sum: Value) -> Value {
        let addend = self.f.ins().fsub(sum, a);
        let augend = self.f.ins().fsub(sum, addend);
        let (left, right) = (self.f.ins().fsub(a, augend), self.f.ins().fsub(b, addend));
        let error = self.f.ins().fadd(left, right);
        let zero = self.constant_number(self.type_of(error), 0.0);
        self.f.ins().fcmp(FloatCC::Equal, error, zero)
    }

    /// Whether `a` × `b` is exactly `product`, where the three have about the
    /// magnitude of `size`.
    fn is_exact_product(
        &mut self,
        a: Value,
        b: Value,
        product: Value,
        size: Value,
    ) -> Option<Value> {
        /// Far above where the lowest bit of a product of long numbers gets lost.
        const LEAST: f64 = 1e-250;
        if self.type_of(a) == types::F32 {
            // Long numbers have room for products of short ones.
            let [a, b, product] = [a, b, product].map(|n| self.f.ins().fpromote(types::F64, n));
            let exact = self.f.ins().fmul(a, b);
            return Some(self.f.ins().fcmp(FloatCC::Equal, exact, product));
        }
        if !self.abilities.fuses {
            return None;
        }
        let negative = self.f.ins().fneg(product);
        let error = self.f.ins().fma(a, b, negative);
        let zero = self.constant_number(types::F64, 0.0);
        let has_none = self.f.ins().fcmp(FloatCC::Equal, error, zero);
        let size = self.f.ins().fabs(size);
        let least = self.constant_number(types::F64, LEAST);
        let is_large = self.f.ins().fcmp(FloatCC::GreaterThan, size, least);
        Some(self.binary(Opcode::Band, has_none, is_large))
    }

    /// Whether a number is exactly an integer.
    fn is_exactly(&mut self, number: Value, integer: Value, fixed: FixedFormat) -> Value {
        // What is beyond all integers is converted to the last one.
        let (back, last) = if fixed == FixedFormat::LogicalDoubleword {
            (self.f.ins().fcvt_to_uint_sat(types::I64, number), u64::MAX)
        } else {
            (self.f.ins().fcvt_to_sint_sat(types::I64, number), u64::MAX >> 1)
        };
        let integer = self.doubleword(integer, fixed);
        let is_same = self.f.ins().icmp(IntCC::Equal, back, integer);
        let is_other = self.compare_with(IntCC::NotEqual, integer, last).value(self);
        self.binary(Opcode::Band, is_same, is_other)
    }
}
