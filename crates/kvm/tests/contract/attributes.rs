//! Attributes of a VM (A.10).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_kvm::Object;

struct Attributes {
    guest: Guest,
    client: Client,
}

impl Attributes {
    fn call(&self, number: u32, group: u32, attr: u64, addr: u64, flags: u32) -> Result<i32, i32> {
        let vm = Object::Vm(self.guest.vm.clone());
        self.client.pass(&vm, number, &kvm_device_attr { flags, group, attr, addr })
    }

    fn set<T: zerocopy::IntoBytes + zerocopy::Immutable>(
        &self,
        group: u32,
        attr: u64,
        value: &T,
    ) -> Result<i32, i32> {
        let at = self.client.put(0x100, value);
        self.call(KVM_SET_DEVICE_ATTR, group, attr, at, 0)
    }

    fn get(&self, group: u32, attr: u64) -> Result<i32, i32> {
        self.call(KVM_GET_DEVICE_ATTR, group, attr, self.client.at(0x200), 0)
    }
}

fn new() -> Attributes {
    Attributes { guest: Guest::new(), client: Client::new() }
}

#[test]
fn which_exist() {
    let a = new();
    let has = |group, attr| a.call(KVM_HAS_DEVICE_ATTR, group, attr, NOWHERE, 0);
    for (group, attr) in [(KVM_S390_VM_MEM_CTRL, 2), (KVM_S390_VM_TOD, 0), (KVM_S390_VM_TOD, 1)] {
        assert_eq!(has(group, attr), Ok(0));
    }
    // TOD_EXT exists, but like the kernel this denies it.
    assert_eq!(has(KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT), Err(libc::ENXIO));
    for (group, attr) in [(0, 0), (0, 1), (0, 3), (1, 3), (2, 0), (3, 8), (4, 0), (5, 0), (99, 0)] {
        assert_eq!(has(group, attr), Err(libc::ENXIO), "{group} {attr}");
        assert_eq!(a.call(KVM_SET_DEVICE_ATTR, group, attr, NOWHERE, 0), Err(libc::ENXIO));
        assert_eq!(a.call(KVM_GET_DEVICE_ATTR, group, attr, NOWHERE, 0), Err(libc::ENXIO));
    }
    let vm = Object::Vm(a.guest.vm.clone());
    for number in [KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR] {
        assert_eq!(a.client.ioctl(&vm, number, NOWHERE), Err(libc::EFAULT));
    }
}

#[test]
fn clock() {
    let a = new();
    let vcpu = a.guest.vcpu(0, MASKED);
    let tod = KVM_S390_VM_TOD;
    for attr in [0, 1, 2] {
        assert_eq!(a.call(KVM_SET_DEVICE_ATTR, tod, attr, NOWHERE, 0), Err(libc::EFAULT));
        assert_eq!(a.call(KVM_GET_DEVICE_ATTR, tod, attr, NOWHERE, 0), Err(libc::EFAULT));
        assert_eq!(a.call(KVM_SET_DEVICE_ATTR, tod, attr, NOWHERE, 1), Err(libc::EINVAL));
        assert_eq!(a.call(KVM_GET_DEVICE_ATTR, tod, attr, NOWHERE, 1), Err(libc::EINVAL));
    }
    let host = a.guest.vm.get_tod();
    assert_eq!(a.set(tod, 0, &0x1234_0000_0000_0000_u64), Ok(0));
    assert_eq!(a.get(tod, 0), Ok(0));
    let now: u64 = a.client.get(0x200);
    assert!((0x1234_0000_0000_0000..0x1234_0100_0000_0000).contains(&now), "{now:#x}");
    // The epoch of every vcpu changed with it.
    let epoch = vcpu.get_one_reg(KVM_REG_S390_EPOCHDIFF).unwrap();
    assert!(epoch.wrapping_add(host).abs_diff(now) < 1 << 40);
    let later = a.guest.vm.create_vcpu(1).unwrap();
    assert_eq!(later.get_one_reg(KVM_REG_S390_EPOCHDIFF), Ok(epoch));

    assert_eq!(a.set(tod, 1, &0_u8), Ok(0));
    assert_eq!(a.set(tod, 1, &1_u8), Err(libc::EINVAL));
    a.client.put(0x200, &0xff_u8);
    assert_eq!(a.get(tod, 1), Ok(0));
    assert_eq!(a.client.get::<u8>(0x200), 0);

    let ext = |epoch_idx, tod| kvm_s390_vm_tod_clock { epoch_idx, _pad: [0xff; 7], tod };
    assert_eq!(a.set(tod, 2, &ext(1, 0)), Err(libc::EINVAL));
    assert_eq!(a.set(tod, 2, &ext(0, 0x5678 << 48)), Ok(0));
    assert_eq!(a.get(tod, 2), Ok(0));
    let clock: kvm_s390_vm_tod_clock = a.client.get(0x200);
    assert_eq!((clock.epoch_idx, clock._pad), (0, [0; 7]));
    assert_eq!(clock.tod >> 48, 0x5678);
}

/// A.10: a set clock makes waiting CPUs look at their comparators.
#[test]
fn setting_the_clock_ends_a_wait() {
    let a = new();
    let vcpu = a.guest.vcpu(0, EXTERNAL | WAIT);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[0] = 0x0800;
    vcpu.set_sregs(&sregs);
    // Centuries away.
    a.guest.vm.set_tod(0x1000_0000_0000_0000);
    vcpu.set_one_reg(KVM_REG_S390_CLOCK_COMP, 0x7000_0000_0000_0000).unwrap();
    let thread = start(&vcpu);
    std::thread::sleep(std::time::Duration::from_millis(20));
    a.guest.vm.set_tod(0x7000_0000_0000_0001);
    assert_eq!(outcome(&vcpu, thread), Ok(EXIT_501));
    assert_eq!(a.guest.u16(0x86), 0x1004);
}

#[test]
fn memory_limit() {
    let a = new();
    let set = |value: u64| a.set(KVM_S390_VM_MEM_CTRL, 2, &value);
    assert_eq!(a.get(KVM_S390_VM_MEM_CTRL, 2), Ok(0));
    assert_eq!(a.client.get::<u64>(0x200), u64::MAX);
    assert_eq!(set(0), Err(libc::EINVAL));
    assert_eq!(set(SIZE as u64), Ok(0));
    let bad = a.call(KVM_SET_DEVICE_ATTR, KVM_S390_VM_MEM_CTRL, 2, NOWHERE, 0);
    assert_eq!(bad, Err(libc::EFAULT));
    let _vcpu = a.guest.vcpu(0, MASKED);
    assert_eq!(set(SIZE as u64), Err(libc::EBUSY));
    assert_eq!(set(0), Err(libc::EINVAL));
}
