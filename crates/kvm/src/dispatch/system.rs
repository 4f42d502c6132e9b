//! ioctls of `/dev/kvm`.

use super::{Answer, DONE, Object, Reply, value};
use crate::{Error, System, capability};
use lowcore_abi::*;
use lowcore_arch::bits;

pub(super) fn ioctl(system: System, number: u32, argument: u64) -> Answer {
    let without_argument =
        |answer| if argument == 0 { answer } else { Err(Error::ArgumentNotZero) };
    match number {
        KVM_GET_API_VERSION => without_argument(value(system.api_version())),
        KVM_CREATE_VM => Ok(Reply::Object(Object::Vm(system.create_vm_of_type(argument)?))),
        KVM_CHECK_EXTENSION => value(capability::check_extension(argument)),
        KVM_GET_VCPU_MMAP_SIZE => {
            without_argument(value(bits::low32(system.vcpu_mmap_size() as u64)))
        }
        // Every process is fit for guests here.
        KVM_S390_ENABLE_SIE => DONE,
        _ => Err(Error::ForeignIoctl),
    }
}
