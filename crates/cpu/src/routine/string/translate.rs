//! Translations through tables in storage.

use crate::routine::registers::{PAGE, UNIT, specification_if};
use crate::{Access, At, Context, Exception};
use lowcore_arch::bits;

/// A table of 256 bytes, of which only the parts that are used are fetched:
/// it may lie in two pages.
struct Table {
    at: At,
    bytes: [u8; 256],
    /// How many bytes lie in the first page.
    split: usize,
    first_known: bool,
    second_known: bool,
}

impl Table {
    fn new(at: At) -> Self {
        let room = bits::index(PAGE - at.address % PAGE);
        Self { at, bytes: [0; 256], split: room.min(256), first_known: false, second_known: false }
    }

    fn get(&mut self, c: &mut Context<'_>, index: u8) -> Result<u8, Exception> {
        let index = usize::from(index);
        if index < self.split {
            if !self.first_known {
                c.read(self.at, &mut self.bytes[..self.split])?;
                self.first_known = true;
            }
        } else if !self.second_known {
            let at = c.beyond_at(self.at, self.split as u64);
            c.read(at, &mut self.bytes[self.split..])?;
            self.second_known = true;
        }
        Ok(self.bytes[index])
    }
}

/// A larger table, whose pages are translated when they are first used.
struct Pages {
    at: At,
    /// Absolute addresses of pages, counted from the table's first.
    pages: [Option<u64>; 33],
}

impl Pages {
    const fn new(at: At) -> Self {
        Self { at, pages: [None; 33] }
    }

    /// The entry of `size` bytes, one or two, with this number.
    fn get(&mut self, c: &mut Context<'_>, number: u16, size: u64) -> Result<u16, Exception> {
        let offset = u64::from(number) * size;
        let inside = self.at.address % PAGE + offset;
        let at = c.beyond_at(self.at, offset);
        if inside % PAGE + size > PAGE {
            return c.load_u16(at);
        }
        let page = bits::index(inside / PAGE);
        let absolute = match self.pages[page] {
            Some(absolute) => absolute,
            None => {
                let piece = c.piece(at, size, Access::Fetch)?;
                *self.pages[page].insert(piece.absolute & !(PAGE - 1))
            }
        } + inside % PAGE;
        Ok(if size == 1 { c.view.load_u8(absolute)?.into() } else { c.view.load_u16(absolute)? })
    }
}

/// TRANSLATE.
pub(super) fn translate(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
) -> Result<(), Exception> {
    let mut buffer = [0; 256];
    let bytes = &mut buffer[..bits::index(length)];
    c.read(first, bytes)?;
    c.probe_store(first, length)?;
    let mut table = Table::new(second);
    // Where the operand begins in the table, if it lies there: what is stored
    // is then looked up later.
    let distance = c.wrap(first.address.wrapping_sub(second.address));
    let overlaps = distance < 256 || c.wrap(second.address.wrapping_sub(first.address)) < length;
    for (i, byte) in (0..).zip(bytes.iter_mut()) {
        let result = table.get(c, *byte)?;
        *byte = result;
        if overlaps {
            let place = c.wrap(distance.wrapping_add(i));
            if place < 256 {
                // Fetched before it is changed.
                table.get(c, bits::low8(place))?;
                table.bytes[bits::index(place)] = result;
            }
        }
    }
    c.write(first, bytes)
}

/// Which way an operand is gone through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From left to right.
    Right,
    /// From right to left.
    Left,
}

