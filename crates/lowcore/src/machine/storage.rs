//! The machine's storage, by absolute address.

use super::Error;
use lowcore_arch::bits;
use lowcore_host::Fault;
use lowcore_host::memory::{HostRange, Mapping};

/// All of one machine's storage. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Storage(HostRange);

impl Storage {
    /// Zeroed storage; the host gives its pages when they are first used.
    pub fn new(size: u64) -> Result<Self, Error> {
        let mapping = Mapping::anonymous(bits::index(size))
            .map_err(|source| Error::HostMemory { size, source })?;
        Ok(Self(HostRange::of(&mapping)))
    }

    /// The host's range, for the memory slot.
    pub fn range(&self) -> HostRange {
        self.0.clone()
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.0.len() as u64
    }

    /// Copies from storage.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), Fault> {
        self.0.read(bits::index(address), bytes)
    }

    /// Copies to storage.
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.0.write(bits::index(address), bytes)
    }

    /// A doubleword.
    pub fn u64(&self, address: u64) -> Result<u64, Fault> {
        let mut bytes = [0; 8];
        self.read(address, &mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// A halfword.
    pub fn u16(&self, address: u64) -> Result<u16, Fault> {
        let mut bytes = [0; 2];
        self.read(address, &mut bytes)?;
        Ok(u16::from_be_bytes(bytes))
    }

    /// Makes a part of it zero.
    pub fn clear(&self, address: u64, length: u64) -> Result<(), Fault> {
        self.0.fill(bits::index(address), bits::index(length), 0)
    }

    /// Makes all of it zero, and gives its pages back to the host.
    pub fn clear_all(&self) -> Result<(), Fault> {
        self.0.clear()
    }
}
