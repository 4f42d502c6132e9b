//! Guest storage for the client: KVM_S390_MEM_OP.

use crate::gaccess::{self, Failure, Logical, Mode};
use crate::{Error, Vcpu, Vm};
use lowcore_arch::{ProgramCode, bits};
use lowcore_interrupt::LocalInterrupt;
use lowcore_storage::{AccessError, View};

/// The most bytes that one operation moves.
pub(crate) const MAX_SIZE: u32 = 0x1_0000;

/// What came of an operation on guest storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Accessed {
    /// It was done.
    Done,
    /// The guest would get this exception; stores may have happened in part.
    /// The ioctl returns its code.
    Exception(ProgramCode),
}

/// How logical storage is accessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogicalAccess {
    /// The access register (0 to 15): it names the space in the access-register
    /// mode, and exceptions show it.
    pub ar: u8,
    /// The access key, 0 to 15; `None` is key 0, which may do anything.
    pub key: Option<u8>,
    /// Whether an exception is also made pending for the guest.
    pub inject_exception: bool,
}

impl Vcpu {
    /// Reads guest storage by the addresses that the CPU would use now
    /// (`KVM_S390_MEMOP_LOGICAL_READ`).
    ///
    /// # Errors
    /// [`Error::MemOp`] (EINVAL), [`Error::MemOpTooLong`] (E2BIG),
    /// [`Error::ClientMemory`] (EFAULT) if the memory behind it, or behind a
    /// translation table, is gone.
    pub fn read_logical(
        &self,
        address: u64,
        buffer: &mut [u8],
        how: LogicalAccess,
    ) -> Result<Accessed, Error> {
        self.logical(buffer.len() as u64, how, |access| access.read(address, buffer))
    }

    /// Writes guest storage by the addresses that the CPU would use now
    /// (`KVM_S390_MEMOP_LOGICAL_WRITE`).
    ///
    /// # Errors
    /// As [`Vcpu::read_logical`].
    pub fn write_logical(
        &self,
        address: u64,
        buffer: &[u8],
        how: LogicalAccess,
    ) -> Result<Accessed, Error> {
        self.logical(buffer.len() as u64, how, |access| access.write(address, buffer))
    }

    /// Tests whether a read or write would succeed
    /// (`KVM_S390_MEMOP_F_CHECK_ONLY`).
    ///
    /// # Errors
    /// As [`Vcpu::read_logical`].
    pub fn check_logical(
        &self,
        address: u64,
        length: u64,
        store: bool,
        how: LogicalAccess,
    ) -> Result<Accessed, Error> {
        let mode = if store { Mode::Store } else { Mode::Fetch };
        self.logical(length, how, |access| access.check(address, length, mode))
    }

    fn logical(
        &self,
        length: u64,
        how: LogicalAccess,
        operation: impl FnOnce(&Logical<'_>) -> Result<(), Failure>,
    ) -> Result<Accessed, Error> {
        let key = check_form(length, how.key)?;
        check_ar(how.ar)?;
        let core = self.inner.core.lock();
        let mut regs = core.cpu.regs.clone();
        // Between runs the run page has the access registers.
        regs.ar = self.run_page().acrs();
        let failure = {
            let view = self.inner.vm.storage.view();
            operation(&Logical::new(&self.inner.vm, &regs, &view, how.ar, key)).err()
        };
        match failure {
            None => Ok(Accessed::Done),
            Some(Failure::Host) => Err(Error::ClientMemory),
            Some(Failure::Program(program)) => {
                if how.inject_exception {
                    self.injector().inject_local(LocalInterrupt::Program(program))?;
                }
                Ok(Accessed::Exception(program.code))
            }
        }
    }
}

/// Access registers have four bits.
pub(crate) fn check_ar(ar: u8) -> Result<(), Error> {
    if ar < 16 { Ok(()) } else { Err(Error::MemOp) }
}

/// The access key, if length and key are possible.
pub(crate) fn check_form(length: u64, key: Option<u8>) -> Result<u8, Error> {
    if length == 0 {
        return Err(Error::MemOp);
    }
    if length > MAX_SIZE.into() {
        return Err(Error::MemOpTooLong);
    }
    match key {
        Some(16..) => Err(Error::MemOp),
        key => Ok(key.unwrap_or(0)),
    }
}

impl Vm {
    /// Reads absolute storage (`KVM_S390_MEMOP_ABSOLUTE_READ`).
    ///
    /// # Errors
    /// [`Error::MemOp`] (EINVAL), [`Error::MemOpTooLong`] (E2BIG),
    /// [`Error::ClientMemory`] (EFAULT).
    pub fn read_absolute(
        &self,
        address: u64,
        buffer: &mut [u8],
        key: Option<u8>,
    ) -> Result<Accessed, Error> {
        let key = check_form(buffer.len() as u64, key)?;
        let mut rest = buffer;
        self.absolute(address, rest.len() as u64, |view, at, size| {
            gaccess::check_absolute(view, at, key, Mode::Fetch)?;
            let (piece, tail) = core::mem::take(&mut rest).split_at_mut(size);
            rest = tail;
            Ok(view.read(at, piece))
        })
    }

