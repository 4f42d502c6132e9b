//! Operations on storage of any length, at the host's speed.

use super::View;
use crate::AccessError;
use crate::slots::{Slot, host_offset};

/// How many bytes of storage are looked at at a time, in a buffer of ours.
const BLOCK: usize = 1024;

impl View<'_> {
    /// Copies `len` bytes from `from` to `to`, as if byte by byte from left to
    /// right: where the places overlap with the copy on the right, the bytes
    /// between them repeat. Not atomic.
    ///
    /// ```
    /// # use lowcore_host::memory::{HostRange, Mapping};
    /// # use lowcore_storage::Storage;
    /// # let storage = Storage::new();
    /// # storage.set_slot(0, 0, HostRange::of(&Mapping::anonymous(1 << 20)?), false)?;
    /// let view = storage.view();
    /// view.write(0x1000, b"abc.......")?;
    /// view.copy(0x1003, 0x1000, 7)?;
    /// let mut bytes = [0; 10];
    /// view.read(0x1000, &mut bytes)?;
    /// assert_eq!(&bytes, b"abcabcabca");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AccessError`]; a part may have been copied.
    pub fn copy(&self, to: u64, from: u64, len: u64) -> Result<(), AccessError> {
        let (mut to, mut from, mut left) = (to, from, len);
        while left > 0 {
            let (target, target_offset, here) = self.part(to, left)?;
            let (source, source_offset, here) = self.part(from, here)?;
            let copied = target.host.copy_from(
                host_offset(target_offset),
                &source.host,
                host_offset(source_offset),
                host_offset(here),
            );
            // A part may have been copied even if it failed.
            self.note_store(target, target_offset, here);
            copied?;
            to = to.wrapping_add(here);
            from = from.wrapping_add(here);
            left -= here;
        }
        Ok(())
    }

    /// Stores `byte` into `len` bytes at `address`. Not atomic.
    ///
    /// # Errors
    /// [`AccessError`]; a part may have been stored.
    pub fn fill(&self, address: u64, len: u64, byte: u8) -> Result<(), AccessError> {
        let (mut address, mut left) = (address, len);
        while left > 0 {
            let (slot, offset, here) = self.part(address, left)?;
            if let Some(bytes) = [byte; 16].get(..host_offset(here)) {
                self.write_slot(slot, offset, bytes)?;
            } else {
                let filled = slot.host.fill(host_offset(offset), host_offset(here), byte);
                // A part may have been filled even if it failed.
                self.note_store(slot, offset, here);
                filled?;
            }
            address = address.wrapping_add(here);
            left -= here;
        }
        Ok(())
    }

    /// How many of `len` bytes at `address` come before the first that is
    /// `byte`; `None` if none is.
    ///
    /// # Errors
    /// [`AccessError`], of bytes before the one that is looked for.
    pub fn find_byte(&self, address: u64, len: u64, byte: u8) -> Result<Option<u64>, AccessError> {
        let mut buffer = [0; BLOCK];
        let mut done = 0;
        while done < len {
            let (slot, offset, here) = self.part(address.wrapping_add(done), len - done)?;
            // The first look is a short one: most strings are.
            let most = if done == 0 { 64 } else { BLOCK };
            let bytes = &mut buffer[..most.min(host_offset(here))];
            slot.host.read(host_offset(offset), bytes)?;
            if let Some(place) = memchr::memchr(byte, bytes) {
                return Ok(Some(done + place as u64));
            }
            done += bytes.len() as u64;
        }
        Ok(None)
    }

    /// How many of `len` bytes at `first` and at `second` are equal before the
    /// first that is not.
    ///
    /// # Errors
    /// [`AccessError`], of bytes up to the first difference or shortly after.
    pub fn equal_bytes(&self, first: u64, second: u64, len: u64) -> Result<u64, AccessError> {
        let (mut one, mut other) = ([0; BLOCK], [0; BLOCK]);
        let mut done = 0;
        while done < len {
            let (a, a_offset, here) = self.part(first.wrapping_add(done), len - done)?;
            let (b, b_offset, here) = self.part(second.wrapping_add(done), here)?;
            let most = if done == 0 { 64 } else { BLOCK }.min(host_offset(here));
            let (one, other) = (&mut one[..most], &mut other[..most]);
            a.host.read(host_offset(a_offset), one)?;
            b.host.read(host_offset(b_offset), other)?;
            if one != other {
                let equal = one.iter().zip(other.iter()).take_while(|(a, b)| a == b).count();
                return Ok(done + equal as u64);
            }
            done += most as u64;
        }
        Ok(len)
    }

    /// The slot where `address` lies, where in it, and how many of `len` bytes
    /// lie in it.
    fn part(&self, address: u64, len: u64) -> Result<(&Slot, u64, u64), AccessError> {
        let (slot, offset) = self.find(address, 1).ok_or(AccessError::Addressing)?;
        Ok((slot, offset, len.min(slot.len - offset)))
    }
}
