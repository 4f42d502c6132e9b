//! A slow, obvious model of the interrupt rules. It keeps the interrupts that
//! were accepted and not yet taken, oldest first, and works out everything
//! else from that list whenever it is asked. It uses nothing of the crate but
//! the types that interrupts come in.

mod delivery;
mod enabled;

pub use delivery::{Action, take};
pub use enabled::Masks;

use lowcore_arch::ProgramCode;
use lowcore_interrupt::{
    FloatingInterrupt, IoInterruption, LocalInterrupt, MachineCheck, ProgramInterruption,
};

/// Why the model refuses, in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    UnknownStopFlags,
    SourceTooHigh,
    NotStopped,
    StopPending,
    CallPending,
    AlreadyPending,
}

/// What an accepted injection asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yes {
    Recorded,
    Nothing,
    StoreStatus,
}

/// One CPU's accepted local interrupts.
#[derive(Clone, Debug)]
pub struct Local {
    pub stopped: bool,
    entries: Vec<LocalInterrupt>,
}

impl Local {
    pub fn new() -> Self {
        Self { stopped: true, entries: Vec::new() }
    }

    /// B.2, row by row.
    pub fn inject(&mut self, interrupt: LocalInterrupt, last_length: u8) -> Result<Yes, No> {
        let is_call = |entry: &LocalInterrupt| matches!(entry, LocalInterrupt::ExternalCall { .. });
        let is_stop = |entry: &LocalInterrupt| matches!(entry, LocalInterrupt::Stop { .. });
        match interrupt {
            LocalInterrupt::Stop { flags } if flags > 1 => return Err(No::UnknownStopFlags),
            LocalInterrupt::Stop { flags: 0 } if self.stopped => return Ok(Yes::Nothing),
            LocalInterrupt::Stop { .. } if self.stopped => return Ok(Yes::StoreStatus),
            LocalInterrupt::Stop { .. } if self.entries.iter().any(is_stop) => {
                return Err(No::StopPending);
            }
            LocalInterrupt::SetPrefix { .. } if !self.stopped => return Err(No::NotStopped),
            LocalInterrupt::EmergencySignal { source }
            | LocalInterrupt::ExternalCall { source }
                if source > 254 =>
            {
                return Err(No::SourceTooHigh);
            }
            LocalInterrupt::ExternalCall { .. } if self.entries.iter().any(is_call) => {
                return Err(No::CallPending);
            }
            LocalInterrupt::Program(program) => {
                self.entries.push(LocalInterrupt::Program(with_length(program, last_length)));
                return Ok(Yes::Recorded);
            }
            _ => {}
        }
        self.entries.push(interrupt);
        Ok(Yes::Recorded)
    }

    /// D.2. The first of the pair: whether status is to be stored.
    pub fn restore(
        &mut self,
        entries: &[LocalInterrupt],
        last_length: u8,
    ) -> (bool, Result<(), No>) {
        if !self.numbers().is_empty() {
            return (false, Err(No::AlreadyPending));
        }
        let mut store_status = false;
        for &entry in entries {
            match self.inject(entry, last_length) {
                Ok(yes) => store_status |= yes == Yes::StoreStatus,
                Err(no) => return (store_status, Err(no)),
            }
        }
        (store_status, Ok(()))
    }

    /// C.13, KVM_SET_MP_STATE(STOPPED).
    pub fn stop(&mut self) {
        if !self.stopped {
            self.stopped = true;
            self.entries.retain(|entry| !matches!(entry, LocalInterrupt::Stop { .. }));
        }
    }

    /// C.13, the resets.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// B.5.
    pub fn refresh_timers(&mut self, clock_comparator: bool, cpu_timer: bool) {
        self.entries.retain(|entry| {
            !matches!(entry, LocalInterrupt::ClockComparator | LocalInterrupt::CpuTimer)
        });
        if clock_comparator {
            self.entries.push(LocalInterrupt::ClockComparator);
        }
        if cpu_timer {
            self.entries.push(LocalInterrupt::CpuTimer);
        }
    }

