//! DIAGNOSE (F.5; arch/s390/kvm/diag.c of Linux 6.12).

use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Exit, Vcpu, icptcode};

/// `diag %r2,%r4,function`, then DIAGNOSE 0x501.
fn diagnose(guest: &Guest, vcpu: &Vcpu, function: u16) -> Exit {
    let [high, low] = function.to_be_bytes();
    guest.put(CODE, &[0x83, 0x24, high, low]);
    guest.put(CODE + 4, &DIAG_501);
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    vcpu.run().unwrap()
}

/// The program-interruption code that the guest got.
fn program(guest: &Guest, vcpu: &Vcpu, function: u16) -> u16 {
    guest.put(0x8c, &[0; 4]);
    assert_eq!(diagnose(guest, vcpu, function), EXIT_501);
    assert_eq!(vcpu.run_page().psw().addr, HANDLER + 0x304);
    assert_eq!(guest.u16(0x8c), 4);
    assert_eq!(guest.psw(0x150), Psw::new(MASKED, CODE + 4));
    guest.u16(0x8e)
}

fn client(function: u16) -> Exit {
    Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: 0x8324, ipb: u32::from(function) << 16 }
}

#[test]
fn functions_of_the_client() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    for function in [0, 0x288, 0x318, 0x500, 0x501, 0xfff] {
        assert_eq!(diagnose(&guest, &vcpu, function), client(function), "{function:#x}");
        assert_eq!(vcpu.run_page().psw().addr, CODE + 4);
    }
    // The function is base plus displacement, of which 16 bits count.
    vcpu.run_page().set_gpr(5, 0xffff_0000_0000_0300);
    guest.put(CODE, &[0x83, 0x24, 0x50, 0x08]);
    vcpu.run_page().set_gpr(4, 3);
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert!(matches!(vcpu.run(), Ok(Exit::Reset { .. })));
}

#[test]
fn the_problem_state_is_refused() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED | Psw::PROBLEM);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u16(0x8e), 2);
}

#[test]
fn yields_do_nothing() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    for function in [0x44, 0x9c] {
        assert_eq!(diagnose(&guest, &vcpu, function), EXIT_501);
        assert_eq!(vcpu.run_page().psw().addr, CODE + 8);
    }
}

#[test]
fn release_pages() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    let operands = |start, last| {
        page.set_gpr(2, start);
        page.set_gpr(4, last);
    };
    for (start, last) in
        [(0x1000, 0x5000), (0, 0x5000), (0x4001, 0x5000), (0x4000, 0x5001), (0x6000, 0x4000)]
    {
        operands(start, last);
        assert_eq!(program(&guest, &vcpu, 0x10), 6, "{start:#x} {last:#x}");
    }
    operands(0x4000, 0x4000);
    assert_eq!(diagnose(&guest, &vcpu, 0x10), EXIT_501);
    assert_eq!(page.psw().addr, CODE + 8);
}

#[test]
fn resets() {
    for (subcode, flags) in [(3, 0x1e), (4, 0x1c)] {
        for user_mode in [false, true] {
            let guest = Guest::new();
            let vcpu = guest.vcpu(0, MASKED);
            if user_mode {
                vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
            }
            vcpu.run_page().set_gpr(4, 0xffff_0000 | subcode);
            assert_eq!(diagnose(&guest, &vcpu, 0x308), Exit::Reset { flags });
            assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_S390_RESET);
            assert_eq!(vcpu.run_page().reset_flags(), flags);
            let stopped = vcpu.get_mp_state() == KVM_MP_STATE_STOPPED;
            assert_eq!(stopped, !user_mode);
        }
    }
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    for subcode in [0, 1, 5, 6, 0x103] {
        vcpu.run_page().set_gpr(4, subcode);
        assert_eq!(diagnose(&guest, &vcpu, 0x308), client(0x308));
    }
}

/// The pfault handshake.
#[test]
fn page_reference_service() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    let block = |code: u16, subcode: u16, length: u16, version: u16, doublewords: [u64; 4]| {
        let mut bytes: Vec<u8> =
            [code, subcode, length, version].iter().flat_map(|h| h.to_be_bytes()).collect();
        bytes.extend(doublewords.iter().flat_map(|d| d.to_be_bytes()));
        guest.put(0x8_0000, &bytes);
    };
    let z = 1 << 63;
    let good = [0x9_0008, 0xff00, 0x0f00, z];
    page.set_gpr(2, 0x8_0000);
    // Alignment, header, masks, mode.
    page.set_gpr(2, 0x8_0004);
    assert_eq!(program(&guest, &vcpu, 0x258), 6);
    page.set_gpr(2, 1 << 40);
    assert_eq!(program(&guest, &vcpu, 0x258), 5);
    page.set_gpr(2, 0x8_0000);
    for (code, length, version) in [(0x257, 5, 2), (0x258, 4, 2), (0x258, 5, 1)] {
        block(code, 0, length, version, good);
        assert_eq!(program(&guest, &vcpu, 0x258), 6);
    }
    for bad in [[0x9_0008, 0xff00, 1, z], [0x9_0004, 0, 0, z], [0x9_0008, 0, 0, 0]] {
        block(0x258, 0, 5, 2, bad);
        assert_eq!(program(&guest, &vcpu, 0x258), 6);
    }
    block(0x258, 0, 5, 2, [1 << 40, 0, 0, z]);
    assert_eq!(program(&guest, &vcpu, 0x258), 5);
    block(0x258, 2, 5, 2, good);
    assert_eq!(diagnose(&guest, &vcpu, 0x258), client(0x258));
    assert_eq!(page.pfault_token(), u64::MAX);

    // Cancel what is not, establish, establish again, cancel.
    for (subcode, words, answer, token) in [
        (1, [0; 4], 4, u64::MAX),
        (0, good, 0, 0x9_0008),
        (0, good, 8, 0x9_0008),
        (1, [0; 4], 0, u64::MAX),
    ] {
        block(0x258, subcode, 5, 2, words);
        page.set_gpr(4, 99);
        assert_eq!(diagnose(&guest, &vcpu, 0x258), EXIT_501);
        assert_eq!((page.gpr(4), page.pfault_token()), (answer, token));
    }
    assert_eq!((page.pfault_select(), page.pfault_compare()), (0xff00, 0x0f00));
    block(0x258, 1, 5, 2, [0, 0, 0, z]);
    assert_eq!(program(&guest, &vcpu, 0x258), 6);
}
