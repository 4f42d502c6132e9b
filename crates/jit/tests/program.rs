//! Programs on the compiling engine: what instructions leave to each other,
//! and what it leaves to the interpreter.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_arch::{ProgramCode, Psw};
use lowcore_cpu::{Context, Engine, Exception, Interpreter, Mailbox, Registers, Standalone, Tlb};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_isa::assemble;
use lowcore_jit::region::Shape;
use lowcore_jit::{Compiled, Counts, Extras, Options};

const START: u64 = 0x1_0000;
const MODE_64: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;

/// A machine with a program, which ends in `svc 0`. `@n` stands for the
/// address of the instruction at index `n`.
fn machine(program: &[&str]) -> Standalone {
    let around = Standalone::default();
    let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
    around.storage.set_slot(0, 0, memory, false).unwrap();
    let program: Vec<&str> = program.iter().copied().chain(["svc 0"]).collect();
    let mut places = vec![START];
    for text in &program {
        let text = text.split('@').next().unwrap();
        let anywhere = format!("{text}{}", if text.ends_with(',') { "0x10000" } else { "" });
        let length = assemble(&anywhere, START).unwrap().bytes().len() as u64;
        places.push(places.last().unwrap() + length);
    }
    for (text, at) in program.iter().zip(&places) {
        let text = match text.split_once('@') {
            Some((text, n)) => format!("{text}{:#x}", places[n.parse::<usize>().unwrap()]),
            None => (*text).to_string(),
        };
        around.storage.view().write(*at, assemble(&text, *at).unwrap().bytes()).unwrap();
    }
    around
}

/// Executes until something happens.
fn run(engine: &mut dyn Engine, around: &Standalone, regs: &mut Registers) -> Exception {
    let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
    let mut context = Context::new(regs, &mut tlb, &mailbox, &view, around);
    loop {
        match engine.execute(&mut context, 100_000) {
            Err(Exception::Recall(absolute)) => view.code_recalled(absolute),
            Err(exception) => return exception,
            Ok(()) => {}
        }
        context.reevaluate = false;
    }
}

/// An engine that counts.
fn counting(options: Options) -> Compiled {
    let extras = Extras { counts: true, ..options.extras };
    Compiled::new(Options { extras, ..options }).unwrap()
}

fn start() -> Registers {
    Registers { psw: Psw::new(MODE_64, START), ..Registers::default() }
}

/// Counts the odd primes below 1000 in register 2, with a zeroed table that
/// register 3 designates: for each number from register 1 on that is not
/// marked, its odd and even multiples are, from its square on.
const SIEVE: [&str; 17] = [
    "lghi %r1,3",
    "sgr %r4,%r4", // 1: each number
    "ic %r4,0(%r1,%r3)",
    "ltgr %r4,%r4",
    "brc 6,@14",
    "aghi %r2,1",
    "lgr %r5,%r1",
    "msgr %r5,%r1",
    "lghi %r6,255",
    "cghi %r5,1000", // 9: each multiple
    "brc 10,@14",
    "stc %r6,0(%r5,%r3)",
    "agr %r5,%r1",
    "brc 15,@9",
    "aghi %r1,2", // 14: onward
    "cghi %r1,1000",
    "brc 4,@1",
];

#[test]
fn a_program_computes_what_it_should() {
    let mut results = Vec::new();
    let mut compiled = counting(Options::default());
    let mut interpreter = Interpreter::default();
    let engines: [&mut dyn Engine; 2] = [&mut compiled, &mut interpreter];
    for engine in engines {
        let around = machine(&SIEVE);
        let mut regs = start();
        regs.gr[3] = 0x2_0000;
        assert_eq!(run(engine, &around, &mut regs), Exception::SupervisorCall(0));
        // 168 primes lie below 1000, one of them even.
        assert_eq!(regs.gr[2], 167);
        results.push(format!("{:?} {:?} {:x}", regs.gr, regs.psw, regs.breaking_event));
    }
    assert_eq!(results[0], results[1]);
    let Counts { compiled, interpreted } = compiled.counts();
    assert!(compiled > 5_000 && interpreted == 0, "{compiled} {interpreted}");
}

#[test]
fn full_memory_is_filled_anew() {
    let around = machine(&SIEVE);
    // Room for a few instructions only.
    let shape = Shape { limit: 1, ..Shape::default() };
    let mut engine = counting(Options { shape, room: 1024, ..Options::default() });
    let mut regs = start();
    regs.gr[3] = 0x2_0000;
    // Only the last fifty odd numbers, which is short, and marks none.
    regs.psw.addr = START + 4;
    regs.gr[1] = 901;
    assert_eq!(run(&mut engine, &around, &mut regs), Exception::SupervisorCall(0));
    assert_eq!(regs.gr[2], 50);
}

