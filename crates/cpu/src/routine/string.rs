//! Storage-to-storage instructions of up to 256 bytes. Their results are as
//! if they went byte by byte from left to right, which shows when the
//! operands overlap.

use super::Operands;
use crate::{At, Context, Exception};
use lowcore_arch::bits;
use lowcore_isa::StringHelper;

/// Calls a routine of this family.
pub(crate) fn call(
    _c: &mut Context<'_>,
    helper: StringHelper,
    _operands: &Operands,
) -> Result<u64, Exception> {
    match helper {}
}

/// How far the first operand begins within the second one, if bytes that the
/// operation stored are fetched again as it goes on.
fn overlap(c: &Context<'_>, first: At, second: At, length: u64) -> Option<usize> {
    let distance = c.wrap(first.address.wrapping_sub(second.address));
    (distance != 0 && distance < length).then_some(bits::index(distance))
}

/// MOVE.
pub fn copy(c: &mut Context<'_>, first: At, second: At, length: u64) -> Result<(), Exception> {
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

/// AND, OR, EXCLUSIVE OR.
pub fn combine(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    operation: impl Fn(u8, u8) -> u8,
) -> Result<(), Exception> {
    let length_here = bits::index(length);
    let (mut to, mut from) = ([0; 256], [0; 256]);
    let (to, from) = (&mut to[..length_here], &mut from[..length_here]);
    c.read(second, from)?;
    c.read(first, to)?;
    let distance = overlap(c, first, second, length);
    for i in 0..length_here {
        let operand = match distance {
            Some(distance) if i >= distance => to[i - distance],
            _ => from[i],
        };
        to[i] = operation(to[i], operand);
    }
    c.write(first, to)?;
    c.regs.psw.set_condition_code(u8::from(to.iter().any(|byte| *byte != 0)));
    Ok(())
}

/// COMPARE LOGICAL.
pub fn compare(c: &mut Context<'_>, first: At, second: At, length: u64) -> Result<(), Exception> {
    let (mut a, mut b) = ([0; 256], [0; 256]);
    let (a, b) = (&mut a[..bits::index(length)], &mut b[..bits::index(length)]);
    c.read(first, a)?;
    c.read(second, b)?;
    c.regs.psw.set_condition_code(match (*a).cmp(&*b) {
        core::cmp::Ordering::Equal => 0,
        core::cmp::Ordering::Less => 1,
        core::cmp::Ordering::Greater => 2,
    });
    Ok(())
}
