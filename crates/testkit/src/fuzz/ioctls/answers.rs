//! What an ioctl may answer (the specification, A.4 and the sections on each
//! ioctl).

use lowcore_abi::*;
use lowcore_kvm::Object;

pub(super) use libc::EINTR;
use libc::{
    E2BIG, EBUSY, EEXIST, EFAULT, EINVAL, ENOBUFS, ENODEV, ENOENT, ENOMEM, ENOTTY, ENXIO,
    EOPNOTSUPP,
};

/// A kind of file descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    System,
    Vm,
    Vcpu,
    Flic,
}

impl Family {
    pub(super) const fn of(object: &Object) -> Self {
        match object {
            Object::System(_) => Self::System,
            Object::Vm(_) => Self::Vm,
            Object::Vcpu(_) => Self::Vcpu,
            Object::Flic(_) => Self::Flic,
        }
    }

    /// The ioctls it has.
    pub(super) const fn numbers(self) -> &'static [u32] {
        match self {
            Self::System => &[
                KVM_GET_API_VERSION,
                KVM_CREATE_VM,
                KVM_CHECK_EXTENSION,
                KVM_GET_VCPU_MMAP_SIZE,
                KVM_S390_ENABLE_SIE,
            ],
            Self::Vm => &[
                KVM_CREATE_VCPU,
                KVM_CHECK_EXTENSION,
                KVM_ENABLE_CAP,
                KVM_SET_USER_MEMORY_REGION,
                KVM_SET_USER_MEMORY_REGION,
                KVM_SET_USER_MEMORY_REGION2,
                KVM_GET_DIRTY_LOG,
                KVM_S390_INTERRUPT,
                KVM_S390_INTERRUPT,
                KVM_CREATE_DEVICE,
                KVM_SET_DEVICE_ATTR,
                KVM_GET_DEVICE_ATTR,
                KVM_HAS_DEVICE_ATTR,
                KVM_S390_GET_SKEYS,
                KVM_S390_SET_SKEYS,
                KVM_S390_MEM_OP,
                KVM_S390_MEM_OP,
                KVM_CREATE_IRQCHIP,
                KVM_S390_PV_COMMAND,
            ],
            Self::Vcpu => &[
                KVM_RUN,
                KVM_RUN,
                KVM_RUN,
                KVM_S390_IRQ,
                KVM_S390_IRQ,
                KVM_S390_IRQ,
                KVM_S390_INTERRUPT,
                KVM_S390_GET_IRQ_STATE,
                KVM_S390_SET_IRQ_STATE,
                KVM_GET_REGS,
                KVM_SET_REGS,
                KVM_GET_SREGS,
                KVM_SET_SREGS,
                KVM_GET_FPU,
                KVM_SET_FPU,
                KVM_GET_ONE_REG,
                KVM_SET_ONE_REG,
                KVM_GET_MP_STATE,
                KVM_SET_MP_STATE,
                KVM_SET_SIGNAL_MASK,
                KVM_ENABLE_CAP,
                KVM_S390_SET_INITIAL_PSW,
                KVM_S390_NORMAL_RESET,
                KVM_S390_INITIAL_RESET,
                KVM_S390_CLEAR_RESET,
                KVM_S390_STORE_STATUS,
                KVM_S390_MEM_OP,
                KVM_TRANSLATE,
                KVM_S390_VCPU_FAULT,
                KVM_S390_UCAS_MAP,
                KVM_S390_PV_CPU_COMMAND,
            ],
            Self::Flic => &[
                KVM_SET_DEVICE_ATTR,
                KVM_SET_DEVICE_ATTR,
                KVM_GET_DEVICE_ATTR,
                KVM_HAS_DEVICE_ATTR,
            ],
        }
    }
}

