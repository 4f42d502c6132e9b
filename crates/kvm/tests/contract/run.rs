//! KVM_RUN: entry checks, return values, intercepts, loops (F).

use crate::client::Client;
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Error, Exit, icptcode};
use std::time::Duration;

/// F.1, in its order: each check hides those after it.
#[test]
fn entry_checks_in_order() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let fd = object(&vcpu);
    let page = vcpu.run_page();
    assert_eq!(client.ioctl(&fd, KVM_RUN, 0), Ok(0));
    assert_eq!(page.exit_reason(), KVM_EXIT_S390_SIEIC);
    // From here on the client controls the state, and the CPU is stopped.
    vcpu.set_mp_state(KVM_MP_STATE_STOPPED).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    page.set_psw(Psw::new(MASKED, CODE));
    page.set_gpr(1, 77);
    page.set_valid(1 << 13);
    page.set_dirty(KVM_SYNC_CRS | 1 << 63);
    page.set_immediate_exit(true);
    let before = guest.everything(&vcpu);

    assert_eq!(client.ioctl(&fd, KVM_RUN, 1), Err(libc::EINVAL));
    assert_eq!(client.ioctl(&fd, KVM_RUN, 0), Err(libc::EINTR));
    // immediate_exit neither shows a reason nor takes or gives registers.
    assert_eq!(page.exit_reason(), KVM_EXIT_S390_SIEIC);
    assert_eq!(page.dirty(), KVM_SYNC_CRS | 1 << 63);
    page.set_immediate_exit(false);
    assert_eq!(client.ioctl(&fd, KVM_RUN, 0), Err(libc::EINVAL), "valid bits");
    assert_eq!(page.dirty(), KVM_SYNC_CRS | 1 << 63, "dirty bits are kept");
    page.set_valid(KVM_SYNC_S390_VALID_FIELDS);
    assert_eq!(client.ioctl(&fd, KVM_RUN, 0), Err(libc::EINVAL), "dirty bits");
    page.set_dirty(KVM_SYNC_S390_VALID_FIELDS & !KVM_SYNC_CRS);
    assert_eq!(vcpu.run(), Err(Error::Stopped));
    assert_eq!(page.dirty(), KVM_SYNC_S390_VALID_FIELDS & !KVM_SYNC_CRS);
    assert_eq!(page.exit_reason(), KVM_EXIT_S390_SIEIC);
    assert_eq!(guest.everything(&vcpu), before);

    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(page.dirty(), 0);
    assert_eq!(guest.psw(0x120), Psw::new(MASKED, CODE));
}

#[test]
fn legacy_mode_starts_a_stopped_vcpu() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    assert_eq!(vcpu.get_mp_state(), KVM_MP_STATE_STOPPED);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(vcpu.get_mp_state(), KVM_MP_STATE_OPERATING);
}

/// F.2: delivery happens even then, and EINTR shows in the page.
#[test]
fn a_request_to_leave_lets_delivery_happen_first() {
    let guest = Guest::new();
    guest.put(CODE, &SPIN);
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    vcpu.kick();
    assert_eq!(vcpu.run(), Err(Error::Interrupted));
    assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_INTR);
    assert_eq!(vcpu.run_page().psw(), Psw::new(MASKED, HANDLER));
    assert_eq!(guest.psw(0x120), Psw::new(MASKED, CODE));
    assert!(vcpu.get_irq_state().is_empty());
}

#[test]
fn a_kick_ends_a_loop_and_a_wait() {
    for mask in [MASKED, EXTERNAL | WAIT] {
        let guest = Guest::new();
        guest.put(CODE, &SPIN);
        let vcpu = guest.vcpu(0, mask);
        let thread = start(&vcpu);
        std::thread::sleep(Duration::from_millis(20));
        vcpu.kick();
        assert_eq!(outcome(&vcpu, thread), Err(Error::Interrupted));
        assert_eq!(vcpu.run_page().psw(), Psw::new(mask, CODE));
    }
}

#[test]
fn disabled_wait() {
    // F.3: external, I/O and machine-check bits all zero.
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED | WAIT);
    assert_eq!(vcpu.run(), Ok(sieic(icptcode::WAIT)));
    assert_eq!(vcpu.run_page().sieic().0, 0x1c);
    assert_eq!(vcpu.run_page().psw(), Psw::new(MASKED | WAIT, CODE));
    // Something deliverable comes first: a restart is not masked.
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.psw(0x120), Psw::new(MASKED | WAIT, CODE));
}

#[test]
fn an_enabled_wait_ends_with_an_interrupt() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, EXTERNAL | WAIT);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[0] = 0x4000;
    vcpu.set_sregs(&sregs);
    let injector = vcpu.injector();
    let thread = start(&vcpu);
    std::thread::sleep(Duration::from_millis(20));
    let signal = kvm_s390_emerg_info { code: 0 };
    injector.inject(&kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, signal)).unwrap();
    assert_eq!(outcome(&vcpu, thread), Ok(EXIT_501));
    // The wait PSW is the old PSW.
    assert_eq!(guest.psw(0x130), Psw::new(EXTERNAL | WAIT, CODE));
    assert_eq!((guest.u16(0x86), guest.u16(0x84)), (0x1201, 0));
}

