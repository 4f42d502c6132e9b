//! Which instructions another engine executes.

use super::page::SLOTS;
use lowcore_arch::bits;
use lowcore_storage::GRANULE;
use rustc_hash::FxHashMap;

/// Halfwords of a granule: a mark is a bit of a number.
const HALFWORDS: usize = bits::index(GRANULE) / 2;

/// Marks of pages, by their absolute addresses: for each granule a bit for each
/// halfword, the first in bit 0.
#[derive(Debug, Default)]
pub struct Marks(FxHashMap<u64, Box<[u32; SLOTS / HALFWORDS]>>);

const _: () = assert!(HALFWORDS == u32::BITS as usize);

impl Marks {
    /// Marks the instruction in a slot of a page, or takes the mark away.
    pub fn set(&mut self, page: u64, slot: usize, is_marked: bool) {
        let bit = 1 << (slot % HALFWORDS);
        if is_marked {
            let page = self.0.entry(page).or_insert_with(|| Box::new([0; _]));
            page[slot / HALFWORDS] |= bit;
        } else if let Some(page) = self.0.get_mut(&page) {
            page[slot / HALFWORDS] &= !bit;
        }
    }

    /// The marked slots of a page from `slot` to the end of its granule.
    pub fn in_granule(&self, page: u64, slot: usize) -> impl Iterator<Item = usize> + use<> {
        let marks = self.0.get(&page).map_or(0, |page| page[slot / HALFWORDS]);
        (slot..(slot / HALFWORDS + 1) * HALFWORDS)
            .filter(move |slot| marks >> (slot % HALFWORDS) & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn marks_are_found_by_their_granules() {
        let mut marks = Marks::default();
        for slot in [64, 65, 95, 96] {
            marks.set(0x1000, slot, true);
        }
        let found = |marks: &Marks, page, slot| marks.in_granule(page, slot).collect::<Vec<_>>();
        assert_eq!(found(&marks, 0x1000, 64), [64, 65, 95]);
        assert_eq!(found(&marks, 0x1000, 66), [95]);
        assert!(found(&marks, 0x2000, 64).is_empty());
        marks.set(0x1000, 95, false);
        marks.set(0x2000, 95, false);
        assert_eq!(found(&marks, 0x1000, 64), [64, 65]);
        assert_eq!(found(&marks, 0x1000, 96), [96]);
    }
}
