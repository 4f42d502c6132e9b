//! Changes of translation tables that every CPU must see, or this one.

use crate::routine::registers::{number, specification_if};
use crate::translation::Table;
use crate::{Context, Exception};
use lowcore_arch::{Facility, ProgramCode, bits};
use lowcore_storage::AccessError;

/// The invalid bit of page-table entries.
const PAGE_INVALID: u64 = 0x400;
/// The invalid bit of region- and segment-table entries.
const TABLE_INVALID: u64 = 0x20;
/// Bit 3 of a mask: only this CPU needs to know.
const LOCAL: u64 = 1;
const ENTRY: u64 = 8;

/// Makes the invalid bit of an entry one, as one step.
fn invalidate(c: &Context<'_>, at: u64, bit: u64) -> Result<(), AccessError> {
    let mut old = c.view.load_u64(at)?;
    while let Err(found) = c.view.compare_exchange_u64(at, old, old | bit)? {
        old = found;
    }
    Ok(())
}

/// Completes an instruction that takes translations away, which this CPU has
/// forgotten.
fn complete(c: &Context<'_>, mask: u64) -> Result<(), Exception> {
    let is_local = mask & LOCAL != 0 && c.config.facilities().has(Facility::LOCAL_TLB_CLEARING);
    if is_local { Ok(()) } else { Err(Exception::Quiesce) }
}

/// INVALIDATE PAGE TABLE ENTRY, of one entry or with the IPTE-range facility
/// of more that follow it in the table.
pub(super) fn page(
    c: &mut Context<'_>,
    origin: u64,
    address: u64,
    additional: u64,
    mask: u64,
) -> Result<(), Exception> {
    let has_range = c.config.facilities().has(Facility::IPTE_RANGE);
    let additional = if has_range { additional & 0xff } else { 0 };
    let first = address >> 12 & 0xff;
    specification_if(first + additional > 0xff)?;
    for index in first..=first + additional {
        invalidate(c, (origin & !0x7ff).wrapping_add(ENTRY * index), PAGE_INVALID)?;
        c.tlb.purge_index(index);
    }
    complete(c, mask)
}

/// INVALIDATE DAT TABLE ENTRY: of a range of region- or segment-table entries,
/// or of none with the option to clear by address-space-control element, that
/// of `space`.
pub(super) fn table(
    c: &mut Context<'_>,
    designation: u64,
    index: u64,
    space: u64,
    mask: u64,
) -> Result<(), Exception> {
    const CLEAR_ONLY: u64 = 0x800;
    const RESERVED: u64 = 0xf_f000;
    specification_if(index & RESERVED != 0)?;
    if index & CLEAR_ONLY == 0 {
        let table = crate::translation::Asce(designation).table();
        let first = index >> (20 + 11 * table as u32) & 0x7ff;
        for entry in first..=first + (index & 0x7ff) {
            let at = (designation & !0xfff).wrapping_add(ENTRY * (entry & 0x7ff));
            invalidate(c, at, TABLE_INVALID)?;
        }
    }
    // Entries of tables may belong to more spaces than the one that is named.
    if index & CLEAR_ONLY == 0 || space == 0 {
        c.tlb.purge();
    } else {
        c.tlb.purge_space(space);
    }
    complete(c, mask)
}

/// COMPARE AND SWAP AND PURGE, 4 or 8 bytes. Bits 62 and 63 of the second
/// address say what is purged of access registers and of translations.
pub(super) fn compare_and_swap(
    c: &mut Context<'_>,
    r1: u64,
    r2: u64,
    bytes: u64,
) -> Result<(), Exception> {
    let (r1, r2) = (number(r1), number(r2));
    let what = c.register(r2) & 3;
    let at = c.operand_in(r2);
    let at = at.moved_to(at.address & !(bytes - 1));
    let (old, new) = (c.register(r1), c.register(r1 | 1));
    let swapped = if bytes == 4 {
        let swapped = c.compare_and_swap_u32(at, bits::low32(old), bits::low32(new))?;
        swapped.map(u64::from).map_err(u64::from)
    } else {
        c.compare_and_swap_u64(at, old, new)?
    };
    end_swap(c, r1, bytes, swapped)?;
    if swapped.is_err() || what == 0 {
        return Ok(());
    }
    c.tlb.purge();
    complete(c, 0)
}

/// COMPARE AND REPLACE DAT TABLE ENTRY. Bits 59-61 of R2 say which table its
/// origin is of, the register after it has the address that gives the index.
pub(super) fn compare_and_replace(
    c: &mut Context<'_>,
    r1: u64,
    r2: u64,
    mask: u64,
) -> Result<(), Exception> {
    let (r1, r2) = (number(r1), number(r2));
    specification_if(r2 & 1 != 0)?;
    let (designation, address) = (c.register(r2), c.register(r2 | 1));
    let table = match designation >> 2 & 7 {
        0 => None,
        4 => Some(Table::Segment),
        5 => Some(Table::RegionThird),
        6 => Some(Table::RegionSecond),
        7 => Some(Table::RegionFirst),
        _ => return Err(ProgramCode::SPECIFICATION.into()),
    };
    let at = match table {
        None => (designation & !0x7ff).wrapping_add(ENTRY * (address >> 12 & 0xff)),
        Some(table) => {
            let index = address >> (20 + 11 * table as u32) & 0x7ff;
            (designation & !0xfff).wrapping_add(ENTRY * index)
        }
    };
    let (old, new) = (c.register(r1), c.register(r1 | 1));
    let swapped = c.view.compare_exchange_u64(at, old, new)?;
    end_swap(c, r1, 8, swapped)?;
    if swapped.is_err() {
        return Ok(());
    }
    c.tlb.purge();
    complete(c, mask)
}

/// Sets the condition code of a swap, and the register if it failed.
fn end_swap(
    c: &mut Context<'_>,
    r1: u8,
    bytes: u64,
    swapped: Result<u64, u64>,
) -> Result<(), Exception> {
    match swapped {
        Ok(_) => c.end_with(0),
        Err(found) => {
            if bytes == 4 {
                c.set_register_low(r1, bits::low32(found));
            } else {
                c.set_register(r1, found);
            }
            c.end_with(1)
        }
    }
}
