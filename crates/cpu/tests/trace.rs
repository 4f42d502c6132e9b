//! Entries of the instructions TRACE (manual, chapter 4, "Tracing").

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

use lowcore_arch::Psw;
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;
use std::sync::Arc;

const OPERAND: u64 = 0x2000;
const TABLE: u64 = 0x3f00;
/// A minute in the clock's units.
const MINUTE: u64 = 60 * 1_000_000 * 4096;
/// The prefix area, whose place the first 8 KiB of real storage take.
const PREFIX: u32 = 0x8000;

/// Executes one instruction with explicit tracing on, and a DIAGNOSE that
/// ends the run. Gives control register 12 and the table's storage.
fn execute(instruction: &[u8], table: u64) -> (u64, Vec<u8>, Standalone) {
    let memory = Mapping::anonymous(1 << 20).unwrap();
    let storage = Storage::new();
    storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
    let diagnose = [0x83, 0, 0x05, 0x01];
    storage.view().write(0x1_0000, &[instruction, &diagnose].concat()).unwrap();
    storage.view().write(OPERAND, &0x1234_5678_u32.to_be_bytes()).unwrap();
    let machine = Standalone { storage, ..Standalone::default() };
    let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
    cpu.mailbox.local.lock().start();
    cpu.regs.prefix = PREFIX;
    cpu.regs.gr = core::array::from_fn(|r| 0x1111_1111_1111_1111 * r as u64);
    cpu.regs.gr[2] = OPERAND;
    cpu.regs.cr[12] = table | 1;
    cpu.regs.psw = Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0x1_0000);
    let end = cpu.run(&machine);
    assert!(matches!(end, Intercept::Instruction { .. }), "{end:?}");
    let mut entries = vec![0; 0x100];
    machine.storage.view().read(table, &mut entries).unwrap();
    (cpu.regs.cr[12], entries, machine)
}

#[test]
fn trace_has_low_words_and_the_middle_of_the_clock() {
    // trace %r15,%r1,0(%r2)
    let (cr12, entry, machine) = execute(&[0x99, 0xf1, 0x20, 0], TABLE);
    assert_eq!(cr12, TABLE + 24 + 1);
    assert_eq!(entry[..2], [0x72, 0]);
    let now = machine.tod.now() & 0xffff_ffff_ffff;
    let then = entry[2..8].iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    assert!(now.wrapping_sub(then) & 0xffff_ffff_ffff < MINUTE, "{now:x} {then:x}");
    assert_eq!(entry[8..12], 0x1234_5678_u32.to_be_bytes());
    assert_eq!(entry[12..16], [0xff; 4]);
    assert_eq!(entry[16..20], [0; 4]);
    assert_eq!(entry[20..24], [0x11; 4]);
    assert!(entry[24..].iter().all(|byte| *byte == 0));
}

#[test]
fn tracg_has_whole_registers_and_a_longer_clock() {
    // tracg %r3,%r3,0(%r2)
    let (cr12, entry, machine) = execute(&[0xeb, 0x33, 0x20, 0, 0, 0x0f], TABLE);
    assert_eq!(cr12, TABLE + 24 + 1);
    assert_eq!(entry[..2], [0x70, 0x80]);
    let then = entry[2..10].iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    assert!(machine.tod.now().wrapping_sub(then) < MINUTE);
    assert_eq!(entry[10..12], [0; 2]);
    assert_eq!(entry[12..16], 0x1234_5678_u32.to_be_bytes());
    assert_eq!(entry[16..24], [0x33; 8]);
    assert!(entry[24..].iter().all(|byte| *byte == 0));
}

#[test]
fn an_entry_may_end_just_before_the_end_of_its_page() {
    let (cr12, entry, _) = execute(&[0x99, 0x33, 0x20, 0], 0x3fec);
    assert_eq!((cr12, entry[0]), (0x3ffc + 1, 0x70));
}

#[test]
fn entries_are_at_real_addresses() {
    let (cr12, entry, machine) = execute(&[0x99, 0x33, 0x20, 0], 0x1c00);
    assert_eq!(cr12, 0x1c10 + 1);
    assert!(entry.iter().all(|byte| *byte == 0), "absolute 0x1c00");
    let mut there = [0; 16];
    machine.storage.view().read(u64::from(PREFIX) + 0x1c00, &mut there).unwrap();
    assert_eq!(there[0], 0x70);
}
