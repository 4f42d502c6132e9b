//! The floating-point-control register.

use crate::{Context, Exception};
use lowcore_arch::{bits, fpc};

/// In a data-exception code, what tells that an IEEE exception was simulated.
const SIMULATED: u8 = 3;

const INVALID: u8 = 0x80;
const DIVISION: u8 = 0x40;
const OVERFLOW: u8 = 0x20;
const UNDERFLOW: u8 = 0x10;
const INEXACT: u8 = 0x08;
const QUANTUM: u8 = 0x04;

/// The data-exception code of the first of some signals that are one and
/// enabled; with an overflow or underflow goes the inexact result (manual,
/// chapter 9, LOAD FPC AND SIGNAL).
fn simulated(signals: u8) -> Option<u8> {
    let first = [
        (INVALID, INVALID),
        (DIVISION, DIVISION),
        (OVERFLOW, OVERFLOW | INEXACT),
        (UNDERFLOW, UNDERFLOW | INEXACT),
        (INEXACT, INEXACT),
        (QUANTUM, QUANTUM),
    ];
    let (_, shown) = first.into_iter().find(|(signal, _)| signals & signal != 0)?;
    Some(signals & shown | SIMULATED)
}

/// LOAD FPC AND SIGNAL and SET FPC AND SIGNAL, of a value that is valid.
pub fn set_and_signal(c: &mut Context<'_>, value: u64) -> Result<u64, Exception> {
    let new = bits::low32(value);
    let old = core::mem::replace(&mut c.regs.fpc, new);
    c.regs.fpc |= old & fpc::ALL_FLAGS;
    let signals = new >> 24 & old >> 16 & 0xff;
    match simulated(bits::low8(signals.into())) {
        Some(code) => Err(Exception::data(code)),
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use super::simulated;

    #[test]
    fn the_first_signal_gives_the_code() {
        for (signals, code) in [
            (0, None),
            (0xfc, Some(0x83)),
            (0x7c, Some(0x43)),
            (0x3c, Some(0x2b)),
            (0x24, Some(0x23)),
            (0x1c, Some(0x1b)),
            (0x0c, Some(0x0b)),
            (0x04, Some(0x07)),
        ] {
            assert_eq!(simulated(signals), code, "{signals:x}");
        }
    }
}
