//! STORE SYSTEM INFORMATION (manual, chapter 10; F.5).

use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Exit, Vcpu};

/// `stsi 0(%r9)`, then DIAGNOSE 0x501. The exit and the condition code.
fn stsi(guest: &Guest, vcpu: &Vcpu, gr0: u64, gr1: u64) -> (Exit, u8) {
    guest.put(CODE, &[0xb2, 0x7d, 0x90, 0x00]);
    guest.put(CODE + 4, &DIAG_501);
    let page = vcpu.run_page();
    page.set_psw(Psw::new(MASKED | 2 << 44, CODE));
    page.set_gpr(0, gr0);
    page.set_gpr(1, gr1);
    (vcpu.run().unwrap(), page.psw().condition_code())
}

#[test]
fn levels() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_gpr(9, 0x8_0000);
    assert_eq!(stsi(&guest, &vcpu, 0, 0), (EXIT_501, 0));
    assert_eq!(vcpu.run_page().gpr(0), 3 << 28);
    for (gr0, gr1) in [
        (0x1000_0001, 2),
        (0x1000_0002, 3),
        (0x2000_0001, 1),
        (0x2000_0002, 3),
        (0x3000_0002, 1),
        (0x3000_0001, 2),
        (0x4000_0002, 2),
        (0xf000_0001, 2),
    ] {
        assert_eq!(stsi(&guest, &vcpu, gr0, gr1), (EXIT_501, 3), "{gr0:#x} {gr1}");
        assert_eq!(vcpu.run_page().gpr(0), gr0);
    }
    assert!(guest.bytes(0x8_0000, 4096).iter().all(|&byte| byte == 0));
}

#[test]
fn specification() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    for (gr0, gr1, gr9) in
        [(0x3000_0102, 2, 0x8_0000), (0x3000_0002, 0x1_0002, 0x8_0000), (0x3000_0002, 2, 0x8_0008)]
    {
        page.set_gpr(9, gr9);
        guest.put(0x8e, &[0; 2]);
        assert_eq!(stsi(&guest, &vcpu, gr0, gr1).0, EXIT_501);
        assert_eq!(guest.u16(0x8e), 6);
    }
    page.set_gpr(9, 1 << 40);
    assert_eq!(stsi(&guest, &vcpu, 0x3000_0002, 2).0, EXIT_501);
    assert_eq!(guest.u16(0x8e), 5);
}

#[test]
fn the_virtual_machine() {
    for user in [false, true] {
        let guest = Guest::new();
        let vcpu = guest.vcpu(0, MASKED);
        let _other = guest.vcpu(1, MASKED);
        if user {
            let cap = kvm_enable_cap { cap: KVM_CAP_S390_USER_STSI, ..Default::default() };
            guest.vm.enable_cap(&cap).unwrap();
        }
        vcpu.run_page().set_gpr(9, 0x8_0000);
        let (exit, code) = stsi(&guest, &vcpu, 0x3000_0002, 2);
        assert_eq!((code, vcpu.run_page().gpr(0)), (0, 0), "completed either way");
        if user {
            assert_eq!(exit, Exit::Stsi { address: 0x8_0000 });
            assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_S390_STSI);
            let stsi = vcpu.run_page().stsi();
            // The register that names the operand's space.
            assert_eq!((stsi.addr, stsi.ar), (0x8_0000, 9));
            assert_eq!((stsi.fc, stsi.sel1, stsi.sel2), (3, 2, 2));
            assert_eq!(vcpu.run_page().psw().addr, CODE + 4);
        } else {
            assert_eq!(exit, EXIT_501);
        }
        assert_eq!(guest.u8(0x8_001f), 1);
        assert_eq!((guest.u16(0x8_0024), guest.u16(0x8_0026)), (2, 2));
        assert_eq!((guest.u16(0x8_0028), guest.u16(0x8_002a)), (0, 0));
        assert_eq!(guest.u32(0x8_0034), 1000);
        // What s390x Linux compares to know that it runs under KVM.
        assert_eq!(guest.bytes(0x8_0038, 3), [0xd2, 0xe5, 0xd4]);
    }
}

