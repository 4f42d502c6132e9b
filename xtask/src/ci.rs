//! `cargo xtask ci`: what has to pass before a change is accepted.

use crate::cargo::{cargo, run as run_command};
use crate::error::Error;
use crate::{packages, test};

/// Formatting, lints, documentation, tests.
pub fn run() -> Result<(), Error> {
    // Lints build the tests' dependencies, which need some of the packages.
    packages::install()?;
    run_command(cargo().args(["fmt", "--all", "--check"]))?;
    run_command(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    run_command(cargo().env("RUSTDOCFLAGS", "-D warnings").args([
        "doc",
        "--workspace",
        "--no-deps",
    ]))?;
    test::run(&test::Arguments::default())
}
