//! Access-register translation (manual, chapter 5, "Access-Register
//! Translation").

use super::{Asce, TranslationFault};
use crate::Registers;
use lowcore_arch::{ProgramCode, bits};
use lowcore_storage::View;

/// Bits of control registers 2 and 5 that are the origin of the
/// dispatchable-unit-control table and of the primary ASN-second-table entry.
const ORIGIN: u64 = 0x7fff_ffc0;
/// Where both have their access-list designation.
const DESIGNATION: u64 = 16;

/// The space that an access-list-entry token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedSpace {
    /// Its address-space-control element.
    pub asce: Asce,
    /// The access-list entry allows fetches only.
    pub is_fetch_only: bool,
    /// The address of the ASN-second-table entry, for a space that an
    /// access-list entry gives.
    pub aste: Option<u64>,
}

/// The space that a token names: 0 is primary, 1 secondary, others are looked
/// up in the dispatchable unit's or the primary space's access list.
///
/// # Errors
/// The exceptions of access-register translation, an addressing exception for
/// a table that is not there, or the host's fault.
pub fn space_of(
    view: &View<'_>,
    regs: &Registers,
    alet: u32,
) -> Result<NamedSpace, TranslationFault> {
    let eax = bits::low16(regs.cr[8] >> 16);
    match alet {
        0 => Ok(NamedSpace { asce: Asce(regs.cr[1]), is_fetch_only: false, aste: None }),
        1 => Ok(NamedSpace { asce: Asce(regs.cr[7]), is_fetch_only: false, aste: None }),
        _ => look_up(view, regs, alet, eax),
    }
}

/// Fetches an access-list entry and the ASN-second-table entry behind it for
/// a token other than 0 and 1; `eax` is the extended authorization index.
///
/// # Errors
/// As [`space_of`].
pub fn look_up(
    view: &View<'_>,
    regs: &Registers,
    alet: u32,
    eax: u16,
) -> Result<NamedSpace, TranslationFault> {
    let program = |code| Err(TranslationFault::Program(code));
    let absolute = |real: u64| regs.absolute(real & 0x7fff_ffff);
    // Bits 0-6 must be zero, bit 7 selects the list, 8-15 are the entry's
    // sequence number, 16-31 its number.
    if alet >> 25 != 0 {
        return program(ProgramCode::ALET_SPECIFICATION);
    }
    let owner = if alet >> 24 & 1 != 0 { regs.cr[5] } else { regs.cr[2] } & ORIGIN;
    let designation = view.load_u32(absolute(owner + DESIGNATION))?;
    let number = alet & 0xffff;
    if number >> 3 > designation & 0x7f {
        return program(ProgramCode::ALEN_TRANSLATION);
    }
    // The list has units of 128 bytes, each of eight entries.
    let origin = u64::from(designation & 0x7fff_ff80);
    let at = origin + 16 * u64::from(number);
    if at > 0x7fff_ffff {
        return program(ProgramCode::ADDRESSING);
    }
    let entry = view.load_u64(absolute(at))?;
    let behind = view.load_u64(absolute(at + 8))?;
    if entry >> 63 != 0 {
        return program(ProgramCode::ALEN_TRANSLATION);
    }
    if bits::low8(entry >> 48) != bits::low8(u64::from(alet >> 16)) {
        return program(ProgramCode::ALE_SEQUENCE);
    }
    let aste = behind >> 32 & ORIGIN;
    let head = view.load_u64(absolute(aste))?;
    let asce = view.load_u64(absolute(aste + 8))?;
    let tail = view.load_u64(absolute(aste + 16))?;
    if head >> 63 != 0 {
        return program(ProgramCode::ASTE_VALIDITY);
    }
    if bits::low32(tail) != bits::low32(behind) {
        return program(ProgramCode::ASTE_SEQUENCE);
    }
    let is_private = entry >> 56 & 1 != 0;
    if is_private
        && bits::low16(entry >> 32) != eax
        && !has_secondary_authority(view, regs, head, eax)?
    {
        return program(ProgramCode::EXTENDED_AUTHORITY);
    }
    Ok(NamedSpace { asce: Asce(asce), is_fetch_only: entry >> 57 & 1 != 0, aste: Some(aste) })
}

/// Whether the authority table of an ASN-second-table entry, whose first
/// doubleword is `head`, gives the index `ax` secondary authority.
///
/// # Errors
/// An addressing exception for a table that is not there, or the host's fault.
pub fn has_secondary_authority(
    view: &View<'_>,
    regs: &Registers,
    head: u64,
    ax: u16,
) -> Result<bool, TranslationFault> {
    Ok(authority(view, regs, head, ax)? & 1 != 0)
}

/// Whether the same table gives the index primary authority.
///
/// # Errors
/// As [`has_secondary_authority`].
pub fn has_primary_authority(
    view: &View<'_>,
    regs: &Registers,
    head: u64,
    ax: u16,
) -> Result<bool, TranslationFault> {
    Ok(authority(view, regs, head, ax)? & 2 != 0)
}

/// The two authority bits of an index: primary, secondary; zero behind the
/// end of the table.
fn authority(
    view: &View<'_>,
    regs: &Registers,
    head: u64,
    ax: u16,
) -> Result<u8, TranslationFault> {
    // Units of four bytes, each for 16 indexes.
    let last = head >> 4 & 0xfff;
    if u64::from(ax >> 4) > last {
        return Ok(0);
    }
    let at = (head >> 32 & 0x7fff_fffc) + u64::from(ax >> 2);
    let byte = view.load_u8(regs.absolute(at & 0x7fff_ffff))?;
    Ok(byte >> (6 - 2 * (ax & 3)) & 3)
}

#[cfg(test)]
mod tests;
