//! Bytes as ioctls: whatever they ask for, nothing panics or hangs.

use lowcore_host::memory::{ClientMemory, HostRange, Mapping};
use lowcore_kvm::fuzz;

/// A small generator (xorshift64*), so that a failing seed can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

#[test]
fn random_ioctls() {
    // SAFETY: the fuzzer names addresses in the arena, which is raw memory,
    // and addresses that are never mapped.
    let client = unsafe { ClientMemory::of_this_process() };
    let arena = HostRange::of(&Mapping::anonymous(fuzz::ARENA).unwrap());
    let mut made = 0;
    for seed in 1..=400 {
        let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let data: Vec<u8> = (0..2048).map(|_| random.next().to_be_bytes()[0]).collect();
        let outcome = fuzz::ioctl_bytes(&data, &client, &arena);
        assert!(outcome.calls > 10, "seed {seed}: {outcome:?}");
        made += outcome.succeeded;
    }
    // A fuzzer that only ever fails tests little.
    assert!(made > 1000, "only {made} calls succeeded");
}
