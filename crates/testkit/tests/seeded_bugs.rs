//! The fuzz target of the interpreter finds bugs that are put in.

use lowcore_arch::{AddressingMode, ProgramCode};
use lowcore_cpu::{Context, Engine, Exception, Interpreter};
use lowcore_testkit::fuzz::{engine, random_input};
use std::panic::catch_unwind;

/// Inputs within which a bug must be found.
const INPUTS: u64 = 2000;

/// What is wrong with an engine.
#[derive(Clone, Copy, Debug)]
enum Bug {
    Nothing,
    /// Addresses of 24 bits are not cut.
    WideBranch,
    /// SET PREFIX takes all bits.
    WidePrefix,
    /// A store that ends in an addressing exception has happened in part.
    PartialStore,
    /// An instruction that ends in an exception has changed a register.
    ChangedRegister,
    /// The old PSW of an exception designates the instruction, though it is
    /// not nullified.
    OldPswTooEarly,
    /// Protection exceptions have the code of PER beside their own.
    StrangeCode,
}

#[derive(Debug)]
struct Faulty {
    bug: Bug,
    engine: Interpreter,
}

impl Engine for Faulty {
    fn execute(&mut self, context: &mut Context<'_>, _budget: u32) -> Result<(), Exception> {
        self.step(context)
    }

    fn storage_may_have_changed(&mut self) {
        self.engine.storage_may_have_changed();
    }

    fn step(&mut self, context: &mut Context<'_>) -> Result<(), Exception> {
        const SET_PREFIX: u64 = 0xb210;
        let result = self.engine.step(context);
        match (self.bug, result) {
            (Bug::WideBranch, Ok(()))
                if context.regs.psw.addressing_mode() == AddressingMode::Bits24 =>
            {
                context.regs.psw.addr |= 1 << 24;
            }
            (Bug::WidePrefix, Ok(())) if context.instruction >> 48 == SET_PREFIX => {
                context.regs.prefix |= 0x1000;
            }
            (Bug::PartialStore, Err(Exception::Program { code: ProgramCode::ADDRESSING, .. })) => {
                let _ = context.view.store_u8(0x5000, 0);
            }
            (Bug::ChangedRegister, Err(Exception::Program { .. })) => context.regs.gr[7] ^= 1,
            (Bug::OldPswTooEarly, Err(Exception::Program { .. })) => {
                context.regs.psw.addr = context.instruction_address;
            }
            (
                Bug::StrangeCode,
                Err(Exception::Program { code: ProgramCode::PROTECTION, detail }),
            ) => {
                let code = ProgramCode(ProgramCode::PROTECTION.0 | ProgramCode::PER.0);
                return Err(Exception::Program { code, detail });
            }
            _ => {}
        }
        result
    }
}

/// How many inputs it takes to find a bug.
fn inputs_until_found(bug: Bug) -> Option<u64> {
    (0..INPUTS).find(|&seed| {
        catch_unwind(|| {
            engine(&random_input(seed), &mut Faulty { bug, engine: Interpreter::default() })
        })
        .is_err()
    })
}

#[test]
fn each_seeded_bug_is_found() {
    for bug in [
        Bug::WideBranch,
        Bug::WidePrefix,
        Bug::PartialStore,
        Bug::ChangedRegister,
        Bug::OldPswTooEarly,
        Bug::StrangeCode,
    ] {
        let found = inputs_until_found(bug);
        println!("{bug:?}: {found:?}");
        assert!(found.is_some(), "{bug:?} is not found within {INPUTS} inputs");
    }
}

#[test]
fn nothing_is_found_without_a_bug() {
    assert_eq!(inputs_until_found(Bug::Nothing), None);
}
