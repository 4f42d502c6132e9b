//! Local interrupts from outside: KVM_S390_IRQ and KVM_S390_INTERRUPT on a
//! vcpu (the specification, B).

use crate::vcpu::VcpuShared;
use crate::vm::VmInner;
use crate::{Error, Vcpu};
use lowcore_abi::*;
use lowcore_arch::{ProgramCode, bits};
use lowcore_cpu::StatusForm;
use lowcore_interrupt::{Injected, LocalInterrupt, MachineCheck, ProgramInterruption};
use std::sync::Arc;
use zerocopy::FromZeros;

/// Injects interrupts into one vcpu, from any thread, while it runs or not. It
/// never waits for a run.
///
/// ```
/// use lowcore_abi::{KVM_S390_RESTART, kvm_s390_irq};
/// let vm = lowcore_kvm::System::new().create_vm()?;
/// let injector = vm.create_vcpu(0)?.injector();
/// let thread = std::thread::spawn(move || injector.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)));
/// thread.join().unwrap()?;
/// # Ok::<(), lowcore_kvm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Injector {
    vm: Arc<VmInner>,
    vcpu: Arc<VcpuShared>,
}

impl Injector {
    pub(crate) fn new(vm: Arc<VmInner>, vcpu: Arc<VcpuShared>) -> Self {
        Self { vm, vcpu }
    }

    /// Injects an interrupt in the kernel's form (`KVM_S390_IRQ`).
    ///
    /// # Errors
    /// [`Error::UnknownInterrupt`], [`Error::UnknownSource`] (EINVAL),
    /// [`Error::Refused`] (EINVAL or EBUSY), [`Error::StatusNotStored`]
    /// (EFAULT). Nothing has changed then, but that status may be stored in
    /// part.
    pub fn inject(&self, irq: &kvm_s390_irq) -> Result<(), Error> {
        self.inject_local(local_interrupt(irq)?)
    }

    /// Injects an interrupt in the older form (`KVM_S390_INTERRUPT`): it is
    /// converted to the newer one, what it has no room for being zero (the
    /// specification, B.7).
    ///
    /// # Errors
    /// As [`Injector::inject`], and [`Error::InterruptParameter`] (EINVAL) for
    /// a code or source of more than 16 bits.
    pub fn interrupt(&self, interrupt: &kvm_s390_interrupt) -> Result<(), Error> {
        self.inject(&convert(interrupt)?)
    }

    /// Injects an interrupt in the form that `lowcore-interrupt` has.
    ///
    /// # Errors
    /// As [`Injector::inject`].
    pub fn inject_local(&self, interrupt: LocalInterrupt) -> Result<(), Error> {
        inject(&self.vm, &self.vcpu, interrupt)
    }
}

/// Injects into `vcpu`, after the check that only the VM can make.
pub(crate) fn inject(
    vm: &VmInner,
    vcpu: &VcpuShared,
    interrupt: LocalInterrupt,
) -> Result<(), Error> {
    check_source(vm, &interrupt)?;
    let outcome = vcpu.mailbox.inject(interrupt)?;
    // A single step that waits to be told ends after the delivery instead.
    *vcpu.debug_exit.lock() = None;
    match outcome {
        Injected::Recorded | Injected::Ignored => Ok(()),
        Injected::StoreStatus if vcpu.store_status(vm, StatusForm::Absolute) => Ok(()),
        Injected::StoreStatus => Err(Error::StatusNotStored),
    }
}

/// The source of an emergency signal or external call must be the id of a
/// vcpu; the CPU itself will do.
pub(crate) fn check_source(vm: &VmInner, interrupt: &LocalInterrupt) -> Result<(), Error> {
    match *interrupt {
        LocalInterrupt::EmergencySignal { source } | LocalInterrupt::ExternalCall { source }
            if vm.vcpu(source).is_none() =>
        {
            Err(Error::UnknownSource)
        }
        _ => Ok(()),
    }
}

