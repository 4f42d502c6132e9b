//! Stopped and operating, resets, initial PSW, store status (C.9, E.4, E.5).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::Vcpu;

fn set_state(client: &Client, vcpu: &Vcpu, mp_state: u32) -> Result<i32, i32> {
    client.pass(&object(vcpu), KVM_SET_MP_STATE, &kvm_mp_state { mp_state })
}

/// E.4: the state is the return value, and the structure is not touched.
#[test]
fn get_mp_state_answers_by_its_value() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let place = client.put(0x100, &0xdead_beef_u32);
    assert_eq!(client.ioctl(&object(&vcpu), KVM_GET_MP_STATE, place), Ok(5));
    assert_eq!(client.get::<u32>(0x100), 0xdead_beef);
    assert_eq!(set_state(&client, &vcpu, KVM_MP_STATE_OPERATING), Ok(0));
    assert_eq!(client.ioctl(&object(&vcpu), KVM_GET_MP_STATE, NOWHERE), Ok(7));
}

#[test]
fn other_states_are_enxio_and_still_take_control() {
    for state in [0, 1, 3, KVM_MP_STATE_CHECK_STOP, KVM_MP_STATE_LOAD, 9, u32::MAX] {
        let guest = Guest::new();
        let client = Client::new();
        let (vcpu, other) = (guest.vcpu(0, MASKED), guest.vcpu(1, MASKED));
        assert_eq!(set_state(&client, &vcpu, state), Err(libc::ENXIO), "{state}");
        // Every vcpu of the VM is in user state mode now (E.4).
        assert_eq!(other.run().unwrap_err().errno().0, libc::EINVAL);
    }
}

#[test]
fn a_structure_that_cannot_be_read_does_not_take_control() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    let refused = Client::new().ioctl(&object(&vcpu), KVM_SET_MP_STATE, NOWHERE);
    assert_eq!(refused, Err(libc::EFAULT));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
}

/// C.13: stopping an operating CPU withdraws a stop and nothing else.
#[test]
fn stopping_withdraws_a_pending_stop_only() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_SIGP_STOP)).unwrap();
    vcpu.set_mp_state(KVM_MP_STATE_STOPPED).unwrap();
    assert_eq!(types(&vcpu.get_irq_state()), [u64::from(KVM_S390_RESTART)]);
    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    assert_eq!(types(&vcpu.get_irq_state()), [u64::from(KVM_S390_RESTART)]);
}

#[test]
fn the_initial_psw_needs_a_stopped_cpu() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let psw = kvm_s390_psw { mask: 0x1122, addr: 0x3344 };
    assert_eq!(client.pass(&object(&vcpu), KVM_S390_SET_INITIAL_PSW, &psw), Ok(0));
    assert_eq!(vcpu.run_page().psw(), Psw::new(0x1122, 0x3344));
    vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    let other = kvm_s390_psw { mask: 0, addr: 0 };
    let refused = client.pass(&object(&vcpu), KVM_S390_SET_INITIAL_PSW, &other);
    assert_eq!(refused, Err(libc::EBUSY));
    assert_eq!(vcpu.run_page().psw(), Psw::new(0x1122, 0x3344));
}

/// A CPU on which nothing has its reset value, with interrupts pending.
fn dirty(guest: &Guest, user_mode: bool) -> Vcpu {
    guest.put(CODE, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    let page = vcpu.run_page();
    for n in 0..16 {
        page.set_gpr(n, 0x1000 + n as u64);
        page.set_acr(n, 0x2000 + u32::try_from(n).unwrap());
        page.set_cr(n, 0x3000 + n as u64);
        page.set_fpr(n, 0x4000 + n as u64);
    }
    page.set_fpc(3);
    page.set_prefix(0x2000);
    page.set_todpr(4);
    page.set_cpu_timer(1 << 50);
    page.set_clock_comparator(u64::MAX);
    page.set_program_parameter(6);
    page.set_breaking_event(7);
    page.set_pfault_token(8);
    page.set_pfault_select(0xf);
    page.set_pfault_compare(9);
    page.set_dirty(KVM_SYNC_PREFIX | KVM_SYNC_CRS | KVM_SYNC_ARCH0 | KVM_SYNC_PFAULT);
    page.set_psw(Psw::new(MASKED, CODE));
    if user_mode {
        vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    }
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    for type_ in [KVM_S390_RESTART, KVM_S390_SIGP_STOP, KVM_S390_INT_CPU_TIMER] {
        vcpu.inject(&kvm_s390_irq::of_type(type_)).unwrap();
    }
    let source = kvm_s390_emerg_info { code: 0 };
    vcpu.inject(&kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, source)).unwrap();
    let check = kvm_s390_mchk_info { mcic: 1 << 62, ..Default::default() };
    vcpu.inject(&kvm_s390_irq::with_mchk(KVM_S390_MCHK, check)).unwrap();
    vcpu
}

