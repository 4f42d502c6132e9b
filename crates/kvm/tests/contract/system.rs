//! `/dev/kvm` (A.4, A.5).

use crate::client::{Client, NOWHERE};
use lowcore_abi::*;
use lowcore_kvm::{Object, Reply, System, dispatch};

fn system() -> Object {
    Object::System(System::new())
}

#[test]
fn numbers_that_take_no_argument() {
    let client = Client::new();
    assert_eq!(client.ioctl(&system(), KVM_GET_API_VERSION, 0), Ok(12));
    assert_eq!(client.ioctl(&system(), KVM_GET_API_VERSION, 1), Err(libc::EINVAL));
    assert_eq!(client.ioctl(&system(), KVM_GET_VCPU_MMAP_SIZE, 0), Ok(4096));
    assert_eq!(client.ioctl(&system(), KVM_GET_VCPU_MMAP_SIZE, 1), Err(libc::EINVAL));
}

#[test]
fn unknown_numbers_are_einval_here() {
    // arch/s390/kvm/kvm-s390.c:kvm_arch_dev_ioctl
    let client = Client::new();
    for number in [KVM_RUN, KVM_CREATE_VCPU, 0, u32::MAX, 0xae05] {
        assert_eq!(client.ioctl(&system(), number, NOWHERE), Err(libc::EINVAL), "{number:#x}");
    }
}

#[test]
fn only_ordinary_vms() {
    let client = Client::new();
    assert!(matches!(client.make(&system(), KVM_CREATE_VM, 0), Ok(Object::Vm(_))));
    for vm_type in [1, 2, u64::MAX] {
        assert_eq!(client.make(&system(), KVM_CREATE_VM, vm_type).err(), Some(libc::EINVAL));
    }
}

#[test]
fn capabilities_as_in_a_5() {
    let expected = [
        (KVM_CAP_USER_MEMORY, 1),
        (KVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1),
        (KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, 1),
        (KVM_CAP_NR_MEMSLOTS, 32767),
        (KVM_CAP_DEVICE_CTRL, 1),
        (KVM_CAP_S390_COW, 1),
        (KVM_CAP_S390_INJECT_IRQ, 1),
        (KVM_CAP_S390_IRQ_STATE, 1),
        (KVM_CAP_S390_USER_SIGP, 1),
        (KVM_CAP_S390_USER_INSTR0, 1),
        (KVM_CAP_S390_USER_STSI, 1),
        (KVM_CAP_USER_MEMORY2, 1),
        (KVM_CAP_SYNC_MMU, 1),
        (KVM_CAP_S390_CSS_SUPPORT, 1),
        (KVM_CAP_S390_VCPU_RESETS, 1),
        (KVM_CAP_S390_MEM_OP, 65536),
        (KVM_CAP_S390_MEM_OP_EXTENSION, 3),
        (KVM_CAP_S390_SKEYS, 1),
        (KVM_CAP_S390_DIAG318, 1),
        (KVM_CAP_SYNC_REGS, 1),
        (KVM_CAP_MP_STATE, 1),
        (KVM_CAP_ONE_REG, 1),
        (KVM_CAP_IMMEDIATE_EXIT, 1),
        (KVM_CAP_ENABLE_CAP, 1),
        (KVM_CAP_ENABLE_CAP_VM, 1),
        (KVM_CAP_VM_ATTRIBUTES, 1),
        (KVM_CAP_MAX_VCPUS, 248),
        (KVM_CAP_MAX_VCPU_ID, 248),
        (KVM_CAP_SET_GUEST_DEBUG, 1),
        (KVM_CAP_SET_GUEST_DEBUG2, 0x1_0003),
        // What there is not.
        (KVM_CAP_IRQFD, 0),
        (KVM_CAP_IOEVENTFD, 0),
        (KVM_CAP_S390_IRQCHIP, 0),
        (KVM_CAP_S390_AIS, 0),
        (KVM_CAP_S390_CMMA_MIGRATION, 0),
        (KVM_CAP_S390_UCONTROL, 0),
        (KVM_CAP_S390_PROTECTED, 0),
        (KVM_CAP_S390_VECTOR_REGISTERS, 0),
        (KVM_CAP_READONLY_MEM, 0),
        (0, 0),
        (9999, 0),
    ];
    let client = Client::new();
    let vm = client.make(&system(), KVM_CREATE_VM, 0).unwrap();
    for (capability, value) in expected {
        for object in [&system(), &vm] {
            let answer = client.ioctl(object, KVM_CHECK_EXTENSION, capability.into());
            assert_eq!(answer, Ok(value), "capability {capability}");
        }
        assert_eq!(System::new().check_extension(capability).cast_signed(), value);
    }
    let vcpus = client.ioctl(&vm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS.into()).unwrap();
    assert!((1..=248).contains(&vcpus));
}

#[test]
fn a_capability_has_64_bits() {
    let client = Client::new();
    let wide = 1 << 32 | u64::from(KVM_CAP_MP_STATE);
    assert_eq!(client.ioctl(&system(), KVM_CHECK_EXTENSION, wide), Ok(0));
}

/// Every capability that is answered non-zero and can be tried by one call is
/// tried.
#[test]
fn what_is_offered_works() {
    let client = Client::new();
    let reply = dispatch(&system(), KVM_CREATE_VM, 0, client.memory()).unwrap();
    let Reply::Object(vm) = reply else { panic!("{reply:?}") };
    for capability in [KVM_CAP_S390_USER_SIGP, KVM_CAP_S390_USER_INSTR0, KVM_CAP_S390_USER_STSI] {
        let enable = kvm_enable_cap { cap: capability, ..Default::default() };
        assert_eq!(client.pass(&vm, KVM_ENABLE_CAP, &enable), Ok(0));
    }
    let vcpu = client.make(&vm, KVM_CREATE_VCPU, 0).unwrap();
    let enable = kvm_enable_cap { cap: KVM_CAP_S390_CSS_SUPPORT, ..Default::default() };
    assert_eq!(client.pass(&vcpu, KVM_ENABLE_CAP, &enable), Ok(0));
    for number in [KVM_S390_NORMAL_RESET, KVM_S390_INITIAL_RESET, KVM_S390_CLEAR_RESET] {
        assert_eq!(client.ioctl(&vcpu, number, 0), Ok(0));
    }
}
