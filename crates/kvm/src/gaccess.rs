//! Guest storage as a CPU sees it, for what the kernel reads and writes in the
//! guest's name: translation, protection, and the exception that a failure
//! means.

use crate::vm::VmInner;
use lowcore_arch::{ControlRegister, FacilityList, ProgramCode, Psw, StorageKey};
use lowcore_cpu::Registers;
use lowcore_cpu::translation::{
    AddressSpace, Asce, Features, Protection, Purpose, TranslationFault, asce_of, identification,
    is_low_address_protected, walk,
};
use lowcore_interrupt::ProgramInterruption;
use lowcore_storage::{AccessError, View};

pub(crate) const PAGE: u64 = 0x1000;

/// The access-control bits that storage-protection override opens.
const OVERRIDE_KEY: u8 = 9;
/// Below this address, fetch-protection override applies.
const FETCH_OVERRIDE_LIMIT: u64 = 2048;

/// Why an access did not happen.
pub(crate) enum Failure {
    /// It would be this exception for the guest.
    Program(ProgramInterruption),
    /// The client's memory is not accessible.
    Host,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Fetch,
    Store,
}

impl Mode {
    const fn purpose(self) -> Purpose {
        match self {
            Self::Fetch => Purpose::Fetch,
            Self::Store => Purpose::Store,
        }
    }
}

/// Access by logical address under an access key.
pub(crate) struct Logical<'a> {
    facilities: &'a FacilityList,
    regs: &'a Registers,
    view: &'a View<'a>,
    ar: u8,
    key: u8,
}

/// Where a page is.
struct Place {
    absolute: u64,
    /// The address-space-control element of its space, if translation is on.
    asce: Option<Asce>,
}

/// Whether a storage key permits an access under `key`.
fn permits(storage_key: StorageKey, key: u8, mode: Mode) -> bool {
    match mode {
        Mode::Fetch => storage_key.permits_fetch(key),
        Mode::Store => storage_key.permits_store(key),
    }
}

/// The pieces of an operand that lie in one page each: offset and length.
pub(crate) fn pieces(address: u64, length: u64) -> impl Iterator<Item = (u64, u64)> {
    let mut done = 0;
    core::iter::from_fn(move || {
        let offset = done;
        let size = (PAGE - (address.wrapping_add(offset) & (PAGE - 1))).min(length - offset);
        done += size;
        (size != 0).then_some((offset, size))
    })
}

impl<'a> Logical<'a> {
    /// Accesses of a CPU with these registers; `ar` names the space in the
    /// access-register mode, and is shown in the exception in any.
    pub(crate) fn new(
        vm: &'a VmInner,
        regs: &'a Registers,
        view: &'a View<'a>,
        ar: u8,
        key: u8,
    ) -> Self {
        Self { facilities: &vm.model.guest().facilities, regs, view, ar, key }
    }

    /// Tests an access of `length` bytes.
    pub(crate) fn check(&self, address: u64, length: u64, mode: Mode) -> Result<(), Failure> {
        for (offset, size) in pieces(address, length) {
            let at = self.regs.psw.wrap(address.wrapping_add(offset));
            let place = self.locate(at, mode)?;
            self.check_key(at, &place, size, mode, true)?;
        }
        Ok(())
    }

    /// Fetches bytes.
    pub(crate) fn read(&self, address: u64, buffer: &mut [u8]) -> Result<(), Failure> {
        let mut rest = buffer;
        self.each_piece(address, rest.len() as u64, Mode::Fetch, |absolute, size| {
            let (piece, tail) = core::mem::take(&mut rest).split_at_mut(size);
            rest = tail;
            self.view.read(absolute, piece)
        })
    }

    /// Stores bytes. If the key forbids a page, the pages before it are
    /// stored into.
    pub(crate) fn write(&self, address: u64, buffer: &[u8]) -> Result<(), Failure> {
        let mut rest = buffer;
        self.each_piece(address, rest.len() as u64, Mode::Store, |absolute, size| {
            let (piece, tail) = rest.split_at(size);
            rest = tail;
            self.view.write(absolute, piece)
        })
    }

    /// Finds all pages before the first is accessed, then goes from one to the
    /// next.
    fn each_piece(
        &self,
        address: u64,
        length: u64,
        mode: Mode,
        mut access: impl FnMut(u64, usize) -> Result<(), AccessError>,
    ) -> Result<(), Failure> {
        let address = self.regs.psw.wrap(address);
        for (offset, _) in pieces(address, length) {
            self.locate(self.regs.psw.wrap(address.wrapping_add(offset)), mode)?;
        }
        for (offset, size) in pieces(address, length) {
            let at = self.regs.psw.wrap(address.wrapping_add(offset));
            let place = self.locate(at, mode)?;
            // A store that has happened in part is terminated, and then the
            // exception does not tell its cause.
            let suppressed = mode == Mode::Fetch || offset == 0;
            self.check_key(at, &place, size, mode, suppressed)?;
            access(place.absolute, lowcore_arch::bits::index(size)).map_err(|_| Failure::Host)?;
        }
        Ok(())
    }

