//! The TOD clock of a VM and the CPU timer of a CPU (manual, chapter 4,
//! "Timing").

use core::sync::atomic::{AtomicU64, Ordering};
use lowcore_host::clock;

/// A VM's time-of-day clock: the host's clock plus an epoch difference.
/// Values are in TOD units, of which 4096 make a microsecond.
#[derive(Debug, Default)]
pub struct TodClock {
    epoch: AtomicU64,
}

impl TodClock {
    /// The clock's present value.
    #[must_use]
    pub fn now(&self) -> u64 {
        clock::host_tod().wrapping_add(self.epoch())
    }

    /// Sets the clock to `value`.
    pub fn set(&self, value: u64) {
        self.set_epoch(value.wrapping_sub(clock::host_tod()));
    }

    /// Guest clock minus host clock.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Replaces the difference of guest and host clock.
    pub fn set_epoch(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::Release);
    }
}

/// A CPU timer. It counts down in TOD units while the CPU is in KVM_RUN,
/// waiting included, and stands still outside.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuTimer {
    value: u64,
    running_since_ns: Option<u64>,
}

impl CpuTimer {
    /// The present value; negative when its leftmost bit is one.
    #[must_use]
    pub fn get(&self) -> u64 {
        let elapsed = self
            .running_since_ns
            .map_or(0, |since| clock::ns_to_tod(clock::monotonic_ns().saturating_sub(since)));
        self.value.wrapping_sub(elapsed)
    }

    /// Sets the value, without starting or stopping the timer.
    pub fn set(&mut self, value: u64) {
        self.value = value;
        if self.running_since_ns.is_some() {
            self.running_since_ns = Some(clock::monotonic_ns());
        }
    }

    /// Lets the timer count; no effect while it counts already.
    pub fn start(&mut self) {
        if self.running_since_ns.is_none() {
            self.running_since_ns = Some(clock::monotonic_ns());
        }
    }

    /// Halts the timer at its present value.
    pub fn stop(&mut self) {
        self.value = self.get();
        self.running_since_ns = None;
    }
}
