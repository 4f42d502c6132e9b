//! Storage under several CPUs, and under a client that takes it away.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lowcore_host::Fault;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::{AccessError, Storage};

const MIB: u64 = 1 << 20;

fn storage(slots: u16) -> Storage {
    let storage = Storage::new();
    for slot in 0..slots {
        let memory = Mapping::anonymous(1 << 20).unwrap();
        storage.set_slot(slot, u64::from(slot) * MIB, HostRange::of(&memory), false).unwrap();
    }
    storage
}

#[test]
fn exchanges_of_many_cpus_add_up() {
    const ROUNDS: u32 = 20_000;
    let storage = storage(1);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let view = storage.view();
                for _ in 0..ROUNDS {
                    let mut old = view.load_u32(0x100).unwrap();
                    while let Err(found) = view.compare_exchange_u32(0x100, old, old + 1).unwrap() {
                        old = found;
                    }
                    let mut old = view.load_u128(0x200).unwrap();
                    while let Err(found) =
                        view.compare_exchange_u128(0x200, old, old + (1 << 100) + 1).unwrap()
                    {
                        old = found;
                    }
                }
            });
        }
    });
    let total = u128::from(3 * ROUNDS);
    assert_eq!(storage.view().load_u32(0x100), Ok(3 * ROUNDS));
    assert_eq!(storage.view().load_u128(0x200), Ok(total << 100 | total));
}

#[test]
fn aligned_integers_are_seen_whole() {
    let storage = storage(1);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let view = storage.view();
            let mut byte = 0u8;
            while !stop.load(Ordering::Relaxed) {
                byte = byte.wrapping_add(1);
                view.store_u128(0x10, u128::from_be_bytes([byte; 16])).unwrap();
                view.store_u64(0x28, u64::from_be_bytes([byte; 8])).unwrap();
            }
        });
        let view = storage.view();
        for _ in 0..50_000 {
            let bytes = view.load_u128(0x10).unwrap().to_be_bytes();
            assert_eq!(bytes, [bytes[0]; 16]);
            let bytes = view.load_u64(0x28).unwrap().to_be_bytes();
            assert_eq!(bytes, [bytes[0]; 8]);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// What one CPU stores before a flag, another finds after it.
#[test]
fn stores_are_seen_in_order() {
    let storage = storage(2);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let view = storage.view();
            for round in 1..=20_000 {
                view.store_u64(0x1000, round).unwrap();
                view.store_u64(MIB + 0x2000, round).unwrap();
            }
        });
        let view = storage.view();
        loop {
            let second = view.load_u64(MIB + 0x2000).unwrap();
            let first = view.load_u64(0x1000).unwrap();
            assert!(first >= second);
            if second == 20_000 {
                break;
            }
        }
    });
}

#[test]
fn removal_waits_for_views_and_then_nobody_has_access() {
    let storage = storage(1);
    let removed = AtomicBool::new(false);
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        let view = storage.view();
        let other = scope.spawn(|| {
            tell.send(()).unwrap();
            storage.remove_slot(0).unwrap();
            removed.store(true, Ordering::SeqCst);
        });
        told.recv().unwrap();
        for round in 0..10_000 {
            view.store_u32(0, round).unwrap();
            // A second view of the same thread must not wait for the change
            // that waits for the first.
            assert_eq!(storage.view().load_u32(0), Ok(round));
            assert!(!removed.load(Ordering::SeqCst));
        }
        drop(view);
        other.join().unwrap();
    });
    assert_eq!(storage.view().load_u32(0), Err(AccessError::Addressing));
}

/// CPUs that renew their views all the time do not keep a change out: new
/// views wait for a change that waits.
#[test]
fn changes_get_through() {
    let storage = storage(1);
    let stop = AtomicBool::new(false);
    let renewals = AtomicU64::new(0);
    let deadline = Instant::now() + Duration::from_secs(30);
    std::thread::scope(|scope| {
        let view = storage.view();
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) && Instant::now() < deadline {
                storage.view().load_u32(0).unwrap();
                renewals.fetch_add(1, Ordering::Relaxed);
            }
        });
        let change = scope.spawn(|| storage.set_limit(1 << 40));
        // The other's views come to a halt behind the change.
        let mut before = u64::MAX;
        while renewals.load(Ordering::Relaxed) != before {
            before = renewals.load(Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(50));
        }
        let halted = Instant::now() < deadline;
        stop.store(true, Ordering::Relaxed);
        drop(view);
        change.join().unwrap();
        assert!(halted, "views were renewed for ever");
    });
}