#[test]
fn exceptions_leave_the_next_address_and_the_length() {
    let around = machine(&["lg %r1,0(%r2)"]);
    let mut engine = counting(Options::default());
    let mut regs = start();
    regs.gr[2] = 1 << 20;
    let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
    let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
    assert_eq!(engine.step(&mut context), Err(ProgramCode::ADDRESSING.into()));
    assert_eq!((context.ilc, context.instruction_address), (6, START));
    assert_eq!((regs.psw.addr, regs.gr[1]), (START + 6, 0));
    // It was given up, for the interpreter to execute.
    assert_eq!(engine.counts(), Counts { compiled: 0, interpreted: 1 });
}

#[test]
fn the_rest_is_left_to_the_interpreter() {
    // EXECUTE of AR 1,2, with a condition code that the branch then sees.
    let around = machine(&["ex %r0,16(%r3)", "brc 8,@3", "svc 1"]);
    let target = assemble("ar %r1,%r2", 0).unwrap();
    around.storage.view().write(START + 16, target.bytes()).unwrap();
    let mut engine = counting(Options::default());
    let mut regs = start();
    (regs.gr[1], regs.gr[2], regs.gr[3]) = (0xffff_ffff, 1, START);
    assert_eq!(run(&mut engine, &around, &mut regs), Exception::SupervisorCall(0));
    assert_eq!(engine.counts(), Counts { compiled: 2, interpreted: 1 });

    // No instruction, and no address of one.
    let nothing = [(0x2_0000, ProgramCode::OPERATION), (START + 1, ProgramCode::SPECIFICATION)];
    for (address, code) in nothing {
        let mut regs = start();
        regs.psw.addr = address;
        assert_eq!(run(&mut engine, &around, &mut regs), code.into());
    }
    assert_eq!(engine.counts(), Counts { compiled: 2, interpreted: 3 });
}

#[test]
fn stored_instructions_are_the_next_ones() {
    // The store turns SVC 1 into SVC 2.
    let around = machine(&["mvi 5(%r3),2", "svc 1"]);
    let mut regs = start();
    regs.gr[3] = START;
    let mut engine = counting(Options::default());
    for expected in [2, 2] {
        regs.psw.addr = START;
        assert_eq!(run(&mut engine, &around, &mut regs), Exception::SupervisorCall(expected));
    }
}

/// Programs that between them have what regions are made of: loops in loops,
/// branches over a few instructions, calls, the condition code across
/// branches, both halves of registers, storage, several registers at once,
/// routines, interlocked updates, and instructions that are the
/// interpreter's.
const PROGRAMS: [&[&str]; 4] = [
    &SIEVE,
    &[
        "lghi %r1,40",
        "lghi %r7,0",
        "ahi %r7,3", // 2: each round
        "st %r7,0(%r3)",
        "brasl %r14,@13",
        "tmll %r7,1",
        "brc 8,@8",
        "aghi %r8,1",
        "clgr %r8,%r7", // 8
        "brc 4,@11",
        "aghi %r9,5",
        "brctg %r1,@2", // 11
        "brc 15,@20",
        "stmg %r6,%r8,8(%r3)", // 13: the leaf
        "lmg %r10,%r12,8(%r3)",
        "slr %r10,%r12",
        "alcr %r10,%r11",
        "ex %r0,0(%r13)",
        "laag %r5,%r7,32(%r3)",
        "bcr 15,%r14",
        "llgfr %r2,%r10", // 20
    ],
    &[
        "lghi %r1,25",
        "lg %r4,0(%r3)", // 1
        "mvc 64(24,%r3),0(%r3)",
        "xc 0(8,%r3),72(%r3)",
        "clc 0(8,%r3),64(%r3)",
        "brc 2,@7",
        "lcr %r6,%r6",
        "icm %r6,5,3(%r3)", // 7
        "ipm %r2",
        "srlg %r5,%r4,7",
        "xgr %r4,%r5",
        "ar %r6,%r5",
        "brc 1,@14",
        "stg %r4,0(%r3)",
        "sthy %r6,5(%r3)", // 14
        "locgr %r9,%r5,4",
        "cs %r6,%r4,4(%r3)",
        "brctg %r1,@1",
    ],
    // A chain of branches on one condition code, with both ways to each.
    &[
        "lghi %r1,30",
        "lr %r4,%r1", // 1
        "nill %r4,3",
        "cghi %r4,2",
        "brc 4,@8",
        "brc 2,@10",
        "ahi %r5,1",
        "brc 15,@11",
        "ahi %r5,16", // 8
        "brc 15,@11",
        "ahi %r5,256", // 10
        "brc 12,@13",  // 11
        "alr %r6,%r5",
        "slbgr %r7,%r5", // 13
        "brct %r1,@1",
    ],
];

