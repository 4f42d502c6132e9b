//! Storage-to-storage instructions of up to 256 bytes. Their results are as
//! if they went byte by byte from left to right, which shows when the
//! operands overlap.

use crate::routine::condition_of;
use crate::{Access, At, Context, Exception};
use lowcore_arch::bits;

/// How far the first operand begins within the second one, if bytes that the
/// operation stored are fetched again as it goes on.
fn overlap(c: &Context<'_>, first: At, second: At, length: u64) -> Option<usize> {
    let distance = c.wrap(first.address.wrapping_sub(second.address));
    (distance != 0 && distance < length).then_some(bits::index(distance))
}

/// MOVE.
#[inline]
pub(crate) fn copy(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
) -> Result<(), Exception> {
    let from = c.piece(second, length, Access::Fetch)?;
    if from.length == length {
        let to = c.piece(first, length, Access::Store)?;
        if to.length == length {
            return Ok(c.view.copy(to.absolute, from.absolute, length)?);
        }
    }
    copy_across_pages(c, first, second, length)
}

#[cold]
fn copy_across_pages(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
) -> Result<(), Exception> {
    let mut buffer = [0; 256];
    let bytes = &mut buffer[..bits::index(length)];
    c.read(second, bytes)?;
    if let Some(distance) = overlap(c, first, second, length) {
        for i in distance..bytes.len() {
            bytes[i] = bytes[i - distance];
        }
    }
    c.write(first, bytes)
}

/// MOVE INVERSE: the second operand is given by its last byte.
pub(super) fn copy_inverse(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
) -> Result<(), Exception> {
    let mut buffer = [0; 256];
    let bytes = &mut buffer[..bits::index(length)];
    let start = second.moved_to(c.wrap(second.address.wrapping_sub(length - 1)));
    c.read(start, bytes)?;
    bytes.reverse();
    c.write(first, bytes)
}

/// MOVE NUMERICS, MOVE ZONES, and what follows: gives whether any byte of the
/// result is not zero.
#[inline]
pub(super) fn combine(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    operation: impl Fn(u8, u8) -> u8,
) -> Result<bool, Exception> {
    let length_here = bits::index(length);
    let (mut to, mut from) = ([0; 256], [0; 256]);
    let (to, from) = (&mut to[..length_here], &mut from[..length_here]);
    c.read(second, from)?;
    c.read(first, to)?;
    match overlap(c, first, second, length) {
        None => to.iter_mut().zip(from.iter()).for_each(|(a, b)| *a = operation(*a, *b)),
        Some(distance) => {
            for i in 0..length_here {
                let operand = if i >= distance { to[i - distance] } else { from[i] };
                to[i] = operation(to[i], operand);
            }
        }
    }
    c.write(first, to)?;
    Ok(to.iter().any(|byte| *byte != 0))
}

/// AND, OR, EXCLUSIVE OR.
pub(crate) fn combine_and_test(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    operation: impl Fn(u8, u8) -> u8,
) -> Result<(), Exception> {
    let is_not_zero = combine(c, first, second, length, operation)?;
    c.end_with(u8::from(is_not_zero))
}

/// EXCLUSIVE OR, which often clears an area by its own contents.
pub(crate) fn exclusive_or(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
) -> Result<(), Exception> {
    if first == second {
        let piece = c.piece(first, length, Access::Store)?;
        if piece.length == length {
            c.view.fill(piece.absolute, length, 0)?;
            return c.end_with(0);
        }
    }
    combine_and_test(c, first, second, length, |a, b| a ^ b)
}

/// COMPARE LOGICAL.
pub(crate) fn compare(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
) -> Result<(), Exception> {
    let (mut a, mut b) = ([0; 256], [0; 256]);
    let (a, b) = (&mut a[..bits::index(length)], &mut b[..bits::index(length)]);
    c.read(first, a)?;
    c.read(second, b)?;
    c.end_with(condition_of((*a).cmp(&*b)))
}
