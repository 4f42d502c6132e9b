//! KVM_S390_GET_SKEYS and KVM_S390_SET_SKEYS.

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Error, Object, Vcpu};

#[test]
fn keys() {
    let guest = Guest::new();
    let client = Client::new();
    let vm = Object::Vm(guest.vm.clone());
    let call = |number, start_gfn, count, skeydata_addr, flags| {
        let skeys = kvm_s390_skeys { start_gfn, count, skeydata_addr, flags, ..Default::default() };
        client.pass(&vm, number, &skeys)
    };
    let get = |start, count| call(KVM_S390_GET_SKEYS, start, count, client.at(0x1000), 0);
    let set = |start, count| call(KVM_S390_SET_SKEYS, start, count, client.at(0x2000), 0);
    // No key was ever set; the flags are looked at first, the count is not.
    assert_eq!(get(0, 0), Ok(1));
    assert_eq!(call(KVM_S390_GET_SKEYS, 0, 1, 0, 1), Err(libc::EINVAL));

    client.put(0x2000, &[0x10_u8, 0x28, 0xfe, 0x30]);
    assert_eq!(call(KVM_S390_SET_SKEYS, 0, 1, client.at(0x2000), 1), Err(libc::EINVAL));
    assert_eq!(call(KVM_S390_SET_SKEYS, 0, 1, NOWHERE, 0), Err(libc::EFAULT));
    assert_eq!(get(0, 1), Ok(1), "still none");
    assert_eq!(set(4, 4), Ok(0));
    assert_eq!(get(3, 6), Ok(0));
    assert_eq!(client.bytes(0x1000, 6), [0, 0x10, 0x28, 0xfe, 0x30, 0]);

    for count in [0, KVM_S390_SKEYS_MAX + 1, u64::MAX] {
        assert_eq!(get(0, count), Err(libc::EINVAL));
        assert_eq!(set(0, count), Err(libc::EINVAL));
    }
    assert_eq!(call(KVM_S390_GET_SKEYS, 0, 1, NOWHERE, 0), Err(libc::EFAULT));
    // The guest has 512 pages.
    assert_eq!(get(511, 1), Ok(0));
    for start in [511, 512, 1 << 52, u64::MAX] {
        assert_eq!(get(start, 2), Err(libc::EFAULT), "{start:#x}");
        assert_eq!(set(start, 2), Err(libc::EFAULT), "{start:#x}");
    }
    // The lowest bit is reserved; keys before it are set.
    client.put(0x2000, &[0x40_u8, 0x41, 0x42]);
    assert_eq!(set(100, 3), Err(libc::EINVAL));
    assert_eq!(get(100, 3), Ok(0));
    assert_eq!(client.bytes(0x1000, 3), [0x40, 0, 0]);
    for number in [KVM_S390_GET_SKEYS, KVM_S390_SET_SKEYS] {
        assert_eq!(client.ioctl(&vm, number, NOWHERE), Err(libc::EFAULT));
    }
}

/// Page whose key is at stake.
const PAGE: u64 = 0x8_0000;
/// Where the other CPU's program stands.
const OTHER: u64 = 0x3_0000;
/// `st %r0,0(%r9)` and a branch back to it.
const STORE_FOREVER: [u8; 8] = [0x50, 0x00, 0x90, 0x00, 0xa7, 0xf4, 0xff, 0xfe];

/// A CPU that stores into the page under an access key without an end.
fn storing(guest: &Guest, key: u64) -> Vcpu {
    guest.put(OTHER, &STORE_FOREVER);
    let vcpu = guest.vcpu(1, MASKED);
    vcpu.run_page().set_psw(Psw::new(MASKED | key << 52, OTHER));
    vcpu.run_page().set_gpr(9, PAGE);
    vcpu
}

/// Waits until that CPU has stored.
fn wait_for_a_store(guest: &Guest) {
    let start = std::time::Instant::now();
    while guest.u32(PAGE) == 0 {
        assert!(start.elapsed().as_secs() < 60, "the CPU does not store");
        std::thread::yield_now();
    }
}

