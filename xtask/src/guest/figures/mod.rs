//! `cargo xtask bench guest`: programs in Debian's kernel on Lowcore, in the
//! same kernel under QEMU, and on the host itself, in turns.

mod output;
mod programs;
mod table;

use super::run::{Ended, LowcoreArgs, Run, finish};
use super::{Debian, Release};
use crate::error::Error;
use crate::packages;
use output::Measured;
use programs::Programs;
use std::process::Command;
use std::time::Duration;
use table::Table;

/// Options of `cargo xtask bench guest`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    command: LowcoreArgs,
    /// The release whose kernel runs the programs.
    #[arg(long, default_value = "bookworm")]
    release: Release,
    /// How often each machine runs them.
    #[arg(long, default_value_t = 3)]
    pairs: u32,
    /// How often each program is run in a row; the shortest time counts.
    #[arg(long, default_value_t = 3)]
    repetitions: u32,
    /// Lowcore's engines.
    #[arg(long, value_delimiter = ',', default_value = "interpreter,auto")]
    engine: Vec<String>,
    /// The guests' CPUs. Programs stay on the first, but for those of
    /// across-cpus.
    #[arg(long, default_value_t = 2)]
    cpus: u16,
    /// Only these groups of programs, or programs.
    groups: Vec<String>,
}

/// A guest that takes longer hangs: all groups, three times, take a minute.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs and prints a table.
///
/// # Errors
/// If a guest does not end as it should, if sums differ, or if a machine's
/// clock does not go as the host's does.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    packages::install()?;
    let lowcore = arguments.command.path()?;
    let guest = Debian::get(&arguments.release)?;
    let programs = Programs::build()?;
    let options = [vec![arguments.repetitions.to_string()], arguments.groups.clone()].concat();
    let script = format!("#!/bin/sh\n/programs {}\n", options.join(" "));
    let files = [("script", script.as_bytes()), ("programs", &programs.guests)];
    let ramdisk = guest.ramdisk_with("figures", &files)?;
    let run = Run {
        kernel: &guest.kernel,
        ramdisk: &ramdisk,
        memory: 512,
        cpus: arguments.cpus,
        patience: PATIENCE,
    };
    let mut table = Table::new(&arguments.engine);
    let load = load();
    for pair in 1..=arguments.pairs {
        println!("Pair {pair} of {} ...", arguments.pairs);
        let mut native = Command::new(&programs.host);
        native.args(&options);
        let mut all = vec![measured("the host", &finish(native, PATIENCE, String::new)?)?];
        all.push(measured("QEMU", &run.on_qemu_to_the_end()?)?);
        for engine in &arguments.engine {
            let ended = run.on_lowcore(&lowcore, &["--engine", engine])?;
            all.push(measured(&format!("Lowcore's {engine}"), &ended)?);
        }
        table.add(&all)?;
        // Of all pairs so far, so that an interrupted run has said something.
        println!("{table}");
        println!("The host's load averages were {load} before and are {} now.", self::load());
    }
    Ok(())
}

/// What a machine's programs have printed.
fn measured(machine: &str, ended: &Ended) -> Result<Measured, Error> {
    Measured::of(machine, ended).map_err(|why| Error::Guest(format!("{machine}: {why}")))
}

/// The load averages, as the host gives them.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
