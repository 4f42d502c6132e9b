//! Which facilities a machine has that executes the table's instructions.
//!
//! A facility is a promise of all its instructions and of behaviour. The
//! instructions are data here, the behaviour is why a facility has an entry at
//! all: one whose behaviour is missing has none. So the list of a guest says
//! what there is, and cannot say more.

use crate::ROWS;
use lowcore_arch::{Facility, FacilityList};

/// A facility and the instructions that it promises (manual, chapter 4,
/// "Facility Indications"; for facilities that only change instructions,
/// those, or none). What the floating-point-extension facility has for decimal
/// numbers comes with the decimal-floating-point facility.
pub type Promise = (Facility, &'static [&'static str]);

/// The facilities whose behaviour is there.
pub const PROMISES: &[Promise] = &[
    (
        Facility::N3,
        &[
            "alc", "alcr", "brasl", "brcl", "dl", "dlr", "epsw", "larl", "lrv", "lrvh", "lrvr",
            "ml", "mlr", "rll", "sam24", "sam31", "slb", "slbr", "stfl", "strv", "strvh", "tam",
        ],
    ),
    (Facility::Z_ARCHITECTURE, &["lg", "stg", "lctlg", "stctg", "lpswe", "sam64"]),
    (Facility::Z_ARCHITECTURE_ACTIVE, &["lg"]),
    (Facility::DAT_ENHANCEMENT, &["cspg", "idte"]),
    (Facility::IDTE_SEGMENT, &["idte"]),
    (Facility::IDTE_REGION, &["idte"]),
    (Facility::STFLE, &["stfle"]),
    (Facility::ENHANCED_DAT_1, &["pfmf", "sske", "ivsk", "lra", "lrag", "tprot"]),
    (Facility::SENSE_RUNNING_STATUS, &["sigp"]),
    (Facility::CONDITIONAL_SSKE, &["sske"]),
    (Facility::IPTE_RANGE, &["ipte"]),
    (Facility::NONQUIESCING_KEY_SETTING, &["sske"]),
    (
        Facility::EXTENDED_TRANSLATION_2,
        &["clclu", "mvclu", "pka", "pku", "tp", "troo", "trot", "trto", "trtt", "unpka", "unpku"],
    ),
    (Facility::LONG_DISPLACEMENT, LONG_DISPLACEMENT),
    (Facility::LONG_DISPLACEMENT_FAST, LONG_DISPLACEMENT),
    (
        Facility::EXTENDED_IMMEDIATE,
        &[
            "afi", "agfi", "alfi", "algfi", "cfi", "cgfi", "clfi", "clgfi", "flogr", "iihf",
            "iilf", "lbr", "lgbr", "lgfi", "lghr", "lhr", "llc", "llcr", "llgcr", "llghr", "llh",
            "llhr", "llihf", "llilf", "lt", "ltg", "nihf", "nilf", "oihf", "oilf", "slfi", "slgfi",
            "xihf", "xilf",
        ],
    ),
    (Facility::EXTENDED_TRANSLATION_3, &["cu14", "cu24", "cu41", "cu42", "srstu", "trtr"]),
    (Facility::ETF2_ENHANCEMENT, &["troo", "trot", "trto", "trtt"]),
    (Facility::STORE_CLOCK_FAST, &["stckf"]),
    (Facility::PARSING_ENHANCEMENT, &["trte", "trtre"]),
    (Facility::MOVE_WITH_OPTIONAL_SPECIFICATIONS, &["mvcos"]),
    (Facility::TOD_CLOCK_STEERING, &["ptff"]),
    (Facility::ETF3_ENHANCEMENT, &["cu12", "cu14", "cu21", "cu24"]),
    (Facility::EXTRACT_CPU_TIME, &["ectg"]),
    (Facility::COMPARE_AND_SWAP_AND_STORE, &["csst"]),
    (Facility::COMPARE_AND_SWAP_AND_STORE_2, &["csst"]),
    (
        Facility::GENERAL_INSTRUCTIONS_EXTENSION,
        &[
            "agsi", "algsi", "alsi", "asi", "cgfrl", "cgh", "cghrl", "cghsi", "cgib", "cgij",
            "cgit", "cgrb", "cgrj", "cgrl", "cgrt", "chhsi", "chrl", "chsi", "cib", "cij", "cit",
            "clfhsi", "clfit", "clgfrl", "clghrl", "clghsi", "clgib", "clgij", "clgit", "clgrb",
            "clgrj", "clgrl", "clgrt", "clhhsi", "clhrl", "clib", "clij", "clrb", "clrj", "clrl",
            "clrt", "crb", "crj", "crl", "crt", "ecag", "laey", "lgfrl", "lghrl", "lgrl", "lhrl",
            "llgfrl", "llghrl", "llhrl", "lrl", "ltgf", "mfy", "mhy", "msfi", "msgfi", "mvghi",
            "mvhhi", "mvhi", "pfd", "pfdrl", "risbg", "rnsbg", "rosbg", "rxsbg", "stgrl", "sthrl",
            "strl",
        ],
    ),
    (Facility::EXECUTE_EXTENSIONS, &["exrl"]),
    (
        Facility::FLOATING_POINT_EXTENSION,
        &[
            "cdfbra", "cdgbra", "cdlfbr", "cdlgbr", "cefbra", "cegbra", "celfbr", "celgbr",
            "cfdbra", "cfebra", "cfxbra", "cgdbra", "cgebra", "cgxbra", "clfdbr", "clfebr",
            "clfxbr", "clgdbr", "clgebr", "clgxbr", "cxfbra", "cxgbra", "cxlfbr", "cxlgbr",
            "fidbra", "fiebra", "fixbra", "ldxbra", "ledbra", "lexbra", "srnmb",
        ],
    ),
    (Facility::LOAD_PROGRAM_PARAMETER, &["lpp"]),
    (
        Facility::FLOATING_POINT_SUPPORT,
        &["cpsdr", "lcdfr", "ldgr", "lfas", "lgdr", "lndfr", "lpdfr", "sfasr", "srnmt"],
    ),
    (Facility::DISTINCT_OPERANDS, DISTINCT_OPERANDS),
    (
        Facility::MISCELLANEOUS_INSTRUCTION_EXTENSIONS,
        &[
            "bpp", "bprp", "clgt", "clt", "lat", "lfhat", "lgat", "llgfat", "llgtat", "niai",
            "ppa", "risbgn",
        ],
    ),
    (Facility::LOCAL_TLB_CLEARING, &["idte", "ipte"]),
    (Facility::INTERLOCKED_ACCESS_2, &["ni", "niy", "oi", "oiy", "xi", "xiy"]),
    (Facility::RESET_REFERENCE_BITS_MULTIPLE, &["rrbm"]),
    (Facility::FETCH_STORE_INDICATION, &[]),
    (Facility::ENHANCED_DAT_2, &["pfmf", "idte", "crdte"]),
];

