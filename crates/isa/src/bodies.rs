//! The bodies of instructions, one function per operation. The table gives
//! them their operands, so that one function serves a family of mnemonics.

pub mod arithmetic;
pub mod bits;
pub mod branch;
pub mod compare;
pub mod conditional;
pub mod control;
pub mod convert;
pub mod float;
pub mod high;
pub mod hint;
pub mod interlocked;
pub mod key;
pub mod logic;
pub mod shift;
pub mod space;
pub mod string;
pub mod system;
pub mod transfer;

use crate::operand::Place;
use crate::{Builder, Done, Loaded, Location, Value, Width};
use core::marker::PhantomData;
use lowcore_arch::ProgramCode;

/// A source operand of width `T`.
pub trait Source<B: Builder, T: Width> {
    /// Its value.
    ///
    /// # Errors
    /// Access exceptions of a storage operand.
    fn get(self, b: &mut B) -> Loaded<B, T>;
}

/// A value in storage.
pub struct Mem<P>(pub P);

/// A value of width `F` in storage, extended with its sign.
pub struct MemSigned<F, P>(P, PhantomData<F>);

/// A value of width `F` in storage, extended with zeros.
pub struct MemUnsigned<F, P>(P, PhantomData<F>);

/// A value in storage that must be aligned to its width, as the relative-long
/// loads and compares demand.
pub struct MemAligned<P>(pub P);

/// A general register or its low part.
pub struct Reg(pub u8);

/// The low `F` of a general register, extended with its sign.
pub struct RegSigned<F>(u8, PhantomData<F>);

/// The low `F` of a general register, extended with zeros.
pub struct RegUnsigned<F>(u8, PhantomData<F>);

/// A signed immediate.
pub struct Imm(pub i64);

/// An unsigned immediate.
pub struct ImmU(pub u64);

/// See [`MemSigned`].
pub const fn mem_signed<F: Width, P: Place>(at: P) -> MemSigned<F, P> {
    MemSigned(at, PhantomData)
}

/// See [`MemUnsigned`].
pub const fn mem_unsigned<F: Width, P: Place>(at: P) -> MemUnsigned<F, P> {
    MemUnsigned(at, PhantomData)
}

/// See [`RegSigned`].
pub const fn reg_signed<F: Width>(r: u8) -> RegSigned<F> {
    RegSigned(r, PhantomData)
}

/// See [`RegUnsigned`].
pub const fn reg_unsigned<F: Width>(r: u8) -> RegUnsigned<F> {
    RegUnsigned(r, PhantomData)
}

impl<B: Builder, T: Width, P: Place> Source<B, T> for Mem<P> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        self.0.load(b)
    }
}

impl<B: Builder, T: Width, F: Width, P: Place> Source<B, T> for MemSigned<F, P> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        self.0.load_signed::<B, F, T>(b)
    }
}

impl<B: Builder, T: Width, F: Width, P: Place> Source<B, T> for MemUnsigned<F, P> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        self.0.load_unsigned::<B, F, T>(b)
    }
}

impl<B: Builder, T: Width, P: Place> Source<B, T> for MemAligned<P> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        let at = self.0.location(b);
        aligned_relative::<B, T>(b, at)?;
        b.load(at)
    }
}

impl<B: Builder, T: Width> Source<B, T> for Reg {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        Ok(b.gr(self.0))
    }
}

impl<B: Builder, T: Width, F: Width> Source<B, T> for RegSigned<F> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        let value = b.gr::<F>(self.0);
        Ok(b.sign_extend(value))
    }
}

impl<B: Builder, T: Width, F: Width> Source<B, T> for RegUnsigned<F> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        let value = b.gr::<F>(self.0);
        Ok(b.zero_extend(value))
    }
}

impl<B: Builder, T: Width> Source<B, T> for Imm {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        Ok(b.constant(self.0.cast_unsigned()))
    }
}

impl<B: Builder, T: Width> Source<B, T> for ImmU {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        Ok(b.constant(self.0))
    }
}

/// A signed load of a relative-long operand that must be aligned: LHRL and
/// its kin.
pub struct MemAlignedSigned<F, P>(P, PhantomData<F>);

/// See [`MemAlignedSigned`].
pub const fn mem_aligned_signed<F: Width, P: Place>(at: P) -> MemAlignedSigned<F, P> {
    MemAlignedSigned(at, PhantomData)
}

impl<B: Builder, T: Width, F: Width, P: Place> Source<B, T> for MemAlignedSigned<F, P> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        let value: Value<B, F> = MemAligned(self.0).get(b)?;
        Ok(b.sign_extend(value))
    }
}

/// The same with zeros on the left.
pub struct MemAlignedUnsigned<F, P>(P, PhantomData<F>);

/// See [`MemAlignedUnsigned`].
pub const fn mem_aligned_unsigned<F: Width, P: Place>(at: P) -> MemAlignedUnsigned<F, P> {
    MemAlignedUnsigned(at, PhantomData)
}

impl<B: Builder, T: Width, F: Width, P: Place> Source<B, T> for MemAlignedUnsigned<F, P> {
    #[inline(always)]
    fn get(self, b: &mut B) -> Loaded<B, T> {
        let value: Value<B, F> = MemAligned(self.0).get(b)?;
        Ok(b.zero_extend(value))
    }
}

/// Raises a specification exception unless the operand lies on a multiple of
/// `bytes`.
///
/// # Errors
/// The exception.
#[inline(always)]
pub fn aligned<B: Builder>(b: &mut B, at: Location<B>, bytes: u64) -> Done<B> {
    let mask = b.constant::<u64>(bytes - 1);
    let rest = b.and(at.address, mask);
    let zero = b.constant(0);
    let is_aligned = b.equal(rest, zero);
    let is_not = b.not(is_aligned);
    b.raise_if(is_not, ProgramCode::SPECIFICATION)
}

/// The same for a relative operand, which is always even.
///
/// # Errors
/// The exception.
#[inline(always)]
pub fn aligned_relative<B: Builder, T: Width>(b: &mut B, at: Location<B>) -> Done<B> {
    if T::BYTES <= 2 { Ok(()) } else { aligned(b, at, T::BYTES) }
}

/// The number of registers from `first` to `last`, wrapping from 15 to 0.
#[must_use]
pub const fn register_count(first: u8, last: u8) -> u8 {
    (last.wrapping_sub(first) & 15) + 1
}
