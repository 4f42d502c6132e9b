//! The program-status word (manual, chapter 4, "Program-Status Word").

use crate::bits;

/// The addressing mode that bits 31 and 32 of the PSW select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressingMode {
    /// 24-bit addresses: both bits zero.
    Bits24,
    /// 31-bit addresses: bit 32 alone.
    Bits31,
    /// 64-bit addresses: both bits one.
    Bits64,
}

impl AddressingMode {
    /// The bits of an address that this mode keeps.
    #[inline]
    #[must_use]
    pub const fn mask(self) -> u64 {
        match self {
            Self::Bits24 => 0x00ff_ffff,
            Self::Bits31 => 0x7fff_ffff,
            Self::Bits64 => u64::MAX,
        }
    }
}

/// A 16-byte z/Architecture PSW.
///
/// ```
/// use lowcore_arch::Psw;
/// let psw = Psw::new(0x0000_0001_8000_0000, 0x1_0000);
/// assert!(psw.is_valid());
/// assert_eq!(Psw::from_bytes(psw.to_bytes()), psw);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Psw {
    /// Bits 0-63: masks, key, condition code, addressing mode.
    pub mask: u64,
    /// Bits 64-127: the instruction address.
    pub addr: u64,
}

impl Psw {
    /// Bit 1: program-event recording.
    pub const PER: u64 = 1 << 62;
    /// Bit 5: dynamic address translation.
    pub const DAT: u64 = 1 << 58;
    /// Bit 6: I/O interruptions enabled.
    pub const IO: u64 = 1 << 57;
    /// Bit 7: external interruptions enabled.
    pub const EXTERNAL: u64 = 1 << 56;
    /// Bits 8-11: the access key.
    pub const KEY: u64 = 0xf << 52;
    /// Bit 13: machine-check interruptions enabled.
    pub const MACHINE_CHECK: u64 = 1 << 50;
    /// Bit 14: wait state.
    pub const WAIT: u64 = 1 << 49;
    /// Bit 15: problem state.
    pub const PROBLEM: u64 = 1 << 48;
    /// Bits 16-17: address-space control.
    pub const ADDRESS_SPACE: u64 = 3 << 46;
    /// Bits 18-19: the condition code.
    pub const CONDITION_CODE: u64 = 3 << 44;
    /// Bits 20-23: the program mask.
    pub const PROGRAM_MASK: u64 = 0xf << 40;
    /// Bit 20: fixed-point-overflow mask.
    pub const FIXED_OVERFLOW: u64 = 1 << 43;
    /// Bit 24: the runtime-instrumentation bit.
    pub const RUNTIME_INSTRUMENTATION: u64 = 1 << 39;
    /// Bit 31: extended addressing mode.
    pub const EXTENDED_ADDRESSING: u64 = 1 << 32;
    /// Bit 32: basic addressing mode.
    pub const BASIC_ADDRESSING: u64 = 1 << 31;
    /// Bits that must be zero in a valid PSW.
    pub const UNASSIGNED: u64 = 0xb808_00fe_7fff_ffff;

    /// A PSW of the given halves.
    #[inline]
    #[must_use]
    pub const fn new(mask: u64, addr: u64) -> Self {
        Self { mask, addr }
    }

    /// The PSW in its 16 bytes of storage.
    #[inline]
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self { mask: bits::high64(both), addr: bits::low64(both) }
    }

    /// The 16 bytes that represent this PSW in storage.
    #[inline]
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        (((self.mask as u128) << 64) | self.addr as u128).to_be_bytes()
    }

    /// Expands the 8-byte format that LOAD PSW takes: bit 12 is the format
    /// bit (one, removed here), bits 33-63 the address. The result is valid
    /// only if the format bit was one; with it zero the unassigned bit 12
    /// comes out set, which [`Psw::is_valid`] refuses.
    #[inline]
    #[must_use]
    pub const fn from_short(short: u64) -> Self {
        const FORMAT: u64 = 1 << 51;
        Self { mask: (short ^ FORMAT) & !0x7fff_ffff, addr: short & 0x7fff_ffff }
    }

    /// Whether a mask bit, or any of several, is one.
    #[inline]
    #[must_use]
    pub const fn has(self, bits: u64) -> bool {
        self.mask & bits != 0
    }

    /// The access key, 0 to 15.
    #[inline]
    #[must_use]
    pub const fn key(self) -> u8 {
        bits::low8(self.mask >> 52) & 0xf
    }

    /// The condition code, 0 to 3.
    #[inline]
    #[must_use]
    pub const fn condition_code(self) -> u8 {
        bits::low8(self.mask >> 44) & 3
    }

    /// Replaces the condition code by the low two bits of `cc`.
    #[inline]
    pub const fn set_condition_code(&mut self, cc: u8) {
        self.mask = self.mask & !Self::CONDITION_CODE | ((cc & 3) as u64) << 44;
    }

    /// The addressing mode; the invalid combination counts as 24-bit.
    #[inline]
    #[must_use]
    pub const fn addressing_mode(self) -> AddressingMode {
        match (self.has(Self::EXTENDED_ADDRESSING), self.has(Self::BASIC_ADDRESSING)) {
            (_, false) => AddressingMode::Bits24,
            (false, true) => AddressingMode::Bits31,
            (true, true) => AddressingMode::Bits64,
        }
    }

    /// An address cut to the current addressing mode.
    #[inline]
    #[must_use]
    pub const fn wrap(self, addr: u64) -> u64 {
        addr & self.addressing_mode().mask()
    }

    /// Whether the CPU accepts this PSW when it is loaded (manual, chapter 6,
    /// "Early Exception Recognition"). An odd address is not an early
    /// exception: it is recognised when an instruction is fetched.
    #[inline]
    #[must_use]
    pub const fn is_valid(self) -> bool {
        if self.has(Self::UNASSIGNED) {
            return false;
        }
        if self.has(Self::EXTENDED_ADDRESSING) && !self.has(Self::BASIC_ADDRESSING) {
            return false;
        }
        self.addr & !self.addressing_mode().mask() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_exceptions() {
        assert!(Psw::new(0, 0).is_valid());
        assert!(Psw::new(0, 0xff_ffff).is_valid());
        assert!(!Psw::new(0, 0x100_0000).is_valid());
        assert!(Psw::new(Psw::BASIC_ADDRESSING, 0x7fff_ffff).is_valid());
        assert!(!Psw::new(Psw::BASIC_ADDRESSING, 0x8000_0000).is_valid());
        assert!(!Psw::new(Psw::EXTENDED_ADDRESSING, 0).is_valid());
        for bit in [0u32, 2, 3, 4, 12, 24, 33, 63] {
            let valid = Psw::new(1 << (63 - bit), 0).is_valid();
            assert_eq!(valid, bit == 24 && Psw::UNASSIGNED & (1 << 39) == 0, "bit {bit}");
        }
    }

    #[test]
    fn short_format() {
        let psw = Psw::from_short(0x000a_0000_8000_1234);
        assert_eq!(psw, Psw::new(0x0002_0000_8000_0000, 0x1234));
        assert!(psw.is_valid());
        assert!(!Psw::from_short(0x0002_0000_8000_1234).is_valid());
    }
}
