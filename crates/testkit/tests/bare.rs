//! The bare-metal programs, on Lowcore and on QEMU.
//!
//! `LOWCORE_BARE` chooses the programs whose name contains it.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_jit::Choice;
use lowcore_testkit::bare::{Error, Failure, Program, Report};
use std::path::{Path, PathBuf};

/// The sources, by name.
fn sources() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bare");
    let wanted = std::env::var("LOWCORE_BARE").unwrap_or_default();
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "S"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .filter(|(name, _)| name.contains(&wanted) && name != "broken.S")
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no program has {wanted} in its name");
    found
}

/// What is wrong with a run, a line each.
fn complaints(name: &str, on: &str, report: &Report, failures: &[Failure]) -> Vec<String> {
    let mut lines: Vec<_> =
        failures.iter().map(|failure| format!("{name}:{failure} ({on})")).collect();
    if !report.ended {
        lines.push(format!("{name} does not come to its end on {on}; last line {}", report.line));
    }
    if report.failed > report.failures.len() as u64 {
        lines.push(format!("{name} fails {} checks on {on}", report.failed));
    }
    if report.checks == 0 {
        lines.push(format!("{name} checks nothing on {on}"));
    }
    lines
}

/// Runs all programs and fails with everything that was wrong.
fn run(
    on: &str,
    how: fn(&Program) -> Result<Report, Error>,
    judge: fn(&Program, &Report) -> Vec<Failure>,
) {
    let mut wrong = Vec::new();
    for (name, path) in sources() {
        let program = Program::build(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        match how(&program) {
            Ok(report) => {
                println!("{name}: {} checks on {on}", report.checks);
                wrong.extend(complaints(&name, on, &report, &judge(&program, &report)));
            }
            Err(error) => wrong.push(format!("{name} ({on}): {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn lowcore_passes_every_check() {
    let how = |program: &Program| program.on_lowcore(Choice::Interpreter.engines());
    run("Lowcore", how, |_, report| report.failures.clone());
}

#[test]
fn compiled_code_passes_every_check() {
    let how = |program: &Program| program.on_lowcore(Choice::Compiler.engines());
    run("compiled code", how, |_, report| report.failures.clone());
}

#[test]
fn interpreted_and_compiled_code_together_pass_every_check() {
    let how = |program: &Program| program.on_lowcore(Choice::Auto.engines());
    run("both", how, |_, report| report.failures.clone());
}

#[test]
fn qemu_passes_every_check_that_is_not_marked() {
    run("QEMU", Program::on_qemu, |program, report| {
        for (line, rule) in program.skips.iter().chain(&program.fails) {
            println!("  line {line}: {rule}");
        }
        for (line, rule) in report.needless(program) {
            println!("  line {line} passes although marked: {rule}");
        }
        report.unexplained(program)
    });
}

#[test]
fn a_failing_check_is_reported() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bare/broken.S");
    let program = Program::build(&path).unwrap();
    for report in
        [program.on_lowcore(Choice::Compiler.engines()).unwrap(), program.on_qemu().unwrap()]
    {
        let values: Vec<_> =
            report.failures.iter().map(|f| (f.line, f.actual, f.expected)).collect();
        assert_eq!(
            values,
            [(5, 1, 2), (-6, 1 << 32 | 2 << 16 | 1, 0x2_0000 + (values[1].2 & 0xffff))],
            "{report:?}"
        );
        assert!(!report.ended && report.checks == 3, "{report:?}");
        assert_eq!(report.unexplained(&program).len(), 1);
    }
}
