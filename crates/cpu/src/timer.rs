//! The TOD clock of a VM and the CPU timer of a CPU (manual, chapter 4,
//! "Timing").

use crate::{Configuration, Context, Registers};
use core::sync::atomic::{AtomicU64, Ordering};
use lowcore_arch::{ControlRegister, Psw};
use lowcore_host::clock;
use std::sync::Arc;

/// A timer is near that asks for its interruption within about the time of the
/// longest slice: 100 µs.
const NEAR: u64 = 100 << 12;

/// A VM's time-of-day clock: the host's clock plus an epoch difference.
/// Values are in TOD units, of which 4096 make a microsecond.
///
/// ```
/// let clock = lowcore_cpu::TodClock::default();
/// let other = clock.of_another_cpu();
/// assert!(clock.unique() < other.unique());
/// ```
#[derive(Debug, Default)]
pub struct TodClock {
    epoch: AtomicU64,
    /// The host's clock when a unique value was last given to any CPU of the
    /// configuration.
    last: Arc<AtomicU64>,
}

impl TodClock {
    /// The clock as another CPU of the same configuration has it.
    #[must_use]
    pub fn of_another_cpu(&self) -> Self {
        Self { epoch: AtomicU64::new(self.epoch()), last: Arc::clone(&self.last) }
    }

    /// The clock's present value, which no CPU of the configuration gets a
    /// second time (manual, chapter 4, "Time-of-Day Clock", "Setting and
    /// Inspecting the Clock").
    #[must_use]
    pub fn unique(&self) -> u64 {
        let now = clock::host_tod();
        let mut last = self.last.load(Ordering::Relaxed);
        let value = loop {
            // The clock's unit is below the host's nanosecond, so the values
            // never run ahead of the host's clock for long.
            let value = now.max(last.wrapping_add(1));
            match self.last.compare_exchange_weak(last, value, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => break value,
                Err(found) => last = found,
            }
        };
        value.wrapping_add(self.epoch())
    }

    /// The clock's present value.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.at(clock::monotonic_ns())
    }

    /// Its value at a time of the host's monotonic clock.
    fn at(&self, ns: u64) -> u64 {
        clock::host_tod_at(ns).wrapping_add(self.epoch())
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
        self.running_since_ns.map_or(self.value, |_| self.at(clock::monotonic_ns()))
    }

    /// Its value at a time of the host's monotonic clock.
    fn at(&self, ns: u64) -> u64 {
        let elapsed =
            self.running_since_ns.map_or(0, |since| clock::ns_to_tod(ns.saturating_sub(since)));
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

/// How many units of the clock it takes until the clock comparator and the CPU
/// timer ask for interruptions, masks aside (C.3): none if they do. `tod` and
/// `ns` are the guest's clock and the host's monotonic clock at one time.
fn units_until(regs: &Registers, tod: u64, ns: u64) -> (u64, u64) {
    let comparator = regs.clock_comparator;
    let reached = if regs.cr[0] & ControlRegister::CR0_CLOCK_COMPARATOR_SIGN != 0 {
        comparator.cast_signed() < tod.cast_signed()
    } else {
        comparator < tod
    };
    // The clock has to be past the comparator, the timer below zero.
    let until_comparator = if reached { 0 } else { comparator.wrapping_sub(tod).saturating_add(1) };
    let timer = regs.cpu_timer.at(ns);
    let until_timer = if timer >> 63 != 0 { 0 } else { timer + 1 };
    (until_comparator, until_timer)
}

/// When the earlier one of the timers in `enabled` asks for its interruption,
/// on the host's monotonic clock: now, if it does already.
pub(crate) fn timer_deadline_ns(
    regs: &Registers,
    config: &dyn Configuration,
    enabled: (bool, bool),
) -> Option<u64> {
    let ns = clock::monotonic_ns();
    let (comparator, timer) = units_until(regs, config.tod().at(ns), ns);
    let units = [(enabled.0, comparator), (enabled.1, timer)];
    let units = units.into_iter().filter_map(|(is_enabled, units)| is_enabled.then_some(units));
    units.min().map(|units| ns.saturating_add(clock::tod_to_ns(units) + 1))
}

/// Which timers the masks enable: (clock comparator, CPU timer).
pub(crate) fn timers_enabled(regs: &Registers) -> (bool, bool) {
    let external = regs.psw.has(Psw::EXTERNAL);
    let enabled = |subclass| external && regs.cr[0] & subclass != 0;
    (enabled(ControlRegister::CR0_CLOCK_COMPARATOR), enabled(ControlRegister::CR0_CPU_TIMER))
}

/// Which timers' conditions hold and are enabled: only then Linux counts
/// them as pending.
pub(crate) fn timers_due(regs: &Registers, config: &dyn Configuration) -> (bool, bool) {
    let enabled = timers_enabled(regs);
    if enabled == (false, false) {
        return enabled;
    }
    let ns = clock::monotonic_ns();
    let (comparator, timer) = units_until(regs, config.tod().at(ns), ns);
    (enabled.0 && comparator == 0, enabled.1 && timer == 0)
}

impl Context<'_> {
    /// Whether an enabled timer asks for its interruption. The clock is not
    /// looked at again in the slice as long as the guest does not: until then
    /// it cannot know that an interruption is late.
    pub(crate) fn timer_is_due(&mut self) -> bool {
        if timers_enabled(self.regs) == (false, false) {
            self.timer_is_near = false;
            return false;
        }
        !self.timers_are_quiet && self.look_at_timers(clock::monotonic_ns())
    }

    /// The same at a time of the host's monotonic clock.
    fn look_at_timers(&mut self, ns: u64) -> bool {
        let enabled = timers_enabled(self.regs);
        let (comparator, timer) = units_until(self.regs, self.config.tod().at(ns), ns);
        self.timers_are_quiet = comparator > NEAR && timer > NEAR;
        let comparator = if enabled.0 { comparator } else { u64::MAX };
        let timer = if enabled.1 { timer } else { u64::MAX };
        let next = comparator.min(timer);
        self.timer_is_near = next <= NEAR;
        next == 0
    }

    /// The time of day, which the guest is told.
    pub(crate) fn clock(&mut self) -> u64 {
        let ns = clock::monotonic_ns();
        self.look_at_timers(ns);
        self.config.tod().at(ns)
    }

    /// The CPU timer, which the guest is told.
    pub(crate) fn cpu_timer(&mut self) -> u64 {
        let ns = clock::monotonic_ns();
        self.look_at_timers(ns);
        self.regs.cpu_timer.at(ns)
    }

    /// The same, which no CPU is told a second time.
    pub(crate) fn unique_clock(&mut self) -> u64 {
        self.timers_are_quiet = false;
        self.config.tod().unique()
    }
}

