//! Looking, pausing, ending.

use crate::guest;
use crate::machine::{Folder, Machine, number, wait_for};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn a_machine_is_listed() {
    let machine = Machine::start("listed", &guest::waits(), "2");
    let table = machine.folder.good(&["ps"]);
    let lines: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    let pid = machine.pid().to_string();
    assert_eq!(lines[0], ["NAME", "PID", "CPUS", "MEMORY", "STATE"]);
    assert_eq!(lines[1], ["m", &pid, "2", "2", "MiB", "running,", "1", "stopped"]);
    assert_eq!(lines.len(), 2);
    let status = machine.status();
    assert_eq!(status["memory"], 2 << 20);
    assert_eq!(status["pid"], machine.pid());
    assert_eq!(status["state"], "running");
    assert_eq!(status["cpus"][1]["state"], "stopped");
}

#[test]
fn registers_are_shown_to_people_and_to_programs() {
    let machine = Machine::start("regs", &guest::waits(), "2");
    let text = machine.folder.good(&["regs", "m", "--cpu", "0"]);
    assert!(text.starts_with("CPU 0: PSW 0306000180000000 0000000000000280, prefix 0\n"), "{text}");
    assert!(text.contains("\nCR0  00000000000062e0 "), "{text}");
    assert!(text.contains("\nAR8  00000000 "), "{text}");
    assert!(text.contains("clock comparator 0000000000000000"), "{text}");
    assert!(!text.contains("CPU 1:"), "{text}");
    let text = machine.folder.good(&["regs", "m"]);
    assert!(text.contains("\n\nCPU 1: PSW 0000000000000000 "), "{text}");

    let registers = machine.registers(0);
    assert_eq!(registers["psw"]["mask"], "0x0306000180000000");
    assert_eq!(registers["psw"]["address"], "0x0000000000000280");
    assert_eq!(registers["cr"][14], "0x00000000df000000");
    for (name, count) in [("gr", 16), ("cr", 16), ("ar", 16), ("fpr", 16)] {
        assert_eq!(registers[name].as_array().map(Vec::len), Some(count), "{name}");
    }
    assert!(number(&registers["tod_clock"]) > 0);
    assert!(number(&registers["cpu_timer"]) > 1 << 63, "it runs down from zero");
    machine.folder.bad(&["regs", "m", "--cpu", "2"], 1, "There is no CPU 2");
}

#[test]
fn a_paused_guest_does_nothing_until_it_is_resumed() {
    let machine = Machine::start("pause", &guest::counts(), "1");
    let count = || machine.general(0)[0];
    let first = count();
    wait_for("the guest to count", || count() != first);
    machine.folder.good(&["pause", "m"]);
    machine.folder.good(&["pause", "m"]);
    assert_eq!(machine.status()["state"], "paused");
    let paused = machine.registers(0);
    // A guest of another kind would have counted millions.
    std::thread::sleep(Duration::from_millis(100));
    let without_clock = |mut registers: Value| {
        registers["tod_clock"].take();
        registers
    };
    assert_eq!(without_clock(machine.registers(0)), without_clock(paused.clone()));
    machine.folder.bad(&["stop", "m"], 1, "The machine is paused");
    // What comes meanwhile waits.
    machine.folder.good(&["irq", "m", "restart"]);
    assert_eq!(machine.registers(0)["psw"], paused["psw"]);
    machine.folder.good(&["resume", "m"]);
    wait_for("the restart", || machine.general(0)[1] == guest::RESTART);
    assert_eq!(machine.general(0)[0], number(&paused["gr"][0]) + 1);
    machine.folder.good(&["resume", "m"]);
    assert_eq!(machine.status()["state"], "running");
}

#[test]
fn a_guest_that_listens_is_asked_to_shut_down() {
    let mut machine = Machine::start("listens", &guest::listens(), "1");
    wait_for("the guest to have its mask", || machine.general(0)[0] == 1);
    machine.folder.good(&["stop", "m"]);
    assert_eq!(machine.end().code(), Some(0));
    assert!(!machine.folder.socket("m").exists());
}

#[test]
fn a_guest_that_does_not_listen_can_be_ended() {
    let mut machine = Machine::start("deaf", &guest::waits(), "2");
    machine.folder.bad(&["stop", "m"], 1, "does not listen to requests to shut down");
    machine.folder.good(&["stop", "m", "--force"]);
    assert_eq!(machine.end().code(), Some(6));
    assert!(!machine.folder.socket("m").exists());
    machine.folder.bad(&["stop", "m"], 2, "no machine named m is running");
    assert_eq!(machine.folder.good(&["ps"]).lines().count(), 1);
}

#[test]
fn a_paused_machine_can_be_ended() {
    let mut machine = Machine::start("paused", &guest::counts(), "2");
    machine.folder.good(&["pause", "m"]);
    machine.folder.good(&["stop", "m", "--force"]);
    assert_eq!(machine.end().code(), Some(6));
}

#[test]
fn a_console_that_nobody_reads_does_not_keep_the_door_shut() {
    let folder = Folder::new("console");
    let mut machine = Machine::spawn(folder, &guest::writes(), "2", Stdio::piped());
    // It has a pipe full of time until nothing of it answers any more.
    wait_for("the console to be full", || {
        let (status, _, stderr) = machine.folder.run(&["regs", "m", "--cpu", "0"]);
        status == 1 && stderr.contains("CPU 0 is in the middle of writing to the console")
    });
    let folder = &machine.folder;
    folder.bad(&["pause", "m"], 1, "whoever reads that takes nothing");
    assert_eq!(machine.status()["state"], "running");
    assert_eq!(machine.general(1)[0], 0);
    folder.good(&["irq", "m", "--cpu", "1", "restart"]);
    folder.good(&["stop", "m", "--force"]);
    assert_eq!(machine.end().code(), Some(6));
}
