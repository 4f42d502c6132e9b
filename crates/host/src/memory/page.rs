//! One page of a range, for caches of translations.

use super::{HostRange, host};
use crate::Fault;

pub(super) const SIZE: u64 = 0x1000;

/// A page of a [`HostRange`], as small as a pointer and as easy to copy. As in
/// the range, what is not accessible is a [`Fault`].
///
/// The offsets of accesses are cut to the page and to the alignment of what
/// is accessed: the caller has seen to both.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Page(u64);

macro_rules! accesses {
    ($($type:ty: $load:ident $store:ident;)*) => {$(
        /// Loads the aligned integer at `offset`, in the host's byte order.
        ///
        /// # Errors
        /// [`Fault`] if it is not accessible.
        #[inline(always)]
        pub fn $load(self, offset: u64) -> Result<$type, Fault> {
            let inside = offset & (SIZE - size_of::<$type>() as u64);
            // SAFETY: the address lies in the page, and whoever made this
            // value saw to it that its range still stands.
            unsafe { host::$load(self.0.wrapping_add(inside)) }
        }

        /// Stores the aligned integer at `offset`, in the host's byte order.
        ///
        /// # Errors
        /// [`Fault`] if it is not accessible.
        #[inline(always)]
        pub fn $store(self, offset: u64, value: $type) -> Result<(), Fault> {
            let inside = offset & (SIZE - size_of::<$type>() as u64);
            // SAFETY: the address lies in the page, and whoever made this
            // value saw to it that its range still stands.
            unsafe { host::$store(self.0.wrapping_add(inside), value) }
        }
    )*};
}

macro_rules! compare_exchanges {
    ($($type:ty: $name:ident;)*) => {$(
        /// Stores `new` at `offset` if `old` is found there, as one
        /// sequentially consistent step. Gives `Ok(Ok(old))` if it did and
        /// `Ok(Err(found))` if it did not.
        ///
        /// # Errors
        /// [`Fault`] if it is not accessible for writing.
        #[inline]
        pub fn $name(
            self,
            offset: u64,
            old: $type,
            new: $type,
        ) -> Result<Result<$type, $type>, Fault> {
            let inside = offset & (SIZE - size_of::<$type>() as u64);
            // SAFETY: the address lies in the page and is aligned, and whoever
            // made this value saw to it that its range still stands.
            unsafe { host::$name(self.0.wrapping_add(inside), old, new) }
        }
    )*};
}

impl Page {
    /// No page: every access is a [`Fault`].
    pub const NONE: Self = Self(0);

    /// What added to an address, of which this page stands for the page with
    /// the address `page`, gives the host's address, modulo 2^64.
    #[must_use]
    pub const fn addend(self, page: u64) -> u64 {
        self.0.wrapping_sub(page)
    }

    /// The host address of an offset, which lies in the page.
    #[inline(always)]
    pub(super) const fn address(self, offset: u64) -> u64 {
        self.0.wrapping_add(offset)
    }

    accesses! {
        u8: load_u8 store_u8;
        u16: load_u16 store_u16;
        u32: load_u32 store_u32;
        u64: load_u64 store_u64;
    }

    compare_exchanges! {
        u8: compare_exchange_u8;
        u16: compare_exchange_u16;
        u32: compare_exchange_u32;
        u64: compare_exchange_u64;
    }
}

impl HostRange {
    /// The page of 4 KiB at `offset`, a multiple of 4 KiB; `None` if it does
    /// not lie inside.
    ///
    /// # Safety
    /// The page and its copies are not used after the last clone of this
    /// range is gone: they do not keep what it stands for.
    #[must_use]
    pub unsafe fn page(&self, offset: usize) -> Option<Page> {
        let page = self.slice(offset, 0x1000)?;
        page.base().is_multiple_of(SIZE).then(|| Page(page.base()))
    }
}
