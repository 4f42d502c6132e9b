//! Address-space-control elements and the spaces they stand for (manual,
//! chapter 3, "Address-Space-Control Element" and "Translation Modes").

use lowcore_arch::Psw;

/// The kinds of region, segment and page tables, by the table-type bits of
/// their entries and the designation-type control of an ASCE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Segment table: type 0.
    Segment,
    /// Region-third table: type 1.
    RegionThird,
    /// Region-second table: type 2.
    RegionSecond,
    /// Region-first table: type 3.
    RegionFirst,
}

/// An address-space-control element.
///
/// ```
/// use lowcore_cpu::translation::{Asce, Table};
/// let asce = Asce(0x1_2345_6000 | 0x107);
/// assert_eq!(asce.origin(), 0x1_2345_6000);
/// assert_eq!((asce.table(), asce.length()), (Table::RegionThird, 3));
/// assert!(asce.is_private() && !asce.is_real_space());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Asce(pub u64);

impl Asce {
    /// Bit 55: the private-space control.
    pub const PRIVATE: u64 = 0x100;
    /// Bit 56: the storage-alteration-event control.
    pub const STORAGE_ALTERATION: u64 = 0x80;
    /// Bit 57: the space-switch-event control.
    pub const SPACE_SWITCH: u64 = 0x40;
    /// Bit 58: the real-space control.
    pub const REAL_SPACE: u64 = 0x20;

    /// Where the table begins.
    #[must_use]
    pub const fn origin(self) -> u64 {
        self.0 & !0xfff
    }

    /// The kind of the first table.
    #[must_use]
    pub const fn table(self) -> Table {
        match self.0 >> 2 & 3 {
            0 => Table::Segment,
            1 => Table::RegionThird,
            2 => Table::RegionSecond,
            _ => Table::RegionFirst,
        }
    }

    /// The length of the first table less one, in units of 4096 bytes.
    #[must_use]
    pub const fn length(self) -> u64 {
        self.0 & 3
    }

    /// Whether virtual addresses are real addresses.
    #[must_use]
    pub const fn is_real_space(self) -> bool {
        self.0 & Self::REAL_SPACE != 0
    }

    /// Whether the space is private: without common segments, low-address
    /// protection and fetch-protection override.
    #[must_use]
    pub const fn is_private(self) -> bool {
        self.0 & Self::PRIVATE != 0
    }

    /// Whether PER watches for storage alteration in this space.
    #[must_use]
    pub const fn watches_storage_alteration(self) -> bool {
        self.0 & Self::STORAGE_ALTERATION != 0
    }

    /// Whether entering or leaving this space is a space-switch event.
    #[must_use]
    pub const fn watches_space_switch(self) -> bool {
        self.0 & Self::SPACE_SWITCH != 0
    }
}

/// The space that an access goes to, by the numbers of the PSW's
/// address-space control, which are also those of the ASCE identification of
/// a translation exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressSpace {
    /// The primary space, whose ASCE is in control register 1.
    Primary,
    /// The space that an access register names.
    AccessRegister,
    /// The secondary space, whose ASCE is in control register 7.
    Secondary,
    /// The home space, whose ASCE is in control register 13.
    Home,
}

impl AddressSpace {
    /// The space of storage operands under a PSW whose DAT bit is one.
    #[must_use]
    pub const fn of_operands(psw: Psw) -> Self {
        match psw.mask >> 46 & 3 {
            0 => Self::Primary,
            1 => Self::AccessRegister,
            2 => Self::Secondary,
            _ => Self::Home,
        }
    }

    /// The space of instructions under a PSW whose DAT bit is one: home in
    /// the home-space mode, else primary.
    #[must_use]
    pub const fn of_instructions(psw: Psw) -> Self {
        match Self::of_operands(psw) {
            Self::Home => Self::Home,
            _ => Self::Primary,
        }
    }

    /// The control register with the space's ASCE; none for a space that an
    /// access register names.
    #[must_use]
    pub const fn control_register(self) -> Option<usize> {
        match self {
            Self::Primary => Some(1),
            Self::AccessRegister => None,
            Self::Secondary => Some(7),
            Self::Home => Some(13),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self as u64
    }
}
