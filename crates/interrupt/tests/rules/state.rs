//! Sections D.1 and D.2: reading and restoring what is pending.

use crate::{check, operating, with};
use lowcore_arch::ProgramCode;
use lowcore_interrupt::LocalInterrupt::{
    ClockComparator, CpuTimer, EmergencySignal, ExternalCall, PfaultInit, Program, Restart,
    SetPrefix, Stop,
};
use lowcore_interrupt::{
    Injected, LocalInterrupt, LocalInterrupts, ProgramInterruption, Refusal, Restored,
};

const DONE: Restored = Restored { store_status: false, result: Ok(()) };

fn program() -> LocalInterrupt {
    let code = ProgramCode(6);
    Program(ProgramInterruption { code, flags: 0x03, ..ProgramInterruption::default() })
}

/// Everything an operating CPU can have, in the order of D.1.
fn everything() -> Vec<LocalInterrupt> {
    vec![
        Restart,
        Stop { flags: 1 },
        PfaultInit { parameter: 7, token: 8 },
        CpuTimer,
        ClockComparator,
        ExternalCall { source: 3 },
        program(),
        check(1 << 63, 0),
        EmergencySignal { source: 0 },
        EmergencySignal { source: 63 },
        EmergencySignal { source: 254 },
    ]
}

#[test]
fn d1_order() {
    let reversed: Vec<_> = everything().into_iter().rev().collect();
    assert_eq!(with(operating(), &reversed).state(), everything());
}

#[test]
fn d1_set_prefix_comes_first() {
    let prefix = SetPrefix { address: 0x1234 };
    let local = with(LocalInterrupts::new(), &[check(1 << 58, 0), Restart, prefix]);
    assert_eq!(local.state(), [prefix, Restart, check(1 << 58, 0)]);
}

#[test]
fn d1_two_machine_check_entries_around_the_program_entry() {
    let local = with(operating(), &[check(1 << 58, 0), check(1 << 63, 0), program()]);
    let merged = check(1 << 63 | 1 << 58, 0);
    assert_eq!(local.state(), [merged, program(), merged]);
}

#[test]
fn d1_program_entries_carry_the_resolved_length() {
    let mut local = operating();
    let given = ProgramInterruption { code: ProgramCode(1), ..Default::default() };
    assert_eq!(local.inject(Program(given), 4), Ok(Injected::Recorded));
    assert_eq!(local.state(), [Program(ProgramInterruption { flags: 0x05, ..given })]);
}

#[test]
fn d1_nothing_pending_is_an_empty_list() {
    assert_eq!(operating().state(), []);
}

#[test]
fn d2_round_trip() {
    let before = with(operating(), &everything());
    let mut after = operating();
    assert_eq!(after.restore(&before.state(), 0), DONE);
    assert_eq!(after, before);
}

#[test]
fn d2_is_refused_over_anything_pending() {
    for pending in everything() {
        let mut local = with(operating(), &[pending]);
        let before = local.clone();
        let refused = Restored { store_status: false, result: Err(Refusal::InterruptsPending) };
        assert_eq!(local.restore(&[Restart], 0), refused);
        assert_eq!(local, before);
    }
    // A machine check that made nothing pending is not in the way.
    let mut local = with(operating(), &[check(1 << 61, 0)]);
    assert_eq!(local.restore(&[Restart], 0), DONE);
}

#[test]
fn d2_entries_before_a_refused_one_stay_and_later_ones_are_skipped() {
    let mut local = operating();
    let entries = [
        ExternalCall { source: 1 },
        Restart,
        ExternalCall { source: 2 },
        EmergencySignal { source: 5 },
    ];
    let refused = Restored { store_status: false, result: Err(Refusal::ExternalCallPending) };
    assert_eq!(local.restore(&entries, 0), refused);
    assert_eq!(local.state(), [Restart, ExternalCall { source: 1 }]);
}

#[test]
fn d2_set_prefix_needs_a_stopped_cpu() {
    let entries = [SetPrefix { address: 0x2000 }];
    let refused = Restored { store_status: false, result: Err(Refusal::CpuNotStopped) };
    assert_eq!(operating().restore(&entries, 0), refused);
    assert_eq!(LocalInterrupts::new().restore(&entries, 0), DONE);
}

#[test]
fn d2_a_stop_is_swallowed_by_a_stopped_cpu_and_doubled_refused_by_an_operating_one() {
    let mut stopped = LocalInterrupts::new();
    assert_eq!(stopped.restore(&[Stop { flags: 0 }, Restart], 0), DONE);
    assert_eq!(stopped.state(), [Restart]);
    let entries = [Stop { flags: 0 }, Stop { flags: 0 }];
    let refused = Restored { store_status: false, result: Err(Refusal::StopPending) };
    assert_eq!(operating().restore(&entries, 0), refused);
}

#[test]
fn d2_status_is_stored_even_if_a_later_entry_is_refused() {
    let mut local = LocalInterrupts::new();
    let entries = [Stop { flags: 1 }, Stop { flags: 2 }, Restart];
    let refused = Restored { store_status: true, result: Err(Refusal::UnknownStopFlags) };
    assert_eq!(local.restore(&entries, 0), refused);
    assert!(local.is_empty());
    let stored = Restored { store_status: true, result: Ok(()) };
    assert_eq!(local.restore(&[Stop { flags: 1 }, Restart], 0), stored);
    assert_eq!(local.state(), [Restart]);
}

#[test]
fn d2_a_program_entry_without_a_length_gets_the_last_intercepts() {
    let mut local = operating();
    let given = ProgramInterruption { code: ProgramCode(1), ..Default::default() };
    assert_eq!(local.restore(&[Program(given)], 2), DONE);
    assert_eq!(local.state(), [Program(ProgramInterruption { flags: 0x03, ..given })]);
}

#[test]
fn d2_nothing_to_restore_is_nothing() {
    // The interface refuses an empty list before it comes here.
    let mut local = operating();
    assert_eq!(local.restore(&[], 0), DONE);
    assert!(local.is_empty());
}
