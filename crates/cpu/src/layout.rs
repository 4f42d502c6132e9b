//! Where compiled code finds what it needs of a CPU: displacements in
//! structures of this crate.

/// In [`Registers`](crate::Registers).
pub mod register {
    use crate::Registers;
    use core::mem::offset_of;

    /// General register `r`.
    #[must_use]
    pub const fn gr(r: u8) -> usize {
        offset_of!(Registers, gr) + 8 * (r & 15) as usize
    }

    /// Access register `r`.
    #[must_use]
    pub const fn ar(r: u8) -> usize {
        offset_of!(Registers, ar) + 4 * (r & 15) as usize
    }

    /// Control register `r`.
    #[must_use]
    pub const fn cr(r: u8) -> usize {
        offset_of!(Registers, cr) + 8 * (r & 15) as usize
    }

    /// Bits 0-63 of the PSW. The condition code in it is not that of compiled
    /// code.
    pub const PSW_MASK: usize = offset_of!(Registers, psw.mask);
    /// The instruction address.
    pub const PSW_ADDRESS: usize = offset_of!(Registers, psw.addr);
    /// Floating-point register `r`: the left half of vector register `r`.
    #[must_use]
    pub const fn fpr(r: u8) -> usize {
        let left = if cfg!(target_endian = "little") { 8 } else { 0 };
        offset_of!(Registers, vr) + 16 * (r & 15) as usize + left
    }

    /// The floating-point-control register.
    pub const FPC: usize = offset_of!(Registers, fpc);
    /// The breaking-event address.
    pub const BREAKING_EVENT: usize = offset_of!(Registers, breaking_event);
}

/// In the entries that [`Tlb::operand_entries`](crate::Tlb::operand_entries)
/// gives: the page with an address is in the entry of its page number, modulo
/// [`COUNT`](entry::COUNT).
pub mod entry {
    use crate::tlb::{ENTRIES, Entry};
    use core::mem::offset_of;

    /// How many there are.
    pub const COUNT: usize = ENTRIES;
    /// Bytes of each.
    pub const SIZE: usize = size_of::<Entry>();
    /// The address of the page if it may be fetched from.
    pub const FETCH: usize = offset_of!(Entry, fetch);
    /// The address of the page if it may be stored into without telling.
    pub const STORE: usize = offset_of!(Entry, store);
    /// What added to an address in the page gives its place in the host's
    /// memory, modulo 2^64; which may be inaccessible.
    pub const ADDEND: usize = offset_of!(Entry, addend);
}
