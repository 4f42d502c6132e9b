//! The few primitives that [`crate::attention`] is written over: one atomic
//! word and waiting on it. The model checker replaces them with its own.

#[cfg(not(loom))]
pub(crate) use real::{AtomicU32, Ordering, futex_wait, futex_wake};

#[cfg(loom)]
pub(crate) use model::{AtomicU32, Ordering, futex_wait, futex_wake};

#[cfg(not(loom))]
mod real {
    pub(crate) use std::sync::atomic::{AtomicU32, Ordering};

    use crate::sys;
    use crate::timer_slack::Precise;

    const NS_PER_SECOND: u64 = 1_000_000_000;

    /// Sleeps while `word` has the value `expected`, until woken, a signal or
    /// the deadline on the monotonic clock. May return for no reason.
    pub(crate) fn futex_wait(word: &AtomicU32, expected: u32, deadline_ns: Option<u64>) {
        let _precise = deadline_ns.map(|_| Precise::begin());
        let time = deadline_ns.map(|ns| libc::timespec {
            tv_sec: i64::try_from(ns / NS_PER_SECOND).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(ns % NS_PER_SECOND).unwrap_or(0),
        });
        let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let operation = libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: the word and the time outlive the call. Every result, errors
        // included, means "look at the word again".
        unsafe {
            sys::call(
                libc::SYS_futex,
                [
                    sys::pointer(word.as_ptr()),
                    sys::signed(operation),
                    u64::from(expected),
                    sys::pointer(time),
                    0,
                    u64::from(u32::MAX),
                ],
            );
        }
    }

    /// Wakes whoever sleeps on `word`. Async-signal-safe.
    pub(crate) fn futex_wake(word: &AtomicU32) {
        let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: waking touches no memory of ours.
        unsafe {
            sys::call(
                libc::SYS_futex,
                [sys::pointer(word.as_ptr()), sys::signed(operation), 1, 0, 0, 0],
            );
        }
    }
}

/// A futex as the kernel documents it: the comparison with `expected` and
/// going to sleep are one step with regard to a wake-up.
#[cfg(loom)]
mod model {
    use loom::sync::{Condvar, Mutex};
    pub(crate) use std::sync::atomic::Ordering;

    #[derive(Debug)]
    pub(crate) struct AtomicU32 {
        word: loom::sync::atomic::AtomicU32,
        queue: Mutex<()>,
        wake: Condvar,
    }

    impl AtomicU32 {
        pub(crate) fn new(value: u32) -> Self {
            Self {
                word: loom::sync::atomic::AtomicU32::new(value),
                queue: Mutex::new(()),
                wake: Condvar::new(),
            }
        }
    }

    impl std::ops::Deref for AtomicU32 {
        type Target = loom::sync::atomic::AtomicU32;
        fn deref(&self) -> &Self::Target {
            &self.word
        }
    }

    /// The deadline is not modelled: it never comes, so that a lost wake-up
    /// is a deadlock, which the checker reports.
    pub(crate) fn futex_wait(word: &AtomicU32, expected: u32, _deadline_ns: Option<u64>) {
        let queue = match word.queue.lock() {
            Ok(queue) => queue,
            Err(poisoned) => poisoned.into_inner(),
        };
        if word.word.load(Ordering::Relaxed) == expected {
            drop(word.wake.wait(queue));
        }
    }

    pub(crate) fn futex_wake(word: &AtomicU32) {
        let queue = word.queue.lock();
        word.wake.notify_one();
        drop(queue);
    }
}
