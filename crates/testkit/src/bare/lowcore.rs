//! A program on Lowcore, through the crate for embedders.

use super::{Error, PATIENCE, PROGRAM, Program, REPORT, Report, STORAGE, word};
use lowcore_abi::{KVM_S390_RESTART, kvm_s390_irq};
use lowcore_arch::Psw;
use lowcore_cpu::Engines;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_kvm::{Exit, System, Vcpu, Vm, icptcode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;

/// A program that runs.
pub(super) struct Machine {
    /// Its CPUs live no longer than it does.
    _vm: Vm,
    pub(super) memory: HostRange,
    /// The first CPU.
    pub(super) cpu: Vcpu,
    outcome: Receiver<Result<Exit, Error>>,
    thread: JoinHandle<()>,
}

impl Machine {
    /// Starts a program.
    pub(super) fn start(program: &Program, engines: &'static dyn Engines) -> Result<Self, Error> {
        let vm = System::with_engines(engines).create_vm()?;
        let memory = HostRange::of(&Mapping::anonymous(STORAGE)?);
        vm.set_user_memory_region(0, 0, 0, memory.clone())?;
        memory.write(PROGRAM, &program.image)?;
        let cpu = vm.create_vcpu(0)?;
        let start = Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, program.entry);
        cpu.run_page().set_psw(start);
        let others = (1..program.cpus).map(|id| vm.create_vcpu(u64::from(id)));
        let others = others.collect::<Result<Vec<_>, _>>()?;
        let (ended, outcome) = channel();
        let first = cpu.clone();
        let thread = std::thread::spawn(move || {
            // Nobody listens any more if it took too long.
            let _ = ended.send(run(&first, &others));
        });
        Ok(Self { _vm: vm, memory, cpu, outcome, thread })
    }

    fn report(&self) -> Result<Report, Error> {
        let mut bytes = [0; 0x1000];
        self.memory.read(REPORT, &mut bytes)?;
        Ok(Report::read(&|at| word(&bytes, at - REPORT).unwrap_or(0)))
    }

    /// Waits for the end.
    pub(super) fn end(self) -> Result<Report, Error> {
        let outcome = match self.outcome.recv_timeout(PATIENCE) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                self.cpu.kick();
                return Err(Error::Hangs { line: self.report()?.line });
            }
        };
        let report = self.report()?;
        // It has sent its outcome: it ends.
        let _ = self.thread.join();
        match outcome? {
            Exit::Sieic { icptcode: icptcode::WAIT, .. } => Ok(report),
            exit => Err(Error::Exit { exit, psw: self.cpu.run_page().psw(), line: report.line }),
        }
    }
}

/// Runs the first CPU until it waits for ever. Whichever order it gives to
/// another that KVM leaves to its client is taken for a restart: the other runs
/// from then on.
fn run(first: &Vcpu, others: &[Vcpu]) -> Result<Exit, Error> {
    let mut running = Vec::new();
    let outcome = loop {
        match first.run() {
            Ok(Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa, .. }) if ipa >> 8 == 0xae => {
                let page = first.run_page();
                let target = page.gpr(usize::from(ipa & 15));
                let other = others.iter().find(|other| u64::from(other.id()) == target);
                let mut psw = page.psw();
                if let Some(other) = other {
                    other.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART))?;
                    let cpu = other.clone();
                    running.push((cpu.clone(), std::thread::spawn(move || cpu.run())));
                }
                psw.set_condition_code(if other.is_some() { 0 } else { 3 });
                page.set_psw(psw);
            }
            outcome => break outcome,
        }
    };
    for (other, thread) in running {
        other.kick();
        // What the others ended with is of no interest: the report says what
        // they did.
        let _ = thread.join();
    }
    Ok(outcome?)
}

impl Program {
    /// Runs it on Lowcore, on engines of choice.
    ///
    /// # Errors
    /// If it does not end, or not as it should.
    pub fn on_lowcore(&self, engines: &'static dyn Engines) -> Result<Report, Error> {
        Machine::start(self, engines)?.end()
    }
}
