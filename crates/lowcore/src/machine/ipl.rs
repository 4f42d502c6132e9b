//! Initial program load: the kernel, its ramdisk and its parameters go into
//! storage (Linux, arch/s390/boot/head.S and ipl_data.c).

use super::loader::Kernel;
use super::{Error, Storage};
use lowcore_arch::Psw;

/// Doublewords of Linux's parameter area.
mod parameter {
    /// Where the initial ramdisk lies.
    pub const RAMDISK_ADDRESS: u64 = 0x1_0408;
    /// Its length.
    pub const RAMDISK_SIZE: u64 = 0x1_0410;
    /// How long the command line may be, its final zero included; 0 in
    /// kernels that do not say it.
    pub const COMMAND_LINE_ROOM: u64 = 0x1_0430;
    /// The command line.
    pub const COMMAND_LINE: u64 = 0x1_0480;
}

/// What a kernel takes that does not say it.
const OLD_COMMAND_LINE_ROOM: u64 = 896;
/// Where a ramdisk goes that the kernel does not reach.
const RAMDISK: u64 = 8 << 20;
const MIB: u64 = 1 << 20;
/// What a kernel starts with: 64-bit addresses, everything disabled.
const START_MASK: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;

/// What is loaded, again at each IPL.
#[derive(Debug)]
pub struct Program {
    kernel: Kernel,
    ramdisk: Option<(u64, Vec<u8>)>,
    command_line: Option<String>,
}

impl Program {
    /// A program that fits into `memory` bytes.
    ///
    /// # Errors
    /// What does not fit, or cannot be given to this kernel.
    pub fn new(
        kernel: Kernel,
        ramdisk: Option<Vec<u8>>,
        command_line: Option<String>,
        memory: u64,
    ) -> Result<Self, Error> {
        let end = kernel.end();
        if end > memory {
            return Err(Error::KernelTooLarge { needed: end, memory });
        }
        let not_linux = |what, option| Error::NotLinux { path: kernel.path().into(), what, option };
        let ramdisk = match ramdisk {
            Some(_) if !kernel.is_linux() => {
                return Err(not_linux("an initial ramdisk", "--initrd"));
            }
            Some(bytes) => {
                let size = bytes.len() as u64;
                let address = RAMDISK.max((end + MIB).next_multiple_of(MIB));
                let needed = address.saturating_add(size);
                if needed > memory {
                    return Err(Error::RamdiskTooLarge { size, needed, memory });
                }
                Some((address, bytes))
            }
            None => None,
        };
        if let Some(text) = &command_line {
            if !kernel.is_linux() {
                return Err(not_linux("a command line", "--append"));
            }
            let room = match kernel.u64(parameter::COMMAND_LINE_ROOM) {
                None | Some(0) => OLD_COMMAND_LINE_ROOM,
                Some(room) => room,
            };
            let room = usize::try_from(room).unwrap_or(usize::MAX).saturating_sub(1);
            if text.len() > room {
                return Err(Error::CommandLineTooLong { length: text.len(), room });
            }
        }
        Ok(Self { kernel, ramdisk, command_line })
    }

    /// Copies everything into storage. Gives the PSW to start with.
    ///
    /// # Errors
    /// The host's memory behind storage is gone.
    pub fn load(&self, storage: &Storage) -> Result<Psw, lowcore_host::Fault> {
        self.kernel.load(storage)?;
        if let Some((address, bytes)) = &self.ramdisk {
            storage.write(*address, bytes)?;
            storage.write(parameter::RAMDISK_ADDRESS, &address.to_be_bytes())?;
            storage.write(parameter::RAMDISK_SIZE, &(bytes.len() as u64).to_be_bytes())?;
        }
        if let Some(text) = &self.command_line {
            storage.write(parameter::COMMAND_LINE, text.as_bytes())?;
            storage.write(parameter::COMMAND_LINE + text.len() as u64, &[0])?;
        }
        Ok(Psw::new(START_MASK, self.kernel.entry()))
    }
}
