//! Where an instruction is given up: because the interpreter has to execute it,
//! or because it was the last one that could be executed here. Storage then
//! gets what it lacks.
//!
//! From one instruction to the next it mostly lacks little more, so the code
//! for each only stores that, and goes on with the code for one before.

use crate::codes::Code;
use crate::emitter::Emitter;
use crate::last_branch::Kept;
use crate::registers::{Dirty, Values};
use crate::run::{at, end};
use crate::slow::Site;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Value};

/// What storage lacks at some point.
#[derive(Clone, Copy, Debug)]
struct Lack {
    registers: Values,
    /// The condition code; `None` if that is not looked after.
    code: Option<Code>,
    always: Always,
}

/// What is stored in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Always {
    last_branch: Kept,
    /// Branches until the slice ends.
    budget: Value,
    /// Instructions that were counted, and how many of them did not run.
    executed: Option<(Value, u64)>,
}

impl Lack {
    /// How much of `all` it is; `None` if it is not a part of it.
    fn part_of(&self, all: &Self) -> Option<u32> {
        let is_code = self.code.is_none_or(|code| all.code == Some(code));
        if !is_code || self.always != all.always {
            return None;
        }
        let registers = self.registers.part_of(&all.registers)?;
        Some(registers + u32::from(self.code.is_some()))
    }
}

/// What is known of giving up.
#[derive(Debug, Default)]
pub struct GivenUp {
    /// Registers that storage lacks, condition code and last branch before the
    /// present instruction.
    before: Option<(Dirty, Code, Kept)>,
    /// What storage lacks before it, if anybody has asked.
    lack: Option<Lack>,
    /// Where it is given up after the host's side has noted where that is.
    noted: Option<Block>,
    /// Where it is given up else.
    other: Option<Block>,
    /// Code of the present block that stores what storage lacks, and ends the
    /// region as noted.
    stores: Vec<(Lack, Block)>,
}

impl Emitter<'_> {
    /// A block begins: values of others may not be known there.
    pub fn begin_giving_up(&mut self) {
        self.given_up = GivenUp::default();
    }

    /// An instruction begins.
    pub fn begin_instruction(&mut self) {
        let before = (self.dirty(), self.codes.before, self.last_branch.keep());
        let given_up = &mut self.given_up;
        given_up.before = Some(before);
        (given_up.lack, given_up.noted, given_up.other) = (None, None, None);
    }

    /// What storage lacks before the present instruction.
    fn lack(&mut self) -> Lack {
        if let Some(lack) = self.given_up.lack {
            return lack;
        }
        let now = (self.dirty(), self.codes.before, self.last_branch.keep());
        let (dirty, code, last_branch) = self.given_up.before.unwrap_or(now);
        let executed = self.counted.map(|left| (self.f.use_var(self.executed), left));
        let always = Always {
            last_branch: self.held_last_branch(last_branch),
            budget: self.f.use_var(self.budget),
            executed,
        };
        let (registers, code) = (self.values_of(dirty), Some(self.held_code(code)));
        let lack = Lack { registers, code, always };
        self.given_up.lack = Some(lack);
        lack
    }

    /// Where the present instruction is given up before it did anything.
    pub fn restart(&mut self) -> Block {
        if let Some(block) = self.given_up.other {
            return block;
        }
        let (lack, block) = (self.lack(), self.cold_block());
        let (stores, offset) = (self.stores(lack), self.place.offset);
        self.in_block(block, move |e| {
            e.note_end(offset, end::INTERPRET);
            e.f.ins().jump(stores, &[]);
        });
        self.given_up.other = Some(block);
        block
    }

    /// The same after a slow access that has failed.
    pub fn restart_noted(&mut self) -> Block {
        if let Some(block) = self.given_up.noted {
            return block;
        }
        let block = if Site::of(self.place).is_some() {
            let lack = self.lack();
            self.stores(lack)
        } else {
            self.restart()
        };
        self.given_up.noted = Some(block);
        block
    }

    /// Ends the region behind the present instruction, in a block for after a
    /// slow access that has stored into code: there everything was written
    /// that the instruction writes.
    pub fn leave_noted(&mut self, block: Block) {
        let mut lack = self.lack();
        lack.registers = self.with_written(lack.registers);
        if self.codes.written.is_some() {
            lack.code = Some(self.codes.now());
        }
        if let Some((_, left)) = &mut lack.always.executed {
            *left = left.saturating_sub(1);
        }
        let (stores, place) = (self.stores(lack), self.place);
        self.in_block(block, move |e| {
            if Site::of(place).is_none() {
                e.note_end(place.offset.wrapping_add(place.length), end::AT_OFFSET);
            }
            e.f.ins().jump(stores, &[]);
        });
    }

    /// Notes where the region is left, and how.
    fn note_end(&mut self, offset: u64, end: u64) {
        self.put_run_number(at::OFFSET, offset);
        self.put_run_number(at::END, end);
    }

    /// The code that stores what storage lacks and ends the region as noted.
    fn stores(&mut self, lack: Lack) -> Block {
        let known = self.given_up.stores.iter().rev();
        let parts = known.filter_map(|(part, block)| Some((part.part_of(&lack)?, *part, *block)));
        let (part, mut block) = match parts.max_by_key(|(much, ..)| *much) {
            Some((_, part, block)) => (part, block),
            None => self.end_as_noted(lack.always),
        };
        let registers = lack.registers.without(&part.registers);
        if registers != Values::default() {
            let then = core::mem::replace(&mut block, self.cold_block());
            self.in_block(block, move |e| {
                e.store_values_of(&registers);
                e.f.ins().jump(then, &[]);
            });
            self.given_up.stores.push((Lack { code: part.code, ..lack }, block));
        }
        if let Some(code) = lack.code.filter(|_| part.code.is_none()) {
            let then = core::mem::replace(&mut block, self.cold_block());
            self.in_block(block, move |e| {
                e.store_code(code);
                e.f.ins().jump(then, &[]);
            });
            self.given_up.stores.push((lack, block));
        }
        block
    }

    /// The last of that code.
    fn end_as_noted(&mut self, always: Always) -> (Lack, Block) {
        let block = self.cold_block();
        self.in_block(block, move |e| {
            let breaking = e.last_branch_of(always.last_branch);
            e.put_run(at::BREAKING, breaking);
            e.put_run(at::BUDGET, always.budget);
            if let Some((executed, left)) = always.executed {
                let executed = e.plus(executed, left.wrapping_neg());
                e.put_run(at::EXECUTED, executed);
            }
            let end: BlockArg = e.get_run(at::END).into();
            e.f.ins().jump(e.epilogue, &[end]);
        });
        let lack = Lack { registers: Values::default(), code: None, always };
        self.given_up.stores.push((lack, block));
        (lack, block)
    }
}
