//! The whole way from a logical address to an absolute one, with every check
//! in the architecture's priority.

use super::{
    AddressSpace, Asce, Features, Protection, Purpose, Translation, TranslationFault,
    identification, is_low_address_protected, key_permits, space_of, walk,
};
use crate::Registers;
use lowcore_arch::{FacilityList, ProgramCode, Psw};
use lowcore_storage::View;

/// What an address counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is a real address.
    Real,
    /// It is a virtual address in this space; in a space that an access
    /// register names, the number of the register (0 always names primary).
    Virtual(AddressSpace, u8),
}

impl Origin {
    /// Where storage operands of a CPU with this PSW are; `base` is the
    /// number of the base register.
    #[must_use]
    pub const fn of_operand(psw: Psw, base: u8) -> Self {
        if psw.has(Psw::DAT) {
            Self::Virtual(AddressSpace::of_operands(psw), base)
        } else {
            Self::Real
        }
    }

    /// Where the instructions of a CPU with this PSW are.
    #[must_use]
    pub const fn of_instructions(psw: Psw) -> Self {
        if psw.has(Psw::DAT) {
            Self::Virtual(AddressSpace::of_instructions(psw), 0)
        } else {
            Self::Real
        }
    }

    /// What an exception shows: the space, and the access register.
    const fn shown(self) -> (AddressSpace, u8) {
        match self {
            Self::Real => (AddressSpace::Primary, 0),
            Self::Virtual(AddressSpace::AccessRegister, register) => {
                (AddressSpace::AccessRegister, register)
            }
            Self::Virtual(space, _) => (space, 0),
        }
    }
}

/// An access within one page.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The address, cut to the addressing mode.
    pub address: u64,
    /// What it counts from.
    pub origin: Origin,
    /// What is done there.
    pub purpose: Purpose,
    /// The access key.
    pub key: u8,
}

/// Where an access goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The absolute address.
    pub absolute: u64,
    /// The space's address-space-control element; none for real addresses.
    pub asce: Option<Asce>,
    /// What translation said of the page.
    pub translation: Translation,
}

/// Why there is no access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessFault {
    /// A program interruption.
    Program {
        /// The code.
        code: ProgramCode,
        /// The translation-exception identification, else 0.
        identification: u64,
        /// The exception access identification: the access register.
        access_register: u8,
    },
    /// The client's memory behind a table was not accessible.
    Host,
}

/// Finds where an access goes, and whether it may.
///
/// # Errors
/// Every access exception but those of the frame itself not existing, which
/// the access finds; under a key other than 0 that too.
pub fn locate(
    view: &View<'_>,
    regs: &Registers,
    facilities: &FacilityList,
    request: Request,
) -> Result<Located, AccessFault> {
    let Request { address, origin, purpose, key } = request;
    let fault = |fault| shown(fault, request);
    let forbidden = |protection| Err(forbidden(protection, request));
    let (asce, is_fetch_only) = match origin {
        Origin::Real => (None, false),
        Origin::Virtual(space, register) => {
            let (asce, is_fetch_only) = asce_of(view, regs, space, register).map_err(fault)?;
            (Some(asce), is_fetch_only)
        }
    };
    if purpose == Purpose::Store {
        if is_low_address_protected(regs.cr[0], asce, address) {
            return forbidden(Protection::LowAddress);
        }
        if is_fetch_only {
            return forbidden(Protection::AccessList);
        }
    }
    let translation = match asce {
        None => Translation::real(address),
        Some(asce) => {
            let features = Features::new(regs.cr[0], facilities);
            walk(view, features, asce, address).map_err(fault)?
        }
    };
    if translation.is_protected && purpose == Purpose::Store {
        return forbidden(Protection::Dat);
    }
    if translation.no_execute && purpose == Purpose::Instruction {
        return forbidden(Protection::Execution);
    }
    let absolute = translation.absolute(regs) | address & 0xfff;
    if key != 0 {
        let exists = view.key(absolute);
        let storage_key = exists.ok_or(TranslationFault::Program(ProgramCode::ADDRESSING));
        let storage_key = storage_key.map_err(fault)?;
        let storage_key = translation.key.unwrap_or(storage_key);
        if !key_permits(regs.cr[0], asce, address, purpose, key, storage_key) {
            return forbidden(Protection::Key);
        }
    }
    Ok(Located { absolute, asce, translation })
}

/// A space's address-space-control element, and whether it may only be
/// fetched from.
///
/// # Errors
/// The exceptions of access-register translation, an addressing exception for
/// a table that is not there, or the host's fault.
pub fn asce_of(
    view: &View<'_>,
    regs: &Registers,
    space: AddressSpace,
    register: u8,
) -> Result<(Asce, bool), TranslationFault> {
    match space.control_register() {
        Some(control) => Ok((Asce(regs.cr[control]), false)),
        None if register == 0 => Ok((Asce(regs.cr[1]), false)),
        None => {
            let alet = regs.ar[usize::from(register & 15)];
            let named = space_of(view, regs, alet)?;
            Ok((named.asce, named.is_fetch_only))
        }
    }
}

impl Translation {
    /// The absolute address of the page for a CPU with these registers.
    #[must_use]
    pub fn absolute(&self, regs: &Registers) -> u64 {
        if self.is_absolute { self.frame } else { regs.absolute(self.frame) }
    }
}

/// How an exception of translation shows the access.
fn shown(fault: TranslationFault, request: Request) -> AccessFault {
    let TranslationFault::Program(code) = fault else { return AccessFault::Host };
    let (space, register) = request.origin.shown();
    let (identification, access_register) = match code {
        ProgramCode::ASCE_TYPE
        | ProgramCode::REGION_FIRST_TRANSLATION
        | ProgramCode::REGION_SECOND_TRANSLATION
        | ProgramCode::REGION_THIRD_TRANSLATION
        | ProgramCode::SEGMENT_TRANSLATION
        | ProgramCode::PAGE_TRANSLATION => {
            (identification(request.address, request.purpose, space), register)
        }
        ProgramCode::ALET_SPECIFICATION
        | ProgramCode::ALEN_TRANSLATION
        | ProgramCode::ALE_SEQUENCE
        | ProgramCode::ASTE_VALIDITY
        | ProgramCode::ASTE_SEQUENCE
        | ProgramCode::EXTENDED_AUTHORITY => (0, register),
        _ => (0, 0),
    };
    AccessFault::Program { code, identification, access_register }
}

/// A protection exception.
fn forbidden(protection: Protection, request: Request) -> AccessFault {
    let (space, access_register) = request.origin.shown();
    AccessFault::Program {
        code: ProgramCode::PROTECTION,
        identification: identification(request.address, request.purpose, space) | protection.bits(),
        access_register,
    }
}
