//! PSWs that wait for ever, and PSWs that are none.

use super::guest::*;
use lowcore_abi::*;
use lowcore_arch::{Psw, lowcore};
use lowcore_kvm::icptcode;

/// Specification exception.
const SPECIFICATION: u16 = 6;

/// PSWs that are recognised as invalid before anything is executed (F.6;
/// manual, chapter 6, "Early Exception Recognition").
fn invalid() -> Vec<Psw> {
    // Bits 0, 2-4, 12, 24-30 and 33-63 of the mask must be zero.
    let unassigned = [0, 2, 3, 4, 12].into_iter().chain(24..=30).chain(33..=63);
    let mut psws: Vec<Psw> =
        unassigned.map(|bit| Psw::new(MASKED | 1 << (63 - bit), CODE)).collect();
    psws.push(Psw::new(Psw::EXTENDED_ADDRESSING, CODE));
    for address in [0x8000_0000, 0x8000_0000 + CODE, 1 << 32, u64::MAX] {
        psws.push(Psw::new(Psw::BASIC_ADDRESSING, address));
    }
    for address in [0x100_0000, 0x100_0000 + CODE, 0x8000_0000, u64::MAX - 1] {
        psws.push(Psw::new(0, address));
    }
    psws
}

#[test]
fn an_invalid_psw_of_the_clients_is_a_specification_exception() {
    for psw in invalid() {
        let guest = Guest::new();
        guest.put(CODE, &SPIN);
        let vcpu = guest.vcpu(0);
        vcpu.run_page().set_psw(psw);
        assert_eq!(run(&vcpu), EXIT_501, "{psw:x?}");
        assert_eq!(guest.program(), (SPECIFICATION, 0), "{psw:x?}");
        assert_eq!(guest.old_psw(PROGRAM), psw);
    }
}

#[test]
fn an_invalid_psw_that_waits_is_an_exception_first() {
    for psw in invalid() {
        let guest = Guest::new();
        let vcpu = guest.vcpu(0);
        let waiting = Psw::new(psw.mask | Psw::WAIT, psw.addr);
        vcpu.run_page().set_psw(waiting);
        assert_eq!(run(&vcpu), EXIT_501, "{psw:x?}");
        assert_eq!(guest.old_psw(PROGRAM), waiting);
    }
}

#[test]
fn load_psw_extended_of_an_invalid_psw_is_found_late() {
    // F.5: the bad PSW is installed first, and becomes the old PSW.
    for psw in invalid() {
        let guest = Guest::new();
        // lpswe 0x400
        guest.put(CODE, &[0xb2, 0xb2, 0x04, 0x00]);
        guest.put(0x400, &psw.to_bytes());
        let vcpu = guest.vcpu(0);
        assert_eq!(run(&vcpu), EXIT_501, "{psw:x?}");
        assert_eq!(guest.program(), (SPECIFICATION, 4), "{psw:x?}");
        assert_eq!(guest.old_psw(PROGRAM), psw);
    }
}

#[test]
fn load_psw_without_bit_12_loads_nothing() {
    // Manual, chapter 10, "LOAD PSW": suppressed.
    let guest = Guest::new();
    // lpsw 0x400
    guest.put(CODE, &[0x82, 0x00, 0x04, 0x00]);
    guest.put(0x400, &0x0000_0000_8001_0000_u64.to_be_bytes());
    let vcpu = guest.vcpu(0);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.program(), (SPECIFICATION, 4));
    assert_eq!(guest.old_psw(PROGRAM), Psw::new(MASKED, CODE + 4));
}

#[test]
fn an_odd_address_is_found_at_the_fetch() {
    for mask in [MASKED, Psw::BASIC_ADDRESSING, 0] {
        let guest = Guest::new();
        guest.put(CODE, &[0; 8]);
        let vcpu = guest.vcpu(0);
        vcpu.run_page().set_psw(Psw::new(mask, CODE + 1));
        assert_eq!(run(&vcpu), EXIT_501);
        let (code, length) = guest.program();
        assert_eq!(code, SPECIFICATION);
        // The manual leaves the length open, but it must be one.
        assert!(matches!(length, 2 | 4 | 6), "{length}");
        let old = guest.old_psw(PROGRAM);
        assert_eq!(old, Psw::new(mask, CODE + 1 + u64::from(length)));
    }
}

