//! The storage keys of a slot.
//!
//! Reference and change recording of one CPU and key instructions of another
//! meet here, so every change of a key is one atomic step. Nothing else is
//! ordered by it: CPUs that must agree on more than the key itself are made
//! to by whoever changes it.

use std::sync::atomic::{AtomicU8, Ordering};

use lowcore_arch::{StorageKey, bits};

use zerocopy::FromZeros;

use crate::{Error, PAGE};

/// One key for each page, zero at start.
#[derive(Debug)]
pub(crate) struct Keys {
    keys: Box<[AtomicU8]>,
}

impl Keys {
    /// The host gives memory for a key only when it is first set.
    pub(crate) fn new(len: u64) -> Result<Self, Error> {
        let keys = <[AtomicU8]>::new_box_zeroed_with_elems(bits::index(len / PAGE));
        Ok(Self { keys: keys.map_err(|_| Error::NoMemory)? })
    }

    #[inline]
    fn at(&self, offset: u64) -> Option<&AtomicU8> {
        self.keys.get(bits::index(offset / PAGE))
    }

    #[inline]
    pub(crate) fn get(&self, offset: u64) -> Option<StorageKey> {
        Some(StorageKey(self.at(offset)?.load(Ordering::Relaxed)))
    }

    pub(crate) fn replace(&self, offset: u64, new: StorageKey) -> Option<StorageKey> {
        Some(StorageKey(self.at(offset)?.swap(new.0, Ordering::Relaxed)))
    }

    /// Replaces a key by what `new` makes of it, and gives the old one. `new`
    /// may be called several times.
    pub(crate) fn update(
        &self,
        offset: u64,
        mut new: impl FnMut(StorageKey) -> StorageKey,
    ) -> Option<StorageKey> {
        let key = self.at(offset)?;
        let mut old = key.load(Ordering::Relaxed);
        loop {
            let wanted = new(StorageKey(old)).0;
            if wanted == old {
                return Some(StorageKey(old));
            }
            match key.compare_exchange_weak(old, wanted, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(StorageKey(old)),
                Err(found) => old = found,
            }
        }
    }

    /// Records a store: reference and change bits of its pages become one.
    #[inline]
    pub(crate) fn changed(&self, offset: u64, len: u64) {
        let mut at = offset & !(PAGE - 1);
        while at < offset + len {
            self.set(at, StorageKey::REFERENCE | StorageKey::CHANGE);
            at += PAGE;
        }
    }

    /// Turns bits on. The host gives no memory and no exclusive cache line
    /// for bits that are on already.
    #[inline]
    pub(crate) fn set(&self, offset: u64, bits: u8) {
        if let Some(key) = self.at(offset)
            && key.load(Ordering::Relaxed) & bits != bits
        {
            key.fetch_or(bits, Ordering::Relaxed);
        }
    }
}
