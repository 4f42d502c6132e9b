//! `cargo xtask guest soak`: many boots, little and much memory, and a long
//! stress, of which any may hang or go wrong.

use super::run::{Run, UP, lowcore, up_script};
use super::{Debian, Release};
use crate::error::Error;
use std::time::{Duration, Instant};

/// Options of `cargo xtask guest soak`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The release whose kernel is booted.
    #[arg(long, default_value = "next")]
    release: Release,
    /// How often it is booted with each number of CPUs.
    #[arg(long, default_value_t = 50)]
    boots: u32,
    /// The numbers of CPUs.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4")]
    cpus: Vec<u16>,
    /// How long fork, exec, pipes and signals are stressed on 2 CPUs.
    #[arg(long, default_value_t = 10)]
    minutes: u32,
}

/// A boot that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);
/// What is known to be enough and too little memory for a kernel, in MiB.
const MUCH: u64 = 512;
const LITTLE: u64 = 16;
/// How exactly the least memory is found.
const STEP: u64 = 4;

/// Runs all of it, and fails at the first thing that is not as it should be.
///
/// # Errors
/// What went wrong, with what the guest said.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let lowcore = lowcore()?;
    let guest = Debian::get(&arguments.release)?;
    let ramdisk = guest.ramdisk_with("soak", &[("script", up_script().as_bytes())])?;
    let boot =
        Run { kernel: &guest.kernel, ramdisk: &ramdisk, memory: MUCH, cpus: 1, patience: PATIENCE };
    for &cpus in &arguments.cpus {
        let mut times = Vec::new();
        for _ in 0..arguments.boots {
            let begin = Instant::now();
            Run { cpus, ..boot }.succeeds(&lowcore, UP)?;
            times.push(begin.elapsed());
        }
        times.sort();
        if let (Some(shortest), Some(longest)) = (times.first(), times.last()) {
            println!(
                "{} boots with {cpus} CPUs: all came up and were off, after {:.1} to {:.1} s",
                times.len(),
                shortest.as_secs_f64(),
                longest.as_secs_f64()
            );
        }
    }
    Run { memory: 4096, ..boot }.succeeds(&lowcore, UP)?;
    println!("4 GiB of memory: came up and was off");
    let least = least_memory(&boot)?;
    Run { memory: least, ..boot }.succeeds(&lowcore, UP)?;
    println!(
        "{least} MiB, with {STEP} MiB less of which QEMU does not boot it: came up and was off"
    );
    stress(&lowcore, &guest, arguments.minutes)
}

/// The least memory in MiB with which QEMU boots a guest.
fn least_memory(boot: &Run<'_>) -> Result<u64, Error> {
    let (mut fails, mut works) = (LITTLE, MUCH);
    while works - fails > STEP {
        let memory = (fails + works) / (2 * STEP) * STEP;
        let run = Run { memory, patience: Duration::from_secs(60), ..*boot };
        if run.comes_up_under_qemu()? {
            works = memory;
        } else {
            fails = memory;
        }
    }
    Ok(works)
}

/// Rounds of many processes that compute the same, on two CPUs.
fn stress(lowcore: &std::path::Path, guest: &Debian, minutes: u32) -> Result<(), Error> {
    const SCRIPT: &str = include_str!("stress.sh");
    const SAYS: &str = "rounds without a difference";
    let seconds = 60 * minutes;
    let script = SCRIPT.replace("@SECONDS@", &seconds.to_string());
    let ramdisk = guest.ramdisk_with("stress", &[("script", script.as_bytes())])?;
    let run = Run {
        kernel: &guest.kernel,
        ramdisk: &ramdisk,
        memory: MUCH,
        cpus: 2,
        patience: PATIENCE + Duration::from_secs(u64::from(2 * seconds)),
    };
    let output = run.succeeds(lowcore, SAYS)?;
    let line = output.lines().find(|line| line.contains(SAYS));
    println!("{}", line.unwrap_or_default().trim());
    Ok(())
}