/// E.5, column by column.
#[test]
fn the_three_resets() {
    for (reset, number) in
        [KVM_S390_NORMAL_RESET, KVM_S390_INITIAL_RESET, KVM_S390_CLEAR_RESET].iter().enumerate()
    {
        for user_mode in [false, true] {
            let guest = Guest::new();
            let client = Client::new();
            let vcpu = dirty(&guest, user_mode);
            let service =
                kvm_s390_interrupt { type_: KVM_S390_INT_SERVICE, parm: 0x1000, parm64: 0 };
            guest.vm.interrupt(&service).unwrap();
            let storage = guest.bytes(0, SIZE);
            let (initial, clear) = (reset >= 1, reset >= 2);
            // The argument is not looked at.
            assert_eq!(client.ioctl(&object(&vcpu), *number, 0x1234), Ok(0));

            let page = vcpu.run_page();
            assert!(vcpu.get_irq_state().is_empty());
            let stopped = vcpu.get_mp_state() == KVM_MP_STATE_STOPPED;
            assert_eq!(stopped, !user_mode);
            assert_eq!(vcpu.get_one_reg(KVM_REG_S390_PFTOKEN), Ok(u64::MAX));
            assert_eq!(guest.bytes(0, SIZE), storage);
            assert_eq!(guest.vm.create_flic().unwrap().all_interrupts().len(), 1);

            let psw = if initial { Psw::default() } else { Psw::new(MASKED, CODE + 4) };
            assert_eq!(page.psw(), psw);
            let keep = |kept: u64, reset: u64| if initial { reset } else { kept };
            for (id, kept, reset) in [
                (KVM_REG_S390_TODPR, 4, 0),
                (KVM_REG_S390_CLOCK_COMP, u64::MAX, 0),
                (KVM_REG_S390_PP, 6, 0),
                (KVM_REG_S390_GBEA, 7, 1),
                (KVM_REG_S390_PFSELECT, 0xf, 0xf),
            ] {
                assert_eq!(vcpu.get_one_reg(id), Ok(keep(kept, reset)), "{id:#x}");
            }
            let timer = vcpu.get_one_reg(KVM_REG_S390_CPU_TIMER).unwrap();
            assert_eq!(timer == 0, initial);
            let mut crs = core::array::from_fn(|n| 0x3000 + n as u64);
            if initial {
                crs = [0; 16];
                crs[0] = 0xe0;
                crs[14] = 0xc200_0000;
            }
            assert_eq!(vcpu.get_sregs().crs, crs);
            assert_eq!(core::array::from_fn(|n| page.cr(n)), crs);
            assert_eq!(page.todpr(), keep(4, 0));
            assert_eq!(page.clock_comparator(), keep(u64::MAX, 0));
            assert_eq!(page.program_parameter(), keep(6, 0));
            assert_eq!(page.breaking_event(), keep(7, 1));
            assert_eq!(page.fpc(), if initial { 0 } else { 3 });
            for n in 0..16 {
                let index = n as u64;
                assert_eq!(page.gpr(n), if clear { 0 } else { 0x1000 + index });
                assert_eq!(u64::from(page.acr(n)), if clear { 0 } else { 0x2000 + index });
                assert_eq!(page.fpr(n), if clear { 0 } else { 0x4000 + index });
            }
            // The prefix shows after the next run.
            vcpu.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
            page.set_psw(Psw::new(MASKED, CODE));
            assert_eq!(vcpu.run(), Ok(EXIT_501));
            assert_eq!(page.prefix(), keep(0x2000, 0));
            assert_eq!(page.pfault_token(), u64::MAX);
        }
    }
}

/// C.9, each byte of it, in its three forms.
#[test]
fn store_status() {
    for (argument, base, marked) in [
        (KVM_S390_STORE_STATUS_NOADDR, 0, Some(0xa3)),
        (KVM_S390_STORE_STATUS_PREFIXED, 0x2000, Some(0x20a3)),
        (0x8_1200, 0x8_0000, None),
    ] {
        let guest = Guest::new();
        let client = Client::new();
        let vcpu = dirty(&guest, true);
        // What the client wrote into the page since counts for the registers
        // that live there, and for no others.
        vcpu.run_page().set_gpr(5, 0x5555);
        vcpu.run_page().set_fpc(1);
        vcpu.run_page().set_psw(Psw::default());
        vcpu.run_page().set_clock_comparator(1);
        let timer = vcpu.get_one_reg(KVM_REG_S390_CPU_TIMER).unwrap();
        let mut expected = guest.bytes(0, SIZE);
        let mut put = |at: usize, bytes: &[u8]| {
            expected[base + at..base + at + bytes.len()].copy_from_slice(bytes);
        };
        for n in 0..16 {
            let index = n as u64;
            put(0x1200 + 8 * n, &(0x4000 + index).to_be_bytes());
            let gpr = if n == 5 { 0x5555 } else { 0x1000 + index };
            put(0x1280 + 8 * n, &gpr.to_be_bytes());
            put(0x1340 + 4 * n, &(0x2000 + u32::try_from(n).unwrap()).to_be_bytes());
            put(0x1380 + 8 * n, &(0x3000 + index).to_be_bytes());
        }
        put(0x1300, &MASKED.to_be_bytes());
        put(0x1308, &(CODE + 4).to_be_bytes());
        put(0x1318, &0x2000_u32.to_be_bytes());
        put(0x131c, &1_u32.to_be_bytes());
        put(0x1324, &4_u32.to_be_bytes());
        put(0x1328, &timer.to_be_bytes());
        put(0x1330, &(u64::MAX >> 8).to_be_bytes());
        if let Some(at) = marked {
            expected[at] = 1;
        }
        assert_eq!(client.ioctl(&object(&vcpu), KVM_S390_STORE_STATUS, argument), Ok(0));
        let stored = guest.bytes(0, SIZE);
        let differs = (0..SIZE).find(|&at| stored[at] != expected[at]);
        assert_eq!(differs, None, "form {argument:#x}");
    }
}

#[test]
fn status_that_cannot_be_stored() {
    let guest = Guest::new();
    let client = Client::new();
    let fd = object(&guest.vcpu(0, MASKED));
    for address in [SIZE as u64, SIZE as u64 - 8, 1 << 40] {
        let refused = client.ioctl(&fd, KVM_S390_STORE_STATUS, address);
        assert_eq!(refused, Err(libc::EFAULT), "{address:#x}");
    }
}
