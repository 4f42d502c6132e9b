//! MOVE LONG and COMPARE LOGICAL LONG with their extended and Unicode forms.

use crate::routine::registers::{PAGE, UNIT, specification_if};
use crate::{Access, At, Context, Exception, Piece};
use core::cmp::Ordering;
use lowcore_arch::{Psw, bits};

/// The two operands, as far as they are not yet processed.
struct Operands {
    first: At,
    first_left: u64,
    second: At,
    second_left: u64,
}

impl Operands {
    fn advance_first(&mut self, c: &Context<'_>, bytes: u64) {
        self.first = c.beyond_at(self.first, bytes);
        self.first_left -= bytes;
    }

    fn advance_second(&mut self, c: &Context<'_>, bytes: u64) {
        self.second = c.beyond_at(self.second, bytes);
        self.second_left -= bytes;
    }
}

/// What fills the place of a shorter operand: one byte, or two by turns.
#[derive(Clone, Copy)]
enum Padding {
    Byte(u8),
    Pair([u8; 2]),
}

impl Padding {
    /// The padding byte that meets the last but `left` byte of an operand.
    fn at(self, left: u64) -> u8 {
        match self {
            Self::Byte(byte) => byte,
            Self::Pair([even, odd]) => {
                if left.is_multiple_of(2) {
                    even
                } else {
                    odd
                }
            }
        }
    }
}

/// How an instruction keeps its lengths and ends early.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// MOVE LONG and COMPARE LOGICAL LONG: 24 bits of length, interruptible.
    Long,
    /// The others: the length by the mode, and condition code 3.
    Extended,
}

/// 24 bits of length.
const SHORT_LENGTH: u64 = 0xff_ffff;

impl Form {
    fn operands(self, c: &Context<'_>, first: u8, second: u8) -> Operands {
        let length = |r| match self {
            Self::Long => c.register(r + 1) & SHORT_LENGTH,
            Self::Extended => c.length_in(r + 1),
        };
        Operands {
            first: c.operand_in(first),
            first_left: length(first),
            second: c.operand_in(second),
            second_left: length(second),
        }
    }

    fn keep(self, c: &mut Context<'_>, o: &Operands) {
        for (at, left) in [(o.first, o.first_left), (o.second, o.second_left)] {
            match self {
                Self::Long => {
                    c.set_address_and_zeros(at.base, at.address);
                    let length = c.register(at.base + 1) & !SHORT_LENGTH | left;
                    c.set_register(at.base + 1, length);
                }
                Self::Extended => {
                    c.set_address(at.base, at.address);
                    c.set_by_mode(at.base + 1, left);
                }
            }
        }
    }

    /// Ends for now: all that can be told is in the registers.
    fn pause(self, c: &mut Context<'_>) -> Result<(), Exception> {
        match self {
            Self::Long => Err(Exception::Again),
            Self::Extended => c.end_with(3),
        }
    }
}

/// The condition code of two lengths.
fn length_code(first: u64, second: u64) -> u8 {
    match first.cmp(&second) {
        Ordering::Equal => 0,
        Ordering::Less => 1,
        Ordering::Greater => 2,
    }
}

/// MOVE LONG.
pub(super) fn move_long(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let pad = bits::low8(c.register(r2 + 1) >> 24);
    let o = Form::Long.operands(c, r1, r2);
    let moved = o.first_left.min(o.second_left);
    let distance = c.wrap(o.first.address.wrapping_sub(o.second.address));
    if distance != 0 && distance < moved && same_space(c, r1, r2) {
        // Bytes would be fetched from where the move has already stored.
        Form::Long.keep(c, &o);
        return c.end_with(3);
    }
    move_operands(c, Form::Long, o, Padding::Byte(pad))
}

/// Whether two operands are in one space as far as the instruction can tell.
fn same_space(c: &Context<'_>, r1: u8, r2: u8) -> bool {
    const ACCESS_REGISTER_MODE: u64 = 1 << 46;
    let mode = c.regs.psw.mask & (Psw::DAT | Psw::ADDRESS_SPACE);
    let alet = |r: u8| if r == 0 { 0 } else { c.regs.ar[usize::from(r)] };
    mode != Psw::DAT | ACCESS_REGISTER_MODE || alet(r1) == alet(r2)
}

/// MOVE LONG EXTENDED.
pub(super) fn move_extended(
    c: &mut Context<'_>,
    r1: u8,
    r3: u8,
    padding: u64,
) -> Result<(), Exception> {
    let o = Form::Extended.operands(c, r1, r3);
    move_operands(c, Form::Extended, o, Padding::Byte(bits::low8(padding)))
}

/// MOVE LONG UNICODE.
pub(super) fn move_unicode(
    c: &mut Context<'_>,
    r1: u8,
    r3: u8,
    padding: u64,
) -> Result<(), Exception> {
    let o = Form::Extended.operands(c, r1, r3);
    specification_if((o.first_left | o.second_left) & 1 != 0)?;
    move_operands(c, Form::Extended, o, Padding::Pair(bits::low16(padding).to_be_bytes()))
}

fn move_operands(
    c: &mut Context<'_>,
    form: Form,
    mut o: Operands,
    padding: Padding,
) -> Result<(), Exception> {
    let code = length_code(o.first_left, o.second_left);
    let start = o.first_left;
    while o.first_left > 0 {
        if start - o.first_left >= UNIT || start != o.first_left && c.must_pause() {
            form.keep(c, &o);
            return form.pause(c);
        }
        if let Err(exception) = move_piece(c, &mut o, padding) {
            // What is done stays done, and what fails is tried again.
            if start != o.first_left {
                form.keep(c, &o);
                if form == Form::Extended {
                    return form.pause(c);
                }
            }
            return Err(exception);
        }
    }
    form.keep(c, &o);
    c.end_with(code)
}

