//! The bodies' view of an executing CPU: values are integers, and everything
//! happens at once.
//!
//! What is not short is in [`slow`](super::slow), out of line, so that the
//! handlers that bodies become stay small.

use super::accesses::Operand;
use super::float;
use super::handler::{EXECUTE, Early, LEAVE, Step};
use super::slow::{self, IN_INSTRUCTION_SPACE};
use crate::At;
use crate::context::Execute;
use crate::exception::Exception;
use crate::routine::Operands;
use lowcore_arch::{AddressingMode, ProgramCode, Psw, bits, fpc};
use lowcore_isa::{
    Builder, Done, FixedFormat, Helper, HostFloat, Link, Loaded, Location, Modifiers, Update,
    Value, Width,
};

const SIGN: u64 = 1 << 63;

impl<const SURE: bool> From<Location<Step<'_, '_, SURE>>> for Operand {
    #[inline(always)]
    fn from(at: Location<Step<'_, '_, SURE>>) -> Self {
        Self { address: at.address.0, base: at.base }
    }
}

/// A value of 16 bytes, from its halves.
#[inline(always)]
fn join<B: Builder<Repr<u64> = u64>>(halves: [Value<B, u64>; 2]) -> u128 {
    u128::from(halves[0].0) << 64 | u128::from(halves[1].0)
}

/// The halves of a value of 16 bytes.
#[inline(always)]
fn split<B: Builder<Repr<u64> = u64>>(both: u128) -> [Value<B, u64>; 2] {
    [Value(bits::high64(both)), Value(bits::low64(both))]
}

/// A truth value as a bit.
#[inline(always)]
fn bit(value: bool) -> u64 {
    u64::from(value)
}

/// The condition code of a sign: 0 zero, 1 negative, 2 positive.
#[inline(always)]
fn sign_cc<T: Width>(value: T) -> u64 {
    let value = value.sign_extended();
    if value < 0 { 1 } else { bit(value > 0) * 2 }
}

impl<const SURE: bool> Step<'_, '_, SURE> {
    #[inline(always)]
    fn put_cc(&mut self, cc: u64) {
        self.c.cc = bits::low8(cc) & 3;
    }

    #[inline(always)]
    fn register_or_zero(&self, r: u8) -> u64 {
        // Without a branch, which the registers of the last instruction of the
        // kind would predict.
        core::hint::select_unpredictable(r & 15 != 0, self.c.regs.gr[usize::from(r & 15)], 0)
    }

    fn put_cr(&mut self, r: u8, value: u64) {
        self.returns = true;
        if self.c.set_control(r, value) {
            self.leave();
        }
    }
}

impl<const SURE: bool> Builder for Step<'_, '_, SURE> {
    type Repr<T: Width> = T;
    type Bool = bool;
    type Exit = Early;

    #[inline(always)]
    fn constant<T: Width>(&mut self, value: u64) -> Value<Self, T> {
        Value(T::cut(value))
    }

    #[inline(always)]
    fn constant_bool(&mut self, value: bool) -> bool {
        value
    }

    #[inline(always)]
    fn gr<T: Width>(&mut self, r: u8) -> Value<Self, T> {
        Value(T::cut(self.c.regs.gr[usize::from(r & 15)]))
    }

    #[inline(always)]
    fn set_gr<T: Width>(&mut self, r: u8, value: Value<Self, T>) {
        let register = &mut self.c.regs.gr[usize::from(r & 15)];
        let replaced = u64::MAX >> (64 - T::BITS);
        *register = *register & !replaced | value.0.zero_extended();
    }

    #[inline(always)]
    fn gr_high(&mut self, r: u8) -> Value<Self, u32> {
        Value(bits::high32(self.c.regs.gr[usize::from(r & 15)]))
    }

    #[inline(always)]
    fn set_gr_high(&mut self, r: u8, value: Value<Self, u32>) {
        let register = &mut self.c.regs.gr[usize::from(r & 15)];
        *register = u64::from(value.0) << 32 | *register & 0xffff_ffff;
    }