    /// Where a logical address is, if there is storage.
    fn locate(&self, address: u64, mode: Mode) -> Result<Place, Failure> {
        let fault = |fault| self.fault(address, mode, fault);
        let asce = if self.regs.psw.has(Psw::DAT) {
            let space = AddressSpace::of_operands(self.regs.psw);
            let named = asce_of(self.view, self.regs, space, self.ar).map_err(fault)?;
            let (asce, is_fetch_only) = named;
            if is_fetch_only && mode == Mode::Store {
                return Err(self.protection(address, mode, Some(Protection::AccessList)));
            }
            Some(asce)
        } else {
            None
        };
        if mode == Mode::Store && is_low_address_protected(self.regs.cr[0], asce, address) {
            return Err(self.protection(address, mode, Some(Protection::LowAddress)));
        }
        let absolute = match asce {
            None => self.regs.absolute(address),
            Some(asce) => {
                let features = Features::new(self.regs.cr[0], self.facilities);
                let page = walk(self.view, features, asce, address).map_err(fault)?;
                if page.is_protected && mode == Mode::Store {
                    return Err(self.protection(address, mode, Some(Protection::Dat)));
                }
                page.absolute(self.regs) | address & (PAGE - 1)
            }
        };
        if !self.view.contains(absolute, 1) {
            return Err(fault(TranslationFault::Program(ProgramCode::ADDRESSING)));
        }
        Ok(Place { absolute, asce })
    }

    /// A fault of translation as the guest would see it.
    fn fault(&self, address: u64, mode: Mode, fault: TranslationFault) -> Failure {
        let TranslationFault::Program(code) = fault else { return Failure::Host };
        let shows_address = matches!(
            code,
            ProgramCode::ASCE_TYPE
                | ProgramCode::REGION_FIRST_TRANSLATION
                | ProgramCode::REGION_SECOND_TRANSLATION
                | ProgramCode::REGION_THIRD_TRANSLATION
                | ProgramCode::SEGMENT_TRANSLATION
                | ProgramCode::PAGE_TRANSLATION
        );
        let shows_register = shows_address
            || matches!(
                code,
                ProgramCode::ALEN_TRANSLATION
                    | ProgramCode::ALE_SEQUENCE
                    | ProgramCode::ASTE_VALIDITY
                    | ProgramCode::ASTE_SEQUENCE
                    | ProgramCode::EXTENDED_AUTHORITY
            );
        Failure::Program(ProgramInterruption {
            code,
            translation_exception: if shows_address { self.identify(address, mode) } else { 0 },
            exception_access: if shows_register { self.ar } else { 0 },
            ..ProgramInterruption::default()
        })
    }

    /// The space shown is the one that the PSW selects, as under Linux, even
    /// without translation.
    fn identify(&self, address: u64, mode: Mode) -> u64 {
        identification(address, mode.purpose(), AddressSpace::of_operands(self.regs.psw))
    }

    fn check_key(
        &self,
        address: u64,
        place: &Place,
        size: u64,
        mode: Mode,
        suppressed: bool,
    ) -> Result<(), Failure> {
        let storage_key = match self.view.key(place.absolute) {
            Some(storage_key) if self.key != 0 => storage_key,
            _ => return Ok(()),
        };
        let cr0 = self.regs.cr[0];
        let overridden = mode == Mode::Fetch
            && cr0 & ControlRegister::CR0_FETCH_PROTECTION_OVERRIDE != 0
            && !place.asce.is_some_and(Asce::is_private)
            && address.saturating_add(size) <= FETCH_OVERRIDE_LIMIT
            || cr0 & ControlRegister::CR0_STORAGE_PROTECTION_OVERRIDE != 0
                && storage_key.access() == OVERRIDE_KEY;
        if overridden || permits(storage_key, self.key, mode) {
            return Ok(());
        }
        Err(self.protection(address, mode, suppressed.then_some(Protection::Key)))
    }

    /// A protection exception; a terminating one does not tell its cause.
    fn protection(&self, address: u64, mode: Mode, cause: Option<Protection>) -> Failure {
        Failure::Program(ProgramInterruption {
            code: ProgramCode::PROTECTION,
            translation_exception: self.identify(address, mode) | cause.map_or(0, Protection::bits),
            exception_access: self.ar,
            ..ProgramInterruption::default()
        })
    }
}

/// Reads by real address.
pub(crate) fn read_real(
    regs: &Registers,
    view: &View<'_>,
    address: u64,
    buffer: &mut [u8],
) -> Result<(), AccessError> {
    let mut rest = buffer;
    for (offset, size) in pieces(address, rest.len() as u64) {
        let (piece, tail) = rest.split_at_mut(lowcore_arch::bits::index(size));
        view.read(regs.absolute(address.wrapping_add(offset)), piece)?;
        rest = tail;
    }
    Ok(())
}

/// Whether absolute storage permits an access under `key` at one page; the
/// exception if not. Under key 0 nothing is looked at.
pub(crate) fn check_absolute(
    view: &View<'_>,
    address: u64,
    key: u8,
    mode: Mode,
) -> Result<(), ProgramCode> {
    if key == 0 {
        return Ok(());
    }
    match view.key(address) {
        None => Err(ProgramCode::ADDRESSING),
        Some(storage_key) if permits(storage_key, key, mode) => Ok(()),
        Some(_) => Err(ProgramCode::PROTECTION),
    }
}
