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
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence};

use lowcore_arch::bits;
use parking_lot::Mutex;
use zerocopy::FromZeros;

use crate::{Error, PAGE};

/// The unit of a claim, in bytes: a page has 64 of them.
pub const GRANULE: u64 = PAGE / 64;

/// Something of the page is claimed.
const CLAIMED: u8 = 1;
/// A CPU may keep the right to store.
const STORED_FREELY: u8 = 2;

/// The pages of a slot.
#[derive(Debug)]
pub(crate) struct CodeMap {
    /// [`CLAIMED`] and [`STORED_FREELY`] of each page.
    flags: Box<[AtomicU8]>,
    /// Of each page a bit for each granule that is claimed, the first in bit
    /// 0. Whoever stores into a page with [`CLAIMED`] looks here, and mostly
    /// finds that it is not concerned.
    claimed: Box<[AtomicU64]>,
    /// Of each page the number of stores into claimed granules.
    page_versions: Box<[AtomicU32]>,
    /// Held while claims are taken away and made, so that they and
    /// [`CLAIMED`] agree.
    changes: Mutex<()>,
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
    /// The host gives memory for what is known of a page only when that is
    /// first needed.
    pub(crate) fn new(len: u64, versions: Arc<AtomicU64>) -> Result<Self, Error> {
        fn zeros<T: FromZeros>(len: u64) -> Result<Box<[T]>, Error> {
            let zeros = <[T]>::new_box_zeroed_with_elems(bits::index(len / PAGE));
            zeros.map_err(|_| Error::NoMemory)
        }
        Ok(Self {
            flags: zeros(len)?,
            claimed: zeros(len)?,
            page_versions: zeros(len)?,
            changes: Mutex::default(),
            versions,
        })
    }

    #[inline]
    fn flags(&self, offset: u64) -> Option<&AtomicU8> {
        self.flags.get(bits::index(offset / PAGE))
    }

    /// Claims granules of the page with `offset`. Gives whether rights to
    /// store freely must be recalled.
    pub(crate) fn claim(&self, offset: u64, granules: u64) -> bool {
        let page = bits::index(offset / PAGE);
        let (Some(flags), Some(claimed)) = (self.flags.get(page), self.claimed.get(page)) else {
            return false;
        };
        let _changes = self.changes.lock();
        claimed.fetch_or(granules, Ordering::SeqCst);
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
        let version = self.page_versions.get(bits::index(offset / PAGE));
        version.map_or(0, |version| version.load(Ordering::SeqCst))
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
        if flags.load(Ordering::SeqCst) & CLAIMED == 0 {
            return false;
        }
        let touched = granules(offset % PAGE, len);
        let page = bits::index(offset / PAGE);
        let claimed = self.claimed.get(page);
        claimed.is_some_and(|claimed| claimed.load(Ordering::SeqCst) & touched != 0)
            && self.take_claims(page, touched)
    }

    #[cold]
    fn take_claims(&self, page: usize, touched: u64) -> bool {
        let _changes = self.changes.lock();
        let claimed = self.claimed[page].fetch_and(!touched, Ordering::SeqCst);
        if claimed & touched == 0 {
            return false;
        }
        if claimed & !touched == 0 {
            self.flags[page].fetch_and(!CLAIMED, Ordering::SeqCst);
        }
        self.page_versions[page].fetch_add(1, Ordering::SeqCst);
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
