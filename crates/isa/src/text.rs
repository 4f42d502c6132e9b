//! Assembler language: one instruction to text and back. The notation is the
//! GNU assembler's, without extended mnemonics.

use crate::format::{Operand, Parts};
use crate::{ROWS, Row, decode, instruction_length};
use std::fmt::Write;

/// The bytes of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    raw: [u8; 8],
}

impl Code {
    /// The instruction, left-aligned; only as many bytes count as its first
    /// bits say.
    #[must_use]
    pub const fn from_raw(raw: u64) -> Self {
        Self { raw: raw.to_be_bytes() }
    }

    /// The instruction, left-aligned.
    #[must_use]
    pub const fn raw(&self) -> u64 {
        u64::from_be_bytes(self.raw)
    }

    /// The two, four or six bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.raw[..usize::from(instruction_length(self.raw()))]
    }
}

/// Why a line is not an instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssemblyError {
    /// The mnemonic is not in the table.
    #[error("There is no instruction `{0}`.")]
    Mnemonic(String),
    /// There are too few or too many operands.
    #[error("`{mnemonic}` takes {wanted} operands, not {given}.")]
    Count {
        /// The mnemonic.
        mnemonic: &'static str,
        /// The number of operands of its format.
        wanted: usize,
        /// The number of operands given.
        given: usize,
    },
    /// An operand is not of the kind that the format has there, or is out of
    /// range.
    #[error("`{0}` cannot be this operand of the instruction.")]
    Operand(String),
}

/// The text of a left-aligned instruction that stands at `address`, from
/// which relative operands count. What has no row is written as bytes.
///
/// ```
/// assert_eq!(lowcore_isa::disassemble(0xa7f4_0004_0000_0000, 0x1000), "brc 15,0x1008");
/// assert_eq!(lowcore_isa::disassemble(0x5812_0010_0000_0000, 0), "l %r1,16(%r2,%r0)");
/// ```
#[must_use]
pub fn disassemble(raw: u64, address: u64) -> String {
    let Some(row) = decode(raw) else {
        let bytes: Vec<_> =
            Code::from_raw(raw).bytes().iter().map(|byte| format!("{byte:#04x}")).collect();
        return format!(".byte {}", bytes.join(","));
    };
    let mut text = row.mnemonic.to_string();
    for (i, operand) in row.format.operands().iter().enumerate() {
        text.push(if i == 0 { ' ' } else { ',' });
        // Writing to a string cannot fail.
        let _ = write_operand(&mut text, *operand, operand.parts(raw), address);
    }
    text
}

fn write_operand(
    text: &mut String,
    operand: Operand,
    Parts { value, index, base }: Parts,
    address: u64,
) -> std::fmt::Result {
    match operand {
        Operand::Gr(_) => write!(text, "%r{value}"),
        Operand::Ar(_) => write!(text, "%a{value}"),
        Operand::Cr(_) => write!(text, "%c{value}"),
        Operand::Fpr(_) | Operand::FprPair(_) => write!(text, "%f{value}"),
        Operand::Mask(_) | Operand::Signed(..) | Operand::Unsigned(..) => write!(text, "{value}"),
        Operand::Relative(..) => write!(text, "{:#x}", address.wrapping_add_signed(value)),
        Operand::Length(_) | Operand::ShortLength(..) => write!(text, "{value}({index},%r{base})"),
        Operand::RegisterLength(_) => write!(text, "{value}(%r{index},%r{base})"),
        _ if index != 0 => write!(text, "{value}(%r{index},%r{base})"),
        _ if base != 0 => write!(text, "{value}(%r{base})"),
        _ => write!(text, "{value}"),
    }
}

