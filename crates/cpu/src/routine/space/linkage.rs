//! Address-space numbers and linkage between programs (manual, chapter 3,
//! "ASN Translation", chapter 5, "PC-Number Translation").
//!
//! Programs are called and transferred to as far as operating systems of
//! today go: where tables that only the older ones have are set up for more,
//! the CPU says that it does not do it.

use super::{
    ACCESS_REGISTER, ASN_TRANSLATION, PRIMARY, checked_key, control, mode, needs_translation,
    privileged_if, special_if,
};
use crate::routine::registers::{number, specification_if};
use crate::translation::{Asce, has_primary_authority, has_secondary_authority};
use crate::{At, Context, Detail, Exception, Space};
use lowcore_arch::{AddressingMode, ProgramCode, Psw, bits};

/// Bits of control registers 2 and 5, and of tables, that are the origin of a
/// block of 64 bytes.
const ORIGIN: u64 = 0x7fff_ffc0;
/// The addressing mode in a word with a 31-bit address.
const MODE_31: u64 = 0x8000_0000;

/// An exception that shows an address-space number or program-call number.
fn with_number(code: ProgramCode, number: u64) -> Exception {
    let detail = Detail::Translation { teid: number, access_register: 0 };
    Exception::Program { code, detail }
}

/// Fetches a word at a real address.
fn word(c: &Context<'_>, real: u64) -> Result<u64, Exception> {
    Ok(c.view.load_u32(c.regs.absolute(real & 0x7fff_ffff))?.into())
}

/// Fetches a doubleword at a real address.
fn doubleword(c: &Context<'_>, real: u64) -> Result<u64, Exception> {
    Ok(c.view.load_u64(c.regs.absolute(real & 0x7fff_ffff))?)
}

/// What an ASN-second-table entry says.
struct SecondTableEntry {
    /// Where it is.
    origin: u64,
    /// Its first doubleword: authority table, authorization index.
    head: u64,
    asce: Asce,
}

impl SecondTableEntry {
    /// The authorization index.
    const fn index(&self) -> u64 {
        self.head >> 16 & 0xffff
    }
}

/// ASN translation: the table entry of a space's number.
fn translate_number(c: &Context<'_>, number: u64) -> Result<SecondTableEntry, Exception> {
    let table = (c.regs.cr[14] & 0x7_ffff) << 12;
    let first = word(c, table + 4 * (number >> 6))?;
    if first & 0x8000_0000 != 0 {
        return Err(with_number(ProgramCode::AFX_TRANSLATION, number));
    }
    if first & 0xf != 0 {
        return Err(ProgramCode::ASN_TRANSLATION_SPECIFICATION.into());
    }
    let origin = (first & ORIGIN) + 64 * (number & 63);
    let head = doubleword(c, origin)?;
    if head >> 63 != 0 {
        return Err(with_number(ProgramCode::ASX_TRANSLATION, number));
    }
    let asce = Asce(doubleword(c, origin + 8)?);
    Ok(SecondTableEntry { origin, head, asce })
}

/// The address-space-control element that a space gets when its number is
/// loaded: where the dispatchable unit is in a subspace of it, that of the
/// subspace, but for the event controls (manual, chapter 5,
/// "Subspace-Replacement Operations").
fn replaced(c: &Context<'_>, space: &SecondTableEntry) -> Result<u64, Exception> {
    const SUBSPACE_GROUP: u64 = 0x200;
    const ACTIVE: u64 = 0x8000_0000;
    const EVENTS: u64 = Asce::STORAGE_ALTERATION | Asce::SPACE_SWITCH;
    let own = space.asce.0;
    if own & SUBSPACE_GROUP == 0 {
        return Ok(own);
    }
    let unit = c.regs.cr[2] & ORIGIN;
    let subspace = word(c, unit + 4)?;
    if subspace & ACTIVE == 0 || word(c, unit)? & ORIGIN != space.origin {
        return Ok(own);
    }
    let entry = subspace & ORIGIN;
    let (head, asce) = (word(c, entry)?, doubleword(c, entry + 8)?);
    if head >> 31 != 0 {
        return Err(with_number(ProgramCode::ASTE_VALIDITY, 0));
    }
    if word(c, entry + 20)? != word(c, unit + 12)? {
        return Err(with_number(ProgramCode::ASTE_SEQUENCE, 0));
    }
    Ok(own & EVENTS | asce & !EVENTS)
}

