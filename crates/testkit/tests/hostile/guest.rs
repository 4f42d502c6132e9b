//! A guest of a few words of code, run with a time limit.

use super::reservation::Reservation;
use lowcore_arch::{Psw, bits, lowcore};
use lowcore_kvm::{Error, Exit, System, Vcpu, Vm, icptcode};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// 64-bit mode, nothing enabled.
pub const MASKED: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;

/// Where programs start.
pub const CODE: u64 = 0x1_0000;
/// Where the new PSWs lead to: a DIAGNOSE 0x501, 0x100 apart, by class.
pub const HANDLERS: u64 = 0x2_0000;

/// DIAGNOSE 0x501.
pub const DIAG_501: [u8; 4] = [0x83, 0x00, 0x05, 0x01];
/// A branch to itself (BRC 15,0).
pub const SPIN: [u8; 4] = [0xa7, 0xf4, 0x00, 0x00];

/// Bytes of a slot.
pub const MIB: u64 = 0x10_0000;

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The exit of a DIAGNOSE 0x501.
pub const EXIT_501: Result<Exit, Error> =
    Ok(Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: 0x8300, ipb: 0x0501_0000 });

/// An exit with an intercept code and no instruction.
pub const fn sieic(icptcode: u8) -> Result<Exit, Error> {
    Ok(Exit::Sieic { icptcode, ipa: 0, ipb: 0 })
}

/// A class of interruptions: where its old PSW is and its handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class(u16);

pub const RESTART: Class = Class(0);
pub const EXTERNAL: Class = Class(1);
pub const SVC: Class = Class(2);
pub const PROGRAM: Class = Class(3);
pub const MACHINE_CHECK: Class = Class(4);
pub const IO: Class = Class(5);

impl Class {
    pub fn old_psw(self) -> u64 {
        u64::from(lowcore::RESTART_OLD_PSW + 16 * self.0)
    }

    pub fn new_psw(self) -> u64 {
        u64::from(lowcore::RESTART_NEW_PSW + 16 * self.0)
    }

    pub fn handler(self) -> u64 {
        HANDLERS + 0x100 * u64::from(self.0)
    }
}

/// A VM with storage from 0 on, whose new PSWs lead to [`Class::handler`].
pub struct Guest {
    pub vm: Vm,
    pub memory: Reservation,
    /// Where each slot is in the memory and for the guest: bytes from the
    /// start of the memory, guest address.
    slots: Vec<(u64, u64)>,
}

impl Guest {
    pub fn new() -> Self {
        Self::with_slots(&[0])
    }

    /// Slots of 1 MiB, numbered from 0, at these guest addresses. In the
    /// host's memory, pages that are not accessible lie between them.
    pub fn with_slots(addresses: &[u64]) -> Self {
        let distance = MIB + 0x1_0000;
        let memory = Reservation::new(bits::index(distance) * addresses.len());
        let vm = System::new().create_vm().unwrap();
        let mut slots = Vec::new();
        for (slot, &address) in (0..).zip(addresses) {
            let offset = distance * u64::from(slot);
            memory.protect(bits::index(offset), bits::index(MIB), READ_WRITE);
            let range = memory.range(bits::index(offset), bits::index(MIB));
            vm.set_user_memory_region(slot, 0, address, range).unwrap();
            slots.push((offset, address));
        }
        let guest = Self { vm, memory, slots };
        for class in [RESTART, EXTERNAL, SVC, PROGRAM, MACHINE_CHECK, IO] {
            guest.put(class.new_psw(), &Psw::new(MASKED, class.handler()).to_bytes());
            guest.put(class.handler(), &DIAG_501);
        }
        guest
    }

    /// Offset in the host's memory of an address that slots had at first.
    pub fn offset(&self, address: u64) -> usize {
        let (offset, slot) =
            self.slots.iter().find(|(_, slot)| address.wrapping_sub(*slot) < MIB).unwrap();
        bits::index(offset + (address - slot))
    }

    /// Stores as the client, with one plain store each for one, two, four and
    /// eight bytes.
    pub fn put(&self, address: u64, bytes: &[u8]) {
        let range = self.memory.range(self.offset(address), bytes.len());
        match *bytes {
            [byte] => range.store_u8(0, byte),
            [a, b] => range.store_u16(0, u16::from_ne_bytes([a, b])),
            [a, b, c, d] => range.store_u32(0, u32::from_ne_bytes([a, b, c, d])),
            _ => range.write(0, bytes),
        }
        .unwrap();
    }

    pub fn bytes<const N: usize>(&self, address: u64) -> [u8; N] {
        let mut bytes = [0; N];
        self.memory.range(self.offset(address), N).read(0, &mut bytes).unwrap();
        bytes
    }

    pub fn u16(&self, address: impl Into<u64>) -> u16 {
        u16::from_be_bytes(self.bytes(address.into()))
    }

    pub fn u64(&self, address: u64) -> u64 {
        u64::from_be_bytes(self.bytes(address))
    }

    pub fn old_psw(&self, class: Class) -> Psw {
        Psw::from_bytes(self.bytes(class.old_psw()))
    }

    /// Code and length that the last program interruption left.
    pub fn program(&self) -> (u16, u16) {
        (self.u16(lowcore::PROGRAM_CODE), self.u16(lowcore::PROGRAM_ILC))
    }

    /// A vcpu about to execute at [`CODE`].
    pub fn vcpu(&self, id: u64) -> Vcpu {
        let vcpu = self.vm.create_vcpu(id).unwrap();
        vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
        vcpu
    }
}

pub const READ_WRITE: i32 = libc::PROT_READ | libc::PROT_WRITE;

/// A run on a thread of its own.
pub struct Running {
    thread: JoinHandle<()>,
    exit: Receiver<Result<Exit, Error>>,
    vcpu: Vcpu,
}

pub fn start(vcpu: &Vcpu) -> Running {
    let (sender, exit) = channel();
    let runs = vcpu.clone();
    let thread = thread::spawn(move || sender.send(runs.run()).unwrap());
    Running { thread, exit, vcpu: vcpu.clone() }
}

impl Running {
    /// The result, which must come.
    pub fn wait(self) -> Result<Exit, Error> {
        let exit = self.exit.recv_timeout(PATIENCE);
        if exit.is_err() {
            self.vcpu.kick();
        }
        self.thread.join().unwrap();
        exit.expect("the run ends")
    }
}

/// Runs a vcpu; it must come back by itself.
pub fn run(vcpu: &Vcpu) -> Result<Exit, Error> {
    start(vcpu).wait()
}

/// Waits until something that another thread does has happened.
pub fn until(mut happened: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !happened() {
        assert!(start.elapsed() < PATIENCE, "it never happened");
        thread::yield_now();
    }
}
