//! The interpreter: it fetches, decodes and executes one instruction after
//! the other and keeps nothing of them, so that what it executes is never
//! stale.

mod builder;
mod helper;
mod string;

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
            context.fetch()?;
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
