//! What one injection costs, and how long it takes to reach the guest.
//!
//! - `cost`: one injection through the Rust interface, beside an empty system
//!   call in the same run.
//! - `exit`: from one exit of KVM_RUN to the next, two guest instructions apart.
//! - `latency`: from the call that injects to the first instruction of the
//!   guest's handler having stored, seen from the injecting thread; into a CPU
//!   that runs and into one that waits. Needs two free cores.

use criterion::{Criterion, criterion_group, criterion_main};
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_kvm::{Error, System, Vcpu, Vm};
use std::hint::{black_box, spin_loop};
use std::time::{Duration, Instant};

const CODE: u64 = 0x1_0000;
const HANDLER: u64 = 0x2_0000;
const COUNTER: usize = 0x8_0000;
/// 64-bit mode, enabled for external interruptions.
const ENABLED: u64 = 0x0100_0001_8000_0000;
const MASKED: u64 = 0x0000_0001_8000_0000;
const WAIT: u64 = 0x0002_0000_0000_0000;
/// Long enough for a waiting CPU's thread to fall asleep.
const SETTLE: Duration = Duration::from_micros(200);

/// A guest that counts external interruptions at [`COUNTER`].
fn guest() -> (Vm, HostRange, Vcpu) {
    let vm = System::new().create_vm().expect("a VM");
    let memory = HostRange::of(&Mapping::anonymous(1 << 20).expect("memory"));
    let put = |address: u64, bytes: &[u8]| {
        let offset = usize::try_from(address).expect("a small address");
        memory.write(offset, bytes).expect("mapped memory");
    };
    put(0x1b0, &Psw::new(MASKED, HANDLER).to_bytes());
    // j .
    put(CODE, &[0xa7, 0xf4, 0x00, 0x00]);
    // agsi 0(%r2),1; lpswe 0x130
    put(HANDLER, &[0xeb, 0x01, 0x20, 0x00, 0x00, 0x7a, 0xb2, 0xb2, 0x01, 0x30]);
    vm.set_user_memory_region(0, 0, 0, memory.clone()).expect("a slot");
    let vcpu = vm.create_vcpu(0).expect("a vcpu");
    let mut sregs = vcpu.get_sregs();
    sregs.crs[0] = 0x4000;
    vcpu.set_sregs(&sregs);
    vcpu.run_page().set_gpr(2, COUNTER as u64);
    (vm, memory, vcpu)
}

fn emergency() -> kvm_s390_irq {
    kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: 0 })
}

fn cost(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cost");
    group.bench_function("empty_system_call", |bencher| {
        // SAFETY: the call takes no argument and changes nothing.
        bencher.iter(|| unsafe { libc::syscall(libc::SYS_getppid) });
    });
    let (_vm, _memory, vcpu) = guest();
    let injector = vcpu.injector();
    let pgm = kvm_s390_pgm_info { code: 0x06, ..Default::default() };
    for (name, irq) in [
        ("restart", kvm_s390_irq::of_type(KVM_S390_RESTART)),
        ("emergency_signal", emergency()),
        ("program", kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, pgm)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| injector.inject(black_box(&irq)));
        });
    }
    group.finish();
}

fn exit(criterion: &mut Criterion) {
    let (_vm, memory, vcpu) = guest();
    let code = usize::try_from(CODE).expect("a small address");
    // diag 0,0,0x501; j .-4
    let code_bytes = [0x83, 0x00, 0x05, 0x01, 0xa7, 0xf4, 0xff, 0xfe];
    memory.write(code, &code_bytes).expect("mapped memory");
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    criterion.bench_function("exit/diagnose", |bencher| {
        bencher.iter(|| vcpu.run().expect("an exit"));
    });
}

/// Injects `count` times, each answered before the next, and gives the time
/// that the answers took.
fn answered(vcpu: &Vcpu, memory: &HostRange, count: u64, settle: Duration) -> Duration {
    let injector = vcpu.injector();
    let irq = emergency();
    let seen = || u64::from_be(memory.load_u64(COUNTER).expect("mapped memory"));
    let mut total = Duration::ZERO;
    for _ in 0..count {
        if !settle.is_zero() {
            std::thread::sleep(settle);
        }
        let before = seen();
        let start = Instant::now();
        injector.inject(&irq).expect("nothing refuses an emergency signal");
        while seen() == before {
            spin_loop();
        }
        total += start.elapsed();
    }
    total
}

fn latency(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("latency");
    for (name, mask, settle) in
        [("running", ENABLED, Duration::ZERO), ("waiting", ENABLED | WAIT, SETTLE)]
    {
        let (_vm, memory, vcpu) = guest();
        vcpu.run_page().set_psw(Psw::new(mask, CODE));
        let runner = std::thread::spawn({
            let vcpu = vcpu.clone();
            move || vcpu.run()
        });
        // The first answer shows that the guest runs.
        answered(&vcpu, &memory, 1, SETTLE);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| answered(&vcpu, &memory, count, settle));
        });
        vcpu.kick();
        assert_eq!(runner.join().expect("the runner ends"), Err(Error::Interrupted));
    }
    group.finish();
}

criterion_group!(benches, cost, exit, latency);
criterion_main!(benches);
