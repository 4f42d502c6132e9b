//! Debian's kernel reacts to what is injected into it while it runs.

use crate::guest;
use crate::session::Session;
use lowcore_testkit::command::lowcore;
use serde_json::Value;
use std::process::{Command, Output};
use std::time::Duration;

/// Process 1.
const DOOR: &str = include_str!("door.sh");
const PROMPT: &str = "guest# ";
/// How many signals are sent: many more than Linux's own in the same time.
const SIGNALS: u64 = 50;

/// A guest with two CPUs and a name.
struct Guest {
    session: Session,
    name: String,
}

impl Guest {
    fn boot() -> Self {
        let guest = guest();
        let ramdisk = guest.ramdisk_with("door", &[("door", DOOR.as_bytes())]).unwrap();
        let name = format!("debian-{}", std::process::id());
        let arguments = ["--cpus", "2", "--append", "rdinit=/door quiet", "--name", &name];
        let mut session = Session::start(&guest.kernel, &ramdisk, &arguments);
        session.until(PROMPT);
        Self { session, name }
    }

    /// Runs a line in the guest.
    fn shell(&mut self, line: &str) -> String {
        self.session.send(&format!("{line}\n"));
        self.session.until(PROMPT)
    }

    /// What a line of /proc/interrupts counts on each CPU.
    fn count(&mut self, name: &str) -> [u64; 2] {
        let text = self.shell("cat /proc/interrupts");
        let line = text.lines().find_map(|line| line.trim().strip_prefix(&format!("{name}:")));
        let mut counts = line.unwrap_or_else(|| panic!("{text}")).split_whitespace();
        [(); 2].map(|()| counts.next().unwrap().parse().unwrap())
    }

    fn machine_checks(&mut self) -> u64 {
        self.count("NMI").iter().sum()
    }

    /// Runs `lowcore` on it; the output, or what was refused.
    fn lowcore(&self, line: &str) -> Result<String, String> {
        let mut words = line.split(' ');
        let command =
            Command::new(lowcore()).arg(words.next().unwrap()).arg(&self.name).args(words).output();
        let Output { status, stdout, stderr } = command.unwrap();
        let output = if status.success() { &stdout } else { &stderr };
        let output = String::from_utf8_lossy(output).into_owned();
        if status.success() { Ok(output) } else { Err(output) }
    }

    fn done(&self, line: &str) {
        assert_eq!(self.lowcore(line), Ok(String::new()), "{line}");
    }

    /// Waits until it is so in the guest.
    fn wait_for(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        for _ in 0..300 {
            if holds(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("waited in vain for {what}");
    }
}

#[test]
fn linux_takes_what_is_injected() {
    let mut guest = Guest::boot();
    signals(&mut guest);
    machine_checks(&mut guest);
    program_check(&mut guest);
    restart(guest);
}

/// Linux counts emergency signals and external calls, of which it has some of
/// its own.
fn signals(guest: &mut Guest) {
    for (line, name) in
        [("irq --cpu 1 emergency --from 0", "EMS"), ("irq --cpu 1 external-call --from 0", "EXC")]
    {
        let before = guest.count(name)[1];
        let mut sent = 0;
        while sent < SIGNALS {
            match guest.lowcore(line) {
                Ok(_) => sent += 1,
                // The CPU has not taken the one before.
                Err(refusal) => assert!(refusal.contains("EBUSY"), "{refusal}"),
            }
        }
        // Emergency signals of one CPU merge while they are pending.
        let least = before + if name == "EMS" { SIGNALS / 2 } else { SIGNALS };
        guest.wait_for(name, |guest| guest.count(name)[1] >= least);
    }
}

/// A warning becomes a signal to process 1. Linux looks for channel reports
/// without a word, but counts the machine check.
fn machine_checks(guest: &mut Guest) {
    assert_eq!(guest.machine_checks(), 0);
    guest.done("irq warning");
    guest.session.until("SIGPWR has come");
    assert_eq!(guest.machine_checks(), 1);
    guest.done("irq channel-report");
    guest.wait_for("the channel report", |guest| guest.machine_checks() == 2);
}

/// A program that does nothing wrong is sent SIGILL, and Linux tells of the
/// operation exception.
fn program_check(guest: &mut Guest) {
    const PROBLEM_STATE: u64 = 1 << 48;
    guest.shell("sysctl -q -w kernel.userprocess_debug=1; dmesg -n 8");
    guest.shell("taskset 2 sh -c 'while :; do :; done' &");
    guest.wait_for("a program that executes", |guest| {
        guest.done("pause");
        let text = guest.lowcore("regs --cpu 1 --json").unwrap();
        let registers: Value = serde_json::from_str(&text).unwrap();
        let mask = registers["cpus"][0]["psw"]["mask"].as_str().unwrap().to_owned();
        let mask = u64::from_str_radix(mask.trim_start_matches("0x"), 16).unwrap();
        let executes = mask & PROBLEM_STATE != 0;
        if executes {
            guest.done("irq --cpu 1 program --code 1");
        }
        guest.done("resume");
        executes
    });
    let told = guest.session.until("User GPRS:");
    assert!(told.contains("User process fault: interruption code 0001 ilc:0 in busybox"), "{told}");
    assert!(told.contains("CPU: 1 "), "{told}");
    let waited = guest.shell("wait $!; echo it ended with $?");
    assert!(waited.contains("it ended with 132"), "{waited}");
}

/// What Linux does at a restart is its setting `on_restart`: to load itself
/// anew, or, if nothing was set, to stop all CPUs.
fn restart(mut guest: Guest) {
    const SETTING: &str = "/sys/firmware/shutdown_actions/on_restart";
    let is_stop = |answer: &str| answer.lines().any(|line| line.trim() == "stop");
    let answer = guest.shell(&format!("mount -t sysfs sysfs /sys; cat {SETTING}"));
    assert!(is_stop(&answer), "{answer}");
    guest.shell(&format!("echo reipl >{SETTING}; touch /tmp/first"));
    guest.done("nmi --cpu 1");
    guest.session.until(PROMPT);
    let answer = guest.shell(&format!("ls /tmp; mount -t sysfs sysfs /sys; cat {SETTING}"));
    assert!(is_stop(&answer) && !answer.contains("first"), "{answer}");
    guest.done("irq restart");
    let (status, output) = guest.session.end();
    assert_eq!(status, Some(4), "{output}");
    assert!(
        output.contains("the guest waits for ever, with all interruptions disabled"),
        "{output}"
    );
}
