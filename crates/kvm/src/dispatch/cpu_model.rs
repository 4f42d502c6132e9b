//! Attributes of the group `KVM_S390_VM_CPU_MODEL`.

use super::{Answer, DONE, get, put};
use crate::{Error, Vm};
use lowcore_abi::*;
use lowcore_arch::{Facility, FacilityList};
use lowcore_host::memory::ClientMemory;

pub(super) fn set(vm: &Vm, attribute: &kvm_device_attr, client: &ClientMemory) -> Answer {
    let busy = || if vm.inner.vcpu_count() == 0 { Ok(()) } else { Err(Error::VcpusExist) };
    match attribute.attr {
        // The kernel looks for vcpus before it reads these two.
        KVM_S390_VM_CPU_PROCESSOR => {
            busy()?;
            let mut processor: kvm_s390_vm_cpu_processor = get(client, attribute.addr)?;
            processor.fac_list = in_our_order(processor.fac_list);
            vm.set_cpu_processor(&processor)?;
        }
        KVM_S390_VM_CPU_PROCESSOR_SUBFUNC => {
            busy()?;
            vm.set_cpu_subfunctions(&get(client, attribute.addr)?)?;
        }
        KVM_S390_VM_CPU_PROCESSOR_FEAT => vm.set_cpu_features(&get(client, attribute.addr)?)?,
        KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST => {
            let features: kvm_s390_vm_cpu_uv_feat = get(client, attribute.addr)?;
            vm.set_ultravisor_features(features.feat)?;
        }
        _ => return Err(Error::UnknownAttribute),
    }
    DONE
}

pub(super) fn read(vm: &Vm, attribute: &kvm_device_attr, client: &ClientMemory) -> Answer {
    let at = attribute.addr;
    match attribute.attr {
        KVM_S390_VM_CPU_PROCESSOR => put(client, at, &vm.cpu_processor())?,
        KVM_S390_VM_CPU_MACHINE => put(client, at, &vm.cpu_machine())?,
        KVM_S390_VM_CPU_PROCESSOR_FEAT | KVM_S390_VM_CPU_MACHINE_FEAT => {
            put(client, at, &kvm_s390_vm_cpu_feat::default())?;
        }
        KVM_S390_VM_CPU_PROCESSOR_SUBFUNC => put(client, at, &vm.cpu_subfunctions())?,
        KVM_S390_VM_CPU_MACHINE_SUBFUNC => put(client, at, &vm.cpu_machine_subfunctions())?,
        KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST | KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST => {
            put(client, at, &kvm_s390_vm_cpu_uv_feat::default())?;
        }
        _ => return Err(Error::UnknownAttribute),
    }
    DONE
}

/// A list of facilities as doublewords of the host. QEMU writes the list as
/// bytes, facility 0 first, which on a little-endian host are other
/// doublewords. A list tells its order by the z/Architecture, which is always
/// in it and never where the other order would have it.
fn in_our_order(list: [u64; 256]) -> [u64; 256] {
    let is_ours = |first: u64| {
        let list = FacilityList::from_doublewords([first, 0, 0, 0]);
        list.has(Facility::Z_ARCHITECTURE) && list.has(Facility::Z_ARCHITECTURE_ACTIVE)
    };
    if !is_ours(list[0]) && is_ours(u64::from_be(list[0])) { list.map(u64::from_be) } else { list }
}
