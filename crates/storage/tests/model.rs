//! Random slots and random accesses against plain bytes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::{AccessError, Error, Storage};
use proptest::prelude::*;

const MIB: u64 = 1 << 20;
const SPACE: u64 = 8 * MIB;

/// What a guest should see: each slot's number, address and bytes.
#[derive(Default)]
struct Model {
    slots: BTreeMap<u16, (u64, Vec<u8>)>,
}

impl Model {
    fn byte(&mut self, address: u64) -> Option<&mut u8> {
        self.slots.values_mut().find_map(|(guest, bytes)| {
            let offset = address.checked_sub(*guest)?;
            bytes.get_mut(usize::try_from(offset).ok()?)
        })
    }

    fn read(&mut self, address: u64, len: u64) -> Option<Vec<u8>> {
        (0..len).map(|n| self.byte(address.checked_add(n)?).map(|byte| *byte)).collect()
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        self.read(address, bytes.len() as u64)?;
        for (n, new) in (0..).zip(bytes) {
            *self.byte(address + n)? = *new;
        }
        Some(())
    }

    fn overlaps(&self, number: u16, guest: u64, len: u64) -> bool {
        self.slots.iter().any(|(other, (begin, bytes))| {
            *other != number && *begin < guest + len && guest < begin + bytes.len() as u64
        })
    }
}

#[derive(Clone, Debug)]
enum Action {
    Set { slot: u16, guest: u64, mib: usize },
    Remove { slot: u16 },
    Load { address: u64, log_len: u32 },
    Store { address: u64, log_len: u32, value: u128 },
    Exchange { address: u64, log_len: u32, hit: bool, value: u128 },
    Read { address: u64, len: u64 },
    Write { address: u64, bytes: Vec<u8> },
}

/// Addresses near the boundaries of slots, where things go wrong.
fn address() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => (0..=SPACE / MIB, 0..64u64).prop_map(|(mib, n)| (mib * MIB + n).saturating_sub(32)),
        2 => 0..SPACE,
        1 => Just(u64::MAX - 3),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let mib = 0..SPACE / MIB;
    prop_oneof![
        2 => (0..4u16, mib, 1..4usize)
            .prop_map(|(slot, at, mib)| Action::Set { slot, guest: at * MIB, mib }),
        1 => (0..4u16).prop_map(|slot| Action::Remove { slot }),
        4 => (address(), 0..5u32).prop_map(|(address, log_len)| Action::Load { address, log_len }),
        6 => (address(), 0..5u32, any::<u128>())
            .prop_map(|(address, log_len, value)| Action::Store { address, log_len, value }),
        4 => (address(), 0..5u32, any::<bool>(), any::<u128>()).prop_map(
            |(address, log_len, hit, value)| {
                // Exchanges are aligned.
                let address = address & !((1 << log_len) - 1);
                Action::Exchange { address, log_len, hit, value }
            }
        ),
        2 => (address(), 0..600u64).prop_map(|(address, len)| Action::Read { address, len }),
        3 => (address(), proptest::collection::vec(any::<u8>(), 0..600))
            .prop_map(|(address, bytes)| Action::Write { address, bytes }),
    ]
}

/// The low bytes of a value, big-endian as in storage.
fn low_bytes(value: u128, log_len: u32) -> Vec<u8> {
    value.to_be_bytes()[16 - (1 << log_len)..].to_vec()
}

fn value(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |value, byte| value << 8 | u128::from(*byte))
}

fn load(storage: &Storage, address: u64, log_len: u32) -> Result<u128, AccessError> {
    let view = storage.view();
    match log_len {
        0 => view.load_u8(address).map(u128::from),
        1 => view.load_u16(address).map(u128::from),
        2 => view.load_u32(address).map(u128::from),
        3 => view.load_u64(address).map(u128::from),
        _ => view.load_u128(address),
    }
}

fn store(storage: &Storage, address: u64, bytes: &[u8]) -> Result<(), AccessError> {
    let view = storage.view();
    match bytes.len() {
        1 => view.store_u8(address, bytes[0]),
        2 => view.store_u16(address, u16::from_be_bytes(bytes.try_into().unwrap())),
        4 => view.store_u32(address, u32::from_be_bytes(bytes.try_into().unwrap())),
        8 => view.store_u64(address, u64::from_be_bytes(bytes.try_into().unwrap())),
        _ => view.store_u128(address, u128::from_be_bytes(bytes.try_into().unwrap())),
    }
}

