//! Which engine executes guests: an option of every command that has one.

use lowcore_jit::{Choice, NoSuchMnemonic};
use lowcore_kvm::System;
use std::sync::OnceLock;

static CHOICE: OnceLock<Choice> = OnceLock::new();

/// What `--engine` says.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct EngineArgs {
    /// What executes the guest: interpreter, compiler (everything is compiled
    /// before it is executed; the share of instructions in compiled code is
    /// printed at the end) or auto (what is executed often is compiled)
    #[arg(long, value_name = "ENGINE", default_value_t = Choice::default())]
    pub engine: Choice,
}

/// Makes the choice for this process; the first one counts.
///
/// # Errors
/// The environment names an instruction that does not exist.
pub fn choose(arguments: EngineArgs) -> Result<(), NoSuchMnemonic> {
    lowcore_jit::bisection()?;
    let _ = CHOICE.set(arguments.engine);
    Ok(())
}

/// The subsystem, with the engines of choice.
pub fn system() -> System {
    System::with_engines(CHOICE.get().copied().unwrap_or_default().engines())
}

/// Tells how much of the guest compiled code has executed, if that was to be
/// everything.
pub fn tell() {
    if CHOICE.get() == Some(&Choice::Compiler) {
        eprintln!("lowcore: {}", lowcore_jit::executed());
    }
}
