//! The s390 KVM interface of Linux 6.12, for guests that are not protected:
//! structs, numbers, names. Data only.
//!
//! The names are the kernel's (`include/uapi/linux/kvm.h` and
//! `arch/s390/include/uapi/asm/kvm.h`), so that what is written about the
//! kernel can be looked up here. Integers are in the host's byte order, as
//! everything that crosses `ioctl` is. Where the kernel has a union there are
//! bytes with a typed accessor for each member.
//!
//! The layout is fixed twice: every size and offset is written down beside
//! its field and asserted at compile time, and the tests compare all of them
//! with the kernel's own headers.
//!
//! ```
//! use lowcore_abi::*;
//! let irq = kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: 3 });
//! assert_eq!(irq.emerg().code, 3);
//! assert_eq!(names::irq_type_name(irq.type_), Some("KVM_S390_INT_EMERGENCY"));
//! assert_eq!(names::ioctl_name(KVM_S390_IRQ), Some("KVM_S390_IRQ"));
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![allow(non_camel_case_types, reason = "the kernel's names, to the letter")]

#[macro_use]
mod layout;
#[macro_use]
mod table;

mod capability;
mod control;
mod cpu_model;
mod debug;
mod device;
mod flic;
mod ioctl;
mod irq;
mod memory;
mod regs;
mod routing;
mod run;
mod sync;

pub mod header;
pub mod names;
pub mod run_page;

pub use capability::*;
pub use control::*;
pub use cpu_model::*;
pub use debug::*;
pub use device::*;
pub use flic::*;
pub use ioctl::*;
pub use irq::*;
pub use layout::{CDeclared, CType, Field, Layout};
pub use memory::*;
pub use regs::*;
pub use routing::*;
pub use run::*;
pub use sync::*;
pub use table::{Constant, Table};

/// The layout of every struct, in an order in which C can declare them.
pub const LAYOUTS: &[&[Layout]] = &[
    irq::LAYOUTS,
    regs::LAYOUTS,
    debug::LAYOUTS,
    sync::LAYOUTS,
    run::LAYOUTS,
    memory::LAYOUTS,
    control::LAYOUTS,
    device::LAYOUTS,
    flic::LAYOUTS,
    routing::LAYOUTS,
    cpu_model::LAYOUTS,
];

/// Every constant.
pub const TABLES: &[&[Table]] = &[
    control::TABLES,
    ioctl::TABLES,
    capability::TABLES,
    irq::TABLES,
    run::TABLES,
    sync::TABLES,
    regs::TABLES,
    debug::TABLES,
    memory::TABLES,
    device::TABLES,
    flic::TABLES,
    routing::TABLES,
    cpu_model::TABLES,
];
