//! Section B.3 (merging) and C.6 (delivery) of program interruptions.

use crate::{only, operating, store, with};
use lowcore_arch::{ProgramCode, Psw};
use lowcore_interrupt::{
    Enablement, Kind, LocalInterrupt, ProgramInterruption, Step, program_delivery,
};

/// Every field different, so that a swap of two shows.
fn full(code: u16, flags: u8, salt: u8) -> ProgramInterruption {
    ProgramInterruption {
        code: ProgramCode(code),
        translation_exception: 0x1100 + u64::from(salt),
        monitor_code: 0x2200 + u64::from(salt),
        per_address: 0x3300 + u64::from(salt),
        data_exception: 0x4400 + u32::from(salt),
        monitor_class: 0x5500 + u16::from(salt),
        per_code: 0x60 + salt,
        per_atmid: 0x70 + salt,
        exception_access: 0x80 + salt,
        per_access: 0x90 + salt,
        operand_access: 0xa0 + salt,
        flags,
    }
}

/// What two program interruptions become, the last intercept having had
/// length 6.
fn merged(first: ProgramInterruption, second: ProgramInterruption) -> ProgramInterruption {
    let mut local = operating();
    for program in [first, second] {
        local.inject(LocalInterrupt::Program(program), 6).expect("never refused");
    }
    let [LocalInterrupt::Program(program)] = local.state()[..] else { panic!("one program entry") };
    program
}

#[test]
fn b3_a_missing_length_is_that_of_the_last_intercept() {
    // (flags, last length) -> flags; 0x08 is NO_REWIND, 0x01 ILC_VALID.
    for (given, last, stored) in [
        (0x00, 0, 0x01),
        (0x00, 2, 0x03),
        (0x00, 4, 0x05),
        (0x00, 6, 0x07),
        (0x06, 2, 0x03),
        (0x0e, 0, 0x09),
        (0x08, 4, 0x0d),
        (0x05, 2, 0x05),
        (0x01, 6, 0x01),
        (0xf0, 2, 0xf3),
    ] {
        let mut local = operating();
        let program = full(6, given, 0);
        local.inject(LocalInterrupt::Program(program), last).expect("never refused");
        let expected = ProgramInterruption { flags: stored, ..program };
        // PER fields do not come with a code without PER.
        let expected = ProgramInterruption {
            per_address: 0,
            per_code: 0,
            per_atmid: 0,
            per_access: 0,
            ..expected
        };
        assert_eq!(local.state(), [LocalInterrupt::Program(expected)], "{given:#x} {last}");
    }
}

#[test]
fn b3_per_alone_adds_to_what_is_pending() {
    let (first, second) = (full(0x11, 0x05, 1), full(0x80, 0x03, 2));
    let expected = ProgramInterruption {
        code: ProgramCode(0x91),
        per_address: 0x3302,
        per_code: 0x62,
        per_atmid: 0x72,
        per_access: 0x92,
        flags: 0x03,
        // Of the first, which had no PER bit, none of those five.
        ..first
    };
    assert_eq!(merged(first, second), expected);
}

#[test]
fn b3_without_per_keeps_a_pending_per() {
    let (first, second) = (full(0x80, 0x03, 1), full(0x11, 0x05, 2));
    let expected = ProgramInterruption {
        code: ProgramCode(0x91),
        per_address: 0x3301,
        per_code: 0x61,
        per_atmid: 0x71,
        per_access: 0x91,
        ..second
    };
    assert_eq!(merged(first, second), expected);
}

#[test]
fn b3_per_with_another_code_replaces_everything() {
    let (first, second) = (full(0x11, 0x05, 1), full(0x84, 0x03, 2));
    assert_eq!(merged(first, second), second);
    let first = full(0x91, 0x05, 1);
    assert_eq!(merged(first, second), second);
}

#[test]
fn b3_the_last_of_two_without_per_wins() {
    let (first, second) = (full(0x11, 0x05, 1), full(0x40, 0x00, 2));
    let expected = ProgramInterruption {
        per_address: 0,
        per_code: 0,
        per_atmid: 0,
        per_access: 0,
        flags: 0x07,
        ..second
    };
    assert_eq!(merged(first, second), expected);
}

#[test]
fn b3_a_code_keeps_the_per_bit_of_an_older_combined_one() {
    let (first, second) = (full(0x91, 0x05, 1), full(0x06, 0x03, 2));
    let expected = ProgramInterruption {
        code: ProgramCode(0x86),
        per_address: 0x3301,
        per_code: 0x61,
        per_atmid: 0x71,
        per_access: 0x91,
        ..second
    };
    assert_eq!(merged(first, second), expected);
}