/// Text of a block, from EBCDIC.
fn text(guest: &Guest, at: u64, length: usize) -> String {
    let letter = |byte: u8| match byte {
        0x40 => ' ',
        0xc1..=0xc9 => char::from(byte - 0xc1 + b'A'),
        0xd1..=0xd9 => char::from(byte - 0xd1 + b'J'),
        0xe2..=0xe9 => char::from(byte - 0xe2 + b'S'),
        0xf0..=0xf9 => char::from(byte - 0xf0 + b'0'),
        _ => '?',
    };
    guest.bytes(0x8_0000 + at, length).into_iter().map(letter).collect()
}

#[test]
fn the_machine_and_the_partition() {
    // Offsets are those of the manual's figures of each block.
    let guest = Guest::new();
    let _other = guest.vcpu(0, MASKED);
    let vcpu = guest.vcpu(3, MASKED);
    vcpu.run_page().set_gpr(9, 0x8_0000);
    let ask = |gr0, gr1| {
        assert_eq!(stsi(&guest, &vcpu, gr0, gr1), (EXIT_501, 0), "{gr0:#x} {gr1}");
        assert_eq!(vcpu.run_page().gpr(0), 0);
    };
    ask(0x1000_0001, 1);
    assert_eq!(text(&guest, 32, 16), "LOWCORE         ");
    assert_eq!(text(&guest, 80, 16), "0000000000000000", "the serial number of STIDP");
    let machine = text(&guest, 48, 4);
    ask(0x1000_0002, 1);
    assert_eq!((text(&guest, 80, 16).as_str(), guest.u16(0x8_0066)), ("0000000000000000", 3));
    ask(0x1000_0002, 2);
    assert_ne!(guest.u32(0x8_0020), 0);
    assert_eq!([36, 38, 40, 42].map(|at| guest.u16(0x8_0000 + at)), [2, 2, 0, 0]);
    assert_ne!(guest.u16(0x8_002c), 0, "a factor for two CPUs");
    assert_eq!(guest.u16(0x8_002e), 0);
    ask(0x2000_0002, 1);
    assert_eq!((guest.u16(0x8_0064), guest.u16(0x8_0066)), (3, 3));
    ask(0x2000_0002, 2);
    assert_eq!([36, 38, 40, 42].map(|at| guest.u16(0x8_0000 + at)), [2, 2, 0, 0]);
    assert_eq!((text(&guest, 44, 8).as_str(), guest.u32(0x8_0034)), ("LOWCORE ", 1000));

    // STORE CPU ID says the same type.
    guest.put(CODE, &[0xb2, 0x02, 0x90, 0x00]);
    guest.put(CODE + 4, &DIAG_501);
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    let id = guest.u64(0x8_0000);
    assert_eq!(format!("{:04x}", id >> 16 & 0xffff), machine);
    assert_eq!(id >> 56, 0xff, "a virtual machine");
    assert_eq!(id >> 32 & 0xff_ffff, 0, "no serial number");
}

#[test]
fn the_facility_list_is_what_the_table_keeps() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    // stfle 0(%r9) ; stfl 0
    guest.put(CODE, &[0xb2, 0xb0, 0x90, 0x00, 0xb2, 0xb1, 0x00, 0x00]);
    guest.put(CODE + 8, &DIAG_501);
    let page = vcpu.run_page();
    page.set_gpr(0, 31);
    page.set_gpr(9, 0x8_0000);
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    let wanted = lowcore_isa::facility::facilities();
    let count = page.gpr(0) + 1;
    for (n, word) in (0..).zip(wanted.doublewords()) {
        assert_eq!(guest.u64(0x8_0000 + 8 * n), if n < count { *word } else { 0 });
        assert!(n < count || *word == 0, "all of it was stored");
    }
    assert_eq!(u64::from(guest.u32(0xc8)), wanted.doublewords()[0] >> 32);
}

#[test]
fn kernels_find_what_they_refuse_to_run_without() {
    // The facilities that Debian's kernels are built for: those of a z10.
    let list = lowcore_isa::facility::facilities();
    for bit in [0, 1, 18, 21, 25, 27, 32, 33, 34, 35] {
        assert!(list.has(lowcore_arch::Facility(bit)), "facility {bit}");
    }
}

