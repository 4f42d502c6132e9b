//! Guests that never get anywhere.

use super::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Error, Vcpu, icptcode};

/// A guest whose program-interruption handler begins with an instruction that
/// ends in a program interruption itself.
fn checks_for_ever(instruction: &[u8]) -> (Guest, Vcpu) {
    let guest = Guest::new();
    guest.put(CODE, instruction);
    guest.put(PROGRAM.handler(), instruction);
    let vcpu = guest.vcpu(0);
    // Far outside of storage.
    vcpu.run_page().set_gpr(3, 0x7fff_0000);
    (guest, vcpu)
}

/// Instructions whose exception no loop test of the specification (F.6) knows:
/// Linux leaves such a guest to itself.
const CHECKS: [&[u8]; 3] = [
    // l %r1,0(%r3): addressing
    &[0x58, 0x10, 0x30, 0x00],
    // ex %r1,0(%r3): addressing, of the target
    &[0x44, 0x10, 0x30, 0x00],
    // dlgr %r2,%r3, the divisor being too small: fixed-point divide
    &[0xb9, 0x87, 0x00, 0x20],
];

/// The guest has taken program interruptions in its handler.
fn loops(guest: &Guest) -> bool {
    let old = guest.old_psw(PROGRAM).addr;
    (PROGRAM.handler()..PROGRAM.handler() + 8).contains(&old)
}

#[test]
fn a_loop_of_program_checks_ends_by_a_kick() {
    // F.2: a signal ends every run.
    for instruction in CHECKS {
        let (guest, vcpu) = checks_for_ever(instruction);
        let running = start(&vcpu);
        until(|| loops(&guest));
        vcpu.kick();
        assert_eq!(running.wait(), Err(Error::Interrupted));
    }
}

#[test]
fn a_loop_of_program_checks_takes_a_restart_and_a_stop() {
    // B.1, C.8: whatever the guest does, it is interrupted.
    for instruction in CHECKS {
        let (guest, vcpu) = checks_for_ever(instruction);
        let running = start(&vcpu);
        until(|| loops(&guest));
        vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
        assert_eq!(running.wait(), EXIT_501);
        assert_eq!(vcpu.run_page().psw().addr, RESTART.handler() + 4);
        let old = guest.old_psw(RESTART).addr;
        assert!((PROGRAM.handler()..PROGRAM.handler() + 8).contains(&old), "{old:#x}");

        vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
        let running = start(&vcpu);
        until(|| loops(&guest));
        let stop = kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags: 0 });
        vcpu.inject(&stop).unwrap();
        assert_eq!(running.wait(), sieic(icptcode::STOP));
        assert_eq!(vcpu.get_mp_state(), KVM_MP_STATE_STOPPED);
    }
}

#[test]
fn a_loop_of_program_checks_does_not_hold_up_its_neighbour() {
    let (guest, vcpu) = checks_for_ever(CHECKS[0]);
    let running = start(&vcpu);
    until(|| loops(&guest));
    // The slots can change, and another CPU runs.
    let range = guest.memory.range(0, 0x10_0000);
    guest.vm.set_user_memory_region(1, 0, 4 * MIB, range).unwrap();
    guest.vm.remove_memory_region(1).unwrap();
    let other = guest.vm.create_vcpu(1).unwrap();
    other.run_page().set_psw(Psw::new(MASKED, SVC.handler()));
    assert_eq!(run(&other), EXIT_501);
    vcpu.kick();
    assert_eq!(running.wait(), Err(Error::Interrupted));
}

#[test]
fn a_loop_of_supervisor_calls_ends_by_a_kick() {
    let guest = Guest::new();
    // svc 1, and the same again as its handler.
    guest.put(CODE, &[0x0a, 0x01]);
    guest.put(SVC.handler(), &[0x0a, 0x02]);
    let vcpu = guest.vcpu(0);
    let running = start(&vcpu);
    until(|| guest.old_psw(SVC).addr == SVC.handler() + 2);
    vcpu.kick();
    assert_eq!(running.wait(), Err(Error::Interrupted));
    assert_eq!((guest.u16(0x88_u64), guest.u16(0x8a_u64)), (2, 2));
}

#[test]
fn an_operation_exception_in_its_own_handler_is_the_clients() {
    // F.6, operation. The first one is delivered: its old PSW is far from the
    // handler.
    let guest = Guest::new();
    guest.put(CODE, &[0x00, 0x00]);
    guest.put(PROGRAM.handler(), &[0xb2, 0xfe, 0x12, 0x34]);
    let vcpu = guest.vcpu(0);
    let exit = run(&vcpu).unwrap();
    let expected =
        lowcore_kvm::Exit::Sieic { icptcode: icptcode::OPERATION, ipa: 0xb2fe, ipb: 0x1234_0000 };
    assert_eq!(exit, expected);
    assert_eq!(guest.program(), (1, 2));
    assert_eq!(guest.old_psw(PROGRAM), Psw::new(MASKED, CODE + 2));
    assert_eq!(vcpu.run_page().psw(), Psw::new(MASKED, PROGRAM.handler() + 4));
}

#[test]
fn an_operation_exception_of_a_problem_program_is_no_loop() {
    // F.6: only in the supervisor state. The handler takes it.
    let guest = Guest::new();
    guest.put(PROGRAM.new_psw(), &Psw::new(MASKED, CODE).to_bytes());
    guest.put(CODE, &[0x83, 0x00, 0x05, 0x01]);
    guest.put(CODE + 4, &[0x00, 0x00]);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_psw(Psw::new(MASKED | Psw::PROBLEM, CODE + 4));
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (1, 2));
}
