//! The bodies' view of an executing CPU: values are integers, and everything
//! happens at once.
//!
//! What is not short is in [`slow`](super::slow), out of line, so that the
//! handlers that bodies become stay small.

use super::handler::{EXECUTE, Early, LEAVE, Step};
use super::slow::{self, IN_INSTRUCTION_SPACE};
use crate::context::Execute;
use crate::exception::Exception;
use crate::routine::Operands;
use crate::{At, Context};
use lowcore_arch::{AddressingMode, ProgramCode, Psw, bits};
use lowcore_isa::{Builder, Done, Helper, Link, Loaded, Location, Update, Value, Width};

/// Control registers whose bits enable interruptions and PER.
const ENABLING: u16 = 1 << 0 | 1 << 6 | 7 << 9 | 1 << 14;

type Here<'s, 'c, T, const SURE: bool> = Value<Step<'s, 'c, SURE>, T>;

const SIGN: u64 = 1 << 63;

/// The operand at a location.
fn place<const SURE: bool>(c: &Context<'_>, at: Location<Step<'_, '_, SURE>>) -> At {
    slow::place(c, at.address.0, at.base)
}

/// Whether the TLB's table of operands is the one of this operand.
#[inline(always)]
fn is_near<const SURE: bool>(c: &Context<'_>, at: Location<Step<'_, '_, SURE>>) -> bool {
    at.base != IN_INSTRUCTION_SPACE || c.tlb.instructions_are_with_operands()
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
        let old = core::mem::replace(&mut self.c.regs.cr[usize::from(r & 15)], value);
        if old != value {
            if ENABLING >> r & 1 != 0 {
                self.c.reevaluate = true;
            }
            // Accesses may count from other tables now.
            self.c.reenter = true;
            self.leave();
        }
    }
}

impl<'s, 'c, const SURE: bool> Builder for Step<'s, 'c, SURE> {
    type Repr<T: Width> = T;
    type Bool = bool;
    type Exit = Early;

