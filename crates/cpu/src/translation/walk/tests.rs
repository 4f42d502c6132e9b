//! Tables made by hand, entry formats from the manual, chapter 3, "Region-
//! Table Entries", "Segment-Table Entries", "Page-Table Entries".

use super::*;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;

/// Where the tables are: region-first, -second, -third, segment, page.
const TABLES: [u64; 5] = [0x1_0000, 0x1_4000, 0x1_8000, 0x1_c000, 0x2_0000];
/// An address with a different index at every level, and a byte index.
const ADDRESS: u64 = 1 << 53 | 2 << 42 | 3 << 31 | 4 << 20 | 5 << 12 | 0x678;
const FRAME: u64 = 0x4_5000;

/// Designation types of an ASCE.
const REGION_FIRST: u64 = 0xc;
const REGION_SECOND: u64 = 0x8;
const REGION_THIRD: u64 = 0x4;
/// Length: four units of 512 entries.
const FULL: u64 = 3;

const ALL: Features = Features { edat1: true, edat2: true, execution_protection: true };
const NONE: Features = Features { edat1: false, edat2: false, execution_protection: false };

struct Tables {
    storage: Storage,
}

impl Tables {
    /// Valid tables of all levels for [`ADDRESS`].
    fn new() -> Self {
        let storage = Storage::new();
        let memory = Mapping::anonymous(1 << 20).expect("a mapping");
        storage.set_slot(0, 0, HostRange::of(&memory), false).expect("a slot");
        let tables = Self { storage };
        tables.put(0, TABLES[1] | REGION_FIRST | FULL);
        tables.put(1, TABLES[2] | REGION_SECOND | FULL);
        tables.put(2, TABLES[3] | REGION_THIRD | FULL);
        tables.put(3, TABLES[4]);
        tables.put(4, FRAME);
        tables
    }

    /// Replaces the entry that [`ADDRESS`] uses at a level.
    fn put(&self, level: usize, entry: u64) {
        let at = TABLES[level] + 8 * [1, 2, 3, 4, 5][level];
        self.storage.view().store_u64(at, entry).expect("storage");
    }

    fn walk(&self, features: Features, asce: u64, address: u64) -> Result<Translation, u16> {
        match walk(&self.storage.view(), features, Asce(asce), address) {
            Ok(translation) => Ok(translation),
            Err(TranslationFault::Program(code)) => Err(code.0),
            Err(TranslationFault::Host) => panic!("the host's fault"),
        }
    }

    /// With an ASCE for all levels.
    fn full(&self, features: Features) -> Result<Translation, u16> {
        self.walk(features, TABLES[0] | REGION_FIRST | FULL, ADDRESS)
    }
}

#[test]
fn every_designation_type_reaches_the_page() {
    let tables = Tables::new();
    for (asce, address) in [
        (TABLES[0] | REGION_FIRST | FULL, ADDRESS),
        (TABLES[1] | REGION_SECOND | FULL, ADDRESS & ((1 << 53) - 1)),
        (TABLES[2] | REGION_THIRD | FULL, ADDRESS & ((1 << 42) - 1)),
        (TABLES[3] | FULL, ADDRESS & ((1 << 31) - 1)),
    ] {
        for features in [ALL, NONE] {
            let page = Translation {
                frame: FRAME,
                is_absolute: false,
                size: 0x1000,
                is_protected: false,
                no_execute: false,
                is_common: false,
                key: None,
            };
            assert_eq!(tables.walk(features, asce, address), Ok(page));
        }
    }
}

#[test]
fn addresses_beyond_the_designated_table_are_asce_type_exceptions() {
    let tables = Tables::new();
    for (asce, bit) in [
        (TABLES[1] | REGION_SECOND | FULL, 53),
        (TABLES[2] | REGION_THIRD | FULL, 42),
        (TABLES[3] | FULL, 31),
    ] {
        for bit in bit..64 {
            assert_eq!(tables.walk(ALL, asce, 1 << bit), Err(0x38));
        }
        assert_ne!(tables.walk(ALL, asce, 1 << (bit - 1)), Err(0x38));
    }
}

