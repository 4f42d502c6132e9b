//! Why an operation failed, and the one place where that becomes an errno.

use lowcore_host::Fault;
use lowcore_interrupt::Refusal;

/// Why an operation of this crate failed. Guest-visible faults are not among
/// them: they are interruptions of the guest.
///
/// [`Error::errno`] gives the number that the kernel's ioctl answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client named memory that it cannot access.
    #[error("The client named an address that is not accessible.")]
    ClientMemory,
    /// The low core or an operand of the guest has no accessible memory.
    #[error("Guest storage that is needed to go on has no accessible memory behind it.")]
    GuestStorage,
    /// The status could not be stored in full.
    #[error("The CPU's status could not be stored, for lack of accessible guest storage.")]
    StatusNotStored,

    /// The object does not know this ioctl.
    #[error("This kind of file descriptor does not know the ioctl.")]
    UnknownIoctl,
    /// `/dev/kvm` does not know this ioctl, or a vcpu got one of another kind.
    #[error("The ioctl number is not one of KVM's for this file descriptor.")]
    ForeignIoctl,
    /// The ioctl is about guests that do not exist here.
    #[error("The ioctl is for user-controlled or protected guests only.")]
    OtherGuestsOnly,
    /// No address is translated for clients of s390 guests.
    #[error("This architecture does not translate addresses for its clients.")]
    NoTranslation,
    /// An argument that must be zero is not.
    #[error("The argument of this ioctl must be zero.")]
    ArgumentNotZero,
    /// Only ordinary guests exist.
    #[error("There is no virtual machine of this type.")]
    UnknownVmType,
    /// The id is beyond the last one.
    #[error("The vcpu id is above the highest one.")]
    VcpuIdOutOfRange,
    /// The id is taken.
    #[error("A vcpu with this id exists already.")]
    VcpuExists,
    /// The setting can only be changed before there are vcpus.
    #[error("This can be changed only before the first vcpu is created.")]
    VcpusExist,
    /// No such capability, or it cannot be enabled, or flags are given.
    #[error("The capability cannot be enabled here, or its flags are not zero.")]
    UnknownCapability,

    /// A flag other than the one for the dirty log.
    #[error("The memory region has a flag that is not known here.")]
    MemoryFlags,
    /// A slot cannot be what was asked for.
    #[error(transparent)]
    Memory(#[from] lowcore_storage::Error),

    /// The type is not one that this interface injects.
    #[error("This type of interrupt cannot be injected here.")]
    UnknownInterrupt,
    /// The parameter is more than 16 bits wide.
    #[error("The parameter of the interrupt is too large for its field.")]
    InterruptParameter,
    /// The source does not exist.
    #[error("The source of the interrupt is not the id of an existing vcpu.")]
    UnknownSource,
    /// The interrupt state refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The buffer's length is not that of whole entries, or is zero or too
    /// large.
    #[error("The length of the interrupt buffer is not valid.")]
    InterruptBufferLength,
    /// More is pending than the buffer holds.
    #[error("The interrupt buffer is too short for what is pending.")]
    InterruptBufferFull,
    /// As [`Error::InterruptBufferFull`], for floating interrupts.
    #[error("The buffer is too short for the floating interrupts that are pending.")]
    FloatingBufferFull,

    /// A signal or a kick ended the run, or `immediate_exit` prevented it.
    #[error("A signal or a request to leave ended the run.")]
    Interrupted,
    /// An unknown bit among the synchronised registers.
    #[error("kvm_valid_regs or kvm_dirty_regs has a bit that is not defined.")]
    SyncFields,
    /// User space controls the CPU state and has not started this CPU.
    #[error("The vcpu is stopped, and only its client may start it.")]
    Stopped,
    /// The CPU must be stopped for this.
    #[error("The vcpu must be stopped for this.")]
    NotStopped,
    /// The CPU state does not exist on this architecture.
    #[error("There is no such CPU state that could be set.")]
    UnknownMpState,
    /// No register of this number.
    #[error("There is no register with this id.")]
    UnknownRegister,
    /// The signal set does not have the kernel's length.
    #[error("The signal mask does not have the length of the kernel's signal set.")]
    SignalMaskLength,

    /// Unknown flags, or too many or too long points to watch.
    #[error("The flags, the number of breakpoints or the length of a watchpoint are not valid.")]
    GuestDebug,

    /// The form of a memory operation is wrong.
    #[error("The operation, flags, size, key or access register are not valid.")]
    MemOp,
    /// More than can be moved at once.
    #[error("A memory operation moves at most 64 KiB.")]
    MemOpTooLong,
    /// The form of a request for storage keys is wrong.
    #[error("The flags, the number of keys or a key are not valid.")]
    StorageKeys,

    /// No attribute of this group and number.
    #[error("There is no such attribute.")]
    UnknownAttribute,
    /// The device has no such operation.
    #[error("The device has no such operation, or its flags or length are not valid.")]
    DeviceOperation,
    /// The value is not possible.
    #[error("The value of the attribute is not valid.")]
    AttributeValue,
    /// Needs a facility that guests do not have.
    #[error("The guest lacks the facility that this operation is about.")]
    FacilityMissing,
    /// No device of this type.
    #[error("There is no device of this type.")]
    UnknownDevice,
    /// There is one already.
    #[error("The virtual machine has a floating-interrupt controller already.")]
    DeviceExists,

    /// The host gave no memory or no file.
    #[error("The host has no memory or file descriptor left.")]
    HostResources,
}

