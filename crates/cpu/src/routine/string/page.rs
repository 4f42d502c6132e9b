//! MOVE PAGE.

use crate::routine::registers::{PAGE, specification_if};
use crate::{Access, Context, Exception};
use lowcore_arch::{ProgramCode, Psw, bits};

/// General register 0: bits that must be zero.
const RESERVED: u64 = 0xf000;
/// The first operand is accessed with the key in bits 56-59.
const FIRST_KEY: u64 = 0x800;
/// The second operand is.
const SECOND_KEY: u64 = 0x400;
/// A page that is not valid gives a condition code.
const CONDITION_CODE: u64 = 0x100;

/// MOVE PAGE.
pub(super) fn move_page(c: &mut Context<'_>, r1: u8, r2: u8) -> Result<(), Exception> {
    let controls = c.register(0);
    let keys = controls & (FIRST_KEY | SECOND_KEY);
    specification_if(controls & RESERVED != 0 || keys == FIRST_KEY | SECOND_KEY)?;
    let key = bits::low8(controls >> 4 & 15);
    // The PSW-key mask, bits 32-47 of control register 3.
    if keys != 0 && c.regs.psw.has(Psw::PROBLEM) && c.regs.cr[3] >> (31 - key) & 1 == 0 {
        return Err(ProgramCode::PRIVILEGED_OPERATION.into());
    }
    let place = |c: &Context<'_>, r: u8, with_key: u64| {
        let at = c.operand_in(r);
        let at = at.moved_to(at.address & !(PAGE - 1));
        if keys & with_key != 0 { at.with_key(key) } else { at }
    };
    let (first, second) = (place(c, r1, FIRST_KEY), place(c, r2, SECOND_KEY));
    let invalid = |exception: Exception| {
        let is_page =
            matches!(exception, Exception::Program { code: ProgramCode::PAGE_TRANSLATION, .. });
        is_page && controls & CONDITION_CODE != 0
    };
    let from = match c.piece(second, PAGE, Access::Fetch) {
        Ok(piece) => piece,
        Err(exception) if invalid(exception) => return c.end_with(2),
        Err(exception) => return Err(exception),
    };
    let to = match c.piece(first, PAGE, Access::Store) {
        Ok(piece) => piece,
        Err(exception) if invalid(exception) => return c.end_with(1),
        Err(exception) => return Err(exception),
    };
    c.view.copy(to.absolute, from.absolute, PAGE)?;
    c.end_with(0)
}
