//! COMPARE AND FORM CODEWORD and UPDATE TREE, for sorting and merging.

use crate::routine::registers::specification_if;
use crate::{At, Context, Exception};
use core::cmp::Ordering;
use lowcore_arch::{AddressingMode, bits};

fn is_long(c: &Context<'_>) -> bool {
    c.regs.psw.addressing_mode() == AddressingMode::Bits64
}

/// COMPARE AND FORM CODEWORD. The operands begin at the addresses in general
/// registers 1 and 3, both in the space of register 1; bits 48-63 of register
/// 2 count in them. `limit` is the second-operand address: the last index,
/// and in its last bit whether the order is a descending one.
pub(super) fn form_codeword(c: &mut Context<'_>, limit: u64) -> Result<(), Exception> {
    specification_if((c.register(1) | c.register(2) | c.register(3)) & 1 != 0)?;
    let (size, shift) = if is_long(c) { (6, 48) } else { (2, 16) };
    let (last, descending) = (limit & 0x7ffe, limit & 1 != 0);
    let (mut first, mut third) = ([0; 6], [0; 6]);
    let (first, third) = (&mut first[..size], &mut third[..size]);
    let order = loop {
        let index = c.register(2) & 0xffff;
        if index > last {
            let high = if is_long(c) { 1 << 63 } else { 1 << 31 };
            let value = c.register(3) | high;
            c.set_by_mode(2, value);
            return c.end_with(0);
        }
        for (r, bytes) in [(1, &mut *first), (3, &mut *third)] {
            let address = c.wrap(c.register(r).wrapping_add(index));
            c.read(At::operand(address, 1), bytes)?;
        }
        let next = c.register(2).wrapping_add(size as u64);
        c.set_by_mode(2, next);
        let order = first.cmp(&third);
        if order != Ordering::Equal {
            break order;
        }
    };
    let in_sequence = (order == Ordering::Less) != descending;
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
    let (lower, higher) = match order {
        Ordering::Less => (number(first), number(third)),
        _ => (number(third), number(first)),
    };
    let mask = (1 << shift) - 1;
    let word = if descending { lower } else { !higher & mask };
    let codeword = c.register(2) << shift | word;
    c.set_by_mode(2, codeword);
    if in_sequence {
        return c.end_with(1);
    }
    let (one, other) = (c.register(1), c.register(3));
    c.set_by_mode(1, other);
    c.set_by_mode(3, one);
    c.end_with(2)
}

/// What the addressing mode uses of a general register.
fn by_mode(c: &Context<'_>, r: u8) -> u64 {
    c.length_in(r)
}

/// UPDATE TREE: general registers 0 and 1 go up the tree at register 4 from
/// the node at index register 5, and change places with higher nodes.
pub(super) fn update_tree(c: &mut Context<'_>) -> Result<(), Exception> {
    let (half, sign) = if is_long(c) { (8, 1 << 63) } else { (4, 1 << 31) };
    let node_size = 2 * half;
    specification_if((c.register(4) | c.register(5)) & (node_size - 1) != 0)?;
    loop {
        let index = by_mode(c, 5) >> 1 & !(node_size - 1);
        if index == 0 {
            c.set_by_mode(5, 0);
            return c.end_with(1);
        }
        if c.register(0) & sign != 0 {
            c.set_by_mode(5, index);
            return c.end_with(3);
        }
        let at = At::operand(c.wrap(c.register(4).wrapping_add(index)), 4);
        let mut node = [0; 16];
        let bytes = bits::index(node_size);
        c.read(at, &mut node[..bytes])?;
        let both = u128::from_be_bytes(node) >> (128 - 16 * half);
        let mask = u64::MAX >> (64 - 8 * half);
        let (code, data) = (bits::low64(both >> (8 * half)) & mask, bits::low64(both) & mask);
        match code.cmp(&by_mode(c, 0)) {
            Ordering::Equal => {
                c.set_by_mode(5, index);
                c.set_by_mode(2, code);
                c.set_by_mode(3, data);
                return c.end_with(0);
            }
            Ordering::Less => {}
            Ordering::Greater => {
                let both = u128::from(by_mode(c, 0)) << (8 * half) | u128::from(by_mode(c, 1));
                let node = (both << (128 - 16 * half)).to_be_bytes();
                c.write(at, &node[..bytes])?;
                c.set_by_mode(0, code);
                c.set_by_mode(1, data);
            }
        }
        c.set_by_mode(5, index);
    }
}
