//! Strings that end at a certain byte, searches, and CHECKSUM.

use crate::routine::registers::{PAGE, UNIT, specification_if};
use crate::{Access, Context, Exception};
use lowcore_arch::{AddressingMode, bits};

/// The byte that ends a string, from bits 56-63 of general register 0. Bits
/// 32-55 must be zero.
fn ending_byte(c: &Context<'_>) -> Result<u8, Exception> {
    let register = c.register(0);
    specification_if(register & 0xffff_ff00 != 0)?;
    Ok(bits::low8(register))
}

/// MOVE STRING.
pub(super) fn move_string(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let ending = ending_byte(c)?;
    let (mut first, mut second) = (c.operand_in(r1), c.operand_in(r2));
    let mut done = 0;
    while done == 0 || done < UNIT && !c.must_pause() {
        let mut step = || -> Result<(u64, bool), Exception> {
            let from = c.piece(second, PAGE, Access::Fetch)?;
            let end = c.view.find_byte(from.absolute, from.length, ending)?;
            let wanted = end.map_or(from.length, |end| end + 1);
            let to = c.piece(first, wanted, Access::Store)?;
            c.view.copy(to.absolute, from.absolute, to.length)?;
            Ok((to.length, end.is_some() && to.length == wanted))
        };
        match step() {
            Ok((length, true)) => {
                c.set_address_and_zeros(r1, first.address.wrapping_add(length - 1));
                return c.end_with(1);
            }
            Ok((length, false)) => {
                first = c.beyond_at(first, length);
                second = c.beyond_at(second, length);
                done += length;
            }
            Err(exception) if done == 0 => return Err(exception),
            Err(_) => break,
        }
    }
    c.set_address_and_zeros(r1, first.address);
    c.set_address_and_zeros(r2, second.address);
    c.end_with(3)
}

/// COMPARE LOGICAL STRING.
pub(super) fn compare_string(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    const BLOCK: u64 = 256;
    /// The first look is a short one: most strings are.
    const FIRST: u64 = 32;
    let ending = ending_byte(c)?;
    let (mut first, mut second) = (c.operand_in(r1), c.operand_in(r2));
    let (mut one, mut other) = ([0; 256], [0; 256]);
    let mut done = 0;
    while done == 0 || done < UNIT && !c.must_pause() {
        let most = if done == 0 { FIRST } else { BLOCK };
        let mut fetch = || -> Result<usize, Exception> {
            let a = c.piece(first, most, Access::Fetch)?;
            let b = c.piece(second, a.length, Access::Fetch)?;
            let length = bits::index(b.length);
            c.view.read(a.absolute, &mut one[..length])?;
            c.view.read(b.absolute, &mut other[..length])?;
            Ok(length)
        };
        let length = match fetch() {
            Ok(length) => length,
            Err(exception) if done == 0 => return Err(exception),
            Err(_) => break,
        };
        if let Some(i) = first_decided(&one[..length], &other[..length], ending) {
            let (a, b) = (one[i], other[i]);
            if a == b {
                return c.end_with(0);
            }
            c.set_address(r1, first.address.wrapping_add(i as u64));
            c.set_address(r2, second.address.wrapping_add(i as u64));
            let first_low = a == ending || b != ending && a < b;
            return c.end_with(if first_low { 1 } else { 2 });
        }
        first = c.beyond_at(first, length as u64);
        second = c.beyond_at(second, length as u64);
        done += length as u64;
    }
    c.set_address(r1, first.address);
    c.set_address(r2, second.address);
    c.end_with(3)
}

