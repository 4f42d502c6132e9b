//! Maps by addresses and places, which nobody chooses in order to collide: the
//! guest whose code it is would be the only one to wait.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

/// A map by small keys.
pub type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// Mixes words by multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mixer(u64);

/// The golden ratio in 64 bits, made odd.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        // The map takes the low bits and the high ones.
        self.0 ^ self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(FACTOR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hash::BuildHasher;
    use std::collections::HashSet;

    #[test]
    fn pages_have_hashes_of_their_own() {
        let build = BuildHasherDefault::<Mixer>::default();
        let hashes: HashSet<u64> =
            (0..10_000_u64).map(|n| build.hash_one(n << 12) & 0xffff).collect();
        assert!(hashes.len() > 7_000, "{}", hashes.len());
    }
}