/// A machine with a program, its registers at the beginning, and the target
/// of its EXECUTEs.
fn ready(program: &[&str]) -> (Standalone, Registers) {
    let around = machine(program);
    let target = assemble("ar %r9,%r7", 0).unwrap();
    around.storage.view().write(0x3_0000, target.bytes()).unwrap();
    let mut regs = start();
    (regs.gr[3], regs.gr[13]) = (0x2_0000, 0x3_0000);
    (regs.gr[4], regs.gr[6]) = (0x0123_4567_89ab_cdef, 0xffff_ffff_7fff_fff0);
    (around, regs)
}

/// What can be seen of a machine.
fn visible(around: &Standalone, regs: &Registers) -> String {
    let mut bytes = [0; 0x600];
    around.storage.view().read(0x2_0000, &mut bytes).unwrap();
    format!("{:x?} {:x?} {:x} {:x?}", regs.psw, regs.gr, regs.breaking_event, bytes)
}

/// What can be seen after each number of instructions on the interpreter.
fn interpreted(program: &[&str]) -> Vec<String> {
    let (around, mut regs) = ready(program);
    let (mailbox, mut tlb) = (Mailbox::new(0), Tlb::default());
    let mut interpreter = Interpreter::default();
    let mut seen = vec![visible(&around, &regs)];
    while seen.len() < 400 {
        let view = around.storage.view();
        let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
        if interpreter.step(&mut context).is_err() {
            break;
        }
        drop(view);
        seen.push(visible(&around, &regs));
    }
    seen
}

/// Stops after every number of instructions from 1 on, each time from the
/// beginning, and compares with the interpreter. Gives how often.
fn stop_everywhere(shape: Shape) -> usize {
    let extras = Extras { burns: true, counts: true, ..Extras::default() };
    let mut stops = 0;
    for program in PROGRAMS {
        let mut engine = Compiled::new(Options { shape, extras, ..Options::default() }).unwrap();
        let expected = interpreted(program);
        for count in 1..expected.len() {
            let (around, mut regs) = ready(program);
            let (mailbox, mut tlb) = (Mailbox::new(0), Tlb::default());
            let view = around.storage.view();
            let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
            let before = engine.counts();
            engine.burn(count as u64);
            let end = loop {
                match engine.execute(&mut context, 100_000) {
                    Err(Exception::Recall(absolute)) => view.code_recalled(absolute),
                    end => break end,
                }
            };
            drop(view);
            let after = engine.counts();
            let executed = after.compiled + after.interpreted;
            let executed = usize::try_from(executed - before.compiled - before.interpreted);
            let executed = executed.unwrap();
            let more = if shape.skips { 3 } else { 0 };
            assert!((count..=count + more).contains(&executed), "{executed} for {count}");
            let Some(expected) = expected.get(executed) else { break };
            assert_eq!(end, Ok(()));
            let actual = visible(&around, &regs);
            assert_eq!(actual, *expected, "after {executed} of {program:?}");
            stops += 1;
        }
    }
    stops
}

#[test]
fn a_stop_after_every_instruction_finds_the_interpreters_state() {
    for skips in [false, true] {
        let stops = stop_everywhere(Shape { skips, ..Shape::default() });
        assert!(stops > 1_000, "{stops}");
    }
}

#[test]
fn regions_of_one_instruction_are_the_same() {
    stop_everywhere(Shape { limit: 1, ..Shape::default() });
}

#[test]
fn memory_that_is_taken_away_is_a_host_fault() {
    // Each time, the loop has been compiled and the TLB knows the page.
    for access in ["lg %r1,8(%r2)", "stg %r1,8(%r2)", "lmg %r6,%r9,8(%r2)", "stm %r6,%r9,8(%r2)"] {
        let around = machine(&["lghi %r5,50", "aghi %r1,3", access, "brctg %r5,@1"]);
        let data = Mapping::anonymous(1 << 20).unwrap();
        // SAFETY: nothing but the guest uses the memory, and faults are what
        // is tested.
        let range = unsafe { HostRange::new(HostRange::of(&data).base(), 1 << 20) };
        around.storage.set_slot(1, 1 << 20, range, false).unwrap();
        let mut engine = counting(Options::default());
        let mut regs = start();
        regs.gr[2] = 1 << 20;
        assert_eq!(run(&mut engine, &around, &mut regs), Exception::SupervisorCall(0));
        let mut regs = start();
        regs.gr[2] = 1 << 20;
        let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
        let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
        // A part of the loop with the memory, the rest without.
        assert_eq!(engine.execute(&mut context, 20), Ok(()));
        drop(data);
        let before = context.regs.gr;
        assert_eq!(engine.execute(&mut context, 100), Err(Exception::HostFault), "{access}");
        // Where the compiler put nothing between check and access, nothing is
        // lost; else execution was given up somewhere in the loop.
        if context.instruction_address == START + 8 {
            assert_eq!((regs.gr[5], regs.gr[1]), (before[5], before[1] + 3), "{access}");
        }
    }
}
