//! Attributes of a VM: its clock and the limit of its storage (the
//! specification, A.10).

use crate::{Error, Vm};
use lowcore_abi::*;

impl Vm {
    /// The guest's TOD clock (`KVM_S390_VM_TOD_LOW`).
    #[must_use]
    pub fn get_tod(&self) -> u64 {
        self.inner.tod.now()
    }

    /// Sets the guest's TOD clock, for the VM and all its vcpus
    /// (`KVM_S390_VM_TOD_LOW`).
    ///
    /// ```
    /// let vm = lowcore_kvm::System::new().create_vm()?;
    /// vm.set_tod(0x1000_0000);
    /// assert!(vm.get_tod() >= 0x1000_0000);
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    pub fn set_tod(&self, value: u64) {
        self.inner.set_clock(value);
    }

    /// The end of storage that a guest may have (`KVM_S390_VM_MEM_LIMIT_SIZE`):
    /// that of the host, which has none.
    #[must_use]
    pub const fn memory_limit(&self) -> u64 {
        KVM_S390_NO_MEM_LIMIT
    }

    /// Tells how much storage the guest may have
    /// (`KVM_S390_VM_MEM_LIMIT_SIZE`). The kernel chooses the number of
    /// translation levels by it; here it has no effect.
    ///
    /// # Errors
    /// [`Error::AttributeValue`] (EINVAL) for 0, [`Error::VcpusExist`]
    /// (EBUSY).
    pub fn set_memory_limit(&self, limit: u64) -> Result<(), Error> {
        if limit == 0 {
            return Err(Error::AttributeValue);
        }
        if self.inner.vcpu_count() != 0 {
            return Err(Error::VcpusExist);
        }
        Ok(())
    }

    /// Whether an attribute exists (`KVM_HAS_DEVICE_ATTR`). Like the kernel,
    /// it denies `KVM_S390_VM_TOD_EXT`, which exists.
    #[must_use]
    pub const fn has_attribute(&self, group: u32, attribute: u64) -> bool {
        matches!(
            (group, attribute),
            (KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE)
                | (KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW | KVM_S390_VM_TOD_HIGH)
                | (KVM_S390_VM_CPU_MODEL, ..=KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST)
        )
    }
}
