//! Payloads lie where the specification, section A.2, says: the payload's
//! offset plus eight. And the names of numbers.

use lowcore_abi::*;
use zerocopy::{FromZeros, IntoBytes};

#[test]
fn each_payload_lies_at_its_place() {
    let pgm = kvm_s390_pgm_info {
        code: 0x1234,
        flags: KVM_S390_PGM_FLAGS_ILC_VALID,
        ..Default::default()
    };
    let irq = kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, pgm);
    assert_eq!(irq.as_bytes()[..8], 0xfffe_0001_u64.to_ne_bytes());
    assert_eq!(irq.as_bytes()[36..38], 0x1234_u16.to_ne_bytes());
    assert_eq!(irq.as_bytes()[45], 1);
    assert_eq!(irq.pgm(), pgm);

    let mchk = kvm_s390_mchk_info {
        mcic: 0x0040_0000_0000_0000,
        fixed_logout: [7; 16],
        ..Default::default()
    };
    let irq = kvm_s390_irq::with_mchk(KVM_S390_MCHK, mchk);
    assert_eq!(irq.as_bytes()[16..24], 0x0040_0000_0000_0000_u64.to_ne_bytes());
    assert_eq!(irq.as_bytes()[40..56], [7; 16]);
    assert_eq!(irq.mchk(), mchk);

    let ext = kvm_s390_ext_info { ext_params: 1, ext_params2: 2, ..Default::default() };
    let irq = kvm_s390_irq::with_ext(KVM_S390_INT_SERVICE, ext);
    assert_eq!(irq.as_bytes()[8..12], 1_u32.to_ne_bytes());
    assert_eq!(irq.as_bytes()[16..24], 2_u64.to_ne_bytes());
    assert_eq!(irq.ext(), ext);

    let io =
        kvm_s390_io_info { subchannel_id: 1, subchannel_nr: 2, io_int_parm: 3, io_int_word: 4 };
    let irq = kvm_s390_irq::with_io(KVM_S390_INT_IO(0, 0, 0, 2), io);
    assert_eq!(irq.as_bytes()[16..20], 4_u32.to_ne_bytes());
    assert_eq!(irq.io(), io);

    let irq =
        kvm_s390_irq::with_prefix(KVM_S390_SIGP_SET_PREFIX, kvm_s390_prefix_info { address: 9 });
    assert_eq!(irq.as_bytes()[8..12], 9_u32.to_ne_bytes());
    let irq = kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags: 1 });
    assert_eq!(irq.stop().flags, KVM_S390_STOP_FLAG_STORE_STATUS);
    let irq =
        kvm_s390_irq::with_extcall(KVM_S390_INT_EXTERNAL_CALL, kvm_s390_extcall_info { code: 5 });
    assert_eq!(irq.as_bytes()[8..10], 5_u16.to_ne_bytes());
    assert_eq!(irq.extcall().code, irq.emerg().code);
}

#[test]
fn a_setter_changes_its_member_alone() {
    let mut operation = kvm_s390_mem_op::new_zeroed();
    operation.set_reserved([0xff; 32]);
    assert_eq!((operation.ar, operation.key, operation.old_addr), (0xff, 0xff, u64::MAX));
    operation.set_sida_offset(0);
    assert_eq!(operation.as_bytes()[32..36], [0; 4]);
    assert_eq!(operation.as_bytes()[36..], [0xff; 28]);
    assert_eq!(operation.as_bytes()[..32], [0; 32]);
}

#[test]
fn exits_lie_at_their_place() {
    let mut run = kvm_run::new_zeroed();
    run.set_s390_sieic(kvm_run_s390_sieic { icptcode: 4, ipa: 0x8302, ipb: 5, _pad: [0] });
    assert_eq!(run.as_bytes()[run_page::SIEIC_ICPTCODE], 4);
    assert_eq!(run.as_bytes()[50..52], 0x8302_u16.to_ne_bytes());
    assert_eq!(run.as_bytes()[52..56], 5_u32.to_ne_bytes());
    assert_eq!(run_page::PREFIX, 320);
    assert_eq!(run_page::FPC, 320 + 1416);
    assert!(size_of::<kvm_run>() <= run_page::MMAP_SIZE);
}

#[test]
fn numbers_have_names() {
    assert_eq!(names::ioctl_name(0x4048_aeb4), Some("KVM_S390_IRQ"));
    assert_eq!(names::ioctl_name(0x4048_aeb3), None);
    assert_eq!(names::cap_name(113), Some("KVM_CAP_S390_INJECT_IRQ"));
    assert_eq!(names::cap_name(5), None);
    assert_eq!(names::irq_type_name(0xfffe_1000), Some("KVM_S390_MCHK"));
    assert_eq!(names::irq_type_name(0x0400_0000), Some("KVM_S390_INT_IO (adapter)"));
    assert_eq!(names::irq_type_name(0xfffe_0006), None);
    assert_eq!(names::exit_name(13), Some("KVM_EXIT_S390_SIEIC"));
    assert_eq!(names::mp_state_name(5), Some("KVM_MP_STATE_STOPPED"));
    assert_eq!(names::one_reg_name(0x5030_0000_0000_0003), Some("KVM_REG_S390_CPU_TIMER"));
}

/// One number, one name: a trace can trust it.
#[test]
fn ioctl_numbers_and_capabilities_are_unique() {
    for table in [IOCTLS, CAPABILITIES, EXIT_REASONS, IRQ_TYPES, ONE_REGS] {
        for constant in table.constants {
            assert_eq!(table.name_of(constant.value), Some(constant.name), "{}", table.title);
        }
    }
}
