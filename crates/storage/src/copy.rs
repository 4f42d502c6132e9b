//! A copy of instructions, kept in step with storage.

use crate::code::granules;
use crate::{AccessError, GRANULE, PAGE, View};
use lowcore_arch::bits;

/// The bytes of one page that somebody has decoded, claimed granule by
/// granule.
///
/// Guests' stores take claims away and are seen by the page's version. A
/// client stores without telling: each time that it may have done so begins a
/// period, in which the bytes are compared once.
#[derive(Debug)]
pub struct CodeCopy {
    absolute: u64,
    /// The page's version when the bytes were last found to be in storage.
    version: u32,
    /// The period in which that was.
    period: u64,
    /// A bit for each granule that `bytes` has.
    known: u64,
    bytes: Box<[u8; bits::index(PAGE)]>,
}

/// What a look at storage found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The copy is what storage has.
    Same,
    /// These granules have changed: they are not part of the copy any more.
    Changed(u64),
    /// Rights to store freely into the page must be recalled first.
    Recall,
}

impl CodeCopy {
    /// A copy of nothing of the page at an absolute address.
    #[must_use]
    pub fn new(absolute: u64) -> Self {
        let bytes = Box::new([0; bits::index(PAGE)]);
        Self { absolute, version: 0, period: 0, known: 0, bytes }
    }

    /// The page.
    #[must_use]
    pub const fn absolute(&self) -> u64 {
        self.absolute
    }

    /// The bytes; those of granules that were not added are zero or old.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..]
    }

    /// Compares what there is with storage, unless no claimed byte was stored
    /// into and the period is the same.
    ///
    /// # Errors
    /// The client's memory is not accessible.
    pub fn look(&mut self, view: &View<'_>, period: u64) -> Result<Look, AccessError> {
        let version = view.code_version(self.absolute);
        if self.period == period && self.version == version {
            return Ok(Look::Same);
        }
        let mut known = self.known;
        if known != 0 && view.claim_code(self.absolute, known) {
            return Ok(Look::Recall);
        }
        let mut changed = 0;
        let mut now = [0; bits::index(GRANULE)];
        while known != 0 {
            let granule = u64::from(known.trailing_zeros());
            known &= known - 1;
            let from = bits::index(granule * GRANULE);
            view.read(self.absolute + granule * GRANULE, &mut now)?;
            if self.bytes[from..from + now.len()] != now {
                changed |= 1 << granule;
            }
        }
        self.known &= !changed;
        (self.version, self.period) = (version, period);
        Ok(if changed == 0 { Look::Same } else { Look::Changed(changed) })
    }

    /// Sees to it that bytes of the page from `start` to `end` are part of
    /// the copy. What was part of it before is not compared.
    ///
    /// # Errors
    /// The client's memory is not accessible.
    pub fn add(&mut self, view: &View<'_>, start: u64, end: u64) -> Result<Look, AccessError> {
        let len = end.min(PAGE).saturating_sub(start);
        let missing = if len == 0 { 0 } else { granules(start, len) & !self.known };
        if missing == 0 {
            return Ok(Look::Same);
        }
        let version = view.code_version(self.absolute);
        if view.claim_code(self.absolute, missing) {
            return Ok(Look::Recall);
        }
        let mut rest = missing;
        while rest != 0 {
            let granule = u64::from(rest.trailing_zeros());
            rest &= rest - 1;
            let from = bits::index(granule * GRANULE);
            let bytes = &mut self.bytes[from..from + bits::index(GRANULE)];
            view.read(self.absolute + granule * GRANULE, bytes)?;
        }
        self.known |= missing;
        if version != self.version {
            // What was there before may have changed.
            self.period = 0;
        }
        Ok(Look::Same)
    }
}
