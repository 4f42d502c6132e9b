//! Calls in the kernel's own form, with pointers and lengths that are wrong
//! (the specification, sections B.1, D.1 and D.2).

use super::machine::Trouble;
use super::refused::{EFAULT, EINVAL, ENOBUFS};
use lowcore_abi::*;
use lowcore_host::memory::{ClientMemory, HostRange, Mapping};
use lowcore_kvm::{Errno, Object, Vcpu, dispatch};

/// Bytes of all that the calling client has.
const MEMORY: usize = 0x8000;
/// Where in it the interrupt buffer is.
const BUFFER: u64 = 0x1000;
/// Length of one entry of the buffer.
const ENTRY: u32 = 72;
/// The longest buffer that KVM_S390_SET_IRQ_STATE takes.
const LONGEST: u32 = (255 + 32) * ENTRY;

/// A pointer of the client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// To what it should be to.
    Good,
    /// Zero.
    Null,
    /// To so few bytes before the end of the client's memory that half of
    /// what it should be to is missing.
    Half,
}

/// An ioctl on a vcpu.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ioctl {
    /// KVM_S390_IRQ.
    Irq(Pointer),
    /// KVM_S390_GET_IRQ_STATE: its structure, the buffer, the buffer's length.
    Get(Pointer, Pointer, u32),
    /// KVM_S390_SET_IRQ_STATE, likewise.
    Set(Pointer, Pointer, u32),
}

use Ioctl::{Get, Irq, Set};
use Pointer::{Good, Half, Null};

/// The calls, what is wrong with each, and its error.
pub const ALL: &[(Ioctl, &str, Errno)] = &[
    (Irq(Null), "null pointer", EFAULT),
    (Irq(Half), "half a struct", EFAULT),
    (Get(Null, Good, ENTRY), "null pointer", EFAULT),
    (Get(Half, Good, ENTRY), "half a struct", EFAULT),
    (Get(Good, Good, 0), "length 0", EINVAL),
    (Get(Good, Good, ENTRY - 1), "length 71", ENOBUFS),
    (Get(Good, Null, ENTRY), "null buffer", EFAULT),
    (Set(Null, Good, ENTRY), "null pointer", EFAULT),
    (Set(Good, Good, 0), "length 0", EINVAL),
    (Set(Good, Good, ENTRY + 1), "length 73", EINVAL),
    (Set(Good, Good, LONGEST + ENTRY), "length 20736", EINVAL),
    (Set(Good, Null, ENTRY), "null buffer", EFAULT),
    (Set(Good, Half, ENTRY), "half a buffer", EFAULT),
];

impl Ioctl {
    /// The kernel's name.
    pub fn name(self) -> &'static str {
        match self {
            Irq(_) => "KVM_S390_IRQ",
            Get(..) => "KVM_S390_GET_IRQ_STATE",
            Set(..) => "KVM_S390_SET_IRQ_STATE",
        }
    }

    /// Whether it fails only while something is pending.
    pub fn needs_pending(self) -> bool {
        matches!(self, Get(..))
    }

    /// Makes the call as a client with memory of its own, in which the entries
    /// are restarts.
    pub fn call(self, vcpu: &Vcpu) -> Result<Result<(), Errno>, Trouble> {
        let memory = Mapping::anonymous(MEMORY)
            .map(|mapping| HostRange::of(&mapping))
            .map_err(|error| Trouble::Storage(error.to_string()))?;
        let restart = u64::from(KVM_S390_RESTART);
        let place = |pointer, good: u64, size: u64| match pointer {
            Good => memory.base() + good,
            Null => 0,
            Half => memory.base() + MEMORY as u64 - size / 2,
        };
        let (number, argument) = match self {
            Irq(pointer) => (KVM_S390_IRQ, place(pointer, BUFFER, u64::from(ENTRY))),
            Get(state, buffer, length) | Set(state, buffer, length) => {
                memory.store_u64(0, place(buffer, BUFFER, u64::from(ENTRY)))?;
                memory.store_u32(12, length)?;
                for entry in (0..LONGEST + ENTRY).step_by(72) {
                    let offset = BUFFER + u64::from(entry);
                    memory.store_u64(lowcore_arch::bits::index(offset), restart)?;
                }
                let set = matches!(self, Set(..));
                let number = if set { KVM_S390_SET_IRQ_STATE } else { KVM_S390_GET_IRQ_STATE };
                (number, place(state, 0, 32))
            }
        };
        let client = ClientMemory::within(memory.clone());
        Ok(dispatch(&Object::Vcpu(vcpu.clone()), number, argument, &client).map(|_| ()))
    }
}
