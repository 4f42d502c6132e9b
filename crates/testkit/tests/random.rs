//! Random programs on the interpreter and on QEMU. `cargo xtask random` makes
//! more of them.
//!
//! `LOWCORE_SEED` and `LOWCORE_PROGRAMS` choose them.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use core::time::Duration;
use lowcore_isa::{Code, ROWS, Row, decode};
use lowcore_testkit::cross::Tool;
use lowcore_testkit::oracle::Oracle;
use lowcore_testkit::sequence::{Machine, Program, at_once, campaign};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_programs_agree_with_the_oracle() {
    let seed = environment("LOWCORE_SEED").unwrap_or(1);
    let count = environment("LOWCORE_PROGRAMS").unwrap_or(6000);
    println!("LOWCORE_SEED={seed} LOWCORE_PROGRAMS={count}");
    let oracle = Oracle::new().unwrap();
    let start = std::time::Instant::now();
    let mut shown = 0;
    let report = campaign(&oracle, seed, count, &at_once, &mut |report| {
        // A long run may be ended before its end.
        for difference in &report.differences[shown..] {
            println!("{difference}");
        }
        shown = report.differences.len();
        if report.programs.is_multiple_of(20_000) {
            let seconds = start.elapsed().as_secs();
            println!("{} programs, {} differ, {seconds} s", report.programs, report.differing);
        }
    })
    .unwrap();
    println!("{}", report.table());
    let executed: u64 = report.counts.iter().map(|count| count.codes.iter().sum::<u64>()).sum();
    println!(
        "{count} programs from seed {seed} on, {executed} instructions, {} differ, {} did once, \
         the oracle hung {} times",
        report.differing,
        report.unsteady,
        oracle.hung()
    );
    assert!(
        report.differences.is_empty(),
        "{} of {count} programs from seed {seed} on differ, at {:?}, among them:\n{}",
        report.differing,
        report.places,
        report.differences.join("\n")
    );
    // Few programs cannot have everything.
    if count >= 5000 {
        assert!(report.lacking().is_empty(), "these never ran: {:?}", report.lacking());
    }
}

/// An emulator that hangs where a condition of the shell holds.
fn hanging(name: &str, hangs: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let script = folder.join("emulator");
    let emulator = Tool::UserEmulator.find().unwrap();
    let text = format!(
        "#!/bin/sh\ncd '{}' || exit\nif {hangs}; then touch hung; exec sleep 1000; fi\n\
         exec '{}' \"$@\"\n",
        folder.display(),
        emulator.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    script
}

#[test]
fn an_oracle_that_hangs_is_killed_and_asked_again() {
    const PATIENCE: Duration = Duration::from_secs(5);
    for (name, hangs, times) in [
        ("hangs-once", "[ ! -e hung ]", 1),
        // The fourth argument is the input, which begins with the number of programs.
        ("hangs-with-many", "[ $(od -An -tu1 -j7 -N1 \"$4\") -gt 2 ]", 2),
    ] {
        let oracle = Oracle::with(hanging(name, hangs), PATIENCE).unwrap();
        let report = campaign(&oracle, 1, 4, &at_once, &mut |_| {}).unwrap();
        assert!(report.differences.is_empty(), "{}", report.differences.join("\n"));
        assert_eq!((report.programs, oracle.hung()), (4, times), "{name}");
    }
}

#[test]
fn a_wrong_instruction_is_found_in_a_program() {
    let oracle = Oracle::new().unwrap();
    for (right, wrong) in [("agr", "algr"), ("mvc", "xc")] {
        let find = |name| -> &Row { ROWS.iter().find(|row| row.mnemonic == name).unwrap() };
        let (right, wrong) = (find(right), find(wrong));
        // The interpreter executes a look-alike.
        let execute = |program: &Program, machine: &mut Machine| {
            let mut other = program.clone();
            for code in other.code.values_mut() {
                if decode(code.raw()).is_some_and(|row| row.mnemonic == right.mnemonic) {
                    *code = Code::from_raw(code.raw() ^ right.template() ^ wrong.template());
                }
            }
            at_once(&other, machine)
        };
        // Which programs have the instruction depends on the table.
        let differences = (1..=20)
            .map(|n| campaign(&oracle, 1000 * n, 250, &execute, &mut |_| {}).unwrap().differences)
            .find(|differences| !differences.is_empty())
            .unwrap();
        let smallest = differences.iter().min_by_key(|text| text.lines().count()).unwrap();
        println!("{} for {}:\n{smallest}", wrong.mnemonic, right.mnemonic);
        assert!(smallest.contains(&format!("\"{} ", right.mnemonic)), "{smallest}");
        // Where addresses matter, branches that never branch fill the room.
        let fills =
            |line: &str| ["\"brcl 0,", "\"brc 0,", "\"bcr 0,"].iter().any(|f| line.contains(f));
        let instructions =
            smallest.lines().filter(|line| line.contains('"') && !fills(line)).count();
        assert!(instructions <= 3, "not shrunk: {smallest}");
    }
}
