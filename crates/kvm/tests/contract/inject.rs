//! KVM_S390_IRQ, and KVM_S390_INTERRUPT on a vcpu (B).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::Vcpu;

/// Every refusal leaves storage, pending interrupts and state as they were.
fn refused(guest: &Guest, vcpu: &Vcpu, irq: &kvm_s390_irq, errno: i32) {
    let client = Client::new();
    let before = guest.everything(vcpu);
    assert_eq!(client.pass(&object(vcpu), KVM_S390_IRQ, irq), Err(errno), "{irq:?}");
    assert!(guest.everything(vcpu) == before, "a refusal changed something: {irq:?}");
}

fn accepted(vcpu: &Vcpu, irq: &kvm_s390_irq) {
    assert_eq!(Client::new().pass(&object(vcpu), KVM_S390_IRQ, irq), Ok(0), "{irq:?}");
}

fn emergency(code: u16) -> kvm_s390_irq {
    kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code })
}

fn external_call(code: u16) -> kvm_s390_irq {
    kvm_s390_irq::with_extcall(KVM_S390_INT_EXTERNAL_CALL, kvm_s390_extcall_info { code })
}

fn stop(flags: u32) -> kvm_s390_irq {
    kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags })
}

fn prefix(address: u32) -> kvm_s390_irq {
    kvm_s390_irq::with_prefix(KVM_S390_SIGP_SET_PREFIX, kvm_s390_prefix_info { address })
}

#[test]
fn a_bad_pointer() {
    let guest = Guest::new();
    let client = Client::new();
    let fd = object(&guest.vcpu(0, MASKED));
    for address in [0, NOWHERE, u64::MAX, u64::MAX - 71, 1 << 63] {
        assert_eq!(client.ioctl(&fd, KVM_S390_IRQ, address), Err(libc::EFAULT));
        assert_eq!(client.ioctl(&fd, KVM_S390_INTERRUPT, address), Err(libc::EFAULT));
    }
}

/// A.3 and B.1 item 3.
#[test]
fn types_that_are_not_local() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    let types: [u64; 13] = [
        KVM_S390_INT_SERVICE.into(),
        KVM_S390_INT_VIRTIO.into(),
        KVM_S390_INT_PFAULT_DONE.into(),
        0,
        0x0400_0000,
        0xfffd_ffff,
        0xfffe_0006,
        0xfffe_1001,
        0xffff_1003,
        0xffff_ffff,
        1 << 32 | u64::from(KVM_S390_RESTART),
        u64::MAX << 32 | u64::from(KVM_S390_MCHK),
        u64::MAX,
    ];
    for type_ in types {
        refused(&guest, &vcpu, &kvm_s390_irq { type_, u: [0; 64] }, libc::EINVAL);
    }
}

/// B.2 and B.8: the flag check precedes all others.
#[test]
fn stop_rows() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    for flags in [2, 3, 0x8000_0000, u32::MAX] {
        refused(&guest, &vcpu, &stop(flags), libc::EINVAL);
    }
    // Stopped, no flag: nothing happens.
    let before = guest.everything(&vcpu);
    accepted(&vcpu, &stop(0));
    assert!(guest.everything(&vcpu) == before);
    // Stopped, with the flag: status is stored, nothing is queued.
    accepted(&vcpu, &stop(1));
    assert_eq!(guest.u8(0xa3), 1);
    assert!(vcpu.get_irq_state().is_empty());
    // Operating: queued, and then busy whatever the flag.
    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    accepted(&vcpu, &stop(0));
    for flags in [0, 1] {
        refused(&guest, &vcpu, &stop(flags), libc::EBUSY);
    }
    refused(&guest, &vcpu, &stop(2), libc::EINVAL);
    assert_eq!(vcpu.get_irq_state()[0].stop().flags, 0, "the flag was not added");
}

/// B.2: the low core is not writable.
#[test]
fn stop_and_store_status_of_a_stopped_cpu_without_storage() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    guest.vm.remove_memory_region(0).unwrap();
    let client = Client::new();
    assert_eq!(client.pass(&object(&vcpu), KVM_S390_IRQ, &stop(1)), Err(libc::EFAULT));
    assert!(vcpu.get_irq_state().is_empty());
}

