//! The s390 KVM contract: system, VM, vcpu and floating-interrupt controller
//! over guest CPUs.
//!
//! Two ways lead in. Rust programs use [`System`], [`Vm`], [`Vcpu`] and
//! [`Flic`], in the style of the crate kvm-ioctls: one method an ioctl, with
//! its errors as [`Error`]. All four are cheap handles that can be cloned and
//! sent to other threads. Whoever serves `/dev/kvm` to other programs uses
//! [`dispatch`], which takes an ioctl's number and argument and answers as the
//! kernel does.
//!
//! What the kernel does is stated in the specification
//! (`kvm-s390-interrupts.md`), whose sections are cited as "F.2".
//!
//! # A guest that is restarted
//! It waits, enabled for machine checks only, until a restart is injected;
//! the restart new PSW leads to a DIAGNOSE, which is the client's.
//!
//! ```
//! use lowcore_abi::{KVM_S390_RESTART, kvm_s390_irq};
//! use lowcore_arch::{Psw, lowcore};
//! use lowcore_host::memory::{HostRange, Mapping};
//! use lowcore_kvm::{Exit, System, icptcode};
//!
//! const WAITING: Psw = Psw::new(0x0006_0001_8000_0000, 0x1234);
//!
//! let vm = System::new().create_vm()?;
//! let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
//! let restart_new = Psw::new(0x0000_0001_8000_0000, 0x2000);
//! memory.write(0x1a0, &restart_new.to_bytes()).unwrap();
//! memory.write(0x2000, &[0x83, 0x00, 0x05, 0x01]).unwrap(); // diag 0,0,0x501
//! vm.set_user_memory_region(0, 0, 0, memory.clone())?;
//!
//! let vcpu = vm.create_vcpu(0)?;
//! vcpu.run_page().set_psw(WAITING);
//! let injector = vcpu.injector();
//! let guest = std::thread::spawn(move || vcpu.run());
//! injector.inject(&kvm_s390_irq::of_type(KVM_S390_RESTART))?;
//!
//! let exit = guest.join().unwrap()?;
//! assert_eq!(
//!     exit,
//!     Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: 0x8300, ipb: 0x0501_0000 },
//! );
//! // The PSW that was interrupted lies in the guest's low core.
//! let mut old = [0; 16];
//! memory.read(lowcore::RESTART_OLD_PSW.into(), &mut old).unwrap();
//! assert_eq!(Psw::from_bytes(old), WAITING);
//! # Ok::<(), lowcore_kvm::Error>(())
//! ```
#![forbid(unsafe_code)]

mod attributes;
mod capability;
mod cpu_model;
mod dispatch;
mod error;
mod facilities;
mod flic;
mod floating;
mod gaccess;
mod guest_debug;
mod inject;
mod instruction;
mod keys;
mod memop;
mod memory;
mod registers;
mod run;
mod run_page;
mod sigp;
mod state;
mod sync;
mod system;
mod vcpu;
mod vm;

pub use dispatch::{Object, Reply, dispatch};
pub use error::{Errno, Error};
pub use flic::Flic;
pub use inject::Injector;
pub use memop::{Accessed, LogicalAccess};
pub use run::{Exit, icptcode};
pub use run_page::RunPage;
pub use system::System;
pub use vcpu::Vcpu;
pub use vm::{MAX_VCPUS, Vm};

/// Where a CPU's status is stored; see [`Vcpu::store_status`].
pub use lowcore_cpu::StatusForm;
