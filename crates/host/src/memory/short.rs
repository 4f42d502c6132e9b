//! Operations on up to a few hundred bytes of pages: copies, comparisons and
//! logic in pieces that one instruction moves.
//!
//! A number of bytes that is no multiple of a piece is covered by two pieces
//! that overlap. The last piece is loaded before anything is stored.

use super::host;
use super::page::{Page, SIZE};
use crate::Fault;
use core::cmp::Ordering;

/// What [`Page::combine`] makes of the bytes of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logic {
    /// Those of the second operand.
    Second,
    /// AND.
    And,
    /// OR.
    Or,
    /// EXCLUSIVE OR.
    ExclusiveOr,
}

/// One access of 1, 2, 4, 8 or 16 bytes at any alignment.
trait Piece {
    const SIZE: u64;

    /// The value whose leftmost byte is the first one.
    fn ordered(value: u128) -> u128;

    /// # Safety
    /// As for `host::load_u64`.
    unsafe fn load(address: u64) -> Result<u128, Fault>;

    /// # Safety
    /// As for `host::store_u64`.
    unsafe fn store(address: u64, value: u128) -> Result<(), Fault>;
}

macro_rules! pieces {
    ($($type:ty: $load:ident $store:ident;)*) => {$(
        impl Piece for $type {
            const SIZE: u64 = size_of::<$type>() as u64;

            #[inline(always)]
            fn ordered(value: u128) -> u128 {
                // It stands on the right.
                u128::from_be(value) >> (128 - <$type>::BITS)
            }

            #[inline(always)]
            unsafe fn load(address: u64) -> Result<u128, Fault> {
                // SAFETY: the caller's.
                unsafe { host::$load(address).map(u128::from) }
            }

            #[inline(always)]
            unsafe fn store(address: u64, value: u128) -> Result<(), Fault> {
                #[allow(clippy::cast_possible_truncation, reason = "it was loaded as such")]
                let value = value as $type;
                // SAFETY: the caller's.
                unsafe { host::$store(address, value) }
            }
        }
    )*};
}

pieces! {
    u8: load_u8 store_u8;
    u16: load_u16 store_u16;
    u32: load_u32 store_u32;
    u64: load_u64 store_u64;
    u128: load_pair store_pair;
}

/// Combines `P::SIZE` to `2 * P::SIZE` bytes, or more if that is the widest
/// piece, where nothing that is stored is fetched later. Gives whether a byte
/// of the result is not zero.
///
/// # Safety
/// As for `host::load_u64` and `host::store_u64`.
#[inline(always)]
unsafe fn combine<P: Piece>(
    operation: impl Fn(u128, u128) -> u128,
    reads_first: bool,
    to: u64,
    from: u64,
    len: u64,
) -> Result<bool, Fault> {
    // SAFETY: the caller's.
    let result = |at: u64| unsafe {
        let first = if reads_first { P::load(to.wrapping_add(at))? } else { 0 };
        Ok::<_, Fault>(operation(first, P::load(from.wrapping_add(at))?))
    };
    let end = len - P::SIZE;
    let last = result(end)?;
    let mut all = last;
    let mut at = 0;
    while at < end {
        let piece = result(at)?;
        all |= piece;
        // SAFETY: the caller's.
        unsafe { P::store(to.wrapping_add(at), piece)? };
        at += P::SIZE;
    }
    // SAFETY: the caller's.
    unsafe { P::store(to.wrapping_add(end), last)? };
    Ok(all != 0)
}

/// Combines bytes as far as pieces go, each after the one before. Gives how
/// many those are, and whether one of the result is not zero.
///
/// # Safety
/// As for `host::load_u64` and `host::store_u64`.
unsafe fn combine_in_turn<P: Piece>(
    operation: impl Fn(u128, u128) -> u128,
    to: u64,
    from: u64,
    len: u64,
) -> Result<(u64, bool), Fault> {
    let (mut all, mut at) = (0, 0);
    while at + P::SIZE <= len {
        // SAFETY: the caller's.
        unsafe {
            let (to, from) = (to.wrapping_add(at), from.wrapping_add(at));
            let piece = operation(P::load(to)?, P::load(from)?);
            all |= piece;
            P::store(to, piece)?;
        }
        at += P::SIZE;
    }
    Ok((at, all != 0))
}

