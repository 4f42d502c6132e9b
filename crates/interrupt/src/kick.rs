//! Which CPU looks at a floating interrupt (C.12).

use crate::FloatingInterrupt;

/// Why a CPU is kicked: the intercept that the kernel requests of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KickReason {
    /// A machine check, which has no intercept of its own.
    Stop,
    /// An I/O interrupt.
    Io,
    /// Anything else.
    External,
}

impl FloatingInterrupt {
    /// The intercept that the kernel requests for this interrupt.
    #[must_use]
    pub const fn kick_reason(&self) -> KickReason {
        match self {
            Self::MachineCheck { .. } => KickReason::Stop,
            Self::Io(_) => KickReason::Io,
            Self::ServiceSignal { .. } | Self::Virtio { .. } | Self::PfaultDone { .. } => {
                KickReason::External
            }
        }
    }
}

/// The index of the CPU to kick after a floating interrupt: the lowest idle
/// one, whatever its masks; else the next that is not stopped, round robin
/// over `count` CPUs from `next` on; `None` if all are stopped, and then the
/// interrupt stays pending.
///
/// ```
/// use lowcore_interrupt::choose_target;
/// let mut next = 0;
/// let stopped = |cpu| cpu == 1;
/// let mut choose = || choose_target(3, &mut next, |_| false, stopped);
/// assert_eq!([choose(), choose(), choose()], [Some(0), Some(2), Some(0)]);
/// assert_eq!(choose_target(3, &mut next, |cpu| cpu == 2, stopped), Some(2));
/// ```
pub fn choose_target(
    count: usize,
    next: &mut usize,
    mut is_idle: impl FnMut(usize) -> bool,
    mut is_stopped: impl FnMut(usize) -> bool,
) -> Option<usize> {
    if let Some(idle) = (0..count).find(|&cpu| is_idle(cpu)) {
        return Some(idle);
    }
    for _ in 0..count {
        let cpu = *next % count;
        *next = (cpu + 1) % count;
        if !is_stopped(cpu) {
            return Some(cpu);
        }
    }
    None
}
