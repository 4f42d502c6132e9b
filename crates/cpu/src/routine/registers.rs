//! Operands whose addresses and lengths are in general registers.

use crate::{At, Context, Exception};
use lowcore_arch::{AddressingMode, ProgramCode, bits};

/// About how many bytes an instruction goes through before it lets others
/// have their turn: by condition code 3, or as an interruptible instruction.
pub(crate) const UNIT: u64 = 0x1_0000;

/// Bytes of a page.
pub(crate) const PAGE: u64 = 0x1000;

/// A register number out of an instruction.
#[inline]
pub(crate) fn number(argument: u64) -> u8 {
    bits::low8(argument & 15)
}

impl Context<'_> {
    /// General register `r`; the number counts modulo 16.
    #[inline]
    pub(crate) fn register(&self, r: u8) -> u64 {
        self.regs.gr[usize::from(r & 15)]
    }

    /// Replaces general register `r`.
    #[inline]
    pub(crate) fn set_register(&mut self, r: u8, value: u64) {
        self.regs.gr[usize::from(r & 15)] = value;
    }

    /// Replaces bits 32-63 of general register `r`.
    #[inline]
    pub(crate) fn set_register_low(&mut self, r: u8, value: u32) {
        self.set_register(r, bits::with_low32(self.register(r), value));
    }

    /// Replaces what the addressing mode uses of general register `r`: all of
    /// it in the 64-bit mode, else bits 32-63.
    #[inline]
    pub(crate) fn set_by_mode(&mut self, r: u8, value: u64) {
        match self.regs.psw.addressing_mode() {
            AddressingMode::Bits64 => self.set_register(r, value),
            _ => self.set_register_low(r, bits::low32(value)),
        }
    }

    /// The address in general register `r`.
    #[inline]
    pub(crate) fn address_in(&self, r: u8) -> u64 {
        self.wrap(self.register(r))
    }

    /// The storage operand that general register `r` designates.
    #[inline]
    pub(crate) fn operand_in(&self, r: u8) -> At {
        At::operand(self.address_in(r), r)
    }

    /// Replaces the address in general register `r`: in the 31-bit mode bit
    /// 32 becomes zero, in the 24-bit mode bits 32-39 stay (where the manual
    /// leaves either open).
    pub(crate) fn set_address(&mut self, r: u8, address: u64) {
        let address = self.wrap(address);
        match self.regs.psw.addressing_mode() {
            AddressingMode::Bits24 => {
                let rest = self.register(r) & !0xff_ffff;
                self.set_register(r, rest | address);
            }
            _ => self.set_by_mode(r, address),
        }
    }

    /// The same for MOVE LONG, COMPARE LOGICAL LONG and others, which make bits 32-39
    /// zero in the 24-bit mode.
    pub(crate) fn set_address_and_zeros(&mut self, r: u8, address: u64) {
        let address = self.wrap(address);
        self.set_by_mode(r, address);
    }

    /// The length in general register `r`: 64 bits in the 64-bit mode, else
    /// bits 32-63.
    #[inline]
    pub(crate) fn length_in(&self, r: u8) -> u64 {
        match self.regs.psw.addressing_mode() {
            AddressingMode::Bits64 => self.register(r),
            _ => self.register(r) & 0xffff_ffff,
        }
    }

    /// The operand `bytes` further on, cut to the addressing mode.
    #[inline]
    pub(crate) fn beyond_at(&self, at: At, bytes: u64) -> At {
        at.moved_to(self.wrap(at.address.wrapping_add(bytes)))
    }

    /// Sets the condition code.
    #[inline]
    pub(crate) fn end_with(&mut self, condition_code: u8) -> Result<(), Exception> {
        self.regs.psw.set_condition_code(condition_code);
        Ok(())
    }
}

/// A specification exception if `wrong`.
#[inline]
pub(crate) fn specification_if(wrong: bool) -> Result<(), Exception> {
    if wrong { Err(ProgramCode::SPECIFICATION.into()) } else { Ok(()) }
}