    /// The pending numbers of C.2, ascending.
    pub fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self
            .entries
            .iter()
            .filter_map(|entry| match entry {
                LocalInterrupt::SetPrefix { .. } => Some(0),
                LocalInterrupt::Restart => Some(1),
                LocalInterrupt::Stop { .. } => Some(2),
                LocalInterrupt::PfaultInit { .. } => Some(13),
                LocalInterrupt::CpuTimer => Some(18),
                LocalInterrupt::ClockComparator => Some(19),
                LocalInterrupt::ExternalCall { .. } => Some(20),
                LocalInterrupt::EmergencySignal { .. } => Some(21),
                LocalInterrupt::Program(_) => Some(25),
                LocalInterrupt::MachineCheck(_) => None,
            })
            .chain(self.machine_check_numbers())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn machine_checks(&self) -> Vec<MachineCheck> {
        let checks = self.entries.iter().filter_map(|entry| match entry {
            LocalInterrupt::MachineCheck(check) => Some(*check),
            _ => None,
        });
        checks.collect()
    }

    /// B.4: after each injection the merged code decides what becomes pending.
    fn machine_check_numbers(&self) -> Vec<u32> {
        let checks = self.machine_checks();
        let codes: Vec<u64> = checks.iter().map(|check| check.code).collect();
        (1..=codes.len())
            .map(|count| codes[..count].iter().fold(0, |all, code| all | code))
            .filter_map(|merged: u64| match merged {
                _ if bit(merged, 0) || bit(merged, 1) => Some(27),
                _ if bit(merged, 5) || bit(merged, 7) || bit(merged, 8) => Some(24),
                _ => None,
            })
            .collect()
    }

    /// B.4: what the slot holds.
    fn merged_machine_check(&self) -> MachineCheck {
        let checks = self.machine_checks();
        let newest = checks.last().copied().unwrap_or_default();
        MachineCheck {
            cr14: checks.iter().fold(0, |all, check| all | check.cr14),
            code: checks.iter().fold(0, |all, check| all | check.code),
            external_damage: checks.iter().fold(0, |all, check| all | check.external_damage),
            ..newest
        }
    }

    /// B.3, step 2, over all that are pending.
    fn merged_program(&self) -> ProgramInterruption {
        let programs = self.entries.iter().filter_map(|entry| match entry {
            LocalInterrupt::Program(program) => Some(*program),
            _ => None,
        });
        programs.fold(ProgramInterruption::default(), |slot, new| {
            if new.code.0 == 0x80 {
                ProgramInterruption {
                    code: ProgramCode(slot.code.0 | 0x80),
                    translation_exception: slot.translation_exception,
                    monitor_code: slot.monitor_code,
                    data_exception: slot.data_exception,
                    monitor_class: slot.monitor_class,
                    exception_access: slot.exception_access,
                    operand_access: slot.operand_access,
                    ..new
                }
            } else if new.code.0 & 0x80 == 0 {
                ProgramInterruption {
                    code: ProgramCode(slot.code.0 & 0x80 | new.code.0),
                    translation_exception: new.translation_exception,
                    monitor_code: new.monitor_code,
                    data_exception: new.data_exception,
                    monitor_class: new.monitor_class,
                    exception_access: new.exception_access,
                    operand_access: new.operand_access,
                    flags: new.flags,
                    ..slot
                }
            } else {
                new
            }
        })
    }

    /// The newest entry that `pick` finds something in.
    fn newest<T>(&self, pick: impl Fn(&LocalInterrupt) -> Option<T>) -> Option<T> {
        self.entries.iter().rev().find_map(pick)
    }

