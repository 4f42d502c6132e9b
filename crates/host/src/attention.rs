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

    /// Where the word is, for compiled code that polls it: any value but 0
    /// asks to look.
    #[must_use]
    pub const fn address(&self) -> *const u32 {
        core::ptr::from_ref(&self.word).cast()
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
    /// ```no_run
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

/// Real threads, real futex.
#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::clock::monotonic_ns;

    #[test]
    fn bits_add_up_and_are_taken_together() {
        let attention = Attention::new();
        assert_eq!((attention.peek(), attention.take()), (0, 0));
        attention.raise(1);
        attention.raise(4 | Attention::SIGNAL);
        assert_eq!(attention.peek(), 5 | Attention::SIGNAL);
        assert_eq!(attention.take(), 5 | Attention::SIGNAL);
        assert_eq!(attention.peek(), 0);
    }

    #[test]
    fn the_reserved_bit_is_ignored() {
        let attention = Attention::new();
        attention.raise(Attention::PARKED | 2);
        assert_eq!(attention.take(), 2);
    }

    #[test]
    fn a_deadline_ends_the_sleep() {
        let attention = Attention::new();
        let deadline = monotonic_ns() + 2_000_000;
        while monotonic_ns() < deadline {
            attention.park(Some(deadline));
        }
        attention.park(Some(0));
        assert_eq!(attention.take(), 0);
    }

    #[test]
    fn a_raised_bit_prevents_the_sleep() {
        let attention = Attention::new();
        attention.raise(1);
        attention.park(None);
        assert_eq!(attention.take(), 1);
    }

    #[test]
    fn each_of_many_raises_is_answered() {
        const ROUNDS: u32 = 20_000;
        let (there, back) = (Attention::new(), Attention::new());
        let wait = |attention: &Attention| {
            while attention.take() == 0 {
                attention.park(None);
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    wait(&there);
                    back.raise(1);
                }
            });
            for _ in 0..ROUNDS {
                there.raise(1);
                wait(&back);
            }
        });
    }

    #[test]
    fn immediate_exit_ends_the_deferral() {
        let attention = Attention::new();
        let deferral = std::sync::Arc::new(());
        let entry = attention.enter(|| deferral.clone(), || true);
        assert!(matches!(entry, Entry::ImmediateExit));
        assert_eq!(std::sync::Arc::strong_count(&deferral), 1);
    }

    #[test]
    fn entering_forgets_an_old_signal_but_not_a_new_one() {
        let attention = Attention::new();
        attention.raise(Attention::SIGNAL | 1);
        let entry = attention.enter(|| (), || false);
        assert!(matches!(entry, Entry::Entered(())));
        assert_eq!(attention.take(), 1);
        let entry = attention.enter(|| attention.raise(Attention::SIGNAL), || false);
        assert!(matches!(entry, Entry::Entered(())));
        assert_eq!(attention.take(), Attention::SIGNAL);
    }
}

/// Every order of steps, by the model checker. A lost wake-up is a deadlock.
#[cfg(all(test, loom))]
mod model {
    use super::*;
    use loom::sync::atomic::AtomicUsize;
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    /// A CPU's thread in the wait state: sleeps until it has all of `bits`.
    fn wait_for(attention: &Attention, bits: u32) {
        let mut taken = 0;
        while taken & bits != bits {
            let new = attention.take();
            assert_eq!(taken & new, 0, "each raise is seen once");
            taken |= new;
            if new == 0 {
                attention.park(None);
            }
        }
    }

    #[test]
    fn an_injection_wakes_the_waiting_owner() {
        loom::model(|| {
            let attention = Arc::new(Attention::new());
            let payload = Arc::new(AtomicUsize::new(0));
            let injector = thread::spawn({
                let (attention, payload) = (attention.clone(), payload.clone());
                move || {
                    payload.store(7, Ordering::Relaxed);
                    attention.raise(1);
                }
            });
            wait_for(&attention, 1);
            assert_eq!(payload.load(Ordering::Relaxed), 7, "what came before the raise is seen");
            injector.join().unwrap();
        });
    }

