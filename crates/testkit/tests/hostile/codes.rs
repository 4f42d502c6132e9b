//! Code that changes while it runs: by itself, by another CPU, by the client.
//! The next execution sees the new instruction (manual, chapter 5, "Sequence
//! of Storage References"); a client's stores count like another CPU's.

use super::guest::*;
use lowcore_arch::Psw;
use lowcore_kvm::Vcpu;

#[test]
fn a_store_into_the_next_instruction_is_seen_by_it() {
    let guest = Guest::new();
    // mvi 7(%r2),9: the last byte of the next but one instruction, la %r1,1.
    let code = [&[0x92, 0x09, 0x20, 0x07][..], &[0x41, 0x10, 0x00, 0x01], &DIAG_501].concat();
    guest.put(CODE, &code);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_gpr(2, CODE);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(vcpu.run_page().gpr(1), 9);
}

#[test]
fn a_loop_that_writes_its_own_operand_sees_every_value() {
    let guest = Guest::new();
    let code: [&[u8]; 5] = [
        // sth %r4,6(%r2): the displacement of the next la
        &[0x40, 0x40, 0x20, 0x06],
        // la %r1,0
        &[0x41, 0x10, 0x00, 0x00],
        // agr %r3,%r1
        &[0xb9, 0x08, 0x00, 0x31],
        // brctg %r4, six halfwords back
        &[0xa7, 0x47, 0xff, 0xfa],
        &DIAG_501,
    ];
    guest.put(CODE, &code.concat());
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_gpr(2, CODE);
    vcpu.run_page().set_gpr(3, 0);
    vcpu.run_page().set_gpr(4, 0xfff);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(vcpu.run_page().gpr(3), 0xfff * 0x1000 / 2);
}

#[test]
fn an_instruction_that_overwrites_itself_completes() {
    // mvc 0(10,%r2),0(%r3) over itself and what follows it.
    let guest = Guest::new();
    guest.put(CODE, &[0xd2, 0x09, 0x20, 0x00, 0x30, 0x00]);
    guest.put(CODE + 6, &SPIN);
    let new = [&[0; 6][..], &DIAG_501].concat();
    guest.put(0x4000, &new);
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_gpr(2, CODE);
    vcpu.run_page().set_gpr(3, 0x4000);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(guest.bytes::<10>(CODE)[..], new);
}

#[test]
fn a_guest_that_overwrites_all_of_its_code_is_taken_at_its_word() {
    // A loop that clears storage downwards, itself at last: what it is then is
    // no instruction, and nor is what the new PSW leads to (F.6, operation).
    let guest = Guest::new();
    let code: [&[u8]; 3] = [
        // xc 0(256,%r2),0(%r2)
        &[0xd7, 0xff, 0x20, 0x00, 0x20, 0x00],
        // aghi %r2,-256
        &[0xa7, 0x2b, 0xff, 0x00],
        // brc 15, five halfwords back
        &[0xa7, 0xf4, 0xff, 0xfb],
    ];
    guest.put(CODE, &code.concat());
    let vcpu = guest.vcpu(0);
    vcpu.run_page().set_gpr(2, CODE + 0x200);
    // The handlers are above; leave the one for programs out.
    guest.put(PROGRAM.handler(), &DIAG_501);
    assert_eq!(run(&vcpu), EXIT_501);
    assert_eq!(vcpu.run_page().gpr(2), CODE);
    assert_eq!(guest.program(), (1, 2));
    assert_eq!(guest.old_psw(PROGRAM), Psw::new(MASKED, CODE + 8));
}