#[test]
fn the_documentation_lists_the_facilities() {
    let list = lowcore_isa::facility::facilities();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/kvm.md");
    let page = std::fs::read_to_string(path).unwrap();
    let start = "The facilities of a guest follow from the table of instructions: ";
    let (_, rest) = page.split_once(start).unwrap();
    let sentence = rest.split_once('.').unwrap().0.replace(" and ", ", ");
    let mut documented = lowcore_arch::FacilityList::default();
    for part in sentence.split(", ") {
        let (first, last) = part.split_once(" to ").unwrap_or((part, part));
        for bit in first.parse::<u8>().unwrap()..=last.parse().unwrap() {
            documented = documented.with(lowcore_arch::Facility(bit));
        }
    }
    assert_eq!(
        documented.doublewords().map(|w| format!("{w:016x}")),
        list.doublewords().map(|w| format!("{w:016x}"))
    );
}

#[test]
fn the_timing_facility_tells_the_clocks_apart() {
    const EPOCH: u64 = 0x1234_5678_9abc_d000;
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    let physical = guest.vm.get_tod();
    guest.vm.set_tod(physical.wrapping_add(EPOCH));
    // ptff ; DIAGNOSE 0x501
    guest.put(CODE, &[0x01, 0x04]);
    guest.put(CODE + 2, &DIAG_501);
    let page = vcpu.run_page();
    let ask = |function: u64, words: u64| {
        guest.put(0x8_0000, &[0xee; 64]);
        page.set_psw(Psw::new(MASKED | 1 << 44, CODE));
        page.set_gpr(0, function);
        page.set_gpr(1, 0x8_0000);
        assert_eq!(vcpu.run().unwrap(), EXIT_501);
        assert_eq!(page.psw().condition_code(), 0);
        assert_eq!(guest.u8(0x8_0000 + 8 * words), 0xee, "no more is stored");
        (0..words).map(|n| guest.u64(0x8_0000 + 8 * n)).collect::<Vec<_>>()
    };
    // Which functions there are: a bit each, the leftmost for function 0.
    assert_eq!(ask(0, 2), [0xf000_0000_0000_0000, 0]);
    let offsets = ask(1, 4);
    let now = guest.vm.get_tod();
    assert!(physical <= offsets[0] && offsets[0] <= now.wrapping_sub(offsets[3]));
    assert!(offsets[3].abs_diff(EPOCH) < 1 << 32, "a second or so: {:x}", offsets[3]);
    assert_eq!((offsets[1], offsets[2]), (0, offsets[3]));
    let steering = ask(2, 7);
    assert!(offsets[0] <= steering[0]);
    assert_eq!(steering[1..], [0; 6]);
    assert!(steering[0] <= ask(3, 1)[0]);
    // Every other one of a guest's functions is not available.
    page.set_psw(Psw::new(MASKED | 1 << 44, CODE));
    page.set_gpr(0, 0x41);
    assert_eq!(vcpu.run().unwrap(), EXIT_501);
    assert_eq!(page.psw().condition_code(), 3);
}

#[test]
fn no_two_cpus_store_the_same_clock() {
    // stck 0(%r9) ; la %r9,8(%r9) ; brct %r8,.-8 ; DIAGNOSE 0x501
    const COUNT: u64 = 4000;
    let guest = Guest::new();
    let program = [
        0xb2, 0x05, 0x90, 0x00, 0x41, 0x99, 0x00, 0x08, 0xa7, 0x86, 0xff, 0xfc, 0x83, 0x00, 0x05,
        0x01,
    ];
    guest.put(CODE, &program);
    let vcpus = [0, 1].map(|n| {
        let vcpu = guest.vcpu(n, MASKED);
        vcpu.run_page().set_gpr(8, COUNT);
        vcpu.run_page().set_gpr(9, 0x8_0000 + n * 0x8_0000);
        vcpu
    });
    let runs = [0, 1].map(|n| start(&vcpus[n]));
    for (vcpu, run) in vcpus.iter().zip(runs) {
        assert_eq!(outcome(vcpu, run).unwrap(), EXIT_501);
    }
    let mut all = std::collections::BTreeSet::new();
    for n in 0..2 {
        let mut last = 0;
        for i in 0..COUNT {
            let value = guest.u64(0x8_0000 + n * 0x8_0000 + 8 * i);
            assert!(value > last);
            last = value;
            assert!(all.insert(value), "{value:x} a second time");
        }
    }
}
