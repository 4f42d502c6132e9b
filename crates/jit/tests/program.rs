//! Programs on the compiling engine: what instructions leave to each other,
//! and what it leaves to the interpreter.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

mod programs;

use lowcore_arch::ProgramCode;
use lowcore_cpu::{Context, Engine, Exception, Interpreter, Mailbox, Tlb};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_isa::{ROWS, assemble};
use lowcore_jit::region::Shape;
use lowcore_jit::{Counts, Options};
use programs::{SIEVE, START, counting, machine, run, start};

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
fn execute_is_called_and_the_rest_is_left_to_the_interpreter() {
    // EXECUTE of AR 1,2, with a condition code that the branch then sees.
    let around = machine(&["ex %r0,16(%r3)", "brc 8,@3", "svc 1"]);
    let target = assemble("ar %r1,%r2", 0).unwrap();
    around.storage.view().write(START + 16, target.bytes()).unwrap();
    let mut engine = counting(Options::default());
    let mut regs = start();
    (regs.gr[1], regs.gr[2], regs.gr[3]) = (0xffff_ffff, 1, START);
    assert_eq!(run(&mut engine, &around, &mut regs), Exception::SupervisorCall(0));
    assert_eq!(engine.counts(), Counts { compiled: 3, interpreted: 0 });

    // No instruction, and no address of one.
    let nothing = [(0x2_0000, ProgramCode::OPERATION), (START + 1, ProgramCode::SPECIFICATION)];
    for (address, code) in nothing {
        let mut regs = start();
        regs.psw.addr = address;
        assert_eq!(run(&mut engine, &around, &mut regs), code.into());
    }
    assert_eq!(engine.counts(), Counts { compiled: 3, interpreted: 2 });
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

/// The switches that find a wrong instruction: one row alone is interpreted,
/// or compiled.
#[test]
fn one_row_alone_is_interpreted_or_compiled() {
    let row = |name: &str| ROWS.iter().find(|row| row.mnemonic == name).unwrap().number;
    // 500 odd numbers from 3 on, less 1 that is not below 1000.
    for (name, times) in [("aghi", 499 + 167), ("cghi", 0), ("ltgr", 499), ("xgr", 0)] {
        let mut counts = Vec::new();
        for compile in [false, true] {
            let around = machine(&SIEVE);
            let shape = Shape { only: Some((row(name), compile)), ..Shape::default() };
            let mut engine = counting(Options { shape, ..Options::default() });
            let mut regs = start();
            regs.gr[3] = 0x2_0000;
            assert_eq!(run(&mut engine, &around, &mut regs), Exception::SupervisorCall(0));
            assert_eq!(regs.gr[2], 167, "{name}");
            counts.push(engine.counts());
        }
        let [without, alone] = [counts[0], counts[1]];
        assert_eq!(without.interpreted, alone.compiled, "{name}");
        assert_eq!(without.compiled, alone.interpreted, "{name}");
        if name != "cghi" {
            assert_eq!(alone.compiled, times, "{name}");
        }
        assert_eq!(alone.compiled > 0, name != "xgr", "{name}");
    }
}