const SUBSPACES: Exception =
    Exception::Unsupported("The guest uses subspace groups, which Lowcore does not have.");

/// SET SECONDARY ASN.
pub(super) fn set_secondary(c: &mut Context<'_>, value: u64) -> Result<(), Exception> {
    needs_translation(c)?;
    special_if(c.regs.cr[14] & ASN_TRANSLATION == 0)?;
    let asn = value & 0xffff;
    let asce = if asn == c.regs.cr[4] & 0xffff {
        c.regs.cr[1]
    } else {
        let space = translate_number(c, asn)?;
        let index = bits::low16(c.regs.cr[4] >> 16);
        if !has_secondary_authority(c.view, c.regs, space.head, index)? {
            return Err(with_number(ProgramCode::SECONDARY_AUTHORITY, asn));
        }
        replaced(c, &space)?
    };
    c.regs.cr[3] = c.regs.cr[3] & !0xffff | asn;
    c.regs.cr[7] = asce;
    c.reenter = true;
    Ok(())
}

/// A space that LOAD ADDRESS SPACE PARAMETERS translates, and its
/// address-space-control element; none if it is not available, which is a
/// condition code there instead of an exception.
fn available(c: &Context<'_>, number: u64) -> Result<Option<(SecondTableEntry, u64)>, Exception> {
    let found =
        translate_number(c, number).and_then(|space| replaced(c, &space).map(|asce| (space, asce)));
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Exception::Program {
            code:
                ProgramCode::AFX_TRANSLATION
                | ProgramCode::ASX_TRANSLATION
                | ProgramCode::ASTE_VALIDITY
                | ProgramCode::ASTE_SEQUENCE,
            ..
        }) => Ok(None),
        Err(exception) => Err(exception),
    }
}

/// LOAD ADDRESS SPACE PARAMETERS: a PSW-key mask, a secondary space's number,
/// an authorization index and a primary space's number, each of 16 bits.
/// Control registers change with condition code 0 only.
pub(super) fn load_parameters(c: &mut Context<'_>, at: At, options: u64) -> Result<(), Exception> {
    /// Numbers are translated even if they are those in the registers.
    const TRANSLATE: u64 = 4;
    /// The authorization index is the operand's.
    const USE_INDEX: u64 = 2;
    /// The secondary space needs no authority.
    const SKIP_AUTHORITY: u64 = 1;
    const NO_PRIMARY: u8 = 1;
    const NO_SECONDARY: u8 = 2;
    const EVENT: u8 = 3;
    special_if(c.regs.cr[14] & ASN_TRANSLATION == 0)?;
    specification_if(!at.address.is_multiple_of(8))?;
    let operand = c.load_u64(at)?;
    let (secondary, primary) = (operand >> 32 & 0xffff, operand & 0xffff);
    let forced = options & TRANSLATE != 0;

    let old = Asce(c.regs.cr[1]);
    let (mut asce, mut index) = (old.0, c.regs.cr[4] >> 16 & 0xffff);
    let mut origin = bits::low32(c.regs.cr[5]);
    if forced || primary != c.regs.cr[4] & 0xffff {
        let Some((space, new)) = available(c, primary)? else {
            return c.end_with(NO_PRIMARY);
        };
        if old.watches_space_switch() || Asce(new).watches_space_switch() {
            return c.end_with(EVENT);
        }
        (asce, index, origin) = (new, space.index(), bits::low32(space.origin));
    }
    if options & USE_INDEX != 0 {
        index = operand >> 16 & 0xffff;
    }

    let is_authorized = options & SKIP_AUTHORITY != 0;
    let secondary_asce = if secondary == primary {
        asce
    } else if !forced && is_authorized && secondary == c.regs.cr[3] & 0xffff {
        c.regs.cr[7]
    } else {
        let Some((space, new)) = available(c, secondary)? else {
            return c.end_with(NO_SECONDARY);
        };
        // It is the index of the new primary space that needs the authority.
        if !is_authorized
            && !has_secondary_authority(c.view, c.regs, space.head, bits::low16(index))?
        {
            return c.end_with(NO_SECONDARY);
        }
        new
    };

    c.regs.cr[1] = asce;
    c.regs.cr[3] = bits::with_low32(c.regs.cr[3], bits::low32(operand >> 32));
    c.regs.cr[4] = bits::with_low32(c.regs.cr[4], bits::low32(index << 16 | primary));
    c.regs.cr[5] = bits::with_low32(c.regs.cr[5], origin);
    c.regs.cr[7] = secondary_asce;
    c.reenter = true;
    c.end_with(0)
}

