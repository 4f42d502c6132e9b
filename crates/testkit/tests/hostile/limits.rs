//! Code and operands at the end of what can be addressed, and at the end of
//! what exists (manual, chapter 3, "Address Wraparound"; chapter 5).

use super::guest::*;
use lowcore_arch::Psw;
use lowcore_kvm::Vcpu;

/// A mode: its PSW bits and the size of what it addresses.
const MODES: [(u64, u64); 2] = [(0, 1 << 24), (Psw::BASIC_ADDRESSING, 1 << 31)];

/// Storage at both ends of a mode's addresses.
fn guest(limit: u64) -> (Guest, Vcpu) {
    let guest = Guest::with_slots(&[0, limit - MIB]);
    let vcpu = guest.vcpu(0);
    (guest, vcpu)
}

#[test]
fn an_instruction_goes_on_at_address_zero() {
    // la %r1,5, then DIAGNOSE; split after 2 bytes, and after 4.
    let code = [&[0x41, 0x10, 0x00, 0x05][..], &DIAG_501].concat();
    for (mask, limit) in MODES {
        for before in [2, 4, 6] {
            let (guest, vcpu) = guest(limit);
            guest.put(limit - before as u64, &code[..before]);
            guest.put(0, &code[before..]);
            vcpu.run_page().set_psw(Psw::new(mask, limit - before as u64));
            assert_eq!(run(&vcpu), EXIT_501);
            assert_eq!(vcpu.run_page().gpr(1) & 0xff_ffff, 5);
            assert_eq!(vcpu.run_page().psw(), Psw::new(mask, 8 - before as u64));
        }
    }
}

#[test]
fn a_relative_branch_goes_round_in_both_directions() {
    for (mask, limit) in MODES {
        // brc 15,.+8 from the last word; brc 15,.-8 from address 0 on.
        for (from, to, halfwords) in [(limit - 4, 4, 4_i16), (0, limit - 8, -4)] {
            let (guest, vcpu) = guest(limit);
            guest.put(from, &[0xa7, 0xf4]);
            guest.put(from + 2, &halfwords.to_be_bytes());
            guest.put(to, &DIAG_501);
            vcpu.run_page().set_psw(Psw::new(mask, from));
            assert_eq!(run(&vcpu), EXIT_501);
            assert_eq!(vcpu.run_page().psw(), Psw::new(mask, (to + 4) % limit));
        }
    }
}

#[test]
fn operands_go_round_too() {
    for (mask, limit) in MODES {
        let (guest, vcpu) = guest(limit);
        // mvc 0(8,%r2),0(%r3) ; stm %r4,%r5,0(%r6) ; diag
        let code = [&[0xd2, 0x07, 0x20, 0x00, 0x30, 0x00, 0x90, 0x45, 0x60, 0x00][..], &DIAG_501];
        guest.put(CODE, &code.concat());
        guest.put(limit - 3, &[1, 2, 3]);
        guest.put(0, &[4, 5, 6, 7, 8]);
        vcpu.run_page().set_psw(Psw::new(mask, CODE));
        // Bits beyond the mode's addresses do not count.
        for (r, value) in [(2, 0x4000), (3, limit - 3), (4, 0x1122_3344), (5, 0x5566_7788)] {
            vcpu.run_page().set_gpr(r, value);
        }
        vcpu.run_page().set_gpr(6, 5 * limit - 6);
        assert_eq!(run(&vcpu), EXIT_501);
        assert_eq!(guest.bytes(0x4000), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(guest.bytes(limit - 6), [0x11, 0x22, 0x33, 0x44, 0x55, 0x66]);
        assert_eq!(guest.bytes(0), [0x77, 0x88, 6, 7, 8]);
    }
}

#[test]
fn there_is_nothing_at_the_end_of_64_bits() {
    // Slots end below 2^64, so an operand that goes round is not all there,
    // and nothing of it is stored.
    let guest = Guest::new();
    // stg %r4,0(%r3) ; diag
    guest.put(CODE, &[0xe3, 0x40, 0x30, 0x00, 0x00, 0x24]);
    guest.put(CODE + 6, &DIAG_501);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_gpr(3, u64::MAX - 3);
    vcpu.run_page().set_gpr(4, u64::MAX);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (5, 6));
    assert_eq!(guest.u64(0), 0);
    // Nor is there an instruction.
    vcpu.run_page().set_psw(Psw::new(MASKED, u64::MAX - 1));
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program().0, 5);
}

