//! The functions that slots point to: one for each row, made of its body.
//!
//! A handler gets the slots of the page and its own: the instruction and the
//! number. It goes on with the handler of the next slot, in place of its own
//! call, and the last one gives the number at which that ended: one behind
//! the last slot. Numbers just behind it are the addresses that follow the
//! page, those from [`SPECIAL`] on are for the engine.

use super::page::{SLOTS, Slot};
use crate::{Context, Exception};
use core::marker::PhantomData;
use lowcore_arch::{ControlRegister, ProgramCode, Psw, bits};
use lowcore_isa::{Dispatch, HandlerOf, Instruction, instruction_length};

/// Executes the instruction in a slot, and those that follow.
pub type Handler = fn(&mut Context<'_>, &[Slot], u64, usize) -> usize;

/// From here on, numbers of slots have a meaning of their own.
pub const SPECIAL: usize = 1 << 16;
/// The PSW says where to go on.
pub const LEAVE: usize = SPECIAL;
/// The instruction ended in [`Context::take_exception`].
pub const ENDED: usize = 2 * SPECIAL;
/// The instruction in the slot, whose number is added, is not decoded.
pub const UNDECODED: usize = 3 * SPECIAL;
/// EXECUTE in the slot, whose number is added, asks for its target.
pub const EXECUTE: usize = 5 * SPECIAL;
/// The instruction in the slot, whose number is added, crosses into the next
/// page.
pub const CROSSES: usize = 4 * SPECIAL;

/// Another engine executes the instruction in the slot, whose number is added.
pub const MARKED: usize = 6 * SPECIAL;

/// An instruction ended with the exception that is in the context.
#[derive(Clone, Copy, Debug)]
pub struct Ended;

/// The TLB has no answer to an access of the instruction in the slot, whose
/// number is added: it has done nothing yet and must be executed by a handler
/// that is sure of its accesses.
pub const MISSED: usize = 7 * SPECIAL;

/// How an instruction ends early.
#[derive(Clone, Copy, Debug)]
pub enum Early {
    /// See [`Ended`].
    Ended,
    /// See [`MISSED`].
    Missed,
    /// The host's arithmetic is not that of the instruction, which has done
    /// nothing yet. Nothing has a reference into the frame of the handler: the
    /// one that is sure takes its place.
    Unlike,
}

impl From<Ended> for Early {
    #[inline(always)]
    fn from(Ended: Ended) -> Self {
        Self::Ended
    }
}

/// One instruction while it executes.
///
/// Nearly all loads and stores find their page in the TLB, and nearly all
/// arithmetic is the host's. A handler that is not `SURE` of that gives up
/// where it is not so: thus it needs no frame for calls, and a handler that is
/// sure begins the instruction anew. That asks of bodies to do nothing before
/// their accesses are done, as an exception of theirs does.
pub struct Step<'s, 'c, const SURE: bool> {
    /// The CPU.
    pub c: &'s mut Context<'c>,
    /// The slot.
    pub at: usize,
    /// The slot to go on with.
    pub next: usize,
    /// The slot after the instruction.
    pub after: usize,
    /// Whether the handler returns to the engine's loop. It must if something
    /// was given a reference into its frame, since the call of the next
    /// handler then cannot take the frame's place.
    pub returns: bool,
}

impl<const SURE: bool> Step<'_, '_, SURE> {
    /// The address that relative operands count from.
    #[inline(always)]
    pub fn address(&self) -> u64 {
        self.c.page_address.wrapping_add((2 * self.at) as u64)
    }

    /// The address and the length in bytes of the instruction: those of
    /// EXECUTE, if there is one.
    #[inline(always)]
    pub fn instruction(&self) -> (u64, u8) {
        match self.c.executing {
            None => (self.address(), bits::low8((2 * (self.after - self.at)) as u64)),
            Some(executing) => (executing.address, executing.length),
        }
    }

    /// The address of the next instruction.
    #[inline(always)]
    pub fn next_address(&self) -> u64 {
        let (address, length) = self.instruction();
        address.wrapping_add(length.into())
    }

    /// Ends the stay in the page after this instruction.
    #[inline(always)]
    pub fn leave(&mut self) {
        let next = self.next_address();
        self.next = leave_for(self.c, next);
    }

    /// Branches. A branch backward or out of the page looks whether the slice
    /// must end.
    #[inline(always)]
    pub fn branch(&mut self, target: u64) {
        self.c.regs.breaking_event = self.address();
        let offset = target.wrapping_sub(self.c.page_address);
        if offset < self.c.page_span && offset & 1 == 0 {
            let to = bits::index(offset / 2);
            self.next = to;
            if to > self.at {
                return;
            }
            self.c.budget = self.c.budget.wrapping_sub(1);
            if self.c.budget != 0 && self.c.mailbox.attention.peek() == 0 {
                return;
            }
        }
        self.next = branch_out(self.c, target);
    }
}

/// Leaves the page for the instruction at `next`.
#[cold]
#[inline(never)]
fn leave_for(c: &mut Context<'_>, next: u64) -> usize {
    c.regs.psw.addr = c.wrap(next);
    LEAVE
}

#[inline(never)]
fn branch_out(c: &mut Context<'_>, target: u64) -> usize {
    if let Some(executing) = c.executing {
        c.regs.breaking_event = executing.address;
    }
    c.regs.psw.addr = c.wrap(target);
    LEAVE
}

/// What the interpreter makes of a row.
pub enum Interpreted<const SURE: bool> {}

/// See [`Interpreted`].
pub struct Handle<I>(PhantomData<I>);

impl<const SURE: bool> Dispatch for Interpreted<SURE> {
    type Handler = Handler;
    type Of<I: Instruction> = Handle<I>;
}

impl<I: Instruction, const SURE: bool> HandlerOf<Interpreted<SURE>> for Handle<I> {
    const HANDLER: Handler = handle::<I, SURE>;
}

fn handle<I: Instruction, const SURE: bool>(
    c: &mut Context<'_>,
    slots: &[Slot],
    raw: u64,
    at: usize,
) -> usize {
    // Constants, lest the next slot wait for a look at the row.
    let rules = const { I::ROW.rules };
    let after = at + const { I::ROW.length() as usize / 2 };
    if rules.privileged && c.regs.psw.has(Psw::PROBLEM) {
        return fail(c, raw, at, ProgramCode::PRIVILEGED_OPERATION.into());
    }
    if const { I::ROW.rules.asks_for_afp() }
        && c.regs.cr[0] & ControlRegister::CR0_AFP == 0
        && let Some(code) = rules.without_afp(raw)
    {
        return fail(c, raw, at, Exception::data(code));
    }
    if rules.is_unpaired(raw) {
        return fail(c, raw, at, ProgramCode::SPECIFICATION.into());
    }
    let mut step = Step::<SURE> { c, at, next: after, after, returns: false };
    match I::execute(&mut step, raw.into()) {
        Ok(()) if step.returns => step.next,
        Ok(()) => go_on(step.c, slots, step.next),
        Err(Early::Ended) => ended(step.c, raw, at),
        Err(Early::Missed) => MISSED + at,
        Err(Early::Unlike) => surely::<I>(step.c, slots, raw, at),
    }
}

/// Executes anew what a handler gave up.
#[cold]
#[inline(never)]
fn surely<I: Instruction>(c: &mut Context<'_>, slots: &[Slot], raw: u64, at: usize) -> usize {
    handle::<I, true>(c, slots, raw, at)
}

/// Goes on with a slot, or gives its number where there is none.
#[cfg(replaces_calls)]
#[inline(always)]
fn go_on(c: &mut Context<'_>, slots: &[Slot], next: usize) -> usize {
    match slots.get(next) {
        Some(slot) => (slot.handler)(c, slots, slot.raw, next),
        None => next,
    }
}

/// Each call would cost a frame of the stack: the engine's loop goes on.
#[cfg(not(replaces_calls))]
#[inline(always)]
fn go_on(_: &mut Context<'_>, _: &[Slot], next: usize) -> usize {
    next
}

#[cold]
fn fail(c: &mut Context<'_>, raw: u64, at: usize, exception: Exception) -> usize {
    let _ = c.end(exception);
    ended(c, raw, at)
}

/// Leaves the page with an exception: the PSW designates the next
/// instruction.
#[cold]
fn ended(c: &mut Context<'_>, raw: u64, at: usize) -> usize {
    let (address, length) = match c.executing {
        Some(executing) => (executing.address, executing.length),
        None => (c.page_address.wrapping_add((2 * at) as u64), instruction_length(raw)),
    };
    c.instruction = raw;
    c.instruction_address = address;
    c.ilc = length;
    if !core::mem::take(&mut c.has_address) {
        c.regs.psw.addr = c.wrap(address.wrapping_add(length.into()));
    }
    ENDED
}

/// The handler of what is no instruction.
pub fn no_operation(c: &mut Context<'_>, _: &[Slot], raw: u64, at: usize) -> usize {
    fail(c, raw, at, ProgramCode::OPERATION.into())
}

/// The handler of a slot that was not executed yet.
pub fn undecoded(_: &mut Context<'_>, _: &[Slot], _: u64, at: usize) -> usize {
    UNDECODED + at
}

/// The handler of an instruction that ends in the next page.
pub fn crosses(_: &mut Context<'_>, _: &[Slot], _: u64, at: usize) -> usize {
    CROSSES + at
}

/// The handler of an instruction that another engine executes.
pub fn marked(_: &mut Context<'_>, _: &[Slot], _: u64, at: usize) -> usize {
    MARKED + at
}

/// What is executed by EXECUTE or outside of a page: its own address and
/// length are not those of the slot.
#[derive(Clone, Copy, Debug)]
pub struct Executing {
    /// The address of the instruction.
    pub address: u64,
    /// Its length in bytes.
    pub length: u8,
}

const _: () = assert!(SLOTS + 3 < SPECIAL);

impl Context<'_> {
    /// Keeps the exception that ends the instruction.
    #[cold]
    pub fn end(&mut self, exception: Exception) -> Ended {
        self.exception = Some(exception);
        Ended
    }
}
