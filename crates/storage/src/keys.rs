//! The storage keys of a slot.

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

    pub(crate) fn get(&self, offset: u64) -> Option<StorageKey> {
        let key = self.keys.get(bits::index(offset / PAGE))?;
        Some(StorageKey(key.load(Ordering::Relaxed)))
    }

    pub(crate) fn replace(&self, offset: u64, new: StorageKey) -> Option<StorageKey> {
        let key = self.keys.get(bits::index(offset / PAGE))?;
        Some(StorageKey(key.swap(new.0, Ordering::Relaxed)))
    }
}
