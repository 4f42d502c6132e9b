//! Memory for machine code, in two views.
//!
//! The same memory is mapped twice: one view can be written, the other
//! executed. No page is both at one address, and none changes its protection,
//! so code can be added while other code runs.
//!
//! # Guarded accesses
//! Compiled code may access memory that a client owns, and so may fault. The
//! access must be the first instruction behind a conditional branch: the
//! guard, which decides between it and another way to do the same. A fault
//! then goes on as if the guard had branched: not even a register differs.
//! [`continuation`] tells whether an instruction is such an access.
//!
//! An access without a guard ends the code: its thread goes on at the
//! [`Landing`] that was set.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::{guarded, sys};

pub use crate::guarded::{Landing, continuation, set_landing};

/// Code begins at multiples of this.
const ALIGNMENT: usize = 16;

/// Memory that code is written to once and then executed.
///
/// ```
/// use lowcore_host::executable::ExecutableMemory;
/// let mut memory = ExecutableMemory::new(4096)?;
/// let first = memory.push(&[1; 5]).unwrap();
/// let second = memory.push(&[2; 5]).unwrap();
/// assert_eq!(second.addr() - first.addr(), 16);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct ExecutableMemory {
    writable: u64,
    executable: u64,
    len: usize,
    used: usize,
}

impl ExecutableMemory {
    /// Room for `len` bytes of code.
    ///
    /// # Errors
    /// What `memfd_create`, `ftruncate` and `mmap` report; `EINVAL` for a
    /// length of 0, `EACCES` or `EPERM` where the host forbids executable
    /// memory, `ENOMEM` if too many exist.
    pub fn new(len: usize) -> io::Result<Self> {
        let name = c"lowcore-code";
        let flags = u64::from(libc::MFD_CLOEXEC);
        let arguments = [sys::pointer(name.as_ptr()), flags, 0, 0, 0, 0];
        // SAFETY: the name is a C string.
        let fd = sys::check(unsafe { sys::call(libc::SYS_memfd_create, arguments) })?;
        let fd = i32::try_from(fd).map_err(|_| io::Error::from_raw_os_error(libc::EMFILE))?;
        // SAFETY: the descriptor is new and nobody else's.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        let arguments = [sys::signed(fd.as_raw_fd()), len as u64, 0, 0, 0, 0];
        // SAFETY: this concerns the new descriptor alone.
        sys::check(unsafe { sys::call(libc::SYS_ftruncate, arguments) })?;
        // From here on, dropping it unmaps what is mapped.
        let mut memory = Self { writable: 0, executable: 0, len, used: 0 };
        memory.writable = map(&fd, len, libc::PROT_READ | libc::PROT_WRITE)?;
        memory.executable = map(&fd, len, libc::PROT_READ | libc::PROT_EXEC)?;
        if !guarded::register(memory.executable, len as u64) {
            return Err(io::Error::from_raw_os_error(libc::ENOMEM));
        }
        crate::signals::install_fault_handler();
        Ok(memory)
    }

    /// Adds code. Gives where it can be executed, or `None` if there is no
    /// room. The code must not depend on its address.
    ///
    /// The calling thread may execute it at once. Another thread may after it
    /// was told of the address and, on AArch64, has passed a context
    /// synchronization event.
    pub fn push(&mut self, code: &[u8]) -> Option<*const u8> {
        let at = self.used.next_multiple_of(ALIGNMENT);
        if code.len() > self.len.checked_sub(at)? {
            return None;
        }
        let (to, executable) = (self.writable + at as u64, self.executable + at as u64);
        // SAFETY: the bytes lie in the writable view, of which there is no
        // reference, and behind all code that was added before.
        unsafe { core::ptr::copy_nonoverlapping(code.as_ptr(), to as *mut u8, code.len()) };
        synchronize(to, executable, code.len() as u64);
        self.used = at + code.len();
        Some(executable as *const u8)
    }

    /// The bytes that are left, or fewer.
    #[must_use]
    pub fn room(&self) -> usize {
        self.len - self.used.next_multiple_of(ALIGNMENT).min(self.len)
    }

    /// Forgets all code.
    ///
    /// # Safety
    /// No thread executes any of it, nor will by the addresses that
    /// [`Self::push`] gave.
    pub unsafe fn clear(&mut self) {
        self.used = 0;
    }
}

impl Drop for ExecutableMemory {
    fn drop(&mut self) {
        guarded::forget(self.executable);
        for base in [self.writable, self.executable] {
            if base != 0 {
                // SAFETY: we mapped it. Whoever executes code of ours holds
                // the memory meanwhile.
                unsafe { sys::call(libc::SYS_munmap, [base, self.len as u64, 0, 0, 0, 0]) };
            }
        }
    }
}