#[test]
fn the_clock_comparator_ends_a_wait() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, EXTERNAL | WAIT);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[0] = 0x0800;
    vcpu.set_sregs(&sregs);
    // 2 ms of 4096 units a microsecond.
    let soon = guest.vm.get_tod() + 2_000 * 4096;
    vcpu.set_one_reg(KVM_REG_S390_CLOCK_COMP, soon).unwrap();
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u16(0x86), 0x1004);
    assert!(guest.vm.get_tod() > soon);
}

#[test]
fn the_cpu_timer_ends_a_wait_and_stands_still_outside() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, EXTERNAL | WAIT);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[0] = 0x0400;
    vcpu.set_sregs(&sregs);
    vcpu.set_one_reg(KVM_REG_S390_CPU_TIMER, 2_000 * 4096).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(vcpu.get_one_reg(KVM_REG_S390_CPU_TIMER), Ok(2_000 * 4096));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u16(0x86), 0x1005);
    let timer = vcpu.get_one_reg(KVM_REG_S390_CPU_TIMER).unwrap();
    assert_eq!(timer >> 63, 1, "negative: {timer:#x}");
    assert_eq!(vcpu.get_one_reg(KVM_REG_S390_CPU_TIMER), Ok(timer));
    assert_eq!(vcpu.run_page().cpu_timer(), timer);
}

/// B.5: a hint without its condition vanishes, and a wait goes on.
#[test]
fn an_injected_timer_interrupt_is_only_a_hint() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, EXTERNAL);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[0] = 0x0c00;
    vcpu.set_sregs(&sregs);
    vcpu.set_one_reg(KVM_REG_S390_CLOCK_COMP, u64::MAX).unwrap();
    vcpu.set_one_reg(KVM_REG_S390_CPU_TIMER, i64::MAX.cast_unsigned()).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_INT_CLOCK_COMP)).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_INT_CPU_TIMER)).unwrap();
    let pending = [KVM_S390_INT_CPU_TIMER, KVM_S390_INT_CLOCK_COMP].map(u64::from);
    assert_eq!(types(&vcpu.get_irq_state()), pending);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(vcpu.run_page().psw().addr, CODE + 4);
    assert!(vcpu.get_irq_state().is_empty());
    assert_eq!(guest.u16(0x86), 0);
}

/// C.8 and E.4, both modes.
#[test]
fn a_stop_becomes_an_exit() {
    for user_mode in [false, true] {
        let guest = Guest::new();
        guest.put(CODE, &DIAG_501);
        let vcpu = guest.vcpu(0, MASKED);
        if user_mode {
            vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
        } else {
            assert_eq!(vcpu.run(), Ok(EXIT_501));
        }
        let stop = kvm_s390_irq::of_type(KVM_S390_SIGP_STOP);
        vcpu.inject(&stop).unwrap();
        assert_eq!(vcpu.inject(&stop).unwrap_err().errno().0, libc::EBUSY);
        let psw = vcpu.run_page().psw();
        assert_eq!(vcpu.run(), Ok(sieic(icptcode::STOP)));
        assert_eq!(vcpu.run_page().psw(), psw, "no instruction was executed");
        if user_mode {
            // It stays pending, and the exit repeats, until the client stops
            // the CPU.
            assert_eq!(types(&vcpu.get_irq_state()), [u64::from(KVM_S390_SIGP_STOP)]);
            assert_eq!(vcpu.get_mp_state(), KVM_MP_STATE_OPERATING);
            assert_eq!(vcpu.run(), Ok(sieic(icptcode::STOP)));
            vcpu.set_mp_state(KVM_MP_STATE_STOPPED).unwrap();
        }
        assert_eq!(vcpu.get_mp_state(), KVM_MP_STATE_STOPPED);
        assert!(vcpu.get_irq_state().is_empty());
    }
}

/// C.8 step 1: what is deliverable is delivered before the stop.
#[test]
fn a_stop_waits_for_deliverable_interrupts() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_SIGP_STOP)).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    assert_eq!(vcpu.run(), Ok(sieic(icptcode::STOP)));
    assert_eq!(vcpu.run_page().psw().addr, HANDLER);
    assert_eq!(guest.psw(0x120), Psw::new(MASKED, CODE));
}

#[test]
fn stop_and_store_status_stores_before_it_stops() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_gpr(7, 0x7777);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    let stop = kvm_s390_stop_info { flags: KVM_S390_STOP_FLAG_STORE_STATUS };
    vcpu.inject(&kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, stop)).unwrap();
    assert_eq!(vcpu.run(), Ok(sieic(icptcode::STOP)));
    assert_eq!(guest.u8(0xa3), 1);
    assert_eq!(guest.u64(0x1280 + 7 * 8), 0x7777);
    assert_eq!(guest.psw(0x1300), Psw::new(MASKED, CODE + 4));
}

