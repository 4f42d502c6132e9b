//! Decoder, interpreter and run loop under hostile instructions.

use super::Source;
use super::accounts::Accounts;
use super::guest;
use super::machine::Machine;
use lowcore_arch::{ProgramCode, Psw, lowcore};
use lowcore_cpu::{
    Context, Cpu, Detail, Engine, Exception, Intercept, Interpreter, Registers, Sigp, Tlb,
    attention,
};
use lowcore_isa::decode;
use std::sync::Arc;

/// Instructions that are executed one by one.
const STEPS: u16 = 24;
/// Runs that follow them.
const RUNS: u8 = 4;

/// Executes a guest made of `bytes`: first instruction by instruction, with
/// the checks of `step`, then in the run loop, with those of `run`. Returns
/// how many of the former completed.
///
/// # Panics
/// If something is not as it must be.
pub fn interpreter(bytes: &[u8]) -> u64 {
    engine(bytes, &mut Interpreter::default())
}

/// As [`interpreter`], with an engine of the caller's for the instructions
/// that are executed one by one.
///
/// # Panics
/// If something is not as it must be.
pub fn engine(bytes: &[u8], engine: &mut dyn Engine) -> u64 {
    let source = &mut Source::new(bytes);
    let second = guest::second_slot(source);
    let Some(mut machine) = Machine::new(second) else { return 0 };
    let regs = guest::registers(source, second);
    guest::low_core(source, &machine, &regs, second);
    guest::keys(source, &machine, second);
    machine.sigp = match source.u8() % 5 {
        0 => Sigp::Accepted,
        1 => Sigp::Status(source.number32()),
        2 => Sigp::Busy,
        3 => Sigp::NotOperational,
        _ => Sigp::Intercept,
    };
    let count = source.below(STEPS);
    let code = guest::code(source, count + 4);
    guest::put(&machine, &regs, regs.psw.addr, &code);
    let mut cpu = Cpu::new(Arc::clone(&machine.mailbox));
    cpu.regs = regs;
    machine.allow(u32::MAX);
    let mut completed = 0;
    for _ in 0..count {
        match step(&machine, &mut cpu.regs, engine) {
            Step::Completed => completed += 1,
            // The PSW designates the next instruction all the same.
            Step::Exception => {}
            Step::End => break,
        }
    }
    if source.one_in(2) {
        // Something to execute for whatever the PSW designates now.
        let code = guest::code(source, 8);
        guest::put(&machine, &cpu.regs, cpu.regs.psw.addr, &code);
    }
    for _ in 0..source.u8() % RUNS {
        guest::interrupts(source, &machine, true);
        machine.allow(1 + u32::from(source.u8() % 16));
        if !run(&machine, &mut cpu) {
            break;
        }
    }
    machine.check_guards();
    completed
}

/// What an instruction may change besides storage.
fn visible(regs: &Registers) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        (regs.gr, regs.ar, regs.cr, regs.vr, regs.fpc, regs.psw.mask),
        (regs.prefix, regs.todpr, regs.clock_comparator, regs.breaking_event, regs.pfault),
    )
}

/// Instructions that show in registers how far they came when an exception
/// ends them (manual, chapter 5, "Interruptible Instructions"), or go through
/// several table entries.
const LONG: [&str; 30] = [
    "mvcl", "mvcle", "mvclu", "clcl", "clcle", "clclu", "mvst", "clst", "srst", "srstu", "cuse",
    "cksm", "tre", "troo", "trot", "trto", "trtt", "trte", "trtre", "cu12", "cu14", "cu21", "cu24",
    "cu41", "cu42", "cfc", "upt", "cmpsc", "pfmf", "idte",
];

/// What became of an instruction.
enum Step {
    Completed,
    Exception,
    /// There is none, or none can be executed.
    End,
}

/// Executes one instruction.
fn step(machine: &Machine, regs: &mut Registers, engine: &mut dyn Engine) -> Step {
    if !regs.psw.is_valid() || regs.psw.has(Psw::WAIT) {
        return Step::End;
    }
    let psw = regs.psw;
    let before = visible(regs);
    let _before = machine.stored();
    let view = machine.storage.view();
    let mut tlb = Tlb::default();
    let mut context = Context::new(regs, &mut tlb, &machine.mailbox, &view, machine);
    let result = engine.step(&mut context);
    let (ilc, reevaluate) = (context.ilc, context.reevaluate);
    let name = decode(context.instruction).map_or("nothing", |row| row.mnemonic);
    let is_long = LONG.contains(&name);
    assert_eq!(context.instruction_address, psw.addr, "the instruction is not the PSW's");
    assert!(matches!(ilc, 2 | 4 | 6), "an instruction of {ilc} bytes");
    drop(view);
    check_registers(regs);
    let next = psw.wrap(psw.addr.wrapping_add(ilc.into()));
    match result {
        Ok(()) => {
            // A PSW that was loaded is looked at before the next instruction.
            let valid = reevaluate || regs.psw.is_valid();
            assert!(valid, "{:x?} came of {psw:x?}", regs.psw);
            Step::Completed
        }
        Err(Exception::Program {
            code: ProgramCode::FIXED_POINT_OVERFLOW | ProgramCode::SPACE_SWITCH,
            ..
        }) => Step::Completed,
        // The low half of what is too large for a word is loaded all the same.
        Err(Exception::Program { code: ProgramCode::FIXED_POINT_DIVIDE, .. })
            if matches!(name, "cvb" | "cvby") =>
        {
            Step::Completed
        }
        // A trap comes after what the instruction loads.
        Err(Exception::Program { detail: Detail::Data(0xff), .. }) => Step::Completed,
        // IEEE exceptions that complete, simulated ones among them.
        Err(Exception::Program { detail: Detail::Data(4..0x40 | 0x43 | 0x83), .. }) => {
            Step::Completed
        }
        // There is no other CPU to wait for.
        Err(Exception::Quiesce) => Step::Completed,
        // A unit of operation is done, and the next one follows.
        Err(Exception::Again) => {
            regs.psw.addr = psw.addr;
            Step::Completed
        }
        // The next instruction is designated and nothing else has happened;
        // the condition code of SIGNAL PROCESSOR and the like follows later.
        Err(exception) => {
            assert_eq!(regs.psw.addr, next, "the PSW after {exception:?} at {psw:x?}");
            assert!(
                is_long || visible(regs) == before,
                "{name}: {exception:?} changed registers: {before:x?} {regs:x?}"
            );
            let stored = machine.stored();
            assert!(is_long || !stored, "{name}: {exception:?} stored something");
            check_exception(machine, exception, psw);
            Step::Exception
        }
    }
}

