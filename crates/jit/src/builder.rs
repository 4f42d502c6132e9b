//! The bodies' view of an instruction that is being compiled: values are
//! Cranelift's, and what a body asks for becomes code.

use crate::access::Operand;
use crate::condition::Kind;
use crate::emitter::{Emitter, Target, int};
use crate::host_calls::{self, ARGUMENTS};
use crate::run::place;
use crate::slow::{Access, IN_INSTRUCTION_SPACE, Shape};
use crate::truth::{Sum, Truth};
use core::convert::Infallible;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, Opcode, types};
use lowcore_arch::{AddressingMode, ProgramCode, Psw};
use lowcore_isa::{
    Builder, Done, FixedFormat, Helper, HostFloat, Link, Loaded, Location, Modifiers, Update,
    Value, Width,
};

type Here<'f, T> = Value<Emitter<'f>, T>;

/// The bits of a register that a width replaces.
const fn low_bits<T: Width>() -> u64 {
    u64::MAX >> (64 - T::BITS)
}

/// Operations that are one instruction of Cranelift's.
macro_rules! instructions {
    ($($name:ident: $opcode:ident;)*) => {$(
        fn $name<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> Here<'f, T> {
            Value(self.binary(Opcode::$opcode, a.0, b.0))
        }
    )*};
}

/// Shifts, whose amounts Cranelift takes modulo the width.
macro_rules! shifts {
    ($($name:ident: $opcode:ident;)*) => {$(
        fn $name<T: Width>(&mut self, value: Here<'f, T>, amount: Here<'f, u64>) -> Here<'f, T> {
            Value(self.shift(Opcode::$opcode, value.0, amount.0))
        }
    )*};
}

/// Comparisons.
macro_rules! comparisons {
    ($($name:ident: $code:ident;)*) => {$(
        fn $name<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> Truth {
            Truth::Compare(IntCC::$code, a.0, b.0)
        }
    )*};
}

/// An operand as the emitter has it.
fn operand<'f>(at: Location<Emitter<'f>>) -> Operand {
    Operand { address: at.address.0, base: at.base }
}

impl Emitter<'_> {
    /// A register that counts in an address.
    fn address_register(&mut self, r: u8) -> Option<ir::Value> {
        (r != 0).then(|| self.register(r))
    }
}

impl<'f> Builder for Emitter<'f> {
    type Repr<T: Width> = ir::Value;
    type Bool = Truth;
    /// A body never ends early: its exits are in the code.
    type Exit = Infallible;

    instructions! {
        add: Iadd;
        sub: Isub;
        mul: Imul;
        and: Band;
        or: Bor;
        xor: Bxor;
    }

    shifts! {
        shift_left: Ishl;
        shift_right: Ushr;
        shift_right_signed: Sshr;
        rotate_left: Rotl;
    }

    comparisons! {
        equal: Equal;
        below_signed: SignedLessThan;
        below: UnsignedLessThan;
    }

