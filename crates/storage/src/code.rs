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

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering, fence};

use lowcore_arch::bits;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use zerocopy::FromZeros;

use crate::{Error, PAGE};

/// The unit of a claim, in bytes: a page has 64 of them.
pub const GRANULE: u64 = PAGE / 64;

/// Something of the page is claimed.
const CLAIMED: u8 = 1;
/// A CPU may keep the right to store.
const STORED_FREELY: u8 = 2;

/// What is claimed of one page, and its version.
#[derive(Clone, Copy, Debug, Default)]
struct PageCode {
    /// A bit for each granule that is claimed, the first in bit 0.
    claimed: u64,
    /// Counts stores into claimed granules.
    version: u32,
}

/// The pages of a slot.
#[derive(Debug)]
pub(crate) struct CodeMap {
    /// [`CLAIMED`] and [`STORED_FREELY`] of each page.
    flags: Box<[AtomicU8]>,
    /// The pages that ever were claimed, by their numbers.
    pages: Mutex<FxHashMap<u64, PageCode>>,
    /// Counts the versions of all pages of all slots.
    versions: Arc<AtomicU64>,
}

/// The bits of the granules that `len` bytes at `offset` of a page touch.
pub(crate) const fn granules(offset: u64, len: u64) -> u64 {
    let first = offset / GRANULE;
    let last = (offset + len - 1) / GRANULE;
    (u64::MAX >> (63 - (last - first))) << first
}

impl CodeMap {
    /// The host gives memory for a page's flags only when they are first
    /// needed.
    pub(crate) fn new(len: u64, versions: Arc<AtomicU64>) -> Result<Self, Error> {
        let flags = <[AtomicU8]>::new_box_zeroed_with_elems(bits::index(len / PAGE));
        Ok(Self { flags: flags.map_err(|_| Error::NoMemory)?, pages: Mutex::default(), versions })
    }

    #[inline]
    fn flags(&self, offset: u64) -> Option<&AtomicU8> {
        self.flags.get(bits::index(offset / PAGE))
    }

    /// Claims granules of the page with `offset`. Gives whether rights to
    /// store freely must be recalled.
    pub(crate) fn claim(&self, offset: u64, granules: u64) -> bool {
        let Some(flags) = self.flags(offset) else { return false };
        let mut pages = self.pages.lock();
        pages.entry(offset / PAGE).or_default().claimed |= granules;
        flags.fetch_or(CLAIMED, Ordering::SeqCst) & STORED_FREELY != 0
    }

    /// Whether a CPU may store into the page with `offset` without telling:
    /// nothing of it is claimed. It must give up that right when a later
    /// claim recalls it.
    pub(crate) fn store_freely(&self, offset: u64) -> bool {
        self.flags(offset).is_some_and(|flags| {
            flags.load(Ordering::Relaxed) & CLAIMED == 0
                && flags.fetch_or(STORED_FREELY, Ordering::SeqCst) & CLAIMED == 0
        })
    }

    /// Notes that nobody stores freely into the page any more.
    pub(crate) fn recalled(&self, offset: u64) {
        if let Some(flags) = self.flags(offset) {
            flags.fetch_and(!STORED_FREELY, Ordering::SeqCst);
        }
    }

    pub(crate) fn version(&self, offset: u64) -> u32 {
        self.pages.lock().get(&(offset / PAGE)).map_or(0, |page| page.version)
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
            touched |= self.stored_in_page(at, here);
            at += here;
        }
        touched
    }

    #[inline]
    fn stored_in_page(&self, offset: u64, len: u64) -> bool {
        let Some(flags) = self.flags(offset) else { return false };
        // Who claims a page that is stored into freely waits for all views to
        // be given up before reading it, and so for this store.
        if flags.load(Ordering::Relaxed) == STORED_FREELY {
            return false;
        }
        // Orders this look behind the store.
        fence(Ordering::SeqCst);
        flags.load(Ordering::SeqCst) & CLAIMED != 0 && self.take_claims(flags, offset, len)
    }

    #[cold]
    fn take_claims(&self, flags: &AtomicU8, offset: u64, len: u64) -> bool {
        let mut pages = self.pages.lock();
        let page = pages.entry(offset / PAGE).or_default();
        let touched = granules(offset % PAGE, len);
        if page.claimed & touched == 0 {
            return false;
        }
        page.claimed &= !touched;
        page.version = page.version.wrapping_add(1);
        if page.claimed == 0 {
            flags.fetch_and(!CLAIMED, Ordering::SeqCst);
        }
        self.versions.fetch_add(1, Ordering::SeqCst);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_takes_away_the_claims_that_it_touches() {
        let map = CodeMap::new(4 * PAGE, Arc::default()).unwrap();
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
        let map = CodeMap::new(4 * PAGE, Arc::default()).unwrap();
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
