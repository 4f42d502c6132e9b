//! The interpreter: it decodes the pages that it executes, once, and calls
//! one function for each instruction.

mod accesses;
mod builder;
mod float;
mod handler;
mod marks;
mod page;
mod slow;

pub(crate) use handler::Executing;

use crate::context::Execute;
use crate::{Context, Engine, Exception};
use handler::{CROSSES, ENDED, EXECUTE, LEAVE, MARKED, MISSED, SPECIAL, UNDECODED};
use lowcore_arch::{ProgramCode, bits};
use lowcore_isa::instruction_length;
use lowcore_storage::AccessError;
use marks::Marks;
use page::{CodePage, Decoding, SLOTS, Slot};
use rustc_hash::FxHashMap;

const PAGE: u64 = 0x1000;

/// Pages of decoded instructions that are kept at most: about 36 KiB each.
const PAGES: usize = 320;

/// Instructions executed out of any page that are kept.
const PREPARED: usize = 64;

/// Where an instruction is kept: those that differ in registers, length or
/// the end of the address mostly have places of their own.
const fn prepared_at(raw: u64) -> usize {
    bits::index((raw >> 48 ^ raw >> 56 ^ raw >> 32 ^ raw >> 16) % PREPARED as u64)
}

/// The engine that executes instructions through the bodies of crates/isa,
/// with integers as values.
pub struct Interpreter {
    pages: Vec<CodePage>,
    /// From absolute addresses to places in `pages`.
    places: FxHashMap<u64, usize>,
    /// The place in `pages` to look at first when one has to give way.
    hand: usize,
    /// What was executed out of any page, by [`prepared_at`].
    prepared: Box<[Slot; PREPARED]>,
    /// See [`CodeCopy::look`](lowcore_storage::CodeCopy::look).
    period: u64,
    /// Counts the times at which some page may have changed.
    looks: u64,
    /// [`View::code_versions`](lowcore_storage::View::code_versions) then.
    versions: u64,
    /// What another engine executes. Pages that give way are decoded again
    /// with it.
    marks: Marks,
    /// Whether execution came to an instruction that another engine executes.
    at_mark: bool,
}

impl core::fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Interpreter").field("pages", &self.pages.len()).finish_non_exhaustive()
    }
}

impl Default for Interpreter {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            places: FxHashMap::default(),
            hand: 0,
            prepared: Box::new([page::prepare::<true>(0); PREPARED]),
            period: 1,
            looks: 1,
            versions: 0,
            marks: Marks::default(),
            at_mark: false,
        }
    }
}

impl Engine for Interpreter {
    fn execute(&mut self, c: &mut Context<'_>, budget: u32) -> Result<(), Exception> {
        self.execute_some(c, budget)
    }

    fn step(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        c.cc = c.regs.psw.condition_code();
        self.begin(c);
        c.choose_tables();
        c.begin_watch();
        let result = self.single(c);
        c.settle_cc();
        c.end_watch(&result);
        result
    }

    fn storage_may_have_changed(&mut self) {
        self.period += 1;
        self.looks += 1;
    }
}

/// For an engine that leaves to the interpreter what is seldom executed.
impl Interpreter {
    /// As [`Engine::execute`], but also ends before an instruction that is
    /// marked. What the client may have stored without telling is for the
    /// caller to see to. No budget is as one of 1.
    ///
    /// # Errors
    /// As of [`Engine::execute`].
    pub fn execute_some(&mut self, c: &mut Context<'_>, budget: u32) -> Result<(), Exception> {
        // It counts down, and ends at none.
        c.budget = budget.max(1);
        c.cc = c.regs.psw.condition_code();
        let result = self.run(c);
        c.settle_cc();
        result
    }

    /// EXECUTE of `length` bytes at `address`, for code that has come to it: the
    /// instruction at `target`, with bits inserted in its second byte. The
    /// condition code is in the PSW, before and after.
    ///
    /// # Errors
    /// As of [`Engine::execute`].
    pub fn execute_target_at(
        &mut self,
        c: &mut Context<'_>,
        (address, length): (u64, u8),
        target: u64,
        inserted: u64,
    ) -> Result<(), Exception> {
        c.cc = c.regs.psw.condition_code();
        c.execute = Some(Execute { target, inserted });
        let result = self.execute_target(c, Executing { address, length });
        c.settle_cc();
        result
    }

