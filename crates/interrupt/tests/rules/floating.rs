//! Sections C.12, C.13 and D.3: floating interrupts.

use crate::{open, operating};
use lowcore_interrupt::FloatingInterrupt::{Io, MachineCheck, PfaultDone, ServiceSignal, Virtio};
use lowcore_interrupt::{
    FloatingInterrupt, FloatingInterrupts, IoInterruption, KickReason, Kind, Refusal, Step,
    choose_target,
};

fn floating(interrupts: &[FloatingInterrupt]) -> FloatingInterrupts {
    let mut floating = FloatingInterrupts::new();
    for &interrupt in interrupts {
        floating.inject(interrupt).expect("room");
    }
    floating
}

fn io(id: u16, number: u16, subclass: u32, parameter: u32) -> IoInterruption {
    IoInterruption {
        kind: 0,
        subchannel_id: id,
        subchannel_number: number,
        parameter,
        word: subclass << 27,
    }
}

/// Kinds and parameters of service signals.
type Signals = &'static [(Kind, u64)];

/// The service signals that a CPU takes.
fn service_signals(floating: &mut FloatingInterrupts) -> Vec<(Kind, u64)> {
    let mut local = operating();
    core::iter::from_fn(|| local.take_next(floating, &open()))
        .map(|delivery| match delivery.steps.last() {
            Some(&Step::Store { offset: 0x80, len: 4, value }) => (delivery.kind, value),
            other => panic!("{other:?} is no service parameter"),
        })
        .collect()
}

#[test]
fn c12_service_parts() {
    const EVENT: Kind = Kind::ServiceEvent;
    const SCCB: Kind = Kind::ServiceSignal;
    let cases: [(&[u32], Signals); 10] = [
        // SCCB alone.
        (&[0x1000], &[(SCCB, 0x1000)]),
        // Both parts at once: events first, alone.
        (&[0x1001], &[(EVENT, 1), (SCCB, 0x1000)]),
        // Events accumulate and keep their real bits.
        (&[0x1001, 2], &[(EVENT, 3), (SCCB, 0x1000)]),
        (&[0x1000, 2], &[(EVENT, 2), (SCCB, 0x1000)]),
        // A second SCCB is dropped.
        (&[0x1000, 0x2000], &[(SCCB, 0x1000)]),
        // The quirk: events alone make the SCCB part pending with parameter 0.
        (&[1], &[(EVENT, 1), (SCCB, 0)]),
        // That part still takes an SCCB which comes later.
        (&[1, 0x2000], &[(EVENT, 1), (SCCB, 0x2000)]),
        // Bit 4 is dropped, and 0 is a signal too.
        (&[4], &[(SCCB, 0)]),
        (&[0], &[(SCCB, 0)]),
        (&[0xffff_ffff], &[(EVENT, 3), (SCCB, 0xffff_fff8)]),
    ];
    for (parameters, expected) in cases {
        let signals: Vec<_> =
            parameters.iter().map(|&parameter| ServiceSignal { parameter }).collect();
        let mut floating = floating(&signals);
        assert_eq!(service_signals(&mut floating), expected, "{parameters:x?}");
        assert!(floating.is_empty());
    }
}

#[test]
fn c12_an_event_between_the_parts_is_taken_before_the_sccb() {
    let mut floating = floating(&[ServiceSignal { parameter: 0x1001 }]);
    let mut local = operating();
    assert_eq!(
        local.take_next(&mut floating, &open()).map(|delivery| delivery.kind),
        Some(Kind::ServiceEvent)
    );
    floating.inject(ServiceSignal { parameter: 0x3002 }).expect("never refused");
    assert_eq!(
        service_signals(&mut floating),
        [(Kind::ServiceEvent, 2), (Kind::ServiceSignal, 0x1000)]
    );
}

