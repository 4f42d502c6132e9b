//! Bare-metal programs that check themselves: what the manual says is in the
//! programs, in the folder `bare`; here they run on Lowcore, through the crate
//! for embedders, and on QEMU's full machine.

use crate::cross::{self, Tool};
use lowcore_arch::{Psw, bits};
use lowcore_kvm::Exit;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

mod lowcore;
mod qemu;
mod restarts;

/// Storage of the machine that a program runs on.
const STORAGE: usize = 16 << 20;
/// Where a program lies.
const PROGRAM: usize = 0x2_0000;
/// Where its report lies: `bare.h` has the layout.
const REPORT: usize = 0x3000;
const ON_QEMU: usize = REPORT + 8;
/// Where a program that measures leaves its figures.
const FIGURES: usize = REPORT + 0x800;
/// Where it leaves what the functions gave that it measured.
const RESULTS: usize = REPORT + 0x600;
/// Where it counts the restart interruptions that the host asks for.
const RESTARTS: usize = REPORT + 0xff8;
/// Failures that a report describes.
const ENTRIES: usize = 40;
/// A program that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a program did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tool is missing or failed.
    #[error(transparent)]
    Tool(#[from] cross::Error),
    /// A file could not be written or read.
    #[error("The program's files are not accessible: {0}.")]
    File(#[from] std::io::Error),
    /// The machine's storage is not accessible.
    #[error(transparent)]
    Storage(#[from] lowcore_host::Fault),
    /// Lowcore refused something.
    #[error(transparent)]
    Kvm(#[from] lowcore_kvm::Error),
    /// The program's image has the wrong form.
    #[error("The program has no header.")]
    Header,
    /// The program goes on and on.
    #[error("The program does not end; the last line that it checked is {line}.")]
    Hangs {
        /// Line of the last check.
        line: u64,
    },
    /// The guest left in a way that is no end.
    #[error("The program ends with {exit:?} at {psw:x?}, after line {line}.")]
    Exit {
        /// What KVM_RUN returned.
        exit: Exit,
        /// The PSW then.
        psw: Psw,
        /// Line of the last check.
        line: u64,
    },
}

/// A program, assembled.
pub struct Program {
    folder: PathBuf,
    image: Vec<u8>,
    entry: u64,
    cpus: u16,
    /// Lines in which QEMU is known to fail, with the rule.
    pub fails: BTreeMap<u64, String>,
    /// Lines whose part is left out on QEMU, with the rule.
    pub skips: BTreeMap<u64, String>,
}

impl Drop for Program {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A check that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// Its line; negative for an interruption that nothing asked for, the last
    /// line before it.
    pub line: i64,
    /// What was there.
    pub actual: u64,
    /// What the manual says.
    pub expected: u64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, actual, expected } = self;
        if *line >= 0 {
            return write!(f, "{line}: {actual:x}, expected {expected:x}");
        }
        let (kind, code) = (bits::high32(*actual), bits::low32(*actual));
        let kind = match kind {
            1 => "program",
            2 => "supervisor-call",
            3 => "external",
            4 => "I/O",
            5 => "machine-check",
            _ => "restart",
        };
        let after = line.unsigned_abs();
        write!(f, "after {after}: {kind} interruption {code:x}, old PSW at {expected:x}")
    }
}

/// What a program says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many checks it made.
    pub checks: u64,
    /// How many failed.
    pub failed: u64,
    /// The first of those.
    pub failures: Vec<Failure>,
    /// Whether it came to its end.
    pub ended: bool,
    /// The line of its last check.
    pub line: u64,
    /// What it measured.
    pub figures: Vec<Figure>,
}

/// A measurement of a program, 24 bytes from address 0x3800 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// TOD-clock units.
    pub units: u64,
    /// What was measured, so many times.
    pub times: u64,
    /// The address of its name.
    pub name: u64,
    /// What it gave, from address 0x3600 on, if it gives anything.
    pub result: u64,
}

impl Report {
    fn read(storage: &dyn Fn(usize) -> u64) -> Self {
        let word = |n: usize| storage(REPORT + 8 * n);
        let (checks, failed, line) = (word(2), word(3), word(4));
        let failures: Vec<_> = (0..bits::index(failed).min(ENTRIES))
            .map(|n| Failure {
                line: word(5 + 3 * n).cast_signed(),
                actual: word(6 + 3 * n),
                expected: word(7 + 3 * n),
            })
            .collect();
        let lost = failures.iter().any(|failure| failure.line < 0);
        let figures = (FIGURES..REPORT + 0xff0).step_by(24).zip((RESULTS..FIGURES).step_by(8));
        let figures = figures.map(|(at, result)| Figure {
            units: storage(at),
            times: storage(at + 8),
            name: storage(at + 16),
            result: storage(result),
        });
        let figures = figures.take_while(|figure| figure.name != 0).collect();
        Self { checks, failed, failures, ended: word(0) == u64::MAX && !lost, line, figures }
    }