/// The linkage-table designation of the primary space: its leftmost bit must
/// be one.
fn linkage_table(c: &Context<'_>) -> Result<u64, Exception> {
    let designation = word(c, (c.regs.cr[5] & ORIGIN) + 24)?;
    special_if(designation >> 31 == 0)?;
    Ok(designation)
}

/// PROGRAM CALL: the number is translated. What comes then is not supported.
pub(super) fn program_call(c: &mut Context<'_>, address: u64) -> Result<(), Exception> {
    const UNSUPPORTED: Exception =
        Exception::Unsupported("The guest calls a program, which Lowcore does not have.");
    needs_translation(c)?;
    special_if(!matches!(mode(c), PRIMARY | ACCESS_REGISTER))?;
    let designation = linkage_table(c)?;
    let number = address & 0xf_ffff;
    let (linkage, entry) = (number >> 8, number & 0xff);
    let outside = |code| Err(with_number(code, number));
    if linkage >> 5 > designation & 0x7f {
        return outside(ProgramCode::LX_TRANSLATION);
    }
    let table = word(c, (designation & 0x7fff_ff80) + 4 * linkage)?;
    if table >> 31 != 0 {
        return outside(ProgramCode::LX_TRANSLATION);
    }
    if entry >> 2 > table & 0x3f {
        return outside(ProgramCode::EX_TRANSLATION);
    }
    doubleword(c, (table & ORIGIN) + 32 * entry)?;
    Err(UNSUPPORTED)
}

/// PROGRAM TRANSFER: the first register has a PSW-key mask and the space's
/// number; the second the address, and in bit 63 the problem state.
pub(super) fn program_transfer(
    c: &mut Context<'_>,
    first: u64,
    second: u64,
) -> Result<(), Exception> {
    needs_translation(c)?;
    special_if(mode(c) != PRIMARY)?;
    linkage_table(c)?;
    privileged_if(c, second & 1 == 0)?;
    let is_64 = c.regs.psw.addressing_mode() == AddressingMode::Bits64;
    let address = if is_64 { second & !1 } else { second & 0x7fff_fffe };
    specification_if(!is_64 && second & MODE_31 == 0 && address > 0xff_ffff)?;
    let asn = first & 0xffff;
    let mut event = None;
    if asn != c.regs.cr[4] & 0xffff {
        special_if(c.regs.cr[14] & ASN_TRANSLATION == 0)?;
        let space = translate_number(c, asn)?;
        let index = bits::low16(c.regs.cr[4] >> 16);
        if !has_primary_authority(c.view, c.regs, space.head, index)? {
            return Err(with_number(ProgramCode::PRIMARY_AUTHORITY, asn));
        }
        let asce = replaced(c, &space)?;
        let left = Asce(c.regs.cr[1]);
        if left.watches_space_switch() || Asce(asce).watches_space_switch() {
            event = Some(control::space_switch(left, c.regs.cr[4] & 0xffff));
        }
        c.regs.cr[1] = asce;
        c.regs.cr[4] = c.regs.cr[4] & !0xffff_ffff | space.index() << 16 | asn;
        c.regs.cr[5] = c.regs.cr[5] & !0xffff_ffff | space.origin;
    }
    // The secondary space becomes the primary one.
    c.regs.cr[7] = c.regs.cr[1];
    let keys = c.regs.cr[3] & first & 0xffff_0000;
    c.regs.cr[3] = c.regs.cr[3] & !0xffff_ffff | keys | asn;
    if !is_64 {
        let mode = if second & MODE_31 != 0 { Psw::BASIC_ADDRESSING } else { 0 };
        c.regs.psw.mask = c.regs.psw.mask & !Psw::BASIC_ADDRESSING | mode;
    }
    if second & 1 != 0 {
        c.regs.psw.mask |= Psw::PROBLEM;
    } else {
        c.regs.psw.mask &= !Psw::PROBLEM;
    }
    c.branch(address);
    c.reenter = true;
    event.map_or(Ok(()), Err)
}

