//! SIGNAL PROCESSOR in the guest (E.1, E.2).

use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Exit, Vcpu, icptcode};

/// What the sender sees: condition code and general register 1.
#[derive(Debug, PartialEq)]
enum Seen {
    /// The order was executed; the upper half of the register stays.
    Cc(u8, u64),
    /// The client executes it.
    Exit,
}

const STATUS_REGISTER: u64 = 0xffff_eeee_dddd_cccc;

/// `sigp %r1,%r3,order` on `sender`, then DIAGNOSE 0x501. The parameter is
/// general register 1.
fn sigp(guest: &Guest, sender: &Vcpu, order: u8, address: u64, parameter: u64) -> Seen {
    guest.put(CODE, &[0xae, 0x13, 0x00, order]);
    guest.put(CODE + 4, &DIAG_501);
    let page = sender.run_page();
    page.set_psw(Psw::new(MASKED | 2 << 44, CODE));
    page.set_gpr(1, parameter);
    page.set_gpr(3, address);
    match sender.run().unwrap() {
        EXIT_501 => Seen::Cc(page.psw().condition_code(), page.gpr(1)),
        Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: 0xae13, ipb } => {
            assert_eq!(ipb, u32::from(order) << 16);
            assert_eq!(page.psw().addr, CODE + 4);
            Seen::Exit
        }
        other => panic!("{other:?}"),
    }
}

fn cc(code: u8) -> Seen {
    Seen::Cc(code, STATUS_REGISTER)
}

fn status(bits: u64) -> Seen {
    Seen::Cc(1, STATUS_REGISTER & !0xffff_ffff | bits)
}

struct Pair {
    guest: Guest,
    sender: Vcpu,
    target: Vcpu,
}

impl Pair {
    /// In user state mode, so that the test decides who is stopped.
    fn new(target_operating: bool) -> Self {
        let guest = Guest::new();
        let (sender, target) = (guest.vcpu(1, MASKED), guest.vcpu(6, MASKED));
        sender.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
        if target_operating {
            target.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
        }
        Self { guest, sender, target }
    }

    fn order(&self, order: u8) -> Seen {
        sigp(&self.guest, &self.sender, order, 6, STATUS_REGISTER)
    }

    fn pending(&self) -> Vec<u64> {
        types(&self.target.get_irq_state())
    }
}

#[test]
fn the_problem_state_comes_first() {
    let pair = Pair::new(true);
    pair.guest.put(CODE, &[0xae, 0x13, 0x00, 0x01]);
    pair.sender.run_page().set_psw(Psw::new(MASKED | Psw::PROBLEM, CODE));
    assert_eq!(pair.sender.run(), Ok(EXIT_501));
    assert_eq!(pair.guest.u16(0x8e), 2);
}

#[test]
fn no_such_cpu() {
    let pair = Pair::new(true);
    for order in [1, 2, 3, 4, 5, 6, 9, 11, 12, 13, 14, 19, 21, 22, 23, 99] {
        for address in [0, 7, 247, 0xffff, 0xffff_0007] {
            let seen = sigp(&pair.guest, &pair.sender, order, address, STATUS_REGISTER);
            assert_eq!(seen, cc(3), "order {order} to {address:#x}");
        }
    }
    // Only the low 16 bits of the address count.
    assert_eq!(sigp(&pair.guest, &pair.sender, 1, 0xffff_0006, STATUS_REGISTER), cc(0));
}

#[test]
fn set_architecture_is_rejected_for_any_address() {
    let pair = Pair::new(true);
    for address in [6, 99, 0xffff] {
        let seen = sigp(&pair.guest, &pair.sender, 18, address, STATUS_REGISTER);
        assert_eq!(seen, status(0x100));
    }
}

#[test]
fn busy_while_a_stop_or_restart_is_pending() {
    for type_ in [KVM_S390_SIGP_STOP, KVM_S390_RESTART] {
        let pair = Pair::new(true);
        pair.target.inject(&kvm_s390_irq::of_type(type_)).unwrap();
        for order in [1, 2, 3, 4, 5, 6, 9, 13, 14, 19, 21, 22, 23, 99] {
            assert_eq!(pair.order(order), cc(2), "order {order}");
        }
        // But not for the resets.
        assert_eq!(pair.order(11), Seen::Exit);
        assert_eq!(pair.order(12), Seen::Exit);
        assert_eq!(pair.pending(), [u64::from(type_)]);
    }
}

#[test]
fn sense() {
    let pair = Pair::new(true);
    assert_eq!(pair.order(1), cc(0));
    assert_eq!(pair.order(2), cc(0));
    assert_eq!(pair.order(1), status(0x80));
    pair.target.set_mp_state(KVM_MP_STATE_STOPPED).unwrap();
    assert_eq!(pair.order(1), status(0xc0));
    pair.target.normal_reset();
    assert_eq!(pair.order(1), status(0x40));
}

#[test]
fn signals_carry_the_sender() {
    let pair = Pair::new(false);
    assert_eq!(pair.order(2), cc(0));
    assert_eq!(pair.order(2), status(0x80));
    assert_eq!(pair.order(3), cc(0));
    assert_eq!(pair.order(3), cc(0));
    let state = pair.target.get_irq_state();
    assert_eq!(state.len(), 2);
    assert_eq!((state[0].extcall().code, state[1].emerg().code), (1, 1));
    // CONDITIONAL EMERGENCY SIGNAL always holds.
    pair.target.normal_reset();
    assert_eq!(pair.order(19), cc(0));
    assert_eq!(pair.pending(), [u64::from(KVM_S390_INT_EMERGENCY)]);
}

