//! KVM_SET_GUEST_DEBUG: steps, breakpoints, watchpoints (the specification,
//! A.6, B.1 item 5 and F.2; what each stop says is the kernel's behaviour).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::{ControlRegister, Psw};
use lowcore_kvm::{Error, Exit, Vcpu};

const STEP: u32 = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
const POINTS: u32 = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
/// Where supervisor calls, program interruptions and external ones lead to.
const SVC: u64 = HANDLER + 0x200;
const PROGRAM: u64 = HANDLER + 0x300;
const EXTERNAL_HANDLER: u64 = HANDLER + 0x100;
const DATA: u64 = 0x5_0000;

fn step(address: u64) -> Result<Exit, Error> {
    Ok(Exit::Debug { address, kind: KVM_SINGLESTEP })
}

fn breakpoint(address: u64) -> Result<Exit, Error> {
    Ok(Exit::Debug { address, kind: KVM_HW_BP })
}

fn watchpoint(address: u64) -> Result<Exit, Error> {
    Ok(Exit::Debug { address, kind: KVM_HW_WP_WRITE })
}

fn point(type_: u8, addr: u64, len: u64) -> kvm_hw_breakpoint {
    kvm_hw_breakpoint { addr, phys_addr: addr, len, type_, ..Default::default() }
}

/// A vcpu about to execute `program`, which is followed by DIAGNOSE 0x501.
fn vcpu(guest: &Guest, program: &[u32]) -> Vcpu {
    let code: Vec<u8> = program.iter().flat_map(|word| word.to_be_bytes()).collect();
    guest.put(CODE, &code);
    guest.put(CODE + code.len() as u64, &DIAG_501);
    guest.vcpu(0, MASKED)
}

fn at(vcpu: &Vcpu) -> u64 {
    vcpu.run_page().psw().addr
}

/// lghi %r1,3 ; la %r2,1(%r2) ; brct %r1,.-4
const LOOP: [u32; 3] = [0xa719_0003, 0x4122_0001, 0xa716_fffe];

#[test]
fn steps_count_the_instructions_of_a_loop() {
    let guest = Guest::new();
    let vcpu = vcpu(&guest, &LOOP);
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    let page = vcpu.run_page();
    for (n, offset) in [4, 8, 4, 8, 4, 8, 12].into_iter().enumerate() {
        assert_eq!(vcpu.run(), step(CODE + offset), "{n}");
        assert_eq!((page.exit_reason(), at(&vcpu)), (KVM_EXIT_DEBUG, CODE + offset));
        assert_eq!((page.debug().addr, page.debug().type_), (CODE + offset, KVM_SINGLESTEP));
    }
    assert_eq!(page.gpr(2), 3);
    // An instruction of the client's is a step too: its exit comes first, then
    // the step's, before anything else happens.
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    page.set_gpr(2, 77);
    assert_eq!(vcpu.run(), step(CODE + 16));
    assert_eq!((at(&vcpu), page.gpr(2)), (CODE + 16, 77));
    // Off again: the rest runs through.
    vcpu.set_guest_debug(0, &[]).unwrap();
    page.set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(vcpu.run_page().gpr(2), 80);
}

#[test]
fn steps_lead_into_handlers() {
    let guest = Guest::new();
    // svc 1 and padding
    let vcpu = vcpu(&guest, &[0x0a01_0700]);
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    assert_eq!(vcpu.run(), step(SVC));
    assert_eq!((at(&vcpu), guest.psw(0x140)), (SVC, Psw::new(MASKED, CODE + 2)));
    // No instruction (b2fe), and an odd address.
    for (program, address, code) in [(0xb2fe_0000_u32, CODE, 1), (0, CODE + 1, 6)] {
        guest.put(CODE, &program.to_be_bytes());
        vcpu.run_page().set_psw(Psw::new(MASKED, address));
        assert_eq!(vcpu.run(), step(PROGRAM));
        assert_eq!((at(&vcpu), guest.u16(0x8e)), (PROGRAM, code));
    }
    // An interrupt is a step of its own, before any instruction.
    guest.put(CODE, &[0x18, 0x12]);
    vcpu.run_page().set_psw(Psw::new(EXTERNAL, CODE));
    vcpu.run_page().set_cr(0, ControlRegister::CR0_EMERGENCY_SIGNAL);
    vcpu.run_page().set_dirty(KVM_SYNC_CRS);
    let emergency =
        kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: 0 });
    vcpu.inject(&emergency).unwrap();
    assert_eq!(vcpu.run(), step(EXTERNAL_HANDLER));
    assert_eq!(guest.psw(0x130), Psw::new(EXTERNAL, CODE));
}