    /// Marks the instruction at an absolute address, or takes the mark away.
    pub fn mark(&mut self, absolute: u64, is_marked: bool) {
        let (page, slot) = (absolute & !(PAGE - 1), bits::index(absolute & (PAGE - 1)) / 2);
        self.marks.set(page, slot, is_marked);
        if let Some(place) = self.places.get(&page) {
            self.pages[*place].mark(slot, is_marked);
        }
    }

    /// Whether execution ended before a marked instruction, since this was
    /// asked last.
    pub fn take_mark(&mut self) -> bool {
        core::mem::take(&mut self.at_mark)
    }
}

impl Interpreter {
    fn begin(&mut self, c: &mut Context<'_>) {
        if c.tlb.begin(c.view) {
            self.storage_may_have_changed();
        }
    }
}

impl Interpreter {
    fn run(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        self.begin(c);
        loop {
            if c.reenter {
                c.choose_tables();
            }
            match self.enter(c)? {
                Some(page) => self.stay(c, page)?,
                None => self.single(c)?,
            }
            c.budget = c.budget.saturating_sub(1);
            if c.budget == 0 || self.at_mark || c.must_pause() {
                return Ok(());
            }
        }
    }

    /// Executes in a page until execution leaves it.
    fn stay(&mut self, c: &mut Context<'_>, place: usize) -> Result<(), Exception> {
        let address = c.regs.psw.addr;
        c.page_address = address & !(PAGE - 1);
        c.page_span = PAGE;
        let mut at = bits::index(address & (PAGE - 1)) / 2;
        loop {
            let page = &mut self.pages[place];
            while let Some(slot) = page.slots.get(at) {
                at = (slot.handler)(c, &page.slots[..], slot.raw, at);
            }
            let slot = at % SPECIAL;
            match at - slot {
                0 => {
                    c.regs.psw.addr = c.wrap(c.page_address.wrapping_add((2 * at) as u64));
                    return Ok(());
                }
                LEAVE => return Ok(()),
                UNDECODED => match decode(c, page, &self.marks, slot) {
                    Ok(Decoding::Done) => at = slot,
                    other => {
                        c.regs.psw.addr = c.page_address.wrapping_add((2 * slot) as u64);
                        other?;
                        return Err(recall(c, page.absolute()));
                    }
                },
                MARKED => {
                    c.regs.psw.addr = c.page_address.wrapping_add((2 * slot) as u64);
                    self.at_mark = true;
                    return Ok(());
                }
                CROSSES => {
                    c.regs.psw.addr = c.page_address.wrapping_add((2 * slot) as u64);
                    return self.single(c);
                }
                EXECUTE => {
                    let raw = page.slots[slot].raw;
                    let address = c.page_address.wrapping_add((2 * slot) as u64);
                    let length = instruction_length(raw);
                    let next = c.wrap(address.wrapping_add(length.into()));
                    let target = execute_in_page(c, page, &self.marks);
                    let executing = Executing { address, length };
                    match target {
                        Some((target, base)) => self.execute_as(c, executing, target, base)?,
                        None => {
                            c.instruction = raw;
                            self.execute_target(c, executing)?;
                        }
                    }
                    if c.regs.psw.addr != next || c.reenter || c.must_pause() || c.must_leave() {
                        return Ok(());
                    }
                    c.page_address = address & !(PAGE - 1);
                    c.page_span = PAGE;
                    at = slot + usize::from(length) / 2;
                }
                MISSED => {
                    let sure = page::prepare::<true>(page.slots[slot].raw);
                    at = (sure.handler)(c, &page.slots[..], sure.raw, slot);
                }
                ENDED => return Err(ended(c)),
                _ => return Err(Exception::Unsupported("The interpreter lost its way.")),
            }
        }
    }

