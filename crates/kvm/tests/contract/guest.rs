//! A small guest: one slot of storage at 0, and code written by hand.

use lowcore_abi::kvm_s390_irq;
use lowcore_arch::Psw;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_kvm::{Error, Exit, Object, System, Vcpu, Vm, icptcode};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use zerocopy::IntoBytes;

/// 64-bit mode, everything masked.
pub const MASKED: u64 = 0x0000_0001_8000_0000;
/// 64-bit mode, enabled for external interruptions.
pub const EXTERNAL: u64 = 0x0100_0001_8000_0000;
/// 64-bit mode, enabled for machine checks.
pub const MACHINE_CHECK: u64 = 0x0004_0001_8000_0000;
/// 64-bit mode, enabled for I/O interruptions.
pub const IO: u64 = 0x0200_0001_8000_0000;
/// The wait bit.
pub const WAIT: u64 = 0x0002_0000_0000_0000;

/// Where programs start.
pub const CODE: u64 = 0x1_0000;
/// Where every new PSW of the low core leads to: a DIAGNOSE 0x501.
pub const HANDLER: u64 = 0x2_0000;

/// DIAGNOSE 0x501, which every handler begins with.
pub const DIAG_501: [u8; 4] = [0x83, 0x00, 0x05, 0x01];
/// A branch to itself.
pub const SPIN: [u8; 4] = [0xa7, 0xf4, 0x00, 0x00];

/// The exit of a DIAGNOSE 0x501.
pub const EXIT_501: Exit =
    Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: 0x8300, ipb: 0x0501_0000 };

/// An exit with an intercept code and no instruction.
pub const fn sieic(icptcode: u8) -> Exit {
    Exit::Sieic { icptcode, ipa: 0, ipb: 0 }
}

pub const SIZE: usize = 2 << 20;

pub struct Guest {
    pub vm: Vm,
    pub memory: HostRange,
}

impl Guest {
    /// 2 MiB of zeros but for the six new PSWs, which lead to [`HANDLER`]
    /// plus 0x100 for each: restart, external, supervisor call, program,
    /// machine check, I/O.
    pub fn new() -> Self {
        let guest = Self::empty();
        for (n, new_psw) in (0x1a0..0x200).step_by(16).enumerate() {
            let handler = HANDLER + 0x100 * n as u64;
            guest.psw_at(new_psw, Psw::new(MASKED, handler));
            guest.put(handler, &DIAG_501);
        }
        guest
    }

    /// 2 MiB of zeros.
    pub fn empty() -> Self {
        let vm = System::new().create_vm().unwrap();
        let memory = HostRange::of(&Mapping::anonymous(SIZE).unwrap());
        vm.set_user_memory_region(0, 0, 0, memory.clone()).unwrap();
        Self { vm, memory }
    }

    pub fn put(&self, address: u64, bytes: &[u8]) {
        self.memory.write(usize::try_from(address).unwrap(), bytes).unwrap();
    }

    pub fn bytes(&self, address: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.memory.read(usize::try_from(address).unwrap(), &mut bytes).unwrap();
        bytes
    }

    pub fn u8(&self, address: u64) -> u8 {
        self.bytes(address, 1)[0]
    }

    pub fn u16(&self, address: u64) -> u16 {
        u16::from_be_bytes(self.bytes(address, 2).try_into().unwrap())
    }

    pub fn u32(&self, address: u64) -> u32 {
        u32::from_be_bytes(self.bytes(address, 4).try_into().unwrap())
    }

    pub fn u64(&self, address: u64) -> u64 {
        u64::from_be_bytes(self.bytes(address, 8).try_into().unwrap())
    }

    pub fn psw(&self, address: u64) -> Psw {
        Psw::new(self.u64(address), self.u64(address + 8))
    }

    pub fn psw_at(&self, address: u64, psw: Psw) {
        self.put(address, &psw.to_bytes());
    }

    /// A vcpu whose PSW designates [`CODE`].
    pub fn vcpu(&self, id: u64, mask: u64) -> Vcpu {
        let vcpu = self.vm.create_vcpu(id).unwrap();
        vcpu.run_page().set_psw(Psw::new(mask, CODE));
        vcpu
    }

    /// Storage, and the pending interrupts and state of a vcpu.
    pub fn everything(&self, vcpu: &Vcpu) -> (Vec<u8>, Vec<Vec<u8>>, u32) {
        let irqs = vcpu.get_irq_state().iter().map(|irq| irq.as_bytes().to_vec()).collect();
        (self.bytes(0, SIZE), irqs, vcpu.get_mp_state())
    }
}

/// Runs a vcpu on a thread of its own.
pub fn start(vcpu: &Vcpu) -> JoinHandle<Result<Exit, Error>> {
    let vcpu = vcpu.clone();
    std::thread::spawn(move || vcpu.run())
}

/// What that run ended with; it must end within a time that no correct program
/// needs.
pub fn outcome(vcpu: &Vcpu, run: JoinHandle<Result<Exit, Error>>) -> Result<Exit, Error> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let start = Instant::now();
    while !run.is_finished() {
        if start.elapsed() > PATIENCE {
            vcpu.kick();
            panic!("the run does not end: {:?}", run.join());
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    run.join().unwrap()
}

/// A vcpu as an ioctl sees it.
pub fn object(vcpu: &Vcpu) -> Object {
    Object::Vcpu(vcpu.clone())
}

/// The types of what is pending, in the order of `KVM_S390_GET_IRQ_STATE`.
pub fn types(irqs: &[kvm_s390_irq]) -> Vec<u64> {
    irqs.iter().map(|irq| irq.type_).collect()
}
