//! Programs on the compiling engine: what instructions leave to each other,
//! and what it leaves to the interpreter.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_arch::{ProgramCode, Psw};
use lowcore_cpu::{Context, Engine, Exception, Interpreter, Mailbox, Registers, Standalone, Tlb};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_isa::assemble;
use lowcore_jit::{Compiled, Counts};

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
        if let Err(exception) = engine.execute(&mut context, 100_000) {
            return exception;
        }
        context.reevaluate = false;
    }
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
    let mut compiled = Compiled::new().unwrap();
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
    let mut engine = Compiled::with_room(1024).unwrap();
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
    let mut engine = Compiled::new().unwrap();
    let mut regs = start();
    regs.gr[2] = 1 << 20;
    let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
    let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
    assert_eq!(engine.step(&mut context), Err(ProgramCode::ADDRESSING.into()));
    assert_eq!((context.ilc, context.instruction_address), (6, START));
    assert_eq!((regs.psw.addr, regs.gr[1]), (START + 6, 0));
    assert_eq!(engine.counts(), Counts { compiled: 1, interpreted: 0 });
}

#[test]
fn the_rest_is_left_to_the_interpreter() {
    // EXECUTE of AR 1,2, with a condition code that the branch then sees.
    let around = machine(&["ex %r0,16(%r3)", "brc 8,@3", "svc 1"]);
    let target = assemble("ar %r1,%r2", 0).unwrap();
    around.storage.view().write(START + 16, target.bytes()).unwrap();
    let mut engine = Compiled::new().unwrap();
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
    let mut engine = Compiled::new().unwrap();
    for expected in [2, 2] {
        regs.psw.addr = START;
        assert_eq!(run(&mut engine, &around, &mut regs), Exception::SupervisorCall(expected));
    }
}
