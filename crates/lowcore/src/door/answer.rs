//! What a machine does about a request.

use super::protocol::{Command, CpuList, CpuStatus, Failure, MachineStatus, State};
use super::{Interrupt, Name};
use crate::machine::{Control, Refused};
use serde::Serialize;
use serde_json::{Value, json};

/// Does what a request asks for.
pub fn answer(name: &Name, control: &Control, line: &[u8]) -> Result<Value, Failure> {
    match Command::parse(line)? {
        Command::Status {} => told(status(name, control)?),
        Command::Irq { cpu, interrupt } => inject(control, cpu, &interrupt),
        Command::Regs { cpu } => told(CpuList { cpus: control.registers(cpu)? }),
        Command::Pause {} => done(control.pause()),
        Command::Resume {} => done(control.resume()),
        Command::Stop { force: true } => {
            control.end();
            done(Ok(()))
        }
        Command::Stop { force: false } => done(control.shut_down()),
        Command::Nmi { cpu } => done(control.restart(cpu)),
    }
}

fn done(outcome: Result<(), Refused>) -> Result<Value, Failure> {
    outcome?;
    Ok(json!({}))
}

fn told(what: impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(what)
        .map_err(|error| Failure::new(format!("The reply cannot be written: {error}.")))
}

fn inject(control: &Control, cpu: Option<u16>, interrupt: &Interrupt) -> Result<Value, Failure> {
    if !interrupt.is_floating() {
        return done(control.inject(cpu.unwrap_or(0), &interrupt.irq()));
    }
    if cpu.is_some() {
        return Err(Failure::new(
            "A floating interrupt is for whichever CPU is enabled for it; name no CPU.",
        ));
    }
    done(control.inject_floating(interrupt.irq()))
}

fn status(name: &Name, control: &Control) -> Result<MachineStatus, Refused> {
    let status = control.status()?;
    Ok(MachineStatus {
        name: name.to_string(),
        pid: std::process::id(),
        memory: status.memory,
        state: if status.paused { State::Paused } else { State::Running },
        cpus: (0..).zip(status.cpus).map(|(cpu, state)| CpuStatus { cpu, state }).collect(),
    })
}