/// Protected memory, for every kind of access.
#[test]
fn memory_that_the_client_protected() {
    let mapping = Mapping::anonymous(2 << 20).unwrap();
    let range = HostRange::of(&mapping);
    let second = range.base() + MIB;
    cannot_be_accessed(&range, || {
        // SAFETY: the memory belongs to the mapping of the test, and no Rust
        // object lies in it.
        unsafe { libc::mprotect(second as *mut libc::c_void, 1 << 20, libc::PROT_NONE) }
    });
}

/// A file behind the memory that has become too short.
#[test]
fn memory_that_the_client_truncated() {
    // SAFETY: the name is valid; the descriptor and the new mapping are the
    // test's, and no Rust object lies in it.
    unsafe {
        let fd = libc::memfd_create(c"guest".as_ptr(), 0);
        libc::ftruncate(fd, 2 << 20);
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let none = std::ptr::null_mut();
        let base = libc::mmap(none, 2 << 20, protection, libc::MAP_SHARED, fd, 0);
        assert_ne!(base, libc::MAP_FAILED);
        cannot_be_accessed(&HostRange::new(base as u64, 2 << 20), || libc::ftruncate(fd, 1 << 20));
        libc::munmap(base, 2 << 20);
        libc::close(fd);
    }
}

/// Makes two slots of 1 MiB, lets the client take the second half of `range`
/// back, and tries everything.
fn cannot_be_accessed(range: &HostRange, take_back: impl FnOnce() -> i32) {
    let storage = Storage::new();
    storage.set_slot(0, 0, range.slice(0, 1 << 20).unwrap(), true).unwrap();
    storage.set_slot(1, MIB, range.slice(1 << 20, 1 << 20).unwrap(), true).unwrap();
    assert_eq!(take_back(), 0);

    let view = storage.view();
    let fault = AccessError::Host(Fault);
    for at in [MIB, MIB + 0x108, 2 * MIB - 16] {
        assert_eq!(view.load_u8(at), Err(fault));
        assert_eq!(view.load_u16(at), Err(fault));
        assert_eq!(view.load_u32(at), Err(fault));
        assert_eq!(view.load_u64(at), Err(fault));
        assert_eq!(view.load_u128(at), Err(fault));
        assert_eq!(view.store_u8(at, 0), Err(fault));
        assert_eq!(view.store_u16(at, 0), Err(fault));
        assert_eq!(view.store_u32(at, 0), Err(fault));
        assert_eq!(view.store_u64(at, 0), Err(fault));
        assert_eq!(view.store_u128(at, 0), Err(fault));
        assert_eq!(view.compare_exchange_u8(at, 0, 0), Err(fault));
        assert_eq!(view.compare_exchange_u16(at, 0, 0), Err(fault));
        assert_eq!(view.compare_exchange_u32(at, 0, 0), Err(fault));
        assert_eq!(view.compare_exchange_u64(at, 0, 0), Err(fault));
        assert_eq!(view.compare_exchange_u128(at & !15, 0, 0), Err(fault));
        assert_eq!(view.read(at, &mut [0; 16]), Err(fault));
        assert_eq!(view.write(at, &[0; 16]), Err(fault));
    }
    // Across the boundary, with the first half still good.
    assert_eq!(view.load_u64(MIB - 4), Err(fault));
    assert_eq!(view.store_u64(MIB - 4, 0), Err(fault));
    assert_eq!(view.write(MIB - 4, &[1; 8]), Err(fault));
    assert_eq!(view.load_u32(MIB - 8), Ok(0), "the slot before is as it was");
    assert!(view.contains(MIB, MIB), "it still exists in the guest");
    // Outside of storage comes first, and nothing is written.
    assert_eq!(view.write(2 * MIB - 4, &[1; 8]), Err(AccessError::Addressing));
    assert_eq!(view.compare_exchange_u32(2, 0, 0), Err(fault), "not aligned");
}
