//! How a machine ends, and what that means.

use super::Registers;
use lowcore_arch::Psw;
use lowcore_kvm::{Error, Exit, icptcode};
use std::fmt;

/// How a machine has ended.
#[derive(Clone, Debug)]
pub enum Ending {
    /// The guest switched itself off.
    PowerOff,
    /// It was ended from outside.
    Told,
    /// Linux panicked.
    Panic {
        /// The CPU that waits for ever.
        registers: Box<Registers>,
        /// What it said.
        message: String,
    },
    /// All CPUs are stopped or wait with everything disabled.
    DisabledWait {
        /// The CPU that came last.
        registers: Box<Registers>,
    },
    /// A CPU would take the same interruption for ever.
    Loop {
        /// What KVM says.
        icptcode: u8,
        /// The CPU.
        registers: Box<Registers>,
    },
    /// The guest needs what Lowcore does not have.
    Unsupported {
        /// The CPU.
        registers: Box<Registers>,
    },
    /// KVM_RUN failed.
    Fault {
        /// Why.
        error: Error,
        /// The CPU.
        registers: Box<Registers>,
    },
    /// KVM_RUN returned for a reason that this machine does not ask for.
    Unexpected {
        /// The reason.
        exit: Exit,
        /// The CPU.
        registers: Box<Registers>,
    },
    /// A thread of the machine panicked, and has said so.
    Bug,
    /// The program could not be loaded again.
    Load {
        /// Why.
        error: String,
    },
}

/// Addresses of a disabled-wait PSW by which a guest says something.
const QUIESCED: u64 = 0xfff;

impl Ending {
    /// What it means that a CPU waits with everything disabled.
    pub(super) fn disabled_wait(registers: Box<Registers>, said: &Said) -> Self {
        if registers.psw.addr & QUIESCED == QUIESCED {
            // Linux, asked to shut down, has done so.
            return Self::PowerOff;
        }
        match said.panic() {
            Some(message) => Self::Panic { registers, message },
            None => Self::DisabledWait { registers },
        }
    }

    /// The exit status of a command that has run the machine.
    pub fn status(&self) -> u8 {
        match self {
            Self::PowerOff => 0,
            Self::Unsupported { .. }
            | Self::Fault { .. }
            | Self::Unexpected { .. }
            | Self::Bug
            | Self::Load { .. } => 1,
            Self::Panic { .. } => 3,
            Self::DisabledWait { .. } => 4,
            Self::Loop { .. } => 5,
            Self::Told => 6,
        }
    }

    /// The CPU to look at.
    pub fn registers(&self) -> Option<&Registers> {
        match self {
            Self::PowerOff | Self::Told | Self::Bug | Self::Load { .. } => None,
            Self::Panic { registers, .. }
            | Self::DisabledWait { registers }
            | Self::Loop { registers, .. }
            | Self::Unsupported { registers }
            | Self::Fault { registers, .. }
            | Self::Unexpected { registers, .. } => Some(registers),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PowerOff => write!(f, "the guest has switched itself off"),
            Self::Told => write!(f, "the machine was ended from outside"),
            Self::Panic { message, .. } => write!(f, "the guest has panicked: {message}"),
            Self::DisabledWait { registers } => write!(
                f,
                "the guest waits for ever, with all interruptions disabled (PSW {}): {}",
                registers.psw_text(),
                meaning(registers.psw)
            ),
            Self::Loop { icptcode, .. } => {
                let what = match *icptcode {
                    icptcode::PROGRAM => "a program interruption whose new PSW is invalid",
                    icptcode::EXTERNAL => {
                        "a timer interruption whose new PSW lets the next one in at once"
                    }
                    _ => "an operation exception whose handler begins with another one",
                };
                write!(f, "a CPU of the guest would never get out of {what}")
            }
            Self::Unsupported { .. } => {
                write!(f, "the guest needs what Lowcore does not have; see above")
            }
            Self::Fault { error, .. } => write!(f, "KVM_RUN failed: {error}"),
            Self::Unexpected { exit, .. } => {
                write!(f, "KVM_RUN returned for an unexpected reason: {exit:?}")
            }
            Self::Bug => write!(f, "Lowcore has a fault of its own; see above"),
            Self::Load { error } => write!(f, "the kernel could not be loaded again: {error}"),
        }
    }
}

/// What Linux means by a disabled-wait PSW.
fn meaning(psw: Psw) -> &'static str {
    match psw.addr {
        0 => "nothing was ever loaded where the PSW came from",
        0x1_0000.. => {
            "Linux does so when it panics or cannot start; the address is in the function \
             that gave up, and the last messages say why"
        }
        _ => "a wait code of the guest's own",
    }
}

/// The end of what the guest has said on its console.
#[derive(Debug, Default)]
pub(super) struct Said {
    line: Vec<u8>,
    panic: Option<String>,
}

/// How Linux begins its last message.
const PANIC: &str = "Kernel panic - not syncing";
/// Lines are cut here.
const LONGEST: usize = 512;

impl Said {
    /// Adds output of the console.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match byte {
                b'\n' | b'\r' => {
                    let line = String::from_utf8_lossy(&self.line);
                    if let Some(at) = line.find(PANIC) {
                        self.panic.get_or_insert_with(|| line[at..].to_owned());
                    }
                    self.line.clear();
                }
                byte if self.line.len() < LONGEST => self.line.push(byte),
                _ => {}
            }
        }
    }

    /// What Linux said when it panicked.
    fn panic(&self) -> Option<String> {
        self.panic.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(addr: u64) -> Box<Registers> {
        Box::new(Registers {
            cpu: 0,
            psw: Psw::new(0x0002_0001_8000_0000, addr),
            ..Registers::default()
        })
    }

    #[test]
    fn a_disabled_wait_is_a_panic_if_the_guest_said_so() {
        let mut said = Said::default();
        let ending = Ending::disabled_wait(waiting(0x12_3456), &said);
        assert!(matches!(ending, Ending::DisabledWait { .. }), "{ending}");
        said.add(b"[  1.0] Kernel panic - not");
        said.add(b" syncing: No working init\r\n[  1.1] CPU: 0\r\n");
        let ending = Ending::disabled_wait(waiting(0x12_3456), &said);
        let Ending::Panic { message, .. } = &ending else { panic!("{ending}") };
        assert_eq!(message, "Kernel panic - not syncing: No working init");
        let quiesced = Ending::disabled_wait(waiting(0xfff), &Said::default());
        assert_eq!(quiesced.status(), 0);
    }
}
