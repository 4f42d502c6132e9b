//! Storage keys (manual, chapter 3, "Storage Key").

/// A seven-bit storage key in the layout of SET STORAGE KEY EXTENDED:
/// access-control bits, fetch protection, reference, change, and a zero bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StorageKey(pub u8);

impl StorageKey {
    /// The fetch-protection bit.
    pub const FETCH_PROTECTION: u8 = 0x08;
    /// The reference bit.
    pub const REFERENCE: u8 = 0x04;
    /// The change bit.
    pub const CHANGE: u8 = 0x02;

    /// The access-control bits, 0 to 15.
    #[must_use]
    pub const fn access(self) -> u8 {
        self.0 >> 4
    }

    /// Whether an access with PSW or storage-access key `key` may store.
    #[must_use]
    pub const fn permits_store(self, key: u8) -> bool {
        key == 0 || key == self.access()
    }

    /// Whether an access with `key` may fetch.
    #[must_use]
    pub const fn permits_fetch(self, key: u8) -> bool {
        self.permits_store(key) || self.0 & Self::FETCH_PROTECTION == 0
    }
}
