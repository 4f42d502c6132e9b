//! The search for differences between the interpreter and the oracle, by
//! random cases, and the smallest case that still shows one.

use super::{Error, Observed, Oracle, differences, mnemonic, obstacle};
use crate::ins::{Case, Machine, Outcome, State, random};
use lowcore_isa::Row;
use std::collections::{BTreeMap, BTreeSet};

/// What a search found.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that both executed.
    pub compared: usize,
    /// Cases that the oracle could not check.
    pub unchecked: usize,
    /// By mnemonic, how the instructions ended: condition codes and
    /// exceptions.
    pub endings: BTreeMap<&'static str, BTreeSet<String>>,
    /// One description for each mnemonic with differences, shrunk.
    pub differences: Vec<String>,
}

/// Executes a case: the interpreter, unless a test wants to see a wrong one
/// found.
pub type Execute<'a> = dyn FnMut(&Case) -> Result<Outcome, lowcore_host::Fault> + 'a;

/// How a case with this outcome ended.
#[must_use]
pub fn ending(outcome: &Outcome) -> String {
    match &outcome.end {
        Some(end) => format!("!{end}"),
        None => format!("cc{}", outcome.state.psw.condition_code()),
    }
}

/// Compares `count` random cases of the given rows.
///
/// # Errors
/// The oracle's.
pub fn search(
    oracle: &Oracle,
    rows: &[&Row],
    seed: u64,
    count: usize,
    execute: &mut Execute<'_>,
) -> Result<Report, Error> {
    let mut random = random::Random::new(seed);
    let mut report = Report::default();
    let mut cases = Vec::new();
    for row in rows.iter().cycle().take(count) {
        let mut case = random::case(row, &mut random);
        case.outcome = execute(&case)?;
        if obstacle(&case, &case.outcome).is_some() {
            report.unchecked += 1;
            continue;
        }
        report.endings.entry(row.mnemonic).or_default().insert(ending(&case.outcome));
        cases.push(case);
    }
    report.compared = cases.len();
    let mut reported = BTreeSet::new();
    for (case, theirs) in cases.iter().zip(oracle.run(&cases)?) {
        let differs = !differences(case, &case.outcome, &theirs).is_empty();
        if differs && reported.insert(mnemonic(case)) {
            let (smallest, theirs) = shrink(oracle, case.clone(), theirs, execute)?;
            let lines = differences(&smallest, &smallest.outcome, &theirs);
            report.differences.push(lines.join("\n    "));
        }
    }
    Ok(report)
}

/// Simpler cases: each has one thing less.
fn simpler(case: &Case) -> Vec<Case> {
    let default = State::default();
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut State)| {
        let mut simple = case.clone();
        change(&mut simple.before);
        if simple.before != case.before {
            all.push(simple);
        }
    };
    with(&|state| {
        state.ar = default.ar;
        state.fpr = default.fpr;
        state.storage.clear();
    });
    with(&|state| state.ar = default.ar);
    with(&|state| state.fpr = default.fpr);
    with(&|state| state.fpc = default.fpc);
    with(&|state| state.psw.mask = default.psw.mask);
    with(&|state| state.psw.set_condition_code(0));
    // Large groups first: each step costs a run of the oracle.
    for size in [16, 8, 4, 2, 1] {
        for start in (0..16).step_by(size) {
            let group = start..start + size;
            with(&|state| state.gr[group.clone()].copy_from_slice(&default.gr[group.clone()]));
            with(&|state| state.fpr[group.clone()].copy_from_slice(&default.fpr[group.clone()]));
            with(&|state| state.ar[group.clone()].copy_from_slice(&default.ar[group.clone()]));
        }
    }
    for start in case.before.storage.keys().step_by(8) {
        with(&|state| state.storage.retain(|at, _| !(*start..*start + 8).contains(at)));
    }
    all
}

/// Takes things away from a case as long as it still differs.
fn shrink(
    oracle: &Oracle,
    mut case: Case,
    mut theirs: Observed,
    execute: &mut Execute<'_>,
) -> Result<(Case, Observed), Error> {
    const ROUNDS: usize = 60;
    for _ in 0..ROUNDS {
        let mut candidates = Vec::new();
        for mut simple in simpler(&case) {
            simple.outcome = execute(&simple)?;
            // A branch to itself would not end.
            let ends = simple.outcome.end.is_some()
                || simple.outcome.state.psw.addr != simple.before.psw.addr;
            if ends && obstacle(&simple, &simple.outcome).is_none() {
                candidates.push(simple);
            }
        }
        let results = oracle.run(&candidates)?;
        let still = candidates
            .into_iter()
            .zip(results)
            .find(|(simple, theirs)| !differences(simple, &simple.outcome, theirs).is_empty());
        match still {
            Some((simple, seen)) => (case, theirs) = (simple, seen),
            None => break,
        }
    }
    Ok((case, theirs))
}

/// A search with the interpreter itself.
///
/// # Errors
/// The oracle's.
pub fn search_interpreter(
    oracle: &Oracle,
    machine: &mut Machine,
    rows: &[&Row],
    seed: u64,
    count: usize,
) -> Result<Report, Error> {
    search(oracle, rows, seed, count, &mut |case| machine.run(case))
}
