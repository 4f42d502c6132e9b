//! An instruction's accesses to storage.
//!
//! Where the TLB has no answer, a handler that is not sure gives up before it
//! has done anything; one that is takes the way out of line
//! ([`slow`](super::slow)).

use super::handler::{Early, Step};
use super::slow::{self, IN_INSTRUCTION_SPACE};
use crate::At;
use lowcore_arch::bits;
use lowcore_host::memory::Logic;
use lowcore_isa::{Helper, Update, Width};

/// A storage operand.
#[derive(Clone, Copy)]
pub struct Operand {
    /// Its address, cut to the addressing mode.
    pub address: u64,
    /// Its base register, or [`IN_INSTRUCTION_SPACE`].
    pub base: u8,
}

impl<const SURE: bool> Step<'_, '_, SURE> {
    /// The operand as routines have it.
    pub fn place(&self, at: Operand) -> At {
        slow::place(self.c, at.address, at.base)
    }

    /// Whether the TLB's table of operands is the one of this operand.
    #[inline(always)]
    fn is_near(&self, at: Operand) -> bool {
        at.base != IN_INSTRUCTION_SPACE || self.c.tlb.instructions_are_with_operands()
    }

    #[inline(always)]
    pub fn load_at<T: Width>(&mut self, at: Operand) -> Result<T, Early> {
        let address = at.address;
        let found = match T::BITS {
            _ if !self.is_near(at) => None,
            8 => self.c.tlb.load_u8(address).map(u64::from),
            16 => self.c.tlb.load_u16(address).map(u64::from),
            32 => self.c.tlb.load_u32(address).map(u64::from),
            _ => self.c.tlb.load_u64(address),
        };
        match found {
            Some(value) => Ok(T::cut(value)),
            None if !SURE => Err(Early::Missed),
            None => Ok(T::cut(slow::load::<T>(self.c, address, at.base)?)),
        }
    }

    #[inline(always)]
    pub fn store_at<T: Width>(&mut self, at: Operand, value: T) -> Result<(), Early> {
        let address = at.address;
        let value = value.zero_extended();
        let stored = match T::BITS {
            _ if !self.is_near(at) => false,
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
    pub fn probe_at(&mut self, at: Operand, bytes: u64) -> Result<(), Early> {
        self.returns = true;
        Ok(slow::probe_store(self.c, self.place(at), bytes)?)
    }

    #[inline(always)]
    pub fn load_many_at<T: Width>(
        &mut self,
        at: Operand,
        count: u8,
        mut each: impl FnMut(&mut Self, u8, T),
    ) -> Result<(), Early> {
        let mut values = [0; 16];
        let count = count.min(16);
        self.returns = true;
        slow::load_many::<T>(self.c, self.place(at), &mut values[..usize::from(count)])?;
        for (i, value) in (0..count).zip(values) {
            each(self, i, T::cut(value));
        }
        Ok(())
    }

    #[inline(always)]
    pub fn store_many_at<T: Width>(
        &mut self,
        at: Operand,
        count: u8,
        mut each: impl FnMut(&mut Self, u8) -> T,
    ) -> Result<(), Early> {
        let mut values = [0; 16];
        let count = count.min(16);
        for (i, value) in (0..count).zip(&mut values) {
            *value = each(self, i).zero_extended();
        }
        self.returns = true;
        if slow::store_many::<T>(self.c, self.place(at), &values[..usize::from(count)])? {
            self.leave();
        }
        Ok(())
    }

    #[inline(always)]
    pub fn compare_and_swap_at<T: Width>(
        &mut self,
        at: Operand,
        old: T,
        new: T,
    ) -> Result<(T, bool), Early> {
        let (old, new) = (old.zero_extended(), new.zero_extended());
        if let Some((found, equal)) = self.c.tlb.compare_and_swap::<T>(at.address, old, new) {
            return Ok((T::cut(found), equal));
        }
        if !SURE {
            return Err(Early::Missed);
        }
        self.returns = true;
        let swap = slow::compare_and_swap::<T>(self.c, self.place(at), old, new)?;
        if swap.code_changed {
            self.leave();
        }
        Ok((T::cut(swap.found), swap.equal))
    }

    #[inline(always)]
    pub fn compare_and_swap_wide_at(
        &mut self,
        at: Operand,
        old: u128,
        new: u128,
    ) -> Result<(u128, bool), Early> {
        self.returns = true;
        let swap = slow::compare_and_swap_wide(self.c, self.place(at), old, new)?;
        if swap.code_changed {
            self.leave();
        }
        Ok((swap.found, swap.equal))
    }

    #[inline(always)]
    pub fn fetch_and_update_at<T: Width>(
        &mut self,
        at: Operand,
        update: Update,
        operand: T,
    ) -> Result<T, Early> {
        let operand = operand.zero_extended();
        if let Some(old) = self.c.tlb.fetch_and_update::<T>(at.address, update, operand) {
            return Ok(T::cut(old));
        }
        if !SURE {
            return Err(Early::Missed);
        }
        self.returns = true;
        let (old, code_changed) =
            slow::fetch_and_update::<T>(self.c, self.place(at), update, operand)?;
        if code_changed {
            self.leave();
        }
        Ok(T::cut(old))
    }

    /// MOVE, AND, OR, EXCLUSIVE OR and COMPARE LOGICAL of operands whose pages
    /// the TLB knows. Gives whether it was one of them, and done.
    #[inline(always)]
    pub fn short(
        &mut self,
        helper: Helper,
        first: u64,
        second: u64,
        length: u64,
    ) -> Result<bool, Early> {
        let done = match helper {
            Helper::Move => slow::copy_short(self.c, first, second, length),
            Helper::And => slow::combine_short(self.c, Logic::And, first, second, length),
            Helper::Or => slow::combine_short(self.c, Logic::Or, first, second, length),
            Helper::ExclusiveOr => {
                slow::combine_short(self.c, Logic::ExclusiveOr, first, second, length)
            }
            Helper::Compare => slow::compare_short(self.c, first, second, length),
            _ => return Ok(false),
        };
        if done || SURE { Ok(done) } else { Err(Early::Missed) }
    }

    #[inline(always)]
    pub fn load_quadword_at(&mut self, at: Operand) -> Result<u128, Early> {
        self.returns = true;
        Ok(slow::load_quadword(self.c, self.place(at))?)
    }

    #[inline(always)]
    pub fn store_quadword_at(&mut self, at: Operand, value: u128) -> Result<(), Early> {
        self.returns = true;
        if slow::store_quadword(self.c, self.place(at), value)? {
            self.leave();
        }
        Ok(())
    }
}
