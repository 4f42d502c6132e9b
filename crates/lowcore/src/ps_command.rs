//! `lowcore ps`.

use crate::door::{self, Client, Command, Error, MachineStatus, State};
use crate::finish;
use crate::machine::{Doing, size::Bytes};
use std::io::Write;
use std::process::ExitCode;

/// List the machines of yours that are running and have a name
#[derive(clap::Args)]
pub struct PsArgs {
    /// As JSON, one object a machine
    #[arg(long)]
    json: bool,
}

/// Lists machines.
pub fn run(args: &PsArgs) -> ExitCode {
    finish(list(args))
}

fn list(args: &PsArgs) -> Result<(), Error> {
    let mut machines: Vec<MachineStatus> = Vec::new();
    for name in door::names()? {
        match Client::connect(&name).and_then(|mut client| client.ask(&Command::Status {})) {
            Ok(status) => machines.push(status),
            // Abandoned, or ended meanwhile.
            Err(Error::NoMachine(_) | Error::Gone { .. }) => {}
            Err(error) => eprintln!("lowcore: {error}"),
        }
    }
    let mut output = std::io::stdout().lock();
    // A reader that has seen enough is no error.
    let _ = if args.json {
        writeln!(output, "{}", serde_json::json!(machines))
    } else {
        output.write_all(table(&machines).as_bytes())
    };
    Ok(())
}

/// The machines in columns.
fn table(machines: &[MachineStatus]) -> String {
    let mut rows = vec![["NAME", "PID", "CPUS", "MEMORY", "STATE"].map(str::to_owned)];
    rows.extend(machines.iter().map(row));
    let width = |n: usize| rows.iter().map(|row| row[n].len()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    rows.iter()
        .map(|[name, pid, cpus, memory, state]| {
            let [a, b, c, d] = widths;
            format!("{name:a$}  {pid:>b$}  {cpus:>c$}  {memory:>d$}  {state}\n")
        })
        .collect()
}

fn row(machine: &MachineStatus) -> [String; 5] {
    let state = match machine.state {
        State::Running => "running",
        State::Paused => "paused",
    };
    let count = |doing| machine.cpus.iter().filter(|cpu| cpu.state == doing).count();
    let but = |what: &str, count: usize| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    let stopped = but("stopped", count(Doing::Stopped));
    let waiting = but("in a disabled wait", count(Doing::DisabledWait));
    [
        machine.name.clone(),
        machine.pid.to_string(),
        machine.cpus.len().to_string(),
        Bytes(machine.memory).to_string(),
        format!("{state}{stopped}{waiting}"),
    ]
}
