//! Access to storage while the slots stand still.

use std::cell::Cell;

use lowcore_arch::StorageKey;
use lowcore_host::Fault;
use parking_lot::RwLockReadGuard;

use crate::AccessError;
use crate::slots::{Slot, Slots, host_offset};

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// Whether the calling thread has a view of any storage.
pub(crate) fn held_by_this_thread() -> bool {
    HELD.get() != 0
}

/// A guest's storage as a CPU sees it. See [`crate::Storage::view`].
///
/// An access may begin at any address and cross from one slot into another
/// that follows at once. A naturally aligned integer is loaded and stored
/// whole, with regard to all other CPUs and the client; loads have acquire
/// order and stores release order. Storage keys are not applied: that is for
/// the CPU, which knows the key of the access.
#[derive(Debug)]
pub struct View<'a> {
    slots: RwLockReadGuard<'a, Slots>,
    /// The slot of the last access.
    last: Cell<usize>,
}

macro_rules! integer {
    ($load:ident, $store:ident, $type:ty) => {
        /// Loads the integer at `address`.
        ///
        /// # Errors
        /// [`AccessError`].
        #[inline]
        pub fn $load(&self, address: u64) -> Result<$type, AccessError> {
            match self.find(address, size_of::<$type>() as u64) {
                Some((slot, offset)) => Ok(<$type>::from_be(slot.host.$load(host_offset(offset))?)),
                None => {
                    let mut bytes = [0; size_of::<$type>()];
                    self.read_across(address, &mut bytes)?;
                    Ok(<$type>::from_be_bytes(bytes))
                }
            }
        }

        /// Stores the integer at `address`.
        ///
        /// # Errors
        /// [`AccessError`].
        #[inline]
        pub fn $store(&self, address: u64, value: $type) -> Result<(), AccessError> {
            match self.find(address, size_of::<$type>() as u64) {
                Some((slot, offset)) => {
                    let stored = slot.host.$store(host_offset(offset), value.to_be());
                    // A part may have been stored even if it failed.
                    slot.mark(offset, size_of::<$type>() as u64);
                    Ok(stored?)
                }
                None => self.write_across(address, &value.to_be_bytes()),
            }
        }
    };
}

macro_rules! compare_exchange {
    ($name:ident, $type:ty) => {
        /// Stores `new` at `address` if `old` is found there, as one
        /// sequentially consistent step. Gives `Ok(Ok(old))` if it did and
        /// `Ok(Err(found))` if it did not.
        ///
        /// # Errors
        /// [`AccessError`]; an address that is not naturally aligned, which
        /// a CPU must have refused before, is [`AccessError::Host`].
        #[inline]
        pub fn $name(
            &self,
            address: u64,
            old: $type,
            new: $type,
        ) -> Result<Result<$type, $type>, AccessError> {
            let len = size_of::<$type>() as u64;
            let Some((slot, offset)) = self.find(address, len) else {
                // Slots begin and end at multiples of 1 MiB or at least of a
                // page, so an aligned integer never crosses.
                let misaligned = self.contains(address, len);
                return Err(if misaligned { Fault.into() } else { AccessError::Addressing });
            };
            let exchanged = slot.host.$name(host_offset(offset), old.to_be(), new.to_be())?;
            match exchanged {
                Ok(found) => {
                    slot.mark(offset, len);
                    Ok(Ok(<$type>::from_be(found)))
                }
                Err(found) => Ok(Err(<$type>::from_be(found))),
            }
        }
    };
}

impl<'a> View<'a> {
    pub(crate) fn new(slots: RwLockReadGuard<'a, Slots>) -> Self {
        HELD.set(HELD.get() + 1);
        Self { slots, last: Cell::new(0) }
    }

    integer!(load_u8, store_u8, u8);
    integer!(load_u16, store_u16, u16);
    integer!(load_u32, store_u32, u32);
    integer!(load_u64, store_u64, u64);
    integer!(load_u128, store_u128, u128);
    compare_exchange!(compare_exchange_u8, u8);
    compare_exchange!(compare_exchange_u16, u16);
    compare_exchange!(compare_exchange_u32, u32);
    compare_exchange!(compare_exchange_u64, u64);
    compare_exchange!(compare_exchange_u128, u128);

