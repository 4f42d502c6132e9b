//! What a handler of the guest wrote down.

use super::layout::*;
use lowcore_arch::Psw;

/// One record of a CPU's log, a copy.
#[derive(Clone)]
pub struct Record(pub [u8; REC_SIZE]);

impl Record {
    /// `N` bytes at an offset of the record.
    pub fn bytes<const N: usize>(&self, offset: usize) -> [u8; N] {
        std::array::from_fn(|i| self.0[offset + i])
    }

    fn u16(&self, offset: usize) -> u16 {
        u16::from_be_bytes(self.bytes(offset))
    }

    fn u32(&self, offset: usize) -> u32 {
        u32::from_be_bytes(self.bytes(offset))
    }

    fn u64(&self, offset: usize) -> u64 {
        u64::from_be_bytes(self.bytes(offset))
    }

    /// Position in the log, from 1.
    pub fn sequence(&self) -> u32 {
        self.u32(REC_SEQUENCE)
    }

    /// `CLASS_*`: which handler ran.
    pub fn class(&self) -> u32 {
        self.u32(REC_CLASS)
    }

    /// The prefix in the handler.
    pub fn prefix(&self) -> u32 {
        self.u32(REC_PREFIX)
    }

    /// The address of the CPU that ran the handler.
    pub fn cpu(&self) -> u16 {
        self.u16(REC_CPU)
    }

    /// `CHECK_*`: what the machine-check handler found right.
    pub fn checks(&self) -> u16 {
        self.u16(REC_CHECKS)
    }

    /// The old PSW of the handler's class.
    pub fn old_psw(&self) -> Psw {
        Psw::from_bytes(self.bytes(REC_OLD_PSW))
    }

    /// The TOD clock in the handler.
    pub fn tod(&self) -> u64 {
        self.u64(REC_TOD)
    }

    /// The clock comparator in the handler.
    pub fn comparator(&self) -> u64 {
        self.u64(REC_COMPARATOR)
    }

    /// The CPU timer in the handler.
    pub fn timer(&self) -> u64 {
        self.u64(REC_TIMER)
    }

    /// Control registers 0 and 14 in the handler.
    pub fn control_registers(&self) -> (u64, u64) {
        (self.u64(REC_CR0), self.u64(REC_CR14))
    }

    /// The interruption code that this record's class stores, if it stores
    /// one of 16 bits.
    pub fn code(&self) -> Option<u16> {
        match self.class() {
            CLASS_EXTERNAL => Some(self.u16(0x86)),
            CLASS_SVC => Some(self.u16(0x8a)),
            CLASS_PROGRAM => Some(self.u16(0x8e)),
            _ => None,
        }
    }

    /// Where in the record the low core's bytes from a real address on are:
    /// the handler copies more than one piece of it.
    pub fn place(real: u16) -> Option<usize> {
        let real = usize::from(real);
        let pieces = [
            (LC_PARAMETERS, LC_PARAMETERS_SIZE, REC_PARAMETERS),
            (0x110, 8, REC_BREAKING_EVENT),
            (0x11b8, 8, REC_PARAMETER_2),
            (0x1300, 16, REC_LOGOUT),
        ];
        pieces
            .into_iter()
            .find(|(start, length, _)| (*start..start + length).contains(&real))
            .map(|(start, _, place)| real - start + place)
    }

    /// The bytes of the record that the hardware may have stored.
    pub fn parameter_bytes() -> impl Iterator<Item = usize> {
        (REC_PARAMETERS..REC_PARAMETERS + LC_PARAMETERS_SIZE)
            .chain(REC_BREAKING_EVENT..REC_BREAKING_EVENT + 8)
            .chain(REC_PARAMETER_2..REC_PARAMETER_2 + 8)
            .chain(REC_LOGOUT..REC_LOGOUT + 16)
    }
}

/// The name of a handler's class.
pub fn class_name(class: u32) -> &'static str {
    match class {
        CLASS_RESTART => "restart",
        CLASS_EXTERNAL => "external",
        CLASS_SVC => "SVC",
        CLASS_PROGRAM => "program",
        CLASS_MACHINE => "machine check",
        CLASS_IO => "I/O",
        _ => "unknown",
    }
}
