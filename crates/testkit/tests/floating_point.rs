//! A C program that computes with the C library in double, float and long
//! double, in every rounding mode and with traps, as a program of Debian's
//! kernel on Lowcore: it prints what it prints under qemu-s390x.

#![expect(clippy::unwrap_used, reason = "a test ends at what it does not expect")]

use lowcore_testkit::command::lowcore;
use lowcore_testkit::cross::{self, Tool};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use xtask::guest::{Debian, Release};

/// A guest that is not off after this long is ended.
const PATIENCE: Duration = Duration::from_secs(600);

/// Around what the program prints.
const BEGIN: &str = "<<<";
const END: &str = ">>>";

/// The program, static.
fn build() -> PathBuf {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/programs/floating_point.c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("floating_point");
    let mut compiler = Tool::Compiler.command().unwrap();
    compiler.args(["-O1", "-frounding-math", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"]);
    compiler.args(["-static", "-o"]).arg(&program).arg(source).arg("-lm");
    cross::output(&mut compiler).unwrap();
    program
}

/// Runs it as the only program of a guest, and gives what it printed.
fn on_lowcore(program: &Path) -> String {
    let guest = Debian::get(&Release::bookworm()).unwrap_or_else(|error| panic!("{error}"));
    let script = format!(
        "#!/bin/sh\n/floating_point > /tmp/printed\necho '{BEGIN}'\ncat /tmp/printed\necho '{END}'\n"
    );
    let program = std::fs::read(program).unwrap();
    let files = [("script", script.as_bytes()), ("floating_point", &program)];
    let ramdisk = guest.ramdisk_with("floating-point", &files).unwrap();
    let mut child = Command::new(lowcore())
        .args(["run", "--append", "quiet", "--kernel"])
        .arg(&guest.kernel)
        .arg("--initrd")
        .arg(&ramdisk)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut console = Vec::new();
        stdout.read_to_end(&mut console).unwrap();
        String::from_utf8_lossy(&console).replace('\r', "")
    });
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(50));
    }
    let console = reader.join().unwrap();
    let printed = console.split_once(&format!("{BEGIN}\n"));
    let printed = printed.and_then(|(_, rest)| rest.split_once(&format!("{END}\n")));
    match printed {
        Some((printed, _)) => printed.to_string(),
        None => panic!("the program did not end:\n{console}"),
    }
}

#[test]
fn a_c_program_prints_what_it_prints_under_qemu() {
    let program = build();
    let mut emulator = Tool::UserEmulator.command().unwrap();
    let theirs = cross::output(emulator.args(["-cpu", "max"]).arg(&program)).unwrap();
    assert!(theirs.ends_with("The end.\n") && theirs.lines().count() > 4000, "{theirs}");
    let ours = on_lowcore(&program);
    let differing: Vec<_> = ours
        .lines()
        .zip(theirs.lines())
        .filter(|(ours, theirs)| ours != theirs)
        .map(|(ours, theirs)| format!("{ours}\n    qemu-s390x: {theirs}"))
        .collect();
    assert!(differing.is_empty(), "{} lines differ:\n{}", differing.len(), differing.join("\n"));
    assert_eq!(ours.lines().count(), theirs.lines().count());
    println!("{} lines are the same", theirs.lines().count());
}
