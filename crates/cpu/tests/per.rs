//! Program-event recording: programs of a few words, with what the manual,
//! chapter 4, says that the low core shows of them.

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

use lowcore_arch::{ControlRegister as Cr, Psw, lowcore};
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;
use std::sync::Arc;

/// 64-bit addressing, supervisor state, real mode.
const PLAIN: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
const PER: u64 = PLAIN | Psw::PER;
const START: u64 = 0x1_0000;
/// Where program interruptions lead: to an intercept and then back.
const HANDLER: u64 = 0x8000;
const SVC_HANDLER: u64 = 0x9000;
const DATA: u64 = 0x2_0000;
const DIAG_501: u32 = 0x8300_0501;
/// lpswe 0x150
const RETURN: u32 = 0xb2b2_0150;

const BRANCH: u64 = Cr::CR9_BRANCHING;
const FETCH: u64 = Cr::CR9_FETCHING;
const STORE: u64 = Cr::CR9_STORAGE_ALTERATION;
const REAL: u64 = Cr::CR9_REAL_STORE;
const EVERYWHERE: (u64, u64) = (0, u64::MAX);

/// What the low core shows of a program interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    code: u16,
    /// PER code.
    per: u8,
    /// PER address.
    address: u64,
    /// Instruction length.
    length: u16,
    /// Instruction address of the old PSW.
    old: u64,
}

struct Machine {
    around: Standalone,
    cpu: Cpu,
}

impl Machine {
    /// A machine of 1 MiB whose CPU is about to execute `program` with these
    /// PER controls.
    fn new(program: &[u32], events: u64, (start, end): (u64, u64)) -> Self {
        let memory = Mapping::anonymous(1 << 20).unwrap();
        let storage = Storage::new();
        storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
        let around = Standalone { storage, ..Standalone::default() };
        let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
        cpu.mailbox.local.lock().start();
        cpu.regs.psw = Psw::new(PER, START);
        cpu.regs.cr[9..12].copy_from_slice(&[events, start, end]);
        cpu.regs.gr[3] = DATA;
        let machine = Self { around, cpu };
        machine.words(START, program);
        machine.words(HANDLER, &[DIAG_501, RETURN]);
        machine.words(SVC_HANDLER, &[DIAG_501]);
        machine.put(lowcore::PROGRAM_NEW_PSW.into(), &Psw::new(PLAIN, HANDLER).to_bytes());
        machine.put(lowcore::SVC_NEW_PSW.into(), &Psw::new(PLAIN, SVC_HANDLER).to_bytes());
        machine
    }

    fn put(&self, address: u64, bytes: &[u8]) {
        self.around.storage.view().write(address, bytes).unwrap();
    }

    fn words(&self, address: u64, words: &[u32]) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        self.put(address, &bytes);
    }

    fn bytes<const N: usize>(&self, address: u64) -> [u8; N] {
        let mut bytes = [0; N];
        self.around.storage.view().read(address, &mut bytes).unwrap();
        bytes
    }

    fn old_psw(&self, offset: u16) -> Psw {
        Psw::from_bytes(self.bytes(offset.into()))
    }

    /// Runs to the next program interruption; `None` if the program came to a
    /// DIAGNOSE 0x501 of its own.
    fn run(&mut self) -> Option<Shown> {
        assert_eq!(
            self.cpu.run(&self.around),
            Intercept::Instruction { ipa: 0x8300, ipb: 0x0501_0000 }
        );
        (self.cpu.regs.psw.addr == HANDLER + 4).then(|| Shown {
            code: u16::from_be_bytes(self.bytes(lowcore::PROGRAM_CODE.into())),
            per: self.bytes::<1>(lowcore::PER_CODE.into())[0],
            address: u64::from_be_bytes(self.bytes(lowcore::PER_ADDRESS.into())),
            length: u16::from_be_bytes(self.bytes(lowcore::PROGRAM_ILC.into())),
            old: self.old_psw(lowcore::PROGRAM_OLD_PSW).addr,
        })
    }

    fn atmid(&self) -> u8 {
        self.bytes::<1>(lowcore::PER_ATMID.into())[0]
    }

    fn access(&self) -> u8 {
        self.bytes::<1>(lowcore::PER_ACCESS_ID.into())[0]
    }
}

