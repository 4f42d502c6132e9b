//! Memory slots and the dirty log.

use crate::{Error, Vm};
use lowcore_abi::KVM_MEM_LOG_DIRTY_PAGES;
use lowcore_host::memory::HostRange;
use lowcore_storage::Storage;

/// How many slots a VM has (`KVM_CAP_NR_MEMSLOTS`).
pub(crate) const MEMORY_SLOTS: u32 = lowcore_storage::SLOTS as u32;

impl Vm {
    /// Puts memory into a slot at a guest address, moves it there or changes
    /// its flags; an empty range deletes the slot
    /// (`KVM_SET_USER_MEMORY_REGION`). The only flag is
    /// `KVM_MEM_LOG_DIRTY_PAGES`. Once it returns, no vcpu uses the old state.
    ///
    /// The memory must be a multiple of 1 MiB long. Unlike in a kernel on
    /// s390, it need be aligned to 4 KiB only.
    ///
    /// # Errors
    /// [`Error::MemoryFlags`] (EINVAL); [`Error::Memory`]: EEXIST for an
    /// overlap, ENOMEM if the host lacks memory for keys and log, else EINVAL.
    ///
    /// ```
    /// use lowcore_host::memory::{HostRange, Mapping};
    /// let vm = lowcore_kvm::System::new().create_vm()?;
    /// let memory = HostRange::of(&Mapping::anonymous(2 << 20).unwrap());
    /// vm.set_user_memory_region(0, 0, 0, memory.clone())?;
    /// // The same memory once more, further up.
    /// vm.set_user_memory_region(1, 0, 4 << 20, memory)?;
    /// // And away.
    /// vm.remove_memory_region(1)?;
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    pub fn set_user_memory_region(
        &self,
        slot: u32,
        flags: u32,
        guest_phys_addr: u64,
        memory: HostRange,
    ) -> Result<(), Error> {
        if flags & !KVM_MEM_LOG_DIRTY_PAGES != 0 {
            return Err(Error::MemoryFlags);
        }
        let slot = slot_number(slot)?;
        Storage::check_region(slot, guest_phys_addr, memory.base(), memory.len() as u64)?;
        let log = flags & KVM_MEM_LOG_DIRTY_PAGES != 0;
        Ok(self.inner.storage.set_slot(slot, guest_phys_addr, memory, log)?)
    }

    /// Deletes a slot, as an empty range does in
    /// [`Vm::set_user_memory_region`].
    ///
    /// # Errors
    /// [`Error::Memory`] (EINVAL) if there is none.
    pub fn remove_memory_region(&self, slot: u32) -> Result<(), Error> {
        Ok(self.inner.storage.remove_slot(slot_number(slot)?)?)
    }

    /// Takes the dirty log of a slot (`KVM_GET_DIRTY_LOG`): a bit for each
    /// page of 4 KiB that was written since the last time, the first page in
    /// the lowest bit of the first word.
    ///
    /// # Errors
    /// [`Error::Memory`]: ENOENT if the slot has none, EINVAL for a slot
    /// number that is too large.
    pub fn get_dirty_log(&self, slot: u32) -> Result<Vec<u64>, Error> {
        self.dirty_log_with(slot, |words| Ok(words.to_vec()))
    }

    /// As [`Vm::get_dirty_log`]; the log is cleared only if `copy` succeeds.
    pub(crate) fn dirty_log_with<T>(
        &self,
        slot: u32,
        copy: impl FnOnce(&[u64]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.inner.storage.dirty_log_with(slot_number(slot)?, copy)?
    }
}

/// There is one address space, so a slot number has 16 bits.
fn slot_number(slot: u32) -> Result<u16, Error> {
    Ok(u16::try_from(slot).map_err(|_| lowcore_storage::Error::SlotNumber)?)
}
