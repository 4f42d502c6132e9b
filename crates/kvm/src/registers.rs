//! Registers: KVM_GET_REGS and its kin (the specification, A.7 and A.8).

use crate::{Error, Vcpu};
use lowcore_abi::*;
use lowcore_arch::bits;

impl Vcpu {
    /// General registers, from the run page (`KVM_GET_REGS`).
    #[must_use]
    pub fn get_regs(&self) -> kvm_regs {
        let _core = self.inner.core.lock();
        kvm_regs { gprs: self.run_page().gprs() }
    }

    /// Sets the general registers in the run page (`KVM_SET_REGS`).
    pub fn set_regs(&self, regs: &kvm_regs) {
        let _core = self.inner.core.lock();
        self.run_page().set_gprs(&regs.gprs);
    }

    /// Access registers, from the run page, and control registers
    /// (`KVM_GET_SREGS`).
    #[must_use]
    pub fn get_sregs(&self) -> kvm_sregs {
        let core = self.inner.core.lock();
        kvm_sregs { acrs: self.run_page().acrs(), crs: core.cpu.regs.cr }
    }

    /// Sets access and control registers (`KVM_SET_SREGS`). The control
    /// registers in the run page show it after the next run.
    pub fn set_sregs(&self, sregs: &kvm_sregs) {
        let mut core = self.inner.core.lock();
        self.run_page().set_acrs(&sregs.acrs);
        core.cpu.regs.cr = sregs.crs;
        core.publish(&self.inner.shared);
    }

    /// Floating-point registers, from the run page (`KVM_GET_FPU`).
    #[must_use]
    pub fn get_fpu(&self) -> kvm_fpu {
        let _core = self.inner.core.lock();
        let page = self.run_page();
        kvm_fpu { fpc: page.fpc(), fprs: page.fprs(), ..kvm_fpu::default() }
    }

    /// Sets the floating-point registers in the run page (`KVM_SET_FPU`). An
    /// invalid floating-point-control register becomes 0 at the next run.
    pub fn set_fpu(&self, fpu: &kvm_fpu) {
        let _core = self.inner.core.lock();
        let page = self.run_page();
        page.set_fpc(fpu.fpc);
        for (n, &value) in fpu.fprs.iter().enumerate() {
            page.set_fpr(n, value);
        }
    }

    /// A register by its number, `KVM_REG_S390_*` (`KVM_GET_ONE_REG`).
    ///
    /// # Errors
    /// [`Error::UnknownRegister`] (EINVAL).
    ///
    /// ```
    /// use lowcore_abi::KVM_REG_S390_CLOCK_COMP;
    /// let vcpu = lowcore_kvm::System::new().create_vm()?.create_vcpu(0)?;
    /// vcpu.set_one_reg(KVM_REG_S390_CLOCK_COMP, 77)?;
    /// assert_eq!(vcpu.get_one_reg(KVM_REG_S390_CLOCK_COMP)?, 77);
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    pub fn get_one_reg(&self, id: u64) -> Result<u64, Error> {
        let core = self.inner.core.lock();
        let regs = &core.cpu.regs;
        Ok(match id {
            KVM_REG_S390_TODPR => regs.todpr.into(),
            KVM_REG_S390_EPOCHDIFF => self.inner.shared.tod.epoch(),
            KVM_REG_S390_CPU_TIMER => regs.cpu_timer.get(),
            KVM_REG_S390_CLOCK_COMP => regs.clock_comparator,
            KVM_REG_S390_PFTOKEN => regs.pfault.token,
            KVM_REG_S390_PFCOMPARE => regs.pfault.compare,
            KVM_REG_S390_PFSELECT => regs.pfault.select,
            KVM_REG_S390_PP => regs.program_parameter,
            KVM_REG_S390_GBEA => regs.breaking_event,
            _ => return Err(Error::UnknownRegister),
        })
    }

    /// Sets a register by its number (`KVM_SET_ONE_REG`). A register of four
    /// bytes takes the low ones. The run page shows it after the next run.
    ///
    /// # Errors
    /// [`Error::UnknownRegister`] (EINVAL).
    pub fn set_one_reg(&self, id: u64, value: u64) -> Result<(), Error> {
        let mut core = self.inner.core.lock();
        let regs = &mut core.cpu.regs;
        match id {
            KVM_REG_S390_TODPR => regs.todpr = bits::low32(value),
            KVM_REG_S390_EPOCHDIFF => self.inner.shared.tod.set_epoch(value),
            KVM_REG_S390_CPU_TIMER => regs.cpu_timer.set(value),
            KVM_REG_S390_CLOCK_COMP => regs.clock_comparator = value,
            KVM_REG_S390_PFTOKEN => regs.pfault.token = value,
            KVM_REG_S390_PFCOMPARE => regs.pfault.compare = value,
            KVM_REG_S390_PFSELECT => regs.pfault.select = value,
            KVM_REG_S390_PP => regs.program_parameter = value,
            KVM_REG_S390_GBEA => regs.breaking_event = value,
            _ => return Err(Error::UnknownRegister),
        }
        core.publish(&self.inner.shared);
        Ok(())
    }
}

/// Bytes that a register of this number has, by the number itself.
pub(crate) const fn register_size(id: u64) -> usize {
    if id & KVM_REG_SIZE_MASK == KVM_REG_SIZE_U32 { 4 } else { 8 }
}
