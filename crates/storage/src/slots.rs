//! The slots and the rules for changing them.
//!
//! The rules and their order are those of Linux 6.12,
//! `virt/kvm/kvm_main.c:__kvm_set_memory_region` and
//! `arch/s390/kvm/kvm-s390.c:kvm_arch_prepare_memory_region`, but for the
//! alignment of the host address, of which 4 KiB are enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use lowcore_arch::bits;
use lowcore_host::memory::HostRange;

use crate::code::CodeMap;
use crate::dirty::DirtyLog;
use crate::keys::Keys;
use crate::{Error, PAGE, SEGMENT};

/// How many slots a guest can have, `KVM_CAP_NR_MEMSLOTS`.
pub const SLOTS: u16 = 32767;

/// Pages that a slot can have.
const MAX_PAGES: u64 = (1 << 31) - 1;

/// The end of a process's address space.
#[cfg(target_arch = "x86_64")]
const HOST_END: u64 = 0x7fff_ffff_f000;
#[cfg(not(target_arch = "x86_64"))]
const HOST_END: u64 = 1 << 52;

/// A range of guest storage and the client's memory behind it.
#[derive(Debug)]
pub(crate) struct Slot {
    number: u16,
    pub(crate) guest: u64,
    pub(crate) len: u64,
    pub(crate) host: HostRange,
    pub(crate) log: Option<DirtyLog>,
    pub(crate) keys: Keys,
    pub(crate) code: CodeMap,
}

impl Slot {
    /// Where `len` bytes at `address` begin in this slot, if they lie inside.
    #[inline]
    pub(crate) fn offset(&self, address: u64, len: u64) -> Option<u64> {
        let offset = address.wrapping_sub(self.guest);
        (offset < self.len && len <= self.len - offset).then_some(offset)
    }

    /// Notes a store that has been made. Gives whether it touched storage
    /// that is claimed as instructions.
    #[inline]
    pub(crate) fn mark(&self, offset: u64, len: u64) -> bool {
        if let Some(log) = &self.log {
            log.mark(offset, len);
        }
        self.code.stored(offset, len)
    }

    /// The guest address behind the last byte.
    fn end(&self) -> u64 {
        self.guest + self.len
    }
}

/// All slots of a guest, in the order of their guest addresses.
#[derive(Debug)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    limit: u64,
    generation: u64,
    epoch: u64,
    /// Counts the versions of all pages.
    versions: Arc<AtomicU64>,
    /// Whether anybody ever set or asked for a storage key.
    keys_used: AtomicBool,
}

/// A number for a state of slots, unlike that of any other state of any
/// guest's.
fn next_generation() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

impl Slots {
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            limit: u64::MAX,
            generation: next_generation(),
            epoch: 0,
            versions: Arc::default(),
            keys_used: AtomicBool::new(false),
        }
    }

    pub(crate) fn keys_used(&self) -> bool {
        self.keys_used.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn use_keys(&self) {
        if !self.keys_used.load(Ordering::Relaxed) {
            self.keys_used.store(true, Ordering::Release);
        }
    }

    /// Changes when instructions in any slot are stored into.
    #[inline]
    pub(crate) fn code_versions(&self) -> &AtomicU64 {
        &self.versions
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn forget_translations(&mut self) -> u64 {
        self.epoch += 1;
        self.epoch
    }

    /// Changes with every change of the slots.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    pub(crate) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&Slot> {
        self.slots.get(index)
    }

    /// The index of the slot in which `address` lies.
    pub(crate) fn at(&self, address: u64) -> Option<usize> {
        let behind = self.slots.partition_point(|slot| slot.guest <= address);
        let index = behind.checked_sub(1)?;
        self.get(index)?.offset(address, 1).map(|_| index)
    }

    pub(crate) fn numbered(&self, number: u16) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.number == number)
    }

    /// Adds, moves or changes a slot.
    pub(crate) fn set(
        &mut self,
        number: u16,
        guest: u64,
        host: HostRange,
        log: bool,
    ) -> Result<(), Error> {
        let len = host.len() as u64;
        check_region(number, guest, host.base(), len)?;
        self.generation = next_generation();
        let existing = self.slots.iter().position(|slot| slot.number == number);
        if let Some(slot) = existing.and_then(|index| self.slots.get_mut(index)) {
            if slot.host.base() != host.base() || slot.len != len {
                return Err(Error::Immutable);
            }
            if slot.guest == guest {
                slot.log = log_for(slot.log.take(), log, len)?;
                return Ok(());
            }
        }
        let taken = self
            .slots
            .iter()
            .any(|slot| slot.number != number && slot.guest < guest + len && guest < slot.end());
        if taken {
            return Err(Error::Overlap);
        }
        if !len.is_multiple_of(SEGMENT) {
            return Err(Error::BadSize);
        }
        if guest + len > self.limit {
            return Err(Error::Limit);
        }
        let slot = match existing {
            // Keys and log belong to the memory and move with it.
            Some(index) => {
                let old = self.slots.get_mut(index).and_then(|slot| slot.log.take());
                let log = log_for(old, log, len)?;
                Slot { guest, log, ..self.slots.remove(index) }
            }
            None => {
                let log = log_for(None, log, len)?;
                Slot {
                    number,
                    guest,
                    len,
                    host,
                    log,
                    keys: Keys::new(len)?,
                    code: CodeMap::new(len, Arc::clone(&self.versions))?,
                }
            }
        };
        let place = self.slots.partition_point(|other| other.guest < guest);
        self.slots.insert(place, slot);
        Ok(())
    }

    /// Removes a slot.
    pub(crate) fn remove(&mut self, number: u16) -> Result<(), Error> {
        if number >= SLOTS {
            return Err(Error::SlotNumber);
        }
        let index = self.slots.iter().position(|slot| slot.number == number);
        self.generation = next_generation();
        self.slots.remove(index.ok_or(Error::NoSuchSlot)?);
        Ok(())
    }
}

/// The checks that come before any look at the slots that exist. They apply
/// to deletions too.
pub(crate) fn check_region(number: u16, guest: u64, host: u64, len: u64) -> Result<(), Error> {
    if number >= SLOTS {
        return Err(Error::SlotNumber);
    }
    if !(guest | host | len).is_multiple_of(PAGE) {
        return Err(Error::Misaligned);
    }
    if host.checked_add(len).is_none_or(|end| end > HOST_END) {
        return Err(Error::HostAddress);
    }
    if guest.checked_add(len).is_none() || len / PAGE > MAX_PAGES {
        return Err(Error::GuestAddress);
    }
    Ok(())
}

/// The log to go on with: a log that is kept on keeps its bits. It fails only
/// if there was none.
fn log_for(old: Option<DirtyLog>, wanted: bool, len: u64) -> Result<Option<DirtyLog>, Error> {
    match old {
        _ if !wanted => Ok(None),
        Some(log) => Ok(Some(log)),
        None => DirtyLog::new(len).map(Some),
    }
}

/// An offset inside a slot as an offset in host memory.
#[inline]
pub(crate) fn host_offset(offset: u64) -> usize {
    bits::index(offset)
}
