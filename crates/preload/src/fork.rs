//! Who owns the tables of this process: the process itself, a child of `fork`
//! that has a copy of them, or a child of `vfork` that borrows its parent's.
//!
//! A page that the kernel clears in a fork child tells the first two apart,
//! however the child was made; `getpid` tells the third. The lock of the
//! tables lies in that page too, so a child never finds it held by a thread
//! that it does not have.

use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use lowcore_host::signals;

use crate::{system, table, trace};

#[repr(C)]
struct Page {
    /// The process that the tables belong to, [`NOBODY`] or [`CHANGING`].
    owner: AtomicU32,
    /// Whether somebody changes the table of descriptors.
    lock: AtomicU32,
}

/// In a child that has not looked yet.
const NOBODY: u32 = 0;
/// A thread of such a child is at it.
const CHANGING: u32 = u32::MAX;

/// The process whose heap is whole: not that of a child that has not gone
/// through the C library's `fork`, in which a lock of the heap may be held by
/// a thread that it does not have.
static HEAP_OF: AtomicU32 = AtomicU32::new(NOBODY);

static PAGE: AtomicPtr<Page> = AtomicPtr::new(std::ptr::null_mut());

fn page() -> &'static Page {
    /// Until [`prepare`], when there is nothing of ours in the process, and
    /// where the kernel gives no page; then a handler of `fork` tells.
    static FALLBACK: Page = Page { owner: AtomicU32::new(NOBODY), lock: AtomicU32::new(0) };
    // SAFETY: a page that was mapped is never given back.
    unsafe { PAGE.load(Ordering::Acquire).as_ref() }.unwrap_or(&FALLBACK)
}

/// Makes the process ready to have descriptors of ours.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Some(page) = map() {
            PAGE.store(page, Ordering::Release);
        }
        HEAP_OF.store(system::process(), Ordering::Relaxed);
        // SAFETY: the handler does only what a fork child may.
        unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    });
    check();
}

fn map() -> Option<*mut Page> {
    const LENGTH: usize = 4096;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping replaces nothing, and the advice is about it only.
    unsafe {
        let page = libc::mmap(std::ptr::null_mut(), LENGTH, protection, flags, -1, 0);
        if page == libc::MAP_FAILED {
            return None;
        }
        if libc::madvise(page, LENGTH, libc::MADV_WIPEONFORK) != 0 {
            libc::munmap(page, LENGTH);
            return None;
        }
        Some(page.cast())
    }
}

extern "C" fn forked() {
    // The C library has made its heap whole before it calls its handlers.
    HEAP_OF.store(system::process(), Ordering::Relaxed);
    let page = page();
    if page.owner.load(Ordering::Relaxed) != system::process() {
        page.owner.store(NOBODY, Ordering::Relaxed);
        page.lock.store(0, Ordering::Relaxed);
        check();
    }
}

/// Before anything looks into a table: in a fork child, what the tables hold
/// becomes inherited.
pub fn check() {
    let page = page();
    loop {
        match page.owner.load(Ordering::Acquire) {
            NOBODY => {}
            CHANGING => {
                std::thread::yield_now();
                continue;
            }
            _ => return,
        }
        let taken =
            page.owner.compare_exchange(NOBODY, CHANGING, Ordering::Acquire, Ordering::Relaxed);
        if taken.is_ok() {
            table::inherit();
            trace::forget();
            page.owner.store(system::process(), Ordering::Release);
            return;
        }
    }
}

/// Whether memory may be allocated even if the client may do only what a
/// signal handler may: not in a child of `_Fork`, `vfork` or a bare `clone`.
pub fn heap_is_whole() -> bool {
    HEAP_OF.load(Ordering::Relaxed) == system::process()
}

/// Whether this process owns its tables, and does not borrow them from a
/// parent that it shares its memory with.
pub fn owns_tables() -> bool {
    check();
    page().owner.load(Ordering::Relaxed) == system::process()
}

/// The right to change the table of descriptors. Signals of the client are
/// deferred meanwhile, so that no handler waits for what it interrupted.
pub struct Lock {
    page: &'static Page,
    _deferred: signals::Deferred,
}

/// Waits for the table. `None` in a child that borrows its parent's memory,
/// where the descriptors are the child's but the table is the parent's.
pub fn lock() -> Option<Lock> {
    let deferred = signals::defer(None);
    if !owns_tables() {
        return None;
    }
    let page = page();
    while page.lock.compare_exchange_weak(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        std::thread::yield_now();
    }
    Some(Lock { page, _deferred: deferred })
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.page.lock.store(0, Ordering::Release);
    }
}