#[test]
fn set_prefix_rows() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    // No validity check, and the newest wins.
    accepted(&vcpu, &prefix(0x1));
    accepted(&vcpu, &prefix(0xffff_ffff));
    assert_eq!(vcpu.get_irq_state()[0].prefix().address, 0xffff_ffff);
    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    refused(&guest, &vcpu, &prefix(0), libc::EBUSY);
}

#[test]
fn sources_must_exist() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(3, MASKED);
    let _index_1 = guest.vm.create_vcpu(9).unwrap();
    for source in [0, 1, 2, 4, 247, 248, 255, 256, 0xffff] {
        refused(&guest, &vcpu, &emergency(source), libc::EINVAL);
        refused(&guest, &vcpu, &external_call(source), libc::EINVAL);
    }
    // The target itself will do.
    accepted(&vcpu, &emergency(3));
    accepted(&vcpu, &emergency(9));
    accepted(&vcpu, &emergency(9));
    assert_eq!(vcpu.get_irq_state().len(), 2, "a bit for each source");
    accepted(&vcpu, &external_call(9));
    refused(&guest, &vcpu, &external_call(3), libc::EBUSY);
    // A source that does not exist is found before the pending one.
    refused(&guest, &vcpu, &external_call(4), libc::EINVAL);
    assert_eq!(vcpu.get_irq_state()[0].extcall().code, 9, "the first source is kept");
}

#[test]
fn what_may_be_injected_again() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    for type_ in [KVM_S390_RESTART, KVM_S390_INT_CLOCK_COMP, KVM_S390_INT_CPU_TIMER] {
        accepted(&vcpu, &kvm_s390_irq::of_type(type_));
        accepted(&vcpu, &kvm_s390_irq::of_type(type_));
    }
    assert_eq!(vcpu.get_irq_state().len(), 3);
    let token = |ext_params2| {
        let ext = kvm_s390_ext_info { ext_params: 1, pad: 0, ext_params2 };
        kvm_s390_irq::with_ext(KVM_S390_INT_PFAULT_INIT, ext)
    };
    accepted(&vcpu, &token(1));
    accepted(&vcpu, &token(2));
    assert_eq!(vcpu.get_irq_state()[1].ext().ext_params2, 2);
}

/// B.3, through the ioctl: a length is detected from the last exit, flags come
/// from the last injection, PER and the rest merge.
#[test]
fn program_interrupts_merge() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    let pgm = kvm_s390_pgm_info {
        code: 0x11,
        trans_exc_code: 0x1234_5000,
        exc_access_id: 5,
        ..Default::default()
    };
    accepted(&vcpu, &kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, pgm));
    let per = kvm_s390_pgm_info {
        code: 0x80,
        per_code: 0x40,
        per_address: 0x9999,
        trans_exc_code: 1,
        ..Default::default()
    };
    accepted(&vcpu, &kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, per));
    let merged = vcpu.get_irq_state()[0].pgm();
    assert_eq!(
        (merged.code, merged.trans_exc_code, merged.per_address),
        (0x91, 0x1234_5000, 0x9999)
    );
    // DIAGNOSE is four bytes long.
    assert_eq!(merged.flags, KVM_S390_PGM_FLAGS_ILC_VALID | 4);

    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!((guest.u16(0x8c), guest.u16(0x8e)), (4, 0x91));
    assert_eq!((guest.u64(0xa8), guest.u8(0xa0)), (0x1234_5000, 5));
    assert_eq!((guest.u8(0x96), guest.u64(0x98)), (0x40, 0x9999));
    // Page translation nullifies: the DIAGNOSE has not happened (C.6).
    assert_eq!(guest.psw(0x150), Psw::new(MASKED, CODE));
}

#[test]
fn a_length_of_its_own_and_no_rewind() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    let pgm = kvm_s390_pgm_info {
        code: 0x11,
        flags: KVM_S390_PGM_FLAGS_ILC_VALID | 6 | KVM_S390_PGM_FLAGS_NO_REWIND,
        ..Default::default()
    };
    accepted(&vcpu, &kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, pgm));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u16(0x8c), 6);
    assert_eq!(guest.psw(0x150), Psw::new(MASKED, CODE + 4));
}

