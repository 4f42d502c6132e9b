//! `/dev/kvm` itself.

use crate::capability;
use crate::{Error, RunPage, Vm};
use lowcore_cpu::{Engines, Interpreters};

/// The KVM subsystem: what an open `/dev/kvm` stands for.
///
/// ```
/// use lowcore_abi::{KVM_API_VERSION, KVM_CAP_S390_INJECT_IRQ};
/// let system = lowcore_kvm::System::new();
/// assert_eq!(system.api_version(), KVM_API_VERSION);
/// assert_eq!(system.check_extension(KVM_CAP_S390_INJECT_IRQ), 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct System {
    engines: &'static dyn Engines,
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl System {
    /// The subsystem, whose CPUs interpret.
    #[must_use]
    pub const fn new() -> Self {
        Self::with_engines(&Interpreters)
    }

    /// The subsystem, with engines of choice.
    #[must_use]
    pub const fn with_engines(engines: &'static dyn Engines) -> Self {
        Self { engines }
    }

    /// The version of the interface (`KVM_GET_API_VERSION`).
    #[must_use]
    pub const fn api_version(&self) -> u32 {
        lowcore_abi::KVM_API_VERSION
    }

    /// The value of a capability (`KVM_CHECK_EXTENSION`); 0 if there is no
    /// such thing.
    #[must_use]
    pub fn check_extension(&self, capability: u32) -> u32 {
        capability::check_extension(capability.into())
    }

    /// Bytes to map of a vcpu (`KVM_GET_VCPU_MMAP_SIZE`).
    #[must_use]
    pub const fn vcpu_mmap_size(&self) -> usize {
        RunPage::SIZE
    }

    /// Creates a VM without storage and vcpus (`KVM_CREATE_VM` with type 0).
    ///
    /// # Errors
    /// None today; the kernel's would be ENOMEM.
    pub fn create_vm(&self) -> Result<Vm, Error> {
        Ok(Vm::new(self.engines))
    }

    /// As [`System::create_vm`], with the type that the ioctl takes.
    ///
    /// # Errors
    /// [`Error::UnknownVmType`] (EINVAL) for any but 0: there are no
    /// user-controlled VMs.
    pub fn create_vm_of_type(&self, vm_type: u64) -> Result<Vm, Error> {
        if vm_type == 0 { self.create_vm() } else { Err(Error::UnknownVmType) }
    }
}
