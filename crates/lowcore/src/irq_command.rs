//! `lowcore irq`.

use crate::door::{Client, Command, Error, Interrupt, Name};
use crate::finish;
use std::process::ExitCode;

/// Inject an interrupt into a running machine
///
/// What is pending already is merged or refused as KVM_S390_IRQ does it; a
/// refusal is told with the name of its errno, and the exit status is 1.
/// Interrupts that a CPU is not enabled for stay pending.
#[derive(clap::Args)]
pub struct IrqArgs {
    /// The machine's name
    name: Name,
    /// Into which CPU, if it is not a floating interrupt [default: 0]
    #[arg(long, value_name = "CPU", global = true)]
    cpu: Option<u16>,
    #[command(subcommand)]
    interrupt: Interrupt,
}

/// Injects.
pub fn run(args: IrqArgs) -> ExitCode {
    finish(inject(args))
}

fn inject(args: IrqArgs) -> Result<(), Error> {
    let IrqArgs { name, cpu, interrupt } = args;
    Client::connect(&name)?.done(&Command::Irq { cpu, interrupt })
}
