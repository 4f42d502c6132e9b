//! The run loop: what a CPU does between instructions, with programs of a few
//! words and expectations from the specification.

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

use lowcore_arch::{Psw, lowcore};
use lowcore_cpu::{Cpu, Intercept, Mailbox, Sigp, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_interrupt::{LocalInterrupt, MachineCheck, ProgramInterruption, StopRequest};
use lowcore_storage::Storage;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Real mode, 64-bit addressing, every interruption disabled.
const SUPERVISOR: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
const DIAG_501: u32 = 0x8300_0501;
/// Where programs start.
const START: u64 = 0x1_0000;

/// A machine of 1 MiB and an operating CPU about to execute `program`.
fn machine(program: &[u32]) -> (Standalone, Cpu) {
    let memory = Mapping::anonymous(1 << 20).unwrap();
    let storage = Storage::new();
    storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
    let code: Vec<u8> = program.iter().flat_map(|word| word.to_be_bytes()).collect();
    storage.view().write(START, &code).unwrap();
    let machine = Standalone { storage, ..Standalone::default() };
    let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
    cpu.mailbox.local.lock().start();
    cpu.regs.psw = Psw::new(SUPERVISOR, START);
    (machine, cpu)
}

fn set_new_psw(machine: &Standalone, offset: u16, psw: Psw) {
    machine.storage.view().write(offset.into(), &psw.to_bytes()).unwrap();
}

fn old_psw(machine: &Standalone, offset: u16) -> Psw {
    let mut bytes = [0; 16];
    machine.storage.view().read(offset.into(), &mut bytes).unwrap();
    Psw::from_bytes(bytes)
}

fn halfword(machine: &Standalone, offset: u16) -> u16 {
    machine.storage.view().load_u16(offset.into()).unwrap()
}

#[test]
fn a_program_leaves_with_its_instruction() {
    // la %r2,5 ; diag 0x501
    let (machine, mut cpu) = machine(&[0x4120_0005, DIAG_501]);
    let exit = cpu.run(&machine);
    assert_eq!(exit, Intercept::Instruction { ipa: 0x8300, ipb: 0x0501_0000 });
    assert_eq!(cpu.regs.gr[2], 5);
    assert_eq!(cpu.regs.psw.addr, START + 8);
    assert_eq!(cpu.mailbox.intercept_length.load(std::sync::atomic::Ordering::Relaxed), 4);
}

#[test]
fn restart_and_program_are_delivered_in_one_pass() {
    // The specification, C.2: program first, then restart from its new PSW.
    let (machine, mut cpu) = machine(&[DIAG_501]);
    set_new_psw(&machine, lowcore::PROGRAM_NEW_PSW, Psw::new(SUPERVISOR, 0x2222));
    set_new_psw(&machine, lowcore::RESTART_NEW_PSW, Psw::new(SUPERVISOR, START));
    let code = ProgramInterruption { code: lowcore_arch::ProgramCode(0x15), ..Default::default() };
    cpu.mailbox.inject(LocalInterrupt::Restart).unwrap();
    cpu.mailbox.inject(LocalInterrupt::Program(code)).unwrap();
    assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
    assert_eq!(old_psw(&machine, lowcore::PROGRAM_OLD_PSW), Psw::new(SUPERVISOR, START));
    assert_eq!(old_psw(&machine, lowcore::RESTART_OLD_PSW), Psw::new(SUPERVISOR, 0x2222));
    assert_eq!(halfword(&machine, lowcore::PROGRAM_CODE), 0x15);
}

#[test]
fn program_interruptions_show_length_code_and_next_instruction() {
    // Fetch from outside storage (l %r1,0(%r3)): addressing, suppressed.
    let (machine, mut cpu) = machine(&[0x5810_3000, DIAG_501]);
    cpu.regs.gr[3] = 0x7fff_0000;
    set_new_psw(&machine, lowcore::PROGRAM_NEW_PSW, Psw::new(SUPERVISOR, START + 4));
    assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
    assert_eq!(halfword(&machine, lowcore::PROGRAM_CODE), 5);
    assert_eq!(halfword(&machine, lowcore::PROGRAM_ILC), 4);
    assert_eq!(old_psw(&machine, lowcore::PROGRAM_OLD_PSW).addr, START + 4);
}

#[test]
fn a_trap_shows_its_data_exception_code() {
    // crt %r1,%r1,8: equal. The code goes to real location 147, and with the
    // AFP-register control to bits 16-23 of the floating-point control
    // register (chapter 6, "Data-Exception Code").
    for (cr0, fpc) in [(0, 0xabcd_1234), (1 << 18, 0xabcd_ff34)] {
        let (machine, mut cpu) = machine(&[0xb972_8011, DIAG_501]);
        cpu.regs.cr[0] = cr0;
        cpu.regs.fpc = 0xabcd_1234;
        set_new_psw(&machine, lowcore::PROGRAM_NEW_PSW, Psw::new(SUPERVISOR, START + 4));
        assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
        assert_eq!(halfword(&machine, lowcore::PROGRAM_CODE), 7);
        assert_eq!(halfword(&machine, lowcore::PROGRAM_ILC), 4);
        assert_eq!(machine.storage.view().load_u32(144).unwrap(), 0xff);
        assert_eq!(cpu.regs.fpc, fpc);
        // The instruction is completed.
        assert_eq!(old_psw(&machine, lowcore::PROGRAM_OLD_PSW).addr, START + 4);
    }
}

#[test]
fn low_address_protection_guards_two_ranges() {
    // st %r1,0(%r3)
    for (address, protected) in
        [(0, true), (508, true), (512, false), (4096, true), (4604, true), (4608, false)]
    {
        let (machine, mut cpu) = machine(&[0x5010_3000, DIAG_501]);
        cpu.regs.cr[0] = 1 << 28;
        cpu.regs.gr[3] = address;
        set_new_psw(&machine, lowcore::PROGRAM_NEW_PSW, Psw::new(SUPERVISOR, START + 4));
        machine.storage.view().store_u16(lowcore::PROGRAM_CODE.into(), 0).unwrap();
        assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
        let code = halfword(&machine, lowcore::PROGRAM_CODE);
        assert_eq!(code, if protected { 4 } else { 0 }, "{address}");
    }
}

#[test]
fn an_invalid_program_new_psw_after_a_specification_exception_is_a_loop() {
    // The specification, F.6: specification.
    let (machine, mut cpu) = machine(&[DIAG_501]);
    for new in [Psw::new(1 << 63, 0), Psw::new(SUPERVISOR, 0x2001)] {
        set_new_psw(&machine, lowcore::PROGRAM_NEW_PSW, new);
        cpu.regs.psw = Psw::new(SUPERVISOR, START + 1);
        assert_eq!(cpu.run(&machine), Intercept::ProgramLoop, "{new:?}");
    }
}

#[test]
fn an_instruction_that_the_host_kept_from_its_operand_runs_again() {
    // l %r1,0(%r3), in a slot without memory behind it.
    let (machine, mut cpu) = machine(&[0x5810_3000, DIAG_501]);
    // SAFETY: nothing is ever mapped in the first pages of a process.
    let gone = unsafe { HostRange::new(0x1000, 1 << 20) };
    machine.storage.set_slot(1, 1 << 20, gone, false).unwrap();
    cpu.regs.gr[3] = 1 << 20;
    assert_eq!(cpu.run(&machine), Intercept::HostFault);
    assert_eq!(cpu.regs.psw.addr, START);
}

#[test]
fn an_operation_exception_that_repeats_is_a_loop() {
    // The specification, F.6: operation. The handler is the bad instruction.
    let (machine, mut cpu) = machine(&[0x0000_0000]);
    set_new_psw(&machine, lowcore::PROGRAM_NEW_PSW, Psw::new(SUPERVISOR, START));
    assert_eq!(cpu.run(&machine), Intercept::Operation { ipa: 0, ipb: 0 });
}

#[test]
fn an_enabled_timer_in_its_own_handler_is_a_loop() {
    // The specification, F.6: external. The first delivery is the kernel's.
    let (machine, mut cpu) = machine(&[0xa7f4_0000]);
    let enabled = Psw::new(SUPERVISOR | Psw::EXTERNAL, START);
    set_new_psw(&machine, lowcore::EXTERNAL_NEW_PSW, enabled);
    cpu.regs.psw = enabled;
    cpu.regs.cr[0] = 0x800;
    assert_eq!(cpu.run(&machine), Intercept::ExternalLoop { code: 0x1004 });
    assert_eq!(halfword(&machine, lowcore::EXTERNAL_CODE), 0x1004);
}

#[test]
fn a_wait_without_masks_is_disabled_and_one_with_them_ends_by_an_interrupt() {
    let (machine, mut cpu) = machine(&[DIAG_501]);
    cpu.regs.psw = Psw::new(SUPERVISOR | Psw::WAIT, 0xdead);
    assert_eq!(cpu.run(&machine), Intercept::DisabledWait);

    let handler = Psw::new(SUPERVISOR, START);
    set_new_psw(&machine, lowcore::MACHINE_CHECK_NEW_PSW, handler);
    cpu.regs.psw = Psw::new(SUPERVISOR | Psw::WAIT | Psw::MACHINE_CHECK, 0xbeef0);
    let mailbox = Arc::clone(&cpu.mailbox);
    let running = thread::spawn(move || {
        let exit = cpu.run(&machine);
        (machine, exit)
    });
    let patience = Instant::now();
    while !mailbox.idle.load(std::sync::atomic::Ordering::SeqCst) {
        assert!(patience.elapsed() < Duration::from_secs(30));
        thread::yield_now();
    }
    let check = MachineCheck { code: 1 << 63, ..MachineCheck::default() };
    mailbox.inject(LocalInterrupt::MachineCheck(check)).unwrap();
    let (machine, exit) = running.join().unwrap();
    assert!(matches!(exit, Intercept::Instruction { .. }));
    let old = old_psw(&machine, lowcore::MACHINE_CHECK_OLD_PSW);
    assert!(old.has(Psw::WAIT) && old.addr == 0xbeef0);
    assert_eq!(machine.storage.view().load_u64(0xe8).unwrap(), 1 << 63);
}

#[test]
fn a_clock_comparator_ends_a_wait() {
    let (machine, mut cpu) = machine(&[DIAG_501]);
    set_new_psw(&machine, lowcore::EXTERNAL_NEW_PSW, Psw::new(SUPERVISOR, START));
    cpu.regs.psw = Psw::new(SUPERVISOR | Psw::WAIT | Psw::EXTERNAL, 0);
    cpu.regs.cr[0] = 0x800;
    let goal = machine.tod.now() + 4096 * 2000;
    cpu.regs.clock_comparator = goal;
    assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
    assert!(machine.tod.now() > goal);
    assert_eq!(halfword(&machine, lowcore::EXTERNAL_CODE), 0x1004);
}

#[test]
fn a_stop_waits_for_what_is_deliverable() {
    // The specification, C.8: the restart is delivered, then the stop.
    let (machine, mut cpu) = machine(&[DIAG_501]);
    set_new_psw(&machine, lowcore::RESTART_NEW_PSW, Psw::new(SUPERVISOR, 0x4444));
    cpu.mailbox.inject(LocalInterrupt::Stop { flags: 1 }).unwrap();
    cpu.mailbox.inject(LocalInterrupt::Restart).unwrap();
    assert_eq!(cpu.run(&machine), Intercept::Stop);
    assert_eq!(cpu.regs.psw.addr, 0x4444);
    let pending = cpu.mailbox.local.lock().stop_pending();
    assert_eq!(pending, Some(StopRequest { store_status: true }));
    // It stays until the layer above completes it.
    assert_eq!(cpu.run(&machine), Intercept::Stop);
}

#[test]
fn a_kick_ends_a_loop_after_delivery() {
    // The specification, F.2: delivery happens even if control is asked for.
    let (machine, mut cpu) = machine(&[0xa7f4_0000]);
    set_new_psw(&machine, lowcore::RESTART_NEW_PSW, Psw::new(SUPERVISOR, START));
    cpu.mailbox.inject(LocalInterrupt::Restart).unwrap();
    cpu.mailbox.kick();
    assert_eq!(cpu.run(&machine), Intercept::Requested);
    assert_eq!(old_psw(&machine, lowcore::RESTART_OLD_PSW).addr, START);

    let mailbox = Arc::clone(&cpu.mailbox);
    let running = thread::spawn(move || cpu.run(&machine));
    mailbox.kick();
    assert_eq!(running.join().unwrap(), Intercept::Requested);
}

#[test]
fn a_low_core_outside_storage_is_a_host_fault() {
    let (machine, mut cpu) = machine(&[DIAG_501]);
    cpu.regs.set_prefix(0x7fff_e000);
    cpu.mailbox.inject(LocalInterrupt::Restart).unwrap();
    assert_eq!(cpu.run(&machine), Intercept::HostFault);
    assert!(cpu.mailbox.local.lock().is_empty(), "the interrupt is lost (C.4)");
}

#[test]
fn a_supervisor_call_swaps_psws() {
    // svc 0x42
    let (machine, mut cpu) = machine(&[0x0a42_0000, DIAG_501]);
    set_new_psw(&machine, lowcore::SVC_NEW_PSW, Psw::new(SUPERVISOR, START + 4));
    assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
    assert_eq!(halfword(&machine, lowcore::SVC_CODE), 0x42);
    assert_eq!(halfword(&machine, lowcore::SVC_ILC), 2);
    assert_eq!(old_psw(&machine, lowcore::SVC_OLD_PSW).addr, START + 2);
}

#[test]
fn sigp_answers_become_condition_codes() {
    // sigp %r1,%r3,1 ; diag
    for (answer, cc, r1) in [
        (Sigp::Accepted, 0, u64::MAX),
        (Sigp::Status(0x40), 1, 0xffff_ffff_0000_0040),
        (Sigp::Busy, 2, u64::MAX),
        (Sigp::NotOperational, 3, u64::MAX),
    ] {
        let (mut machine, mut cpu) = machine(&[0xae13_0001, DIAG_501]);
        machine.sigp = answer;
        cpu.regs.gr[1] = u64::MAX;
        assert!(matches!(cpu.run(&machine), Intercept::Instruction { ipa: 0x8300, .. }));
        assert_eq!((cpu.regs.psw.condition_code(), cpu.regs.gr[1]), (cc, r1));
    }
    let (mut machine, mut cpu) = machine(&[0xae13_0004]);
    machine.sigp = Sigp::Intercept;
    assert!(matches!(cpu.run(&machine), Intercept::Instruction { ipa: 0xae13, .. }));
}

#[test]
fn a_branch_by_the_target_of_execute_is_the_executes_and_counts_from_the_target() {
    // ex %r0,0(%r4); the target is brc 15,.+8, and there stands diag.
    let (machine, mut cpu) = machine(&[0x4400_4000]);
    let target = START + 0x100;
    cpu.regs.gr[4] = target;
    machine.storage.view().store_u32(target, 0xa7f4_0004).unwrap();
    machine.storage.view().store_u32(target + 8, DIAG_501).unwrap();
    assert_eq!(cpu.run(&machine), Intercept::Instruction { ipa: 0x8300, ipb: 0x0501_0000 });
    assert_eq!(cpu.regs.psw.addr, target + 12);
    assert_eq!(cpu.regs.breaking_event, START);
}
