//! Calls of the host's side: of routines, which have an instruction's whole
//! state before them or need none of it, and of what computes from scratch.

use crate::access::Operand;
use crate::emitter::{Emitter, Place};
use crate::host_calls::{self, CallSite, HostCall};
use crate::run::{NO_BRANCH, at, end};
use crate::slow::{Access, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Value, types};
use lowcore_isa::Helper;

impl Emitter<'_> {
    /// The condition code of a recipe in words.
    pub fn evaluate(&mut self, kind: Value, a: Value, b: Value) -> Value {
        for (n, value) in [kind, a, b].into_iter().enumerate() {
            self.give(n, value);
        }
        self.aside(Access::Evaluate);
        self.take(0, types::I64)
    }

    /// What the host's side computes from scratch, without storage: there is
    /// nothing to fail.
    fn aside(&mut self, access: Access) {
        let address = self.word(0);
        let _ = self.slow(Operand { address, base: 0 }, Shape::plain(access, 0));
    }

    /// Calls a routine, whose operands are in scratch.
    pub fn call_routine(&mut self, helper: Helper) {
        let writes = core::mem::take(&mut self.routine_writes);
        self.call_with_state(helper, host_calls::routine, writes, helper.effects().sets_cc);
    }

    /// EXECUTE: whatever the target may change is taken from storage again.
    pub fn call_execute(&mut self, target: Value, inserted: Value) {
        self.give(0, target);
        self.give(1, inserted);
        self.call_with_state(Helper::Execute, host_calls::execute, self.used, true);
    }

    /// Calls the host's side: before, storage gets everything; after,
    /// registers are taken from there.
    fn call_with_state(&mut self, helper: Helper, function: HostCall, writes: u16, sets_cc: bool) {
        self.forget_floats();
        self.store_all_registers();
        let code = self.codes.now();
        self.store_code(code);
        let address = self.site(helper);
        let zero = self.word(0);
        let branches = helper.effects().branches;
        if branches {
            let breaking = self.last_branch();
            self.put_run(at::BREAKING, breaking);
        }
        let ended = self.call_host(function, address, zero);
        if branches {
            // The CPU's registers have it.
            self.last_branch.is_at(NO_BRANCH);
        }
        let exit = self.cold_block();
        let is_kept = self.compare_with(IntCC::Equal, ended, end::KEPT);
        self.unless(is_kept, exit);
        self.f.seal_block(exit);
        // The exception is how it was executed.
        let counted = self.counted;
        self.counted = counted.map(|counted| counted.saturating_sub(1));
        self.in_block(exit, |e| e.exit_kept());
        self.counted = counted;
        self.reload_registers(writes);
        if sets_cc {
            let number = self.get_run(at::CC + 8);
            self.set_code_number(number);
        }
        self.changes += 1;
        self.checks_leave = true;
        self.has_called |= self.depth == 0;
    }

    /// Calls a routine that needs no register. Its operands are in scratch.
    pub fn call_aside(&mut self, helper: Helper) {
        let site = self.site(helper);
        self.slow_update(Operand { address: site, base: 0 }, Shape::plain(Access::Routine, 0));
    }

    /// What a call of a routine is told, by its address.
    fn site(&mut self, helper: Helper) -> Value {
        let Place { raw, offset, length } = self.place;
        let length = lowcore_arch::bits::low8(length);
        let site = Box::new(CallSite { helper, raw, offset, length });
        let address = self.word(core::ptr::from_ref(&*site) as u64);
        self.references.sites.push(site);
        address
    }
}
