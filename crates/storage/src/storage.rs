//! A guest's storage, as all its CPUs and its client share it.

use lowcore_arch::StorageKey;
use lowcore_host::memory::HostRange;
use parking_lot::RwLock;

use crate::slots::{Slots, check_region};
use crate::view::{self, View};
use crate::{Error, PAGE};

/// The absolute storage of one guest. Shared by reference; all methods may be
/// called from any thread.
///
/// A change of the slots waits until every [`View`] is gone, and new views
/// wait for the change. So when [`remove_slot`](Self::remove_slot) returns,
/// nobody touches the client's memory any more.
#[derive(Debug)]
pub struct Storage {
    slots: RwLock<Slots>,
}

impl Storage {
    /// A guest without any storage.
    #[must_use]
    pub fn new() -> Self {
        Self { slots: RwLock::new(Slots::new()) }
    }

    /// Puts `range` at guest address `guest`, in slot number `slot`. If the
    /// slot exists, it is moved to another guest address or gets or loses its
    /// dirty log; its memory cannot change.
    ///
    /// Waits for all views; the calling thread must not have one.
    ///
    /// # Errors
    /// Any but [`Error::NoSuchSlot`] and [`Error::NoDirtyLog`]; nothing has
    /// changed then.
    pub fn set_slot(
        &self,
        slot: u16,
        guest: u64,
        range: HostRange,
        log_dirty: bool,
    ) -> Result<(), Error> {
        if range.is_empty() {
            return self.remove_slot(slot);
        }
        self.slots.write().set(slot, guest, range, log_dirty)
    }

    /// Removes a slot with its keys and its log.
    ///
    /// Waits for all views; the calling thread must not have one.
    ///
    /// # Errors
    /// [`Error::SlotNumber`], [`Error::NoSuchSlot`].
    pub fn remove_slot(&self, slot: u16) -> Result<(), Error> {
        self.slots.write().remove(slot)
    }

    /// Makes CPUs forget what they remember of translation, storage keys and
    /// rights to store: gives the epoch that begins, see [`View::epoch`].
    ///
    /// Waits for all views; the calling thread must not have one.
    pub fn forget_translations(&self) -> u64 {
        self.slots.write().forget_translations()
    }

    /// The checks that the kernel makes of every request about a slot, before
    /// it looks at the slots that exist. [`set_slot`](Self::set_slot) makes
    /// them itself; a request to delete has more fields than
    /// [`remove_slot`](Self::remove_slot) takes, and they are checked too.
    ///
    /// # Errors
    /// [`Error::SlotNumber`], [`Error::Misaligned`], [`Error::HostAddress`],
    /// [`Error::GuestAddress`].
    pub fn check_region(slot: u16, guest: u64, host: u64, len: u64) -> Result<(), Error> {
        check_region(slot, guest, host, len)
    }

    /// The address at which new slots must end at the latest. `u64::MAX`, the
    /// value at start, is `KVM_S390_NO_MEM_LIMIT`.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.slots.read_recursive().limit()
    }

    /// Sets the limit for slots to come; those that exist stay. Who may set
    /// which limit is for the caller to say.
    pub fn set_limit(&self, limit: u64) {
        self.slots.write().set_limit(limit);
    }

    /// Takes the dirty log of a slot: page `n` is bit `1 << (n % 64)` of word
    /// `n / 64`, which is little-endian by the interface's definition. A page
    /// whose bit is taken is clean from then on.
    ///
    /// # Errors
    /// [`Error::SlotNumber`], [`Error::NoDirtyLog`].
    pub fn dirty_log(&self, slot: u16) -> Result<Vec<u64>, Error> {
        let taken =
            self.dirty_log_with(slot, |words| Ok::<_, std::convert::Infallible>(words.to_vec()))?;
        let Ok(words) = taken;
        Ok(words)
    }

    /// As [`dirty_log`](Self::dirty_log), but hands the words to `copy`, and
    /// keeps them if that fails: a client that passed a bad pointer loses
    /// nothing.
    ///
    /// # Errors
    /// [`Error::SlotNumber`], [`Error::NoDirtyLog`]; inside, those of `copy`.
    pub fn dirty_log_with<T, E>(
        &self,
        slot: u16,
        copy: impl FnOnce(&[u64]) -> Result<T, E>,
    ) -> Result<Result<T, E>, Error> {
        if slot >= crate::SLOTS {
            return Err(Error::SlotNumber);
        }
        let slots = self.slots.read_recursive();
        let log = slots.numbered(slot).and_then(|slot| slot.log.as_ref());
        let log = log.ok_or(Error::NoDirtyLog)?;
        let words = log.take();
        let copied = copy(&words);
        if copied.is_err() {
            log.give_back(&words);
        }
        Ok(copied)
    }

    /// Access to the storage as it is now. Slots do not change while it
    /// lives, so a CPU holds one for a bounded stretch of execution only,
    /// never while it waits or calls a client.
    ///
    /// A thread that has a view may take another.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        // A thread that waits for a change that waits for this same thread
        // would wait for ever.
        let slots = if view::held_by_this_thread() {
            self.slots.read_recursive()
        } else {
            self.slots.read()
        };
        View::new(slots)
    }

    /// Whether the guest or its client ever used storage keys, as
    /// [`View::use_keys`] notes. Reference and change bits are recorded all the
    /// same; a client is told of keys only afterwards, as under Linux.
    #[must_use]
    pub fn keys_used(&self) -> bool {
        self.slots.read_recursive().keys_used()
    }

    /// The storage key of the page with `address`; `None` outside of storage.
    #[must_use]
    pub fn key(&self, address: u64) -> Option<StorageKey> {
        self.view().key(address)
    }

    /// Sets the storage key of the page with `address`, and gives the old
    /// one; `None` outside of storage.
    pub fn set_key(&self, address: u64, key: StorageKey) -> Option<StorageKey> {
        self.view().set_key(address, key)
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self::new()
    }
}

const _: () = assert!(crate::SEGMENT.is_multiple_of(PAGE));