/// The client replaces a branch to itself by a DIAGNOSE on `cpus` CPUs that
/// execute it.
fn client_ends_spinning(cpus: u64) {
    let guest = Guest::new();
    // Count in storage at 0x4000 + 8 * CPU, so that the client sees them run:
    // agsi 0(%r2),1 ; brc 15, three halfwords back
    let counting: [&[u8]; 2] = [&[0xeb, 0x01, 0x20, 0x00, 0x00, 0x7a], &[0xa7, 0xf4, 0xff, 0xfd]];
    guest.put(CODE, &counting.concat());
    let running: Vec<_> = (0..cpus)
        .map(|id| {
            let vcpu = guest.vcpu(id);
            vcpu.run_page().set_gpr(2, 0x4000 + 8 * id);
            (start(&vcpu), vcpu)
        })
        .collect();
    until(|| (0..cpus).all(|id| guest.u64(0x4000 + 8 * id) > 10_000));
    // CODE + 6 is not a multiple of 4, so the client stores two halfwords one
    // after the other. In between, the branch leads 0x501 halfwords onwards.
    guest.put(CODE + 6 + 2 * 0x0501, &DIAG_501);
    guest.put(CODE + 8, &DIAG_501[2..]);
    guest.put(CODE + 6, &DIAG_501[..2]);
    for (running, vcpu) in running {
        assert_eq!(running.wait(), EXIT_501);
        let address = vcpu.run_page().psw().addr;
        assert!([CODE + 10, CODE + 10 + 2 * 0x0501].contains(&address), "{address:#x}");
    }
}

#[test]
fn a_client_that_writes_code_is_seen_by_a_running_cpu() {
    client_ends_spinning(1);
}

#[test]
fn a_client_that_writes_code_is_seen_by_two_running_cpus() {
    client_ends_spinning(2);
}

/// A guest that executes `la %r1,N` over and over and stores what it got at
/// `0x4000`, until that is zero.
fn echo(guest: &Guest, id: u64) -> Vcpu {
    let code: [&[u8]; 5] = [
        // la %r1,1
        &[0x41, 0x10, 0x00, 0x01],
        // sth %r1,0(%r2)
        &[0x40, 0x10, 0x20, 0x00],
        // ltgr %r1,%r1
        &[0xb9, 0x02, 0x00, 0x11],
        // brc 7, six halfwords back
        &[0xa7, 0x74, 0xff, 0xfa],
        &DIAG_501,
    ];
    guest.put(CODE, &code.concat());
    let vcpu = guest.vcpu(id);
    vcpu.run_page().set_gpr(2, 0x4000 + 8 * id);
    vcpu
}

#[test]
fn every_value_that_a_client_writes_into_code_is_executed() {
    let guest = Guest::new();
    let cpus = [0, 1].map(|id| start(&echo(&guest, id)));
    for value in (1..=200_u16).rev().chain([0]) {
        guest.put(CODE + 2, &value.to_be_bytes());
        until(|| [0x4000_u64, 0x4008].into_iter().all(|at| guest.u16(at) == value));
    }
    for running in cpus {
        assert_eq!(running.wait(), EXIT_501);
    }
}

#[test]
fn a_client_that_writes_code_between_runs_is_seen() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0);
    for value in 0..100_u8 {
        guest.put(CODE, &[0x41, 0x10, 0x00, value]);
        guest.put(CODE + 4, &DIAG_501);
        vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
        assert_eq!(run(&vcpu), EXIT_501);
        assert_eq!(vcpu.run_page().gpr(1), value.into());
    }
}

#[test]
fn code_that_another_cpu_writes_is_executed() {
    // CPU 1 stores the operand of CPU 0's la and waits until CPU 0 has seen
    // it, from 0xfff down to 0.
    let guest = Guest::new();
    let reader = echo(&guest, 0);
    let code: [&[u8]; 6] = [
        // aghi %r4,-1
        &[0xa7, 0x4b, 0xff, 0xff],
        // sth %r4,2(%r3)
        &[0x40, 0x40, 0x30, 0x02],
        // ch %r4,0(%r2)
        &[0x49, 0x40, 0x20, 0x00],
        // brc 7, two halfwords back
        &[0xa7, 0x74, 0xff, 0xfe],
        // ltgr %r4,%r4 ; brc 7, ten halfwords back
        &[0xb9, 0x02, 0x00, 0x44, 0xa7, 0x74, 0xff, 0xf6],
        &DIAG_501,
    ];
    guest.put(CODE + 0x1000, &code.concat());
    let writer = guest.vcpu(1);
    writer.run_page().set_psw(Psw::new(MASKED, CODE + 0x1000));
    for (r, value) in [(2, 0x4000), (3, CODE), (4, 0x1000)] {
        writer.run_page().set_gpr(r, value);
    }
    let running = [start(&reader), start(&writer)];
    for running in running {
        assert_eq!(running.wait(), EXIT_501);
    }
    assert_eq!((reader.run_page().gpr(1), writer.run_page().gpr(4)), (0, 0));
}
