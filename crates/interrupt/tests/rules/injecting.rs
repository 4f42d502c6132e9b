//! Sections B.2 and B.8: what is accepted, refused, overwritten.

use crate::{operating, with};
use lowcore_interrupt::LocalInterrupt::{
    ClockComparator, CpuTimer, EmergencySignal, ExternalCall, PfaultInit, Program, Restart,
    SetPrefix, Stop,
};
use lowcore_interrupt::{
    Injected, LocalInterrupt, LocalInterrupts, ProgramInterruption, Refusal, StopRequest,
};

/// Injects, expects a refusal, and that nothing has changed.
fn refused(local: &mut LocalInterrupts, interrupt: LocalInterrupt, refusal: Refusal) {
    let before = local.clone();
    assert_eq!(local.inject(interrupt, 0), Err(refusal));
    assert_eq!(*local, before);
}

#[test]
fn b2_unknown_stop_flags_come_before_the_state() {
    for flags in [2, 3, 0x8000_0000, 0x8000_0001] {
        refused(&mut LocalInterrupts::new(), Stop { flags }, Refusal::UnknownStopFlags);
        refused(&mut operating(), Stop { flags }, Refusal::UnknownStopFlags);
        let mut pending = with(operating(), &[Stop { flags: 0 }]);
        refused(&mut pending, Stop { flags }, Refusal::UnknownStopFlags);
    }
}

#[test]
fn b8_a_stop_of_a_stopped_cpu_is_not_recorded() {
    let mut local = LocalInterrupts::new();
    assert_eq!(local.inject(Stop { flags: 0 }, 0), Ok(Injected::Ignored));
    assert_eq!(local.inject(Stop { flags: 1 }, 0), Ok(Injected::StoreStatus));
    assert_eq!(local, LocalInterrupts::new());
}

#[test]
fn b8_a_second_stop_is_refused_and_the_first_keeps_its_flags() {
    for (first, second) in [(0, 1), (1, 0), (0, 0), (1, 1)] {
        let mut local = with(operating(), &[Stop { flags: first }]);
        refused(&mut local, Stop { flags: second }, Refusal::StopPending);
        assert_eq!(local.stop_pending(), Some(StopRequest { store_status: first == 1 }));
    }
}

#[test]
fn b2_set_prefix_needs_a_stopped_cpu() {
    refused(&mut operating(), SetPrefix { address: 0x2000 }, Refusal::CpuNotStopped);
}

#[test]
fn b2_set_prefix_is_not_checked_and_overwrites() {
    let local = with(
        LocalInterrupts::new(),
        &[SetPrefix { address: 0x2000 }, SetPrefix { address: 0xffff_ffff }],
    );
    assert_eq!(local.state(), [SetPrefix { address: 0xffff_ffff }]);
}

#[test]
fn b2_restart_and_timers_are_idempotent() {
    for interrupt in [Restart, ClockComparator, CpuTimer] {
        let local = with(operating(), &[interrupt, interrupt]);
        assert_eq!(local.state(), [interrupt]);
    }
}

#[test]
fn b2_emergency_signals_accumulate_by_source() {
    let signal = |source| EmergencySignal { source };
    let local = with(operating(), &[signal(64), signal(254), signal(0), signal(64)]);
    assert_eq!(local.state(), [signal(0), signal(64), signal(254)]);
}

#[test]
fn b2_no_source_is_above_254() {
    for source in [255, 256, 0xffff] {
        refused(&mut operating(), EmergencySignal { source }, Refusal::NoSuchSource);
        refused(&mut operating(), ExternalCall { source }, Refusal::NoSuchSource);
        // For an external call this comes before whether one is pending.
        let mut pending = with(operating(), &[ExternalCall { source: 0 }]);
        refused(&mut pending, ExternalCall { source }, Refusal::NoSuchSource);
    }
}

