//! Many programs against the oracle, and the smallest one that differs.

use super::generate::{Trace, generate, replay};
use super::rows::entries;
use super::{Finish, Machine, Program, SLOTS, differences};
use crate::oracle::{Error, Oracle};
use lowcore_host::Fault;
use lowcore_isa::{ROWS, decode, instruction_length};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Programs in one process of the emulator.
const BATCH: u64 = 1000;
/// Differences that are described.
const DESCRIBED: usize = 4;

/// How often a row was executed, and how.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// How often it completed, by condition code.
    pub codes: [u64; 4],
    /// How often it ended in which exception.
    pub exceptions: BTreeMap<String, u64>,
}

/// What a campaign found.
#[derive(Debug)]
pub struct Report {
    /// Programs compared.
    pub programs: u64,
    /// By row number.
    pub counts: Vec<Count>,
    /// Differences, each shrunk and described. At most one for a first
    /// differing mnemonic.
    pub differences: Vec<String>,
    /// Programs that differed once, but not when the oracle executed them again: a
    /// signal may make QEMU's user mode begin an instruction anew that has stored.
    pub unsteady: u64,
    /// Programs that differed.
    pub differing: u64,
    /// How many of them the oracle ended at which instruction, and how.
    pub places: BTreeMap<String, u64>,
}

impl Default for Report {
    fn default() -> Self {
        let counts = vec![Count::default(); ROWS.len()];
        Self {
            programs: 0,
            counts,
            differences: Vec::new(),
            unsteady: 0,
            differing: 0,
            places: BTreeMap::new(),
        }
    }
}

impl Report {
    fn add(&mut self, trace: &Trace) {
        for (row, code) in &trace.completed {
            self.counts[usize::from(*row)].codes[usize::from(*code)] += 1;
        }
        if let Some((row, name)) = &trace.exception {
            let exceptions = &mut self.counts[usize::from(*row)].exceptions;
            *exceptions.entry(name.clone()).or_default() += 1;
        }
    }

    /// A line for each row: how often it ran, condition codes and exceptions,
    /// or why it did not.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (entry, count) in entries().iter().zip(&self.counts) {
            let total = count.codes.iter().sum::<u64>() + count.exceptions.values().sum::<u64>();
            // A String takes everything.
            let _ = write!(text, "{:8} {total:9}", entry.row.mnemonic);
            if let Some(reason) = entry.without {
                let _ = write!(text, " {reason}");
            }
            for (code, times) in count.codes.iter().enumerate() {
                if *times > 0 && entry.row.rules.sets_cc {
                    let _ = write!(text, " cc{code} {times}");
                }
            }
            for (name, times) in &count.exceptions {
                let _ = write!(text, " !{name} {times}");
            }
            text.push('\n');
        }
        text
    }

    /// Rows that never ran and are not excused.
    #[must_use]
    pub fn lacking(&self) -> Vec<&'static str> {
        let none = |count: &Count| count.codes == [0; 4] && count.exceptions.is_empty();
        let rows = entries().iter().zip(&self.counts);
        rows.filter(|(entry, count)| entry.without.is_none() && none(count))
            .map(|(entry, _)| entry.row.mnemonic)
            .collect()
    }
}

/// Executes a program: [`at_once`], unless a test wants to see a wrong engine
/// found.
pub type Execute = dyn Fn(&Program, &mut Machine) -> Result<Finish, Fault>;

