//! `lowcore run` as a user runs it: with tiny guests, each of which ends in
//! another way, and with input that cannot be run.
#![expect(clippy::unwrap_used, reason = "in a test it says what is wrong")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// What a test has written, removed at its end.
struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let name = format!("lowcore-run-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_lowcore"))
        .arg("run")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Where the code of a guest begins.
const CODE: usize = 0x200;
/// lpswe 0x300
const LOAD_PSW: [u8; 4] = [0xb2, 0xb2, 0x03, 0x00];
const PSW: usize = 0x300;
const DISABLED_WAIT: u64 = 0x0002_0001_8000_0000;

/// A raw image that begins with the PSW that leads to `code`.
fn image(code: &[u8], pieces: &[(usize, &[u8])]) -> Vec<u8> {
    let mut image = vec![0; 0x4000];
    for (at, bytes) in
        [(0, &0x0008_0000_8000_0200_u64.to_be_bytes()[..]), (CODE, code)].iter().chain(pieces)
    {
        image[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    image
}

fn disabled_wait(address: u64) -> [u8; 16] {
    (u128::from(DISABLED_WAIT) << 64 | u128::from(address)).to_be_bytes()
}

/// Runs a guest to its end.
fn guest(name: &str, image: &[u8]) -> (Option<i32>, String, String) {
    let file = File::new(name, image);
    run(&["--kernel", file.name(), "--memory", "2M"])
}

#[test]
fn a_guest_that_stops_its_last_cpu_has_switched_itself_off() {
    // sigp %r2,%r3,5 to itself: all registers are zero.
    let (status, _, stderr) = guest("stop", &image(&[0xae, 0x23, 0x00, 0x05], &[]));
    assert_eq!((status, &*stderr), (Some(0), ""));
}

#[test]
fn a_disabled_wait_is_shown_with_its_psw() {
    let image = image(&LOAD_PSW, &[(PSW, &disabled_wait(0xdead))]);
    let (status, _, stderr) = guest("wait", &image);
    assert_eq!(status, Some(4), "{stderr}");
    assert!(stderr.contains("PSW 0002000180000000 000000000000dead"), "{stderr}");
    assert!(stderr.contains("last branch at"), "{stderr}");
}

#[test]
fn a_guest_that_was_quiesced_has_switched_itself_off() {
    let image = image(&LOAD_PSW, &[(PSW, &disabled_wait(0xfff))]);
    assert_eq!(guest("quiesced", &image).0, Some(0));
}

#[test]
fn an_interruption_for_ever_ends_the_machine() {
    // 0x0000 is no instruction, and the program new PSW leads to another.
    let (status, _, stderr) = guest("loop", &image(&[0, 0], &[]));
    assert_eq!(status, Some(5), "{stderr}");
    assert!(stderr.contains("last program interruption: code 0001"), "{stderr}");
}

/// A guest that writes to its console and waits for ever.
fn says(event: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + event.len()).unwrap().to_be_bytes();
    let code = [
        &[0xc0, 0x29, 0x00, 0x76, 0x00, 0x05][..], // iilf %r2,0x760005: write event data
        &[0xc0, 0x39, 0x00, 0x00, 0x30, 0x00],     // iilf %r3,0x3000
        &[0xb2, 0x20, 0x00, 0x23],                 // servc %r2,%r3
        &LOAD_PSW,
    ]
    .concat();
    image(&code, &[(PSW, &disabled_wait(0x1_2345)), (0x3000, &length), (0x3008, event)])
}

fn vt220(text: &str) -> Vec<u8> {
    let length = u8::try_from(6 + text.len()).unwrap();
    [&[0, length, 0x1a, 0, 0, 0][..], text.as_bytes()].concat()
}

#[test]
fn the_console_s_output_is_ours() {
    let (status, stdout, _) = guest("says", &says(&vt220("so it is\r\n")));
    assert_eq!((status, &*stdout), (Some(4), "so it is\r\n"));
}

#[test]
fn a_line_mode_console_prints_messages() {
    // "so" in EBCDIC, as a message text object in a message data block.
    let event = [
        0, 30, 0x02, 0, 0, 0, 0, 24, 0, 1, 0xd4, 0xc4, 0xc2, 0x40, 0, 0, 0, 1, 0, 12, 0, 4, 0x10,
        0, 0, 0, 0, 0, 0xa2, 0x96,
    ];
    let file = File::new("line", &says(&event));
    let arguments = ["--kernel", file.name(), "--memory", "2M", "--console", "line"];
    assert_eq!(run(&arguments).1, "so\r\n");
    // The other console is not there then.
    assert_eq!(run(&arguments[..4]).1, "");
}

#[test]
fn what_linux_says_when_it_panics_is_told() {
    let text = "[    1.0] Kernel panic - not syncing: No init found.\r\n";
    let (status, _, stderr) = guest("panic", &says(&vt220(text)));
    assert_eq!(status, Some(3), "{stderr}");
    assert!(stderr.contains("not syncing: No init found."), "{stderr}");
}

/// Nothing runs, one line says why, and the status is that for bad input.
fn refused(arguments: &[&str], because: &str) {
    let (status, stdout, stderr) = run(arguments);
    assert_eq!((status, &*stdout), (Some(2), ""), "{arguments:?}: {stderr}");
    assert!(stderr.contains(because), "{arguments:?}: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn what_cannot_be_run_is_refused() {
    let mut linux = vec![0; 0x2_0000];
    linux[0x1_0008..0x1_000e].copy_from_slice(b"S390EP");
    let linux = File::new("linux", &linux);
    let script = File::new("script", b"#!/bin/sh\necho I am no kernel, and a little longer\n");
    let elf = File::new("elf", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0");
    let other = File::new("other", &image(&LOAD_PSW, &[]));
    let large = File::new("large", &vec![0; 3 << 20]);
    let long = "x".repeat(900);

    refused(&[], "cargo xtask guest debian");
    refused(&["--kernel", "/nonexistent/kernel"], "/nonexistent/kernel cannot be read");
    refused(&["--kernel", "/"], "/ cannot be read");
    refused(&["--kernel", script.name()], "is no kernel for s390x");
    refused(&["--kernel", elf.name()], "is no kernel for s390x");
    refused(&["--kernel", large.name()], "is no kernel for s390x");
    let linux = |rest: &[&'static str]| [&["--kernel", linux.name()], rest].concat();
    let linux_with = |option, value| [linux(&["--memory", "16M"]), vec![option, value]].concat();
    refused(&linux_with("--initrd", "/nonexistent/ramdisk"), "/nonexistent/ramdisk");
    refused(&linux_with("--append", &long), "895 bytes at most");
    refused(&linux_with("--trace", "/nonexistent/trace"), "/nonexistent/trace");
    let with_ramdisk = ["--initrd", large.name()];
    let small: Vec<&str> = linux(&["--memory", "10M"]).into_iter().chain(with_ramdisk).collect();
    refused(&small, "give it more with --memory");
    let other = |rest: [&'static str; 2]| ["--kernel", other.name(), rest[0], rest[1]];
    refused(&other(["--append", "quiet"]), "is not Linux");
    refused(&other(["--memory", "0"]), "multiple of 1 MiB");
    refused(&other(["--memory", "1025K"]), "multiple of 1 MiB");
    refused(&other(["--memory", "plenty"]), "is no size");
    refused(&other(["--memory", "99999T"]), "the host gives no");
    refused(&other(["--cpus", "0"]), "1..=248");
    refused(&other(["--cpus", "249"]), "1..=248");
    refused(&linux(&["--cpus", "two"]), "invalid digit");
}

#[test]
fn a_kernel_larger_than_memory_is_refused() {
    let mut linux = vec![0; 3 << 20];
    linux[0x1_0008..0x1_000e].copy_from_slice(b"S390EP");
    let linux = File::new("too-large", &linux);
    refused(&["--kernel", linux.name(), "--memory", "2M"], "give it more with --memory");
}
