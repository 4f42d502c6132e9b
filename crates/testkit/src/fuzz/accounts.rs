//! What is pending, so that before and after can be compared: no interrupt
//! may be lost, appear twice or out of nothing.

use super::machine::Machine;
use lowcore_interrupt::{FloatingInterrupt, Kind, LocalInterrupt, Pending};

/// What is pending of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Local interrupts.
    pub local: Vec<LocalInterrupt>,
    /// Floating interrupts.
    pub floating: Vec<FloatingInterrupt>,
    /// The kinds of both.
    pub kinds: Pending,
}

/// Kinds that the CPU itself makes pending and withdraws (the specification,
/// B.5).
const TIMERS: [Kind; 2] = [Kind::ClockComparator, Kind::CpuTimer];

impl Accounts {
    /// What is pending now.
    pub fn of(machine: &Machine) -> Self {
        let local = machine.mailbox.local.lock();
        let floating = machine.floating.lock();
        Self {
            local: local.state(),
            floating: floating.get_all(),
            kinds: local.pending() | floating.pending(),
        }
    }

    /// Kinds that are not pending in `later`.
    pub fn gone(&self, later: &Self) -> Vec<Kind> {
        self.kinds.iter().filter(|&kind| !later.kinds.contains(kind)).collect()
    }

    /// Checks that `later`, between which and this nobody injected anything,
    /// has nothing that is not here.
    ///
    /// # Panics
    /// If it has.
    pub fn check_nothing_appeared(&self, later: &Self) {
        for kind in later.kinds.iter() {
            assert!(
                self.kinds.contains(kind) || TIMERS.contains(&kind),
                "{kind:?} became pending by itself: {self:?}, {later:?}"
            );
        }
        let mut known = self.local.clone();
        for interrupt in &later.local {
            let timer =
                matches!(interrupt, LocalInterrupt::ClockComparator | LocalInterrupt::CpuTimer);
            let place = known.iter().position(|old| old == interrupt);
            assert!(timer || place.is_some(), "{interrupt:?} is new: {self:?}, {later:?}");
            place.map(|place| known.remove(place));
        }
        let mut known = self.floating.clone();
        for interrupt in &later.floating {
            // Parts of it are delivered one by one.
            let service = matches!(interrupt, FloatingInterrupt::ServiceSignal { .. });
            let place = known.iter().position(|old| old == interrupt);
            assert!(service || place.is_some(), "{interrupt:?} is new: {self:?}, {later:?}");
            place.map(|place| known.remove(place));
        }
    }
}
