//! `lowcore regs`.

use crate::door::{Client, Command, CpuList, Error, Name};
use crate::finish;
use std::io::Write;
use std::process::ExitCode;

/// Show the registers of a running machine's CPUs
#[derive(clap::Args)]
pub struct RegsArgs {
    /// The machine's name
    name: Name,
    /// Only those of this CPU
    #[arg(long, value_name = "CPU")]
    cpu: Option<u16>,
    /// As JSON, numbers in hexadecimal
    #[arg(long)]
    json: bool,
}

/// Shows registers.
pub fn run(args: &RegsArgs) -> ExitCode {
    finish(show(args))
}

fn show(args: &RegsArgs) -> Result<(), Error> {
    let list: CpuList = Client::connect(&args.name)?.ask(&Command::Regs { cpu: args.cpu })?;
    let mut output = std::io::stdout().lock();
    // A reader that has seen enough is no error.
    if args.json {
        let _ = writeln!(output, "{}", serde_json::json!(list));
    } else {
        for (n, registers) in list.cpus.iter().enumerate() {
            let _ = write!(output, "{}{registers}", if n == 0 { "" } else { "\n" });
        }
    }
    Ok(())
}