/// Combines bytes from left to right where the first operand begins `distance`
/// bytes behind the second one and in it.
///
/// # Safety
/// As for `host::load_u64` and `host::store_u64`.
#[cold]
unsafe fn combine_again(
    operation: impl Fn(u128, u128) -> u128,
    [to, from]: [u64; 2],
    len: u64,
    distance: u64,
) -> Result<bool, Fault> {
    // SAFETY: the caller's.
    unsafe {
        let (done, some) = if distance >= u64::SIZE {
            combine_in_turn::<u64>(&operation, to, from, len)?
        } else {
            (0, false)
        };
        let (to, from) = (to.wrapping_add(done), from.wrapping_add(done));
        Ok(some | combine_in_turn::<u8>(&operation, to, from, len - done)?.1)
    }
}

/// Stores a byte again and again.
///
/// # Safety
/// As for `host::store_u64`.
unsafe fn fill(to: u64, byte: u8, len: u64) -> Result<(), Fault> {
    // SAFETY: the caller's.
    unsafe {
        if len < u128::SIZE {
            return (0..len).try_for_each(|at| u8::store(to.wrapping_add(at), byte.into()));
        }
        let piece = u128::from_ne_bytes([byte; 16]);
        let pieces = (0..len).step_by(16);
        pieces
            .into_iter()
            .try_for_each(|at| u128::store(to.wrapping_add(at.min(len - u128::SIZE)), piece))
    }
}

/// Compares `P::SIZE` to `2 * P::SIZE` bytes, or more if that is the widest
/// piece.
///
/// # Safety
/// As for `host::load_u64`.
#[inline(always)]
unsafe fn compare<P: Piece>(a: u64, b: u64, len: u64) -> Result<Ordering, Fault> {
    let end = len - P::SIZE;
    let mut at = 0;
    loop {
        let here = at.min(end);
        // SAFETY: the caller's.
        let (x, y) = unsafe { (P::load(a.wrapping_add(here))?, P::load(b.wrapping_add(here))?) };
        if x != y || at >= end {
            return Ok(P::ordered(x).cmp(&P::ordered(y)));
        }
        at += P::SIZE;
    }
}

/// Calls a function with the widest piece that a number of bytes has.
macro_rules! by_length {
    ($len:expr, $function:ident($($argument:expr),*)) => {
        match $len {
            0..2 => $function::<u8>($($argument),*),
            2..4 => $function::<u16>($($argument),*),
            4..8 => $function::<u32>($($argument),*),
            8..16 => $function::<u64>($($argument),*),
            _ => $function::<u128>($($argument),*),
        }
    };
}

/// Where `len` bytes at an offset are, cut so that they lie in the page.
#[inline(always)]
fn inside(page: Page, offset: u64, len: u64) -> u64 {
    page.address((offset & (SIZE - 1)).min(SIZE - len))
}

impl Page {
    /// Replaces `len` bytes at `offset` by what `logic` makes of them and of
    /// those at `from_offset` of another page, as if byte by byte from left to
    /// right: 1 to a page, which the caller has seen to lie in the pages.
    /// Gives whether a byte of the result is not zero; of copies, that is not
    /// known.
    ///
    /// # Errors
    /// [`Fault`] if a byte is not accessible; others may have been stored.
    #[inline(always)]
    pub fn combine(
        self,
        logic: Logic,
        offset: u64,
        from: Self,
        from_offset: u64,
        len: u64,
    ) -> Result<bool, Fault> {
        let len = len.clamp(1, SIZE);
        let (to, from) = (inside(self, offset, len), inside(from, from_offset, len));
        let distance = to.wrapping_sub(from);
        let is_again = distance != 0 && distance < len;
        macro_rules! with {
            ($operation:expr, $reads_first:expr) => {
                if is_again {
                    combine_again($operation, [to, from], len, distance)
                } else {
                    by_length!(len, combine($operation, $reads_first, to, from, len))
                }
            };
        }
        // SAFETY: the bytes lie in the pages, and whoever made these values
        // saw to it that their ranges still stand.
        unsafe {
            match logic {
                // Areas are often cleared by themselves, or by their first byte.
                Logic::ExclusiveOr if distance == 0 => fill(to, 0, len).map(|()| false),
                Logic::Second if distance == 1 => {
                    fill(to, host::load_u8(from)?, len).map(|()| true)
                }
                Logic::Second => with!(|_, b| b, false),
                Logic::And => with!(|a, b| a & b, true),
                Logic::Or => with!(|a, b| a | b, true),
                Logic::ExclusiveOr => with!(|a, b| a ^ b, true),
            }
        }
    }

