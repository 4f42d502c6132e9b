//! `lowcore pause`, `resume`, `stop` and `nmi`.

use crate::door::{Client, Command, Name};
use crate::finish;
use std::process::ExitCode;

/// Keep all CPUs of a running machine from executing
#[derive(clap::Args)]
pub struct PauseArgs {
    /// The machine's name
    name: Name,
}

/// Let a paused machine go on
#[derive(clap::Args)]
pub struct ResumeArgs {
    /// The machine's name
    name: Name,
}

/// Ask the guest of a running machine to shut down
///
/// It may take its time; `lowcore ps` shows when the machine is gone. A guest
/// that does not listen to such requests is told of with exit status 1.
#[derive(clap::Args)]
pub struct StopArgs {
    /// The machine's name
    name: Name,
    /// End the machine at once, whatever its guest does
    #[arg(long)]
    force: bool,
}

/// Restart a CPU of a running machine
///
/// The CPU takes a restart interruption, and is started for that if it is
/// stopped. Linux takes it as a request to panic or to dump.
#[derive(clap::Args)]
pub struct NmiArgs {
    /// The machine's name
    name: Name,
    /// Which CPU
    #[arg(long, default_value_t = 0)]
    cpu: u16,
}

/// Pauses a machine.
pub fn pause(args: &PauseArgs) -> ExitCode {
    ask(&args.name, &Command::Pause {})
}

/// Ends a pause.
pub fn resume(args: &ResumeArgs) -> ExitCode {
    ask(&args.name, &Command::Resume {})
}

/// Asks a guest to shut down, or ends its machine.
pub fn stop(args: &StopArgs) -> ExitCode {
    ask(&args.name, &Command::Stop { force: args.force })
}

/// Restarts a CPU.
pub fn nmi(args: &NmiArgs) -> ExitCode {
    ask(&args.name, &Command::Nmi { cpu: args.cpu })
}

fn ask(name: &Name, command: &Command) -> ExitCode {
    finish(Client::connect(name).and_then(|mut client| client.done(command)))
}