#[test]
fn an_injection_after_the_clients_instruction_moves_the_step_behind_its_delivery() {
    let guest = Guest::new();
    let vcpu = vcpu(&guest, &[]);
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    let program = kvm_s390_pgm_info { code: 6, ..Default::default() };
    vcpu.inject(&kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, program)).unwrap();
    assert_eq!(vcpu.run(), step(PROGRAM));
    assert_eq!((at(&vcpu), guest.u16(0x8e), guest.u16(0x8c)), (PROGRAM, 6, 4));
    assert_eq!(guest.psw(0x150).addr, CODE + 4);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
}

#[test]
fn instructions_that_the_kernel_executes_are_steps() {
    let guest = Guest::new();
    // diag 0x44 ; then DIAGNOSE 0x10 with a bad range: a specification exception.
    let vcpu = vcpu(&guest, &[0x8300_0044, 0x8312_0010]);
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    vcpu.run_page().set_gpr(1, 1);
    assert_eq!(vcpu.run(), step(CODE + 4));
    assert_eq!(vcpu.run(), step(PROGRAM));
    assert_eq!(guest.u16(0x8e), 6);
}

#[test]
fn breakpoints_stop_before_their_instruction() {
    let guest = Guest::new();
    let vcpu = vcpu(&guest, &LOOP);
    vcpu.set_guest_debug(POINTS, &[point(KVM_HW_BP, CODE + 4, 2)]).unwrap();
    for times in 0..3 {
        assert_eq!(vcpu.run(), breakpoint(CODE + 4));
        assert_eq!((at(&vcpu), vcpu.run_page().gpr(2)), (CODE + 4, times));
        assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_DEBUG);
    }
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    // A range, and one that is too far.
    for (address, length, stops) in [(CODE + 2, 3, true), (CODE + 2, 2, false), (CODE + 5, 8, true)]
    {
        vcpu.set_guest_debug(0, &[]).unwrap();
        vcpu.set_guest_debug(POINTS, &[point(KVM_HW_BP, address, length)]).unwrap();
        vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
        assert_eq!(matches!(vcpu.run(), Ok(Exit::Debug { .. })), stops, "{address:x} {length}");
    }
    // One that the client's PSW jumped onto is told after its instruction.
    vcpu.set_guest_debug(0, &[]).unwrap();
    vcpu.set_guest_debug(POINTS, &[point(KVM_HW_BP, CODE, 2)]).unwrap();
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), breakpoint(CODE));
    assert_eq!(at(&vcpu), CODE + 4);
    // Without KVM_GUESTDBG_USE_HW_BP they do not count.
    vcpu.set_guest_debug(KVM_GUESTDBG_ENABLE, &[point(KVM_HW_BP, CODE + 4, 2)]).unwrap();
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
}

#[test]
fn watchpoints_stop_after_a_change() {
    let guest = Guest::new();
    // mvi 0(%r3),0 ; mvi 4(%r3),1 ; mvi 8(%r3),1 ; mvi 3(%r3),2
    let program = [0x9200_3000, 0x9201_3004, 0x9201_3008, 0x9202_3003];
    let vcpu = vcpu(&guest, &program);
    vcpu.run_page().set_gpr(3, DATA);
    let points = [point(KVM_HW_WP_WRITE, DATA + 8, 1), point(KVM_HW_WP_WRITE, DATA, 4)];
    vcpu.set_guest_debug(POINTS, &points).unwrap();
    assert_eq!(vcpu.run(), watchpoint(DATA + 8));
    assert_eq!(at(&vcpu), CODE + 12);
    assert_eq!(vcpu.run_page().debug().type_, KVM_HW_WP_WRITE);
    // The value of the first is still another one than when it was set.
    assert_eq!(vcpu.run(), watchpoint(DATA + 8));
    assert_eq!(at(&vcpu), CODE + 16);
    guest.put(DATA, &[0; 12]);
    vcpu.set_guest_debug(POINTS, &points[1..]).unwrap();
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), watchpoint(DATA));
    assert_eq!((at(&vcpu), guest.u8(DATA + 3)), (CODE + 16, 2));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
}

#[test]
fn the_guests_own_recording_goes_on() {
    let guest = Guest::new();
    let vcpu = vcpu(&guest, &LOOP);
    let page = vcpu.run_page();
    page.set_psw(Psw::new(MASKED | Psw::PER, CODE));
    for (n, value) in [(9, ControlRegister::CR9_FETCHING), (10, CODE + 4), (11, CODE + 4)] {
        page.set_cr(n, value);
    }
    page.set_dirty(KVM_SYNC_CRS);
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    assert_eq!(vcpu.run(), step(CODE + 4));
    // The step first, then the delivery of the guest's event, which is one.
    assert_eq!(vcpu.run(), step(CODE + 8));
    assert_eq!(vcpu.run(), step(PROGRAM));
    assert_eq!((guest.u16(0x8e), guest.u8(0x96), guest.u64(0x98)), (0x80, 0x40, CODE + 4));
    assert_eq!(guest.psw(0x150), Psw::new(MASKED | Psw::PER, CODE + 8));
    assert_eq!(vcpu.run_page().cr(9), ControlRegister::CR9_FETCHING);
}

