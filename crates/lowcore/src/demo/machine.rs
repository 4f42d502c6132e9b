//! The running guest: one VM, its storage, and a thread for each CPU.

use super::expect::{self, OldPsw, SPIN_MASK, WAIT_MASK};
use super::image::Image;
use super::layout::*;
use super::record::Record;
use super::storage::Storage;
use super::vcpu_thread::{Outcome, VcpuThread};
use crate::engine;
use lowcore_abi::{KVM_EXIT_S390_SIEIC, KVM_S390_SIGP_STOP, kvm_s390_irq, kvm_s390_stop_info};
use lowcore_arch::Psw;
use lowcore_kvm::Vm;
use serde::Serialize;
use std::time::{Duration, Instant};
use thiserror::Error;

/// The guest's CPUs.
pub const CPUS: [u16; 2] = [0, 1];

/// Why a step of the demonstration could not be finished.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The guest did not do in time what it was told or made to do.
    #[error("no answer within {0:?}: {1}")]
    NoAnswer(Duration, String),
    /// A call that must succeed failed.
    #[error("{0} failed: {1}")]
    Kvm(&'static str, lowcore_kvm::Error),
    /// KVM_RUN returned, but not for the expected reason.
    #[error("KVM_RUN returned {0:?}, expected {1}")]
    Exit(Outcome, &'static str),
    /// The host gave no thread.
    #[error("the host gave no thread: {0}")]
    Thread(String),
    /// Guest storage could not be made or reached.
    #[error("guest storage: {0}")]
    Storage(String),
    /// The CPU was never caught in the state that the row is about.
    #[error("the CPU was never {0} when the interrupt arrived")]
    State(&'static str),
}

impl From<lowcore_host::Fault> for Trouble {
    fn from(fault: lowcore_host::Fault) -> Self {
        Self::Storage(fault.to_string())
    }
}

/// What a CPU does when something is injected into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// In KVM_RUN, executing, enabled for interruptions.
    Running,
    /// In KVM_RUN, executing, disabled for interruptions.
    Masked,
    /// In KVM_RUN, in an enabled wait.
    Waiting,
    /// Stopped.
    Stopped,
    /// Operating, outside KVM_RUN, after a DIAGNOSE that user space handles.
    Exited,
    /// Operating, outside KVM_RUN, because the demonstration asked for it.
    Paused,
}

impl State {
    /// As shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Masked => "masked",
            Self::Waiting => "waiting",
            Self::Stopped => "stopped",
            Self::Exited => "exited",
            Self::Paused => "paused",
        }
    }
}

/// One CPU as the demonstration sees it.
pub struct Cpu {
    /// The vcpu and the thread that runs it.
    pub thread: VcpuThread,
    /// Its prefix.
    pub prefix: u32,
    /// What the demonstration has made it do.
    state: State,
    /// Serial number of the last command.
    serial: u32,
    /// Records read so far.
    read: u32,
}

impl Cpu {
    /// Whether its thread is in KVM_RUN.
    pub fn is_in_kvm_run(&self) -> bool {
        matches!(self.state, State::Running | State::Masked | State::Waiting)
    }
}

/// The guest.
pub struct Machine {
    /// The VM, for what is not injected into one CPU.
    pub vm: Vm,
    /// Its storage.
    pub storage: Storage,
    /// Its CPUs, by position in [`CPUS`].
    pub cpus: Vec<Cpu>,
    patience: Duration,
    /// The PSW at the exit of the DIAGNOSE.
    after_diagnose: Psw,
}

impl Machine {
    /// A VM with the image loaded and every CPU in its main loop.
    pub fn boot(image: &Image, patience: Duration) -> Result<Self, Trouble> {
        let storage = Storage::new().map_err(|error| Trouble::Storage(error.to_string()))?;
        storage.write(IMAGE, &image.bytes)?;
        let vm =
            engine::system().create_vm().map_err(|error| Trouble::Kvm("KVM_CREATE_VM", error))?;
        vm.set_user_memory_region(0, 0, 0, storage.range())
            .map_err(|error| Trouble::Kvm("KVM_SET_USER_MEMORY_REGION", error))?;
        let after_diagnose = Psw::new(SPIN_MASK, image.diagnose_resume);
        let mut machine = Self { vm, storage, cpus: Vec::new(), patience, after_diagnose };
        for id in CPUS {
            machine.add_cpu(id, image)?;
        }
        for id in CPUS {
            machine.cpus[usize::from(id)].thread.enter();
            machine.command(id, CMD_SPIN, 0)?;
            machine.park(id)?;
        }
        Ok(machine)
    }

