//! Stop, with and without storing the status, and set prefix (the
//! specification, sections B.8, C.8 to C.10).

use super::answer::TRIES;
use super::case;
use super::expect::show;
use super::image::Image;
use super::layout::{prefix_a, prefix_b};
use super::local::deliver;
use super::machine::{Machine, State, Trouble};
use super::report::{Head, Observation, Section, Seen};
use super::{Demo, save_area, turn};
use lowcore_abi::*;
use lowcore_arch::Psw;
use std::time::Instant;

pub fn run(demo: &mut Demo) {
    for (n, store) in [false, true].into_iter().enumerate() {
        for (m, state) in [State::Running, State::Masked, State::Waiting].into_iter().enumerate() {
            stop_row(demo, turn(n + m), state, store);
        }
    }
    let head = head("KVM_S390_SIGP_STOP", "and store status".into(), 0, State::Stopped);
    demo.row(head, |machine, _| store_status_of_stopped(machine, 0));
    for cpu in [0, 1] {
        set_prefix_row(demo, cpu, "", &[prefix_b(cpu)], prefix_b(cpu));
        // Bits outside the field do not count, and the last address wins.
        let stray = prefix_a(cpu) | 0x8000_1fff;
        set_prefix_row(demo, cpu, "twice", &[0x4000_0000, stray], prefix_a(cpu));
    }
}

fn head(kind: &'static str, detail: String, cpu: u16, state: State) -> Head {
    Head { section: Section::Local, kind, detail, cpu, state }
}

fn stop_row(demo: &mut Demo, cpu: u16, state: State, store: bool) {
    let detail = if store { "and store status" } else { "" };
    let head = head("KVM_S390_SIGP_STOP", detail.into(), cpu, state);
    demo.row(head, |machine, image| stop(machine, image, cpu, state, store));
}

/// A stop of flags 0 or 1.
pub fn irq(store: bool) -> kvm_s390_irq {
    let flags = if store { KVM_S390_STOP_FLAG_STORE_STATUS } else { 0 };
    kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags })
}

fn stop(
    machine: &mut Machine,
    image: &Image,
    cpu: u16,
    state: State,
    store: bool,
) -> Result<Observation, Trouble> {
    for _ in 0..TRIES {
        machine.prepare(cpu, state)?;
        let interrupted = machine.interrupted_psw(cpu);
        save_area::clear_status(machine)?;
        let begin = Instant::now();
        machine.inject(cpu, &irq(store))?;
        let outcome = machine.stopped(cpu)?;
        let time = begin.elapsed();
        if state == State::Waiting && !Machine::is_waiting(outcome.psw) {
            continue;
        }
        let psw = match state {
            State::Masked => Psw { mask: outcome.psw.mask | MASKS, ..outcome.psw },
            _ => outcome.psw,
        };
        let mut problems = Vec::from_iter(interrupted.problem(psw, image));
        problems.extend(is_stopped(machine, cpu));
        let mut seen = Seen::observed("stop exit", Some(outcome.icptcode), Some(outcome.psw))
            .with("MP state", mp_state(machine, cpu).to_string());
        if store {
            problems.extend(stored(machine, cpu)?);
            seen = with_status(seen, machine)?;
        } else {
            problems.extend(save_area::status_untouched(machine)?);
        }
        return Ok(Observation { seen: Some(seen), time: Some(time), errno: None, problems });
    }
    Err(Trouble::State("waiting"))
}

/// The PSW bits in which the masked loop differs from the enabled one.
const MASKS: u64 = Psw::IO | Psw::EXTERNAL | Psw::MACHINE_CHECK;

fn store_status_of_stopped(machine: &mut Machine, cpu: u16) -> Result<Observation, Trouble> {
    machine.prepare(cpu, State::Stopped)?;
    save_area::clear_status(machine)?;
    let begin = Instant::now();
    machine.inject(cpu, &irq(true))?;
    let time = begin.elapsed();
    let mut problems = is_stopped(machine, cpu);
    problems.extend(stored(machine, cpu)?);
    let seen = with_status(Seen::observed("status stored", None, None), machine)?;
    Ok(Observation { seen: Some(seen), time: Some(time), errno: None, problems })
}

fn mp_state(machine: &mut Machine, cpu: u16) -> u32 {
    machine.cpu(cpu).thread.vcpu.get_mp_state()
}

/// What is wrong if a CPU is not stopped with nothing pending.
pub fn is_stopped(machine: &mut Machine, cpu: u16) -> Vec<String> {
    let mut problems = Vec::new();
    let state = mp_state(machine, cpu);
    if state != KVM_MP_STATE_STOPPED {
        problems.push(format!("MP state {state}, expected 5 (stopped)"));
    }
    let pending = machine.cpu(cpu).thread.pending().len();
    if pending != 0 {
        problems.push(format!("{pending} interrupts are pending, expected none"));
    }
    problems
}

fn stored(machine: &mut Machine, cpu: u16) -> Result<Vec<String>, Trouble> {
    let page = machine.cpu(cpu).thread.vcpu.run_page().clone();
    save_area::status(machine, &page)
}

fn with_status(seen: Seen, machine: &Machine) -> Result<Seen, Trouble> {
    let psw = Psw::from_bytes(machine.storage.bytes(0x1300)?);
    let prefix = machine.storage.u32(0x1318)?;
    Ok(seen.with("stored PSW", show(psw)).with("stored prefix", format!("{prefix:#x}")))
}

/// Sets the prefix of a stopped CPU and lets an emergency signal show, by
/// STORE PREFIX in its handler, that the CPU uses it.
fn set_prefix_row(
    demo: &mut Demo,
    cpu: u16,
    detail: &'static str,
    addresses: &[u32],
    expected: u32,
) {
    let head = head("KVM_S390_SIGP_SET_PREFIX", detail.into(), cpu, State::Stopped);
    demo.row(head, |machine, image| {
        machine.prepare(cpu, State::Stopped)?;
        for &address in addresses {
            let info = kvm_s390_prefix_info { address };
            machine.inject(cpu, &kvm_s390_irq::with_prefix(KVM_S390_SIGP_SET_PREFIX, info))?;
        }
        machine.go(cpu)?;
        machine.cpu(cpu).prefix = expected;
        let fence = deliver(machine, image, cpu, State::Running, &case::emergency(cpu))?;
        let recorded = fence.seen.as_ref().and_then(|seen| seen.prefix.clone()).unwrap_or_default();
        machine.prepare(cpu, State::Paused)?;
        let page = machine.cpu(cpu).thread.vcpu.run_page().prefix();
        let mut problems = fence.problems;
        if page != u64::from(expected) {
            problems.push(format!("prefix in the run page {page:#x}, expected {expected:#x}"));
        }
        let seen = Seen::observed("new prefix", None, None)
            .with("prefix by STPX", recorded)
            .with("in the run page", format!("{page:#x}"));
        Ok(Observation { seen: Some(seen), problems, ..Observation::default() })
    });
}
