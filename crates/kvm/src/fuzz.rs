//! Bytes as a sequence of ioctls with wild arguments on real objects: what a
//! fuzzer drives, and what the tests replay with random bytes.

use crate::{Object, Reply, RunPage, System, Vcpu, dispatch};
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use lowcore_abi::*;
use lowcore_arch::{Psw, bits};
use lowcore_host::memory::{ClientMemory, HostRange};

/// Bytes of client memory that [`ioctl_bytes`] needs. Guest storage is the
/// first half of it, arguments lie anywhere in that.
pub const ARENA: usize = 4 << 20;

/// Where buffers of arguments may start; none of them is longer than the rest.
const BUFFERS: u64 = 2 << 20;
/// How long a guest may run before it is asked to leave.
const TIME_SLICE: Duration = Duration::from_micros(50);
/// Objects that are kept.
const MAX_OBJECTS: usize = 12;

/// What a sequence of ioctls did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many were made.
    pub calls: u32,
    /// How many of them succeeded.
    pub succeeded: u32,
}

/// Bytes that run out.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn word(&mut self) -> Option<u64> {
        (0..8).try_fold(0, |word, _| Some(word << 8 | u64::from(self.byte()?)))
    }

    fn pick<'b, T>(&mut self, choices: &'b [T]) -> Option<&'b T> {
        let index = usize::from(self.byte()?);
        choices.get(index % choices.len().max(1))
    }
}

/// Values that mean something in one field or another.
const VALUES: &[u32] = &[
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    16,
    71,
    72,
    144,
    0x1000,
    0x1_0000,
    0x1_0001,
    0x10_0000,
    KVM_S390_SIGP_STOP,
    KVM_S390_PROGRAM_INT,
    KVM_S390_SIGP_SET_PREFIX,
    KVM_S390_RESTART,
    KVM_S390_INT_PFAULT_INIT,
    KVM_S390_INT_PFAULT_DONE,
    KVM_S390_MCHK,
    KVM_S390_INT_CLOCK_COMP,
    KVM_S390_INT_CPU_TIMER,
    KVM_S390_INT_EMERGENCY,
    KVM_S390_INT_EXTERNAL_CALL,
    KVM_S390_INT_SERVICE,
    KVM_S390_INT_VIRTIO,
    KVM_CAP_S390_USER_SIGP,
    KVM_CAP_S390_USER_INSTR0,
    KVM_CAP_S390_CSS_SUPPORT,
    u32::MAX,
];

/// What each kind of object knows, but for the ioctls that are made with more
/// care.
fn known(object: &Object) -> &'static [u32] {
    match object {
        Object::System(_) => &[KVM_GET_API_VERSION, KVM_CHECK_EXTENSION, KVM_CREATE_VM],
        Object::Vm(_) => &[
            KVM_CREATE_VCPU,
            KVM_ENABLE_CAP,
            KVM_CHECK_EXTENSION,
            KVM_GET_DIRTY_LOG,
            KVM_S390_INTERRUPT,
            KVM_CREATE_DEVICE,
            KVM_SET_DEVICE_ATTR,
            KVM_GET_DEVICE_ATTR,
            KVM_HAS_DEVICE_ATTR,
            KVM_S390_GET_SKEYS,
            KVM_S390_SET_SKEYS,
            KVM_S390_MEM_OP,
        ],
        Object::Vcpu(_) => &[
            KVM_S390_IRQ,
            KVM_S390_INTERRUPT,
            KVM_S390_GET_IRQ_STATE,
            KVM_S390_SET_IRQ_STATE,
            KVM_GET_REGS,
            KVM_SET_REGS,
            KVM_GET_SREGS,
            KVM_SET_SREGS,
            KVM_GET_FPU,
            KVM_SET_FPU,
            KVM_GET_ONE_REG,
            KVM_SET_ONE_REG,
            KVM_GET_MP_STATE,
            KVM_SET_MP_STATE,
            KVM_SET_SIGNAL_MASK,
            KVM_ENABLE_CAP,
            KVM_S390_SET_INITIAL_PSW,
            KVM_S390_NORMAL_RESET,
            KVM_S390_INITIAL_RESET,
            KVM_S390_CLEAR_RESET,
            KVM_S390_STORE_STATUS,
            KVM_S390_MEM_OP,
        ],
        Object::Flic(_) => &[KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR],
    }
}

struct Session<'a> {
    client: &'a ClientMemory,
    arena: &'a HostRange,
    objects: Vec<Object>,
    outcome: Outcome,
}

/// Makes ioctls as `data` says, on a system, its VMs, vcpus and controllers.
/// `arena` is [`ARENA`] bytes that `client` may name: every pointer leads
/// there or to an address that no process maps.
pub fn ioctl_bytes(data: &[u8], client: &ClientMemory, arena: &HostRange) -> Outcome {
    let mut session = Session {
        client,
        arena,
        objects: vec![Object::System(System::new())],
        outcome: Outcome::default(),
    };
    // Most sequences should get as far as a vcpu with storage.
    session.call(0, KVM_CREATE_VM, 0);
    session.set_region(1, 0, 0, 1 << 20, arena.base());
    session.call(1, KVM_CREATE_VCPU, 0);
    let mut input = Input(data);
    while session.step(&mut input).is_some() {}
    session.outcome
}

