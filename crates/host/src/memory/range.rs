//! Ranges of host addresses that can be accessed without a risk of dying.

use std::sync::Arc;

use super::{Mapping, host, mapping};
use crate::{Fault, signals};

/// A range of host addresses that any thread may access; an address that is
/// not accessible at the time is a [`Fault`].
///
/// All integers are in the host's byte order, at any alignment. A naturally
/// aligned load or store is single-copy atomic, 16 bytes included (aligned
/// 16-byte loads need write access on processors without AVX). Loads are
/// acquire operations, stores release operations. Offsets that do not lie in
/// the range are a [`Fault`] too.
///
/// ```
/// use lowcore_host::memory::{HostRange, Mapping};
///
/// let mapping = Mapping::anonymous(0x1000)?;
/// let range = HostRange::of(&mapping);
/// range.store_u32(0x10, 7)?;
/// assert_eq!(range.load_u32(0x10), Ok(7));
/// assert!(range.load_u32(0xffd).is_err(), "three bytes only");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HostRange {
    base: u64,
    len: usize,
    /// Held for its life, and tells that the pages are anonymous ones.
    mapping: Option<Arc<Mapping>>,
}

macro_rules! load {
    ($name:ident, $type:ty) => {
        /// Loads the integer at `offset`.
        ///
        /// # Errors
        /// [`Fault`] if any byte of it is not accessible.
        #[inline]
        pub fn $name(&self, offset: usize) -> Result<$type, Fault> {
            let address = self.address(offset, size_of::<$type>())?;
            // SAFETY: the address lies in the range, which the maker of this
            // value vouched for; the fault handler is installed.
            unsafe { host::$name(address) }
        }
    };
}

macro_rules! store {
    ($name:ident, $type:ty) => {
        /// Stores the integer at `offset`.
        ///
        /// # Errors
        /// [`Fault`] if any byte of it is not accessible. A part of an
        /// unaligned integer may then have been stored.
        #[inline]
        pub fn $name(&self, offset: usize, value: $type) -> Result<(), Fault> {
            let address = self.address(offset, size_of::<$type>())?;
            // SAFETY: the address lies in the range, which the maker of this
            // value vouched for; the fault handler is installed.
            unsafe { host::$name(address, value) }
        }
    };
}

macro_rules! compare_exchange {
    ($name:ident, $type:ty) => {
        /// Stores `new` at `offset` if `old` is found there, as one
        /// sequentially consistent step. Gives `Ok(Ok(old))` if it did and
        /// `Ok(Err(found))` if it did not.
        ///
        /// # Errors
        /// [`Fault`] if the address is not accessible for writing, or not
        /// naturally aligned.
        #[inline]
        pub fn $name(
            &self,
            offset: usize,
            old: $type,
            new: $type,
        ) -> Result<Result<$type, $type>, Fault> {
            let address = self.address(offset, size_of::<$type>())?;
            if !address.is_multiple_of(size_of::<$type>() as u64) {
                return Err(Fault);
            }
            // SAFETY: the address lies in the range, which the maker of this
            // value vouched for, and is aligned; the fault handler is
            // installed.
            unsafe { host::$name(address, old, new) }
        }
    };
}

impl HostRange {
    /// The `len` bytes from address `base`, whatever is or will be there.
    ///
    /// # Safety
    /// For the life of this value and of its clones, nothing that Rust
    /// assumes to be unshared or unchanging lies there: no object to which a
    /// reference exists and no memory of an allocator's.
    #[must_use]
    pub unsafe fn new(base: u64, len: usize) -> HostRange {
        signals::install_fault_handler();
        HostRange { base, len, mapping: None }
    }

    /// The whole of a mapping of ours, which lives at least as long.
    #[must_use]
    pub fn of(mapping: &Arc<Mapping>) -> HostRange {
        signals::install_fault_handler();
        HostRange { base: mapping.base(), len: mapping.len(), mapping: Some(Arc::clone(mapping)) }
    }

