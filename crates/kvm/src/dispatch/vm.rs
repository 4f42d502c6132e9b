//! ioctls of a VM.

use super::{Answer, DONE, Object, Reply, cpu_model, get, get_bytes, put, value};
use crate::{Accessed, Error, Vm, capability, memop};
use core::mem::offset_of;
use core::sync::atomic::Ordering;
use lowcore_abi::*;
use lowcore_arch::bits;
use lowcore_host::memory::ClientMemory;
use zerocopy::IntoBytes;

pub(super) fn ioctl(vm: &Vm, number: u32, argument: u64, client: &ClientMemory) -> Answer {
    match number {
        KVM_CREATE_VCPU => Ok(Reply::Object(Object::Vcpu(vm.create_vcpu(argument)?))),
        KVM_CHECK_EXTENSION => value(capability::check_extension(argument)),
        KVM_ENABLE_CAP => {
            vm.enable_cap(&get(client, argument)?)?;
            DONE
        }
        KVM_SET_USER_MEMORY_REGION => {
            let region: kvm_userspace_memory_region = get(client, argument)?;
            set_memory_region(vm, &region, client)
        }
        KVM_SET_USER_MEMORY_REGION2 => {
            let region: kvm_userspace_memory_region2 = get(client, argument)?;
            let kvm_userspace_memory_region2 {
                slot,
                flags,
                guest_phys_addr,
                memory_size,
                userspace_addr,
                ..
            } = region;
            let region = kvm_userspace_memory_region {
                slot,
                flags,
                guest_phys_addr,
                memory_size,
                userspace_addr,
            };
            set_memory_region(vm, &region, client)
        }
        KVM_GET_DIRTY_LOG => {
            let log: kvm_dirty_log = get(client, argument)?;
            vm.dirty_log_with(log.slot, |words| {
                // The bitmap is little-endian by definition.
                let words: Vec<u64> = words.iter().map(|word| word.to_le()).collect();
                Ok(client.write(log.dirty_bitmap, words.as_bytes())?)
            })?;
            DONE
        }
        KVM_S390_INTERRUPT => {
            vm.interrupt(&get(client, argument)?)?;
            DONE
        }
        KVM_CREATE_DEVICE => create_device(vm, argument, client),
        KVM_SET_DEVICE_ATTR => set_attribute(vm, &get(client, argument)?, client),
        KVM_GET_DEVICE_ATTR => get_attribute(vm, &get(client, argument)?, client),
        KVM_HAS_DEVICE_ATTR => {
            let attribute: kvm_device_attr = get(client, argument)?;
            if vm.has_attribute(attribute.group, attribute.attr) {
                DONE
            } else {
                Err(Error::UnknownAttribute)
            }
        }
        KVM_S390_GET_SKEYS => get_keys(vm, &get(client, argument)?, client),
        KVM_S390_SET_SKEYS => set_keys(vm, &get(client, argument)?, client),
        KVM_S390_MEM_OP => mem_op(vm, &get(client, argument)?, client),
        // The routes of an interrupt controller exist only after a capability
        // that is not offered.
        KVM_CREATE_IRQCHIP => Err(Error::UnknownCapability),
        KVM_S390_PV_COMMAND => {
            // Even one that fails takes control of the CPU states (E.4).
            vm.inner.user_cpu_state.store(true, Ordering::Release);
            Err(Error::OtherGuestsOnly)
        }
        _ => Err(Error::UnknownIoctl),
    }
}

fn set_memory_region(
    vm: &Vm,
    region: &kvm_userspace_memory_region,
    client: &ClientMemory,
) -> Answer {
    let memory = client.range(region.userspace_addr, bits::index(region.memory_size));
    vm.set_user_memory_region(region.slot, region.flags, region.guest_phys_addr, memory)?;
    DONE
}

fn create_device(vm: &Vm, argument: u64, client: &ClientMemory) -> Answer {
    let device: kvm_create_device = get(client, argument)?;
    if device.type_ != KVM_DEV_TYPE_FLIC {
        return Err(Error::UnknownDevice);
    }
    if device.flags & KVM_CREATE_DEVICE_TEST != 0 {
        put(client, argument, &device)?;
        return DONE;
    }
    let fd_field = argument.wrapping_add(offset_of!(kvm_create_device, fd) as u64);
    Ok(Reply::Device { device: Object::Flic(vm.create_flic()?), fd_field })
}

fn set_attribute(vm: &Vm, attribute: &kvm_device_attr, client: &ClientMemory) -> Answer {
    match (attribute.group, attribute.attr) {
        (KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE) => {
            vm.set_memory_limit(get(client, attribute.addr)?)?;
        }
        (KVM_S390_VM_TOD, _) if attribute.flags != 0 => return Err(Error::AttributeValue),
        (KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW) => vm.set_tod(get(client, attribute.addr)?),
        (KVM_S390_VM_TOD, KVM_S390_VM_TOD_HIGH) => {
            let high: u8 = get(client, attribute.addr)?;
            if high != 0 {
                return Err(Error::AttributeValue);
            }
        }
        (KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT) => {
            let clock: kvm_s390_vm_tod_clock = get(client, attribute.addr)?;
            // An epoch index needs the multiple-epoch facility.
            if clock.epoch_idx != 0 {
                return Err(Error::AttributeValue);
            }
            vm.set_tod(clock.tod);
        }
        (KVM_S390_VM_CPU_MODEL, _) => return cpu_model::set(vm, attribute, client),
        _ => return Err(Error::UnknownAttribute),
    }
    DONE
}

