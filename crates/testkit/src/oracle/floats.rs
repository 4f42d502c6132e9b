//! Rules of floating point that QEMU 7.2 does not follow.

use super::{Deviation, mnemonic};
use crate::ins::Case;
use lowcore_arch::bits;

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
];
