//! Deferral and masks, with real signals that a thread sends itself. Every
//! test has signals of its own, because actions belong to the process.

use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use super::*;
use crate::attention::{Attention, Entry};

/// What a handler saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    signal: i32,
    value: usize,
    mask: SignalSet,
}

thread_local! {
    static SEEN: RefCell<Vec<Seen>> = const { RefCell::new(Vec::new()) };
}

extern "C" fn record(signal: i32, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: SA_SIGINFO was asked for.
    let value = unsafe { (*info).si_value().sival_ptr as usize };
    SEEN.with_borrow_mut(|seen| seen.push(Seen { signal, value, mask: current_mask() }));
}

fn seen() -> Vec<Seen> {
    SEEN.with_borrow_mut(std::mem::take)
}

/// The kernel's view, by the C library.
fn current_mask() -> SignalSet {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the set is written by the call; its first word is the kernel's.
    unsafe {
        libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), set.as_mut_ptr());
        *set.as_ptr().cast::<SignalSet>()
    }
}

fn pending() -> SignalSet {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the set is written by the call; its first word is the kernel's.
    unsafe {
        libc::sigpending(set.as_mut_ptr());
        *set.as_ptr().cast::<SignalSet>()
    }
}

/// Sends the calling thread a signal with a value.
fn send(signal: i32, value: usize) {
    let value = libc::sigval { sival_ptr: value as *mut libc::c_void };
    // SAFETY: it has a handler or is blocked.
    let result = unsafe { libc::pthread_sigqueue(libc::pthread_self(), signal, value) };
    assert_eq!(result, 0);
}

fn raw(handler: usize, flags: i32, mask: SignalSet) -> libc::sigaction {
    // SAFETY: all zero is a valid action.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    // SAFETY: the first word of a set is the kernel's.
    unsafe { *(&raw mut action.sa_mask).cast::<SignalSet>() = mask };
    action
}

fn install(signal: i32, flags: i32, mask: SignalSet) {
    let action = raw(record as *const () as usize, flags | libc::SA_SIGINFO, mask);
    // SAFETY: the action is valid.
    assert_eq!(unsafe { sigaction(signal, &raw const action, ptr::null_mut()) }, 0);
}

/// The client's handler, flags and mask.
fn installed(signal: i32) -> (usize, i32, SignalSet) {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the call writes the action.
    unsafe {
        assert_eq!(sigaction(signal, ptr::null(), action.as_mut_ptr()), 0);
        let action = action.assume_init();
        let mask = *(&raw const action.sa_mask).cast::<SignalSet>();
        (action.sa_sigaction, action.sa_flags, mask)
    }
}

fn realtime(n: i32) -> i32 {
    libc::SIGRTMIN() + n
}

#[test]
fn outside_of_a_scope_the_handler_runs_at_once() {
    let signal = realtime(1);
    let before = current_mask();
    install(signal, 0, bit(libc::SIGTTIN));
    send(signal, 42);
    let mask = before | bit(signal) | bit(libc::SIGTTIN);
    assert_eq!(seen(), [Seen { signal, value: 42, mask }]);
    assert_eq!(current_mask(), before);
}

#[test]
fn in_a_scope_it_is_noted_and_runs_afterwards() {
    let signal = realtime(2);
    let before = current_mask();
    let attention = Arc::new(Attention::new());
    install(signal, 0, bit(libc::SIGTTOU));
    {
        let _deferred = defer(Some(attention.clone()));
        assert_eq!(attention.peek(), 0);
        send(signal, 7);
        assert_eq!(attention.peek(), Attention::SIGNAL);
        assert_eq!(seen(), []);
        run_deferred();
        assert_eq!(seen(), [], "a scope still lives");
    }
    assert_eq!(seen(), []);
    // SAFETY: errno belongs to the thread.
    unsafe { *libc::__errno_location() = 77 };
    run_deferred();
    // SAFETY: as above.
    assert_eq!(unsafe { *libc::__errno_location() }, 77);
    let mask = before | bit(signal) | bit(libc::SIGTTOU);
    assert_eq!(seen(), [Seen { signal, value: 7, mask }]);
    assert_eq!(current_mask(), before);
    run_deferred();
    assert_eq!(seen(), []);
}

