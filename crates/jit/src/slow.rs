//! What a slow access is told, and how it ends: as words, which compiled code
//! gives to the host's side.

use crate::emitter::Place;
use crate::run::{Run, end};
use lowcore_arch::bits;
use lowcore_isa::{Update, Width};

/// The base of an operand that is in the space of the instruction.
pub const IN_INSTRUCTION_SPACE: u8 = 16;

/// How a slow access ended.
pub mod status {
    /// It is done.
    pub const DONE: u64 = 0;
    /// It is an exception. The interpreter will find it again.
    pub const FAILED: u64 = 1;
    /// It is done, and has stored into instructions.
    pub const LEFT: u64 = 2;
}

/// What a slow access does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Access {
    /// Fetches values.
    Load,
    /// Stores values.
    Store,
    /// Checks that bytes, as many as the first value says, may be stored into.
    Probe,
    /// Compares with the first value and swaps in the second. Gives the value
    /// found, and whether it was equal.
    CompareAndSwap,
    /// The same with 16 bytes in halves: two values each.
    CompareAndSwapWide,
    /// An interlocked update by the first value. Gives what was in storage.
    Update,
    /// Fetches 16 bytes in one step, in halves.
    LoadQuadword,
    /// Stores 16 bytes in one step, from halves.
    StoreQuadword,
    /// MOVE of storage to storage: the second operand's address and base, and
    /// the number of bytes.
    Move,
    /// AND, the same. Gives what is zero if the result is.
    AndBytes,
    /// OR, the same.
    OrBytes,
    /// EXCLUSIVE OR, the same.
    XorBytes,
    /// COMPARE LOGICAL, the same. Gives two numbers that compare as the
    /// operands do.
    CompareBytes,
    /// Calls a routine that needs no general register: the site, then as for
    /// [`routine`](crate::host_calls::routine). Gives its result.
    Routine,
    /// Finds the condition code of the recipe in the first three values.
    Evaluate,
    /// Divides 128 bits, high and low, by 64. Gives quotient and remainder.
    Divide,
    /// A floating-point operation, whose [`FloatSite`](crate::host_calls::FloatSite) is at the address.
    Float,
}

const ACCESSES: [Access; 17] = [
    Access::Load,
    Access::Store,
    Access::Probe,
    Access::CompareAndSwap,
    Access::CompareAndSwapWide,
    Access::Update,
    Access::LoadQuadword,
    Access::StoreQuadword,
    Access::Move,
    Access::AndBytes,
    Access::OrBytes,
    Access::XorBytes,
    Access::CompareBytes,
    Access::Routine,
    Access::Evaluate,
    Access::Divide,
    Access::Float,
];

/// What a slow access needs to know beside the address, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What it does.
    pub access: Access,
    /// The base register, or [`IN_INSTRUCTION_SPACE`].
    pub base: u8,
    /// The width of each value in bits.
    pub width: u8,
    /// The number of values, at most 16.
    pub count: u8,
    /// What an interlocked update does.
    pub update: Update,
}

impl Shape {
    pub fn of<T: Width>(access: Access, base: u8) -> Self {
        Self { width: bits::low8(T::BITS.into()), ..Self::plain(access, base) }
    }

    pub const fn plain(access: Access, base: u8) -> Self {
        Self { access, base, width: 64, count: 1, update: Update::Add }
    }

    /// As a word, of which the [`Site`] takes the rest.
    pub fn word(self) -> u64 {
        let update = match self.update {
            Update::Add => 0,
            Update::And => 1,
            Update::Or => 2,
            Update::Xor => 3,
        };
        let access = self.access as u8;
        u64::from_le_bytes([self.base, self.width, self.count, update, access, 0, 0, 0])
    }

    pub fn from_word(word: u64) -> Self {
        let [base, width, count, update, access, ..] = word.to_le_bytes();
        let update = match update {
            0 => Update::Add,
            1 => Update::And,
            2 => Update::Or,
            _ => Update::Xor,
        };
        let access = ACCESSES.get(usize::from(access)).copied().unwrap_or(Access::Load);
        Self { access, base, width, count: count.min(16), update }
    }
}

/// Where the instruction of a slow access stands, if that has room beside its
/// [`Shape`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Its place in the page, or before or behind it.
    offset: i64,
    /// Its length in bytes.
    length: u64,
}

impl Site {
    /// The bits of the word that the shape leaves.
    const SHIFT: u32 = 40;
    /// Those of the length, in halfwords.
    const LENGTH: u32 = 2;

    /// `None` if it is too far away.
    pub fn of(place: Place) -> Option<Self> {
        let site = Self { offset: place.offset.cast_signed(), length: place.length };
        (Self::from_word(site.word()) == site).then_some(site)
    }

    /// As a word, of which the shape takes the rest.
    pub const fn word(self) -> u64 {
        let offset = (self.offset >> 1 << Self::LENGTH).cast_unsigned();
        (offset | self.length >> 1) << Self::SHIFT
    }

    pub const fn from_word(word: u64) -> Self {
        let offset = word.cast_signed() >> (Self::SHIFT + Self::LENGTH) << 1;
        let length = word >> Self::SHIFT & ((1 << Self::LENGTH) - 1);
        Self { offset, length: length << 1 }
    }

    /// Notes where an instruction is left, and how, if an access has ended it.
    pub fn note(self, run: &mut Run) {
        let offset = self.offset.cast_unsigned();
        (run.offset, run.end) = match run.status {
            status::DONE => return,
            status::LEFT => (offset.wrapping_add(self.length), end::AT_OFFSET),
            _ => (offset, end::INTERPRET),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_fit_in_a_word() {
        for access in ACCESSES {
            for update in [Update::Add, Update::And, Update::Or, Update::Xor] {
                let shape = Shape::of::<u32>(access, IN_INSTRUCTION_SPACE);
                let shape = Shape { count: 16, update, ..shape };
                let site = Site { offset: -2, length: 6 };
                let word = shape.word() | site.word();
                assert_eq!((Shape::from_word(word), Site::from_word(word)), (shape, site));
            }
        }
    }

    #[test]
    fn places_that_are_too_far_away_are_noted_by_the_code() {
        let place = |offset: i64| Place { offset: offset.cast_unsigned(), length: 4, raw: 0 };
        for near in [-(1 << 22), -2, 0, 8190, (1 << 22) - 2] {
            assert_eq!(Site::of(place(near)).map(|site| site.offset), Some(near));
        }
        for far in [-(1 << 22) - 2, 1 << 22, i64::MIN, 0x7fff_fffe] {
            assert_eq!(Site::of(place(far)), None);
        }
    }
}
