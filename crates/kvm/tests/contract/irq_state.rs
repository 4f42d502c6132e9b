//! KVM_S390_GET_IRQ_STATE and KVM_S390_SET_IRQ_STATE (D.1, D.2).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_kvm::Vcpu;
use zerocopy::IntoBytes;

const ENTRY: u32 = 72;

fn read(client: &Client, vcpu: &Vcpu, buf: u64, len: u32) -> Result<i32, i32> {
    // Flags and reserved words are not looked at.
    let state = kvm_s390_irq_state { buf, flags: u32::MAX, len, reserved: [u32::MAX; 4] };
    client.pass(&object(vcpu), KVM_S390_GET_IRQ_STATE, &state)
}

fn write(client: &Client, vcpu: &Vcpu, buf: u64, len: u32) -> Result<i32, i32> {
    let state = kvm_s390_irq_state { buf, flags: u32::MAX, len, reserved: [u32::MAX; 4] };
    client.pass(&object(vcpu), KVM_S390_SET_IRQ_STATE, &state)
}

fn restart() -> kvm_s390_irq {
    kvm_s390_irq::of_type(KVM_S390_RESTART)
}

#[test]
fn reading_rows() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let buf = client.at(0x1000);
    let fault = client.ioctl(&object(&vcpu), KVM_S390_GET_IRQ_STATE, NOWHERE);
    assert_eq!(fault, Err(libc::EFAULT));
    assert_eq!(read(&client, &vcpu, buf, 0), Err(libc::EINVAL));
    // Nothing pending: the buffer is not touched, whatever it is.
    assert_eq!(read(&client, &vcpu, NOWHERE, 1), Ok(0));

    vcpu.inject(&restart()).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_INT_CPU_TIMER)).unwrap();
    assert_eq!(read(&client, &vcpu, buf, ENTRY - 1), Err(libc::ENOBUFS));
    assert_eq!(client.get::<u64>(0x1000), 0);
    // The first entry has been written when the second does not fit.
    assert_eq!(read(&client, &vcpu, buf, 2 * ENTRY - 1), Err(libc::ENOBUFS));
    assert_eq!(client.get::<u64>(0x1000), KVM_S390_RESTART.into());
    assert_eq!(read(&client, &vcpu, NOWHERE, 2 * ENTRY), Err(libc::EFAULT));
    // Bytes, not entries; a length need not be a multiple.
    assert_eq!(read(&client, &vcpu, buf, 2 * ENTRY + 1), Ok(2 * 72));
    assert_eq!(read(&client, &vcpu, buf, u32::MAX), Ok(2 * 72));
    // Reading removes nothing.
    assert_eq!(vcpu.get_irq_state().len(), 2);
}

#[test]
fn writing_rows() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let buf = client.put(0x1000, &[restart(); 4]);
    let before = guest.everything(&vcpu);
    let fault = client.ioctl(&object(&vcpu), KVM_S390_SET_IRQ_STATE, NOWHERE);
    assert_eq!(fault, Err(libc::EFAULT));
    for length in [0, 1, 71, 73, 20664 + 72, 20664 + 1, u32::MAX] {
        assert_eq!(write(&client, &vcpu, buf, length), Err(libc::EINVAL), "{length}");
    }
    assert_eq!(write(&client, &vcpu, NOWHERE, ENTRY), Err(libc::EFAULT));
    assert!(guest.everything(&vcpu) == before);
    // The longest that is taken.
    client.put(0x1000, &[restart(); 287]);
    assert_eq!(write(&client, &vcpu, buf, 20664), Ok(0));
    // Something is pending now.
    let before = guest.everything(&vcpu);
    assert_eq!(write(&client, &vcpu, buf, ENTRY), Err(libc::EBUSY));
    // The buffer is read first.
    assert_eq!(write(&client, &vcpu, NOWHERE, ENTRY), Err(libc::EFAULT));
    assert!(guest.everything(&vcpu) == before);
}

/// Entries before the one that is refused stay, later ones are skipped.
#[test]
fn nothing_is_rolled_back() {
    let refused_entries = [
        (kvm_s390_irq::of_type(KVM_S390_INT_SERVICE), libc::EINVAL),
        (
            kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: 5 }),
            libc::EINVAL,
        ),
        (
            kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags: 4 }),
            libc::EINVAL,
        ),
        (kvm_s390_irq::of_type(KVM_S390_SIGP_SET_PREFIX), libc::EBUSY),
    ];
    for (bad, errno) in refused_entries {
        let guest = Guest::new();
        let client = Client::new();
        let vcpu = guest.vcpu(0, MASKED);
        vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
        let timer = kvm_s390_irq::of_type(KVM_S390_INT_CPU_TIMER);
        let buf = client.put(0x1000, &[restart(), bad, timer]);
        assert_eq!(write(&client, &vcpu, buf, 3 * ENTRY), Err(errno));
        assert_eq!(types(&vcpu.get_irq_state()), [u64::from(KVM_S390_RESTART)]);
        // And what is pending now is found before an entry that is bad.
        client.put(0x1000, &bad);
        assert_eq!(write(&client, &vcpu, buf, ENTRY), Err(libc::EBUSY));
    }
}