fn get_attribute(vm: &Vm, attribute: &kvm_device_attr, client: &ClientMemory) -> Answer {
    match (attribute.group, attribute.attr) {
        (KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE) => {
            put(client, attribute.addr, &vm.memory_limit())?;
        }
        (KVM_S390_VM_TOD, _) if attribute.flags != 0 => return Err(Error::AttributeValue),
        (KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW) => put(client, attribute.addr, &vm.get_tod())?,
        (KVM_S390_VM_TOD, KVM_S390_VM_TOD_HIGH) => put(client, attribute.addr, &0_u8)?,
        (KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT) => {
            let clock = kvm_s390_vm_tod_clock { tod: vm.get_tod(), ..Default::default() };
            put(client, attribute.addr, &clock)?;
        }
        (KVM_S390_VM_CPU_MODEL, _) => return cpu_model::read(vm, attribute, client),
        _ => return Err(Error::UnknownAttribute),
    }
    DONE
}

fn get_keys(vm: &Vm, request: &kvm_s390_skeys, client: &ClientMemory) -> Answer {
    if request.flags != 0 {
        return Err(Error::StorageKeys);
    }
    let Some(keys) = vm.get_skeys(request.start_gfn, request.count)? else {
        return value(bits::low32(KVM_S390_GET_SKEYS_NONE));
    };
    client.write(request.skeydata_addr, &keys)?;
    DONE
}

fn set_keys(vm: &Vm, request: &kvm_s390_skeys, client: &ClientMemory) -> Answer {
    if request.flags != 0 || !(1..=KVM_S390_SKEYS_MAX).contains(&request.count) {
        return Err(Error::StorageKeys);
    }
    let keys = get_bytes(client, request.skeydata_addr, bits::index(request.count))?;
    vm.set_skeys(request.start_gfn, &keys)?;
    DONE
}

/// The value of a memory operation's outcome: 0, or a program-interruption
/// code.
pub(super) fn accessed(outcome: Accessed) -> Answer {
    match outcome {
        Accessed::Done => DONE,
        Accessed::Exception(code) => value(code.0.into()),
    }
}

fn mem_op(vm: &Vm, op: &kvm_s390_mem_op, client: &ClientMemory) -> Answer {
    let only = |flags: u64| if op.flags & !flags == 0 { Ok(()) } else { Err(Error::MemOp) };
    let key = (op.flags & KVM_S390_MEMOP_F_SKEY_PROTECTION != 0).then_some(op.key);
    let size = bits::index(op.size.into());
    match op.op {
        KVM_S390_MEMOP_ABSOLUTE_READ | KVM_S390_MEMOP_ABSOLUTE_WRITE => {
            only(KVM_S390_MEMOP_F_SKEY_PROTECTION | KVM_S390_MEMOP_F_CHECK_ONLY)?;
            let store = op.op == KVM_S390_MEMOP_ABSOLUTE_WRITE;
            memop::check_form(op.size.into(), key)?;
            if op.flags & KVM_S390_MEMOP_F_CHECK_ONLY != 0 {
                return accessed(vm.check_absolute(op.gaddr, op.size.into(), store, key)?);
            }
            if store {
                // Without storage at the start, the client's buffer is not
                // looked at.
                let probe = vm.check_absolute(op.gaddr, 1, false, None)?;
                if probe != Accessed::Done {
                    return accessed(probe);
                }
                let data = get_bytes(client, op.buf, size)?;
                return accessed(vm.write_absolute(op.gaddr, &data, key)?);
            }
            let mut data = vec![0; size];
            let outcome = vm.read_absolute(op.gaddr, &mut data, key)?;
            if outcome == Accessed::Done {
                client.write(op.buf, &data)?;
            }
            accessed(outcome)
        }
        KVM_S390_MEMOP_ABSOLUTE_CMPXCHG => {
            only(KVM_S390_MEMOP_F_SKEY_PROTECTION)?;
            memop::check_form(op.size.into(), key)?;
            if size > 16 {
                return Err(Error::MemOp);
            }
            let new = get_bytes(client, op.buf, size)?;
            let expected = get_bytes(client, op.old_addr, size)?;
            let mut old = expected.clone();
            let outcome = vm.compare_and_swap_absolute(op.gaddr, &mut old, &new, key)?;
            if outcome == Accessed::Done && old != expected {
                client.write(op.old_addr, &old)?;
            }
            accessed(outcome)
        }
        _ => Err(Error::MemOp),
    }
}
