//! `cargo xtask guest soak`: many boots, little and much memory, and a long
//! stress, of which any may hang or go wrong.

use super::progress::Progress;
use super::run::{LowcoreArgs, Run, UP, up_script};
use super::{Debian, Release};
use crate::error::Error;
use std::path::Path;
use std::time::Duration;

/// Options of `cargo xtask guest soak`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    command: LowcoreArgs,
    /// The release whose kernel is booted.
    #[arg(long, default_value = "next")]
    release: Release,
    /// How often it is booted with each number of CPUs.
    #[arg(long, default_value_t = 50)]
    boots: usize,
    /// The numbers of CPUs.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4")]
    cpus: Vec<u16>,
    /// How long fork, exec, pipes and signals are stressed on 2 CPUs.
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Go on where the last run was interrupted.
    #[arg(long)]
    resume: bool,
}

/// A boot that takes longer hangs, also where others use the host as well.
const PATIENCE: Duration = Duration::from_secs(600);
/// What is known to be enough and too little memory for a kernel, in MiB.
const MUCH: u64 = 512;
const LITTLE: u64 = 16;
/// How exactly the least memory is found.
const STEP: u64 = 4;
/// After how many rounds of boots something is printed.
const ROUNDS: usize = 5;

/// Runs all of it, and fails at the first thing that is not as it should be.
///
/// # Errors
/// What went wrong, with what the guest said.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let lowcore = arguments.command.path()?;
    let guest = Debian::get(&arguments.release)?;
    let mut progress = Progress::open(&guest.folder.join("soak.txt"), arguments.resume)?;
    let ramdisk = guest.ramdisk_with("soak", &[("script", up_script().as_bytes())])?;
    let boot =
        Run { kernel: &guest.kernel, ramdisk: &ramdisk, memory: MUCH, cpus: 1, patience: PATIENCE };
    // The numbers of CPUs in turns, so that a part of it says something of all.
    for round in 1..=arguments.boots {
        let mut is_new = false;
        for &cpus in &arguments.cpus {
            let what = format!("boot with {cpus} CPUs");
            if progress.times(&what).len() < round {
                let (_, time) = Run { cpus, ..boot }.succeeds(&lowcore, UP)?;
                progress.add(&what, time)?;
                is_new = true;
            }
        }
        if is_new && (round % ROUNDS == 0 || round == arguments.boots) {
            print!("{progress}");
        }
    }
    if progress.times("4 GiB").is_empty() {
        let (_, time) = Run { memory: 4096, ..boot }.succeeds(&lowcore, UP)?;
        println!("4 GiB of memory: came up and was off");
        progress.add("4 GiB", time)?;
    }
    if progress.times("least memory").is_empty() {
        let least = least_memory(&boot)?;
        let (_, time) = Run { memory: least, ..boot }.succeeds(&lowcore, UP)?;
        println!(
            "{least} MiB, with {STEP} MiB less of which QEMU does not boot it: came up and was off"
        );
        progress.add("least memory", time)?;
    }
    if progress.times("stress").is_empty() {
        let time = stress(&lowcore, &guest, arguments.minutes)?;
        progress.add("stress", time)?;
    }
    print!("All went well:\n{progress}");
    Ok(())
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
fn stress(lowcore: &Path, guest: &Debian, minutes: u32) -> Result<Duration, Error> {
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
    let (output, time) = run.succeeds(lowcore, SAYS)?;
    let line = output.lines().find(|line| line.contains(SAYS));
    println!("{}", line.unwrap_or_default().trim());
    Ok(time)
}