#[test]
fn realtime_signals_keep_number_and_order() {
    let signal = realtime(3);
    install(signal, 0, 0);
    {
        let _deferred = defer(None);
        for value in 0..20 {
            send(signal, value);
        }
        assert_eq!(seen(), []);
    }
    run_deferred();
    let values: Vec<usize> = seen().iter().map(|seen| seen.value).collect();
    assert_eq!(values, (0..20).collect::<Vec<_>>());
}

#[test]
fn several_kinds_of_signals_all_run() {
    let before = current_mask();
    let signals = [realtime(4), realtime(5), libc::SIGXFSZ];
    for signal in signals {
        install(signal, 0, 0);
    }
    {
        let _deferred = defer(None);
        for signal in signals {
            send(signal, 1);
        }
        assert_eq!(seen(), []);
    }
    run_deferred();
    let mut all: Vec<i32> = seen().iter().map(|seen| seen.signal).collect();
    all.sort_unstable();
    assert_eq!(all, [libc::SIGXFSZ, realtime(4), realtime(5)]);
    assert_eq!(current_mask(), before);
}

#[test]
fn a_note_of_an_enclosing_scope_is_told() {
    let signal = realtime(6);
    install(signal, 0, 0);
    let attention = Arc::new(Attention::new());
    {
        let _outer = defer(None);
        send(signal, 1);
        let _inner = defer(Some(attention.clone()));
        assert_eq!(attention.peek(), Attention::SIGNAL);
    }
    run_deferred();
    assert_eq!(seen().len(), 1);
}

#[test]
fn scopes_may_end_in_any_order() {
    let signal = realtime(7);
    install(signal, 0, 0);
    let (first, second) = (Arc::new(Attention::new()), Arc::new(Attention::new()));
    let outer = defer(Some(first.clone()));
    let inner = defer(Some(second.clone()));
    drop(outer);
    assert_eq!(Arc::strong_count(&first), 1);
    send(signal, 1);
    assert_eq!((first.peek(), second.peek()), (0, Attention::SIGNAL));
    drop(inner);
    run_deferred();
    assert_eq!(seen().len(), 1);
}

#[test]
fn too_many_scopes_end_at_once_instead_of_never() {
    let scopes: Vec<_> = (0..20)
        .map(|_| {
            let attention = Arc::new(Attention::new());
            (defer(Some(attention.clone())), attention)
        })
        .collect();
    let raised = scopes.iter().filter(|(_, attention)| attention.peek() != 0).count();
    assert_eq!(raised, 12);
    drop(scopes);
    let attention = Arc::new(Attention::new());
    let _deferred = defer(Some(attention.clone()));
    assert_eq!(attention.peek(), 0, "places are free again");
}

#[test]
fn a_signal_before_the_entry_has_its_handler_run_before() {
    let signal = realtime(8);
    install(signal, 0, 0);
    let attention = Arc::new(Attention::new());
    send(signal, 1);
    assert_eq!(seen().len(), 1);
    let entry = attention.enter(|| defer(Some(attention.clone())), || false);
    let Entry::Entered(deferred) = entry else { panic!("nobody asked to leave") };
    assert_eq!(attention.peek(), 0);
    send(signal, 2);
    // Returns at once.
    attention.park(None);
    assert_eq!(attention.take(), Attention::SIGNAL);
    drop(deferred);
    run_deferred();
    assert_eq!(seen().len(), 1);
}

#[test]
fn the_client_gets_its_own_action_back() {
    let signal = realtime(9);
    assert_eq!(installed(signal), (libc::SIG_DFL, 0, 0));
    install(signal, libc::SA_RESTART | libc::SA_NODEFER, bit(3) | bit(40));
    let own = record as *const () as usize;
    let flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_NODEFER;
    assert_eq!(installed(signal), (own, flags, bit(3) | bit(40)));
    let mut old = MaybeUninit::<libc::sigaction>::zeroed();
    let ignore = raw(libc::SIG_IGN, 0, 0);
    // SAFETY: both actions are valid.
    let old = unsafe {
        assert_eq!(sigaction(signal, &raw const ignore, old.as_mut_ptr()), 0);
        old.assume_init()
    };
    assert_eq!((old.sa_sigaction, old.sa_flags), (own, flags));
    assert_eq!(installed(signal).0, libc::SIG_IGN);
    send(signal, 1);
    assert_eq!(seen(), []);
}

