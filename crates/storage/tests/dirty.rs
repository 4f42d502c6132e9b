//! Every way to store marks exactly the pages that it touches.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicBool, Ordering};

use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::{Storage, View};

const MIB: u64 = 1 << 20;

/// Two slots side by side, both logged.
fn storage() -> Storage {
    let storage = Storage::new();
    for slot in [0, 1] {
        let memory = Mapping::anonymous(1 << 20).unwrap();
        storage.set_slot(slot, u64::from(slot) * MIB, HostRange::of(&memory), true).unwrap();
    }
    storage
}

/// The dirty pages of both slots.
fn pages(storage: &Storage) -> Vec<u64> {
    let mut pages = vec![];
    for slot in [0, 1] {
        let log = storage.dirty_log(slot).unwrap();
        assert_eq!(log.len(), 4);
        for page in 0..256 {
            if log[usize::try_from(page / 64).unwrap()] >> (page % 64) & 1 == 1 {
                pages.push(u64::from(slot) * 256 + page);
            }
        }
    }
    pages
}

#[test]
fn every_store_marks_its_pages() {
    type Store = fn(&View<'_>, u64);
    let stores: [(u64, Store); 8] = [
        (1, |v, a| v.store_u8(a, 1).unwrap()),
        (2, |v, a| v.store_u16(a, 1).unwrap()),
        (4, |v, a| v.store_u32(a, 1).unwrap()),
        (8, |v, a| v.store_u64(a, 1).unwrap()),
        (16, |v, a| v.store_u128(a, 1).unwrap()),
        (1, |v, a| v.write(a, &[1]).unwrap()),
        (256, |v, a| v.write(a, &[1; 256]).unwrap()),
        (0x2001, |v, a| v.write(a, &[1; 0x2001]).unwrap()),
    ];
    let storage = storage();
    for (len, store) in stores {
        for page_end in [0x3000, 0x4_0000, 0x8_0000, MIB] {
            for address in [page_end - 1, page_end - len / 2, page_end - len, page_end] {
                store(&storage.view(), address);
                let expected: Vec<u64> = (address >> 12..=(address + len - 1) >> 12).collect();
                assert_eq!(pages(&storage), expected, "{len} bytes at {address:#x}");
                assert_eq!(pages(&storage), [], "taken is taken");
            }
        }
    }
}

#[test]
fn an_exchange_marks_if_it_stores() {
    let storage = storage();
    let view = storage.view();
    assert_eq!(view.compare_exchange_u8(0x1003, 1, 2).unwrap(), Err(0));
    assert_eq!(view.compare_exchange_u16(0x1002, 1, 2).unwrap(), Err(0));
    assert_eq!(view.compare_exchange_u32(0x1004, 1, 2).unwrap(), Err(0));
    assert_eq!(view.compare_exchange_u64(0x1008, 1, 2).unwrap(), Err(0));
    assert_eq!(view.compare_exchange_u128(0x1010, 1, 2).unwrap(), Err(0));
    assert_eq!(pages(&storage), []);
    view.compare_exchange_u8(0x1003, 0, 2).unwrap().unwrap();
    assert_eq!(pages(&storage), [1]);
    view.compare_exchange_u16(0x2002, 0, 2).unwrap().unwrap();
    assert_eq!(pages(&storage), [2]);
    view.compare_exchange_u32(0x3004, 0, 2).unwrap().unwrap();
    assert_eq!(pages(&storage), [3]);
    view.compare_exchange_u64(0x4008, 0, 2).unwrap().unwrap();
    assert_eq!(pages(&storage), [4]);
    view.compare_exchange_u128(0x5010, 0, 2).unwrap().unwrap();
    assert_eq!(pages(&storage), [5]);
}

#[test]
fn loads_and_refused_stores_mark_nothing() {
    let storage = storage();
    let view = storage.view();
    view.load_u128(0x1000).unwrap();
    view.read(0, &mut vec![0; 0x20_0000]).unwrap();
    view.write(2 * MIB, &[]).unwrap();
    view.write(0x1000, &[]).unwrap();
    assert!(view.write(2 * MIB - 1, &[0; 2]).is_err());
    assert!(view.store_u64(2 * MIB - 4, 0).is_err());
    assert_eq!(pages(&storage), []);
}

#[test]
fn a_log_that_could_not_be_copied_is_kept() {
    let storage = storage();
    storage.view().store_u8(0x4_1000, 1).unwrap();
    let failed = storage.dirty_log_with(0, |words| {
        assert_eq!(words, [0, 2, 0, 0]);
        Err::<(), _>("bad pointer")
    });
    assert_eq!(failed, Ok(Err("bad pointer")));
    storage.view().store_u8(0, 1).unwrap();
    assert_eq!(
        storage.dirty_log_with(0, |words| Ok::<_, ()>(words.to_vec())),
        Ok(Ok(vec![1, 2, 0, 0]))
    );
    assert_eq!(pages(&storage), []);
}

/// Migration's promise: who copies the pages that a log names, each time it
/// is taken, has everything in the end. Each page is stored to only once a
/// round, so that nothing that is missed is made good by a later store.
#[test]
fn no_store_escapes_a_concurrent_log() {
    const PAGES: u64 = 256;
    let storage = storage();
    let view = storage.view();
    let mut copy = [0; 256];
    for round in 1..=300 {
        let copy_dirty = |copy: &mut [u64; 256]| {
            for page in pages(&storage) {
                copy[usize::try_from(page).unwrap()] = view.load_u64(page << 12).unwrap();
            }
        };
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let view = storage.view();
                for page in 0..PAGES {
                    view.store_u64(page << 12, round).unwrap();
                }
                done.store(true, Ordering::Release);
            });
            while !done.load(Ordering::Acquire) {
                copy_dirty(&mut copy);
            }
        });
        copy_dirty(&mut copy);
        assert_eq!(copy, [round; 256]);
    }
}
