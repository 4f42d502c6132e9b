//! Local interrupts: what one CPU has pending, and whether it is stopped
//! (B, C.13, D.1, D.2).

use crate::emergency::{MAX_CPUS, Sources};
use crate::{Kind, MachineCheck, Pending, ProgramInterruption, Refusal};

/// The flag of a stop that asks to store status first.
const STORE_STATUS: u32 = 1;

/// A local interrupt as it is injected and read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalInterrupt {
    /// Stop.
    Stop {
        /// 1 to store status first; no other bit is known.
        flags: u32,
    },
    /// Program interruption.
    Program(ProgramInterruption),
    /// Set prefix, for a stopped CPU only.
    SetPrefix {
        /// The new prefix; neither alignment nor existence is checked.
        address: u32,
    },
    /// Restart. Does not start a stopped CPU.
    Restart,
    /// Start of a pseudo page fault.
    PfaultInit {
        /// Not delivered; read back as it came.
        parameter: u32,
        /// Second external-interruption parameter.
        token: u64,
    },
    /// A hint to look at the clock comparator (B.5).
    ClockComparator,
    /// A hint to look at the CPU timer (B.5).
    CpuTimer,
    /// Emergency signal.
    EmergencySignal {
        /// The sender's CPU address, which the caller knows to exist.
        source: u16,
    },
    /// External call.
    ExternalCall {
        /// The sender's CPU address, which the caller knows to exist.
        source: u16,
    },
    /// Machine check.
    MachineCheck(MachineCheck),
}

/// What an accepted injection did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injected {
    /// It was recorded, or merged with what is pending.
    Recorded,
    /// A stop of a stopped CPU: nothing was recorded (B.8).
    Ignored,
    /// A stop of a stopped CPU that asked to store status: the caller stores
    /// it now; nothing was recorded (B.8).
    StoreStatus,
}

/// A pending stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopRequest {
    /// Whether status is stored before the CPU stops.
    pub store_status: bool,
}

/// How far restoring went (D.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Restored {
    /// An entry asked a stopped CPU to store status: the caller does that now,
    /// whatever `result` is.
    pub store_status: bool,
    /// The refusal of the first entry that was refused; those before it stay.
    pub result: Result<(), Refusal>,
}

/// What one CPU has pending, and whether it is stopped or operating. A CPU
/// starts its life stopped.
///
/// ```
/// use lowcore_interrupt::*;
/// let mut local = LocalInterrupts::new();
/// assert_eq!(local.inject(LocalInterrupt::Stop { flags: 0 }, 0), Ok(Injected::Ignored));
/// local.start();
/// assert_eq!(local.inject(LocalInterrupt::Stop { flags: 1 }, 0), Ok(Injected::Recorded));
/// assert_eq!(local.inject(LocalInterrupt::Stop { flags: 0 }, 0), Err(Refusal::StopPending));
/// assert_eq!(local.stop_pending(), Some(StopRequest { store_status: true }));
/// local.complete_stop();
/// assert!(local.is_stopped() && local.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalInterrupts {
    stopped: bool,
    pending: Pending,
    slots: Slots,
}

/// The payload of what is pending; all zero otherwise, but for a machine check
/// that made nothing pending (B.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Slots {
    stop_flags: u32,
    program: ProgramInterruption,
    prefix: u32,
    pfault_parameter: u32,
    pfault_token: u64,
    emergency: Sources,
    external_call: u16,
    machine_check: MachineCheck,
}

impl Default for LocalInterrupts {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalInterrupts {
    /// Stopped, with nothing pending.
    #[must_use]
    pub fn new() -> Self {
        Self { stopped: true, pending: Pending::NONE, slots: Slots::default() }
    }

