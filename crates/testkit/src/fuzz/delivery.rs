//! One delivery pass, after which every interrupt is accounted for.

use super::Source;
use super::accounts::Accounts;
use super::guest;
use super::machine::{Machine, SLOT};
use lowcore_arch::{Psw, bits, lowcore};
use lowcore_cpu::{Cpu, Intercept};
use lowcore_interrupt::{FloatingInterrupt, Kind, LocalInterrupt};
use std::sync::Arc;

/// What old PSWs are before the pass.
const UNTOUCHED: u8 = 0x5a;

/// A class of interruptions.
struct Class {
    old: u16,
    new: u16,
}

const RESTART: Class = Class { old: lowcore::RESTART_OLD_PSW, new: lowcore::RESTART_NEW_PSW };
const EXTERNAL: Class = Class { old: lowcore::EXTERNAL_OLD_PSW, new: lowcore::EXTERNAL_NEW_PSW };
const PROGRAM: Class = Class { old: lowcore::PROGRAM_OLD_PSW, new: lowcore::PROGRAM_NEW_PSW };
const MACHINE_CHECK: Class =
    Class { old: lowcore::MACHINE_CHECK_OLD_PSW, new: lowcore::MACHINE_CHECK_NEW_PSW };
const IO: Class = Class { old: lowcore::IO_OLD_PSW, new: lowcore::IO_NEW_PSW };

/// A waiting CPU whose every new PSW is a disabled wait, masks and pending
/// interrupts made of `bytes`: it delivers what it may, and each interrupt
/// then is pending still or seen in the low core (the specification, C).
///
/// # Panics
/// If one is lost, appears twice, or comes out of nothing.
pub fn delivery(bytes: &[u8]) {
    let source = &mut Source::new(bytes);
    let Some(mut machine) = Machine::new(2 * SLOT) else { return };
    let mut cpu = Cpu::new(Arc::clone(&machine.mailbox));
    cpu.regs = guest::registers(source, SLOT);
    cpu.regs.set_prefix(source.pick(&[0, 0x2000, 0x8000]));
    let masks = u64::from(source.u8()) << 52 & (Psw::IO | Psw::EXTERNAL)
        | if source.one_in(2) { Psw::MACHINE_CHECK } else { 0 };
    cpu.regs.psw = Psw::new(Psw::WAIT | masks, 0x1234);
    // Timers of the CPU are left to the run loop's own tests.
    cpu.regs.clock_comparator = u64::MAX;
    cpu.regs.cpu_timer.set(u64::MAX >> 1);
    cpu.regs.cr[0] &= u64::MAX >> 11;
    machine.ends_waits = masks != 0;
    let area = u64::from(cpu.regs.prefix);
    let view = machine.storage.view();
    let mut prepared = true;
    for class in [&RESTART, &EXTERNAL, &PROGRAM, &MACHINE_CHECK, &IO] {
        let new = Psw::new(Psw::WAIT, class.new.into());
        prepared &= view.write(area + u64::from(class.new), &new.to_bytes()).is_ok();
        prepared &= view.write(area + u64::from(class.old), &[UNTOUCHED; 16]).is_ok();
    }
    assert!(prepared, "the low core is in storage");
    guest::interrupts(source, &machine, false);

    let before = Accounts::of(&machine);
    machine.allow(u32::MAX);
    let intercept = cpu.run(&machine);
    let after = Accounts::of(&machine);
    before.check_nothing_appeared(&after);

    let seen = |class: &Class| {
        let mut old = [0; 16];
        let read = view.read(area + u64::from(class.old), &mut old);
        assert!(read.is_ok(), "the low core is in storage");
        old != [UNTOUCHED; 16]
    };
    let word = |offset: u16, length: u32| {
        let read = view.load_u64(area + u64::from(offset));
        assert!(read.is_ok(), "the low core is in storage");
        read.unwrap_or(0) >> (64 - 8 * length)
    };
    let gone = before.gone(&after);
    let has_gone = |kind| gone.contains(&kind);

    // Without masks of their own: always delivered.
    for (kind, class) in [(Kind::Program, &PROGRAM), (Kind::Restart, &RESTART)] {
        assert!(!after.kinds.contains(kind), "{kind:?} is still pending");
        assert_eq!(before.kinds.contains(kind), seen(class), "{kind:?}: {before:?}");
    }
    let prefix = before.local.iter().find_map(|interrupt| match interrupt {
        LocalInterrupt::SetPrefix { address } => Some(address & lowcore::PREFIX_MASK),
        _ => None,
    });
    assert!(!after.kinds.contains(Kind::SetPrefix), "a prefix is still pending");
    assert_eq!(u64::from(cpu.regs.prefix), prefix.map_or(area, u64::from), "{before:?}");

    // With masks: one of each class at most, since its new PSW has none.
    let checks = [Kind::ExigentMachineCheck, Kind::RepressibleMachineCheck];
    assert_eq!(checks.into_iter().any(has_gone), seen(&MACHINE_CHECK), "{before:?} {after:?}");
    let io =
        missing(&before.floating, &after.floating, |one| matches!(one, FloatingInterrupt::Io(_)));
    assert_eq!(io.len(), usize::from(seen(&IO)), "{before:?} {after:?}");
    if let [FloatingInterrupt::Io(io)] = io[..] {
        let stored = (word(lowcore::SUBCHANNEL_ID, 4), word(lowcore::IO_PARAMETER, 8));
        let subchannel = u64::from(io.subchannel_id) << 16 | u64::from(io.subchannel_number);
        assert_eq!(stored, (subchannel, u64::from(io.parameter) << 32 | u64::from(io.word)));
    }
    let code = bits::low16(word(lowcore::EXTERNAL_CODE, 2));
    let external = external_gone(&before, &after);
    assert!(external.len() <= 1, "{before:?} {after:?}");
    assert_eq!(seen(&EXTERNAL).then_some(code), external.first().copied(), "{before:?} {after:?}");

    // The PSW is that of the last class in the pass, or as it was.
    let last = [RESTART, PROGRAM, IO, EXTERNAL, MACHINE_CHECK].into_iter().find(seen);
    match last {
        Some(class) => assert_eq!(cpu.regs.psw, Psw::new(Psw::WAIT, class.new.into())),
        None => assert_eq!(cpu.regs.psw, Psw::new(Psw::WAIT | masks, 0x1234)),
    }
    let expected = if machine.ends_waits { Intercept::Requested } else { Intercept::DisabledWait };
    assert_eq!(intercept, expected);
    machine.check_guards();
}

