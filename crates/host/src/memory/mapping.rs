//! Memory of our own.

use std::io;
use std::sync::Arc;

use crate::sys;

/// An anonymous mapping, zero at start and page aligned, private to the
/// process: guest storage for clients that bring none of their own.
///
/// It can be reached through [`super::HostRange::of`] only, and lives until
/// the last range is gone.
#[derive(Debug)]
pub struct Mapping {
    base: u64,
    len: usize,
}

impl Mapping {
    /// Maps `len` bytes.
    ///
    /// # Errors
    /// What `mmap` reports: `EINVAL` for a length of 0, `ENOMEM`.
    pub fn anonymous(len: usize) -> io::Result<Arc<Mapping>> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice replaces
        // nothing.
        let base = unsafe { map(len, flags, -1)? };
        Ok(Arc::new(Mapping { base, len }))
    }

    /// The length in bytes, as asked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Always false: there are no empty mappings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn base(&self) -> u64 {
        self.base
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: we mapped it, and all ranges into it hold the mapping.
        unsafe { unmap(self.base, self.len) };
    }
}

/// Maps `len` readable and writable bytes, of the file `fd` or of none.
///
/// # Safety
/// `flags` do not ask for a fixed address.
pub(super) unsafe fn map(len: usize, flags: libc::c_int, fd: libc::c_int) -> io::Result<u64> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let arguments =
        [0, len as u64, sys::signed(protection), sys::signed(flags), sys::signed(fd), 0];
    // SAFETY: the caller's.
    sys::check(unsafe { sys::call(libc::SYS_mmap, arguments) })
}

/// Gives pages back to the host, if they are whole ones. What is read from
/// them afterwards is zero.
///
/// # Safety
/// The range is raw memory in a private anonymous mapping of ours.
pub(super) unsafe fn discard(base: u64, len: usize) -> io::Result<()> {
    let arguments = [base, len as u64, sys::signed(libc::MADV_DONTNEED), 0, 0, 0];
    // The kernel would discard the rest of the last page as well.
    // SAFETY: it only tells a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    if usize::try_from(page).is_ok_and(|page| !len.is_multiple_of(page)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the caller's; who reads the range expects that it changes.
    sys::check(unsafe { sys::call(libc::SYS_madvise, arguments) }).map(drop)
}

/// # Safety
/// The pages are ours and nobody reaches them any more.
pub(super) unsafe fn unmap(base: u64, len: usize) {
    // SAFETY: the caller's. It cannot fail for a range that `map` gave.
    unsafe { sys::call(libc::SYS_munmap, [base, len as u64, 0, 0, 0, 0]) };
}
