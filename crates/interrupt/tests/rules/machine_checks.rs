//! Section B.4 (merging), C.3 (the repressible quirk) and C.7 (delivery).

use crate::{check, closed, open, operating, store, with};
use lowcore_arch::Psw;
use lowcore_interrupt::{
    Enablement, FloatingInterrupt, FloatingInterrupts, Kind, LocalInterrupt, LocalInterrupts,
    MachineCheck, Step,
};

const EXIGENT: u32 = 1 << 27;
const REPRESSIBLE: u32 = 1 << 24;

fn machine_check(code: u64, cr14: u64, salt: u8) -> MachineCheck {
    MachineCheck {
        cr14,
        code,
        failing_storage_address: 0x1000 + u64::from(salt),
        external_damage: 1 << salt,
        fixed_logout: [salt; 16],
    }
}

fn floating_check(cr14: u64, code: u64) -> FloatingInterrupts {
    let mut floating = FloatingInterrupts::new();
    floating.inject(FloatingInterrupt::MachineCheck { cr14, code }).expect("never refused");
    floating
}

#[test]
fn b4_five_bits_of_the_code_decide_the_class() {
    for bit in 0..64 {
        let expected = match bit {
            0 | 1 => EXIGENT,
            5 | 7 | 8 => REPRESSIBLE,
            _ => 0,
        };
        let local = with(operating(), &[check(1 << (63 - bit), 0)]);
        assert_eq!(local.pending().bits(), expected, "bit {bit}");
    }
}

#[test]
fn b4_codes_merge_and_addresses_are_replaced() {
    let first = machine_check(1 << 58, 1 << 25, 1);
    let second = machine_check(1 << 56, 1 << 26, 2);
    let local = with(
        operating(),
        &[LocalInterrupt::MachineCheck(first), LocalInterrupt::MachineCheck(second)],
    );
    let expected = MachineCheck {
        cr14: 0x0600_0000,
        code: 0x0500_0000_0000_0000,
        failing_storage_address: 0x1002,
        external_damage: 0b110,
        fixed_logout: [2; 16],
    };
    assert_eq!(local.state(), [LocalInterrupt::MachineCheck(expected)]);
}

#[test]
fn b4_repressible_then_exigent_leaves_both_and_one_delivery_takes_both() {
    let mut local = with(operating(), &[check(1 << 55, 0), check(1 << 63, 0)]);
    assert_eq!(local.pending().bits(), EXIGENT | REPRESSIBLE);
    assert_eq!(local.state().len(), 2);
    let delivery = local.take_next(&mut FloatingInterrupts::new(), &open()).expect("exigent");
    assert_eq!(delivery.kind, Kind::ExigentMachineCheck);
    assert_eq!(delivery.steps[0], Step::ExtendedSaveArea { code: 1 << 63 | 1 << 55 });
    assert_eq!(local, operating());
}

#[test]
fn b4_exigent_then_repressible_is_exigent_alone() {
    let local = with(operating(), &[check(1 << 62, 0), check(1 << 55, 0)]);
    assert_eq!(local.pending().bits(), EXIGENT);
}

#[test]
fn b4_a_check_of_no_class_waits_for_the_next_one() {
    let quiet = machine_check(1 << 61, 1 << 27, 1);
    let mut local = with(operating(), &[LocalInterrupt::MachineCheck(quiet)]);
    assert!(local.is_empty());
    assert_eq!(local.state(), []);
    assert_eq!(local.take_next(&mut FloatingInterrupts::new(), &open()), None);
    let local = with(local, &[check(1 << 58, 1 << 25)]);
    let merged = MachineCheck {
        cr14: 0x0a00_0000,
        code: 0x2400_0000_0000_0000,
        external_damage: 0b10,
        ..MachineCheck::default()
    };
    assert_eq!(local.state(), [LocalInterrupt::MachineCheck(merged)]);
}

#[test]
fn b4_a_check_of_no_class_is_lost_at_reset() {
    let mut local = with(operating(), &[check(1 << 61, 1 << 27)]);
    assert_ne!(local, operating());
    local.clear();
    assert_eq!(local, operating());
}

#[test]
fn c3_exigent_needs_only_psw_bit_13() {
    let local = with(operating(), &[check(1 << 63, 0)]);
    let floating = FloatingInterrupts::new();
    let masks = Enablement { psw: Psw::new(1 << 50, 0), ..closed() };
    assert_eq!(local.deliverable(&floating, &masks).bits(), EXIGENT);
    let masks = Enablement { psw: Psw::new(!(1 << 50), 0), ..open() };
    assert_eq!(local.deliverable(&floating, &masks).bits(), 0);
}

