//! The command: `lowcore demo` shows a guest that takes every local
//! interrupt; `lowcore kvm` serves /dev/kvm to another program.
#![forbid(unsafe_code)]

mod demo;
mod demo_command;
mod kvm_command;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// KVM for s390x guests, in user space, on any computer
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo_command::DemoArgs),
    Kvm(kvm_command::KvmArgs),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        None => demo_command::run(&demo_command::DemoArgs::default()),
        Some(Command::Demo(args)) => demo_command::run(&args),
        Some(Command::Kvm(args)) => kvm_command::run(&args),
    }
}
