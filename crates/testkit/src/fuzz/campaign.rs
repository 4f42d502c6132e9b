//! Random input for a bounded time, on stable Rust.

use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Seconds for each campaign.
const SECONDS: &str = "LOWCORE_FUZZ_SECONDS";
/// The seed of the first input.
const SEED: &str = "LOWCORE_FUZZ_SEED";
/// How many inputs to try at most.
const INPUTS: &str = "LOWCORE_FUZZ_INPUTS";
/// Folder that a failing input is written to, for a corpus.
const SAVE: &str = "LOWCORE_FUZZ_SAVE";

/// What one input may take before it counts as a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// When a campaign ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// After this time.
    After(Duration),
    /// After this many inputs.
    Inputs(u64),
}

/// What a campaign did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The seed of its first random input; each further input has the next
    /// number as its seed.
    pub seed: u64,
    /// Random inputs that were tried.
    pub inputs: u64,
    /// Inputs of the corpus that were tried.
    pub corpus: u64,
}

/// Tries `target` on every file in `corpus`, then on random inputs until
/// `stop`, for which `LOWCORE_FUZZ_SECONDS` or `LOWCORE_FUZZ_INPUTS` may be
/// set instead. The seed of the first random input is fresh, or
/// `LOWCORE_FUZZ_SEED`; it is written to the standard error stream before the
/// first input, and with the number of inputs before a failure, so that the
/// failing input alone can be tried again. `LOWCORE_FUZZ_SAVE` names a folder
/// that the failing input is written to.
///
/// # Panics
/// As `target` does. An input that goes on for a minute ends the process.
pub fn campaign(name: &str, target: &dyn Fn(&[u8]), corpus: &Path, stop: Stop) -> Report {
    let stop = match (number(INPUTS), number(SECONDS)) {
        (Some(inputs), _) => Stop::Inputs(inputs),
        (None, Some(seconds)) => Stop::After(Duration::from_secs(seconds)),
        (None, None) => stop,
    };
    let seed = number(SEED).unwrap_or_else(|| RandomState::new().hash_one(name));
    let mut report = Report { seed, inputs: 0, corpus: 0 };
    say(&format!("fuzz {name}: {SEED}={seed:#x}"));
    for (file, bytes) in corpus_files(corpus) {
        attempt(target, &bytes, || format!("the file {file} of its corpus"));
        report.corpus += 1;
    }
    let current = AtomicU64::new(seed);
    thread::scope(|scope| {
        let (done, ended) = channel::<()>();
        scope.spawn(|| watch(name, &current, ended));
        let start = Instant::now();
        loop {
            let goes_on = match stop {
                Stop::After(time) => start.elapsed() < time,
                Stop::Inputs(inputs) => report.inputs < inputs,
            };
            if !goes_on {
                break;
            }
            let seed = report.seed.wrapping_add(report.inputs);
            current.store(seed, Ordering::Relaxed);
            let bytes = random_input(seed);
            attempt(target, &bytes, || {
                save(&bytes, &format!("{name}-{seed:016x}"));
                format!("{SEED}={seed:#x} {INPUTS}=1")
            });
            report.inputs += 1;
        }
        drop(done);
    });
    say(&format!("fuzz {name}: {} inputs and {} of the corpus", report.inputs, report.corpus));
    report
}

/// Ends the process if an input goes on for too long.
fn watch(name: &str, current: &AtomicU64, ended: std::sync::mpsc::Receiver<()>) {
    let mut last = current.load(Ordering::Relaxed);
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(PATIENCE) {
        let now = current.load(Ordering::Relaxed);
        if now == last {
            say(&format!("fuzz {name}: a hang, to be seen again with {SEED}={now:#x} {INPUTS}=1"));
            std::process::abort();
        }
        last = now;
    }
}

fn attempt(target: &dyn Fn(&[u8]), bytes: &[u8], which: impl FnOnce() -> String) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(bytes))) {
        say(&format!("fuzz: this fails again with {}", which()));
        resume_unwind(panic);
    }
}

/// Writes past the capture of the test harness: after a crash, that would be
/// lost.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn save(bytes: &[u8], name: &str) {
    if let Some(folder) = std::env::var_os(SAVE) {
        let _ = std::fs::write(Path::new(&folder).join(name), bytes);
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Names and contents of the files in a folder, by name; none if there is no
/// folder.
fn corpus_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            Some((name, std::fs::read(entry.path()).ok()?))
        })
        .collect();
    files.sort();
    files
}

/// The generator SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

/// The random input of a seed: half a KiB to four.
#[must_use]
pub fn random_input(seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let words = 1 << (6 + random.next() % 4);
    (0..words).flat_map(|_| random.next().to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_input() {
        assert_eq!(random_input(1), random_input(1));
        assert_ne!(random_input(1), random_input(2));
    }

    #[test]
    fn a_failing_target_fails_the_campaign() {
        let failing = |bytes: &[u8]| assert!(bytes.len() < 100, "too long");
        let outcome = catch_unwind(|| {
            campaign("failing", &failing, Path::new("/nonexistent"), Stop::Inputs(1000))
        });
        assert!(outcome.is_err());
    }
}