    /// Validates an interrupt and records it (B.2). `last_intercept_length` is
    /// the instruction length in bytes, or 0, that a program interruption
    /// without a length of its own gets (B.3).
    ///
    /// # Errors
    /// A [`Refusal`]; nothing has changed then.
    pub fn inject(
        &mut self,
        interrupt: LocalInterrupt,
        last_intercept_length: u8,
    ) -> Result<Injected, Refusal> {
        let kind = match interrupt {
            LocalInterrupt::Stop { flags } => return self.inject_stop(flags),
            LocalInterrupt::Program(program) => {
                self.slots.program.merge(program.with_length(last_intercept_length));
                Kind::Program
            }
            LocalInterrupt::SetPrefix { address } => {
                if !self.stopped {
                    return Err(Refusal::CpuNotStopped);
                }
                self.slots.prefix = address;
                Kind::SetPrefix
            }
            LocalInterrupt::Restart => Kind::Restart,
            LocalInterrupt::PfaultInit { parameter, token } => {
                self.slots.pfault_parameter = parameter;
                self.slots.pfault_token = token;
                Kind::PfaultInit
            }
            LocalInterrupt::ClockComparator => Kind::ClockComparator,
            LocalInterrupt::CpuTimer => Kind::CpuTimer,
            LocalInterrupt::EmergencySignal { source } => {
                check_source(source)?;
                self.slots.emergency.insert(source);
                Kind::EmergencySignal
            }
            LocalInterrupt::ExternalCall { source } => {
                check_source(source)?;
                if self.external_call_pending() {
                    return Err(Refusal::ExternalCallPending);
                }
                self.slots.external_call = source;
                Kind::ExternalCall
            }
            LocalInterrupt::MachineCheck(check) => match self.slots.machine_check.merge(check) {
                Some(kind) => kind,
                None => return Ok(Injected::Recorded),
            },
        };
        self.pending.insert(kind);
        Ok(Injected::Recorded)
    }

    fn inject_stop(&mut self, flags: u32) -> Result<Injected, Refusal> {
        if flags & !STORE_STATUS != 0 {
            return Err(Refusal::UnknownStopFlags);
        }
        if self.stopped {
            return Ok(if flags == 0 { Injected::Ignored } else { Injected::StoreStatus });
        }
        if self.pending.contains(Kind::Stop) {
            return Err(Refusal::StopPending);
        }
        self.slots.stop_flags = flags;
        self.pending.insert(Kind::Stop);
        Ok(Injected::Recorded)
    }

    /// Whether no kind is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// The kinds that are pending, a stop included.
    #[must_use]
    pub fn pending(&self) -> Pending {
        self.pending
    }

    /// Whether the CPU is stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Makes the CPU operating. What is pending stays.
    pub fn start(&mut self) {
        self.stopped = false;
    }

    /// Stops the CPU. If it was operating, a pending stop is withdrawn;
    /// everything else stays pending (C.13).
    pub fn stop(&mut self) {
        if !self.stopped {
            self.complete_stop();
        }
    }

    /// The stop that is pending, if one is.
    #[must_use]
    pub fn stop_pending(&self) -> Option<StopRequest> {
        self.pending
            .contains(Kind::Stop)
            .then_some(StopRequest { store_status: self.slots.stop_flags & STORE_STATUS != 0 })
    }

    /// Carries out a pending stop: the CPU is stopped, the stop no longer
    /// pending. Nobody sees one without the other (C.8).
    pub fn complete_stop(&mut self) {
        self.stopped = true;
        self.pending.remove(Kind::Stop);
        self.slots.stop_flags = 0;
    }

    /// Whether a restart is pending; with [`stop_pending`](Self::stop_pending)
    /// it makes the CPU busy for SIGP (E.1).
    #[must_use]
    pub fn restart_pending(&self) -> bool {
        self.pending.contains(Kind::Restart)
    }

    /// Whether an external call is pending, which SIGP SENSE shows (E.2).
    #[must_use]
    pub fn external_call_pending(&self) -> bool {
        self.pending.contains(Kind::ExternalCall)
    }

    /// Forgets everything pending and every payload, as the CPU resets do; the
    /// stopped state stays (C.13).
    pub fn clear(&mut self) {
        self.pending = Pending::NONE;
        self.slots = Slots::default();
    }

    /// What is pending, in the kernel's order (D.1): lowest number first, then
    /// the emergency signals by source. Two machine-check entries with the
    /// same payload if both kinds are pending. Nothing is removed.
    #[must_use]
    pub fn state(&self) -> Vec<LocalInterrupt> {
        let slots = &self.slots;
        let single = self.pending.iter().filter_map(|kind| match kind {
            Kind::SetPrefix => Some(LocalInterrupt::SetPrefix { address: slots.prefix }),
            Kind::Restart => Some(LocalInterrupt::Restart),
            Kind::Stop => Some(LocalInterrupt::Stop { flags: slots.stop_flags }),
            Kind::PfaultInit => Some(LocalInterrupt::PfaultInit {
                parameter: slots.pfault_parameter,
                token: slots.pfault_token,
            }),
            Kind::CpuTimer => Some(LocalInterrupt::CpuTimer),
            Kind::ClockComparator => Some(LocalInterrupt::ClockComparator),
            Kind::ExternalCall => {
                Some(LocalInterrupt::ExternalCall { source: slots.external_call })
            }
            Kind::Program => Some(LocalInterrupt::Program(slots.program)),
            Kind::RepressibleMachineCheck | Kind::ExigentMachineCheck => {
                Some(LocalInterrupt::MachineCheck(slots.machine_check))
            }
            // Emergency signals follow; the others are never local.
            _ => None,
        });
        let signals =
            slots.emergency.iter().map(|source| LocalInterrupt::EmergencySignal { source });
        single.chain(signals).collect()
    }