/// The length in the ASCE bounds the leftmost two bits of the index.
#[test]
fn the_designated_table_has_a_length() {
    let tables = Tables::new();
    for (asce, shift, code) in [
        (TABLES[0] | REGION_FIRST, 53, 0x39),
        (TABLES[1] | REGION_SECOND, 42, 0x3a),
        (TABLES[2] | REGION_THIRD, 31, 0x3b),
        (TABLES[3], 20, 0x10),
    ] {
        for length in 0..4 {
            let reach = |index: u64| {
                // An entry of the right type, so that the walk goes on.
                let level = TABLES.iter().position(|t| *t == asce & !0xfff).expect("a level");
                let entry = [0xf, 0xb, 0x7, 0][level] | TABLES[level + 1];
                let view = tables.storage.view();
                view.store_u64(TABLES[level] + 8 * index, entry).expect("storage");
                tables.walk(ALL, asce | length, index << shift) != Err(code)
            };
            assert!(reach(512 * length + 511), "{code:x} {length}");
            if length < 3 {
                assert!(!reach(512 * (length + 1)), "{code:x} {length}");
            }
        }
    }
}

/// Offset and length in a region-table entry bound the index of the table
/// below; the exception is that table's.
#[test]
fn the_tables_below_have_an_offset_and_a_length() {
    for (level, code) in [(0, 0x3a), (1, 0x3b), (2, 0x10)] {
        let kind = [0xc, 8, 4][level];
        let shift = [42, 31, 20][level];
        for offset in 0..4u64 {
            for length in 0..4u64 {
                for block in 0..4u64 {
                    let tables = Tables::new();
                    tables.put(level, TABLES[level + 1] | kind | offset << 6 | length);
                    let address = ADDRESS & !(0x7ff << shift) | block << (shift + 9);
                    let below = [0xb, 0x7, 0][level] | TABLES[level + 2];
                    let at = TABLES[level + 1] + 8 * (block << 9);
                    tables.storage.view().store_u64(at, below).expect("storage");
                    let asce = TABLES[0] | REGION_FIRST | FULL;
                    let outside = block < offset || block > length;
                    assert_eq!(tables.walk(ALL, asce, address) == Err(code), outside);
                }
            }
        }
    }
}

#[test]
fn invalid_entries() {
    for (level, code) in [(0, 0x39), (1, 0x3a), (2, 0x3b), (3, 0x10)] {
        let tables = Tables::new();
        // Nothing else of an invalid entry is looked at.
        tables.put(level, !0);
        assert_eq!(tables.full(ALL), Err(code));
    }
    let tables = Tables::new();
    tables.put(4, FRAME | 0xc00);
    assert_eq!(tables.full(ALL), Err(0x11));
}

#[test]
fn entries_of_another_type_are_specification_exceptions() {
    for (level, own) in [(0, 0xc), (1, 8), (2, 4), (3, 0)] {
        for kind in [0, 4, 8, 0xc] {
            let tables = Tables::new();
            tables.put(level, TABLES[level + 1] | kind | FULL);
            assert_eq!(tables.full(ALL) == Err(0x12), kind != own);
        }
    }
    let tables = Tables::new();
    tables.put(4, FRAME | 0x800);
    assert_eq!(tables.full(ALL), Err(0x12));
}

#[test]
fn tables_that_are_not_there_are_addressing_exceptions() {
    const NOWHERE: u64 = 0x7000_0000;
    let tables = Tables::new();
    assert_eq!(tables.walk(ALL, NOWHERE, 0), Err(5));
    for (level, rest) in [(0, 0xf), (1, 0xb), (2, 7), (3, 0)] {
        let tables = Tables::new();
        tables.put(level, NOWHERE | rest);
        assert_eq!(tables.full(ALL), Err(5));
    }
}

#[test]
fn protection_of_any_level() {
    for (level, kind) in [(0, 0xf), (1, 0xb), (2, 7), (3, 0)] {
        let tables = Tables::new();
        tables.put(level, TABLES[level + 1] | kind | 0x200);
        let protected = |features| tables.full(features).map(|page| page.is_protected);
        assert_eq!(protected(ALL), Ok(true));
        // Regions are protected with the enhanced-DAT facility only.
        assert_eq!(protected(NONE), Ok(level == 3));
    }
    let tables = Tables::new();
    tables.put(4, FRAME | 0x200);
    assert_eq!(tables.full(NONE).map(|page| page.is_protected), Ok(true));
}

