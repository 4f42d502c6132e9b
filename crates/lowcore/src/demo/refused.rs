//! Refusals: the documented errors of injection and of restoring interrupt
//! state (the specification, sections B.1, B.2, B.7, B.8, C.12, D.1, D.2 and
//! E.4),
//! and that nothing has changed after each.

use super::ioctls::{self, Ioctl};
use super::layout::{CB_SPINS, CB_WITNESSES, WITNESSES_SIZE, control_block};
use super::machine::{CPUS, Machine, State, Trouble};
use super::report::{Head, Observation, Section, Seen};
use super::{Demo, other, turn};
use crate::engine;
use lowcore_abi::*;
use lowcore_arch::{Psw, bits};
use lowcore_kvm::{Errno, Error, Vcpu};
use std::time::Duration;

pub const EINVAL: Errno = Errno(22);
const EBUSY: Errno = Errno(16);
pub const EFAULT: Errno = Errno(14);
const ENXIO: Errno = Errno(6);
pub const ENOBUFS: Errno = Errno(105);
/// A CPU address that no vcpu has.
const NOBODY: u16 = 7;

/// A call that must fail.
struct Refusal {
    kind: &'static str,
    detail: &'static str,
    state: State,
    /// What is pending when the call is made.
    pending: Vec<kvm_s390_irq>,
    call: Call,
    errno: Errno,
    /// What is pending in addition afterwards: only a list of which a later
    /// entry is refused leaves something.
    left: Vec<kvm_s390_irq>,
}

/// The call.
enum Call {
    Inject(kvm_s390_irq),
    Interrupt(kvm_s390_interrupt),
    InterruptVm(kvm_s390_interrupt),
    Restore(Vec<kvm_s390_irq>),
    SetInitialPsw,
    Ioctl(Ioctl),
}

pub fn run(demo: &mut Demo) {
    let refusals = by_type().into_iter().chain(by_state()).chain(others()).chain(by_form());
    for (n, refusal) in refusals.enumerate() {
        let cpu = turn(n);
        let head = head(refusal.kind, refusal.detail, cpu, refusal.state);
        demo.row(head, |machine, _| refuse(machine, cpu, &refusal));
    }
    without_storage(demo);
    under_user_control(demo);
}

fn head(kind: &'static str, detail: &str, cpu: u16, state: State) -> Head {
    Head { section: Section::Refused, kind, detail: detail.into(), cpu, state }
}

fn injected(kind: &'static str, detail: &'static str, irq: kvm_s390_irq, errno: Errno) -> Refusal {
    Refusal {
        kind,
        detail,
        state: State::Paused,
        pending: vec![],
        call: Call::Inject(irq),
        errno,
        left: vec![],
    }
}

fn stop(flags: u32) -> kvm_s390_irq {
    kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags })
}

fn prefix() -> kvm_s390_irq {
    let info = kvm_s390_prefix_info { address: 0x2000 };
    kvm_s390_irq::with_prefix(KVM_S390_SIGP_SET_PREFIX, info)
}

fn emergency(code: u16) -> kvm_s390_irq {
    kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code })
}

fn external_call(code: u16) -> kvm_s390_irq {
    kvm_s390_irq::with_extcall(KVM_S390_INT_EXTERNAL_CALL, kvm_s390_extcall_info { code })
}

/// Refused whatever the CPU does.
fn by_type() -> Vec<Refusal> {
    let of = kvm_s390_irq::of_type;
    let wide = kvm_s390_irq { type_: 1 << 32 | u64::from(KVM_S390_RESTART), ..of(0) };
    let unknown = of(0xfffe_00ff);
    let mut list = vec![
        injected("KVM_S390_IRQ", "type 0xfffe00ff", unknown, EINVAL),
        injected("KVM_S390_IRQ", "type 0x1fffe0003", wide, EINVAL),
        injected("KVM_S390_INT_SERVICE", "floating", of(KVM_S390_INT_SERVICE), EINVAL),
        injected("KVM_S390_INT_VIRTIO", "floating", of(KVM_S390_INT_VIRTIO), EINVAL),
        injected("KVM_S390_INT_PFAULT_DONE", "floating", of(KVM_S390_INT_PFAULT_DONE), EINVAL),
        injected("KVM_S390_INT_IO", "floating", of(KVM_S390_INT_IO(0, 0, 0, 7)), EINVAL),
        injected("KVM_S390_SIGP_STOP", "flags 2", stop(2), EINVAL),
        injected("KVM_S390_SIGP_STOP", "flags 3", stop(3), EINVAL),
        injected("KVM_S390_INT_EMERGENCY", "from CPU 7, none", emergency(NOBODY), EINVAL),
        injected("KVM_S390_INT_EXTERNAL_CALL", "from CPU 7, none", external_call(NOBODY), EINVAL),
    ];
    for state in [State::Running, State::Waiting, State::Stopped] {
        list.push(Refusal {
            state,
            ..injected("KVM_S390_IRQ", "type 0xfffe00ff", unknown, EINVAL)
        });
        list.push(Refusal { state, ..injected("KVM_S390_SIGP_STOP", "flags 2", stop(2), EINVAL) });
    }
    list
}

