//! Which regions there are: they are found, formed, ordered, and dropped when
//! what they were compiled from changes.

use super::{Compiled, Found};
use crate::cache::{Code, Entry, Key, OtherPage, Page};
use crate::compiler::{Error, MachineCode};
use crate::mode::Mode;
use crate::region::{PAGE, Region, Shape};
use crate::run::{JUMPS, Jump};
use crate::service::{Order, Reply, Service};
use lowcore_arch::bits;
use lowcore_cpu::{Context, Exception};
use lowcore_isa::instruction_length;
use lowcore_storage::Look;

/// Other pages that a region has instructions of, at most.
const OTHERS: usize = 8;

/// After so many times at which other pages were not where they had been, the
/// regions of a page have instructions of that page alone.
const MOVES: u32 = 16;

impl Compiled {
    /// The code of the instruction at the PSW, or that it is the
    /// interpreter's. Forms a region there if `may_form`.
    pub(super) fn find(
        &mut self,
        c: &mut Context<'_>,
        is_single: bool,
        may_form: bool,
    ) -> Result<Found, Exception> {
        let psw = c.regs.psw;
        if psw.addr & 1 != 0 {
            return Ok(Found::Nothing);
        }
        let Some((absolute, kept)) = c.instruction_page(psw.addr) else {
            return Ok(Found::Nothing);
        };
        if !may_form && !self.pages.contains_key(&absolute) {
            return Ok(Found::Nothing);
        }
        let (offset, mode) = (psw.addr & (PAGE - 1), Mode::of(psw));
        let key = Key { offset, mode, is_single };
        let patience = self.options.patience;
        let page = self.look_at(c, absolute)?;
        match page.entries.get(&key) {
            Some(Entry::Code(code)) if code.others.is_empty() => {}
            Some(Entry::Code(_)) => {
                if !self.is_as_it_was(c, absolute, key)? {
                    // With it go all that may have links to it.
                    let page = self.look_at(c, absolute)?;
                    page.entries.clear();
                    page.moves += 1;
                    self.drops += 1;
                    self.jumps.fill(Jump::default());
                    if may_form {
                        self.form(c, absolute, key)?;
                    }
                }
            }
            Some(_) => return Ok(Found::Nothing),
            None if may_form && (is_single || page.drops <= patience) => {
                self.form(c, absolute, key)?;
            }
            None => return Ok(Found::Nothing),
        }
        let tag = self.run.tag;
        let page = self.pages.get_mut(&absolute);
        let Some(Entry::Code(code)) = page.and_then(|page| page.entries.get_mut(&key)) else {
            return Ok(Found::Nothing);
        };
        code.set_checked(tag);
        let code = code.address;
        if kept && !is_single {
            let jump = &mut self.jumps[bits::index(psw.addr / 2) % JUMPS];
            *jump = Jump::new(psw.addr, tag, code);
        }
        Ok(Found::Code(code))
    }

    /// What is known of a page, after a look at what storage has.
    fn look_at(&mut self, c: &mut Context<'_>, absolute: u64) -> Result<&mut Page, Exception> {
        let page = self.pages.entry(absolute).or_insert_with(|| Page::new(absolute));
        if page.looked != self.looks {
            match page.copy.look(c.view, self.period)? {
                Look::Same => {}
                Look::Changed(_) => {
                    page.entries.clear();
                    page.drops += 1;
                    self.drops += 1;
                }
                Look::Recall => return Err(recall(c, absolute)),
            }
            page.looked = self.looks;
        }
        Ok(page)
    }

