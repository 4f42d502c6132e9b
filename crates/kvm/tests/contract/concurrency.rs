//! What waits for KVM_RUN and what does not (A.4, B.1), and injection from
//! other threads.

use crate::client::Client;
use crate::guest::*;
use lowcore_abi::*;
use lowcore_kvm::{Error, Vcpu};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A loop that no correct program takes this long for.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "nothing happened");
        std::thread::yield_now();
    }
}

/// Ends a run when the test that watches it fails, so that it can be reported.
struct EndsRun<'a>(&'a Vcpu);

impl Drop for EndsRun<'_> {
    fn drop(&mut self) {
        self.0.kick();
    }
}

/// A guest that increments the doubleword at 0x8_0000 for ever.
fn counting(guest: &Guest, mask: u64) -> Vcpu {
    // agsi 0(%r2),1; j .-6
    guest.put(CODE, &[0xeb, 0x01, 0x20, 0x00, 0x00, 0x7a, 0xa7, 0xf4, 0xff, 0xfd]);
    let vcpu = guest.vcpu(0, mask);
    vcpu.run_page().set_gpr(2, 0x8_0000);
    vcpu
}

#[test]
fn only_injections_do_not_wait_for_a_run() {
    let guest = Guest::new();
    let vcpu = counting(&guest, MASKED);
    let started = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| vcpu.run());
        let _ends = EndsRun(&vcpu);
        wait_until(|| guest.u64(0x8_0000) > 1000);
        // These return although the guest goes on.
        let client = Client::new();
        let timer = kvm_s390_irq::of_type(KVM_S390_INT_CPU_TIMER);
        assert_eq!(client.pass(&object(&vcpu), KVM_S390_IRQ, &timer), Ok(0));
        let older = kvm_s390_interrupt { type_: KVM_S390_INT_CLOCK_COMP, parm: 0, parm64: 0 };
        assert_eq!(client.pass(&object(&vcpu), KVM_S390_INTERRUPT, &older), Ok(0));
        let before = guest.u64(0x8_0000);
        wait_until(|| guest.u64(0x8_0000) > before);

        let other = scope.spawn(|| {
            started.store(true, Ordering::Release);
            let state = vcpu.get_mp_state();
            done.store(true, Ordering::Release);
            state
        });
        wait_until(|| started.load(Ordering::Acquire));
        let before = guest.u64(0x8_0000);
        wait_until(|| guest.u64(0x8_0000) > before + 100_000);
        assert!(!done.load(Ordering::Acquire), "it did not wait for the run");
        vcpu.kick();
        assert_eq!(runner.join().unwrap(), Err(Error::Interrupted));
        assert_eq!(other.join().unwrap(), KVM_MP_STATE_OPERATING);
    });
}

#[test]
fn a_restart_reaches_a_running_cpu() {
    let guest = Guest::new();
    let vcpu = counting(&guest, MASKED);
    let injector = vcpu.injector();
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| vcpu.run());
        let _ends = EndsRun(&vcpu);
        wait_until(|| guest.u64(0x8_0000) > 1000);
        injector.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART)).unwrap();
        wait_until(|| runner.is_finished());
        assert_eq!(runner.join().unwrap(), Ok(EXIT_501));
    });
    let old = guest.psw(0x120);
    assert_eq!(old.mask & !(3 << 44), MASKED);
    assert!([CODE, CODE + 6].contains(&old.addr), "{old:?}");
}

/// A slot can be removed and put back while the guest runs elsewhere.
#[test]
fn slots_change_under_a_running_guest() {
    let guest = Guest::new();
    let vcpu = counting(&guest, MASKED);
    let spare = lowcore_host::memory::HostRange::of(
        &lowcore_host::memory::Mapping::anonymous(1 << 20).unwrap(),
    );
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| vcpu.run());
        let _ends = EndsRun(&vcpu);
        wait_until(|| guest.u64(0x8_0000) > 1000);
        for _ in 0..50 {
            guest.vm.set_user_memory_region(1, 0, 16 << 20, spare.clone()).unwrap();
            guest.vm.remove_memory_region(1).unwrap();
        }
        let before = guest.u64(0x8_0000);
        wait_until(|| guest.u64(0x8_0000) > before);
        vcpu.kick();
        assert_eq!(runner.join().unwrap(), Err(Error::Interrupted));
    });
}

/// Emergency signals into a CPU that counts them, waiting and running in turn:
/// each is answered before the next is sent, and none is lost.
#[test]
fn none_is_lost() {
    for mask in [EXTERNAL, EXTERNAL | WAIT] {
        let guest = Guest::new();
        // The handler counts at 0x9_0000 and resumes the old PSW.
        let handler = [
            0xeb, 0x01, 0x30, 0x00, 0x00, 0x7a, // agsi 0(%r3),1
            0xb2, 0xb2, 0x01, 0x30, // lpswe 0x130
        ];
        guest.put(HANDLER + 0x100, &handler);
        let vcpu = counting(&guest, mask);
        vcpu.run_page().set_gpr(3, 0x9_0000);
        let mut sregs = vcpu.get_sregs();
        sregs.crs[0] = 0x4000;
        vcpu.set_sregs(&sregs);
        let injector = vcpu.injector();
        let irq = kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: 0 });
        std::thread::scope(|scope| {
            let runner = scope.spawn(|| vcpu.run());
            let _ends = EndsRun(&vcpu);
            for count in 1..=5_000 {
                injector.inject(&irq).unwrap();
                wait_until(|| guest.u64(0x9_0000) >= count);
                assert_eq!(guest.u64(0x9_0000), count);
            }
            vcpu.kick();
            assert_eq!(runner.join().unwrap(), Err(Error::Interrupted));
        });
        assert!(vcpu.get_irq_state().is_empty());
    }
}

/// Two CPUs that stop and store each other's status by SIGP never block.
#[test]
fn cpus_that_signal_each_other() {
    let guest = Guest::new();
    // sigp %r1,%r3,sense; agsi 0(%r2),1; j .-10
    let code = [0xae, 0x13, 0x00, 0x01, 0xeb, 0x01, 0x20, 0x00, 0x00, 0x7a, 0xa7, 0xf4, 0xff, 0xfb];
    guest.put(CODE, &code);
    let cpus = [guest.vcpu(0, MASKED), guest.vcpu(1, MASKED)];
    for (n, cpu) in cpus.iter().enumerate() {
        cpu.run_page().set_gpr(2, 0x8_0000 + 0x100 * n as u64);
        cpu.run_page().set_gpr(3, 1 - n as u64);
    }
    std::thread::scope(|scope| {
        let runners: Vec<_> = cpus.iter().map(|cpu| scope.spawn(|| cpu.run())).collect();
        let _end = cpus.each_ref().map(EndsRun);
        wait_until(|| guest.u64(0x8_0000) > 10_000 && guest.u64(0x8_0100) > 10_000);
        for cpu in &cpus {
            cpu.kick();
        }
        for runner in runners {
            assert_eq!(runner.join().unwrap(), Err(Error::Interrupted));
        }
    });
}