/// The only program interruption of a program.
fn only(program: &[u32], events: u64, area: (u64, u64)) -> Option<Shown> {
    Machine::new(program, events, area).run()
}

/// An event of the first instruction, of `length` bytes, that goes on at
/// `next`.
fn event(per: u8, length: u16, next: u64) -> Option<Shown> {
    Some(Shown { code: 0x80, per, address: START, length, old: next })
}

#[test]
fn branches_are_events_only_when_they_branch() {
    // j .+8
    let taken = [0xa7f4_0004, DIAG_501, DIAG_501];
    assert_eq!(only(&taken, BRANCH, (0, 0)), event(0x80, 4, START + 8));
    // Without the event, without the PSW's bit: nothing.
    assert_eq!(only(&taken, 0, EVERYWHERE), None);
    let mut machine = Machine::new(&taken, BRANCH | FETCH | STORE, EVERYWHERE);
    machine.cpu.regs.psw = Psw::new(PLAIN, START);
    assert_eq!(machine.run(), None);
    // brc 0,.+8 ; basr %r1,0 and nopr
    assert_eq!(only(&[0xa704_0004, DIAG_501], BRANCH, EVERYWHERE), None);
    assert_eq!(only(&[0x0d10_0700, DIAG_501], BRANCH, EVERYWHERE), None);
    // Neither is a load of the PSW: lpswe 0(%r3)
    let mut machine = Machine::new(&[0xb2b2_3000], BRANCH, EVERYWHERE);
    machine.words(START + 0x100, &[DIAG_501]);
    machine.put(DATA, &Psw::new(PLAIN, START + 0x100).to_bytes());
    assert_eq!(machine.run(), None);
}

#[test]
fn branches_are_limited_to_the_area_of_their_targets() {
    let program = [0xa7f4_0004, DIAG_501, DIAG_501];
    let control = BRANCH | Cr::CR9_BRANCH_ADDRESS;
    let hit = event(0x80, 4, START + 8);
    for (area, expected) in [
        ((START + 8, START + 8), hit),
        ((START, START + 7), None),
        ((START + 9, START + 100), None),
        ((START + 9, START + 8), hit),
        ((START + 9, START + 7), None),
        ((u64::MAX, START + 8), hit),
        ((START + 8, 0), hit),
    ] {
        assert_eq!(only(&program, control, area), expected, "{area:x?}");
    }
}

#[test]
fn the_breaking_event_address_stays_what_it_is() {
    // la %r1,0 ; j .+4 ; diag
    let mut machine = Machine::new(&[0x4110_0000, 0xa7f4_0002, DIAG_501], FETCH, (START, START));
    machine.cpu.regs.breaking_event = 0x5678;
    assert_eq!(machine.run(), event(0x40, 4, START + 4));
    assert_eq!(machine.bytes(lowcore::BREAKING_EVENT_ADDRESS.into()), 0x5678_u64.to_be_bytes());
    assert_eq!(machine.run(), None);
    assert_eq!(machine.cpu.regs.breaking_event, START + 4);
}

#[test]
fn fetching_counts_the_first_byte_of_instructions() {
    // lr %r1,%r2 twice, then la
    let program = [0x1812_1812, 0x4110_0000, DIAG_501];
    let second = Shown { code: 0x80, per: 0x40, address: START + 2, length: 2, old: START + 4 };
    let third = Shown { code: 0x80, per: 0x40, address: START + 4, length: 4, old: START + 8 };
    for (area, expected) in [
        ((START, START), event(0x40, 2, START + 2)),
        ((START + 1, START + 1), None),
        ((START + 2, START + 3), Some(second)),
        ((START + 5, START + 7), None),
        ((START + 3, START + 4), Some(third)),
        ((START + 2, START - 1), Some(second)),
        ((START + 100, START + 99), event(0x40, 2, START + 2)),
    ] {
        assert_eq!(only(&program, FETCH, area), expected, "{area:x?}");
    }
}

