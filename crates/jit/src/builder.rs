//! The bodies' view of an instruction that is being compiled: values are
//! Cranelift's, and what a body asks for becomes code.
//!
//! The condition code is computed at once, and registers stay in the state:
//! code of one instruction could gain nothing from anything else.

use crate::compiler::Unsupported;
use crate::emitter::{Emitter, int};
use crate::end;
use crate::host_calls::{self, ARGUMENTS, HostCall, IN_INSTRUCTION_SPACE, Shape};
use crate::state::place;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use lowcore_arch::{AddressingMode, ProgramCode, Psw};
use lowcore_isa::{Builder, Done, Helper, Link, Loaded, Location, Update, Value, Width};

type Here<'f, T> = Value<Emitter<'f>, T>;

/// The bits of a register that a width replaces.
const fn low_bits<T: Width>() -> u64 {
    u64::MAX >> (64 - T::BITS)
}

/// Operations that are one instruction of Cranelift's.
macro_rules! instructions {
    ($($name:ident: $instruction:ident;)*) => {$(
        fn $name<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> Here<'f, T> {
            Value(self.f.ins().$instruction(a.0, b.0))
        }
    )*};
}

/// Shifts, whose amounts Cranelift takes modulo the width.
macro_rules! shifts {
    ($($name:ident: $instruction:ident;)*) => {$(
        fn $name<T: Width>(&mut self, value: Here<'f, T>, amount: Here<'f, u64>) -> Here<'f, T> {
            Value(self.f.ins().$instruction(value.0, amount.0))
        }
    )*};
}

/// Comparisons.
macro_rules! comparisons {
    ($($name:ident: $code:ident;)*) => {$(
        fn $name<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> ir::Value {
            self.compare(IntCC::$code, a.0, b.0)
        }
    )*};
}

impl Emitter<'_> {
    /// Whether a sum or difference overflowed: the sign of
    /// (`a` ^ `result`) & (`b` ^ `c`).
    fn overflow(&mut self, pairs: [(ir::Value, ir::Value); 2]) -> ir::Value {
        let [left, right] = pairs.map(|(a, b)| self.f.ins().bxor(a, b));
        let both = self.f.ins().band(left, right);
        self.compare_with(IntCC::SignedLessThan, both, 0)
    }

    /// An access to values of one width.
    fn access(&mut self, call: HostCall, address: ir::Value, shape: Shape) {
        let shape = self.word(shape.word());
        self.call_host(call, address, shape);
    }

    /// An access that only needs the base register beside the address.
    fn access_by_base(&mut self, call: HostCall, at: &Location<Self>) {
        let base = self.word(at.base.into());
        self.call_host(call, at.address.0, base);
    }

    /// A register that counts in an address.
    fn address_register(&mut self, r: u8) -> Option<ir::Value> {
        (r != 0).then(|| self.get_word(place::gr(r)))
    }
}

impl<'f> Builder for Emitter<'f> {
    type Repr<T: Width> = ir::Value;
    type Bool = ir::Value;
    type Exit = Unsupported;

    instructions! {
        add: iadd;
        sub: isub;
        mul: imul;
        and: band;
        or: bor;
        xor: bxor;
    }

    shifts! {
        shift_left: ishl;
        shift_right: ushr;
        shift_right_signed: sshr;
        rotate_left: rotl;
    }

    comparisons! {
        equal: Equal;
        below_signed: SignedLessThan;
        below: UnsignedLessThan;
    }