#[test]
fn fault_signals_report_the_client_too() {
    install_fault_handler();
    let own = record as *const () as usize;
    let (before, flags, mask) = installed(libc::SIGBUS);
    install(libc::SIGBUS, libc::SA_RESTART, bit(5));
    assert_eq!(installed(libc::SIGBUS), (own, libc::SA_RESTART | libc::SA_SIGINFO, bit(5)));
    // Sent by somebody rather than caused: noted like any other.
    {
        let _deferred = defer(None);
        send(libc::SIGBUS, 3);
        assert_eq!(seen(), []);
    }
    run_deferred();
    assert_eq!(seen().len(), 1);
    let restored = raw(before, flags, mask);
    // SAFETY: what was there is valid.
    assert_eq!(unsafe { sigaction(libc::SIGBUS, &raw const restored, ptr::null_mut()) }, 0);
}

#[test]
fn a_handler_for_one_time_only() {
    let signal = realtime(10);
    for deferred in [false, true] {
        install(signal, libc::SA_RESETHAND, 0);
        let scope = deferred.then(|| defer(None));
        send(signal, 1);
        if deferred {
            assert_eq!(installed(signal).0, record as *const () as usize, "not yet run");
        }
        drop(scope);
        run_deferred();
        assert_eq!(seen().len(), 1);
        assert_eq!(installed(signal).0, libc::SIG_DFL);
    }
}

#[test]
fn a_handler_that_may_be_interrupted_by_its_own_signal() {
    let signal = realtime(11);
    install(signal, libc::SA_NODEFER, 0);
    for deferred in [false, true] {
        let scope = deferred.then(|| defer(None));
        send(signal, 1);
        drop(scope);
        run_deferred();
        let [seen] = seen()[..] else { panic!("one expected") };
        assert_eq!(seen.mask & bit(signal), 0);
    }
}

#[test]
fn plain_handlers_get_the_number() {
    static NUMBER: AtomicI32 = AtomicI32::new(0);
    extern "C" fn plain(signal: i32) {
        NUMBER.store(signal, Ordering::Relaxed);
    }
    let signal = realtime(12);
    let action = raw(plain as *const () as usize, 0, 0);
    // SAFETY: the action is valid.
    assert_eq!(unsafe { sigaction(signal, &raw const action, ptr::null_mut()) }, 0);
    let scope = defer(None);
    send(signal, 0);
    drop(scope);
    assert_eq!(NUMBER.load(Ordering::Relaxed), 0);
    run_deferred();
    assert_eq!(NUMBER.load(Ordering::Relaxed), signal);
}

#[test]
fn a_handler_changes_the_mask_behind_it_by_its_context() {
    extern "C" fn block(_signal: i32, _info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the context is a ucontext; its mask's first word is the
        // kernel's.
        unsafe {
            let context = context.cast::<libc::ucontext_t>();
            *(&raw mut (*context).uc_sigmask).cast::<SignalSet>() |= bit(libc::SIGTTOU);
        }
    }
    let before = current_mask();
    let signal = realtime(13);
    let action = raw(block as *const () as usize, libc::SA_SIGINFO, 0);
    // SAFETY: the action is valid.
    assert_eq!(unsafe { sigaction(signal, &raw const action, ptr::null_mut()) }, 0);
    let scope = defer(None);
    send(signal, 0);
    drop(scope);
    run_deferred();
    assert_eq!(current_mask(), before | bit(libc::SIGTTOU));
    mask::set(before);
}

#[test]
fn a_handler_taken_away_while_its_signal_is_noted() {
    let signal = realtime(14);
    install(signal, 0, 0);
    let scope = defer(None);
    send(signal, 1);
    let ignore = raw(libc::SIG_IGN, 0, 0);
    // SAFETY: the action is valid.
    assert_eq!(unsafe { sigaction(signal, &raw const ignore, ptr::null_mut()) }, 0);
    drop(scope);
    run_deferred();
    assert_eq!(seen(), []);
}

