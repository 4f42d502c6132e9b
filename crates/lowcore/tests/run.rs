//! `lowcore run` as a user runs it: with tiny guests, each of which ends in
//! another way, and with input that cannot be run.
#![expect(clippy::unwrap_used, reason = "in a test it says what is wrong")]

use rustix::pty::OpenptFlags;
use rustix::termios::{self, LocalModes};
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

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
    assert!(stderr.contains("CPU 0: PSW 0002000180000000 000000000000dead, prefix 0"), "{stderr}");
    shows_registers(&stderr);
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
    assert!(stderr.contains("last branch before at"), "{stderr}");
    shows_registers(&stderr);
}

/// Every register is shown, with where the last branch was.
fn shows_registers(stderr: &str) {
    for begin in ["GR0 ", "GR12", "CR0 ", "CR12", "FR0 ", "FR12", "AR0 ", "AR8 ", "FPC"] {
        assert!(stderr.lines().any(|line| line.starts_with(begin)), "{begin}: {stderr}");
    }
    assert!(stderr.lines().any(|line| line.starts_with("last branch at ")), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

/// The branch before the end is the one that is told: from 0x204 to 0x20a.
#[test]
fn the_last_branch_is_told() {
    // nopr; nopr; j .+6; then the wait.
    let code = [&[0x07, 0, 0x07, 0, 0xa7, 0xf4, 0, 3, 0x07, 0][..], &LOAD_PSW].concat();
    let (status, _, stderr) = guest("branch", &image(&code, &[(PSW, &disabled_wait(0xdead))]));
    assert_eq!(status, Some(4), "{stderr}");
    // LOAD PSW EXTENDED is a breaking event of its own.
    assert!(stderr.contains("last branch at 20a"), "{stderr}");
}

/// A guest that needs what is not there, a trap program, ends with a sentence
/// about it.
#[test]
fn what_lowcore_does_not_have_is_named() {
    const TRANSLATED: u128 = 0x0400_0001_8000_0000 << 64 | 0x240;
    // lctlg %c1,%c1,0x330: virtual addresses are real ones.
    let code = [&[0xeb, 0x11, 0x03, 0x30, 0x00, 0x2f][..], &LOAD_PSW].concat();
    let pieces: [(usize, &[u8]); 4] = [
        (PSW, &TRANSLATED.to_be_bytes()),
        (0x330, &0x20_u64.to_be_bytes()),
        (0x240, &[0x01, 0xff]), // trap2
        (0x2c, &[0, 0, 0, 1]),  // there is a trap-control block
    ];
    let (status, _, stderr) = guest("trap", &image(&code, &pieces));
    assert_eq!(status, Some(1), "{stderr}");
    assert!(stderr.contains("uses trap programs, which Lowcore does not have"), "{stderr}");
    assert!(stderr.contains("the guest needs what Lowcore does not have"), "{stderr}");
    shows_registers(&stderr);
}

/// An IPL parameter block is set, the machine loaded anew, and the block still
/// there. The guest waits at 0xbad if an answer is wrong.
#[test]
fn a_guest_that_loads_itself_anew_finds_its_parameter_block() {
    const BLOCK: usize = 0x2000;
    const BAD: usize = 0x310;
    let mut block = [0; 200];
    block[..4].copy_from_slice(&200_u32.to_be_bytes());
    block[8..14].copy_from_slice(&[0, 0, 0, 192, 2, 0x80]);
    block[16..24].copy_from_slice(&[0xd3; 8]);
    let code = [
        &[0xc0, 0x29, 0x00, 0x00, 0x30, 0x00][..], // iilf %r2,0x3000
        &[0xc0, 0x59, 0x00, 0x00, 0x20, 0x00],     // iilf %r5,0x2000
        &[0xa7, 0x49, 0x00, 0x06],                 // lghi %r4,6
        &[0x83, 0x24, 0x03, 0x08],                 // diag %r2,%r4,0x308: store
        &[0xa7, 0x3e, 0x00, 0x01],                 // chi %r3,1: done
        &[0xa7, 0x84, 0x00, 0x17],                 // je to the comparison
        &[0xa7, 0x3e, 0x01, 0x02],                 // chi %r3,0x102: there is none
        &[0xa7, 0x74, 0x00, 0x11],                 // jne to what is wrong
        &[0xa7, 0x49, 0x00, 0x05],                 // lghi %r4,5
        &[0xc0, 0x69, 0x00, 0x00, 0x20, 0x00],     // iilf %r6,0x2000
        &[0x83, 0x64, 0x03, 0x08],                 // diag %r6,%r4,0x308: set
        &[0xa7, 0x7e, 0x00, 0x01],                 // chi %r7,1
        &[0xa7, 0x74, 0x00, 0x06],                 // jne to what is wrong
        &[0xa7, 0x49, 0x00, 0x03],                 // lghi %r4,3
        &[0x83, 0x64, 0x03, 0x08],                 // diag %r6,%r4,0x308: load
        &[0xb2, 0xb2, 0x03, 0x10],                 // lpswe 0x310: wrong
        &[0xd5, 0xc7, 0x20, 0x00, 0x50, 0x00],     // clc 0(200,%r2),0(%r5)
        &[0xa7, 0x74, 0xff, 0xfb],                 // jne to what is wrong
        &LOAD_PSW,
    ]
    .concat();
    let pieces: [(usize, &[u8]); 3] =
        [(PSW, &disabled_wait(0xfff)), (BAD, &disabled_wait(0xbad)), (BLOCK, &block)];
    let (status, _, stderr) = guest("parameters", &image(&code, &pieces));
    assert_eq!((status, &*stderr), (Some(0), ""));
    // What is no block is refused.
    block[12] = 9;
    let pieces: [(usize, &[u8]); 3] =
        [(PSW, &disabled_wait(0xfff)), (BAD, &disabled_wait(0xbad)), (BLOCK, &block)];
    let (status, _, stderr) = guest("no-parameters", &image(&code, &pieces));
    assert_eq!(status, Some(4), "{stderr}");
    assert!(stderr.contains("GR4  0000000000000005"), "{stderr}");
    assert!(stderr.contains("0000000000000402"), "{stderr}");
}

/// A guest is told the CPU model: it stores its identification and waits at an
/// address that is the machine type.
#[test]
fn a_guest_is_told_its_cpu_model() {
    let code = [
        &[0xb2, 0x02, 0x03, 0x20][..],         // stidp 0x320
        &[0xd2, 0x01, 0x03, 0x0e, 0x03, 0x24], // mvc 0x30e(2),0x324: into the PSW
        &LOAD_PSW,
    ]
    .concat();
    let file = File::new("model", &image(&code, &[(PSW, &disabled_wait(0))]));
    for (model, machine_type) in [("host", "2827"), ("z196", "2817"), ("z10EC,45=on", "2097")] {
        let arguments = ["--kernel", file.name(), "--memory", "2M", "--cpu-model", model];
        let (status, _, stderr) = run(&arguments);
        assert_eq!(status, Some(4), "{stderr}");
        assert!(stderr.contains(&format!("PSW 0002000180000000 000000000000{machine_type}")));
    }
    let (status, stdout, _) = run(&["--cpu-model", "help"]);
    assert_eq!(status, Some(0));
    assert!(stdout.contains("z196") && stdout.contains("enhanced-dat-2"), "{stdout}");
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

/// A guest that waits for ever, enabled for external interruptions.
fn waits() -> Vec<u8> {
    const ENABLED_WAIT: u128 = 0x0102_0001_8000_0000 << 64;
    image(&LOAD_PSW, &[(PSW, &ENABLED_WAIT.to_be_bytes())])
}

/// A running command, killed if the test fails.
struct Running(Child);

impl Running {
    /// Starts a guest with a terminal or something else as its console.
    fn start(file: &File, stdin: Stdio, stdout: Stdio) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_lowcore"))
            .args(["run", "--kernel", file.name(), "--memory", "2M"])
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(status.success());
    }

    /// The next line on standard error that says something.
    fn says(stderr: &mut impl BufRead) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended without a word");
            if !line.trim().is_empty() {
                return line.trim().to_owned();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_second_signal_ends_the_machine() {
    let file = File::new("signals", &waits());
    let mut running = Running::start(&file, Stdio::null(), Stdio::null());
    let mut stderr = BufReader::new(running.0.stderr.take().unwrap());
    // A signal that comes before anybody waits for it ends the command at once.
    wait_until(|| signal_is_caught(running.0.id()));
    running.signal("TERM");
    let first = Running::says(&mut stderr);
    assert!(first.contains("does not listen to a request to shut down"), "{first}");
    assert_eq!(running.0.try_wait().unwrap(), None);
    running.signal("TERM");
    assert_eq!(running.0.wait().unwrap().code(), Some(6));
    assert!(Running::says(&mut stderr).contains("ended from outside"));
}

/// Whether a process has a handler for SIGTERM.
fn signal_is_caught(process: u32) -> bool {
    const TERM: u64 = 1 << 14;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & TERM != 0
}

/// Waits for what comes soon.
fn wait_until(mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it never comes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The two ends of a new terminal.
fn terminal() -> (OwnedFd, OwnedFd) {
    let controller = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&controller).unwrap();
    rustix::pty::unlockpt(&controller).unwrap();
    let name = rustix::pty::ptsname(&controller, Vec::new()).unwrap();
    let options = std::fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap());
    (controller, options.unwrap().into())
}

fn is_raw(terminal: &OwnedFd) -> bool {
    !termios::tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ICANON)
}

#[test]
fn the_terminal_is_raw_meanwhile_and_as_before_afterwards() {
    let file = File::new("terminal", &waits());
    for how in ["keys", "signals"] {
        let (controller, user) = terminal();
        let before = format!("{:?}", termios::tcgetattr(&user).unwrap());
        let [stdin, stdout] = [(); 2].map(|()| Stdio::from(user.try_clone().unwrap()));
        let mut running = Running::start(&file, stdin, stdout);
        let mut stderr = BufReader::new(running.0.stderr.take().unwrap());
        wait_until(|| is_raw(&user));
        if how == "keys" {
            rustix::io::write(&controller, b"abc\x01h").unwrap();
            assert!(Running::says(&mut stderr).contains("Ctrl-A x"));
            rustix::io::write(&controller, b"\x01x").unwrap();
        } else {
            running.signal("TERM");
            Running::says(&mut stderr);
            running.signal("TERM");
        }
        assert_eq!(running.0.wait().unwrap().code(), Some(6), "{how}");
        assert_eq!(format!("{:?}", termios::tcgetattr(&user).unwrap()), before, "{how}");
    }
}

#[test]
fn a_terminal_that_goes_away_is_a_request_to_end() {
    let file = File::new("hangup", &waits());
    let (controller, user) = terminal();
    let [stdin, stdout] = [(); 2].map(|()| Stdio::from(user.try_clone().unwrap()));
    let mut running = Running::start(&file, stdin, stdout);
    wait_until(|| is_raw(&user));
    drop((controller, user));
    // What the kernel sends to a session without a terminal.
    running.signal("HUP");
    running.signal("HUP");
    wait_until(|| {
        running.signal("HUP");
        running.0.try_wait().unwrap().is_some()
    });
    assert_eq!(running.0.wait().unwrap().code(), Some(6));
}

#[test]
fn a_waiting_guest_takes_no_host_time() {
    let file = File::new("idle", &waits());
    let running = Running::start(&file, Stdio::null(), Stdio::null());
    wait_until(|| signal_is_caught(running.0.id()));
    std::thread::sleep(Duration::from_millis(300));
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", running.0.id())).unwrap();
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum::<u64>()
    };
    let before = ticks();
    std::thread::sleep(Duration::from_secs(1));
    assert!(ticks() - before < 10, "a second of waiting takes {} ticks", ticks() - before);
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
    refused(&other(["--cpu-model", "z99"]), "no CPU model \"z99\"");
    refused(&other(["--cpu-model", "host,vector=on"]), "has no facility vector");
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