/// Refused because of what the CPU does or has pending.
fn by_state() -> Vec<Refusal> {
    let mut list: Vec<Refusal> = [State::Running, State::Waiting, State::Paused]
        .into_iter()
        .map(|state| Refusal { state, ..injected("KVM_S390_SIGP_SET_PREFIX", "", prefix(), EBUSY) })
        .collect();
    list.extend([
        Refusal {
            pending: vec![stop(0)],
            ..injected("KVM_S390_SIGP_STOP", "a second one", stop(0), EBUSY)
        },
        Refusal {
            pending: vec![stop(0)],
            ..injected("KVM_S390_SIGP_STOP", "a second, storing", stop(1), EBUSY)
        },
        Refusal {
            pending: vec![external_call(0)],
            ..injected("KVM_S390_INT_EXTERNAL_CALL", "a second one", external_call(1), EBUSY)
        },
        Refusal {
            state: State::Stopped,
            pending: vec![external_call(1)],
            ..injected("KVM_S390_INT_EXTERNAL_CALL", "a second one", external_call(1), EBUSY)
        },
        Refusal {
            pending: vec![external_call(0)],
            ..injected(
                "KVM_S390_INT_EXTERNAL_CALL",
                "second, of none",
                external_call(NOBODY),
                EINVAL,
            )
        },
    ]);
    list
}

/// Through other calls than KVM_S390_IRQ.
fn others() -> Vec<Refusal> {
    let short = |type_, parm| Call::Interrupt(kvm_s390_interrupt { type_, parm, parm64: 0 });
    let vm = |type_| Call::InterruptVm(kvm_s390_interrupt { type_, parm: 0, parm64: 0 });
    let restart = kvm_s390_irq::of_type(KVM_S390_RESTART);
    let row = |kind, detail, call, errno| Refusal {
        call,
        ..injected(kind, detail, kvm_s390_irq::of_type(0), errno)
    };
    let restore = "KVM_S390_SET_IRQ_STATE";
    vec![
        row("KVM_S390_INTERRUPT", "program 0x10000", short(KVM_S390_PROGRAM_INT, 0x1_0000), EINVAL),
        row(
            "KVM_S390_INTERRUPT",
            "from CPU 65536",
            short(KVM_S390_INT_EMERGENCY, 0x1_0000),
            EINVAL,
        ),
        row("KVM_S390_INTERRUPT", "service, to a CPU", short(KVM_S390_INT_SERVICE, 8), EINVAL),
        row("KVM_S390_INTERRUPT", "restart, to the VM", vm(KVM_S390_RESTART), EINVAL),
        row("KVM_S390_INTERRUPT", "emergency, to the VM", vm(KVM_S390_INT_EMERGENCY), EINVAL),
        Refusal {
            pending: vec![emergency(0)],
            ..row(restore, "over a pending one", Call::Restore(vec![restart]), EBUSY)
        },
        row(restore, "set prefix", Call::Restore(vec![prefix()]), EBUSY),
        row(
            restore,
            "service",
            Call::Restore(vec![kvm_s390_irq::of_type(KVM_S390_INT_SERVICE)]),
            EINVAL,
        ),
        Refusal {
            left: vec![restart],
            ..row(
                restore,
                "2nd of 3; 1st stays",
                Call::Restore(vec![restart, emergency(NOBODY), external_call(0)]),
                EINVAL,
            )
        },
        row("KVM_S390_SET_INITIAL_PSW", "", Call::SetInitialPsw, EBUSY),
    ]
}

