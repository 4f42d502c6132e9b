//! Real addresses: found, and accessed; and the test of protection.

use super::special_if;
use crate::translation::{
    AddressSpace, Features, Origin, Purpose, Request, Translation, TranslationFault, asce_of,
    key_permits, locate, walk_to_entry,
};
use crate::{At, Context, Exception, Space};
use lowcore_arch::{AddressingMode, ProgramCode, bits};

/// The real address of a byte in a translated page.
fn real(c: &Context<'_>, page: &Translation, address: u64) -> u64 {
    // Prefixing is its own inverse.
    let page = if page.is_absolute { c.regs.absolute(page.frame) } else { page.frame };
    page | address & 0xfff
}

/// What LOAD REAL ADDRESS finds: the condition code and the result.
enum Found {
    /// A real address.
    Real(u64),
    /// The address of an invalid segment-table entry (code 1) or page-table
    /// entry (code 2).
    Entry(u64, ProgramCode),
    /// The exception that an access would meet.
    Exception(ProgramCode),
}

/// Translates an address as that of a storage operand, whether translation is
/// on or not.
fn find(c: &Context<'_>, at: At) -> Result<Found, Exception> {
    let space = AddressSpace::of_operands(c.regs.psw);
    let asce = match asce_of(c.view, c.regs, space, at.base) {
        Ok((asce, _)) => asce,
        Err(TranslationFault::Program(code)) if code != ProgramCode::ADDRESSING => {
            return Ok(Found::Exception(code));
        }
        Err(fault) => return Err(fault.into()),
    };
    let features = Features::new(c.regs.cr[0], c.config.facilities());
    let untranslated = match walk_to_entry(c.view, features, asce, at.address) {
        Ok(page) => return Ok(Found::Real(real(c, &page, at.address))),
        Err(untranslated) => untranslated,
    };
    match untranslated.fault {
        TranslationFault::Program(
            code @ (ProgramCode::ADDRESSING | ProgramCode::TRANSLATION_SPECIFICATION),
        ) => Err(code.into()),
        TranslationFault::Program(code) => Ok(match untranslated.invalid {
            Some(entry) => Found::Entry(entry, code),
            None => Found::Exception(code),
        }),
        TranslationFault::Host => Err(Exception::HostFault),
    }
}

/// LOAD REAL ADDRESS. With `is_long` the result has 64 bits in every
/// addressing mode.
pub(super) fn load_address(
    c: &mut Context<'_>,
    at: At,
    register: u64,
    is_long: bool,
) -> Result<(), Exception> {
    const MOST: u64 = 0x7fff_ffff;
    let is_long = is_long || c.regs.psw.addressing_mode() == AddressingMode::Bits64;
    let (code, result, is_long) = match find(c, at)? {
        Found::Real(address) => {
            special_if(!is_long && address > MOST)?;
            (0, address, is_long)
        }
        Found::Entry(entry, code) if is_long || entry <= MOST => {
            (if code == ProgramCode::SEGMENT_TRANSLATION { 1 } else { 2 }, entry, is_long)
        }
        Found::Entry(_, code) | Found::Exception(code) => {
            (3, 0x8000_0000 | u64::from(code.0), false)
        }
    };
    let target = &mut c.regs.gr[bits::index(register & 15)];
    *target = if is_long { result } else { bits::with_low32(*target, bits::low32(result)) };
    c.regs.psw.set_condition_code(code);
    Ok(())
}

/// STORE REAL ADDRESS: the second operand's, whether translation is on or not.
pub(super) fn store_address(c: &mut Context<'_>, first: At, second: At) -> Result<(), Exception> {
    let space = AddressSpace::of_operands(c.regs.psw);
    let request = Request {
        address: second.address,
        origin: Origin::Virtual(space, second.base),
        purpose: Purpose::Fetch,
        key: 0,
    };
    let located = locate(c.view, c.regs, c.config.facilities(), request)?;
    let address = real(c, &located.translation, second.address);
    c.store_u64(first, address)
}

/// A real address under the PSW's key.
fn operand(c: &Context<'_>, address: u64) -> At {
    At::in_space(address, Space::Real).with_key(c.regs.psw.key())
}

/// LOAD USING REAL ADDRESS: 4 or 8 bytes.
pub(super) fn load(c: &mut Context<'_>, address: u64, bytes: u64) -> Result<u64, Exception> {
    let at = operand(c, address);
    if bytes == 4 { c.load_u32(at).map(u64::from) } else { c.load_u64(at) }
}

/// STORE USING REAL ADDRESS: 4 or 8 bytes.
pub(super) fn store(
    c: &mut Context<'_>,
    address: u64,
    bytes: u64,
    value: u64,
) -> Result<(), Exception> {
    let at = operand(c, address);
    if bytes == 4 { c.store_u32(at, bits::low32(value)) } else { c.store_u64(at, value) }
}

/// TEST PROTECTION: the key is in bits 56-59 of the second address.
pub(super) fn test_protection(c: &mut Context<'_>, at: At, second: u64) -> Result<(), Exception> {
    let facilities = c.config.facilities();
    let origin = Origin::of_operand(c.regs.psw, at.base);
    let locate = |purpose| {
        let request = Request { address: at.address, origin, purpose, key: 0 };
        locate(c.view, c.regs, facilities, request)
    };
    let located = match locate(Purpose::Fetch).map_err(Exception::from) {
        Ok(located) => located,
        Err(Exception::Program { code, .. })
            if code != ProgramCode::ADDRESSING
                && code != ProgramCode::TRANSLATION_SPECIFICATION =>
        {
            c.regs.psw.set_condition_code(3);
            return Ok(());
        }
        Err(exception) => return Err(exception),
    };
    let may_store = locate(Purpose::Store).is_ok();
    let storage_key = c.view.key(located.absolute).ok_or(ProgramCode::ADDRESSING)?;
    let storage_key = located.translation.key.unwrap_or(storage_key);
    let key = bits::low8(second) >> 4;
    let permits =
        |purpose| key_permits(c.regs.cr[0], located.asce, at.address, purpose, key, storage_key);
    let code = match (permits(Purpose::Fetch), may_store && permits(Purpose::Store)) {
        (false, _) => 2,
        (true, false) => 1,
        (true, true) => 0,
    };
    c.regs.psw.set_condition_code(code);
    Ok(())
}
