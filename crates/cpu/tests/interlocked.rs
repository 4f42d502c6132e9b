//! Two CPUs at one storage: updates that are one step lose nothing, and
//! serialization orders stores before loads.

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

use lowcore_arch::Psw;
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_isa::assemble;
use std::sync::{Arc, Barrier};

/// Real mode, 64-bit addressing, every interruption disabled.
const SUPERVISOR: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
/// What both CPUs access, in register 10.
const SHARED: u64 = 0x8000;
/// How often, in register 2.
const ROUNDS: u64 = 20_000;

/// The same where the CPUs take turns: on a host of one CPU each turn is a
/// time slice.
const WAITING_ROUNDS: u64 = 2_000;

/// The instructions of a program, one a line; `label:` marks a place and
/// `@label` stands for its address.
fn program(start: u64, text: &str) -> Vec<u8> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut labels = Vec::new();
    let mut bytes = Vec::new();
    for pass in 0..2 {
        bytes.clear();
        for line in lines() {
            let address = start + bytes.len() as u64;
            if let Some(label) = line.strip_suffix(':') {
                if pass == 0 {
                    labels.push((format!("@{label}"), address));
                }
                continue;
            }
            // In the first pass any address will do.
            let mut line = line.to_string();
            if let Some(at) = line.find('@') {
                let name = line.split_off(at);
                let found = labels.iter().find(|(label, _)| *label == name);
                line.push_str(&format!("{:#x}", found.map_or(start, |(_, at)| *at)));
            }
            bytes.extend_from_slice(assemble(&line, address).unwrap().bytes());
        }
    }
    bytes
}

/// Runs a program on two CPUs at once, until each ends with DIAGNOSE. The
/// program is a function of the number of the CPU. Gives the CPUs.
fn run_two(machine: &Standalone, text: impl Fn(u64) -> String + Sync) -> Vec<Cpu> {
    let barrier = Barrier::new(2);
    let one = |number: u64| {
        let start = 0x1_0000 + 0x1_0000 * number;
        let code = program(start, &text(number));
        machine.storage.view().write(start, &code).unwrap();
        let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
        cpu.mailbox.local.lock().start();
        cpu.regs.psw = Psw::new(SUPERVISOR, start);
        cpu.regs.gr = [0; 16];
        cpu.regs.gr[10] = SHARED;
        cpu.regs.gr[2] = ROUNDS;
        barrier.wait();
        let exit = cpu.run(machine);
        assert!(matches!(exit, Intercept::Instruction { ipa: 0x8300, .. }), "{exit:?}");
        cpu
    };
    std::thread::scope(|scope| {
        let one = &one;
        let threads = [0, 1].map(|number| scope.spawn(move || one(number)));
        threads.map(|thread| thread.join().unwrap()).into_iter().collect()
    })
}

fn machine() -> Standalone {
    let memory = Mapping::anonymous(1 << 20).unwrap();
    let machine = Standalone::default();
    machine.storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
    machine
}

