//! Stops, faults and interruptions at every instruction of regions, one by
//! one: each time the state is the interpreter's.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

mod programs;

use lowcore_arch::{ProgramCode, Psw, lowcore};
use lowcore_cpu::{Context, Cpu, Engine, Exception, Intercept, Mailbox, Registers};
use lowcore_interrupt::LocalInterrupt;
use lowcore_isa::assemble;
use lowcore_jit::region::Shape;
use lowcore_jit::{Compiled, Extras, Options};
use programs::{DATA_SLOT, PROGRAMS, Ready, START, interpreted, places};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// More fuel than anything here uses.
const FOREVER: u64 = u64::MAX / 4;

/// Full regions with and without both ways of a branch computed, and single
/// instructions.
fn shapes() -> [Shape; 3] {
    let full = Shape::default();
    [full, Shape { skips: false, ..full }, Shape { limit: 1, ..full }]
}

fn engine(shape: Shape) -> Compiled {
    let extras = Extras { burns: true, counts: true, ..Extras::default() };
    Compiled::new(Options { shape, extras, patience: u32::MAX, ..Options::default() }).unwrap()
}

/// How many instructions it has executed.
fn executed(engine: &Compiled) -> u64 {
    let counts = engine.counts();
    counts.compiled + counts.interpreted
}

/// Executes so many instructions, or a few more where both ways of a branch
/// are computed. Gives how many it were; none if the program ended before.
fn execute(ready: &mut Ready, engine: &mut Compiled, count: usize) -> Option<usize> {
    let before = executed(engine);
    engine.burn(count as u64);
    let end = ready.execute(engine);
    let executed = usize::try_from(executed(engine) - before).unwrap();
    assert!(executed <= count + 3, "{executed} for {count}");
    if end == Err(Exception::SupervisorCall(0)) {
        return None;
    }
    assert_eq!(end, Ok(()));
    assert!(executed >= count, "{executed} for {count}");
    Some(executed)
}

#[test]
fn a_stop_after_every_instruction_finds_the_interpreters_state() {
    for (shape, start, program) in each() {
        let mut engine = engine(shape);
        let expected = interpreted(program, start);
        let mut stops = 0;
        for count in 1..expected.len() {
            let mut ready = Ready::new(program, start);
            let Some(executed) = execute(&mut ready, &mut engine, count) else { break };
            let Some(expected) = expected.get(executed) else { break };
            assert_eq!(ready.visible(), *expected, "after {executed} of {program:?}");
            stops += 1;
        }
        assert!(stops > 200, "{stops}");
    }
}

/// Each program with each shape, in one page and in two, with an instruction
/// in both.
fn each() -> impl Iterator<Item = (Shape, u64, &'static [&'static str])> {
    const STARTS: [u64; 3] = [START, START + 0xfd6, START + 0xfe4];
    shapes().into_iter().flat_map(|shape| {
        STARTS.into_iter().flat_map(move |start| PROGRAMS.map(|program| (shape, start, program)))
    })
}

/// After every number of instructions, storage goes; the next access to it is
/// an exception in the midst of a region.
#[test]
fn a_fault_at_every_access_finds_the_interpreters_state() {
    for (shape, start, program) in each() {
        let mut engine = engine(shape);
        let mut faults = 0;
        for count in 1..200 {
            let mut compiled = Ready::new(program, start);
            let Some(executed) = execute(&mut compiled, &mut engine, count) else { break };
            let mut expected = Ready::new(program, start);
            for _ in 0..executed {
                expected.step().unwrap();
            }
            compiled.around.storage.remove_slot(DATA_SLOT).unwrap();
            expected.around.storage.remove_slot(DATA_SLOT).unwrap();
            engine.burn(FOREVER);
            let before = self::executed(&engine);
            let end = loop {
                match compiled.execute(&mut engine) {
                    Ok(()) => {}
                    end => break end,
                }
            };
            let (expected_end, steps) = expected.step_to_the_end();
            assert_eq!(end, expected_end, "after {executed} of {program:?}");
            assert_eq!(self::executed(&engine) - before, steps, "after {executed}");
            assert_eq!(compiled.visible(), expected.visible(), "after {executed} of {program:?}");
            faults += u32::from(end == Err(ProgramCode::ADDRESSING.into()));
        }
        assert!(faults > 100 || !program.iter().any(|i| i.contains("%r3)")), "{faults}");
    }
}

/// In the place of every instruction stands one that is none.
#[test]
fn an_operation_exception_at_every_place_finds_the_interpreters_state() {
    for (shape, start, program) in each() {
        let mut met = 0;
        for at in &places(program, start)[..program.len()] {
            let mut compiled = Ready::new(program, start);
            let mut expected = Ready::new(program, start);
            for ready in [&compiled, &expected] {
                ready.around.storage.view().write(*at, &[0, 0]).unwrap();
            }
            let mut engine = engine(shape);
            engine.burn(FOREVER);
            let end = compiled.execute(&mut engine);
            let (expected_end, steps) = expected.step_to_the_end();
            assert_eq!(end, expected_end, "{at:x} of {program:?}");
            assert_eq!(executed(&engine), steps, "{at:x} of {program:?}");
            assert_eq!(compiled.visible(), expected.visible(), "{at:x} of {program:?}");
            met += u32::from(end == Err(ProgramCode::OPERATION.into()));
        }
        assert!(met as usize > program.len() / 2, "{met}");
    }
}

