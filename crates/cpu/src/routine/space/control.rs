//! The address-space control, address-space numbers and access.

use super::{
    ACCESS_REGISTER, EXTRACTION_AUTHORITY, HOME, PRIMARY, SECONDARY, SECONDARY_SPACE, mode,
    needs_translation, privileged_if, special_if,
};
use crate::translation::{Asce, TranslationFault, look_up};
use crate::{Context, Detail, Exception};
use lowcore_arch::{ProgramCode, Psw, bits};

/// SET ADDRESS SPACE CONTROL: the code is in bits 52-55 of the address.
pub(super) fn set(c: &mut Context<'_>, address: u64) -> Result<(), Exception> {
    needs_translation(c)?;
    special_if(c.regs.cr[0] & SECONDARY_SPACE == 0)?;
    let new = match address >> 8 & 15 {
        0 => PRIMARY,
        1 => SECONDARY,
        2 => ACCESS_REGISTER,
        3 => {
            privileged_if(c, true)?;
            HOME
        }
        _ => return Err(ProgramCode::SPECIFICATION.into()),
    };
    let old = mode(c);
    c.regs.psw.mask = c.regs.psw.mask & !Psw::ADDRESS_SPACE | new << 46;
    c.reenter = true;
    if (old == HOME) == (new == HOME) {
        return Ok(());
    }
    // Into the home space and out of it.
    let (primary, home) = (Asce(c.regs.cr[1]), Asce(c.regs.cr[13]));
    if !primary.watches_space_switch() && !home.watches_space_switch() {
        return Ok(());
    }
    let left = if old == HOME { home } else { primary };
    let number = if old == HOME { 0 } else { c.regs.cr[4] & 0xffff };
    Err(space_switch(left, number))
}

/// The space-switch event, with what the low core shows of the space left:
/// its space-switch-event control and its number.
pub(super) fn space_switch(left: Asce, number: u64) -> Exception {
    let teid = u64::from(left.watches_space_switch()) << 31 | number;
    let detail = Detail::Translation { teid, access_register: 0 };
    Exception::Program { code: ProgramCode::SPACE_SWITCH, detail }
}

/// INSERT ADDRESS SPACE CONTROL: the two bits of the PSW in reverse.
pub(super) fn insert(c: &mut Context<'_>) -> Result<u64, Exception> {
    needs_translation(c)?;
    privileged_if(c, c.regs.cr[0] & EXTRACTION_AUTHORITY == 0)?;
    let code = match mode(c) {
        PRIMARY => 0,
        SECONDARY => 1,
        ACCESS_REGISTER => 2,
        _ => 3,
    };
    c.regs.psw.set_condition_code(code);
    Ok(code.into())
}

/// The address-space number in bits 48-63 of a control register.
pub(super) fn number(c: &Context<'_>, register: usize) -> Result<u64, Exception> {
    needs_translation(c)?;
    privileged_if(c, c.regs.cr[0] & EXTRACTION_AUTHORITY == 0)?;
    Ok(c.regs.cr[register] & 0xffff)
}

/// TEST ACCESS.
pub(super) fn test_access(c: &mut Context<'_>, alet: u64, register: u64) -> Result<(), Exception> {
    let (alet, eax) = (bits::low32(alet), bits::low16(register >> 16));
    let code = match alet {
        0 => 0,
        1 => 3,
        _ => match look_up(c.view, c.regs, alet, eax) {
            Ok(_) if alet >> 24 & 1 == 0 => 1,
            Ok(_) => 2,
            Err(TranslationFault::Program(code)) if code != ProgramCode::ADDRESSING => 3,
            Err(fault) => return Err(fault.into()),
        },
    };
    c.regs.psw.set_condition_code(code);
    Ok(())
}
