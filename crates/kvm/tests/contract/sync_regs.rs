//! Registers in the run page (A.7). The selftest `s390x/sync_regs_test` of
//! the kernel asserts the same of general registers and of DIAGNOSE 0x318.

use crate::guest::*;
use lowcore_abi::*;

#[test]
fn registers_without_a_dirty_bit_live_in_the_page() {
    let guest = Guest::new();
    // agr %r11,%r1; sar %a3,%r11; diag 0,0,0x501
    guest.put(CODE, &[0xb9, 0x08, 0x00, 0xb1, 0xb2, 0x4e, 0x00, 0x3b]);
    guest.put(CODE + 8, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    page.set_gpr(11, 0xbad1dea);
    page.set_gpr(1, 1);
    page.set_acr(9, 9);
    page.set_fpr(15, 0x4000_0000_0000_0000);
    page.set_fpc(0x0000_0003);
    page.set_dirty(0);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(page.gpr(11), 0xbad1deb);
    assert_eq!((page.acr(3), page.acr(9)), (0xbad1deb, 9));
    assert_eq!((page.fpr(15), page.fpc()), (0x4000_0000_0000_0000, 3));
    // A register is also taken from there when its bit is set.
    page.set_gpr(11, 5);
    page.set_dirty(KVM_SYNC_GPRS);
    page.set_psw(lowcore_arch::Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(page.gpr(11), 6);
}

/// What a guest computes is in the run page, in `KVM_GET_FPU`, and in what
/// store status stores (C.9).
#[test]
fn computed_floating_point_numbers_are_everywhere() {
    const NUMBERS: u64 = 0x8000;
    let guest = Guest::new();
    let numbers = [1.0_f64, 3.0, 2.0].map(f64::to_bits);
    for (n, number) in (0..).zip(numbers) {
        guest.put(NUMBERS + 8 * n, &number.to_be_bytes());
    }
    guest.put(
        CODE,
        &[
            0x68, 0xf0, 0x10, 0x00, // ld %f15,0(%r1): 1
            0x68, 0x30, 0x10, 0x08, // ld %f3,8(%r1): 3
            0xb3, 0x1d, 0x00, 0xf3, // ddbr %f15,%f3: inexact
            0xb3, 0x15, 0x00, 0x73, // sqdbr %f7,%f3
            0xed, 0x80, 0x10, 0x10, 0x00, 0x05, // lxdb %f8,16(%r1): 2
            0xb3, 0x16, 0x00, 0x88, // sqxbr %f8,%f8
        ],
    );
    guest.put(CODE + 26, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    page.set_gpr(1, NUMBERS);
    let control = 1 << 18; // additional floating-point registers
    page.set_cr(0, page.cr(0) | control);
    page.set_dirty(KVM_SYNC_CRS);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    let third = (1.0_f64 / 3.0).to_bits();
    let root = 3.0_f64.sqrt().to_bits();
    // The root of 2 in 113 bits.
    let expected = [
        (3, 3.0_f64.to_bits()),
        (7, root),
        (8, 0x3fff_6a09_e667_f3bc),
        (10, 0xc908_b2fb_1366_ea95),
        (15, third),
    ];
    let fpu = vcpu.get_fpu();
    for (n, number) in expected {
        assert_eq!((page.fpr(n), fpu.fprs[n]), (number, number), "register {n}");
    }
    let inexact = 0x0008_0000;
    assert_eq!((page.fpc(), fpu.fpc), (inexact, inexact));
    vcpu.store_status(lowcore_cpu::StatusForm::Absolute).unwrap();
    for (n, number) in expected {
        assert_eq!(guest.u64(0x1200 + 8 * n as u64), number, "register {n}");
    }
    assert_eq!(guest.u32(0x131c), inexact);
}

#[test]
fn an_invalid_fpc_is_cleared() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_fpc(0x0000_0005);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(vcpu.run_page().fpc(), 0);
}

#[test]
fn the_others_need_their_dirty_bit_and_are_refreshed_anyway() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    let fill = |value: u64| {
        page.set_prefix(value << 13);
        page.set_crs(value);
        page.set_todpr(value);
        page.set_cpu_timer(value << 40);
        page.set_clock_comparator(value);
        page.set_program_parameter(value);
        page.set_breaking_event(value);
        page.set_pfault_token(value);
        page.set_pfault_select(value);
        page.set_pfault_compare(value);
        page.set_diag318(value);
        page.set_psw(lowcore_arch::Psw::new(MASKED, CODE));
    };
    let others =
        KVM_SYNC_PREFIX | KVM_SYNC_CRS | KVM_SYNC_ARCH0 | KVM_SYNC_PFAULT | KVM_SYNC_DIAG318;
    // The low core moves with the prefix, and so does the code of a real
    // address in it; the code used here lies beyond.
    fill(0x10);
    page.set_dirty(others);
    // Whatever kvm_valid_regs says.
    page.set_valid(0);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(page.dirty(), 0);
    assert_eq!(page.valid(), 0, "told once only");
    let timer = page.cpu_timer();
    assert!(timer <= 0x10 << 40 && timer > 0xf << 40);

    fill(0x20);
    page.set_dirty(0);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(page.prefix(), 0x10 << 13);
    assert_eq!(page.cr(4), 0x14);
    assert_eq!(
        (page.todpr(), page.clock_comparator(), page.program_parameter()),
        (0x10, 0x10, 0x10)
    );
    assert_eq!(
        (page.pfault_token(), page.pfault_select(), page.pfault_compare()),
        (0x10, 0x10, 0x10)
    );
    assert_eq!(page.diag318(), 0x10);
    assert!(page.cpu_timer() <= timer);
    assert_eq!(vcpu.get_sregs().crs[4], 0x14);
    assert_eq!(vcpu.get_one_reg(KVM_REG_S390_PP), Ok(0x10));
}

/// C.10: only bits 13 to 30 of a prefix count.
#[test]
fn a_prefix_is_cut() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_prefix(0xffff_ffff_8000_7fff);
    vcpu.run_page().set_dirty(KVM_SYNC_PREFIX);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(vcpu.run_page().prefix(), 0x6000);
}

/// C.10: a dirty prefix is applied first, then the set-prefix.
#[test]
fn a_pending_set_prefix_overrides_a_dirty_one() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    let prefix = kvm_s390_prefix_info { address: 0x8001_2345 };
    vcpu.inject(&kvm_s390_irq::with_prefix(KVM_S390_SIGP_SET_PREFIX, prefix)).unwrap();
    vcpu.run_page().set_prefix(0x4000);
    vcpu.run_page().set_dirty(KVM_SYNC_PREFIX);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(vcpu.run_page().prefix(), 0x1_2000);
}

trait FillControls {
    fn set_crs(&self, value: u64);
}

impl FillControls for lowcore_kvm::RunPage {
    fn set_crs(&self, value: u64) {
        for n in 1..16 {
            self.set_cr(n, value + n as u64);
        }
    }
}
