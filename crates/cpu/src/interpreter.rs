//! The interpreter: it fetches, decodes and executes one instruction after
//! the other and keeps nothing of them, so that what it executes is never
//! stale.

mod builder;
mod helper;
mod string;

use crate::context::instruction_length;
use crate::{Context, Engine, Exception};
use lowcore_arch::{ProgramCode, Psw};
use lowcore_isa::{Bodies, Row, decode};

/// The engine that executes instructions through the bodies of crates/isa,
/// with integers as values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter {}

impl Engine for Interpreter {
    fn execute(&mut self, context: &mut Context<'_>, budget: u32) -> Result<(), Exception> {
        for _ in 0..budget {
            fetch(context)?;
            let raw = context.instruction;
            let row = decode(raw).ok_or(ProgramCode::OPERATION)?;
            check(context, row, raw)?;
            Bodies::of(row)(context, raw)?;
            if context.must_pause() {
                break;
            }
        }
        Ok(())
    }
}

/// [`Context::fetch`], without the checks that cannot fail: with neither
/// translation nor key-controlled protection, within one page.
#[inline(always)]
fn fetch(context: &mut Context<'_>) -> Result<(), Exception> {
    /// Where eight bytes still lie in one page, and so does what follows the
    /// instruction, which needs no cut to the addressing mode then.
    const INSIDE: u64 = 0xff0;
    let Psw { mask, addr } = context.regs.psw;
    if mask & (Psw::DAT | Psw::KEY) == 0
        && addr & 0xfff < INSIDE
        && addr & 1 == 0
        && let Ok(eight) = context.view.load_u64(context.regs.absolute(addr))
    {
        let length = instruction_length(eight);
        context.instruction = eight & u64::MAX << (64 - 8 * u32::from(length));
        context.instruction_address = addr;
        context.relative_base = addr;
        context.ilc = length;
        context.regs.psw.addr = addr + u64::from(length);
        return Ok(());
    }
    context.fetch()
}

/// Checks the rules of a row, in the architecture's priority.
#[inline]
fn check(context: &Context<'_>, row: &Row, raw: u64) -> Result<(), Exception> {
    if row.rules.privileged && context.regs.psw.has(Psw::PROBLEM) {
        return Err(ProgramCode::PRIVILEGED_OPERATION.into());
    }
    if raw & row.rules.even != 0 {
        return Err(ProgramCode::SPECIFICATION.into());
    }
    Ok(())
}
