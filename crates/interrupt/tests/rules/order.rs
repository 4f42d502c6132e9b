//! Section C.2: numbers, order, and what one pass delivers; B.5: hints.

use crate::{check, closed, open, operating, with};
use lowcore_arch::Psw;
use lowcore_interrupt::{
    Delivery, Enablement, FloatingInterrupt, FloatingInterrupts, IoInterruption, Kind,
    LocalInterrupt, LocalInterrupts, ProgramInterruption, Step,
};

fn everything_floating() -> FloatingInterrupts {
    let mut floating = FloatingInterrupts::new();
    for subclass in (0..8).rev() {
        let io = IoInterruption { word: subclass << 27, ..IoInterruption::default() };
        floating.inject(FloatingInterrupt::Io(io)).expect("room");
    }
    for interrupt in [
        FloatingInterrupt::Virtio { parameter: 1, token: 2 },
        FloatingInterrupt::PfaultDone { token: 3 },
        FloatingInterrupt::ServiceSignal { parameter: 0x1001 },
    ] {
        floating.inject(interrupt).expect("room");
    }
    floating
}

const EVERYTHING_LOCAL: [LocalInterrupt; 8] = [
    LocalInterrupt::SetPrefix { address: 0x6000 },
    LocalInterrupt::Restart,
    LocalInterrupt::PfaultInit { parameter: 0, token: 4 },
    LocalInterrupt::CpuTimer,
    LocalInterrupt::ClockComparator,
    LocalInterrupt::ExternalCall { source: 5 },
    LocalInterrupt::EmergencySignal { source: 6 },
    LocalInterrupt::EmergencySignal { source: 2 },
];

/// Takes until nothing is deliverable, `masks` standing still.
fn drain(
    local: &mut LocalInterrupts,
    floating: &mut FloatingInterrupts,
    masks: &Enablement,
) -> Vec<Delivery> {
    core::iter::from_fn(|| local.take_next(floating, masks)).collect()
}

#[test]
fn c2_numbers() {
    for (kind, number) in [
        (Kind::ExigentMachineCheck, 27),
        (Kind::SupervisorCall, 26),
        (Kind::Program, 25),
        (Kind::RepressibleMachineCheck, 24),
        (Kind::EmergencySignal, 21),
        (Kind::ExternalCall, 20),
        (Kind::ClockComparator, 19),
        (Kind::CpuTimer, 18),
        (Kind::ServiceEvent, 16),
        (Kind::ServiceSignal, 15),
        (Kind::PfaultInit, 13),
        (Kind::PfaultDone, 12),
        (Kind::Virtio, 11),
        (Kind::Io(0), 10),
        (Kind::Io(7), 3),
        (Kind::Stop, 2),
        (Kind::Restart, 1),
        (Kind::SetPrefix, 0),
    ] {
        assert_eq!(kind.number(), number);
        assert_eq!(Kind::from_number(number), Some(kind));
    }
    for unused in [14, 17, 22, 23, 28, 31, u32::MAX] {
        assert_eq!(Kind::from_number(unused), None);
    }
}

#[test]
fn c2_the_order_of_everything() {
    let program = LocalInterrupt::Program(ProgramInterruption::default());
    let mut local = with(LocalInterrupts::new(), &EVERYTHING_LOCAL);
    local = with(local, &[program, check(1 << 58, 1 << 25)]);
    let mut floating = everything_floating();
    let kinds: Vec<u32> = drain(&mut local, &mut floating, &open())
        .iter()
        .map(|delivery| delivery.kind.number())
        .collect();
    let expected = [25, 24, 21, 21, 20, 19, 18, 16, 15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 1, 0];
    assert_eq!(kinds, expected);
    assert!(local.is_empty() && floating.is_empty());
}

#[test]
fn c2_an_exigent_check_comes_before_a_program_interruption() {
    let program = LocalInterrupt::Program(ProgramInterruption::default());
    let mut local = with(operating(), &[program, check(1 << 63, 0)]);
    let kinds: Vec<Kind> = drain(&mut local, &mut FloatingInterrupts::new(), &open())
        .iter()
        .map(|delivery| delivery.kind)
        .collect();
    assert_eq!(kinds, [Kind::ExigentMachineCheck, Kind::Program]);
}

#[test]
fn c2_what_follows_depends_on_the_new_psw() {
    // A new PSW that disables everything lets only program, restart and set
    // prefix through in the same pass.
    let program = LocalInterrupt::Program(ProgramInterruption { flags: 1, ..Default::default() });
    let mut local = with(LocalInterrupts::new(), &EVERYTHING_LOCAL);
    local = with(local, &[program]);
    let mut floating = everything_floating();
    let interrupted = Psw::new(0x0304_0000_8000_0000, 0x1000);
    let program_new = Psw::new(0, 0x2000);
    let mut take = |psw| {
        let delivery = local.take_next(&mut floating, &Enablement { psw, ..open() });
        delivery.map(|delivery| (delivery.kind, delivery.steps.to_vec()))
    };
    let (kind, steps) = take(interrupted).expect("program");
    assert_eq!(kind, Kind::Program);
    assert!(steps.contains(&Step::StorePsw { offset: 0x150, psw: interrupted }));
    let (kind, steps) = take(program_new).expect("restart");
    assert_eq!(kind, Kind::Restart);
    assert_eq!(
        steps,
        [Step::StorePsw { offset: 0x120, psw: program_new }, Step::LoadPsw { offset: 0x1a0 }]
    );
    let (kind, steps) = take(Psw::new(0, 0x3000)).expect("set prefix");
    assert_eq!(kind, Kind::SetPrefix);
    assert_eq!(steps, [Step::SetPrefix { value: 0x6000 }]);
    assert_eq!(take(Psw::new(0, 0x3000)), None);
    // Everything maskable is still there.
    assert_eq!(local.pending().bits(), 1 << 21 | 1 << 20 | 1 << 19 | 1 << 18 | 1 << 13);
    assert_eq!(floating, everything_floating());
}

#[test]
fn b5_injected_timers_are_thrown_away_or_confirmed_by_a_pass() {
    for (clock, timer) in [(false, false), (true, false), (false, true), (true, true)] {
        for hints in [&[][..], &[LocalInterrupt::ClockComparator, LocalInterrupt::CpuTimer]] {
            let mut local = with(operating(), hints);
            local.refresh_timers(clock, timer);
            let bits = u32::from(clock) << 19 | u32::from(timer) << 18;
            assert_eq!(local.pending().bits(), bits);
        }
    }
}

#[test]
fn b5_a_hint_is_deliverable_until_the_pass_so_that_it_wakes() {
    let local = with(operating(), &[LocalInterrupt::ClockComparator]);
    let floating = FloatingInterrupts::new();
    assert_eq!(local.deliverable(&floating, &open()).bits(), 1 << 19);
    assert!(local.deliverable(&floating, &closed()).is_empty());
}

#[test]
fn c2_nothing_pending_delivers_nothing() {
    let mut local = operating();
    assert_eq!(local.take_next(&mut FloatingInterrupts::new(), &open()), None);
}
