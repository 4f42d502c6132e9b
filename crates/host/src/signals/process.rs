//! One lock for the tables of this process's signal actions.
//!
//! The lock lies in a page that the kernel clears in a fork child, so a child
//! never inherits it held by a thread that it does not have. The page also
//! tells a fork child, whose tables are its own, from a vfork child, which
//! shares its parent's tables but not its parent's signal actions.

use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use super::{FAULTS, LIBRARY, SignalSet, mask};
use crate::sys;

#[repr(C)]
struct Page {
    lock: AtomicU32,
    process: AtomicU32,
}

/// Held while the tables change. All signals are blocked meanwhile, so a
/// signal handler may take it too.
pub(super) struct Lock {
    page: &'static Page,
    mask: SignalSet,
    shares_tables: bool,
}

pub(super) fn lock() -> Lock {
    let mask = mask::set(!(FAULTS | LIBRARY));
    let page = page();
    while page.lock.compare_exchange_weak(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        std::hint::spin_loop();
    }
    let this = std::process::id();
    let owner = match page.process.load(Ordering::Relaxed) {
        0 => {
            page.process.store(this, Ordering::Relaxed);
            this
        }
        owner => owner,
    };
    Lock { page, mask, shares_tables: owner != this }
}

impl Lock {
    /// Whether the tables belong to a parent: the caller is a vfork child and
    /// must not change them.
    pub(super) fn shares_tables(&self) -> bool {
        self.shares_tables
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.page.lock.store(0, Ordering::Release);
        mask::set(self.mask);
    }
}

fn page() -> &'static Page {
    /// Used where the kernel gives no page: everything works but for the
    /// comfort of children.
    static FALLBACK: Page = Page { lock: AtomicU32::new(0), process: AtomicU32::new(0) };
    static PAGE: AtomicPtr<Page> = AtomicPtr::new(std::ptr::null_mut());

    let mut page = PAGE.load(Ordering::Acquire);
    if page.is_null() {
        let fresh = map().unwrap_or(std::ptr::from_ref(&FALLBACK).cast_mut());
        // A page that loses the race is left alone.
        let winner =
            PAGE.compare_exchange(std::ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire);
        page = winner.map_or_else(|earlier| earlier, |_| fresh);
    }
    // SAFETY: it is a mapped page or the static, never given back, and all of
    // its fields are atomic and valid when zero.
    unsafe { &*page }
}

fn map() -> Option<*mut Page> {
    const LEN: u64 = 4096;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let arguments = [0, LEN, sys::signed(protection), sys::signed(flags), sys::signed(-1), 0];
    // SAFETY: a new mapping replaces nothing, and the advice concerns it only.
    let base = unsafe {
        let base = sys::check(sys::call(libc::SYS_mmap, arguments)).ok()?;
        let advice = sys::signed(libc::MADV_WIPEONFORK);
        sys::check(sys::call(libc::SYS_madvise, [base, LEN, advice, 0, 0, 0])).ok()?;
        base
    };
    Some(base as *mut Page)
}
