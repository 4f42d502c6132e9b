//! Divisions: the host's, of 64 by 64 bits, in line; a wider one is the host's
//! side's unless the dividend's left half is zero.
//!
//! The divisor is never zero, and the quotient always fits: who divides has
//! excluded the rest.

use crate::access::Operand;
use crate::emitter::Emitter;
use crate::slow::{Access, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Opcode, Value, types};

impl Emitter<'_> {
    /// The quotient and the remainder, by the division of an opcode.
    pub fn divide(&mut self, opcode: Opcode, dividend: Value, divisor: Value) -> (Value, Value) {
        let ty = self.type_of(dividend);
        let (inst, dfg) = self.f.ins().Binary(opcode, ty, dividend, divisor);
        let quotient = dfg.first_result(inst);
        // The compiler would divide again for a remainder.
        let product = self.f.ins().imul(quotient, divisor);
        (quotient, self.binary(Opcode::Isub, dividend, product))
    }

    /// The same of 128 bits by 64, unsigned.
    pub fn divide_wide(&mut self, high: Value, low: Value, divisor: Value) -> (Value, Value) {
        if self.constant_of(high) == Some(0) {
            return self.divide(Opcode::Udiv, low, divisor);
        }
        let (narrow, wide, rest) =
            (self.f.create_block(), self.cold_block(), self.f.create_block());
        let is_narrow = self.compare_with(IntCC::Equal, high, 0).value(self);
        self.f.ins().brif(is_narrow, narrow, &[], wide, &[]);
        self.f.seal_block(narrow);
        self.f.seal_block(wide);

        self.f.switch_to_block(wide);
        for (n, value) in [high, low, divisor].into_iter().enumerate() {
            self.give(n, value);
        }
        let address = self.word(0);
        self.seldom_access(Operand { address, base: 0 }, Shape::plain(Access::Divide, 0));
        let found = [0, 1].map(|n| BlockArg::from(self.take(n, types::I64)));
        self.f.ins().jump(rest, &found);

        self.f.switch_to_block(narrow);
        let (quotient, remainder) = self.divide(Opcode::Udiv, low, divisor);
        self.f.ins().jump(rest, &[quotient.into(), remainder.into()]);

        let [quotient, remainder] = [(); 2].map(|()| self.f.append_block_param(rest, types::I64));
        self.f.seal_block(rest);
        self.f.switch_to_block(rest);
        (quotient, remainder)
    }
}
