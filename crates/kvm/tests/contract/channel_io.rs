//! Channel I/O with and without KVM_CAP_S390_CSS_SUPPORT (F.5).

use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Exit, Flic, Vcpu, icptcode};

/// Executes a four-byte instruction, then DIAGNOSE 0x501.
fn execute(guest: &Guest, vcpu: &Vcpu, instruction: u32) -> Exit {
    guest.put(CODE, &instruction.to_be_bytes());
    guest.put(CODE + 4, &DIAG_501);
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    vcpu.run().unwrap()
}

const CHANNEL_IO: [u16; 16] = [
    0xb230, 0xb231, 0xb232, 0xb233, 0xb234, 0xb235, 0xb236, 0xb237, 0xb238, 0xb239, 0xb23a, 0xb23b,
    0xb23c, 0xb25f, 0xb274, 0xb276,
];

fn enable(vcpu: &Vcpu) {
    let css = kvm_enable_cap { cap: KVM_CAP_S390_CSS_SUPPORT, ..Default::default() };
    vcpu.enable_cap(&css).unwrap();
}

#[test]
fn without_the_capability_there_is_no_channel_subsystem() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    for operation in CHANNEL_IO {
        assert_eq!(execute(&guest, &vcpu, u32::from(operation) << 16), EXIT_501);
        assert_eq!(vcpu.run_page().psw().condition_code(), 3, "{operation:#x}");
        assert_eq!(vcpu.run_page().psw().addr, CODE + 8);
    }
    // SERVICE CALL is the client's either way.
    let exit = Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: 0xb220, ipb: 0x0012_0000 };
    assert_eq!(execute(&guest, &vcpu, 0xb220_0012), exit);
}

#[test]
fn with_it_most_are_the_clients() {
    let guest = Guest::new();
    // The capability of one vcpu holds for all.
    enable(&guest.vcpu(1, MASKED));
    let vcpu = guest.vcpu(0, MASKED);
    for operation in CHANNEL_IO {
        if matches!(operation, 0xb235 | 0xb236) {
            continue;
        }
        let exit = Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: operation, ipb: 0 };
        assert_eq!(execute(&guest, &vcpu, u32::from(operation) << 16), exit);
    }
    guest.put(CODE, &0xb230_0000_u32.to_be_bytes());
    vcpu.run_page().set_psw(Psw::new(MASKED | Psw::PROBLEM, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u16(0x8e), 2);
}

fn queue(flic: &Flic) {
    let io = |subchannel_nr, io_int_parm, isc: u32| {
        let io = kvm_s390_io_info {
            subchannel_id: 1,
            subchannel_nr,
            io_int_parm,
            io_int_word: isc << 27,
        };
        kvm_s390_irq::with_io(0, io)
    };
    flic.enqueue(&[io(5, 0x55, 6), io(7, 0x77, 3), io(5, 0x56, 2)]).unwrap();
}

#[test]
fn test_subchannel() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    enable(&vcpu);
    let flic = guest.vm.create_flic().unwrap();
    queue(&flic);
    // tsch 0(%r9)
    vcpu.run_page().set_gpr(1, 0x1_0005);
    assert_eq!(execute(&guest, &vcpu, 0xb235_9000), Exit::Tsch { dequeued: true });
    let page = vcpu.run_page();
    assert_eq!(page.exit_reason(), KVM_EXIT_S390_TSCH);
    let tsch = page.tsch();
    assert_eq!((tsch.subchannel_id, tsch.subchannel_nr, tsch.dequeued), (1, 5, 1));
    assert_eq!((tsch.io_int_parm, tsch.io_int_word), (0x56, 2 << 27));
    assert_eq!(tsch.ipb, 0x9000_0000);
    assert_eq!(flic.all_interrupts().len(), 2);
    for schid in [0, 0x1_0009] {
        page.set_gpr(1, schid);
        assert_eq!(execute(&guest, &vcpu, 0xb235_9000), Exit::Tsch { dequeued: false });
        assert_eq!(page.tsch().dequeued, 0);
    }
    assert_eq!(flic.all_interrupts().len(), 2);
}

#[test]
fn test_pending_interruption() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    enable(&vcpu);
    let flic = guest.vm.create_flic().unwrap();
    let page = vcpu.run_page();
    let mut sregs = vcpu.get_sregs();
    sregs.crs[6] = 0x8000_0000 >> 3 | 0x8000_0000 >> 6;
    vcpu.set_sregs(&sregs);
    // tpi 0(%r9)
    page.set_gpr(9, 0x8_0000);
    assert_eq!(execute(&guest, &vcpu, 0xb236_9000), EXIT_501);
    assert_eq!(page.psw().condition_code(), 0, "nothing is pending");
    queue(&flic);
    // Subclass 2 is not enabled; subclass 3 comes first.
    assert_eq!(execute(&guest, &vcpu, 0xb236_9000), EXIT_501);
    assert_eq!(page.psw().condition_code(), 1);
    assert_eq!(guest.bytes(0x8_0000, 12), [0, 1, 0, 7, 0, 0, 0, 0x77, 0, 0, 0, 0]);
    // An operand that is not there: the interrupt stays.
    page.set_gpr(9, 1 << 40);
    assert_eq!(execute(&guest, &vcpu, 0xb236_9000), EXIT_501);
    assert_eq!(guest.u16(0x8e), 5);
    page.set_gpr(9, 0x8_0002);
    assert_eq!(execute(&guest, &vcpu, 0xb236_9000), EXIT_501);
    assert_eq!(guest.u16(0x8e), 6);
    // Address 0 is the low core, with the word.
    assert_eq!(execute(&guest, &vcpu, 0xb236_0000), EXIT_501);
    assert_eq!(page.psw().condition_code(), 1);
    assert_eq!(guest.bytes(0xb8, 12), [0, 1, 0, 5, 0, 0, 0, 0x55, 0x30, 0, 0, 0]);
    assert_eq!(flic.all_interrupts().len(), 1);
}
