//! What a VM costs in memory beside guest storage: the growth of this
//! process's resident pages, guest pages not counted.
#![expect(clippy::expect_used, reason = "a failing set-up ends the benchmark")]

use lowcore_arch::Psw;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_kvm::{System, Vcpu, Vm};

const CPUS: u64 = 2;
/// Where the guest's only instruction stands: one resident guest page.
const START: u64 = 0x1_0000;

/// Private resident memory of this process in KiB, file pages not counted.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    ["RssAnon:", "RssShmem:"]
        .iter()
        .map(|field| {
            let line = status.lines().find(|line| line.starts_with(field));
            line.and_then(|line| line.split_whitespace().nth(1))
                .and_then(|kib| kib.parse::<u64>().ok())
                .expect("Linux shows resident memory by kind")
        })
        .sum()
}

fn machine() -> Result<(Vm, Vec<Vcpu>), lowcore_kvm::Error> {
    let memory = Mapping::anonymous(256 << 20).expect("256 MiB can be reserved");
    let range = HostRange::of(&memory);
    range.write(usize::try_from(START).expect("64-bit host"), &[0x83, 0, 5, 1]).expect("mapped");
    let vm = System::new().create_vm()?;
    vm.set_user_memory_region(0, 0, 0, range)?;
    let mut vcpus = Vec::new();
    for id in 0..CPUS {
        let vcpu = vm.create_vcpu(id)?;
        vcpu.run_page().set_psw(Psw::new(0x1_8000_0000, START));
        vcpu.run()?;
        vcpus.push(vcpu);
    }
    Ok((vm, vcpus))
}

fn main() {
    // The first VM also pays for what the process has only once.
    let before = resident_kib();
    let first = machine().expect("the first VM runs");
    let between = resident_kib();
    let second = machine().expect("the second VM runs");
    let after = resident_kib();
    // One page of each guest is resident.
    let beside = |from: u64, to: u64| (to.saturating_sub(from)).saturating_sub(4);
    println!("memory beside guest storage, {CPUS} CPUs, 256 MiB:");
    println!("  first VM of a process   {:>6} KiB", beside(before, between));
    println!("  every further VM        {:>6} KiB", beside(between, after));
    drop((first, second));
}
