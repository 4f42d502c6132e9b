//! Loads, stores and moves.

use super::compare::selected_bytes;
use super::{Source, aligned, aligned_relative, register_count};
use crate::{Builder, Done, Loaded, Place, Value, Width};

/// LOAD, into a register or its low part.
#[inline(always)]
pub fn load<B: Builder, T: Width>(b: &mut B, r1: u8, operand: impl Source<B, T>) -> Done<B> {
    let value = operand.get(b)?;
    b.set_gr(r1, value);
    Ok(())
}

/// LOAD LOGICAL THIRTY ONE BITS.
#[inline(always)]
pub fn load_thirty_one<B: Builder>(b: &mut B, r1: u8, operand: impl Source<B, u32>) -> Done<B> {
    let value = operand.get(b)?;
    let mask = b.constant(0x7fff_ffff);
    let value = b.and(value, mask);
    let value: Value<B, u64> = b.zero_extend(value);
    b.set_gr(r1, value);
    Ok(())
}

/// LOAD REVERSED and STORE REVERSED: the bytes of a value in the other order.
#[inline(always)]
fn reversed<B: Builder, T: Width>(b: &mut B, value: Value<B, T>) -> Value<B, T> {
    let byte_mask = b.constant(0xff);
    let eight = b.constant(8);
    let mut result = b.constant(0);
    for byte in 0..T::BYTES {
        let amount = b.constant(8 * byte);
        let part = b.shift_right(value, amount);
        let part = b.and(part, byte_mask);
        if byte > 0 {
            result = b.shift_left(result, eight);
        }
        result = b.or(result, part);
    }
    result
}

/// LOAD REVERSED.
#[inline(always)]
pub fn load_reversed<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    operand: impl Source<B, T>,
) -> Done<B> {
    let value = operand.get(b)?;
    let value = reversed(b, value);
    b.set_gr(r1, value);
    Ok(())
}

/// STORE REVERSED.
#[inline(always)]
pub fn store_reversed<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let value = b.gr::<T>(r1);
    let value = reversed(b, value);
    place.store(b, value)
}

/// LOAD ADDRESS.
#[inline(always)]
pub fn load_address<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let address = place.address(b);
    b.set_gr_address(r1, address);
    Ok(())
}

/// LOAD ADDRESS EXTENDED: the address, and into the access register what
/// designates the space that the PSW's mode chooses for the operand.
#[inline(always)]
pub fn load_address_extended<B: Builder>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    // Bits 16 and 17 of the PSW: 00 primary, 01 access-register, 10
    // secondary, 11 home. The ALETs of primary, secondary and home are 0 to 2.
    let mask = b.psw_mask();
    let (amount, two_bits) = (b.constant(46), b.constant(3));
    let mode = b.shift_right(mask, amount);
    let mode = b.and(mode, two_bits);
    let one = b.constant(1);
    let is_access = b.equal(mode, one);
    let zero = b.constant(0);
    let is_primary = b.equal(mode, zero);
    let less_one = b.sub(mode, one);
    let fixed = b.select(is_primary, zero, less_one);
    let fixed: Value<B, u32> = b.zero_extend(fixed);
    let own = if at.base == 0 { b.constant(0) } else { b.ar(at.base) };
    let designation = b.select(is_access, own, fixed);
    b.set_gr_address(r1, at.address);
    b.set_ar(r1, designation);
    Ok(())
}

/// STORE, of a register or its low part.
#[inline(always)]
pub fn store<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let value = b.gr::<T>(r1);
    place.store(b, value)
}

/// STORE RELATIVE LONG: the operand must be aligned.
#[inline(always)]
pub fn store_aligned<B: Builder, T: Width>(b: &mut B, r1: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned_relative::<B, T>(b, at)?;
    let value = b.gr::<T>(r1);
    b.store(at, value)
}

/// MOVE of an immediate.
#[inline(always)]
pub fn move_immediate<B: Builder, T: Width>(b: &mut B, place: impl Place, value: u64) -> Done<B> {
    let value = b.constant::<T>(value);
    place.store(b, value)
}

