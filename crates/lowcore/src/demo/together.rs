//! Several interrupts at once: how they merge (the specification, sections
//! B.2 to B.4) and in which order they are taken (C.2).

use super::answer::judge;
use super::case::{self, Case, Program, Stores};
use super::expect::{DISABLED_MASK, Expectation, Field, OldPsw, SPIN_MASK};
use super::layout::*;
use super::machine::State;
use super::report::{Head, Section};
use super::{Demo, other, turn};
use lowcore_abi::*;
use lowcore_arch::Psw;
use std::time::Instant;

/// Where an interrupt is in the order in which handlers run.
const PLACES: [&str; 4] = ["(1st)", "(2nd)", "(3rd)", "(4th)"];

pub fn run(demo: &mut Demo) {
    in_order_when_enabled(demo, 0);
    in_order_when_enabled(demo, 1);
    one_within_the_other(demo, 0);
    merged(demo);
}

fn head(case: &Case, detail: String, cpu: u16, state: State) -> Head {
    Head { section: Section::Together, kind: case.kind, detail, cpu, state }
}

/// Maskable interrupts come to a CPU that is disabled; when it enables itself
/// it takes them by priority, not in the order of injection.
fn in_order_when_enabled(demo: &mut Demo, cpu: u16) {
    let (low, high) = (cpu.min(other(cpu)), cpu.max(other(cpu)));
    let taken = [
        case::emergency(low),
        case::emergency(high),
        case::external_call(high),
        case::pfault_init(0x0123_4567_89ab_cdef),
    ];
    let heads = PLACES
        .into_iter()
        .zip(&taken)
        .map(|(place, case)| head(case, format!("{} {place}", case.detail), cpu, State::Masked));
    demo.rows(heads.collect(), |machine, image| {
        machine.prepare(cpu, State::Masked)?;
        for case in taken.iter().rev() {
            machine.inject(cpu, &case.irq)?;
        }
        machine.spins(cpu)?;
        let early = machine.unread(cpu)?;
        let begin = Instant::now();
        machine.enable(cpu)?;
        // The handler of each returns to where the CPU enabled itself.
        let interrupted = OldPsw::Same(Psw::new(SPIN_MASK, image.main));
        let mut observations = Vec::new();
        for case in &taken {
            let prefix = machine.cpu(cpu).prefix;
            let expectation = case.expectation(cpu, prefix, interrupted);
            observations.push(judge(machine, image, &expectation, begin)?.0);
        }
        if early != 0 {
            observations[0].problems.push(format!("{early} were taken by a disabled CPU"));
        }
        Ok(observations)
    });
}

/// What no mask holds back is delivered in one pass, each interrupting the
/// handler of the one before it before its first instruction.
fn one_within_the_other(demo: &mut Demo, cpu: u16) {
    let program = case::PROGRAMS_IN_EVERY_STATE[0].case(State::Stopped);
    let check = case::machine_check(case::SYSTEM_DAMAGE);
    let taken = [case::restart(), program.clone(), check.clone(), case::emergency(other(cpu))];
    let heads = PLACES
        .into_iter()
        .zip(&taken)
        .map(|(place, case)| head(case, format!("{} {place}", case.detail), cpu, State::Stopped));
    demo.rows(heads.collect(), |machine, image| {
        machine.prepare(cpu, State::Stopped)?;
        let stopped = machine.interrupted_psw(cpu);
        for case in [&taken[3], &taken[0], &taken[2], &taken[1]] {
            machine.inject(cpu, &case.irq)?;
        }
        let begin = Instant::now();
        machine.go(cpu)?;
        let handler = |class: u32| {
            let index = usize::try_from(class - 1).unwrap_or_default();
            OldPsw::Same(Psw::new(DISABLED_MASK, image.handlers[index]))
        };
        let both: Vec<Field> = check.fields.iter().chain(&program.fields).cloned().collect();
        let expected = [
            (handler(CLASS_PROGRAM), both),
            (handler(CLASS_MACHINE), check.fields.clone()),
            (stopped, program.fields.clone()),
            (stopped, vec![]),
        ];
        let mut observations = Vec::new();
        for (case, (interrupted, others)) in taken.iter().zip(expected) {
            let prefix = machine.cpu(cpu).prefix;
            let expectation = Expectation { others, ..case.expectation(cpu, prefix, interrupted) };
            observations.push(judge(machine, image, &expectation, begin)?.0);
        }
        Ok(observations)
    });
}

