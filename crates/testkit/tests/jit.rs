//! The compiler from the same bodies: instruction lines and random
//! instructions through compiled code, against what the lines say and what
//! the interpreter does.
//!
//! `LOWCORE_SEED` and `LOWCORE_CASES` choose the random cases.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_arch::Psw;
use lowcore_isa::{ROWS, Row};
use lowcore_jit::region::{Region, Shape};
use lowcore_jit::{Compiled, Compiler, Extras, Mode, Options};
use lowcore_testkit::ins::random::{self, Random};
use lowcore_testkit::ins::{Case, Machine, all_lines};
use lowcore_testkit::oracle::mnemonic;
use lowcore_testkit::sequence;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that must have code: integer, branch, load, store, condition code.
const NAMED: [&str; 43] = [
    "lr", "lgr", "l", "lg", "lgf", "llgc", "lmg", "st", "stg", "sth", "stmg", "la", "larl", "ar",
    "agr", "a", "ahi", "aghi", "slgr", "alcr", "slbgr", "mlgr", "dsgr", "dlgr", "nr", "xgr",
    "risbg", "sllg", "srag", "sla", "flogr", "cr", "cghi", "clgr", "tmll", "locgr", "brc", "bcr",
    "brct", "brctg", "crj", "basr", "cs",
];

/// All lines of instructions that there are, with file name and line number.
fn lines() -> Vec<(String, Case)> {
    all_lines().unwrap_or_else(|error| panic!("{error}"))
}

/// An engine that counts.
fn engine() -> Compiled {
    let extras = Extras { counts: true, ..Extras::default() };
    Compiled::new(Options { extras, patience: u32::MAX, ..Options::default() }).unwrap()
}

#[test]
fn every_row_has_code() {
    let mut compiler = Compiler::new().unwrap();
    let mode = Mode::of(Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0));
    let shape = Shape { limit: 1, ..Shape::default() };
    let (mut bytes, mut unguarded) = (0, 0);
    let mut has_code = |row: &&Row| {
        let fetch = |_| Ok::<_, ()>(Some(row.template()));
        let Some(region) = Region::find(0x100, mode, shape, fetch).unwrap() else { return false };
        let code = compiler.compile(&region, Extras::default(), 0);
        let code = code.unwrap_or_else(|error| panic!("{}: {error}", row.mnemonic));
        bytes += code.bytes.len();
        unguarded += code.unguarded;
        true
    };
    let (compiled, left): (Vec<&Row>, Vec<&Row>) = ROWS.iter().partition(|row| has_code(row));
    let count = compiled.len();
    println!("{count} of {} rows have code, {} bytes on average", ROWS.len(), bytes / count);
    println!("{unguarded} accesses are not guarded");
    let names = |rows: &[&Row]| rows.iter().map(|row| row.mnemonic).collect::<BTreeSet<_>>();
    for name in NAMED {
        assert!(names(&compiled).contains(name), "{name} has no code");
    }
    assert_eq!(names(&left), BTreeSet::new());
}

#[test]
fn every_line_runs_through_compiled_code() {
    let mut machine = Machine::new().unwrap();
    let mut engine = engine();
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
            *rows.entry(name).or_default() += 1;
        } else {
            // Only what ends in an exception, crosses pages or is recorded.
            let psw = case.before.psw;
            let completes = case.outcome.end.is_none() && !psw.has(Psw::PER);
            let crosses = psw.addr % 0x1000 + case.code.bytes().len() as u64 > 0x1000;
            assert!(!completes || crosses, "{place}: {case} was interpreted");
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
    let mut engine = engine();
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
    // What ends in an exception is the interpreter's.
    assert!(counts.compiled > 3 * counts.interpreted, "{counts:?}");
}

/// Random programs, of each engine the same as of the interpreter.
fn compare_programs(name: &str, options: Options) {
    let seed = environment("LOWCORE_SEED").unwrap_or(1);
    let count = environment("LOWCORE_PROGRAMS").unwrap_or(1000);
    println!("LOWCORE_SEED={seed} LOWCORE_PROGRAMS={count}");
    let engine = Compiled::new(Options { patience: u32::MAX, ..options }).unwrap();
    let mut interpreting = sequence::Machine::new().unwrap();
    let mut compiling = sequence::Machine::with_engine(Box::new(engine)).unwrap();
    let mut wrong = Vec::new();
    for seed in seed..seed + count {
        let (program, _) = sequence::generate::generate(seed, &mut interpreting).unwrap();
        let interpreted = sequence::at_once(&program, &mut interpreting).unwrap();
        let compiled = sequence::at_once(&program, &mut compiling).unwrap();
        let breaking = [&interpreting, &compiling].map(|machine| machine.regs.breaking_event);
        if compiled != interpreted || breaking[0] != breaking[1] {
            wrong.push(format!(
                "{program}\ninterpreted: {interpreted:x?}\n{name}: {compiled:x?}\n{breaking:x?}"
            ));
        }
    }
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{} of {count} differ, such as\n{}", wrong.len(), wrong[0]);
}

#[test]
fn random_programs_agree_with_the_interpreter() {
    compare_programs("compiled", Options::default());
}

#[test]
fn random_programs_agree_by_single_instructions() {
    let shape = Shape { limit: 1, ..Shape::default() };
    compare_programs("compiled", Options { shape, ..Options::default() });
}

#[test]
fn random_programs_agree_where_interpreter_and_code_take_turns() {
    let options = Options { in_background: true, hot: 2, ..Options::default() };
    compare_programs("in turns", options);
}

/// Where there is room for a few regions only, everything is forgotten again
/// and again.
#[test]
fn random_programs_agree_where_there_is_little_room() {
    for in_background in [false, true] {
        let options = Options { in_background, hot: 2, room: 1 << 13, ..Options::default() };
        compare_programs("with little room", options);
    }
}

#[test]
fn a_wrong_instruction_is_found() {
    // A look-alike runs through compiled code; the lines must notice.
    let mut machine = Machine::new().unwrap();
    let mut engine = engine();
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
