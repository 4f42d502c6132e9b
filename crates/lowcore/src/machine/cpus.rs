//! The CPUs and their threads: who runs, who is stopped, who is held.

use super::ending::{Ending, Said};
use super::parameter_block::{NO_LOAD_PARAMETER, ParameterBlock};
use super::{Guard, Shared, State, instruction};
use lowcore_abi::{
    KVM_MP_STATE_OPERATING, KVM_MP_STATE_STOPPED, KVM_S390_RESTART, KVM_SYNC_PREFIX, kvm_s390_irq,
};
use lowcore_arch::Psw;
use lowcore_kvm::{Error, Exit, Injector, Vcpu, icptcode};
use parking_lot::MutexGuard;
use serde::{Deserialize, Serialize};

/// A CPU as its machine and other threads know it.
pub struct Cpu {
    /// The vcpu. Everything but injection waits while it is in KVM_RUN.
    pub vcpu: Vcpu,
    /// What injects interrupts into it, at any time.
    pub injector: Injector,
}

impl Cpu {
    pub(super) fn new(vcpu: Vcpu) -> Self {
        let injector = vcpu.injector();
        Self { vcpu, injector }
    }
}

/// What a CPU is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// It is in the stopped state.
    #[default]
    Stopped,
    /// It executes instructions, or waits for an interruption.
    Operating,
    /// It waits with everything disabled: only a restart gets it out of that.
    DisabledWait,
}

/// What the machine knows of a CPU.
#[derive(Debug, Default)]
pub(super) struct CpuState {
    pub(super) doing: Doing,
    /// Whether its thread is in KVM_RUN or about to enter it, or does something
    /// else for which it has given up the lock in the middle of an instruction.
    busy: bool,
    /// How many hold it.
    holds: u32,
    /// Whether an operator has injected an interrupt since it last was about
    /// to wait for ever.
    injected: bool,
    /// How often it was reset or loaded: who has waited in the middle of an
    /// instruction of this CPU looks whether it still is the same.
    resets: u64,
}

/// Ends the machine when the thread that has it panics.
struct EndOnPanic<'a>(&'a Shared);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end(&mut self.0.state.lock(), Ending::Bug);
        }
    }
}

/// The body of a CPU's thread.
pub(super) fn run(shared: &Shared, id: u16) {
    let n = usize::from(id);
    // Dropped last, when the lock is free.
    let _end = EndOnPanic(shared);
    let cpu = &shared.cpus[n];
    let mut state = shared.state.lock();
    loop {
        if state.ending.is_some() {
            return;
        }
        let this = &state.cpus[n];
        if this.doing != Doing::Operating || this.holds != 0 || state.paused {
            shared.changed.wait(&mut state);
            continue;
        }
        let outcome = shared.unlocked(&mut state, id, || cpu.vcpu.run());
        if let Some(trace) = &shared.trace {
            trace.exit(&cpu.vcpu, &outcome);
        }
        match outcome {
            Ok(exit) => shared.handle(&mut state, id, exit),
            Err(Error::Interrupted) => {}
            Err(error) => {
                let registers = shared.registers(id);
                shared.end(&mut state, Ending::Fault { error, registers });
            }
        }
        shared.changed.notify_all();
    }
}