/// The first place where two operands of one length differ, or end.
fn first_decided(one: &[u8], other: &[u8], ending: u8) -> Option<usize> {
    let ((one_words, _), (other_words, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let is_undecided = |(a, b): &(&[u8; 8], &[u8; 8])| a == b && !has_byte(**a, ending);
    let same = one_words.iter().zip(other_words).take_while(is_undecided).count() * 8;
    let mut rest = one.iter().zip(other).skip(same);
    rest.position(|(a, b)| a != b || *a == ending).map(|place| same + place)
}

/// Whether a byte is among eight.
fn has_byte(word: [u8; 8], byte: u8) -> bool {
    let differences = u64::from_ne_bytes(word) ^ u64::from_ne_bytes([byte; 8]);
    let (ones, signs) = (u64::from_ne_bytes([1; 8]), u64::from_ne_bytes([0x80; 8]));
    // A borrow reaches the sign of a byte without one if a byte is zero.
    differences.wrapping_sub(ones) & !differences & signs != 0
}

/// SEARCH STRING.
pub(super) fn search_string(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let wanted = ending_byte(c)?;
    let end = c.address_in(r1);
    let mut at = c.operand_in(r2);
    let mut done = 0;
    while done == 0 || done < UNIT && !c.must_pause() {
        let left = c.wrap(end.wrapping_sub(at.address));
        if left == 0 {
            return c.end_with(2);
        }
        let mut step = || -> Result<(u64, Option<u64>), Exception> {
            let piece = c.piece(at, left, Access::Fetch)?;
            Ok((piece.length, c.view.find_byte(piece.absolute, piece.length, wanted)?))
        };
        match step() {
            Ok((_, Some(found))) => {
                c.set_address(r1, at.address.wrapping_add(found));
                return c.end_with(1);
            }
            Ok((length, None)) => {
                at = c.beyond_at(at, length);
                done += length;
            }
            Err(exception) if done == 0 => return Err(exception),
            Err(_) => break,
        }
    }
    if at.address == end {
        return c.end_with(2);
    }
    c.set_address(r2, at.address);
    c.end_with(3)
}

/// SEARCH STRING UNICODE.
pub(super) fn search_string_unicode(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    specification_if(c.register(0) & 0xffff_0000 != 0)?;
    let wanted = bits::low16(c.register(0)).to_be_bytes();
    let end = c.address_in(r1);
    let mut at = c.operand_in(r2);
    let mut done = 0;
    while done == 0 || done < UNIT && !c.must_pause() {
        // A last character may have its second byte behind the end.
        let left = c.wrap(end.wrapping_sub(at.address)).checked_add(1).map_or(u64::MAX, |n| n & !1);
        if left == 0 {
            return c.end_with(2);
        }
        let mut buffer = [0; 512];
        let mut fetch = || -> Result<usize, Exception> {
            let piece = c.piece(at, left.min(512), Access::Fetch)?;
            if piece.length == 1 {
                c.read(at, &mut buffer[..2])?;
                return Ok(2);
            }
            let length = bits::index(piece.length & !1);
            c.view.read(piece.absolute, &mut buffer[..length])?;
            Ok(length)
        };
        let length = match fetch() {
            Ok(length) => length,
            Err(exception) if done == 0 => return Err(exception),
            Err(_) => break,
        };
        let (characters, _) = buffer[..length].as_chunks::<2>();
        if let Some(found) = characters.iter().position(|character| *character == wanted) {
            c.set_address(r1, at.address.wrapping_add(2 * found as u64));
            return c.end_with(1);
        }
        at = c.beyond_at(at, length as u64);
        done += length as u64;
        if length as u64 == left {
            return c.end_with(2);
        }
    }
    c.set_address(r2, at.address);
    c.end_with(3)
}

/// A length that is a signed number: a negative one is none.
fn signed_length(c: &Context<'_>, r: u8) -> u64 {
    let length = match c.regs.psw.addressing_mode() {
        AddressingMode::Bits64 => c.register(r).cast_signed(),
        _ => bits::low32(c.register(r)).cast_signed().into(),
    };
    u64::try_from(length).unwrap_or(0)
}

/// Where COMPARE UNTIL SUBSTRING EQUAL is.
#[derive(Clone, Copy)]
struct Compared {
    first: u64,
    first_left: u64,
    second: u64,
    second_left: u64,
}

/// COMPARE UNTIL SUBSTRING EQUAL.
pub(super) fn compare_until_equal(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let wanted = c.register(0) & 0xff;
    let pad = bits::low8(c.register(1));
    let start = Compared {
        first: c.address_in(r1),
        first_left: signed_length(c, r1 + 1),
        second: c.address_in(r2),
        second_left: signed_length(c, r2 + 1),
    };
    if wanted == 0 {
        return c.end_with(0);
    }
    let mut now = start;
    // Where the equal bytes began that lead up to here, and how many.
    let (mut began, mut equal) = (now, 0);
    let mut code = 2;
    let mut done = 0;
    while now.first_left > 0 || now.second_left > 0 {
        if equal == 0 && (done >= PAGE || done > 0 && c.must_pause()) {
            code = 3;
            break;
        }
        let byte = |c: &mut Context<'_>, address: u64, left: u64, r: u8| {
            if left == 0 { Ok(pad) } else { c.load_u8(crate::At::operand(address, r)) }
        };
        let both = byte(c, now.first, now.first_left, r1)
            .and_then(|a| Ok((a, byte(c, now.second, now.second_left, r2)?)));
        let (a, b) = match both {
            Ok(both) => both,
            Err(exception) if done == equal => return Err(exception),
            Err(_) => {
                // The exception comes when it all begins with these bytes.
                now = if equal == 0 { now } else { began };
                code = 3;
                break;
            }
        };
        if a == b {
            if equal == 0 {
                began = now;
            }
            equal += 1;
            code = 1;
        } else {
            equal = 0;
            code = 2;
        }
        done += 1;
        if now.first_left > 0 {
            now.first = c.wrap(now.first.wrapping_add(1));
            now.first_left -= 1;
        }
        if now.second_left > 0 {
            now.second = c.wrap(now.second.wrapping_add(1));
            now.second_left -= 1;
        }
        if equal == wanted {
            code = 0;
            break;
        }
    }
    if done > 0 {
        let place = if code < 2 { began } else { now };
        // A negative length stays what it is.
        let first_left = c.register(r1 + 1).wrapping_sub(start.first_left - place.first_left);
        let second_left = c.register(r2 + 1).wrapping_sub(start.second_left - place.second_left);
        c.set_address(r1, place.first);
        c.set_by_mode(r1 + 1, first_left);
        c.set_address(r2, place.second);
        c.set_by_mode(r2 + 1, second_left);
    }
    c.end_with(code)
}

/// CHECKSUM.
pub(super) fn checksum(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let mut sum = c.register(r1) & 0xffff_ffff;
    let mut at = c.operand_in(r2);
    let start = c.length_in(r2 + 1);
    let mut left = start;
    let mut failed = None;
    while left > 0 {
        if start - left >= UNIT || start != left && c.must_pause() {
            break;
        }
        let mut buffer = [0; 1024];
        let mut fetch = || -> Result<usize, Exception> {
            let piece = c.piece(at, left.min(1024), Access::Fetch)?;
            // Words count from where the operand begins; one may lie across
            // the end of a page.
            let length =
                if piece.length == left { left } else { (piece.length & !3).max(left.min(4)) };
            let bytes = &mut buffer[..bits::index(length)];
            if length <= piece.length {
                c.view.read(piece.absolute, bytes)?;
            } else {
                c.read(at, bytes)?;
            }
            Ok(bits::index(length))
        };
        let length = match fetch() {
            Ok(length) => length,
            Err(exception) => {
                failed = Some(exception);
                break;
            }
        };
        // Missing bytes on the right count as zeros, as the buffer has them.
        let (words, _) = buffer[..length.next_multiple_of(4)].as_chunks::<4>();
        sum += words.iter().map(|word| u64::from(u32::from_be_bytes(*word))).sum::<u64>();
        at = c.beyond_at(at, length as u64);
        left -= length as u64;
    }
    if let Some(exception) = failed
        && start == left
    {
        return Err(exception);
    }
    while sum >> 32 != 0 {
        sum = (sum >> 32) + (sum & 0xffff_ffff);
    }
    c.set_register_low(r1, bits::low32(sum));
    c.set_address(r2, at.address);
    c.set_by_mode(r2 + 1, left);
    c.end_with(if left == 0 { 0 } else { 3 })
}

#[cfg(test)]
mod tests {
    use super::first_decided;

    #[test]
    fn a_difference_or_the_end_decides_at_any_place() {
        let same = [7; 40];
        assert_eq!(first_decided(&same, &same, 0), None);
        for place in 0..same.len() {
            for (a, b) in [(0, 0), (0, 7), (7, 0), (7, 8), (8, 7), (0x80, 7), (0x87, 7)] {
                for after in [7, 0, 1] {
                    let (mut one, mut other) = (same, same);
                    one[place + 1..].fill(after);
                    (one[place], other[place]) = (a, b);
                    assert_eq!(first_decided(&one, &other, 0), Some(place), "{a} {b} {after}");
                }
            }
        }
        assert_eq!(first_decided(&[1; 3], &[1; 3], 1), Some(0));
        assert_eq!(first_decided(&[], &[], 1), None);
    }
}