    fn emergency_sources(&self) -> Vec<u16> {
        let mut sources: Vec<u16> = self
            .entries
            .iter()
            .filter_map(|entry| match entry {
                LocalInterrupt::EmergencySignal { source } => Some(*source),
                _ => None,
            })
            .collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// D.1.
    pub fn state(&self) -> Vec<LocalInterrupt> {
        let mut state = Vec::new();
        for number in self.numbers() {
            let of_number = |entry: &LocalInterrupt| {
                let wanted = match entry {
                    LocalInterrupt::SetPrefix { .. } => 0,
                    LocalInterrupt::Restart => 1,
                    LocalInterrupt::Stop { .. } => 2,
                    LocalInterrupt::PfaultInit { .. } => 13,
                    LocalInterrupt::CpuTimer => 18,
                    LocalInterrupt::ClockComparator => 19,
                    LocalInterrupt::ExternalCall { .. } => 20,
                    _ => 99,
                };
                (wanted == number).then_some(*entry)
            };
            match number {
                24 | 27 => {
                    state.push(LocalInterrupt::MachineCheck(self.merged_machine_check()));
                }
                25 => state.push(LocalInterrupt::Program(self.merged_program())),
                21 => {}
                _ => state.extend(self.newest(of_number)),
            }
        }
        let signals = self.emergency_sources();
        state.extend(signals.into_iter().map(|source| LocalInterrupt::EmergencySignal { source }));
        state
    }
}

/// B.3, step 1.
fn with_length(program: ProgramInterruption, last_length: u8) -> ProgramInterruption {
    let flags = match program.flags & 0x01 {
        1 => program.flags,
        _ => (program.flags & 0b1111_1001) + last_length + 1,
    };
    ProgramInterruption { flags, ..program }
}

/// Bit `n` as the manual counts.
fn bit(value: u64, n: u32) -> bool {
    value.to_be_bytes()[n as usize / 8] & (0x80 >> (n % 8)) != 0
}

/// The configuration's accepted floating interrupts.
#[derive(Clone, Debug, Default)]
pub struct Floating {
    entries: Vec<FloatingInterrupt>,
}

impl Floating {
    /// C.12, far from any limit.
    pub fn inject(&mut self, interrupt: FloatingInterrupt) {
        self.entries.push(interrupt);
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    fn services(&self) -> Vec<u32> {
        let services = self.entries.iter().filter_map(|entry| match entry {
            FloatingInterrupt::ServiceSignal { parameter } => Some(*parameter),
            _ => None,
        });
        services.collect()
    }

    /// C.12: all event bits, and the first SCCB address that is not zero.
    fn service_word(&self) -> u32 {
        let services = self.services();
        let events = services.iter().fold(0, |all, parameter| all | parameter & 3);
        let sccbs = services.iter().map(|parameter| parameter & 0xffff_fff8);
        events | sccbs.into_iter().find(|&sccb| sccb != 0).unwrap_or(0)
    }

    /// C.12: merged conditions, of the subclasses only channel report.
    fn machine_check(&self) -> Option<(u64, u64)> {
        let checks = self.entries.iter().filter_map(|entry| match entry {
            FloatingInterrupt::MachineCheck { cr14, code } => Some((*cr14, *code)),
            _ => None,
        });
        checks.reduce(|all, new| (all.0 | new.0, all.1 | new.1)).map(|(cr14, code)| {
            let report = 1 << 28;
            (if cr14 & report == 0 { 0 } else { report }, code)
        })
    }

    /// The pending numbers of C.2, ascending.
    pub fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self
            .entries
            .iter()
            .map(|entry| match entry {
                FloatingInterrupt::Io(io) => 10 - subclass(io),
                FloatingInterrupt::Virtio { .. } => 11,
                FloatingInterrupt::PfaultDone { .. } => 12,
                FloatingInterrupt::ServiceSignal { .. } => 15,
                FloatingInterrupt::MachineCheck { .. } => 24,
            })
            .collect();
        if self.services().iter().any(|parameter| parameter & 3 != 0) {
            numbers.push(16);
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// D.3.
    pub fn get_all(&self) -> Vec<FloatingInterrupt> {
        let mut all = Vec::new();
        for wanted in 0..8 {
            all.extend(self.entries.iter().filter(
                |entry| matches!(entry, FloatingInterrupt::Io(io) if subclass(io) == wanted),
            ));
        }
        all.extend(
            self.entries
                .iter()
                .filter(|entry| matches!(entry, FloatingInterrupt::PfaultDone { .. })),
        );
        all.extend(
            self.entries.iter().filter(|entry| matches!(entry, FloatingInterrupt::Virtio { .. })),
        );
        if !self.services().is_empty() {
            all.push(FloatingInterrupt::ServiceSignal { parameter: self.service_word() });
        }
        if let Some((cr14, code)) = self.machine_check() {
            all.push(FloatingInterrupt::MachineCheck { cr14, code });
        }
        all
    }

    /// F.5 (TPI, TSCH) and C.13 (CLEAR_IO_IRQ).
    pub fn dequeue_io(
        &mut self,
        subchannel: Option<(u16, u16)>,
        cr6: u64,
    ) -> Option<IoInterruption> {
        for wanted in 0..8 {
            let position = self.entries.iter().position(|entry| match entry {
                FloatingInterrupt::Io(io) => {
                    subclass(io) == wanted
                        && bit(cr6, 32 + wanted)
                        && subchannel.is_none_or(|(id, number)| {
                            id == io.subchannel_id && number == io.subchannel_number
                        })
                }
                _ => false,
            });
            if let Some(position) = position {
                let FloatingInterrupt::Io(io) = self.entries.remove(position) else {
                    unreachable!("it was found to be I/O")
                };
                return Some(io);
            }
        }
        None
    }
}

/// C.11: (word & 0x38000000) >> 27.
fn subclass(io: &IoInterruption) -> u32 {
    (io.word & 0x3800_0000) >> 27
}
