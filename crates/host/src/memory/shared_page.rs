//! A page that a client maps as well.

use std::ffi::CString;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use super::{host, mapping};
use crate::{signals, sys};

/// Memory behind a file descriptor, mapped by us and, through the descriptor,
/// by a client: the run page of a virtual CPU.
///
/// The file cannot shrink, so our mapping is always accessible. As the client
/// may change any byte at any time, there is no reference into it. Offsets
/// beyond the end are a programming error and panic, as with a slice.
#[derive(Debug)]
pub struct SharedPage {
    base: u64,
    len: usize,
    /// Until it is taken; then [`NONE`].
    fd: AtomicI32,
}

/// No descriptor.
const NONE: RawFd = -1;

macro_rules! access {
    ($load:ident, $store:ident, $type:ty) => {
        /// Loads the integer at `offset`, in the host's byte order, with
        /// acquire order.
        ///
        /// # Panics
        /// If it does not lie inside.
        #[must_use]
        pub fn $load(&self, offset: usize) -> $type {
            let address = self.address(offset, size_of::<$type>());
            // SAFETY: the address lies in our mapping, which is shared raw
            // memory.
            let loaded = unsafe { host::$load(address) };
            never_faults(loaded)
        }

        /// Stores the integer at `offset`, in the host's byte order, with
        /// release order.
        ///
        /// # Panics
        /// If it does not lie inside.
        pub fn $store(&self, offset: usize, value: $type) {
            let address = self.address(offset, size_of::<$type>());
            // SAFETY: the address lies in our mapping, which is shared raw
            // memory.
            let stored = unsafe { host::$store(address, value) };
            never_faults(stored);
        }
    };
}

impl SharedPage {
    /// `len` bytes, zero at start. `name` shows in `/proc/self/maps`.
    ///
    /// # Errors
    /// What `memfd_create`, `ftruncate` and `mmap` report; `EINVAL` for a name
    /// with a zero byte or of more than 249 bytes, or a length of 0.
    pub fn new(name: &str, len: usize) -> io::Result<Arc<SharedPage>> {
        let name = CString::new(name).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
        let flags = u64::from(libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING);
        let arguments = [sys::pointer(name.as_ptr()), flags, 0, 0, 0, 0];
        // SAFETY: the name is a C string.
        let fd = sys::check(unsafe { sys::call(libc::SYS_memfd_create, arguments) })?;
        let fd = i32::try_from(fd).map_err(|_| io::Error::from_raw_os_error(libc::EMFILE))?;
        // From here on, dropping it closes the descriptor.
        let mut page = SharedPage { base: 0, len: 0, fd: AtomicI32::new(fd) };
        let (number, seals) =
            (sys::signed(fd), libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL);
        // SAFETY: these calls concern the new descriptor alone, and the
        // mapping replaces nothing.
        unsafe {
            sys::check(sys::call(libc::SYS_ftruncate, [number, len as u64, 0, 0, 0, 0]))?;
            let add_seals = [number, sys::signed(libc::F_ADD_SEALS), sys::signed(seals), 0, 0, 0];
            sys::check(sys::call(libc::SYS_fcntl, add_seals))?;
            page.base = mapping::map(len, libc::MAP_SHARED, fd)?;
        }
        page.len = len;
        signals::install_fault_handler();
        Ok(Arc::new(page))
    }

    /// Gives the descriptor away that a client maps with `MAP_SHARED`; `None`
    /// if it was taken before. The page does not need it, and a client that
    /// closes every descriptor that it does not know then finds none of ours.
    #[must_use]
    pub fn take_fd(&self) -> Option<OwnedFd> {
        let fd = self.fd.swap(NONE, Ordering::Relaxed);
        // SAFETY: it is open, and ours to give away this once.
        (fd != NONE).then(|| unsafe { OwnedFd::from_raw_fd(fd) })
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Always false.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    access!(load_u8, store_u8, u8);
    access!(load_u16, store_u16, u16);
    access!(load_u32, store_u32, u32);
    access!(load_u64, store_u64, u64);

    /// Copies from `offset` into `bytes`. Not atomic.
    ///
    /// # Panics
    /// If the bytes do not lie inside.
    pub fn read(&self, offset: usize, bytes: &mut [u8]) {
        let address = self.address(offset, bytes.len());
        // SAFETY: `bytes` is a Rust object and cannot overlap our mapping.
        never_faults(unsafe { host::copy(bytes.as_mut_ptr() as u64, address, bytes.len()) });
    }

    /// Copies `bytes` to `offset`. Not atomic.
    ///
    /// # Panics
    /// If the bytes do not lie inside.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        let address = self.address(offset, bytes.len());
        // SAFETY: `bytes` is a Rust object and cannot overlap our mapping.
        never_faults(unsafe { host::copy(address, bytes.as_ptr() as u64, bytes.len()) });
    }

    fn address(&self, offset: usize, len: usize) -> u64 {
        assert!(
            offset <= self.len && len <= self.len - offset,
            "{len} bytes at offset {offset} of a shared page of {} bytes",
            self.len
        );
        self.base + offset as u64
    }
}

impl Drop for SharedPage {
    fn drop(&mut self) {
        if self.len != 0 {
            // SAFETY: we mapped it, and nobody holds the page any more.
            unsafe { mapping::unmap(self.base, self.len) };
        }
        let fd = *self.fd.get_mut();
        if fd != NONE {
            // SAFETY: the descriptor is ours.
            unsafe { sys::call(libc::SYS_close, [sys::signed(fd), 0, 0, 0, 0, 0]) };
        }
    }
}

/// The file is sealed against shrinking, so only a client that unmaps our own
/// mapping gets here; the run page is then zero and stores vanish.
fn never_faults<T: Default>(result: Result<T, crate::Fault>) -> T {
    result.unwrap_or_default()
}
