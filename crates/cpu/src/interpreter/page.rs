//! A page of storage as decoded instructions.

use super::handler::{self, Handler};
use lowcore_arch::bits;
use lowcore_isa::{Handlers, decode, instruction_length};
use lowcore_storage::{AccessError, CodeCopy, GRANULE, Look, View};

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

/// The instructions of a page, decoded where they were executed.
pub struct CodePage {
    /// A slot for each halfword.
    pub slots: Box<[Slot; SLOTS]>,
    /// The bytes that they were decoded from.
    copy: CodeCopy,
    /// A bit for each granule in which a slot may be known.
    decoded: u64,
    /// When the copy was last looked at.
    pub looked: u64,
    /// Whether execution came to it lately.
    pub entered: bool,
}

/// What decoding has to wait for.
pub enum Decoding {
    /// Nothing: the slot is decoded.
    Done,
    /// Rights to store freely into the page must be recalled first.
    Recall,
}

const UNKNOWN: Slot = Slot { handler: handler::undecoded, raw: 0 };

impl CodePage {
    /// A page of which nothing is known. It is made on the stack, whose probes
    /// nobody else is to pay for.
    #[cold]
    #[inline(never)]
    pub fn new(absolute: u64) -> Self {
        Self {
            slots: Box::new([UNKNOWN; SLOTS]),
            copy: CodeCopy::new(absolute),
            decoded: 0,
            looked: 0,
            entered: false,
        }
    }

    /// Makes it another page of which nothing is known.
    pub fn become_of(&mut self, absolute: u64) {
        let mut decoded = core::mem::take(&mut self.decoded);
        while decoded != 0 {
            let start = u64::from(decoded.trailing_zeros()) * GRANULE;
            decoded &= decoded - 1;
            self.slots[bits::index(start / 2)..bits::index((start + GRANULE) / 2)].fill(UNKNOWN);
        }
        self.copy = CodeCopy::new(absolute);
        self.looked = 0;
    }

    /// The absolute address.
    pub const fn absolute(&self) -> u64 {
        self.copy.absolute()
    }

    /// Sees to it that what was decoded is what storage has; see
    /// [`CodeCopy::look`].
    ///
    /// # Errors
    /// The client's memory is not accessible.
    pub fn refresh(&mut self, view: &View<'_>, period: u64) -> Result<Decoding, AccessError> {
        let mut changed = match self.copy.look(view, period)? {
            Look::Same => 0,
            Look::Changed(granules) => granules,
            Look::Recall => return Ok(Decoding::Recall),
        };
        while changed != 0 {
            let start = u64::from(changed.trailing_zeros()) * GRANULE;
            changed &= changed - 1;
            // An instruction before may reach into the granule.
            let first = bits::index(start / 2).saturating_sub(2);
            self.slots[first..bits::index((start + GRANULE) / 2)].fill(UNKNOWN);
        }
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
        if let Look::Recall = self.copy.add(view, start, end + 4)? {
            return Ok(Decoding::Recall);
        }
        self.decoded |= 1 << (start / GRANULE);
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
        let bytes = self.copy.bytes();
        let mut raw = 0;
        for n in 0..3 {
            let from = 2 * (slot + n);
            let halfword = bytes
                .get(from..from + 2)
                .map_or(0, |bytes| u64::from(bytes[0]) << 8 | u64::from(bytes[1]));
            raw |= halfword << (48 - 16 * n);
        }
        let length = instruction_length(raw);
        (2 * slot + usize::from(length) <= bytes.len())
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
