//! Conversions between UTF-8, UTF-16 and UTF-32.

use crate::routine::registers::{PAGE, UNIT};
use crate::{Access, Context, Exception};
use lowcore_arch::bits;

/// A form of Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One to four bytes.
    Utf8,
    /// One or two halfwords.
    Utf16,
    /// Words.
    Utf32,
}

/// What bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decoded {
    /// A character, and how many bytes it has.
    Character(u32, usize),
    /// A character that has more bytes than there are: this many.
    Incomplete(usize),
    /// None.
    Invalid,
}

use Decoded::{Character, Incomplete, Invalid};

/// UTF-8 is looked at closely only if `check` says so; otherwise the first
/// byte alone tells how many there are.
#[inline]
fn decode_utf8(bytes: &[u8], check: bool) -> Decoded {
    let Some(first) = bytes.first() else { return Incomplete(1) };
    let length = match first {
        0..0x80 => return Character(u32::from(*first), 1),
        0xc0 | 0xc1 if check => return Invalid,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf5.. if check => return Invalid,
        0xf0..0xf8 => 4,
        _ => return Invalid,
    };
    let Some(bytes) = bytes.get(..length) else { return Incomplete(length) };
    let mask = 0xff_u8 >> (length + 1);
    let mut character = u32::from(first & mask);
    let mut is_formed = true;
    for byte in &bytes[1..] {
        is_formed &= byte & 0xc0 == 0x80;
        character = character << 6 | u32::from(byte & 0x3f);
    }
    // The first byte has excluded what two bytes must not have.
    let is_shortest = character >= [0, 0, 0, 0x800, 0x1_0000][length];
    let is_scalar = char::from_u32(character).is_some();
    if check && !(is_formed && is_shortest && is_scalar) {
        return Invalid;
    }
    Character(character, length)
}

/// A high surrogate takes what follows it as the low one; only `check` makes
/// sure that it is one.
#[inline]
fn decode_utf16(bytes: &[u8], check: bool) -> Decoded {
    let Some(&[a, b]) = bytes.first_chunk() else { return Incomplete(2) };
    let high = u32::from(u16::from_be_bytes([a, b]));
    if high & 0xfc00 != 0xd800 {
        return Character(high, 2);
    }
    let Some(&[_, _, c, d]) = bytes.first_chunk() else { return Incomplete(4) };
    let low = u32::from(u16::from_be_bytes([c, d]));
    if check && low & 0xfc00 != 0xdc00 {
        return Invalid;
    }
    Character(0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff), 4)
}

#[inline]
fn decode_utf32(bytes: &[u8]) -> Decoded {
    let Some(bytes) = bytes.first_chunk() else { return Incomplete(4) };
    match u32::from_be_bytes(*bytes) {
        0xd800..0xdc00 | 0x11_0000.. => Invalid,
        character => Character(character, 4),
    }
}

impl Encoding {
    #[inline]
    fn decode(self, bytes: &[u8], check: bool) -> Decoded {
        match self {
            Self::Utf8 => decode_utf8(bytes, check),
            Self::Utf16 => decode_utf16(bytes, check),
            Self::Utf32 => decode_utf32(bytes),
        }
    }

    /// The bytes of a character, and how many.
    #[inline]
    fn encode(self, character: u32) -> ([u8; 4], usize) {
        /// The first byte of so many.
        const LEAD: [u32; 5] = [0, 0, 0xc0, 0xe0, 0xf0];
        let six = |shift: u32| character >> shift & 0x3f | 0x80;
        let (word, length): (u32, u32) = match (self, character) {
            (Self::Utf8, 0..0x80) => (character, 1),
            (Self::Utf8, 0..0x800) => ((LEAD[2] | character >> 6) << 8 | six(0), 2),
            (Self::Utf8, 0..0x1_0000) => {
                ((LEAD[3] | character >> 12) << 16 | six(6) << 8 | six(0), 3)
            }
            (Self::Utf8, _) => {
                let lead = LEAD[4] | character >> 18 & 7;
                (lead << 24 | six(12) << 16 | six(6) << 8 | six(0), 4)
            }
            (Self::Utf16, 0..0x1_0000) => (character, 2),
            (Self::Utf16, _) => {
                // The manual's zabcd, which has four bits.
                let plane = (character >> 16).wrapping_sub(1) & 15;
                let high = 0xd800 | plane << 6 | character >> 10 & 0x3f;
                (high << 16 | 0xdc00 | character & 0x3ff, 4)
            }
            (Self::Utf32, _) => (character, 4),
        };
        let shifted = word << (32 - 8 * length);
        (shifted.to_be_bytes(), bits::index(u64::from(length)))
    }
}

