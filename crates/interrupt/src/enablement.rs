//! Which kinds of interrupts the masks of a CPU allow.

use crate::{Kind, Pending};
use lowcore_arch::{ControlRegister, Psw, bits};

/// What of a CPU's registers decides whether an interrupt is deliverable and
/// what its delivery stores.
///
/// ```
/// use lowcore_arch::{ControlRegister, Psw};
/// use lowcore_interrupt::*;
/// let mut local = LocalInterrupts::new();
/// local.inject(LocalInterrupt::ExternalCall { source: 1 }, 0)?;
/// let deliverable = |psw, cr0| {
///     let masks = Enablement { psw: Psw::new(psw, 0), cr0, ..Enablement::default() };
///     local.deliverable(&FloatingInterrupts::new(), &masks).highest()
/// };
/// assert_eq!(deliverable(Psw::EXTERNAL, 0), None);
/// assert_eq!(deliverable(0, ControlRegister::CR0_EXTERNAL_CALL), None);
/// assert_eq!(
///     deliverable(Psw::EXTERNAL, ControlRegister::CR0_EXTERNAL_CALL),
///     Some(Kind::ExternalCall),
/// );
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enablement {
    /// The current PSW.
    pub psw: Psw,
    /// Control register 0: subclasses of external interrupts.
    pub cr0: u64,
    /// Control register 6: subclasses of I/O interrupts.
    pub cr6: u64,
    /// Control register 14: subclasses of machine checks.
    pub cr14: u64,
    /// The breaking-event address, which a program interruption stores.
    pub breaking_event: u64,
}

impl Enablement {
    /// The kinds that the masks allow (C.3). A stop is never among them.
    ///
    /// `repressible` is the union of the CR14 values that came with pending
    /// machine checks: the kernel does not look at what the checks are.
    #[must_use]
    pub(crate) fn allowed(&self, repressible: u64) -> Pending {
        let mut allowed =
            Pending::of(Kind::Program) | Pending::of(Kind::Restart) | Pending::of(Kind::SetPrefix);
        if self.psw.has(Psw::EXTERNAL) {
            allowed |= self.external();
        }
        if self.psw.has(Psw::IO) {
            allowed |= self.io();
        }
        if self.psw.has(Psw::MACHINE_CHECK) {
            allowed.insert(Kind::ExigentMachineCheck);
            allowed.set(Kind::RepressibleMachineCheck, self.cr14 & repressible != 0);
        }
        allowed
    }

    fn external(&self) -> Pending {
        // No subclass mask is consulted for these three.
        let mut allowed = Pending::of(Kind::PfaultInit)
            | Pending::of(Kind::PfaultDone)
            | Pending::of(Kind::Virtio);
        for (kind, mask) in [
            (Kind::EmergencySignal, ControlRegister::CR0_EMERGENCY_SIGNAL),
            (Kind::ExternalCall, ControlRegister::CR0_EXTERNAL_CALL),
            (Kind::ClockComparator, ControlRegister::CR0_CLOCK_COMPARATOR),
            (Kind::CpuTimer, ControlRegister::CR0_CPU_TIMER),
            (Kind::ServiceEvent, ControlRegister::CR0_SERVICE_SIGNAL),
            (Kind::ServiceSignal, ControlRegister::CR0_SERVICE_SIGNAL),
        ] {
            allowed.set(kind, self.cr0 & mask != 0);
        }
        allowed
    }

    /// CR6 bits 32-39 and the kinds run the same way: subclass 0 leftmost.
    fn io(&self) -> Pending {
        let subclasses = bits::low32(self.cr6 >> 24) & 0xff;
        Pending::from_bits(subclasses << Kind::Io(7).number())
    }
}