    #[inline(always)]
    fn set_gr_address(&mut self, r: u8, address: Value<Self, u64>) {
        let register = &mut self.c.regs.gr[usize::from(r & 15)];
        *register = match self.c.regs.psw.addressing_mode() {
            AddressingMode::Bits64 => address.0,
            _ => bits::with_low32(*register, bits::low32(address.0)),
        };
    }

    #[inline(always)]
    fn ar(&mut self, r: u8) -> Value<Self, u32> {
        Value(self.c.regs.ar[usize::from(r & 15)])
    }

    #[inline(always)]
    fn set_ar(&mut self, r: u8, value: Value<Self, u32>) {
        self.c.regs.ar[usize::from(r & 15)] = value.0;
    }

    #[inline(always)]
    fn fpr<T: Width>(&mut self, r: u8) -> Value<Self, T> {
        Value(T::cut(self.c.regs.fpr(usize::from(r & 15)) >> (64 - T::BITS)))
    }

    #[inline(always)]
    fn set_fpr<T: Width>(&mut self, r: u8, value: Value<Self, T>) {
        let r = usize::from(r & 15);
        let unused = 64 - T::BITS;
        let kept = if unused == 0 { 0 } else { self.c.regs.fpr(r) & (u64::MAX >> T::BITS) };
        self.c.regs.set_fpr(r, value.0.zero_extended() << unused | kept);
    }

    #[inline(always)]
    fn fpc(&mut self) -> Value<Self, u32> {
        Value(self.c.regs.fpc)
    }

    #[inline(always)]
    fn set_fpc(&mut self, value: Value<Self, u32>) {
        self.c.regs.fpc = value.0;
    }

    #[inline(always)]
    fn cr(&mut self, r: u8) -> Value<Self, u64> {
        Value(self.c.regs.cr[usize::from(r & 15)])
    }

    #[inline(always)]
    fn set_cr(&mut self, r: u8, value: Value<Self, u64>) {
        self.put_cr(r, value.0);
    }

    #[inline(always)]
    fn set_cr_low(&mut self, r: u8, value: Value<Self, u32>) {
        let new = bits::with_low32(self.c.regs.cr[usize::from(r & 15)], value.0);
        self.put_cr(r, new);
    }

    #[inline(always)]
    fn psw_mask(&mut self) -> Value<Self, u64> {
        self.c.settle_cc();
        Value(self.c.regs.psw.mask)
    }

    #[inline(always)]
    fn system_mask(&mut self) -> Value<Self, u64> {
        Value(self.c.regs.psw.mask >> 56)
    }

    #[inline(always)]
    fn program_mask(&mut self) -> Value<Self, u64> {
        Value((self.c.regs.psw.mask & Psw::PROGRAM_MASK) >> 40)
    }

    #[inline(always)]
    fn set_program_mask(&mut self, mask: Value<Self, u64>) {
        let rest = self.c.regs.psw.mask & !Psw::PROGRAM_MASK;
        self.c.regs.psw.mask = rest | (mask.0 << 40) & Psw::PROGRAM_MASK;
    }

    #[inline(always)]
    fn add<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T> {
        Value(T::cut(a.0.zero_extended().wrapping_add(b.0.zero_extended())))
    }

    #[inline(always)]
    fn sub<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T> {
        Value(T::cut(a.0.zero_extended().wrapping_sub(b.0.zero_extended())))
    }