    /// Whether the other pages of a region are where they were when it was
    /// formed, with what they had.
    fn is_as_it_was(
        &mut self,
        c: &mut Context<'_>,
        absolute: u64,
        key: Key,
    ) -> Result<bool, Exception> {
        let entries = self.pages.get(&absolute).map(|page| &page.entries);
        let Some(Entry::Code(code)) = entries.and_then(|entries| entries.get(&key)) else {
            return Ok(false);
        };
        for other in code.others.clone() {
            let is_there = other_page(c, other.number) == Some(other.absolute);
            if !is_there || self.look_at(c, other.absolute)?.drops != other.drops {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Forms the region at a place of a page, and compiles it or has it
    /// compiled.
    fn form(&mut self, c: &mut Context<'_>, absolute: u64, key: Key) -> Result<(), Exception> {
        let page = self.look_at(c, absolute)?;
        let (drops, stays) = (page.drops, page.moves > MOVES);
        let shape = &self.options.shape;
        let shape = Shape { limit: if key.is_single { 1 } else { shape.limit }, ..*shape };
        let mut others: Vec<OtherPage> = Vec::new();
        let fetch = |at| self.fetch(c, absolute, at, &mut others, stays);
        let region = Region::find(key.offset, key.mode, shape, fetch)?;
        let pages = region.as_ref().map(Region::pages).unwrap_or_default();
        others.retain(|other| pages.contains(&other.number));
        let (extras, jump) = (self.options.extras, self.stubs.jump);
        let entry = match (region, &mut self.service) {
            (None, _) => Entry::Interpreted,
            (Some(region), Some(service)) => {
                let order = Order { absolute, key, drops, others };
                if service.order(region, extras, jump, order) {
                    Entry::Ordered
                } else {
                    Entry::Interpreted
                }
            }
            (Some(region), None) => {
                let code = self.compiler.compile(&region, extras, jump);
                self.entry(absolute | key.offset, code, others)
            }
        };
        if let Some(page) = self.pages.get_mut(&absolute) {
            page.entries.insert(key, entry);
        }
        Ok(())
    }

    /// The instruction at a place that counts from the page at the PSW, if it
    /// can be fetched there. Other pages that this comes to are noted; there
    /// are none if it `stays`.
    fn fetch(
        &mut self,
        c: &mut Context<'_>,
        absolute: u64,
        at: u64,
        others: &mut Vec<OtherPage>,
        stays: bool,
    ) -> Result<Option<u64>, Exception> {
        let mut raw = 0;
        let mut done = 0;
        loop {
            let at = at.wrapping_add(done);
            let number = at.cast_signed().div_euclid(PAGE.cast_signed());
            let known = others.iter().find(|other| other.number == number);
            let absolute = match known {
                Some(other) => other.absolute,
                None if number == 0 => absolute,
                None if stays || others.len() >= OTHERS => return Ok(None),
                None => {
                    let Some(absolute) = other_page(c, number) else { return Ok(None) };
                    let patience = self.options.patience;
                    let drops = self.look_at(c, absolute)?.drops;
                    if drops > patience {
                        return Ok(None);
                    }
                    others.push(OtherPage { number, absolute, drops });
                    absolute
                }
            };
            let offset = at & (PAGE - 1);
            let copy = &mut self.look_at(c, absolute)?.copy;
            if let Look::Recall = copy.add(c.view, offset, offset + 2)? {
                return Err(recall(c, absolute));
            }
            let Some(halfword) = copy.bytes().get(bits::index(offset)..) else { return Ok(None) };
            let Some(halfword) = halfword.first_chunk() else { return Ok(None) };
            raw |= u64::from(u16::from_be_bytes(*halfword)) << (48 - 8 * done);
            done += 2;
            if done >= instruction_length(raw).into() {
                return Ok(Some(raw));
            }
        }
    }

    /// What becomes of code that was compiled. What cannot be compiled is
    /// interpreted.
    fn entry(
        &mut self,
        guest: u64,
        code: Result<MachineCode, Error>,
        others: Vec<OtherPage>,
    ) -> Entry {
        debug_assert!(!matches!(code, Err(Error::Refused(_))), "{code:?}");
        code.ok().and_then(|code| self.publish(guest, code, others)).unwrap_or(Entry::Interpreted)
    }

    /// Takes what was compiled in the background.
    pub(super) fn take_compiled(&mut self) {
        while let Some(Reply { order, code }) = self.service.as_mut().and_then(Service::take) {
            let Order { absolute, key, drops, others } = order;
            let is_wanted = self.pages.get(&absolute).is_some_and(|page| {
                page.drops == drops && matches!(page.entries.get(&key), Some(Entry::Ordered))
            });
            if !is_wanted {
                continue;
            }
            let entry = self.entry(absolute | key.offset, code, others);
            let is_code = matches!(entry, Entry::Code(_));
            if let Some(page) = self.pages.get_mut(&absolute) {
                page.entries.insert(key, entry);
            }
            if is_code {
                self.interpreter.mark(absolute | key.offset, true);
            }
        }
    }

    fn publish(&mut self, guest: u64, code: MachineCode, others: Vec<OtherPage>) -> Option<Entry> {
        let place = match self.memory.push(&code.bytes) {
            Some(place) => place,
            None => {
                self.forget_everything();
                self.memory.push(&code.bytes)?
            }
        };
        if let Some(map) = &mut self.perf_map {
            map.add(place as u64, code.bytes.len(), guest);
        }
        Some(Entry::Code(Code::new(code, place as u64, self.stubs.unlinked, others)))
    }

    fn forget_everything(&mut self) {
        self.pages.values_mut().for_each(|page| page.entries.clear());
        self.jumps.fill(Jump::default());
        self.drops += 1;
        // SAFETY: no code executes, since that borrows the engine, and all
        // that had its addresses is gone.
        unsafe { self.memory.clear() };
    }
}

/// The absolute address of a page of instructions, which counts from the one
/// at the PSW, if that is known to the TLB.
fn other_page(c: &mut Context<'_>, number: i64) -> Option<u64> {
    let page = c.regs.psw.addr & !(PAGE - 1);
    let address = page.wrapping_add_signed(number.wrapping_mul(PAGE.cast_signed()));
    if c.wrap(address) != address {
        return None;
    }
    c.instruction_page(address).filter(|(_, kept)| *kept).map(|(absolute, _)| absolute)
}

/// Rights to store freely into a page of instructions must be recalled.
fn recall(c: &mut Context<'_>, absolute: u64) -> Exception {
    c.tlb.forget_stores(absolute);
    Exception::Recall(absolute)
}