/// Up to four bytes from storage, on the right of a word. For none the manual
/// has access exceptions recognised for one byte.
#[inline(always)]
pub fn load_bytes<B: Builder>(b: &mut B, place: impl Place, count: u8) -> Loaded<B, u32> {
    let at = place.location(b);
    let word = match count {
        0 => {
            let _ = b.load::<u8>(at)?;
            b.constant(0)
        }
        1 => {
            let byte = b.load::<u8>(at)?;
            b.zero_extend(byte)
        }
        2 => {
            let half = b.load::<u16>(at)?;
            b.zero_extend(half)
        }
        3 => {
            let half = b.load::<u16>(at)?;
            let last = b.beyond(at, 2);
            let byte = b.load::<u8>(last)?;
            let (half, byte): (Value<B, u32>, Value<B, u32>) =
                (b.zero_extend(half), b.zero_extend(byte));
            let eight = b.constant(8);
            let half = b.shift_left(half, eight);
            b.or(half, byte)
        }
        _ => b.load::<u32>(at)?,
    };
    Ok(word)
}

/// Sets the condition code of INSERT CHARACTERS UNDER MASK: the sign counts
/// in the leftmost byte inserted.
#[inline(always)]
fn set_cc_of_bytes<B: Builder>(b: &mut B, bytes: Value<B, u32>, count: u8) {
    if count == 0 {
        let zero = b.constant(0);
        b.set_cc(zero);
    } else {
        let amount = b.constant(u64::from(8 * (4 - count)));
        let left = b.shift_left(bytes, amount);
        b.set_cc_sign(left);
    }
}

/// The word `old` with the bytes that `mask` selects replaced from the right
/// of `bytes`.
#[inline(always)]
fn replace_bytes<B: Builder>(
    b: &mut B,
    old: Value<B, u32>,
    bytes: Value<B, u32>,
    mask: u8,
) -> Value<B, u32> {
    let mut result = old;
    let mut taken = 0;
    let byte_mask = b.constant(0xff);
    for byte in (0..4u8).rev() {
        if mask & (8 >> byte) != 0 {
            let position = u64::from(8 * (3 - byte));
            let from = b.constant(taken);
            let part = b.shift_right(bytes, from);
            let part = b.and(part, byte_mask);
            let to = b.constant(position);
            let part = b.shift_left(part, to);
            let keep = b.constant(!(0xff << position));
            result = b.and(result, keep);
            result = b.or(result, part);
            taken += 8;
        }
    }
    result
}

const fn bytes_in(mask: u8) -> u8 {
    // Four at most.
    lowcore_arch::bits::low8((mask & 15).count_ones() as u64)
}

/// INSERT CHARACTERS UNDER MASK, low.
#[inline(always)]
pub fn insert_under_mask<B: Builder>(b: &mut B, r1: u8, mask: u8, place: impl Place) -> Done<B> {
    let count = bytes_in(mask);
    let bytes = load_bytes(b, place, count)?;
    let old = b.gr::<u32>(r1);
    let word = replace_bytes(b, old, bytes, mask);
    b.set_gr(r1, word);
    set_cc_of_bytes(b, bytes, count);
    Ok(())
}

/// INSERT CHARACTERS UNDER MASK, high.
#[inline(always)]
pub fn insert_under_mask_high<B: Builder>(
    b: &mut B,
    r1: u8,
    mask: u8,
    place: impl Place,
) -> Done<B> {
    let count = bytes_in(mask);
    let bytes = load_bytes(b, place, count)?;
    let old = b.gr_high(r1);
    let word = replace_bytes(b, old, bytes, mask);
    b.set_gr_high(r1, word);
    set_cc_of_bytes(b, bytes, count);
    Ok(())
}

/// STORE CHARACTERS UNDER MASK, of a word of a register.
#[inline(always)]
pub fn store_under_mask<B: Builder>(
    b: &mut B,
    word: Value<B, u32>,
    mask: u8,
    place: impl Place,
) -> Done<B> {
    let (bytes, count) = selected_bytes(b, word, mask);
    let at = place.location(b);
    match count {
        0 => Ok(()),
        1 => {
            let byte: Value<B, u8> = b.zero_extend(bytes);
            b.store(at, byte)
        }
        2 => {
            let half: Value<B, u16> = b.zero_extend(bytes);
            b.store(at, half)
        }
        3 => {
            b.probe_store(at, 3)?;
            let eight = b.constant(8);
            let left = b.shift_right(bytes, eight);
            let half: Value<B, u16> = b.zero_extend(left);
            b.store(at, half)?;
            let last = b.beyond(at, 2);
            let byte: Value<B, u8> = b.zero_extend(bytes);
            b.store(last, byte)
        }
        _ => b.store(at, bytes),
    }
}