/// Compares the programs of `count` seeds from `seed` on. `each` hears of every
/// batch.
///
/// # Errors
/// The oracle's.
pub fn campaign(
    oracle: &Oracle,
    seed: u64,
    count: u64,
    execute: &Execute,
    each: &mut dyn FnMut(&Report),
) -> Result<Report, Error> {
    let mut machine = Machine::new()?;
    let mut report = Report::default();
    let mut reported = BTreeSet::new();
    while report.programs < count {
        let start = seed.wrapping_add(report.programs);
        let size = BATCH.min(count - report.programs);
        let mut made = Vec::new();
        let mut ours = Vec::new();
        for n in 0..size {
            let (program, trace) = generate(start.wrapping_add(n), &mut machine)?;
            let steps = machine.finish_of(&trace)?;
            let whole = execute(&program, &mut machine)?;
            // The search tells about a wrong engine.
            if steps != whole && at_once(&program, &mut machine)? == whole {
                let lines = differences(&whole, &steps).join("\n    ");
                report.differing += 1;
                report.differences.push(format!(
                    "{program}executed at once (first) and by single steps (\"the oracle\"):\n    {lines}"
                ));
            }
            report.add(&trace);
            made.push(program);
            ours.push(whole);
        }
        report.programs += size;
        let theirs = oracle.run_programs(&made)?;
        for ((program, ours), theirs) in made.into_iter().zip(ours).zip(theirs) {
            if differences(&ours, &theirs).is_empty() {
                continue;
            }
            let again = oracle.run_programs(std::slice::from_ref(&program))?;
            if again.iter().all(|again| differences(&ours, again).is_empty()) {
                report.unsteady += 1;
                continue;
            }
            report.differing += 1;
            let place = program.code.get(&theirs.at).and_then(|code| decode(code.raw()));
            let place = format!("{} {:?}", place.map_or("", |row| row.mnemonic), theirs.end);
            *report.places.entry(place).or_default() += 1;
            if report.differences.len() >= DESCRIBED {
                continue;
            }
            let (program, ours, theirs) =
                shrink(oracle, &mut machine, execute, (program, ours, theirs))?;
            let last = program.code.iter().next_back().map(|(_, code)| code.raw());
            let name = last.and_then(decode).map_or("", |row| row.mnemonic);
            if reported.insert(name) {
                let lines = differences(&ours, &theirs).join("\n    ");
                report.differences.push(format!("{program}    {lines}"));
            }
        }
        each(&report);
    }
    Ok(report)
}

impl Machine {
    /// What has become of a program that was executed by single steps and
    /// has ended.
    fn finish_of(&self, trace: &Trace) -> Result<Finish, Fault> {
        let name = trace.exception.as_ref().map_or("operation", |(_, name)| name);
        self.finish(&(name.to_string(), trace.at))
    }
}

/// Executes a program in one go, without looking at its steps.
///
/// # Errors
/// The host's, if storage cannot be accessed.
pub fn at_once(program: &Program, machine: &mut Machine) -> Result<Finish, Fault> {
    machine.load(program)?;
    let ended = machine.run();
    let never = || ("never".to_string(), machine.regs.psw.addr);
    machine.finish(&ended.unwrap_or_else(never))
}

type Triple = (Program, Finish, Finish);

/// Programs that have one thing less.
fn simpler(program: &Program) -> Vec<Program> {
    let default = crate::ins::State::default();
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Program)| {
        let mut simple = program.clone();
        change(&mut simple);
        if simple != *program {
            all.push(simple);
        }
    };
    let start = program.before.psw.addr;
    // Ends earlier.
    for at in program.code.keys() {
        with(&|program| program.code.retain(|key, _| key < at));
    }
    // Begins later, the latest place first.
    for at in program.code.range(start + 1..SLOTS.start).map(|(at, _)| *at).rev() {
        with(&|program| {
            program.before.psw.addr = at;
            program.code.retain(|key, _| *key >= at);
        });
    }
    for at in program.code.keys() {
        with(&|program| {
            program.code.remove(at);
        });
    }
    with(&|program| program.data.clear());
    for n in 0..program.data.len() {
        with(&|program| {
            program.data.remove(n);
        });
    }
    for at in program.code.keys() {
        with(&|program| {
            if let Some(code) = program.code.get_mut(at) {
                *code = super::generate::nothing(instruction_length(code.raw()));
            }
        });
    }
    with(&|program| program.before.ar = default.ar);
    with(&|program| program.before.fpr = default.fpr);
    with(&|program| program.before.fpc = default.fpc);
    with(&|program| program.before.psw.mask = default.psw.mask);
    with(&|program| program.before.psw.set_condition_code(0));
    for n in 0..16 {
        with(&|program| program.before.gr[n] = default.gr[n]);
        with(&|program| program.before.fpr[n] = default.fpr[n]);
    }
    all
}

/// Takes things away from a program as long as it still differs.
fn shrink(
    oracle: &Oracle,
    machine: &mut Machine,
    execute: &Execute,
    mut best: Triple,
) -> Result<Triple, Error> {
    const ROUNDS: usize = 150;
    for _ in 0..ROUNDS {
        let mut candidates = Vec::new();
        for program in simpler(&best.0) {
            if replay(&program, machine)?.is_some() {
                let ours = execute(&program, machine)?;
                candidates.push((program, ours));
            }
        }
        let programs: Vec<_> = candidates.iter().map(|(program, _)| program.clone()).collect();
        let theirs = oracle.run_programs(&programs)?;
        let still = candidates.into_iter().zip(theirs);
        let smaller = still
            .map(|((program, ours), theirs)| (program, ours, theirs))
            .find(|(_, ours, theirs)| !differences(ours, theirs).is_empty());
        match smaller {
            Some(smaller) => best = smaller,
            None => break,
        }
    }
    Ok(best)
}
