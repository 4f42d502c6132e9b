//! Threads of our own in a client's process.

use crate::signals;
use crate::sys;
use std::io;
use std::thread;

/// How much a background thread yields to others: a "nice" value.
const NICE: u64 = 10;

/// Starts a thread that takes no signals and yields to the client's threads
/// where there are not enough cores for all.
///
/// # Errors
/// Those of [`std::thread::Builder::spawn`].
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let work = move || {
        const THIS_THREAD: [u64; 2] = [0, 0];
        let [which, who] = THIS_THREAD;
        // SAFETY: this concerns the calling thread alone. If it fails, the
        // thread does not yield.
        unsafe { sys::call(libc::SYS_setpriority, [which, who, NICE, 0, 0, 0]) };
        work();
    };
    // The thread inherits the mask.
    signals::with_all_blocked(|| thread::Builder::new().name(name.to_string()).spawn(work))?;
    Ok(())
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_background_thread_takes_no_signals() {
        let (send, receive) = channel();
        spawn("lowcore-test", move || {
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
            let _ = send.send(status);
        })
        .unwrap();
        let status = receive.recv().unwrap();
        let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:\t")).unwrap();
        let blocked = u64::from_str_radix(blocked, 16).unwrap();
        for signal in [libc::SIGTERM, libc::SIGUSR1, libc::SIGALRM] {
            assert_ne!(blocked & 1 << (signal - 1), 0, "{signal}");
        }
    }
}
