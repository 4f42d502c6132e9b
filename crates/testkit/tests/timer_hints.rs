//! An injected timer interrupt is only a hint (the specification, B.5): a
//! guest whose timers are not due sees none of them, however they fall into
//! the CPU's passes of delivery.

use lowcore_abi::{
    KVM_S390_INT_CLOCK_COMP, KVM_S390_INT_CPU_TIMER, KVM_SYNC_ARCH0, KVM_SYNC_CRS, kvm_s390_irq,
};
use lowcore_arch::{ControlRegister, Psw};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_kvm::{Error, System};

const MODE: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
const HINTS: usize = 1_000_000;
/// Each round is a new race between the two threads.
const ROUNDS: usize = 10;

#[test]
fn hints_of_timers_that_are_not_due_are_all_dropped() {
    let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
    // A branch to itself, and external interruptions end in a disabled wait.
    memory.write(0x2000, &[0xa7, 0xf4, 0, 0]).unwrap();
    memory.write(0x1b0, &Psw::new(MODE | Psw::WAIT, 0xdead).to_bytes()).unwrap();
    let vm = System::new().create_vm().unwrap();
    vm.set_user_memory_region(0, 0, 0, memory).unwrap();
    let vcpu = vm.create_vcpu(0).unwrap();
    let page = vcpu.run_page();
    page.set_cr(0, ControlRegister::CR0_CLOCK_COMPARATOR | ControlRegister::CR0_CPU_TIMER);
    page.set_clock_comparator(u64::MAX);
    page.set_cpu_timer(u64::MAX >> 1);
    page.set_dirty(KVM_SYNC_CRS | KVM_SYNC_ARCH0);
    page.set_psw(Psw::new(MODE | Psw::EXTERNAL, 0x2000));
    for _ in 0..ROUNDS {
        let running = vcpu.clone();
        let hinting = std::thread::spawn(move || {
            let injector = running.injector();
            let hints = [KVM_S390_INT_CLOCK_COMP, KVM_S390_INT_CPU_TIMER];
            for hint in hints.map(kvm_s390_irq::of_type).iter().cycle().take(HINTS) {
                injector.inject(hint).unwrap();
            }
            running.kick();
        });
        let outcome = vcpu.run();
        hinting.join().unwrap();
        assert_eq!(outcome.unwrap_err(), Error::Interrupted, "an interruption was taken");
    }
}