    /// The place of the decoded page at the PSW. `None` if nothing can be
    /// decoded there: to execute it will give the exception.
    #[inline]
    fn enter(&mut self, c: &mut Context<'_>) -> Result<Option<usize>, Exception> {
        let address = c.regs.psw.addr;
        if address & 1 != 0 {
            return Ok(None);
        }
        let versions = c.view.code_versions();
        if versions != self.versions {
            self.versions = versions;
            self.looks += 1;
        }
        let place = match c.tlb.code(address) {
            // The page may have given way to another.
            Some((absolute, place))
                if self.pages.get(place).is_some_and(|page| page.absolute() == absolute) =>
            {
                place
            }
            _ => {
                let Ok(located) = c.translate_instruction(address) else { return Ok(None) };
                let place = self.find(located.absolute & !(PAGE - 1));
                c.tlb.keep_code(address, &located, place);
                place
            }
        };
        let page = &mut self.pages[place];
        if page.looked != self.looks {
            if let Decoding::Recall = page.refresh(c.view, self.period)? {
                return Err(recall(c, page.absolute()));
            }
            page.looked = self.looks;
        }
        page.entered = true;
        Ok(Some(place))
    }

    fn find(&mut self, absolute: u64) -> usize {
        if let Some(place) = self.places.get(&absolute) {
            return *place;
        }
        let place = if self.pages.len() < PAGES {
            self.pages.push(CodePage::new(absolute));
            self.pages.len() - 1
        } else {
            let place = self.give_way();
            let page = &mut self.pages[place];
            self.places.remove(&page.absolute());
            page.become_of(absolute);
            place
        };
        self.places.insert(absolute, place);
        place
    }

    /// The place of a page that was not entered since this was asked of it
    /// last.
    fn give_way(&mut self) -> usize {
        loop {
            let place = self.hand;
            self.hand = (place + 1) % self.pages.len();
            if !core::mem::take(&mut self.pages[place].entered) {
                return place;
            }
        }
    }

    /// Executes one instruction out of any page.
    fn single(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        c.fetch()?;
        c.watch.fetched(c.instruction_address);
        let executing = Executing { address: c.instruction_address, length: c.ilc };
        self.perform(c, executing, executing.address)?;
        if c.execute.is_some() { self.execute_target(c, executing) } else { Ok(()) }
    }

    /// EXECUTE, whose target is in the context.
    fn execute_target(
        &mut self,
        c: &mut Context<'_>,
        executing: Executing,
    ) -> Result<(), Exception> {
        c.instruction_address = executing.address;
        c.ilc = executing.length;
        c.regs.psw.addr = c.wrap(executing.address.wrapping_add(executing.length.into()));
        let Some(execute) = c.execute.take() else { return Ok(()) };
        let target = c.fetch_at(execute.target)? | execute.inserted << 48;
        c.watch.fetched(execute.target);
        self.execute_as(c, executing, target, execute.target)
    }

    /// EXECUTE of an instruction, which stands at `base`.
    fn execute_as(
        &mut self,
        c: &mut Context<'_>,
        executing: Executing,
        target: u64,
        base: u64,
    ) -> Result<(), Exception> {
        c.instruction = target;
        if is_execute(target) {
            c.instruction_address = executing.address;
            c.ilc = executing.length;
            c.regs.psw.addr = c.wrap(executing.address.wrapping_add(executing.length.into()));
            return Err(ProgramCode::EXECUTE.into());
        }
        self.perform(c, executing, base)
    }

    /// Executes the instruction in the context, whose relative operands count
    /// from `base`.
    fn perform(
        &mut self,
        c: &mut Context<'_>,
        executing: Executing,
        base: u64,
    ) -> Result<(), Exception> {
        let raw = c.instruction;
        let kept = &mut self.prepared[prepared_at(raw)];
        if kept.raw != raw {
            *kept = page::prepare::<true>(raw);
        }
        c.page_address = base;
        c.page_span = 0;
        c.executing = Some(executing);
        // There is no slot that it could go on with.
        let end = (kept.handler)(c, &[], raw, 0);
        c.executing = None;
        c.instruction_address = executing.address;
        c.ilc = executing.length;
        match end {
            ENDED => Err(ended(c)),
            LEAVE => Ok(()),
            // Onward, or EXECUTE, whose caller goes on with the target.
            _ => {
                let next = executing.address.wrapping_add(executing.length.into());
                c.regs.psw.addr = c.wrap(next);
                Ok(())
            }
        }
    }
}

