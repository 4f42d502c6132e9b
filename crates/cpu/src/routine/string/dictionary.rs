//! The dictionaries of COMPRESSION CALL: entries of eight bytes, by index
//! symbol (SA22-7208, "Data Compression").

use crate::{At, Context, Exception};
use lowcore_arch::bits;

/// The most characters that one index symbol stands for, and the most
/// children that an entry has.
pub(super) const LONGEST: u64 = 260;
/// The most entries that the expansion of one index symbol takes.
const MOST_ENTRIES: u64 = 127;
/// Index symbols below this stand for the byte of their value.
const ALPHABET: u64 = 256;

/// A data exception if the dictionary is `wrong`.
pub(super) fn data_if(wrong: bool) -> Result<(), Exception> {
    if wrong { Err(Exception::data(0)) } else { Ok(()) }
}

/// Where a dictionary is.
#[derive(Clone, Copy)]
pub(super) struct Dictionary {
    pub at: At,
    /// How many entries it has.
    pub entries: u64,
    /// Sibling descriptors have format 1: a half is in the expansion
    /// dictionary, which follows.
    pub has_format_1: bool,
}

/// A child that continues a match.
pub(super) struct Child {
    pub index: u64,
    /// Its entry, unless the parent says that there is nothing in it.
    pub entry: Option<Character>,
}

/// A character entry of a compression dictionary.
#[derive(Clone, Copy)]
pub(super) struct Character {
    raw: u64,
    /// How many characters follow the one that its parent has.
    pub extensions: u64,
    /// How many children are in the entry itself.
    pub children: u64,
    /// A sibling descriptor has more children.
    more: bool,
}

impl Character {
    fn new(raw: u64) -> Result<Self, Exception> {
        let (count, extensions) = (raw >> 61, raw >> 53 & 7);
        if count < 2 {
            data_if(count + extensions > 5)?;
            return Ok(Self { raw, extensions, children: count, more: false });
        }
        // The other two bits belong to siblings.
        let extensions = extensions & 1;
        data_if(count + extensions > 6)?;
        let more = count + extensions == 6;
        Ok(Self { raw, extensions, children: count - u64::from(more), more })
    }

    const fn first_child(self) -> u64 {
        self.raw >> 40 & 0x1fff
    }

    /// One of the five characters: extension characters, then children.
    const fn character(self, number: u64) -> u8 {
        bits::low8(self.raw >> (32 - 8 * number))
    }

    /// Whether the entry of a child has anything in it.
    const fn examines(self, child: u64) -> bool {
        self.raw >> (60 - child) & 1 != 0
    }

    /// The same for the last two children of the first sibling descriptor.
    const fn examines_sibling(self, number: u64) -> bool {
        self.raw >> (55 - number) & 1 != 0
    }

    /// Whether the extension characters are what is at `at`; `left` bytes are
    /// there.
    fn extends(self, c: &mut Context<'_>, at: At, left: u64) -> Result<bool, Exception> {
        if self.extensions == 0 {
            return Ok(true);
        }
        if left < self.extensions {
            return Ok(false);
        }
        let mut buffer = [0; 5];
        let bytes = &mut buffer[..bits::index(self.extensions)];
        c.read(at, bytes)?;
        Ok((0..).zip(bytes.iter()).all(|(number, byte)| self.character(number) == *byte))
    }
}

/// A sibling descriptor.
struct Siblings {
    raw: u64,
    characters: [u8; 14],
    count: u64,
    /// Another one follows its children.
    more: bool,
}

impl Dictionary {
    /// The index, if it is one of this dictionary.
    fn checked(&self, index: u64) -> Result<u64, Exception> {
        data_if(index >= self.entries)?;
        Ok(index)
    }

    fn load(&self, c: &mut Context<'_>, index: u64) -> Result<u64, Exception> {
        let at = c.beyond_at(self.at, 8 * self.checked(index)?);
        c.load_u64(at)
    }

    /// A character entry.
    pub(super) fn character(
        &self,
        c: &mut Context<'_>,
        index: u64,
    ) -> Result<Character, Exception> {
        Character::new(self.load(c, index)?)
    }

