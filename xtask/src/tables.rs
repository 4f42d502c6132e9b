//! `cargo xtask tables`: the list of instructions in docs.

use crate::cargo::{cargo, run as run_command};
use crate::error::Error;

/// Writes docs/instructions.md, with the test of crates/testkit that otherwise
/// compares it.
pub fn run() -> Result<(), Error> {
    run_command(cargo().env("LOWCORE_WRITE", "1").args([
        "test",
        "--package",
        "lowcore-testkit",
        "--test",
        "tables",
    ]))
}