#[test]
fn every_instruction_of_a_loop_is_an_event() {
    // lghi %r1,3 ; brct %r1,. ; diag
    let program = [0xa719_0003, 0xa716_0000, DIAG_501];
    let mut machine = Machine::new(&program, FETCH | BRANCH, (START, START + 7));
    let mut seen = Vec::new();
    while let Some(shown) = machine.run() {
        seen.push((shown.per, shown.address - START, shown.old - START));
    }
    assert_eq!(seen, [(0x40, 0, 4), (0xc0, 4, 4), (0xc0, 4, 4), (0x40, 4, 8)]);
}

#[test]
fn execute_and_its_target_are_both_fetched() {
    // ex 0,0x10(%r3), of lr %r1,%r2
    let target = DATA + 0x10;
    for (area, expected) in [
        ((START, START), event(0x40, 4, START + 4)),
        ((target, target), event(0x40, 4, START + 4)),
        ((target + 1, target + 1), None),
        ((START + 1, START + 3), None),
    ] {
        let mut machine = Machine::new(&[0x4400_3010, DIAG_501], FETCH, area);
        machine.words(target, &[0x1812_0000]);
        assert_eq!(machine.run(), expected, "{area:x?}");
    }
    // A branch and a store as targets: the address is that of EXECUTE.
    let mut machine = Machine::new(&[0x4400_3010, DIAG_501], BRANCH, EVERYWHERE);
    machine.words(target, &[0x07f4_0000]);
    machine.cpu.regs.gr[4] = START + 4;
    assert_eq!(machine.run(), event(0x80, 4, START + 4));
    let mut machine = Machine::new(&[0x4400_3010, DIAG_501], STORE, (DATA, DATA));
    machine.words(target, &[0x9205_3000]);
    assert_eq!(machine.run(), event(0x20, 4, START + 4));
}

#[test]
fn alteration_counts_the_bytes_that_are_stored() {
    // st %r1,4(%r3): bytes 4-7
    let store = [0x5010_3004, DIAG_501];
    let hit = event(0x20, 4, START + 4);
    for (area, expected) in [
        ((DATA + 4, DATA + 4), hit),
        ((DATA + 7, DATA + 7), hit),
        ((DATA, DATA + 4), hit),
        ((DATA + 7, DATA + 100), hit),
        ((DATA, DATA + 3), None),
        ((DATA + 8, DATA + 100), None),
        ((DATA + 8, DATA + 3), None),
        ((DATA + 7, DATA + 3), hit),
        ((DATA + 8, DATA + 4), hit),
        (EVERYWHERE, hit),
    ] {
        assert_eq!(only(&store, STORE, area), expected, "{area:x?}");
    }
    // Fetches and comparisons store nothing: l, clc, tm.
    for word in [0x5810_3004, 0x9101_3004] {
        assert_eq!(only(&[word, DIAG_501], STORE, EVERYWHERE), None, "{word:x}");
    }
}

#[test]
fn alteration_by_every_way_to_store() {
    // Bytes 0x10 and on, of operands that cross into the next page too.
    let cases: [(&str, &[u32], u64); 9] = [
        ("mvi", &[0x9201_3010, DIAG_501], 1),
        ("sth", &[0x4010_3010, DIAG_501], 2),
        ("stg", &[0xe310_3010, 0x0024_0700, DIAG_501], 8),
        ("stm %r0,%r5", &[0x9005_3010, DIAG_501], 24),
        ("stmg %r0,%r2", &[0xeb02_3010, 0x0024_0700, DIAG_501], 24),
        ("mvc", &[0xd20f_3010, 0x3100_0700, DIAG_501], 16),
        ("xc", &[0xd70f_3010, 0x3010_0700, DIAG_501], 16),
        ("tr", &[0xdc03_3010, 0x3100_0700, DIAG_501], 4),
        ("stck", &[0xb205_3010, DIAG_501], 8),
    ];
    for (name, program, length) in cases {
        for at in [DATA, DATA + 0xfef] {
            let first = at + 0x10;
            let last = first + length - 1;
            for (area, hits) in [
                ((first, first), true),
                ((last, last), true),
                ((first - 1, first - 1), false),
                ((last + 1, last + 1), false),
            ] {
                let mut machine = Machine::new(program, STORE, area);
                machine.cpu.regs.gr[3] = at;
                let shown = machine.run();
                assert_eq!(shown.map(|shown| shown.per), hits.then_some(0x20), "{name} {area:x?}");
            }
        }
    }
}