#[test]
fn c12_limits() {
    for (interrupt, limit) in [
        (Virtio { parameter: 0, token: 0 }, 87_381),
        (PfaultDone { token: 0 }, 16_320),
        (Io(io(0, 0, 0, 0)), 266_250),
    ] {
        let mut full = floating(&vec![interrupt; limit]);
        assert_eq!(full.len(), limit);
        assert_eq!(full.inject(interrupt), Err(Refusal::QueueFull));
        assert_eq!(full.len(), limit);
        // The others are not concerned.
        full.inject(ServiceSignal { parameter: 0 }).expect("never refused");
        full.inject(MachineCheck { cr14: 0, code: 0 }).expect("never refused");
        assert_eq!(full.len(), limit + 2);
        // Taking one makes room.
        assert!(
            operating()
                .take_next(&mut full, &crate::Enablement { cr0: 0, cr14: 0, ..open() })
                .is_some()
        );
        assert_eq!(full.inject(interrupt), Ok(()));
    }
}

#[test]
fn c12_the_io_limit_counts_all_subclasses() {
    let entries: Vec<_> = (0..266_250).map(|n| Io(io(0, 0, n % 8, 0))).collect();
    let mut full = floating(&entries);
    for subclass in 0..8 {
        assert_eq!(full.inject(Io(io(0, 0, subclass, 0))), Err(Refusal::QueueFull));
    }
    // Putting back is refused too, if the room was taken meanwhile.
    let taken = full.dequeue_io(None, u64::MAX).expect("full");
    assert_eq!(full.requeue(taken), Ok(()));
    assert_eq!(full.requeue(taken), Err(Refusal::QueueFull));
}

#[test]
fn c11_queues_are_first_in_first_out() {
    let mut floating = floating(&[
        Io(io(1, 1, 3, 10)),
        Io(io(1, 2, 1, 11)),
        Io(io(1, 3, 3, 12)),
        Virtio { parameter: 1, token: 20 },
        Virtio { parameter: 1, token: 21 },
        PfaultDone { token: 30 },
        PfaultDone { token: 31 },
    ]);
    let mut local = operating();
    let values: Vec<u64> = core::iter::from_fn(|| local.take_next(&mut floating, &open()))
        .map(|delivery| {
            let wanted = if matches!(delivery.kind, Kind::Io(_)) { 0xbc } else { 0x11b8 };
            let values = delivery.steps.iter().find_map(|step| match *step {
                Step::Store { offset, value, .. } if offset == wanted => Some(value),
                _ => None,
            });
            values.expect("a parameter")
        })
        .collect();
    assert_eq!(values, [30, 31, 20, 21, 11, 10, 12]);
}

#[test]
fn d3_everything_pending_in_the_kernels_order() {
    let entries = [
        MachineCheck { cr14: 1 << 28, code: 5 },
        ServiceSignal { parameter: 0x1002 },
        Virtio { parameter: 1, token: 2 },
        PfaultDone { token: 3 },
        Io(io(1, 1, 7, 0)),
        Io(io(1, 2, 0, 0)),
        Io(io(1, 3, 7, 1)),
        Virtio { parameter: 4, token: 5 },
    ];
    let floating = floating(&entries);
    let expected = [
        entries[5], entries[4], entries[6], // I/O by subclass
        entries[3], // pfault done
        entries[2], entries[7], // virtio
        entries[1], // service
        entries[0], // machine check
    ];
    assert_eq!(floating.get_all(), expected);
    assert_eq!(floating.len(), 8);
    // Not destructive.
    assert_eq!(floating.get_all(), expected);
}

#[test]
fn d3_the_service_entry_is_there_for_either_part() {
    let mut floating = floating(&[ServiceSignal { parameter: 1 }]);
    assert_eq!(floating.get_all(), [ServiceSignal { parameter: 1 }]);
    let mut local = operating();
    assert!(local.take_next(&mut floating, &open()).is_some());
    assert_eq!(floating.get_all(), [ServiceSignal { parameter: 0 }]);
    assert!(local.take_next(&mut floating, &open()).is_some());
    assert_eq!(floating.get_all(), []);
}