    /// The host address of the first byte.
    #[must_use]
    pub fn base(&self) -> u64 {
        self.base
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the length is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The part of `len` bytes from `offset`; `None` if it is not inside.
    #[must_use]
    pub fn slice(&self, offset: usize, len: usize) -> Option<HostRange> {
        let base = self.address(offset, len).ok()?;
        Some(HostRange { base, len, mapping: self.mapping.clone() })
    }

    load!(load_u8, u8);
    load!(load_u16, u16);
    load!(load_u32, u32);
    load!(load_u64, u64);
    load!(load_u128, u128);
    store!(store_u8, u8);
    store!(store_u16, u16);
    store!(store_u32, u32);
    store!(store_u64, u64);
    store!(store_u128, u128);
    compare_exchange!(compare_exchange_u8, u8);
    compare_exchange!(compare_exchange_u16, u16);
    compare_exchange!(compare_exchange_u32, u32);
    compare_exchange!(compare_exchange_u64, u64);
    compare_exchange!(compare_exchange_u128, u128);

    /// Copies from `offset` into `bytes`. Not atomic; bytes that change
    /// meanwhile are read before or after.
    ///
    /// # Errors
    /// [`Fault`] if any byte is not accessible; a part of `bytes` may then
    /// have been overwritten.
    pub fn read(&self, offset: usize, bytes: &mut [u8]) -> Result<(), Fault> {
        let address = self.address(offset, bytes.len())?;
        if bytes.len() <= SMALL {
            // SAFETY: the address lies in the range, which the maker of this
            // value vouched for; the fault handler is installed.
            return unsafe { read_small(address, bytes) };
        }
        // SAFETY: `bytes` is ours and the range, which holds no Rust object,
        // cannot overlap it; the fault handler is installed.
        unsafe { host::copy(bytes.as_mut_ptr() as u64, address, bytes.len()) }
    }

    /// Copies `bytes` to `offset`. Not atomic.
    ///
    /// # Errors
    /// [`Fault`] if any byte is not accessible; a part of those before it may
    /// then have been written, and none behind it.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        let address = self.address(offset, bytes.len())?;
        if bytes.len() <= SMALL {
            // SAFETY: the address lies in the range, which the maker of this
            // value vouched for; the fault handler is installed.
            return unsafe { write_small(address, bytes) };
        }
        // SAFETY: `bytes` is ours and the range, which holds no Rust object,
        // cannot overlap it; the fault handler is installed.
        unsafe { host::copy(address, bytes.as_ptr() as u64, bytes.len()) }
    }

    /// Copies `len` bytes from `from_offset` of another range to `offset`, as
    /// if byte by byte from left to right: where the places overlap with the
    /// copy on the right, the bytes between them repeat. Not atomic.
    ///
    /// # Errors
    /// [`Fault`] if any byte is not accessible; a part of those before it may
    /// then have been copied.
    pub fn copy_from(
        &self,
        offset: usize,
        from: &HostRange,
        from_offset: usize,
        len: usize,
    ) -> Result<(), Fault> {
        let (to, from) = (self.address(offset, len)?, from.address(from_offset, len)?);
        let distance = to.wrapping_sub(from);
        if distance == 0 || distance >= len as u64 {
            // SAFETY: both lie in ranges, which their makers vouched for; the
            // copy does not begin within what is copied.
            return unsafe { copy_upwards(to, from, len) };
        }
        if distance == 1 {
            // SAFETY: `from` and `to` lie in ranges, which their makers
            // vouched for; the fault handler is installed.
            return unsafe { host::fill(to, host::load_u8(from)?, len) };
        }
        // Everything from `from` to the end of what is copied repeats after
        // `distance`, so the copies can grow.
        let mut done = 0;
        while done < len as u64 {
            let here = (len as u64 - done).min(done + distance);
            // SAFETY: both lie in ranges, which their makers vouched for, and
            // `here` does not reach from `from` to where it is copied to.
            unsafe { copy_upwards(to + done, from, usize::try_from(here).map_err(|_| Fault)?)? };
            done += here;
        }
        Ok(())
    }

    /// Stores `byte` into `len` bytes from `offset`. Not atomic.
    ///
    /// # Errors
    /// [`Fault`] if any byte is not accessible; a part of those before it may
    /// then have been stored.
    pub fn fill(&self, offset: usize, len: usize, byte: u8) -> Result<(), Fault> {
        let address = self.address(offset, len)?;
        // SAFETY: the address lies in the range, which the maker of this value
        // vouched for; the fault handler is installed.
        unsafe { host::fill(address, byte, len) }
    }

    /// Makes all of it zero. The pages of a [`Mapping`] go back to the host,
    /// which gives zeroed ones when they are next used.
    ///
    /// # Errors
    /// As [`HostRange::fill`].
    pub fn clear(&self) -> Result<(), Fault> {
        if self.mapping.is_some() {
            // SAFETY: the range lies in a mapping of ours, which it holds, and
            // is raw memory that any thread may change at any time.
            if unsafe { mapping::discard(self.base, self.len) }.is_ok() {
                return Ok(());
            }
        }
        self.fill(0, self.len, 0)
    }