/// The local interrupt that the kernel's form stands for. The type counts in
/// all its 64 bits.
pub(crate) fn local_interrupt(irq: &kvm_s390_irq) -> Result<LocalInterrupt, Error> {
    let type_ = u32::try_from(irq.type_).map_err(|_| Error::UnknownInterrupt)?;
    Ok(match type_ {
        KVM_S390_SIGP_STOP => LocalInterrupt::Stop { flags: irq.stop().flags },
        KVM_S390_PROGRAM_INT => LocalInterrupt::Program(program(&irq.pgm())),
        KVM_S390_SIGP_SET_PREFIX => LocalInterrupt::SetPrefix { address: irq.prefix().address },
        KVM_S390_RESTART => LocalInterrupt::Restart,
        KVM_S390_INT_PFAULT_INIT => {
            let ext = irq.ext();
            LocalInterrupt::PfaultInit { parameter: ext.ext_params, token: ext.ext_params2 }
        }
        KVM_S390_INT_CLOCK_COMP => LocalInterrupt::ClockComparator,
        KVM_S390_INT_CPU_TIMER => LocalInterrupt::CpuTimer,
        KVM_S390_INT_EMERGENCY => LocalInterrupt::EmergencySignal { source: irq.emerg().code },
        KVM_S390_INT_EXTERNAL_CALL => LocalInterrupt::ExternalCall { source: irq.extcall().code },
        KVM_S390_MCHK => LocalInterrupt::MachineCheck(machine_check(&irq.mchk())),
        _ => return Err(Error::UnknownInterrupt),
    })
}

/// The kernel's form of a local interrupt, zero where it has no payload.
pub(crate) fn kernel_form(interrupt: &LocalInterrupt) -> kvm_s390_irq {
    match *interrupt {
        LocalInterrupt::Stop { flags } => {
            kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags })
        }
        LocalInterrupt::Program(program) => {
            kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, pgm_info(&program))
        }
        LocalInterrupt::SetPrefix { address } => {
            kvm_s390_irq::with_prefix(KVM_S390_SIGP_SET_PREFIX, kvm_s390_prefix_info { address })
        }
        LocalInterrupt::Restart => kvm_s390_irq::of_type(KVM_S390_RESTART),
        LocalInterrupt::PfaultInit { parameter, token } => kvm_s390_irq::with_ext(
            KVM_S390_INT_PFAULT_INIT,
            kvm_s390_ext_info { ext_params: parameter, pad: 0, ext_params2: token },
        ),
        LocalInterrupt::ClockComparator => kvm_s390_irq::of_type(KVM_S390_INT_CLOCK_COMP),
        LocalInterrupt::CpuTimer => kvm_s390_irq::of_type(KVM_S390_INT_CPU_TIMER),
        LocalInterrupt::EmergencySignal { source } => {
            kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: source })
        }
        LocalInterrupt::ExternalCall { source } => kvm_s390_irq::with_extcall(
            KVM_S390_INT_EXTERNAL_CALL,
            kvm_s390_extcall_info { code: source },
        ),
        LocalInterrupt::MachineCheck(check) => {
            kvm_s390_irq::with_mchk(KVM_S390_MCHK, mchk_info(&check))
        }
    }
}

/// The newer form of an interrupt in the older one (B.7). The subclasses of a
/// machine check are not taken over: the kernel forgets them too.
fn convert(interrupt: &kvm_s390_interrupt) -> Result<kvm_s390_irq, Error> {
    let kvm_s390_interrupt { type_, parm, parm64 } = *interrupt;
    let code = || u16::try_from(parm).map_err(|_| Error::InterruptParameter);
    Ok(match type_ {
        KVM_S390_PROGRAM_INT => kvm_s390_irq::with_pgm(
            type_,
            kvm_s390_pgm_info { code: code()?, ..FromZeros::new_zeroed() },
        ),
        KVM_S390_INT_EXTERNAL_CALL => {
            kvm_s390_irq::with_extcall(type_, kvm_s390_extcall_info { code: code()? })
        }
        KVM_S390_INT_EMERGENCY => {
            kvm_s390_irq::with_emerg(type_, kvm_s390_emerg_info { code: code()? })
        }
        KVM_S390_SIGP_SET_PREFIX => {
            kvm_s390_irq::with_prefix(type_, kvm_s390_prefix_info { address: parm })
        }
        KVM_S390_SIGP_STOP => kvm_s390_irq::with_stop(type_, kvm_s390_stop_info { flags: parm }),
        KVM_S390_MCHK => kvm_s390_irq::with_mchk(
            type_,
            kvm_s390_mchk_info { mcic: parm64, ..FromZeros::new_zeroed() },
        ),
        KVM_S390_INT_PFAULT_INIT => kvm_s390_irq::with_ext(
            type_,
            kvm_s390_ext_info { ext_params: parm, pad: 0, ext_params2: parm64 },
        ),
        KVM_S390_RESTART | KVM_S390_INT_CLOCK_COMP | KVM_S390_INT_CPU_TIMER => {
            kvm_s390_irq::of_type(type_)
        }
        _ => return Err(Error::UnknownInterrupt),
    })
}

