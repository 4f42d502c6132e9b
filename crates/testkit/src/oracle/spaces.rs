//! Where QEMU's address spaces are not the manual's.

use super::{Deviation, mnemonic};
use crate::ins::{Case, Outcome};
use lowcore_arch::{Psw, bits};

/// Instructions that QEMU 7.2 does not have.
const LACKING: [&str; 28] = [
    "sac", "iac", "mvck", "mvcsk", "mvcdk", "strag", "palb", "crdte", "epar", "esar", "esea",
    "trace", "tracg", "tar", "lasp", "ssar", "pc", "pr", "pt", "bakr", "bsa", "bsg", "ereg",
    "eregg", "esta", "msta", "trap2", "trap4",
];

const LOAD_REAL: [&str; 3] = ["lra", "lray", "lrag"];

/// Moves with keys.
const MOVES: [&str; 3] = ["mvcp", "mvcs", "mvcos"];

fn is(case: &Case, names: &[&str]) -> bool {
    names.contains(&mnemonic(case))
}

fn ends_in(outcome: &Outcome, end: &str) -> bool {
    outcome.end.as_deref() == Some(end)
}

/// The address-space control of a PSW.
const fn space(psw: Psw) -> u64 {
    psw.mask >> 46 & 3
}

/// Whether QEMU itself would end: it has no access-register mode.
pub fn ends_emulator(case: &Case, outcome: &Outcome) -> bool {
    let in_mode = |psw: Psw| psw.has(Psw::DAT) && space(psw) == 1;
    in_mode(case.before.psw) || in_mode(outcome.state.psw)
}

/// Whether MOVE WITH OPTIONAL SPECIFICATIONS names a space by an access
/// register.
fn names_register(case: &Case) -> bool {
    let controls = case.before.gr[0];
    [controls, controls >> 16].iter().any(|control| control & 0xc1 == 0x41)
}

/// The address of the operand that a register alone designates.
fn second(case: &Case) -> u64 {
    case.before.gr[bits::index(case.code.raw() >> 32 & 15)]
}

/// Whether the first table at the place where the lines have theirs
/// designates a frame.
fn has_frame(case: &Case) -> bool {
    let is_frame = |at: &u64| case.before.storage.get(at).is_some_and(|byte| byte & 4 != 0);
    case.before.cr[0] & 0x80_0000 != 0 && [0x20_0006, 0x20_000e].iter().any(is_frame)
}

/// In the order in which they are looked for.
pub const DEVIATIONS: &[Deviation] = &[
    Deviation {
        rule: "QEMU does not have the instruction (chapter 10).",
        meets: |case, _| is(case, &LACKING),
    },
    Deviation {
        rule: "A switch from or to the home space is a space-switch event if an ASCE says so \
               (chapter 10, SET ADDRESS SPACE CONTROL FAST); QEMU has no such event.",
        meets: |_, outcome| ends_in(outcome, "space-switch"),
    },
    Deviation {
        rule: "SET ADDRESS SPACE CONTROL FAST may be executed in the problem state, and needs \
               translation and the secondary-space control (chapter 10, Special Conditions); \
               QEMU makes it privileged and checks nothing else.",
        meets: |case, outcome| {
            is(case, &["sacf"])
                && (case.before.psw.has(Psw::PROBLEM) || ends_in(outcome, "special-operation"))
        },
    },
    Deviation {
        rule: "The PSW-key mask has a bit for each of 16 keys (chapter 4, control register 3); \
               QEMU looks at another one, and in the problem state does not do MOVE WITH \
               OPTIONAL SPECIFICATIONS.",
        meets: |case, _| is(case, &MOVES) && case.before.psw.has(Psw::PROBLEM),
    },
    Deviation {
        rule: "Moves between spaces are subject to key-controlled protection under their own \
               keys (chapter 10, MOVE TO PRIMARY); QEMU does not look at keys.",
        meets: |case, outcome| {
            is(case, &MOVES) && !case.before.keys.is_empty() && ends_in(outcome, "protection")
        },
    },
    Deviation {
        rule: "An operand of MOVE WITH OPTIONAL SPECIFICATIONS may be in a space that an access \
               register names (chapter 10); QEMU has no such spaces.",
        meets: |case, _| is(case, &["mvcos"]) && names_register(case),
    },
    Deviation {
        rule: "LOAD REAL ADDRESS translates whether translation is on or not (chapter 10); with \
               it off, QEMU gives the address itself.",
        meets: |case, _| is(case, &LOAD_REAL) && !case.before.psw.has(Psw::DAT),
    },
    Deviation {
        rule: "LOAD REAL ADDRESS gives the addresses of invalid segment-table and page-table \
               entries with condition codes 1 and 2 (chapter 10); QEMU gives code 3.",
        meets: |case, outcome| {
            let code = outcome.state.psw.condition_code();
            is(case, &LOAD_REAL) && outcome.end.is_none() && matches!(code, 1 | 2)
        },
    },
    Deviation {
        rule: "Addressing and translation-specification exceptions of LOAD REAL ADDRESS are \
               program interruptions (chapter 10); QEMU gives condition code 3.",
        meets: |case, outcome| {
            is(case, &LOAD_REAL)
                && (ends_in(outcome, "addressing") || ends_in(outcome, "translation-specification"))
        },
    },
    Deviation {
        rule: "LOAD REAL ADDRESS leaves bits 0-31 alone with condition code 3, and in the \
               31-bit mode (chapter 10); QEMU makes them zero.",
        meets: |case, outcome| {
            let r1 = bits::index(case.code.raw() >> 52 & 15);
            is(case, &LOAD_REAL)
                && outcome.state.gr[r1] >> 32 != 0
                && outcome.state.gr[r1] >> 32 == case.before.gr[r1] >> 32
        },
    },
    Deviation {
        rule: "Segment-table and region-third-table entries may designate frames (chapter 3, \
               Enhanced-DAT Facilities); QEMU 7.2 has no such facilities.",
        meets: |case, _| is(case, &LOAD_REAL) && has_frame(case),
    },
    Deviation {
        rule: "The operand of LOAD and STORE USING REAL ADDRESS must be aligned (chapter 10, \
               Program Exceptions); QEMU does not look.",
        meets: |case, _| {
            let size = if is(case, &["lura", "stura"]) { 4 } else { 8 };
            is(case, &["lura", "lurag", "stura", "sturg"]) && second(case) & (size - 1) != 0
        },
    },
    Deviation {
        rule: "TEST PROTECTION tests the storage key and leaves it alone (chapter 10); QEMU \
               does the contrary.",
        meets: |case, _| is(case, &["tprot"]) && !case.before.keys.is_empty(),
    },
    Deviation {
        rule: "With the IPTE-range facility R3 tells of more entries (chapter 10, INVALIDATE \
               PAGE TABLE ENTRY); QEMU does not have it.",
        meets: |case, _| is(case, &["ipte"]) && case.code.raw() >> 44 & 15 != 0,
    },
];
