//! A service-call control block.

use lowcore_arch::bits;

/// The most bytes that a block has.
pub const MAX: usize = 4096;
/// Bytes of the header.
pub const HEADER: usize = 8;
/// In the last byte of the control mask: the response may be shorter than the
/// block.
const VARIABLE_LENGTH: u8 = 0x80;

/// A copy of a guest's block, of as many bytes as the guest gave it.
#[derive(Debug)]
pub struct Sccb(Vec<u8>);

impl Sccb {
    /// A block of the given bytes, at least a header.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (HEADER..=MAX).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The whole block.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The function code.
    pub fn function(&self) -> u8 {
        self.0[2]
    }

    /// Sets the response code.
    pub fn set_response(&mut self, code: u16) {
        self.0[6..HEADER].copy_from_slice(&code.to_be_bytes());
    }

    /// The response has only `length` bytes, if the guest takes less than the
    /// whole block.
    pub fn shorten(&mut self, length: usize) {
        if self.0[5] & VARIABLE_LENGTH != 0 {
            self.0[5] &= !VARIABLE_LENGTH;
            self.0[..2].copy_from_slice(&bits::low16(length as u64).to_be_bytes());
        }
    }

    /// A part of it.
    pub fn get(&self, at: usize, length: usize) -> Option<&[u8]> {
        self.0.get(at..at.checked_add(length)?)
    }

    /// A halfword.
    pub fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes(self.get(at, 2)?.try_into().ok()?))
    }

    /// Writes a part that lies inside; nothing happens if it does not.
    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.0.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}
