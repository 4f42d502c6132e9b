//! Storage that goes away under a running guest.

use super::guest::*;
use lowcore_abi::*;
use lowcore_arch::{Psw, bits};
use lowcore_kvm::{Error, Vcpu};

/// Where the slot is that goes away.
const SECOND: u64 = 2 * MIB;
const COUNTER: u64 = 0x4000;

/// A guest with a second slot, in which it executes: agsi 0(%r2),1 for a
/// counter in the first slot, then brc 15, three halfwords back.
fn counting() -> Guest {
    let guest = Guest::with_slots(&[0, SECOND]);
    let code: [&[u8]; 2] = [&[0xeb, 0x01, 0x20, 0x00, 0x00, 0x7a], &[0xa7, 0xf4, 0xff, 0xfd]];
    guest.put(SECOND, &code.concat());
    guest
}

fn counting_vcpu(guest: &Guest, id: u64) -> Vcpu {
    let vcpu = guest.vcpu(id);
    vcpu.run_page().set_psw(Psw::new(MASKED, SECOND));
    vcpu.run_page().set_gpr(2, COUNTER + 8 * id);
    vcpu
}

fn counts(guest: &Guest, id: u64) {
    let before = guest.u64(COUNTER + 8 * id);
    until(|| guest.u64(COUNTER + 8 * id) > before + 1000);
}

#[test]
fn a_slot_that_is_removed_is_gone_for_its_code() {
    let guest = counting();
    let cpus = [0, 1].map(|id| counting_vcpu(&guest, id));
    let running = cpus.clone().map(|vcpu| start(&vcpu));
    counts(&guest, 0);
    counts(&guest, 1);
    guest.vm.remove_memory_region(1).unwrap();
    // Once that returns, nobody executes there.
    let last = [0, 1].map(|id| guest.u64(COUNTER + 8 * id));
    for running in running {
        assert_eq!(running.wait(), EXIT_501);
    }
    assert_eq!([0, 1].map(|id| guest.u64(COUNTER + 8 * id)), last);
    assert_eq!(guest.program().0, 5);
    let old = guest.old_psw(PROGRAM).addr;
    assert!((SECOND..SECOND + 16).contains(&old), "{old:#x}");
}

#[test]
fn a_slot_that_is_moved_is_somewhere_else() {
    let guest = counting();
    let vcpu = counting_vcpu(&guest, 0);
    let running = start(&vcpu);
    counts(&guest, 0);
    let range = guest.memory.range(guest.offset(SECOND), bits::index(MIB));
    guest.vm.set_user_memory_region(1, 0, 8 * MIB, range.clone()).unwrap();
    assert_eq!(running.wait(), EXIT_501);
    assert_eq!(guest.program().0, 5);
    // The code goes on at its new place, and nowhere once it is deleted there.
    vcpu.run_page().set_psw(Psw::new(MASKED, 8 * MIB));
    let running = start(&vcpu);
    counts(&guest, 0);
    let nothing = guest.memory.range(0, 0);
    guest.vm.set_user_memory_region(1, 0, 0, nothing).unwrap();
    assert_eq!(running.wait(), EXIT_501);
    let old = guest.old_psw(PROGRAM).addr;
    assert!((8 * MIB..8 * MIB + 16).contains(&old), "{old:#x}");
}

#[test]
fn slots_that_come_and_go_leave_the_others_alone() {
    let guest = counting();
    let vcpu = counting_vcpu(&guest, 0);
    let running = start(&vcpu);
    let range = guest.memory.range(0, bits::index(MIB));
    for round in 0..200 {
        let log = if round % 2 == 0 { KVM_MEM_LOG_DIRTY_PAGES } else { 0 };
        guest.vm.set_user_memory_region(2, log, (10 + round) * MIB, range.clone()).unwrap();
        guest.vm.remove_memory_region(2).unwrap();
    }
    counts(&guest, 0);
    vcpu.kick();
    assert_eq!(running.wait(), Err(Error::Interrupted));
}

#[test]
fn a_low_core_that_is_removed_makes_an_interruption_fail() {
    // C.4: EFAULT, and the interrupt is lost. The registers of the guest are
    // in the run page all the same (F.2).
    let guest = counting();
    // brc 15,. in the second slot, which needs nothing of the first.
    guest.put(SECOND + 0x1000, &SPIN);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_psw(Psw::new(MASKED, SECOND + 0x1000));
    let running = start(&vcpu);
    guest.vm.remove_memory_region(0).unwrap();
    vcpu.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
    assert_eq!(running.wait(), Err(Error::GuestStorage));
    assert_eq!(vcpu.get_irq_state(), []);
    assert_eq!(vcpu.run_page().psw(), Psw::new(MASKED, SECOND + 0x1000));
}

