//! The dirty log of a slot.

use std::sync::atomic::{AtomicU64, Ordering};

use lowcore_arch::bits;

use zerocopy::FromZeros;

use crate::{Error, PAGE};

/// One bit for each page of a slot; page `n` is bit `1 << (n % 64)` of word
/// `n / 64`.
#[derive(Debug)]
pub(crate) struct DirtyLog {
    words: Box<[AtomicU64]>,
}

impl DirtyLog {
    /// A log of clean pages for a slot of `len` bytes. The host gives memory
    /// for a bit only when it is first set.
    pub(crate) fn new(len: u64) -> Result<Self, Error> {
        let words = bits::index((len / PAGE).div_ceil(64));
        let words = <[AtomicU64]>::new_box_zeroed_with_elems(words);
        Ok(Self { words: words.map_err(|_| Error::NoMemory)? })
    }

    /// Marks the pages of `len` bytes at `offset`, which have been stored to
    /// already: whoever takes the bit must find the new bytes, and a bit that
    /// was set before them could be taken before them.
    ///
    /// Setting a bit that seems to be set already cannot be saved, because
    /// the store may not yet be visible to the one who just takes it.
    pub(crate) fn mark(&self, offset: u64, len: u64) {
        if len == 0 {
            return;
        }
        for page in offset / PAGE..=(offset + len - 1) / PAGE {
            if let Some(word) = self.words.get(bits::index(page / 64)) {
                word.fetch_or(1 << (page % 64), Ordering::SeqCst);
            }
        }
    }

    /// Takes all bits.
    pub(crate) fn take(&self) -> Vec<u64> {
        self.words.iter().map(|word| word.swap(0, Ordering::SeqCst)).collect()
    }

    /// Gives bits back that nobody has seen.
    pub(crate) fn give_back(&self, bits: &[u64]) {
        for (word, &bits) in self.words.iter().zip(bits) {
            word.fetch_or(bits, Ordering::SeqCst);
        }
    }
}
