//! What the client asked for each signal, and what the kernel was told.

use std::mem::offset_of;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};

use super::{FAULTS, SignalSet, bit, deferral, fault, is_catchable, mask, process};
use crate::memory::{ClientMemory, HostRange};
use crate::{Fault, sys};

/// A client's action. The handler is `SIG_DFL`, `SIG_IGN` or a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) handler: usize,
    pub(super) flags: libc::c_int,
    pub(super) mask: SignalSet,
}

impl Action {
    pub(super) const DEFAULT: Action = Action { handler: libc::SIG_DFL, flags: 0, mask: 0 };

    /// Whether there is a function to call.
    pub(super) fn has_handler(&self) -> bool {
        self.handler != libc::SIG_DFL && self.handler != libc::SIG_IGN
    }

    /// Calls the client's handler.
    ///
    /// # Safety
    /// There is one; `info` and `context` are as for a signal handler.
    pub(super) unsafe fn call(
        &self,
        signal: libc::c_int,
        info: *mut libc::siginfo_t,
        context: *mut libc::c_void,
    ) {
        type Plain = unsafe extern "C" fn(libc::c_int);
        type WithInfo = unsafe extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);
        // SAFETY: the client gave it as a function of the type that its flags
        // say; the rest is the caller's.
        unsafe {
            if self.flags & libc::SA_SIGINFO == 0 {
                std::mem::transmute::<usize, Plain>(self.handler)(signal);
            } else {
                std::mem::transmute::<usize, WithInfo>(self.handler)(signal, info, context);
            }
        }
    }
}

/// One client's action that signal handlers may read at any time: of the two
/// copies, the low bit of the generation names the valid one.
struct Record {
    generation: AtomicU32,
    copies: [Copied; 2],
}

struct Copied {
    handler: AtomicUsize,
    flags: AtomicI32,
    mask: AtomicU64,
}

impl Record {
    const fn new() -> Self {
        const fn copy() -> Copied {
            Copied {
                handler: AtomicUsize::new(libc::SIG_DFL),
                flags: AtomicI32::new(0),
                mask: AtomicU64::new(0),
            }
        }
        Self { generation: AtomicU32::new(0), copies: [copy(), copy()] }
    }

    fn valid(&self, generation: u32) -> &Copied {
        let [even, odd] = &self.copies;
        if generation.is_multiple_of(2) { even } else { odd }
    }

    fn read(&self) -> Action {
        loop {
            let generation = self.generation.load(Ordering::Acquire);
            let copy = self.valid(generation);
            let action = Action {
                handler: copy.handler.load(Ordering::Relaxed),
                flags: copy.flags.load(Ordering::Relaxed),
                mask: copy.mask.load(Ordering::Relaxed),
            };
            fence(Ordering::Acquire);
            if self.generation.load(Ordering::Relaxed) == generation {
                return action;
            }
        }
    }

    /// Under the lock only.
    fn write(&self, action: Action) {
        let next = self.generation.load(Ordering::Relaxed).wrapping_add(1);
        fence(Ordering::Release);
        let copy = self.valid(next);
        copy.handler.store(action.handler, Ordering::Relaxed);
        copy.flags.store(action.flags, Ordering::Relaxed);
        copy.mask.store(action.mask, Ordering::Relaxed);
        self.generation.store(next, Ordering::Release);
    }
}

static RECORDS: [Record; 65] = [const { Record::new() }; 65];

/// The signals whose handler is the trampoline.
static HANDLED: AtomicU64 = AtomicU64::new(0);

fn record(signal: libc::c_int) -> &'static Record {
    let index = usize::try_from(signal).unwrap_or(0);
    RECORDS.get(index).unwrap_or(&RECORDS[0])
}

/// The client's action for a signal of which we are the handler.
pub(super) fn of(signal: libc::c_int) -> Action {
    record(signal).read()
}

/// The signals that would be noted in a deferral.
pub(super) fn handled() -> SignalSet {
    HANDLED.load(Ordering::Relaxed)
}

/// `sigaction` for a client. The handler that the kernel gets is ours; `old`
/// is what the client set earlier, or what the process started with.
///
/// Returns 0, or an error number: `EINVAL` for a signal that cannot be caught,
/// `EFAULT` for a bad pointer.
///
/// # Safety
/// What `new` holds is a valid action, and `old` is null or the client's to
/// write to. Bad pointers are errors.
pub unsafe fn sigaction(
    signal: libc::c_int,
    new: *const libc::sigaction,
    old: *mut libc::sigaction,
) -> libc::c_int {
    // Reading an action is allowed for the two that nobody may set.
    let readable = is_catchable(signal)
        || new.is_null() && (signal == libc::SIGKILL || signal == libc::SIGSTOP);
    if !readable {
        return libc::EINVAL;
    }
    // SAFETY: both pointers are the client's.
    let client = unsafe { ClientMemory::of_this_process() };
    let new = if new.is_null() {
        None
    } else {
        match load(&client.range(new as u64, size_of::<libc::sigaction>())) {
            Ok(action) => Some(action),
            Err(Fault) => return libc::EFAULT,
        }
    };
    let before = exchange(signal, new);
    if !old.is_null()
        && store(&client.range(old as u64, size_of::<libc::sigaction>()), before).is_err()
    {
        return libc::EFAULT;
    }
    0
}