impl Shared {
    /// Deals with why KVM_RUN returned.
    fn handle(&self, state: &mut Guard<'_>, id: u16, exit: Exit) {
        let n = usize::from(id);
        match exit {
            Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa, ipb } => {
                instruction::execute(self, state, id, ipa, ipb);
            }
            Exit::Tsch { .. } => {
                let ipb = self.cpus[n].vcpu.run_page().tsch().ipb;
                instruction::execute(self, state, id, 0xb235, ipb);
            }
            Exit::Sieic { icptcode: icptcode::STOP, .. } => {
                self.set_stopped(state, id);
                self.end_if_all_are_stopped(state, id);
            }
            Exit::Sieic { icptcode: icptcode::WAIT, .. } => {
                if std::mem::take(&mut state.cpus[n].injected) {
                    // The interrupt may end the wait.
                    return;
                }
                state.cpus[n].doing = Doing::DisabledWait;
                self.end_if_all_are_stopped(state, id);
            }
            Exit::Sieic { icptcode, .. } => {
                let registers = self.registers(id);
                self.end(state, Ending::Loop { icptcode, registers });
            }
            Exit::Reset { flags } => self.reset_and_load(state, id, flags),
            Exit::InternalError => {
                let registers = self.registers(id);
                self.end(state, Ending::Unsupported { registers });
            }
            other => {
                let registers = self.registers(id);
                self.end(state, Ending::Unexpected { exit: other, registers });
            }
        }
    }

    /// A CPU was the last that was not stopped or waiting for ever.
    fn end_if_all_are_stopped(&self, state: &mut State, id: u16) {
        let last = state.cpus[usize::from(id)].doing;
        if state.cpus.iter().any(|cpu| cpu.doing == Doing::Operating) {
            return;
        }
        let ending = match last {
            Doing::Stopped => Ending::PowerOff,
            _ => {
                let registers = self.registers(id);
                Ending::disabled_wait(registers, &state.said)
            }
        };
        self.end(state, ending);
    }

    /// Makes all CPUs leave KVM_RUN.
    pub(super) fn kick_all(&self) {
        for cpu in &self.cpus {
            cpu.vcpu.kick();
        }
    }

    /// Keeps a CPU out of KVM_RUN, so that this thread can touch it, until
    /// [`Shared::release`]. Waits until its thread has finished what it is at.
    pub(super) fn hold(&self, state: &mut Guard<'_>, id: u16) {
        self.begin_hold(state, id);
        while Self::is_busy(state, id) {
            self.changed.wait(state);
        }
    }

    /// Begins a [`Shared::hold`]: the CPU can be touched as soon as it is not
    /// [busy](Shared::is_busy).
    pub(super) fn begin_hold(&self, state: &mut State, id: u16) {
        let n = usize::from(id);
        state.cpus[n].holds += 1;
        if state.cpus[n].busy {
            self.cpus[n].vcpu.kick();
        }
    }

    /// Whether a CPU's thread is in the middle of something. When it no longer
    /// is, it tells those who wait for a change.
    pub(super) fn is_busy(state: &State, id: u16) -> bool {
        state.cpus[usize::from(id)].busy
    }

    /// Does something for CPU `id`, whose thread this is, without the lock.
    pub(super) fn unlocked<T>(
        &self,
        state: &mut Guard<'_>,
        id: u16,
        what: impl FnOnce() -> T,
    ) -> T {
        let n = usize::from(id);
        state.cpus[n].busy = true;
        let result = MutexGuard::unlocked(state, what);
        state.cpus[n].busy = false;
        result
    }

    /// Ends a [`Shared::hold`].
    pub(super) fn release(&self, state: &mut State, id: u16) {
        state.cpus[usize::from(id)].holds -= 1;
        self.changed.notify_all();
    }

    /// Notes that an interrupt was injected into a CPU: one that waits for
    /// ever, or is about to, looks whether it still does.
    pub(super) fn was_injected(&self, state: &mut State, id: u16) {
        let n = usize::from(id);
        state.cpus[n].injected = true;
        if state.cpus[n].doing == Doing::DisabledWait {
            self.set_operating(state, id);
        }
    }

    /// How often a CPU was reset.
    pub(super) fn resets(state: &State, id: u16) -> u64 {
        state.cpus[usize::from(id)].resets
    }

    /// Notes that a CPU was reset.
    pub(super) fn was_reset(state: &mut State, id: u16) {
        state.cpus[usize::from(id)].resets += 1;
    }

    /// Puts a CPU that is not in KVM_RUN into the stopped state.
    pub(super) fn set_stopped(&self, state: &mut State, id: u16) {
        let n = usize::from(id);
        state.cpus[n].doing = Doing::Stopped;
        // It knows this state.
        let _ = self.cpus[n].vcpu.set_mp_state(KVM_MP_STATE_STOPPED);
    }

    /// Starts a CPU that is not in KVM_RUN, where its PSW leads.
    pub(super) fn set_operating(&self, state: &mut State, id: u16) {
        let n = usize::from(id);
        state.cpus[n].doing = Doing::Operating;
        // It knows this state.
        let _ = self.cpus[n].vcpu.set_mp_state(KVM_MP_STATE_OPERATING);
        self.changed.notify_all();
    }

    /// Restarts a CPU: it takes a restart interruption, and is started for that
    /// if it is not operating.
    pub(super) fn restart(&self, state: &mut Guard<'_>, id: u16) -> Result<(), Error> {
        let n = usize::from(id);
        self.cpus[n].injector.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART))?;
        if state.cpus[n].doing != Doing::Operating {
            self.set_operating(state, id);
        }
        Ok(())
    }

    /// Resets all CPUs and the subsystem on behalf of CPU `id`, loads the
    /// program anew and starts it on that CPU.
    pub(super) fn reset_and_load(&self, state: &mut Guard<'_>, id: u16, flags: u64) {
        let clear = flags & lowcore_abi::KVM_S390_RESET_CLEAR != 0;
        self.with_all_held(state, id, |state| {
            self.reset_subsystem(state);
            let parameters = state.parameters.as_ref();
            let parameter = parameters.map(ParameterBlock::load_parameter);
            state.sclp.set_load_parameter(parameter.unwrap_or(NO_LOAD_PARAMETER));
            for other in self.ids() {
                self.set_stopped(state, other);
            }
            let cleared = if clear { self.storage.clear_all() } else { Ok(()) };
            if let Err(error) = cleared.map_err(super::Error::from).and_then(|()| self.load(state))
            {
                self.end(state, Ending::Load { error: error.to_string() });
            }
        });
    }

    /// Does something while no CPU is in KVM_RUN; not at all if CPU `id`, whose
    /// thread this is, was reset while it waited for that.
    pub(super) fn with_all_held(
        &self,
        state: &mut Guard<'_>,
        id: u16,
        what: impl FnOnce(&mut Guard<'_>),
    ) {
        let before = Self::resets(state, id);
        for other in self.ids().filter(|&other| other != id) {
            self.hold(state, other);
        }
        if Self::resets(state, id) == before && state.ending.is_none() {
            what(state);
        }
        for other in self.ids().filter(|&other| other != id) {
            self.release(state, other);
        }
    }

    /// What a subsystem reset does besides the CPUs.
    pub(super) fn reset_subsystem(&self, state: &mut State) {
        self.flic.clear();
        state.sclp.reset();
        state.channel.reset();
        state.said = Said::default();
    }

    /// Loads the program and starts it on the first CPU, all CPUs being
    /// outside KVM_RUN.
    pub(super) fn load(&self, state: &mut State) -> Result<(), super::Error> {
        let psw = self.program.load(&self.storage)?;
        for id in self.ids() {
            self.set_stopped(state, id);
            self.clear_reset(state, id);
        }
        self.start_at(state, 0, psw);
        Ok(())
    }

    /// Clear reset of a CPU that is outside KVM_RUN.
    pub(super) fn clear_reset(&self, state: &mut State, id: u16) {
        let vcpu = &self.cpus[usize::from(id)].vcpu;
        vcpu.clear_reset();
        // The run page still shows the old prefix, and it goes back in.
        vcpu.run_page().set_prefix(0);
        vcpu.run_page().set_dirty(vcpu.run_page().dirty() | KVM_SYNC_PREFIX);
        Self::was_reset(state, id);
    }

    /// Starts a CPU at an address.
    pub(super) fn start_at(&self, state: &mut State, id: u16, psw: Psw) {
        self.cpus[usize::from(id)].vcpu.run_page().set_psw(psw);
        self.set_operating(state, id);
    }

    /// The addresses of all CPUs.
    pub(super) fn ids(&self) -> std::ops::Range<u16> {
        0..lowcore_arch::bits::low16(self.cpus.len() as u64)
    }
}