    /// Injects `entries` in their order, by the rules of
    /// [`inject`](Self::inject), up to the first refusal; nothing is rolled
    /// back (D.2).
    ///
    /// The result is [`Refusal::InterruptsPending`] at once if anything is
    /// pending.
    ///
    /// ```
    /// use lowcore_interrupt::*;
    /// let mut source = LocalInterrupts::new();
    /// source.inject(LocalInterrupt::Restart, 0)?;
    /// source.inject(LocalInterrupt::EmergencySignal { source: 4 }, 0)?;
    /// let mut target = LocalInterrupts::new();
    /// assert_eq!(target.restore(&source.state(), 0).result, Ok(()));
    /// assert_eq!(target, source);
    /// assert_eq!(target.restore(&[], 0).result, Err(Refusal::InterruptsPending));
    /// # Ok::<(), Refusal>(())
    /// ```
    pub fn restore(&mut self, entries: &[LocalInterrupt], last_intercept_length: u8) -> Restored {
        let mut store_status = false;
        if !self.is_empty() {
            return Restored { store_status, result: Err(Refusal::InterruptsPending) };
        }
        for &entry in entries {
            match self.inject(entry, last_intercept_length) {
                Ok(Injected::StoreStatus) => store_status = true,
                Ok(Injected::Recorded | Injected::Ignored) => {}
                Err(refusal) => return Restored { store_status, result: Err(refusal) },
            }
        }
        Restored { store_status, result: Ok(()) }
    }

    /// At the start of a delivery pass, replaces timer interrupts, which are
    /// only hints, by the truth (B.5). Each argument is whether the timer asks
    /// for an interruption **and** the PSW and CR0 enable it: one that is
    /// masked off is not pending for the kernel, and neither read back nor in
    /// the way of restoring.
    pub fn refresh_timers(&mut self, clock_comparator: bool, cpu_timer: bool) {
        self.pending.set(Kind::ClockComparator, clock_comparator);
        self.pending.set(Kind::CpuTimer, cpu_timer);
    }

    /// Subclasses of CR14 in the machine-check slot, pending or not (B.4).
    pub(crate) fn machine_check_cr14(&self) -> u64 {
        self.slots.machine_check.cr14
    }

    /// Removes `kind`, whose payload is elsewhere or none.
    pub(crate) fn take_kind(&mut self, kind: Kind) {
        self.pending.remove(kind);
    }

    pub(crate) fn take_program(&mut self) -> ProgramInterruption {
        self.pending.remove(Kind::Program);
        core::mem::take(&mut self.slots.program)
    }

    pub(crate) fn take_prefix(&mut self) -> u32 {
        self.pending.remove(Kind::SetPrefix);
        core::mem::take(&mut self.slots.prefix)
    }

    pub(crate) fn take_pfault_init(&mut self) -> u64 {
        self.pending.remove(Kind::PfaultInit);
        self.slots.pfault_parameter = 0;
        core::mem::take(&mut self.slots.pfault_token)
    }

    pub(crate) fn take_external_call(&mut self) -> u16 {
        self.pending.remove(Kind::ExternalCall);
        core::mem::take(&mut self.slots.external_call)
    }

    /// The lowest source; the kind stays pending while others are left.
    pub(crate) fn take_emergency_signal(&mut self) -> Option<u16> {
        let source = self.slots.emergency.take_lowest();
        self.pending.set(Kind::EmergencySignal, !self.slots.emergency.is_empty());
        source
    }

    /// The slot, if either kind is pending; both are removed with it.
    pub(crate) fn take_machine_check(&mut self) -> Option<MachineCheck> {
        let either =
            Pending::of(Kind::ExigentMachineCheck) | Pending::of(Kind::RepressibleMachineCheck);
        if (self.pending & either).is_empty() {
            return None;
        }
        self.pending.remove(Kind::ExigentMachineCheck);
        self.pending.remove(Kind::RepressibleMachineCheck);
        Some(core::mem::take(&mut self.slots.machine_check))
    }
}

fn check_source(source: u16) -> Result<(), Refusal> {
    if source < MAX_CPUS { Ok(()) } else { Err(Refusal::NoSuchSource) }
}
