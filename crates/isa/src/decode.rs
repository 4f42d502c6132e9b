//! From the bits of an instruction to its row, by two table look-ups.

use crate::format::Extension;
use crate::{ROWS, Row};
use lowcore_arch::bits;

/// What the first byte tells: where the rows begin that share it, and which
/// bits choose among them.
#[derive(Clone, Copy)]
struct First {
    base: u16,
    shift: u8,
    mask: u8,
}

/// Marks an operation code without a row.
const NONE: u16 = u16::MAX;

const fn extension_bits(extension: Extension) -> (u8, u8) {
    match extension {
        Extension::None => (0, 0),
        Extension::Second => (48, 0xff),
        Extension::Nibble => (48, 0x0f),
        Extension::Sixth => (16, 0xff),
    }
}

const fn first_table() -> ([First; 256], usize) {
    // Entry 0 of the second table has no row: first bytes without any lead
    // there.
    let mut table = [First { base: 0, shift: 0, mask: 0 }; 256];
    let mut next = 1;
    let mut i = 0;
    while i < ROWS.len() {
        let byte = ROWS[i].first_byte() as usize;
        let (shift, mask) = extension_bits(ROWS[i].format.extension());
        if table[byte].base == 0 {
            table[byte] = First { base: next, shift, mask };
            next += mask as u16 + 1;
        }
        assert!(
            table[byte].mask == mask && table[byte].shift == shift,
            "formats under one first byte must agree on the extension"
        );
        i += 1;
    }
    (table, next as usize)
}

const FIRST_AND_SIZE: ([First; 256], usize) = first_table();

const fn second_table() -> [u16; FIRST_AND_SIZE.1] {
    let mut table = [NONE; FIRST_AND_SIZE.1];
    let mut i = 0;
    while i < ROWS.len() {
        let slot = slot(&FIRST_AND_SIZE.0, ROWS[i].template());
        assert!(table[slot] == NONE, "two rows have one operation code");
        table[slot] = ROWS[i].number;
        i += 1;
    }
    table
}

static FIRST: [First; 256] = FIRST_AND_SIZE.0;
static SECOND: [u16; FIRST_AND_SIZE.1] = second_table();

#[inline]
const fn slot(first: &[First; 256], raw: u64) -> usize {
    let entry = first[bits::index(raw >> 56)];
    entry.base as usize + bits::index((raw >> entry.shift) & entry.mask as u64)
}

/// The row of a left-aligned instruction; none for an operation exception.
///
/// ```
/// assert_eq!(lowcore_isa::decode(0x07fe_0000_0000_0000).unwrap().mnemonic, "bcr");
/// assert!(lowcore_isa::decode(0).is_none());
/// ```
#[inline]
#[must_use]
pub fn decode(raw: u64) -> Option<&'static Row> {
    ROWS.get(usize::from(SECOND[slot(&FIRST, raw)]))
}

/// The length in bytes of an instruction, from its leftmost two bits.
#[inline]
#[must_use]
pub const fn instruction_length(raw: u64) -> u8 {
    match raw >> 62 {
        0 => 2,
        3 => 6,
        _ => 4,
    }
}
