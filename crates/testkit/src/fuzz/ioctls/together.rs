//! Two vcpus that run while other ioctls change what they run on.

use super::answers::{self, Family};
use super::client::{Client, Place};
use super::{Source, arguments};
use lowcore_abi::*;
use lowcore_kvm::{Errno, Object, Reply, System, Vcpu, dispatch};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use zerocopy::IntoBytes;

/// Ioctls of one input beside the runs.
const CALLS: u16 = 32;

/// Lets two vcpus run guest code made of `bytes` on threads of their own, and
/// meanwhile calls ioctls on their VM and injects interrupts. Returns how many
/// runs there were.
///
/// # Panics
/// If an ioctl fails with an errno that the specification does not give it.
pub fn together(bytes: &[u8], client: &Client) -> u64 {
    let source = &mut Source::new(bytes);
    client.clear();
    let made = |object: &Object, number, argument| match dispatch(
        object,
        number,
        argument,
        client.memory(),
    ) {
        Ok(Reply::Object(new) | Reply::Device { device: new, .. }) => new,
        other => panic!("{number:#x} answered {other:?}"),
    };
    let vm = made(&Object::System(System::new()), KVM_CREATE_VM, 0);
    let slot = client.put(Place::Aligned, &client.whole_slot());
    let added = dispatch(&vm, KVM_SET_USER_MEMORY_REGION, slot, client.memory());
    assert!(matches!(added, Ok(Reply::Value(0))), "the first slot: {added:?}");
    let device = kvm_create_device { type_: KVM_DEV_TYPE_FLIC, ..kvm_create_device::default() };
    let flic = made(&vm, KVM_CREATE_DEVICE, client.put(Place::Aligned, device.as_bytes()));
    let vcpus = [0, 1].map(|id| made(&vm, KVM_CREATE_VCPU, id));
    client.put_guest(source);
    for vcpu in vcpus.iter().filter_map(handle) {
        arguments::run_page(source, vcpu.run_page(), true);
    }
    let done = AtomicBool::new(false);
    let runs = thread::scope(|scope| {
        let running = vcpus.each_ref().map(|vcpu| scope.spawn(|| run(vcpu, client, &done)));
        for _ in 0..source.below(CALLS) {
            call(source, client, &vm, &flic, &vcpus);
        }
        done.store(true, Ordering::Release);
        while !running.iter().all(thread::ScopedJoinHandle::is_finished) {
            vcpus.iter().filter_map(handle).for_each(Vcpu::kick);
            thread::sleep(Duration::from_micros(20));
        }
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|p| std::panic::resume_unwind(p)))
            .sum()
    });
    client.check_untouched();
    runs
}

fn handle(object: &Object) -> Option<&Vcpu> {
    match object {
        Object::Vcpu(vcpu) => Some(vcpu),
        _ => None,
    }
}

/// Runs a vcpu again and again. How often.
fn run(vcpu: &Object, client: &Client, done: &AtomicBool) -> u64 {
    let mut runs = 0;
    while !done.load(Ordering::Acquire) {
        let answer = dispatch(vcpu, KVM_RUN, 0, client.memory());
        check(Family::Vcpu, KVM_RUN, &answer);
        runs += 1;
    }
    runs
}

/// One ioctl that does not wait for a run.
fn call(source: &mut Source<'_>, client: &Client, vm: &Object, flic: &Object, vcpus: &[Object; 2]) {
    let (object, family, number) = match source.u8() % 8 {
        0 => (flic, Family::Flic, source.pick(Family::Flic.numbers())),
        1..=3 => (vm, Family::Vm, source.pick(Family::Vm.numbers())),
        n => {
            let vcpu = &vcpus[usize::from(n % 2)];
            if source.one_in(4) {
                handle(vcpu).into_iter().for_each(Vcpu::kick);
            }
            (vcpu, Family::Vcpu, source.pick(&[KVM_S390_IRQ, KVM_S390_IRQ, KVM_S390_INTERRUPT]))
        }
    };
    // More vcpus would never run.
    if number != KVM_CREATE_VCPU {
        let argument = arguments::argument(source, client, family, number);
        check(family, number, &dispatch(object, number, argument, client.memory()));
    }
}

fn check(family: Family, number: u32, answer: &Result<Reply, Errno>) {
    if let Err(Errno(errno)) = answer {
        let name = names::ioctl_name(number).unwrap_or("an unknown ioctl");
        let allowed = answers::errnos(family, number);
        assert!(allowed.contains(errno), "{family:?}: {name} failed with {errno}");
    }
}
