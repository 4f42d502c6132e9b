//! What an instruction can reach while it executes: the registers, storage
//! by logical address, the configuration.

use crate::{Configuration, Exception, Mailbox, Registers};
use lowcore_arch::{ControlRegister, ProgramCode, Psw, bits};
use lowcore_storage::View;

const PAGE: u64 = 0x1000;
/// Translation-exception identification: low-address protection (bit 56).
const TEID_LOW_ADDRESS: u64 = 0x80;
/// Translation-exception identification: key-controlled protection (bit 60).
const TEID_KEY: u64 = 0x08;

/// The kind of a storage access, for protection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Fetch,
    Store,
}

/// One slice of execution: a CPU's registers with a storage view that stands
/// still meanwhile.
pub struct Context<'a> {
    /// The CPU's registers.
    pub regs: &'a mut Registers,
    /// The CPU's shared part.
    pub mailbox: &'a Mailbox,
    /// Absolute storage.
    pub view: &'a View<'a>,
    /// The machine around the CPU.
    pub config: &'a dyn Configuration,
    /// The instruction being executed, left-aligned in 8 bytes; for EXECUTE
    /// the target, as modified.
    pub instruction: u64,
    /// The address of the instruction (of EXECUTE, not of its target).
    pub instruction_address: u64,
    /// What relative operands count from: the instruction's address, and for
    /// the target of EXECUTE the target's own.
    pub relative_base: u64,
    /// Its length in bytes (that of EXECUTE, not of its target); 0 before the
    /// first.
    pub ilc: u8,
    /// Set by instructions that change the PSW's masks, control registers 0,
    /// 6 or 14, the clock comparator or the CPU timer: execution then pauses
    /// for a delivery pass.
    pub reevaluate: bool,
}

impl<'a> Context<'a> {
    /// A context at the start of a slice.
    pub fn new(
        regs: &'a mut Registers,
        mailbox: &'a Mailbox,
        view: &'a View<'a>,
        config: &'a dyn Configuration,
    ) -> Self {
        Self {
            instruction_address: regs.psw.addr,
            relative_base: regs.psw.addr,
            regs,
            mailbox,
            view,
            config,
            instruction: 0,
            ilc: 0,
            reevaluate: false,
        }
    }

    /// Whether the slice must end before the next instruction.
    #[inline]
    #[must_use]
    pub fn must_pause(&self) -> bool {
        self.reevaluate || self.mailbox.attention.peek() != 0
    }

    /// Cuts an address to the current addressing mode.
    #[inline]
    #[must_use]
    pub fn wrap(&self, address: u64) -> u64 {
        self.regs.psw.wrap(address)
    }

    /// Branches: the breaking-event address becomes the present instruction's
    /// and the PSW designates `target`, cut to the addressing mode.
    #[inline]
    pub fn branch(&mut self, target: u64) {
        self.regs.breaking_event = self.instruction_address;
        self.regs.psw.addr = self.wrap(target);
    }

    /// Replaces the PSW and ends the slice. Its validity is checked before
    /// the next instruction.
    pub fn load_psw(&mut self, psw: Psw) {
        self.regs.breaking_event = self.instruction_address;
        self.regs.psw = psw;
        self.reevaluate = true;
    }

    /// Fetches the instruction at the PSW into [`Context::instruction`], sets
    /// its address and length, and advances the PSW.
    ///
    /// # Errors
    /// Specification for an odd address, and access exceptions. The manual
    /// leaves the length unpredictable there; it is 2, and the PSW is
    /// advanced by it.
    #[inline(always)]
    pub fn fetch(&mut self) -> Result<(), Exception> {
        /// Where eight bytes still lie in one page, and so does what follows
        /// the instruction, which needs no cut to the addressing mode then.
        const INSIDE: u64 = 0xff0;
        let Psw { mask, addr } = self.regs.psw;
        // With neither translation nor key-controlled protection, most checks
        // cannot fail.
        if mask & (Psw::DAT | Psw::KEY) == 0
            && addr & (PAGE - 1) < INSIDE
            && addr & 1 == 0
            && let Ok(eight) = self.view.load_u64(self.regs.absolute(addr))
        {
            let length = instruction_length(eight);
            self.instruction = eight & u64::MAX << (64 - 8 * u32::from(length));
            self.instruction_address = addr;
            self.relative_base = addr;
            self.ilc = length;
            self.regs.psw.addr = addr + u64::from(length);
            return Ok(());
        }
        self.fetch_checked()
    }

