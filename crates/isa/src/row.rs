//! What the table says about an instruction.

use crate::format::{Extension, Operand};
use crate::{Builder, Format};
use lowcore_arch::Facility;

/// The code of an instruction for one builder. It takes the left-aligned
/// instruction. The rules of its row have been checked.
pub type Body<B> = fn(&mut B, u64) -> Result<(), <B as Builder>::Exit>;

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its number in the table.
    pub number: u16,
    /// The mnemonic, in lower case.
    pub mnemonic: &'static str,
    /// The operation code: the first byte, followed by the digits of the
    /// extension that its format has.
    pub opcode: u16,
    /// The format.
    pub format: Format,
    /// The facility that it came with.
    pub facility: Facility,
    /// What is checked before its body runs.
    pub rules: Rules,
}

/// What is checked before a body runs, in the architecture's priority:
/// privilege, then register pairs; and what the effects recorder verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// It ends in a privileged-operation exception in the problem state.
    pub privileged: bool,
    /// The body sets the condition code.
    pub sets_cc: bool,
    /// Bits of the left-aligned instruction that must be zero, since they
    /// would make a register number odd that must be even; else the
    /// instruction ends in a specification exception.
    pub even: u64,
}

impl Rules {
    /// The rules that a row's flags stand for: `p` privileged, `cc` sets the
    /// condition code, `r1`, `r2`, `r3` even registers.
    pub(crate) const fn of(flags: &[&str], format: Format) -> Self {
        let mut rules = Self { privileged: false, sets_cc: false, even: 0 };
        let mut i = 0;
        while i < flags.len() {
            match flags[i].as_bytes() {
                b"p" => rules.privileged = true,
                b"cc" => rules.sets_cc = true,
                b"r1" => rules.even |= odd_bit(format, 0),
                b"r2" | b"r3" => rules.even |= odd_bit(format, 1),
                _ => panic!("no such rule"),
            }
            i += 1;
        }
        rules
    }
}

/// The last bit of the `n`th register field of a format.
const fn odd_bit(format: Format, n: usize) -> u64 {
    match format.operands()[n] {
        Operand::Gr(at) => 1 << (63 - (at + 3)),
        _ => panic!("not a general register"),
    }
}

impl Row {
    /// The instruction with all operands zero, left-aligned.
    #[must_use]
    pub const fn template(&self) -> u64 {
        let code = self.opcode as u64;
        match self.format.extension() {
            Extension::None => code << 56,
            Extension::Second => code << 48,
            Extension::Nibble => (code >> 4) << 56 | (code & 15) << 48,
            Extension::Sixth => (code >> 8) << 56 | (code & 0xff) << 16,
        }
    }

    /// The first byte.
    #[must_use]
    pub const fn first_byte(&self) -> u8 {
        lowcore_arch::bits::low8(self.template() >> 56)
    }

    /// Its length in bytes.
    #[must_use]
    pub const fn length(&self) -> u8 {
        self.format.length()
    }
}