fn check_exception(machine: &Machine, exception: Exception, psw: Psw) {
    match exception {
        Exception::Program { code, .. } => {
            assert!(code.0 != 0 && !code.has_per(), "the code {code:?}");
            if psw.has(Psw::PROBLEM) || code != ProgramCode::PRIVILEGED_OPERATION {
                return;
            }
            panic!("a privileged-operation exception in the supervisor state");
        }
        Exception::HostFault => {
            machine.check_guards();
            panic!("all of storage is accessible");
        }
        // docs/limits.md says what that is.
        Exception::Unsupported(_) => {}
        _ => {}
    }
}

fn check_registers(regs: &Registers) {
    assert_eq!(regs.prefix & !lowcore::PREFIX_MASK, 0, "the prefix {:#x}", regs.prefix);
}

/// Runs the CPU until it stops or is asked to leave. Whether it may go on.
fn run(machine: &Machine, cpu: &mut Cpu) -> bool {
    let before = Accounts::of(machine);
    cpu.regs.cpu_timer.start();
    let intercept = cpu.run(machine);
    cpu.regs.cpu_timer.stop();
    check_registers(&cpu.regs);
    let after = Accounts::of(machine);
    before.check_nothing_appeared(&after);
    let psw = cpu.regs.psw;
    let view = machine.storage.view();
    let goes_on = match intercept {
        Intercept::Instruction { .. } => {
            assert!(!psw.has(Psw::PROBLEM), "an instruction of a problem program is intercepted");
            true
        }
        Intercept::Operation { .. } => true,
        Intercept::ProgramLoop => {
            let new = new_psw(machine, cpu, lowcore::PROGRAM_NEW_PSW);
            let loops = new.is_some_and(|new| !new.is_valid() || new.addr & 1 != 0);
            assert!(loops, "no loop: {new:x?}");
            false
        }
        Intercept::ExternalLoop { code } => {
            let new = new_psw(machine, cpu, lowcore::EXTERNAL_NEW_PSW);
            assert!(new.is_some_and(|new| new.has(Psw::EXTERNAL)), "no loop: {new:x?}");
            assert!(matches!(code, 0x1004 | 0x1005), "{code:#x} is no timer's code");
            false
        }
        Intercept::DisabledWait => {
            let enabling = Psw::IO | Psw::EXTERNAL | Psw::MACHINE_CHECK;
            assert!(psw.has(Psw::WAIT) && !psw.has(enabling), "no disabled wait: {psw:x?}");
            let unmaskable = [0, 1, 25].map(|number| after.kinds.bits() >> number & 1);
            assert_eq!(unmaskable, [0; 3], "not waited for: {after:?}");
            false
        }
        Intercept::Stop => {
            assert!(machine.mailbox.local.lock().stop_pending().is_some(), "no stop is pending");
            false
        }
        Intercept::Debug(event) => panic!("nobody debugs: {event:?}"),
        Intercept::Requested => {
            assert!(machine.exhausted(), "nobody asked the CPU to leave");
            true
        }
        Intercept::HostFault => {
            // Storage is accessible, so it is a low core that is not there.
            let low_core = view.contains(cpu.regs.prefix.into(), lowcore::SIZE);
            assert!(!low_core, "a host fault at {psw:x?}");
            false
        }
        Intercept::Unsupported(_) => false,
    };
    // A kick that came too late for this run is not the next one's.
    let left = machine.mailbox.attention.take() & !(attention::KICK | attention::INTERRUPT);
    assert_eq!(left, 0, "unknown attention bits");
    goes_on
}

fn new_psw(machine: &Machine, cpu: &Cpu, offset: u16) -> Option<Psw> {
    let mut bytes = [0; 16];
    let at = u64::from(cpu.regs.prefix) + u64::from(offset);
    machine.storage.view().read(at, &mut bytes).ok()?;
    Some(Psw::from_bytes(bytes))
}
