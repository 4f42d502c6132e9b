//! `lowcore demo` as a user runs it: everything is as specified, and a guest
//! with one wrong byte in a handler is noticed.
#![expect(clippy::unwrap_used, reason = "in a test it says what is wrong")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Handlers in the order of the image's header.
const HANDLERS: [&str; 6] = ["restart", "external", "svc", "program", "machine check", "I/O"];
/// Position of the first handler's address in the header, in doublewords.
const FIRST_HANDLER: usize = 8;
/// Where the image is linked.
const IMAGE: u64 = 0x1_0000;

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lowcore"))
        .arg("demo")
        .args(arguments)
        .output()
        .expect("the command starts")
}

fn report(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = demo(&[&["--json"], arguments].concat());
    let json = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    (output.status.code(), json)
}

fn image() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("guest/guest.bin")).unwrap()
}

/// Offset in the image of an address that its header has.
fn header(image: &[u8], position: usize) -> usize {
    let word = image[position * 8..position * 8 + 8].try_into().unwrap();
    usize::try_from(u64::from_be_bytes(word) - IMAGE).unwrap()
}

/// A file with a changed image, for one test.
fn file(name: &str, image: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, image).unwrap();
    path
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn rows<'v>(report: &'v Value, section: &str) -> Vec<&'v Value> {
    let rows = report["rows"].as_array().expect("rows");
    rows.iter().filter(|row| text(row, "section") == section).collect()
}

/// Asserts that a section has a row for each of these types and states.
fn has(report: &Value, section: &str, kinds: &[&str], states: &[&str]) {
    let rows = rows(report, section);
    for kind in kinds {
        for state in states {
            let found =
                rows.iter().any(|row| text(row, "type") == *kind && text(row, "state") == *state);
            assert!(found, "{section}: no {kind} into a {state} CPU");
        }
    }
}

#[test]
fn every_type_in_every_state() {
    // A host under load is no reason to fail: a long time for each answer.
    let (status, report) = report(&["--patience", "30000"]);
    assert_eq!(status, Some(0), "{report:#}");
    assert_eq!(report["ok"], true);
    for row in report["rows"].as_array().unwrap() {
        assert_eq!(row["ok"], true, "{row:#}");
    }
    has(
        &report,
        "local",
        &[
            "KVM_S390_RESTART",
            "KVM_S390_PROGRAM_INT",
            "KVM_S390_MCHK",
            "KVM_S390_INT_EMERGENCY",
            "KVM_S390_INT_EXTERNAL_CALL",
            "KVM_S390_INT_PFAULT_INIT",
        ],
        &["running", "waiting", "exited", "stopped"],
    );
    has(&report, "local", &["KVM_S390_SIGP_STOP"], &["running", "masked", "waiting", "stopped"]);
    has(&report, "local", &["KVM_S390_SIGP_SET_PREFIX"], &["stopped"]);
    let timers = ["KVM_S390_INT_CLOCK_COMP", "KVM_S390_INT_CPU_TIMER"];
    has(&report, "timers", &timers, &["running", "waiting", "stopped"]);
    has(&report, "ignored", &timers, &["running", "waiting", "stopped"]);
    has(&report, "ignored", &["KVM_S390_SIGP_STOP"], &["stopped"]);
    let not_stopped = ["running", "waiting", "paused"];
    has(&report, "refused", &["KVM_S390_SIGP_SET_PREFIX"], &not_stopped);
    has(&report, "refused", &["KVM_S390_SIGP_STOP", "KVM_S390_INT_EXTERNAL_CALL"], &["paused"]);
    for row in rows(&report, "refused") {
        assert!(text(row, "errno").starts_with('E'), "{row:#}");
    }
    for row in rows(&report, "local") {
        assert!(row["seen"]["class"].is_string(), "{row:#}");
    }
}

#[test]
fn every_handler_and_both_cpus() {
    let (_, report) = report(&["--patience", "30000"]);
    let rows = report["rows"].as_array().unwrap();
    for class in ["restart", "external", "SVC", "program", "machine check", "I/O"] {
        for cpu in [0, 1] {
            let found = rows.iter().any(|row| row["seen"]["class"] == class && row["cpu"] == cpu);
            assert!(found, "CPU {cpu} took no {class} interruption");
        }
    }
    // The codes of section C.6 with fields of their own, and some without.
    for code in [4, 5, 6, 7, 0x10, 0x11, 0x1b, 0x1c, 0x20, 0x29, 0x38, 0x3b, 0x40, 0x80, 0x119] {
        let code = format!("{code:#06x}");
        let found = rows.iter().any(|row| {
            text(row, "type") == "KVM_S390_PROGRAM_INT" && text(&row["seen"], "code") == code
        });
        assert!(found, "no program interruption {code}");
    }
}

