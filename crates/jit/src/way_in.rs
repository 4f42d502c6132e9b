//! The way from the engine into compiled code, and out of it when an access
//! without a guard faults.
//!
//! Such an access is one of several that one check stands for, as in LOAD
//! MULTIPLE. If the client takes its memory away between the first and the
//! last of them, the region cannot go on, nor be left properly.

use crate::run::Run;
#[cfg(target_arch = "x86_64")]
use crate::run::{at, end};
use crate::stubs::Enter;
#[cfg(target_arch = "x86_64")]
use lowcore_host::executable::{Landing, set_landing};

/// Executes code. Gives how it ended.
///
/// # Safety
/// The code is that of a region, `run` is ready for it, and `enter` is the
/// stub that enters it.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn execute(run: *mut Run, code: u64, enter: Enter) -> u64 {
    core::arch::naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "mov [rdi + {stack}], rsp",
        "call rdx",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        stack = const at::STACK,
    )
}

/// Leaves [`execute`] from wherever the code was, with the stack pointer that
/// it noted.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn land() -> u64 {
    core::arch::naked_asm!(
        "mov eax, {lost}",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        lost = const end::LOST,
    )
}

/// Makes the calling thread ready to execute code with a run block.
#[cfg(target_arch = "x86_64")]
pub fn prepare(run: &Run) {
    let stack = core::ptr::from_ref(&run.stack) as u64;
    // SAFETY: where code may be given up, all frames above that of `execute`
    // are compiled code's, which need no destruction; the place has the stack
    // pointer of that frame whenever code executes.
    unsafe { set_landing(Landing { code: land as *const () as u64, stack }) };
}

/// Executes code. Gives how it ended.
///
/// # Safety
/// The code is that of a region, `run` is ready for it, and `enter` is the
/// stub that enters it.
#[cfg(not(target_arch = "x86_64"))]
pub unsafe fn execute(run: *mut Run, code: u64, enter: Enter) -> u64 {
    // SAFETY: the caller's.
    unsafe { enter(run, code) }
}

/// On this host, a fault of an access without a guard is the client's.
#[cfg(not(target_arch = "x86_64"))]
pub fn prepare(_run: &Run) {}
