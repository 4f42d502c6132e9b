//! The set of CPUs whose emergency signals are pending.

/// CPU addresses are below this number (Linux has as many vcpus).
pub const MAX_CPUS: u16 = 255;

/// One bit for each source. Signals of one source are one; those of different
/// sources accumulate (B.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sources([u64; 4]);

impl Sources {
    /// Adds `source`, which must be below [`MAX_CPUS`].
    pub(crate) fn insert(&mut self, source: u16) {
        if let Some(word) = self.0.get_mut(usize::from(source / 64)) {
            *word |= 1 << (source % 64);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// The members, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> {
        (0..MAX_CPUS).filter(|source| self.0[usize::from(source / 64)] >> (source % 64) & 1 != 0)
    }

    /// Removes and returns the lowest member.
    pub(crate) fn take_lowest(&mut self) -> Option<u16> {
        let lowest = self.iter().next()?;
        self.0[usize::from(lowest / 64)] &= !(1 << (lowest % 64));
        Some(lowest)
    }
}
