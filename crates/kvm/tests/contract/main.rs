//! The kernel's contract, rule by rule, from the tables of the specification.
//! Each test names the section that its expectations come from.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod attributes;
mod channel_io;
mod client;
mod concurrency;
mod cpu_model;
mod diagnose;
mod flic;
mod guest;
mod guest_debug;
mod inject;
mod invalidation;
mod irq_state;
mod keys;
mod mem_op;
mod memory;
mod monitor;
mod registers;
mod run;
mod signals;
mod sigp;
mod state;
mod sync_regs;
mod system;
mod system_information;
mod vm;
