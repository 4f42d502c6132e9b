//! The compiler from the same bodies: instruction lines and random
//! instructions through compiled code, against what the lines say and what
//! the interpreter does.
//!
//! `LOWCORE_SEED` and `LOWCORE_CASES` choose the random cases.

use lowcore_arch::{AddressingMode, Psw};
use lowcore_isa::{ROWS, Row, decode};
use lowcore_jit::{Compiled, Compiler, Error, Place};
use lowcore_testkit::ins::random::{self, Random};
use lowcore_testkit::ins::{CODE, Case, Machine, all_lines};
use lowcore_testkit::oracle::mnemonic;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that must have code: integer, branch, load, store, condition code.
const NAMED: [&str; 43] = [
    "lr", "lgr", "l", "lg", "lgf", "llgc", "lmg", "st", "stg", "sth", "stmg", "la", "larl", "ar",
    "agr", "a", "ahi", "aghi", "slgr", "alcr", "slbgr", "mlgr", "dsgr", "dlgr", "nr", "xgr",
    "risbg", "sllg", "srag", "sla", "flogr", "cr", "cghi", "clgr", "tmll", "locgr", "brc", "bcr",
    "brct", "brctg", "crj", "basr", "cs",
];

/// Rows that the compiler leaves to the interpreter.
const LEFT: [&str; 2] = ["ex", "exrl"];

/// All lines of instructions that there are, with file name and line number.
fn lines() -> Vec<(String, Case)> {
    all_lines().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_row_has_code_but_execute() {
    let mut compiler = Compiler::new().unwrap();
    let mut bytes = 0;
    let mut has_code = |row: &&Row| {
        let mode = AddressingMode::Bits64;
        let place = Place { address: CODE, length: row.length(), mode };
        match compiler.compile(row, row.template(), place) {
            Ok(code) => {
                bytes += code.bytes.len();
                true
            }
            Err(Error::Unsupported(_)) => false,
            Err(error) => panic!("{}: {error}", row.mnemonic),
        }
    };
    let (compiled, left): (Vec<&Row>, Vec<&Row>) = ROWS.iter().partition(|row| has_code(row));
    let count = compiled.len();
    println!("{count} of {} rows have code, {} bytes on average", ROWS.len(), bytes / count);
    let names = |rows: &[&Row]| rows.iter().map(|row| row.mnemonic).collect::<BTreeSet<_>>();
    for name in NAMED {
        assert!(names(&compiled).contains(name), "{name} has no code");
    }
    assert_eq!(names(&left), BTreeSet::from(LEFT));
}

#[test]
fn every_line_runs_through_compiled_code() {
    let mut machine = Machine::new().unwrap();
    let mut engine = Compiled::new().unwrap();
    let mut wrong = Vec::new();
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let mut left = 0;
    for (place, case) in lines() {
        let before = engine.counts();
        let outcome = machine.run_on(&case, &mut engine).unwrap();
        let after = engine.counts();
        if outcome != case.outcome {
            let actual = Case { outcome, ..case.clone() };
            wrong.push(format!("{place}: {case}\n   does: {actual}"));
        }
        let name = mnemonic(&case);
        if after.interpreted == before.interpreted {
            assert!(after.compiled > before.compiled, "{place}: nothing was executed");
            *rows.entry(name).or_default() += 1;
        } else {
            // Only what has no code, cannot be fetched or is recorded.
            let psw = case.before.psw;
            let fetched = psw.addr & 1 == 0 && decode(case.code.raw()).is_some();
            let fetched = fetched && !psw.has(Psw::PER);
            assert!(!fetched || LEFT.contains(&name), "{place}: {case} was interpreted");
            left += 1;
        }
    }
    println!("{} lines of {} rows ran, {left} did not", rows.values().sum::<usize>(), rows.len());
    for name in NAMED {
        println!("{name:6} {}", rows.get(name).copied().unwrap_or(0));
    }
    assert!(wrong.is_empty(), "{} lines fail:\n{}", wrong.len(), wrong.join("\n"));
    assert!(NAMED.iter().all(|name| rows.contains_key(name)));
}

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_instructions_agree_with_the_interpreter() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = environment("LOWCORE_SEED").unwrap_or(now.as_secs());
    let count = environment("LOWCORE_CASES").unwrap_or(5_000);
    println!("LOWCORE_SEED={seed} LOWCORE_CASES={count}");
    // What gives the time of day.
    let unsteady =
        |row: &&Row| !["stck", "stckf", "stcke", "stpt", "ectg", "ptff"].contains(&row.mnemonic);
    let mut random = Random::new(seed);
    let mut machine = Machine::new().unwrap();
    let mut engine = Compiled::new().unwrap();
    let mut wrong = Vec::new();
    let count = usize::try_from(count).unwrap();
    for row in ROWS.iter().filter(unsteady).cycle().take(count) {
        let mut case = random::case(row, &mut random);
        case.outcome = machine.run(&case).unwrap();
        let outcome = machine.run_on(&case, &mut engine).unwrap();
        if outcome != case.outcome {
            let compiled = Case { outcome, ..case.clone() };
            wrong.push(format!("interpreted: {case}\n   compiled: {compiled}"));
        }
    }
    println!("{:?}", engine.counts());
    assert!(wrong.is_empty(), "LOWCORE_SEED={seed} finds:\n{}", wrong.join("\n"));
    let counts = engine.counts();
    assert!(counts.compiled > 50 * counts.interpreted, "{counts:?}");
}

#[test]
fn a_wrong_instruction_is_found() {
    // A look-alike runs through compiled code; the lines must notice.
    let mut machine = Machine::new().unwrap();
    let mut engine = Compiled::new().unwrap();
    let lines = lines();
    for (right, wrong) in [
        ("a", "al"),
        ("slgr", "sgr"),
        ("srag", "srlg"),
        ("lgf", "llgf"),
        ("clgr", "cgr"),
        ("brct", "brctg"),
    ] {
        let template = |name| ROWS.iter().find(|row| row.mnemonic == name).unwrap().template();
        let difference = template(right) ^ template(wrong);
        let cases = lines.iter().filter(|(_, case)| mnemonic(case) == right);
        let failing = cases.filter(|(_, case)| {
            let code = lowcore_isa::Code::from_raw(case.code.raw() ^ difference);
            machine.run_on(&Case { code, ..case.clone() }, &mut engine).unwrap() != case.outcome
        });
        assert!(failing.count() > 0, "{wrong} passes for {right}");
    }
}