/// The errnos that an ioctl may fail with.
pub(super) fn errnos(family: Family, number: u32) -> &'static [i32] {
    match (family, number) {
        (Family::System, KVM_CREATE_VM) => &[EINVAL, ENOMEM],
        (_, KVM_CHECK_EXTENSION) if matches!(family, Family::System | Family::Vm) => &[],
        (Family::System, KVM_S390_ENABLE_SIE) => &[],
        (Family::System, _) => &[EINVAL],

        (Family::Vm, KVM_CREATE_VCPU) => &[EINVAL, EEXIST, ENOMEM],
        (Family::Vm, KVM_SET_USER_MEMORY_REGION | KVM_SET_USER_MEMORY_REGION2) => {
            &[EFAULT, EINVAL, EEXIST, ENOMEM]
        }
        (Family::Vm, KVM_GET_DIRTY_LOG) => &[EFAULT, EINVAL, ENOENT],
        (Family::Vm, KVM_S390_INTERRUPT) => &[EFAULT, EINVAL, EBUSY, ENOMEM],
        (Family::Vm, KVM_CREATE_DEVICE) => &[EFAULT, EINVAL, ENODEV],
        (Family::Vm, KVM_SET_DEVICE_ATTR | KVM_GET_DEVICE_ATTR) => {
            &[EFAULT, EINVAL, ENXIO, EBUSY, E2BIG]
        }
        (Family::Vm, KVM_HAS_DEVICE_ATTR) => &[EFAULT, ENXIO],
        (Family::Vm, KVM_CREATE_IRQCHIP | KVM_S390_PV_COMMAND) => &[EINVAL],
        (Family::Vm, KVM_S390_MEM_OP) => &[EFAULT, EINVAL, E2BIG, ENOMEM],
        (Family::Vm | Family::Vcpu, KVM_ENABLE_CAP)
        | (Family::Vm, KVM_S390_GET_SKEYS | KVM_S390_SET_SKEYS) => &[EFAULT, EINVAL],
        (Family::Vm, _) => &[ENOTTY],

        (Family::Vcpu, KVM_RUN) => &[EINVAL, EINTR, EFAULT],
        (Family::Vcpu, KVM_S390_IRQ | KVM_S390_INTERRUPT) => &[EFAULT, EINVAL, EBUSY],
        (Family::Vcpu, KVM_S390_GET_IRQ_STATE) => &[EFAULT, EINVAL, ENOBUFS],
        (Family::Vcpu, KVM_S390_SET_IRQ_STATE) => &[EFAULT, EINVAL, EBUSY, ENOMEM],
        (
            Family::Vcpu,
            KVM_GET_REGS
            | KVM_SET_REGS
            | KVM_GET_SREGS
            | KVM_SET_SREGS
            | KVM_GET_FPU
            | KVM_SET_FPU
            | KVM_S390_STORE_STATUS,
        ) => &[EFAULT],
        (
            Family::Vcpu,
            KVM_GET_ONE_REG | KVM_SET_ONE_REG | KVM_SET_SIGNAL_MASK | KVM_SET_GUEST_DEBUG,
        ) => &[EFAULT, EINVAL],
        (Family::Vcpu, KVM_SET_MP_STATE) => &[EFAULT, ENXIO],
        (Family::Vcpu, KVM_S390_SET_INITIAL_PSW) => &[EFAULT, EBUSY],
        (
            Family::Vcpu,
            KVM_GET_MP_STATE
            | KVM_S390_NORMAL_RESET
            | KVM_S390_INITIAL_RESET
            | KVM_S390_CLEAR_RESET,
        ) => &[],
        // For guests of other kinds.
        (Family::Vcpu, KVM_TRANSLATE | KVM_S390_UCAS_MAP | KVM_S390_UCAS_UNMAP) => {
            &[EFAULT, EINVAL]
        }
        (Family::Vcpu, KVM_S390_PV_CPU_COMMAND) => &[EINVAL],
        (Family::Vcpu, KVM_S390_VCPU_FAULT) => &[EFAULT],
        (Family::Vcpu, KVM_S390_MEM_OP) => &[EFAULT, EINVAL, E2BIG, ENOMEM],
        (Family::Vcpu, _) if number >> 8 & 0xff == KVMIO => &[ENOTTY],
        (Family::Vcpu, _) => &[EINVAL],

        (Family::Flic, KVM_SET_DEVICE_ATTR | KVM_GET_DEVICE_ATTR) => {
            &[EFAULT, EINVAL, EBUSY, ENOMEM, ENOBUFS, EOPNOTSUPP]
        }
        (Family::Flic, KVM_HAS_DEVICE_ATTR) => &[EFAULT, ENXIO],
        (Family::Flic, _) => &[ENOTTY],
    }
}

