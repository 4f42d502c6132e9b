//! The terminal as a guest's console: raw while a guest runs, and as it was
//! before on every way out.

use rustix::termios::{self, OptionalActions, Termios};
use std::io::{Read, Write};
use std::sync::{Mutex, PoisonError};

/// How the terminal was before; also for the panic hook.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// What the escape character is called, and its code: Ctrl-A.
const ESCAPE: u8 = 0x01;

const HELP: &str = "\r\n\
    Ctrl-A x       end the machine at once\r\n\
    Ctrl-A h       this help\r\n\
    Ctrl-A Ctrl-A  send Ctrl-A to the guest\r\n";

/// The terminal in raw mode. Dropping it restores the terminal; so does a
/// panic of any thread.
pub struct Raw(());

impl Raw {
    /// Makes standard input raw if it is a terminal.
    pub fn enter() -> Self {
        let before = termios::tcgetattr(std::io::stdin()).ok();
        if before.is_some() {
            *lock() = before;
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                hook(panic);
            }));
            make_raw();
        }
        Self(())
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes the terminal raw again, after somebody else has had it.
pub fn make_raw() {
    let Some(mut raw) = lock().clone() else { return };
    raw.make_raw();
    // A terminal that is gone is nobody's any more.
    let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &raw);
}

fn restore() {
    if let Some(before) = lock().take() {
        // As above.
        let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Drain, &before);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the keys mean.
#[derive(Debug, PartialEq, Eq)]
pub enum Key {
    /// For the guest.
    Guest(Vec<u8>),
    /// End the machine.
    Leave,
    /// Show what keys there are.
    Help,
}

/// Finds the escape character and what follows it.
#[derive(Debug, Default)]
pub struct Keys {
    escaped: bool,
}

impl Keys {
    /// Takes what was typed.
    pub fn typed(&mut self, bytes: &[u8]) -> Vec<Key> {
        let mut keys = Vec::new();
        let mut plain = Vec::new();
        for &byte in bytes {
            let special = match (std::mem::take(&mut self.escaped), byte) {
                (false, ESCAPE) => {
                    self.escaped = true;
                    continue;
                }
                (true, b'x' | b'X') => Key::Leave,
                (true, b'h' | b'H' | b'?') => Key::Help,
                (true, ESCAPE | b'a') => {
                    plain.push(ESCAPE);
                    continue;
                }
                // Not ours: the guest gets both.
                (true, byte) => {
                    plain.extend([ESCAPE, byte]);
                    continue;
                }
                (false, byte) => {
                    plain.push(byte);
                    continue;
                }
            };
            if !plain.is_empty() {
                keys.push(Key::Guest(std::mem::take(&mut plain)));
            }
            keys.push(special);
        }
        if !plain.is_empty() {
            keys.push(Key::Guest(plain));
        }
        keys
    }
}

/// Reads standard input to its end: what is for the guest goes to `input`, the
/// request to leave to `leave`. In a pipe every byte is the guest's.
pub fn read(input: impl Fn(&[u8]), leave: impl Fn()) {
    let mut stdin = std::io::stdin();
    let is_terminal = termios::isatty(&stdin);
    let mut keys = Keys::default();
    let mut buffer = [0; 4096];
    loop {
        let bytes = match stdin.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => &buffer[..count],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            // The terminal is gone, or was never there.
            Err(_) => return,
        };
        if !is_terminal {
            input(bytes);
            continue;
        }
        for key in keys.typed(bytes) {
            match key {
                Key::Guest(bytes) => input(&bytes),
                Key::Leave => leave(),
                Key::Help => {
                    let _ = std::io::stderr().write_all(HELP.as_bytes());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(text: &str) -> Key {
        Key::Guest(text.as_bytes().to_vec())
    }

    #[test]
    fn escapes_are_found_in_what_is_typed() {
        let mut keys = Keys::default();
        assert_eq!(keys.typed(b"ls\r"), [guest("ls\r")]);
        assert_eq!(keys.typed(b"a\x01hb\x01x"), [guest("a"), Key::Help, guest("b"), Key::Leave]);
        // In two pieces.
        assert_eq!(keys.typed(b"\x01"), []);
        assert_eq!(keys.typed(b"x"), [Key::Leave]);
        assert_eq!(keys.typed(b"x\x01\x01x\x01c"), [guest("x\x01x\x01c")]);
    }
}