/// What is in `before` but not in `after`, of the kind that `which` tells.
fn missing(
    before: &[FloatingInterrupt],
    after: &[FloatingInterrupt],
    which: impl Fn(&FloatingInterrupt) -> bool,
) -> Vec<FloatingInterrupt> {
    let mut after: Vec<_> = after.to_vec();
    let mut missing = Vec::new();
    for interrupt in before.iter().filter(|interrupt| which(interrupt)) {
        match after.iter().position(|other| other == interrupt) {
            Some(place) => {
                after.swap_remove(place);
            }
            None => missing.push(*interrupt),
        }
    }
    missing
}

/// The external-interruption codes of what is no longer pending. Both parts of
/// a service signal have one code.
fn external_gone(before: &Accounts, after: &Accounts) -> Vec<u16> {
    let mut codes = Vec::new();
    for interrupt in &before.local {
        let code = match interrupt {
            LocalInterrupt::EmergencySignal { .. } => 0x1201,
            LocalInterrupt::ExternalCall { .. } => 0x1202,
            LocalInterrupt::PfaultInit { .. } => 0x2603,
            _ => continue,
        };
        if !after.local.contains(interrupt) {
            codes.push(code);
        }
    }
    let queued = missing(&before.floating, &after.floating, |one| {
        matches!(one, FloatingInterrupt::Virtio { .. } | FloatingInterrupt::PfaultDone { .. })
    });
    codes.extend(queued.iter().map(|_| 0x2603));
    for kind in [Kind::ServiceEvent, Kind::ServiceSignal] {
        if before.gone(after).contains(&kind) {
            codes.push(0x2401);
        }
    }
    codes
}