#[test]
fn alteration_by_updates_in_storage() {
    for (name, program) in [
        ("cs", &[0xba12_3010, DIAG_501, DIAG_501][..]),
        ("csg", &[0xeb12_3010, 0x0030_0700, DIAG_501]),
        ("cdsg", &[0xeb24_3010, 0x003e_0700, DIAG_501]),
        ("laa", &[0xeb12_3010, 0x00f8_0700, DIAG_501]),
        ("asi", &[0xeb01_3010, 0x006a_0700, DIAG_501]),
        ("ts", &[0x9300_3010, DIAG_501, DIAG_501]),
        ("oi", &[0x9601_3010, DIAG_501, DIAG_501]),
    ] {
        let at = DATA + 0x10;
        let per = only(program, STORE, (at, at)).map(|shown| shown.per);
        assert_eq!(per, Some(0x20), "{name}");
        assert_eq!(only(program, STORE, (DATA, at - 1)), None, "{name}");
    }
}

#[test]
fn alteration_in_spaces_that_say_so() {
    /// A space whose virtual addresses are real ones.
    const SPACE: u64 = 0x20;
    const WATCHED: u64 = SPACE | 0x80;
    const PRIMARY: u64 = PER | Psw::DAT;
    const ACCESS_REGISTERS: u64 = PRIMARY | 1 << 46;
    const SECONDARY: u64 = PRIMARY | 2 << 46;
    const HOME: u64 = PRIMARY | 3 << 46;
    let run = |mask, control, watched: usize, alet| {
        let mut machine = Machine::new(&[0x5010_3004, DIAG_501], STORE | control, EVERYWHERE);
        for space in [1, 7, 13] {
            machine.cpu.regs.cr[space] = if space == watched { WATCHED } else { SPACE };
        }
        machine.cpu.regs.psw.mask = mask;
        machine.cpu.regs.ar[3] = alet;
        let shown = machine.run();
        (shown.map(|shown| shown.per), machine)
    };
    let control = Cr::CR9_ALTERATION_SPACE;
    for (mask, space, alet, atmid, access) in [
        (PRIMARY, 1, 0, 0xf0, 0),
        (ACCESS_REGISTERS, 1, 0, 0xf5, 3),
        (ACCESS_REGISTERS, 7, 1, 0xf5, 3),
        (SECONDARY, 7, 0, 0xfa, 0),
        (HOME, 13, 0, 0xff, 0),
    ] {
        let (per, machine) = run(mask, control, space, alet);
        assert_eq!(per, Some(0x20), "{mask:x} {space}");
        assert_eq!((machine.atmid(), machine.access()), (atmid, access), "{mask:x} {space}");
        // Another space is watched.
        let other = if space == 1 { 7 } else { 1 };
        assert_eq!(run(mask, control, other, alet).0, None, "{mask:x} {space}");
        // The space does not count.
        assert_eq!(run(mask, 0, 0, alet).0, Some(0x20), "{mask:x} {space}");
    }
    // Without translation the control is ignored.
    assert_eq!(run(PER, control, 0, 0).0, Some(0x20));
}

#[test]
fn stores_by_real_address_are_events_of_their_own() {
    // stura %r1,%r3 ; sturg %r1,%r3
    for program in [[0xb246_0013, DIAG_501], [0xb925_0013, DIAG_501]] {
        let hit = event(0x28, 4, START + 4);
        // The storage area does not count.
        assert_eq!(only(&program, STORE | REAL, (0, 0)), hit);
        assert_eq!(only(&program, STORE, EVERYWHERE), None);
        assert_eq!(only(&program, REAL, EVERYWHERE), None);
    }
    // A plain store is none.
    assert_eq!(only(&[0x5010_3004, DIAG_501], STORE | REAL, (0, 0)), None);
}