/// Whether an instruction is EXECUTE or EXECUTE RELATIVE LONG.
const fn is_execute(raw: u64) -> bool {
    raw >> 56 == 0x44 || raw >> 48 & 0xff0f == 0xc600
}

/// Decodes the instruction in a slot and those after it in its granule, with
/// their marks.
fn decode(
    c: &Context<'_>,
    page: &mut CodePage,
    marks: &Marks,
    slot: usize,
) -> Result<Decoding, AccessError> {
    let decoding = page.decode(c.view, slot)?;
    for marked in marks.in_granule(page.absolute(), slot) {
        page.mark(marked, true);
    }
    Ok(decoding)
}

/// What EXECUTE asks for, as modified, and its address, if it is in the page
/// that is executed and can be decoded there.
fn execute_in_page(c: &mut Context<'_>, page: &mut CodePage, marks: &Marks) -> Option<(u64, u64)> {
    let execute = c.execute?;
    let offset = execute.target.wrapping_sub(c.page_address);
    let slot = bits::index(offset / 2);
    if page.slots.get(slot)?.raw == 0 {
        // Or it is zeros, and decoded again each time.
        decode(c, page, marks, slot).ok()?;
    }
    let raw = page.slots[slot].raw;
    if raw == 0 || offset & 1 != 0 {
        return None;
    }
    c.execute = None;
    Some((raw | execute.inserted << 48, execute.target))
}

/// What ended the instruction.
fn ended(c: &mut Context<'_>) -> Exception {
    c.exception.take().unwrap_or(Exception::Unsupported("The interpreter lost an exception."))
}

/// Rights to store freely into a page of instructions must be recalled.
fn recall(c: &mut Context<'_>, absolute: u64) -> Exception {
    c.tlb.forget_stores(absolute);
    Exception::Recall(absolute)
}

const _: () = assert!(SLOTS as u64 * 2 == PAGE);

#[cfg(test)]
mod tests {
    use super::{Interpreter, PAGE, PAGES};
    use crate::{Context, Mailbox, Registers, Standalone, Tlb};
    use lowcore_arch::Psw;
    use lowcore_host::memory::{HostRange, Mapping};

    #[test]
    fn no_budget_does_not_mean_without_end() {
        let around = Standalone::default();
        let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
        around.storage.set_slot(0, 0, memory, false).unwrap();
        // BRCTG to itself.
        around.storage.view().write(0, &[0xa7, 0x17, 0, 0]).unwrap();
        let psw = Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0);
        for budget in [0, 1, 5] {
            let mut regs = Registers { psw, ..Registers::default() };
            let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
            let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
            let mut interpreter = Interpreter::default();
            interpreter.execute_some(&mut context, budget).unwrap();
            let branches = regs.gr[1].wrapping_neg();
            assert!((1..=budget.max(1).into()).contains(&branches), "{budget}: {branches}");
        }
    }

    #[test]
    fn pages_that_were_entered_stay_when_others_give_way() {
        let mut interpreter = Interpreter::default();
        let pages = PAGES as u64;
        for n in 0..pages {
            interpreter.find(n * PAGE);
        }
        let mut used = |n: u64| {
            let place = interpreter.find(n * PAGE);
            interpreter.pages[place].entered = true;
            place
        };
        let places = [used(0), used(7), used(pages - 1)];
        for n in pages..2 * pages - 3 {
            interpreter.find(n * PAGE);
        }
        assert_eq!(interpreter.pages.len(), PAGES);
        for (n, place) in [0, 7, pages - 1].into_iter().zip(places) {
            assert_eq!(interpreter.find(n * PAGE), place, "page {n} stays");
        }
        for (absolute, place) in &interpreter.places {
            assert_eq!(interpreter.pages[*place].absolute(), *absolute);
        }
    }
}
