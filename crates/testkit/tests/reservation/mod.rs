//! Address space of which a test decides, at any time, what is accessible:
//! the one place in these tests where pages are mapped.

use lowcore_host::memory::{ClientMemory, HostRange};
use lowcore_testkit::fuzz::{Access, Client};

/// A range of addresses that nobody else maps anything into.
pub struct Reservation {
    base: u64,
    len: usize,
}

impl Reservation {
    /// Reserves `len` bytes, none of which is accessible.
    pub fn new(len: usize) -> Self {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice replaces
        // nothing.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
        assert_ne!(base, libc::MAP_FAILED, "{}", std::io::Error::last_os_error());
        Self { base: base as u64, len }
    }

    /// The address of the first byte.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Changes what may be done with a part: one of `PROT_NONE`, `PROT_READ`
    /// and `PROT_READ | PROT_WRITE`.
    pub fn protect(&self, offset: usize, len: usize, protection: libc::c_int) {
        let at = self.at(offset, len);
        // SAFETY: the pages are ours, and nobody has a reference into them.
        let result = unsafe { libc::mprotect(at as *mut libc::c_void, len, protection) };
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
    }

    /// The memory of a part, accessible or not.
    #[allow(dead_code, reason = "not every user has slots of its own")]
    pub fn range(&self, offset: usize, len: usize) -> HostRange {
        // SAFETY: only host ranges and client memory are ever made of these
        // addresses, which stay reserved for the life of the process.
        unsafe { HostRange::new(self.at(offset, len), len) }
    }

    fn at(&self, offset: usize, len: usize) -> u64 {
        assert!(offset <= self.len && len <= self.len - offset);
        self.base + offset as u64
    }
}

/// The client of the ioctl target, whose memory lasts as long as the process.
#[allow(dead_code, reason = "not every user calls ioctls")]
pub fn client() -> Client {
    let memory = Reservation::new(Client::SIZE);
    for (offset, length, access) in Client::PARTS {
        let protection = match access {
            Access::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
            Access::ReadOnly => libc::PROT_READ,
        };
        memory.protect(offset, length, protection);
    }
    // SAFETY: the client names addresses of its reservation, and others at
    // which nothing is ever mapped.
    Client::new(unsafe { ClientMemory::of_this_process() }, memory.base())
}
