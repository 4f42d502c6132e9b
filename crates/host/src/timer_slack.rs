//! Sleeps that end when they should. The host's kernel may end a thread's sleep
//! as much later as the thread's timer slack says, 50 µs unless somebody chose
//! otherwise; KVM's own timers have none.

use crate::sys;

/// While it exists, sleeps of this thread end on time.
pub(crate) struct Precise {
    /// The thread's own slack in nanoseconds; `None` if it was not to be had.
    slack: Option<u64>,
}

impl Precise {
    /// The least slack there is: 0 would mean the default.
    const LEAST: u64 = 1;

    pub(crate) fn begin() -> Self {
        let slack = control(libc::PR_GET_TIMERSLACK, 0).filter(|slack| *slack > Self::LEAST);
        if slack.is_some() {
            control(libc::PR_SET_TIMERSLACK, Self::LEAST);
        }
        Self { slack }
    }
}

impl Drop for Precise {
    fn drop(&mut self) {
        if let Some(slack) = self.slack {
            control(libc::PR_SET_TIMERSLACK, slack);
        }
    }
}

/// A call of prctl(2) about this thread's slack.
fn control(operation: i32, argument: u64) -> Option<u64> {
    let result =
        // SAFETY: both operations take and give numbers only.
        unsafe { sys::call(libc::SYS_prctl, [sys::signed(operation), argument, 0, 0, 0, 0]) };
    sys::check(result).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In a thread of its own, since the slack is the thread's.
    #[test]
    fn the_threads_own_slack_comes_back() {
        let slack = || control(libc::PR_GET_TIMERSLACK, 0);
        let seen = std::thread::spawn(move || {
            control(libc::PR_SET_TIMERSLACK, 70_000);
            let inside = {
                let _precise = Precise::begin();
                slack()
            };
            (inside, slack())
        });
        assert_eq!(seen.join().unwrap(), (Some(1), Some(70_000)));
    }
}