/// A real address in the dispatchable-unit-control table. Low-address
/// protection applies.
fn in_unit(c: &Context<'_>, offset: u64) -> At {
    At::in_space((c.regs.cr[2] & ORIGIN) + offset, Space::Real).with_key(0)
}

/// BRANCH AND SET AUTHORITY: a program gives up authority, and another takes
/// it back (manual, chapter 10).
pub(super) fn branch_and_set_authority(
    c: &mut Context<'_>,
    r1: u64,
    r2: u64,
) -> Result<(), Exception> {
    const REDUCED: u32 = 0x8;
    const PROBLEM: u32 = 0x1;
    let (r1, r2) = (number(r1), number(r2));
    let (state_at, return_at) = (in_unit(c, 20), in_unit(c, 32));
    let state = c.load_u32(state_at)?;
    let is_64 = c.regs.psw.addressing_mode() == AddressingMode::Bits64;
    if state & REDUCED == 0 {
        special_if(r2 == 0)?;
        let given = c.register(r1);
        let key = checked_key(c, given)?;
        let own = bits::low32(c.regs.cr[3]) & 0xffff_0000 | u32::from(c.regs.psw.key()) << 4;
        let problem = if c.regs.psw.has(Psw::PROBLEM) { PROBLEM } else { 0 };
        let here = return_address(c);
        c.probe_store(return_at, 8)?;
        c.store_u32(state_at, own | problem | REDUCED)?;
        c.store_u64(return_at, here)?;
        c.regs.cr[3] &= given & 0xffff_0000 | !0xffff_0000;
        let mask = c.regs.psw.mask & !Psw::KEY | u64::from(key) << 52;
        c.regs.psw.mask = mask | Psw::PROBLEM;
        let target = c.register(r2);
        branch_by_mode(c, target, is_64);
    } else {
        special_if(r2 != 0)?;
        let target = c.load_u64(return_at)?;
        c.store_u32(state_at, state & !REDUCED)?;
        if r1 != 0 {
            let here = return_address(c);
            c.set_by_mode(r1, here);
        }
        c.regs.cr[3] = bits::with_low32(
            c.regs.cr[3],
            state & 0xffff_0000 | bits::low32(c.regs.cr[3]) & 0xffff,
        );
        let mut mask = c.regs.psw.mask & !(Psw::KEY | Psw::PROBLEM);
        mask |= u64::from(state >> 4 & 15) << 52;
        if state & PROBLEM != 0 {
            mask |= Psw::PROBLEM;
        }
        c.regs.psw.mask = mask;
        branch_by_mode(c, target, is_64);
    }
    c.reenter = true;
    Ok(())
}

/// The address of the next instruction, with the addressing mode if that is
/// not the 64-bit mode.
fn return_address(c: &Context<'_>) -> u64 {
    match c.regs.psw.addressing_mode() {
        AddressingMode::Bits31 => c.regs.psw.addr | MODE_31,
        _ => c.regs.psw.addr,
    }
}

/// Branches; outside of the 64-bit mode bit 32 of the address is the new mode.
fn branch_by_mode(c: &mut Context<'_>, target: u64, is_64: bool) {
    if !is_64 {
        let mode = if target & MODE_31 != 0 { Psw::BASIC_ADDRESSING } else { 0 };
        c.regs.psw.mask = c.regs.psw.mask & !Psw::BASIC_ADDRESSING | mode;
    }
    c.branch(target);
}

/// BRANCH IN SUBSPACE GROUP: the primary space must be in the group of the
/// dispatchable unit.
pub(super) fn branch_in_subspace_group(c: &mut Context<'_>) -> Result<(), Exception> {
    needs_translation(c)?;
    let base = word(c, c.regs.cr[2] & ORIGIN)? & ORIGIN;
    special_if(base != c.regs.cr[5] & ORIGIN)?;
    Err(SUBSPACES)
}

/// TRAP: the dispatchable unit must have a trap-control block.
pub(super) fn trap(c: &mut Context<'_>) -> Result<(), Exception> {
    needs_translation(c)?;
    special_if(!matches!(mode(c), PRIMARY | ACCESS_REGISTER))?;
    let block = word(c, (c.regs.cr[2] & ORIGIN) + 44)?;
    special_if(block & 1 == 0)?;
    Err(Exception::Unsupported("The guest uses trap programs, which Lowcore does not have."))
}