fn exchange(
    storage: &Storage,
    address: u64,
    old: &[u8],
    new: &[u8],
) -> Result<Result<u128, u128>, AccessError> {
    let view = storage.view();
    macro_rules! of {
        ($name:ident, $type:ty) => {{
            let old = <$type>::from_be_bytes(old.try_into().unwrap());
            let new = <$type>::from_be_bytes(new.try_into().unwrap());
            view.$name(address, old, new).map(|r| r.map(u128::from).map_err(u128::from))
        }};
    }
    match old.len() {
        1 => of!(compare_exchange_u8, u8),
        2 => of!(compare_exchange_u16, u16),
        4 => of!(compare_exchange_u32, u32),
        8 => of!(compare_exchange_u64, u64),
        _ => of!(compare_exchange_u128, u128),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn storage_is_bytes_in_slots(actions in proptest::collection::vec(action(), 1..60)) {
        let storage = Storage::new();
        let mut model = Model::default();
        let mut ranges = BTreeMap::new();
        for action in actions {
            match action {
                Action::Set { slot, guest, mib } => {
                    let len = mib << 20;
                    let fresh = HostRange::of(&Mapping::anonymous(len).unwrap());
                    // Half of the changes move a slot that exists.
                    let range: HostRange = match ranges.get(&slot) {
                        Some(range) if mib < 3 => HostRange::clone(range),
                        _ => fresh,
                    };
                    let len = range.len();
                    let known = ranges.get(&slot).map(HostRange::base);
                    let result = storage.set_slot(slot, guest, range.clone(), false);
                    if known.is_some_and(|base| base != range.base()) {
                        prop_assert_eq!(result, Err(Error::Immutable));
                    } else if model.overlaps(slot, guest, len as u64) {
                        prop_assert_eq!(result, Err(Error::Overlap));
                    } else {
                        prop_assert_eq!(result, Ok(()));
                        ranges.insert(slot, range);
                        model.slots.entry(slot).or_insert((0, vec![0; len])).0 = guest;
                    }
                }
                Action::Remove { slot } => {
                    let known = model.slots.remove(&slot);
                    ranges.remove(&slot);
                    let expected = known.map(drop).ok_or(Error::NoSuchSlot);
                    prop_assert_eq!(storage.remove_slot(slot), expected);
                }
                Action::Load { address, log_len } => {
                    let expected = model.read(address, 1 << log_len).map(|bytes| value(&bytes));
                    let expected = expected.ok_or(AccessError::Addressing);
                    prop_assert_eq!(load(&storage, address, log_len), expected);
                }
                Action::Store { address, log_len, value } => {
                    let bytes = low_bytes(value, log_len);
                    let expected = model.write(address, &bytes).ok_or(AccessError::Addressing);
                    prop_assert_eq!(store(&storage, address, &bytes), expected);
                }
                Action::Exchange { address, log_len, hit, value: new } => {
                    let new = low_bytes(new, log_len);
                    let found = model.read(address, 1 << log_len);
                    let old = match (&found, hit) {
                        (Some(found), true) => found.clone(),
                        _ => low_bytes(!value(&new), log_len),
                    };
                    let result = exchange(&storage, address, &old, &new);
                    match found {
                        None => prop_assert_eq!(result, Err(AccessError::Addressing)),
                        Some(found) if found == old => {
                            prop_assert_eq!(result, Ok(Ok(value(&found))));
                            model.write(address, &new);
                        }
                        Some(found) => prop_assert_eq!(result, Ok(Err(value(&found)))),
                    }
                }
                Action::Read { address, len } => {
                    let mut bytes = vec![0; usize::try_from(len).unwrap()];
                    let result = storage.view().read(address, &mut bytes);
                    match model.read(address, len) {
                        Some(expected) => {
                            prop_assert_eq!(result, Ok(()));
                            prop_assert_eq!(bytes, expected);
                        }
                        None => {
                            prop_assert_eq!(result, Err(AccessError::Addressing));
                            prop_assert!(bytes.iter().all(|byte| *byte == 0));
                        }
                    }
                }
                Action::Write { address, bytes } => {
                    let expected = model.write(address, &bytes).ok_or(AccessError::Addressing);
                    prop_assert_eq!(storage.view().write(address, &bytes), expected);
                }
            }
        }
        // All of storage, byte for byte, and where it is not.
        let view = storage.view();
        for at in (0..SPACE).step_by(1 << 20) {
            let mut bytes = vec![0; 1 << 20];
            let result = view.read(at, &mut bytes);
            let expected = model.slots.values().find(|(guest, model)| {
                *guest <= at && at < guest + model.len() as u64
            });
            prop_assert_eq!(view.contains(at, MIB), expected.is_some());
            prop_assert_eq!(result.is_ok(), expected.is_some());
            if let Some((guest, model)) = expected {
                let from = usize::try_from(at - guest).unwrap();
                prop_assert!(bytes == model[from..from + (1 << 20)]);
            }
        }
    }
}
