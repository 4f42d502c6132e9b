//! Access lists made by hand (manual, chapter 5, "Access-Register-Translation
//! Tables").

use super::*;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;

const DUCT: u64 = 0x1_0000;
const PRIMARY: u64 = 0x1_1000;
const DISPATCHABLE_LIST: u64 = 0x1_2000;
const PRIMARY_LIST: u64 = 0x1_3000;
const ASTE: u64 = 0x1_4040;
const AUTHORITY: u64 = 0x1_5004;
const ASCE: u64 = 0x1234_5000;
/// The sequence number 0x5a, the entry's number 9.
const ALET: u32 = 0x005a_0009;
const VALID_ENTRY: u64 = 0x005a << 48 | 0x0007 << 32;
const VALID_BEHIND: u64 = ASTE << 32 | 0xabcd_ef01;
/// Authority table with 32 indexes.
const VALID_HEAD: u64 = AUTHORITY << 32 | 0x10;

struct Lists {
    storage: Storage,
    regs: Registers,
}

impl Lists {
    fn new() -> Self {
        let storage = Storage::new();
        let memory = Mapping::anonymous(1 << 20).expect("a mapping");
        storage.set_slot(0, 0, HostRange::of(&memory), false).expect("a slot");
        let mut regs = Registers::default();
        regs.cr[1] = 0x1000;
        regs.cr[2] = DUCT | 0xffff_ffff_8000_003f;
        regs.cr[5] = PRIMARY | 0xffff_ffff_8000_003f;
        regs.cr[7] = 0x7000;
        let lists = Self { storage, regs };
        // Two units of eight entries in the one, one in the other.
        lists.put_word(DUCT + 16, 0x8000_0000 | 0x1_2000 | 1);
        lists.put_word(PRIMARY + 16, 0x1_3000);
        lists.entry(VALID_ENTRY, VALID_BEHIND);
        lists.put(ASTE, VALID_HEAD);
        lists.put(ASTE + 8, ASCE);
        lists.put(ASTE + 16, 0xabcd_ef01);
        lists
    }

    fn put(&self, at: u64, value: u64) {
        self.storage.view().store_u64(at, value).expect("storage");
    }

    fn put_word(&self, at: u64, value: u32) {
        self.storage.view().store_u32(at, value).expect("storage");
    }

    fn entry(&self, first: u64, second: u64) {
        self.put(DISPATCHABLE_LIST + 16 * 9, first);
        self.put(DISPATCHABLE_LIST + 16 * 9 + 8, second);
    }

    fn space(&self, alet: u32) -> Result<NamedSpace, u16> {
        match space_of(&self.storage.view(), &self.regs, alet) {
            Ok(space) => Ok(space),
            Err(TranslationFault::Program(code)) => Err(code.0),
            Err(TranslationFault::Host) => panic!("the host's fault"),
        }
    }
}

#[test]
fn tokens_zero_and_one_are_primary_and_secondary() {
    let lists = Lists::new();
    assert_eq!(lists.space(0).map(|space| space.asce), Ok(Asce(0x1000)));
    assert_eq!(lists.space(1).map(|space| space.asce), Ok(Asce(0x7000)));
}

#[test]
fn an_entry_of_each_list() {
    let lists = Lists::new();
    let named = NamedSpace { asce: Asce(ASCE), is_fetch_only: false, aste: Some(ASTE) };
    assert_eq!(lists.space(ALET), Ok(named));
    lists.put(PRIMARY_LIST + 16 * 7, VALID_ENTRY | 1 << 57);
    lists.put(PRIMARY_LIST + 16 * 7 + 8, VALID_BEHIND);
    let fetch_only = NamedSpace { is_fetch_only: true, ..named };
    assert_eq!(lists.space(0x015a_0007), Ok(fetch_only));
}

#[test]
fn exceptions_in_their_order() {
    let lists = Lists::new();
    for bit in 25..32 {
        assert_eq!(lists.space(ALET | 1 << bit), Err(0x28));
    }
    // Behind the end of the list.
    assert_eq!(lists.space(0x005a_0010), Err(0x29));
    assert_eq!(lists.space(0x015a_0008), Err(0x29));
    lists.entry(VALID_ENTRY | 1 << 63, VALID_BEHIND);
    assert_eq!(lists.space(ALET ^ 0x1_0000), Err(0x29));
    lists.entry(VALID_ENTRY, VALID_BEHIND);
    lists.put(ASTE, VALID_HEAD | 1 << 63);
    assert_eq!(lists.space(ALET ^ 0x1_0000), Err(0x2a));
    lists.entry(VALID_ENTRY, VALID_BEHIND ^ 1);
    assert_eq!(lists.space(ALET), Err(0x2b));
    lists.put(ASTE, VALID_HEAD);
    assert_eq!(lists.space(ALET), Err(0x2c));
    lists.entry(VALID_ENTRY, 0x7000_0000 << 32);
    assert_eq!(lists.space(ALET), Err(5));
    lists.put_word(DUCT + 16, 0x7000_0001);
    assert_eq!(lists.space(ALET), Err(5));
}

#[test]
fn private_entries_need_the_index_or_secondary_authority() {
    let mut lists = Lists::new();
    lists.entry(VALID_ENTRY | 1 << 56, VALID_BEHIND);
    lists.regs.cr[8] = 7 << 16;
    assert!(lists.space(ALET).is_ok(), "the index of the entry");
    for index in [6u16, 12, 31, 32] {
        lists.regs.cr[8] = u64::from(index) << 16;
        for bits in 0..4u8 {
            let view = lists.storage.view();
            let shift = 6 - 2 * (index & 3);
            view.store_u8(AUTHORITY + u64::from(index / 4), bits << shift).expect("storage");
            let expected = if bits & 1 != 0 && index < 32 { Ok(Asce(ASCE)) } else { Err(0x2d) };
            assert_eq!(lists.space(ALET).map(|space| space.asce), expected, "{index} {bits}");
        }
    }
}
