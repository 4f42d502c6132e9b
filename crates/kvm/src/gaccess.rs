//! Guest storage as a CPU without address translation sees it, for what the
//! kernel reads and writes in the guest's name: protection, and the exception
//! that a failure means.

use lowcore_arch::{ControlRegister, ProgramCode, Psw, StorageKey};
use lowcore_cpu::Registers;
use lowcore_interrupt::ProgramInterruption;
use lowcore_storage::{AccessError, View};

pub(crate) const PAGE: u64 = 0x1000;

/// Translation-exception identification, bit 56: low-address protection.
const TEID_LOW_ADDRESS: u64 = 0x80;
/// Bit 60: key-controlled protection.
const TEID_KEY: u64 = 0x08;
/// Bits 52-53: the exception was recognised for a store, or for a fetch.
const TEID_STORE: u64 = 1 << 10;
const TEID_FETCH: u64 = 2 << 10;

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

/// Access by logical address under an access key.
pub(crate) struct Logical<'a> {
    regs: &'a Registers,
    view: &'a View<'a>,
    ar: u8,
    key: u8,
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
    /// Accesses of a CPU with these registers; `ar` is shown in the exception.
    pub(crate) fn new(regs: &'a Registers, view: &'a View<'a>, ar: u8, key: u8) -> Self {
        Self { regs, view, ar, key }
    }

    /// Tests an access of `length` bytes.
    pub(crate) fn check(&self, address: u64, length: u64, mode: Mode) -> Result<(), Failure> {
        for (offset, size) in pieces(address, length) {
            let at = self.regs.psw.wrap(address.wrapping_add(offset));
            let absolute = self.locate(at, mode)?;
            self.check_key(at, absolute, size, mode, true)?;
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
            let absolute = self.locate(at, mode)?;
            // A store that has happened in part is terminated, and then the
            // exception does not tell its cause.
            let suppressed = mode == Mode::Fetch || offset == 0;
            self.check_key(at, absolute, size, mode, suppressed)?;
            access(absolute, lowcore_arch::bits::index(size)).map_err(|_| Failure::Host)?;
        }
        Ok(())
    }

    /// The absolute address of a logical one, if there is storage.
    fn locate(&self, address: u64, mode: Mode) -> Result<u64, Failure> {
        let low_address_protection =
            self.regs.cr[0] & ControlRegister::CR0_LOW_ADDRESS_PROTECTION != 0;
        if mode == Mode::Store && low_address_protection && address & !0x11ff == 0 {
            return Err(self.protection(address, mode, TEID_LOW_ADDRESS));
        }
        let absolute = self.regs.absolute(address);
        if !self.view.contains(absolute, 1) {
            return Err(Failure::Program(ProgramInterruption {
                code: ProgramCode::ADDRESSING,
                ..ProgramInterruption::default()
            }));
        }
        Ok(absolute)
    }

    fn check_key(
        &self,
        address: u64,
        absolute: u64,
        size: u64,
        mode: Mode,
        suppressed: bool,
    ) -> Result<(), Failure> {
        let storage_key = match self.view.key(absolute) {
            Some(storage_key) if self.key != 0 => storage_key,
            _ => return Ok(()),
        };
        let cr0 = self.regs.cr[0];
        let overridden = mode == Mode::Fetch
            && cr0 & ControlRegister::CR0_FETCH_PROTECTION_OVERRIDE != 0
            && address.saturating_add(size) <= FETCH_OVERRIDE_LIMIT
            || cr0 & ControlRegister::CR0_STORAGE_PROTECTION_OVERRIDE != 0
                && storage_key.access() == OVERRIDE_KEY;
        if overridden || permits(storage_key, self.key, mode) {
            return Ok(());
        }
        Err(self.protection(address, mode, if suppressed { TEID_KEY } else { 0 }))
    }

    fn protection(&self, address: u64, mode: Mode, cause: u64) -> Failure {
        let access = if mode == Mode::Store { TEID_STORE } else { TEID_FETCH };
        let space = (self.regs.psw.mask & Psw::ADDRESS_SPACE) >> 46;
        Failure::Program(ProgramInterruption {
            code: ProgramCode::PROTECTION,
            translation_exception: address & !(PAGE - 1) | access | cause | space,
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
