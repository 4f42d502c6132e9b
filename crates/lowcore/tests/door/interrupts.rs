//! Every subcommand of `lowcore irq`, and what the low core of the guest says
//! of it.

use crate::guest::{self, EXTERNAL, IO, MACHINE_CHECK, OTHER_PREFIX, PROGRAM, RESTART, WAITING_AT};
use crate::machine::{Machine, number, wait_for};

/// What a machine check of ours says to be valid.
const VALID: u64 = 0x0f1d_4033_0000;

/// Injects and waits until the CPU has counted it; the class and three words
/// that its handler has loaded.
fn inject(machine: &Machine, cpu: usize, arguments: &[&str]) -> (u64, [u64; 3]) {
    let before = machine.general(cpu)[0];
    machine.folder.good(&[&["irq", "m"], arguments].concat());
    let mut after = [0; 5];
    wait_for("the interruption", || {
        after = machine.general(cpu);
        after[0] != before
    });
    let [count, class, words @ ..] = after;
    assert_eq!(count, before + 1, "{arguments:?}");
    (class, words)
}

#[test]
fn local_interrupts_reach_the_guest() {
    let machine = Machine::start("local", &guest::waits(), "2");
    let take = |line: &str| inject(&machine, 0, &line.split(' ').collect::<Vec<_>>());

    assert_eq!(take("restart"), (RESTART, [WAITING_AT, 0, 0]));
    let (class, [word, ..]) = take("emergency --from 1");
    assert_eq!((class, word), (EXTERNAL, 0x0001_1201));
    let (class, [word, ..]) = take("emergency");
    assert_eq!((class, word), (EXTERNAL, 0x0000_1201));
    let (class, [word, ..]) = take("external-call --from 1 --cpu 0");
    assert_eq!((class, word), (EXTERNAL, 0x0001_1202));
    let (class, [word, token, _]) = take("pfault-init --token 0x123456789abcdef0");
    assert_eq!((class, word, token), (EXTERNAL, 0x0600_2603, 0x1234_5678_9abc_def0));

    let (class, [word, ..]) = take("program");
    assert_eq!((class, word), (PROGRAM, 1));
    let (class, [word, id, _]) =
        take("program --code 4 --translation-exception 0x123000 --instruction-length 6");
    assert_eq!((class, word, id), (PROGRAM, 0x0006_0004, 0x12_3000));

    let (class, [code, ..]) = take("warning");
    assert_eq!((class, code), (MACHINE_CHECK, 1 << 55 | VALID));
    let (class, [code, ..]) = take("degradation");
    assert_eq!((class, code), (MACHINE_CHECK, 1 << 56 | VALID));
    let (class, [code, _, damage]) = take("external-damage --code 0x1000000");
    assert_eq!((class, code, damage), (MACHINE_CHECK, 1 << 58 | 1 << 37 | VALID, 0x100_0000));
    // The subclass is found in the code.
    let (class, [code, address, _]) =
        take("machine-check --mcic 0x0080000000000000 --failing-storage-address 0xabc000");
    assert_eq!((class, code, address), (MACHINE_CHECK, 1 << 55, 0xab_c000));
    let (class, [code, ..]) = take("machine-check --mcic 0x8000000000000000 --cr14 0");
    assert_eq!((class, code), (MACHINE_CHECK, 1 << 63));
}

#[test]
fn timers_interrupt_only_when_they_are_due() {
    let machine = Machine::start("timers", &guest::waits(), "1");
    machine.folder.good(&["irq", "m", "clock-comparator"]);
    machine.folder.good(&["irq", "m", "cpu-timer"]);
    // The next one is the first that the guest counts.
    inject(&machine, 0, &["restart"]);
    assert_eq!(machine.general(0)[0], 1);
}

