//! Getting the attention of a CPU's thread, whether that thread runs, is
//! about to sleep or sleeps; and the one right order of entering a run.
//!
//! Everything that must reach a CPU from outside is a bit in its attention
//! word: an injected interrupt, a floating one, a request to leave, a signal.
//! The owner polls the word while it runs and sleeps on the word when the
//! guest waits. There is no second place to look at, so there is nothing that
//! can be seen in one place and missed in the other.
//!
//! # Why no wake-up is lost
//! The word also says whether its owner sleeps. The owner goes from "nothing
//! raised" to "sleeping" in one step; a raise is one step too. So either the
//! raise comes first and the owner does not sleep, or it comes second and the
//! raiser sees that it has to wake. Between the owner's step and the actual
//! sleep, the futex compares the word once more.
//!
//! # Entering a run
//! `immediate_exit` in a run page is set by a client's signal handler. Such a
//! handler either runs before signals are deferred, and then the flag is seen
//! by the check, or it does not run at all but is noted, and then
//! [`Attention::SIGNAL`] is raised. This needs the check to come after the
//! deferral has begun, which is what [`Attention::enter`] is for.
//!
//! The tests at the end of this file are run by the model checker `loom` over
//! every order of steps: `RUSTFLAGS="--cfg loom" cargo test -p lowcore-host
//! --release`.

use crate::sync::{AtomicU32, Ordering, futex_wait, futex_wake};

/// The word that says why a CPU's thread should stop what it does.
///
/// Any thread may [`raise`](Self::raise) bits; only the owner takes them or
/// parks. The meaning of the bits is the owner's, but for [`Self::SIGNAL`].
#[derive(Debug)]
pub struct Attention {
    word: AtomicU32,
}

/// The outcome of [`Attention::enter`].
#[derive(Debug)]
#[must_use]
pub enum Entry<D> {
    /// Signals are deferred and nobody asked to leave: run the guest. Ends
    /// when the deferral inside is dropped.
    Entered(D),
    /// `immediate_exit` was set: return `EINTR` at once. The deferral has
    /// ended already.
    ImmediateExit,
}

impl Attention {
    /// A signal with a client's handler arrived and has been noted.
    pub const SIGNAL: u32 = 1 << 31;

    /// The owner sleeps, or is about to. Ours alone.
    const PARKED: u32 = 1 << 30;

    /// A word with nothing raised.
    #[must_use]
    pub fn new() -> Self {
        Self { word: AtomicU32::new(0) }
    }

    /// Sets `bits` and wakes the owner if it sleeps. Everything that the
    /// caller wrote before is visible to the owner once it took the bits.
    ///
    /// Async-signal-safe. Bit 30 is not available and is ignored.
    pub fn raise(&self, bits: u32) {
        let before = self.word.fetch_or(bits & !Self::PARKED, Ordering::Release);
        if before & Self::PARKED != 0 {
            futex_wake(&self.word);
        }
    }

    /// The bits raised and not yet taken. Cheap, and unordered with regard to
    /// other memory: for polls that call [`take`](Self::take) if it is not 0.
    #[must_use]
    #[inline]
    pub fn peek(&self) -> u32 {
        self.word.load(Ordering::Relaxed) & !Self::PARKED
    }

    /// Takes all raised bits. Only the owner may.
    #[must_use]
    pub fn take(&self) -> u32 {
        self.word.swap(0, Ordering::Acquire) & !Self::PARKED
    }

    /// Sleeps until a bit is raised or [`crate::clock::monotonic_ns`] reaches
    /// `deadline_ns`; not at all if a bit is raised already. May return
    /// without either. Takes nothing. Only the owner may.
    pub fn park(&self, deadline_ns: Option<u64>) {
        let sleeps =
            self.word.compare_exchange(0, Self::PARKED, Ordering::Relaxed, Ordering::Relaxed);
        if sleeps.is_ok() {
            futex_wait(&self.word, Self::PARKED, deadline_ns);
            self.word.fetch_and(!Self::PARKED, Ordering::Relaxed);
        }
    }

    /// Begins a run: forgets a signal of an earlier run, defers signals, and
    /// only then looks at `immediate_exit`.
    ///
    /// `defer` is [`crate::signals::defer`] for this attention word together
    /// with the signal mask of the run, if it has one; `immediate_exit` reads
    /// the flag in the run page.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use lowcore_host::attention::{Attention, Entry};
    /// use lowcore_host::signals;
    ///
    /// let attention = Arc::new(Attention::new());
    /// {
    ///     let entry = attention.enter(|| signals::defer(Some(attention.clone())), || false);
    ///     let Entry::Entered(_deferred) = entry else { panic!("nobody asked to leave") };
    ///     // The guest runs here, and ends when SIGNAL is raised.
    /// }
    /// signals::run_deferred();
    /// ```
    pub fn enter<D>(
        &self,
        defer: impl FnOnce() -> D,
        immediate_exit: impl FnOnce() -> bool,
    ) -> Entry<D> {
        // A signal noted in an earlier run has had its handler run, or is
        // pending again and will be noted again.
        self.word.fetch_and(!Self::SIGNAL, Ordering::Relaxed);
        let deferred = defer();
        if immediate_exit() { Entry::ImmediateExit } else { Entry::Entered(deferred) }
    }
}

impl Default for Attention {
    fn default() -> Self {
        Self::new()
    }
}

impl AsRef<Attention> for Attention {
    fn as_ref(&self) -> &Attention {
        self
    }
}
