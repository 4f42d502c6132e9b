//! Rules of floating point that QEMU 7.2 does not follow.

use super::{Deviation, mnemonic};
use crate::ins::Case;
use lowcore_arch::bits;
use lowcore_isa::{Format, decode};

fn is(case: &Case, names: &[&str]) -> bool {
    names.contains(&mnemonic(case))
}

/// Hexadecimal instructions.
const HEXADECIMAL: [&str; 8] = ["lter", "ltdr", "lper", "lpdr", "lner", "lndr", "lcer", "lcdr"];

/// SET FPC AND SIGNAL takes bits 32-63 of its register. QEMU takes all, and
/// may end at those that meet masks.
pub(super) fn ends_emulator(case: &Case) -> bool {
    let register = bits::index(case.code.raw() >> 36 & 15);
    is(case, &["sfasr"]) && case.before.gr[register] >> 32 & u64::from(case.before.fpc >> 24) != 0
}

/// Products that are longer than their factors.
const LONGER: [&str; 4] = ["mdeb", "mdebr", "mxdb", "mxdbr"];

/// COMPARE.
pub(super) fn is_comparison(case: &Case) -> bool {
    is(case, &["ceb", "cebr", "cdb", "cdbr", "cxbr"])
}

/// CONVERT TO FIXED and CONVERT TO LOGICAL.
fn to_fixed(case: &Case) -> bool {
    let row = decode(case.code.raw());
    row.is_some_and(|row| {
        row.mnemonic.starts_with('c') && matches!(row.format, Format::RrfEGF | Format::RrfEGX)
    })
}

/// Whether a number in the left of a doubleword is a NaN, by the letter of
/// its format.
const fn is_nan(format: u8, high: u64, low: u64) -> bool {
    let magnitude = high & u64::MAX >> 1;
    let extended = 0x7fff << 48;
    match format {
        b'e' => magnitude >> 32 > 0x7f80_0000,
        b'd' => magnitude > 0x7ff0 << 48,
        _ => magnitude > extended || magnitude == extended && low != 0,
    }
}

/// Whether the third or the first operand of MULTIPLY AND ADD or MULTIPLY AND
/// SUBTRACT is a NaN.
fn fused_with_nan(case: &Case) -> bool {
    let (raw, name) = (case.code.raw(), mnemonic(case));
    let (third, first) = match decode(raw).map(|row| row.format) {
        Some(Format::RrdF) => (raw >> 36, raw >> 44),
        Some(Format::RxfF) => (raw >> 52, raw >> 28),
        _ => return false,
    };
    let number = |field| case.before.fpr[bits::index(field & 15)];
    [third, first].into_iter().any(|field| is_nan(name.as_bytes()[2], number(field), 0))
}

/// Whether the second operand of such a conversion is a NaN.
fn from_nan(case: &Case) -> bool {
    let register = bits::index(case.code.raw() >> 32 & 15);
    let fpr = case.before.fpr;
    let name = mnemonic(case).trim_end_matches("bra").trim_end_matches("br");
    let format = name.as_bytes().last().copied().unwrap_or_default();
    is_nan(format, fpr[register], fpr[register | 2])
}

/// Whether a data exception is an IEEE exception that completes.
fn completes(end: &str) -> bool {
    let code = end.strip_prefix("data-").and_then(|code| u8::from_str_radix(code, 16).ok());
    code.is_some_and(|code| (0x08..0x40).contains(&code) && code & 3 == 0)
}

/// See [`DEVIATIONS`](super::DEVIATIONS).
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        rule: "QEMU has no hexadecimal LOAD AND TEST, LOAD COMPLEMENT, LOAD NEGATIVE and LOAD \
               POSITIVE.",
        meets: |case, _| is(case, &HEXADECIMAL),
    },
    Deviation {
        rule: "Without the AFP-register control no register of LOAD and LOAD LENGTHENED may be \
               an additional one (chapter 9, AFP-Register Data Exception); QEMU looks at R1 only.",
        meets: |case, outcome| {
            is(case, &["lxr", "lder"]) && outcome.end.as_deref() == Some("data-1")
        },
    },
    Deviation {
        rule: "SET FPC AND SIGNAL takes bits 32-63 of its register (chapter 9); QEMU takes all, \
               and may end.",
        meets: |case, _| ends_emulator(case),
    },
    Deviation {
        rule: "An overflow, underflow or inexact result that traps completes the instruction, with \
               a scaled result after the first two, and the code tells whether the magnitude was \
               incremented (chapter 9, IEEE Exceptions); QEMU suppresses and does not tell.",
        meets: |_, outcome| outcome.end.as_deref().is_some_and(completes),
    },
    Deviation {
        rule: "The first operand of MULTIPLY to a longer format has the shorter one (chapter 19, \
               MULTIPLY); QEMU 7.2 takes a number of the longer one.",
        meets: |case, _| is(case, &LONGER),
    },
    Deviation {
        rule: "QEMU has no DIVIDE TO INTEGER.",
        meets: |case, _| is(case, &["diebr", "didbr"]),
    },
    Deviation {
        rule: "Both operands of LOAD ROUNDED from the extended format are pairs of registers \
               (chapter 19, LOAD ROUNDED); QEMU looks at R2 only.",
        meets: |case, outcome| {
            is(case, &["ldxbra", "lexbra"]) && outcome.end.as_deref() == Some("specification")
        },
    },
    Deviation {
        rule: "The code of an invalid operation that traps is 80 alone (chapter 6, Data-Exception \
               Code); QEMU adds that of inexact results to it.",
        meets: |case, outcome| to_fixed(case) && outcome.end.as_deref() == Some("data-80"),
    },
    Deviation {
        rule: "CONVERT TO FIXED of a NaN that does not trap is inexact as well (chapter 19, \
               CONVERT TO FIXED); QEMU says so of numbers only.",
        meets: |case, outcome| {
            to_fixed(case) && outcome.state.psw.condition_code() == 3 && from_nan(case)
        },
    },
    Deviation {
        rule: "LOAD AND TEST of a signaling NaN is an invalid operation (chapter 19, LOAD AND \
               TEST); QEMU copies it.",
        meets: |case, outcome| {
            is(case, &["ltebr", "ltdbr", "ltxbr"])
                && (outcome.end.is_some() || outcome.state.psw.condition_code() == 3)
        },
    },
    Deviation {
        rule: "Of several NaNs in MULTIPLY AND ADD a signaling one counts first, then the third \
               operand, the second, the first; zero times infinity is invalid whatever is added \
               (chapter 19, MULTIPLY AND ADD); QEMU 7.2 has another order.",
        meets: |case, _| fused_with_nan(case),
    },
];
