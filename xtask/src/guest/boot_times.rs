//! `cargo xtask guest times`: how long a boot takes on Lowcore and on QEMU, in
//! turns, so that both see the same disturbances.

use super::run::{Ended, LowcoreArgs, Run, UP, up_script};
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
    /// Lowcore's engines.
    #[arg(long, value_delimiter = ',', default_value = "interpreter,auto")]
    engine: Vec<String>,
    /// The numbers of CPUs.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    cpus: Vec<u16>,
    /// How often each of them boots it.
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
    println!("{:<6} {:<12} {:<12} {:>10} {:>8}", "CPUs", "on", "to script", "to off", "of QEMU's");
    for &cpus in &arguments.cpus {
        let run = Run {
            kernel: &guest.kernel,
            ramdisk: &ramdisk,
            memory: 512,
            cpus,
            patience: Duration::from_secs(600),
        };
        let mut qemu = Times::default();
        let mut ours = vec![Times::default(); arguments.engine.len()];
        for _ in 0..arguments.pairs {
            qemu.add(&run.on_qemu_to_the_end()?)?;
            for (engine, times) in arguments.engine.iter().zip(&mut ours) {
                times.add(&run.on_lowcore(&lowcore, &["--engine", engine])?)?;
            }
        }
        let names = arguments.engine.iter().map(String::as_str);
        let base = median(&qemu.off);
        for (name, times) in [("QEMU", &qemu)].into_iter().chain(names.zip(&ours)) {
            let (up, off) = (median(&times.up), median(&times.off));
            println!("{cpus:<6} {name:<12} {up:>10.2} s {off:>8.2} s {:>8.2}", off / base);
        }
    }
    Ok(())
}

/// How long boots took.
#[derive(Clone, Default)]
struct Times {
    /// To the script's first line.
    up: Vec<Duration>,
    /// To the end of the command.
    off: Vec<Duration>,
}

impl Times {
    fn add(&mut self, ended: &Ended) -> Result<(), Error> {
        let Some(up) = ended.said(UP).filter(|_| ended.code == Some(0)) else {
            return Err(Error::Guest(format!("a boot failed: {}", ended.output)));
        };
        self.up.push(up);
        self.off.push(ended.end);
        Ok(())
    }
}

/// The median in seconds.
fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}
