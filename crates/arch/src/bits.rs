//! Named narrowings: the one place where a value is cut to its low part on
//! purpose, so that an accidental lossy cast stays a lint error elsewhere.
#![expect(clippy::cast_possible_truncation, reason = "cutting is what these functions are for")]

/// The low 8 bits.
#[inline]
#[must_use]
pub const fn low8(value: u64) -> u8 {
    value as u8
}

/// The low 16 bits.
#[inline]
#[must_use]
pub const fn low16(value: u64) -> u16 {
    value as u16
}

/// The low 32 bits.
#[inline]
#[must_use]
pub const fn low32(value: u64) -> u32 {
    value as u32
}

/// The high 32 bits.
#[inline]
#[must_use]
pub const fn high32(value: u64) -> u32 {
    (value >> 32) as u32
}

/// The low 64 bits.
#[inline]
#[must_use]
pub const fn low64(value: u128) -> u64 {
    value as u64
}

/// The high 64 bits.
#[inline]
#[must_use]
pub const fn high64(value: u128) -> u64 {
    (value >> 64) as u64
}

/// `value` with its low 32 bits replaced.
#[inline]
#[must_use]
pub const fn with_low32(value: u64, low: u32) -> u64 {
    value & !0xffff_ffff | low as u64
}

/// Sign-extends the low `bits` bits (1 to 64).
#[inline]
#[must_use]
pub const fn sign_extend(value: u64, bits: u32) -> i64 {
    let shift = 64 - bits;
    (value << shift).cast_signed() >> shift
}

/// A guest address or length as a host index. Lowcore runs on 64-bit hosts
/// only, so nothing is lost.
#[inline]
#[must_use]
pub const fn index(value: u64) -> usize {
    const { assert!(usize::BITS == 64) };
    value as usize
}
