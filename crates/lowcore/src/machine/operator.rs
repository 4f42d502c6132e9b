//! What an operator does to a running machine: looks at it, stops its time,
//! interrupts its CPUs.

use super::cpus::Doing;
use super::{Control, Guard, Registers, Shared};
use lowcore_abi::kvm_s390_irq;
use lowcore_kvm::Error;
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long a CPU's thread may take to finish what it is at.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why an operator's wish was not granted. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is over.
    #[error("The machine has ended.")]
    Ended,
    /// No CPU has this address.
    #[error("There is no CPU {cpu}: the CPUs of this machine are 0 to {last}.")]
    NoCpu {
        /// The address.
        cpu: u16,
        /// The highest that there is.
        last: u16,
    },
    /// Its thread cannot be stopped where it is.
    #[error(
        "CPU {cpu} is in the middle of writing to the console, and whoever reads that takes \
         nothing."
    )]
    Busy {
        /// Its address.
        cpu: u16,
    },
    /// The guest does not receive such events.
    #[error("The guest does not listen to requests to shut down, or does not yet.")]
    DoesNotListen,
    /// A paused guest hears nothing.
    #[error("The machine is paused, and its guest hears of nothing before it is resumed.")]
    Paused,
    /// The KVM interface has refused it.
    #[error(transparent)]
    Kvm(#[from] Error),
}

/// What a machine is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Storage in bytes.
    pub memory: u64,
    /// Whether it is paused.
    pub paused: bool,
    /// What each CPU is doing.
    pub cpus: Vec<Doing>,
}

impl Control {
    /// What the machine is doing.
    ///
    /// # Errors
    /// [`Refused::Ended`].
    pub fn status(&self) -> Result<Status, Refused> {
        let state = self.live()?;
        Ok(Status {
            memory: self.shared.storage.size(),
            paused: state.paused,
            cpus: state.cpus.iter().map(|cpu| cpu.doing).collect(),
        })
    }

    /// Keeps all CPUs from executing until [`Control::resume`]; they have
    /// stopped executing when this returns. What is injected meanwhile waits.
    /// The TOD clock goes on, as it does for a guest whose host is busy.
    ///
    /// # Errors
    /// [`Refused::Ended`], [`Refused::Busy`].
    pub fn pause(&self) -> Result<(), Refused> {
        self.with_held(self.shared.ids(), |state| state.paused = true)
    }

    /// Ends a pause, if there is one.
    ///
    /// # Errors
    /// [`Refused::Ended`].
    pub fn resume(&self) -> Result<(), Refused> {
        self.live()?.paused = false;
        self.shared.changed.notify_all();
        Ok(())
    }

    /// The registers of one CPU, or of all CPUs at one moment. A CPU that
    /// executes is interrupted for it.
    ///
    /// # Errors
    /// [`Refused::Ended`], [`Refused::NoCpu`], [`Refused::Busy`].
    pub fn registers(&self, cpu: Option<u16>) -> Result<Vec<Registers>, Refused> {
        let ids = match cpu {
            Some(cpu) => self.checked(cpu)?..cpu + 1,
            None => self.shared.ids(),
        };
        self.with_held(ids.clone(), |_| ids.map(|id| *self.shared.registers(id)).collect())
    }

    /// Injects an interrupt into a CPU, whatever it does (`KVM_S390_IRQ`).
    ///
    /// # Errors
    /// [`Refused::Ended`], [`Refused::NoCpu`], [`Refused::Kvm`].
    pub fn inject(&self, cpu: u16, irq: &kvm_s390_irq) -> Result<(), Refused> {
        let n = usize::from(self.checked(cpu)?);
        drop(self.live()?);
        self.shared.cpus[n].injector.inject(irq)?;
        let mut state = self.live()?;
        self.shared.was_injected(&mut state, cpu);
        Ok(())
    }

    /// Injects an interrupt that any CPU may take (`KVM_DEV_FLIC_ENQUEUE`).
    ///
    /// # Errors
    /// [`Refused::Ended`], [`Refused::Kvm`].
    pub fn inject_floating(&self, irq: kvm_s390_irq) -> Result<(), Refused> {
        drop(self.live()?);
        Ok(self.shared.flic.enqueue(&[irq])?)
    }

    /// Restarts a CPU, as the restart key of an operator's console does: it
    /// takes a restart interruption, and is started if it is stopped.
    ///
    /// # Errors
    /// [`Refused::Ended`], [`Refused::NoCpu`], [`Refused::Busy`],
    /// [`Refused::Kvm`].
    pub fn restart(&self, cpu: u16) -> Result<(), Refused> {
        let ids = self.checked(cpu)?..cpu + 1;
        Ok(self.with_held(ids, |state| self.shared.restart(state, cpu))??)
    }

    /// Asks the guest to shut down, like [`Control::request_shutdown`].
    ///
    /// # Errors
    /// [`Refused::Ended`], [`Refused::Paused`], [`Refused::DoesNotListen`].
    pub fn shut_down(&self) -> Result<(), Refused> {
        if self.live()?.paused {
            return Err(Refused::Paused);
        }
        if self.request_shutdown() { Ok(()) } else { Err(Refused::DoesNotListen) }
    }

    /// Does something while CPUs are outside KVM_RUN.
    fn with_held<T>(
        &self,
        ids: Range<u16>,
        what: impl FnOnce(&mut Guard<'_>) -> T,
    ) -> Result<T, Refused> {
        let mut state = self.live()?;
        for id in ids.clone() {
            self.shared.begin_hold(&mut state, id);
        }
        let deadline = Instant::now() + PATIENCE;
        let result = loop {
            if state.ending.is_some() {
                break Err(Refused::Ended);
            }
            let Some(cpu) = ids.clone().find(|&id| Shared::is_busy(&state, id)) else {
                break Ok(what(&mut state));
            };
            if self.shared.changed.wait_until(&mut state, deadline).timed_out() {
                break Err(Refused::Busy { cpu });
            }
        };
        for id in ids {
            self.shared.release(&mut state, id);
        }
        result
    }

    /// The state of a machine that has not ended.
    fn live(&self) -> Result<Guard<'_>, Refused> {
        let state = self.shared.state.lock();
        if state.ending.is_some() { Err(Refused::Ended) } else { Ok(state) }
    }

    /// The address of a CPU that is there.
    fn checked(&self, cpu: u16) -> Result<u16, Refused> {
        let ids = self.shared.ids();
        let last = ids.end - 1;
        if ids.contains(&cpu) { Ok(cpu) } else { Err(Refused::NoCpu { cpu, last }) }
    }
}
