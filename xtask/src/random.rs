//! `cargo xtask random`: random programs on the interpreter and on QEMU.

use clap::Args;

use crate::cargo::{cargo, run as run_command};
use crate::error::Error;
use crate::packages;

/// Options of `cargo xtask random`.
#[derive(Args)]
pub struct Arguments {
    /// How many programs.
    #[arg(long, default_value_t = 100_000)]
    count: u64,
    /// The seed of the first; each further one has the next number. By default
    /// a fresh one.
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs them, with the test of crates/testkit that compares them.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    packages::install()?;
    // What differs is found again by the seed that is printed.
    let fresh = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |now| now.as_secs() << 20)
    };
    run_command(
        cargo()
            .env("LOWCORE_SEED", arguments.seed.unwrap_or_else(fresh).to_string())
            .env("LOWCORE_PROGRAMS", arguments.count.to_string())
            .args(["test", "--package", "lowcore-testkit", "--test", "random"])
            .args(["--", "--nocapture", "--exact", "random_programs_agree_with_the_oracle"]),
    )
}
