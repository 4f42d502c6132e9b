//! Debian's kernel for s390x, unmodified, booted by `lowcore run` to its
//! shell, on one and on two CPUs. Kernel and busybox are fetched if they are
//! not there yet; where that is not possible, the tests fail and say so.
#![expect(clippy::unwrap_used, reason = "a test ends at what it does not expect")]

mod commands;
mod door;
mod reboot;
mod session;

use session::Session;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xtask::guest::{Debian, Release};

/// The kernel with Linux 6.1.
fn guest() -> Debian {
    match Debian::get(&Release::bookworm()) {
        Ok(guest) => guest,
        Err(error) => panic!("{error}"),
    }
}

/// The kernel, and a ramdisk with the commands as a file of the given name.
fn debian(name: &str, script: &str) -> (PathBuf, PathBuf) {
    let guest = guest();
    let ramdisk = guest.ramdisk_with(name, &[(script, commands::script().as_bytes())]);
    (guest.kernel, ramdisk.unwrap())
}

fn assert_right(output: &str, cpus: u16) {
    let wrong = commands::wrong(output, cpus);
    assert!(wrong.is_empty(), "{}\n\nall of it:\n{output}", wrong.join("\n"));
}

/// The shell on the console, both ways, until somebody asks the guest to shut
/// down.
#[test]
fn one_cpu_the_shell_answers_and_shuts_down_when_asked() {
    let (kernel, ramdisk) = debian("shell", "commands");
    let mut session = Session::start(&kernel, &ramdisk, &[]);
    let boot = session.until("guest# ");
    assert!(boot.contains("Linux version 6.1."), "{boot}");
    assert!(boot.contains("Linux is running under KVM in 64-bit mode"), "{boot}");
    session.send("echo $((6 * 7))\n");
    let answer = session.until("guest# ");
    assert!(answer.contains("\r\n42\r\n"), "{answer}");

    // The guest's clock is the host's.
    session.send("date +%s\n");
    let answer = session.until("guest# ");
    let seconds = answer.lines().find_map(|line| line.trim().parse().ok()).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert!(now.abs_diff(Duration::from_secs(seconds)) < Duration::from_secs(60), "{answer}");

    session.send("/commands\n");
    assert_right(&session.until("guest# "), 1);

    session.ask_to_shut_down();
    let (status, output) = session.end();
    assert_eq!(status, Some(0), "{output}");
}

/// A script in place of the shell, after which the guest switches itself off.
#[test]
fn two_cpus_a_script_is_interpreted_and_the_guest_is_off() {
    let (kernel, ramdisk) = debian("script", "script");
    let arguments = ["--append", "quiet", "--cpus", "2", "--engine", "interpreter"];
    let session = Session::start(&kernel, &ramdisk, &arguments);
    let (status, output) = session.end();
    assert_eq!(status, Some(0), "{output}");
    assert_right(&output, 2);
}

/// The same, with what is executed often compiled in the background.
#[test]
fn two_cpus_a_script_runs_where_code_is_compiled() {
    let (kernel, ramdisk) = debian("script-auto", "script");
    let arguments = ["--append", "quiet", "--cpus", "2", "--engine", "auto"];
    let (status, output) = Session::start(&kernel, &ramdisk, &arguments).end();
    assert_eq!(status, Some(0), "{output}");
    assert_right(&output, 2);
}

/// A short one, with everything compiled before it is executed.
#[test]
fn one_cpu_a_script_runs_in_compiled_code() {
    const SCRIPT: &[u8] = b"#!/bin/sh\nuname -m\necho $((6 * 7))\nseq 1000 | md5sum\n";
    let guest = guest();
    let ramdisk = guest.ramdisk_with("compiler", &[("script", SCRIPT)]).unwrap();
    let arguments = ["--append", "quiet", "--engine", "compiler"];
    let (status, output) = Session::start(&guest.kernel, &ramdisk, &arguments).end();
    assert_eq!(status, Some(0), "{output}");
    let lines: Vec<&str> = output.lines().map(str::trim).collect();
    for expected in ["s390x", "42", "53d025127ae99ab79e8502aae2d9bea6  -"] {
        assert!(lines.contains(&expected), "{output}");
    }
    let line = lines.iter().find(|line| line.contains("guest instructions")).unwrap();
    let percent: f64 = line.split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert!(percent >= 95.0, "{line}");
}
