//! The routines that bodies call for long and for control instructions
//! (crates/isa names them): a family a file.

mod basic;
mod convert;
mod float;
mod key;
mod registers;
mod space;
mod string;
mod system;
mod trace;

pub use string::PERFORM_LOCKED_FUNCTIONS;
pub use system::TIMING_FUNCTIONS;

use crate::{At, Context, Exception, Space};
use lowcore_host::memory::Logic;
use lowcore_isa::Helper;

/// What a body hands to a routine; missing operands are 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Operands {
    /// Storage operands.
    pub at: [At; 3],
    /// Other operands.
    pub arguments: [u64; 6],
}

/// Calls a routine. The PSW designates the next instruction and has the
/// condition code.
pub(crate) fn call(
    c: &mut Context<'_>,
    helper: Helper,
    operands: &Operands,
) -> Result<u64, Exception> {
    match helper {
        Helper::String(helper) => string::call(c, helper, operands),
        Helper::Convert(helper) => convert::call(c, helper, operands),
        Helper::Space(helper) => space::call(c, helper, operands),
        Helper::Float(helper) => float::call(c, helper, operands),
        Helper::Key(helper) => key::call(c, helper, operands),
        Helper::System(helper) => system::call(c, helper, operands),
        basic => basic::call(c, basic, operands),
    }
}

/// The condition code of a comparison.
pub(crate) const fn condition_of(order: core::cmp::Ordering) -> u8 {
    match order {
        core::cmp::Ordering::Equal => 0,
        core::cmp::Ordering::Less => 1,
        core::cmp::Ordering::Greater => 2,
    }
}

impl Context<'_> {
    /// MOVE, AND, OR, EXCLUSIVE OR or COMPARE LOGICAL of `length` bytes. Gives
    /// the condition code, which of MOVE means nothing. That in the PSW may
    /// change.
    ///
    /// # Errors
    /// Access exceptions; nothing is stored then.
    pub fn storage_to_storage(
        &mut self,
        helper: Helper,
        first: At,
        second: At,
        length: u64,
    ) -> Result<u8, Exception> {
        let logic = match helper {
            Helper::And => Some(Logic::And),
            Helper::Or => Some(Logic::Or),
            Helper::ExclusiveOr => Some(Logic::ExclusiveOr),
            Helper::Compare => None,
            _ => Some(Logic::Second),
        };
        let known = match logic {
            _ if first.space != Space::Operand || second.space != Space::Operand => None,
            Some(logic) => {
                let result = self.tlb.combine(logic, first.address, second.address, length);
                result.map(u8::from)
            }
            None => {
                let order = self.tlb.compare(first.address, second.address, length);
                order.map(condition_of)
            }
        };
        if let Some(code) = known {
            return Ok(code);
        }
        let operands =
            Operands { at: [first, second, At::default()], arguments: [length, 0, 0, 0, 0, 0] };
        call(self, helper, &operands)?;
        Ok(self.regs.psw.condition_code())
    }

    /// Calls a routine for an engine outside of this crate: the storage
    /// operands and the other operands of [`Helper`]; missing ones are 0. The
    /// PSW must designate the next instruction and have the condition code,
    /// and [`Context::instruction`], its address and its length must be set.
    ///
    /// The routine reads and changes registers and PSW in the context.
    ///
    /// # Errors
    /// What the instruction ends with instead of its completion.
    pub fn call_routine(
        &mut self,
        helper: Helper,
        at: [At; 3],
        arguments: [u64; 6],
    ) -> Result<u64, Exception> {
        call(self, helper, &Operands { at, arguments })
    }
}
