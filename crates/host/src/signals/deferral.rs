//! Noting signals instead of running their handlers.
//!
//! All state belongs to one thread. It is shared only with signal handlers on
//! that same thread, so relaxed atomics and compiler fences are enough.

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering, compiler_fence};

use super::action::{self, Action};
use super::{FAULTS, MaskGuard, SignalSet, bit, mask, with_mask};
use crate::attention::Attention;
use crate::sys;

/// Notes per thread. The first note blocks all signals that have handlers, so
/// more than one needs a handler installed at just that moment.
const NOTES: usize = 8;

/// Scopes with an attention word per thread.
const SCOPES: usize = 8;

/// The first signal number of which every instance counts.
const FIRST_REALTIME: libc::c_int = 32;

struct Thread {
    depth: AtomicUsize,
    scopes: [AtomicPtr<Attention>; SCOPES],
    noted: AtomicUsize,
    notes: UnsafeCell<[MaybeUninit<libc::siginfo_t>; NOTES]>,
    /// Standard signals among the notes.
    standard: AtomicU64,
    /// What was blocked because there is a note.
    blocked: AtomicU64,
}

thread_local! {
    static THREAD: Thread = const {
        Thread {
            depth: AtomicUsize::new(0),
            scopes: [const { AtomicPtr::new(ptr::null_mut()) }; SCOPES],
            noted: AtomicUsize::new(0),
            notes: UnsafeCell::new([MaybeUninit::uninit(); NOTES]),
            standard: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
        }
    };
}

/// While it lives, signals on this thread that have handlers installed
/// through [`super::sigaction`] are noted, not run. See [`defer`].
#[must_use]
pub struct Deferred {
    mask: Option<MaskGuard>,
    scope: Option<usize>,
    /// Keeps the attention word that `scope` points to.
    _owner: Option<Arc<dyn AsRef<Attention>>>,
    /// The state belongs to the thread.
    _not_send: PhantomData<*const ()>,
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").field("mask", &self.mask).finish_non_exhaustive()
    }
}

/// Begins to note signals on the calling thread instead of running their
/// handlers. If `attention` is given, each note raises
/// [`Attention::SIGNAL`] in it; so does a note that an enclosing scope took
/// already. Scopes nest and may end in any order.
///
/// When the last scope has ended and no lock is held, call [`run_deferred`].
///
/// ```no_run
/// use std::sync::Arc;
/// use lowcore_host::{attention::Attention, signals};
///
/// let attention = Arc::new(Attention::new());
/// {
///     let _deferred = signals::defer(Some(attention.clone()));
///     // No handler runs here.
/// }
/// signals::run_deferred();
/// ```
pub fn defer(attention: Option<Arc<dyn AsRef<Attention>>>) -> Deferred {
    let scope = attention.as_ref().and_then(|owner| enter(owner.as_ref().as_ref()));
    if attention.is_none() {
        THREAD.with(|thread| thread.depth.fetch_add(1, Ordering::Relaxed));
        compiler_fence(Ordering::SeqCst);
    }
    Deferred { mask: None, scope, _owner: attention, _not_send: PhantomData }
}

