//! What reaches the same handlers from elsewhere: the guest's own
//! instructions, the other CPU's SIGNAL PROCESSOR, and floating interrupts of
//! the VM (the specification, sections C.5, C.11, C.12 and E.2).

use super::answer::{TRIES, judge};
use super::case::{self, Case};
use super::expect::{Field, OldPsw, SPIN_MASK};
use super::image::Image;
use super::layout::*;
use super::machine::{Machine, State, Trouble};
use super::report::{Head, Observation, Section, Seen};
use super::{Demo, other, turn};
use lowcore_abi::*;
use lowcore_arch::Psw;
use std::time::Instant;

pub fn run(demo: &mut Demo) {
    own_instructions(demo);
    for cpu in [0, 1] {
        sigp(demo, cpu, 2, case::external_call(other(cpu)));
        sigp(demo, cpu, 3, case::emergency(other(cpu)));
        sigp_stop(demo, cpu);
    }
    floating(demo);
}

fn head(kind: &'static str, detail: impl Into<String>, cpu: u16, state: State) -> Head {
    Head { section: Section::Others, kind, detail: detail.into(), cpu, state }
}

/// SUPERVISOR CALL 42 and an instruction that does not exist.
fn own_instructions(demo: &mut Demo) {
    let svc = vec![Field::new("length", 0x88, 2, 2u16), Field::new("code", 0x8a, 2, 42u16)];
    let operation = vec![
        Field::new("code", 0x8e, 2, 1u16),
        Field::new("length", 0x8c, 2, 2u16),
        Field::stored("breaking event", 0x110, 8),
    ];
    for cpu in [0, 1] {
        for (kind, command, class, fields) in [
            ("SVC 42", CMD_SVC, CLASS_SVC, svc.clone()),
            ("operation code 0000", CMD_OPERATION, CLASS_PROGRAM, operation.clone()),
        ] {
            let irq = kvm_s390_irq::of_type(0);
            let case = Case { irq, kind, detail: String::new(), class, fields, rewind: 0 };
            demo.row(head(kind, "", cpu, State::Running), |machine, image| {
                machine.prepare(cpu, State::Running)?;
                let begin = Instant::now();
                // Not what an earlier row has left there.
                let operand = !machine.control_u64(cpu, CB_RESULT)?;
                machine.command(cpu, command, operand)?;
                let resume =
                    if class == CLASS_SVC { image.svc_resume } else { image.operation_resume };
                let interrupted = OldPsw::Same(Psw::new(SPIN_MASK, resume));
                let expectation = case.expectation(cpu, machine.cpu(cpu).prefix, interrupted);
                let (mut observation, _) = judge(machine, image, &expectation, begin)?;
                machine.spins(cpu)?;
                let result = machine.control_u64(cpu, CB_RESULT)?;
                if class == CLASS_SVC && result != operand {
                    observation.problems.push("the handler did not return to the SVC".into());
                }
                Ok(observation)
            });
        }
    }
}

/// Makes the other CPU signal this one, which waits.
fn signal(machine: &mut Machine, cpu: u16, order: u64) -> Result<OldPsw, Trouble> {
    machine.prepare(other(cpu), State::Running)?;
    let interrupted = machine.interrupted_psw(cpu);
    machine.command(other(cpu), CMD_SIGP, u64::from(cpu) << 32 | order)?;
    Ok(interrupted)
}

/// What is wrong if the order was not accepted with condition code 0.
fn refused(machine: &Machine, sender: u16) -> Result<Option<String>, Trouble> {
    let result = machine.control_u64(sender, CB_RESULT)?;
    Ok((result != 0).then(|| "the order was not accepted".into()))
}

fn sigp(demo: &mut Demo, cpu: u16, order: u64, case: Case) {
    let name = if order == 2 { "SIGP EXTERNAL CALL" } else { "SIGP EMERGENCY SIGNAL" };
    demo.row(head(name, case.detail.clone(), cpu, State::Waiting), |machine, image| {
        for _ in 0..TRIES {
            let begin = Instant::now();
            let interrupted = signal(machine, cpu, order)?;
            let expectation = case.expectation(cpu, machine.cpu(cpu).prefix, interrupted);
            let (mut observation, record) = judge(machine, image, &expectation, begin)?;
            if !Machine::is_waiting(record.old_psw()) {
                continue;
            }
            observation.time = None;
            observation.problems.extend(refused(machine, other(cpu))?);
            return Ok(observation);
        }
        Err(Trouble::State("waiting"))
    });
}