#[test]
fn updates_in_one_step_lose_nothing() {
    let machine = machine();
    // Each CPU has a bit of its own in the bytes and in the words that are
    // not counters, and in register 9 counts when it is not as it left it.
    let text = |number: u64| {
        let bit = 1 << number;
        let others = 0xff ^ bit;
        format!(
            "lghi %r3,1
             lghi %r7,{bit}
             lghi %r8,{}
             again:
             laa %r1,%r3,0(%r10)
             laag %r1,%r3,8(%r10)
             laal %r1,%r3,16(%r10)
             laalg %r1,%r3,24(%r10)
             asi 32(%r10),1
             agsi 40(%r10),-1
             alsi 48(%r10),1
             algsi 56(%r10),-1
             lao %r1,%r7,64(%r10)
             nr %r1,%r7
             ar %r9,%r1
             lang %r1,%r8,72(%r10)
             lax %r1,%r7,80(%r10)
             lan %r1,%r8,64(%r10)
             nr %r1,%r7
             sr %r1,%r7
             ar %r9,%r1
             oi 88(%r10),{bit}
             tm 88(%r10),{bit}
             brc 1,@set
             ahi %r9,1
             set:
             ni 88(%r10),{others}
             tm 88(%r10),{bit}
             brc 8,@reset
             ahi %r9,1
             reset:
             xiy 88(%r10),{bit}
             tmy 88(%r10),{bit}
             brc 1,@changed
             ahi %r9,1
             changed:
             xi 88(%r10),{bit}
             brctg %r2,@again
             diag %r0,%r0,1281",
            !bit
        )
    };
    let cpus = run_two(&machine, text);
    for cpu in &cpus {
        assert_eq!(cpu.regs.gr[9], 0, "bits of one CPU were changed by the other");
    }
    let view = machine.storage.view();
    let word = |at| u64::from(view.load_u32(SHARED + at).unwrap());
    let long = |at| view.load_u64(SHARED + at).unwrap();
    let all = 2 * ROUNDS;
    assert_eq!([word(0), word(16), word(32), word(48)], [all; 4]);
    assert_eq!([long(8), long(24)], [all; 2]);
    assert_eq!([long(40), long(56)], [all.wrapping_neg(); 2]);
    // An even number of changes.
    assert_eq!([word(64), long(72), word(80), word(88)], [0; 4]);
}

#[test]
fn test_and_set_excludes_the_other_cpu() {
    let machine = machine();
    let text = |_| {
        "again:
         ts 0(%r10)
         brc 7,@again
         l %r1,4(%r10)
         ahi %r1,1
         st %r1,4(%r10)
         mvi 0(%r10),0
         brctg %r2,@again
         diag %r0,%r0,1281"
            .to_string()
    };
    run_two(&machine, text);
    assert_eq!(u64::from(machine.storage.view().load_u32(SHARED + 4).unwrap()), 2 * ROUNDS);
}

#[test]
fn serialization_orders_a_store_before_later_loads() {
    // Peterson's algorithm is right only with it: each CPU raises its flag,
    // gives way, and then looks at the other's flag.
    let machine = machine();
    let text = |number: u64| {
        let (own, other) = (4 * number, 4 * (1 - number));
        format!(
            "lghi %r2,{WAITING_ROUNDS}
             lhi %r3,1
             lhi %r4,{other}
             lhi %r5,0
             again:
             st %r3,{own}(%r10)
             st %r4,8(%r10)
             bcr {},%r0
             wait:
             l %r1,{other}(%r10)
             ltr %r1,%r1
             brc 8,@enter
             c %r4,8(%r10)
             brc 8,@wait
             enter:
             l %r1,16(%r10)
             ahi %r1,1
             st %r1,16(%r10)
             st %r5,{own}(%r10)
             brctg %r2,@again
             diag %r0,%r0,1281",
            14 + number
        )
    };
    run_two(&machine, text);
    let count = machine.storage.view().load_u32(SHARED + 16).unwrap();
    assert_eq!(u64::from(count), 2 * WAITING_ROUNDS);
}

#[test]
fn pairs_that_others_change_are_told_apart() {
    // One CPU keeps two words equal, in two places; the other one never sees
    // a pair as fetched in one step that is more than one change apart.
    let machine = machine();
    let text = |number: u64| {
        if number == 0 {
            "again:
             asi 0(%r10),1
             asi 64(%r10),1
             brctg %r2,@again
             diag %r0,%r0,1281"
                .to_string()
        } else {
            "again:
             lpd %r4,0(%r10),64(%r10)
             brc 7,@next
             sr %r4,%r5
             srl %r4,1
             or %r9,%r4
             next:
             brctg %r2,@again
             diag %r0,%r0,1281"
                .to_string()
        }
    };
    let cpus = run_two(&machine, text);
    assert_eq!(cpus[1].regs.gr[9], 0);
}
