//! Host time, and the units that a TOD clock counts.
//!
//! A TOD clock counts in units of 2^-12 microseconds from 1900-01-01 00:00 UTC
//! (manual, chapter 4, "Time-of-Day Clock").

use std::sync::OnceLock;

/// Units of the TOD clock in one microsecond.
const UNITS_PER_MICROSECOND: u64 = 4096;

/// Seconds between the TOD clock's epoch, 1900-01-01, and 1970-01-01.
const EPOCH_SECONDS: u64 = 2_208_988_800;

const NS_PER_SECOND: u64 = 1_000_000_000;

/// The host's monotonic clock in nanoseconds. Never goes back; the zero point
/// means nothing.
#[must_use]
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// The host's time of day in TOD-clock units.
///
/// The first call in a process anchors it to the host's calendar time; from
/// there it runs on the monotonic clock, so it never goes back and does not
/// follow later corrections of the calendar time.
#[must_use]
pub fn host_tod() -> u64 {
    host_tod_at(monotonic_ns())
}

/// The same at a time of [`monotonic_ns`], not before the first call.
#[must_use]
pub fn host_tod_at(monotonic: u64) -> u64 {
    struct Anchor {
        monotonic: u64,
        tod: u64,
    }
    static ANCHOR: OnceLock<Anchor> = OnceLock::new();
    let anchor = ANCHOR.get_or_init(|| {
        let monotonic = monotonic_ns();
        let since_1970 = ns_to_tod(read(libc::CLOCK_REALTIME));
        let tod = since_1970.wrapping_add(EPOCH_SECONDS * 1_000_000 * UNITS_PER_MICROSECOND);
        Anchor { monotonic, tod }
    });
    let elapsed = monotonic.saturating_sub(anchor.monotonic);
    // The architecture's clock wraps as well, in 2042.
    anchor.tod.wrapping_add(ns_to_tod(elapsed))
}

/// Nanoseconds as TOD-clock units, rounded down. A result beyond 64 bits
/// (more than 142 years) is `u64::MAX`.
///
/// ```
/// assert_eq!(lowcore_host::clock::ns_to_tod(1_000), 4096);
/// ```
#[must_use]
pub const fn ns_to_tod(ns: u64) -> u64 {
    // 4096 / 1000 in lowest terms.
    if ns <= u64::MAX / 512 {
        // A division by a constant that the host multiplies for.
        return ns * 512 / 125;
    }
    let units = ns as u128 * 512 / 125;
    if units > u64::MAX as u128 {
        u64::MAX
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "compared with the maximum just above")]
        let units = units as u64;
        units
    }
}

/// TOD-clock units as nanoseconds, rounded down.
///
/// ```
/// assert_eq!(lowcore_host::clock::tod_to_ns(4096), 1_000);
/// ```
#[must_use]
pub const fn tod_to_ns(units: u64) -> u64 {
    if units <= u64::MAX / 125 {
        return units * 125 / 512;
    }
    // The factor is below one, so the result fits.
    #[expect(clippy::cast_possible_truncation, reason = "at most a quarter of a u64")]
    let ns = (units as u128 * 125 / 512) as u64;
    ns
}

fn read(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the result. These two clocks always
    // exist, so the call cannot fail.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(NS_PER_SECOND).saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn conversions_at_the_ends() {
        assert_eq!(ns_to_tod(0), 0);
        assert_eq!(ns_to_tod(125), 512);
        assert_eq!(ns_to_tod(124), 507);
        assert_eq!(ns_to_tod(u64::MAX), u64::MAX);
        // Where 64 bits end to be enough on the way.
        for ns in [u64::MAX / 512 - 1, u64::MAX / 512, u64::MAX / 512 + 1] {
            assert_eq!(u128::from(ns_to_tod(ns)), u128::from(ns) * 512 / 125);
        }
        for units in [u64::MAX / 125 - 1, u64::MAX / 125, u64::MAX / 125 + 1] {
            assert_eq!(u128::from(tod_to_ns(units)), u128::from(units) * 125 / 512);
        }
        // 2^64 units are 2^52 microseconds.
        assert_eq!(tod_to_ns(u64::MAX), (1 << 52) * 1000 - 1);
        assert_eq!(ns_to_tod((1 << 52) * 1000), u64::MAX);
        assert_eq!(tod_to_ns(511), 124);
    }

    #[test]
    fn tod_agrees_with_the_calendar() {
        // 1900 to 1970: 70 years with 17 leap days.
        let epoch = (70 * 365 + 17) * 86_400u128;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
        let expected = epoch * 1_000_000 + now;
        let got = u128::from(host_tod()) / 4096;
        assert!(got.abs_diff(expected) < 60_000_000, "{got} against {expected}");
    }

    #[test]
    fn tod_never_goes_back() {
        let mut last = host_tod();
        for _ in 0..10_000 {
            let next = host_tod();
            assert!(next >= last);
            last = next;
        }
    }
}
