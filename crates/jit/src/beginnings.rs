//! What holds of the registers when each block of a region begins, whichever
//! way leads there.

use crate::region::{Block, Instruction, Part, Region};
use crate::registers::Dirty;
use std::collections::BTreeMap;

/// The registers when a block begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// What storage may lack.
    pub dirty: Dirty,
    /// Registers that were written as a whole last, as far as instructions
    /// always write what they may write: whoever goes there makes it so.
    pub entire: u16,
}

impl Beginning {
    /// The region's: storage has everything.
    pub const OF_REGION: Self = Self { dirty: Dirty { whole: 0, right: 0 }, entire: u16::MAX };

    /// After an instruction.
    fn after(self, instruction: &Instruction) -> Self {
        let effects = &instruction.effects;
        // What is not kept in halves is written as a whole.
        let written = Dirty { whole: effects.left_writes, right: effects.right_writes };
        Self {
            dirty: self.dirty.with(written),
            entire: (self.entire | effects.writes) & !effects.right_writes,
        }
    }

    fn after_block(self, region: &Region, block: &Block) -> Self {
        let places = block.parts.iter().flat_map(|part| match part {
            Part::Plain(at) => core::slice::from_ref(at).iter().chain(&[]),
            Part::Skip { branch, over } => core::slice::from_ref(branch).iter().chain(over),
        });
        places.flat_map(|at| region.with_leaf(*at)).fold(self, Self::after)
    }

    /// Where two ways meet.
    fn meet(self, other: Self) -> Self {
        Self { dirty: self.dirty.with(other.dirty), entire: self.entire & other.entire }
    }
}

/// Of each block, by its place.
pub fn of(region: &Region) -> BTreeMap<u64, Beginning> {
    let mut found: BTreeMap<u64, Beginning> =
        region.blocks.keys().map(|at| (*at, Beginning::OF_REGION)).collect();
    loop {
        let before = found.clone();
        for (at, block) in &region.blocks {
            let Some(begin) = found.get(at) else { continue };
            let end = begin.after_block(region, block);
            for to in &block.successors {
                found.entry(*to).and_modify(|begin| *begin = begin.meet(end));
            }
        }
        if found == before {
            return found;
        }
    }
}