/// B.4: a code without one of the five damage bits makes nothing pending, and
/// its payload joins the next machine check.
#[test]
fn machine_checks_merge() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    let check = |cr14, mcic, address, damage| {
        let mchk = kvm_s390_mchk_info {
            cr14,
            mcic,
            failing_storage_address: address,
            ext_damage_code: damage,
            ..Default::default()
        };
        kvm_s390_irq::with_mchk(KVM_S390_MCHK, mchk)
    };
    accepted(&vcpu, &check(1, 1 << 61, 1, 1));
    accepted(&vcpu, &check(1 << 28, 1 << 54, 2, 2));
    assert!(vcpu.get_irq_state().is_empty());
    accepted(&vcpu, &check(1 << 24, 1 << 55, 3, 4));
    assert_eq!(vcpu.get_irq_state().len(), 1);
    accepted(&vcpu, &check(0, 1 << 63, 5, 0));
    let state = vcpu.get_irq_state();
    // Both kinds are pending, with one payload.
    assert_eq!(types(&state), [u64::from(KVM_S390_MCHK); 2]);
    assert_eq!(state[0], state[1]);
    let merged = state[0].mchk();
    assert_eq!(merged.mcic, 1 << 61 | 1 << 54 | 1 << 55 | 1 << 63);
    assert_eq!(merged.cr14, 1 | 1 << 28 | 1 << 24);
    assert_eq!((merged.failing_storage_address, merged.ext_damage_code), (5, 7));
}

/// B.7.
#[test]
fn the_older_form() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let fd = object(&vcpu);
    let inject = |type_, parm, parm64| {
        client.pass(&fd, KVM_S390_INTERRUPT, &kvm_s390_interrupt { type_, parm, parm64 })
    };
    for type_ in [KVM_S390_PROGRAM_INT, KVM_S390_INT_EMERGENCY, KVM_S390_INT_EXTERNAL_CALL] {
        let before = guest.everything(&vcpu);
        assert_eq!(inject(type_, 0x1_0000, 0), Err(libc::EINVAL));
        assert!(guest.everything(&vcpu) == before);
    }
    for type_ in [KVM_S390_INT_SERVICE, KVM_S390_INT_VIRTIO, KVM_S390_INT_PFAULT_DONE, 0] {
        assert_eq!(inject(type_, 0, 0), Err(libc::EINVAL));
    }
    assert_eq!(inject(KVM_S390_SIGP_STOP, 2, 0), Err(libc::EINVAL));
    assert_eq!(inject(KVM_S390_INT_EMERGENCY, 1, 0), Err(libc::EINVAL));

    assert_eq!(inject(KVM_S390_SIGP_SET_PREFIX, 0x4000, 9), Ok(0));
    assert_eq!(inject(KVM_S390_RESTART, 9, 9), Ok(0));
    assert_eq!(inject(KVM_S390_INT_PFAULT_INIT, 5, 6), Ok(0));
    assert_eq!(inject(KVM_S390_INT_CPU_TIMER, 9, 9), Ok(0));
    assert_eq!(inject(KVM_S390_INT_CLOCK_COMP, 9, 9), Ok(0));
    assert_eq!(inject(KVM_S390_INT_EXTERNAL_CALL, 0, 9), Ok(0));
    // The subclasses are not taken from parm.
    assert_eq!(inject(KVM_S390_MCHK, 0x0100_0000, 1 << 55), Ok(0));
    assert_eq!(inject(KVM_S390_PROGRAM_INT, 0x40, 9), Ok(0));
    assert_eq!(inject(KVM_S390_INT_EMERGENCY, 0, 9), Ok(0));
    let state = vcpu.get_irq_state();
    let expected = [
        KVM_S390_SIGP_SET_PREFIX,
        KVM_S390_RESTART,
        KVM_S390_INT_PFAULT_INIT,
        KVM_S390_INT_CPU_TIMER,
        KVM_S390_INT_CLOCK_COMP,
        KVM_S390_INT_EXTERNAL_CALL,
        KVM_S390_MCHK,
        KVM_S390_PROGRAM_INT,
        KVM_S390_INT_EMERGENCY,
    ];
    assert_eq!(types(&state), expected.map(u64::from));
    assert_eq!(state[0].prefix().address, 0x4000);
    assert_eq!((state[2].ext().ext_params, state[2].ext().ext_params2), (5, 6));
    assert_eq!(state[6].mchk(), kvm_s390_mchk_info { mcic: 1 << 55, ..Default::default() });
    let pgm = kvm_s390_pgm_info { code: 0x40, flags: 1, ..Default::default() };
    assert_eq!(state[7].pgm(), pgm);
}

