//! The guest's storage as the host sees it: big-endian, by absolute address.

use super::layout::STORAGE;
use lowcore_arch::bits;
use lowcore_host::Fault;
use lowcore_host::memory::{HostRange, Mapping};

/// All of one guest's storage.
///
/// Loads acquire and stores release, so a record whose sequence number is
/// seen is seen whole.
#[derive(Clone)]
pub struct Storage(HostRange);

impl Storage {
    /// Zeroed storage of [`STORAGE`] bytes.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self(HostRange::of(&Mapping::anonymous(STORAGE)?)))
    }

    /// The host's range, for the memory slot.
    pub fn range(&self) -> HostRange {
        self.0.clone()
    }

    /// A word.
    pub fn u32(&self, address: u64) -> Result<u32, Fault> {
        self.0.load_u32(bits::index(address)).map(u32::from_be)
    }

    /// A doubleword.
    pub fn u64(&self, address: u64) -> Result<u64, Fault> {
        self.0.load_u64(bits::index(address)).map(u64::from_be)
    }

    /// Stores a word.
    pub fn set_u32(&self, address: u64, value: u32) -> Result<(), Fault> {
        self.0.store_u32(bits::index(address), value.to_be())
    }

    /// Stores a doubleword.
    pub fn set_u64(&self, address: u64, value: u64) -> Result<(), Fault> {
        self.0.store_u64(bits::index(address), value.to_be())
    }

    /// A run of bytes.
    pub fn bytes<const N: usize>(&self, address: u64) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.0.read(bits::index(address), &mut bytes)?;
        Ok(bytes)
    }

    /// Stores a run of bytes.
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.0.write(bits::index(address), bytes)
    }

    /// A copy of everything.
    pub fn snapshot(&self) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; STORAGE];
        self.0.read(0, &mut bytes)?;
        Ok(bytes)
    }
}