    /// Compares `len` bytes at `offset` with those at `other_offset` of
    /// another page, as unsigned numbers: 1 to a page, which the caller has
    /// seen to lie in the pages.
    ///
    /// # Errors
    /// [`Fault`] if a byte is not accessible.
    #[inline(always)]
    pub fn compare(
        self,
        offset: u64,
        other: Self,
        other_offset: u64,
        len: u64,
    ) -> Result<Ordering, Fault> {
        let len = len.clamp(1, SIZE);
        let (a, b) = (inside(self, offset, len), inside(other, other_offset, len));
        // SAFETY: as in `combine`.
        unsafe { by_length!(len, compare(a, b, len)) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::memory::{HostRange, Mapping};
    use std::sync::Arc;

    fn page(mapping: &Arc<Mapping>, n: usize) -> Option<Page> {
        // SAFETY: the mapping outlives what the test does with it.
        unsafe { HostRange::of(mapping).page(n * 0x1000) }
    }

    fn combined(logic: Logic, a: u8, b: u8) -> u8 {
        match logic {
            Logic::Second => b,
            Logic::And => a & b,
            Logic::Or => a | b,
            Logic::ExclusiveOr => a ^ b,
        }
    }

    /// Every length up to 256 at some places, also where the operands overlap,
    /// against bytes of our own.
    #[test]
    fn short_operations_are_those_on_bytes() {
        const PLACES: [(usize, usize); 10] = [
            (0, 0x1000),
            (0xf00, 0x1f00),
            (0x203, 0x1207),
            (0x300, 0x303),
            (0x40, 0x40),
            (0x41, 0x40),
            (0x73, 0x70),
            (0x58, 0x50),
            (0x1ab, 0x15b),
            (0x200, 0x208),
        ];
        let mapping = Mapping::anonymous(0x2000).unwrap();
        let range = HostRange::of(&mapping);
        let (first, second) = (page(&mapping, 0).unwrap(), page(&mapping, 1).unwrap());
        let mut bytes: Vec<u8> =
            (0..0x2000_u32).map(|n| ((n * 167) >> 3).to_le_bytes()[0]).collect();
        let all = [Logic::Second, Logic::And, Logic::Or, Logic::ExclusiveOr];
        for (len, logic) in (1..=256_usize).flat_map(|len| all.map(|logic| (len, logic))) {
            for (to, from) in PLACES {
                bytes[to + len / 2] ^= 0x55;
                range.write(0, &bytes).unwrap();
                let source = if from >= 0x1000 { second } else { first };
                let (to64, from64) = (to as u64, from as u64 % 0x1000);
                let order = first.compare(to64, source, from64, len as u64).unwrap();
                assert_eq!(order, bytes[to..to + len].cmp(&bytes[from..from + len]), "{len}");
                let some = first.combine(logic, to64, source, from64, len as u64).unwrap();
                for i in 0..len {
                    bytes[to + i] = combined(logic, bytes[to + i], bytes[from + i]);
                }
                let is_some = bytes[to..to + len].iter().any(|byte| *byte != 0);
                assert!(logic == Logic::Second || some == is_some, "{len}");
                let mut found = vec![0; 0x2000];
                range.read(0, &mut found).unwrap();
                assert!(found == bytes, "{logic:?} of {len} bytes to {to:x} from {from:x}");
            }
        }
        assert!(Page::NONE.compare(0, first, 0, 20).is_err());
        assert!(first.combine(Logic::Second, 0, Page::NONE, 0, 8).is_err());
    }
}