#[test]
fn c3_repressible_goes_by_the_injected_cr14_alone() {
    let floating = FloatingInterrupts::new();
    let psw = Psw::new(1 << 50, 0);
    for (injected, cr14, deliverable) in [
        (0, u64::MAX, false),
        (1 << 24, 1 << 24, true),
        (1 << 24, !(1 << 24), false),
        (1 << 3, 1 << 3, true), // not an architected subclass; still trusted
    ] {
        let local = with(operating(), &[check(1 << 55, injected)]);
        let masks = Enablement { psw, cr14, ..closed() };
        let got = !local.deliverable(&floating, &masks).is_empty();
        assert_eq!(got, deliverable, "{injected:#x} {cr14:#x}");
        let masks = Enablement { psw: Psw::default(), cr14, ..closed() };
        assert!(local.deliverable(&floating, &masks).is_empty());
    }
}

#[test]
fn c3_the_floating_cr14_enables_a_local_check_and_takes_it_along() {
    let mut local = with(operating(), &[check(1 << 55, 0)]);
    let mut floating = floating_check(1 << 28, 1 << 54);
    let delivery = local.take_next(&mut floating, &open()).expect("cross-enabled");
    assert_eq!(delivery.kind, Kind::RepressibleMachineCheck);
    assert_eq!(delivery.steps[0], Step::ExtendedSaveArea { code: 1 << 55 | 1 << 54 });
    assert!(local.is_empty() && floating.is_empty());
}

#[test]
fn c3_the_cr14_of_a_local_check_of_no_class_enables_a_floating_one() {
    let quiet = check(1 << 61, 1 << 27);
    let mut local = with(operating(), &[quiet]);
    let mut floating = floating_check(0, 1 << 54);
    let masks = Enablement { cr14: 1 << 28, ..open() };
    assert!(local.deliverable(&floating, &masks).is_empty());
    let delivery = local.take_next(&mut floating, &open()).expect("cross-enabled");
    // The local payload is not taken: nothing local was pending.
    assert_eq!(delivery.steps[0], Step::ExtendedSaveArea { code: 1 << 54 });
    assert_eq!(local, with(operating(), &[quiet]));
    assert!(floating.is_empty());
}

#[test]
fn c7_floating_conditions_ride_along_whatever_cr14() {
    let mut local = with(operating(), &[check(1 << 63, 0)]);
    let mut floating = floating_check(1 << 28, 1 << 54);
    let masks = Enablement { cr14: 0, ..open() };
    let delivery = local.take_next(&mut floating, &masks).expect("exigent");
    assert_eq!(delivery.kind, Kind::ExigentMachineCheck);
    assert_eq!(delivery.steps[0], Step::ExtendedSaveArea { code: 1 << 63 | 1 << 54 });
    assert!(floating.is_empty());
}

#[test]
fn c7_steps() {
    let mut local =
        with(operating(), &[LocalInterrupt::MachineCheck(machine_check(1 << 63, 0, 5))]);
    let delivery = local.take_next(&mut FloatingInterrupts::new(), &open()).expect("exigent");
    let expected = [
        Step::ExtendedSaveArea { code: 1 << 63 },
        store(0xa3, 1, 1),
        Step::StorePsw { offset: 0x160, psw: open().psw },
        Step::LoadPsw { offset: 0x1e0 },
        Step::StoreMachineCheckCode,
        Step::SaveRegisters,
        store(0xf4, 4, 0x20),
        store(0xf8, 8, 0x1005),
        Step::StoreBytes { offset: 0x1300, bytes: [5; 16] },
    ];
    assert_eq!(delivery.steps.to_vec(), expected);
}

#[test]
fn c7_a_purely_floating_check_has_no_local_payload() {
    let mut local = LocalInterrupts::new();
    let mut floating = floating_check(1 << 28, 1 << 54);
    let delivery = local.take_next(&mut floating, &open()).expect("channel report");
    assert_eq!(delivery.kind, Kind::RepressibleMachineCheck);
    assert_eq!(delivery.steps[6], store(0xf4, 4, 0));
    assert_eq!(delivery.steps[7], store(0xf8, 8, 0));
    assert_eq!(delivery.steps[8], Step::StoreBytes { offset: 0x1300, bytes: [0; 16] });
}

#[test]
fn c12_floating_checks_merge_and_keep_only_channel_report() {
    let mut floating = floating_check(u64::MAX, 1);
    floating
        .inject(FloatingInterrupt::MachineCheck { cr14: !(1 << 28), code: 1 << 63 })
        .expect("never refused");
    assert_eq!(floating.pending().bits(), REPRESSIBLE);
    assert_eq!(
        floating.get_all(),
        [FloatingInterrupt::MachineCheck { cr14: 1 << 28, code: 1 << 63 | 1 }]
    );
    // Pending whatever the code says.
    assert_eq!(floating_check(0, 0).pending().bits(), REPRESSIBLE);
}