fn sigp_stop(demo: &mut Demo, cpu: u16) {
    let detail = format!("from CPU {}", other(cpu));
    demo.row(head("SIGP STOP", detail, cpu, State::Waiting), |machine, image| {
        let interrupted = signal(machine, cpu, 5)?;
        let outcome = machine.stopped(cpu)?;
        // The CPU may have been on its way into the wait, which is right too.
        let mut problems = Vec::new();
        if Machine::is_waiting(outcome.psw) {
            problems.extend(interrupted.problem(outcome.psw, image));
        }
        problems.extend(super::stop::is_stopped(machine, cpu));
        problems.extend(refused(machine, other(cpu))?);
        let seen = Seen::observed("stop exit", Some(outcome.icptcode), Some(outcome.psw));
        Ok(Observation { seen: Some(seen), problems, ..Observation::default() })
    });
}

/// Floating interrupts, while all other CPUs are stopped: who takes one is
/// not specified.
fn floating(demo: &mut Demo) {
    let interrupt = |type_, parm, parm64| kvm_s390_interrupt { type_, parm, parm64 };
    let external = |subcode: u16, code: u16| {
        vec![Field::new("code", 0x86, 2, code), Field::new("subcode", 0x84, 2, subcode)]
    };
    let token = 0x0102_0304_0506_0708u64;
    let word = 0x1800_0000u64;

    let io = vec![
        Field::new("id", 0xb8, 2, 0x0001u16),
        Field::new("number", 0xba, 2, 0x0007u16),
        Field::new("parameter", 0xbc, 4, 0xcafe_f00du32),
        Field::new("word", 0xc0, 4, word),
    ];
    let mut service = external(0, 0x2401);
    service.push(Field::new("parameter", 0x80, 4, 0x0004_f008u32));
    let mut virtio = external(0x0d00, 0x2603);
    virtio.push(Field::new("parameter", 0x80, 4, 0x0000_0003u32));
    virtio.push(Field::new("token", 0x11b8, 8, token));
    let mut pfault = external(0x0680, 0x2603);
    pfault.push(Field::new("token", 0x11b8, 8, token));
    let channel_report = 1u64 << 54;
    let check = vec![
        Field::new("mcic", 0xe8, 8, channel_report),
        Field::new("external damage", 0xf4, 4, 0u32),
        Field::new("failing address", 0xf8, 8, 0u64),
        Field::new("logout", 0x1300, 16, 0u128),
        Field::new("mode", 0xa3, 1, 1u8),
    ];
    let io_type = KVM_S390_INT_IO(0, 0, 0, 7);
    let io_irq = interrupt(io_type, 0x0001_0007, 0xcafe_f00d << 32 | word);
    let rows = [
        ("KVM_S390_INT_IO", io_irq, CLASS_IO, io),
        (
            "KVM_S390_INT_SERVICE",
            interrupt(KVM_S390_INT_SERVICE, 0x0004_f008, 0),
            CLASS_EXTERNAL,
            service,
        ),
        ("KVM_S390_INT_VIRTIO", interrupt(KVM_S390_INT_VIRTIO, 3, token), CLASS_EXTERNAL, virtio),
        (
            "KVM_S390_INT_PFAULT_DONE",
            interrupt(KVM_S390_INT_PFAULT_DONE, 0, token),
            CLASS_EXTERNAL,
            pfault,
        ),
        ("KVM_S390_MCHK", interrupt(KVM_S390_MCHK, 1 << 28, channel_report), CLASS_MACHINE, check),
    ];
    let states = [State::Running, State::Waiting];
    for (n, (kind, interrupt, class, fields)) in rows.into_iter().enumerate() {
        for (m, state) in states.into_iter().enumerate() {
            let cpu = turn(n + m);
            let irq = kvm_s390_irq::of_type(0);
            let case =
                Case { irq, kind, detail: String::new(), class, fields: fields.clone(), rewind: 0 };
            demo.row(head(kind, "floating", cpu, state), |machine, image| {
                deliver_floating(machine, image, cpu, state, &case, &interrupt)
            });
        }
    }
}

fn deliver_floating(
    machine: &mut Machine,
    image: &Image,
    cpu: u16,
    state: State,
    case: &Case,
    interrupt: &kvm_s390_interrupt,
) -> Result<Observation, Trouble> {
    for _ in 0..TRIES {
        machine.prepare(other(cpu), State::Stopped)?;
        machine.prepare(cpu, state)?;
        let interrupted = machine.interrupted_psw(cpu);
        let begin = Instant::now();
        machine
            .vm
            .interrupt(interrupt)
            .map_err(|error| Trouble::Kvm("KVM_S390_INTERRUPT on the VM", error))?;
        let expectation = case.expectation(cpu, machine.cpu(cpu).prefix, interrupted);
        let (observation, record) = judge(machine, image, &expectation, begin)?;
        if state != State::Waiting || Machine::is_waiting(record.old_psw()) {
            return Ok(observation);
        }
    }
    Err(Trouble::State("waiting"))
}
