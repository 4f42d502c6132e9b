//! Floating-point instructions on every way that there is: handlers that try
//! the host's arithmetic, routines (which crates/float's tests compare with
//! SoftFloat), and compiled code. Operands are drawn from boundaries.
//!
//! `LOWCORE_SEED` and `LOWCORE_CASES` choose them.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_arch::fpc;
use lowcore_isa::{Helper, ROWS, Row, effects};
use lowcore_jit::{Compiled, Extras, Options};
use lowcore_testkit::ins::random::{self, Random};
use lowcore_testkit::ins::{Case, Machine, all_lines};
use lowcore_testkit::oracle::mnemonic;

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn is_float(row: &Row) -> bool {
    effects::of(row, row.template()).helpers.iter().any(|helper| matches!(helper, Helper::Float(_)))
}

/// What the handlers and compiled code do otherwise than the routines.
fn differences(case: &mut Case, machine: &mut Machine, engine: &mut Compiled) -> Vec<String> {
    case.outcome = machine.run(case).unwrap();
    let handlers = ("a handler", machine.run_in_a_page(case).unwrap());
    let compiled = ("compiled", machine.run_on(case, engine).unwrap());
    let differs = [handlers, compiled].into_iter().filter(|(_, outcome)| *outcome != case.outcome);
    let lines = differs.map(|(who, outcome)| {
        format!("by a routine: {case}\n   {who}: {}", Case { outcome, ..case.clone() })
    });
    lines.collect()
}

#[test]
fn handlers_routines_and_compiled_code_agree() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = environment("LOWCORE_SEED").unwrap_or(now.as_secs());
    let each = environment("LOWCORE_CASES").unwrap_or(100);
    println!("LOWCORE_SEED={seed} LOWCORE_CASES={each}");
    let mut random = Random::new(seed);
    let mut machine = Machine::new().unwrap();
    let extras = Extras { counts: true, ..Extras::default() };
    let options = Options { extras, patience: u32::MAX, ..Options::default() };
    let mut engine = Compiled::new(options).unwrap();
    let mut wrong = Vec::new();
    let (mut cases, mut completed) = (0_u64, 0_u64);
    for row in ROWS.iter().filter(|row| is_float(row)) {
        for n in 0..each {
            let mut case = random::case(row, &mut random);
            // Mostly what the host's arithmetic may do: to nearest, no trap.
            if n % 4 != 0 {
                case.before.fpc &= !(fpc::MASKS | fpc::ROUNDING);
            }
            // An inexact result must raise the flag, and no other must.
            if n % 4 == 1 {
                case.before.fpc &= !fpc::FLAGS;
            }
            wrong.extend(differences(&mut case, &mut machine, &mut engine));
            cases += 1;
            completed += u64::from(case.outcome.end.is_none());
        }
    }
    println!("{cases} cases, {completed} completed, {:?}", engine.counts());
    assert!(wrong.is_empty(), "LOWCORE_SEED={seed} finds:\n{}", wrong.join("\n"));
    // What completes is never left to the interpreter.
    assert!(engine.counts().compiled >= completed && completed > cases / 2);
}

#[test]
fn every_line_agrees() {
    let mut machine = Machine::new().unwrap();
    let mut count = 0;
    let lines = all_lines().unwrap_or_else(|error| panic!("{error}"));
    for (place, case) in lines {
        let is_float = ROWS.iter().any(|row| row.mnemonic == mnemonic(&case) && is_float(row));
        if is_float {
            let outcome = machine.run_in_a_page(&case).unwrap();
            let actual = Case { outcome, ..case.clone() };
            assert_eq!(actual, case, "{place}: {case}\n   a handler: {actual}");
            count += 1;
        }
    }
    println!("{count} lines");
    assert!(count > 1000);
}
