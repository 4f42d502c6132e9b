//! Widths of guest values, and values as a builder represents them.

use crate::Builder;
use lowcore_arch::bits;

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
    impl Sealed for u64 {}
}

/// The width of a guest value. The four unsigned integer types stand for
/// widths; signedness belongs to operations.
pub trait Width: sealed::Sealed + Copy + Eq + Ord + core::fmt::Debug + 'static {
    /// Bits in the value.
    const BITS: u32;
    /// Bytes in the value.
    const BYTES: u64 = Self::BITS as u64 / 8;

    /// The low bits of `value`.
    fn cut(value: u64) -> Self;

    /// The value with zeros on its left.
    fn zero_extended(self) -> u64;

    /// The value with its sign on its left.
    fn sign_extended(self) -> i64;
}

macro_rules! widths {
    ($($int:ty => $cut:path;)*) => {
        $(impl Width for $int {
            const BITS: u32 = <$int>::BITS;

            #[inline]
            fn cut(value: u64) -> Self {
                $cut(value)
            }

            #[inline]
            fn zero_extended(self) -> u64 {
                u64::from(self)
            }

            #[inline]
            fn sign_extended(self) -> i64 {
                i64::from(self.cast_signed())
            }
        })*
    };
}

widths! {
    u8 => bits::low8;
    u16 => bits::low16;
    u32 => bits::low32;
    u64 => core::convert::identity;
}

/// A value of width `T` in the representation of builder `B`.
///
/// The wrapper lets the compiler infer the width of an operation from its
/// operands, which it could not do from `B::Repr<T>` alone.
pub struct Value<B: Builder, T: Width>(pub B::Repr<T>);

impl<B: Builder, T: Width> Clone for Value<B, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Builder, T: Width> Copy for Value<B, T> {}

/// Where a storage operand lies: its address, cut to the addressing mode, and
/// the base register, whose access register names the space in
/// access-register mode (0 is the primary space).
pub struct Location<B: Builder> {
    /// The logical address.
    pub address: Value<B, u64>,
    /// The number of the base register, or 0.
    pub base: u8,
}

impl<B: Builder> Clone for Location<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Builder> Copy for Location<B> {}