/// Why a block was not converted to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// A character goes on behind the source block, and has this length.
    Source(usize),
    /// There is no room for a character of this length.
    Target,
    Invalid,
}

/// Converts until one of the blocks has no more: how many bytes of each were
/// used, and why it ended.
#[inline(always)]
fn convert_block(
    source: &[u8],
    target: &mut [u8],
    from: Encoding,
    to: Encoding,
    check: bool,
) -> (usize, usize, Stop) {
    let (mut used, mut made) = (0, 0);
    loop {
        match from.decode(&source[used..], check) {
            Character(character, length) => {
                let (bytes, size) = to.encode(character);
                let Some(room) = target.get_mut(made..made + size) else {
                    return (used, made, Stop::Target);
                };
                room.copy_from_slice(&bytes[..size]);
                used += length;
                made += size;
            }
            Incomplete(length) => return (used, made, Stop::Source(length)),
            Invalid => return (used, made, Stop::Invalid),
        }
    }
}

/// The block conversions that the instructions need, each compiled for its
/// two forms.
fn block(
    source: &[u8],
    target: &mut [u8],
    from: Encoding,
    to: Encoding,
    check: bool,
) -> (usize, usize, Stop) {
    use Encoding::{Utf8, Utf16, Utf32};
    match (from, to) {
        (Utf8, Utf16) => convert_block(source, target, Utf8, Utf16, check),
        (Utf8, _) => convert_block(source, target, Utf8, Utf32, check),
        (Utf16, Utf8) => convert_block(source, target, Utf16, Utf8, check),
        (Utf16, _) => convert_block(source, target, Utf16, Utf32, check),
        (Utf32, Utf8) => convert_block(source, target, Utf32, Utf8, check),
        (Utf32, _) => convert_block(source, target, Utf32, Utf16, check),
    }
}

/// Bytes of a source block.
const BLOCK: u64 = 512;

/// CONVERT from one form into another. The condition code: 0 at the end of
/// the second operand, 1 at the end of the first, 2 at an invalid character,
/// 3 for now.
pub(super) fn convert(
    c: &mut Context<'_>,
    r1: u8,
    r2: u8,
    from: Encoding,
    to: Encoding,
    check: bool,
) -> Result<(), Exception> {
    let (mut target, mut source) = (c.operand_in(r1), c.operand_in(r2));
    let mut room = c.length_in(r1 + 1);
    let start = c.length_in(r2 + 1);
    let mut left = start;
    let code = loop {
        if start - left >= UNIT || start != left && c.must_pause() {
            break 3;
        }
        if left == 0 {
            break 0;
        }
        let mut step = || -> Result<(usize, usize, Option<u8>), Exception> {
            let (mut bytes, mut results) = ([0; 512], [0; 2048]);
            let mut here = c.piece(source, left.min(BLOCK), Access::Fetch)?.length;
            c.read(source, &mut bytes[..bits::index(here)])?;
            let page_left = PAGE - target.address % PAGE;
            // A first character that lies across pages, or whose result does.
            let first = loop {
                match from.decode(&bytes[..bits::index(here)], check) {
                    Incomplete(length) if length as u64 <= left => {
                        here = length as u64;
                        c.read(source, &mut bytes[..length])?;
                    }
                    other => break other,
                }
            };
            let (character, length) = match first {
                Character(character, length) => (character, length),
                Incomplete(_) => return Ok((0, 0, Some(0))),
                Invalid => return Ok((0, 0, Some(2))),
            };
            let (result, size) = to.encode(character);
            if size as u64 > room {
                return Ok((0, 0, Some(1)));
            }
            if size as u64 > page_left {
                c.write(target, &result[..size])?;
                return Ok((length, size, None));
            }
            let most = bits::index(room.min(page_left).min(2048));
            let (used, made, stop) =
                block(&bytes[..bits::index(here)], &mut results[..most], from, to, check);
            c.write(target, &results[..made])?;
            let end = match stop {
                Stop::Invalid => Some(2),
                Stop::Target | Stop::Source(_) => None,
            };
            Ok((used, made, end))
        };
        match step() {
            Ok((used, made, end)) => {
                source = c.beyond_at(source, used as u64);
                target = c.beyond_at(target, made as u64);
                left -= used as u64;
                room -= made as u64;
                if let Some(code) = end {
                    break code;
                }
            }
            Err(exception) if start == left => return Err(exception),
            Err(_) => break 3,
        }
    };
    c.set_address(r1, target.address);
    c.set_by_mode(r1 + 1, room);
    c.set_address(r2, source.address);
    c.set_by_mode(r2 + 1, left);
    c.end_with(code)
}