    #[inline(always)]
    fn constant<T: Width>(&mut self, value: u64) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(value))
    }

    #[inline(always)]
    fn constant_bool(&mut self, value: bool) -> bool {
        value
    }

    #[inline(always)]
    fn gr<T: Width>(&mut self, r: u8) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(self.c.regs.gr[usize::from(r & 15)]))
    }

    #[inline(always)]
    fn set_gr<T: Width>(&mut self, r: u8, value: Here<'s, 'c, T, SURE>) {
        let register = &mut self.c.regs.gr[usize::from(r & 15)];
        let replaced = u64::MAX >> (64 - T::BITS);
        *register = *register & !replaced | value.0.zero_extended();
    }

    #[inline(always)]
    fn gr_high(&mut self, r: u8) -> Here<'s, 'c, u32, SURE> {
        Value(bits::high32(self.c.regs.gr[usize::from(r & 15)]))
    }

    #[inline(always)]
    fn set_gr_high(&mut self, r: u8, value: Here<'s, 'c, u32, SURE>) {
        let register = &mut self.c.regs.gr[usize::from(r & 15)];
        *register = u64::from(value.0) << 32 | *register & 0xffff_ffff;
    }

    #[inline(always)]
    fn set_gr_address(&mut self, r: u8, address: Here<'s, 'c, u64, SURE>) {
        let register = &mut self.c.regs.gr[usize::from(r & 15)];
        *register = match self.c.regs.psw.addressing_mode() {
            AddressingMode::Bits64 => address.0,
            _ => bits::with_low32(*register, bits::low32(address.0)),
        };
    }

    #[inline(always)]
    fn ar(&mut self, r: u8) -> Here<'s, 'c, u32, SURE> {
        Value(self.c.regs.ar[usize::from(r & 15)])
    }

    #[inline(always)]
    fn set_ar(&mut self, r: u8, value: Here<'s, 'c, u32, SURE>) {
        self.c.regs.ar[usize::from(r & 15)] = value.0;
    }

    #[inline(always)]
    fn fpr<T: Width>(&mut self, r: u8) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(self.c.regs.fpr(usize::from(r & 15)) >> (64 - T::BITS)))
    }

    #[inline(always)]
    fn set_fpr<T: Width>(&mut self, r: u8, value: Here<'s, 'c, T, SURE>) {
        let r = usize::from(r & 15);
        let unused = 64 - T::BITS;
        let kept = if unused == 0 { 0 } else { self.c.regs.fpr(r) & (u64::MAX >> T::BITS) };
        self.c.regs.set_fpr(r, value.0.zero_extended() << unused | kept);
    }

    #[inline(always)]
    fn fpc(&mut self) -> Here<'s, 'c, u32, SURE> {
        Value(self.c.regs.fpc)
    }

    #[inline(always)]
    fn set_fpc(&mut self, value: Here<'s, 'c, u32, SURE>) {
        self.c.regs.fpc = value.0;
    }

    #[inline(always)]
    fn cr(&mut self, r: u8) -> Here<'s, 'c, u64, SURE> {
        Value(self.c.regs.cr[usize::from(r & 15)])
    }

    #[inline(always)]
    fn set_cr(&mut self, r: u8, value: Here<'s, 'c, u64, SURE>) {
        self.put_cr(r, value.0);
    }

    #[inline(always)]
    fn set_cr_low(&mut self, r: u8, value: Here<'s, 'c, u32, SURE>) {
        let new = bits::with_low32(self.c.regs.cr[usize::from(r & 15)], value.0);
        self.put_cr(r, new);
    }

    #[inline(always)]
    fn psw_mask(&mut self) -> Here<'s, 'c, u64, SURE> {
        self.c.settle_cc();
        Value(self.c.regs.psw.mask)
    }

    #[inline(always)]
    fn program_mask(&mut self) -> Here<'s, 'c, u64, SURE> {
        Value((self.c.regs.psw.mask & Psw::PROGRAM_MASK) >> 40)
    }

    #[inline(always)]
    fn set_program_mask(&mut self, mask: Here<'s, 'c, u64, SURE>) {
        let rest = self.c.regs.psw.mask & !Psw::PROGRAM_MASK;
        self.c.regs.psw.mask = rest | (mask.0 << 40) & Psw::PROGRAM_MASK;
    }

    #[inline(always)]
    fn add<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(a.0.zero_extended().wrapping_add(b.0.zero_extended())))
    }

    #[inline(always)]
    fn sub<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(a.0.zero_extended().wrapping_sub(b.0.zero_extended())))
    }

    #[inline(always)]
    fn add_signed<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> (Here<'s, 'c, T, SURE>, bool) {
        let (sum, overflow) = a.0.sign_extended().overflowing_add(b.0.sign_extended());
        let result = T::cut(sum.cast_unsigned());
        (Value(result), overflow || result.sign_extended() != sum)
    }

    #[inline(always)]
    fn sub_signed<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> (Here<'s, 'c, T, SURE>, bool) {
        let (difference, overflow) = a.0.sign_extended().overflowing_sub(b.0.sign_extended());
        let result = T::cut(difference.cast_unsigned());
        (Value(result), overflow || result.sign_extended() != difference)
    }

    #[inline(always)]
    fn add_carry<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> (Here<'s, 'c, T, SURE>, bool) {
        let sum = self.add(a, b);
        (sum, sum.0 < a.0)
    }

    #[inline(always)]
    fn sub_borrow<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> (Here<'s, 'c, T, SURE>, bool) {
        (self.sub(a, b), a.0 < b.0)
    }

    #[inline(always)]
    fn mul<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(a.0.zero_extended().wrapping_mul(b.0.zero_extended())))
    }

    #[inline(always)]
    fn mul_high(
        &mut self,
        a: Here<'s, 'c, u64, SURE>,
        b: Here<'s, 'c, u64, SURE>,
    ) -> Here<'s, 'c, u64, SURE> {
        Value(bits::high64(u128::from(a.0) * u128::from(b.0)))
    }

    #[inline(always)]
    fn div_signed(
        &mut self,
        a: Here<'s, 'c, u64, SURE>,
        b: Here<'s, 'c, u64, SURE>,
    ) -> (Here<'s, 'c, u64, SURE>, Here<'s, 'c, u64, SURE>) {
        let (a, b) = (a.0.cast_signed(), b.0.cast_signed());
        (Value((a / b).cast_unsigned()), Value((a % b).cast_unsigned()))
    }

    #[inline(always)]
    fn div_unsigned(
        &mut self,
        a: Here<'s, 'c, u64, SURE>,
        b: Here<'s, 'c, u64, SURE>,
    ) -> (Here<'s, 'c, u64, SURE>, Here<'s, 'c, u64, SURE>) {
        (Value(a.0 / b.0), Value(a.0 % b.0))
    }

    #[inline(always)]
    fn div_wide(
        &mut self,
        high: Here<'s, 'c, u64, SURE>,
        low: Here<'s, 'c, u64, SURE>,
        divisor: Here<'s, 'c, u64, SURE>,
    ) -> (Here<'s, 'c, u64, SURE>, Here<'s, 'c, u64, SURE>) {
        let dividend = u128::from(high.0) << 64 | u128::from(low.0);
        let divisor = u128::from(divisor.0);
        (Value(bits::low64(dividend / divisor)), Value(bits::low64(dividend % divisor)))
    }

    #[inline(always)]
    fn and<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(a.0.zero_extended() & b.0.zero_extended()))
    }

    #[inline(always)]
    fn or<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(a.0.zero_extended() | b.0.zero_extended()))
    }

    #[inline(always)]
    fn xor<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(a.0.zero_extended() ^ b.0.zero_extended()))
    }

    #[inline(always)]
    fn shift_left<T: Width>(
        &mut self,
        value: Here<'s, 'c, T, SURE>,
        amount: Here<'s, 'c, u64, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(value.0.zero_extended() << (amount.0 & u64::from(T::BITS - 1))))
    }

    #[inline(always)]
    fn shift_right<T: Width>(
        &mut self,
        value: Here<'s, 'c, T, SURE>,
        amount: Here<'s, 'c, u64, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        Value(T::cut(value.0.zero_extended() >> (amount.0 & u64::from(T::BITS - 1))))
    }

    #[inline(always)]
    fn shift_right_signed<T: Width>(
        &mut self,
        value: Here<'s, 'c, T, SURE>,
        amount: Here<'s, 'c, u64, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        let shifted = value.0.sign_extended() >> (amount.0 & u64::from(T::BITS - 1));
        Value(T::cut(shifted.cast_unsigned()))
    }

    #[inline(always)]
    fn rotate_left<T: Width>(
        &mut self,
        value: Here<'s, 'c, T, SURE>,
        amount: Here<'s, 'c, u64, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        let value = value.0.zero_extended();
        let width = u64::from(T::BITS);
        let left = amount.0 & (width - 1);
        let right = (width - left) & (width - 1);
        Value(T::cut(value << left | value >> right))
    }

    #[inline(always)]
    fn leading_zeros(&mut self, value: Here<'s, 'c, u64, SURE>) -> Here<'s, 'c, u64, SURE> {
        Value(value.0.leading_zeros().into())
    }

    #[inline(always)]
    fn zero_extend<T: Width, U: Width>(
        &mut self,
        value: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, U, SURE> {
        Value(U::cut(value.0.zero_extended()))
    }

    #[inline(always)]
    fn sign_extend<T: Width, U: Width>(
        &mut self,
        value: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, U, SURE> {
        Value(U::cut(value.0.sign_extended().cast_unsigned()))
    }

    #[inline(always)]
    fn equal<T: Width>(&mut self, a: Here<'s, 'c, T, SURE>, b: Here<'s, 'c, T, SURE>) -> bool {
        a.0 == b.0
    }

    #[inline(always)]
    fn below_signed<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) -> bool {
        a.0.sign_extended() < b.0.sign_extended()
    }

    #[inline(always)]
    fn below<T: Width>(&mut self, a: Here<'s, 'c, T, SURE>, b: Here<'s, 'c, T, SURE>) -> bool {
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
        yes: Here<'s, 'c, T, SURE>,
        no: Here<'s, 'c, T, SURE>,
    ) -> Here<'s, 'c, T, SURE> {
        if condition { yes } else { no }
    }

    #[inline(always)]
    fn cc(&mut self) -> Here<'s, 'c, u64, SURE> {
        Value(self.c.cc.into())
    }

    #[inline(always)]
    fn cc_in(&mut self, mask: u8) -> bool {
        8_u8 >> (self.c.cc & 3) & mask != 0
    }

    #[inline(always)]
    fn set_cc(&mut self, cc: Here<'s, 'c, u64, SURE>) {
        self.put_cc(cc.0);
    }

    #[inline(always)]
    fn set_cc_sign<T: Width>(&mut self, result: Here<'s, 'c, T, SURE>) {
        self.put_cc(sign_cc(result.0));
    }

    #[inline(always)]
    fn set_cc_sign_or_overflow<T: Width>(&mut self, result: Here<'s, 'c, T, SURE>, overflow: bool) {
        self.put_cc(if overflow { 3 } else { sign_cc(result.0) });
    }

    #[inline(always)]
    fn set_cc_carry<T: Width>(&mut self, result: Here<'s, 'c, T, SURE>, carry: bool) {
        self.put_cc(bit(carry) * 2 + bit(result.0.zero_extended() != 0));
    }

    #[inline(always)]
    fn set_cc_not_zero<T: Width>(&mut self, result: Here<'s, 'c, T, SURE>) {
        self.put_cc(bit(result.0.zero_extended() != 0));
    }

    #[inline(always)]
    fn set_cc_compare_signed<T: Width>(
        &mut self,
        a: Here<'s, 'c, T, SURE>,
        b: Here<'s, 'c, T, SURE>,
    ) {
        let (a, b) = (a.0.sign_extended(), b.0.sign_extended());
        self.put_cc(bit(a < b) + bit(a > b) * 2);
    }

    #[inline(always)]
    fn set_cc_compare<T: Width>(&mut self, a: Here<'s, 'c, T, SURE>, b: Here<'s, 'c, T, SURE>) {
        self.put_cc(bit(a.0 < b.0) + bit(a.0 > b.0) * 2);
    }

    #[inline(always)]
    fn set_cc_mixed<T: Width>(&mut self, value: Here<'s, 'c, T, SURE>, mask: u64) {
        let selected = value.0.zero_extended() & mask;
        self.put_cc(if selected == 0 { 0 } else { 1 + bit(selected == mask) * 2 });
    }

    #[inline(always)]
    fn set_cc_under_mask<T: Width>(&mut self, value: Here<'s, 'c, T, SURE>, mask: u64) {
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
        let address = at.address.0;
        let found = match T::BITS {
            _ if !is_near(self.c, at) => None,
            8 => self.c.tlb.load_u8(address).map(u64::from),
            16 => self.c.tlb.load_u16(address).map(u64::from),
            32 => self.c.tlb.load_u32(address).map(u64::from),
            _ => self.c.tlb.load_u64(address),
        };
        match found {
            Some(value) => Ok(Value(T::cut(value))),
            None if !SURE => Err(Early::Missed),
            None => Ok(Value(T::cut(slow::load::<T>(self.c, address, at.base)?))),
        }
    }

    #[inline(always)]
    fn store<T: Width>(&mut self, at: Location<Self>, value: Here<'s, 'c, T, SURE>) -> Done<Self> {
        let address = at.address.0;
        let value = value.0.zero_extended();
        let stored = match T::BITS {
            _ if !is_near(self.c, at) => false,
            8 => self.c.tlb.store_u8(address, bits::low8(value)),
            16 => self.c.tlb.store_u16(address, bits::low16(value)),
            32 => self.c.tlb.store_u32(address, bits::low32(value)),
            _ => self.c.tlb.store_u64(address, value),
        };
        if stored {
            return Ok(());
        }
        if !SURE {
            return Err(Early::Missed);
        }
        if slow::store::<T>(self.c, address, at.base, value)? {
            self.leave();
        }
        Ok(())
    }

    #[inline(always)]
    fn probe_store(&mut self, at: Location<Self>, bytes: u64) -> Done<Self> {
        self.returns = true;
        Ok(slow::probe_store(self.c, place(self.c, at), bytes)?)
    }

    fn load_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8, Here<'s, 'c, T, SURE>),
    ) -> Done<Self> {
        let mut values = [0; 16];
        let count = count.min(16);
        self.returns = true;
        slow::load_many::<T>(self.c, place(self.c, at), &mut values[..usize::from(count)])?;
        for (i, value) in (0..count).zip(values) {
            each(self, i, Value(T::cut(value)));
        }
        Ok(())
    }

    fn store_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8) -> Here<'s, 'c, T, SURE>,
    ) -> Done<Self> {
        let mut values = [0; 16];
        let count = count.min(16);
        for (i, value) in (0..count).zip(&mut values) {
            *value = each(self, i).0.zero_extended();
        }
        self.returns = true;
        if slow::store_many::<T>(self.c, place(self.c, at), &values[..usize::from(count)])? {
            self.leave();
        }
        Ok(())
    }

    #[inline(always)]
    fn compare_and_swap<T: Width>(
        &mut self,
        at: Location<Self>,
        old: Here<'s, 'c, T, SURE>,
        new: Here<'s, 'c, T, SURE>,
    ) -> Result<(Here<'s, 'c, T, SURE>, bool), Early> {
        let (old, new) = (old.0.zero_extended(), new.0.zero_extended());
        if let Some((found, equal)) = self.c.tlb.compare_and_swap::<T>(at.address.0, old, new) {
            return Ok((Value(T::cut(found)), equal));
        }
        if !SURE {
            return Err(Early::Missed);
        }
        self.returns = true;
        let swap = slow::compare_and_swap::<T>(self.c, place(self.c, at), old, new)?;
        if swap.code_changed {
            self.leave();
        }
        Ok((Value(T::cut(swap.found)), swap.equal))
    }

    fn compare_and_swap_wide(
        &mut self,
        at: Location<Self>,
        old: [Here<'s, 'c, u64, SURE>; 2],
        new: [Here<'s, 'c, u64, SURE>; 2],
    ) -> Result<([Here<'s, 'c, u64, SURE>; 2], bool), Early> {
        let join = |pair: [Here<'s, 'c, u64, SURE>; 2]| {
            u128::from(pair[0].0) << 64 | u128::from(pair[1].0)
        };
        let split = |found| [Value(bits::high64(found)), Value(bits::low64(found))];
        self.returns = true;
        let swap = slow::compare_and_swap_wide(self.c, place(self.c, at), join(old), join(new))?;
        if swap.code_changed {
            self.leave();
        }
        Ok((split(swap.found), swap.equal))
    }

    fn fetch_and_update<T: Width>(
        &mut self,
        at: Location<Self>,
        update: Update,
        operand: Here<'s, 'c, T, SURE>,
    ) -> Loaded<Self, T> {
        let operand = operand.0.zero_extended();
        self.returns = true;
        let (old, code_changed) =
            slow::fetch_and_update::<T>(self.c, place(self.c, at), update, operand)?;
        if code_changed {
            self.leave();
        }
        Ok(Value(T::cut(old)))
    }

    fn load_quadword(&mut self, at: Location<Self>) -> Result<[Here<'s, 'c, u64, SURE>; 2], Early> {
        self.returns = true;
        let both = slow::load_quadword(self.c, place(self.c, at))?;
        Ok([Value(bits::high64(both)), Value(bits::low64(both))])
    }

    fn store_quadword(
        &mut self,
        at: Location<Self>,
        value: [Here<'s, 'c, u64, SURE>; 2],
    ) -> Done<Self> {
        let both = u128::from(value[0].0) << 64 | u128::from(value[1].0);
        self.returns = true;
        if slow::store_quadword(self.c, place(self.c, at), both)? {
            self.leave();
        }
        Ok(())
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
    fn branch_if(&mut self, condition: bool, target: Here<'s, 'c, u64, SURE>) {
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
    fn uses(&mut self, _reads: u16, _writes: u16) {}

    #[inline(always)]
    fn uses_float(&mut self, _reads: u16, _writes: u16) {}

    #[inline(always)]
    fn call(
        &mut self,
        helper: Helper,
        at: &[Location<Self>],
        arguments: &[Here<'s, 'c, u64, SURE>],
    ) -> Loaded<Self, u64> {
        if helper == Helper::Execute {
            let target = at.first().map_or(0, |at| at.address.0);
            let inserted = arguments.first().map_or(0, |value| value.0);
            self.c.execute = Some(Execute { target, inserted });
            self.next = EXECUTE + self.at;
            return Ok(Value(0));
        }
        let nowhere = At::operand(0, 0);
        // Not on the stack: nothing may keep the next handler from taking the
        // place of this one.
        self.c.operands = Operands {
            at: core::array::from_fn(|n| at.get(n).map_or(nowhere, |at| place(self.c, *at))),
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