#[test]
fn c13_clear_forgets_everything() {
    let mut floating = floating(&[
        MachineCheck { cr14: 1 << 28, code: 5 },
        ServiceSignal { parameter: 0x1003 },
        Virtio { parameter: 1, token: 2 },
        PfaultDone { token: 3 },
        Io(io(1, 1, 7, 0)),
    ]);
    floating.clear();
    assert_eq!(floating, FloatingInterrupts::new());
    assert!(floating.is_empty());
    assert_eq!(floating.len(), 0);
}

#[test]
fn c13_clear_io_removes_the_first_of_a_subchannel_by_subclass() {
    let mut floating =
        floating(&[Io(io(1, 5, 6, 1)), Io(io(1, 4, 2, 2)), Io(io(1, 5, 2, 3)), Io(io(1, 5, 2, 4))]);
    assert!(!floating.clear_io(1, 6));
    assert!(!floating.clear_io(5, 1));
    assert!(floating.clear_io(1, 5));
    assert_eq!(floating.get_all(), [Io(io(1, 4, 2, 2)), Io(io(1, 5, 2, 4)), Io(io(1, 5, 6, 1))]);
    assert!(floating.clear_io(1, 5));
    assert!(floating.clear_io(1, 5));
    assert!(!floating.clear_io(1, 5));
    assert_eq!(floating.get_all(), [Io(io(1, 4, 2, 2))]);
}

#[test]
fn f5_tpi_takes_the_highest_that_cr6_allows() {
    let mut floating = floating(&[Io(io(1, 1, 6, 1)), Io(io(1, 2, 1, 2)), Io(io(1, 3, 6, 3))]);
    assert_eq!(floating.dequeue_io(None, 0), None);
    assert_eq!(floating.dequeue_io(None, !0xff00_0000), None);
    assert_eq!(floating.dequeue_io(None, 0x0200_0000), Some(io(1, 1, 6, 1)));
    assert_eq!(floating.dequeue_io(None, 0xff00_0000), Some(io(1, 2, 1, 2)));
    assert_eq!(floating.pending().bits(), 1 << 4);
    assert_eq!(floating.dequeue_io(None, 0xff00_0000), Some(io(1, 3, 6, 3)));
    assert!(floating.is_empty());
}

#[test]
fn f5_requeueing_puts_an_entry_behind_its_subclass() {
    let mut floating = floating(&[Io(io(1, 1, 6, 1)), Io(io(1, 2, 6, 2))]);
    let taken = floating.dequeue_io(Some((1, 1)), u64::MAX).expect("pending");
    floating.requeue(taken).expect("room");
    assert_eq!(floating.get_all(), [Io(io(1, 2, 6, 2)), Io(io(1, 1, 6, 1))]);
}

#[test]
fn c12_the_kick_goes_to_the_lowest_idle_cpu() {
    let mut next = 2;
    let target = choose_target(4, &mut next, |cpu| cpu == 3 || cpu == 1, |_| false);
    assert_eq!((target, next), (Some(1), 2));
}

#[test]
fn c12_the_kick_goes_round_the_cpus_that_are_not_stopped() {
    let mut next = 0;
    let stopped = |cpu| cpu == 0 || cpu == 2;
    let mut choose = || choose_target(4, &mut next, |_| false, stopped);
    assert_eq!([choose(), choose(), choose(), choose()], [Some(1), Some(3), Some(1), Some(3)]);
}

#[test]
fn c12_nobody_is_kicked_if_all_are_stopped_or_there_is_none() {
    let mut next = 5;
    assert_eq!(choose_target(3, &mut next, |_| false, |_| true), None);
    assert_eq!(choose_target(0, &mut next, |_| true, |_| false), None);
}

#[test]
fn c12_kick_flags() {
    assert_eq!(MachineCheck { cr14: 0, code: 0 }.kick_reason(), KickReason::Stop);
    assert_eq!(Io(io(0, 0, 0, 0)).kick_reason(), KickReason::Io);
    for other in
        [ServiceSignal { parameter: 0 }, Virtio { parameter: 0, token: 0 }, PfaultDone { token: 0 }]
    {
        assert_eq!(other.kick_reason(), KickReason::External);
    }
}
