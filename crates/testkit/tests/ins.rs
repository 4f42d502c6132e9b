//! Every line of the instruction tests on the interpreter and, where it can
//! be, on the oracle; then random instructions against the oracle.
//!
//! `LOWCORE_SEED` and `LOWCORE_CASES` choose the random cases.

use lowcore_isa::format::Operand;
use lowcore_isa::{ROWS, Row, effects};
use lowcore_testkit::ins::{Case, Machine, all_lines};
use lowcore_testkit::oracle::search::{ending, search, search_interpreter};
use lowcore_testkit::oracle::system::{self, System};
use lowcore_testkit::oracle::{Oracle, deviation, differences, mnemonic, obstacle};
use std::collections::{BTreeMap, BTreeSet};

/// All lines, with file name and line number.
fn lines() -> Vec<(String, Case)> {
    all_lines().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_line_runs_on_the_interpreter() {
    let mut machine = Machine::new().unwrap();
    let mut wrong = Vec::new();
    for (place, case) in lines() {
        let outcome = machine.run(&case).unwrap();
        if outcome != case.outcome {
            let actual = Case { outcome, ..case.clone() };
            wrong.push(format!("{place}: {case}\n   does: {actual}"));
        }
    }
    assert!(wrong.is_empty(), "{} lines fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_oracles_agree_with_every_line_they_can_check() {
    let lines = lines();
    let (easy, rest): (Vec<_>, Vec<_>) =
        lines.iter().partition(|(_, case)| obstacle(case, &case.outcome).is_none());
    let mut wrong = Vec::new();
    let mut checked = easy.len();
    let cases: Vec<_> = easy.iter().map(|(_, case)| case.clone()).collect();
    for ((place, case), theirs) in easy.iter().zip(Oracle::new().unwrap().run(&cases).unwrap()) {
        let lines = differences(case, &case.outcome, &theirs);
        if !lines.is_empty() {
            wrong.push(format!("{place}: {}", lines.join("\n    ")));
        }
    }
    // What the problem state cannot show, and what QEMU's two forms may see
    // differently, goes to the full machine.
    let mut unchecked: BTreeMap<&str, usize> = BTreeMap::new();
    let (hard, impossible): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|(_, case)| system::obstacle(case, &case.outcome).is_none());
    for (_, case) in impossible {
        *unchecked.entry(system::obstacle(case, &case.outcome).unwrap()).or_default() += 1;
    }
    let cases: Vec<_> = hard.iter().map(|(_, case)| case.clone()).collect();
    let outcomes = System::new().unwrap().run(&cases).unwrap();
    for ((place, case), outcome) in hard.into_iter().zip(outcomes) {
        if outcome == case.outcome {
            checked += 1;
        } else if let Some(rule) = deviation(case, &case.outcome) {
            *unchecked.entry(rule).or_default() += 1;
        } else {
            let theirs = Case { outcome, ..case.clone() };
            wrong.push(format!("{place}: {case}\n    the oracle: {theirs}"));
        }
    }
    println!("{checked} of {} lines were checked by an oracle, not:", lines.len());
    for (reason, count) in &unchecked {
        println!("{count:6} {reason}");
    }
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
    // Most others are of instructions that QEMU does not have.
    assert!(checked * 20 > lines.len() * 17, "The oracles must check 17 lines of 20.");
}

/// The instruction with register 2 and full masks in all fields.
fn sample(row: &Row) -> u64 {
    row.format.operands().iter().fold(row.template(), |raw, operand| {
        let value = if let Operand::Mask(_) = operand { 15 } else { 2 };
        let parts = lowcore_isa::format::Parts { value, index: 2, base: 2 };
        operand.place(raw, parts)
    })
}

#[test]
fn every_row_has_lines_for_its_endings() {
    let mut endings: BTreeMap<&str, (usize, BTreeSet<String>)> = BTreeMap::new();
    for (_, case) in lines() {
        let entry = endings.entry(mnemonic(&case)).or_default();
        entry.0 += 1;
        entry.1.insert(ending(&case.outcome));
    }
    let mut lacking = Vec::new();
    for row in ROWS {
        let Some((count, seen)) = endings.get(row.mnemonic) else {
            lacking.push(format!("{} has no line", row.mnemonic));
            continue;
        };
        println!(
            "{:8} {count:4} {}",
            row.mnemonic,
            seen.iter().cloned().collect::<Vec<_>>().join(" ")
        );
        let has = |name: &str| seen.iter().any(|ending| ending.starts_with(name));
        let effects = effects::of(row, sample(row));
        let mut want = |name: &str, wanted: bool| {
            if wanted && !has(name) {
                lacking.push(format!("{} lacks {name}", row.mnemonic));
            }
        };
        // Fields that can be read as these endings but never are: a negated
        // word always fits in a doubleword, a relative target is even.
        let impossible = |name: &str| match row.mnemonic {
            "lcgfr" | "lpgfr" => name == "fixed-point-overflow",
            "exrl" => name == "specification",
            _ => false,
        };
        // An instruction that completes, or that others complete, or that is
        // there for its exceptions only.
        let elsewhere = ["!intercept", "!svc", "!sigp", "!set-clock"].iter().any(|name| has(name))
            || ["bsg", "pc", "trap2", "trap4"].contains(&row.mnemonic)
            || ["stck", "stckf", "stcke"].contains(&row.mnemonic);
        want("cc", !elsewhere);
        want("!privileged-operation", row.rules.privileged);
        want("!specification", row.rules.even != 0);
        want("!addressing", effects.loads + effects.stores > 0 && row.mnemonic != "stfl");
        for code in &effects.raises {
            let name = lowcore_testkit::ins::name_of(*code);
            want(&format!("!{name}"), !impossible(&name));
        }
        let codes = seen.iter().filter(|ending| ending.starts_with("cc")).count();
        if row.rules.sets_cc && !elsewhere && codes < least_codes(row) {
            lacking.push(format!("{} has only {codes} condition codes", row.mnemonic));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

/// How many condition codes the lines of an instruction must show.
fn least_codes(row: &Row) -> usize {
    match row.mnemonic {
        // Storage is never bad.
        "tb" => 1,
        "mvst" | "cksm" => 2,
        "mvcp" | "mvcs" | "mvck" | "mvcos" | "crdte" | "esta" | "pr" => 2,
        // A function is done or not available.
        "ptff" => 2,
        // Always a value of 32 bits, so never the overflow.
        "lcgfr" | "lpgfr" | "lngfr" | "lnr" | "lngr" => 2,
        // Of one sign.
        "lper" | "lpdr" | "lner" | "lndr" => 2,
        // The class is one of those, or is not.
        "tceb" | "tcdb" | "tcxb" => 2,
        // Without other CPUs both operands always stay what they were.
        "lpd" | "lpdg" => 1,
        "rnsbg" | "rosbg" | "rxsbg" | "flogr" | "popcnt" | "ts" => 2,
        "lan" | "lang" | "lao" | "laog" | "lax" | "laxg" => 2,
        name if name.starts_with("tml") || name.starts_with("tmh") => 4,
        name if ["n", "o", "x", "cs", "cds", "ex", "stfle"].iter().any(|s| name.starts_with(s)) => {
            2
        }
        name if name.starts_with("al") || name.starts_with("sl") && !name.starts_with("sla") => 3,
        name if name.starts_with('a') || name.starts_with("sla") => 4,
        _ => 3,
    }
}

#[test]
fn the_clock_is_stored() {
    // Lines cannot know its value. 2020 to 2100 in TOD units.
    const SANE: core::ops::Range<u64> = 0xd740_0000_0000_0000..u64::MAX;
    let mut machine = Machine::new().unwrap();
    let mut last = 0;
    for text in ["stck 0(%r1)", "stckf 0(%r1)", "stcke 0(%r1)"] {
        let case = Case::prepare(text, "cc=3 r1=200000").unwrap();
        let outcome = machine.run(&case).unwrap();
        assert_eq!((outcome.end, outcome.state.psw.condition_code()), (None, 0), "{text}");
        let stored: Vec<_> =
            (0x20_0000..0x20_0010).map(|at| outcome.state.storage.get(&at).copied()).collect();
        // STORE CLOCK EXTENDED puts an epoch index first, here zero.
        let start = usize::from(text.starts_with("stcke"));
        let clock = stored[start..start + 8]
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(byte.unwrap_or(0)));
        assert!(SANE.contains(&clock) && clock >= last, "{text}: {clock:x}");
        last = clock;
        assert!(stored[start + 8..].iter().all(Option::is_none), "{text}");
    }
}

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_instructions_agree_with_the_oracle() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = environment("LOWCORE_SEED").unwrap_or(now.as_secs());
    let count = environment("LOWCORE_CASES").unwrap_or(30_000);
    println!("LOWCORE_SEED={seed} LOWCORE_CASES={count}");
    let oracle = Oracle::new().unwrap();
    let mut machine = Machine::new().unwrap();
    let rows: Vec<_> = ROWS.iter().collect();
    let count = usize::try_from(count).unwrap();
    let report = search_interpreter(&oracle, &mut machine, &rows, seed, count).unwrap();
    println!("{} cases compared, {} not", report.compared, report.unchecked);
    for (name, endings) in &report.endings {
        println!("{name:8} {}", endings.iter().cloned().collect::<Vec<_>>().join(" "));
    }
    assert!(
        report.differences.is_empty(),
        "LOWCORE_SEED={seed} finds:\n{}",
        report.differences.join("\n")
    );
    if count >= 10 * ROWS.len() {
        let is_left = |row: &&&Row| {
            !report.endings.contains_key(row.mnemonic) && !UNCOMPARED.contains(&row.mnemonic)
        };
        for row in rows.iter().filter(is_left) {
            // Some are compared in few cases of many.
            let report = search_interpreter(&oracle, &mut machine, &[row], seed, 2000).unwrap();
            assert!(!report.endings.is_empty(), "no random case of {} is compared", row.mnemonic);
            assert!(report.differences.is_empty(), "{}", report.differences.join("\n"));
        }
    }
}

/// Rows whose random cases the oracle cannot check: they have lines instead.
const UNCOMPARED: [&str; 81] = [
    "bakr", "bassm", "bsa", "bsg", "bsm", "cfc", "cmpsc", "cpya", "crdte", "cuse", "cvb", "cvbg",
    "cvby", "cvdg", "didbr", "diebr", "ecag", "ectg", "epar", "epsw", "ereg", "eregg", "esar",
    "esea", "esta", "iac", "ipk", "ivsk", "lasp", "lcdr", "lcer", "lmd", "lndr", "lner", "lpdr",
    "lper", "lra", "lrag", "lray", "ltdr", "lter", "mdeb", "mdebr", "msta", "mvcdk", "mvck",
    "mvcos", "mvcp", "mvcs", "mvcsk", "mxdb", "mxdbr", "palb", "pc", "pka", "pku", "plo", "pr",
    "pt", "ptff", "rp", "sac", "sacf", "ssar", "stck", "stcke", "stckf", "stfle", "stmh", "strag",
    "svc", "tar", "tp", "trace", "tracg", "trap2", "trap4", "trte", "trtre", "unpk", "upt",
];

#[test]
fn a_wrong_instruction_is_found() {
    // The interpreter executes a look-alike; the search must notice.
    let oracle = Oracle::new().unwrap();
    let mut machine = Machine::new().unwrap();
    for (right, wrong) in [
        ("a", "al"),
        ("agf", "algf"),
        ("sra", "srl"),
        ("slag", "sllg"),
        ("lgf", "llgf"),
        ("cgfi", "clgfi"),
        ("tmy", "cliy"),
        ("alc", "aly"),
        ("icm", "clm"),
        ("d", "m"),
        ("brxh", "brxle"),
        ("clgij", "cgij"),
        ("stcm", "icm"),
        ("csg", "csy"),
        ("nihf", "nilf"),
        ("mvhhi", "mvhi"),
    ] {
        let find = |name| ROWS.iter().find(|row| row.mnemonic == name).unwrap();
        let (right, wrong): (&Row, &Row) = (find(right), find(wrong));
        let mut execute = |case: &Case| {
            let raw = case.code.raw() ^ right.template() ^ wrong.template();
            let code = lowcore_isa::Code::from_raw(raw);
            machine.run(&Case { code, ..case.clone() })
        };
        let report = search(&oracle, &[right], 1, 400, &mut execute).unwrap();
        assert_eq!(report.differences.len(), 1, "{} for {}", wrong.mnemonic, right.mnemonic);
        println!("{} for {}: {}", wrong.mnemonic, right.mnemonic, report.differences[0]);
    }
}
