//! Floating interrupts: KVM_S390_INTERRUPT on a VM, and which vcpu looks at
//! them (the specification, C.12).

use crate::vcpu::VcpuShared;
use crate::vm::VmInner;
use crate::{Error, Vm};
use core::sync::atomic::Ordering;
use lowcore_abi::*;
use lowcore_arch::bits;
use lowcore_interrupt::{FloatingInterrupt, IoInterruption, choose_target};
use std::sync::Arc;
use zerocopy::FromZeros;

impl VmInner {
    /// Records a floating interrupt and kicks the vcpu that is to look.
    pub(crate) fn inject_floating(&self, interrupt: FloatingInterrupt) -> Result<(), Error> {
        self.floating.lock().inject(interrupt)?;
        self.kick_floating();
        Ok(())
    }

    /// Kicks the idle vcpu that was created first, whatever its masks, else
    /// the next that is not stopped. Vcpus that run look as well: under Linux
    /// they do at the next tick of the host's timer, which is how an interrupt
    /// arrives that the idle vcpu is not enabled for.
    pub(crate) fn kick_floating(&self) {
        let target = choose_target(
            self.vcpu_count(),
            &mut self.next_kick.lock(),
            |index| {
                self.vcpu_at(index).is_some_and(|vcpu| vcpu.mailbox.idle.load(Ordering::SeqCst))
            },
            |index| self.vcpu_at(index).is_none_or(|vcpu| vcpu.mailbox.local.lock().is_stopped()),
        );
        if let Some(vcpu) = target.and_then(|index| self.vcpu_at(index)) {
            vcpu.mailbox.notify();
        }
        let running = |vcpu: &&Arc<VcpuShared>| {
            vcpu.in_run.load(Ordering::Acquire) && !vcpu.mailbox.idle.load(Ordering::SeqCst)
        };
        for vcpu in self.vcpus().filter(running) {
            vcpu.mailbox.notify();
        }
    }
}

impl Vm {
    /// Injects a floating interrupt (`KVM_S390_INTERRUPT` on a VM): a service
    /// signal, virtio, pfault-done, machine check or I/O interrupt.
    ///
    /// # Errors
    /// [`Error::UnknownInterrupt`] (EINVAL) for any other type,
    /// [`Error::Refused`] (EBUSY) if the queue is full.
    pub fn interrupt(&self, interrupt: &kvm_s390_interrupt) -> Result<(), Error> {
        let kvm_s390_interrupt { type_, parm, parm64 } = *interrupt;
        self.inner.inject_floating(match type_ {
            KVM_S390_INT_VIRTIO => FloatingInterrupt::Virtio { parameter: parm, token: parm64 },
            KVM_S390_INT_SERVICE => FloatingInterrupt::ServiceSignal { parameter: parm },
            KVM_S390_INT_PFAULT_DONE => FloatingInterrupt::PfaultDone { token: parm64 },
            KVM_S390_MCHK => FloatingInterrupt::MachineCheck { cr14: parm.into(), code: parm64 },
            KVM_S390_INT_IO_MIN..=KVM_S390_INT_IO_MAX => FloatingInterrupt::Io(IoInterruption {
                kind: type_,
                subchannel_id: bits::low16(u64::from(parm) >> 16),
                subchannel_number: bits::low16(parm.into()),
                parameter: bits::high32(parm64),
                word: bits::low32(parm64),
            }),
            _ => return Err(Error::UnknownInterrupt),
        })
    }
}

/// The floating interrupt that the kernel's form stands for.
pub(crate) fn floating_interrupt(irq: &kvm_s390_irq) -> Result<FloatingInterrupt, Error> {
    let type_ = u32::try_from(irq.type_).map_err(|_| Error::UnknownInterrupt)?;
    Ok(match type_ {
        KVM_S390_INT_VIRTIO => {
            let ext = irq.ext();
            FloatingInterrupt::Virtio { parameter: ext.ext_params, token: ext.ext_params2 }
        }
        KVM_S390_INT_SERVICE => {
            FloatingInterrupt::ServiceSignal { parameter: irq.ext().ext_params }
        }
        KVM_S390_INT_PFAULT_DONE => FloatingInterrupt::PfaultDone { token: irq.ext().ext_params2 },
        KVM_S390_MCHK => {
            let mchk = irq.mchk();
            FloatingInterrupt::MachineCheck { cr14: mchk.cr14, code: mchk.mcic }
        }
        KVM_S390_INT_IO_MIN..=KVM_S390_INT_IO_MAX => {
            let io = irq.io();
            FloatingInterrupt::Io(IoInterruption {
                kind: type_,
                subchannel_id: io.subchannel_id,
                subchannel_number: io.subchannel_nr,
                parameter: io.io_int_parm,
                word: io.io_int_word,
            })
        }
        _ => return Err(Error::UnknownInterrupt),
    })
}

/// The kernel's form of a floating interrupt.
pub(crate) fn kernel_form(interrupt: &FloatingInterrupt) -> kvm_s390_irq {
    let ext = |type_, ext_params, ext_params2| {
        kvm_s390_irq::with_ext(type_, kvm_s390_ext_info { ext_params, pad: 0, ext_params2 })
    };
    match *interrupt {
        FloatingInterrupt::ServiceSignal { parameter } => ext(KVM_S390_INT_SERVICE, parameter, 0),
        FloatingInterrupt::Virtio { parameter, token } => {
            ext(KVM_S390_INT_VIRTIO, parameter, token)
        }
        FloatingInterrupt::PfaultDone { token } => ext(KVM_S390_INT_PFAULT_DONE, 0, token),
        FloatingInterrupt::MachineCheck { cr14, code } => kvm_s390_irq::with_mchk(
            KVM_S390_MCHK,
            kvm_s390_mchk_info { cr14, mcic: code, ..FromZeros::new_zeroed() },
        ),
        FloatingInterrupt::Io(io) => kvm_s390_irq::with_io(
            io.kind,
            kvm_s390_io_info {
                subchannel_id: io.subchannel_id,
                subchannel_nr: io.subchannel_number,
                io_int_parm: io.parameter,
                io_int_word: io.word,
            },
        ),
    }
}
