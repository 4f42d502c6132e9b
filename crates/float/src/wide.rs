//! Integers of 128 bits, and of twice that, with sticky bits.

/// `value` shifted right; if ones were lost, the lowest bit is one.
#[inline]
pub(crate) const fn shift_right_sticky(value: u128, shift: u32) -> u128 {
    if shift > 127 {
        return (value != 0) as u128;
    }
    value >> shift | (value.trailing_zeros() < shift) as u128
}

/// The low half of a number.
const LOW: u128 = u64::MAX as u128;

/// A biased exponent as a number.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "it has 15 bits at most")]
pub(crate) const fn small(exponent: u128) -> i32 {
    exponent as i32
}

/// The product, as its high and low halves.
#[inline]
pub(crate) const fn multiply(a: u128, b: u128) -> (u128, u128) {
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
    // Two digits of 64 bits. Half of the dividend is less than the divisor.
    let (high, rest) = divide_digit(a >> 1, (a & 1) << 63, b);
    let (low, rest) = divide_digit(rest, 0, b);
    (high << 64 | low, rest != 0)
}

/// One digit of 64 bits of a long division: the quotient and remainder of
/// `rest` × 2^64 + `next` by `by`, which has bit 127 set and is greater than
/// `rest`.
#[inline]
const fn divide_digit(rest: u128, next: u128, by: u128) -> (u128, u128) {
    let (high, low) = (by >> 64, by & LOW);
    // The first half of the divisor gives a digit that is right, or at most
    // two too large.
    let estimate = rest / high;
    let mut digit = if estimate > LOW { LOW } else { estimate };
    let mut over = rest - digit * high;
    while over <= LOW && digit * low > (over << 64 | next) {
        digit -= 1;
        over += high;
    }
    (digit, (over << 64 | next).wrapping_sub(digit * low))
}

/// The first 120 bits of the square root of `radicand`, taken as a number with
/// two bits before the point, and whether something was left. The radicand has
/// one of those two set, and so the root its first bit.
#[inline]
pub(crate) const fn square_root(radicand: u128) -> (u128, bool) {
    const DIGIT: u32 = 56;
    // The root of the whole has the root of the radicand as its first 64 bits.
    // Those after them, q, are what is left divided by twice the root: they
    // are right or too large by one, as (r + q)² = r² + 2rq + q².
    let first = radicand.isqrt();
    let rest = (radicand - first * first) << DIGIT;
    let (next, rest) = (rest / (2 * first), rest % (2 * first));
    let root = (first << DIGIT) + next;
    let (rest, square) = (rest << DIGIT, next * next);
    if rest < square { (root - 1, true) } else { (root, rest != square) }
}
