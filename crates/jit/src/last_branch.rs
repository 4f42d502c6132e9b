//! The breaking-event address in a region: where the last branch that was
//! taken stands. Where both ways of a branch are computed it is chosen only
//! where somebody looks; the next branch makes it known again.

use crate::emitter::Emitter;
use crate::truth::Truth;
use cranelift_codegen::ir::{Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};

/// Where the last branch stands, at some point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// In the variable.
    Variable,
    /// A value.
    Held(Value),
    /// At this place in the page, or [`NO_BRANCH`](crate::run::NO_BRANCH).
    Known(u64),
    /// There if a condition holds, else as before, by the number in
    /// [`LastBranch::choices`].
    Chosen(usize),
}

/// Where the last branch stands.
#[derive(Debug)]
pub struct LastBranch {
    variable: Variable,
    now: Last,
    choices: Vec<(Truth, u64, Last)>,
}

/// See [`LastBranch`]: what cold code takes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept(Last);

impl LastBranch {
    pub fn new(f: &mut FunctionBuilder<'_>) -> Self {
        let variable = f.declare_var(types::I64);
        Self { variable, now: Last::Variable, choices: Vec::new() }
    }

    /// A block begins, which several others may lead to.
    pub fn begin(&mut self) {
        self.now = Last::Variable;
    }

    /// A branch at a place is taken.
    pub fn is_at(&mut self, offset: u64) {
        self.now = Last::Known(offset);
    }

    /// What is known at this point.
    pub fn keep(&self) -> Kept {
        Kept(self.now)
    }

    /// Goes back to what was known at another point.
    pub fn restore(&mut self, Kept(last): Kept) {
        self.now = last;
    }
}

impl Emitter<'_> {
    /// A branch at a place is taken if `condition`.
    pub fn may_branch_at(&mut self, offset: u64, condition: Truth) {
        let Kept(before) = self.held_last_branch(self.last_branch.keep());
        let last = &mut self.last_branch;
        last.choices.push((condition, offset, before));
        last.now = Last::Chosen(last.choices.len() - 1);
    }

    /// The same last branch, known without the variable.
    pub fn held_last_branch(&mut self, kept: Kept) -> Kept {
        match kept {
            Kept(Last::Variable) => {
                let value = self.f.use_var(self.last_branch.variable);
                Kept(Last::Held(self.f.func.dfg.resolve_aliases(value)))
            }
            kept => kept,
        }
    }

    /// The place of the last branch at some point.
    pub fn last_branch_of(&mut self, Kept(last): Kept) -> Value {
        self.value_of(last)
    }

    /// Takes the last branch from the value, at the beginning.
    pub fn define_last_branch(&mut self, value: Value) {
        self.f.def_var(self.last_branch.variable, value);
    }

    /// The place of the last branch.
    pub fn last_branch(&mut self) -> Value {
        self.value_of(self.last_branch.now)
    }

    fn value_of(&mut self, last: Last) -> Value {
        match last {
            Last::Variable => self.f.use_var(self.last_branch.variable),
            Last::Held(value) => value,
            Last::Known(offset) => self.word(offset),
            Last::Chosen(n) => {
                let (condition, offset, before) = self.last_branch.choices[n];
                let (here, before) = (self.word(offset), self.value_of(before));
                self.choose(condition, here, before)
            }
        }
    }

    /// Puts the last branch where the next block takes it from.
    pub fn settle_last_branch(&mut self) {
        if self.last_branch.now != Last::Variable {
            let value = self.last_branch();
            self.define_last_branch(value);
            self.last_branch.now = Last::Variable;
        }
    }
}