    fn constant<T: Width>(&mut self, value: u64) -> Here<'f, T> {
        Value(self.number(int::<T>(), value))
    }

    fn constant_bool(&mut self, value: bool) -> Truth {
        Truth::Constant(value)
    }

    fn gr<T: Width>(&mut self, r: u8) -> Here<'f, T> {
        if T::BITS == 64 {
            return Value(self.register(r));
        }
        let right = self.right_half(r);
        Value(self.unsigned(right, int::<T>()))
    }

    fn set_gr<T: Width>(&mut self, r: u8, value: Here<'f, T>) {
        match T::BITS {
            64 => self.set_register(r, value.0),
            32 => self.set_right_half(r, value.0),
            _ => {
                let old = self.right_half(r);
                let kept = self.mask(old, !low_bits::<T>());
                let new = self.unsigned(value.0, types::I32);
                let new = Emitter::or(self, kept, new);
                self.set_right_half(r, new);
            }
        }
    }

    fn gr_high(&mut self, r: u8) -> Here<'f, u32> {
        Value(self.left_half(r))
    }

    fn set_gr_high(&mut self, r: u8, value: Here<'f, u32>) {
        self.set_left_half(r, value.0);
    }

    fn set_gr_address(&mut self, r: u8, address: Here<'f, u64>) {
        if self.mode.addressing() == AddressingMode::Bits64 {
            self.set_register(r, address.0);
        } else {
            let right = self.unsigned(address.0, types::I32);
            self.set_right_half(r, right);
        }
    }

    fn ar(&mut self, r: u8) -> Here<'f, u32> {
        Value(self.get(types::I32, place::ar(r)))
    }

    fn set_ar(&mut self, r: u8, value: Here<'f, u32>) {
        self.put(place::ar(r), value.0);
    }

    fn fpr<T: Width>(&mut self, r: u8) -> Here<'f, T> {
        Value(self.float_register(r, int::<T>()))
    }

    fn set_fpr<T: Width>(&mut self, r: u8, value: Here<'f, T>) {
        self.set_float_register(r, value.0);
    }

    fn fpc(&mut self) -> Here<'f, u32> {
        Value(self.get(types::I32, place::FPC))
    }

    fn set_fpc(&mut self, value: Here<'f, u32>) {
        self.put(place::FPC, value.0);
        self.forget_controls();
    }

    fn cr(&mut self, r: u8) -> Here<'f, u64> {
        Value(self.get_word(place::cr(r)))
    }

    fn set_cr(&mut self, r: u8, value: Here<'f, u64>) {
        let number = self.word((r & 15).into());
        self.call_host(host_calls::set_control, number, value.0);
        self.changes += 1;
        self.checks_leave = true;
    }

    fn set_cr_low(&mut self, r: u8, value: Here<'f, u32>) {
        let old = self.get_word(place::cr(r));
        let high = self.mask(old, u64::MAX << 32);
        let low = self.unsigned(value.0, types::I64);
        let new = Emitter::or(self, high, low);
        self.set_cr(r, Value(new));
    }

    fn psw_mask(&mut self) -> Here<'f, u64> {
        let mask = self.get_word(place::PSW_MASK);
        let rest = self.mask(mask, !Psw::CONDITION_CODE);
        let cc = self.code_number();
        let cc = self.shift_by(Opcode::Ishl, cc, Psw::CONDITION_CODE.trailing_zeros().into());
        Value(Emitter::or(self, rest, cc))
    }

    fn system_mask(&mut self) -> Here<'f, u64> {
        let mask = self.get_word(place::PSW_MASK);
        Value(self.shift_by(Opcode::Ushr, mask, 56))
    }

    fn program_mask(&mut self) -> Here<'f, u64> {
        let mask = self.get_word(place::PSW_MASK);
        let bits = self.mask(mask, Psw::PROGRAM_MASK);
        Value(self.shift_by(Opcode::Ushr, bits, Psw::PROGRAM_MASK.trailing_zeros().into()))
    }

    fn set_program_mask(&mut self, mask: Here<'f, u64>) {
        let amount = Psw::PROGRAM_MASK.trailing_zeros();
        let bits = self.shift_by(Opcode::Ishl, mask.0, amount.into());
        let bits = self.mask(bits, Psw::PROGRAM_MASK);
        self.put_part(place::PSW_MASK, Psw::PROGRAM_MASK, bits);
    }

    fn add_signed<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, Truth) {
        let sum = Builder::add(self, a, b);
        (sum, Truth::Overflow(Sum { x: a.0, y: b.0, result: sum.0, is_difference: false }))
    }

    fn sub_signed<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, Truth) {
        let left = Builder::sub(self, a, b);
        (left, Truth::Overflow(Sum { x: a.0, y: b.0, result: left.0, is_difference: true }))
    }

    fn add_carry<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, Truth) {
        let sum = Builder::add(self, a, b);
        (sum, Truth::Carry(Sum { x: a.0, y: b.0, result: sum.0, is_difference: false }))
    }

    fn sub_borrow<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, Truth) {
        let left = Builder::sub(self, a, b);
        (left, Truth::NoCarry(Sum { x: a.0, y: b.0, result: left.0, is_difference: true }))
    }

    fn mul_high(&mut self, a: Here<'f, u64>, b: Here<'f, u64>) -> Here<'f, u64> {
        Value(self.f.ins().umulhi(a.0, b.0))
    }

    fn div_signed(&mut self, a: Here<'f, u64>, b: Here<'f, u64>) -> (Here<'f, u64>, Here<'f, u64>) {
        let (quotient, remainder) = self.divide(Opcode::Sdiv, a.0, b.0);
        (Value(quotient), Value(remainder))
    }

    fn div_unsigned(
        &mut self,
        a: Here<'f, u64>,
        b: Here<'f, u64>,
    ) -> (Here<'f, u64>, Here<'f, u64>) {
        let (quotient, remainder) = self.divide(Opcode::Udiv, a.0, b.0);
        (Value(quotient), Value(remainder))
    }

    fn div_wide(
        &mut self,
        high: Here<'f, u64>,
        low: Here<'f, u64>,
        divisor: Here<'f, u64>,
    ) -> (Here<'f, u64>, Here<'f, u64>) {
        let (quotient, remainder) = self.divide_wide(high.0, low.0, divisor.0);
        (Value(quotient), Value(remainder))
    }

    fn leading_zeros(&mut self, value: Here<'f, u64>) -> Here<'f, u64> {
        Value(self.f.ins().clz(value.0))
    }

    fn zero_extend<T: Width, U: Width>(&mut self, value: Here<'f, T>) -> Here<'f, U> {
        Value(self.unsigned(value.0, int::<U>()))
    }

    fn sign_extend<T: Width, U: Width>(&mut self, value: Here<'f, T>) -> Here<'f, U> {
        Value(self.signed(value.0, int::<U>()))
    }

    fn not(&mut self, a: Truth) -> Truth {
        a.not(self)
    }

    fn both(&mut self, a: Truth, b: Truth) -> Truth {
        match (a, b) {
            (Truth::Constant(false), _) | (_, Truth::Constant(true)) => a,
            (Truth::Constant(true), _) | (_, Truth::Constant(false)) => b,
            _ => {
                if let Some(joined) = a.join(b, true) {
                    return joined;
                }
                let (a, b) = (a.value(self), b.value(self));
                let both = self.binary(Opcode::Band, a, b);
                Truth::of(both, self)
            }
        }
    }

    fn either(&mut self, a: Truth, b: Truth) -> Truth {
        match (a, b) {
            (Truth::Constant(true), _) | (_, Truth::Constant(false)) => a,
            (Truth::Constant(false), _) | (_, Truth::Constant(true)) => b,
            _ => {
                if let Some(joined) = a.join(b, false) {
                    return joined;
                }
                let (a, b) = (a.value(self), b.value(self));
                let either = self.binary(Opcode::Bor, a, b);
                Truth::of(either, self)
            }
        }
    }

    fn select<T: Width>(
        &mut self,
        condition: Truth,
        yes: Here<'f, T>,
        no: Here<'f, T>,
    ) -> Here<'f, T> {
        Value(self.choose(condition, yes.0, no.0))
    }

    fn cc(&mut self) -> Here<'f, u64> {
        Value(self.code_number())
    }

    fn cc_in(&mut self, mask: u8) -> Truth {
        self.code_in(mask)
    }

    fn set_cc(&mut self, cc: Here<'f, u64>) {
        let cc = self.mask(cc.0, 3);
        self.set_code_number(cc);
    }

    fn set_cc_sign<T: Width>(&mut self, result: Here<'f, T>) {
        self.set_code(Kind::Sign, result.0, result.0);
    }

    fn set_cc_sign_or_overflow<T: Width>(&mut self, result: Here<'f, T>, overflow: Truth) {
        match overflow {
            Truth::Overflow(sum) if sum.result == result.0 && T::BITS >= 32 => {
                let kind = if sum.is_difference { Kind::Sub32 } else { Kind::Add32 };
                self.set_code_of_sum(kind.of_width(T::BITS), sum);
            }
            _ => {
                self.set_code(Kind::Sign, result.0, result.0);
                let sign = self.code_number();
                let three = self.word(3);
                let cc = self.choose(overflow, three, sign);
                self.set_code_number(cc);
            }
        }
    }

    fn set_cc_carry<T: Width>(&mut self, result: Here<'f, T>, carry: Truth) {
        match carry {
            Truth::Carry(sum) if sum.result == result.0 && T::BITS >= 32 => {
                let kind = if sum.is_difference { Kind::Borrow32 } else { Kind::Carry32 };
                self.set_code_of_sum(kind.of_width(T::BITS), sum);
            }
            _ => {
                let not_zero = self.compare_with(IntCC::NotEqual, result.0, 0);
                self.set_code_of(not_zero, carry);
            }
        }
    }

    fn set_cc_not_zero<T: Width>(&mut self, result: Here<'f, T>) {
        self.set_code(Kind::NotZero, result.0, result.0);
    }

    fn set_cc_compare_signed<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) {
        self.set_code(Kind::CompareSigned, a.0, b.0);
    }

    fn set_cc_compare<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) {
        self.set_code(Kind::Compare, a.0, b.0);
    }

    fn set_cc_float<T: Width>(&mut self, number: Here<'f, T>) {
        let zero = self.number(int::<T>(), 0);
        self.set_code(Kind::Float32.of_width(T::BITS), number.0, zero);
    }

    fn set_cc_float_compare<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) {
        self.set_code(Kind::Float32.of_width(T::BITS), a.0, b.0);
    }

    fn set_cc_mixed<T: Width>(&mut self, value: Here<'f, T>, mask: u64) {
        self.set_code_under(Kind::Mixed, value.0, mask);
    }

    fn set_cc_under_mask<T: Width>(&mut self, value: Here<'f, T>, mask: u64) {
        self.set_code_under(Kind::UnderMask, value.0, mask);
    }

    fn effective(&mut self, x: u8, b: u8, displacement: i64) -> Location<Self> {
        let mut sum = self.word(displacement.cast_unsigned());
        for r in [x, b] {
            if let Some(register) = self.address_register(r) {
                sum = Emitter::add(self, register, sum);
            }
        }
        Location { address: Value(self.cut(sum)), base: b }
    }

    fn relative(&mut self, bytes: i64) -> Location<Self> {
        let offset = self.place.offset.cast_signed().wrapping_add(bytes);
        Location { address: Value(self.address_of(offset)), base: IN_INSTRUCTION_SPACE }
    }

    fn beyond(&mut self, at: Location<Self>, bytes: u64) -> Location<Self> {
        let sum = self.plus(at.address.0, bytes);
        Location { address: Value(self.cut(sum)), base: at.base }
    }

    fn load<T: Width>(&mut self, at: Location<Self>) -> Loaded<Self, T> {
        let shape = Shape::of::<T>(Access::Load, at.base);
        Ok(Value(self.load_values(operand(at), int::<T>(), shape)[0]))
    }

    fn store<T: Width>(&mut self, at: Location<Self>, value: Here<'f, T>) -> Done<Self> {
        let shape = Shape::of::<T>(Access::Store, at.base);
        self.store_values(operand(at), &[value.0], shape);
        Ok(())
    }

    fn probe_store(&mut self, at: Location<Self>, bytes: u64) -> Done<Self> {
        let bytes = self.word(bytes);
        self.give(0, bytes);
        self.slow_access(operand(at), Shape::plain(Access::Probe, at.base));
        Ok(())
    }

    fn load_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8, Here<'f, T>),
    ) -> Done<Self> {
        let shape = Shape { count: count.min(16), ..Shape::of::<T>(Access::Load, at.base) };
        let values = self.load_values(operand(at), int::<T>(), shape);
        for (i, value) in (0..).zip(values) {
            each(self, i, Value(value));
        }
        Ok(())
    }

    fn store_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8) -> Here<'f, T>,
    ) -> Done<Self> {
        let count = count.min(16);
        let values: Vec<_> = (0..count).map(|i| each(self, i).0).collect();
        let shape = Shape { count, ..Shape::of::<T>(Access::Store, at.base) };
        self.store_values(operand(at), &values, shape);
        Ok(())
    }

    fn compare_and_swap<T: Width>(
        &mut self,
        at: Location<Self>,
        old: Here<'f, T>,
        new: Here<'f, T>,
    ) -> Result<(Here<'f, T>, Truth), Infallible> {
        let shape = Shape::of::<T>(Access::CompareAndSwap, at.base);
        let (found, equal) = self.swap_value(operand(at), shape, old.0, new.0);
        Ok((Value(found), equal))
    }

    fn compare_and_swap_wide(
        &mut self,
        at: Location<Self>,
        old: [Here<'f, u64>; 2],
        new: [Here<'f, u64>; 2],
    ) -> Result<([Here<'f, u64>; 2], Truth), Infallible> {
        let shape = Shape::plain(Access::CompareAndSwapWide, at.base);
        if Self::swaps_wide() {
            let (old, new) = (old.map(|half| half.0), new.map(|half| half.0));
            let (found, equal) = self.swap_wide(operand(at), shape, old, new);
            return Ok((found.map(Value), equal));
        }
        for (n, value) in old.into_iter().chain(new).enumerate() {
            self.give(n, value.0);
        }
        self.slow_update(operand(at), shape);
        let found = [0, 1].map(|n| Value(self.take(n, types::I64)));
        let equal = self.take(2, types::I8);
        Ok((found, Truth::of(equal, self)))
    }

    fn fetch_and_update<T: Width>(
        &mut self,
        at: Location<Self>,
        update: Update,
        value: Here<'f, T>,
    ) -> Loaded<Self, T> {
        let shape = Shape { update, ..Shape::of::<T>(Access::Update, at.base) };
        Ok(Value(self.update_value(operand(at), shape, value.0)))
    }

    fn load_quadword(&mut self, at: Location<Self>) -> Result<[Here<'f, u64>; 2], Infallible> {
        self.slow_access(operand(at), Shape::plain(Access::LoadQuadword, at.base));
        Ok([0, 1].map(|n| Value(self.take(n, types::I64))))
    }

    fn store_quadword(&mut self, at: Location<Self>, value: [Here<'f, u64>; 2]) -> Done<Self> {
        for (n, value) in value.into_iter().enumerate() {
            self.give(n, value.0);
        }
        self.slow_update(operand(at), Shape::plain(Access::StoreQuadword, at.base));
        Ok(())
    }

    fn serialize(&mut self) {
        self.f.ins().fence();
        self.serializes = true;
    }

    /// The interpreter raises the exception: it executes the instruction anew.
    fn raise_if(&mut self, condition: Truth, _code: ProgramCode) -> Done<Self> {
        self.restart_if(condition);
        Ok(())
    }

    fn raise_data_if(&mut self, condition: Truth, _code: u8) -> Done<Self> {
        self.restart_if(condition);
        Ok(())
    }

    fn raise_overflow(&mut self, overflow: Truth) -> Done<Self> {
        if self.mode.overflow_interrupts() {
            self.restart_if(overflow);
        }
        Ok(())
    }

    fn when(&mut self, condition: Truth, then: impl FnOnce(&mut Self) -> Done<Self>) -> Done<Self> {
        let (inside, aside, after) =
            (self.f.create_block(), self.f.create_block(), self.f.create_block());
        let condition = condition.value(self);
        self.f.ins().brif(condition, inside, &[], aside, &[]);
        self.f.seal_block(inside);
        self.f.seal_block(aside);
        let (written, code) = (self.registers.written, self.codes.now());
        let (dirty, last_branch) = (self.dirty(), self.last_branch.keep());
        let entire = self.entire_now();
        self.f.switch_to_block(inside);
        self.depth += 1;
        then(self)?;
        self.depth -= 1;
        let has_branched = self.last_branch.keep() != last_branch;
        if has_branched {
            self.settle_last_branch();
        }
        self.also_dirty(dirty);
        // What it wrote meets what was there before.
        self.forget_floats();
        let entire = entire & self.entire_now();
        let differences = self.written_since(&written);
        let changed = self.codes.now() != code;
        let mut new: Vec<BlockArg> = differences.iter().map(|d| d.new.into()).collect();
        if changed {
            new.push(self.code_number().into());
        }
        self.f.ins().jump(after, &new);
        self.f.switch_to_block(aside);
        if has_branched {
            self.last_branch.restore(last_branch);
            self.settle_last_branch();
        }
        let mut old: Vec<BlockArg> = differences.iter().map(|d| self.old(d).into()).collect();
        if changed {
            old.push(self.number_of(code).into());
        }
        self.f.ins().jump(after, &old);
        self.f.switch_to_block(after);
        self.f.seal_block(after);
        for difference in &differences {
            let ty = self.type_of(difference.new);
            let value = self.f.append_block_param(after, ty);
            self.write_instead(difference, value);
        }
        self.meet_entire(entire);
        if changed {
            let number = self.f.append_block_param(after, types::I64);
            self.set_code_number(number);
        }
        if changed || !differences.is_empty() {
            self.changes += 1;
        }
        Ok(())
    }

    fn branch_if(&mut self, condition: Truth, target: Here<'f, u64>) {
        let target = self.cut(target.0);
        self.branch = Some((condition, Target::Address(target)));
    }

    fn branch_relative_if(&mut self, condition: Truth, bytes: i64) {
        let target = self.place.offset.cast_signed().wrapping_add(bytes);
        self.branch = Some((condition, Target::Place(target)));
    }

    fn link(&mut self, r: u8, form: Link) {
        let next = self.address_of(self.place.offset.wrapping_add(self.place.length).cast_signed());
        match self.mode.addressing() {
            AddressingMode::Bits64 => {
                let mode = self.word(u64::from(form == Link::SaveMode));
                let link = Emitter::or(self, next, mode);
                self.set_register(r, link);
            }
            AddressingMode::Bits31 => {
                let right = self.unsigned(next, types::I32);
                let bit = self.number(types::I32, 0x8000_0000);
                let link = Emitter::or(self, right, bit);
                self.set_right_half(r, link);
            }
            AddressingMode::Bits24 => {
                let mut link = self.unsigned(next, types::I32);
                if form == Link::Link {
                    // Instruction-length code, condition code, program mask.
                    let code = self.number(types::I32, (self.place.length / 2) << 30);
                    let mask = self.psw_mask();
                    let bits = self.shift_by(Opcode::Ushr, mask.0, 16);
                    let bits = self.unsigned(bits, types::I32);
                    let bits = self.mask(bits, 0x3f00_0000);
                    link = Emitter::or(self, link, code);
                    link = Emitter::or(self, link, bits);
                }
                self.set_right_half(r, link);
            }
        }
    }

    fn float<T: Width, U: Width>(
        &mut self,
        operation: HostFloat,
        operands: &[Here<'f, T>],
    ) -> Result<Option<Here<'f, U>>, Infallible> {
        let operands: Vec<ir::Value> = operands.iter().map(|value| value.0).collect();
        Ok(Some(Value(self.float_operation(operation, &operands, int::<U>()).0)))
    }

    fn float_to_fixed<T: Width>(
        &mut self,
        to: FixedFormat,
        modifiers: Modifiers,
        operand: Here<'f, T>,
    ) -> Result<Option<(Here<'f, u64>, Here<'f, T>)>, Infallible> {
        let operation = HostFloat::ToFixed(to, modifiers);
        let (integer, judged) = self.float_operation(operation, &[operand.0], types::I64);
        Ok(Some((Value(integer), Value(judged))))
    }

    fn uses(&mut self, _reads: u16, writes: u16) {
        self.routine_writes |= writes;
    }

    fn uses_float(&mut self, _reads: u16, _writes: u16) {}

    fn call(
        &mut self,
        helper: Helper,
        at: &[Location<Self>],
        arguments: &[Here<'f, u64>],
    ) -> Loaded<Self, u64> {
        if let (Helper::Execute, [target], [inserted]) = (helper, at, arguments) {
            self.call_execute(target.address.0, inserted.0);
            return Ok(self.constant(0));
        }
        if let ([first, second], [length]) = (at, arguments)
            && let Some(access) = host_calls::storage_to_storage(helper)
        {
            self.storage_to_storage(access, operand(*first), operand(*second), length.0);
            return Ok(self.constant(0));
        }
        let zero = self.word(0);
        for n in 0..ARGUMENTS / 2 {
            let (address, base) = at.get(n).map_or((zero, 0), |at| (at.address.0, at.base));
            self.give(2 * n, address);
            let base = self.word(base.into());
            self.give(2 * n + 1, base);
        }
        for n in 0..ARGUMENTS {
            self.give(ARGUMENTS + n, arguments.get(n).map_or(zero, |value| value.0));
        }
        if host_calls::is_aside(helper) {
            self.call_aside(helper);
        } else {
            self.call_routine(helper);
        }
        Ok(Value(self.take(0, types::I64)))
    }
}
