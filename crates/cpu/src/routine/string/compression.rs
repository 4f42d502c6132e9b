//! COMPRESSION CALL.

use super::dictionary::{Dictionary, LONGEST, data_if};
use crate::routine::registers::{UNIT, specification_if};
use crate::{At, Context, Exception};
use lowcore_arch::bits;

/// General register 0: what the instruction is to do.
const SYMBOL_TRANSLATION: u64 = 0x1_0000;
const FORMAT_1: u64 = 0x200;
const EXPANSION: u64 = 0x100;

/// General register 1: the bit in the first byte of the compressed data where
/// the next index symbol begins.
const BIT_NUMBER: u64 = 7;

/// An operand, as far as it is not yet processed.
#[derive(Clone, Copy)]
struct Operand {
    at: At,
    left: u64,
}

impl Operand {
    fn advance(&mut self, c: &Context<'_>, bytes: u64) {
        self.at = c.beyond_at(self.at, bytes);
        self.left -= bytes;
    }
}

/// How far the instruction has come: always behind a whole index symbol.
#[derive(Clone, Copy)]
struct Progress {
    first: Operand,
    second: Operand,
    /// The bit number.
    bit: u64,
}

/// Bytes that hold one index symbol, from the one where it begins.
fn bytes_of(bit: u64, size: u64) -> u64 {
    (bit + size).div_ceil(8)
}

/// Passes over an index symbol of compressed data.
fn pass(c: &Context<'_>, operand: &mut Operand, bit: &mut u64, size: u64) {
    operand.advance(c, (*bit + size) / 8);
    *bit = (*bit + size) % 8;
}

struct Call {
    dictionary: Dictionary,
    /// Bits of an index symbol.
    size: u64,
    /// The symbol-translation table.
    translation: Option<At>,
}

/// COMPRESSION CALL. The dictionary is in the space of the second operand.
pub(super) fn call(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let (controls, place) = (c.register(0), c.register(1));
    let size = controls >> 12 & 15;
    specification_if(size == 0 || size > 5)?;
    let size = size + 8;
    let at = At::operand(c.wrap(place & !0xfff), r2);
    let dictionary = Dictionary { at, entries: 1 << size, has_format_1: controls & FORMAT_1 != 0 };
    let translation =
        (controls & SYMBOL_TRANSLATION != 0).then(|| c.beyond_at(at, (place & 0xff8) << 4));
    let call = Call { dictionary, size, translation };
    let operand = |r: u8| Operand { at: c.operand_in(r), left: c.length_in(r + 1) };
    let mut now = Progress { first: operand(r1), second: operand(r2), bit: place & BIT_NUMBER };
    let mut done = 0;
    let code = loop {
        if done >= UNIT || done != 0 && c.must_pause() {
            break 3;
        }
        let mut next = now;
        let step = if controls & EXPANSION == 0 {
            call.compress(c, &mut next)
        } else {
            call.expand(c, &mut next)
        };
        match step {
            Ok(None) => {}
            Ok(Some(code)) => break code,
            Err(exception) if done == 0 => return Err(exception),
            Err(_) => break 3,
        }
        // One of the two has moved by a byte at least.
        done += (now.first.left - next.first.left).max(now.second.left - next.second.left);
        now = next;
    };
    for (r, operand) in [(r1, now.first), (r2, now.second)] {
        c.set_address(r, operand.at.address);
        c.set_by_mode(r + 1, operand.left);
    }
    let place = c.register(1) & !BIT_NUMBER | now.bit;
    c.set_register(1, place);
    c.end_with(code)
}

impl Call {
    /// Makes one index symbol, or gives the condition code.
    fn compress(&self, c: &mut Context<'_>, p: &mut Progress) -> Result<Option<u8>, Exception> {
        if p.second.left == 0 {
            return Ok(Some(0));
        }
        let bytes = bytes_of(p.bit, self.size);
        if p.first.left < bytes {
            return Ok(Some(1));
        }
        let mut symbol = self.longest_match(c, &mut p.second)?;
        if let Some(table) = self.translation {
            let at = c.beyond_at(table, 2 * symbol);
            symbol = c.load_u16(at)?.into();
        }
        let mut buffer = [0; 4];
        let stored = bits::index(bytes);
        c.read(p.first.at, &mut buffer[..stored])?;
        let shift = 32 - p.bit - self.size;
        let mask = (1 << self.size) - 1;
        let around = u64::from(u32::from_be_bytes(buffer)) & !(mask << shift);
        let both = bits::low32(around | (symbol & mask) << shift);
        c.write(p.first.at, &both.to_be_bytes()[..stored])?;
        pass(c, &mut p.first, &mut p.bit, self.size);
        Ok(None)
    }

    /// Goes down the tree from an alphabet entry as long as characters match.
    fn longest_match(&self, c: &mut Context<'_>, source: &mut Operand) -> Result<u64, Exception> {
        let mut index = u64::from(c.load_u8(source.at)?);
        source.advance(c, 1);
        let mut length = 1;
        let mut parent = self.dictionary.character(c, index)?;
        while parent.children != 0 && source.left != 0 {
            let child = self.dictionary.child(c, parent, source.at, source.left)?;
            let Some(child) = child else { break };
            let characters = 1 + child.entry.map_or(0, |entry| entry.extensions);
            length += characters;
            data_if(length > LONGEST)?;
            source.advance(c, characters);
            index = child.index;
            match child.entry {
                Some(entry) => parent = entry,
                None => break,
            }
        }
        Ok(index)
    }

    /// Expands one index symbol, or gives the condition code.
    fn expand(&self, c: &mut Context<'_>, p: &mut Progress) -> Result<Option<u8>, Exception> {
        let bytes = bytes_of(p.bit, self.size);
        if p.second.left < bytes {
            return Ok(Some(0));
        }
        if p.first.left == 0 {
            return Ok(Some(1));
        }
        let mut buffer = [0; 4];
        c.read(p.second.at, &mut buffer[..bits::index(bytes)])?;
        let mask = (1 << self.size) - 1;
        let symbol = u64::from(u32::from_be_bytes(buffer)) >> (32 - p.bit - self.size) & mask;
        let mut characters = [0; 260];
        let length = self.dictionary.expand(c, symbol, &mut characters)?;
        if p.first.left < length as u64 {
            return Ok(Some(1));
        }
        c.write(p.first.at, &characters[..length])?;
        p.first.advance(c, length as u64);
        pass(c, &mut p.second, &mut p.bit, self.size);
        Ok(None)
    }
}