#[test]
fn the_clock_comparator_waits_while_stepping() {
    let guest = Guest::new();
    let vcpu = vcpu(&guest, &LOOP);
    let page = vcpu.run_page();
    page.set_psw(Psw::new(EXTERNAL, CODE));
    page.set_cr(0, ControlRegister::CR0_CLOCK_COMPARATOR);
    page.set_dirty(KVM_SYNC_CRS);
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    assert_eq!(vcpu.run(), step(CODE + 4));
    assert_eq!(vcpu.run(), step(CODE + 8));
    assert_eq!(vcpu.run_page().cr(0), ControlRegister::CR0_CLOCK_COMPARATOR);
    vcpu.set_guest_debug(0, &[]).unwrap();
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!((guest.u16(0x86), guest.psw(0x130).addr), (0x1004, CODE + 8));
}

#[test]
fn immediate_exit_comes_before_a_pending_step() {
    let guest = Guest::new();
    let vcpu = vcpu(&guest, &[]);
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    vcpu.run_page().set_immediate_exit(true);
    assert_eq!(vcpu.run(), Err(Error::Interrupted));
    vcpu.run_page().set_immediate_exit(false);
    assert_eq!(vcpu.run(), step(CODE + 4));
    // A pending one is forgotten with what asked for it.
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    vcpu.set_guest_debug(STEP, &[]).unwrap();
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
}

#[test]
fn arguments_of_the_ioctl() {
    let guest = Guest::new();
    let client = Client::new();
    let vcpu = vcpu(&guest, &LOOP);
    let set = |control, count, points| {
        let arch = kvm_guest_debug_arch { nr_hw_bp: count, hw_bp: points, ..Default::default() };
        let debug = kvm_guest_debug { control, arch, ..Default::default() };
        client.pass(&object(&vcpu), KVM_SET_GUEST_DEBUG, &debug)
    };
    let stops = || {
        vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
        matches!(vcpu.run(), Ok(Exit::Debug { .. }))
    };
    let put = |points: &[kvm_hw_breakpoint]| client.put(0x1000, points);
    let good = put(&[point(KVM_HW_BP, CODE + 4, 2)]);
    let run = |control, count, points| (set(control, count, points), stops());
    assert_eq!(run(POINTS, 1, good), (Ok(0), true));
    assert_eq!(run(0, 1, good), (Ok(0), false));
    assert_eq!(run(STEP, 0, 0), (Ok(0), true));
    // Each error ends debugging.
    let einval = (Err(libc::EINVAL), false);
    let efault = (Err(libc::EFAULT), false);
    assert_eq!(run(STEP | 4, 0, 0), einval);
    assert_eq!(run(STEP, 1, NOWHERE), (Ok(0), true));
    assert_eq!(run(0x8000_0000, 1, good), einval);
    assert_eq!(run(STEP, 0, 0), (Ok(0), true));
    assert_eq!(run(POINTS, 51, good), einval);
    assert_eq!(run(STEP, 0, 0), (Ok(0), true));
    assert_eq!(run(POINTS, 1, NOWHERE), efault);
    assert_eq!(run(POINTS | 4, 1, NOWHERE), einval);
    // No array, no breakpoints.
    assert_eq!(run(POINTS, 1, 0), (Ok(0), false));
    assert_eq!(run(POINTS, 0, good), (Ok(0), false));
    // 50 are enough for everybody; kinds that are not known do not count.
    assert_eq!(run(POINTS, 50, put(&[point(KVM_HW_BP, CODE + 4, 2); 50])), (Ok(0), true));
    assert_eq!(run(POINTS, 1, put(&[point(3, CODE + 4, 2)])), (Ok(0), false));
    for (length, at, expected) in [
        (100, DATA, Ok(0)),
        (0, DATA, Ok(0)),
        (101, DATA, Err(libc::EINVAL)),
        (u64::MAX, DATA, Err(libc::EINVAL)),
        (4, SIZE as u64, Err(libc::EFAULT)),
        (4, SIZE as u64 - 2, Err(libc::EFAULT)),
    ] {
        let points = put(&[point(KVM_HW_WP_WRITE, at, length)]);
        assert_eq!(run(POINTS, 1, points), (expected, false), "{length} {at:x}");
    }
    assert_eq!(client.ioctl(&object(&vcpu), KVM_SET_GUEST_DEBUG, NOWHERE), Err(libc::EFAULT));
    let vm = |capability| guest.vm.check_extension(capability);
    assert_eq!((vm(KVM_CAP_SET_GUEST_DEBUG), vm(KVM_CAP_SET_GUEST_DEBUG2)), (1, 0x1_0003));
}