fn map(fd: &OwnedFd, len: usize, protection: libc::c_int) -> io::Result<u64> {
    let arguments = [
        0,
        len as u64,
        sys::signed(protection),
        sys::signed(libc::MAP_SHARED),
        sys::signed(fd.as_raw_fd()),
        0,
    ];
    // SAFETY: a new mapping at an address of the kernel's choice replaces
    // nothing.
    sys::check(unsafe { sys::call(libc::SYS_mmap, arguments) })
}

/// Instruction caches see what is stored, at any address.
#[cfg(target_arch = "x86_64")]
fn synchronize(_written: u64, _executable: u64, _len: u64) {}

/// Data must be cleaned to the point where instruction fetches see it, and
/// what the instruction cache has there be dropped (Arm ARM, "Synchronization
/// and coherency issues between data and instruction accesses").
#[cfg(target_arch = "aarch64")]
fn synchronize(written: u64, executable: u64, len: u64) {
    let types: u64;
    // SAFETY: the register of cache types can be read by anybody.
    unsafe {
        core::arch::asm!("mrs {}, ctr_el0", out(reg) types, options(nomem, nostack));
    }
    let data_line = 4_u64 << (types >> 16 & 15);
    let instruction_line = 4_u64 << (types & 15);
    let lines = |base: u64, line: u64| {
        let first = base & !(line - 1);
        (first..base + len).step_by(usize::try_from(line).unwrap_or(16))
    };
    // SAFETY: cache maintenance of our own mappings changes no value.
    unsafe {
        for address in lines(written, data_line) {
            core::arch::asm!("dc cvau, {}", in(reg) address, options(nostack));
        }
        core::arch::asm!("dsb ish", options(nostack));
        for address in lines(executable, instruction_line) {
            core::arch::asm!("ic ivau, {}", in(reg) address, options(nostack));
        }
        core::arch::asm!("dsb ish", "isb", options(nostack));
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// A function that returns a number.
    fn returning(number: u32) -> Vec<u8> {
        if cfg!(target_arch = "x86_64") {
            // mov eax, number; ret
            let mut code = vec![0xb8];
            code.extend(number.to_le_bytes());
            code.push(0xc3);
            code
        } else {
            // movz w0, number; ret
            let number = number & 0xffff;
            [0x5280_0000 | number << 5, 0xd65f_03c0_u32]
                .iter()
                .flat_map(|i| i.to_le_bytes())
                .collect()
        }
    }

    fn call(place: *const u8) -> u32 {
        // SAFETY: there is the code of such a function.
        let function = unsafe { core::mem::transmute::<*const u8, extern "C" fn() -> u32>(place) };
        function()
    }

    #[test]
    fn code_is_executed_where_it_was_put() {
        let mut memory = ExecutableMemory::new(1 << 16).unwrap();
        let places: Vec<_> = (0..100).map(|n| memory.push(&returning(n)).unwrap()).collect();
        for (n, place) in (0..).zip(places) {
            assert_eq!(call(place), n);
        }
    }

    #[test]
    fn code_is_replaced_after_clearing() {
        let mut memory = ExecutableMemory::new(4096).unwrap();
        let first = memory.push(&returning(7)).unwrap();
        assert_eq!(call(first), 7);
        // SAFETY: nobody executes it.
        unsafe { memory.clear() };
        let second = memory.push(&returning(8)).unwrap();
        assert_eq!((second, call(second)), (first, 8));
    }

    #[test]
    fn there_is_no_room_beyond_the_end() {
        let mut memory = ExecutableMemory::new(4096).unwrap();
        assert_eq!(memory.room(), 4096);
        assert!(memory.push(&[0; 4097]).is_none());
        assert!(memory.push(&[0; 4081]).is_some());
        assert_eq!(memory.room(), 0);
        assert!(memory.push(&[0]).is_none());
        assert!(memory.push(&[]).is_some());
    }

    #[test]
    fn no_length_is_an_error() {
        let error = ExecutableMemory::new(0).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
    }

    #[test]
    fn no_page_is_writable_and_executable() {
        let mut memory = ExecutableMemory::new(4096).unwrap();
        let place = memory.push(&returning(1)).unwrap() as u64;
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mut views = Vec::new();
        for line in maps.lines().filter(|line| line.contains("lowcore-code")) {
            let mut fields = line.split_whitespace();
            let start = fields.next().unwrap().split('-').next().unwrap();
            let start = u64::from_str_radix(start, 16).unwrap();
            let protection = fields.next().unwrap();
            assert!(!(protection.contains('w') && protection.contains('x')), "{line}");
            views.push((start, protection.to_string()));
        }
        assert!(views.contains(&(place, "r-xs".to_string())), "{views:?}");
    }
}