/// C.2: in one pass, a program interruption and a restart nest, and the
/// set-prefix comes last.
#[test]
fn one_delivery_pass() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    accepted(&vcpu, &prefix(0x10_0000));
    accepted(&vcpu, &kvm_s390_irq::of_type(KVM_S390_RESTART));
    let pgm = kvm_s390_pgm_info { code: 0x06, ..Default::default() };
    accepted(&vcpu, &kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, pgm));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.psw(0x150), Psw::new(MASKED, CODE));
    // The restart interrupted the first instruction of the program handler.
    assert_eq!(guest.psw(0x120), Psw::new(MASKED, HANDLER + 0x300));
    assert_eq!(vcpu.run_page().psw().addr, HANDLER + 4);
    assert_eq!(vcpu.run_page().prefix(), 0x10_0000);
    assert!(guest.bytes(0x10_0000, 0x2000).iter().all(|&byte| byte == 0));
}

/// C.7 through the whole stack: every byte that a machine check writes.
#[test]
fn machine_check_low_core() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MACHINE_CHECK);
    let page = vcpu.run_page();
    for n in 0..16 {
        page.set_gpr(n, 0x1000 + n as u64);
        page.set_acr(n, 0x2000 + u32::try_from(n).unwrap());
        page.set_cr(n, 0x3000 + n as u64);
        page.set_fpr(n, 0x4000 + n as u64);
    }
    page.set_fpc(3);
    page.set_todpr(4);
    page.set_cpu_timer(1 << 50);
    page.set_clock_comparator(0x1122_3344_5566_7788);
    page.set_dirty(KVM_SYNC_CRS | KVM_SYNC_ARCH0);
    let code = 1 << 62 | 1 << 38 | 1 << 27 | 0xff;
    let mchk = kvm_s390_mchk_info {
        mcic: code,
        failing_storage_address: 0xaabb_ccdd,
        ext_damage_code: 0x1357,
        fixed_logout: *b"0123456789abcdef",
        ..Default::default()
    };
    let mut expected = guest.bytes(0, SIZE);
    accepted(&vcpu, &kvm_s390_irq::with_mchk(KVM_S390_MCHK, mchk));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    let stored = guest.bytes(0, SIZE);

    let mut put = |at: usize, bytes: &[u8]| expected[at..at + bytes.len()].copy_from_slice(bytes);
    put(0xa3, &[1]);
    // Without the vector and guarded-storage facilities their bits go.
    put(0xe8, &(1_u64 << 62 | 0xff).to_be_bytes());
    put(0xf4, &0x1357_u32.to_be_bytes());
    put(0xf8, &0xaabb_ccdd_u64.to_be_bytes());
    put(0x160, &MACHINE_CHECK.to_be_bytes());
    put(0x168, &CODE.to_be_bytes());
    for n in 0..16 {
        let index = n as u64;
        put(0x1200 + 8 * n, &(0x4000 + index).to_be_bytes());
        put(0x1280 + 8 * n, &(0x1000 + index).to_be_bytes());
        put(0x1340 + 4 * n, &(0x2000 + u32::try_from(n).unwrap()).to_be_bytes());
        put(0x1380 + 8 * n, &(0x3000 + index).to_be_bytes());
    }
    put(0x1300, b"0123456789abcdef");
    put(0x131c, &3_u32.to_be_bytes());
    put(0x1324, &4_u32.to_be_bytes());
    put(0x1330, &0x0011_2233_4455_6677_u64.to_be_bytes());
    // The timer ran; its value is checked apart.
    let timer = u64::from_be_bytes(stored[0x1328..0x1330].try_into().unwrap());
    assert!(timer <= 1 << 50 && timer > 1 << 49, "{timer:#x}");
    put(0x1328, &timer.to_be_bytes());
    let differs = (0..SIZE).find(|&at| stored[at] != expected[at]);
    assert_eq!(differs.map(|at| format!("{at:#x}")), None);
}