/// TRANSLATE AND TEST, and its reverse form, whose first operand is given by
/// its last byte.
pub(super) fn translate_and_test(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    direction: Direction,
) -> Result<(), Exception> {
    let mut table = Table::new(second);
    let mut buffer = [0; 256];
    let mut done = 0;
    while done < length {
        let left = length - done;
        let (start, here) = match direction {
            Direction::Right => {
                let start = c.wrap(first.address.wrapping_add(done));
                (start, left.min(PAGE - start % PAGE))
            }
            Direction::Left => {
                let last = c.wrap(first.address.wrapping_sub(done));
                let here = left.min(last % PAGE + 1);
                (last - (here - 1), here)
            }
        };
        let bytes = &mut buffer[..bits::index(here)];
        c.read(first.moved_to(start), bytes)?;
        for i in 0..here {
            let offset = if direction == Direction::Right { i } else { here - 1 - i };
            let function = table.get(c, bytes[bits::index(offset)])?;
            if function != 0 {
                c.set_address(1, start + offset);
                let register = c.register(2) & !0xff | u64::from(function);
                c.set_register(2, register);
                return c.end_with(if done + i + 1 == length { 2 } else { 1 });
            }
        }
        done += here;
    }
    c.end_with(0)
}

/// TRANSLATE EXTENDED.
pub(super) fn translate_extended(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    const BLOCK: u64 = 512;
    let test = bits::low8(c.register(0));
    let mut table = Table::new(c.operand_in(r2));
    let mut at = c.operand_in(r1);
    let start = c.length_in(r1 + 1);
    let mut left = start;
    let mut code = 0;
    while left > 0 {
        if start - left >= UNIT || start != left && c.must_pause() {
            code = 3;
            break;
        }
        let mut buffer = [0; 512];
        let mut fetch = || -> Result<(u64, usize), Exception> {
            let piece = c.piece(at, left.min(BLOCK), Access::Store)?;
            let length = bits::index(piece.length);
            c.view.read(piece.absolute, &mut buffer[..length])?;
            Ok((piece.absolute, length))
        };
        let mut failed = None;
        let mut passed = 0;
        match fetch() {
            Ok((absolute, length)) => {
                let bytes = &mut buffer[..length];
                for byte in bytes.iter_mut() {
                    if *byte == test {
                        code = 1;
                        break;
                    }
                    match table.get(c, *byte) {
                        Ok(function) => *byte = function,
                        Err(exception) => {
                            failed = Some(exception);
                            break;
                        }
                    }
                    passed += 1;
                }
                if passed > 0 {
                    c.view.write(absolute, &bytes[..passed])?;
                }
            }
            Err(exception) => failed = Some(exception),
        }
        at = c.beyond_at(at, passed as u64);
        left -= passed as u64;
        if let Some(exception) = failed {
            if start == left {
                return Err(exception);
            }
            code = 3;
        }
        if code != 0 {
            break;
        }
    }
    c.set_address(r1, at.address);
    c.set_by_mode(r1 + 1, left);
    c.end_with(code)
}

/// The sizes of characters of TRANSLATE ONE TO ONE and its kin, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    /// Of the second operand, which is translated.
    pub from: u64,
    /// Of the first operand, the result.
    pub to: u64,
}