/// Gives the client's action and sets another.
fn exchange(signal: libc::c_int, new: Option<Action>) -> Action {
    let lock = process::lock();
    let kernel = kernel_action(signal, None);
    let ours = is_ours(kernel.handler);
    let before = if ours { of(signal) } else { kernel };
    let Some(new) = new else { return before };
    if lock.shares_tables() {
        // A vfork child on its way to exec: the action is its own, the table
        // its parent's.
        kernel_action(signal, Some(new));
        return before;
    }
    if bit(signal) & FAULTS != 0 {
        record(signal).write(new);
        kernel_action(signal, Some(fault::action(&new)));
    } else if new.has_handler() {
        record(signal).write(new);
        HANDLED.fetch_or(bit(signal), Ordering::Relaxed);
        // The kernel would forget the handler when the signal arrives, not
        // when the client's handler runs.
        let flags = (new.flags | libc::SA_SIGINFO) & !libc::SA_RESETHAND;
        let handler = deferral::trampoline as *const () as usize;
        kernel_action(signal, Some(Action { handler, flags, mask: new.mask }));
    } else {
        kernel_action(signal, Some(new));
        HANDLED.fetch_and(!bit(signal), Ordering::Relaxed);
        record(signal).write(new);
    }
    before
}

/// Makes the fault handler ours, keeping what was there as the client's.
pub(super) fn take_over_faults() {
    let _lock = process::lock();
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        let kernel = kernel_action(signal, None);
        if !is_ours(kernel.handler) {
            record(signal).write(kernel);
            kernel_action(signal, Some(fault::action(&kernel)));
        }
    }
}

/// What `SA_RESETHAND` asks for, if the client has not changed the action
/// since. Async-signal-safe.
pub(super) fn reset(signal: libc::c_int, action: &Action) {
    let lock = process::lock();
    if lock.shares_tables() || of(signal) != *action {
        return;
    }
    let reset = Action { handler: libc::SIG_DFL, ..*action };
    if bit(signal) & FAULTS == 0 {
        kernel_action(signal, Some(reset));
        HANDLED.fetch_and(!bit(signal), Ordering::Relaxed);
    }
    record(signal).write(reset);
}

/// Hands a signal over to its default action for good. Async-signal-safe.
pub(super) fn restore_default(signal: libc::c_int) {
    let _lock = process::lock();
    kernel_action(signal, Some(Action::DEFAULT));
}

fn is_ours(handler: usize) -> bool {
    handler == deferral::trampoline as *const () as usize
        || handler == fault::handler as *const () as usize
}

/// The kernel's form of an action.
#[repr(C)]
#[derive(Default)]
struct KernelAction {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: SignalSet,
}

/// `SA_RESTORER`, which the C library hides.
const RESTORER: u64 = 0x0400_0000;

/// Reads the kernel's action for a signal and sets another.
fn kernel_action(signal: libc::c_int, new: Option<Action>) -> Action {
    let new = new.map(|action| KernelAction {
        handler: action.handler,
        flags: u64::from(action.flags.cast_unsigned()) | RESTORER,
        restorer: restore as *const () as usize,
        mask: action.mask & !FAULTS,
    });
    let mut old = KernelAction::default();
    let arguments = [
        sys::signed(signal),
        new.as_ref().map_or(0, |new| sys::pointer(std::ptr::from_ref(new))),
        sys::pointer(&raw mut old),
        mask::SET_BYTES,
        0,
        0,
    ];
    // SAFETY: both places have the kernel's layout, and the handlers set are
    // ours or the client's.
    unsafe { sys::call(libc::SYS_rt_sigaction, arguments) };
    // All flags lie in the low half.
    let flags = u32::try_from(old.flags & !RESTORER).unwrap_or(0);
    Action { handler: old.handler, flags: flags.cast_signed(), mask: old.mask }
}

/// Where a handler returns to.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
extern "C" fn restore() {
    // Debuggers and unwinders know a signal frame by exactly these bytes.
    core::arch::naked_asm!("mov rax, {number}", "syscall", number = const libc::SYS_rt_sigreturn);
}

/// Where a handler returns to.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
extern "C" fn restore() {
    core::arch::naked_asm!("mov x8, {number}", "svc #0", number = const libc::SYS_rt_sigreturn);
}

fn load(client: &HostRange) -> Result<Action, Fault> {
    let handler = client.load_u64(offset_of!(libc::sigaction, sa_sigaction))?;
    Ok(Action {
        handler: usize::try_from(handler).unwrap_or(libc::SIG_DFL),
        flags: client.load_u32(offset_of!(libc::sigaction, sa_flags))?.cast_signed(),
        mask: client.load_u64(offset_of!(libc::sigaction, sa_mask))?,
    })
}

fn store(client: &HostRange, action: Action) -> Result<(), Fault> {
    client.store_u64(offset_of!(libc::sigaction, sa_sigaction), action.handler as u64)?;
    client.store_u32(offset_of!(libc::sigaction, sa_flags), action.flags.cast_unsigned())?;
    client.store_u64(offset_of!(libc::sigaction, sa_mask), action.mask)?;
    client.store_u64(offset_of!(libc::sigaction, sa_restorer), 0)
}
