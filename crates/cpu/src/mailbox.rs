//! What other threads may touch of a CPU.

use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use lowcore_host::attention::Attention;
use lowcore_interrupt::{Injected, LocalInterrupt, LocalInterrupts, Refusal};
use parking_lot::Mutex;

/// Bits of the attention word, beside the host's own
/// [`Attention::SIGNAL`](lowcore_host::attention::Attention::SIGNAL).
pub mod attention {
    /// Something was injected or became deliverable: run a delivery pass.
    pub const INTERRUPT: u32 = 1;
    /// Leave the run loop after a delivery pass.
    pub const KICK: u32 = 2;
    /// End the slice: somebody waits for the storage view.
    pub const PAUSE: u32 = 4;
}

/// The shared part of a CPU: pending local interrupts with the stopped state
/// (one lock, so one atomic view) and the word that makes the CPU look.
#[derive(Debug)]
pub struct Mailbox {
    /// The CPU address.
    pub id: u16,
    /// Set to make the CPU look up; the CPU sleeps on it while it waits.
    pub attention: Attention,
    /// Pending local interrupts and the stopped state.
    pub local: Mutex<LocalInterrupts>,
    /// Whether the CPU sleeps in an enabled wait: floating interrupts go to
    /// such CPUs first.
    pub idle: AtomicBool,
    /// Whether the CPU has a storage view, or is about to take one.
    pub executing: AtomicBool,
    /// Instruction length of the last intercept, 0 if that was none or not an
    /// instruction's; an injected program interruption without a length of
    /// its own takes it.
    pub intercept_length: AtomicU8,
}

impl Mailbox {
    /// The mailbox of a stopped CPU with nothing pending.
    #[must_use]
    pub fn new(id: u16) -> Self {
        Self {
            id,
            attention: Attention::new(),
            local: Mutex::new(LocalInterrupts::new()),
            idle: AtomicBool::new(false),
            executing: AtomicBool::new(false),
            intercept_length: AtomicU8::new(0),
        }
    }

    /// Injects a local interrupt; on success the CPU looks, and wakes if it
    /// sleeps. A refusal changes nothing and wakes nobody.
    ///
    /// # Errors
    /// The [`Refusal`] of the interrupt state.
    pub fn inject(&self, interrupt: LocalInterrupt) -> Result<Injected, Refusal> {
        let length = self.intercept_length.load(Ordering::Acquire);
        let outcome = self.local.lock().inject(interrupt, length)?;
        self.attention.raise(attention::INTERRUPT);
        Ok(outcome)
    }

    /// Makes the CPU run a delivery pass soon.
    pub fn notify(&self) {
        self.attention.raise(attention::INTERRUPT);
    }

    /// Makes the CPU give up its storage view soon, if it has one.
    pub fn pause(&self) {
        if self.executing.load(Ordering::SeqCst) {
            self.attention.raise(attention::PAUSE);
        }
    }

    /// Makes the CPU leave its run loop, or the next one at once.
    pub fn kick(&self) {
        self.attention.raise(attention::KICK);
    }
}

impl AsRef<Attention> for Mailbox {
    fn as_ref(&self) -> &Attention {
        &self.attention
    }
}
