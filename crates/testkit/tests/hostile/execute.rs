//! EXECUTE of what is not to be executed (manual, chapter 6, "Execute
//! Exception"; chapter 7, "EXECUTE").

use super::guest::*;
use lowcore_arch::{Psw, lowcore};
use lowcore_kvm::Vcpu;

const TARGET: u64 = CODE + 0x100;

/// ex %r1,0x100(%r2), where %r2 designates CODE.
const EX: [u8; 4] = [0x44, 0x10, 0x21, 0x00];
/// exrl %r1,.+0x100
const EXRL: [u8; 6] = [0xc6, 0x10, 0x00, 0x00, 0x00, 0x80];
/// ex %r0,0(%r3), where %r3 is zero.
const EX_OF_ZERO: [u8; 4] = [0x44, 0x00, 0x30, 0x00];

fn guest(execute: &[u8], target: &[u8]) -> (Guest, Vcpu) {
    let guest = Guest::new();
    guest.put(CODE, execute);
    guest.put(CODE + execute.len() as u64, &DIAG_501);
    guest.put(TARGET, target);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_gpr(2, CODE);
    (guest, vcpu)
}

#[test]
fn an_execute_of_an_execute_is_an_execute_exception() {
    for execute in [&EX[..], &EXRL] {
        for target in [&EX_OF_ZERO[..], &EXRL] {
            let (guest, vcpu) = guest(execute, target);
            assert_eq!(run(&vcpu), EXIT_501);
            assert_eq!(vcpu.run_page().psw().addr, PROGRAM.handler() + 4);
            let length = execute.len() as u64;
            assert_eq!(guest.program(), (3, execute.len().try_into().unwrap()));
            assert_eq!(guest.old_psw(PROGRAM), Psw::new(MASKED, CODE + length));
        }
    }
}

#[test]
fn an_execute_of_itself_is_an_execute_exception() {
    // exrl %r0,.
    let (guest, vcpu) = guest(&[0xc6, 0, 0, 0, 0, 0], &[]);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (3, 6));
}

#[test]
fn an_execute_of_an_odd_address_is_a_specification_exception() {
    let (guest, vcpu) = guest(&EX, &[0x07, 0x00]);
    vcpu.run_page().set_gpr(2, CODE + 1);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (6, 4));
    assert_eq!(guest.old_psw(PROGRAM), Psw::new(MASKED, CODE + 4));
}

#[test]
fn an_execute_of_nothing_is_an_addressing_exception() {
    let (guest, vcpu) = guest(&EX, &[]);
    vcpu.run_page().set_gpr(2, 0x4000_0000);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (5, 4));
    assert_eq!(guest.old_psw(PROGRAM), Psw::new(MASKED, CODE + 4));
}

#[test]
fn an_execute_of_no_instruction_is_an_operation_exception_of_its_length() {
    let (guest, vcpu) = guest(&EXRL, &[0x00, 0x00]);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (1, 6));
    assert_eq!(guest.old_psw(PROGRAM), Psw::new(MASKED, CODE + 6));
}

#[test]
fn an_executed_supervisor_call_has_the_length_of_the_execute() {
    // The inserted bits are ORed into the number: 0x40 | 0x05.
    let (guest, vcpu) = guest(&EX, &[0x0a, 0x40]);
    vcpu.run_page().set_gpr(1, 0x1_0005);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.u16(lowcore::SVC_CODE), 0x45);
    assert_eq!(guest.u16(lowcore::SVC_ILC), 4);
    assert_eq!(guest.old_psw(SVC), Psw::new(MASKED, CODE + 4));
}

#[test]
fn an_executed_store_over_the_execute_itself_takes_effect_after_it() {
    // st %r4,0(%r2), executed, overwrites the EXECUTE and then the next
    // instruction, which is a branch to itself.
    let (guest, vcpu) = guest(&EX, &[0x50, 0x40, 0x20, 0x04]);
    guest.put(CODE + 4, &SPIN);
    vcpu.run_page().set_gpr(1, 0);
    vcpu.run_page().set_gpr(4, u32::from_be_bytes(DIAG_501).into());
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(vcpu.run_page().psw().addr, CODE + 8);
    assert_eq!(guest.bytes(CODE + 4), DIAG_501);
}

#[test]
fn an_executed_diagnose_is_intercepted_behind_the_execute() {
    let (_guest, vcpu) = guest(&EX, &DIAG_501);
    vcpu.run_page().set_gpr(1, 0);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(vcpu.run_page().psw().addr, CODE + 4);
}