#[test]
fn a_table_for_people() {
    let output = demo(&["--patience", "30000"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert!(!line.contains('\x1b'), "no colour where there is no terminal: {line}");
    }
    assert!(text.trim_end().ends_with("as specified."), "{text}");
    assert!(!text.contains('✗'));
}

#[test]
fn the_default_is_the_demonstration() {
    let lowcore = || Command::new(env!("CARGO_BIN_EXE_lowcore"));
    let output = lowcore().output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("A guest of "));
    let output = lowcore().args(["--json", "--fail-fast"]).output().unwrap();
    assert_eq!(output.stdout.first(), Some(&b'{'));
}

/// Every handler has the same first five instructions: the registers' store,
/// the copy of the old PSW, the class number, the old PSW's address.
#[test]
fn a_wrong_byte_in_any_handler_is_noticed() {
    let good = image();
    let mut tries = Vec::new();
    for (n, name) in HANDLERS.iter().enumerate() {
        let begin = header(&good, FIRST_HANDLER + n);
        let end = header(&good, FIRST_HANDLER + n + 1);
        // The class number, the address of the old PSW, and the operand of
        // the last instruction, which loads the PSW to return to.
        for place in [begin + 15, begin + 19, end - 1] {
            tries.push((*name, place));
        }
    }
    // And in what all of them call.
    let record = header(&good, FIRST_HANDLER + HANDLERS.len());
    tries.push(("record", record + 3));
    std::thread::scope(|scope| {
        let (first, second) = tries.split_at(tries.len() / 2);
        for half in [first, second] {
            let good = &good;
            scope.spawn(move || {
                for &(name, place) in half {
                    let mut bad = good.clone();
                    bad[place] ^= 1;
                    let path = file(&format!("wrong-{place:x}.bin"), &bad);
                    let path = path.to_str().unwrap();
                    let output = demo(&["--fail-fast", "--patience", "1000", "--guest", path]);
                    let text = String::from_utf8_lossy(&output.stdout);
                    let code = output.status.code();
                    assert_eq!(code, Some(1), "{name}: byte {place:#x} is wrong\n{text}");
                    assert!(text.contains('✗'), "{name}: byte {place:#x} is wrong\n{text}");
                }
            });
        }
    });
}

#[test]
fn a_guest_that_does_not_answer_does_not_hang_the_demonstration() {
    let mut dead = image();
    let start = header(&dead, 1);
    // Branch to itself.
    dead[start..start + 4].copy_from_slice(&[0xa7, 0xf4, 0, 0]);
    let path = file("dead.bin", &dead);
    let (status, report) = report(&["--patience", "200", "--guest", path.to_str().unwrap()]);
    assert_eq!(status, Some(1));
    assert_eq!(report["gave_up"], true);
    assert!(report["rows"][0]["problems"][0].as_str().unwrap().contains("no answer within 200ms"));
}

#[test]
fn what_is_no_guest_is_refused() {
    let path = file("none.bin", b"LOWCORE1");
    let output = demo(&["--guest", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("guest image"));
}

/// The share of instructions that compiled code executed, as it is printed.
fn compiled_share(variable: Option<(&str, &str)>) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lowcore"));
    command.args(["demo", "--engine", "compiler", "--patience", "30000"]);
    let output = command.envs(variable).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let line = said.lines().find(|line| line.contains("guest instructions")).unwrap();
    let percent = line.split(' ').find_map(|word| word.parse().ok());
    percent.unwrap_or_else(|| panic!("{line}"))
}

/// `LOWCORE_INTERPRET` and `LOWCORE_COMPILE`, which find a wrong instruction:
/// the guest's waiting loops are made of BRC.
#[test]
fn one_mnemonic_is_interpreted_or_none_other_compiled() {
    let all = compiled_share(None);
    let without = compiled_share(Some(("LOWCORE_INTERPRET", "brc")));
    let alone = compiled_share(Some(("LOWCORE_COMPILE", "brc")));
    println!("{all} {without} {alone}");
    assert!(all > 90.0, "{all}");
    assert!(0.0 < alone && alone < without && without < all, "{alone} {without} {all}");
}
