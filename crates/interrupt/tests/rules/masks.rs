//! Section C.3: which PSW bit and which control-register bit each kind needs.

use crate::{check, operating, with};
use lowcore_arch::Psw;
use lowcore_interrupt::{
    Enablement, FloatingInterrupt, FloatingInterrupts, IoInterruption, LocalInterrupt,
    LocalInterrupts, ProgramInterruption,
};

const EXTERNAL: u64 = 1 << 56;
const IO: u64 = 1 << 57;
const MACHINE_CHECK: u64 = 1 << 50;

/// One interrupt, its number, and the bits it needs; 0 for none.
struct Row {
    local: LocalInterrupts,
    floating: FloatingInterrupts,
    number: u32,
    psw: u64,
    cr0: u64,
    cr6: u64,
    cr14: u64,
}

fn rows() -> Vec<Row> {
    let row = |number, psw| Row {
        local: operating(),
        floating: FloatingInterrupts::new(),
        number,
        psw,
        cr0: 0,
        cr6: 0,
        cr14: 0,
    };
    let local = |interrupt, number, psw, cr0| Row {
        local: with(LocalInterrupts::new(), &[interrupt]),
        cr0,
        ..row(number, psw)
    };
    let floating = |interrupt, number, psw| {
        let mut row = row(number, psw);
        row.floating.inject(interrupt).expect("room");
        row
    };
    let mut rows = vec![
        local(LocalInterrupt::EmergencySignal { source: 1 }, 21, EXTERNAL, 0x4000),
        local(LocalInterrupt::ExternalCall { source: 1 }, 20, EXTERNAL, 0x2000),
        local(LocalInterrupt::ClockComparator, 19, EXTERNAL, 0x0800),
        local(LocalInterrupt::CpuTimer, 18, EXTERNAL, 0x0400),
        local(LocalInterrupt::PfaultInit { parameter: 0, token: 0 }, 13, EXTERNAL, 0),
        local(check(1 << 63, 0), 27, MACHINE_CHECK, 0),
        local(LocalInterrupt::Program(ProgramInterruption::default()), 25, 0, 0),
        local(LocalInterrupt::Restart, 1, 0, 0),
        local(LocalInterrupt::SetPrefix { address: 0 }, 0, 0, 0),
        Row { cr14: 1 << 25, ..local(check(1 << 58, 1 << 25), 24, MACHINE_CHECK, 0) },
        Row {
            cr14: 1 << 28,
            ..floating(
                FloatingInterrupt::MachineCheck { cr14: 1 << 28, code: 0 },
                24,
                MACHINE_CHECK,
            )
        },
        Row {
            cr0: 0x0200,
            ..floating(FloatingInterrupt::ServiceSignal { parameter: 8 }, 15, EXTERNAL)
        },
        floating(FloatingInterrupt::PfaultDone { token: 0 }, 12, EXTERNAL),
        floating(FloatingInterrupt::Virtio { parameter: 0, token: 0 }, 11, EXTERNAL),
    ];
    for (subclass, cr6) in [
        (0, 0x8000_0000),
        (1, 0x4000_0000),
        (2, 0x2000_0000),
        (3, 0x1000_0000),
        (4, 0x0800_0000),
        (5, 0x0400_0000),
        (6, 0x0200_0000),
        (7, 0x0100_0000),
    ] {
        let io = IoInterruption { word: subclass << 27, ..IoInterruption::default() };
        rows.push(Row { cr6, ..floating(FloatingInterrupt::Io(io), 10 - subclass, IO) });
    }
    rows
}

#[test]
fn c3_each_kind_needs_exactly_its_bits() {
    for row in rows() {
        let needed = [row.psw, row.cr0, row.cr6, row.cr14];
        let deliverable = |[psw, cr0, cr6, cr14]: [u64; 4]| {
            let masks = Enablement { psw: Psw::new(psw, 0), cr0, cr6, cr14, breaking_event: 0 };
            row.local.deliverable(&row.floating, &masks).bits()
        };
        let bit = 1 << row.number;
        assert_eq!(deliverable(needed), bit, "only what it needs, {}", row.number);
        assert_eq!(deliverable([u64::MAX; 4]), bit, "everything, {}", row.number);
        for (register, &bits) in needed.iter().enumerate().filter(|&(_, &bits)| bits != 0) {
            let mut masks = [u64::MAX; 4];
            masks[register] = !bits;
            assert_eq!(deliverable(masks), 0, "without {bits:#x}, {}", row.number);
        }
    }
}

#[test]
fn c3_both_parts_of_a_service_signal_need_cr0_bit_54() {
    let mut floating = FloatingInterrupts::new();
    floating.inject(FloatingInterrupt::ServiceSignal { parameter: 0x1001 }).expect("room");
    let local = operating();
    let masks = |cr0| Enablement { psw: Psw::new(EXTERNAL, 0), cr0, ..Enablement::default() };
    assert_eq!(local.deliverable(&floating, &masks(0x0200)).bits(), 1 << 16 | 1 << 15);
    assert_eq!(local.deliverable(&floating, &masks(!0x0200)).bits(), 0);
}

#[test]
fn c3_a_stop_is_pending_but_never_deliverable() {
    let local = with(operating(), &[LocalInterrupt::Stop { flags: 1 }]);
    assert_eq!(local.pending().bits(), 1 << 2);
    assert!(local.deliverable(&FloatingInterrupts::new(), &crate::open()).is_empty());
}
