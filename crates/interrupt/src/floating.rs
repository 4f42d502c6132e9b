//! Floating interrupts: those that any CPU of the configuration may take
//! (C.12, C.13, D.3).

use crate::io::IoQueues;
use crate::machine_check::FloatingMachineCheck;
use crate::service::ServiceSignal;
use crate::{IoInterruption, Kind, Pending, Refusal};
use lowcore_arch::ControlRegister;
use std::collections::VecDeque;

/// I/O interrupts that can be queued.
pub const MAX_IO_INTERRUPTS: usize = 266_250;
/// Virtio interrupts that can be queued.
pub const MAX_VIRTIO: usize = 87_381;
/// Pfault completions that can be queued: 64 for each possible CPU.
pub const MAX_PFAULT_DONE: usize = 16_320;

/// A floating interrupt as it is injected and read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatingInterrupt {
    /// Service signal.
    ServiceSignal {
        /// SCCB address and event bits.
        parameter: u32,
    },
    /// Virtio.
    Virtio {
        /// External-interruption parameter.
        parameter: u32,
        /// Second parameter.
        token: u64,
    },
    /// Completion of a pseudo page fault.
    PfaultDone {
        /// The token of its start.
        token: u64,
    },
    /// Machine check.
    MachineCheck {
        /// Subclasses; only channel report counts.
        cr14: u64,
        /// Machine-check-interruption code.
        code: u64,
    },
    /// I/O.
    Io(IoInterruption),
}

/// What any CPU of a configuration may take. Queues are first in, first out;
/// service signals and machine checks merge.
///
/// ```
/// use lowcore_interrupt::*;
/// let mut floating = FloatingInterrupts::new();
/// floating.inject(FloatingInterrupt::PfaultDone { token: 7 })?;
/// floating.inject(FloatingInterrupt::ServiceSignal { parameter: 0x1000 })?;
/// assert!(floating.pending().contains(Kind::ServiceSignal));
/// assert_eq!(
///     floating.get_all(),
///     [
///         FloatingInterrupt::PfaultDone { token: 7 },
///         FloatingInterrupt::ServiceSignal { parameter: 0x1000 },
///     ],
/// );
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FloatingInterrupts {
    service: ServiceSignal,
    virtio: VecDeque<(u32, u64)>,
    pfault_done: VecDeque<u64>,
    machine_check: Option<FloatingMachineCheck>,
    io: IoQueues,
}

impl FloatingInterrupts {
    /// Nothing pending.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records an interrupt. The caller then kicks the CPU that
    /// [`choose_target`](crate::choose_target) names.
    ///
    /// # Errors
    /// [`Refusal::QueueFull`]; nothing has changed then.
    pub fn inject(&mut self, interrupt: FloatingInterrupt) -> Result<(), Refusal> {
        match interrupt {
            FloatingInterrupt::ServiceSignal { parameter } => self.service.merge(parameter),
            FloatingInterrupt::Virtio { parameter, token } => {
                below(self.virtio.len(), MAX_VIRTIO)?;
                self.virtio.push_back((parameter, token));
            }
            FloatingInterrupt::PfaultDone { token } => {
                below(self.pfault_done.len(), MAX_PFAULT_DONE)?;
                self.pfault_done.push_back(token);
            }
            FloatingInterrupt::MachineCheck { cr14, code } => {
                self.machine_check.get_or_insert_default().merge(cr14, code);
            }
            FloatingInterrupt::Io(interruption) => {
                below(self.io.len(), MAX_IO_INTERRUPTS)?;
                self.io.push(interruption);
            }
        }
        Ok(())
    }

    /// The kinds that are pending.
    #[must_use]
    pub fn pending(&self) -> Pending {
        let mut pending = Pending::NONE;
        pending.set(Kind::ServiceEvent, self.service.event_pending());
        pending.set(Kind::ServiceSignal, self.service.sccb_pending());
        pending.set(Kind::Virtio, !self.virtio.is_empty());
        pending.set(Kind::PfaultDone, !self.pfault_done.is_empty());
        pending.set(Kind::RepressibleMachineCheck, self.machine_check.is_some());
        for subclass in 0..8 {
            pending.set(Kind::Io(subclass), !self.io.is_empty(subclass));
        }
        pending
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending().is_empty()
    }

