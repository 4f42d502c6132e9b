//! Explicit tracing (manual, chapter 4, "Tracing").

use crate::translation::{Origin, Purpose, Request, locate};
use crate::{At, Context, Exception};
use lowcore_arch::{ControlRegister, ProgramCode, bits};

/// The longest entry: that of TRACE (TRACG) with 16 registers.
const LONGEST: usize = 16 + 16 * 8;

/// TRACE: makes a trace entry of the general registers from the first to the
/// last, unless explicit tracing is off or the operand says not to.
pub(super) fn explicit(
    c: &mut Context<'_>,
    operand: At,
    [first, last]: [usize; 2],
    is_long: bool,
) -> Result<(), Exception> {
    /// Bit 0 of the operand: no entry.
    const OFF: u32 = 1 << 31;
    if c.regs.cr[12] & ControlRegister::CR12_EXPLICIT_TRACE == 0 {
        return Ok(());
    }
    if operand.address & 3 != 0 {
        return Err(ProgramCode::SPECIFICATION.into());
    }
    let word = c.load_u32(operand)?;
    if word & OFF != 0 {
        return Ok(());
    }
    let count = (last.wrapping_sub(first) & 15) + 1;
    let registers = (first..first + count).map(|r| c.regs.gr[r % 16]);
    let clock = u128::from(c.config.tod().now()) << 16;
    let mut entry = Entry::default();
    entry.push(&[0x70 | bits::low8(count as u64 - 1), if is_long { 0x80 } else { 0 }]);
    if is_long {
        // Bits 0-79 of the clock, whose last ones are zero here.
        entry.push(&clock.to_be_bytes()[6..]);
        entry.push(&word.to_be_bytes());
        registers.for_each(|value| entry.push(&value.to_be_bytes()));
    } else {
        // Bits 16-63 of the clock.
        entry.push(&clock.to_be_bytes()[8..14]);
        entry.push(&word.to_be_bytes());
        registers.for_each(|value| entry.push(&bits::low32(value).to_be_bytes()));
    }
    entry.store(c)
}

/// A trace entry being made.
struct Entry {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Default for Entry {
    fn default() -> Self {
        Self { bytes: [0; LONGEST], length: 0 }
    }
}

impl Entry {
    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }

    /// Stores the entry where control register 12 says, which then designates
    /// the place behind it. Low-address protection applies, keys do not.
    fn store(&self, c: &mut Context<'_>) -> Result<(), Exception> {
        const PAGE: u64 = 0x1000;
        let place = c.regs.cr[12] & ControlRegister::CR12_TRACE_ENTRY_ADDRESS;
        let length = self.length as u64;
        let request =
            Request { address: place, origin: Origin::Real, purpose: Purpose::Store, key: 0 };
        // Not watched for PER: the location is implied.
        let absolute = locate(c.view, c.regs, c.config.facilities(), request)?.absolute;
        if !c.view.contains(absolute, 1) {
            return Err(ProgramCode::ADDRESSING.into());
        }
        // An entry that would end at the end of the page is one too many.
        if place % PAGE + length >= PAGE {
            return Err(ProgramCode::TRACE_TABLE.into());
        }
        c.view.change(absolute);
        c.view.write(absolute, &self.bytes[..self.length])?;
        let next = place + length;
        c.regs.cr[12] = c.regs.cr[12] & !ControlRegister::CR12_TRACE_ENTRY_ADDRESS | next;
        Ok(())
    }
}
