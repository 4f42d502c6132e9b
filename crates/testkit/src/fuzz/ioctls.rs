//! The raw entry of every ioctl, under a client that passes anything.

mod answers;
mod arguments;
mod client;
mod together;

use super::Source;
use answers::Family;
use client::Place;
use lowcore_abi::*;
use lowcore_kvm::{Errno, Object, Reply, System, Vcpu, Vm, dispatch};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use zerocopy::IntoBytes;

pub use client::{Access, Client};
pub use together::together;

/// Ioctls of one input.
const CALLS: u16 = 48;
/// Objects of each kind.
const VMS: usize = 2;
const VCPUS: usize = 4;

/// How long a guest runs before it is asked to leave.
const RUN: Duration = Duration::from_micros(50);

/// Lets a client made of `bytes` call ioctls on VMs, vcpus and a
/// floating-interrupt controller of its own. Returns how many it called and
/// how many of them succeeded.
///
/// # Panics
/// If an ioctl fails with an errno that the specification does not give it,
/// changes something although it fails, or touches memory that is not its
/// argument's.
pub fn ioctls(bytes: &[u8], client: &Client) -> (u64, u64) {
    let source = &mut Source::new(bytes);
    client.clear();
    let mut session = Session {
        client,
        objects: vec![Object::System(System::new())],
        guest: source.one_in(2),
        calls: 0,
        succeeded: 0,
    };
    session.begin(source);
    for _ in 0..source.below(CALLS) {
        session.call(source);
        if source.is_empty() {
            break;
        }
    }
    client.check_untouched();
    (session.calls, session.succeeded)
}

struct Session<'a> {
    client: &'a Client,
    objects: Vec<Object>,
    /// Whether guests get code to execute.
    guest: bool,
    calls: u64,
    succeeded: u64,
}

/// What a failing ioctl must leave as it is.
#[derive(Debug, PartialEq)]
struct Interrupts {
    local: Vec<Vec<kvm_s390_irq>>,
    floating: Vec<Vec<kvm_s390_irq>>,
}