#[test]
fn an_invalid_new_psw_of_any_class_is_a_program_interruption() {
    // C.4: it is loaded as it is, and found by the CPU.
    for psw in invalid() {
        for (class, irq) in [
            (RESTART, kvm_s390_irq::of_type(KVM_S390_RESTART)),
            (
                PROGRAM,
                kvm_s390_irq::with_pgm(
                    KVM_S390_PROGRAM_INT,
                    kvm_s390_pgm_info { code: 0x15, ..Default::default() },
                ),
            ),
        ] {
            let guest = Guest::new();
            guest.put(CODE, &SPIN);
            guest.put(class.new_psw(), &psw.to_bytes());
            let vcpu = guest.vcpu(0);
            vcpu.inject(&irq).unwrap();
            let exit = run(&vcpu);
            if class == PROGRAM {
                // F.6, specification: the handler's PSW is invalid itself.
                assert_eq!(exit, sieic(icptcode::PROGRAM), "{psw:x?}");
                assert_eq!(vcpu.run_page().psw(), psw);
                assert_eq!(guest.program(), (0x15, 0));
            } else {
                assert_eq!(exit, EXIT_501, "{psw:x?}");
                assert_eq!(guest.program(), (SPECIFICATION, 0));
                assert_eq!(guest.old_psw(PROGRAM), psw);
            }
            assert_eq!(guest.old_psw(class), Psw::new(MASKED, CODE));
        }
    }
}

#[test]
fn a_specification_exception_with_an_invalid_new_psw_is_a_loop() {
    // F.6, specification.
    for psw in invalid() {
        let guest = Guest::new();
        guest.put(PROGRAM.new_psw(), &psw.to_bytes());
        let vcpu = guest.vcpu(0);
        vcpu.run_page().set_psw(Psw::new(MASKED, CODE + 1));
        assert_eq!(run(&vcpu), sieic(icptcode::PROGRAM), "{psw:x?}");
        // Nothing was delivered.
        assert_eq!(guest.program(), (0, 0));
        assert_eq!(guest.old_psw(PROGRAM), Psw::default());
    }
}

#[test]
fn a_wait_without_masks_is_an_exit() {
    // F.3. An odd address does not matter, since nothing is fetched (F.6).
    for (mask, address) in [(MASKED, 0xdead), (0, 0), (Psw::BASIC_ADDRESSING, 0x7fff_ffff)] {
        let guest = Guest::new();
        let vcpu = guest.vcpu(0);
        let psw = Psw::new(mask | Psw::WAIT, address);
        vcpu.run_page().set_psw(psw);
        for _ in 0..2 {
            assert_eq!(run(&vcpu), sieic(icptcode::WAIT));
            assert_eq!(vcpu.run_page().psw(), psw);
        }
    }
}

#[test]
fn what_a_disabled_wait_cannot_take_stays_pending() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_psw(Psw::new(MASKED | Psw::WAIT, 0));
    let emergency =
        kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: 0 });
    vcpu.inject(&emergency).unwrap();
    assert_eq!(run(&vcpu), sieic(icptcode::WAIT));
    assert_eq!(vcpu.get_irq_state(), [emergency]);
    // A restart is not masked, and leads out of the wait.
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.old_psw(RESTART), Psw::new(MASKED | Psw::WAIT, 0));
    assert_eq!(vcpu.get_irq_state(), [emergency]);
}

#[test]
fn a_wait_for_one_class_is_not_ended_by_another() {
    // F.3, C.3: only what the masks allow ends a wait.
    let guest = Guest::new();
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_psw(Psw::new(MASKED | Psw::WAIT | Psw::MACHINE_CHECK, 0));
    let emergency =
        kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: 0 });
    vcpu.inject(&emergency).unwrap();
    let running = start(&vcpu);
    let check = kvm_s390_mchk_info { mcic: 1 << 63, ..Default::default() };
    vcpu.inject(&kvm_s390_irq::with_mchk(KVM_S390_MCHK, check)).unwrap();
    assert_eq!(running.wait(), EXIT_501);
    assert_eq!(vcpu.run_page().psw().addr, MACHINE_CHECK.handler() + 4);
    assert_eq!(guest.u64(lowcore::MACHINE_CHECK_CODE.into()), 1 << 63);
    assert_eq!(vcpu.get_irq_state(), [emergency]);
}
