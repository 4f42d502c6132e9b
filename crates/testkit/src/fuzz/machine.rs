//! A CPU's surroundings for hostile input: little storage between pages that
//! must never change, and an end to every run.

use core::sync::atomic::{AtomicU32, Ordering};
use lowcore_arch::{Facility, FacilityList, bits};
use lowcore_cpu::{Configuration, Mailbox, Sigp, SigpRequest, TodClock};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_interrupt::FloatingInterrupts;
use lowcore_storage::Storage;
use parking_lot::Mutex;
use std::sync::Arc;

/// The size of each of two slots.
pub const SLOT: u64 = 0x10_0000;
/// What lies before, between and behind them in the host's memory.
const GUARD: u64 = 0x2000;
/// Host offsets of the guards.
const GUARDS: [u64; 3] = [0, GUARD + SLOT, 2 * (GUARD + SLOT)];

/// A machine with two slots. The first is at guest address 0.
pub struct Machine {
    pub storage: Storage,
    pub mailbox: Arc<Mailbox>,
    pub floating: Mutex<FloatingInterrupts>,
    pub tod: TodClock,
    /// How SIGNAL PROCESSOR is answered.
    pub sigp: Sigp,
    /// Whether a CPU that is about to wait is asked to leave, as nothing else
    /// would end an enabled wait.
    pub ends_waits: bool,
    facilities: FacilityList,
    /// How many more times the CPU may turn to its storage before it is asked
    /// to leave its run loop.
    looks: AtomicU32,
    memory: HostRange,
}

impl Machine {
    /// A machine whose second slot is at guest address `second`; `None` if the
    /// host has no memory.
    pub fn new(second: u64) -> Option<Self> {
        let memory = HostRange::of(&Mapping::anonymous(bits::index(3 * GUARD + 2 * SLOT)).ok()?);
        for guard in GUARDS {
            memory.write(bits::index(guard), &pattern(guard)).ok()?;
        }
        let storage = Storage::new();
        for (slot, guest, host) in [(0, 0, GUARD), (1, second, 2 * GUARD + SLOT)] {
            let range = memory.slice(bits::index(host), bits::index(SLOT))?;
            storage.set_slot(slot, guest, range, true).ok()?;
        }
        Some(Self {
            storage,
            mailbox: Arc::new(Mailbox::new(0)),
            floating: Mutex::new(FloatingInterrupts::new()),
            tod: TodClock::default(),
            sigp: Sigp::Accepted,
            ends_waits: true,
            facilities: lowcore_isa::facility::facilities().with(Facility::VECTOR),
            looks: AtomicU32::new(0),
            memory,
        })
    }

    /// Lets the next run of the CPU last for so many looks at storage: slices
    /// of execution, deliveries, interruptions.
    pub fn allow(&self, looks: u32) {
        self.looks.store(looks, Ordering::Relaxed);
    }

    /// Whether the CPU has been asked to leave.
    pub fn exhausted(&self) -> bool {
        self.looks.load(Ordering::Relaxed) == 0
    }

    /// Whether anything was stored since the last time.
    pub fn stored(&self) -> bool {
        let logs = [0, 1].map(|slot| self.storage.dirty_log(slot).unwrap_or_default());
        logs.iter().flatten().any(|&word| word != 0)
    }

    /// Checks what lies round the slots.
    pub fn check_guards(&self) {
        for guard in GUARDS {
            let mut bytes = vec![0; bits::index(GUARD)];
            let read = self.memory.read(bits::index(guard), &mut bytes);
            assert!(read.is_ok() && bytes == pattern(guard), "memory outside of the slots changed");
        }
    }

    fn ask_to_leave(&self) {
        self.looks.store(0, Ordering::Relaxed);
        self.mailbox.kick();
    }
}

fn pattern(guard: u64) -> Vec<u8> {
    (guard..guard + GUARD).map(|at| bits::low8(at.wrapping_mul(0x9e37) >> 3) | 1).collect()
}

impl Configuration for Machine {
    fn storage(&self) -> &Storage {
        match self.looks.load(Ordering::Relaxed) {
            0 | 1 => self.ask_to_leave(),
            looks => self.looks.store(looks - 1, Ordering::Relaxed),
        }
        &self.storage
    }

    fn floating(&self) -> &Mutex<FloatingInterrupts> {
        if self.ends_waits && self.mailbox.idle.load(Ordering::SeqCst) {
            self.ask_to_leave();
        }
        &self.floating
    }

    fn tod(&self) -> &TodClock {
        &self.tod
    }

    fn set_clock(&self, value: u64) {
        self.tod.set(value);
    }

    fn facilities(&self) -> &FacilityList {
        &self.facilities
    }

    fn cpu_id(&self) -> u64 {
        0xff00_0000_2827_8000
    }

    fn user_instruction_0(&self) -> bool {
        false
    }

    fn quiesce(&self, _: &Mailbox) -> u64 {
        self.storage.forget_translations()
    }

    fn sigp(&self, _: &Mailbox, _: SigpRequest) -> Sigp {
        self.sigp
    }
}