    /// [`Context::fetch`] with every check.
    fn fetch_checked(&mut self) -> Result<(), Exception> {
        let address = self.regs.psw.addr;
        self.instruction_address = address;
        self.relative_base = address;
        self.ilc = 2;
        self.regs.psw.addr = self.wrap(address.wrapping_add(2));
        let instruction = self.fetch_at(address)?;
        self.instruction = instruction;
        self.ilc = instruction_length(instruction);
        self.regs.psw.addr = self.wrap(address.wrapping_add(u64::from(self.ilc)));
        Ok(())
    }

    /// Fetches the instruction at `address` without changing any state: the
    /// bytes it has, left-aligned, zeros after them.
    ///
    /// # Errors
    /// Specification for an odd address, and access exceptions.
    #[inline]
    pub fn fetch_at(&self, address: u64) -> Result<u64, Exception> {
        if address & 1 != 0 {
            return Err(ProgramCode::SPECIFICATION.into());
        }
        if address & (PAGE - 1) <= PAGE - 8 {
            let absolute = self.translate(address, Access::Fetch)?;
            let raw = match self.view.load_u64(absolute) {
                Ok(raw) => raw,
                Err(_) => return self.fetch_by_halfwords(address),
            };
            return Ok(raw & (u64::MAX << (64 - 8 * u32::from(instruction_length(raw)))));
        }
        self.fetch_by_halfwords(address)
    }

    #[cold]
    fn fetch_by_halfwords(&self, address: u64) -> Result<u64, Exception> {
        let halfword = |n: u64| -> Result<u64, Exception> {
            let absolute = self.translate(self.wrap(address.wrapping_add(2 * n)), Access::Fetch)?;
            Ok(u64::from(self.view.load_u16(absolute)?) << (48 - 16 * n))
        };
        let mut instruction = halfword(0)?;
        for n in 1..u64::from(instruction_length(instruction)) / 2 {
            instruction |= halfword(n)?;
        }
        Ok(instruction)
    }

    /// The absolute address of a logical one, after the checks of an access
    /// that stays within its page.
    #[inline]
    fn translate(&self, address: u64, access: Access) -> Result<u64, Exception> {
        if self.regs.psw.has(Psw::DAT) {
            return Err(Exception::Unsupported(
                "The guest turned on dynamic address translation, which this version of Lowcore does not have.",
            ));
        }
        if access == Access::Store
            && self.regs.cr[0] & ControlRegister::CR0_LOW_ADDRESS_PROTECTION != 0
            && address & !0x11ff == 0
        {
            return Err(protection(address, TEID_LOW_ADDRESS));
        }
        let absolute = self.regs.absolute(address);
        let key = self.regs.psw.key();
        if key != 0 {
            self.check_key(address, absolute, key, access)?;
        }
        Ok(absolute)
    }

    #[cold]
    fn check_key(
        &self,
        address: u64,
        absolute: u64,
        key: u8,
        access: Access,
    ) -> Result<(), Exception> {
        let storage_key = self.view.key(absolute).ok_or(ProgramCode::ADDRESSING)?;
        let cr0 = self.regs.cr[0];
        let overridden = (access == Access::Fetch
            && cr0 & ControlRegister::CR0_FETCH_PROTECTION_OVERRIDE != 0
            && address < 2048)
            || (cr0 & ControlRegister::CR0_STORAGE_PROTECTION_OVERRIDE != 0
                && storage_key.access() == 9);
        let permitted = match access {
            Access::Fetch => storage_key.permits_fetch(key),
            Access::Store => storage_key.permits_store(key),
        };
        if permitted || overridden { Ok(()) } else { Err(protection(address, TEID_KEY)) }
    }

    /// Whether an operand lies in one page, so that one check covers it.
    #[inline]
    fn in_one_page(address: u64, length: u64) -> bool {
        address & (PAGE - 1) <= PAGE - length
    }

    /// Checks that `length` bytes (at most a page) from `address` on may be
    /// stored into, without storing.
    ///
    /// # Errors
    /// Access exceptions.
    pub fn probe_store(&self, address: u64, length: u64) -> Result<(), Exception> {
        self.pieces(address, length, Access::Store, |_, _, _| Ok(()))
    }

