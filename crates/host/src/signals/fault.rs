//! The handler of `SIGSEGV` and `SIGBUS`.

use std::sync::atomic::{AtomicBool, Ordering};

use super::action::{self, Action};
use super::{deferral, mask};
use crate::{guarded, memory};

/// Makes `SIGSEGV` and `SIGBUS` ours: a fault of an access in
/// [`crate::memory`] becomes a [`crate::Fault`], every other one goes to the
/// handler that was there before or that the client installs later.
///
/// Idempotent and cheap when done. Everything in [`crate::memory`] calls it
/// by itself.
pub fn install_fault_handler() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if !INSTALLED.load(Ordering::Acquire) {
        action::take_over_faults();
        INSTALLED.store(true, Ordering::Release);
    }
}

/// What the kernel is told, so that the client's handler may be called from
/// ours as the client wants. A fault in the handler itself must come through.
pub(super) fn action(client: &Action) -> Action {
    let on_stack = client.flags & libc::SA_ONSTACK;
    Action {
        handler: handler as *const () as usize,
        flags: libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_RESTART | on_stack,
        mask: 0,
    }
}

pub(super) extern "C" fn handler(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    let (code, at) =
        // SAFETY: the kernel gives both to a handler with SA_SIGINFO.
        unsafe { ((*info).si_code, memory::program_counter(context.cast::<libc::ucontext_t>())) };
    // Codes above 0 come from the kernel, for what the thread itself did.
    let synchronous = code > 0;
    if !synchronous {
        // SAFETY: the arguments are the kernel's.
        unsafe { deferral::arrived(signal, info, context) };
        return;
    }
    if let Some(landing) = guarded::landing(at) {
        let context = context.cast::<libc::ucontext_t>();
        // SAFETY: whoever executes compiled code in this thread wants to be
        // told of its faults there, with that stack.
        unsafe {
            memory::set_program_counter(context, landing.code);
            memory::set_stack_pointer(context, landing.stack);
        }
        return;
    }
    if let Some(resume) = memory::resume_address(at).or_else(|| guarded::resume_address(at)) {
        // SAFETY: the table pairs each instruction with code that follows it,
        // and a guarded access goes on as its guard would have it.
        unsafe { memory::set_program_counter(context.cast::<libc::ucontext_t>(), resume) };
        return;
    }
    let client = action::of(signal);
    if client.has_handler() {
        if client.flags & libc::SA_RESETHAND != 0 {
            action::reset(signal, &client);
        }
        // Returning from this handler brings the old mask back.
        mask::set(mask::get() | client.mask);
        // SAFETY: the arguments are the kernel's.
        unsafe { client.call(signal, info, context) };
    } else {
        // A fault cannot be ignored. Returning repeats it, without a handler.
        action::restore_default(signal);
    }
}
