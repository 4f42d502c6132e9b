//! Where a region ends: at another region's code, or with the engine.

use crate::codes::Code;
use crate::emitter::{Emitter, Target};
use crate::region::{inside, within};
use crate::registers::Dirty;
use crate::run::{Link, NO_BRANCH, at, end, jump, place};
use crate::truth::Truth;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Opcode, Value, types};

impl Emitter<'_> {
    /// Stores what storage does not have: registers, condition code and the
    /// last branch.
    fn store_state(&mut self, dirty: Dirty, code: Code) {
        self.store_registers(dirty);
        self.store_code(code);
        self.store_rest();
    }

    /// The same before other compiled code.
    fn store_state_for_code(&mut self, dirty: Dirty, code: Code) {
        self.store_whole_registers(dirty);
        self.store_code(code);
        self.store_rest();
    }

    /// The last branch, what is left of the slice, and how many instructions
    /// were executed.
    fn store_rest(&mut self) {
        let breaking = self.last_branch();
        self.put_run(at::BREAKING, breaking);
        let budget = self.f.use_var(self.budget);
        self.put_run(at::BUDGET, budget);
        if let Some(counted) = self.counted {
            let executed = self.f.use_var(self.executed);
            let executed = self.plus(executed, counted.wrapping_neg());
            self.put_run(at::EXECUTED, executed);
        }
    }

    /// Goes to the end of the region.
    fn finish(&mut self, end: u64) {
        let end: BlockArg = self.word(end).into();
        self.f.ins().jump(self.epilogue, &[end]);
    }

    /// Ends the region at a place in the page, or behind it.
    pub fn exit_at(&mut self, dirty: Dirty, code: Code, offset: u64, end: u64) {
        self.store_state(dirty, code);
        self.put_run_number(at::OFFSET, offset);
        self.finish(end);
    }

    /// Ends the region where the PSW says.
    pub fn exit_at_psw(&mut self, dirty: Dirty, code: Code) {
        self.store_state(dirty, code);
        self.finish(end::AT_PSW);
    }

    /// Ends the region; the host's side has everything.
    pub fn exit_kept(&mut self) {
        self.store_rest();
        self.finish(end::KEPT);
    }

    /// Looks whether the slice must end, and if so ends the region at a place
    /// in the page.
    pub fn poll(&mut self, offset: u64) {
        let must_end = self.must_end();
        let exit = self.cold_block();
        self.unless(must_end, exit);
        self.f.seal_block(exit);
        let (dirty, code) = (self.dirty(), self.codes.now());
        self.in_block(exit, move |e| e.exit_at(dirty, code, offset, end::AT_OFFSET));
    }

    /// Counts a branch. Gives whether the slice must end.
    fn must_end(&mut self) -> Truth {
        /// More than any budget.
        const SHIFT: u64 = 32;
        let budget = self.f.use_var(self.budget);
        let left = self.plus(budget, u64::MAX);
        self.f.def_var(self.budget, left);
        let attention = self.get_run(at::ATTENTION);
        let raised = self.get_from(types::I32, attention, 0);
        let raised = self.unsigned(raised, types::I64);
        // No budget is left, or anything is raised.
        let raised = self.shift_by(Opcode::Ishl, raised, SHIFT);
        Truth::Compare(IntCC::UnsignedLessThanOrEqual, left, raised)
    }

    /// Uses up fuel for an instruction. Gives whether that was the last.
    pub fn use_fuel(&mut self) -> Truth {
        let one = self.word(1);
        self.use_fuel_for(one)
    }

    fn use_fuel_for(&mut self, instructions: Value) -> Truth {
        let fuel = self.get_run(at::FUEL);
        let left = self.binary(Opcode::Isub, fuel, instructions);
        self.put_run(at::FUEL, left);
        self.compare_with(IntCC::SignedLessThanOrEqual, left, 0)
    }

    /// Stops after this instruction, at a place in the page, if the fuel is
    /// used up.
    pub fn burn(&mut self, next: u64) {
        let one = self.word(1);
        self.burn_for(one, next);
    }

    /// The same for several instructions.
    pub fn burn_for(&mut self, instructions: Value, next: u64) {
        let is_empty = self.use_fuel_for(instructions);
        let exit = self.cold_block();
        self.unless(is_empty, exit);
        self.f.seal_block(exit);
        let (dirty, code) = (self.dirty(), self.codes.now());
        self.in_block(exit, move |e| e.exit_at(dirty, code, next, end::AT_OFFSET));
    }

    /// Goes on at a place in the page that is not part of the region.
    pub fn link_to(&mut self, offset: u64) {
        let (dirty, code) = (self.dirty(), self.codes.now());
        self.store_state_for_code(dirty, code);
        let link = Box::new(Link { code: 0, offset });
        let address = core::ptr::from_ref(&*link) as u64;
        self.references.links.push(link);
        let link = self.word(address);
        let code = self.get_from(types::I64, link, jump::LINK_CODE);
        self.f.ins().return_call_indirect(self.signatures.region, code, &[self.run, link]);
    }

    /// Goes on at an address, which is a branch's target.
    pub fn jump_to(&mut self, address: Value, stub: u64, burns: bool) {
        let (dirty, code) = (self.dirty(), self.codes.now());
        let here = self.address_of(self.place.offset.cast_signed());
        self.put(place::BREAKING_EVENT, here);
        self.last_branch.is_at(NO_BRANCH);
        self.store_state_for_code(dirty, code);
        if burns {
            let is_empty = self.use_fuel();
            let exit = self.cold_block();
            self.unless(is_empty, exit);
            self.f.seal_block(exit);
            self.in_block(exit, move |e| {
                e.put(place::PSW_ADDRESS, address);
                e.finish(end::AT_PSW);
            });
        }
        self.jump_by(stub, address);
    }

    /// Goes on at a place that is not part of the region.
    pub fn fall_out(&mut self, to: u64, stub: u64) {
        if inside(to.cast_signed()).is_some() {
            return self.link_to(to);
        }
        // The last branch counts from this page.
        let last = self.last_branch();
        let old = self.get_word(place::BREAKING_EVENT);
        let page = self.get_run(at::PAGE);
        let new = self.add(page, last);
        let is_old = self.compare_with(IntCC::Equal, last, NO_BRANCH);
        let event = self.choose(is_old, old, new);
        self.put(place::BREAKING_EVENT, event);
        self.last_branch.is_at(NO_BRANCH);
        let (dirty, code) = (self.dirty(), self.codes.now());
        self.store_state_for_code(dirty, code);
        let address = self.address_of(to.cast_signed());
        self.jump_by(stub, address);
    }

    /// Goes on at an address by the code that finds it.
    fn jump_by(&mut self, stub: u64, address: Value) {
        let stub = self.word(stub);
        self.f.ins().return_call_indirect(self.signatures.region, stub, &[self.run, address]);
    }

    /// Whether the region is left at the end of an instruction: because
    /// [`Run::leave`](crate::run::Run::leave) says so, or because it has
    /// serialized and another CPU has changed instructions.
    pub fn must_leave(&mut self) -> Option<Truth> {
        let leaves = core::mem::take(&mut self.checks_leave);
        let serializes = core::mem::take(&mut self.serializes);
        let leave = leaves.then(|| self.get_run(at::LEAVE));
        let changed = serializes.then(|| {
            let versions_at = self.get_run(at::VERSIONS_AT);
            let now = self.get_from(types::I64, versions_at, 0);
            let then = self.get_run(at::VERSIONS);
            self.binary(Opcode::Bxor, now, then)
        });
        let either = match (leave, changed) {
            (Some(leave), Some(changed)) => self.or(leave, changed),
            (leave, changed) => leave.or(changed)?,
        };
        Some(self.compare_with(IntCC::NotEqual, either, 0))
    }

    /// At the beginning: whether instructions of other pages are as they were.
    pub fn check_other_pages(&mut self, start: u64) {
        let checked = Box::new(0);
        let address = core::ptr::from_ref(&*checked) as u64;
        self.references.checked = Some(checked);
        let address = self.word(address);
        let checked = self.get_from(types::I64, address, 0);
        let tag = self.get_run(at::TAG);
        let (same, differ) = (self.f.create_block(), self.cold_block());
        let differs = Truth::Compare(IntCC::NotEqual, checked, tag).value(self);
        self.f.ins().brif(differs, differ, &[], same, &[]);
        self.f.seal_block(same);
        self.f.seal_block(differ);
        self.f.switch_to_block(differ);
        self.put_run_number(at::OFFSET, start);
        self.finish(end::UNCHECKED);
        self.f.switch_to_block(same);
    }

    /// Where a target is, if a region may reach there.
    pub fn place_of(target: Target) -> Option<u64> {
        match target {
            Target::Place(offset) => within(offset),
            Target::Address(_) => None,
        }
    }
}
