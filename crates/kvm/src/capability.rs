//! What KVM_CHECK_EXTENSION answers, and what can be enabled (the
//! specification, A.5). A capability is answered non-zero only if it works.

use crate::guest_debug::KNOWN_FLAGS;
use crate::memop::MAX_SIZE;
use crate::memory::MEMORY_SLOTS;
use crate::vm::MAX_VCPUS;
use crate::{Error, Vcpu, Vm};
use core::sync::atomic::Ordering;
use lowcore_abi::*;
use lowcore_arch::bits;

/// The base operations and compare-and-swap, as
/// `KVM_CAP_S390_MEM_OP_EXTENSION` tells them.
const MEM_OP_EXTENSIONS: u32 = 0b11;

/// The value of a capability, the same for the system and for every VM.
pub(crate) fn check_extension(capability: u64) -> u32 {
    if bits::high32(capability) != 0 {
        return 0;
    }
    match bits::low32(capability) {
        KVM_CAP_USER_MEMORY
        | KVM_CAP_USER_MEMORY2
        | KVM_CAP_SET_GUEST_DEBUG
        | KVM_CAP_DESTROY_MEMORY_REGION_WORKS
        | KVM_CAP_JOIN_MEMORY_REGIONS_WORKS
        | KVM_CAP_INTERNAL_ERROR_DATA
        | KVM_CAP_CHECK_EXTENSION_VM
        | KVM_CAP_ENABLE_CAP
        | KVM_CAP_ENABLE_CAP_VM
        | KVM_CAP_DEVICE_CTRL
        | KVM_CAP_VM_ATTRIBUTES
        | KVM_CAP_SYNC_MMU
        | KVM_CAP_SYNC_REGS
        | KVM_CAP_ONE_REG
        | KVM_CAP_MP_STATE
        | KVM_CAP_IMMEDIATE_EXIT
        | KVM_CAP_S390_PSW
        | KVM_CAP_S390_GMAP
        | KVM_CAP_S390_COW
        | KVM_CAP_S390_CSS_SUPPORT
        | KVM_CAP_S390_INJECT_IRQ
        | KVM_CAP_S390_IRQ_STATE
        | KVM_CAP_S390_SKEYS
        | KVM_CAP_S390_USER_SIGP
        | KVM_CAP_S390_USER_INSTR0
        | KVM_CAP_S390_USER_STSI
        | KVM_CAP_S390_VCPU_RESETS
        | KVM_CAP_S390_DIAG318 => 1,
        KVM_CAP_SET_GUEST_DEBUG2 => KNOWN_FLAGS,
        KVM_CAP_NR_MEMSLOTS => MEMORY_SLOTS,
        KVM_CAP_S390_MEM_OP => MAX_SIZE,
        KVM_CAP_S390_MEM_OP_EXTENSION => MEM_OP_EXTENSIONS,
        KVM_CAP_MAX_VCPUS | KVM_CAP_MAX_VCPU_ID => MAX_VCPUS,
        KVM_CAP_NR_VCPUS => {
            let host = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
            MAX_VCPUS.min(bits::low32(host))
        }
        _ => 0,
    }
}

impl Vm {
    /// The value of a capability for this VM (`KVM_CHECK_EXTENSION`).
    #[must_use]
    pub fn check_extension(&self, capability: u32) -> u32 {
        check_extension(capability.into())
    }

    /// Enables a capability for the whole VM (`KVM_ENABLE_CAP`):
    /// `KVM_CAP_S390_USER_SIGP`, `KVM_CAP_S390_USER_INSTR0` or
    /// `KVM_CAP_S390_USER_STSI`. None can be disabled again.
    ///
    /// # Errors
    /// [`Error::UnknownCapability`] (EINVAL) for any other, or flags.
    pub fn enable_cap(&self, capability: &kvm_enable_cap) -> Result<(), Error> {
        if capability.flags != 0 {
            return Err(Error::UnknownCapability);
        }
        match capability.cap {
            KVM_CAP_S390_USER_SIGP => self.inner.user_sigp.store(true, Ordering::Release),
            KVM_CAP_S390_USER_STSI => self.inner.user_stsi.store(true, Ordering::Release),
            KVM_CAP_S390_USER_INSTR0 => self.inner.user_instr0.store(true, Ordering::Release),
            _ => return Err(Error::UnknownCapability),
        }
        Ok(())
    }
}

impl Vcpu {
    /// Enables a capability (`KVM_ENABLE_CAP` on a vcpu):
    /// `KVM_CAP_S390_CSS_SUPPORT`, with effect on the whole VM. From then on
    /// channel I/O instructions are the client's, but for what the kernel does
    /// of TEST PENDING INTERRUPTION and TEST SUBCHANNEL.
    ///
    /// # Errors
    /// [`Error::UnknownCapability`] (EINVAL) for any other, or flags.
    pub fn enable_cap(&self, capability: &kvm_enable_cap) -> Result<(), Error> {
        if capability.flags != 0 || capability.cap != KVM_CAP_S390_CSS_SUPPORT {
            return Err(Error::UnknownCapability);
        }
        self.inner.vm.css_support.store(true, Ordering::Release);
        Ok(())
    }
}