#[test]
fn the_modes_are_those_before_the_instruction() {
    // sam31 ; sam24 ; sam64
    let program = [0x010d_010c, 0x010e_0700, DIAG_501];
    let mut machine = Machine::new(&program, FETCH, (START, START + 5));
    let mut seen = Vec::new();
    while machine.run().is_some() {
        seen.push(machine.atmid());
    }
    assert_eq!(seen, [0xe0, 0x60, 0x40]);
}

#[test]
fn a_suppressed_instruction_was_fetched_and_nothing_else() {
    let all = BRANCH | FETCH | STORE;
    let shown = |code, length, old| Some(Shown { code, per: 0x40, address: START, length, old });
    // st %r1,0(%r3) under low-address protection
    let mut machine = Machine::new(&[0x5010_3000], all, EVERYWHERE);
    machine.cpu.regs.cr[0] = Cr::CR0_LOW_ADDRESS_PROTECTION;
    machine.cpu.regs.gr[3] = 8;
    assert_eq!(machine.run(), shown(0x84, 4, START + 4));
    // stm %r0,%r2 of which the second word is beyond storage
    let mut machine = Machine::new(&[0x9002_3000], all, EVERYWHERE);
    machine.cpu.regs.gr[3] = (1 << 20) - 4;
    assert_eq!(machine.run(), shown(0x85, 4, START + 4));
    // No instruction; a privileged one in the problem state.
    assert_eq!(only(&[0xb2fe_0000], all, EVERYWHERE), shown(0x81, 4, START + 4));
    let mut machine = Machine::new(&[0xb202_3000], all, EVERYWHERE);
    machine.cpu.regs.psw.mask |= Psw::PROBLEM;
    assert_eq!(machine.run(), shown(0x82, 4, START + 4));
    // Nullified: the old PSW designates the instruction. The segment table at
    // 0xc000 has an invalid entry for the operand and a valid one, with a page
    // table, for the program.
    let mut machine = Machine::new(&[0x5010_3000], all, EVERYWHERE);
    machine.put(0xc000, &0xd000_u64.to_be_bytes());
    machine.put(0xc008, &0x20_u64.to_be_bytes());
    machine.put(0xd080, &START.to_be_bytes());
    machine.cpu.regs.cr[1] = 0xc000;
    machine.cpu.regs.psw.mask |= Psw::DAT;
    machine.cpu.regs.gr[3] = 1 << 20;
    assert_eq!(machine.run(), shown(0x90, 4, START));
}

#[test]
fn a_completed_instruction_has_all_its_events() {
    // laa %r1,%r2,0(%r3) with the fixed-point-overflow mask
    let mut machine = Machine::new(&[0xeb12_3000, 0x00f8_0700], FETCH | STORE, EVERYWHERE);
    machine.cpu.regs.psw.mask |= Psw::FIXED_OVERFLOW;
    machine.cpu.regs.gr[2] = 1;
    machine.words(DATA, &[0x7fff_ffff]);
    let shown = Shown { code: 0x88, per: 0x60, address: START, length: 6, old: START + 6 };
    assert_eq!(machine.run(), Some(shown));
    assert_eq!(machine.bytes(DATA), 0x8000_0000_u32.to_be_bytes());
}

#[test]
fn what_could_not_be_fetched_is_no_event() {
    for (address, code) in [(START + 1, 6), (1 << 20, 5)] {
        let mut machine = Machine::new(&[], FETCH, EVERYWHERE);
        machine.cpu.regs.psw.addr = address;
        assert_eq!(machine.run().unwrap().code, code);
    }
    // EXECUTE was fetched, its target was not: ex 0,0(%r3)
    for (address, code) in [(DATA + 1, 0x86), (1 << 20, 0x85)] {
        let mut machine = Machine::new(&[0x4400_3000], FETCH, (START, START));
        machine.cpu.regs.gr[3] = address;
        assert_eq!(machine.run().map(|shown| (shown.code, shown.per)), Some((code, 0x40)));
        let mut machine = Machine::new(&[0x4400_3000], FETCH, (address, address));
        machine.cpu.regs.gr[3] = address;
        assert_eq!(machine.run().map(|shown| shown.code), Some(code & !0x80));
    }
}