#[test]
fn a_key_that_a_guest_sets_binds_every_cpu() {
    let guest = Guest::new();
    let (vcpu, other) = (guest.vcpu(0, MASKED), storing(&guest, 1));
    other.run_page().set_gpr(0, 0x0102_0304);
    guest.vm.set_skeys(PAGE >> 12, &[0x10]).unwrap();
    let run = start(&other);
    wait_for_a_store(&guest);
    // sske %r1,%r2
    guest.put(CODE, &[0xb2, 0x2b, 0x00, 0x12]);
    guest.put(CODE + 4, &DIAG_501);
    vcpu.run_page().set_gpr(1, 0x20);
    vcpu.run_page().set_gpr(2, PAGE);
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    // The other CPU had the right to store, and has lost it.
    assert_eq!(outcome(&other, run).unwrap(), EXIT_501);
    assert_eq!(guest.u16(0x8e), 4);
    assert_eq!(guest.u64(0xa8) & !0xfff, PAGE);
    assert_eq!(guest.vm.get_skeys(PAGE >> 12, 1).unwrap().unwrap()[0] & 0xf8, 0x20);
}

#[test]
fn a_change_after_its_bit_was_reset_is_recorded() {
    let guest = Guest::new();
    let (vcpu, other) = (guest.vcpu(0, MASKED), storing(&guest, 0));
    other.run_page().set_gpr(0, 0x0102_0304);
    let run = start(&other);
    wait_for_a_store(&guest);
    // sske %r1,%r2 ; iske %r3,%r2 ; tml %r3,2 ; jz .-8
    let program = [
        0xb2, 0x2b, 0x00, 0x12, 0xb2, 0x29, 0x00, 0x32, 0xa7, 0x31, 0x00, 0x02, 0xa7, 0x84, 0xff,
        0xfc,
    ];
    guest.put(CODE, &program);
    guest.put(CODE + 16, &DIAG_501);
    vcpu.run_page().set_gpr(1, 0);
    vcpu.run_page().set_gpr(2, PAGE);
    for _ in 0..20 {
        vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
        let own = start(&vcpu);
        assert_eq!(outcome(&vcpu, own).unwrap(), EXIT_501);
        assert_eq!(vcpu.run_page().gpr(3) & 0xff, 6);
    }
    other.kick();
    assert_eq!(outcome(&other, run), Err(Error::Interrupted));
}

#[test]
fn a_client_is_told_of_keys_when_the_guest_uses_them() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    // st %r0,0(%r9) ; DIAGNOSE 0x501 ; rrbe %r0,%r9 ; DIAGNOSE 0x501
    guest.put(CODE, &[0x50, 0x00, 0x90, 0x00]);
    guest.put(CODE + 4, &DIAG_501);
    guest.put(CODE + 8, &[0xb2, 0x2a, 0x00, 0x09]);
    guest.put(CODE + 12, &DIAG_501);
    vcpu.run_page().set_gpr(9, PAGE);
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    assert_eq!(guest.vm.get_skeys(PAGE >> 12, 1).unwrap(), None, "a store is no use of keys");
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    assert_eq!(vcpu.run_page().psw().condition_code(), 3, "referenced and changed");
    assert_eq!(guest.vm.get_skeys(PAGE >> 12, 1).unwrap(), Some(vec![2]));
}

#[test]
fn frames_of_two_gigabytes_are_cleared_piece_by_piece() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    // pfmf %r1,%r2: clears and sets keys from the second MiB on; the frame
    // ends where there is no storage, which is found after what exists is
    // done.
    guest.put(CODE, &[0xb9, 0xaf, 0x00, 0x12]);
    guest.put(0x10_0008, &[7; 16]);
    guest.put(0x1f_fff8, &[7; 8]);
    vcpu.run_page().set_gpr(1, 0x3_2030);
    vcpu.run_page().set_gpr(2, 0x10_0000);
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    assert_eq!(guest.u16(0x8e), 5);
    assert_eq!(vcpu.run_page().gpr(2), 0x20_0000, "how far it came");
    assert!(guest.bytes(0x10_0000, 1 << 20).iter().all(|byte| *byte == 0));
    assert_eq!(guest.vm.get_skeys(0x1ff, 1).unwrap(), Some(vec![0x30]));
    assert_eq!(guest.vm.get_skeys(0xff, 1).unwrap().unwrap()[0] & 0xf0, 0);
}
