//! Stopped or operating, the resets, the initial PSW, store status (the
//! specification, C.9 and E.4 to E.5).

use crate::vcpu::Core;
use crate::{Error, Vcpu};
use core::sync::atomic::Ordering;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_cpu::StatusForm;

impl Vcpu {
    /// `KVM_MP_STATE_STOPPED` or `KVM_MP_STATE_OPERATING`
    /// (`KVM_GET_MP_STATE`). The ioctl answers by its return value and leaves
    /// the client's structure as it is, like the kernel's.
    #[must_use]
    pub fn get_mp_state(&self) -> u32 {
        let _core = self.inner.core.lock();
        if self.inner.shared.mailbox.local.lock().is_stopped() {
            KVM_MP_STATE_STOPPED
        } else {
            KVM_MP_STATE_OPERATING
        }
    }

    /// Stops or starts the CPU (`KVM_SET_MP_STATE`). From the first call on,
    /// even one that fails, the client controls the state of all CPUs of the
    /// VM (the specification, E.4).
    ///
    /// # Errors
    /// [`Error::UnknownMpState`] (ENXIO) for any other state.
    pub fn set_mp_state(&self, state: u32) -> Result<(), Error> {
        let _core = self.inner.core.lock();
        self.inner.vm.user_cpu_state.store(true, Ordering::Release);
        let mut local = self.inner.shared.mailbox.local.lock();
        match state {
            KVM_MP_STATE_STOPPED => local.stop(),
            KVM_MP_STATE_OPERATING => local.start(),
            _ => return Err(Error::UnknownMpState),
        }
        Ok(())
    }

    /// Sets the PSW of a stopped CPU in the run page
    /// (`KVM_S390_SET_INITIAL_PSW`).
    ///
    /// # Errors
    /// [`Error::NotStopped`] (EBUSY).
    pub fn set_initial_psw(&self, psw: Psw) -> Result<(), Error> {
        let _core = self.inner.core.lock();
        if !self.inner.shared.mailbox.local.lock().is_stopped() {
            return Err(Error::NotStopped);
        }
        self.run_page().set_psw(psw);
        Ok(())
    }

    /// CPU reset (`KVM_S390_NORMAL_RESET`): forgets local interrupts and ends
    /// the pfault handshake.
    pub fn normal_reset(&self) {
        let mut core = self.inner.core.lock();
        core.cpu.regs.normal_reset();
        self.finish_reset(&core);
    }

    /// Initial CPU reset (`KVM_S390_INITIAL_RESET`): also PSW, prefix, timers,
    /// control registers, and the floating-point-control register.
    pub fn initial_reset(&self) {
        let mut core = self.inner.core.lock();
        core.cpu.regs.initial_reset();
        self.show_initial_reset(&core);
        self.finish_reset(&core);
    }

    /// Clear reset (`KVM_S390_CLEAR_RESET`): also general, access and
    /// floating-point registers.
    pub fn clear_reset(&self) {
        let mut core = self.inner.core.lock();
        core.cpu.regs.clear_reset();
        self.show_initial_reset(&core);
        let page = self.run_page();
        page.set_gprs(&[0; 16]);
        page.set_acrs(&[0; 16]);
        page.clear_extensions();
        self.finish_reset(&core);
    }

    /// What the run page shows of an initial reset before the next run. The
    /// kernel does not show the prefix there.
    fn show_initial_reset(&self, core: &Core) {
        let (page, regs) = (self.run_page(), &core.cpu.regs);
        page.set_psw(regs.psw);
        page.set_crs(&regs.cr);
        page.set_todpr(0);
        page.set_cpu_timer(0);
        page.set_clock_comparator(0);
        page.set_program_parameter(0);
        page.set_breaking_event(regs.breaking_event);
        page.set_fpc(0);
    }

    fn finish_reset(&self, core: &Core) {
        let shared = &self.inner.shared;
        self.run_page().clear_riccb();
        core.publish(shared);
        let mut local = shared.mailbox.local.lock();
        if !self.inner.vm.user_cpu_state.load(Ordering::Acquire) {
            local.stop();
        }
        local.clear();
    }

    /// Stores the CPU's status into guest storage (`KVM_S390_STORE_STATUS`):
    /// at absolute 0, in the prefix area, or so that the floating-point
    /// registers land at an address.
    ///
    /// # Errors
    /// [`Error::StatusNotStored`] (EFAULT); a part may be stored then.
    pub fn store_status(&self, form: StatusForm) -> Result<(), Error> {
        let _core = self.inner.core.lock();
        if self.inner.shared.store_status(&self.inner.vm, form) {
            Ok(())
        } else {
            Err(Error::StatusNotStored)
        }
    }
}

/// The form that the argument of `KVM_S390_STORE_STATUS` means.
pub(crate) const fn status_form(argument: u64) -> StatusForm {
    match argument {
        KVM_S390_STORE_STATUS_NOADDR => StatusForm::Absolute,
        KVM_S390_STORE_STATUS_PREFIXED => StatusForm::Prefixed,
        address => StatusForm::At(address),
    }
}
