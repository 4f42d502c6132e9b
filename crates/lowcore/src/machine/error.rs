//! Why a machine cannot be made or loaded.

use super::size::Bytes;
use std::path::PathBuf;
use thiserror::Error;

/// Why a machine cannot be made or loaded. Nothing is left behind.
#[derive(Debug, Error)]
pub enum Error {
    /// A file could not be read.
    #[error("{} cannot be read: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is no kernel for this architecture.
    #[error("{} is no kernel for s390x: {why}", .path.display())]
    NotAKernel {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The kernel reaches beyond the end of storage.
    #[error(
        "the kernel needs {} of memory just to lie in it, and the machine has {}; \
         give it more with --memory", Bytes(*needed), Bytes(*memory)
    )]
    KernelTooLarge {
        /// Where it ends.
        needed: u64,
        /// The size of storage.
        memory: u64,
    },
    /// The initial ramdisk reaches beyond the end of storage.
    #[error(
        "the initial ramdisk of {} does not fit behind the kernel: that takes {} of memory, \
         and the machine has {}; give it more with --memory",
        Bytes(*size), Bytes(*needed), Bytes(*memory)
    )]
    RamdiskTooLarge {
        /// Its size.
        size: u64,
        /// Where it ends.
        needed: u64,
        /// The size of storage.
        memory: u64,
    },
    /// Only Linux says where a ramdisk and a command line go.
    #[error(
        "{} is not Linux, so nothing says where it wants {what}; leave {option} away",
        .path.display()
    )]
    NotLinux {
        /// The kernel.
        path: PathBuf,
        /// What cannot be given to it.
        what: &'static str,
        /// The option that gives it.
        option: &'static str,
    },
    /// The command line is longer than the kernel takes.
    #[error("this kernel takes a command line of {room} bytes at most, and --append has {length}")]
    CommandLineTooLong {
        /// Its length.
        length: usize,
        /// The most that the kernel takes.
        room: usize,
    },
    /// The CPU model has a facility that the machine lacks.
    #[error(
        "this machine has no facility {facility} that could be switched on; --cpu-model help \
         lists those that it has"
    )]
    NoFacility {
        /// Its name or number.
        facility: String,
    },
    /// The host gave no memory.
    #[error("the host gives no {} of memory: {source}", Bytes(*size))]
    HostMemory {
        /// The size.
        size: u64,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Guest storage could not be reached.
    #[error("guest storage: {0}")]
    Storage(#[from] lowcore_host::Fault),
    /// A call of the KVM interface failed that must succeed.
    #[error("{call} failed: {source}")]
    Kvm {
        /// The ioctl.
        call: &'static str,
        /// Why.
        source: lowcore_kvm::Error,
    },
    /// The host gave no thread.
    #[error("the host gives no thread: {0}")]
    Thread(std::io::Error),
}

impl Error {
    /// For `map_err` on what a call of the KVM interface returns.
    pub fn kvm(call: &'static str) -> impl FnOnce(lowcore_kvm::Error) -> Self {
        move |source| Self::Kvm { call, source }
    }

    /// Whether other arguments would help.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Storage(_) | Self::Kvm { .. } | Self::Thread(_))
    }
}
