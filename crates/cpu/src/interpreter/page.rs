//! A page of storage as decoded instructions.

use super::handler::{self, Handler};
use lowcore_arch::bits;
use lowcore_isa::{Handlers, decode, instruction_length};
use lowcore_storage::{AccessError, GRANULE, PAGE, View};

/// Instructions begin at halfwords.
pub const SLOTS: usize = 2048;

/// An instruction that is ready to be executed.
#[derive(Clone, Copy)]
pub struct Slot {
    /// What executes it.
    pub handler: Handler,
    /// The instruction, left-aligned.
    pub raw: u64,
}

/// The instructions of a page, decoded where they were executed, and the
/// bytes that they were decoded from.
pub struct CodePage {
    /// A slot for each halfword.
    pub slots: Box<[Slot; SLOTS]>,
    /// The absolute address.
    pub absolute: u64,
    /// The page's version when the bytes were last found to be in storage.
    version: u32,
    /// The period in which they were compared with storage: a client stores
    /// without telling, so each time that it may have done so begins a new
    /// one.
    period: u64,
    /// When the version and the period were last looked at.
    pub looked: u64,
    /// A bit for each granule that `bytes` has.
    known: u64,
    bytes: Box<[u8; bits::index(PAGE)]>,
}

/// What decoding has to wait for.
pub enum Decoding {
    /// Nothing: the slot is decoded.
    Done,
    /// Rights to store freely into the page must be recalled first.
    Recall,
}

const UNKNOWN: Slot = Slot { handler: handler::undecoded, raw: 0 };

const fn granules(from: u64, to: u64) -> u64 {
    let (first, last) = (from / GRANULE, (to - 1) / GRANULE);
    (u64::MAX >> (63 - (last - first))) << first
}

impl CodePage {
    /// A page of which nothing is known.
    pub fn new(absolute: u64) -> Self {
        Self {
            slots: Box::new([UNKNOWN; SLOTS]),
            absolute,
            version: 0,
            period: 0,
            looked: 0,
            known: 0,
            bytes: Box::new([0; bits::index(PAGE)]),
        }
    }

    /// Sees to it that what was decoded is what storage has: unless no
    /// claimed byte was stored into and the period is the same, compares the
    /// bytes and forgets what has changed.
    ///
    /// # Errors
    /// The client's memory is not accessible.
    pub fn refresh(&mut self, view: &View<'_>, period: u64) -> Result<Decoding, AccessError> {
        let version = view.code_version(self.absolute);
        if self.period == period && self.version == version {
            return Ok(Decoding::Done);
        }
        let mut known = self.known;
        if known != 0 && view.claim_code(self.absolute, known) {
            return Ok(Decoding::Recall);
        }
        let mut now = [0; bits::index(GRANULE)];
        while known != 0 {
            let granule = u64::from(known.trailing_zeros());
            known &= known - 1;
            let from = bits::index(granule * GRANULE);
            view.read(self.absolute + granule * GRANULE, &mut now)?;
            if self.bytes[from..from + now.len()] != now {
                self.known &= !(1 << granule);
                // An instruction before may reach into the granule.
                let first = (from / 2).saturating_sub(2);
                self.slots[first..(from + now.len()) / 2].fill(UNKNOWN);
            }
        }
        self.version = version;
        self.period = period;
        Ok(Decoding::Done)
    }

    /// Decodes the instruction in slot `at` and those after it in its
    /// granule.
    ///
    /// # Errors
    /// The client's memory is not accessible.
    pub fn decode(&mut self, view: &View<'_>, at: usize) -> Result<Decoding, AccessError> {
        let start = (2 * at) as u64;
        let end = (start / GRANULE + 1) * GRANULE;
        let wanted = granules(start, (end + 4).min(PAGE));
        if wanted & !self.known != 0 {
            let version = view.code_version(self.absolute);
            if view.claim_code(self.absolute, wanted) {
                return Ok(Decoding::Recall);
            }
            let mut missing = wanted & !self.known;
            while missing != 0 {
                let granule = u64::from(missing.trailing_zeros());
                missing &= missing - 1;
                let from = bits::index(granule * GRANULE);
                let bytes = &mut self.bytes[from..from + bits::index(GRANULE)];
                view.read(self.absolute + granule * GRANULE, bytes)?;
            }
            self.known |= wanted;
            if version != self.version {
                // Something else has changed: look again.
                (self.period, self.looked) = (0, 0);
            }
        }
        let mut slot = at;
        while ((2 * slot) as u64) < end {
            let raw = self.raw(slot);
            self.slots[slot] = match raw {
                Some(raw) => prepare::<false>(raw),
                None => Slot { handler: handler::crosses, raw: 0 },
            };
            slot += usize::from(instruction_length(raw.unwrap_or(0))) / 2;
        }
        Ok(Decoding::Done)
    }

    /// Leaves the instruction in slot `at` to another engine, if it is decoded,
    /// or does so no longer.
    pub fn mark(&mut self, at: usize, is_marked: bool) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        if !is_marked {
            *slot = UNKNOWN;
        } else if slot.raw != 0 {
            slot.handler = handler::marked;
        }
    }

    /// The instruction in a slot; `None` if it does not end in the page.
    fn raw(&self, slot: usize) -> Option<u64> {
        let mut raw = 0;
        for n in 0..3 {
            let from = 2 * (slot + n);
            let halfword = self
                .bytes
                .get(from..from + 2)
                .map_or(0, |bytes| u64::from(bytes[0]) << 8 | u64::from(bytes[1]));
            raw |= halfword << (48 - 16 * n);
        }
        let length = instruction_length(raw);
        (2 * slot + usize::from(length) <= self.bytes.len())
            .then_some(raw & u64::MAX << (64 - 8 * u32::from(length)))
    }
}

/// An instruction as a slot. Its handler may have missed a page in the TLB
/// and given up, unless it is to be `SURE`.
pub fn prepare<const SURE: bool>(raw: u64) -> Slot {
    let handler = match decode(raw) {
        Some(row) => Handlers::<handler::Interpreted<SURE>>::of(row),
        None => handler::no_operation,
    };
    Slot { handler, raw }
}
