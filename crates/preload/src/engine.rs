//! Which engine executes guests.

use crate::message::say;
use lowcore_jit::Choice;
use lowcore_kvm::System;
use std::sync::OnceLock;

static CHOICE: OnceLock<Choice> = OnceLock::new();

/// Chooses what the environment says. Called when the object is loaded, before
/// the program could change its environment.
pub fn start() {
    if let Err(error) = lowcore_jit::bisection() {
        say(format_args!("{error}"));
    }
    let Some(name) = std::env::var("LOWCORE_ENGINE").ok().filter(|name| !name.is_empty()) else {
        return;
    };
    match name.parse() {
        Ok(choice) => {
            let _ = CHOICE.set(choice);
        }
        Err(error) => say(format_args!("{error}")),
    }
}

/// The subsystem, with the engines of choice.
pub fn system() -> System {
    System::with_engines(CHOICE.get().copied().unwrap_or_default().engines())
}

/// Has the end of the process tell how much of its guests compiled code has
/// executed, if that was to be everything.
pub fn tell_at_the_end() {
    if CHOICE.get() == Some(&Choice::Compiler) {
        // SAFETY: the function is there as long as the process: the object is
        // never unloaded.
        unsafe { libc::atexit(tell) };
    }
}

extern "C" fn tell() {
    let executed = lowcore_jit::executed();
    if executed != lowcore_jit::Counts::default() {
        say(format_args!("{executed}"));
    }
}