#[test]
fn stop_orders() {
    let pair = Pair::new(true);
    assert_eq!(pair.order(5), cc(0));
    assert_eq!(pair.target.get_irq_state()[0].stop().flags, 0);
    assert_eq!(pair.order(9), cc(2));
    pair.target.set_mp_state(KVM_MP_STATE_STOPPED).unwrap();
    assert_eq!(pair.order(5), cc(0), "stopped already");
    assert!(pair.pending().is_empty());
    assert_eq!(pair.guest.u8(0xa3), 0);
    assert_eq!(pair.order(9), cc(0));
    assert_eq!(pair.guest.u8(0xa3), 1, "stored at once");

    let pair = Pair::new(true);
    assert_eq!(pair.order(9), cc(0));
    assert_eq!(pair.target.get_irq_state()[0].stop().flags, 1);
}

#[test]
fn set_prefix() {
    let pair = Pair::new(false);
    let order = |parameter| sigp(&pair.guest, &pair.sender, 13, 6, parameter);
    let kept = |bits: u64, parameter: u64| Seen::Cc(1, parameter & !0xffff_ffff | bits);
    assert_eq!(order(0x5_7000_0000), kept(0x100, 0x5_7000_0000));
    assert!(pair.pending().is_empty());
    assert_eq!(order(0x5_8010_5fff), Seen::Cc(0, 0x5_8010_5fff));
    assert_eq!(pair.target.get_irq_state()[0].prefix().address, 0x10_4000);
    pair.target.set_mp_state(KVM_MP_STATE_OPERATING).unwrap();
    assert_eq!(order(0x10_0000), kept(0x200, 0));
    // The address is checked first.
    assert_eq!(order(0x7000_0000), kept(0x100, 0));
}

#[test]
fn store_status_at_address() {
    let pair = Pair::new(true);
    let order = |parameter| sigp(&pair.guest, &pair.sender, 14, 6, parameter);
    assert_eq!(order(0x8_0000), Seen::Cc(1, 0x200));
    pair.target.set_mp_state(KVM_MP_STATE_STOPPED).unwrap();
    pair.target.run_page().set_gpr(4, 0x4444);
    assert_eq!(order(0x7000_0000), Seen::Cc(1, 0x100));
    assert_eq!(order(0x8008_01ff), Seen::Cc(0, 0x8008_01ff));
    // The floating-point registers lie at the address, cut to 512 bytes.
    assert_eq!(pair.guest.u64(0x8_0000 + 0x80 + 4 * 8), 0x4444);
    assert_eq!(pair.guest.psw(0x8_0100), Psw::default(), "as never run");
    assert_eq!(pair.guest.u8(0xa3), 0);
}

#[test]
fn sense_running_status() {
    let pair = Pair::new(true);
    assert_eq!(pair.order(21), status(0x400), "nobody runs it");
    // The sender runs while it asks.
    assert_eq!(sigp(&pair.guest, &pair.sender, 21, 1, STATUS_REGISTER), cc(0));
}

#[test]
fn orders_of_the_client() {
    let pair = Pair::new(true);
    for order in [4, 6, 11, 12, 22, 23, 0, 7, 99, 255] {
        assert_eq!(pair.order(order), Seen::Exit, "order {order}");
    }
}

/// E.1 step 2: with USER_SIGP five orders are left, and of the others neither
/// address nor busy state is looked at.
#[test]
fn user_sigp() {
    let pair = Pair::new(true);
    let enable = kvm_enable_cap { cap: KVM_CAP_S390_USER_SIGP, ..Default::default() };
    pair.guest.vm.enable_cap(&enable).unwrap();
    assert_eq!(pair.order(1), cc(0));
    assert_eq!(pair.order(2), cc(0));
    assert_eq!(pair.order(3), cc(0));
    assert_eq!(pair.order(19), cc(0));
    assert_eq!(pair.order(21), status(0x400));
    pair.target.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    for order in [4, 5, 6, 9, 11, 12, 13, 14, 18, 22, 23, 99] {
        assert_eq!(pair.order(order), Seen::Exit, "order {order}");
        let nobody = sigp(&pair.guest, &pair.sender, order, 77, STATUS_REGISTER);
        assert_eq!(nobody, Seen::Exit, "order {order} to nobody");
    }
    assert_eq!(pair.order(1), cc(2), "busy");
}

/// E.1: the parameter is general register 1 if that is the operand, the next
/// register if the operand is even.
#[test]
fn an_even_register_takes_the_parameter_from_the_next() {
    let pair = Pair::new(false);
    pair.guest.put(CODE, &[0xae, 0x43, 0x00, 13]);
    pair.guest.put(CODE + 4, &DIAG_501);
    let page = pair.sender.run_page();
    page.set_psw(Psw::new(MASKED, CODE));
    page.set_gpr(3, 6);
    page.set_gpr(4, 0x7000_0000);
    page.set_gpr(5, 0x4000);
    assert_eq!(pair.sender.run(), Ok(EXIT_501));
    assert_eq!(page.psw().condition_code(), 0);
    assert_eq!(pair.target.get_irq_state()[0].prefix().address, 0x4000);
}

#[test]
fn a_status_that_cannot_be_stored_fails_the_run() {
    // E.2, STOP AND STORE STATUS. Code and low core lie beyond a hole at 0.
    let guest = Guest::empty();
    guest.vm.set_user_memory_region(0, 0, 1 << 20, guest.memory.clone()).unwrap();
    let (sender, _target) = (guest.vcpu(1, MASKED), guest.vcpu(6, MASKED));
    guest.put(0x1_0000, &[0xae, 0x13, 0x00, 9]);
    sender.run_page().set_psw(Psw::new(MASKED, (1 << 20) + 0x1_0000));
    sender.run_page().set_gpr(3, 6);
    assert_eq!(sender.run().unwrap_err().errno().0, libc::EFAULT);
}
