//! Bytes as ioctls: whatever they ask for, nothing panics or hangs. Runs for a
//! second, or for `LOWCORE_FUZZ_SECONDS`.

use lowcore_host::memory::{ClientMemory, HostRange, Mapping};
use lowcore_kvm::fuzz;
use std::time::{Duration, Instant};

/// Bytes of a sequence: some two hundred ioctls.
const LENGTH: usize = 4096;

/// A small generator (xorshift64*), so that a failing seed can be repeated.
struct Random(u64);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes()[0]
    }
}

fn patience() -> Duration {
    let seconds = std::env::var("LOWCORE_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}

#[test]
fn random_ioctls() {
    // SAFETY: the fuzzer names addresses in the arena, which is raw memory,
    // and addresses that are never mapped.
    let client = unsafe { ClientMemory::of_this_process() };
    let arena = HostRange::of(&Mapping::anonymous(fuzz::ARENA).unwrap());
    let (start, patience) = (Instant::now(), patience());
    let mut total = fuzz::Outcome::default();
    let mut seed = 0_u64;
    while start.elapsed() < patience || seed < 20 {
        seed += 1;
        let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let data: Vec<u8> = (0..LENGTH).map(|_| random.byte()).collect();
        let outcome = std::panic::catch_unwind(|| fuzz::ioctl_bytes(&data, &client, &arena));
        let outcome = outcome.unwrap_or_else(|_| panic!("seed {seed} panicked"));
        total.calls += outcome.calls;
        total.succeeded += outcome.succeeded;
    }
    println!("{seed} sequences, {} ioctls, {} succeeded", total.calls, total.succeeded);
    // A fuzzer whose calls all fail tests little.
    assert!(total.succeeded > total.calls / 20, "{total:?}");
}
