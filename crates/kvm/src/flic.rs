//! The floating-interrupt controller, a device of the VM (the specification,
//! A.9 and D.3).

use crate::vm::VmInner;
use crate::{Error, Vm, floating};
use core::sync::atomic::Ordering;
use lowcore_abi::*;
use lowcore_arch::bits;
use std::sync::Arc;

/// The floating-interrupt controller of a VM. Clones are handles to the same
/// one.
///
/// ```
/// use lowcore_abi::*;
/// let vm = lowcore_kvm::System::new().create_vm()?;
/// let flic = vm.create_flic()?;
/// let signal = kvm_s390_ext_info { ext_params: 0x1000, ..Default::default() };
/// flic.enqueue(&[kvm_s390_irq::with_ext(KVM_S390_INT_SERVICE, signal)])?;
/// assert_eq!(flic.all_interrupts().len(), 1);
/// flic.clear();
/// assert!(flic.all_interrupts().is_empty());
/// # Ok::<(), lowcore_kvm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Flic {
    vm: Arc<VmInner>,
}

impl Vm {
    /// Creates the floating-interrupt controller (`KVM_CREATE_DEVICE` with
    /// `KVM_DEV_TYPE_FLIC`).
    ///
    /// # Errors
    /// [`Error::DeviceExists`] (EINVAL) for a second one.
    pub fn create_flic(&self) -> Result<Flic, Error> {
        if self.inner.has_flic.swap(true, Ordering::AcqRel) {
            return Err(Error::DeviceExists);
        }
        Ok(Flic { vm: Arc::clone(&self.inner) })
    }
}

impl Flic {
    /// Injects floating interrupts in their order
    /// (`KVM_DEV_FLIC_ENQUEUE`). Those before one that is refused stay.
    ///
    /// # Errors
    /// [`Error::UnknownInterrupt`] (EINVAL) for a local type,
    /// [`Error::Refused`] (EBUSY) if a queue is full.
    pub fn enqueue(&self, irqs: &[kvm_s390_irq]) -> Result<(), Error> {
        for irq in irqs {
            self.vm.inject_floating(floating::floating_interrupt(irq)?)?;
        }
        Ok(())
    }

    /// The floating interrupts that are pending
    /// (`KVM_DEV_FLIC_GET_ALL_IRQS`): I/O by subclass, pfault-done, virtio,
    /// service signal, machine check. Nothing is removed.
    #[must_use]
    pub fn all_interrupts(&self) -> Vec<kvm_s390_irq> {
        self.vm.floating.lock().get_all().iter().map(floating::kernel_form).collect()
    }

    /// Forgets all floating interrupts (`KVM_DEV_FLIC_CLEAR_IRQS`).
    pub fn clear(&self) {
        self.vm.floating.lock().clear();
    }

    /// Forgets the first I/O interrupt of a subchannel, if there is one
    /// (`KVM_DEV_FLIC_CLEAR_IO_IRQ`).
    ///
    /// # Errors
    /// [`Error::DeviceOperation`] (EINVAL) for the word 0, which is no
    /// subchannel.
    pub fn clear_io(&self, subsystem_identification: u32) -> Result<(), Error> {
        if subsystem_identification == 0 {
            return Err(Error::DeviceOperation);
        }
        let id = bits::low16(u64::from(subsystem_identification) >> 16);
        let number = bits::low16(subsystem_identification.into());
        self.vm.floating.lock().clear_io(id, number);
        Ok(())
    }
}