#[test]
fn a_supervisor_call_comes_before_its_event() {
    // svc 5
    let mut machine = Machine::new(&[0x0a05_0000], FETCH, (START, START));
    assert_eq!(machine.run(), event(0x40, 2, SVC_HANDLER));
    assert_eq!(machine.old_psw(lowcore::SVC_OLD_PSW), Psw::new(PER, START + 2));
    assert_eq!(machine.old_psw(lowcore::PROGRAM_OLD_PSW), Psw::new(PLAIN, SVC_HANDLER));
    assert_eq!(machine.atmid(), 0xe0);
    // An invalid new PSW is part of the same interruption, of length zero.
    let mut machine = Machine::new(&[0x0a05_0000], FETCH, (START, START));
    machine.put(lowcore::SVC_NEW_PSW.into(), &Psw::new(1 << 63, 0x1234).to_bytes());
    let both = Shown { code: 0x86, per: 0x40, address: START, length: 0, old: 0x1234 };
    assert_eq!(machine.run(), Some(both));
}

#[test]
fn controls_count_from_the_next_instruction_on() {
    // lpswe 0(%r3) into a PSW without PER: its own event is recognized.
    let mut machine = Machine::new(&[0xb2b2_3000], FETCH, EVERYWHERE);
    machine.put(DATA, &Psw::new(PLAIN, START + 0x100).to_bytes());
    machine.words(START + 0x100, &[DIAG_501]);
    assert_eq!(machine.run(), event(0x40, 4, START + 0x100));
    assert_eq!(machine.old_psw(lowcore::PROGRAM_OLD_PSW).mask, PLAIN);
    assert_eq!(machine.atmid(), 0xe0);
    assert_eq!(machine.run(), None);
    // And into one with PER: the instruction there is the first.
    let mut machine = Machine::new(&[0xb2b2_3000], FETCH, EVERYWHERE);
    machine.cpu.regs.psw.mask = PLAIN;
    machine.put(DATA, &Psw::new(PER, START + 0x100).to_bytes());
    machine.words(START + 0x100, &[0x1812_0700]);
    let first = START + 0x100;
    let shown = Shown { code: 0x80, per: 0x40, address: first, length: 2, old: first + 2 };
    assert_eq!(machine.run(), Some(shown));
    // lctlg %c9,%c9,0(%r3): off, and on.
    for (before, after) in [(FETCH, 0), (0, FETCH)] {
        let program = [0xeb99_3000, 0x002f_1812, DIAG_501];
        let mut machine = Machine::new(&program, before, (START, START + 7));
        machine.put(DATA, &after.to_be_bytes());
        let seen = machine.run().map(|shown| shown.address - START);
        assert_eq!(seen, Some(if before == 0 { 6 } else { 0 }));
        assert_eq!(machine.run(), None);
    }
    // stosm 0(%r3),0x40 turns PER on, stnsm turns it off.
    let program = [0xad40_3000, 0x1812_0700, 0xacbf_3000, DIAG_501];
    let mut machine = Machine::new(&program, FETCH, EVERYWHERE);
    machine.cpu.regs.psw.mask = PLAIN;
    let mut seen = Vec::new();
    while let Some(shown) = machine.run() {
        seen.push(shown.address - START);
    }
    assert_eq!(seen, [4, 6, 8]);
}

#[test]
fn an_invalid_psw_is_loaded_together_with_the_event() {
    let mut machine = Machine::new(&[0xb2b2_3000], FETCH, EVERYWHERE);
    machine.put(DATA, &Psw::new(1 << 63, 0x2222).to_bytes());
    let shown = machine.run().unwrap();
    assert_eq!((shown.code, shown.per, shown.address), (0x86, 0x40, START));
    assert_eq!(machine.old_psw(lowcore::PROGRAM_OLD_PSW), Psw::new(1 << 63, 0x2222));
}