/// Assembles one instruction that will stand at `address`.
///
/// # Errors
/// A sentence about what is wrong.
///
/// ```
/// let code = lowcore_isa::assemble("mvc 16(4,%r1),32(%r2)", 0).unwrap();
/// assert_eq!(code.bytes(), [0xd2, 3, 0x10, 16, 0x20, 32]);
/// ```
pub fn assemble(line: &str, address: u64) -> Result<Code, AssemblyError> {
    let line = line.trim();
    let (mnemonic, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let row = ROWS
        .iter()
        .find(|row| row.mnemonic == mnemonic)
        .ok_or_else(|| AssemblyError::Mnemonic(mnemonic.to_string()))?;
    let texts = split_operands(rest);
    let operands = row.format.operands();
    if texts.len() != operands.len() {
        return Err(AssemblyError::Count {
            mnemonic: row.mnemonic,
            wanted: operands.len(),
            given: texts.len(),
        });
    }
    place_all(row, &texts, address)
}

fn place_all(row: &Row, texts: &[&str], address: u64) -> Result<Code, AssemblyError> {
    let mut raw = row.template();
    for (operand, text) in row.format.operands().iter().zip(texts) {
        let parts = parse(*operand, text, address)
            .filter(|parts| operand.fits(*parts))
            .ok_or_else(|| AssemblyError::Operand((*text).to_string()))?;
        raw = operand.place(raw, parts);
    }
    Ok(Code::from_raw(raw))
}

/// Splits at commas outside parentheses.
fn split_operands(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let at_comma = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    let text = text.trim();
    if text.is_empty() { Vec::new() } else { text.split(at_comma).map(str::trim).collect() }
}

fn parse(operand: Operand, text: &str, address: u64) -> Option<Parts> {
    let only = |value| Some(Parts { value, index: 0, base: 0 });
    match operand {
        Operand::Gr(_) => only(register(text, 'r')?.cast_signed()),
        Operand::Ar(_) => only(register(text, 'a')?.cast_signed()),
        Operand::Cr(_) => only(register(text, 'c')?.cast_signed()),
        Operand::Fpr(_) | Operand::FprPair(_) => only(register(text, 'f')?.cast_signed()),
        Operand::Mask(_) | Operand::Signed(..) | Operand::Unsigned(..) => only(number(text)?),
        Operand::Relative(..) => {
            let distance = match text.strip_prefix(".+") {
                Some(distance) => number(distance)?,
                None => number(text)?.wrapping_sub(address.cast_signed()),
            };
            only(distance)
        }
        Operand::Length(_) | Operand::ShortLength(..) => {
            let (value, inner) = displacement(text)?;
            let (length, base) = inner?.split_once(',')?;
            let index = number(length)?.cast_unsigned();
            Some(Parts { value, index, base: register(base, 'r')? })
        }
        Operand::RegisterLength(_) => {
            let (value, inner) = displacement(text)?;
            let (length, base) = inner?.split_once(',')?;
            Some(Parts { value, index: register(length, 'r')?, base: register(base, 'r')? })
        }
        Operand::Indexed(_)
        | Operand::IndexedLong(_)
        | Operand::Based(_)
        | Operand::BasedLong(_) => {
            let (value, inner) = displacement(text)?;
            let (index, base) = match inner.map(|inner| (inner, inner.split_once(','))) {
                None => (0, 0),
                Some((base, None)) => (0, register(base, 'r')?),
                Some((_, Some((index, base)))) => (register(index, 'r')?, register(base, 'r')?),
            };
            Some(Parts { value, index, base })
        }
    }
}

/// A displacement and what stands in parentheses after it.
fn displacement(text: &str) -> Option<(i64, Option<&str>)> {
    match text.split_once('(') {
        None => Some((number(text)?, None)),
        Some((value, rest)) => Some((number(value)?, Some(rest.strip_suffix(')')?))),
    }
}

fn register(text: &str, letter: char) -> Option<u64> {
    text.trim().strip_prefix('%')?.strip_prefix(letter)?.parse().ok()
}

/// A decimal or hexadecimal number. All 64 bits of a hexadecimal one count.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?.cast_signed(),
        None => digits.parse().ok()?,
    };
    Some(if negative { value.wrapping_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_assembled() {
        for (line, sentence) in [
            ("frob %r1", "There is no instruction `frob`."),
            ("ar %r1", "`ar` takes 2 operands, not 1."),
            ("ar %r1,%r16", "`%r16` cannot be this operand of the instruction."),
            ("ar %r1,%a2", "`%a2` cannot be this operand of the instruction."),
            ("l %r1,4096(%r2)", "`4096(%r2)` cannot be this operand of the instruction."),
            ("lhi %r1,32768", "`32768` cannot be this operand of the instruction."),
            ("llill %r1,-1", "`-1` cannot be this operand of the instruction."),
            ("brc 8,0x1001", "`0x1001` cannot be this operand of the instruction."),
            ("mvc 0(257,%r1),0", "`0(257,%r1)` cannot be this operand of the instruction."),
            ("mvc 0(0,%r1),0", "`0(0,%r1)` cannot be this operand of the instruction."),
            ("st %r1,0(%r2,%r3", "`0(%r2,%r3` cannot be this operand of the instruction."),
        ] {
            assert_eq!(assemble(line, 0x1000).unwrap_err().to_string(), sentence);
        }
    }

    #[test]
    fn relative_operands_count_from_the_instruction() {
        assert_eq!(assemble("brc 15,0xffe", 0x1000).unwrap().bytes(), [0xa7, 0xf4, 0xff, 0xff]);
        assert_eq!(assemble("brc 15,.+6", 0x1000).unwrap().bytes(), [0xa7, 0xf4, 0, 3]);
    }

    #[test]
    fn every_row_reads_back_what_it_writes() {
        // Two patterns of operand bits through every row.
        for row in ROWS {
            for pattern in [0x0123_4567_89ab_cdef_u64, 0xfedc_ba98_7654_3210] {
                let mut raw = row.template();
                for operand in row.format.operands() {
                    raw = operand.place(raw, operand.parts(pattern));
                }
                let text = disassemble(raw, 0x1_0000);
                let code = assemble(&text, 0x1_0000).unwrap_or_else(|e| panic!("{text}: {e}"));
                assert_eq!(code.raw(), raw, "{text}");
            }
        }
    }

    #[test]
    fn what_has_no_row_is_bytes() {
        assert_eq!(disassemble(0, 0), ".byte 0x00,0x00");
    }
}
