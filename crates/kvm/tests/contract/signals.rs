//! Signals during KVM_RUN (F.2), with handlers installed as a served client's
//! are: through `lowcore_host::signals::sigaction`.

use crate::client::Client;
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_host::signals;
use lowcore_kvm::{Object, Vcpu};
use std::mem::MaybeUninit;
use std::os::unix::thread::JoinHandleExt;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Where the guest says that it runs.
const MARK: u64 = 0x8_0000;

/// Handlers that ran.
static RAN: AtomicU32 = AtomicU32::new(0);
/// The vcpu that a handler injects into.
static TARGET: Mutex<Option<Object>> = Mutex::new(None);

extern "C" fn count(_signal: libc::c_int) {
    RAN.fetch_add(1, Ordering::SeqCst);
}

/// A handler that does what deadlocks if any lock is held: it injects into the
/// vcpu that was running and asks for its state.
extern "C" fn inject(_signal: libc::c_int) {
    let target = TARGET.lock().unwrap().clone().unwrap();
    let client = Client::new();
    let restart = kvm_s390_irq::of_type(KVM_S390_RESTART);
    assert_eq!(client.pass(&target, KVM_S390_IRQ, &restart), Ok(0));
    assert_eq!(client.ioctl(&target, KVM_GET_MP_STATE, 0), Ok(7));
    RAN.fetch_add(1, Ordering::SeqCst);
}

fn install(signal: libc::c_int, handler: extern "C" fn(libc::c_int)) {
    // SAFETY: the action is complete, and its handlers do nothing that a
    // handler which runs outside of KVM_RUN may not do.
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = handler as *const () as usize;
        assert_eq!(signals::sigaction(signal, &raw const action, ptr::null_mut()), 0);
    }
}

/// Runs `vcpu` on a thread of its own, sends it a signal once it runs, and
/// gives what the ioctl answered and whether the signal was pending after it.
fn interrupted(
    guest: &Guest,
    vcpu: &Vcpu,
    signal: libc::c_int,
    blocked: bool,
) -> (Result<i32, i32>, bool) {
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    guest.put(MARK, &[0; 8]);
    let fd = object(vcpu);
    let thread = std::thread::spawn(move || {
        let client = Client::new();
        // SAFETY: the sets are valid; only this thread's mask changes.
        let pending = |set: &mut libc::sigset_t| unsafe {
            libc::sigpending(set);
            libc::sigismember(set, signal) == 1
        };
        // SAFETY: as above.
        let mut set: libc::sigset_t = unsafe { MaybeUninit::zeroed().assume_init() };
        if blocked {
            // SAFETY: as above.
            unsafe {
                libc::sigemptyset(&raw mut set);
                libc::sigaddset(&raw mut set, signal);
                libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut());
            }
        }
        let answer = client.ioctl(&fd, KVM_RUN, 0);
        (answer, pending(&mut set))
    });
    let start = Instant::now();
    while guest.u64(MARK) == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "the guest does not run");
        std::thread::yield_now();
    }
    // SAFETY: the thread has not been joined.
    assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), signal) }, 0);
    thread.join().unwrap()
}

/// One test, because handlers belong to the whole process.
#[test]
fn signals_end_a_run() {
    // The guest marks that it runs, then spins or waits.
    for mask in [MASKED, EXTERNAL | WAIT] {
        let guest = Guest::new();
        // agsi 0(%r2),1; lpswe 0(%r3)
        guest.put(CODE, &[0xeb, 0x01, 0x20, 0x00, 0x00, 0x7a, 0xb2, 0xb2, 0x30, 0x00]);
        guest.put(CODE + 0x100, &SPIN);
        guest.psw_at(MARK + 0x100, Psw::new(mask, CODE + 0x100));
        let vcpu = guest.vcpu(0, MASKED);
        vcpu.run_page().set_gpr(2, MARK);
        vcpu.run_page().set_gpr(3, MARK + 0x100);

        install(libc::SIGUSR1, count);
        let before = RAN.load(Ordering::SeqCst);
        assert_eq!(interrupted(&guest, &vcpu, libc::SIGUSR1, false), (Err(libc::EINTR), false));
        assert_eq!(RAN.load(Ordering::SeqCst), before + 1, "the handler ran once");
        assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_INTR);

        // A handler that injects finds no lock held.
        install(libc::SIGUSR2, inject);
        *TARGET.lock().unwrap() = Some(object(&vcpu));
        assert_eq!(interrupted(&guest, &vcpu, libc::SIGUSR2, false), (Err(libc::EINTR), false));
        assert_eq!(RAN.load(Ordering::SeqCst), before + 2);
        // What it injected is delivered by the next run.
        assert_eq!(vcpu.run(), Ok(EXIT_501));

        // Blocked outside of the run and let in by its mask: the run ends, the
        // handler does not run, and the signal is pending.
        vcpu.set_signal_mask(Some(0));
        assert_eq!(interrupted(&guest, &vcpu, libc::SIGUSR1, true), (Err(libc::EINTR), true));
        assert_eq!(RAN.load(Ordering::SeqCst), before + 2);
    }
}