#[test]
fn b3_the_slot_is_zero_again_after_delivery() {
    let mut local = with(operating(), &[LocalInterrupt::Program(full(0x91, 0x05, 1))]);
    let mut floating = lowcore_interrupt::FloatingInterrupts::new();
    assert!(local.take_next(&mut floating, &Enablement::default()).is_some());
    assert_eq!(local, operating());
}

/// The fields of C.6's table by code, without the PER bit.
fn fields_of(code: u16, p: &ProgramInterruption) -> Vec<Step> {
    let translation = store(0xa8, 8, p.translation_exception);
    let exception_access = store(0xa0, 1, p.exception_access.into());
    let operand_access = store(0xa2, 1, p.operand_access.into());
    match code {
        0x20..=0x27 | 0x2e | 0x1c => vec![translation],
        0x29 | 0x2a | 0x2b | 0x2c | 0x2d | 0x2f => vec![exception_access],
        0x10 | 0x11 | 0x38 | 0x39 | 0x3a | 0x3b => {
            vec![translation, exception_access, operand_access]
        }
        0x40 => vec![store(0x94, 2, p.monitor_class.into()), store(0xb0, 8, p.monitor_code)],
        0x07 | 0x1b => vec![store(0x90, 4, p.data_exception.into())],
        0x04 => vec![translation, exception_access],
        _ => vec![],
    }
}

/// Codes that the table calls nullifying.
const NULLIFYING: [u16; 28] = [
    0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2e, // with the TEID
    0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2f, // with the access identification
    0x10, 0x11, 0x38, 0x39, 0x3a, 0x3b, // with all three
    0x16, 0x30, 0x31, 0x32, 0x33, 0x34, 0x119, // with none
];

#[test]
fn c6_every_code_writes_its_fields_and_no_other() {
    for code in 0..=0xffff {
        let bare = code & !0x80;
        let program = full(code, 0x05, 0);
        let mut expected = fields_of(bare, &program);
        if code & 0x80 != 0 {
            expected.push(store(0x96, 1, 0x60));
            expected.push(store(0x97, 1, 0x70));
            expected.push(store(0x98, 8, 0x3300));
            expected.push(store(0xa1, 1, 0x90));
        }
        expected.push(store(0x8c, 2, 4));
        expected.push(store(0x110, 8, 0xbea0));
        expected.push(store(0x8e, 2, code.into()));
        let old = if NULLIFYING.contains(&bare) { 0x5_0000 } else { 0x5_0004 };
        expected.push(Step::StorePsw { offset: 0x150, psw: Psw::new(0x1_8000_0000, old) });
        expected.push(Step::LoadPsw { offset: 0x1d0 });
        let delivery = program_delivery(&program, Psw::new(0x1_8000_0000, 0x5_0004), 0xbea0);
        assert_eq!(delivery.kind, Kind::Program);
        assert_eq!(delivery.steps.to_vec(), expected, "{code:#x}");
    }
}

#[test]
fn c6_winding_back_wraps_by_the_addressing_mode() {
    // (PSW mask, address, flags) -> address; code 0x11 nullifies.
    for (mask, addr, flags, old) in [
        (0, 2, 0x05, 0x00ff_fffe),
        (0x8000_0000, 2, 0x07, 0x7fff_fffc),
        (0x1_8000_0000, 2, 0x05, 0xffff_ffff_ffff_fffe),
        (0x1_8000_0000, 0x1000, 0x03, 0xffe),
        (0x1_8000_0000, 0x1000, 0x07, 0xffa),
        (0x1_8000_0000, 0x1000, 0x01, 0x1000),
        (0x1_8000_0000, 0x1000, 0x0d, 0x1000), // NO_REWIND
        (0, 2, 0x0f, 2),
    ] {
        let delivery = program_delivery(&full(0x11, flags, 0), Psw::new(mask, addr), 0);
        let stored = Step::StorePsw { offset: 0x150, psw: Psw::new(mask, old) };
        assert!(delivery.steps.contains(&stored), "{mask:#x} {addr:#x} {flags:#x}");
    }
}

#[test]
fn c6_no_mask_holds_a_program_interruption_back() {
    let local = with(operating(), &[LocalInterrupt::Program(full(0x06, 0x03, 0))]);
    let masks =
        Enablement { psw: Psw::new(0, 0x2000), breaking_event: 0x1234, ..Enablement::default() };
    let expected = vec![
        store(0x8c, 2, 2),
        store(0x110, 8, 0x1234),
        store(0x8e, 2, 6),
        Step::StorePsw { offset: 0x150, psw: Psw::new(0, 0x2000) },
        Step::LoadPsw { offset: 0x1d0 },
    ];
    assert_eq!(only(local, &masks), (Kind::Program, expected));
}
