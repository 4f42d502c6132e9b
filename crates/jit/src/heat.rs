//! How often execution comes to a place.

use lowcore_arch::bits;

/// Places that are counted at a time.
const PLACES: usize = 32768;

/// Counters of places. Two places may have to share one: then neither gets
/// hot quickly.
#[derive(Debug)]
pub struct Heat {
    /// Halves of mixed places, and how often those were come to.
    counters: Box<[(u32, u32)]>,
    hot: u32,
}

impl Heat {
    /// Places get hot when execution has come to them `hot` times.
    pub fn new(hot: u32) -> Self {
        Self { counters: vec![(0, 0); PLACES].into_boxed_slice(), hot }
    }

    /// Counts that execution has come to a place so many times. Gives whether
    /// it has become hot now.
    pub fn add(&mut self, place: u64, times: u32) -> bool {
        let mixed = place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (index, place) = (bits::index(mixed >> 32) % PLACES, bits::low32(mixed >> 24));
        let Some(counter) = self.counters.get_mut(index) else { return false };
        if counter.0 != place {
            // The one that comes more often stays.
            counter.1 = counter.1.saturating_sub(times);
            if counter.1 != 0 {
                return false;
            }
            *counter = (place, 0);
        }
        counter.1 = counter.1.saturating_add(times);
        if counter.1 < self.hot {
            return false;
        }
        *counter = (0, 0);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gets_hot_once() {
        let mut heat = Heat::new(100);
        assert_eq!((0..200).filter(|_| heat.add(0x1234, 1)).count(), 2);
        assert!(!heat.add(0x5678, 99));
        assert!(heat.add(0x5678, 1));
    }
}
