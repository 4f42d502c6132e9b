//! The command: `lowcore run` runs a kernel for IBM Z; `lowcore demo` shows a
//! guest that takes every local interrupt; `lowcore kvm` serves /dev/kvm to
//! another program.
#![forbid(unsafe_code)]

mod demo;
mod demo_command;
mod kvm_command;
mod machine;
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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command {
        None => demo_command::run(&arguments.demo),
        Some(Command::Demo(args)) => demo_command::run(&args),
        Some(Command::Kvm(args)) => kvm_command::run(&args),
        Some(Command::Run(args)) => run_command::run(&args),
    }
}