/// Whether an ioctl only reads its client's memory.
pub(super) const fn reads_only(family: Family, number: u32) -> bool {
    match family {
        Family::Vcpu => matches!(
            number,
            KVM_S390_IRQ
                | KVM_S390_INTERRUPT
                | KVM_S390_SET_IRQ_STATE
                | KVM_SET_REGS
                | KVM_SET_SREGS
                | KVM_SET_FPU
                | KVM_SET_ONE_REG
                | KVM_GET_MP_STATE
                | KVM_SET_MP_STATE
                | KVM_SET_SIGNAL_MASK
                | KVM_ENABLE_CAP
                | KVM_S390_SET_INITIAL_PSW
                | KVM_S390_NORMAL_RESET
                | KVM_S390_INITIAL_RESET
                | KVM_S390_CLEAR_RESET
                | KVM_S390_STORE_STATUS
                | KVM_RUN
        ),
        Family::Vm => matches!(
            number,
            KVM_SET_USER_MEMORY_REGION
                | KVM_SET_USER_MEMORY_REGION2
                | KVM_S390_INTERRUPT
                | KVM_S390_SET_SKEYS
                | KVM_SET_DEVICE_ATTR
                | KVM_HAS_DEVICE_ATTR
                | KVM_ENABLE_CAP
        ),
        Family::Flic => matches!(number, KVM_SET_DEVICE_ATTR | KVM_HAS_DEVICE_ATTR),
        Family::System => true,
    }
}

/// Whether interrupts may be different after an ioctl that failed: a list goes
/// in up to the entry that is refused (D.2, D.3), a run delivers.
pub(super) const fn changes_although_it_fails(family: Family, number: u32) -> bool {
    matches!(
        (family, number),
        (Family::Vcpu, KVM_RUN | KVM_S390_SET_IRQ_STATE) | (Family::Flic, KVM_SET_DEVICE_ATTR)
    )
}

/// Checks the value of an ioctl that succeeded.
pub(super) fn check_value(family: Family, number: u32, value: i32, pending: &[Vec<kvm_s390_irq>]) {
    let possible = match (family, number) {
        (Family::System, KVM_GET_API_VERSION) => value == 12,
        (Family::System, KVM_GET_VCPU_MMAP_SIZE) => value == 4096,
        (Family::System | Family::Vm, KVM_CHECK_EXTENSION) => value >= 0,
        (Family::Vcpu, KVM_GET_MP_STATE) => value == 5 || value == 7,
        // The bytes of all that is pending on one of the vcpus.
        (Family::Vcpu, KVM_S390_GET_IRQ_STATE) => {
            let bytes = |list: &Vec<kvm_s390_irq>| i32::try_from(list.len() * 72);
            pending.iter().any(|list| bytes(list) == Ok(value))
        }
        // A program interruption code.
        (_, KVM_S390_MEM_OP) => (0..=0x3b).contains(&value),
        (Family::Flic, KVM_GET_DEVICE_ATTR) => value >= 0,
        (Family::Vm, KVM_S390_GET_SKEYS) => value == 0 || value == 1,
        _ => value == 0,
    };
    assert!(possible, "{family:?}: {number:#x} answered {value}");
}