    fn add_cpu(&mut self, id: u16, image: &Image) -> Result<(), Trouble> {
        let vcpu = self
            .vm
            .create_vcpu(u64::from(id))
            .map_err(|error| Trouble::Kvm("KVM_CREATE_VCPU", error))?;
        let block = control_block(id);
        for (offset, value) in [
            (CB_PREFIX_A, u64::from(prefix_a(id))),
            (CB_PREFIX_B, u64::from(prefix_b(id))),
            (CB_LOG, log(id)),
            (CB_CR0, expect::CR0),
            (CB_CR6, expect::CR6),
            (CB_CR14, expect::CR14),
        ] {
            self.storage.set_u64(block + offset, value)?;
        }
        let thread = VcpuThread::new(vcpu)?;
        thread.set_psw(Psw::new(expect::DISABLED_MASK, image.start));
        thread.vcpu.run_page().set_gpr(2, block);
        self.cpus.push(Cpu {
            thread,
            prefix: prefix_a(id),
            state: State::Running,
            serial: 0,
            read: 0,
        });
        Ok(())
    }

    /// A CPU.
    pub fn cpu(&mut self, id: u16) -> &mut Cpu {
        &mut self.cpus[usize::from(id)]
    }

    /// How long anything is waited for.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// A word of a CPU's control block.
    pub fn control_u32(&self, id: u16, offset: u64) -> Result<u32, Trouble> {
        Ok(self.storage.u32(control_block(id) + offset)?)
    }

    /// A doubleword of a CPU's control block.
    pub fn control_u64(&self, id: u16, offset: u64) -> Result<u64, Trouble> {
        Ok(self.storage.u64(control_block(id) + offset)?)
    }

