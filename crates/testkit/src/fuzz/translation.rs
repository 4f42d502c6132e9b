//! The interpreter and the run loop in every PSW mode: translation through
//! tables that are mostly sound, every address-space control, access lists,
//! PER, any control registers.

use super::Source;
use super::guest;
use super::machine::{Machine, SLOT};
use lowcore_arch::{Psw, bits, lowcore};
use lowcore_cpu::{Context, Cpu, Engine, Exception, Intercept, Interpreter, Registers, Tlb};
use std::sync::Arc;

/// Where the tables are: region first, second, third, segments; then pages.
const TABLES: u64 = 0x4_0000;
const SEGMENTS: u64 = TABLES + 3 * 0x4000;
const PAGES: u64 = TABLES + 4 * 0x4000;
/// Page tables, one for each of the first segments.
const SPACE: u64 = 4;

/// Executes a guest made of `bytes` by single steps, then in the run loop.
/// Returns how many instructions completed in the first part.
///
/// # Panics
/// If something outside of storage changed, or storage was found inaccessible.
pub fn translation(bytes: &[u8]) -> u64 {
    let source = &mut Source::new(bytes);
    let second = guest::second_slot(source);
    let Some(machine) = Machine::new(second) else { return 0 };
    let mut regs = guest::registers(source, second);
    guest::low_core(source, &machine, &regs, second);
    guest::keys(source, &machine, second);
    tables(source, &machine, second);
    controls(source, &mut regs);
    new_psws(source, &machine, &regs);
    let code = guest::code(source, 24);
    guest::put(&machine, &regs, regs.psw.addr, &code);
    let mut cpu = Cpu::new(Arc::clone(&machine.mailbox));
    cpu.regs = regs;
    machine.allow(u32::MAX);
    let mut engine = Interpreter::default();
    let mut tlb = Tlb::default();
    let mut completed = 0;
    for _ in 0..source.below(32) {
        if !cpu.regs.psw.is_valid() || cpu.regs.psw.has(Psw::WAIT) {
            break;
        }
        completed += u64::from(step(&machine, &mut cpu.regs, &mut tlb, &mut engine));
    }
    for _ in 0..source.u8() % 4 {
        guest::interrupts(source, &machine, true);
        machine.allow(1 + u32::from(source.u8() % 16));
        cpu.regs.cpu_timer.start();
        let intercept = cpu.run(&machine);
        cpu.regs.cpu_timer.stop();
        let prefix = cpu.regs.prefix;
        assert_eq!(prefix & !lowcore::PREFIX_MASK, 0, "the prefix {prefix:#x}");
        match intercept {
            Intercept::HostFault => {
                let there = machine.storage.view().contains(prefix.into(), lowcore::SIZE);
                assert!(!there, "a host fault at {:x?}", cpu.regs.psw);
                break;
            }
            Intercept::Unsupported(what) => {
                check_unsupported(what);
                break;
            }
            _ => {}
        }
    }
    machine.check_guards();
    completed
}

/// Only what a guest must set up first, such as the linkage stack, is not there.
fn check_unsupported(what: &str) {
    assert!(what.starts_with("The guest ") && what.ends_with("Lowcore does not have."), "{what}");
}

/// One instruction; whether it completed.
fn step(machine: &Machine, regs: &mut Registers, tlb: &mut Tlb, engine: &mut Interpreter) -> bool {
    let view = machine.storage.view();
    let mut context = Context::new(regs, tlb, &machine.mailbox, &view, machine);
    let result = engine.step(&mut context);
    let at = context.instruction_address;
    match result {
        Ok(()) => true,
        Err(Exception::Again) => {
            regs.psw.addr = at;
            true
        }
        Err(Exception::Recall(absolute)) => {
            view.code_recalled(absolute);
            false
        }
        Err(Exception::HostFault) => panic!("all of storage is accessible"),
        Err(Exception::Unsupported(what)) => {
            check_unsupported(what);
            false
        }
        Err(Exception::Program { code, .. }) => {
            assert!(code.0 != 0, "a program interruption without a code");
            false
        }
        Err(_) => false,
    }
}