/// Injected into a stopped CPU, one after the other; the guest sees one.
fn merged(demo: &mut Demo) {
    let state = State::Stopped;
    let of = |code, name, stores| Program { code, name, stores, nullifies: false }.case(state);
    let change = |mut case: Case, change: fn(&mut kvm_s390_pgm_info)| {
        let mut pgm = case.irq.pgm();
        change(&mut pgm);
        case.irq.set_pgm(pgm);
        case
    };
    let per = change(of(0x80, "", Stores::Nothing), |pgm| {
        (pgm.trans_exc_code, pgm.exc_access_id, pgm.data_exc_code) = (1, 1, 1);
    });
    let protection = change(of(0x04, "", Stores::TeidAccess), |pgm| {
        (pgm.per_address, pgm.per_code, pgm.per_atmid, pgm.per_access_id) = (2, 2, 2, 2);
    });
    let data = of(0x07, "", Stores::DataCode);
    let monitor = of(0x40, "", Stores::Monitor);
    let both = of(0x84, "", Stores::TeidAccess);

    let external = case::machine_check(case::EXTERNAL_DAMAGE);
    let check = |stored, address: u64| {
        let check = case::MachineCheck { stored, ..case::WARNING };
        let mut case = case::machine_check(check);
        let mchk = case.irq.mchk();
        case.irq.set_mchk(kvm_s390_mchk_info { failing_storage_address: address, ..mchk });
        case.fields[2] = Field::new("failing address", 0xf8, 8, address);
        case
    };
    let warning = check(1 << 58 | 1 << 55, 0x5000);
    let mut exigent = case::machine_check(case::PROCESSING_DAMAGE);
    exigent.fields[0] = Field::new("mcic", 0xe8, 8, case::PROCESSING_DAMAGE.stored | 1 << 58);

    let lists: [(&str, Vec<Case>, Option<Case>); 8] = [
        ("PER, then protection", vec![per.clone(), protection.clone()], Some(both.clone())),
        ("protection, then PER", vec![protection, per], Some(both)),
        ("data, then monitor", vec![data, monitor], None),
        ("external damage, then warning", vec![external.clone(), warning], None),
        ("external, then exigent", vec![external, exigent], None),
        ("three times", vec![case::restart(); 3], None),
        ("with token 1, then 2", vec![case::pfault_init(1), case::pfault_init(2)], None),
        ("twice from one CPU", vec![case::emergency(1); 2], None),
    ];
    for (n, (detail, injected, expected)) in lists.into_iter().enumerate() {
        let cpu = turn(n);
        let Some(expected) = expected.or_else(|| injected.last().cloned()) else { continue };
        demo.row(head(&expected, detail.into(), cpu, state), |machine, image| {
            machine.prepare(cpu, state)?;
            let interrupted = machine.interrupted_psw(cpu);
            for case in &injected {
                machine.inject(cpu, &case.irq)?;
            }
            let begin = Instant::now();
            machine.go(cpu)?;
            let prefix = machine.cpu(cpu).prefix;
            let expectation = expected.expectation(cpu, prefix, interrupted);
            let (observation, _) = judge(machine, image, &expectation, begin)?;
            // Were there a second one, the CPU would take it on its way back.
            machine.prepare(cpu, State::Running)?;
            Ok(observation)
        });
    }
}
