//! What a CPU asks of the machine around it.

use crate::{Context, Exception, Interpreter, Mailbox, SigpRequest, TodClock};
use lowcore_arch::FacilityList;
use lowcore_interrupt::FloatingInterrupts;
use lowcore_storage::Storage;
use parking_lot::Mutex;

/// The answer to a SIGNAL PROCESSOR order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sigp {
    /// Condition code 0.
    Accepted,
    /// Condition code 1, with this status.
    Status(u32),
    /// Condition code 2.
    Busy,
    /// Condition code 3.
    NotOperational,
    /// User space executes the order.
    Intercept,
    /// The target's status could not be stored.
    HostFault,
}

/// The configuration that a CPU belongs to: the other CPUs and what they
/// share. No method may run guest code.
pub trait Configuration: Sync {
    /// Absolute storage.
    fn storage(&self) -> &Storage;

    /// Interrupts that any CPU may take. Where both locks are held, a CPU's
    /// local interrupts are locked first.
    fn floating(&self) -> &Mutex<FloatingInterrupts>;

    /// The time-of-day clock.
    fn tod(&self) -> &TodClock;

    /// Sets the time-of-day clock (SET CLOCK) and makes every CPU look at its
    /// clock comparator anew.
    fn set_clock(&self, value: u64);

    /// The facilities that guests have.
    fn facilities(&self) -> &FacilityList;

    /// The facilities that STFL and STFLE tell guests of, where a client wants
    /// it to be others.
    fn listed_facilities(&self) -> &FacilityList {
        self.facilities()
    }

    /// The CPU identification that STIDP stores.
    fn cpu_id(&self) -> u64;

    /// Whether the instruction 0x0000 is the client's.
    fn user_instruction_0(&self) -> bool;

    /// Makes all CPUs but `sender` end their slices and waits until they
    /// have; what they remember of storage and translation, they forget.
    /// Gives the epoch of storage that so begins. Called without any storage
    /// view or interrupt lock held.
    fn quiesce(&self, sender: &Mailbox) -> u64;

    /// Executes a SIGNAL PROCESSOR order of `sender`. Called without any
    /// storage view or interrupt lock held.
    fn sigp(&self, sender: &Mailbox, request: SigpRequest) -> Sigp;

    /// The same in the midst of execution, with a storage view: `None` if the
    /// order is not one that takes none and waits for nobody.
    fn signal(&self, _sender: &Mailbox, _request: SigpRequest) -> Option<Sigp> {
        None
    }
}

/// Makes an engine for each CPU.
pub trait Engines: core::fmt::Debug + Sync {
    /// An engine that has executed nothing.
    fn engine(&self) -> Box<dyn Engine + Send>;
}

/// Interpreters.
#[derive(Clone, Copy, Debug)]
pub struct Interpreters;

impl Engines for Interpreters {
    fn engine(&self) -> Box<dyn Engine + Send> {
        Box::new(Interpreter::default())
    }
}

/// Something that executes instructions.
pub trait Engine: core::fmt::Debug {
    /// Executes from the PSW on, about `budget` instructions at most, until
    /// the attention word is set, [`Context::reevaluate`] becomes true or an
    /// instruction ends in an exception.
    ///
    /// # Errors
    /// The exception; the PSW then designates the instruction after the one
    /// that caused it, whose length is [`Context::ilc`].
    fn execute(&mut self, context: &mut Context<'_>, budget: u32) -> Result<(), Exception>;

    /// Executes exactly one instruction.
    ///
    /// # Errors
    /// As of [`Engine::execute`].
    fn step(&mut self, context: &mut Context<'_>) -> Result<(), Exception>;

    /// Tells that the client may have stored into its memory without telling:
    /// what was cached of storage must be compared with it before it is
    /// executed again.
    fn storage_may_have_changed(&mut self);
}