#[test]
fn a_stop_of_a_stopped_cpu_is_swallowed_and_may_store_status() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let flags = KVM_S390_STOP_FLAG_STORE_STATUS;
    let stop = kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags });
    let buf = client.put(0x1000, &[stop, restart()]);
    assert_eq!(write(&client, &vcpu, buf, 2 * ENTRY), Ok(0));
    assert_eq!(types(&vcpu.get_irq_state()), [u64::from(KVM_S390_RESTART)]);
    assert_eq!(guest.u8(0xa3), 1);
}

/// D.1's order, and its output restores the same state.
#[test]
fn round_trip() {
    let guest = Guest::new();
    let client = Client::new();
    let (from, to) = (guest.vcpu(2, MASKED), guest.vcpu(5, MASKED));
    let pgm = kvm_s390_pgm_info {
        code: 0x4011,
        trans_exc_code: 1,
        mon_code: 2,
        per_address: 3,
        data_exc_code: 4,
        mon_class_nr: 5,
        per_code: 6,
        per_atmid: 7,
        exc_access_id: 8,
        per_access_id: 9,
        op_access_id: 10,
        flags: KVM_S390_PGM_FLAGS_ILC_VALID | 2,
        pad: [0xff; 2],
    };
    let mchk = kvm_s390_mchk_info {
        cr14: 1,
        mcic: 1 << 63 | 1 << 58,
        failing_storage_address: 2,
        ext_damage_code: 3,
        pad: 0xff,
        fixed_logout: [4; 16],
    };
    let emergency =
        |code| kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code });
    let irqs = [
        emergency(5),
        kvm_s390_irq::with_mchk(KVM_S390_MCHK, mchk),
        // `pgm`, but PER-free so that no merging matters.
        kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, kvm_s390_pgm_info { code: 0x4091, ..pgm }),
        kvm_s390_irq::with_extcall(KVM_S390_INT_EXTERNAL_CALL, kvm_s390_extcall_info { code: 5 }),
        kvm_s390_irq::of_type(KVM_S390_INT_CLOCK_COMP),
        emergency(2),
        kvm_s390_irq::with_ext(
            KVM_S390_INT_PFAULT_INIT,
            kvm_s390_ext_info { ext_params: 1, pad: 0, ext_params2: 2 },
        ),
        restart(),
        kvm_s390_irq::with_prefix(
            KVM_S390_SIGP_SET_PREFIX,
            kvm_s390_prefix_info { address: 0x1234_5678 },
        ),
    ];
    for irq in &irqs {
        from.inject(irq).unwrap();
    }
    let bytes = read(&client, &from, client.at(0x1000), 0x1000).unwrap();
    let state = from.get_irq_state();
    assert_eq!(bytes, i32::try_from(state.len() * 72).unwrap());
    assert_eq!(client.bytes(0x1000, state.len() * 72), state.as_bytes());
    let order = [
        KVM_S390_SIGP_SET_PREFIX,
        KVM_S390_RESTART,
        KVM_S390_INT_PFAULT_INIT,
        KVM_S390_INT_CLOCK_COMP,
        KVM_S390_INT_EXTERNAL_CALL,
        KVM_S390_PROGRAM_INT,
        KVM_S390_MCHK,
        KVM_S390_INT_EMERGENCY,
        KVM_S390_INT_EMERGENCY,
    ];
    assert_eq!(types(&state), order.map(u64::from));
    assert_eq!([state[7].emerg().code, state[8].emerg().code], [2, 5]);
    // Every field that exists came back; reserved bytes are zero.
    let expected = kvm_s390_pgm_info { code: 0x4091, pad: [0; 2], ..pgm };
    assert_eq!(state[5].pgm(), expected);
    assert_eq!(state[6].mchk(), kvm_s390_mchk_info { pad: 0, ..mchk });

    let length = u32::try_from(bytes).unwrap();
    assert_eq!(write(&client, &to, client.at(0x1000), length), Ok(0));
    assert_eq!(to.get_irq_state(), state);
}

/// The kernel's selftest s390x/resets does this before each reset.
#[test]
fn an_emergency_signal_of_the_cpu_itself() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(3, MASKED);
    let source = kvm_s390_emerg_info { code: 3 };
    let buf = client.put(0x1000, &kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, source));
    assert_eq!(write(&client, &vcpu, buf, ENTRY), Ok(0));
    vcpu.normal_reset();
    assert_eq!(read(&client, &vcpu, buf, 20664), Ok(0));
}
