//! A configuration of one CPU.

use crate::{Configuration, Mailbox, Sigp, SigpRequest, TodClock};
use lowcore_arch::FacilityList;
use lowcore_interrupt::FloatingInterrupts;
use lowcore_storage::Storage;
use parking_lot::Mutex;

/// What a CPU needs around it when there is no other CPU and no KVM: for
/// programs that embed one CPU, and for tests.
///
/// ```
/// use lowcore_arch::Psw;
/// use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
/// use lowcore_host::memory::{HostRange, Mapping};
/// use std::sync::Arc;
///
/// let around = Standalone::default();
/// let memory = HostRange::of(&Mapping::anonymous(1 << 20)?);
/// around.storage.set_slot(0, 0, memory, false)?;
/// // la %r2,5 ; diag 0x501
/// around.storage.view().write(0x1_0000, &[0x41, 0x20, 0, 5, 0x83, 0, 5, 1]).unwrap();
///
/// let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
/// cpu.mailbox.local.lock().start();
/// cpu.regs.psw = Psw::new(0x1_8000_0000, 0x1_0000);
/// assert!(matches!(cpu.run(&around), Intercept::Instruction { ipa: 0x8300, .. }));
/// assert_eq!(cpu.regs.gr[2], 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Standalone {
    /// Absolute storage, without slots at first.
    pub storage: Storage,
    /// Floating interrupts, all of which this CPU takes.
    pub floating: Mutex<FloatingInterrupts>,
    /// The time-of-day clock.
    pub tod: TodClock,
    /// The facilities that the guest sees.
    pub facilities: FacilityList,
    /// The CPU identification.
    pub cpu_id: u64,
    /// The answer to every SIGNAL PROCESSOR.
    pub sigp: Sigp,
}

impl Default for Standalone {
    fn default() -> Self {
        Self {
            storage: Storage::new(),
            floating: Mutex::new(FloatingInterrupts::new()),
            tod: TodClock::default(),
            facilities: FacilityList::default(),
            cpu_id: 0,
            sigp: Sigp::NotOperational,
        }
    }
}

impl Configuration for Standalone {
    fn storage(&self) -> &Storage {
        &self.storage
    }

    fn floating(&self) -> &Mutex<FloatingInterrupts> {
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
        self.cpu_id
    }

    fn user_instruction_0(&self) -> bool {
        false
    }

    fn quiesce(&self, _sender: &Mailbox) -> u64 {
        self.storage.forget_translations()
    }

    fn sigp(&self, _sender: &Mailbox, _request: SigpRequest) -> Sigp {
        self.sigp
    }
}
