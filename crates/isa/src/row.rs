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
/// privilege, then whether floating-point registers may be used, then
/// register pairs; and what the effects recorder verifies.
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
    /// The same of floating-point registers that would name no pair: their
    /// numbers are 0, 1, 4, 5, 8, 9, 12 and 13.
    pub unpaired: u64,
    /// Bits of the left-aligned instruction that name an additional
    /// floating-point register (any but 0, 2, 4 and 6); without the
    /// AFP-register control the instruction ends in a data exception.
    pub additional: u64,
    /// The data-exception code of an instruction that needs the AFP-register
    /// control whatever its registers; else 0.
    pub needs_afp: u8,
}

impl Rules {
    /// The data-exception code of an additional floating-point register.
    pub const DXC_AFP: u8 = 1;
    /// The data-exception code of a binary-floating-point instruction.
    pub const DXC_BFP: u8 = 2;
    /// The data-exception code of a decimal-floating-point instruction.
    pub const DXC_DFP: u8 = 3;

    /// The rules that a row's flags stand for: `p` privileged, `cc` sets the
    /// condition code, `r1`, `r2`, `r3` even registers, `bfp` and `dfp` need
    /// the AFP-register control. Those of floating-point registers follow
    /// from the format.
    pub(crate) const fn of(flags: &[&str], format: Format) -> Self {
        let mut rules = Self {
            privileged: false,
            sets_cc: false,
            even: 0,
            unpaired: 0,
            additional: 0,
            needs_afp: 0,
        };
        let mut i = 0;
        while i < flags.len() {
            match flags[i].as_bytes() {
                b"p" => rules.privileged = true,
                b"cc" => rules.sets_cc = true,
                b"r1" => rules.even |= odd_bit(format, 0),
                b"r2" | b"r3" => rules.even |= odd_bit(format, 1),
                b"bfp" => rules.needs_afp = Self::DXC_BFP,
                b"dfp" => rules.needs_afp = Self::DXC_DFP,
                _ => panic!("no such rule"),
            }
            i += 1;
        }
        let operands = format.operands();
        let mut i = 0;
        while i < operands.len() {
            match operands[i] {
                Operand::Fpr(at) => rules.additional |= 0b1001 << (60 - at),
                Operand::FprPair(at) => {
                    rules.additional |= 0b1001 << (60 - at);
                    rules.unpaired |= 0b0010 << (60 - at);
                }
                _ => {}
            }
            i += 1;
        }
        rules
    }

    /// Whether anything depends on the AFP-register control.
    #[must_use]
    pub const fn asks_for_afp(&self) -> bool {
        self.needs_afp != 0 || self.additional != 0
    }

    /// The data-exception code with which a left-aligned instruction ends
    /// without the AFP-register control, if it does.
    ///
    /// ```
    /// let rules = |raw| lowcore_isa::decode(raw).unwrap().rules;
    /// let ldr = 0x2802_0000_0000_0000; // ldr %f0,%f2
    /// assert_eq!(rules(ldr).without_afp(ldr), None);
    /// let ldr = 0x2803_0000_0000_0000; // ldr %f0,%f3
    /// assert_eq!(rules(ldr).without_afp(ldr), Some(1));
    /// ```
    #[inline]
    #[must_use]
    pub const fn without_afp(&self, raw: u64) -> Option<u8> {
        if self.needs_afp != 0 {
            Some(self.needs_afp)
        } else if raw & self.additional != 0 {
            Some(Self::DXC_AFP)
        } else {
            None
        }
    }

    /// Whether a left-aligned instruction names registers that cannot be its
    /// pairs.
    #[inline]
    #[must_use]
    pub const fn is_unpaired(&self, raw: u64) -> bool {
        raw & (self.even | self.unpaired) != 0
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
