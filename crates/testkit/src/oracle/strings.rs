//! Where QEMU deviates in long, string and conversion instructions.

use super::{Deviation, mnemonic};
use crate::ins::{Case, Outcome};
use lowcore_arch::{Psw, bits};

/// Instructions that QEMU 7.2 does not have.
const LACKING: [&str; 12] =
    ["cuse", "plo", "cfc", "upt", "trte", "trtre", "cmpsc", "cvb", "cvby", "cvbg", "cvdg", "tp"];

/// Instructions that end with condition code 3 after an amount of their
/// choice.
const IN_PARTS: [&str; 24] = [
    "mvcle", "mvclu", "clcle", "clclu", "mvst", "clst", "srst", "srstu", "cuse", "cksm", "tre",
    "troo", "trot", "trto", "trtt", "trte", "trtre", "cu12", "cu14", "cu21", "cu24", "cu41",
    "cu42", "mvcl",
];

/// TRANSLATE ONE TO ONE and its kin.
const TRANSLATIONS: [&str; 4] = ["troo", "trot", "trto", "trtt"];

fn is(case: &Case, names: &[&str]) -> bool {
    names.contains(&mnemonic(case))
}

fn ends_in(outcome: &Outcome, end: &str) -> bool {
    outcome.end.as_deref() == Some(end)
}

fn is_long_mode(case: &Case) -> bool {
    case.before.psw.has(Psw::EXTENDED_ADDRESSING)
}

/// The register that a field of four bits names, and the next.
fn pair(case: &Case, at: u32) -> [u64; 2] {
    let r = bits::index(case.code.raw() >> (60 - at) & 15);
    [case.before.gr[r], case.before.gr[(r + 1) % 16]]
}

/// The fields R1 and R2 of four-byte formats that have them last.
const R1: u32 = 24;
const R2: u32 = 28;

/// Whether the two operands of an instruction of format SS may overlap.
fn operands_are_near(case: &Case) -> bool {
    let address = |at: u32| {
        let raw = case.code.raw();
        let (base, displacement) = (bits::index(raw >> (60 - at) & 15), raw >> (48 - at) & 0xfff);
        let register = if base == 0 { 0 } else { case.before.gr[base] };
        case.before.psw.wrap(register.wrapping_add(displacement))
    };
    address(16).abs_diff(address(32)) < 0x200
}

/// Whether an operand may reach into the next page.
fn near_page_end(address: u64) -> bool {
    address % 0x1000 > 0xf00
}

