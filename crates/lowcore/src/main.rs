//! The command: `lowcore run` runs a kernel for IBM Z; `lowcore demo` shows a
//! guest that takes every local interrupt; `lowcore kvm` serves /dev/kvm to
//! another program. The other commands speak to a machine that is running.
#![forbid(unsafe_code)]

mod demo;
mod demo_command;
mod door;
mod engine;
mod irq_command;
mod kvm_command;
mod machine;
mod operator_commands;
mod ps_command;
mod regs_command;
mod run_command;
mod terminal;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// KVM for s390x guests, in user space, on any computer
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(flatten)]
    demo: demo_command::DemoArgs,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo_command::DemoArgs),
    Kvm(kvm_command::KvmArgs),
    Run(run_command::RunArgs),
    Ps(ps_command::PsArgs),
    Irq(irq_command::IrqArgs),
    Regs(regs_command::RegsArgs),
    Pause(operator_commands::PauseArgs),
    Resume(operator_commands::ResumeArgs),
    Stop(operator_commands::StopArgs),
    Nmi(operator_commands::NmiArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command {
        None => demo_command::run(&arguments.demo),
        Some(Command::Demo(args)) => demo_command::run(&args),
        Some(Command::Kvm(args)) => kvm_command::run(&args),
        Some(Command::Run(args)) => run_command::run(&args),
        Some(Command::Ps(args)) => ps_command::run(&args),
        Some(Command::Irq(args)) => irq_command::run(args),
        Some(Command::Regs(args)) => regs_command::run(&args),
        Some(Command::Pause(args)) => operator_commands::pause(&args),
        Some(Command::Resume(args)) => operator_commands::resume(&args),
        Some(Command::Stop(args)) => operator_commands::stop(&args),
        Some(Command::Nmi(args)) => operator_commands::nmi(&args),
    }
}

/// The exit status of a command that speaks to a machine; what went wrong goes
/// to standard error.
fn finish(outcome: Result<(), door::Error>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lowcore: {error}");
            ExitCode::from(error.status())
        }
    }
}
