//! Memory that is shared with somebody who may change or unmap it at any
//! time: guest storage that a client owns, arguments that a client points to,
//! run pages.
//!
//! No Rust reference ever points into such memory. It is touched only by the
//! few machine instructions in this module's file for the host's
//! architecture, each of which is listed in a table together with the place
//! to go on at if it faults. The handler that
//! [`crate::signals::install_fault_handler`] installs consults that table, so
//! a bad address costs a signal and a good one costs nothing.

mod fixup;
mod mapping;
mod page;
mod range;
mod shared_page;
mod short;

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod host;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod host;

pub(crate) use fixup::resume_address;
pub(crate) use host::{program_counter, set_program_counter, set_stack_pointer};
pub use mapping::Mapping;
pub use page::Page;
pub use range::{ClientMemory, HostRange};
pub use shared_page::SharedPage;
pub use short::Logic;

#[cfg(all(test, not(loom)))]
mod tests;