#[cfg(test)]
mod tests {
    use super::{TodClock, units_until};
    use crate::Registers;
    use lowcore_arch::ControlRegister;
    use std::collections::HashSet;

    /// The clock goes on between any two looks at it, so that a CPU which is
    /// about to wait may find a timer due that was not a moment ago.
    #[test]
    fn a_timer_that_is_due_is_not_waited_for() {
        let mut regs = Registers { clock_comparator: 1000, ..Registers::default() };
        regs.cpu_timer.set(5);
        assert_eq!(units_until(&regs, 998, 0), (3, 6));
        assert_eq!(units_until(&regs, 1000, 0), (1, 6));
        assert_eq!(units_until(&regs, 1001, 0), (0, 6));
        regs.cpu_timer.set(0);
        assert_eq!(units_until(&regs, u64::MAX, 0), (0, 1));
        regs.cpu_timer.set(u64::MAX);
        regs.clock_comparator = u64::MAX;
        assert_eq!(units_until(&regs, 0, 0), (u64::MAX, 0));
        regs.cr[0] |= ControlRegister::CR0_CLOCK_COMPARATOR_SIGN;
        assert_eq!(units_until(&regs, u64::MAX - 1, 0), (2, 0));
        assert_eq!(units_until(&regs, 0, 0), (0, 0));
    }

    #[test]
    fn no_two_cpus_get_the_same_value() {
        const EACH: usize = 20_000;
        let clock = TodClock::default();
        let values: Vec<Vec<u64>> = std::thread::scope(|scope| {
            let cpus: Vec<_> = (0..3)
                .map(|_| {
                    let own = clock.of_another_cpu();
                    scope.spawn(move || (0..EACH).map(|_| own.unique()).collect())
                })
                .collect();
            cpus.into_iter().map(|cpu| cpu.join().unwrap()).collect()
        });
        for of_one_cpu in &values {
            assert!(of_one_cpu.is_sorted(), "time goes on");
        }
        let all: HashSet<_> = values.iter().flatten().collect();
        assert_eq!(all.len(), 3 * EACH);
    }

    #[test]
    fn unique_values_follow_the_clock() {
        let clock = TodClock::default();
        clock.set(0x1000_0000_0000_0000);
        let (before, unique, after) = (clock.now(), clock.unique(), clock.now());
        // Up to two units ahead: the host's clock may not have ticked.
        assert!(before <= unique && unique <= after + 2, "{before:x} {unique:x} {after:x}");
    }
}