    /// Copies storage from `address` into `bytes`. Not atomic.
    ///
    /// # Errors
    /// [`AccessError`]. For [`AccessError::Host`], a part of `bytes` may have
    /// been overwritten.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), AccessError> {
        match self.find(address, bytes.len() as u64) {
            Some((slot, offset)) => Ok(slot.host.read(host_offset(offset), bytes)?),
            None => self.read_across(address, bytes),
        }
    }

    /// Copies `bytes` into storage at `address`. Not atomic.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<(), AccessError> {
        match self.find(address, bytes.len() as u64) {
            Some((slot, offset)) => write_slot(slot, offset, bytes),
            None => self.write_across(address, bytes),
        }
    }

    /// Whether all of `len` bytes at `address` exist. Says nothing of the
    /// client's memory behind them.
    #[must_use]
    pub fn contains(&self, address: u64, len: u64) -> bool {
        let mut pieces = Pieces { view: self, address, left: len };
        pieces.all(|piece| piece.is_some())
    }

    /// The storage key of the page with `address`; `None` outside of storage.
    #[must_use]
    pub fn key(&self, address: u64) -> Option<StorageKey> {
        let (slot, offset) = self.find(address, 1)?;
        slot.keys.get(offset)
    }

    /// Sets the storage key of the page with `address`, and gives the old
    /// one; `None` outside of storage.
    pub fn set_key(&self, address: u64, key: StorageKey) -> Option<StorageKey> {
        let (slot, offset) = self.find(address, 1)?;
        slot.keys.replace(offset, key)
    }

    /// The slot in which all of `len` bytes lie, and where.
    #[inline]
    fn find(&self, address: u64, len: u64) -> Option<(&Slot, u64)> {
        if let Some(slot) = self.slots.get(self.last.get())
            && let Some(offset) = slot.offset(address, len)
        {
            return Some((slot, offset));
        }
        self.find_elsewhere(address, len)
    }

    #[cold]
    fn find_elsewhere(&self, address: u64, len: u64) -> Option<(&Slot, u64)> {
        let index = self.slots.at(address)?;
        self.last.set(index);
        let slot = self.slots.get(index)?;
        Some((slot, slot.offset(address, len)?))
    }

    #[cold]
    fn read_across(&self, address: u64, bytes: &mut [u8]) -> Result<(), AccessError> {
        self.exists(address, bytes.len() as u64)?;
        let mut rest = bytes;
        for piece in (Pieces { view: self, address, left: rest.len() as u64 }) {
            let (slot, offset, len) = piece.ok_or(AccessError::Addressing)?;
            let (here, behind) = rest.split_at_mut(host_offset(len));
            slot.host.read(host_offset(offset), here)?;
            rest = behind;
        }
        Ok(())
    }

    #[cold]
    fn write_across(&self, address: u64, bytes: &[u8]) -> Result<(), AccessError> {
        self.exists(address, bytes.len() as u64)?;
        let mut rest = bytes;
        for piece in (Pieces { view: self, address, left: rest.len() as u64 }) {
            let (slot, offset, len) = piece.ok_or(AccessError::Addressing)?;
            let (here, behind) = rest.split_at(host_offset(len));
            write_slot(slot, offset, here)?;
            rest = behind;
        }
        Ok(())
    }

    fn exists(&self, address: u64, len: u64) -> Result<(), AccessError> {
        if self.contains(address, len) { Ok(()) } else { Err(AccessError::Addressing) }
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        HELD.set(HELD.get() - 1);
    }
}

fn write_slot(slot: &Slot, offset: u64, bytes: &[u8]) -> Result<(), AccessError> {
    let written = slot.host.write(host_offset(offset), bytes);
    // A part may have been written even if it failed.
    slot.mark(offset, bytes.len() as u64);
    Ok(written?)
}

/// The parts of a range that lie in one slot each: slot, offset and length.
/// `None` once, at the end, for storage that does not exist.
struct Pieces<'a> {
    view: &'a View<'a>,
    address: u64,
    left: u64,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Option<(&'a Slot, u64, u64)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let Some((slot, offset)) = self.view.find(self.address, 1) else {
            self.left = 0;
            return Some(None);
        };
        let len = self.left.min(slot.len - offset);
        self.left -= len;
        // Slots end below 2^64, so an address that wraps is never followed.
        self.address = self.address.wrapping_add(len);
        Some(Some((slot, offset, len)))
    }
}