    /// How many entries [`get_all`](Self::get_all) returns.
    #[must_use]
    pub fn len(&self) -> usize {
        let service = self.service.event_pending() || self.service.sccb_pending();
        self.io.len()
            + self.pfault_done.len()
            + self.virtio.len()
            + usize::from(service)
            + usize::from(self.machine_check.is_some())
    }

    /// Everything pending, in the kernel's order (D.3): I/O by subclass,
    /// pfault completions, virtio, one service signal with its whole word, one
    /// machine check. Nothing is removed.
    #[must_use]
    pub fn get_all(&self) -> Vec<FloatingInterrupt> {
        let service = (self.service.event_pending() || self.service.sccb_pending())
            .then(|| FloatingInterrupt::ServiceSignal { parameter: self.service.word() });
        let machine_check = self
            .machine_check
            .map(|check| FloatingInterrupt::MachineCheck { cr14: check.cr14, code: check.code });
        self.io
            .iter()
            .map(|&interruption| FloatingInterrupt::Io(interruption))
            .chain(self.pfault_done.iter().map(|&token| FloatingInterrupt::PfaultDone { token }))
            .chain(
                self.virtio
                    .iter()
                    .map(|&(parameter, token)| FloatingInterrupt::Virtio { parameter, token }),
            )
            .chain(service)
            .chain(machine_check)
            .collect()
    }

    /// Forgets everything (FLIC CLEAR_IRQS, C.13).
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Removes the first I/O interrupt of a subchannel, subclass 0 first
    /// (FLIC CLEAR_IO_IRQ, C.13). Returns whether there was one.
    pub fn clear_io(&mut self, subchannel_id: u16, subchannel_number: u16) -> bool {
        self.dequeue_io(Some((subchannel_id, subchannel_number)), u64::MAX).is_some()
    }

    /// Removes and returns the first I/O interrupt, subclass 0 first, of
    /// `subchannel` (id and number) or of any, whose subclass is enabled in
    /// `cr6`. TEST PENDING INTERRUPTION asks for any with its CR6, TEST
    /// SUBCHANNEL for its subchannel with all subclasses (F.5).
    pub fn dequeue_io(
        &mut self,
        subchannel: Option<(u16, u16)>,
        cr6: u64,
    ) -> Option<IoInterruption> {
        (0..8)
            .filter(|&subclass| cr6 & ControlRegister::cr6_subclass(subclass) != 0)
            .find_map(|subclass| self.io.remove(subclass, subchannel))
    }

    /// Puts back what [`dequeue_io`](Self::dequeue_io) took; like the kernel,
    /// behind others of its subclass.
    ///
    /// # Errors
    /// [`Refusal::QueueFull`] if the queue was filled meanwhile.
    pub fn requeue(&mut self, interruption: IoInterruption) -> Result<(), Refusal> {
        self.inject(FloatingInterrupt::Io(interruption))
    }

    /// Subclasses of CR14 that came with the pending machine check.
    pub(crate) fn machine_check_cr14(&self) -> u64 {
        self.machine_check.map_or(0, |check| check.cr14)
    }

    pub(crate) fn take_machine_check(&mut self) -> Option<FloatingMachineCheck> {
        self.machine_check.take()
    }

    pub(crate) fn take_service_event(&mut self) -> u32 {
        self.service.take_event()
    }

    pub(crate) fn take_service_signal(&mut self) -> u32 {
        self.service.take_sccb()
    }

    pub(crate) fn take_pfault_done(&mut self) -> Option<u64> {
        self.pfault_done.pop_front()
    }

    pub(crate) fn take_virtio(&mut self) -> Option<(u32, u64)> {
        self.virtio.pop_front()
    }

    pub(crate) fn take_io(&mut self, subclass: u8) -> Option<IoInterruption> {
        self.io.pop(subclass)
    }
}

fn below(length: usize, limit: usize) -> Result<(), Refusal> {
    if length < limit { Ok(()) } else { Err(Refusal::QueueFull) }
}
