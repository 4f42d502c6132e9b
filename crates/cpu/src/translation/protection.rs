//! Protection, and how an exception shows which access it was (manual,
//! chapter 3, "Protection" and "Translation-Exception Identification").

use super::{AddressSpace, Asce};
use lowcore_arch::{ControlRegister, StorageKey};

/// Below this address, fetch-protection override applies.
const FETCH_OVERRIDE_LIMIT: u64 = 2048;
/// The access-control bits that storage-protection override opens.
const OVERRIDE_KEY: u8 = 9;

/// What is done at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An operand is fetched.
    Fetch,
    /// An operand is stored, or fetched and then stored.
    Store,
    /// An instruction is fetched.
    Instruction,
}

/// What forbids an access, as bits 56, 60 and 61 of the translation-exception
/// identification show it when the instruction was suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Low-address protection: bit 56.
    LowAddress,
    /// Key-controlled protection: bit 60.
    Key,
    /// Access-list-controlled protection: bits 60 and 61.
    AccessList,
    /// DAT protection: bit 61.
    Dat,
    /// Instruction-execution protection: bits 56 and 61.
    Execution,
}

impl Protection {
    /// The bits of the translation-exception identification.
    #[must_use]
    pub const fn bits(self) -> u64 {
        match self {
            Self::LowAddress => 0x80,
            Self::Key => 0x08,
            Self::AccessList => 0x0c,
            Self::Dat => 0x04,
            Self::Execution => 0x84,
        }
    }
}

/// The translation-exception identification: the address of the page, fetch
/// or store in bits 52 and 53, the space in bits 62 and 63.
#[must_use]
pub const fn identification(address: u64, purpose: Purpose, space: AddressSpace) -> u64 {
    const STORE: u64 = 0x400;
    const FETCH: u64 = 0x800;
    let kind = if matches!(purpose, Purpose::Store) { STORE } else { FETCH };
    address & !0xfff | kind | space.number()
}

/// Whether low-address protection forbids stores at a logical address: the
/// first 512 bytes of the first two pages, outside of private spaces. `asce`
/// is that of the space, if translation is on; for real addresses there is
/// none.
#[inline]
#[must_use]
pub const fn is_low_address_protected(cr0: u64, asce: Option<Asce>, address: u64) -> bool {
    if address & !0x11ff != 0 || cr0 & ControlRegister::CR0_LOW_ADDRESS_PROTECTION == 0 {
        return false;
    }
    match asce {
        Some(asce) => !asce.is_private(),
        None => true,
    }
}

/// Whether the access key `key` may access storage with `storage_key`, with
/// both overrides of control register 0.
#[must_use]
pub const fn key_permits(
    cr0: u64,
    asce: Option<Asce>,
    address: u64,
    purpose: Purpose,
    key: u8,
    storage_key: StorageKey,
) -> bool {
    let permitted = match purpose {
        Purpose::Store => storage_key.permits_store(key),
        Purpose::Fetch | Purpose::Instruction => {
            storage_key.permits_fetch(key) || is_fetch_overridden(cr0, asce, address)
        }
    };
    permitted
        || cr0 & ControlRegister::CR0_STORAGE_PROTECTION_OVERRIDE != 0
            && storage_key.access() == OVERRIDE_KEY
}

/// Whether fetches from a logical address need no matching key: addresses
/// below 2048, outside of private spaces.
const fn is_fetch_overridden(cr0: u64, asce: Option<Asce>, address: u64) -> bool {
    let is_private = match asce {
        Some(asce) => asce.is_private(),
        None => false,
    };
    address < FETCH_OVERRIDE_LIMIT
        && !is_private
        && cr0 & ControlRegister::CR0_FETCH_PROTECTION_OVERRIDE != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW_ADDRESS: u64 = 1 << 28;
    const FETCH_OVERRIDE: u64 = 1 << 25;
    const STORAGE_OVERRIDE: u64 = 1 << 24;

    #[test]
    fn low_addresses_are_two_times_512_bytes() {
        for (address, is_low) in [
            (0, true),
            (0x1ff, true),
            (0x200, false),
            (0xfff, false),
            (0x1000, true),
            (0x11ff, true),
            (0x1200, false),
            (0x2000, false),
            (1 << 40, false),
        ] {
            assert_eq!(is_low_address_protected(LOW_ADDRESS, None, address), is_low, "{address:x}");
            assert!(!is_low_address_protected(!LOW_ADDRESS, None, address));
        }
    }

    #[test]
    fn private_spaces_have_no_low_addresses() {
        assert!(is_low_address_protected(LOW_ADDRESS, Some(Asce(0x20)), 0));
        assert!(!is_low_address_protected(LOW_ADDRESS, Some(Asce(0x120)), 0));
    }

    #[test]
    fn keys() {
        use Purpose::{Fetch, Instruction, Store};
        let permits = |cr0, asce, address, purpose, key, storage_key| {
            key_permits(cr0, asce, address, purpose, key, StorageKey(storage_key))
        };
        let (shared, private) = (Some(Asce(0)), Some(Asce(0x100)));
        // Key 0 may do anything; others store where the key matches, and fetch
        // where it matches or bit 4 of the storage key is zero.
        for (key, storage_key, fetch, store) in [
            (0, 0x18, true, true),
            (1, 0x18, true, true),
            (2, 0x18, false, false),
            (2, 0x10, true, false),
            (9, 0x08, false, false),
        ] {
            assert_eq!(permits(0, shared, 0, Fetch, key, storage_key), fetch);
            assert_eq!(permits(0, shared, 0, Instruction, key, storage_key), fetch);
            assert_eq!(permits(0, shared, 0, Store, key, storage_key), store);
        }
        assert!(permits(FETCH_OVERRIDE, shared, 2047, Fetch, 2, 0x18));
        assert!(permits(FETCH_OVERRIDE, None, 2047, Instruction, 2, 0x18));
        assert!(!permits(FETCH_OVERRIDE, shared, 2048, Fetch, 2, 0x18));
        assert!(!permits(FETCH_OVERRIDE, private, 0, Fetch, 2, 0x18));
        assert!(!permits(FETCH_OVERRIDE, shared, 0, Store, 2, 0x18));
        assert!(permits(STORAGE_OVERRIDE, private, 4096, Store, 2, 0x98));
        assert!(permits(STORAGE_OVERRIDE, shared, 4096, Fetch, 2, 0x98));
        assert!(!permits(STORAGE_OVERRIDE, shared, 4096, Store, 2, 0x88));
    }

    #[test]
    fn identifications() {
        use AddressSpace::{AccessRegister, Home, Primary, Secondary};
        assert_eq!(identification(0x1_2345, Purpose::Fetch, Primary), 0x1_2800);
        assert_eq!(identification(0x1_2345, Purpose::Store, AccessRegister), 0x1_2401);
        assert_eq!(identification(0xfff, Purpose::Store, Secondary), 0x402);
        assert_eq!(identification(u64::MAX, Purpose::Instruction, Home), 0xffff_ffff_ffff_f803);
    }
}