/// Tables that map the first segments mostly to the same addresses, and some
/// entries that are anything.
fn tables(source: &mut Source<'_>, machine: &Machine, second: u64) {
    const INVALID: u64 = 0x20;
    const PAGE_INVALID: u64 = 0x400;
    const PROTECTED: u64 = 0x200;
    let view = machine.storage.view();
    // Nothing to prepare where there is no storage.
    let put = |at: u64, value: u64| {
        let _ = view.store_u64(at, value);
    };
    for (level, kind) in [(0, 0xc), (1, 0x8), (2, 0x4)] {
        let next = TABLES + (level + 1) * 0x4000;
        put(TABLES + level * 0x4000, next | kind | 3);
        for entry in 1..8 {
            put(TABLES + level * 0x4000 + 8 * entry, INVALID | kind);
        }
    }
    for segment in 0..SPACE {
        let flags = source.pick(&[0, 0, 0, PROTECTED, 0x400, INVALID, 0x10]);
        put(SEGMENTS + 8 * segment, (PAGES + 0x800 * segment) | flags);
        for page in 0..256 {
            let here = segment << 20 | page << 12;
            let frame = match (here >= SLOT, segment) {
                (false, _) => here,
                (true, 1) => second.wrapping_add(here - SLOT) & !0xfff,
                _ => here & (SLOT - 1),
            };
            put(PAGES + 0x800 * segment + 8 * page, frame);
        }
    }
    for _ in 0..source.u8() % 16 {
        let entry = PAGES + 8 * u64::from(source.below(0x400));
        let frame = guest::address(source, second) & !0xfff;
        let flags = source.pick(&[0, PAGE_INVALID, PROTECTED, 0x100, 0x800, 0x600]);
        put(entry, frame | flags);
    }
    for _ in 0..source.u8() % 4 {
        let entry = TABLES + 8 * u64::from(source.below(0x2000));
        put(entry, source.number());
    }
}

/// Control registers and PSW.
fn controls(source: &mut Source<'_>, regs: &mut Registers) {
    const EDAT: u64 = 1 << 23;
    const PROTECTION: u64 = 1 << 28 | 1 << 24 | 1 << 26;
    regs.cr[0] |= EDAT & source.number();
    if source.one_in(4) {
        regs.cr[0] |= PROTECTION & source.u64();
    }
    for cr in [1, 7, 13] {
        let level = u64::from(source.u8() % 4);
        let kind = 3 - level;
        regs.cr[cr] = (TABLES + 0x4000 * level) | (kind << 2) | 3;
        if source.one_in(8) {
            // Real space, subspaces, event controls, short tables, anything.
            regs.cr[cr] ^= source.pick(&[0x20, 0x200, 0x100, 0x40, 0x80, 3, 0xc]);
        }
        if source.one_in(32) {
            regs.cr[cr] = source.number();
        }
    }
    for cr in [2, 3, 4, 5, 8, 12, 15] {
        if source.one_in(3) {
            regs.cr[cr] =
                if source.one_in(2) { source.number() } else { TABLES + u64::from(source.u16()) };
        }
    }
    regs.cr[9] = u64::from(source.u32()) << 24 & 0xff20_0000 | u64::from(source.u8()) << 24;
    regs.cr[10] = source.number();
    regs.cr[11] = if source.one_in(2) { u64::MAX } else { source.number() };
    for ar in &mut regs.ar {
        *ar = match source.u8() % 4 {
            0 | 1 => 0,
            2 => 1,
            _ => source.number32(),
        };
    }
    if !source.one_in(4) {
        regs.psw.mask |= Psw::DAT;
        regs.psw.mask |= u64::from(source.u8() % 4) << 46;
    }
    if source.one_in(3) {
        regs.psw.mask |= Psw::PER;
    }
    if source.one_in(4) {
        regs.psw.mask |= u64::from(source.u8() >> 4) << 52;
    }
    if source.one_in(64) {
        regs.cr[bits::index(u64::from(source.u8() % 16))] = source.u64();
    }
}

/// Some new PSWs get translation and PER as well.
fn new_psws(source: &mut Source<'_>, machine: &Machine, regs: &Registers) {
    let view = machine.storage.view();
    for offset in guest::NEW_PSWS {
        let at = u64::from(regs.prefix) + u64::from(offset);
        let choice = source.u8();
        if let Ok(mask) = view.load_u64(at)
            && choice & 3 == 0
        {
            let more = Psw::DAT | u64::from(choice >> 4 & 3) << 46;
            let per = if choice & 4 == 0 { Psw::PER } else { 0 };
            let _ = view.store_u64(at, mask | more | per);
        }
    }
}
