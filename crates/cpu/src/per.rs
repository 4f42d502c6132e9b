//! Program-event recording (manual, chapter 4, "Program-Event Recording"):
//! what is watched for while one instruction executes, and what of it the
//! program interruption shows.
//!
//! A CPU that watches executes instruction by instruction, and its stores all
//! go through [`Context`]. One that does not, pays nothing.

use crate::debug::Watchpoint;
use crate::translation::{AddressSpace, Asce, Origin};
use crate::{At, Context, Exception, Registers, Space};
use lowcore_arch::{ControlRegister, ProgramCode, Psw, bits};
use lowcore_interrupt::ProgramInterruption;

/// PER codes: bits of the byte at real location 150.
mod code {
    pub const BRANCH: u8 = 0x80;
    pub const FETCH: u8 = 0x40;
    pub const STORE: u8 = 0x20;
    /// Together with [`STORE`]: the address was real.
    pub const STORE_REAL: u8 = 0x28;
}

/// A breaking-event address that no instruction has.
const NO_BRANCH: u64 = 1;

/// The controls of control registers 9, 10 and 11; no events if the PSW's PER
/// mask is zero.
#[derive(Clone, Copy, Debug, Default)]
struct Controls {
    events: u64,
    start: u64,
    end: u64,
}

impl Controls {
    fn of(regs: &Registers) -> Self {
        let events = if regs.psw.has(Psw::PER) { regs.cr[9] } else { 0 };
        Self { events, start: regs.cr[10], end: regs.cr[11] }
    }

    const fn have(self, bits: u64) -> bool {
        self.events & bits != 0
    }

    /// Whether a byte from `first` to `last` lies in the storage area, which
    /// wraps around if it ends before it starts.
    const fn area_has(self, first: u64, last: u64) -> bool {
        if self.start <= self.end {
            first <= self.end && last >= self.start
        } else {
            first <= self.end || last >= self.start
        }
    }
}

/// Whether a CPU with these registers recognizes any PER event.
pub(crate) fn is_on(regs: &Registers) -> bool {
    const EVENTS: u64 = ControlRegister::CR9_BRANCHING
        | ControlRegister::CR9_FETCHING
        | ControlRegister::CR9_STORAGE_ALTERATION;
    Controls::of(regs).have(EVENTS)
}

/// What the low core shows of PER events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Events {
    /// The PER code.
    pub code: u8,
    /// The addressing-and-translation-mode identification.
    pub atmid: u8,
    /// The PER address.
    pub address: u64,
    /// The PER access identification.
    pub access: u8,
}

impl Events {
    /// These events together with another program interruption, or with none
    /// if its code is zero.
    pub const fn interruption(self, other: ProgramInterruption) -> ProgramInterruption {
        ProgramInterruption {
            code: ProgramCode(other.code.0 | ProgramCode::PER.0),
            per_code: self.code,
            per_atmid: self.atmid,
            per_address: self.address,
            per_access: self.access,
            ..other
        }
    }
}

/// What is watched for while an instruction executes, and what was seen.
#[derive(Debug, Default)]
pub(crate) struct Watch<'a> {
    controls: Controls,
    watchpoints: &'a [Watchpoint],
    /// The PSW's mask before the instruction.
    mask: u64,
    /// The breaking-event address before the instruction.
    breaking_event: u64,
    /// The PER code so far.
    seen: u8,
    /// The space of the alteration: bits 6-7 of the ATMID.
    space: u8,
    /// The access register of the alteration.
    access: u8,
    /// Whether a watchpoint was stored into.
    pub touched: bool,
}

impl<'a> Watch<'a> {
    /// What to watch for under these registers.
    pub fn new(regs: &Registers, watchpoints: &'a [Watchpoint]) -> Self {
        Self { controls: Controls::of(regs), watchpoints, mask: regs.psw.mask, ..Self::default() }
    }

    /// Whether stores are watched, so that none may go by the TLB.
    #[inline]
    pub fn needs_stores(&self) -> bool {
        self.controls.have(ControlRegister::CR9_STORAGE_ALTERATION) || !self.watchpoints.is_empty()
    }

    /// The first byte of an instruction, or of the target of EXECUTE, was
    /// fetched from here.
    pub fn fetched(&mut self, address: u64) {
        if self.controls.have(ControlRegister::CR9_FETCHING)
            && self.controls.area_has(address, address)
        {
            self.seen |= code::FETCH;
        }
    }

