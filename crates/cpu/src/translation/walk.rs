//! Dynamic address translation through region, segment and page tables
//! (manual, chapter 3, "Dynamic Address Translation").
//!
//! Table origins are taken as absolute addresses: the manual leaves open
//! whether prefixing applies to them.

use super::{Asce, Table, TranslationFault};
use lowcore_arch::{Facility, FacilityList, ProgramCode, StorageKey, bits};
use lowcore_storage::View;

/// Entries have eight bytes.
const ENTRY: u64 = 8;
const PAGE: u64 = 0x1000;
const SEGMENT: u64 = 0x10_0000;
const REGION: u64 = 0x8000_0000;

/// Bit 58 of region- and segment-table entries: invalid.
const INVALID: u64 = 0x20;
/// Bit 59: the common-segment or common-region bit.
const COMMON: u64 = 0x10;
/// Bit 53: the format control, which makes the entry designate a frame.
const FORMAT: u64 = 0x400;
/// Bit 54 of all entries: DAT protection.
const PROTECTION: u64 = 0x200;
/// Bit 55 of entries that designate a frame: instruction-execution protection.
const NO_EXECUTE: u64 = 0x100;
/// Bit 47 of entries with the format control: bits 48-52 are valid.
const KEY_VALID: u64 = 0x1_0000;
/// Bit 53 of page-table entries: invalid.
const PAGE_INVALID: u64 = 0x400;
/// Bit 52 of page-table entries, which must be zero.
const PAGE_ZERO: u64 = 0x800;

/// What control register 0 enables of translation, as far as the guest has
/// the facilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Enhanced-DAT facility 1: frames of 1 MiB, protection of regions.
    pub edat1: bool,
    /// Enhanced-DAT facility 2: frames of 2 GiB.
    pub edat2: bool,
    /// Instruction-execution protection.
    pub execution_protection: bool,
}

impl Features {
    /// CR0 bit 40: the enhanced-DAT-enablement control.
    pub const CR0_EDAT: u64 = 1 << 23;
    /// CR0 bit 43: the instruction-execution-protection-enablement control.
    pub const CR0_EXECUTION_PROTECTION: u64 = 1 << 20;

    /// The features that these contents of control register 0 enable.
    #[must_use]
    pub const fn new(cr0: u64, facilities: &FacilityList) -> Self {
        let edat1 = cr0 & Self::CR0_EDAT != 0 && facilities.has(Facility(8));
        Self {
            edat1,
            edat2: edat1 && facilities.has(Facility(78)),
            execution_protection: cr0 & Self::CR0_EXECUTION_PROTECTION != 0
                && facilities.has(Facility(130)),
        }
    }
}

/// Where a page of 4 KiB lies, and what translation says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The address of the page: real, or absolute for [`Translation::is_absolute`].
    pub frame: u64,
    /// Whether `frame` is absolute: so it is for frames of 1 MiB and 2 GiB.
    pub is_absolute: bool,
    /// The size of the frame that the page is part of, in bytes.
    pub size: u64,
    /// DAT protection: no stores.
    pub is_protected: bool,
    /// Instruction-execution protection applies: no instruction fetches.
    pub no_execute: bool,
    /// The page is part of a common segment or region.
    pub is_common: bool,
    /// Access-control bits and fetch-protection bit that may be used instead
    /// of those of the storage key.
    pub key: Option<StorageKey>,
}

impl Translation {
    /// The page of a real address.
    #[must_use]
    pub const fn real(address: u64) -> Self {
        Self {
            frame: address & !(PAGE - 1),
            is_absolute: false,
            size: PAGE,
            is_protected: false,
            no_execute: false,
            is_common: false,
            key: None,
        }
    }

    /// The frame that an entry with the format control designates.
    const fn large(entry: u64, size: u64, address: u64) -> Self {
        let key = if entry & KEY_VALID != 0 {
            // Access-control bits 48-51 and fetch protection 52.
            Some(StorageKey(bits::low8(entry >> 8) & 0xf8))
        } else {
            None
        };
        Self {
            frame: entry & !(size - 1) | address & (size - 1) & !(PAGE - 1),
            is_absolute: true,
            size,
            is_protected: entry & PROTECTION != 0,
            no_execute: entry & NO_EXECUTE != 0,
            is_common: entry & COMMON != 0,
            key,
        }
    }

    /// With what the tables above said of protection, and what the machine
    /// knows of instruction-execution protection.
    const fn under(mut self, is_protected: bool, features: Features) -> Self {
        self.is_protected |= is_protected;
        self.no_execute &= features.execution_protection;
        self
    }
}

