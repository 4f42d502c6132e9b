//! How long it takes from a host that asks for an interruption to the guest's
//! handler: the host injects a restart, for which QEMU's monitor has a command,
//! and watches the count of a program that keeps one.

use super::{Error, PATIENCE, Program, RESTARTS, lowcore, qemu};
use lowcore_abi::{KVM_S390_RESTART, kvm_s390_irq};
use lowcore_cpu::Engines;
use std::fs::File;
use std::hint::spin_loop;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

/// Between two, so that a CPU that waits is asleep.
const SETTLE: Duration = Duration::from_millis(1);

impl Program {
    /// The times of so many restarts on Lowcore.
    ///
    /// # Errors
    /// The program counts none.
    pub fn restarts_on_lowcore(
        &self,
        engines: &'static dyn Engines,
        times: usize,
    ) -> Result<Vec<Duration>, Error> {
        let machine = lowcore::Machine::start(self, engines)?;
        let injector = machine.cpu.injector();
        let irq = kvm_s390_irq::of_type(KVM_S390_RESTART);
        let memory = machine.memory.clone();
        let latencies = latencies(
            times,
            || Ok(injector.inject(&irq)?),
            || Ok(u64::from_be(memory.load_u64(RESTARTS)?)),
        );
        machine.cpu.kick();
        latencies
    }

    /// The times of so many restarts on QEMU.
    ///
    /// # Errors
    /// The emulator cannot be started, or the program counts none.
    pub fn restarts_on_qemu(&self, times: usize) -> Result<Vec<Duration>, Error> {
        let mut machine = qemu::Machine::start(self)?;
        let storage = File::open(&machine.storage)?;
        let mut monitor = machine.emulator.stdin.take();
        let ask = || match &mut monitor {
            Some(monitor) => Ok(monitor.write_all(b"nmi\n")?),
            None => Err(Error::Hangs { line: 0 }),
        };
        latencies(times, ask, || {
            let mut count = [0; 8];
            storage.read_exact_at(&mut count, RESTARTS as u64)?;
            Ok(u64::from_be_bytes(count))
        })
    }
}

/// Asks so many times, each once the one before has been counted.
fn latencies(
    times: usize,
    mut ask: impl FnMut() -> Result<(), Error>,
    count: impl Fn() -> Result<u64, Error>,
) -> Result<Vec<Duration>, Error> {
    // The program counts one itself when it is ready.
    let started = Instant::now();
    while count()? == 0 {
        if started.elapsed() > PATIENCE {
            return Err(Error::Hangs { line: 0 });
        }
        std::thread::sleep(SETTLE);
    }
    let mut latencies = Vec::with_capacity(times);
    for _ in 0..times {
        std::thread::sleep(SETTLE);
        let before = count()?;
        let asked = Instant::now();
        ask()?;
        while count()? == before {
            if asked.elapsed() > PATIENCE {
                return Err(Error::Hangs { line: 0 });
            }
            spin_loop();
        }
        latencies.push(asked.elapsed());
    }
    Ok(latencies)
}