    fn constant<T: Width>(&mut self, value: u64) -> Here<'f, T> {
        Value(self.number(int::<T>(), value))
    }

    fn constant_bool(&mut self, value: bool) -> ir::Value {
        self.number(types::I8, value.into())
    }

    fn gr<T: Width>(&mut self, r: u8) -> Here<'f, T> {
        let all = self.get_word(place::gr(r));
        Value(self.unsigned(all, int::<T>()))
    }

    fn set_gr<T: Width>(&mut self, r: u8, value: Here<'f, T>) {
        let value = self.unsigned(value.0, types::I64);
        if T::BITS == 64 {
            self.put(place::gr(r), value);
        } else {
            self.put_part(place::gr(r), low_bits::<T>(), value);
        }
    }

    fn gr_high(&mut self, r: u8) -> Here<'f, u32> {
        let all = self.get_word(place::gr(r));
        let amount = self.word(32);
        let high = self.f.ins().ushr(all, amount);
        Value(self.unsigned(high, types::I32))
    }

    fn set_gr_high(&mut self, r: u8, value: Here<'f, u32>) {
        let value = self.unsigned(value.0, types::I64);
        let amount = self.word(32);
        let high = self.f.ins().ishl(value, amount);
        self.put_part(place::gr(r), u64::MAX << 32, high);
    }

    fn set_gr_address(&mut self, r: u8, address: Here<'f, u64>) {
        if self.place.mode == AddressingMode::Bits64 {
            self.set_gr(r, address);
        } else {
            let low = self.unsigned(address.0, types::I32);
            self.set_gr::<u32>(r, Value(low));
        }
    }

    fn ar(&mut self, r: u8) -> Here<'f, u32> {
        Value(self.get(types::I32, place::ar(r)))
    }

    fn set_ar(&mut self, r: u8, value: Here<'f, u32>) {
        self.put(place::ar(r), value.0);
    }

    fn fpr<T: Width>(&mut self, r: u8) -> Here<'f, T> {
        let all = self.get_word(place::fpr(r));
        let amount = self.word((64 - T::BITS).into());
        let left = self.f.ins().ushr(all, amount);
        Value(self.unsigned(left, int::<T>()))
    }

    fn set_fpr<T: Width>(&mut self, r: u8, value: Here<'f, T>) {
        let value = self.unsigned(value.0, types::I64);
        let amount = self.word((64 - T::BITS).into());
        let left = self.f.ins().ishl(value, amount);
        if T::BITS == 64 {
            self.put(place::fpr(r), left);
        } else {
            self.put_part(place::fpr(r), low_bits::<T>() << (64 - T::BITS), left);
        }
    }

    fn fpc(&mut self) -> Here<'f, u32> {
        Value(self.get(types::I32, place::FPC))
    }

    fn set_fpc(&mut self, value: Here<'f, u32>) {
        self.put(place::FPC, value.0);
    }

    fn cr(&mut self, r: u8) -> Here<'f, u64> {
        Value(self.get_word(place::cr(r)))
    }

    fn set_cr(&mut self, r: u8, value: Here<'f, u64>) {
        let number = self.word((r & 15).into());
        self.call_host(host_calls::set_control, number, value.0);
    }

    fn set_cr_low(&mut self, r: u8, value: Here<'f, u32>) {
        let old = self.get_word(place::cr(r));
        let high = self.mask(old, u64::MAX << 32);
        let low = self.unsigned(value.0, types::I64);
        let new = self.f.ins().bor(high, low);
        self.set_cr(r, Value(new));
    }

    fn psw_mask(&mut self) -> Here<'f, u64> {
        let mask = self.get_word(place::PSW_MASK);
        let rest = self.mask(mask, !Psw::CONDITION_CODE);
        let cc = self.get_word(place::CC);
        let amount = self.word(Psw::CONDITION_CODE.trailing_zeros().into());
        let cc = self.f.ins().ishl(cc, amount);
        Value(self.f.ins().bor(rest, cc))
    }

    fn program_mask(&mut self) -> Here<'f, u64> {
        let mask = self.get_word(place::PSW_MASK);
        let bits = self.mask(mask, Psw::PROGRAM_MASK);
        let amount = self.word(Psw::PROGRAM_MASK.trailing_zeros().into());
        Value(self.f.ins().ushr(bits, amount))
    }

    fn set_program_mask(&mut self, mask: Here<'f, u64>) {
        let amount = self.word(Psw::PROGRAM_MASK.trailing_zeros().into());
        let bits = self.f.ins().ishl(mask.0, amount);
        let bits = self.mask(bits, Psw::PROGRAM_MASK);
        self.put_part(place::PSW_MASK, Psw::PROGRAM_MASK, bits);
    }

    fn add_signed<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, ir::Value) {
        let sum = self.add(a, b);
        (sum, self.overflow([(a.0, sum.0), (b.0, sum.0)]))
    }

    fn sub_signed<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, ir::Value) {
        let difference = self.sub(a, b);
        (difference, self.overflow([(a.0, b.0), (a.0, difference.0)]))
    }

    fn add_carry<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, ir::Value) {
        let sum = self.add(a, b);
        (sum, self.below(sum, a))
    }

    fn sub_borrow<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) -> (Here<'f, T>, ir::Value) {
        (self.sub(a, b), self.below(a, b))
    }

    fn mul_high(&mut self, a: Here<'f, u64>, b: Here<'f, u64>) -> Here<'f, u64> {
        Value(self.f.ins().umulhi(a.0, b.0))
    }

    fn div_signed(&mut self, a: Here<'f, u64>, b: Here<'f, u64>) -> (Here<'f, u64>, Here<'f, u64>) {
        (Value(self.f.ins().sdiv(a.0, b.0)), Value(self.f.ins().srem(a.0, b.0)))
    }

    fn div_unsigned(
        &mut self,
        a: Here<'f, u64>,
        b: Here<'f, u64>,
    ) -> (Here<'f, u64>, Here<'f, u64>) {
        (Value(self.f.ins().udiv(a.0, b.0)), Value(self.f.ins().urem(a.0, b.0)))
    }

    fn div_wide(
        &mut self,
        high: Here<'f, u64>,
        low: Here<'f, u64>,
        divisor: Here<'f, u64>,
    ) -> (Here<'f, u64>, Here<'f, u64>) {
        for (n, value) in [high, low, divisor].into_iter().enumerate() {
            self.give(n, value.0);
        }
        let zero = self.word(0);
        self.call_host(host_calls::divide_wide, zero, zero);
        (Value(self.take(0, types::I64)), Value(self.take(1, types::I64)))
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

    fn not(&mut self, a: ir::Value) -> ir::Value {
        let one = self.number(types::I8, 1);
        self.f.ins().bxor(a, one)
    }

    fn both(&mut self, a: ir::Value, b: ir::Value) -> ir::Value {
        self.f.ins().band(a, b)
    }

    fn either(&mut self, a: ir::Value, b: ir::Value) -> ir::Value {
        self.f.ins().bor(a, b)
    }

    fn select<T: Width>(
        &mut self,
        condition: ir::Value,
        yes: Here<'f, T>,
        no: Here<'f, T>,
    ) -> Here<'f, T> {
        Value(self.choose(condition, yes.0, no.0))
    }

    fn cc(&mut self) -> Here<'f, u64> {
        Value(self.get_word(place::CC))
    }

    fn cc_in(&mut self, mask: u8) -> ir::Value {
        let cc = self.get_word(place::CC);
        let eight = self.word(8);
        let bit = self.f.ins().ushr(eight, cc);
        let selected = self.mask(bit, mask.into());
        self.compare_with(IntCC::NotEqual, selected, 0)
    }

    fn set_cc(&mut self, cc: Here<'f, u64>) {
        let cc = self.mask(cc.0, 3);
        self.put(place::CC, cc);
    }

    fn set_cc_sign<T: Width>(&mut self, result: Here<'f, T>) {
        let cc = self.sign_cc(result.0);
        self.put(place::CC, cc);
    }

    fn set_cc_sign_or_overflow<T: Width>(&mut self, result: Here<'f, T>, overflow: ir::Value) {
        let (sign, three) = (self.sign_cc(result.0), self.word(3));
        let cc = self.choose(overflow, three, sign);
        self.put(place::CC, cc);
    }

    fn set_cc_carry<T: Width>(&mut self, result: Here<'f, T>, carry: ir::Value) {
        let not_zero = self.compare_with(IntCC::NotEqual, result.0, 0);
        self.put_cc(not_zero, carry);
    }

    fn set_cc_not_zero<T: Width>(&mut self, result: Here<'f, T>) {
        let not_zero = self.compare_with(IntCC::NotEqual, result.0, 0);
        let cc = self.unsigned(not_zero, types::I64);
        self.put(place::CC, cc);
    }

    fn set_cc_compare_signed<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) {
        let (low, high) = (self.below_signed(a, b), self.below_signed(b, a));
        self.put_cc(low, high);
    }

    fn set_cc_compare<T: Width>(&mut self, a: Here<'f, T>, b: Here<'f, T>) {
        let (low, high) = (self.below(a, b), self.below(b, a));
        self.put_cc(low, high);
    }

    fn set_cc_mixed<T: Width>(&mut self, value: Here<'f, T>, mask: u64) {
        self.put_cc_of_bits(value.0, mask, |e, _| e.word(1));
    }

    fn set_cc_under_mask<T: Width>(&mut self, value: Here<'f, T>, mask: u64) {
        let leftmost = 1 << 63 >> mask.leading_zeros().min(63);
        self.put_cc_of_bits(value.0, mask, |e, selected| {
            let bit = e.mask(selected, leftmost);
            let is_one = e.compare_with(IntCC::NotEqual, bit, 0);
            let (one, two) = (e.word(1), e.word(2));
            e.choose(is_one, two, one)
        });
    }

    fn effective(&mut self, x: u8, b: u8, displacement: i64) -> Location<Self> {
        let mut sum = self.word(displacement.cast_unsigned());
        for r in [b, x] {
            if let Some(register) = self.address_register(r) {
                sum = self.f.ins().iadd(sum, register);
            }
        }
        Location { address: Value(self.cut(sum)), base: b }
    }

    fn relative(&mut self, bytes: i64) -> Location<Self> {
        let sum = self.place.address.wrapping_add(bytes.cast_unsigned());
        let address = self.word(sum & self.place.mode.mask());
        Location { address: Value(address), base: IN_INSTRUCTION_SPACE }
    }

    fn beyond(&mut self, at: Location<Self>, bytes: u64) -> Location<Self> {
        let bytes = self.word(bytes);
        let sum = self.f.ins().iadd(at.address.0, bytes);
        Location { address: Value(self.cut(sum)), base: at.base }
    }

    fn load<T: Width>(&mut self, at: Location<Self>) -> Loaded<Self, T> {
        self.access(host_calls::load, at.address.0, Shape::of::<T>(at.base));
        Ok(Value(self.take(0, int::<T>())))
    }

    fn store<T: Width>(&mut self, at: Location<Self>, value: Here<'f, T>) -> Done<Self> {
        self.give(0, value.0);
        self.access(host_calls::store, at.address.0, Shape::of::<T>(at.base));
        Ok(())
    }

    fn probe_store(&mut self, at: Location<Self>, bytes: u64) -> Done<Self> {
        let bytes = self.word(bytes);
        self.give(0, bytes);
        self.access_by_base(host_calls::probe_store, &at);
        Ok(())
    }

    fn load_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8, Here<'f, T>),
    ) -> Done<Self> {
        let count = count.min(16);
        self.access(host_calls::load, at.address.0, Shape { count, ..Shape::of::<T>(at.base) });
        // All are taken before `each` can call the host's side again.
        let values: Vec<_> = (0..count).map(|i| (i, self.take(i.into(), int::<T>()))).collect();
        for (i, value) in values {
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
        let values: Vec<_> = (0..count).map(|i| (i, each(self, i))).collect();
        for (i, value) in values {
            self.give(i.into(), value.0);
        }
        self.access(host_calls::store, at.address.0, Shape { count, ..Shape::of::<T>(at.base) });
        Ok(())
    }

    fn compare_and_swap<T: Width>(
        &mut self,
        at: Location<Self>,
        old: Here<'f, T>,
        new: Here<'f, T>,
    ) -> Result<(Here<'f, T>, ir::Value), Unsupported> {
        self.give(0, old.0);
        self.give(1, new.0);
        self.access(host_calls::compare_and_swap, at.address.0, Shape::of::<T>(at.base));
        Ok((Value(self.take(0, int::<T>())), self.take(1, types::I8)))
    }

    fn compare_and_swap_wide(
        &mut self,
        at: Location<Self>,
        old: [Here<'f, u64>; 2],
        new: [Here<'f, u64>; 2],
    ) -> Result<([Here<'f, u64>; 2], ir::Value), Unsupported> {
        for (n, value) in old.into_iter().chain(new).enumerate() {
            self.give(n, value.0);
        }
        self.access_by_base(host_calls::compare_and_swap_wide, &at);
        let found = [0, 1].map(|n| Value(self.take(n, types::I64)));
        Ok((found, self.take(2, types::I8)))
    }

    fn fetch_and_update<T: Width>(
        &mut self,
        at: Location<Self>,
        update: Update,
        operand: Here<'f, T>,
    ) -> Loaded<Self, T> {
        self.give(0, operand.0);
        let shape = Shape { update, ..Shape::of::<T>(at.base) };
        self.access(host_calls::fetch_and_update, at.address.0, shape);
        Ok(Value(self.take(0, int::<T>())))
    }

    fn load_quadword(&mut self, at: Location<Self>) -> Result<[Here<'f, u64>; 2], Unsupported> {
        self.access_by_base(host_calls::load_quadword, &at);
        Ok([0, 1].map(|n| Value(self.take(n, types::I64))))
    }

    fn store_quadword(&mut self, at: Location<Self>, value: [Here<'f, u64>; 2]) -> Done<Self> {
        for (n, value) in value.into_iter().enumerate() {
            self.give(n, value.0);
        }
        self.access_by_base(host_calls::store_quadword, &at);
        Ok(())
    }

    fn serialize(&mut self) {
        self.f.ins().fence();
    }

    fn raise_if(&mut self, condition: ir::Value, code: ProgramCode) -> Done<Self> {
        self.end_if(condition, end::program(code));
        Ok(())
    }

    fn raise_data_if(&mut self, condition: ir::Value, code: u8) -> Done<Self> {
        self.end_if(condition, end::data(code));
        Ok(())
    }

    fn raise_overflow(&mut self, overflow: ir::Value) -> Done<Self> {
        let mask = self.get_word(place::PSW_MASK);
        let bit = self.mask(mask, Psw::FIXED_OVERFLOW);
        let enabled = self.compare_with(IntCC::NotEqual, bit, 0);
        let raised = self.f.ins().band(overflow, enabled);
        self.raise_if(raised, ProgramCode::FIXED_POINT_OVERFLOW)
    }

    fn when(
        &mut self,
        condition: ir::Value,
        then: impl FnOnce(&mut Self) -> Done<Self>,
    ) -> Done<Self> {
        let (inside, after) = (self.f.create_block(), self.f.create_block());
        self.f.ins().brif(condition, inside, &[], after, &[]);
        self.f.switch_to_block(inside);
        then(self)?;
        self.f.ins().jump(after, &[]);
        self.f.switch_to_block(after);
        Ok(())
    }

    fn branch_if(&mut self, condition: ir::Value, target: Here<'f, u64>) {
        self.branch(condition, target.0);
    }

    fn branch_relative_if(&mut self, condition: ir::Value, bytes: i64) {
        let target = self.place.address.wrapping_add(bytes.cast_unsigned());
        let target = self.word(target);
        self.branch(condition, target);
    }

    fn link(&mut self, r: u8, form: Link) {
        let next = self.place.address.wrapping_add(self.place.length.into());
        match self.place.mode {
            AddressingMode::Bits64 => {
                let mode = u64::from(form == Link::SaveMode);
                let link = self.word(next | mode);
                self.put(place::gr(r), link);
            }
            AddressingMode::Bits31 => {
                let link = self.word(next & 0x7fff_ffff | 0x8000_0000);
                self.put_part(place::gr(r), low_bits::<u32>(), link);
            }
            AddressingMode::Bits24 => {
                let mut link = self.word(next & low_bits::<u32>());
                if form == Link::Link {
                    // Instruction-length code, condition code, program mask.
                    let code = self.word(u64::from(self.place.length / 2) << 30);
                    let mask = self.psw_mask();
                    let amount = self.word(16);
                    let bits = self.f.ins().ushr(mask.0, amount);
                    let bits = self.mask(bits, 0x3f00_0000);
                    link = self.f.ins().bor(link, code);
                    link = self.f.ins().bor(link, bits);
                }
                self.put_part(place::gr(r), low_bits::<u32>(), link);
            }
        }
    }

    /// Registers are in the state when a routine runs.
    fn uses(&mut self, _reads: u16, _writes: u16) {}

    fn uses_float(&mut self, _reads: u16, _writes: u16) {}

    fn call(
        &mut self,
        helper: Helper,
        at: &[Location<Self>],
        arguments: &[Here<'f, u64>],
    ) -> Loaded<Self, u64> {
        if helper == Helper::Execute {
            return Err(Unsupported("the target of EXECUTE"));
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
        let number = self.word(self.routines.len() as u64);
        self.routines.push(helper);
        self.call_host(host_calls::routine, number, zero);
        Ok(Value(self.take(0, types::I64)))
    }
}