impl Session<'_> {
    fn step(&mut self, input: &mut Input<'_>) -> Option<()> {
        let object = usize::from(input.byte()?) % self.objects.len();
        match input.byte()? % 8 {
            0 => self.poke_storage(input),
            1 => self.poke_run_page(object, input),
            2 => {
                let (slot, flags) = (input.byte()?, input.byte()?);
                let guest = u64::from(input.byte()? % 4) << 20;
                let size = *input.pick(&[0, 0x1000, 1 << 20, 2 << 20])?;
                let host = *input.pick(&[self.arena.base(), 0x1000, 0])?;
                self.set_region(object, u32::from(slot % 4), guest | u64::from(flags), size, host);
                Some(())
            }
            3 => self.run(object),
            _ => self.ioctl(object, input),
        }
    }

    /// Any ioctl but those that [`Session::step`] makes with more care.
    fn ioctl(&mut self, object: usize, input: &mut Input<'_>) -> Option<()> {
        let number = match input.byte()? {
            0..=20 => bits::low32(input.pick(IOCTLS.constants)?.value),
            21..=25 => bits::low32(input.word()?),
            _ => *input.pick(known(self.objects.get(object)?))?,
        };
        let argument = match input.byte()? % 8 {
            0 => u64::from(*input.pick(VALUES)?),
            1 => *input.pick(&[0, 0x10, u64::MAX, 1 << 63])?,
            _ => self.structure(input)?,
        };
        if !matches!(number, KVM_SET_USER_MEMORY_REGION | KVM_SET_USER_MEMORY_REGION2 | KVM_RUN) {
            self.call(object, number, argument);
        }
        Some(())
    }

    /// A structure of up to 128 bytes. A word of it is an address in the
    /// arena, or one that is never mapped if it is taken for an address.
    fn structure(&self, input: &mut Input<'_>) -> Option<u64> {
        let at = u64::from(input.byte()?) << 8 | u64::from(input.byte()?);
        for n in 0..u64::from(input.byte()? % 17) {
            let word = match input.byte()? % 6 {
                0 => self.arena.base() + input.word()? % BUFFERS,
                1 => u64::from(*input.pick(VALUES)?) | u64::from(input.byte()?) << 32,
                2 => 1 << 63 | input.word()?,
                3 => input.pick(ONE_REGS.constants)?.value,
                4 => u64::from(input.byte()?),
                _ => u64::from(*input.pick(VALUES)?),
            };
            self.arena.store_u64(bits::index(at + 8 * n), word).ok()?;
        }
        Some(self.arena.base() + at)
    }

    fn poke_storage(&self, input: &mut Input<'_>) -> Option<()> {
        // Low core and code, mostly.
        let at = bits::index(input.word()? % 0x4000);
        self.arena.store_u64(at, input.word()?).ok()
    }

    fn poke_run_page(&self, object: usize, input: &mut Input<'_>) -> Option<()> {
        let Some(Object::Vcpu(vcpu)) = self.objects.get(object) else { return Some(()) };
        let page: &RunPage = vcpu.run_page();
        let value = input.word()?;
        match input.byte()? % 8 {
            0 => page.set_immediate_exit(value & 1 != 0),
            1 => page.set_dirty(value & 0x3fff),
            2 => page.set_psw(Psw::new(value, value >> 40)),
            3 => page.set_psw(Psw::new(0x1_8000_0000 | value & 7 << 56, value & 0x3fff)),
            4 => page.set_prefix(value),
            5 => page.set_cr(usize::from(input.byte()?), value),
            6 => page.set_gpr(usize::from(input.byte()?), value),
            _ => page.set_valid(value & 0x3fff),
        }
        Some(())
    }

    fn set_region(&mut self, object: usize, slot: u32, guest: u64, size: u64, host: u64) {
        let region = kvm_userspace_memory_region {
            slot,
            flags: bits::low32(guest & 3),
            guest_phys_addr: guest & !0xff,
            memory_size: size,
            userspace_addr: host,
        };
        let at = ARENA - 0x1000;
        if self.arena.write(at, zerocopy::IntoBytes::as_bytes(&region)).is_ok() {
            self.call(object, KVM_SET_USER_MEMORY_REGION, self.arena.base() + at as u64);
        }
    }

    /// KVM_RUN, with somebody who ends it.
    fn run(&mut self, object: usize) -> Option<()> {
        let Some(Object::Vcpu(vcpu)) = self.objects.get(object) else { return Some(()) };
        let vcpu: Vcpu = vcpu.clone();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    std::thread::sleep(TIME_SLICE);
                    vcpu.kick();
                }
            });
            self.call(object, KVM_RUN, 0);
            done.store(true, Ordering::Release);
        });
        Some(())
    }

    fn call(&mut self, object: usize, number: u32, argument: u64) {
        let Some(target) = self.objects.get(object) else { return };
        let reply = dispatch(target, number, argument, self.client);
        self.outcome.calls += 1;
        let Ok(reply) = reply else { return };
        self.outcome.succeeded += 1;
        match reply {
            Reply::Value(_) => {}
            Reply::Object(new) | Reply::Device { device: new, .. } => {
                if self.objects.len() < MAX_OBJECTS {
                    self.objects.push(new);
                }
            }
        }
    }
}