impl Session<'_> {
    /// A VM with a slot and a vcpu, without which few ioctls do much.
    fn begin(&mut self, source: &mut Source<'_>) {
        self.call_with(source, 0, KVM_CREATE_VM, 0);
        if source.one_in(16) {
            return;
        }
        let place = self.client.put(Place::Aligned, &self.client.whole_slot());
        self.call_with(source, 1, KVM_SET_USER_MEMORY_REGION, place);
        self.call_with(source, 1, KVM_CREATE_VCPU, 0);
        if source.one_in(2) {
            let device =
                kvm_create_device { type_: KVM_DEV_TYPE_FLIC, ..kvm_create_device::default() };
            let place = self.client.put(Place::Aligned, device.as_bytes());
            self.call_with(source, 1, KVM_CREATE_DEVICE, place);
        }
        if source.one_in(2) {
            self.call_with(source, 1, KVM_CREATE_VCPU, 3);
        }
        if self.guest {
            self.client.put_guest(source);
        }
    }

    fn vms(&self) -> impl Iterator<Item = &Vm> {
        self.objects.iter().filter_map(|object| match object {
            Object::Vm(vm) => Some(vm),
            _ => None,
        })
    }

    fn vcpus(&self) -> impl Iterator<Item = &Vcpu> {
        self.objects.iter().filter_map(|object| match object {
            Object::Vcpu(vcpu) => Some(vcpu),
            _ => None,
        })
    }

    fn interrupts(&self) -> Interrupts {
        Interrupts {
            local: self.vcpus().map(Vcpu::get_irq_state).collect(),
            floating: self
                .objects
                .iter()
                .filter_map(|object| match object {
                    Object::Flic(flic) => Some(flic.all_interrupts()),
                    _ => None,
                })
                .collect(),
        }
    }

    /// Any ioctl on any object.
    fn call(&mut self, source: &mut Source<'_>) {
        let index = usize::from(source.u8()) % self.objects.len();
        let family = Family::of(&self.objects[index]);
        if family == Family::Vcpu && source.one_in(6) {
            // One that is pending meets others of its type.
            for irq in arguments::irqs_of_one_type(source) {
                let place = self.client.put(Place::Aligned, irq.as_bytes());
                self.call_with(source, index, KVM_S390_IRQ, place);
            }
            return;
        }
        let number = if source.one_in(16) {
            source.number32()
        } else if source.one_in(16) {
            // Known, but perhaps not here.
            let all = IOCTLS.constants;
            lowcore_arch::bits::low32(all[usize::from(source.u8()) % all.len()].value)
        } else {
            source.pick(family.numbers())
        };
        let argument = arguments::argument(source, self.client, family, number);
        self.call_with(source, index, number, argument);
    }

    fn call_with(&mut self, source: &mut Source<'_>, index: usize, number: u32, argument: u64) {
        let Some(object) = self.objects.get(index).cloned() else { return };
        let family = Family::of(&object);
        let full = match number {
            KVM_CREATE_VM => self.vms().count() >= VMS,
            KVM_CREATE_VCPU => self.vcpus().count() >= VCPUS,
            _ => false,
        };
        if full {
            return;
        }
        let before = self.interrupts();
        let reads_only = answers::reads_only(family, number);
        let arena = reads_only.then(|| self.client.arena());
        let answer = match &object {
            Object::Vcpu(vcpu) if number == KVM_RUN && argument == 0 => {
                self.run(source, vcpu, &object)
            }
            _ => dispatch(&object, number, argument, self.client.memory()),
        };
        if let Some(arena) = arena {
            assert!(arena == self.client.arena(), "{number:#x} wrote to its client");
        }
        self.calls += 1;
        self.succeeded += u64::from(answer.is_ok());
        let name = names::ioctl_name(number).unwrap_or("an unknown ioctl");
        match answer {
            Err(Errno(errno)) => {
                let allowed = answers::errnos(family, number);
                assert!(allowed.contains(&errno), "{family:?}: {name} failed with {errno}");
                if !answers::changes_although_it_fails(family, number) {
                    let after = self.interrupts();
                    assert_eq!(before, after, "{family:?}: {name} failed with {errno}");
                }
            }
            Ok(Reply::Value(value)) => {
                answers::check_value(family, number, value, &before.local);
            }
            Ok(Reply::Object(new)) => self.objects.push(new),
            Ok(Reply::Device { device, fd_field }) => {
                // What whoever serves file descriptors does with it.
                let _ = self.client.memory().write(fd_field, &7_u32.to_ne_bytes());
                self.objects.push(device);
            }
        }
    }

    /// A run that ends: at once, or when another thread asks for it, which
    /// meanwhile injects.
    fn run(&self, source: &mut Source<'_>, vcpu: &Vcpu, object: &Object) -> Result<Reply, Errno> {
        let page = vcpu.run_page();
        arguments::run_page(source, page, self.guest);
        let run = || {
            let answer = dispatch(object, KVM_RUN, 0, self.client.memory());
            if answer.is_ok() {
                // The registers of the CPU, whatever the client had there.
                assert_eq!(page.prefix() & !0x7fff_e000, 0, "the prefix {:#x}", page.prefix());
                assert_eq!(page.dirty(), 0, "kvm_dirty_regs is consumed");
            }
            answer
        };
        match source.u8() % 4 {
            0 => {
                page.set_immediate_exit(true);
                let before = (page.psw(), page.dirty(), page.exit_reason());
                let answer = run();
                page.set_immediate_exit(false);
                let after = (page.psw(), page.dirty(), page.exit_reason());
                assert_eq!(answer.as_ref().err(), Some(&Errno(answers::EINTR)), "immediate_exit");
                assert_eq!(before, after, "immediate_exit changes nothing");
                answer
            }
            1 => {
                vcpu.kick();
                run()
            }
            _ => {
                let done = AtomicBool::new(false);
                let irq = arguments::irq(source);
                thread::scope(|scope| {
                    scope.spawn(|| {
                        while !done.load(Ordering::Acquire) {
                            thread::sleep(RUN);
                            // It never waits for the run; a refusal will do.
                            let _ = vcpu.inject(&irq);
                            vcpu.kick();
                        }
                    });
                    let answer = run();
                    done.store(true, Ordering::Release);
                    answer
                })
            }
        }
    }
}
