//! What code depends on beside the instructions: bits of the PSW.

use lowcore_arch::{AddressingMode, Psw};

/// The bits of the PSW that are constants in compiled code. Whatever changes
/// them ends a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mode(u64);

impl Mode {
    const BITS: u64 = Psw::DAT
        | Psw::PROBLEM
        | Psw::ADDRESS_SPACE
        | Psw::FIXED_OVERFLOW
        | Psw::EXTENDED_ADDRESSING
        | Psw::BASIC_ADDRESSING;

    /// The mode of a PSW.
    #[must_use]
    pub const fn of(psw: Psw) -> Self {
        Self(psw.mask & Self::BITS)
    }

    const fn psw(self) -> Psw {
        Psw::new(self.0, 0)
    }

    /// The addressing mode.
    #[must_use]
    pub const fn addressing(self) -> AddressingMode {
        self.psw().addressing_mode()
    }

    /// Whether privileged instructions are refused.
    #[must_use]
    pub const fn is_problem(self) -> bool {
        self.psw().has(Psw::PROBLEM)
    }

    /// Whether a fixed-point overflow is an exception.
    #[must_use]
    pub const fn overflow_interrupts(self) -> bool {
        self.psw().has(Psw::FIXED_OVERFLOW)
    }

    /// Whether operands are in the space of the instructions: real addresses,
    /// the primary or the home space.
    #[must_use]
    pub const fn operands_are_with_instructions(self) -> bool {
        const HOME: u64 = Psw::ADDRESS_SPACE;
        let space = self.0 & Psw::ADDRESS_SPACE;
        !self.psw().has(Psw::DAT) || space == 0 || space == HOME
    }

    /// A number that no other mode has.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}