    #[test]
    fn several_injectors_are_all_seen() {
        loom::model(|| {
            let attention = Arc::new(Attention::new());
            let injectors = [1, 2].map(|bit| {
                let attention = attention.clone();
                thread::spawn(move || attention.raise(bit))
            });
            wait_for(&attention, 3);
            assert_eq!(attention.take(), 0);
            for injector in injectors {
                injector.join().unwrap();
            }
        });
    }

    #[test]
    fn two_injections_of_one_thread_with_an_answer_between() {
        loom::model(|| {
            let (there, back) = (Arc::new(Attention::new()), Arc::new(Attention::new()));
            let injector = thread::spawn({
                let (there, back) = (there.clone(), back.clone());
                move || {
                    there.raise(1);
                    wait_for(&back, 1);
                    there.raise(1);
                }
            });
            wait_for(&there, 1);
            back.raise(1);
            wait_for(&there, 1);
            injector.join().unwrap();
        });
    }

    #[test]
    fn a_running_owner_polls() {
        loom::model(|| {
            let attention = Arc::new(Attention::new());
            let injector = thread::spawn({
                let attention = attention.clone();
                move || attention.raise(2)
            });
            while attention.peek() == 0 {
                thread::yield_now();
            }
            assert_eq!(attention.take(), 2);
            injector.join().unwrap();
        });
    }

    /// The owner's thread as a signal handler finds it. A handler runs
    /// between two steps of its thread, which the lock stands for.
    #[derive(Default)]
    struct Owner {
        deferring: bool,
        immediate_exit: bool,
    }

    /// What the trampoline does: the client's handler, which sets
    /// `immediate_exit`, or a note.
    fn signal(owner: &Mutex<Owner>, attention: &Attention) {
        let mut owner = owner.lock().unwrap();
        if owner.deferring {
            attention.raise(Attention::SIGNAL);
        } else {
            owner.immediate_exit = true;
        }
    }

    /// One KVM_RUN of a guest that waits for ever. Returns what it saw other
    /// than the signal that ended it.
    fn run(owner: &Mutex<Owner>, attention: &Attention) -> u32 {
        let entry = attention.enter(
            || owner.lock().unwrap().deferring = true,
            || owner.lock().unwrap().immediate_exit,
        );
        let mut seen = 0;
        if let Entry::Entered(()) = entry {
            while seen & Attention::SIGNAL == 0 {
                let new = attention.take();
                seen |= new;
                if new == 0 {
                    attention.park(None);
                }
            }
        }
        owner.lock().unwrap().deferring = false;
        seen & !Attention::SIGNAL
    }

    #[test]
    fn a_signal_ends_the_run_wherever_it_arrives() {
        loom::model(|| {
            let attention = Arc::new(Attention::new());
            let owner = Arc::new(Mutex::new(Owner::default()));
            let sender = thread::spawn({
                let (attention, owner) = (attention.clone(), owner.clone());
                move || signal(&owner, &attention)
            });
            assert_eq!(run(&owner, &attention), 0);
            sender.join().unwrap();
        });
    }

    #[test]
    fn a_signal_of_an_earlier_run_does_not_hide_a_new_one() {
        loom::model(|| {
            let attention = Arc::new(Attention::new());
            attention.raise(Attention::SIGNAL);
            let owner = Arc::new(Mutex::new(Owner::default()));
            let sender = thread::spawn({
                let (attention, owner) = (attention.clone(), owner.clone());
                move || signal(&owner, &attention)
            });
            run(&owner, &attention);
            sender.join().unwrap();
        });
    }

    #[test]
    fn a_signal_and_an_injection_at_once() {
        // Three threads with a lock have too many orders for all of them.
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(|| {
            let attention = Arc::new(Attention::new());
            let owner = Arc::new(Mutex::new(Owner::default()));
            let sender = thread::spawn({
                let (attention, owner) = (attention.clone(), owner.clone());
                move || signal(&owner, &attention)
            });
            let injector = thread::spawn({
                let attention = attention.clone();
                move || attention.raise(1)
            });
            let seen = run(&owner, &attention);
            sender.join().unwrap();
            injector.join().unwrap();
            // The injection was seen in the run or is there for the next.
            assert_eq!(seen | attention.take() & !Attention::SIGNAL, 1);
        });
    }
}