#[test]
fn a_program_interruption_without_a_low_core_is_efault() {
    // F.6: not a guest-visible event.
    let guest = counting();
    guest.put(SECOND + 0x1000, &[0x58, 0x10, 0x30, 0x00]);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_psw(Psw::new(MASKED, SECOND + 0x1000));
    vcpu.run_page().set_gpr(3, 0x4000_0000);
    guest.vm.remove_memory_region(0).unwrap();
    assert_eq!(run(&vcpu), Err(Error::GuestStorage));
}

/// Takes the pages of the second slot from the guest or gives them back.
fn protect_code(guest: &Guest, protection: i32) {
    guest.memory.protect(guest.offset(SECOND), bits::index(MIB), protection);
}

#[test]
fn memory_that_the_client_takes_away_is_efault() {
    // F.2: an unresolvable host fault. The guest can go on where it was once
    // the memory is there again.
    for cpus in [1, 2] {
        let guest = counting();
        let vcpus: Vec<_> = (0..cpus).map(|id| counting_vcpu(&guest, id)).collect();
        for _ in 0..3 {
            let running: Vec<_> = vcpus.iter().map(start).collect();
            (0..cpus).for_each(|id| counts(&guest, id));
            protect_code(&guest, libc::PROT_NONE);
            for (running, vcpu) in running.into_iter().zip(&vcpus) {
                assert_eq!(running.wait(), Err(Error::GuestStorage));
                let address = vcpu.run_page().psw().addr;
                assert!([SECOND, SECOND + 6].contains(&address), "{address:#x}");
            }
            // Again as long as it is away.
            assert_eq!(run(&vcpus[0]), Err(Error::GuestStorage));
            protect_code(&guest, READ_WRITE);
        }
    }
}

#[test]
fn a_neighbour_keeps_running_when_memory_is_taken_away() {
    let guest = counting();
    // The same code in the first slot.
    guest.put(CODE, &guest.bytes::<10>(SECOND));
    let neighbour = guest.vcpu(1);
    neighbour.run_page().set_gpr(2, COUNTER + 8);
    let vcpu = counting_vcpu(&guest, 0);
    let (running, neighbour_running) = (start(&vcpu), start(&neighbour));
    counts(&guest, 0);
    protect_code(&guest, libc::PROT_NONE);
    assert_eq!(running.wait(), Err(Error::GuestStorage));
    counts(&guest, 1);
    neighbour.kick();
    assert_eq!(neighbour_running.wait(), Err(Error::Interrupted));
}

#[test]
fn memory_that_can_only_be_read_is_efault_for_a_store() {
    let guest = counting();
    // stg %r4,0(%r2) ; diag, where %r2 is in the second slot.
    guest.put(CODE, &[0xe3, 0x40, 0x20, 0x00, 0x00, 0x24]);
    guest.put(CODE + 6, &DIAG_501);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_gpr(2, SECOND + 0x4000);
    vcpu.run_page().set_gpr(4, 0x0123_4567_89ab_cdef);
    protect_code(&guest, libc::PROT_READ);
    assert_eq!(run(&vcpu), Err(Error::GuestStorage));
    assert_eq!(vcpu.run_page().psw(), Psw::new(MASKED, CODE));
    assert_eq!(guest.u64(SECOND + 0x4000), 0);
    protect_code(&guest, READ_WRITE);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.u64(SECOND + 0x4000), 0x0123_4567_89ab_cdef);
}

#[test]
fn the_client_can_lend_the_same_memory_twice() {
    // Guests see what they store through the other slot too; code as well.
    let guest = counting();
    let range = guest.memory.range(guest.offset(SECOND), bits::index(MIB));
    guest.vm.set_user_memory_region(2, 0, 4 * MIB, range).unwrap();
    let code: [&[u8]; 3] = [
        // st %r4,8(%r2): the last instruction, by its other address
        &[0x50, 0x40, 0x20, 0x08],
        // bcr 0,0 ; bcr 0,0
        &[0x07, 0x00, 0x07, 0x00],
        &SPIN,
    ];
    guest.put(SECOND + 0x2000, &code.concat());
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_psw(Psw::new(MASKED, SECOND + 0x2000));
    vcpu.run_page().set_gpr(2, 4 * MIB + 0x2000);
    vcpu.run_page().set_gpr(4, u32::from_be_bytes(DIAG_501).into());
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(vcpu.run_page().psw().addr, SECOND + 0x200c);
}