    /// The host address of `len` bytes at `offset`, if they lie inside.
    #[inline]
    fn address(&self, offset: usize, len: usize) -> Result<u64, Fault> {
        // Nothing can overflow behind this test but a range that wraps round
        // the end of the address space, where nothing is ever mapped.
        if offset > self.len || len > self.len - offset {
            return Err(Fault);
        }
        self.base.checked_add(offset as u64).ok_or(Fault)
    }
}

/// Up to here, a copy is cheaper as single accesses than as a string
/// instruction, which takes its time to start.
const SMALL: usize = 16;

/// # Safety
/// Both are shared raw memory or not accessible, and `to` is not within what
/// is copied unless it is `from`; the fault handler is installed.
unsafe fn copy_upwards(to: u64, from: u64, len: usize) -> Result<(), Fault> {
    if let Some(bytes) = [0; SMALL].get_mut(..len) {
        // SAFETY: the caller's.
        unsafe {
            read_small(from, bytes)?;
            return write_small(to, bytes);
        }
    }
    // SAFETY: the caller's.
    unsafe { host::copy(to, from, len) }
}

/// # Safety
/// As for `host::load_u64`, for each of the bytes.
unsafe fn read_small(mut address: u64, bytes: &mut [u8]) -> Result<(), Fault> {
    let (eights, rest) = bytes.as_chunks_mut::<8>();
    for piece in eights {
        // SAFETY: the caller's.
        *piece = unsafe { host::load_u64(address)? }.to_ne_bytes();
        address = address.wrapping_add(8);
    }
    for byte in rest {
        // SAFETY: the caller's.
        *byte = unsafe { host::load_u8(address)? };
        address = address.wrapping_add(1);
    }
    Ok(())
}

/// # Safety
/// As for `host::store_u64`, for each of the bytes.
unsafe fn write_small(mut address: u64, bytes: &[u8]) -> Result<(), Fault> {
    let (eights, rest) = bytes.as_chunks::<8>();
    for piece in eights {
        // SAFETY: the caller's.
        unsafe { host::store_u64(address, u64::from_ne_bytes(*piece))? };
        address = address.wrapping_add(8);
    }
    for byte in rest {
        // SAFETY: the caller's.
        unsafe { host::store_u8(address, *byte)? };
        address = address.wrapping_add(1);
    }
    Ok(())
}

/// The right to touch the addresses that a client names in its own process:
/// arguments of ioctls and what those point to.
#[derive(Debug)]
pub struct ClientMemory {
    /// All that the client may name, unless it is the whole process.
    bounds: Option<HostRange>,
}

impl ClientMemory {
    /// The memory of this process.
    ///
    /// # Safety
    /// The addresses that will be used come from a client that means its own
    /// memory by them, shared or its own to lend for the time of the call. A
    /// client that names an address of ours (or of its own that is in use)
    /// breaks only itself, as it would with a plain store.
    #[must_use]
    pub unsafe fn of_this_process() -> ClientMemory {
        signals::install_fault_handler();
        ClientMemory { bounds: None }
    }

    /// The memory of a client that has nothing but `bounds`, and names it by
    /// its host addresses: safe Rust can so make calls in the kernel's form.
    /// Every address outside is a [`Fault`].
    ///
    /// ```
    /// use lowcore_host::memory::{ClientMemory, HostRange, Mapping};
    /// let memory = HostRange::of(&Mapping::anonymous(4096)?);
    /// let client = ClientMemory::within(memory.clone());
    /// assert!(client.write(memory.base(), &[1, 2]).is_ok());
    /// assert!(client.write(memory.base() + 4095, &[1, 2]).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn within(bounds: HostRange) -> ClientMemory {
        ClientMemory { bounds: Some(bounds) }
    }

    /// Copies from the client's `address` into `bytes`.
    ///
    /// # Errors
    /// [`Fault`] if any byte is not readable; a part of `bytes` may then have
    /// been overwritten.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), Fault> {
        self.range(address, bytes.len()).read(0, bytes)
    }

    /// Copies `bytes` to the client's `address`.
    ///
    /// # Errors
    /// [`Fault`] if any byte is not writable; a part of those before it may
    /// then have been written.
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.range(address, bytes.len()).write(0, bytes)
    }

    /// The client's `len` bytes from `address`, for longer use.
    #[must_use]
    pub fn range(&self, address: u64, len: usize) -> HostRange {
        let Some(bounds) = &self.bounds else {
            return HostRange { base: address, len, mapping: None };
        };
        let inside = address
            .checked_sub(bounds.base)
            .and_then(|offset| bounds.slice(usize::try_from(offset).ok()?, len));
        // Of a range without bytes every access is a fault.
        inside.unwrap_or(HostRange { len: 0, ..bounds.clone() })
    }
}
