//! A CPU's registers.

use crate::CpuTimer;
use lowcore_arch::{ControlRegister, Psw, bits, fpc, lowcore};

/// The state of the pfault handshake (DIAGNOSE 0x258), as the one-register
/// interface shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pfault {
    /// The token; all ones means that no handshake is established.
    pub token: u64,
    /// PSW bits that are compared.
    pub select: u64,
    /// Their wanted values.
    pub compare: u64,
}

impl Default for Pfault {
    fn default() -> Self {
        Self { token: u64::MAX, select: 0, compare: 0 }
    }
}

/// Everything that a CPU holds and that a client may read or set.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    /// The program-status word; after each instruction it designates the next.
    pub psw: Psw,
    /// General registers.
    pub gr: [u64; 16],
    /// Access registers.
    pub ar: [u32; 16],
    /// Control registers.
    pub cr: [u64; 16],
    /// Vector registers; floating-point register n is the left half of
    /// vector register n.
    pub vr: [u128; 32],
    /// The floating-point-control register.
    pub fpc: u32,
    /// The prefix register; always a multiple of 8 KiB below 2 GiB.
    pub prefix: u32,
    /// The TOD programmable register.
    pub todpr: u32,
    /// The clock comparator, in TOD units.
    pub clock_comparator: u64,
    /// The CPU timer.
    pub cpu_timer: CpuTimer,
    /// The program-parameter register.
    pub program_parameter: u64,
    /// The breaking-event address: where the last taken branch stood.
    pub breaking_event: u64,
    /// The pfault handshake.
    pub pfault: Pfault,
}

impl Registers {
    /// Floating-point register `n` (0 to 15).
    #[inline]
    #[must_use]
    pub fn fpr(&self, n: usize) -> u64 {
        bits::high64(self.vr[n])
    }

    /// Replaces floating-point register `n`; the rest of the vector register
    /// stays, as Linux's view of it does.
    #[inline]
    pub fn set_fpr(&mut self, n: usize, value: u64) {
        self.vr[n] = u128::from(value) << 64 | u128::from(bits::low64(self.vr[n]));
    }

    /// Puts the code of a data exception that interrupts into the
    /// floating-point-control register, if the AFP-register control is one
    /// (manual, chapter 6, "Data-Exception Code").
    pub fn note_data_exception(&mut self, code: u8) {
        if self.cr[0] & ControlRegister::CR0_AFP != 0 {
            self.fpc = self.fpc & !fpc::DXC | u32::from(code) << fpc::DXC.trailing_zeros();
        }
    }

    /// Sets the prefix to the bits of `value` that count.
    pub fn set_prefix(&mut self, value: u32) {
        self.prefix = value & lowcore::PREFIX_MASK;
    }

    /// Applies prefixing: the absolute address of a real one (manual,
    /// chapter 3, "Prefixing").
    #[must_use]
    pub fn absolute(&self, real: u64) -> u64 {
        let prefix = u64::from(self.prefix);
        if real < lowcore::SIZE {
            real + prefix
        } else if real.wrapping_sub(prefix) < lowcore::SIZE {
            real - prefix
        } else {
            real
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Registers;

    #[test]
    fn prefixing_swaps_two_areas() {
        let mut regs = Registers::default();
        regs.set_prefix(0xffff_5abc);
        assert_eq!(regs.prefix, 0x7fff_4000);
        regs.set_prefix(0x4000);
        for (real, absolute) in [
            (0, 0x4000),
            (0x1fff, 0x5fff),
            (0x2000, 0x2000),
            (0x3fff, 0x3fff),
            (0x4000, 0),
            (0x5fff, 0x1fff),
            (0x6000, 0x6000),
        ] {
            assert_eq!(regs.absolute(real), absolute);
        }
    }

    #[test]
    fn floating_point_registers_are_left_halves() {
        let mut regs = Registers::default();
        regs.vr[3] = 7;
        regs.set_fpr(3, 0x4000_0000_0000_0001);
        assert_eq!(regs.vr[3], 0x4000_0000_0000_0001_0000_0000_0000_0007);
        assert_eq!(regs.fpr(3), 0x4000_0000_0000_0001);
    }
}
