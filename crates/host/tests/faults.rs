//! Faults that are the client's own, and signals that end a process. Each
//! case runs in a process of its own: this binary again, with the name of the
//! case in its environment.
//!
//! A case ends with status 0 if it went well, and otherwise by a panic or by
//! the signal that the parent expects.
#![cfg(not(loom))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use lowcore_host::Fault;
use lowcore_host::attention::Attention;
use lowcore_host::memory::{ClientMemory, HostRange, Mapping};
use lowcore_host::signals;

const CASE: &str = "LOWCORE_TEST_CASE";
const PAGE: usize = 0x1000;

/// Runs the test `name` again in a process of its own; in that process, runs
/// the case and ends.
fn in_a_process(name: &str, case: fn()) -> ExitStatus {
    if std::env::var(CASE).is_ok_and(|running| running == name) {
        case();
        std::process::exit(0);
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CASE, name)
        .output()
        .unwrap();
    if !output.status.success() && output.status.signal().is_none() {
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status
}

fn ends_well(name: &str, case: fn()) {
    let status = in_a_process(name, case);
    assert!(status.success(), "{status}");
}

fn ends_by(signal: i32, name: &str, case: fn()) {
    let status = in_a_process(name, case);
    assert_eq!(status.signal(), Some(signal), "{status}");
}

type Handler = extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void);

fn action(handler: usize) -> libc::sigaction {
    // SAFETY: all zero is a valid action.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = libc::SA_SIGINFO;
    action
}

fn install(signal: i32, handler: usize) {
    let action = action(handler);
    // SAFETY: the action is valid.
    assert_eq!(unsafe { signals::sigaction(signal, &raw const action, ptr::null_mut()) }, 0);
}

fn install_handler(signal: i32, handler: Handler) {
    install(signal, handler as usize);
}

/// A page that cannot be accessed.
fn no_access() -> *mut u8 {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping replaces nothing.
    let page = unsafe { libc::mmap(ptr::null_mut(), PAGE, libc::PROT_NONE, flags, -1, 0) };
    page.cast()
}

/// A fault of our own kind must stay an error in all of these processes.
fn our_fault(page: *mut u8) {
    // SAFETY: no Rust object lies there.
    let range = unsafe { HostRange::new(page as u64, PAGE) };
    assert_eq!(range.load_u8(0), Err(Fault));
    assert_eq!(range.write(8, &[1; 64]), Err(Fault));
}

static HANDLED: AtomicI32 = AtomicI32::new(0);
static ADDRESS: AtomicU64 = AtomicU64::new(0);

