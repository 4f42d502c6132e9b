//! Integers of 128 bits, and of twice that, with sticky bits.

/// `value` shifted right; if ones were lost, the lowest bit is one.
#[inline]
pub(crate) const fn shift_right_sticky(value: u128, shift: u32) -> u128 {
    if shift == 0 {
        return value;
    }
    if shift > 127 {
        return (value != 0) as u128;
    }
    value >> shift | (value << (128 - shift) != 0) as u128
}

/// A biased exponent as a number.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "it has 15 bits at most")]
pub(crate) const fn small(exponent: u128) -> i32 {
    exponent as i32
}

/// The product, as its high and low halves.
#[inline]
pub(crate) const fn multiply(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let lowest = a0 * b0;
    let middle = a1 * b0 + (lowest >> 64);
    let other = a0 * b1 + (middle & LOW);
    (a1 * b1 + (middle >> 64) + (other >> 64), other << 64 | lowest & LOW)
}

/// `a` × 2^127 / `b` rounded down, and whether something was left. Both have
/// bit 127 set, so that the quotient has 127 or 128 bits.
#[inline]
pub(crate) const fn divide(a: u128, b: u128) -> (u128, bool) {
    let mut quotient = 0;
    let mut rest = a;
    // `carry` is bit 128 of the rest.
    let mut carry = false;
    let mut bit = 0;
    while bit < 128 {
        quotient <<= 1;
        if carry || rest >= b {
            rest = rest.wrapping_sub(b);
            quotient |= 1;
        }
        carry = rest >> 127 != 0;
        rest <<= 1;
        bit += 1;
    }
    (quotient, carry || rest != 0)
}

/// The first `bits` bits (at most 120) of the square root of `radicand`, taken
/// as a number with two bits before the point, and whether something was left.
/// The root's first bit is one if one of those two is.
#[inline]
pub(crate) const fn square_root(radicand: u128, bits: u32) -> (u128, bool) {
    // One bit of the root for every two of the radicand, as on paper.
    let mut pairs = radicand;
    let mut root = 0;
    let mut rest = 0;
    let mut bit = 0;
    while bit < bits {
        rest = rest << 2 | pairs >> 126;
        pairs <<= 2;
        let trial = root << 2 | 1;
        root <<= 1;
        if rest >= trial {
            rest -= trial;
            root |= 1;
        }
        bit += 1;
    }
    (root, rest != 0 || pairs != 0)
}