/// In the form that only an ioctl has: pointers and lengths.
fn by_form() -> Vec<Refusal> {
    let emergencies = vec![emergency(0)];
    ioctls::ALL
        .iter()
        .map(|&(ioctl, detail, errno)| Refusal {
            pending: if ioctl.needs_pending() { emergencies.clone() } else { vec![] },
            call: Call::Ioctl(ioctl),
            ..injected(ioctl.name(), detail, kvm_s390_irq::of_type(0), errno)
        })
        .collect()
}

/// Everything that a refusal must leave as it is.
#[derive(PartialEq)]
struct Everything {
    /// All storage but what the main loop of a CPU that spins stores.
    storage: Vec<u8>,
    /// Of each CPU that is outside KVM_RUN: registers and interrupts.
    cpus: Vec<Option<Registers>>,
}

#[derive(PartialEq)]
struct Registers {
    regs: kvm_regs,
    sregs: kvm_sregs,
    psw: Psw,
    others: [u64; 4],
    mp_state: u32,
    pending: Vec<kvm_s390_irq>,
}

impl Registers {
    fn of(vcpu: &Vcpu) -> Self {
        let page = vcpu.run_page();
        Self {
            regs: vcpu.get_regs(),
            sregs: vcpu.get_sregs(),
            psw: page.psw(),
            others: [page.prefix(), page.clock_comparator(), page.cpu_timer(), page.todpr()],
            mp_state: vcpu.get_mp_state(),
            pending: vcpu.get_irq_state(),
        }
    }
}

impl Everything {
    fn of(machine: &Machine) -> Result<Self, Trouble> {
        let mut storage = machine.storage.snapshot()?;
        for cpu in CPUS {
            let block = bits::index(control_block(cpu));
            for (offset, length) in [(CB_SPINS, 8), (CB_WITNESSES, WITNESSES_SIZE)] {
                let begin = block + bits::index(offset);
                storage[begin..begin + length].fill(0);
            }
        }
        let cpus = machine
            .cpus
            .iter()
            .map(|cpu| (!cpu.is_in_kvm_run()).then(|| Registers::of(&cpu.thread.vcpu)))
            .collect();
        Ok(Self { storage, cpus })
    }
}

fn refuse(machine: &mut Machine, cpu: u16, refusal: &Refusal) -> Result<Observation, Trouble> {
    machine.prepare(other(cpu), State::Stopped)?;
    machine.prepare(cpu, refusal.state)?;
    for irq in &refusal.pending {
        machine.inject(cpu, irq)?;
    }
    let before = Everything::of(machine)?;
    let vcpu = machine.cpu(cpu).thread.vcpu.clone();
    let result = match &refusal.call {
        Call::Inject(irq) => vcpu.inject(irq).map_err(Error::errno),
        Call::Interrupt(interrupt) => vcpu.interrupt(interrupt).map_err(Error::errno),
        Call::InterruptVm(interrupt) => machine.vm.interrupt(interrupt).map_err(Error::errno),
        Call::Restore(irqs) => vcpu.set_irq_state(irqs).map_err(Error::errno),
        Call::SetInitialPsw => vcpu.set_initial_psw(Psw::new(0, 0x2000)).map_err(Error::errno),
        Call::Ioctl(ioctl) => ioctl.call(&vcpu)?,
    };
    let mut problems = Vec::from_iter(errno_problem(result, refusal.errno));
    if machine.cpu(cpu).is_in_kvm_run() {
        // Whatever had become pending would be taken by now.
        machine.turn_over(cpu)?;
    }
    let mut after = Everything::of(machine)?;
    for registers in after.cpus.iter_mut().flatten() {
        registers.pending.retain(|irq| !refusal.left.contains(irq));
    }
    if before != after {
        problems.push("something has changed".into());
    }
    if machine.cpu(cpu).is_in_kvm_run() {
        machine.prepare(cpu, State::Paused)?;
    }
    let pending = vcpu.get_irq_state();
    let mut expected: Vec<u64> =
        refusal.pending.iter().chain(&refusal.left).map(|irq| irq.type_).collect();
    expected.sort_unstable();
    let mut types: Vec<u64> = pending.iter().map(|irq| irq.type_).collect();
    types.sort_unstable();
    if types != expected {
        problems.push(format!("types {types:x?} are pending, expected {expected:x?}"));
    }
    let seen = Seen::observed("refused", None, None)
        .with("records", machine.unread(cpu)?.to_string())
        .with("pending", names(&pending));
    if !pending.is_empty() {
        machine.reset(cpu);
    }
    let errno = result.err().map(|errno| errno.to_string());
    Ok(Observation { seen: Some(seen), time: None, errno, problems })
}

