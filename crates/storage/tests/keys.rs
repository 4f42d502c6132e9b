//! Storage keys: recording of references and changes, and updates by several
//! CPUs at once (manual, chapter 3, "Storage Key").
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lowcore_arch::StorageKey;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;

const MIB: u64 = 1 << 20;

fn storage() -> Storage {
    let storage = Storage::new();
    let memory = Mapping::anonymous(1 << 20).unwrap();
    storage.set_slot(0, MIB, HostRange::of(&memory), false).unwrap();
    storage
}

#[test]
fn references_and_changes_are_recorded_of_their_page_alone() {
    let storage = storage();
    let view = storage.view();
    view.set_key(MIB + 0x3000, StorageKey(0xa8)).unwrap();
    view.reference(MIB + 0x3fff);
    assert_eq!(view.key(MIB + 0x3000), Some(StorageKey(0xac)));
    // A store is a reference too.
    view.change(MIB + 0x4000);
    assert_eq!(view.key(MIB + 0x4fff), Some(StorageKey(0x06)));
    view.change(MIB + 0x3000);
    assert_eq!(view.key(MIB + 0x3000), Some(StorageKey(0xae)));
    for page in [0, 1, 2, 5, 255] {
        assert_eq!(view.key(MIB + page * 0x1000), Some(StorageKey(0)), "{page}");
    }
    // Where there is no storage, there is nothing to record.
    view.reference(0);
    view.change(2 * MIB);
    assert_eq!(view.update_key(2 * MIB, |key| key), None);
}

#[test]
fn every_store_is_recorded() {
    const BOTH: StorageKey = StorageKey(StorageKey::REFERENCE | StorageKey::CHANGE);
    let storage = storage();
    let view = storage.view();
    view.store_u8(MIB + 0xfff, 1).unwrap();
    view.store_u64(MIB + 0x2ffc, 1).unwrap();
    view.write(MIB + 0x5fff, &[1; 0x1002]).unwrap();
    view.compare_exchange_u32(MIB + 0x9000, 0, 5).unwrap().unwrap();
    view.compare_exchange_u32(MIB + 0xa000, 1, 5).unwrap().unwrap_err();
    let mut bytes = [0; 0x10];
    view.read(MIB + 0xb000, &mut bytes).unwrap();
    let of = |page: u64| view.key(MIB + page * 0x1000).unwrap();
    for page in [0, 2, 3, 5, 6, 7, 9] {
        assert_eq!(of(page), BOTH, "page {page}");
    }
    for page in [1, 4, 8, 0xa, 0xb] {
        assert_eq!(of(page), StorageKey(0), "page {page}");
    }
}

#[test]
fn an_update_sees_the_key_and_gives_the_old_one() {
    let storage = storage();
    let view = storage.view();
    view.set_key(MIB, StorageKey(0x36)).unwrap();
    let old = view.update_key(MIB + 0xabc, |key| StorageKey(key.0 ^ 0xf4));
    assert_eq!(old, Some(StorageKey(0x36)));
    assert_eq!(view.key(MIB), Some(StorageKey(0xc2)));
}

#[test]
fn no_recorded_bit_is_lost_to_an_update() {
    const ROUNDS: u32 = 20_000;
    let storage = storage();
    // One CPU resets the reference bit; the others keep storing. Once each
    // has stopped, the bits that came after the last reset are there; and the
    // change bit, which nobody takes away, never vanishes.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let view = storage.view();
            for round in 0..ROUNDS {
                let access = StorageKey((round & 15) as u8 * 16);
                let old = view
                    .update_key(MIB, |key| StorageKey(key.0 & StorageKey::CHANGE | access.0))
                    .unwrap();
                if old.0 & StorageKey::REFERENCE != 0 {
                    assert_ne!(old.0 & StorageKey::CHANGE, 0, "a store sets both bits at once");
                }
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let view = storage.view();
                for _ in 0..ROUNDS {
                    view.change(MIB);
                    let key = view.key(MIB).unwrap();
                    assert_ne!(key.0 & StorageKey::CHANGE, 0, "nobody resets it");
                }
            });
        }
    });
}

#[test]
fn use_of_keys_is_noted() {
    let storage = storage();
    // Recording alone is no use: Linux tells a client of keys only after the
    // guest or the client named one.
    storage.view().change(MIB);
    assert!(!storage.keys_used());
    storage.view().use_keys();
    assert!(storage.keys_used());
}
