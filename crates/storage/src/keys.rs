//! The storage keys of a slot.

use std::sync::atomic::{AtomicU8, Ordering};

use lowcore_arch::{StorageKey, bits};

use crate::PAGE;

/// One key for each page, zero at start.
#[derive(Debug)]
pub(crate) struct Keys {
    keys: Box<[AtomicU8]>,
}

impl Keys {
    pub(crate) fn new(len: u64) -> Self {
        Self { keys: (0..len / PAGE).map(|_| AtomicU8::new(0)).collect() }
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
