//! Which storage CPUs have decoded as instructions.
//!
//! A CPU that keeps decoded instructions claims their storage first and reads
//! the bytes after that. Whoever stores looks for claims after the store, so
//! one of the two always sees the other. A store into claimed storage takes
//! the claim away and gives the page a new version, which tells CPUs to look
//! at their copies again.
//!
//! A CPU that keeps the right to store into a page without asking says so
//! too; claiming such a page tells that those rights must be recalled.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use lowcore_arch::bits;
use zerocopy::FromZeros;

use crate::{Error, PAGE};

/// The unit of a claim, in bytes: a page has 64 of them.
pub const GRANULE: u64 = PAGE / 64;

/// What is known of one page.
#[derive(Debug, FromZeros)]
#[repr(C)]
struct PageCode {
    /// A bit for each granule that is claimed, the first in bit 0.
    claimed: AtomicU64,
    /// Counts stores into claimed granules.
    version: AtomicU32,
    /// Not 0 if a CPU may keep the right to store.
    stored_freely: AtomicU32,
}

/// The pages of a slot.
#[derive(Debug)]
pub(crate) struct CodeMap {
    pages: Box<[PageCode]>,
}

/// The bits of the granules that `len` bytes at `offset` of a page touch.
const fn granules(offset: u64, len: u64) -> u64 {
    let first = offset / GRANULE;
    let last = (offset + len - 1) / GRANULE;
    (u64::MAX >> (63 - (last - first))) << first
}

impl CodeMap {
    /// The host gives memory for a page's state only when it is first needed.
    pub(crate) fn new(len: u64) -> Result<Self, Error> {
        let pages = <[PageCode]>::new_box_zeroed_with_elems(bits::index(len / PAGE));
        Ok(Self { pages: pages.map_err(|_| Error::NoMemory)? })
    }

    fn page(&self, offset: u64) -> Option<&PageCode> {
        self.pages.get(bits::index(offset / PAGE))
    }

    /// Claims granules of the page with `offset`. Gives whether rights to
    /// store freely must be recalled.
    pub(crate) fn claim(&self, offset: u64, granules: u64) -> bool {
        let Some(page) = self.page(offset) else { return false };
        page.claimed.fetch_or(granules, Ordering::SeqCst);
        page.stored_freely.load(Ordering::SeqCst) != 0
    }

    /// Whether a CPU may store into the page with `offset` without telling:
    /// nothing of it is claimed. It must give up that right when a later
    /// claim recalls it.
    pub(crate) fn store_freely(&self, offset: u64) -> bool {
        let Some(page) = self.page(offset) else { return false };
        if page.claimed.load(Ordering::Relaxed) != 0 {
            return false;
        }
        page.stored_freely.store(1, Ordering::SeqCst);
        page.claimed.load(Ordering::SeqCst) == 0
    }

    /// Notes that nobody stores freely into the page any more.
    pub(crate) fn recalled(&self, offset: u64) {
        if let Some(page) = self.page(offset) {
            page.stored_freely.store(0, Ordering::SeqCst);
        }
    }

    pub(crate) fn version(&self, offset: u64) -> u32 {
        self.page(offset).map_or(0, |page| page.version.load(Ordering::SeqCst))
    }

    /// Notes a store of `len` bytes that has been made at `offset`. Gives
    /// whether it touched claimed storage.
    #[inline]
    pub(crate) fn stored(&self, offset: u64, len: u64) -> bool {
        let mut touched = false;
        let mut at = offset;
        let end = offset + len;
        while at < end {
            let here = (end - at).min(PAGE - at % PAGE);
            if let Some(page) = self.page(at) {
                touched |= page.stored(granules(at % PAGE, here));
            }
            at += here;
        }
        touched
    }
}

impl PageCode {
    #[inline]
    fn stored(&self, granules: u64) -> bool {
        // Orders this look behind the store.
        std::sync::atomic::fence(Ordering::SeqCst);
        if self.claimed.load(Ordering::SeqCst) & granules == 0 {
            return false;
        }
        self.claimed.fetch_and(!granules, Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_takes_away_the_claims_that_it_touches() {
        let map = CodeMap::new(4 * PAGE).unwrap();
        assert!(!map.claim(PAGE, 0b110));
        assert!(!map.stored(PAGE, GRANULE), "granule 0 is not claimed");
        assert!(map.stored(PAGE + GRANULE - 1, 2));
        assert_eq!(map.version(PAGE), 1);
        assert!(!map.stored(PAGE + GRANULE, 1), "nor is granule 1 now");
        assert!(map.stored(3 * GRANULE, PAGE), "across two pages");
        assert_eq!((map.version(0), map.version(PAGE)), (0, 2));
    }

    #[test]
    fn rights_to_store_and_claims_exclude_each_other() {
        let map = CodeMap::new(4 * PAGE).unwrap();
        assert!(map.store_freely(PAGE));
        assert!(map.claim(PAGE, 1), "the right must be recalled");
        assert!(!map.store_freely(PAGE));
        map.recalled(PAGE);
        assert!(!map.claim(PAGE, 2));
        assert!(map.stored(PAGE, 0x100));
        assert!(map.store_freely(PAGE), "no claim is left");
    }

    #[test]
    fn granules_have_64_bytes() {
        assert_eq!(granules(0, PAGE), u64::MAX);
        assert_eq!(granules(63, 2), 3);
        assert_eq!(granules(PAGE - 1, 1), 1 << 63);
    }
}