const LONG_DISPLACEMENT: &[&str] = &[
    "ahy", "aly", "ay", "cdsy", "chy", "cliy", "clmy", "cly", "csy", "cvby", "cvdy", "cy", "icmy",
    "icy", "lamy", "lay", "lb", "ldy", "ley", "lgb", "lhy", "lmy", "lray", "ly", "msy", "mviy",
    "niy", "ny", "oiy", "oy", "shy", "sly", "stamy", "stcmy", "stcy", "stdy", "stey", "sthy",
    "stmy", "sty", "sy", "tmy", "xiy", "xy",
];

/// Several facilities share one bit.
const DISTINCT_OPERANDS: &[&str] = &[
    // Distinct operands.
    "aghik", "agrk", "ahik", "alghsik", "algrk", "alhsik", "alrk", "ark", "ngrk", "nrk", "ogrk",
    "ork", "sgrk", "slak", "slgrk", "sllk", "slrk", "srak", "srk", "srlk", "xgrk", "xrk",
    // High word.
    "ahhhr", "ahhlr", "aih", "alhhhr", "alhhlr", "alsih", "alsihn", "brcth", "chf", "chhr", "chlr",
    "cih", "clhf", "clhhr", "clhlr", "clih", "lbh", "lfh", "lhh", "llch", "llhh", "risbhg",
    "risblg", "shhhr", "shhlr", "slhhhr", "slhhlr", "stch", "stfh", "sthh",
    // Interlocked access 1.
    "laa", "laag", "laal", "laalg", "lan", "lang", "lao", "laog", "lax", "laxg", "lpd", "lpdg",
    // Load/store on condition, population count.
    "loc", "locg", "locgr", "locr", "popcnt", "stoc", "stocg",
];

/// Whether a row has this mnemonic.
fn exists(mnemonic: &str) -> bool {
    ROWS.iter().any(|row| row.mnemonic == mnemonic)
}

/// The facilities of a machine that has all of this crate's instructions and
/// executes them as the manual says: those whose promise the table keeps.
///
/// ```
/// let list = lowcore_isa::facility::facilities();
/// assert!(list.has(lowcore_arch::Facility::STFLE));
/// assert!(!list.has(lowcore_arch::Facility::VECTOR));
/// ```
#[must_use]
pub fn facilities() -> FacilityList {
    PROMISES
        .iter()
        .filter(|(_, instructions)| instructions.iter().all(|mnemonic| exists(mnemonic)))
        .fold(FacilityList::default(), |list, (facility, _)| list.with(*facility))
}

/// The instructions that the table lacks of each facility that has an entry,
/// facilities without a lack left out.
#[must_use]
pub fn lacking() -> Vec<(Facility, Vec<&'static str>)> {
    PROMISES
        .iter()
        .map(|(facility, instructions)| {
            let missing = instructions.iter().copied().filter(|name| !exists(name));
            (*facility, missing.collect::<Vec<_>>())
        })
        .filter(|(_, missing)| !missing.is_empty())
        .collect()
}