#[test]
fn floating_interrupts_reach_whoever_is_enabled() {
    let machine = Machine::start("floating", &guest::waits(), "1");
    let take = |line: &str| inject(&machine, 0, &line.split(' ').collect::<Vec<_>>());

    let (class, [code, ..]) = take("channel-report");
    assert_eq!((class, code), (MACHINE_CHECK, 1 << 54 | VALID));
    let (class, [code, ..]) = take("floating-machine-check --mcic 0x0080000000000001");
    assert_eq!((class, code), (MACHINE_CHECK, 1 << 55 | 1));
    let (class, [word, ..]) = take("service --parameter 0x3000");
    assert_eq!((class, word), (EXTERNAL, 0x3000_0000_2401));
    let (class, [word, token, _]) = take("virtio --parameter 7 --token 0xfedcba9876543210");
    assert_eq!((class, word, token), (EXTERNAL, 0x7_0d00_2603, 0xfedc_ba98_7654_3210));
    let (class, [word, token, _]) = take("pfault-done --token 5");
    assert_eq!((class, word, token), (EXTERNAL, 0x7_0680_2603, 5));

    let (class, [id, word, _]) = take("io");
    assert_eq!((class, id, word), (IO, 0x0001_0000_0000_0000, 3 << 27));
    let (class, [id, word, _]) =
        take("io --subchannel-id 0xfe03 --subchannel-nr 0x12 --parameter 0xabcdef00 --isc 5");
    assert_eq!((class, id, word), (IO, 0xfe03_0012_abcd_ef00, 5 << 27));
    let (class, [_, word, _]) = take("io --adapter --isc 1");
    assert_eq!((class, word), (IO, 1 << 31 | 1 << 27));
    let (class, [_, word, _]) = take("io --word 0x10000042");
    assert_eq!((class, word), (IO, 0x1000_0042));
}

#[test]
fn a_second_cpu_is_started_stopped_and_given_a_prefix() {
    let machine = Machine::start("second", &guest::waits(), "2");
    let folder = &machine.folder;
    assert_eq!(machine.cpu_state(1), "stopped");
    // A restart alone starts nobody.
    folder.good(&["irq", "m", "--cpu", "1", "restart"]);
    assert_eq!((machine.cpu_state(1), machine.general(1)[0]), ("stopped".into(), 0));
    folder.good(&["nmi", "m", "--cpu", "1"]);
    wait_for("the CPU to take its restart", || machine.general(1)[0] == 1);
    assert_eq!(machine.cpu_state(1), "operating");
    assert_eq!(machine.general(0)[0], 0);

    // It is not stopped.
    folder.bad(&["irq", "m", "--cpu", "1", "set-prefix", "--address", "0x10000"], 1, "EBUSY: ");
    folder.good(&["irq", "m", "stop", "--cpu", "1"]);
    wait_for("the CPU to stop", || machine.cpu_state(1) == "stopped");
    folder.good(&["irq", "m", "stop", "--cpu", "1", "--store-status"]);
    folder.good(&["irq", "m", "set-prefix", "--cpu", "1", "--address", "0x10000"]);
    folder.good(&["nmi", "m", "--cpu", "1"]);
    wait_for("the new prefix", || number(&machine.registers(1)["prefix"]) == OTHER_PREFIX);
    wait_for("the CPU to take its restart", || machine.general(1)[0] == 2);
    assert!(folder.good(&["ps"]).contains("running\n"));
}

#[test]
fn a_cpu_that_waits_for_ever_is_woken() {
    let machine = Machine::start("hangs", &guest::hangs(), "2");
    wait_for("the disabled wait", || machine.cpu_state(0) == "disabled-wait");
    assert!(machine.folder.good(&["ps"]).contains("running, 1 in a disabled wait"));
    let (class, [address, ..]) = inject(&machine, 0, &["restart"]);
    assert_eq!((class, address), (RESTART, 0xdead));
    assert_eq!(machine.cpu_state(0), "operating");
}

#[test]
fn what_the_interface_refuses_is_told_with_its_errno() {
    let machine = Machine::start("refused", &guest::waits(), "2");
    let folder = &machine.folder;
    let refused = |line: &str, status: i32, because: &str| {
        let arguments: Vec<&str> = ["irq", "m"].into_iter().chain(line.split(' ')).collect();
        folder.bad(&arguments, status, because);
    };
    folder.good(&["pause", "m"]);
    folder.good(&["irq", "m", "external-call", "--from", "1"]);
    refused("external-call", 1, "lowcore: EBUSY: An external call is already pending.");
    folder.good(&["irq", "m", "stop"]);
    refused("stop", 1, "EBUSY: A stop is already pending.");
    refused("emergency --from 2", 1, "EINVAL: The source of the interrupt is not the id");
    refused("external-call --from 2", 1, "EINVAL: ");
    refused("restart --cpu 2", 1, "There is no CPU 2: the CPUs of this machine are 0 to 1.");
    refused("channel-report --cpu 1", 1, "A floating interrupt is for whichever CPU");

    refused("program --code 0x10000", 2, "more than 16 bits");
    refused("program --code one", 2, "is no number of 16 bits");
    refused("program --instruction-length 3", 2, "2, 4 or 6 bytes");
    refused("io --isc 8", 2, "0..=7");
    refused("set-prefix", 2, "--address");
    refused("machine-check", 2, "--mcic");
    refused("flood", 2, "flood");
}