/// Makes the page accessible, so that the access succeeds when it is repeated:
/// what a garbage collector's write barrier does.
extern "C" fn repair(_signal: i32, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: a fault has an address, and that of these tests lies in a page
    // of theirs.
    unsafe {
        let address = (*info).si_addr();
        ADDRESS.store(address as u64, Ordering::SeqCst);
        let page = (address as usize & !(PAGE - 1)) as *mut libc::c_void;
        libc::mprotect(page, PAGE, libc::PROT_READ | libc::PROT_WRITE);
    }
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

fn repairs_once(page: *mut u8) {
    let at = page.wrapping_add(24);
    // SAFETY: the handler makes the page accessible.
    unsafe { at.write_volatile(7) };
    assert_eq!(HANDLED.load(Ordering::SeqCst), 1);
    assert_eq!(ADDRESS.load(Ordering::SeqCst), at as u64);
    // SAFETY: it is accessible now.
    assert_eq!(unsafe { at.read_volatile() }, 7);
}

#[test]
fn a_handler_installed_after_ours() {
    ends_well("a_handler_installed_after_ours", || {
        let page = no_access();
        our_fault(page);
        install_handler(libc::SIGSEGV, repair);
        our_fault(page);
        assert_eq!(HANDLED.load(Ordering::SeqCst), 0);
        repairs_once(page);
        our_fault(no_access());
        assert_eq!(HANDLED.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn a_handler_installed_before_ours() {
    ends_well("a_handler_installed_before_ours", || {
        let action = action(repair as Handler as usize);
        // SAFETY: the action is valid.
        unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, ptr::null_mut()) };
        let page = no_access();
        our_fault(page);
        repairs_once(page);
        our_fault(no_access());
    });
}

#[test]
fn a_fault_without_a_handler() {
    ends_by(libc::SIGSEGV, "a_fault_without_a_handler", || {
        install(libc::SIGSEGV, libc::SIG_DFL);
        let page = no_access();
        our_fault(page);
        // SAFETY: ends the process.
        unsafe { page.write_volatile(1) };
    });
}

#[test]
fn a_fault_cannot_be_ignored() {
    ends_by(libc::SIGSEGV, "a_fault_cannot_be_ignored", || {
        install(libc::SIGSEGV, libc::SIG_IGN);
        let page = no_access();
        our_fault(page);
        // SAFETY: ends the process.
        unsafe { page.write_volatile(1) };
    });
}

/// The runtime of Rust has a handler of its own, which ends the process.
#[test]
fn a_fault_in_a_plain_rust_program() {
    ends_by(libc::SIGSEGV, "a_fault_in_a_plain_rust_program", || {
        let page = no_access();
        our_fault(page);
        // SAFETY: ends the process.
        unsafe { page.write_volatile(1) };
    });
}

#[test]
fn a_sent_signal_without_a_handler() {
    ends_by(libc::SIGBUS, "a_sent_signal_without_a_handler", || {
        install(libc::SIGBUS, libc::SIG_DFL);
        our_fault(no_access());
        // SAFETY: ends the process.
        unsafe { libc::raise(libc::SIGBUS) };
        std::process::exit(1);
    });
}

#[test]
fn a_sent_signal_can_be_ignored() {
    ends_well("a_sent_signal_can_be_ignored", || {
        install(libc::SIGSEGV, libc::SIG_IGN);
        our_fault(no_access());
        // SAFETY: it is ignored.
        unsafe { libc::raise(libc::SIGSEGV) };
        our_fault(no_access());
    });
}

/// What `ioctl` does when a client's own fault handler calls it.
#[test]
fn our_fault_inside_the_clients_fault_handler() {
    extern "C" fn handler(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        our_fault(no_access());
        repair(signal, info, context);
    }
    ends_well("our_fault_inside_the_clients_fault_handler", || {
        install_handler(libc::SIGSEGV, handler);
        repairs_once(no_access());
    });
}

#[test]
fn our_fault_while_the_client_blocks_the_signal() {
    ends_well("our_fault_while_the_client_blocks_the_signal", || {
        signals::install_fault_handler();
        // SAFETY: all one is a valid set.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            signals::sigmask(libc::SIG_SETMASK, &raw const all, ptr::null_mut()).unwrap();
        }
        our_fault(no_access());
    });
}

#[test]
fn our_fault_in_a_deferral() {
    ends_well("our_fault_in_a_deferral", || {
        install_handler(libc::SIGSEGV, repair);
        let attention = Arc::new(Attention::new());
        let deferred = signals::defer(Some(attention.clone()));
        our_fault(no_access());
        assert_eq!(attention.peek(), 0);
        // The client's own faults cannot wait either.
        repairs_once(no_access());
        drop(deferred);
    });
}

#[test]
fn faults_on_many_threads_at_once() {
    ends_well("faults_on_many_threads_at_once", || {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| {
                    for _ in 0..500 {
                        // SAFETY: no Rust object lies at these addresses.
                        let client = unsafe { ClientMemory::of_this_process() };
                        assert_eq!(client.read(16, &mut [0; 8]), Err(Fault));
                        let mapping = Mapping::anonymous(PAGE).unwrap();
                        assert_eq!(HostRange::of(&mapping).load_u64(8), Ok(0));
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_noted_signal_whose_handler_went_takes_the_default_action() {
    ends_by(libc::SIGTERM, "a_noted_signal_whose_handler_went_takes_the_default_action", || {
        install_handler(libc::SIGTERM, repair);
        let deferred = signals::defer(None);
        // SAFETY: it has a handler.
        unsafe { libc::raise(libc::SIGTERM) };
        install(libc::SIGTERM, libc::SIG_DFL);
        drop(deferred);
        signals::run_deferred();
        std::process::exit(1);
    });
}

#[test]
fn a_signal_without_a_handler_does_not_wait() {
    ends_by(libc::SIGTERM, "a_signal_without_a_handler_does_not_wait", || {
        install_handler(libc::SIGUSR1, repair);
        let _deferred = signals::defer(None);
        // SAFETY: the first is noted, the second ends the process.
        unsafe {
            libc::raise(libc::SIGUSR1);
            libc::raise(libc::SIGTERM);
        }
        std::process::exit(1);
    });
}

extern "C" fn count(_signal: i32, _info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

/// A child with memory of its own keeps handlers and may change them, even if
/// another thread of its parent was just changing some.
#[test]
fn a_fork_child() {
    ends_well("a_fork_child", || {
        install_handler(libc::SIGUSR1, count);
        let stop = Arc::new(AtomicI32::new(0));
        let other = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                while stop.load(Ordering::Relaxed) == 0 {
                    install_handler(libc::SIGUSR2, count);
                }
            }
        });
        for _ in 0..100 {
            // SAFETY: the child does only what is async-signal-safe.
            let child = unsafe { libc::fork() };
            if child == 0 {
                // SAFETY: as above; a hang ends by SIGALRM.
                unsafe {
                    libc::alarm(20);
                    libc::raise(libc::SIGUSR1);
                    install(libc::SIGUSR1, libc::SIG_IGN);
                    libc::raise(libc::SIGUSR1);
                    let handled = HANDLED.load(Ordering::SeqCst);
                    libc::_exit(i32::from(handled != 1));
                }
            }
            let mut status = 0;
            // SAFETY: the child is ours.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            assert_eq!(status, 0);
        }
        stop.store(1, Ordering::Relaxed);
        other.join().unwrap();
    });
}

/// A child that shares memory with its waiting parent, as `vfork` makes it,
/// resets its handlers before it executes another program. The parent's stay.
#[test]
fn a_vfork_child() {
    extern "C" fn child(_argument: *mut libc::c_void) -> i32 {
        install(libc::SIGUSR1, libc::SIG_IGN);
        // SAFETY: it is ignored in this process.
        unsafe { libc::raise(libc::SIGUSR1) };
        let handled = HANDLED.load(Ordering::SeqCst);
        install(libc::SIGUSR1, libc::SIG_DFL);
        handled
    }
    ends_well("a_vfork_child", || {
        install_handler(libc::SIGUSR1, count);
        let mut stack = vec![0u128; 16 * 1024];
        let top = stack.as_mut_ptr_range().end.cast();
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        let mut status = 0;
        // SAFETY: the parent waits while the child uses the stack, which is
        // large enough for it.
        unsafe {
            let pid = libc::clone(child, top, flags, ptr::null_mut());
            assert!(pid > 0);
            assert_eq!(libc::waitpid(pid, &raw mut status, 0), pid);
        }
        assert_eq!(status, 0);
        // SAFETY: it has a handler.
        unsafe { libc::raise(libc::SIGUSR1) };
        assert_eq!(HANDLED.load(Ordering::SeqCst), 1, "the parent still has its handler");
        let deferred = signals::defer(None);
        // SAFETY: it has a handler.
        unsafe { libc::raise(libc::SIGUSR1) };
        assert_eq!(HANDLED.load(Ordering::SeqCst), 1);
        drop(deferred);
        signals::run_deferred();
        assert_eq!(HANDLED.load(Ordering::SeqCst), 2);
    });
}
