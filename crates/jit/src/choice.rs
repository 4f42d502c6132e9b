//! Which engine executes guests, by its name.

use crate::compiler::Extras;
use crate::engine::{Compiled, Counts, Options};
use crate::region::Shape;
use core::fmt;
use core::str::FromStr;
use core::sync::atomic::{AtomicU64, Ordering};
use lowcore_cpu::{Engine, Engines, Interpreter, Interpreters};
use lowcore_isa::{ROWS, Row};

/// Which engine executes guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The interpreter alone.
    Interpreter,
    /// The compiler: code is compiled before it is executed for the first
    /// time, and counts instructions.
    Compiler,
    /// The interpreter, and compiled code for what is executed often.
    #[default]
    Auto,
}

/// Every choice.
pub const CHOICES: [Choice; 3] = [Choice::Interpreter, Choice::Compiler, Choice::Auto];

impl Choice {
    const fn name(self) -> &'static str {
        match self {
            Self::Interpreter => "interpreter",
            Self::Compiler => "compiler",
            Self::Auto => "auto",
        }
    }

    /// What makes such engines.
    #[must_use]
    pub fn engines(self) -> &'static dyn Engines {
        match self {
            Self::Interpreter => &Interpreters,
            Self::Compiler => &Compilers { in_background: false },
            Self::Auto => &Compilers { in_background: true },
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no engine of a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no engine {0:?}: it is interpreter, compiler or auto.")]
pub struct NoSuchEngine(String);

impl FromStr for Choice {
    type Err = NoSuchEngine;

    fn from_str(name: &str) -> Result<Self, NoSuchEngine> {
        let found = CHOICES.into_iter().find(|choice| choice.name() == name);
        found.ok_or_else(|| NoSuchEngine(name.to_string()))
    }
}

/// Engines that compile.
#[derive(Debug)]
struct Compilers {
    in_background: bool,
}

impl Engines for Compilers {
    /// Where the host has no memory for code, the interpreter.
    fn engine(&self) -> Box<dyn Engine + Send> {
        let in_background = self.in_background;
        let extras = Extras { counts: !in_background, ..Extras::default() };
        let perf_map = std::env::var_os("LOWCORE_PERF_MAP").is_some();
        let shape = Shape { only: bisection().unwrap_or_default(), ..Shape::default() };
        let options = Options { shape, extras, in_background, perf_map, ..Options::default() };
        match Compiled::new(options) {
            Ok(engine) => Box::new(engine),
            Err(_) => Box::new(Interpreter::default()),
        }
    }
}

/// What `LOWCORE_COMPILE` and `LOWCORE_INTERPRET` may name, and do not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no instruction {mnemonic:?}, which {variable} names.")]
pub struct NoSuchMnemonic {
    variable: &'static str,
    mnemonic: String,
}

/// The row that alone is compiled, by its mnemonic in the environment variable
/// `LOWCORE_COMPILE`, or alone is not, in `LOWCORE_INTERPRET`: to find out
/// which instruction is wrong. Gives its number and whether it is compiled.
///
/// # Errors
/// No row has the mnemonic. Engines then compile as if none were named.
pub fn bisection() -> Result<Option<(u16, bool)>, NoSuchMnemonic> {
    for (variable, compile) in [("LOWCORE_COMPILE", true), ("LOWCORE_INTERPRET", false)] {
        if let Some(mnemonic) = std::env::var(variable).ok().filter(|it| !it.is_empty()) {
            return named(variable, mnemonic).map(|row| Some((row.number, compile)));
        }
    }
    Ok(None)
}

fn named(variable: &'static str, mnemonic: String) -> Result<&'static Row, NoSuchMnemonic> {
    let row = ROWS.iter().find(|row| row.mnemonic.eq_ignore_ascii_case(&mnemonic));
    row.ok_or(NoSuchMnemonic { variable, mnemonic })
}

static COMPILED: AtomicU64 = AtomicU64::new(0);
static INTERPRETED: AtomicU64 = AtomicU64::new(0);

/// Adds what an engine executed to what all have.
pub(crate) fn add(counts: Counts) {
    COMPILED.fetch_add(counts.compiled, Ordering::Relaxed);
    INTERPRETED.fetch_add(counts.interpreted, Ordering::Relaxed);
}

/// What all engines have executed that count.
#[must_use]
pub fn executed() -> Counts {
    Counts {
        compiled: COMPILED.load(Ordering::Relaxed),
        interpreted: INTERPRETED.load(Ordering::Relaxed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for choice in CHOICES {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!("jit".parse::<Choice>().is_err());
    }

    #[test]
    fn a_mnemonic_that_no_row_has_is_refused() {
        assert_eq!(named("A", "AhI".into()).map(|row| row.mnemonic), Ok("ahi"));
        let error = named("LOWCORE_COMPILE", "ahx".into()).unwrap_err();
        let text = "There is no instruction \"ahx\", which LOWCORE_COMPILE names.";
        assert_eq!(error.to_string(), text);
    }
}