/// Rules that QEMU 7.2 does not follow, and choices that the manual leaves.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        rule: "QEMU has no such instruction: COMPARE UNTIL SUBSTRING EQUAL, PERFORM LOCKED \
               OPERATION, COMPARE AND FORM CODEWORD, UPDATE TREE, TRANSLATE AND TEST EXTENDED, \
               COMPRESSION CALL, CONVERT TO BINARY, CONVERT TO DECIMAL of 16 bytes.",
        meets: |case, _| is(case, &LACKING),
    },
    Deviation {
        rule: "How much is processed before condition code 3 is the machine's choice (chapter 7, \
               MOVE LONG EXTENDED and others).",
        meets: |case, outcome| {
            is(case, &IN_PARTS)
                && outcome.end.is_none()
                && outcome.state.psw.condition_code() == 3
                && mnemonic(case) != "mvcl"
        },
    },
    Deviation {
        rule: "The same: QEMU never moves and pads in one go, nor beyond the end of a page.",
        meets: |case, _| {
            let (first, second) = if mnemonic(case) == "mvst" { (R1, R2) } else { (8, 12) };
            let ([first, length], [second, second_length]) =
                (pair(case, first), pair(case, second));
            let cut = |length: u64| if is_long_mode(case) { length } else { length & 0xffff_ffff };
            let (length, second_length) = (cut(length), cut(second_length));
            let pads = second_length != 0 && second_length < length;
            is(case, &["mvcle", "mvclu"]) && pads
                || is(case, &["mvcle", "mvclu", "mvst"])
                    && (near_page_end(first) || near_page_end(second))
        },
    },
    Deviation {
        rule: "An operand of two-byte characters has an even length (chapter 7, MOVE LONG \
               UNICODE, Specification); QEMU does not look.",
        meets: |case, outcome| is(case, &["mvclu"]) && ends_in(outcome, "specification"),
    },
    Deviation {
        rule: "COMPARE LOGICAL LONG makes bits 32-39 of the address registers zero in the 24-bit \
               mode (chapter 7); QEMU leaves them.",
        meets: |case, _| is(case, &["clcl"]) && !is_long_mode(case),
    },
    Deviation {
        rule: "COMPARE LOGICAL STRING checks bits 32-55 of register 0 and leaves bits 0-31 of the \
               address registers alone in the 24-bit and 31-bit modes (chapter 7); QEMU does not.",
        meets: |case, outcome| {
            is(case, &["clst"]) && (ends_in(outcome, "specification") || !is_long_mode(case))
        },
    },
    Deviation {
        rule: "The length of CHECKSUM has 32 bits in the 24-bit and 31-bit modes (chapter 7); \
               QEMU takes 64.",
        meets: |case, _| is(case, &["cksm"]) && !is_long_mode(case),
    },
    Deviation {
        rule: "An access exception that suppresses leaves storage unchanged (chapter 5, Types of \
               Instruction Ending); QEMU goes on up to there.",
        meets: |case, outcome| {
            is(case, &["tr", "mvo", "pack", "unpk", "csst"]) && ends_in(outcome, "addressing")
        },
    },
    Deviation {
        rule: "Addresses are cut to the addressing mode (chapter 5, Address Generation); QEMU \
               takes all bits for TRANSLATE EXTENDED.",
        meets: |case, _| {
            let addresses = [pair(case, R1)[0], pair(case, R2)[0]];
            let is_cut = |address: &u64| case.before.psw.wrap(*address) != *address;
            is(case, &["tre"]) && addresses.iter().any(is_cut)
        },
    },
    Deviation {
        rule: "R1 of TRANSLATE ONE TO ONE and its kin is even, a length of zero gives condition \
               code 0, and the test character has the size of a result (chapter 7); QEMU does \
               not look, gives 1, and takes one byte for TRANSLATE ONE TO TWO.",
        meets: |case, outcome| {
            let [_, length] = pair(case, R1);
            let length = if is_long_mode(case) { length } else { length & 0xffff_ffff };
            let tests = case.code.raw() >> 44 & 1 == 0;
            is(case, &TRANSLATIONS)
                && (ends_in(outcome, "specification")
                    || length == 0
                    || mnemonic(case) == "trot" && tests)
        },
    },
    Deviation {
        rule: "COMPARE AND SWAP AND STORE of words leaves bits 0-31 of R3 alone (chapter 7); QEMU \
               does not.",
        meets: |case, _| {
            ends_emulator(case) || is(case, &["csst"]) && case.before.gr[0] & 0xff == 0
        },
    },
    Deviation {
        rule: "UNPACK, PACK ASCII and PACK UNICODE take all of the second operand (chapter 7); \
               QEMU loses its leftmost character.",
        meets: |case, _| is(case, &["unpk", "pka", "pku"]),
    },
    Deviation {
        rule: "What overlapping operands of MOVE INVERSE, UNPACK ASCII, UNPACK UNICODE and the \
               Unicode conversions give is unpredictable (chapter 7).",
        meets: |case, _| {
            is(case, &["mvcin", "unpka", "unpku"]) && operands_are_near(case)
                || mnemonic(case).starts_with("cu") && pair(case, R1) == pair(case, R2)
        },
    },
    Deviation {
        rule: "MOVE PAGE accesses an operand with the key in register 0 if that says so (chapter \
               10); QEMU takes no other key than the PSW's, and its user mode ends at an access \
               exception.",
        meets: |case, outcome| {
            let other_key = case.before.gr[0] & 0xc00 != 0;
            is(case, &["mvpg"]) && (other_key || ends_in(outcome, "addressing"))
        },
    },
];

/// Whether QEMU itself would end: it fails at a store characteristic of 0.
pub(super) fn ends_emulator(case: &Case) -> bool {
    is(case, &["csst"]) && case.before.gr[0] >> 8 & 0xff == 0
}