    /// Waits until something holds: watched closely at first, so that a short
    /// time is measured well, and at leisure after that.
    fn until<T>(
        &self,
        what: &str,
        mut probe: impl FnMut() -> Result<Option<T>, Trouble>,
    ) -> Result<T, Trouble> {
        let begin = Instant::now();
        loop {
            if let Some(value) = probe()? {
                return Ok(value);
            }
            let waited = begin.elapsed();
            if waited > self.patience {
                return Err(Trouble::NoAnswer(self.patience, what.into()));
            }
            if waited > Duration::from_millis(2) {
                std::thread::sleep(Duration::from_micros(50));
            } else if waited > Duration::from_micros(100) {
                std::thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    }

    /// Gives a command to a CPU that is in its main loop, and waits until it
    /// has taken it up.
    pub fn command(&mut self, id: u16, command: u32, operand: u64) -> Result<(), Trouble> {
        let cpu = self.cpu(id);
        cpu.serial = cpu.serial.wrapping_add(1);
        let word = cpu.serial << 8 | command;
        let block = control_block(id);
        self.storage.set_u64(block + CB_OPERAND, operand)?;
        self.storage.set_u32(block + CB_COMMAND, word)?;
        self.until(&format!("CPU {id} did not take up command {command}"), || {
            Ok((self.storage.u32(block + CB_ACK)? == word).then_some(()))
        })
    }

    /// Waits until the main loop has turned at least twice.
    pub fn spins(&self, id: u16) -> Result<(), Trouble> {
        let before = self.control_u64(id, CB_SPINS)?;
        self.until(&format!("CPU {id} does not reach its main loop"), || {
            Ok((self.control_u64(id, CB_SPINS)?.wrapping_sub(before) >= 2).then_some(()))
        })
    }

    /// Gives a CPU in KVM_RUN the time to take what it can take: a spinning
    /// one turns its loop, a waiting one is looked at a little later.
    pub fn turn_over(&self, id: u16) -> Result<(), Trouble> {
        match self.cpus[usize::from(id)].state {
            State::Waiting => std::thread::sleep(Duration::from_millis(1)),
            _ => self.spins(id)?,
        }
        Ok(())
    }

    /// Lets a CPU that is not under test wait, so that it takes no host CPU.
    fn park(&mut self, id: u16) -> Result<(), Trouble> {
        if !matches!(self.cpu(id).state, State::Waiting | State::Stopped) {
            self.spin(id)?;
            self.wait(id)?;
        }
        Ok(())
    }

    /// Brings a CPU back to its main loop, enabled.
    fn spin(&mut self, id: u16) -> Result<(), Trouble> {
        match self.cpu(id).state {
            State::Running | State::Masked => {}
            State::Waiting => {
                self.leave_wait(id)?;
                self.enter(id, |psw| Psw { mask: psw.mask & !Psw::WAIT, ..psw })?;
            }
            State::Stopped | State::Exited | State::Paused => {
                self.enter(id, |psw| Psw { mask: psw.mask & !Psw::WAIT, ..psw })?;
            }
        }
        self.command(id, CMD_SPIN, 0)?;
        self.spins(id)?;
        self.cpu(id).state = State::Running;
        Ok(())
    }

    /// Makes a CPU leave KVM_RUN without stopping it.
    fn leave(&mut self, id: u16) -> Result<(), Trouble> {
        let patience = self.patience;
        let cpu = self.cpu(id);
        cpu.thread.kick();
        let outcome = cpu.thread.outcome(patience)?;
        if !outcome.is_interrupted() {
            return Err(Trouble::Exit(outcome, "EINTR after a kick"));
        }
        cpu.state = State::Paused;
        Ok(())
    }

    /// Makes a CPU leave KVM_RUN in its wait. It answers the command to wait
    /// before it does, and so is let go on if it was not there yet.
    fn leave_wait(&mut self, id: u16) -> Result<(), Trouble> {
        let begin = Instant::now();
        self.leave(id)?;
        while !self.cpu(id).thread.psw().has(Psw::WAIT) {
            if begin.elapsed() > self.patience {
                let what = format!("CPU {id} does not wait");
                return Err(Trouble::NoAnswer(self.patience, what));
            }
            self.cpu(id).thread.enter();
            std::thread::sleep(Duration::from_millis(1));
            self.leave(id)?;
        }
        Ok(())
    }

    /// Lets a CPU enter KVM_RUN, with a changed PSW if so wished. Its state
    /// must be set by the caller.
    fn enter(&mut self, id: u16, change: impl FnOnce(Psw) -> Psw) -> Result<(), Trouble> {
        let cpu = self.cpu(id);
        let psw = cpu.thread.psw();
        cpu.thread.set_psw(change(psw));
        cpu.thread.enter();
        Ok(())
    }

    /// Lets a CPU that is outside KVM_RUN enter it as it is, which starts a
    /// stopped one; when it was interrupted it spins.
    pub fn go(&mut self, id: u16) -> Result<(), Trouble> {
        self.enter(id, |psw| psw)?;
        self.cpu(id).state = State::Running;
        Ok(())
    }

    /// Brings a CPU into a state. Every other CPU waits or is stopped
    /// meanwhile.
    pub fn prepare(&mut self, id: u16, state: State) -> Result<(), Trouble> {
        for other in CPUS {
            if other != id {
                self.park(other)?;
            }
        }
        self.spin(id)?;
        match state {
            State::Running => {}
            State::Masked => {
                self.command(id, CMD_MASKED, 0)?;
                self.spins(id)?;
            }
            State::Waiting => self.wait(id)?,
            State::Stopped => {
                self.stop(id)?;
            }
            State::Exited => {
                self.command(id, CMD_DIAGNOSE, 0)?;
                let patience = self.patience;
                let outcome = self.cpu(id).thread.outcome(patience)?;
                let exit = (outcome.reason, outcome.icptcode, outcome.ipa, outcome.ipb);
                if outcome.errno.is_some()
                    || exit != (KVM_EXIT_S390_SIEIC, 4, 0x8300, 0x0501_0000)
                    || outcome.psw != self.after_diagnose
                {
                    return Err(Trouble::Exit(outcome, "the exit of DIAGNOSE 0x501"));
                }
            }
            State::Paused => self.leave(id)?,
        }
        self.cpu(id).state = state;
        Ok(())
    }

    /// Lets a CPU that spins disabled enable itself.
    pub fn enable(&mut self, id: u16) -> Result<(), Trouble> {
        self.command(id, CMD_SPIN, 0)?;
        self.cpu(id).state = State::Running;
        Ok(())
    }

    /// Lets a CPU that spins wait for one interruption.
    pub fn wait(&mut self, id: u16) -> Result<(), Trouble> {
        self.command(id, CMD_WAIT, 0)?;
        self.cpu(id).state = State::Waiting;
        Ok(())
    }

    /// Stops a CPU that is in KVM_RUN.
    pub fn stop(&mut self, id: u16) -> Result<Outcome, Trouble> {
        let stop = kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags: 0 });
        self.inject(id, &stop)?;
        self.stopped(id)
    }

