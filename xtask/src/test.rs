//! `cargo xtask test`: every test.

use std::process::Command;

use clap::Args;

use crate::cargo::{cargo, run as run_command, target, workspace};
use crate::error::Error;
use crate::packages;

/// Options of `cargo xtask test`.
#[derive(Args, Default)]
pub struct Arguments {
    /// Leave the model check of the wait protocol out.
    #[arg(long)]
    without_loom: bool,
}

/// Installs what is missing, builds what tests start, runs the model check
/// and then every test, so that cargo's summary comes last.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    packages::install()?;
    if !arguments.without_loom && has_loom()? {
        run_command(&mut loom()?)?;
    }
    // Tests start the command with the shared object beside it, and nothing
    // else makes cargo build them.
    run_command(cargo().args(["build", "--package", "lowcore", "--package", "lowcore-preload"]))?;
    run_command(cargo().args(["test", "--workspace", "--no-fail-fast"]))
}

/// Whether crates/host has something for loom.
fn has_loom() -> Result<bool, Error> {
    let path = workspace().join("crates/host/Cargo.toml");
    let manifest = std::fs::read_to_string(&path).map_err(|source| Error::File {
        path: path.clone(),
        action: "read",
        source,
    })?;
    Ok(manifest.contains("cfg(loom)"))
}

/// The tests of crates/host under loom, in a folder of their own since the
/// flag would otherwise rebuild everything.
fn loom() -> Result<Command, Error> {
    let mut command = cargo();
    command
        .env("RUSTFLAGS", "--cfg loom")
        .args(["test", "--package", "lowcore-host", "--lib", "--tests", "--target-dir"])
        .arg(target()?.join("loom"));
    Ok(command)
}