#[test]
fn b2_a_second_external_call_is_refused_and_the_first_source_kept() {
    let mut local = with(operating(), &[ExternalCall { source: 7 }]);
    refused(&mut local, ExternalCall { source: 8 }, Refusal::ExternalCallPending);
    refused(&mut local, ExternalCall { source: 7 }, Refusal::ExternalCallPending);
    assert_eq!(local.state(), [ExternalCall { source: 7 }]);
    assert!(local.external_call_pending());
}

#[test]
fn b2_pfault_init_overwrites() {
    let first = PfaultInit { parameter: 1, token: 2 };
    let second = PfaultInit { parameter: 3, token: 4 };
    assert_eq!(with(operating(), &[first, second]).state(), [second]);
}

#[test]
fn b2_a_program_interruption_of_code_0_is_accepted() {
    let program = Program(ProgramInterruption { flags: 1, ..ProgramInterruption::default() });
    assert_eq!(with(operating(), &[program]).state(), [program]);
}

#[test]
fn b1_everything_but_stop_is_recorded_while_stopped() {
    let local = with(
        LocalInterrupts::new(),
        &[
            Program(ProgramInterruption::default()),
            SetPrefix { address: 0 },
            Restart,
            ClockComparator,
            CpuTimer,
            EmergencySignal { source: 1 },
            ExternalCall { source: 1 },
            crate::check(1 << 63, 0),
            PfaultInit { parameter: 0, token: 0 },
        ],
    );
    // 27 25 21 20 19 18 13 1 0
    assert_eq!(local.pending().bits(), 0x0a3c_2003);
    assert!(local.is_stopped());
}

#[test]
fn b2_which_refusals_the_kernel_calls_busy() {
    let invalid = [Refusal::UnknownStopFlags, Refusal::NoSuchSource];
    let busy = [
        Refusal::CpuNotStopped,
        Refusal::StopPending,
        Refusal::ExternalCallPending,
        Refusal::QueueFull,
        Refusal::InterruptsPending,
    ];
    assert!(invalid.iter().all(|refusal| !refusal.is_busy()));
    assert!(busy.iter().all(|refusal| refusal.is_busy()));
}

#[test]
fn c8_completing_a_stop_stops_and_forgets_it() {
    let mut local = with(operating(), &[Stop { flags: 1 }, Restart]);
    local.complete_stop();
    assert!(local.is_stopped());
    assert_eq!(local.stop_pending(), None);
    assert_eq!(local.state(), [Restart]);
    // The flag of the last stop does not cling to the next.
    local.start();
    assert_eq!(with(local, &[Stop { flags: 0 }]).state(), [Restart, Stop { flags: 0 }]);
}

#[test]
fn c8_a_completed_stop_leaves_nothing_behind() {
    let mut local = with(operating(), &[Stop { flags: 1 }]);
    local.complete_stop();
    assert_eq!(local, LocalInterrupts::new());
}

#[test]
fn c13_stop_withdraws_only_a_stop_and_start_nothing() {
    let mut local = with(operating(), &[Stop { flags: 1 }, EmergencySignal { source: 9 }]);
    local.stop();
    assert!(local.is_stopped());
    assert_eq!(local.state(), [EmergencySignal { source: 9 }]);
    local.start();
    local.start();
    assert!(!local.is_stopped());
    assert_eq!(local.state(), [EmergencySignal { source: 9 }]);
}

#[test]
fn c13_clearing_forgets_payloads_and_keeps_the_stopped_state() {
    let all = [
        Stop { flags: 1 },
        Program(ProgramInterruption { flags: 0xff, ..ProgramInterruption::default() }),
        Restart,
        PfaultInit { parameter: 1, token: 2 },
        ClockComparator,
        CpuTimer,
        EmergencySignal { source: 1 },
        ExternalCall { source: 2 },
        crate::check(1 << 63, 0xff),
    ];
    let mut local = with(operating(), &all);
    local.clear();
    assert_eq!(local, operating());
    let mut local = with(LocalInterrupts::new(), &[SetPrefix { address: 0x4000 }]);
    local.clear();
    assert_eq!(local, LocalInterrupts::new());
}
