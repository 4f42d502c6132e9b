//! KVM_GET_REGS and its kin (A.7, A.8).

use crate::client::{Client, NOWHERE};
use crate::guest::{Guest, MASKED, object};
use lowcore_abi::*;

#[test]
fn general_and_special_registers_round_trip() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let fd = object(&vcpu);
    let regs = kvm_regs { gprs: core::array::from_fn(|n| 0x1111 * n as u64) };
    assert_eq!(client.pass(&fd, KVM_SET_REGS, &regs), Ok(0));
    // They live in the run page (A.7).
    assert_eq!(vcpu.run_page().gpr(15), 0xffff);
    vcpu.run_page().set_gpr(3, 9);
    assert_eq!(client.ioctl(&fd, KVM_GET_REGS, client.at(0x100)), Ok(0));
    let read: kvm_regs = client.get(0x100);
    assert_eq!((read.gprs[2], read.gprs[3]), (0x2222, 9));

    let sregs = kvm_sregs {
        acrs: core::array::from_fn(|n| u32::try_from(n).unwrap() + 1),
        crs: core::array::from_fn(|n| 0x100 + n as u64),
    };
    assert_eq!(client.pass(&fd, KVM_SET_SREGS, &sregs), Ok(0));
    assert_eq!(vcpu.run_page().acr(15), 16);
    // Control registers do not: the page shows them after a run.
    assert_eq!(vcpu.run_page().cr(1), 0);
    assert_eq!(client.ioctl(&fd, KVM_GET_SREGS, client.at(0x200)), Ok(0));
    assert_eq!(client.get::<kvm_sregs>(0x200), sregs);

    let fpu = kvm_fpu { fpc: 3, fprs: core::array::from_fn(|n| !(n as u64)), ..Default::default() };
    assert_eq!(client.pass(&fd, KVM_SET_FPU, &fpu), Ok(0));
    assert_eq!(vcpu.run_page().fpr(1), !1);
    assert_eq!(client.ioctl(&fd, KVM_GET_FPU, client.at(0x400)), Ok(0));
    assert_eq!(client.get::<kvm_fpu>(0x400), fpu);
}

#[test]
fn bad_addresses() {
    let guest = Guest::new();
    let client = Client::new();
    let fd = object(&guest.vcpu(0, MASKED));
    for number in [
        KVM_GET_REGS,
        KVM_SET_REGS,
        KVM_GET_SREGS,
        KVM_SET_SREGS,
        KVM_GET_FPU,
        KVM_SET_FPU,
        KVM_GET_ONE_REG,
        KVM_SET_ONE_REG,
        KVM_SET_MP_STATE,
        KVM_S390_SET_INITIAL_PSW,
    ] {
        assert_eq!(client.ioctl(&fd, number, NOWHERE), Err(libc::EFAULT), "{number:#x}");
        assert_eq!(client.ioctl(&fd, number, u64::MAX), Err(libc::EFAULT), "{number:#x}");
    }
}

#[test]
fn one_reg() {
    let guest = Guest::new();
    let client = Client::new();
    let fd = object(&guest.vcpu(0, MASKED));
    let reg = |number, id, addr| client.pass(&fd, number, &kvm_one_reg { id, addr });
    let value = client.at(0x800);
    for id in [
        KVM_REG_S390_EPOCHDIFF,
        KVM_REG_S390_CPU_TIMER,
        KVM_REG_S390_CLOCK_COMP,
        KVM_REG_S390_PFTOKEN,
        KVM_REG_S390_PFCOMPARE,
        KVM_REG_S390_PFSELECT,
        KVM_REG_S390_PP,
        KVM_REG_S390_GBEA,
    ] {
        client.put(0x800, &(0x0123_4567_89ab_cdef ^ id));
        assert_eq!(reg(KVM_SET_ONE_REG, id, value), Ok(0));
        client.put(0x800, &0_u64);
        assert_eq!(reg(KVM_GET_ONE_REG, id, value), Ok(0));
        assert_eq!(client.get::<u64>(0x800), 0x0123_4567_89ab_cdef ^ id, "{id:#x}");
        assert_eq!(reg(KVM_SET_ONE_REG, id, NOWHERE), Err(libc::EFAULT));
        assert_eq!(reg(KVM_GET_ONE_REG, id, NOWHERE), Err(libc::EFAULT));
    }
    // Four bytes and no more.
    client.put(0x800, &0x1111_2222_3333_4444_u64.to_le());
    assert_eq!(reg(KVM_SET_ONE_REG, KVM_REG_S390_TODPR, value), Ok(0));
    client.put(0x800, &u64::MAX);
    assert_eq!(reg(KVM_GET_ONE_REG, KVM_REG_S390_TODPR, value), Ok(0));
    assert_eq!(client.get::<u32>(0x800), 0x3333_4444);
    assert_eq!(client.get::<u32>(0x804), u32::MAX);
    // An unknown id is found before its address is looked at.
    for id in [0, 1, KVM_REG_S390_GBEA + 1, KVM_REG_S390 | KVM_REG_SIZE_U64 | 1, u64::MAX] {
        for number in [KVM_GET_ONE_REG, KVM_SET_ONE_REG] {
            assert_eq!(reg(number, id, NOWHERE), Err(libc::EINVAL), "{id:#x}");
        }
    }
}
