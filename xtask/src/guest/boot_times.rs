//! `cargo xtask guest times`: how long a boot takes on Lowcore and on QEMU, in
//! turns, so that both see the same disturbances.

use super::run::{LowcoreArgs, Run, UP, up_script};
use super::{Debian, Release};
use crate::error::Error;
use std::time::Duration;

/// Options of `cargo xtask guest times`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    command: LowcoreArgs,
    /// The release whose kernel is booted.
    #[arg(long, default_value = "bookworm")]
    release: Release,
    /// The numbers of CPUs.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    cpus: Vec<u16>,
    /// How often each of the two boots it.
    #[arg(long, default_value_t = 5)]
    pairs: u32,
}

/// Runs and prints medians and their ratio.
///
/// # Errors
/// If a boot does not end as it should.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let lowcore = arguments.command.path()?;
    let guest = Debian::get(&arguments.release)?;
    let ramdisk = guest.ramdisk_with("times", &[("script", up_script().as_bytes())])?;
    println!("{:<12} {:<12} {:>10} {:>10} {:>8}", "CPUs", "from start", "Lowcore", "QEMU", "ratio");
    for &cpus in &arguments.cpus {
        let run = Run {
            kernel: &guest.kernel,
            ramdisk: &ramdisk,
            memory: 512,
            cpus,
            patience: Duration::from_secs(600),
        };
        let mut figures = [const { Vec::new() }; 4];
        for _ in 0..arguments.pairs {
            for (n, ended) in
                [run.on_lowcore(&lowcore, &[])?, run.on_qemu()?].into_iter().enumerate()
            {
                let Some(up) = ended.said(UP).filter(|_| ended.code == Some(0)) else {
                    return Err(Error::Guest(format!("a boot failed: {}", ended.output)));
                };
                figures[n].push(up);
                figures[2 + n].push(ended.end);
            }
        }
        let [up, qemu_up, off, qemu_off] = figures.map(median);
        for (what, ours, theirs) in [("to script", up, qemu_up), ("to off", off, qemu_off)] {
            println!("{cpus:<12} {what:<12} {ours:>8.2} s {theirs:>8.2} s {:>8.2}", ours / theirs);
        }
    }
    Ok(())
}

/// The median in seconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}
