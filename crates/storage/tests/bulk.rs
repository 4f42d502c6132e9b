//! Bulk operations on storage against a vector of bytes, within and across
//! slots.

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::{AccessError, SEGMENT, Storage};
use proptest::prelude::*;

/// Two slots that follow each other at this address, of different memory.
const BOUNDARY: u64 = SEGMENT;
/// What is looked at: this much on both sides of the boundary.
const HALF: u64 = 0x3000;

fn storage() -> Storage {
    let storage = Storage::new();
    for (slot, address) in [(0, 0), (1, SEGMENT)] {
        let memory = Mapping::anonymous(usize::try_from(SEGMENT).unwrap()).unwrap();
        storage.set_slot(slot, address, HostRange::of(&memory), true).unwrap();
    }
    storage
}

fn whole(storage: &Storage) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(2 * HALF).unwrap()];
    storage.view().read(BOUNDARY - HALF, &mut bytes).unwrap();
    bytes
}

/// Places close together, often at the boundary or at the ends of pages.
fn place() -> impl Strategy<Value = usize> {
    prop_oneof![0..0x3fe0_usize, 0x2fe0..0x3020_usize, 0x1ff0..0x2010_usize]
}

fn length() -> impl Strategy<Value = usize> {
    prop_oneof![0..40_usize, 0..0x1000_usize]
}

fn absolute(place: usize) -> u64 {
    BOUNDARY - HALF + place as u64
}

proptest! {
    #[test]
    fn copies_go_from_left_to_right(
        to in place(),
        distance in prop_oneof![-40..40_i64, -0x1000..0x1000_i64],
        len in length(),
        seed in any::<u8>(),
    ) {
        let from = usize::try_from((i64::try_from(to).unwrap() - distance).max(0)).unwrap();
        let storage = storage();
        let mut model: Vec<u8> =
            (0..2 * HALF).map(|n| (n * 7 + (n >> 8)).to_le_bytes()[0] ^ seed).collect();
        storage.view().write(absolute(0), &model).unwrap();
        storage.view().copy(absolute(to), absolute(from), len as u64).unwrap();
        for i in 0..len {
            model[to + i] = model[from + i];
        }
        // What lies in one slot goes byte by byte; what does not, too, unless
        // its parts overlap.
        prop_assert!(whole(&storage) == model);
    }

    #[test]
    fn fills_and_finds(
        at in place(),
        len in length(),
        byte in 1..=255_u8,
        start in place(),
        looked_at in length(),
    ) {
        let storage = storage();
        let mut model = vec![0; usize::try_from(2 * HALF).unwrap()];
        model[at..at + len].fill(byte);
        let view = storage.view();
        view.fill(absolute(at), len as u64, byte).unwrap();
        drop(view);
        prop_assert!(whole(&storage) == model);
        let view = storage.view();
        let place = model[start..start + looked_at].iter().position(|b| *b == byte);
        let found = view.find_byte(absolute(start), looked_at as u64, byte);
        prop_assert_eq!(found, Ok(place.map(|place| place as u64)));
        let common = model[at..at + looked_at]
            .iter()
            .zip(&model[start..])
            .take_while(|(a, b)| a == b)
            .count();
        let equal = view.equal_bytes(absolute(at), absolute(start), looked_at as u64);
        prop_assert_eq!(equal, Ok(common as u64));
    }
}

#[test]
fn storage_that_is_not_there_is_told() {
    let storage = storage();
    let view = storage.view();
    let end = 2 * SEGMENT;
    assert_eq!(view.fill(end - 8, 9, 1), Err(AccessError::Addressing));
    assert_eq!(view.find_byte(end - 8, 100, 1), Ok(Some(0)), "filled before");
    assert_eq!(view.find_byte(end - 8, 9, 7), Err(AccessError::Addressing));
    assert_eq!(view.equal_bytes(end - 8, 0, 8), Ok(0));
    assert_eq!(view.copy(end - 8, 0, 9), Err(AccessError::Addressing));
    assert_eq!(view.copy(0, end - 8, 9), Err(AccessError::Addressing));
}

#[test]
fn bulk_stores_show_in_the_dirty_log() {
    let storage = storage();
    storage.view().fill(BOUNDARY - 1, 2, 9).unwrap();
    let last = usize::try_from(SEGMENT / 0x1000 - 1).unwrap();
    let bits = |words: &[u64]| -> Vec<usize> {
        (0..words.len() * 64).filter(|n| words[n / 64] >> (n % 64) & 1 != 0).collect()
    };
    assert_eq!(bits(&storage.dirty_log(0).unwrap()), [last]);
    assert_eq!(bits(&storage.dirty_log(1).unwrap()), [0]);
    storage.view().copy(BOUNDARY - 0x2000, 0, 0x1001).unwrap();
    assert_eq!(bits(&storage.dirty_log(0).unwrap()), [last - 1, last]);
}