#[test]
fn a_wait_begins_after_the_event() {
    let mut machine = Machine::new(&[0xb2b2_3000], FETCH, EVERYWHERE);
    machine.put(DATA, &Psw::new(PLAIN | Psw::WAIT, 0x2222).to_bytes());
    assert_eq!(machine.run(), event(0x40, 4, 0x2222));
    assert_eq!(machine.cpu.run(&machine.around), Intercept::DisabledWait);
}

#[test]
fn an_interruptible_instruction_stops_after_the_unit_with_the_event() {
    // mvcl %r4,%r6: three pages, of which the second is watched.
    let (to, from, length) = (0x3_0000_u64, 0x5_0000_u64, 0x3000_u64);
    let area = (to + 0x1800, to + 0x1800);
    let mut machine = Machine::new(&[0x0e46_0700, DIAG_501], FETCH | STORE, area);
    machine.put(from, &[0xaa; 0x3000]);
    machine.cpu.regs.gr[4..8].copy_from_slice(&[to, length, from, length]);
    let shown = machine.run().unwrap();
    assert_eq!((shown.code, shown.per, shown.address, shown.old), (0x80, 0x20, START, START));
    let left = machine.cpu.regs.gr[5];
    assert_eq!(machine.cpu.regs.gr[4..8], [to + length - left, left, from + length - left, left]);
    assert!(left < 0x3000 - 0x1800, "the watched byte was not stored");
    assert!(left > 0, "the instruction went on");
    assert_eq!(machine.run(), None);
    assert_eq!(machine.cpu.regs.gr[5], 0);
    assert_eq!(machine.bytes::<0x3000>(to), [0xaa; 0x3000]);
    // Fetching alone is told once, at the end.
    let mut machine = Machine::new(&[0x0e46_0700, DIAG_501], FETCH, (START, START));
    machine.cpu.regs.gr[4..8].copy_from_slice(&[to, length, from, length]);
    assert_eq!(machine.run(), event(0x40, 2, START + 2));
    assert_eq!(machine.cpu.regs.gr[5], 0);
    assert_eq!(machine.run(), None);
}

#[test]
fn an_event_of_an_intercepted_instruction_stays_pending() {
    let mut machine = Machine::new(&[DIAG_501], FETCH, EVERYWHERE);
    assert_eq!(machine.run(), None);
    assert_eq!(machine.cpu.regs.psw.addr, START + 4);
    assert_eq!(machine.run(), event(0x40, 4, START + 4));
}

#[test]
fn instructions_that_other_cpus_take_part_in_have_their_events() {
    // sigp %r0,%r2,1 to a CPU that is not there; ptlb; sck 0(%r3)
    for word in [0xae02_0001, 0xb20d_0000, 0xb204_3000] {
        assert_eq!(only(&[word, DIAG_501], FETCH, (START, START)), event(0x40, 4, START + 4));
    }
    // ipte %r4,%r5 with its page table in the storage area: a real address.
    let mut machine = Machine::new(&[0xb221_0045, DIAG_501], FETCH | STORE, EVERYWHERE);
    machine.cpu.regs.gr[4] = DATA;
    assert_eq!(machine.run(), event(0x40, 4, START + 4));
    assert_eq!(machine.bytes(DATA), 0x400_u64.to_be_bytes());
}

#[test]
fn an_operand_without_bytes_alters_nothing() {
    // stcm %r1,0,0(%r3) ; mvcl of nothing
    assert_eq!(only(&[0xbe10_3000, DIAG_501], STORE, EVERYWHERE), None);
    let mut machine = Machine::new(&[0x0e46_0700, DIAG_501], STORE, EVERYWHERE);
    machine.cpu.regs.gr[4..8].copy_from_slice(&[DATA, 0, DATA, 0]);
    assert_eq!(machine.run(), None);
}
