//! What is accepted and has no effect, as the specification says: hints of
//! timers that are not due (section B.5), a stop of a stopped CPU (B.8), and
//! machine checks that cannot become pending or deliverable (B.4, B.7, C.3).

use super::answer::{TRIES, judge};
use super::case::{self, Case};
use super::image::Image;
use super::local::only_pending;
use super::machine::{Machine, State, Trouble};
use super::record::Record;
use super::report::{Head, Observation, Section, Seen};
use super::{Demo, save_area, stop, turn};
use lowcore_abi::*;
use std::time::Instant;

pub fn run(demo: &mut Demo) {
    for (n, case) in [case::clock_comparator(), case::cpu_timer()].into_iter().enumerate() {
        for (m, state) in [State::Running, State::Waiting, State::Stopped].into_iter().enumerate() {
            let cpu = turn(n + m);
            demo.row(head(case.kind, "not due", cpu, state), |machine, image| {
                hint_is_dropped(machine, image, cpu, state, &case)
            });
        }
    }
    demo.row(head("KVM_S390_SIGP_STOP", "", 1, State::Stopped), |machine, image| {
        machine.prepare(1, State::Stopped)?;
        save_area::clear_status(machine)?;
        machine.inject(1, &stop::irq(false))?;
        let mut problems = stop::is_stopped(machine, 1);
        problems.extend(save_area::status_untouched(machine)?);
        machine.go(1)?;
        after(problems, nothing(machine, image, 1)?.0)
    });
    demo.row(head("KVM_S390_MCHK", "system recovery", 0, State::Stopped), |machine, image| {
        machine.prepare(0, State::Stopped)?;
        let info = kvm_s390_mchk_info { mcic: 1 << 61, cr14: 1 << 27, ..Default::default() };
        machine.inject(0, &kvm_s390_irq::with_mchk(KVM_S390_MCHK, info))?;
        let problems = stop::is_stopped(machine, 0);
        // Its payload stays behind for the next machine check.
        machine.reset(0);
        machine.go(0)?;
        after(problems, nothing(machine, image, 0)?.0)
    });
    let head = head("KVM_S390_MCHK", "by KVM_S390_INTERRUPT", 1, State::Running);
    demo.row(head, |machine, image| {
        machine.prepare(1, State::Running)?;
        let warning = kvm_s390_interrupt { type_: KVM_S390_MCHK, parm: 1 << 24, parm64: 1 << 55 };
        machine
            .cpu(1)
            .thread
            .vcpu
            .interrupt(&warning)
            .map_err(|error| Trouble::Kvm("KVM_S390_INTERRUPT", error))?;
        let (mut observation, _) = nothing(machine, image, 1)?;
        machine.prepare(1, State::Paused)?;
        let case = case::machine_check(case::WARNING);
        observation.problems.extend(only_pending(machine, 1, &case)?);
        machine.reset(1);
        observation.problems.extend(stop::is_stopped(machine, 1));
        Ok(observation)
    });
}

fn head(kind: &'static str, detail: &str, cpu: u16, state: State) -> Head {
    Head { section: Section::Ignored, kind, detail: detail.into(), cpu, state }
}

/// An observation with the problems that were found before it.
fn after(problems: Vec<String>, mut observation: Observation) -> Result<Observation, Trouble> {
    observation.problems.extend(problems);
    Ok(observation)
}

/// Lets an emergency signal show that nothing came before it and that the
/// CPU is where it was. Also the record that it left.
fn nothing(
    machine: &mut Machine,
    image: &Image,
    cpu: u16,
) -> Result<(Observation, Record), Trouble> {
    let fence = case::emergency(cpu);
    let interrupted = machine.interrupted_psw(cpu);
    let begin = Instant::now();
    machine.inject(cpu, &fence.irq)?;
    let expectation = fence.expectation(cpu, machine.cpu(cpu).prefix, interrupted);
    let (observation, record) = judge(machine, image, &expectation, begin)?;
    let next = observation.seen.map(|next| {
        Seen { class: "nothing".into(), code: None, parameters: vec![], ..next.clone() }
            .with("the next record", format!("{} {}", next.class, next.code.unwrap_or_default()))
    });
    Ok((Observation { seen: next, time: None, ..observation }, record))
}

fn hint_is_dropped(
    machine: &mut Machine,
    image: &Image,
    cpu: u16,
    state: State,
    case: &Case,
) -> Result<Observation, Trouble> {
    for _ in 0..TRIES {
        machine.prepare(cpu, state)?;
        machine.inject(cpu, &case.irq)?;
        let mut problems = Vec::new();
        if state == State::Stopped {
            problems = only_pending(machine, cpu, case)?;
            machine.go(cpu)?;
        }
        let (mut observation, record) = nothing(machine, image, cpu)?;
        if state == State::Waiting && !Machine::is_waiting(record.old_psw()) {
            continue;
        }
        observation.problems.extend(problems);
        machine.prepare(cpu, State::Paused)?;
        let pending = machine.cpu(cpu).thread.pending().len();
        if pending != 0 {
            observation.problems.push(format!("{pending} interrupts are still pending"));
        }
        return Ok(observation);
    }
    Err(Trouble::State("waiting"))
}