impl From<Fault> for Error {
    fn from(_: Fault) -> Self {
        Self::ClientMemory
    }
}

/// An error number of the host's C library, positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

macro_rules! errno_names {
    ($($name:ident)*) => {
        impl Errno {
            /// The name of the number, of those that ioctls of KVM answer.
            ///
            /// ```
            /// assert_eq!(lowcore_kvm::Errno(libc::EBUSY).name(), Some("EBUSY"));
            /// ```
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $(libc::$name => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

errno_names! {
    EPERM ENOENT EINTR EIO ENXIO E2BIG EBADF EAGAIN ENOMEM EACCES EFAULT EBUSY EEXIST ENODEV
    EINVAL ENFILE EMFILE ENOTTY ENOSPC ENOSYS ENOBUFS EOPNOTSUPP
}

/// The name, or the number where it has none.
impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error {}", self.0),
        }
    }
}

impl From<Error> for Errno {
    fn from(error: Error) -> Self {
        error.errno()
    }
}

impl Error {
    /// The number that the kernel's ioctl fails with.
    ///
    /// ```
    /// use lowcore_kvm::{Errno, System};
    /// let vm = System::new().create_vm()?;
    /// let error = vm.create_vcpu(248).unwrap_err();
    /// assert_eq!(error.errno(), Errno(libc::EINVAL));
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    #[must_use]
    pub const fn errno(self) -> Errno {
        Errno(match self {
            Self::ClientMemory | Self::GuestStorage | Self::StatusNotStored => libc::EFAULT,
            Self::UnknownIoctl => libc::ENOTTY,
            Self::VcpuExists | Self::Memory(lowcore_storage::Error::Overlap) => libc::EEXIST,
            Self::VcpusExist | Self::NotStopped => libc::EBUSY,
            Self::Refused(refusal) if refusal.is_busy() => libc::EBUSY,
            Self::Memory(lowcore_storage::Error::NoDirtyLog) => libc::ENOENT,
            Self::InterruptBufferFull => libc::ENOBUFS,
            Self::FloatingBufferFull
            | Self::HostResources
            | Self::Memory(lowcore_storage::Error::NoMemory) => libc::ENOMEM,
            Self::Interrupted => libc::EINTR,
            Self::UnknownMpState | Self::UnknownAttribute => libc::ENXIO,
            Self::MemOpTooLong => libc::E2BIG,
            Self::FacilityMissing => libc::EOPNOTSUPP,
            Self::UnknownDevice => libc::ENODEV,
            Self::ForeignIoctl
            | Self::OtherGuestsOnly
            | Self::NoTranslation
            | Self::ArgumentNotZero
            | Self::UnknownVmType
            | Self::VcpuIdOutOfRange
            | Self::UnknownCapability
            | Self::MemoryFlags
            | Self::Memory(_)
            | Self::UnknownInterrupt
            | Self::InterruptParameter
            | Self::UnknownSource
            | Self::Refused(_)
            | Self::InterruptBufferLength
            | Self::SyncFields
            | Self::Stopped
            | Self::UnknownRegister
            | Self::SignalMaskLength
            | Self::GuestDebug
            | Self::MemOp
            | Self::StorageKeys
            | Self::DeviceOperation
            | Self::AttributeValue
            | Self::DeviceExists => libc::EINVAL,
        })
    }
}
