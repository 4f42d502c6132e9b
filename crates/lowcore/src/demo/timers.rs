//! The timer types are hints: the guest is interrupted when its own timer is
//! due and enabled (the specification, section B.5). Here each timer is armed
//! before it is hinted.

use super::answer::judge;
use super::case::{self, Case};
use super::image::Image;
use super::layout::{CB_RESULT, CMD_COMPARATOR, CMD_TIMER};
use super::local::only_pending;
use super::machine::{Machine, State, Trouble};
use super::record::Record;
use super::report::{Head, Observation, Section, Seen};
use super::{Demo, turn};
use lowcore_abi::KVM_SYNC_ARCH0;
use std::time::Instant;

const TRIES: u32 = 8;
/// The first delay that is tried, in units of the clock: 10 ms.
const DELAY: u64 = 10_000 << 12;

/// One of the two timers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timer {
    Comparator,
    Cpu,
}

impl Timer {
    fn case(self) -> Case {
        match self {
            Self::Comparator => case::clock_comparator(),
            Self::Cpu => case::cpu_timer(),
        }
    }

    /// What is wrong if the timer was not due when the guest was interrupted.
    fn problem(self, record: &Record) -> Option<String> {
        match self {
            Self::Comparator => (record.comparator() >= record.tod())
                .then(|| format!("the clock {:#x} is not past the comparator", record.tod())),
            Self::Cpu => {
                (record.timer() >> 63 == 0).then(|| "the CPU timer is not negative".into())
            }
        }
    }

    /// With the timer's values.
    fn show(self, seen: Seen, record: &Record) -> Seen {
        match self {
            Self::Comparator => seen
                .with("comparator", format!("{:#018x}", record.comparator()))
                .with("clock", format!("{:#018x}", record.tod())),
            Self::Cpu => seen.with("CPU timer", format!("{:#018x}", record.timer())),
        }
    }
}

pub fn run(demo: &mut Demo) {
    for (n, timer) in [Timer::Comparator, Timer::Cpu].into_iter().enumerate() {
        for (m, state) in [State::Running, State::Waiting].into_iter().enumerate() {
            let cpu = turn(n + m);
            demo.row(head(timer, "", cpu, state), |machine, image| {
                hint_of_armed(machine, image, cpu, state, timer)
            });
        }
        let cpu = turn(n);
        demo.row(head(timer, "", cpu, State::Stopped), |machine, image| {
            hint_of_stopped(machine, image, cpu, timer)
        });
    }
}

fn head(timer: Timer, detail: &str, cpu: u16, state: State) -> Head {
    let kind = timer.case().kind;
    Head { section: Section::Timers, kind, detail: detail.into(), cpu, state }
}

/// The guest arms the timer, then the hint comes, then the timer is due. A
/// host that is so slow that the timer wins is given more time.
fn hint_of_armed(
    machine: &mut Machine,
    image: &Image,
    cpu: u16,
    state: State,
    timer: Timer,
) -> Result<Observation, Trouble> {
    let case = timer.case();
    for attempt in 0..TRIES {
        machine.prepare(cpu, State::Running)?;
        let delay = DELAY << attempt;
        let command = if timer == Timer::Comparator { CMD_COMPARATOR } else { CMD_TIMER };
        machine.command(cpu, command, delay)?;
        let armed = machine.control_u64(cpu, CB_RESULT)?;
        if state == State::Waiting {
            machine.wait(cpu)?;
        }
        let interrupted = machine.interrupted_psw(cpu);
        let begin = Instant::now();
        machine.inject(cpu, &case.irq)?;
        let too_late = machine.unread(cpu)? != 0;
        let expectation = case.expectation(cpu, machine.cpu(cpu).prefix, interrupted);
        let (mut observation, record) = judge(machine, image, &expectation, begin)?;
        if too_late || state == State::Waiting && !Machine::is_waiting(record.old_psw()) {
            continue;
        }
        observation.problems.extend(timer.problem(&record));
        if timer == Timer::Comparator && record.comparator() != armed {
            let problem = format!("comparator {:#x}, armed {armed:#x}", record.comparator());
            observation.problems.push(problem);
        }
        observation.seen = observation.seen.map(|seen| timer.show(seen, &record));
        return Ok(observation);
    }
    Err(Trouble::State("hinted before its timer was due"))
}

/// The timer of a stopped CPU is set to a value that is due, through the run
/// page.
fn hint_of_stopped(
    machine: &mut Machine,
    image: &Image,
    cpu: u16,
    timer: Timer,
) -> Result<Observation, Trouble> {
    let case = timer.case();
    machine.prepare(cpu, State::Stopped)?;
    let interrupted = machine.interrupted_psw(cpu);
    let page = machine.cpu(cpu).thread.vcpu.run_page().clone();
    match timer {
        Timer::Comparator => page.set_clock_comparator(1),
        Timer::Cpu => page.set_cpu_timer(u64::MAX),
    }
    page.set_dirty(KVM_SYNC_ARCH0);
    machine.inject(cpu, &case.irq)?;
    let pending = only_pending(machine, cpu, &case)?;
    let begin = Instant::now();
    machine.go(cpu)?;
    let expectation = case.expectation(cpu, machine.cpu(cpu).prefix, interrupted);
    let (mut observation, record) = judge(machine, image, &expectation, begin)?;
    observation.problems.extend(pending);
    observation.problems.extend(timer.problem(&record));
    observation.seen = observation.seen.map(|seen| timer.show(seen, &record));
    Ok(observation)
}
