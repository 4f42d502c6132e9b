//! Developer tasks: `cargo xtask help` lists them. Tests that boot guests get
//! them from [`guest`].
#![forbid(unsafe_code)]

mod bench;
mod cargo;
mod ci;
pub mod error;
mod fuzz;
pub mod guest;
mod header;
mod packages;
mod random;
mod tables;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer tasks of Lowcore.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need, build it, run every test.
    Test(test::Arguments),
    /// Check formatting, lints and documentation, then `test`.
    Ci,
    /// Write crates/abi/include/lowcore-kvm.h from the Rust definitions.
    Header,
    /// Write docs/instructions.md from the table and the test lines.
    Tables,
    /// Run the benchmarks and print their ratios.
    Bench(bench::Arguments),
    /// Fuzz for a bounded time.
    Fuzz(fuzz::Arguments),
    /// Fetch a guest that `lowcore run` runs.
    Guest(guest::Arguments),
    /// Compare random programs on the interpreter and on QEMU.
    Random(random::Arguments),
}

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test(arguments) => test::run(&arguments),
        Task::Ci => ci::run(),
        Task::Header => header::run(),
        Task::Tables => tables::run(),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Guest(arguments) => guest::run(&arguments),
        Task::Random(arguments) => random::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
