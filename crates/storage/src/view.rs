//! Access to storage while the slots stand still.

mod bulk;

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use lowcore_arch::StorageKey;
use lowcore_host::Fault;
use lowcore_host::memory::HostRange;
use parking_lot::RwLockReadGuard;

use crate::slots::{Slot, Slots, host_offset};
use crate::{AccessError, PAGE};

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
    code_changed: Cell<bool>,
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
                    self.note_store(slot, offset, size_of::<$type>() as u64);
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
                    self.note_store(slot, offset, len);
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
        Self { slots, last: Cell::new(0), code_changed: Cell::new(false) }
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
            Some((slot, offset)) => self.write_slot(slot, offset, bytes),
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

    /// Replaces the storage key of the page with `address` by what `new`
    /// makes of it, in one step with regard to other CPUs, and gives the old
    /// one; `None` outside of storage. `new` may be called several times.
    ///
    /// ```
    /// use lowcore_arch::StorageKey;
    /// # use lowcore_host::memory::{HostRange, Mapping};
    /// # let storage = lowcore_storage::Storage::new();
    /// # storage.set_slot(0, 0, HostRange::of(&Mapping::anonymous(1 << 20)?), false)?;
    /// let view = storage.view();
    /// view.change(0x3000);
    /// // RESET REFERENCE BIT EXTENDED
    /// let old = view.update_key(0x3abc, |key| StorageKey(key.0 & !StorageKey::REFERENCE));
    /// assert_eq!(old, Some(StorageKey(0x06)));
    /// assert_eq!(view.key(0x3000), Some(StorageKey(StorageKey::CHANGE)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update_key(
        &self,
        address: u64,
        new: impl FnMut(StorageKey) -> StorageKey,
    ) -> Option<StorageKey> {
        let (slot, offset) = self.find(address, 1)?;
        slot.keys.update(offset, new)
    }

    /// Records a fetch from the page with `address`: its reference bit
    /// becomes one. Nothing happens outside of storage.
    #[inline]
    pub fn reference(&self, address: u64) {
        if let Some((slot, offset)) = self.find(address, 1) {
            slot.keys.set(offset, StorageKey::REFERENCE);
        }
    }

    /// Records a store into the page with `address`: its reference and change
    /// bits become one. Nothing happens outside of storage.
    #[inline]
    pub fn change(&self, address: u64) {
        if let Some((slot, offset)) = self.find(address, 1) {
            slot.keys.set(offset, StorageKey::REFERENCE | StorageKey::CHANGE);
        }
    }

    /// Notes that the guest or its client uses storage keys; see
    /// [`Storage::keys_used`](crate::Storage::keys_used).
    #[inline]
    pub fn use_keys(&self) {
        self.slots.use_keys();
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
            self.write_slot(slot, offset, here)?;
            rest = behind;
        }
        Ok(())
    }

    fn write_slot(&self, slot: &Slot, offset: u64, bytes: &[u8]) -> Result<(), AccessError> {
        let written = slot.host.write(host_offset(offset), bytes);
        // A part may have been written even if it failed.
        self.note_store(slot, offset, bytes.len() as u64);
        Ok(written?)
    }

    /// What every store has as its consequence: the change bits of storage
    /// keys, the dirty log, and cached code that is stale now.
    #[inline]
    pub(crate) fn note_store(&self, slot: &Slot, offset: u64, len: u64) {
        slot.keys.changed(offset, len);
        if slot.mark(offset, len) {
            self.code_changed.set(true);
        }
    }

    /// Whether a store through this view has touched storage that is claimed
    /// as instructions, since the last time that this was asked.
    #[inline]
    #[must_use]
    pub fn take_code_changed(&self) -> bool {
        self.code_changed.replace(false)
    }

    /// A number that changes with every change of the slots and that no other
    /// guest's storage has.
    #[inline]
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.slots.generation()
    }

    /// Changes when CPUs have to forget what they remember; see
    /// [`Storage::forget_translations`](crate::Storage::forget_translations).
    #[inline]
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.slots.epoch()
    }

    /// The client's memory behind the page with `address`, and where in it
    /// the page begins.
    #[must_use]
    pub fn host_page(&self, address: u64) -> Option<(&HostRange, usize)> {
        let (slot, offset) = self.find(address & !(PAGE - 1), PAGE)?;
        Some((&slot.host, host_offset(offset)))
    }

    /// Whether a CPU may store into the page with `address` through the
    /// client's memory, without telling this storage: its slot has no dirty
    /// log and nothing in the page is claimed as instructions. The right ends
    /// with the view, or when [`claim_code`](Self::claim_code) recalls it.
    #[must_use]
    pub fn store_freely(&self, address: u64) -> bool {
        self.find(address, 1)
            .is_some_and(|(slot, offset)| slot.log.is_none() && slot.code.store_freely(offset))
    }

    /// Claims storage as instructions: a bit for each [`GRANULE`](crate::GRANULE)
    /// of the page with `address`, the first in bit 0. Bytes that are read
    /// after this are those of the page's version at this time. Gives whether
    /// CPUs may store freely into the page, which must be recalled before
    /// anything is read.
    pub fn claim_code(&self, address: u64, granules: u64) -> bool {
        self.find(address, 1).is_some_and(|(slot, offset)| slot.code.claim(offset, granules))
    }

    /// Notes that no CPU stores freely into the page with `address` any more.
    pub fn code_recalled(&self, address: u64) {
        if let Some((slot, offset)) = self.find(address, 1) {
            slot.code.recalled(offset);
        }
    }

    /// A number that changes when the version of any page does.
    #[inline]
    #[must_use]
    pub fn code_versions(&self) -> u64 {
        self.slots.code_versions().load(Ordering::SeqCst)
    }

    /// Where that number is, for compiled code to look at while there is the
    /// view.
    #[must_use]
    pub fn code_versions_at(&self) -> &AtomicU64 {
        self.slots.code_versions()
    }

    /// The version of the page with `address`: it changes when claimed
    /// storage in it is stored into.
    #[must_use]
    pub fn code_version(&self, address: u64) -> u32 {
        self.find(address, 1).map_or(0, |(slot, offset)| slot.code.version(offset))
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