/// An engine to which an interrupt comes after so many instructions.
#[derive(Debug)]
struct Interrupted {
    engine: Arc<Mutex<Compiled>>,
    /// What it had executed before.
    before: u64,
    mailbox: Arc<Mailbox>,
    /// When it comes.
    after: u64,
    /// How many instructions were executed when execution made way for it;
    /// [`NEVER`] before.
    paused: Arc<AtomicU64>,
}

const NEVER: u64 = u64::MAX;

impl Engine for Interrupted {
    fn execute(&mut self, c: &mut Context<'_>, budget: u32) -> Result<(), Exception> {
        let mut engine = self.engine.lock().unwrap();
        if self.paused.load(Ordering::Relaxed) != NEVER {
            return engine.execute(c, budget);
        }
        let left = self.before + self.after - executed(&engine);
        engine.burn(left);
        engine.execute(c, budget)?;
        if executed(&engine) - self.before < self.after {
            return Ok(());
        }
        // It is for compiled code to find it.
        engine.burn(FOREVER);
        self.mailbox.inject(LocalInterrupt::EmergencySignal { source: 0 }).unwrap();
        let result = engine.execute(c, budget);
        self.paused.store(executed(&engine) - self.before, Ordering::Relaxed);
        result
    }

    fn step(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        self.engine.lock().unwrap().step(c)
    }

    fn storage_may_have_changed(&mut self) {
        self.engine.lock().unwrap().storage_may_have_changed();
    }
}

/// The interrupt handler keeps the registers and goes back.
const HANDLER: [&str; 2] = ["stmg %r0,%r15,3328(%r0)", "lpswe 304(%r0)"];
const KEPT_REGISTERS: u64 = 3328;

/// A program's machine, enabled for emergency signals. Its end is a wait
/// without end.
fn enabled(program: &[&str], start: u64) -> Ready {
    const EMERGENCY_SIGNAL: u64 = 0x4000;
    const AT: u64 = 0x4_0000;
    let mut ready = Ready::new(program, start);
    ready.regs.psw.mask |= Psw::EXTERNAL;
    ready.regs.cr[0] |= EMERGENCY_SIGNAL;
    let view = ready.around.storage.view();
    let handler: Vec<u8> =
        HANDLER.iter().flat_map(|text| assemble(text, AT).unwrap().bytes().to_vec()).collect();
    view.write(AT, &handler).unwrap();
    let plain = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
    for (at, mask, address) in
        [(lowcore::EXTERNAL_NEW_PSW, plain, AT), (lowcore::SVC_NEW_PSW, plain | Psw::WAIT, START)]
    {
        let psw = [mask.to_be_bytes(), address.to_be_bytes()].concat();
        view.write(at.into(), &psw).unwrap();
    }
    drop(view);
    ready
}

/// An interrupt comes after every number of instructions. It interrupts the
/// program at a place to which the interpreter comes as well, in the same
/// state, and the program then ends as if nothing had been.
#[test]
fn an_interrupt_after_every_instruction_finds_the_interpreters_state() {
    for (shape, start, program) in each() {
        let mut undisturbed = Ready::new(program, start);
        let mut interpreted = vec![undisturbed.regs.clone()];
        while undisturbed.step().is_ok() {
            interpreted.push(undisturbed.regs.clone());
        }
        let length = interpreted.len() as u64 - 1;
        let mut interruptions = 0;
        let engine = Arc::new(Mutex::new(engine(shape)));
        for after in 1..length.min(300) {
            let ready = enabled(program, start);
            let mailbox = Arc::new(Mailbox::new(0));
            mailbox.local.lock().start();
            let paused = Arc::new(AtomicU64::new(NEVER));
            let engine = Interrupted {
                engine: Arc::clone(&engine),
                before: executed(&engine.lock().unwrap()),
                mailbox: Arc::clone(&mailbox),
                after,
                paused: Arc::clone(&paused),
            };
            let mut cpu = Cpu::with_engine(mailbox, Box::new(engine));
            cpu.regs = ready.regs.clone();
            assert_eq!(cpu.run(&ready.around), Intercept::DisabledWait);

            // At the end, whatever was between.
            let regs = &cpu.regs;
            assert_eq!(regs.gr, undisturbed.regs.gr, "after {after} of {program:?}");
            assert_eq!(ready.data(), undisturbed.data(), "after {after} of {program:?}");
            let word = |at: u64| ready.around.storage.view().load_u64(at).unwrap();
            let svc = u64::from(lowcore::SVC_OLD_PSW);
            assert_eq!(word(svc + 8), undisturbed.regs.psw.addr);
            // At the interruption.
            let old = u64::from(lowcore::EXTERNAL_OLD_PSW);
            let paused = paused.load(Ordering::Relaxed);
            if word(old + 8) == 0 {
                assert!(paused >= length, "it was lost after {after} of {program:?}");
                continue;
            }
            interruptions += 1;
            let at = format!("at {paused}, asked for after {after}, of {program:?}");
            assert!((after..=after + 40).contains(&paused), "{at}");
            let Registers { psw, gr, .. } = &interpreted[usize::try_from(paused).unwrap()];
            assert_eq!(word(old + 8), psw.addr, "{at}");
            assert_eq!(word(old) ^ psw.mask, Psw::EXTERNAL, "{at}");
            let kept: Vec<u64> = (0..16).map(|n| word(KEPT_REGISTERS + 8 * n)).collect();
            assert_eq!(&kept[..], gr, "{at}");
        }
        assert!(interruptions > 100, "{interruptions}");
    }
}