/// TRANSLATE ONE TO ONE, ONE TO TWO, TWO TO ONE and TWO TO TWO.
pub(super) fn translate_characters(
    c: &mut Context<'_>,
    r1: u8,
    r2: u8,
    without_test: bool,
    sizes: Sizes,
) -> Result<(), Exception> {
    const BLOCK: u64 = 256;
    let start = c.length_in(r1 + 1);
    specification_if(!start.is_multiple_of(sizes.from))?;
    let test = c.register(0) & if sizes.to == 1 { 0xff } else { 0xffff };
    let test = (!without_test).then_some(bits::low16(test));
    let mut table = Pages::new(At::operand(c.address_in(1) & !7, 1));
    let (mut to, mut from) = (c.operand_in(r1), c.operand_in(r2));
    let mut left = start;
    let mut code = 0;
    while left > 0 && code == 0 {
        if start - left >= UNIT || start != left && c.must_pause() {
            code = 3;
            break;
        }
        let mut step = || -> Result<(u64, bool), Exception> {
            let mut buffer = [0; 512];
            let mut length = c.piece(from, left.min(BLOCK), Access::Fetch)?.length;
            length = (length & !(sizes.from - 1)).max(sizes.from);
            let source = &mut buffer[..bits::index(length)];
            c.read(from, source)?;
            let mut results = Results::new(sizes.to);
            let mut found = false;
            for character in source.chunks_exact(bits::index(sizes.from)) {
                let number = character.iter().fold(0, |n, byte| n << 8 | u16::from(*byte));
                let result = match table.get(c, number, sizes.to) {
                    Ok(result) => result,
                    Err(exception) if results.count == 0 => return Err(exception),
                    // The exception comes when it all begins with this one.
                    Err(_) => break,
                };
                if test == Some(result) {
                    found = true;
                    break;
                }
                results.push(result);
            }
            if results.count == 0 {
                return Ok((0, found));
            }
            let bytes = results.count * sizes.to;
            let piece = c.piece(to, bytes, Access::Store)?;
            let stored = (piece.length / sizes.to).max(1);
            c.write(to, &results.bytes[..bits::index(stored * sizes.to)])?;
            Ok((stored, found && stored == results.count))
        };
        match step() {
            Ok((characters, found)) => {
                from = c.beyond_at(from, characters * sizes.from);
                to = c.beyond_at(to, characters * sizes.to);
                left -= characters * sizes.from;
                code = u8::from(found);
            }
            Err(exception) if start == left => return Err(exception),
            Err(_) => code = 3,
        }
    }
    c.set_address(r1, to.address);
    c.set_by_mode(r1 + 1, left);
    c.set_address(r2, from.address);
    c.end_with(code)
}

/// Results that wait to be stored.
struct Results {
    bytes: [u8; 512],
    count: u64,
    size: u64,
}

impl Results {
    const fn new(size: u64) -> Self {
        Self { bytes: [0; 512], count: 0, size }
    }

    fn push(&mut self, result: u16) {
        let at = bits::index(self.count * self.size);
        let both = result.to_be_bytes();
        if self.size == 1 {
            self.bytes[at] = both[1];
        } else {
            self.bytes[at..at + 2].copy_from_slice(&both);
        }
        self.count += 1;
    }
}

/// TRANSLATE AND TEST EXTENDED, and its reverse form. The mask: arguments of
/// two bytes, function codes of two bytes, arguments above 255 have the
/// function code zero.
pub(super) fn test_extended(
    c: &mut Context<'_>,
    r1: u8,
    r2: u8,
    mask: u64,
    direction: Direction,
) -> Result<(), Exception> {
    let size = if mask & 8 != 0 { 2 } else { 1 };
    let function_size = if mask & 4 != 0 { 2 } else { 1 };
    let limited = mask & 2 != 0;
    let start = c.length_in(r1 + 1);
    specification_if(!start.is_multiple_of(size))?;
    let mut table = Pages::new(At::operand(c.address_in(1), 1));
    let mut at = c.operand_in(r1);
    let mut left = start;
    let mut function = 0;
    let mut code = 0;
    while left > 0 {
        if start - left >= UNIT || start != left && c.must_pause() {
            code = 3;
            break;
        }
        let argument = if size == 2 { c.load_u16(at) } else { c.load_u8(at).map(u16::from) };
        let selected = argument.and_then(|argument| {
            if limited && argument > 255 { Ok(0) } else { table.get(c, argument, function_size) }
        });
        match selected {
            Ok(0) => {}
            Ok(selected) => {
                function = selected;
                code = 1;
                break;
            }
            Err(exception) if start == left => return Err(exception),
            Err(_) => {
                code = 3;
                break;
            }
        }
        let step = if direction == Direction::Right { size } else { size.wrapping_neg() };
        at = c.beyond_at(at, step);
        left -= size;
    }
    c.set_address(r1, at.address);
    c.set_by_mode(r1 + 1, left);
    // What R2 gets where it is one of the other two is unpredictable.
    if code != 3 && r2 != r1 && r2 != r1 + 1 {
        c.set_by_mode(r2, function.into());
    }
    c.end_with(code)
}