fn enter(attention: &Attention) -> Option<usize> {
    THREAD.with(|thread| {
        let word = ptr::from_ref(attention).cast_mut();
        let free = thread.scopes.iter().position(|s| s.load(Ordering::Relaxed).is_null());
        if let Some(scope) = free.and_then(|free| thread.scopes.get(free)) {
            scope.store(word, Ordering::Relaxed);
        }
        compiler_fence(Ordering::SeqCst);
        thread.depth.fetch_add(1, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        // Without a place, a later note could not be told: end the run now.
        if free.is_none() || thread.noted.load(Ordering::Relaxed) != 0 {
            attention.raise(Attention::SIGNAL);
        }
        free
    })
}

impl Deferred {
    /// Also sets the signal mask of the run, if there is one, for as long as
    /// the scope lives: [`with_mask`], ended in the right order.
    pub fn with_mask(mut self, mask: Option<SignalSet>) -> Self {
        self.mask = mask.map(with_mask);
        self
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        drop(self.mask.take());
        THREAD.with(|thread| {
            if let Some(scope) = self.scope.and_then(|scope| thread.scopes.get(scope)) {
                scope.store(ptr::null_mut(), Ordering::Relaxed);
            }
            compiler_fence(Ordering::SeqCst);
            thread.depth.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// What the kernel calls for every signal that a client handles.
pub(super) extern "C" fn trampoline(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: the arguments are the kernel's.
    unsafe { arrived(signal, info, context) };
}

/// Notes a signal or calls its handler. Async-signal-safe.
///
/// # Safety
/// The arguments are those of a signal handler.
pub(super) unsafe fn arrived(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    let client = action::of(signal);
    if client.handler == libc::SIG_IGN {
        return;
    }
    if !client.has_handler() {
        // The client took its handler away while the signal was on its way.
        action::restore_default(signal);
        // SAFETY: `info` came with the signal.
        unsafe { send_again(&*info) };
        return;
    }
    THREAD.with(|thread| {
        if thread.depth.load(Ordering::Relaxed) != 0 {
            // SAFETY: the arguments are the kernel's.
            unsafe { note(thread, &*info, context.cast::<libc::ucontext_t>()) };
            return;
        }
        if client.flags & libc::SA_RESETHAND != 0 {
            action::reset(signal, &client);
        }
        // SAFETY: the arguments are the kernel's, which has set the mask.
        unsafe { client.call(signal, info, context) };
    });
}

/// # Safety
/// `context` is that of the handler that calls this.
unsafe fn note(thread: &Thread, info: &libc::siginfo_t, context: *mut libc::ucontext_t) {
    let signal = info.si_signo;
    let standard = if signal < FIRST_REALTIME { bit(signal) } else { 0 };
    let pending = thread.standard.fetch_or(standard, Ordering::Relaxed);
    if pending & standard == 0 {
        let place = thread.noted.fetch_add(1, Ordering::Relaxed);
        if place < NOTES {
            // SAFETY: the place is ours alone: a handler that interrupts this
            // one gets the next, and nobody reads before both have ended.
            unsafe { (*thread.notes.get())[place].write(*info) };
        } else {
            thread.noted.fetch_sub(1, Ordering::Relaxed);
            thread.standard.fetch_and(!standard, Ordering::Relaxed);
            // SAFETY: the signal is blocked until it is unblocked below.
            send_again(info);
        }
    }
    // SAFETY: the kernel's mask is the first word of the field.
    unsafe {
        let mask = (&raw mut (*context).uc_sigmask).cast::<SignalSet>();
        let block = (action::handled() | bit(signal)) & !FAULTS & !*mask;
        *mask |= block;
        thread.blocked.fetch_or(block, Ordering::Relaxed);
    }
    for scope in &thread.scopes {
        // SAFETY: a scope's owner keeps the word until the place is empty.
        if let Some(attention) = unsafe { scope.load(Ordering::Relaxed).as_ref() } {
            attention.raise(Attention::SIGNAL);
        }
    }
}

/// Runs the client's handlers for the signals that were noted on this thread,
/// under the masks that the client asked for, and unblocks what was blocked.
///
/// Call it with no lock held. Does nothing while a [`Deferred`] lives on the
/// thread, or if there is nothing to do, which is cheap to find out. Keeps
/// `errno`. A handler may do anything, also leave by `siglongjmp`.
pub fn run_deferred() {
    THREAD.with(|thread| {
        if thread.depth.load(Ordering::Relaxed) != 0 {
            return;
        }
        let blocked = thread.blocked.swap(0, Ordering::Relaxed);
        if blocked == 0 && thread.noted.load(Ordering::Relaxed) == 0 {
            return;
        }
        // SAFETY: the C library's errno of this thread.
        let errno = unsafe { *libc::__errno_location() };
        let mut base = mask::get() & !blocked;
        while let Some(info) = take_note(thread) {
            base = run_one(info, base);
        }
        mask::set(base);
        // SAFETY: as above.
        unsafe { *libc::__errno_location() = errno };
    });
}

/// Runs one handler, and gives the mask to go on with.
fn run_one(mut info: libc::siginfo_t, base: SignalSet) -> SignalSet {
    let signal = info.si_signo;
    let client = action::of(signal);
    if !client.has_handler() {
        if client.handler == libc::SIG_DFL {
            send_again(&info);
        }
        return base;
    }
    if client.flags & libc::SA_RESETHAND != 0 {
        action::reset(signal, &client);
    }
    mask::set(handler_mask(&client, signal, base));
    let mut context = MaybeUninit::<libc::ucontext_t>::zeroed();
    // SAFETY: the context is filled before it is used; its mask's first word
    // is the kernel's; the handler gets what it expects.
    unsafe {
        libc::getcontext(context.as_mut_ptr());
        let mask = (&raw mut (*context.as_mut_ptr()).uc_sigmask).cast::<SignalSet>();
        *mask = base;
        client.call(signal, &raw mut info, context.as_mut_ptr().cast());
        // A handler changes the mask behind it by changing its context.
        *mask
    }
}

fn handler_mask(client: &Action, signal: libc::c_int, base: SignalSet) -> SignalSet {
    let itself = if client.flags & libc::SA_NODEFER == 0 { bit(signal) } else { 0 };
    base | client.mask | itself
}

/// The oldest note. No handler adds one meanwhile: either the depth is 0 or
/// everything is blocked.
fn take_note(thread: &Thread) -> Option<libc::siginfo_t> {
    let noted = thread.noted.load(Ordering::Relaxed);
    if noted == 0 {
        return None;
    }
    // SAFETY: nobody else reaches the notes now, and the first `noted` are
    // written.
    let info = unsafe {
        let notes = &mut *thread.notes.get();
        let info = notes[0].assume_init_read();
        notes.copy_within(1.., 0);
        info
    };
    thread.noted.store(noted - 1, Ordering::Relaxed);
    if info.si_signo < FIRST_REALTIME {
        thread.standard.fetch_and(!bit(info.si_signo), Ordering::Relaxed);
    }
    Some(info)
}

/// Prepares to go from the mask `current` to `new`, with all signals blocked:
/// what a note blocks goes on being blocked. Gives the mask to come back to,
/// without that, and the mask to set.
pub(super) fn enter_mask(current: SignalSet, new: SignalSet) -> (SignalSet, SignalSet) {
    THREAD.with(|thread| {
        let old = current & !thread.blocked.load(Ordering::Relaxed);
        (old, block_for_notes(thread, new))
    })
}

/// Prepares to go back to `mask`, with all signals blocked: notes that it
/// blocks become pending again. Gives the mask to set.
pub(super) fn leave_mask(mask: SignalSet) -> SignalSet {
    THREAD.with(|thread| {
        for _ in 0..thread.noted.load(Ordering::Relaxed) {
            let Some(info) = take_note(thread) else { break };
            if mask & bit(info.si_signo) != 0 {
                send_again(&info);
            } else {
                put_back(thread, info);
            }
        }
        block_for_notes(thread, mask)
    })
}

/// The mask to set where `mask` is wanted.
fn block_for_notes(thread: &Thread, mask: SignalSet) -> SignalSet {
    let noted = thread.noted.load(Ordering::Relaxed) != 0;
    let block = if noted { action::handled() & !FAULTS & !mask } else { 0 };
    thread.blocked.store(block, Ordering::Relaxed);
    mask | block
}

fn put_back(thread: &Thread, info: libc::siginfo_t) {
    let place = thread.noted.load(Ordering::Relaxed);
    // SAFETY: a place was freed just before, and everything is blocked.
    if let Some(free) = unsafe { (*thread.notes.get()).get_mut(place) } {
        free.write(info);
        thread.noted.store(place + 1, Ordering::Relaxed);
    }
    if info.si_signo < FIRST_REALTIME {
        thread.standard.fetch_or(bit(info.si_signo), Ordering::Relaxed);
    }
}

/// Makes a signal pending for this thread, as it was. Async-signal-safe.
fn send_again(info: &libc::siginfo_t) {
    // SAFETY: a process may send itself any siginfo.
    unsafe {
        let thread = sys::call(libc::SYS_gettid, [0; 6]);
        let arguments = [
            u64::from(std::process::id()),
            thread.cast_unsigned(),
            sys::signed(info.si_signo),
            sys::pointer(ptr::from_ref(info)),
            0,
            0,
        ];
        sys::call(libc::SYS_rt_tgsigqueueinfo, arguments);
    }
}