#[test]
fn what_cannot_be_caught() {
    let action = raw(libc::SIG_IGN, 0, 0);
    for signal in [0, -1, 65, 32, 33, libc::SIGKILL, libc::SIGSTOP, i32::MAX, i32::MIN] {
        // SAFETY: the action is valid.
        let result = unsafe { sigaction(signal, &raw const action, ptr::null_mut()) };
        assert_eq!(result, libc::EINVAL, "{signal}");
    }
    assert_eq!(installed(libc::SIGKILL), (libc::SIG_DFL, 0, 0));
}

#[test]
fn bad_pointers() {
    let wild = 0xdead_0000_0000_0000u64;
    let signal = realtime(15);
    // SAFETY: bad pointers are errors.
    unsafe {
        let (new, old) = (wild as *const libc::sigaction, wild as *mut libc::sigaction);
        assert_eq!(sigaction(signal, new, ptr::null_mut()), libc::EFAULT);
        assert_eq!(sigaction(signal, ptr::null(), old), libc::EFAULT);
        let (new, old) = (wild as *const libc::sigset_t, wild as *mut libc::sigset_t);
        assert_eq!(sigmask(libc::SIG_BLOCK, new, ptr::null_mut()), Err(libc::EFAULT));
        assert_eq!(sigmask(libc::SIG_BLOCK, ptr::null(), old), Err(libc::EFAULT));
    }
    assert_eq!(installed(signal), (libc::SIG_DFL, 0, 0));
}

fn change_mask(how: i32, set: SignalSet) -> Result<SignalSet, i32> {
    let mut new = MaybeUninit::<libc::sigset_t>::zeroed();
    let mut old = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: both are valid; the first word of each is the kernel's.
    unsafe {
        *new.as_mut_ptr().cast::<SignalSet>() = set;
        sigmask(how, new.as_ptr(), old.as_mut_ptr())?;
        Ok(*old.as_ptr().cast::<SignalSet>())
    }
}

#[test]
fn the_client_blocks_what_it_likes() {
    let before = current_mask();
    let faults = bit(libc::SIGSEGV) | bit(libc::SIGBUS);
    let set = bit(libc::SIGSEGV) | bit(libc::SIGTTIN);
    assert_eq!(change_mask(libc::SIG_BLOCK, set), Ok(before));
    assert_eq!(current_mask(), before | bit(libc::SIGTTIN), "faults are never blocked");
    assert_eq!(change_mask(libc::SIG_BLOCK, bit(libc::SIGBUS)), Ok(before | set));
    assert_eq!(change_mask(libc::SIG_UNBLOCK, set), Ok(before | faults | bit(libc::SIGTTIN)));
    assert_eq!(change_mask(libc::SIG_SETMASK, before), Ok(before | bit(libc::SIGBUS)));
    assert_eq!(change_mask(99, 0), Err(libc::EINVAL));
    let mut old = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: asking only; the first word of the set is the kernel's.
    unsafe {
        assert_eq!(sigmask(99, ptr::null(), old.as_mut_ptr()), Ok(()));
        assert_eq!(*old.as_ptr().cast::<SignalSet>(), before);
    }
}

/// The use that `KVM_SET_SIGNAL_MASK` is made for: a signal that the thread
/// blocks ends the run, and is fetched afterwards.
#[test]
fn a_run_with_a_mask() {
    let signal = realtime(16);
    install(signal, 0, 0);
    let before = current_mask();
    let blocked = before | bit(signal);
    mask::set(blocked);
    let attention = Arc::new(Attention::new());
    for pending_before in [true, false] {
        if pending_before {
            send(signal, 11);
        }
        let entry =
            attention.enter(|| defer(Some(attention.clone())).with_mask(Some(before)), || false);
        let Entry::Entered(deferred) = entry else { panic!("nobody asked to leave") };
        if !pending_before {
            assert_eq!(attention.peek(), 0);
            send(signal, 11);
        }
        assert_eq!(attention.take(), Attention::SIGNAL);
        assert_eq!(pending(), 0);
        drop(deferred);
        assert_eq!(current_mask(), blocked);
        run_deferred();
        assert_eq!(seen(), [], "the thread blocks it");
        assert_eq!(pending(), bit(signal));
        let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: all three are valid.
        let value = unsafe {
            *set.as_mut_ptr().cast::<SignalSet>() = bit(signal);
            assert_eq!(libc::sigtimedwait(set.as_ptr(), info.as_mut_ptr(), &raw const now), signal);
            info.assume_init().si_value().sival_ptr as usize
        };
        assert_eq!(value, 11, "with all that came with it");
    }
    mask::set(before);
    assert_eq!(seen(), []);
}