/// Moves or pads as much as lies in one page.
fn move_piece(c: &mut Context<'_>, o: &mut Operands, padding: Padding) -> Result<(), Exception> {
    if o.second_left > 0 {
        let most = o.first_left.min(o.second_left);
        let from = c.piece(o.second, most, Access::Fetch)?;
        let to = c.piece(o.first, from.length, Access::Store)?;
        c.view.copy(to.absolute, from.absolute, to.length)?;
        o.advance_first(c, to.length);
        o.advance_second(c, to.length);
    } else {
        let to = c.piece(o.first, o.first_left, Access::Store)?;
        pad(c, to, padding, o.first_left)?;
        o.advance_first(c, to.length);
    }
    Ok(())
}

fn pad(c: &Context<'_>, to: Piece, padding: Padding, left: u64) -> Result<(), Exception> {
    let first = padding.at(left);
    let second = padding.at(left + 1);
    if first == second {
        c.view.fill(to.absolute, to.length, first)?;
    } else if to.length == 1 {
        c.view.store_u8(to.absolute, first)?;
    } else {
        c.view.write(to.absolute, &[first, second])?;
        // What is copied over itself repeats.
        c.view.copy(to.absolute + 2, to.absolute, to.length - 2)?;
    }
    Ok(())
}

/// COMPARE LOGICAL LONG.
pub(super) fn compare_long(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let pad = bits::low8(c.register(r2 + 1) >> 24);
    let o = Form::Long.operands(c, r1, r2);
    compare_operands(c, Form::Long, o, Padding::Byte(pad))
}

/// COMPARE LOGICAL LONG EXTENDED.
pub(super) fn compare_extended(
    c: &mut Context<'_>,
    r1: u8,
    r3: u8,
    padding: u64,
) -> Result<(), Exception> {
    let o = Form::Extended.operands(c, r1, r3);
    compare_operands(c, Form::Extended, o, Padding::Byte(bits::low8(padding)))
}

/// COMPARE LOGICAL LONG UNICODE.
pub(super) fn compare_unicode(
    c: &mut Context<'_>,
    r1: u8,
    r3: u8,
    padding: u64,
) -> Result<(), Exception> {
    let o = Form::Extended.operands(c, r1, r3);
    specification_if((o.first_left | o.second_left) & 1 != 0)?;
    compare_operands(c, Form::Extended, o, Padding::Pair(bits::low16(padding).to_be_bytes()))
}

fn compare_operands(
    c: &mut Context<'_>,
    form: Form,
    mut o: Operands,
    padding: Padding,
) -> Result<(), Exception> {
    let start = o.first_left.max(o.second_left);
    loop {
        let left = o.first_left.max(o.second_left);
        if left == 0 {
            form.keep(c, &o);
            return c.end_with(0);
        }
        if start - left >= UNIT || start != left && c.must_pause() {
            form.keep(c, &o);
            return form.pause(c);
        }
        match compare_piece(c, &mut o, padding) {
            Ok(None) => {}
            Ok(Some(order)) => {
                if let Padding::Pair(_) = padding {
                    to_character(c, &mut o);
                }
                form.keep(c, &o);
                return c.end_with(if order == Ordering::Less { 1 } else { 2 });
            }
            Err(exception) => {
                if start != left {
                    form.keep(c, &o);
                    if form == Form::Extended {
                        return form.pause(c);
                    }
                }
                return Err(exception);
            }
        }
    }
}

/// Goes back to the first byte of a two-byte character.
fn to_character(c: &Context<'_>, o: &mut Operands) {
    if o.first_left & 1 != 0 {
        o.first = c.beyond_at(o.first, u64::MAX);
        o.first_left += 1;
    }
    if o.second_left & 1 != 0 {
        o.second = c.beyond_at(o.second, u64::MAX);
        o.second_left += 1;
    }
}

/// Compares as much as lies in one page, and advances to the first
/// difference or behind it all.
fn compare_piece(
    c: &mut Context<'_>,
    o: &mut Operands,
    padding: Padding,
) -> Result<Option<Ordering>, Exception> {
    if o.first_left > 0 && o.second_left > 0 {
        let first = c.piece(o.first, o.first_left.min(o.second_left), Access::Fetch)?;
        let second = c.piece(o.second, first.length, Access::Fetch)?;
        let equal = c.view.equal_bytes(first.absolute, second.absolute, second.length)?;
        o.advance_first(c, equal);
        o.advance_second(c, equal);
        if equal == second.length {
            return Ok(None);
        }
        let a = c.view.load_u8(first.absolute + equal)?;
        let b = c.view.load_u8(second.absolute + equal)?;
        // Another CPU may have made them equal meanwhile.
        return Ok(Some(if a < b { Ordering::Less } else { Ordering::Greater }));
    }
    let longer_is_first = o.first_left > 0;
    let (at, left) =
        if longer_is_first { (o.first, o.first_left) } else { (o.second, o.second_left) };
    let piece = c.piece(at, left.min(PAGE), Access::Fetch)?;
    let mut buffer = [0; 512];
    let bytes = &mut buffer[..bits::index(piece.length.min(512))];
    c.view.read(piece.absolute, bytes)?;
    let different = (0..).zip(bytes.iter()).find(|(i, byte)| **byte != padding.at(left - i));
    let passed = different.map_or(bytes.len() as u64, |(i, _)| i);
    let order = different.map(|(i, byte)| byte.cmp(&padding.at(left - i)));
    if longer_is_first {
        o.advance_first(c, passed);
        Ok(order)
    } else {
        o.advance_second(c, passed);
        Ok(order.map(Ordering::reverse))
    }
}
