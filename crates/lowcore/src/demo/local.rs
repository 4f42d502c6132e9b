//! Every local interrupt that a handler takes, in every state of the CPU.

use super::answer::{TRIES, judge};
use super::case::{self, Case, MORE_PROGRAMS, PROGRAMS_IN_EVERY_STATE, Program};
use super::image::Image;
use super::machine::{Machine, State, Trouble};
use super::report::{Head, Observation, Section};
use super::{Demo, other, turn};
use std::time::Instant;

/// The states in which everything but timers is injected.
const STATES: [State; 4] = [State::Running, State::Waiting, State::Exited, State::Stopped];

pub fn run(demo: &mut Demo) {
    let mut experiment = 0;
    let mut everywhere = |case: &dyn Fn(u16) -> Case| {
        // Over all experiments each state meets each CPU.
        experiment += 1;
        for (n, state) in STATES.into_iter().enumerate() {
            let cpu = turn(experiment + n);
            row(demo, cpu, state, &case(cpu));
        }
    };
    everywhere(&|_| case::restart());
    everywhere(&|cpu| case::emergency(other(cpu)));
    everywhere(&|cpu| case::external_call(other(cpu)));
    everywhere(&|_| case::pfault_init(0xfedc_ba98_7654_3210));
    for check in [
        case::SYSTEM_DAMAGE,
        case::PROCESSING_DAMAGE,
        case::EXTERNAL_DAMAGE,
        case::DEGRADATION,
        case::WARNING,
    ] {
        everywhere(&|_| case::machine_check(check));
    }
    for (n, program) in PROGRAMS_IN_EVERY_STATE.iter().enumerate() {
        for (m, state) in STATES.into_iter().enumerate() {
            row(demo, turn(n + m), state, &program.case(state));
        }
    }
    for (n, program) in MORE_PROGRAMS.iter().enumerate() {
        let state = STATES[n % STATES.len()];
        row(demo, turn(n / STATES.len() + n), state, &program.case(state));
    }
    for (n, state) in STATES.into_iter().enumerate() {
        row(demo, turn(n), state, &Program::without_rewind(state));
    }
}

fn row(demo: &mut Demo, cpu: u16, state: State, case: &Case) {
    let head =
        Head { section: Section::Local, kind: case.kind, detail: case.detail.clone(), cpu, state };
    demo.row(head, |machine, image| deliver(machine, image, cpu, state, case));
}

/// Injects one interrupt into a CPU in a state and judges what it records.
pub fn deliver(
    machine: &mut Machine,
    image: &Image,
    cpu: u16,
    state: State,
    case: &Case,
) -> Result<Observation, Trouble> {
    for _ in 0..TRIES {
        machine.prepare(cpu, state)?;
        let interrupted = machine.interrupted_psw(cpu);
        let mut problems = Vec::new();
        let mut begin = Instant::now();
        machine.inject(cpu, &case.irq)?;
        if matches!(state, State::Stopped | State::Exited | State::Paused) {
            problems.extend(only_pending(machine, cpu, case)?);
            begin = Instant::now();
            machine.go(cpu)?;
        }
        let prefix = machine.cpu(cpu).prefix;
        let expectation = case.expectation(cpu, prefix, interrupted);
        let (mut observation, record) = judge(machine, image, &expectation, begin)?;
        if state == State::Waiting && !Machine::is_waiting(record.old_psw()) {
            continue;
        }
        observation.problems.extend(problems);
        return Ok(observation);
    }
    Err(Trouble::State("waiting"))
}

/// What is wrong if a CPU outside KVM_RUN has anything but this interrupt
/// pending, or has taken it.
pub fn only_pending(machine: &mut Machine, cpu: u16, case: &Case) -> Result<Vec<String>, Trouble> {
    let mut problems = Vec::new();
    let pending: Vec<u64> = machine.cpu(cpu).thread.pending().iter().map(|irq| irq.type_).collect();
    if pending != [case.irq.type_] {
        problems.push(format!("types {pending:x?} are pending, expected only what was injected"));
    }
    if machine.unread(cpu)? != 0 {
        problems.push("it was taken outside KVM_RUN".into());
    }
    Ok(problems)
}