    /// An operand is stored. Gives whether that is an event or concerns a
    /// watchpoint.
    fn stored(&mut self, first: u64, length: u64, origin: Origin, asce: Option<Asce>) -> bool {
        if length == 0 {
            return false;
        }
        let last = first.wrapping_add(length - 1);
        let touches = self.watchpoints.iter().any(|point| point.overlaps(first, last));
        self.touched |= touches;
        let controls = self.controls;
        if !controls.have(ControlRegister::CR9_STORAGE_ALTERATION)
            || !controls.area_has(first, last)
            // Without translation the space control is ignored.
            || controls.have(ControlRegister::CR9_ALTERATION_SPACE)
                && asce.is_some_and(|asce| !asce.watches_storage_alteration())
        {
            return touches;
        }
        self.seen |= code::STORE;
        (self.space, self.access) = match origin {
            Origin::Real | Origin::Virtual(AddressSpace::Primary, _) => (0, 0),
            // Register 0 names the primary space, whatever it holds.
            Origin::Virtual(AddressSpace::AccessRegister, 0) => (0, 0),
            Origin::Virtual(AddressSpace::AccessRegister, register) => (1, register),
            Origin::Virtual(AddressSpace::Secondary, _) => (2, 0),
            Origin::Virtual(AddressSpace::Home, _) => (3, 0),
        };
        true
    }

    /// The identification of the modes before the instruction, with its
    /// validity bit.
    fn atmid(&self) -> u8 {
        const VALID: u8 = 0x40;
        let psw = Psw::new(self.mask, 0);
        let bit = |mask, bit| if psw.has(mask) { bit } else { 0 };
        let spaces = bits::low8((self.mask & Psw::ADDRESS_SPACE) >> 46) << 2;
        VALID
            | bit(Psw::EXTENDED_ADDRESSING, 0x80)
            | bit(Psw::BASIC_ADDRESSING, 0x20)
            | bit(Psw::DAT, 0x10)
            | spaces
            | self.space
    }
}

/// Whether an instruction that ends with this program interruption is
/// nonetheless completed, so that what it did are events.
const fn completes(code: ProgramCode) -> bool {
    matches!(code.0, 0x08 | 0x0a | 0x0c | 0x0d | 0x0e | 0x1c | 0x40)
}

/// Whether this is LOAD PSW or LOAD PSW EXTENDED, whose new address is no
/// branch.
const fn loads_psw(instruction: u64) -> bool {
    instruction >> 56 == 0x82 || instruction >> 48 == 0xb2b2
}

/// Whether this is STORE USING REAL ADDRESS.
const fn stores_real(instruction: u64) -> bool {
    matches!(instruction >> 48, 0xb246 | 0xb925)
}

impl Context<'_> {
    /// Begins an instruction that is watched.
    pub(crate) fn begin_watch(&mut self) {
        self.watch.breaking_event = self.regs.breaking_event;
        self.regs.breaking_event = NO_BRANCH;
    }

    /// Ends an instruction that was watched, whichever way.
    pub(crate) fn end_watch(&mut self, result: &Result<(), Exception>) {
        let branched = self.regs.breaking_event != NO_BRANCH;
        if !branched {
            self.regs.breaking_event = self.watch.breaking_event;
        }
        let controls = self.watch.controls;
        let target = self.regs.psw.addr;
        if branched
            && controls.have(ControlRegister::CR9_BRANCHING)
            && !loads_psw(self.instruction)
            && (!controls.have(ControlRegister::CR9_BRANCH_ADDRESS)
                || controls.area_has(target, target))
        {
            self.watch.seen |= code::BRANCH;
        }
        match result {
            Ok(()) => {}
            Err(Exception::Program { code, .. }) if completes(*code) => {}
            Err(Exception::Program { .. }) => {
                self.watch.seen &= code::FETCH;
                self.watch.touched = false;
            }
            // The instruction is fetched again when it goes on.
            Err(Exception::Again) if self.watch.seen == code::FETCH => self.watch.seen = 0,
            // Nothing was executed.
            Err(Exception::Recall(_) | Exception::HostFault | Exception::Unsupported(_)) => {
                self.watch.seen = 0;
                self.watch.touched = false;
            }
            Err(_) => {}
        }
    }

    /// Notes that `length` bytes are stored, all in one page.
    #[cold]
    pub(crate) fn watch_store(&mut self, at: At, length: u64, origin: Origin, asce: Option<Asce>) {
        if at.space != Space::Real {
            if self.watch.stored(at.address, length, origin, asce) {
                // An interruptible instruction ends with this unit.
                self.reevaluate = true;
            }
        } else if self.watch.controls.have(ControlRegister::CR9_STORAGE_ALTERATION)
            && self.watch.controls.have(ControlRegister::CR9_REAL_STORE)
            && stores_real(self.instruction)
        {
            self.watch.seen |= code::STORE_REAL;
        }
    }

    /// What the instruction gave rise to.
    pub(crate) fn events(&self) -> Option<Events> {
        (self.watch.seen != 0).then(|| Events {
            code: self.watch.seen,
            atmid: self.watch.atmid(),
            address: self.instruction_address,
            access: self.watch.access,
        })
    }
}