/// The `i`th register after `first`.
const fn register(first: u8, i: u8) -> u8 {
    first.wrapping_add(i) & 15
}

/// LOAD MULTIPLE.
#[inline(always)]
pub fn load_multiple<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    b.load_many::<T>(at, register_count(r1, r3), |b, i, value| b.set_gr(register(r1, i), value))
}

/// STORE MULTIPLE.
#[inline(always)]
pub fn store_multiple<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    b.store_many::<T>(at, register_count(r1, r3), |b, i| b.gr(register(r1, i)))
}

/// LOAD MULTIPLE HIGH.
#[inline(always)]
pub fn load_multiple_high<B: Builder>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    b.load_many::<u32>(at, register_count(r1, r3), |b, i, value| {
        b.set_gr_high(register(r1, i), value);
    })
}

/// LOAD MULTIPLE DISJOINT: bits 0-31 from one place, bits 32-63 from another.
#[inline(always)]
pub fn load_multiple_disjoint<B: Builder>(
    b: &mut B,
    r1: u8,
    r3: u8,
    second: impl Place,
    fourth: impl Place,
) -> Done<B> {
    let (high_at, low_at) = (second.location(b), fourth.location(b));
    let count = register_count(r1, r3);
    let mut high = [b.constant::<u32>(0); 16];
    b.load_many::<u32>(high_at, count, |_, i, value| high[usize::from(i & 15)] = value)?;
    b.load_many::<u32>(low_at, count, |b, i, value| {
        b.set_gr_high(register(r1, i), high[usize::from(i & 15)]);
        b.set_gr(register(r1, i), value);
    })
}

/// STORE MULTIPLE HIGH.
#[inline(always)]
pub fn store_multiple_high<B: Builder>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    b.store_many::<u32>(at, register_count(r1, r3), |b, i| b.gr_high(register(r1, i)))
}

/// LOAD ACCESS MULTIPLE.
#[inline(always)]
pub fn load_access_multiple<B: Builder>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 4)?;
    b.load_many::<u32>(at, register_count(r1, r3), |b, i, value| {
        b.set_ar(register(r1, i), value);
    })
}

/// STORE ACCESS MULTIPLE.
#[inline(always)]
pub fn store_access_multiple<B: Builder>(b: &mut B, r1: u8, r3: u8, place: impl Place) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 4)?;
    b.store_many::<u32>(at, register_count(r1, r3), |b, i| b.ar(register(r1, i)))
}

/// COMPARE AND SWAP: the first operand and what replaces it are registers.
#[inline(always)]
pub fn compare_and_swap<B: Builder, T: Width>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, T::BYTES)?;
    let old = b.gr::<T>(r1);
    let new = b.gr::<T>(r3);
    let (found, equal) = b.compare_and_swap(at, old, new)?;
    // Equal: the register gets the value that it has.
    b.set_gr(r1, found);
    set_cc_unequal(b, equal);
    Ok(())
}

#[inline(always)]
fn set_cc_unequal<B: Builder>(b: &mut B, equal: B::Bool) {
    let (zero, one) = (b.constant(0), b.constant(1));
    let cc = b.select(equal, zero, one);
    b.set_cc(cc);
}

/// COMPARE DOUBLE AND SWAP of words.
#[inline(always)]
pub fn compare_double_and_swap<B: Builder>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 8)?;
    let old = super::arithmetic::pair(b, r1);
    let new = super::arithmetic::pair(b, r3);
    let (found, equal) = b.compare_and_swap(at, old, new)?;
    super::arithmetic::set_pair(b, r1, found);
    set_cc_unequal(b, equal);
    Ok(())
}

/// COMPARE DOUBLE AND SWAP of doublewords.
#[inline(always)]
pub fn compare_double_and_swap_long<B: Builder>(
    b: &mut B,
    r1: u8,
    r3: u8,
    place: impl Place,
) -> Done<B> {
    let at = place.location(b);
    aligned(b, at, 16)?;
    let old = [b.gr(r1), b.gr(r1 + 1)];
    let new = [b.gr(r3), b.gr(r3 + 1)];
    let ([high, low], equal) = b.compare_and_swap_wide(at, old, new)?;
    b.set_gr(r1, high);
    b.set_gr(r1 + 1, low);
    set_cc_unequal(b, equal);
    Ok(())
}
