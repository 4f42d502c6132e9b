//! What holds when each block of a region begins, whichever way leads there:
//! of the registers, and of the condition code.

use crate::region::{Block, Instruction, Part, Region};
use crate::registers::Dirty;
use std::collections::BTreeMap;

/// The state when a block begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// What storage may lack.
    pub dirty: Dirty,
    /// Registers that were written as a whole last, as far as instructions
    /// always write what they may write: whoever goes there makes it so.
    pub entire: u16,
    /// Whether the condition code is read before it is set, so that it had
    /// better be a number already.
    pub asks: bool,
}

/// What a block does with the condition code first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Reads,
    Sets,
    Neither,
}

impl First {
    fn of(region: &Region, block: &Block) -> Self {
        let all = block.parts.iter().flat_map(|part| match part {
            Part::Plain(at) => region.with_leaf(*at),
            // What is skipped sets nothing for sure.
            Part::Skip { branch, .. } => region.with_leaf(*branch),
        });
        let first = |i: &Instruction| match (i.effects.reads_cc, i.effects.sets_cc) {
            (true, _) => Self::Reads,
            (false, true) => Self::Sets,
            (false, false) => Self::Neither,
        };
        all.map(first).find(|first| *first != Self::Neither).unwrap_or(Self::Neither)
    }
}

impl Beginning {
    /// The region's: storage has everything.
    pub const OF_REGION: Self =
        Self { dirty: Dirty { whole: 0, right: 0 }, entire: u16::MAX, asks: false };

    /// After an instruction.
    fn after(self, instruction: &Instruction) -> Self {
        let effects = &instruction.effects;
        // What is not kept in halves is written as a whole.
        let written = Dirty { whole: effects.left_writes, right: effects.right_writes };
        Self {
            dirty: self.dirty.with(written),
            entire: (self.entire | effects.writes) & !effects.right_writes,
            ..self
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
        let (dirty, entire) = (self.dirty.with(other.dirty), self.entire & other.entire);
        Self { dirty, entire, ..self }
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
            break;
        }
    }
    let first: Vec<_> = region.blocks.values().map(|block| First::of(region, block)).collect();
    loop {
        let mut is_same = true;
        for ((at, block), first) in region.blocks.iter().zip(&first).rev() {
            let follows = |to| found.get(to).is_some_and(|begin: &Beginning| begin.asks);
            let asks = match first {
                First::Reads => true,
                First::Sets => false,
                First::Neither => block.successors.iter().any(follows),
            };
            if let Some(begin) = found.get_mut(at) {
                is_same &= begin.asks == asks;
                begin.asks = asks;
            }
        }
        if is_same {
            return found;
        }
    }
}
