//! STORE SYSTEM INFORMATION (manual, chapter 10; F.5).

use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Exit, Vcpu};

/// `stsi 0(%r9)`, then DIAGNOSE 0x501. The exit and the condition code.
fn stsi(guest: &Guest, vcpu: &Vcpu, gr0: u64, gr1: u64) -> (Exit, u8) {
    guest.put(CODE, &[0xb2, 0x7d, 0x90, 0x00]);
    guest.put(CODE + 4, &DIAG_501);
    let page = vcpu.run_page();
    page.set_psw(Psw::new(MASKED | 2 << 44, CODE));
    page.set_gpr(0, gr0);
    page.set_gpr(1, gr1);
    (vcpu.run().unwrap(), page.psw().condition_code())
}

#[test]
fn levels() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_gpr(9, 0x8_0000);
    assert_eq!(stsi(&guest, &vcpu, 0, 0), (EXIT_501, 0));
    assert_eq!(vcpu.run_page().gpr(0), 3 << 28);
    for (gr0, gr1) in [
        (0x1000_0001, 1),
        (0x2000_0002, 2),
        (0x3000_0002, 1),
        (0x3000_0001, 2),
        (0x4000_0002, 2),
        (0xf000_0001, 2),
    ] {
        assert_eq!(stsi(&guest, &vcpu, gr0, gr1), (EXIT_501, 3), "{gr0:#x} {gr1}");
        assert_eq!(vcpu.run_page().gpr(0), gr0);
    }
    assert!(guest.bytes(0x8_0000, 4096).iter().all(|&byte| byte == 0));
}

#[test]
fn specification() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    for (gr0, gr1, gr9) in
        [(0x3000_0102, 2, 0x8_0000), (0x3000_0002, 0x1_0002, 0x8_0000), (0x3000_0002, 2, 0x8_0008)]
    {
        page.set_gpr(9, gr9);
        guest.put(0x8e, &[0; 2]);
        assert_eq!(stsi(&guest, &vcpu, gr0, gr1).0, EXIT_501);
        assert_eq!(guest.u16(0x8e), 6);
    }
    page.set_gpr(9, 1 << 40);
    assert_eq!(stsi(&guest, &vcpu, 0x3000_0002, 2).0, EXIT_501);
    assert_eq!(guest.u16(0x8e), 5);
}

#[test]
fn the_virtual_machine() {
    for user in [false, true] {
        let guest = Guest::new();
        let vcpu = guest.vcpu(0, MASKED);
        let _other = guest.vcpu(1, MASKED);
        if user {
            let cap = kvm_enable_cap { cap: KVM_CAP_S390_USER_STSI, ..Default::default() };
            guest.vm.enable_cap(&cap).unwrap();
        }
        vcpu.run_page().set_gpr(9, 0x8_0000);
        let (exit, code) = stsi(&guest, &vcpu, 0x3000_0002, 2);
        assert_eq!((code, vcpu.run_page().gpr(0)), (0, 0), "completed either way");
        if user {
            assert_eq!(exit, Exit::Stsi { address: 0x8_0000 });
            assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_S390_STSI);
            let stsi = vcpu.run_page().stsi();
            assert_eq!((stsi.addr, stsi.ar), (0x8_0000, 0));
            assert_eq!((stsi.fc, stsi.sel1, stsi.sel2), (3, 2, 2));
            assert_eq!(vcpu.run_page().psw().addr, CODE + 4);
        } else {
            assert_eq!(exit, EXIT_501);
        }
        assert_eq!(guest.u8(0x8_001f), 1);
        assert_eq!((guest.u16(0x8_0024), guest.u16(0x8_0026)), (2, 2));
        assert_eq!((guest.u16(0x8_0028), guest.u16(0x8_002a)), (0, 0));
        assert_eq!(guest.u32(0x8_0034), 1000);
        // What s390x Linux compares to know that it runs under KVM.
        assert_eq!(guest.bytes(0x8_0038, 3), [0xd2, 0xe5, 0xd4]);
    }
}