    #[inline(always)]
    fn add_signed<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, bool) {
        let (sum, overflow) = a.0.sign_extended().overflowing_add(b.0.sign_extended());
        let result = T::cut(sum.cast_unsigned());
        (Value(result), overflow || result.sign_extended() != sum)
    }

    #[inline(always)]
    fn sub_signed<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, bool) {
        let (difference, overflow) = a.0.sign_extended().overflowing_sub(b.0.sign_extended());
        let result = T::cut(difference.cast_unsigned());
        (Value(result), overflow || result.sign_extended() != difference)
    }

    #[inline(always)]
    fn add_carry<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, bool) {
        let sum = self.add(a, b);
        (sum, sum.0 < a.0)
    }

    #[inline(always)]
    fn sub_borrow<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, bool) {
        (self.sub(a, b), a.0 < b.0)
    }

    #[inline(always)]
    fn mul<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T> {
        Value(T::cut(a.0.zero_extended().wrapping_mul(b.0.zero_extended())))
    }

    #[inline(always)]
    fn mul_high(&mut self, a: Value<Self, u64>, b: Value<Self, u64>) -> Value<Self, u64> {
        Value(bits::high64(u128::from(a.0) * u128::from(b.0)))
    }

    #[inline(always)]
    fn div_signed(
        &mut self,
        a: Value<Self, u64>,
        b: Value<Self, u64>,
    ) -> (Value<Self, u64>, Value<Self, u64>) {
        let (a, b) = (a.0.cast_signed(), b.0.cast_signed());
        (Value((a / b).cast_unsigned()), Value((a % b).cast_unsigned()))
    }

    #[inline(always)]
    fn div_unsigned(
        &mut self,
        a: Value<Self, u64>,
        b: Value<Self, u64>,
    ) -> (Value<Self, u64>, Value<Self, u64>) {
        (Value(a.0 / b.0), Value(a.0 % b.0))
    }

    #[inline(always)]
    fn div_wide(
        &mut self,
        high: Value<Self, u64>,
        low: Value<Self, u64>,
        divisor: Value<Self, u64>,
    ) -> (Value<Self, u64>, Value<Self, u64>) {
        let dividend = u128::from(high.0) << 64 | u128::from(low.0);
        let divisor = u128::from(divisor.0);
        (Value(bits::low64(dividend / divisor)), Value(bits::low64(dividend % divisor)))
    }

    #[inline(always)]
    fn and<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T> {
        Value(T::cut(a.0.zero_extended() & b.0.zero_extended()))
    }

    #[inline(always)]
    fn or<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T> {
        Value(T::cut(a.0.zero_extended() | b.0.zero_extended()))
    }

    #[inline(always)]
    fn xor<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T> {
        Value(T::cut(a.0.zero_extended() ^ b.0.zero_extended()))
    }

    #[inline(always)]
    fn shift_left<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T> {
        Value(T::cut(value.0.zero_extended() << (amount.0 & u64::from(T::BITS - 1))))
    }

    #[inline(always)]
    fn shift_right<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T> {
        Value(T::cut(value.0.zero_extended() >> (amount.0 & u64::from(T::BITS - 1))))
    }

    #[inline(always)]
    fn shift_right_signed<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T> {
        let shifted = value.0.sign_extended() >> (amount.0 & u64::from(T::BITS - 1));
        Value(T::cut(shifted.cast_unsigned()))
    }

    #[inline(always)]
    fn rotate_left<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T> {
        let value = value.0.zero_extended();
        let width = u64::from(T::BITS);
        let left = amount.0 & (width - 1);
        let right = (width - left) & (width - 1);
        Value(T::cut(value << left | value >> right))
    }

    #[inline(always)]
    fn leading_zeros(&mut self, value: Value<Self, u64>) -> Value<Self, u64> {
        Value(value.0.leading_zeros().into())
    }

    #[inline(always)]
    fn zero_extend<T: Width, U: Width>(&mut self, value: Value<Self, T>) -> Value<Self, U> {
        Value(U::cut(value.0.zero_extended()))
    }

    #[inline(always)]
    fn sign_extend<T: Width, U: Width>(&mut self, value: Value<Self, T>) -> Value<Self, U> {
        Value(U::cut(value.0.sign_extended().cast_unsigned()))
    }

    #[inline(always)]
    fn equal<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> bool {
        a.0 == b.0
    }

    #[inline(always)]
    fn below_signed<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> bool {
        a.0.sign_extended() < b.0.sign_extended()
    }

    #[inline(always)]
    fn below<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> bool {
        a.0 < b.0
    }

    #[inline(always)]
    fn not(&mut self, a: bool) -> bool {
        !a
    }

    #[inline(always)]
    fn both(&mut self, a: bool, b: bool) -> bool {
        a & b
    }

    #[inline(always)]
    fn either(&mut self, a: bool, b: bool) -> bool {
        a | b
    }

    #[inline(always)]
    fn select<T: Width>(
        &mut self,
        condition: bool,
        yes: Value<Self, T>,
        no: Value<Self, T>,
    ) -> Value<Self, T> {
        if condition { yes } else { no }
    }

    #[inline(always)]
    fn cc(&mut self) -> Value<Self, u64> {
        Value(self.c.cc.into())
    }

    #[inline(always)]
    fn cc_in(&mut self, mask: u8) -> bool {
        8_u8 >> (self.c.cc & 3) & mask != 0
    }

    #[inline(always)]
    fn set_cc(&mut self, cc: Value<Self, u64>) {
        self.put_cc(cc.0);
    }

    #[inline(always)]
    fn set_cc_sign<T: Width>(&mut self, result: Value<Self, T>) {
        self.put_cc(sign_cc(result.0));
    }

    #[inline(always)]
    fn set_cc_sign_or_overflow<T: Width>(&mut self, result: Value<Self, T>, overflow: bool) {
        self.put_cc(if overflow { 3 } else { sign_cc(result.0) });
    }

    #[inline(always)]
    fn set_cc_carry<T: Width>(&mut self, result: Value<Self, T>, carry: bool) {
        self.put_cc(bit(carry) * 2 + bit(result.0.zero_extended() != 0));
    }

    #[inline(always)]
    fn set_cc_not_zero<T: Width>(&mut self, result: Value<Self, T>) {
        self.put_cc(bit(result.0.zero_extended() != 0));
    }

    #[inline(always)]
    fn set_cc_compare_signed<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) {
        let (a, b) = (a.0.sign_extended(), b.0.sign_extended());
        self.put_cc(bit(a < b) + bit(a > b) * 2);
    }

    #[inline(always)]
    fn set_cc_compare<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) {
        self.put_cc(bit(a.0 < b.0) + bit(a.0 > b.0) * 2);
    }

    #[inline(always)]
    fn set_cc_float<T: Width>(&mut self, number: Value<Self, T>) {
        self.put_cc(float::compare(number.0, T::cut(0)));
    }

    #[inline(always)]
    fn set_cc_float_compare<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) {
        self.put_cc(float::compare(a.0, b.0));
    }

    #[inline(always)]
    fn set_cc_mixed<T: Width>(&mut self, value: Value<Self, T>, mask: u64) {
        let selected = value.0.zero_extended() & mask;
        self.put_cc(if selected == 0 { 0 } else { 1 + bit(selected == mask) * 2 });
    }

    #[inline(always)]
    fn set_cc_under_mask<T: Width>(&mut self, value: Value<Self, T>, mask: u64) {
        let selected = value.0.zero_extended() & mask;
        let leftmost = SIGN >> mask.leading_zeros().min(63);
        self.put_cc(if selected == 0 {
            0
        } else if selected == mask {
            3
        } else {
            1 + bit(selected & leftmost != 0)
        });
    }

    #[inline(always)]
    fn effective(&mut self, x: u8, b: u8, displacement: i64) -> Location<Self> {
        let sum = self
            .register_or_zero(b)
            .wrapping_add(self.register_or_zero(x))
            .wrapping_add(displacement.cast_unsigned());
        Location { address: Value(sum & self.c.address_mask), base: b }
    }

    #[inline(always)]
    fn relative(&mut self, bytes: i64) -> Location<Self> {
        let sum = self.address().wrapping_add(bytes.cast_unsigned());
        Location { address: Value(sum & self.c.address_mask), base: IN_INSTRUCTION_SPACE }
    }

    #[inline(always)]
    fn beyond(&mut self, at: Location<Self>, bytes: u64) -> Location<Self> {
        let sum = at.address.0.wrapping_add(bytes);
        Location { address: Value(sum & self.c.address_mask), base: at.base }
    }

    #[inline(always)]
    fn load<T: Width>(&mut self, at: Location<Self>) -> Loaded<Self, T> {
        self.load_at(at.into()).map(Value)
    }

    #[inline(always)]
    fn store<T: Width>(&mut self, at: Location<Self>, value: Value<Self, T>) -> Done<Self> {
        self.store_at(at.into(), value.0)
    }

    #[inline(always)]
    fn probe_store(&mut self, at: Location<Self>, bytes: u64) -> Done<Self> {
        self.probe_at(at.into(), bytes)
    }

    #[inline(always)]
    fn load_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8, Value<Self, T>),
    ) -> Done<Self> {
        self.load_many_at(at.into(), count, |step, i, value| each(step, i, Value(value)))
    }

    #[inline(always)]
    fn store_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8) -> Value<Self, T>,
    ) -> Done<Self> {
        self.store_many_at(at.into(), count, |step, i| each(step, i).0)
    }

    #[inline(always)]
    fn compare_and_swap<T: Width>(
        &mut self,
        at: Location<Self>,
        old: Value<Self, T>,
        new: Value<Self, T>,
    ) -> Result<(Value<Self, T>, bool), Early> {
        let (found, equal) = self.compare_and_swap_at(at.into(), old.0, new.0)?;
        Ok((Value(found), equal))
    }

    #[inline(always)]
    fn compare_and_swap_wide(
        &mut self,
        at: Location<Self>,
        old: [Value<Self, u64>; 2],
        new: [Value<Self, u64>; 2],
    ) -> Result<([Value<Self, u64>; 2], bool), Early> {
        let (found, equal) = self.compare_and_swap_wide_at(at.into(), join(old), join(new))?;
        Ok((split(found), equal))
    }

    #[inline(always)]
    fn fetch_and_update<T: Width>(
        &mut self,
        at: Location<Self>,
        update: Update,
        operand: Value<Self, T>,
    ) -> Loaded<Self, T> {
        self.fetch_and_update_at(at.into(), update, operand.0).map(Value)
    }

    #[inline(always)]
    fn load_quadword(&mut self, at: Location<Self>) -> Result<[Value<Self, u64>; 2], Early> {
        self.load_quadword_at(at.into()).map(split)
    }

    #[inline(always)]
    fn store_quadword(&mut self, at: Location<Self>, value: [Value<Self, u64>; 2]) -> Done<Self> {
        self.store_quadword_at(at.into(), join(value))
    }

    fn serialize(&mut self) {
        core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
    }

    #[inline(always)]
    fn raise_if(&mut self, condition: bool, code: ProgramCode) -> Done<Self> {
        if condition { Err(self.c.end(code.into()).into()) } else { Ok(()) }
    }

    #[inline(always)]
    fn raise_data_if(&mut self, condition: bool, code: u8) -> Done<Self> {
        if condition {
            return Err(self.c.end(Exception::data(code)).into());
        }
        Ok(())
    }

    #[inline(always)]
    fn raise_overflow(&mut self, overflow: bool) -> Done<Self> {
        let raised = overflow && self.c.regs.psw.has(Psw::FIXED_OVERFLOW);
        self.raise_if(raised, ProgramCode::FIXED_POINT_OVERFLOW)
    }

    #[inline(always)]
    fn when(&mut self, condition: bool, then: impl FnOnce(&mut Self) -> Done<Self>) -> Done<Self> {
        // What is to be done may be a function of its own.
        self.returns = true;
        if condition { then(self) } else { Ok(()) }
    }

    #[inline(always)]
    fn branch_if(&mut self, condition: bool, target: Value<Self, u64>) {
        if condition {
            self.branch(target.0);
        }
    }

    #[inline(always)]
    fn branch_relative_if(&mut self, condition: bool, bytes: i64) {
        if condition {
            self.branch(self.address().wrapping_add(bytes.cast_unsigned()));
        }
    }

    #[inline(always)]
    fn link(&mut self, r: u8, form: Link) {
        let (address, length) = self.instruction();
        let next = address.wrapping_add(length.into());
        let psw = self.c.regs.psw;
        let register = &mut self.c.regs.gr[usize::from(r & 15)];
        *register = match psw.addressing_mode() {
            AddressingMode::Bits64 => next | bit(form == Link::SaveMode),
            AddressingMode::Bits31 => bits::with_low32(*register, bits::low32(next) | 0x8000_0000),
            AddressingMode::Bits24 => {
                let mut link = bits::low32(next);
                if form == Link::Link {
                    link |= (u32::from(length) / 2) << 30
                        | u32::from(self.c.cc) << 28
                        | bits::low32(psw.mask >> 16) & 0x0f00_0000;
                }
                bits::with_low32(*register, link)
            }
        };
    }

    #[inline(always)]
    fn float<T: Width, U: Width>(
        &mut self,
        operation: HostFloat,
        operands: &[Value<Self, T>],
    ) -> Result<Option<Value<Self, U>>, Early> {
        if SURE {
            return Ok(None);
        }
        let register = self.c.regs.fpc;
        if register & operation.must_be_zero(U::BITS) != 0 {
            return Err(Early::Unlike);
        }
        let known = !operation.raises_inexact(U::BITS) || register & fpc::INEXACT != 0;
        let words = core::array::from_fn(|n| operands.get(n).map_or(0, |v| v.0.zero_extended()));
        let Some((result, inexact)) = float::on_host::<T, U>(operation, words, known) else {
            return Err(Early::Unlike);
        };
        if inexact && !known {
            self.c.regs.fpc = register | fpc::INEXACT;
        }
        Ok(Some(Value(U::cut(result))))
    }

    #[inline(always)]
    fn float_to_fixed<T: Width>(
        &mut self,
        to: FixedFormat,
        modifiers: Modifiers,
        operand: Value<Self, T>,
    ) -> Result<Option<(Value<Self, u64>, Value<Self, T>)>, Early> {
        let integer = self.float(HostFloat::ToFixed(to, modifiers), &[operand])?;
        Ok(integer.map(|integer| (integer, operand)))
    }

    #[inline(always)]
    fn uses(&mut self, _reads: u16, _writes: u16) {}

    #[inline(always)]
    fn uses_float(&mut self, _reads: u16, _writes: u16) {}

    #[inline(always)]
    fn call(
        &mut self,
        helper: Helper,
        at: &[Location<Self>],
        arguments: &[Value<Self, u64>],
    ) -> Loaded<Self, u64> {
        if helper == Helper::Execute {
            let target = at.first().map_or(0, |at| at.address.0);
            let inserted = arguments.first().map_or(0, |value| value.0);
            self.c.execute = Some(Execute { target, inserted });
            self.next = EXECUTE + self.at;
            return Ok(Value(0));
        }
        if let ([first, second], [length]) = (at, arguments)
            && self.short(helper, first.address.0, second.address.0, length.0)?
        {
            return Ok(Value(0));
        }
        let nowhere = At::operand(0, 0);
        // Not on the stack: nothing may keep the next handler from taking the
        // place of this one.
        self.c.operands = Operands {
            at: core::array::from_fn(|n| {
                at.get(n).map_or(nowhere, |at| self.place(Operand::from(*at)))
            }),
            arguments: core::array::from_fn(|n| arguments.get(n).map_or(0, |value| value.0)),
        };
        let (address, length) = self.instruction();
        let (result, stays) = slow::routine(self.c, helper, address, length)?;
        if !stays {
            self.next = LEAVE;
        }
        Ok(Value(result))
    }
}