#[test]
fn frames_of_one_mebibyte() {
    const ENTRY: u64 = 0x1234_5670_0000;
    let tables = Tables::new();
    tables.put(3, ENTRY | FORMAT);
    let frame = Translation {
        frame: ENTRY | 0x5000,
        is_absolute: true,
        size: 0x10_0000,
        ..Translation::real(0)
    };
    assert_eq!(tables.full(ALL), Ok(frame));
    let only_first = Features { edat2: false, ..ALL };
    assert_eq!(tables.full(only_first), Ok(frame));
    // Without the facility, the entry designates a page table.
    assert_eq!(tables.full(NONE), Err(5));
    tables.put(3, ENTRY | FORMAT | 0x1_0000 | 0xa000 | 0x800 | 0x200 | 0x100 | 0x10);
    let frame = Translation {
        is_protected: true,
        no_execute: true,
        is_common: true,
        key: Some(StorageKey(0xa8)),
        ..frame
    };
    assert_eq!(tables.full(ALL), Ok(frame));
    // Protection of the region holds as well, and the key bits need validity.
    tables.put(3, ENTRY | FORMAT | 0xa000 | 0x800);
    tables.put(1, TABLES[2] | REGION_SECOND | FULL | 0x200);
    let page = tables.full(ALL).expect("a frame");
    assert_eq!((page.is_protected, page.key), (true, None));
}

#[test]
fn frames_of_two_gibibytes() {
    const ENTRY: u64 = 0x1234_8000_0000;
    let tables = Tables::new();
    tables.put(2, ENTRY | FORMAT | REGION_THIRD | 0x1_0000 | 0x3000 | 0x200 | 0x10);
    let frame = Translation {
        frame: ENTRY | 0x40_5000,
        is_absolute: true,
        size: 0x8000_0000,
        is_protected: true,
        no_execute: false,
        is_common: true,
        key: Some(StorageKey(0x30)),
    };
    assert_eq!(tables.full(ALL), Ok(frame));
    // Without the facility, the entry designates a segment table, whose
    // length is that of the entry.
    let only_first = Features { edat2: false, ..ALL };
    assert_eq!(tables.full(only_first), Err(5));
}

#[test]
fn common_segments_and_regions() {
    let asce = TABLES[0] | REGION_FIRST | FULL;
    let tables = Tables::new();
    tables.put(3, TABLES[4] | 0x10);
    assert_eq!(tables.walk(NONE, asce, ADDRESS).map(|page| page.is_common), Ok(true));
    assert_eq!(tables.walk(NONE, asce | Asce::PRIVATE, ADDRESS), Err(0x12));
    let tables = Tables::new();
    tables.put(2, TABLES[3] | REGION_THIRD | FULL | 0x10);
    assert_eq!(tables.walk(ALL, asce | Asce::PRIVATE, ADDRESS), Err(0x12));
    let only_first = Features { edat2: false, ..ALL };
    assert!(tables.walk(only_first, asce | Asce::PRIVATE, ADDRESS).is_ok());
}

#[test]
fn execution_protection() {
    let tables = Tables::new();
    tables.put(4, FRAME | 0x100);
    assert_eq!(tables.full(ALL).map(|page| page.no_execute), Ok(true));
    let without = Features { execution_protection: false, ..ALL };
    assert_eq!(tables.full(without).map(|page| page.no_execute), Ok(false));
}

#[test]
fn real_space() {
    let tables = Tables::new();
    for address in [0, ADDRESS, !0] {
        let page = Translation::real(address);
        assert_eq!(page.frame, address & !0xfff);
        assert_eq!(tables.walk(ALL, !0, address), Ok(page));
    }
}

#[test]
fn features_need_bit_and_facility() {
    use lowcore_arch::{Facility, FacilityList};
    let list = FacilityList::default();
    let first = list.with(Facility(8));
    let both = first.with(Facility(78));
    let execution = list.with(Facility(130));
    assert_eq!(Features::new(!0, &list), NONE);
    assert_eq!(Features::new(0, &both.with(Facility(130))), NONE);
    assert_eq!(Features::new(0x80_0000, &first), Features { edat1: true, ..NONE });
    assert_eq!(Features::new(!0, &both), Features { execution_protection: false, ..ALL });
    let only = Features { execution_protection: true, ..NONE };
    assert_eq!(Features::new(0x10_0000, &execution), only);
}