    /// The failures that no deviation of QEMU explains.
    #[must_use]
    pub fn unexplained(&self, program: &Program) -> Vec<Failure> {
        let known = |failure: &&Failure| {
            u64::try_from(failure.line).is_ok_and(|line| program.fails.contains_key(&line))
        };
        self.failures.iter().filter(|failure| !known(failure)).copied().collect()
    }

    /// Lines where QEMU was expected to fail and did not.
    #[must_use]
    pub fn needless<'a>(&self, program: &'a Program) -> Vec<(u64, &'a str)> {
        let failed: BTreeSet<_> = self.failures.iter().map(|failure| failure.line).collect();
        let fails = |line: u64| i64::try_from(line).is_ok_and(|line| failed.contains(&line));
        let rules = program.fails.iter().map(|(line, rule)| (*line, rule.as_str()));
        rules.filter(|(line, _)| !fails(*line)).collect()
    }
}

impl Program {
    /// Assembles a program.
    ///
    /// # Errors
    /// A missing tool, or the assembler's complaint.
    pub fn build(source: &Path) -> Result<Self, Error> {
        Self::build_with(source, source.parent().unwrap_or(Path::new(".")))
    }

    /// Assembles a program whose frame lies in the folder `include`.
    ///
    /// # Errors
    /// As of [`Self::build`].
    pub fn build_with(source: &Path, include: &Path) -> Result<Self, Error> {
        let name = source.file_stem().unwrap_or_default().to_string_lossy();
        // Tests of one process may build a program at the same time.
        static BUILT: AtomicUsize = AtomicUsize::new(0);
        let number = BUILT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lowcore-bare-{}-{number}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        let mut program = Self {
            folder,
            image: Vec::new(),
            entry: 0,
            cpus: 1,
            fails: BTreeMap::new(),
            skips: BTreeMap::new(),
        };
        let mut compiler = Tool::Compiler.command()?;
        compiler.args(["-nostdlib", "-static", "-no-pie", "-I"]).arg(include);
        compiler.args(["-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments", "-Wl,-T"]);
        compiler.arg(include.join("bare.ld")).arg("-o").arg(program.elf());
        cross::output(compiler.arg(source))?;
        let binary = program.folder.join("image");
        let mut objcopy = Tool::Objcopy.command()?;
        cross::output(objcopy.args(["-O", "binary"]).arg(program.elf()).arg(&binary))?;
        program.image = std::fs::read(binary)?;
        program.read_header().ok_or(Error::Header)?;
        // The entry point of a big-endian ELF file.
        let elf = std::fs::read(program.elf())?;
        program.entry = word(&elf, 24).ok_or(Error::Header)?;
        Ok(program)
    }

    /// The text at an address of the program.
    #[must_use]
    pub fn text(&self, address: u64) -> String {
        let at = bits::index(address).wrapping_sub(PROGRAM);
        let bytes = self.image.get(at..).unwrap_or_default();
        let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn elf(&self) -> PathBuf {
        self.folder.join("program.elf")
    }

    /// Reads the deviations: for each the line, the rule and a zero, up to a
    /// multiple of 8.
    fn read_header(&mut self) -> Option<()> {
        const SKIPS: u64 = 0x1_0000;
        let offset = |at: usize| -> Option<usize> {
            bits::index(word(&self.image, at)?).checked_sub(PROGRAM)
        };
        let mut rest = self.image.get(offset(0)?..offset(8)?)?;
        while !rest.is_empty() {
            let line = word(rest, 0)?;
            let end = 8 + rest.get(8..)?.iter().position(|byte| *byte == 0)?;
            let rule = String::from_utf8_lossy(&rest[8..end]).into_owned();
            match line.checked_sub(SKIPS) {
                Some(line) => self.skips.insert(line, rule),
                None => self.fails.insert(line, rule),
            };
            rest = rest.get((end + 1).next_multiple_of(8)..).unwrap_or_default();
        }
        Some(())
    }

    /// Makes it a program for `cpus` CPUs, of which the first starts the others
    /// by SIGNAL PROCESSOR's restart.
    #[must_use]
    pub fn with_cpus(mut self, cpus: u16) -> Self {
        self.cpus = cpus;
        self
    }
}

/// The big-endian doubleword at an offset.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