    /// Writes absolute storage (`KVM_S390_MEMOP_ABSOLUTE_WRITE`). If a page
    /// cannot be written, those before it are.
    ///
    /// # Errors
    /// As [`Vm::read_absolute`].
    ///
    /// ```
    /// use lowcore_arch::ProgramCode;
    /// use lowcore_kvm::Accessed;
    /// let vm = lowcore_kvm::System::new().create_vm()?;
    /// let nowhere = vm.write_absolute(0x1000, &[1, 2, 3], None)?;
    /// assert_eq!(nowhere, Accessed::Exception(ProgramCode::ADDRESSING));
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    pub fn write_absolute(
        &self,
        address: u64,
        buffer: &[u8],
        key: Option<u8>,
    ) -> Result<Accessed, Error> {
        let key = check_form(buffer.len() as u64, key)?;
        let mut rest = buffer;
        self.absolute(address, rest.len() as u64, |view, at, size| {
            gaccess::check_absolute(view, at, key, Mode::Store)?;
            let (piece, tail) = rest.split_at(size);
            rest = tail;
            Ok(view.write(at, piece))
        })
    }

    /// Tests whether a read or write of absolute storage would succeed. Under
    /// key 0 only the first byte is looked at, as under Linux.
    ///
    /// # Errors
    /// As [`Vm::read_absolute`].
    pub fn check_absolute(
        &self,
        address: u64,
        length: u64,
        store: bool,
        key: Option<u8>,
    ) -> Result<Accessed, Error> {
        let key = check_form(length, key)?;
        let mode = if store { Mode::Store } else { Mode::Fetch };
        self.absolute(address, length, |view, at, _| {
            gaccess::check_absolute(view, at, key, mode).map(Ok)
        })
    }

    /// Goes over the pages of an operand that starts in existing storage.
    fn absolute(
        &self,
        address: u64,
        length: u64,
        mut access: impl FnMut(&View<'_>, u64, usize) -> Result<Result<(), AccessError>, ProgramCode>,
    ) -> Result<Accessed, Error> {
        let view = self.inner.storage.view();
        if !view.contains(address, 1) {
            return Ok(Accessed::Exception(ProgramCode::ADDRESSING));
        }
        for (offset, size) in gaccess::pieces(address, length) {
            match access(&view, address.wrapping_add(offset), bits::index(size)) {
                Ok(Ok(())) => {}
                Err(code) => return Ok(Accessed::Exception(code)),
                Ok(Err(AccessError::Addressing)) => {
                    return Ok(Accessed::Exception(ProgramCode::ADDRESSING));
                }
                Ok(Err(AccessError::Host(_))) => return Err(Error::ClientMemory),
            }
        }
        Ok(Accessed::Done)
    }

    /// Compares absolute storage with `old` and replaces it by `new` if they
    /// are equal, as one step (`KVM_S390_MEMOP_ABSOLUTE_CMPXCHG`). Otherwise
    /// `old` becomes what was found. Both are bytes as they lie in guest
    /// storage: 1, 2, 4, 8 or 16 of them.
    ///
    /// # Errors
    /// As [`Vm::read_absolute`]; [`Error::MemOp`] (EINVAL) also for another
    /// length, or an address that is not a multiple of it.
    pub fn compare_and_swap_absolute(
        &self,
        address: u64,
        old: &mut [u8],
        new: &[u8],
        key: Option<u8>,
    ) -> Result<Accessed, Error> {
        let length = new.len() as u64;
        let key = check_form(length, key)?;
        if length > 16 || old.len() != new.len() {
            return Err(Error::MemOp);
        }
        let view = self.inner.storage.view();
        if !view.contains(address, 1) {
            return Ok(Accessed::Exception(ProgramCode::ADDRESSING));
        }
        if !length.is_power_of_two() || !address.is_multiple_of(length) {
            return Err(Error::MemOp);
        }
        if let Err(code) = gaccess::check_absolute(&view, address, key, Mode::Store) {
            return Ok(Accessed::Exception(code));
        }
        let (expected, wanted) = (big_endian(old), big_endian(new));
        let low = |value: u128| bits::low64(value);
        let swapped = match length {
            1 => widen(view.compare_exchange_u8(
                address,
                bits::low8(low(expected)),
                bits::low8(low(wanted)),
            )),
            2 => widen(view.compare_exchange_u16(
                address,
                bits::low16(low(expected)),
                bits::low16(low(wanted)),
            )),
            4 => widen(view.compare_exchange_u32(
                address,
                bits::low32(low(expected)),
                bits::low32(low(wanted)),
            )),
            8 => widen(view.compare_exchange_u64(address, low(expected), low(wanted))),
            _ => view.compare_exchange_u128(address, expected, wanted),
        };
        match swapped {
            Ok(Ok(_)) => Ok(Accessed::Done),
            Ok(Err(found)) => {
                let bytes = found.to_be_bytes();
                old.copy_from_slice(&bytes[16 - old.len()..]);
                Ok(Accessed::Done)
            }
            Err(AccessError::Addressing) => Ok(Accessed::Exception(ProgramCode::ADDRESSING)),
            // Where the client's memory cannot be written, the kernel says
            // that it is protected.
            Err(AccessError::Host(_)) => Ok(Accessed::Exception(ProgramCode::PROTECTION)),
        }
    }
}

/// What a compare-and-swap found, in 16 bytes.
fn widen<T: Into<u128>>(
    outcome: Result<Result<T, T>, AccessError>,
) -> Result<Result<u128, u128>, AccessError> {
    outcome.map(|found| found.map(Into::into).map_err(Into::into))
}

/// The value of up to 16 bytes.
fn big_endian(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |value, &byte| value << 8 | u128::from(byte))
}
