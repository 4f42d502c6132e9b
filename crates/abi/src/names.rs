//! The names of numbers, for traces and messages.

use crate::{
    CAPABILITIES, EXIT_REASONS, IOCTLS, IRQ_TYPES, KVM_S390_INT_IO_AI_MASK, KVM_S390_INT_IO_MAX,
    MP_STATES, ONE_REGS,
};

/// The name of an ioctl.
#[must_use]
pub fn ioctl_name(number: u32) -> Option<&'static str> {
    IOCTLS.name_of(u64::from(number))
}

/// The name of a capability.
#[must_use]
pub fn cap_name(number: u32) -> Option<&'static str> {
    CAPABILITIES.name_of(u64::from(number))
}

/// The name of an interrupt's type; all I/O interrupts are `KVM_S390_INT_IO`.
///
/// ```
/// use lowcore_abi::names::irq_type_name;
/// assert_eq!(irq_type_name(0x0001_0003), Some("KVM_S390_INT_IO"));
/// assert_eq!(irq_type_name(0xfffe_0003), Some("KVM_S390_RESTART"));
/// assert_eq!(irq_type_name(0x1_fffe_0003), None);
/// ```
#[must_use]
pub fn irq_type_name(type_: u64) -> Option<&'static str> {
    if type_ <= u64::from(KVM_S390_INT_IO_MAX) {
        return Some(if type_ & u64::from(KVM_S390_INT_IO_AI_MASK) == 0 {
            "KVM_S390_INT_IO"
        } else {
            "KVM_S390_INT_IO (adapter)"
        });
    }
    IRQ_TYPES.name_of(type_)
}

/// The name of an exit reason.
#[must_use]
pub fn exit_name(reason: u32) -> Option<&'static str> {
    EXIT_REASONS.name_of(u64::from(reason))
}

/// The name of a state of a CPU.
#[must_use]
pub fn mp_state_name(state: u32) -> Option<&'static str> {
    MP_STATES.name_of(u64::from(state))
}

/// The name of a register, for `KVM_GET_ONE_REG`.
#[must_use]
pub fn one_reg_name(id: u64) -> Option<&'static str> {
    ONE_REGS.name_of(id)
}
