//! The s390 interrupt state machine: pending, deliverable, delivered.
//!
//! [`LocalInterrupts`] is what one CPU has pending, together with whether it
//! is stopped: one value, so that one lock gives one atomic view.
//! [`FloatingInterrupts`] is what any CPU of a configuration may take. A CPU
//! asks for the highest interrupt that its masks allow
//! ([`LocalInterrupts::take_next`]) and gets a [`Delivery`]: a list of steps
//! on the low core and the PSW that the CPU performs itself.
//!
//! Nothing here locks, waits, or touches storage. Where both locks are held,
//! the local one is taken first.
//!
//! Rules are cited by section of the specification
//! (`kvm-s390-interrupts.md`: "B.3") and of *z/Architecture Principles of
//! Operation*, SA22-7832 ("the manual").
//!
//! ```
//! use lowcore_arch::{Psw, lowcore};
//! use lowcore_interrupt::*;
//!
//! let mut local = LocalInterrupts::new();
//! let mut floating = FloatingInterrupts::new();
//! local.start();
//! local.inject(LocalInterrupt::EmergencySignal { source: 3 }, 0)?;
//!
//! // Masked off: the interrupt stays pending.
//! let mut masks = Enablement { cr0: 0x4000, ..Enablement::default() };
//! assert!(local.take_next(&mut floating, &masks).is_none());
//!
//! masks.psw.mask |= Psw::EXTERNAL;
//! let delivery = local.take_next(&mut floating, &masks).unwrap();
//! assert_eq!(delivery.kind, Kind::EmergencySignal);
//! let sender = Step::Store { offset: lowcore::EXTERNAL_CPU_ADDRESS, len: 2, value: 3 };
//! assert!(delivery.steps.contains(&sender));
//! assert!(local.is_empty());
//! # Ok::<(), Refusal>(())
//! ```
#![forbid(unsafe_code)]

mod delivery;
mod emergency;
mod enablement;
mod external;
mod floating;
mod io;
mod kick;
mod local;
mod machine_check;
mod pending;
mod program;
mod refusal;
mod selection;
mod service;
mod supervisor_call;

pub use delivery::{Delivery, MAX_STEPS, Step};
pub use emergency::MAX_CPUS;
pub use enablement::Enablement;
pub use floating::{
    FloatingInterrupt, FloatingInterrupts, MAX_IO_INTERRUPTS, MAX_PFAULT_DONE, MAX_VIRTIO,
};
pub use io::IoInterruption;
pub use kick::{KickReason, choose_target};
pub use local::{Injected, LocalInterrupt, LocalInterrupts, Restored, StopRequest};
pub use machine_check::MachineCheck;
pub use pending::{Kind, Pending};
pub use program::{ProgramInterruption, program_delivery};
pub use refusal::Refusal;
pub use supervisor_call::supervisor_call_delivery;
