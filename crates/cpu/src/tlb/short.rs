//! Storage-to-storage operations and interlocked updates in pages that are
//! known: where they are not, nothing is done.

use super::{Entry, PAGE, Tlb};
use core::cmp::Ordering;
use lowcore_arch::bits;
use lowcore_host::memory::{Logic, Page};
use lowcore_isa::{Update, Width};

impl Tlb {
    /// The pages of two operands of `length` bytes, if each lies in one that
    /// permits the access.
    #[inline(always)]
    fn pages(&self, first: u64, second: u64, length: u64, store: bool) -> Option<(Page, Page)> {
        let (one, other): (&Entry, &Entry) = (self.data.entry(first), self.data.entry(second));
        let tag = if store { one.store } else { one.fetch };
        let fits = first & !(PAGE - 1) == tag && second & !(PAGE - 1) == other.fetch;
        let last = (first & (PAGE - 1)).max(second & (PAGE - 1)) + length;
        (fits && last <= PAGE).then_some((one.page, other.page))
    }

    /// MOVE, AND, OR, EXCLUSIVE OR of up to 256 bytes. Gives whether a byte of
    /// the result is not zero, unless it is MOVE.
    #[inline(always)]
    pub fn combine(&self, logic: Logic, first: u64, second: u64, length: u64) -> Option<bool> {
        let (to, from) = self.pages(first, second, length, true)?;
        to.combine(logic, first, from, second, length).ok()
    }

    /// COMPARE LOGICAL of up to 256 bytes.
    #[inline(always)]
    pub fn compare(&self, first: u64, second: u64, length: u64) -> Option<Ordering> {
        let (one, other) = self.pages(first, second, length, false)?;
        one.compare(first, other, second, length).ok()
    }

    /// Updates the aligned value at `address` in one step. Gives what it was.
    #[inline(always)]
    pub fn fetch_and_update<T: Width>(
        &self,
        address: u64,
        update: Update,
        operand: u64,
    ) -> Option<u64> {
        let page = self.page_of::<T>(address, 1, true)?;
        macro_rules! update {
            ($load:ident, $exchange:ident, $type:ty, $cut:path) => {{
                let mut old = page.$load(address).ok()?;
                loop {
                    let new = update.apply(<$type>::from_be(old).into(), operand);
                    match page.$exchange(address, old, $cut(new).to_be()).ok()? {
                        Ok(old) => break <$type>::from_be(old).into(),
                        Err(found) => old = found,
                    }
                }
            }};
        }
        Some(match T::BITS {
            8 => update!(load_u8, compare_exchange_u8, u8, bits::low8),
            16 => update!(load_u16, compare_exchange_u16, u16, bits::low16),
            32 => update!(load_u32, compare_exchange_u32, u32, bits::low32),
            _ => update!(load_u64, compare_exchange_u64, u64, core::convert::identity),
        })
    }
}