fn program(pgm: &kvm_s390_pgm_info) -> ProgramInterruption {
    ProgramInterruption {
        code: ProgramCode(pgm.code),
        translation_exception: pgm.trans_exc_code,
        monitor_code: pgm.mon_code,
        per_address: pgm.per_address,
        data_exception: pgm.data_exc_code,
        monitor_class: pgm.mon_class_nr,
        per_code: pgm.per_code,
        per_atmid: pgm.per_atmid,
        exception_access: pgm.exc_access_id,
        per_access: pgm.per_access_id,
        operand_access: pgm.op_access_id,
        flags: pgm.flags,
    }
}

fn pgm_info(program: &ProgramInterruption) -> kvm_s390_pgm_info {
    kvm_s390_pgm_info {
        trans_exc_code: program.translation_exception,
        mon_code: program.monitor_code,
        per_address: program.per_address,
        data_exc_code: program.data_exception,
        code: program.code.0,
        mon_class_nr: program.monitor_class,
        per_code: program.per_code,
        per_atmid: program.per_atmid,
        exc_access_id: program.exception_access,
        per_access_id: program.per_access,
        op_access_id: program.operand_access,
        flags: program.flags,
        pad: [0; 2],
    }
}

fn machine_check(mchk: &kvm_s390_mchk_info) -> MachineCheck {
    MachineCheck {
        cr14: mchk.cr14,
        code: mchk.mcic,
        failing_storage_address: mchk.failing_storage_address,
        external_damage: mchk.ext_damage_code,
        fixed_logout: mchk.fixed_logout,
    }
}

fn mchk_info(check: &MachineCheck) -> kvm_s390_mchk_info {
    kvm_s390_mchk_info {
        cr14: check.cr14,
        mcic: check.code,
        failing_storage_address: check.failing_storage_address,
        ext_damage_code: check.external_damage,
        pad: 0,
        fixed_logout: check.fixed_logout,
    }
}

impl Vcpu {
    /// Injects an interrupt (`KVM_S390_IRQ`); see [`Injector::inject`].
    ///
    /// # Errors
    /// As [`Injector::inject`].
    pub fn inject(&self, irq: &kvm_s390_irq) -> Result<(), Error> {
        inject(&self.inner.vm, &self.inner.shared, local_interrupt(irq)?)
    }

    /// Injects an interrupt in the older form (`KVM_S390_INTERRUPT`); see
    /// [`Injector::interrupt`].
    ///
    /// # Errors
    /// As [`Injector::interrupt`].
    pub fn interrupt(&self, interrupt: &kvm_s390_interrupt) -> Result<(), Error> {
        self.inject(&convert(interrupt)?)
    }

    /// The interrupts that are pending, in the kernel's order
    /// (`KVM_S390_GET_IRQ_STATE`; the specification, D.1). Nothing is removed.
    #[must_use]
    pub fn get_irq_state(&self) -> Vec<kvm_s390_irq> {
        let _core = self.inner.core.lock();
        let state = self.inner.shared.mailbox.local.lock().state();
        state.iter().map(kernel_form).collect()
    }

    /// Adds interrupts to a vcpu that has none pending
    /// (`KVM_S390_SET_IRQ_STATE`; the specification, D.2). They go in by the
    /// rules of [`Vcpu::inject`], in their order; those before one that is
    /// refused stay. A sleeping CPU is not woken.
    ///
    /// # Errors
    /// [`Error::Refused`] (EBUSY) if any is pending; otherwise as
    /// [`Vcpu::inject`].
    pub fn set_irq_state(&self, irqs: &[kvm_s390_irq]) -> Result<(), Error> {
        let _core = self.inner.core.lock();
        let (vm, shared) = (&self.inner.vm, &self.inner.shared);
        // An entry that only the VM can refuse ends the list like any other.
        let mut refused = Ok(());
        let mut entries = Vec::with_capacity(irqs.len());
        for irq in irqs {
            let entry =
                local_interrupt(irq).and_then(|entry| check_source(vm, &entry).map(|()| entry));
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => {
                    refused = Err(error);
                    break;
                }
            }
        }
        let length = shared.mailbox.intercept_length.load(core::sync::atomic::Ordering::Acquire);
        let restored = shared.mailbox.local.lock().restore(&entries, length);
        let stored = !restored.store_status || shared.store_status(vm, StatusForm::Absolute);
        restored.result?;
        refused?;
        if stored { Ok(()) } else { Err(Error::StatusNotStored) }
    }
}

/// The most bytes that KVM_S390_SET_IRQ_STATE takes: an emergency signal from
/// each of 255 sources and 32 others.
pub(crate) const MAX_STATE_BYTES: u32 = (255 + 32) * bits::low32(size_of::<kvm_s390_irq>() as u64);