#[test]
fn code_at_the_end_of_a_slot_needs_nothing_behind_it() {
    for code in [&[0x83, 0x00, 0x05, 0x01][..], &[0x18, 0x12, 0x83, 0x00, 0x05, 0x01]] {
        let guest = Guest::new();
        let vcpu = guest.vcpu(0);
        let start = MIB - code.len() as u64;
        guest.put(start, code);
        vcpu.run_page().set_psw(Psw::new(MASKED, start));
        assert_eq!(run(&vcpu), EXIT_501);
        assert_eq!(vcpu.run_page().psw().addr, MIB);
    }
}

#[test]
fn code_that_runs_off_its_slot_is_an_addressing_exception() {
    // lr %r1,%r2 as the last instruction, then nothing; the first half of a
    // la; two thirds of an mvc.
    for (code, executed) in
        [(&[0x18, 0x12][..], 2), (&[0x41, 0x10], 0), (&[0xd2, 0x07, 0x20, 0x00], 0)]
    {
        let guest = Guest::new();
        let vcpu = guest.vcpu(0);
        let start = MIB - code.len() as u64;
        guest.put(start, code);
        vcpu.run_page().set_psw(Psw::new(MASKED, start));
        assert_eq!(run(&vcpu), EXIT_501);
        let (code, length) = guest.program();
        assert_eq!(code, 5);
        let old = guest.old_psw(PROGRAM);
        assert_eq!(old.addr, start + executed + u64::from(length));
    }
}

#[test]
fn code_and_operands_cross_from_one_slot_into_the_next() {
    // Adjacent for the guest, apart in the host's memory.
    let guest = Guest::with_slots(&[0, MIB]);
    let vcpu = guest.vcpu(0);
    // mvc 0(8,%r2),0(%r3) ; diag, with the first slot's end inside.
    let code = [&[0xd2, 0x07, 0x20, 0x00, 0x30, 0x00][..], &DIAG_501].concat();
    for before in [2, 4, 6, 8] {
        let start = MIB - before as u64;
        guest.put(start, &code[..before]);
        guest.put(MIB, &code[before..]);
        guest.put(MIB + 0x4000, b"lowcore!");
        // The end of the slots inside of the target too.
        let target = MIB - 0x14;
        vcpu.run_page().set_gpr(2, target);
        vcpu.run_page().set_gpr(3, MIB + 0x4000);
        vcpu.run_page().set_psw(Psw::new(MASKED, start));
        assert_eq!(run(&vcpu), EXIT_501);
        assert_eq!(&guest.bytes::<8>(target), b"lowcore!");
    }
    // cdsg %r4,%r6,0(%r2) at an address that is not a multiple of 16.
    guest.put(CODE, &[0xeb, 0x46, 0x20, 0x00, 0x00, 0x3e]);
    vcpu.run_page().set_gpr(2, MIB - 8);
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (6, 6));
}

#[test]
fn a_store_that_is_not_all_in_storage_stores_nothing() {
    // stmg %r0,%r15,0(%r2), of which the last byte is beyond the slot.
    let guest = Guest::new();
    let vcpu = guest.vcpu(0);
    guest.put(CODE, &[0xeb, 0x0f, 0x20, 0x00, 0x00, 0x24]);
    for r in 0..16 {
        vcpu.run_page().set_gpr(r, u64::MAX);
    }
    vcpu.run_page().set_gpr(2, MIB - 127);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (5, 6));
    assert_eq!(guest.bytes(MIB - 127), [0; 127]);
}