    fn siblings(&self, c: &mut Context<'_>, index: u64) -> Result<Siblings, Exception> {
        let raw = self.load(c, index)?;
        let mut characters = [0; 14];
        if !self.has_format_1 {
            characters[..7].copy_from_slice(&raw.to_be_bytes()[1..]);
            let count = raw >> 61;
            let more = count == 0;
            return Ok(Siblings { raw, characters, count: if more { 7 } else { count }, more });
        }
        characters[..6].copy_from_slice(&raw.to_be_bytes()[2..]);
        let count = raw >> 60;
        let more = count == 15;
        let count = count.min(14);
        if count > 6 {
            let at = c.beyond_at(self.at, 8 * (self.entries + index));
            characters[6..].copy_from_slice(&c.load_u64(at)?.to_be_bytes());
        }
        Ok(Siblings { raw, characters, count, more })
    }

    /// The child of `parent` whose characters are at `at`, where there are
    /// `left` bytes, at least one.
    pub(super) fn child(
        &self,
        c: &mut Context<'_>,
        parent: Character,
        at: At,
        left: u64,
    ) -> Result<Option<Child>, Exception> {
        let next = c.load_u8(at)?;
        let behind = c.beyond_at(at, 1);
        // As long as all children begin with that character, others are
        // tried: they differ in their extension characters.
        let mut all_begin_so = true;
        for number in 0..parent.children {
            if parent.character(parent.extensions + number) != next {
                all_begin_so = false;
                continue;
            }
            let index = self.checked(parent.first_child() + number)?;
            if !parent.examines(number) {
                return Ok(Some(Child { index, entry: None }));
            }
            let entry = self.character(c, index)?;
            if entry.extends(c, behind, left - 1)? {
                return Ok(Some(Child { index, entry: Some(entry) }));
            }
            if !all_begin_so || number + 1 == parent.children {
                return Ok(None);
            }
        }
        if !parent.more {
            return Ok(None);
        }
        // The bits of the descriptor that say which children to examine: the
        // first one's place and their number. For two children of the first
        // descriptor the parent says it, in later ones they always are.
        let (first_bit, own_bits) = if self.has_format_1 { (59, 12) } else { (60, 5) };
        let mut searched = parent.children;
        let mut place = parent.first_child() + parent.children;
        let mut is_first = true;
        loop {
            let siblings = self.siblings(c, place)?;
            for (number, character) in (0..siblings.count).zip(siblings.characters) {
                searched += 1;
                data_if(searched > LONGEST)?;
                if character != next {
                    continue;
                }
                let index = self.checked(place + 1 + number)?;
                let examines = match number.checked_sub(own_bits) {
                    None => siblings.raw >> (first_bit - number) & 1 != 0,
                    Some(number) => !is_first || parent.examines_sibling(number),
                };
                if !examines {
                    return Ok(Some(Child { index, entry: None }));
                }
                let entry = self.character(c, index)?;
                let is_found = entry.extends(c, behind, left - 1)?;
                return Ok(is_found.then_some(Child { index, entry: Some(entry) }));
            }
            if !siblings.more {
                return Ok(None);
            }
            place += siblings.count + 1;
            is_first = false;
        }
    }

    /// The characters that an index symbol stands for, by an expansion
    /// dictionary: how many, in `buffer`. Where entries leave a gap, there
    /// are zeros.
    pub(super) fn expand(
        &self,
        c: &mut Context<'_>,
        symbol: u64,
        buffer: &mut [u8; 260],
    ) -> Result<usize, Exception> {
        if symbol < ALPHABET {
            buffer[0] = bits::low8(symbol);
            return Ok(1);
        }
        let mut index = symbol;
        let mut length = None;
        let mut characters = 0;
        for _ in 0..MOST_ENTRIES {
            let raw = self.load(c, index)?;
            let bytes = raw.to_be_bytes();
            let partial = raw >> 61;
            characters += partial;
            data_if(partial > 5)?;
            if partial == 0 {
                let count = raw >> 56 & 7;
                data_if(count == 0 || characters + count > LONGEST)?;
                let count = bits::index(count);
                buffer[..count].copy_from_slice(&bytes[1..=count]);
                return Ok(length.unwrap_or(count));
            }
            data_if(characters > LONGEST)?;
            let (start, count) = (bits::index(raw & 0xff), bits::index(partial));
            buffer[start..start + count].copy_from_slice(&bytes[2..2 + count]);
            // The last characters are in the first entry.
            length.get_or_insert(start + count);
            index = raw >> 48 & 0x1fff;
        }
        data_if(true)?;
        Ok(0)
    }
}