    /// Calls `each` with (offset, absolute address, length) of every piece of
    /// an operand that lies in one page, after all of them passed the checks
    /// and were found to exist.
    fn pieces(
        &self,
        address: u64,
        length: u64,
        access: Access,
        mut each: impl FnMut(u64, u64, u64) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        for act in [false, true] {
            let mut done = 0;
            while done < length {
                let at = self.wrap(address.wrapping_add(done));
                let size = (PAGE - (at & (PAGE - 1))).min(length - done);
                // The page in which the addressing mode's limit lies ends
                // there, so a piece never wraps.
                let absolute = self.translate(at, access)?;
                if act {
                    each(done, absolute, size)?;
                } else if !self.view.contains(absolute, size) {
                    return Err(ProgramCode::ADDRESSING.into());
                }
                done += size;
            }
        }
        Ok(())
    }

    /// Fetches bytes by logical address.
    ///
    /// # Errors
    /// Access exceptions.
    pub fn read(&self, address: u64, buffer: &mut [u8]) -> Result<(), Exception> {
        self.pieces(address, buffer.len() as u64, Access::Fetch, |offset, absolute, size| {
            let part = &mut buffer[bits::index(offset)..bits::index(offset + size)];
            Ok(self.view.read(absolute, part)?)
        })
    }

    /// Stores bytes by logical address; nothing is stored on an exception.
    ///
    /// # Errors
    /// Access exceptions.
    pub fn write(&self, address: u64, buffer: &[u8]) -> Result<(), Exception> {
        self.pieces(address, buffer.len() as u64, Access::Store, |offset, absolute, size| {
            let part = &buffer[bits::index(offset)..bits::index(offset + size)];
            Ok(self.view.write(absolute, part)?)
        })
    }
}

/// Instruction length in bytes, from the two leftmost bits of a left-aligned
/// instruction.
#[inline]
#[must_use]
pub const fn instruction_length(instruction: u64) -> u8 {
    match instruction >> 62 {
        0 => 2,
        3 => 6,
        _ => 4,
    }
}

#[cold]
fn protection(address: u64, teid: u64) -> Exception {
    Exception::Program { code: ProgramCode::PROTECTION, detail: address & !(PAGE - 1) | teid }
}

macro_rules! sized_accesses {
    ($($size:literal $int:ty: $load:ident $load_absolute:ident $store:ident $store_absolute:ident;)*) => {
        impl Context<'_> {
            $(
                #[doc = concat!("Fetches ", $size, " bytes by logical address; atomic when aligned.")]
                ///
                /// # Errors
                /// Access exceptions.
                #[inline]
                pub fn $load(&self, address: u64) -> Result<$int, Exception> {
                    if Self::in_one_page(address, $size) {
                        let absolute = self.translate(address, Access::Fetch)?;
                        return Ok(self.view.$load_absolute(absolute)?);
                    }
                    let mut bytes = [0; $size];
                    self.read(address, &mut bytes)?;
                    Ok(<$int>::from_be_bytes(bytes))
                }

                #[doc = concat!("Stores ", $size, " bytes by logical address; atomic when aligned.")]
                ///
                /// # Errors
                /// Access exceptions; nothing is stored then.
                #[inline]
                pub fn $store(&self, address: u64, value: $int) -> Result<(), Exception> {
                    if Self::in_one_page(address, $size) {
                        let absolute = self.translate(address, Access::Store)?;
                        return Ok(self.view.$store_absolute(absolute, value)?);
                    }
                    self.write(address, &value.to_be_bytes())
                }
            )*
        }
    };
}

sized_accesses! {
    1 u8: load_u8 load_u8 store_u8 store_u8;
    2 u16: load_u16 load_u16 store_u16 store_u16;
    4 u32: load_u32 load_u32 store_u32 store_u32;
    8 u64: load_u64 load_u64 store_u64 store_u64;
    16 u128: load_u128 load_u128 store_u128 store_u128;
}

macro_rules! compare_and_swaps {
    ($($int:ty: $name:ident $absolute:ident;)*) => {
        impl Context<'_> {
            $(
                /// Compares and swaps atomically. `address` must be aligned to
                /// the operand: the caller checks that first. `Err` inside is
                /// the value found when it was not `old`.
                ///
                /// # Errors
                /// Access exceptions of a store.
                #[inline]
                pub fn $name(
                    &self,
                    address: u64,
                    old: $int,
                    new: $int,
                ) -> Result<Result<$int, $int>, Exception> {
                    let absolute = self.translate(address, Access::Store)?;
                    Ok(self.view.$absolute(absolute, old, new)?)
                }
            )*
        }
    };
}

compare_and_swaps! {
    u32: compare_and_swap_u32 compare_exchange_u32;
    u64: compare_and_swap_u64 compare_exchange_u64;
    u128: compare_and_swap_u128 compare_exchange_u128;
}
