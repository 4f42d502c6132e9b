//! The rules for changing slots, each with the kernel's error.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lowcore_arch::StorageKey;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::{AccessError, Error, SLOTS, Storage};

const MIB: u64 = 1 << 20;

fn memory(mib: usize) -> HostRange {
    HostRange::of(&Mapping::anonymous(mib << 20).unwrap())
}

#[test]
fn storage_exists_in_slots_only() {
    let storage = Storage::new();
    assert_eq!(storage.view().load_u8(0), Err(AccessError::Addressing));
    storage.set_slot(3, 2 * MIB, memory(1), false).unwrap();
    let view = storage.view();
    assert_eq!(view.load_u8(2 * MIB - 1), Err(AccessError::Addressing));
    assert_eq!(view.load_u8(2 * MIB), Ok(0));
    assert_eq!(view.load_u8(3 * MIB - 1), Ok(0));
    assert_eq!(view.load_u8(3 * MIB), Err(AccessError::Addressing));
    assert_eq!(view.load_u8(u64::MAX), Err(AccessError::Addressing));
}

#[test]
fn a_refusal_changes_nothing() {
    let storage = Storage::new();
    let first = memory(2);
    storage.set_slot(0, 0, first.clone(), true).unwrap();
    storage.set_slot(1, 4 * MIB, memory(1), false).unwrap();
    storage.view().store_u32(0x1000, 0x0102_0304).unwrap();

    let part = |offset, len| memory(2).slice(offset, len).unwrap();
    let refusals = [
        // A slot number beyond the last.
        (SLOTS, 8 * MIB, memory(1), Error::SlotNumber),
        // Addresses and sizes in parts of a page.
        (2, 8 * MIB + 1, memory(1), Error::Misaligned),
        (2, 8 * MIB, part(0, 0x10_0800), Error::Misaligned),
        (2, 8 * MIB, part(0x800, 0x10_0000), Error::Misaligned),
        // The end of the guest's address space.
        (2, 0u64.wrapping_sub(MIB), memory(1), Error::GuestAddress),
        (2, 0u64.wrapping_sub(0x1000), memory(1), Error::GuestAddress),
        // Another size or another memory.
        (0, 0, memory(2), Error::Immutable),
        (0, 0, first.slice(0, 1 << 20).unwrap(), Error::Immutable),
        // New and moved, overlapping the other's begin, end and middle.
        (2, 0, memory(1), Error::Overlap),
        (2, MIB, memory(1), Error::Overlap),
        (2, MIB, memory(4), Error::Overlap),
        (2, 3 * MIB, memory(2), Error::Overlap),
        (0, 3 * MIB, first.clone(), Error::Overlap),
        (0, 4 * MIB, first.clone(), Error::Overlap),
        // An overlap is found before a wrong size.
        (2, 0, part(0, 0x1000), Error::Overlap),
        (2, 8 * MIB, part(0, 0x1000), Error::BadSize),
        (2, 8 * MIB, part(0, 0x18_0000), Error::BadSize),
    ];
    for (slot, guest, range, error) in refusals {
        assert_eq!(storage.set_slot(slot, guest, range, false), Err(error), "{slot} {guest:#x}");
    }
    assert_eq!(storage.remove_slot(2), Err(Error::NoSuchSlot));
    assert_eq!(storage.remove_slot(SLOTS), Err(Error::SlotNumber));
    assert_eq!(storage.dirty_log(1), Err(Error::NoDirtyLog));
    assert_eq!(storage.dirty_log(2), Err(Error::NoDirtyLog));
    assert_eq!(storage.dirty_log(SLOTS), Err(Error::SlotNumber));

    let view = storage.view();
    assert_eq!(view.load_u32(0x1000), Ok(0x0102_0304));
    assert!(view.contains(0, 2 * MIB) && !view.contains(0, 2 * MIB + 1));
    assert!(view.contains(4 * MIB, MIB) && !view.contains(8 * MIB, 1));
    drop(view);
    let log = storage.dirty_log(0).unwrap();
    assert_eq!(log, [0b10, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn host_addresses_outside_of_user_space() {
    assert_eq!(Storage::check_region(0, 0, 0x7fff_ffff_f000, MIB), Err(Error::HostAddress));
    assert_eq!(Storage::check_region(0, 0, 0u64.wrapping_sub(MIB), MIB), Err(Error::HostAddress));
    assert_eq!(
        Storage::check_region(0, 0, 0u64.wrapping_sub(MIB), 2 * MIB),
        Err(Error::HostAddress)
    );
    assert_eq!(Storage::check_region(0, 0, 0x7fff_ffef_f000, MIB), Ok(()));
    // 2^31 pages are one too many.
    assert_eq!(Storage::check_region(0, 0, 0x1000, 1 << 43), Err(Error::GuestAddress));
}

#[test]
fn the_host_address_need_not_be_a_multiple_of_1_mib() {
    let storage = Storage::new();
    let range = memory(2).slice(0x3000, 1 << 20).unwrap();
    storage.set_slot(0, 0, range, false).unwrap();
    assert!(storage.view().contains(0, MIB));
}

#[test]
fn a_limit_is_for_slots_to_come() {
    let storage = Storage::new();
    assert_eq!(storage.limit(), u64::MAX);
    storage.set_slot(0, 8 * MIB, memory(1), false).unwrap();
    storage.set_limit(4 * MIB);
    assert_eq!(storage.limit(), 4 * MIB);
    assert_eq!(storage.set_slot(1, 4 * MIB, memory(1), false), Err(Error::Limit));
    assert_eq!(storage.set_slot(1, 3 * MIB, memory(2), false), Err(Error::Limit));
    storage.set_slot(1, 3 * MIB, memory(1), false).unwrap();
    assert!(storage.view().contains(8 * MIB, MIB));
}

#[test]
fn a_moved_slot_keeps_its_bytes_keys_and_log() {
    let storage = Storage::new();
    let range = memory(1);
    storage.set_slot(5, 0, range.clone(), true).unwrap();
    storage.view().store_u8(0x7000, 9).unwrap();
    storage.set_key(0x7fff, StorageKey(0x36)).unwrap();
    storage.set_slot(5, 16 * MIB, range, true).unwrap();
    assert_eq!(storage.view().load_u8(0x7000), Err(AccessError::Addressing));
    assert_eq!(storage.view().load_u8(16 * MIB + 0x7000), Ok(9));
    assert_eq!(storage.key(16 * MIB + 0x7000), Some(StorageKey(0x36)));
    assert_eq!(storage.key(0x7000), None);
    assert_eq!(storage.dirty_log(5).unwrap(), [0x80, 0, 0, 0]);
}

#[test]
fn a_slot_may_move_over_its_own_place() {
    let storage = Storage::new();
    let range = memory(4);
    storage.set_slot(0, 0, range.clone(), false).unwrap();
    storage.set_slot(0, MIB, range, false).unwrap();
    assert!(!storage.view().contains(0, 1));
    assert!(storage.view().contains(MIB, 4 * MIB));
}

#[test]
fn logging_is_switched_on_and_off() {
    let storage = Storage::new();
    let range = memory(1);
    storage.set_slot(0, 0, range.clone(), false).unwrap();
    storage.view().store_u8(0, 1).unwrap();
    assert_eq!(storage.dirty_log(0), Err(Error::NoDirtyLog));
    storage.set_slot(0, 0, range.clone(), true).unwrap();
    assert_eq!(storage.dirty_log(0).unwrap(), [0; 4]);
    storage.view().store_u8(0x3f_000, 1).unwrap();
    // Saying the same again loses nothing.
    storage.set_slot(0, 0, range.clone(), true).unwrap();
    assert_eq!(storage.dirty_log(0).unwrap(), [1 << 63, 0, 0, 0]);
    storage.view().store_u8(0x40_000, 1).unwrap();
    storage.set_slot(0, 0, range.clone(), false).unwrap();
    storage.set_slot(0, 0, range, true).unwrap();
    assert_eq!(storage.dirty_log(0).unwrap(), [0; 4]);
}

#[test]
fn keys_are_zero_at_start_and_one_a_page() {
    let storage = Storage::new();
    storage.set_slot(0, MIB, memory(1), false).unwrap();
    assert_eq!(storage.key(MIB), Some(StorageKey(0)));
    assert_eq!(storage.set_key(MIB + 0x1fff, StorageKey(0xf8)), Some(StorageKey(0)));
    assert_eq!(storage.key(MIB + 0x1000), Some(StorageKey(0xf8)));
    assert_eq!(storage.key(MIB + 0xfff), Some(StorageKey(0)));
    assert_eq!(storage.key(MIB + 0x2000), Some(StorageKey(0)));
    assert_eq!(storage.set_key(MIB + 0x1000, StorageKey(2)), Some(StorageKey(0xf8)));
    assert_eq!(storage.set_key(0, StorageKey(2)), None);
    storage.remove_slot(0).unwrap();
    assert_eq!(storage.key(MIB), None);
}

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
fn the_largest_slot_takes_little_memory_until_it_is_used() {
    // 2^31 - 1 pages are allowed, so 8 TiB less 1 MiB is the largest size.
    const LARGEST: u64 = (8 << 40) - MIB;
    let storage = Storage::new();
    let before = resident();
    storage.set_slot(0, 0, memory((8 << 20) - 1), true).unwrap();
    let last = LARGEST - 1;
    storage.view().store_u8(last, 1).unwrap();
    assert_eq!(storage.set_key(last, StorageKey(0x10)), Some(StorageKey(6)));
    assert_eq!(storage.key(last), Some(StorageKey(0x10)));
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes");
}