/// C.8 step 3.
#[test]
fn a_status_that_cannot_be_stored_leaves_the_stop_pending() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    let stop = kvm_s390_stop_info { flags: KVM_S390_STOP_FLAG_STORE_STATUS };
    vcpu.inject(&kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, stop)).unwrap();
    guest.vm.remove_memory_region(0).unwrap();
    assert_eq!(vcpu.run().unwrap_err().errno().0, libc::EFAULT);
    assert_eq!(types(&vcpu.get_irq_state()), [u64::from(KVM_S390_SIGP_STOP)]);
}

/// F.6: a specification exception by the CPU whose new PSW is invalid.
#[test]
fn specification_loop() {
    let guest = Guest::new();
    guest.psw_at(0x1d0, Psw::new(1 << 63 | MASKED, HANDLER));
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE + 1));
    assert_eq!(vcpu.run(), Ok(sieic(icptcode::PROGRAM)));
    // Another program exception installs the bad PSW, and then it is one.
    guest.put(CODE, &[0x00, 0x00]);
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(sieic(icptcode::PROGRAM)));
    assert_eq!(guest.u16(0x8e), 1);
    assert_eq!(vcpu.run_page().psw(), Psw::new(1 << 63 | MASKED, HANDLER));
}

/// F.6: the exception repeats for ever if the new PSW leads back.
#[test]
fn operation_loop() {
    let guest = Guest::new();
    guest.psw_at(0x1d0, Psw::new(MASKED, CODE));
    guest.put(CODE, &[0x00, 0x01]);
    let vcpu = guest.vcpu(0, MASKED);
    let exit = Exit::Sieic { icptcode: icptcode::OPERATION, ipa: 0x0001, ipb: 0 };
    assert_eq!(vcpu.run(), Ok(exit));
    assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_S390_SIEIC);
}

/// F.6: a timer interruption by the CPU that leaves itself enabled.
#[test]
fn external_loop() {
    let guest = Guest::new();
    guest.psw_at(0x1b0, Psw::new(EXTERNAL, HANDLER));
    guest.put(CODE, &SPIN);
    let vcpu = guest.vcpu(0, EXTERNAL);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[0] = 0x0800;
    vcpu.set_sregs(&sregs);
    let soon = guest.vm.get_tod() + 2_000 * 4096;
    vcpu.set_one_reg(KVM_REG_S390_CLOCK_COMP, soon).unwrap();
    assert_eq!(vcpu.run(), Ok(sieic(icptcode::EXTERNAL)));
}

/// F.4: the instruction 0x0000 is the client's if it asked for it.
#[test]
fn instruction_zero() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    assert_eq!(vcpu.run(), Ok(EXIT_501), "the program handler");
    assert_eq!(guest.u16(0x8e), 1);
    let enable = kvm_enable_cap { cap: KVM_CAP_S390_USER_INSTR0, ..Default::default() };
    guest.vm.enable_cap(&enable).unwrap();
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    let exit = Exit::Sieic { icptcode: icptcode::OPERATION, ipa: 0, ipb: 0 };
    assert_eq!(vcpu.run(), Ok(exit));
    assert_eq!(vcpu.run_page().psw().addr, CODE + 2);
}

/// C.4: a failed delivery loses the interrupt.
#[test]
fn a_delivery_into_nowhere_is_efault_and_lost() {
    let guest = Guest::new();
    guest.put(CODE, &SPIN);
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    page.set_prefix(0x7000_0000);
    page.set_dirty(KVM_SYNC_PREFIX);
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    assert_eq!(vcpu.run().unwrap_err().errno().0, libc::EFAULT);
    assert!(vcpu.get_irq_state().is_empty());
    assert_eq!(page.prefix(), 0x7000_0000);
}

#[test]
fn what_lowcore_cannot_do_is_an_internal_error() {
    let guest = Guest::new();
    // BRANCH IN SUBSPACE GROUP, where the primary space is the base space of
    // the dispatchable unit. Virtual addresses are real ones.
    const DAT: u64 = 1 << 58;
    guest.put(CODE, &[0xb2, 0x58, 0x00, 0x12]);
    let vcpu = guest.vcpu(0, MASKED | DAT);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[1] = 0x20;
    sregs.crs[2] = 0x5_0000;
    vcpu.set_sregs(&sregs);
    assert_eq!(vcpu.run(), Ok(Exit::InternalError));
    assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_INTERNAL_ERROR);
}

#[test]
fn signal_mask_argument() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let fd = object(&vcpu);
    let mask = |length: u32| {
        client.put(4, &0xffff_ffff_u32);
        client.put(8, &0_u32);
        client.pass(&fd, KVM_SET_SIGNAL_MASK, &length)
    };
    for length in [0, 4, 16, 128, u32::MAX] {
        assert_eq!(mask(length), Err(libc::EINVAL), "{length}");
    }
    assert_eq!(mask(8), Ok(0));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(client.ioctl(&fd, KVM_SET_SIGNAL_MASK, 0), Ok(0));
    assert_eq!(client.ioctl(&fd, KVM_SET_SIGNAL_MASK, crate::client::NOWHERE), Err(libc::EFAULT));
}