    /// Waits until a CPU has stopped.
    pub fn stopped(&mut self, id: u16) -> Result<Outcome, Trouble> {
        let patience = self.patience;
        let outcome = self.cpu(id).thread.outcome(patience)?;
        if outcome.errno.is_some()
            || (outcome.reason, outcome.icptcode) != (KVM_EXIT_S390_SIEIC, 0x28)
        {
            return Err(Trouble::Exit(outcome, "the stop intercept"));
        }
        self.cpu(id).state = State::Stopped;
        Ok(outcome)
    }

    /// Injects a local interrupt from this thread; it must be accepted.
    pub fn inject(&mut self, id: u16, irq: &kvm_s390_irq) -> Result<(), Trouble> {
        self.cpu(id).thread.inject(irq).map_err(|error| Trouble::Kvm("KVM_S390_IRQ", error))
    }

    /// Resets a CPU that is outside KVM_RUN, which forgets what is pending and
    /// stops it.
    pub fn reset(&mut self, id: u16) {
        let cpu = self.cpu(id);
        cpu.thread.vcpu.normal_reset();
        cpu.state = State::Stopped;
    }

    /// The PSW that an interruption must store now.
    pub fn interrupted_psw(&mut self, id: u16) -> OldPsw {
        let cpu = self.cpu(id);
        match cpu.state {
            State::Running | State::Masked => OldPsw::Spinning(0),
            State::Waiting => OldPsw::Waiting(0),
            State::Stopped | State::Exited | State::Paused => OldPsw::Same(cpu.thread.psw()),
        }
    }

    /// Records that a CPU has begun and that have not been read.
    pub fn unread(&mut self, id: u16) -> Result<u32, Trouble> {
        let begun = self.control_u32(id, CB_NEXT)?;
        Ok(begun.wrapping_sub(self.cpu(id).read))
    }

    /// Waits for the next record of a CPU.
    pub fn record(&mut self, id: u16) -> Result<Record, Trouble> {
        let read = self.cpu(id).read;
        let address = log(id) + u64::from(read & LOG_INDEX_MASK) * REC_SIZE as u64;
        self.until(&format!("CPU {id} recorded nothing"), || {
            Ok((self.storage.u32(address)? == read.wrapping_add(1)).then_some(()))
        })?;
        let cpu = self.cpu(id);
        cpu.read = read.wrapping_add(1);
        if cpu.state == State::Waiting {
            cpu.state = State::Running;
        }
        Ok(Record(self.storage.bytes(address)?))
    }

    /// Whether a PSW is that of the enabled wait.
    pub fn is_waiting(psw: Psw) -> bool {
        psw.mask & !0x3000_0000_0000 == WAIT_MASK
    }

    /// What is wrong with a CPU after a row, if anything: it must have
    /// recorded nothing more, and no handler may have lost a register.
    pub fn leftovers(&mut self, id: u16) -> Result<Vec<String>, Trouble> {
        let mut problems = Vec::new();
        for cpu in CPUS {
            if self.cpu(cpu).state == State::Running {
                self.spins(cpu)?;
            }
            let more = self.unread(cpu)?;
            if more != 0 {
                problems.push(format!("CPU {cpu} recorded {more} more than was injected"));
                let begun = self.control_u32(cpu, CB_NEXT)?;
                self.cpu(cpu).read = begun;
            }
        }
        if self.control_u32(id, CB_FAULTS)? != 0 {
            problems.push("a handler did not restore the registers or the PSW".into());
            self.storage.set_u32(control_block(id) + CB_FAULTS, 0)?;
        }
        Ok(problems)
    }
}

impl Drop for Machine {
    /// Asks the CPUs' threads to end; one that cannot is left behind.
    fn drop(&mut self) {
        for cpu in &self.cpus {
            cpu.thread.kick();
        }
    }
}