/// The exception of an address that a table's bounds or an invalid entry of
/// it keep from translation.
const fn missing(table: Table) -> TranslationFault {
    TranslationFault::Program(match table {
        Table::RegionFirst => ProgramCode::REGION_FIRST_TRANSLATION,
        Table::RegionSecond => ProgramCode::REGION_SECOND_TRANSLATION,
        Table::RegionThird => ProgramCode::REGION_THIRD_TRANSLATION,
        Table::Segment => ProgramCode::SEGMENT_TRANSLATION,
    })
}

const SPECIFICATION: TranslationFault =
    TranslationFault::Program(ProgramCode::TRANSLATION_SPECIFICATION);

/// The index of 11 bits that an address has for a table.
const fn index(table: Table, address: u64) -> u64 {
    address >> (20 + 11 * table as u32) & 0x7ff
}

/// Why there is no translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untranslated {
    /// The exception.
    pub fault: TranslationFault,
    /// The address of the segment- or page-table entry that is invalid, if
    /// that is the reason.
    pub invalid: Option<u64>,
}

impl From<TranslationFault> for Untranslated {
    fn from(fault: TranslationFault) -> Self {
        Self { fault, invalid: None }
    }
}

/// Fetches an entry.
fn entry(view: &View<'_>, at: u64) -> Result<u64, TranslationFault> {
    Ok(view.load_u64(at)?)
}

/// Translates the page of a virtual address.
///
/// # Errors
/// The translation exception, an addressing exception for a table that is
/// not there, or the host's fault.
pub fn walk(
    view: &View<'_>,
    features: Features,
    asce: Asce,
    address: u64,
) -> Result<Translation, TranslationFault> {
    walk_to_entry(view, features, asce, address).map_err(|untranslated| untranslated.fault)
}

/// The same, and tells where an invalid entry is.
///
/// # Errors
/// As [`walk`].
pub fn walk_to_entry(
    view: &View<'_>,
    features: Features,
    asce: Asce,
    address: u64,
) -> Result<Translation, Untranslated> {
    if asce.is_real_space() {
        return Ok(Translation::real(address));
    }
    let mut table = asce.table();
    let above = 31 + 11 * table as u32;
    if above < 64 && address >> above != 0 {
        return Err(TranslationFault::Program(ProgramCode::ASCE_TYPE).into());
    }
    let (mut origin, mut first, mut last) = (asce.origin(), 0, asce.length());
    let mut is_protected = false;
    loop {
        let index = index(table, address);
        let block = index >> 9;
        if block < first || block > last {
            return Err(missing(table).into());
        }
        let at = origin.wrapping_add(index * ENTRY);
        let entry = entry(view, at)?;
        if entry & INVALID != 0 {
            let invalid = (table == Table::Segment).then_some(at);
            return Err(Untranslated { fault: missing(table), invalid });
        }
        if entry >> 2 & 3 != table as u64 {
            return Err(SPECIFICATION.into());
        }
        let has_common = match table {
            Table::Segment => true,
            Table::RegionThird => features.edat2,
            _ => false,
        };
        if has_common && entry & COMMON != 0 && asce.is_private() {
            return Err(SPECIFICATION.into());
        }
        let below = match table {
            Table::Segment => {
                if features.edat1 && entry & FORMAT != 0 {
                    let page = Translation::large(entry, SEGMENT, address);
                    return Ok(page.under(is_protected, features));
                }
                is_protected |= entry & PROTECTION != 0;
                return page(view, entry, address).map(|page| page.under(is_protected, features));
            }
            Table::RegionThird => {
                if features.edat2 && entry & FORMAT != 0 {
                    let page = Translation::large(entry, REGION, address);
                    return Ok(page.under(is_protected, features));
                }
                Table::Segment
            }
            Table::RegionSecond => Table::RegionThird,
            Table::RegionFirst => Table::RegionSecond,
        };
        is_protected |= features.edat1 && entry & PROTECTION != 0;
        (table, origin, first, last) = (below, entry & !0xfff, entry >> 6 & 3, entry & 3);
    }
}

/// The last step: the page table that a segment-table entry designates.
fn page(view: &View<'_>, segment: u64, address: u64) -> Result<Translation, Untranslated> {
    let at = (segment & !0x7ff).wrapping_add((address >> 12 & 0xff) * ENTRY);
    let entry = entry(view, at)?;
    if entry & PAGE_INVALID != 0 {
        let fault = TranslationFault::Program(ProgramCode::PAGE_TRANSLATION);
        return Err(Untranslated { fault, invalid: Some(at) });
    }
    if entry & PAGE_ZERO != 0 {
        return Err(SPECIFICATION.into());
    }
    Ok(Translation {
        is_protected: entry & PROTECTION != 0,
        no_execute: entry & NO_EXECUTE != 0,
        is_common: segment & COMMON != 0,
        ..Translation::real(entry)
    })
}

#[cfg(test)]
mod tests;