/// What is pending, by name.
fn names(pending: &[kvm_s390_irq]) -> String {
    let names: Vec<&str> = pending
        .iter()
        .map(|irq| names::irq_type_name(irq.type_).unwrap_or("unknown"))
        .map(|name| name.trim_start_matches("KVM_S390_").trim_start_matches("INT_"))
        .collect();
    if names.is_empty() { "nothing".into() } else { names.join(" ") }
}

fn errno_problem(result: Result<(), Errno>, expected: Errno) -> Option<String> {
    match result {
        Ok(()) => Some(format!("succeeded, expected {expected}")),
        Err(errno) if errno == expected => None,
        Err(errno) => Some(format!("{errno}, expected {expected}")),
    }
}

/// A stopped CPU of a VM without storage cannot store its status.
fn without_storage(demo: &mut Demo) {
    let head = head("KVM_S390_SIGP_STOP", "storing, no storage", 0, State::Stopped);
    demo.row(head, |_, _| {
        let vm =
            engine::system().create_vm().map_err(|error| Trouble::Kvm("KVM_CREATE_VM", error))?;
        let vcpu = vm.create_vcpu(0).map_err(|error| Trouble::Kvm("KVM_CREATE_VCPU", error))?;
        let result = vcpu.inject(&stop(1)).map_err(Error::errno);
        let mut problems = Vec::from_iter(errno_problem(result, EFAULT));
        let pending = vcpu.get_irq_state();
        if !pending.is_empty() || vcpu.get_mp_state() != KVM_MP_STATE_STOPPED {
            problems.push("something has changed".into());
        }
        let seen = Seen::observed("refused", None, None).with("pending", names(&pending));
        let errno = result.err().map(|errno| errno.to_string());
        Ok(Observation { seen: Some(seen), time: None, errno, problems })
    });
}

/// Of a VM whose client controls which CPUs are stopped.
fn under_user_control(demo: &mut Demo) {
    let vm_with_cpu = || -> Result<Vcpu, Trouble> {
        let vm =
            engine::system().create_vm().map_err(|error| Trouble::Kvm("KVM_CREATE_VM", error))?;
        vm.create_vcpu(0).map_err(|error| Trouble::Kvm("KVM_CREATE_VCPU", error))
    };
    let judge = |vcpu: &Vcpu, result: Result<(), Errno>, errno| {
        let mut problems = Vec::from_iter(errno_problem(result, errno));
        let state = vcpu.get_mp_state();
        if state != KVM_MP_STATE_STOPPED {
            problems.push(format!("MP state {state}, expected 5 (stopped)"));
        }
        let seen = Seen::observed("refused", None, None).with("MP state", state.to_string());
        let errno = result.err().map(|errno| errno.to_string());
        Observation { seen: Some(seen), time: None, errno, problems }
    };
    demo.row(head("KVM_SET_MP_STATE", "load", 0, State::Stopped), |_, _| {
        let vcpu = vm_with_cpu()?;
        let result = vcpu.set_mp_state(KVM_MP_STATE_LOAD).map_err(Error::errno);
        Ok(judge(&vcpu, result, ENXIO))
    });
    demo.row(head("KVM_RUN", "under user control", 0, State::Stopped), |machine, _| {
        let vcpu = vm_with_cpu()?;
        vcpu.set_mp_state(KVM_MP_STATE_STOPPED)
            .map_err(|error| Trouble::Kvm("KVM_SET_MP_STATE", error))?;
        // A kernel that ran it would not come back: the watchdog is a kick.
        let watchdog = vcpu.clone();
        let patience: Duration = machine.patience();
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let kicker = std::thread::spawn(move || {
            if wait.recv_timeout(patience).is_err() {
                watchdog.kick();
            }
        });
        let result = vcpu.run().map(|_| ()).map_err(Error::errno);
        let _ = done.send(());
        let _ = kicker.join();
        Ok(judge(&vcpu, result, EINVAL))
    });
}
