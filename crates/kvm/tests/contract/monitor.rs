//! What MONITOR CALL and LOAD PROGRAM PARAMETER leave for others to see
//! (manual, chapter 6, "Monitor Event"; chapter 10).

use crate::guest::*;
use lowcore_abi::KVM_REG_S390_PP;
use lowcore_arch::Psw;

#[test]
fn a_monitor_event_shows_class_and_code() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    // mc 0x123(%r9),5 ; DIAGNOSE 0x501
    guest.put(CODE, &[0xaf, 0x05, 0x91, 0x23]);
    guest.put(CODE + 4, &DIAG_501);
    let page = vcpu.run_page();
    page.set_gpr(9, 0x1234_5678_9abc_d000);
    let mut sregs = vcpu.get_sregs();
    // Bits 48-63 of control register 8 belong to the classes 0 to 15.
    sregs.crs[8] = !(0x8000 >> 5);
    vcpu.set_sregs(&sregs);
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    assert_eq!((page.psw().addr, guest.u16(0x8e)), (CODE + 8, 0), "not enabled");

    sregs.crs[8] = 0x8000 >> 5;
    vcpu.set_sregs(&sregs);
    // The class takes its whole halfword.
    guest.put(0x94, &[0xff; 2]);
    page.set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    assert_eq!(page.psw().addr, HANDLER + 0x304, "the program new PSW");
    assert_eq!((guest.u16(0x8c), guest.u16(0x8e)), (4, 0x40));
    assert_eq!(guest.u16(0x94), 5, "monitor-class number");
    assert_eq!(guest.u64(0xb0), 0x1234_5678_9abc_d123, "monitor code");
    // The instruction completed.
    assert_eq!(guest.psw(0x150), Psw::new(MASKED, CODE + 4));
}

#[test]
fn the_program_parameter_is_a_register_of_kvm() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    // lpp 0(%r9)
    guest.put(CODE, &[0xb2, 0x80, 0x90, 0x00]);
    guest.put(CODE + 4, &DIAG_501);
    guest.put(0x8_0000, &0x0102_0304_0506_0708_u64.to_be_bytes());
    vcpu.run_page().set_gpr(9, 0x8_0000);
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    assert_eq!(vcpu.get_one_reg(KVM_REG_S390_PP), Ok(0x0102_0304_0506_0708));
}
