//! Debugging a guest from outside: single steps, breakpoints and watchpoints,
//! which do not disturb what the guest records of itself.

use lowcore_storage::View;

/// What a client wants to be told of a CPU (`KVM_SET_GUEST_DEBUG`).
#[derive(Clone, Debug, Default)]
pub struct GuestDebug {
    /// Stop after each instruction and each interruption.
    pub single_step: bool,
    /// Stop where the PSW gets here.
    pub breakpoints: Vec<Breakpoint>,
    /// Stop when a store has changed what was there.
    pub watchpoints: Vec<Watchpoint>,
    /// The breakpoint of the last stop.
    pub last_breakpoint: u64,
}

/// A range of instruction addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    /// The first address.
    pub address: u64,
    /// Its length in bytes; zero is as good as one.
    pub length: u64,
}

/// A range of storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watchpoint {
    /// Its logical address.
    pub address: u64,
    /// Its absolute address.
    pub absolute: u64,
    /// What was there when it was set.
    pub old: Vec<u8>,
}

/// Why a debugged CPU stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebugKind {
    /// At a breakpoint.
    Breakpoint,
    /// A watchpoint changed.
    Watchpoint,
    /// After a single step.
    SingleStep,
}

/// A stop of a debugged CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebugEvent {
    /// The breakpoint, the watchpoint or the next instruction.
    pub address: u64,
    /// Why it stopped.
    pub kind: DebugKind,
}

impl Breakpoint {
    const fn has(self, address: u64) -> bool {
        let offset = address.wrapping_sub(self.address);
        offset == 0 || offset < self.length
    }
}

impl Watchpoint {
    /// Whether the bytes from `first` to `last` are watched in part.
    pub(crate) fn overlaps(&self, first: u64, last: u64) -> bool {
        let length = self.old.len() as u64;
        length != 0 && first <= self.address.saturating_add(length - 1) && last >= self.address
    }

    fn has_changed(&self, view: &View<'_>) -> bool {
        let mut now = vec![0; self.old.len()];
        view.read(self.absolute, &mut now).is_ok() && now != self.old
    }
}

impl GuestDebug {
    /// Whether the CPU must look after each instruction.
    pub(crate) fn is_on(&self) -> bool {
        self.single_step || !self.breakpoints.is_empty() || !self.watchpoints.is_empty()
    }

    /// The stop after the instruction at `executed`, now that the PSW
    /// designates `next`. A breakpoint counts where the CPU arrives; one that
    /// it jumped onto unseen, after its instruction.
    pub(crate) fn event_after(
        &mut self,
        view: &View<'_>,
        executed: u64,
        next: u64,
        touched: bool,
    ) -> Option<DebugEvent> {
        let event = |kind, address| Some(DebugEvent { address, kind });
        if touched && let Some(point) = self.watchpoints.iter().find(|p| p.has_changed(view)) {
            return event(DebugKind::Watchpoint, point.address);
        }
        let breaks = |address| self.breakpoints.iter().any(|point| point.has(address));
        if next != executed && breaks(next) {
            self.last_breakpoint = next;
            return event(DebugKind::Breakpoint, next);
        }
        if self.last_breakpoint != executed && breaks(executed) {
            return event(DebugKind::Breakpoint, executed);
        }
        self.single_step.then_some(DebugEvent { address: next, kind: DebugKind::SingleStep })
    }
}
