//! Instruction test format, program generator, oracle runners, and the tests that cross crates.
#![forbid(unsafe_code)]

pub mod bare;
pub mod command;
pub mod cross;
pub mod fuzz;
pub mod ins;
pub mod kernels;
pub mod oracle;
pub mod sequence;