#[test]
fn a_run_with_a_mask_and_a_signal_that_the_thread_takes() {
    let (ends, other) = (realtime(17), realtime(18));
    install(ends, 0, 0);
    install(other, 0, 0);
    let before = current_mask();
    {
        let _deferred = defer(None).with_mask(Some(before | bit(other)));
        send(other, 1);
        assert_eq!(pending(), bit(other), "the run blocks it");
        send(ends, 2);
        send(ends, 3);
    }
    assert_eq!(seen(), []);
    run_deferred();
    let mut values: Vec<usize> = seen().iter().map(|seen| seen.value).collect();
    values.sort_unstable();
    assert_eq!(values, [1, 2, 3]);
    assert_eq!(current_mask(), before);
}

/// What a note blocks is not part of the client's mask.
#[test]
fn a_mask_that_comes_after_a_note() {
    let (first, second) = (realtime(20), realtime(21));
    install(first, 0, 0);
    install(second, 0, 0);
    let before = current_mask();
    {
        let _outer = defer(None);
        send(first, 1);
        let inner = defer(None).with_mask(Some(before | bit(libc::SIGTTIN)));
        send(second, 2);
        drop(inner);
        assert_eq!(current_mask() & bit(libc::SIGTTIN), 0);
        drop(with_mask(before));
    }
    assert_eq!(seen(), []);
    run_deferred();
    assert_eq!(seen().len(), 2);
    assert_eq!((current_mask(), pending()), (before, 0));
}

#[test]
fn threads_started_under_a_full_mask_take_no_signals() {
    let before = current_mask();
    let inherited = {
        let _guard = with_mask(SignalSet::MAX);
        std::thread::spawn(current_mask).join().unwrap()
    };
    let all = !(bit(libc::SIGKILL) | bit(libc::SIGSTOP) | FAULTS | LIBRARY);
    assert_eq!(inherited, all);
    assert_eq!(current_mask(), before);
}

/// Another thread sends as fast as it can; each signal is handled once, in
/// order, and none in a scope.
#[test]
fn a_storm() {
    const ROUNDS: usize = 5_000;
    let signal = realtime(19);
    install(signal, 0, 0);
    let attention = Arc::new(Attention::new());
    let answered = Arc::new(AtomicU32::new(0));
    // SAFETY: the thread lives until the end of the test.
    let owner = unsafe { libc::pthread_self() };
    let sender = {
        let answered = Arc::clone(&answered);
        std::thread::spawn(move || {
            for value in 0..ROUNDS {
                // Some in bursts, some each after the other's answer.
                while value % 3 == 0 && (answered.load(Ordering::Acquire) as usize) < value {
                    std::thread::yield_now();
                }
                let value = libc::sigval { sival_ptr: value as *mut libc::c_void };
                // SAFETY: the owner lives.
                while unsafe { libc::pthread_sigqueue(owner, signal, value) } != 0 {
                    std::thread::yield_now();
                }
            }
        })
    };
    let mut values = vec![];
    while values.len() < ROUNDS {
        let entry = attention.enter(|| defer(Some(attention.clone())), || false);
        let Entry::Entered(deferred) = entry else { panic!("nobody asked to leave") };
        let count = SEEN.with_borrow(Vec::len);
        // A signal that came before the scope may have been the last.
        if count + values.len() < ROUNDS && count == 0 {
            while attention.take() & Attention::SIGNAL == 0 {
                attention.park(None);
            }
        }
        assert_eq!(SEEN.with_borrow(Vec::len), count, "nothing runs in a scope");
        drop(deferred);
        run_deferred();
        // The handlers must not find the list borrowed.
        let scope = defer(None);
        values.extend(seen().iter().map(|seen| seen.value));
        answered.store(u32::try_from(values.len()).unwrap(), Ordering::Release);
        drop(scope);
        run_deferred();
    }
    sender.join().unwrap();
    assert_eq!(values, (0..ROUNDS).collect::<Vec<_>>());
}
