//! Sections C.4, C.5, C.10, C.11: what each delivery stores, and where.

use crate::{only, open, operating, store, with};
use lowcore_arch::Psw;
use lowcore_interrupt::{
    Enablement, FloatingInterrupt, FloatingInterrupts, IoInterruption, Kind, LocalInterrupt,
    LocalInterrupts, Step, supervisor_call_delivery,
};

fn external(code: u64, address: u64) -> Vec<Step> {
    vec![
        store(0x86, 2, code),
        store(0x84, 2, address),
        Step::StorePsw { offset: 0x130, psw: open().psw },
        Step::LoadPsw { offset: 0x1b0 },
    ]
}

fn local_steps(interrupt: LocalInterrupt) -> Vec<Step> {
    only(with(operating(), &[interrupt]), &open()).1
}

fn floating_steps(interrupt: FloatingInterrupt) -> Vec<Step> {
    let mut floating = FloatingInterrupts::new();
    floating.inject(interrupt).expect("room");
    let delivery = operating().take_next(&mut floating, &open()).expect("deliverable");
    assert!(floating.is_empty());
    delivery.steps.to_vec()
}

#[test]
fn c5_timers() {
    assert_eq!(local_steps(LocalInterrupt::ClockComparator), external(0x1004, 0));
    assert_eq!(local_steps(LocalInterrupt::CpuTimer), external(0x1005, 0));
}

#[test]
fn c5_signals_between_cpus_show_the_sender() {
    let emergency = LocalInterrupt::EmergencySignal { source: 254 };
    assert_eq!(local_steps(emergency), external(0x1201, 254));
    assert_eq!(local_steps(LocalInterrupt::ExternalCall { source: 3 }), external(0x1202, 3));
}

#[test]
fn c5_emergency_signals_come_one_a_delivery_lowest_source_first() {
    let signal = |source| LocalInterrupt::EmergencySignal { source };
    let mut local = with(operating(), &[signal(200), signal(64), signal(63)]);
    let mut floating = FloatingInterrupts::new();
    for (source, left) in [(63, true), (64, true), (200, false)] {
        let delivery = local.take_next(&mut floating, &open()).expect("deliverable");
        assert_eq!(delivery.steps.to_vec(), external(0x1201, source));
        assert_eq!(local.pending().contains(Kind::EmergencySignal), left);
    }
    assert_eq!(local, operating());
}

#[test]
fn c5_a_delivered_external_call_makes_room_for_the_next() {
    let call = |source| LocalInterrupt::ExternalCall { source };
    let mut local = with(operating(), &[call(3)]);
    assert!(local.take_next(&mut FloatingInterrupts::new(), &open()).is_some());
    assert_eq!(local, operating());
    assert_eq!(only(with(local, &[call(4)]), &open()).1, external(0x1202, 4));
}

#[test]
fn c5_pfault_and_virtio() {
    let mut init = external(0x2603, 0x0600);
    init.push(store(0x11b8, 8, 0x1122_3344_5566_7788));
    let token = 0x1122_3344_5566_7788;
    // The first parameter is not delivered.
    assert_eq!(local_steps(LocalInterrupt::PfaultInit { parameter: 9, token }), init);

    let mut done = external(0x2603, 0x0680);
    done.push(store(0x11b8, 8, token));
    assert_eq!(floating_steps(FloatingInterrupt::PfaultDone { token }), done);

    let mut virtio = external(0x2603, 0x0d00);
    virtio.push(store(0x80, 4, 0x8877_6655));
    virtio.push(store(0x11b8, 8, token));
    let interrupt = FloatingInterrupt::Virtio { parameter: 0x8877_6655, token };
    assert_eq!(floating_steps(interrupt), virtio);
}

#[test]
fn c5_service_signal() {
    let mut expected = external(0x2401, 0);
    expected.push(store(0x80, 4, 0xffff_fff8));
    let interrupt = FloatingInterrupt::ServiceSignal { parameter: 0xffff_fffc };
    assert_eq!(floating_steps(interrupt), expected);
}

#[test]
fn c10_restart() {
    let expected =
        vec![Step::StorePsw { offset: 0x120, psw: open().psw }, Step::LoadPsw { offset: 0x1a0 }];
    assert_eq!(
        only(
            with(operating(), &[LocalInterrupt::Restart]),
            &Enablement { psw: open().psw, ..Enablement::default() }
        ),
        (Kind::Restart, expected)
    );
}

#[test]
fn c10_restart_neither_starts_nor_stops() {
    let mut local = with(LocalInterrupts::new(), &[LocalInterrupt::Restart]);
    assert!(local.restart_pending());
    assert!(local.take_next(&mut FloatingInterrupts::new(), &open()).is_some());
    assert!(local.is_stopped());
    assert!(!local.restart_pending());
}

#[test]
fn c10_only_bits_of_an_8_kib_block_below_2_gib_become_the_prefix() {
    for (address, prefix) in
        [(0, 0), (0x2000, 0x2000), (0x1fff, 0), (0xffff_ffff, 0x7fff_e000), (0x8000_4001, 0x4000)]
    {
        let local = with(LocalInterrupts::new(), &[LocalInterrupt::SetPrefix { address }]);
        let expected = (Kind::SetPrefix, vec![Step::SetPrefix { value: prefix }]);
        assert_eq!(only(local, &Enablement::default()), expected);
    }
}

#[test]
fn c11_io() {
    let io = IoInterruption {
        kind: 0x0400_0000,
        subchannel_id: 0x0001,
        subchannel_number: 0xabcd,
        parameter: 0x1234_5678,
        word: 0x2800_0000, // subclass 5
    };
    let expected = vec![
        store(0xb8, 2, 1),
        store(0xba, 2, 0xabcd),
        store(0xbc, 4, 0x1234_5678),
        store(0xc0, 4, 0x2800_0000),
        Step::StorePsw { offset: 0x170, psw: open().psw },
        Step::LoadPsw { offset: 0x1f0 },
    ];
    assert_eq!(floating_steps(FloatingInterrupt::Io(io)), expected);
}

#[test]
fn c11_the_subclass_is_bits_2_to_4_of_the_word() {
    for (word, subclass) in [
        (0, 0),
        (0x0800_0000, 1),
        (0x3800_0000, 7),
        (0xc7ff_ffff, 0),
        (0xffff_ffff, 7),
        (0x8000_0000 | 6 << 27, 6),
    ] {
        let io = IoInterruption { word, ..IoInterruption::default() };
        assert_eq!(io.subclass(), subclass, "{word:#x}");
    }
}

#[test]
fn c4_supervisor_call() {
    let psw = Psw::new(0, 0x1002);
    let delivery = supervisor_call_delivery(0xfe, 4, psw);
    assert_eq!(delivery.kind, Kind::SupervisorCall);
    let expected = [
        store(0x88, 2, 4),
        store(0x8a, 2, 0xfe),
        Step::StorePsw { offset: 0x140, psw },
        Step::LoadPsw { offset: 0x1c0 },
    ];
    assert_eq!(delivery.steps.to_vec(), expected);
}
