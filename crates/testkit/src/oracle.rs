//! A second opinion about instructions: the same cases executed by QEMU's
//! user-mode emulation, which shares no code with Lowcore.
//!
//! It can tell about the problem state only, and only about addresses that
//! its runner maps. Where it deviates from the manual, [`DEVIATIONS`] names
//! the rule, and the case counts as unchecked.

mod floats;
pub mod search;
mod spaces;
mod strings;
pub mod system;

use crate::cross::{self, Tool};
use crate::ins::{Case, Outcome, State, WINDOWS, random};
use crate::sequence::{Finish, Program};
use lowcore_arch::{Psw, bits};
use lowcore_isa::{Code, Format, decode};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The runner: a program for s390x.
const RUNNER: &str = include_str!("oracle/runner.c");

/// Words of a case before its storage.
const BEFORE_WORDS: usize = 2 + 16 + 16 + 16 + 1 + 1;

/// What the problem state shows of the PSW mask, and what the runner sets.
pub(crate) const VISIBLE: u64 =
    Psw::CONDITION_CODE | Psw::PROGRAM_MASK | Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;

/// How an instruction ended, as far as a signal tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It completed; the PSW address after it.
    Completed(u64),
    /// Operation or privileged-operation exception.
    Operation,
    /// Specification, execute, special-operation or operand exception.
    Specification,
    /// Fixed-point-divide exception.
    Divide,
    /// Fixed-point-overflow exception.
    Overflow,
    /// A data exception.
    Data,
    /// An access exception.
    Access,
    /// It goes on and on.
    Never,
    /// QEMU itself fails, or does not end.
    Failed,
}

/// What the oracle saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// How the instruction ended.
    pub end: End,
    /// The state afterwards, as in [`Outcome`], its PSW address aside.
    pub state: State,
}

/// Why the oracle did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tool is missing or failed.
    #[error(transparent)]
    Tool(#[from] cross::Error),
    /// A file could not be written or read.
    #[error("The oracle's files are not accessible: {0}.")]
    File(#[from] std::io::Error),
    /// The interpreter's storage is not accessible.
    #[error(transparent)]
    Storage(#[from] lowcore_host::Fault),
    /// The runner's answer has the wrong form.
    #[error("The runner's answer ends too early.")]
    Answer,
}

/// A rule of the manual that the oracle does not follow.
#[derive(Clone, Copy, Debug)]
pub struct Deviation {
    /// The rule, with its place in the manual, and what QEMU 7.2 does.
    pub rule: &'static str,
    /// Whether a case, with its right outcome, meets it.
    pub meets: fn(&Case, &Outcome) -> bool,
}

/// Where QEMU 7.2 is wrong or too old, or the manual leaves a choice. The
/// case of an EXECUTE is that of its target.
pub const DEVIATIONS: &[Deviation] = &[
    Deviation {
        rule: "A fixed-point overflow interrupts if bit 20 of the PSW is one \
               (chapter 6, Fixed-Point-Overflow Exception); QEMU never does.",
        meets: |_, outcome| outcome.end.as_deref() == Some("fixed-point-overflow"),
    },
    Deviation {
        rule: "The target of EXECUTE must be on a halfword boundary (chapter 7, EXECUTE, \
               Specification); QEMU executes it.",
        meets: |case, outcome| {
            mnemonic(case) == "ex" && outcome.end.as_deref() == Some("specification")
        },
    },
    Deviation {
        rule: "QEMU executes a target that this table does not have.",
        meets: |case, outcome| {
            mnemonic(case).starts_with("ex") && outcome.end.as_deref() == Some("operation")
        },
    },
    Deviation {
        rule: "A branch address is cut to the addressing mode (chapter 5, Formation of the \
               Branch Address); QEMU's user mode takes all bits of the register.",
        meets: |case, _| {
            let branches = ["bcr", "balr", "basr", "bctr", "bctgr"].contains(&mnemonic(case));
            branches && {
                let operand = case.code.raw() >> if mnemonic(case) == "bctgr" { 32 } else { 48 };
                let target = case.before.gr[bits::index(operand & 15)];
                case.before.psw.wrap(target) != target
            }
        },
    },
    Deviation {
        rule: "A relative-long operand must be on an integral boundary (chapter 7, LOAD \
               RELATIVE LONG, Specification); QEMU does not look.",
        meets: |case, outcome| {
            let relative = decode(case.code.raw()).is_some_and(|row| row.format == Format::RilB);
            relative && outcome.end.as_deref() == Some("specification")
        },
    },
    Deviation {
        rule: "LOAD ADDRESS leaves bits 0-31 alone in the 24-bit and 31-bit modes (chapter 7, \
               LOAD ADDRESS); QEMU makes them zero.",
        meets: |case, _| {
            ["la", "lay", "larl", "lae", "laey"].contains(&mnemonic(case))
                && !case.before.psw.has(Psw::EXTENDED_ADDRESSING)
        },
    },
    Deviation {
        rule: "QEMU has no BRANCH AND SET MODE, BRANCH AND SAVE AND SET MODE and COPY ACCESS.",
        meets: |case, _| ["bsm", "bassm", "cpya"].contains(&mnemonic(case)),
    },
    Deviation {
        rule: "STORE MULTIPLE HIGH stores bits 0-31 (chapter 7); QEMU stores something else.",
        meets: |case, _| mnemonic(case) == "stmh",
    },
    Deviation {
        rule: "An access exception that suppresses or nullifies leaves registers and storage \
               unchanged (chapter 5, Types of Instruction Ending); QEMU goes on up to there.",
        meets: |case, outcome| {
            let several = ["stm", "stam", "stcm", "lm", "lam", "icm", "lctl", "stct", "stfle"];
            several.iter().any(|start| mnemonic(case).starts_with(start))
                && outcome.end.as_deref() == Some("addressing")
        },
    },
    Deviation {
        rule: "POPULATION COUNT of a zEC12 ignores bits 16-23 (chapter 7); QEMU has the later \
               facility that counts all bits if bit 16 is one.",
        meets: |case, _| mnemonic(case) == "popcnt" && case.code.raw() >> 47 & 1 != 0,
    },
    Deviation {
        rule: "TEST AND SET ignores bits 8-15 (chapter 5, Instruction Formats); QEMU calls it no \
               instruction if they are not zero.",
        meets: |case, _| mnemonic(case) == "ts" && case.code.raw() >> 48 & 0xff != 0,
    },
    Deviation {
        rule: "STORE ON CONDITION where there is no storage is an addressing exception (chapter \
               7); QEMU's user mode itself ends.",
        meets: |case, outcome| {
            mnemonic(case).starts_with("stoc") && outcome.end.as_deref() == Some("addressing")
        },
    },
    Deviation {
        rule: "TRANSLATE with an access exception leaves storage unchanged (chapter 5, Types of \
               Instruction Ending); QEMU goes on up to there.",
        meets: |case, outcome| {
            mnemonic(case) == "tr" && outcome.end.as_deref() == Some("addressing")
        },
    },
    Deviation {
        rule: "A problem program may set a key that the PSW-key mask permits (chapter 10, SET \
               PSW KEY FROM ADDRESS); QEMU calls the instruction privileged.",
        meets: |case, outcome| mnemonic(case) == "spka" && outcome.end.is_none(),
    },
    Deviation {
        rule: "QEMU has no LOAD MULTIPLE DISJOINT and no EXTRACT CPU TIME.",
        meets: |case, _| ["lmd", "ectg"].contains(&mnemonic(case)),
    },
    Deviation {
        rule: "Bits 8-15 of TEST AND SET mean nothing (chapter 7); QEMU wants zeros.",
        meets: |case, _| mnemonic(case) == "ts" && case.code.raw() >> 48 & 0xff != 0,
    },
    Deviation {
        rule: "QEMU itself ends with SIGSEGV where ROTATE THEN AND, OR or EXCLUSIVE OR SELECTED \
               BITS only tests (chapter 7: bit 0 of the I3 field).",
        meets: |case, _| only_tests(case),
    },
    Deviation {
        rule: "Whether LOAD ON CONDITION recognises an access exception without the condition is \
               the machine's choice (chapter 7); QEMU does.",
        meets: |case, outcome| {
            ["loc", "locg"].contains(&mnemonic(case))
                && outcome.end.is_none()
                && outcome.state.gr == case.before.gr
        },
    },
    Deviation {
        rule: "Both operands of LOAD PAIR DISJOINT must be on integral boundaries (chapter 7); \
               QEMU accesses the first one before it looks at the second one.",
        meets: |case, outcome| {
            mnemonic(case).starts_with("lpd") && outcome.end.as_deref() == Some("specification")
        },
    },
    Deviation {
        rule: "LOAD ADDRESS EXTENDED takes the space from bits 16 and 17 of the PSW with or \
               without DAT (chapter 7); QEMU has no modes without DAT.",
        meets: |case, _| mnemonic(case).starts_with("lae") && case.before.psw.mask >> 46 & 3 != 0,
    },
    Deviation {
        rule: "SET STORAGE KEY EXTENDED may be conditional and set multiple blocks (chapter 10); \
               QEMU knows neither.",
        meets: |case, _| mnemonic(case) == "sske" && case.code.raw() >> 44 & 0b0111 != 0,
    },
    Deviation {
        rule: "QEMU has no RESET REFERENCE BITS MULTIPLE, PERFORM FRAME MANAGEMENT FUNCTION, \
               INSERT VIRTUAL STORAGE KEY and RESUME PROGRAM.",
        meets: |case, outcome| {
            ["rrbm", "pfmf", "ivsk", "rp"].contains(&mnemonic(case))
                && (["ivsk", "rp"].contains(&mnemonic(case))
                    || outcome.end.as_deref() != Some("privileged-operation"))
        },
    },
    Deviation {
        rule: "PERFORM TIMING FACILITY FUNCTION has query functions (chapter 10); QEMU has none.",
        meets: |case, _| mnemonic(case) == "ptff",
    },
    Deviation {
        rule: "TEST BLOCK makes general register 0 zero (chapter 10); QEMU leaves it.",
        meets: |case, _| mnemonic(case) == "tb" && case.before.gr[0] != 0,
    },
    Deviation { rule: "QEMU has no INSERT PSW KEY.", meets: |case, _| mnemonic(case) == "ipk" },
    Deviation {
        rule: "LOAD PSW wants bit 12 to be one, inverts it, and takes bit 32 as the addressing \
               mode (chapter 10, LOAD PSW); QEMU 7.2 copies bit 12 and loses bit 32.",
        meets: |case, outcome| {
            mnemonic(case) == "lpsw"
                && matches!(outcome.end.as_deref(), None | Some("specification"))
        },
    },
    Deviation {
        rule: "Bit 33 of control register 0 suppresses SET SYSTEM MASK (chapter 10); QEMU \
               ignores it.",
        meets: |_, outcome| outcome.end.as_deref() == Some("special-operation"),
    },
    Deviation {
        rule: "Key-controlled protection applies to every access (chapter 3); QEMU does not look \
               at the keys of pages that it remembers.",
        meets: |case, outcome| {
            outcome.end.as_deref() == Some("protection") && case.before.psw.key() != 0
        },
    },
    Deviation {
        rule: "Register R3 of COMPARE DOUBLE AND SWAP must be even (chapter 7); QEMU looks at \
               R1 only.",
        meets: |case, outcome| {
            mnemonic(case).starts_with("cds") && outcome.end.as_deref() == Some("specification")
        },
    },
    Deviation {
        rule: "The most negative number divided by -1 is a fixed-point-divide exception \
               (chapter 7, DIVIDE and DIVIDE SINGLE); QEMU itself ends with SIGFPE.",
        meets: divides_least,
    },
    Deviation {
        rule: "Whether COMPARE LOGICAL recognises an access exception beyond the first unequal \
               byte is the machine's choice (chapter 5, Access Exceptions).",
        meets: |case, outcome| {
            (mnemonic(case) == "clc" || mnemonic(case).starts_with("clm"))
                && outcome.end.as_deref() == Some("addressing")
        },
    },
    Deviation {
        rule: "A relative operand reaches 4 GiB far (chapter 5, Relative-Address Generation); \
               QEMU cuts the distance to 32 bits.",
        meets: |case, _| {
            let relative = decode(case.code.raw())
                .is_some_and(|row| matches!(row.format, Format::RilB | Format::RilC));
            let halfwords = bits::low32(case.code.raw() >> 16).cast_signed();
            relative && i32::checked_mul(halfwords, 2).is_none()
        },
    },
];

/// Why the oracle cannot check a case; `None` if it can.
#[must_use]
pub fn obstacle(case: &Case, outcome: &Outcome) -> Option<&'static str> {
    let default = State::default();
    let before = &case.before;
    let in_arena = |address: u64| {
        WINDOWS[1..].iter().any(|window| window.contains(&address) && address >= WINDOWS[1].start)
    };
    if !before.psw.has(Psw::PROBLEM)
        || before.psw.key() != 0
        || before.cr != default.cr
        || case.keyed_pages().next().is_some()
        || before.prefix != 0
        || outcome.end.as_deref().is_some_and(|end| end.starts_with("svc"))
    {
        return Some("needs the supervisor state");
    }
    if !in_arena(before.psw.addr) || !before.storage.keys().all(|address| in_arena(*address)) {
        return Some("needs storage that the runner does not have");
    }
    let inner = executed(case);
    let depends = |case: &Case| {
        ["stck", "stckf", "stcke", "stfle", "epsw", "ptff", "ecag"].contains(&mnemonic(case))
    };
    if depends(case) || inner.as_ref().is_some_and(depends) {
        return Some("depends on the machine");
    }
    deviation(case, outcome)
}

/// The rule that QEMU does not follow in this case.
#[must_use]
pub fn deviation(case: &Case, outcome: &Outcome) -> Option<&'static str> {
    let inner = executed(case);
    let meets = |deviation: &&Deviation| {
        (deviation.meets)(case, outcome)
            || inner.as_ref().is_some_and(|inner| (deviation.meets)(inner, outcome))
    };
    let mut all = DEVIATIONS
        .iter()
        .chain(strings::DEVIATIONS)
        .chain(spaces::DEVIATIONS)
        .chain(floats::DEVIATIONS);
    all.find(meets).map(|deviation| deviation.rule)
}

/// The same where other instructions follow: QEMU leaves a comparison out whose
/// condition code nothing reads, and with it the flag of a signaling NaN.
#[must_use]
pub fn deviation_within(case: &Case, outcome: &Outcome) -> Option<&'static str> {
    let is_lost = |case: &Case| floats::is_comparison(case) && case.before.fpc != outcome.state.fpc;
    if is_lost(case) || executed(case).as_ref().is_some_and(is_lost) {
        return Some("A comparison of a signaling NaN is an invalid operation.");
    }
    deviation(case, outcome)
}

/// Whether a rotation with selected bits only sets the condition code.
fn only_tests(case: &Case) -> bool {
    ["rnsbg", "rosbg", "rxsbg"].contains(&mnemonic(case)) && case.code.raw() >> 47 & 1 != 0
}

/// Whether QEMU itself would end.
fn ends_emulator(case: &Case, outcome: &Outcome) -> bool {
    only_tests(case)
        || floats::ends_emulator(case)
        || strings::ends_emulator(case)
        || spaces::ends_emulator(case, outcome)
        || divides_least(case, outcome)
}

/// Whether a division is of the most negative number by -1.
fn divides_least(case: &Case, outcome: &Outcome) -> bool {
    let is_signed = ["d", "dr", "dsg", "dsgr", "dsgf", "dsgfr"].contains(&mnemonic(case));
    is_signed
        && outcome.end.as_deref() == Some("fixed-point-divide")
        && dividends(case).contains(&i64::MIN.cast_unsigned())
}

/// What a division may have as its dividend: the low halves of its register
/// pair, or the odd register.
fn dividends(case: &Case) -> [u64; 2] {
    let raw = case.code.raw();
    let long = decode(raw).is_some_and(|row| row.format == Format::Rre);
    let r = bits::index(raw >> if long { 36 } else { 52 } & 14);
    let (even, odd) = (case.before.gr[r], case.before.gr[r + 1]);
    [even << 32 | odd & 0xffff_ffff, odd]
}

/// The target of an EXECUTE as a case of its own.
fn executed(case: &Case) -> Option<Case> {
    let row = decode(case.code.raw())?;
    if !row.mnemonic.starts_with("ex") {
        return None;
    }
    let raw = case.code.raw();
    let address = random::place_of(row, raw, &case.before)?;
    let byte = |n| case.before.storage.get(&(address + n)).copied().unwrap_or(0);
    let target = (0..6).fold(0, |value, n| value << 8 | u64::from(byte(n))) << 16;
    let modifier = match raw >> 52 & 15 {
        0 => 0,
        r => case.before.gr[bits::index(r)] & 0xff,
    };
    Some(Case { code: Code::from_raw(target | modifier << 48), ..case.clone() })
}

/// The mnemonic of a case.
#[must_use]
pub fn mnemonic(case: &Case) -> &'static str {
    decode(case.code.raw()).map_or("", |row| row.mnemonic)
}

/// QEMU's user-mode emulation with the runner.
pub struct Oracle {
    folder: PathBuf,
    emulator: PathBuf,
    patience: Duration,
    hung: AtomicU32,
}

/// What one process of the emulator has: very much more than it takes. Once in
/// some hundred thousand programs one hangs, which it does not do again.
const PATIENCE: Duration = Duration::from_secs(120);

impl Drop for Oracle {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Oracle {
    /// Builds the runner.
    ///
    /// # Errors
    /// A missing tool, above all.
    pub fn new() -> Result<Self, Error> {
        Self::with(Tool::UserEmulator.find()?, PATIENCE)
    }

    /// The same with another emulator, whose processes are killed if they do
    /// not end in time.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn with(emulator: PathBuf, patience: Duration) -> Result<Self, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "lowcore-oracle-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(name);
        let oracle = Self { folder, emulator, patience, hung: AtomicU32::new(0) };
        std::fs::create_dir_all(&oracle.folder)?;
        let source = oracle.folder.join("runner.c");
        std::fs::write(&source, RUNNER)?;
        let mut compiler = Tool::Compiler.command()?;
        compiler.args(["-O2", "-march=z10", "-msoft-float", "-ffreestanding", "-nostdlib"]);
        compiler.args(["-static", "-no-pie", "-fno-pie", "-fno-stack-protector", "-o"]);
        cross::output(compiler.arg(oracle.folder.join("runner")).arg(source))?;
        Ok(oracle)
    }

    /// Executes all cases, in one process.
    ///
    /// # Errors
    /// If the emulator cannot be started or fails.
    pub fn run(&self, cases: &[Case]) -> Result<Vec<Observed>, Error> {
        let mut words = Vec::new();
        for case in cases {
            let mut segments = vec![(case.before.psw.addr, case.code.bytes().to_vec())];
            segments.extend(case.before.storage.iter().map(|(at, byte)| (*at, vec![*byte])));
            write_input(&mut words, &case.before, &segments);
        }
        let answers = self.answers(cases.len(), &words)?;
        Ok(cases.iter().zip(answers).map(|(case, answer)| answer.of_one(case)).collect())
    }

    /// Executes programs, in one process if they let it live.
    ///
    /// # Errors
    /// If the emulator cannot be started.
    pub fn run_programs(&self, programs: &[Program]) -> Result<Vec<Finish>, Error> {
        let mut words = Vec::new();
        for program in programs {
            write_input(&mut words, &program.before, &program.segments());
        }
        match (self.answers(programs.len(), &words), programs) {
            (Ok(answers), _) => Ok(answers.into_iter().map(Answer::of_program).collect()),
            (Err(Error::Tool(cross::Error::Failed { .. } | cross::Error::Late { .. })), [one]) => {
                Ok(vec![Finish { end: End::Failed, at: 0, state: one.before.clone() }])
            }
            // One of them ends the emulator, or hangs it again and again.
            (Err(Error::Tool(cross::Error::Failed { .. } | cross::Error::Late { .. })), _) => {
                let (first, second) = programs.split_at(programs.len() / 2);
                let mut finishes = self.run_programs(first)?;
                finishes.extend(self.run_programs(second)?);
                Ok(finishes)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// How many processes of the emulator were killed because they did not
    /// end.
    pub fn hung(&self) -> u32 {
        self.hung.load(Ordering::Relaxed)
    }

    /// Executes inputs that [`write_input`] has written; once more if the
    /// emulator hangs.
    fn answers(&self, count: usize, inputs: &[u64]) -> Result<Vec<Answer>, Error> {
        let (input, output) = (self.folder.join("cases"), self.folder.join("results"));
        let words = std::iter::once(count as u64).chain(inputs.iter().copied());
        let bytes: Vec<u8> = words.flat_map(u64::to_be_bytes).collect();
        std::fs::write(&input, bytes)?;
        let emulate = || {
            let mut emulator = Command::new(&self.emulator);
            emulator.args(["-cpu", "max"]).arg(self.folder.join("runner")).args([&input, &output]);
            let result = cross::output_within(&mut emulator, self.patience);
            if let Err(cross::Error::Late { .. }) = result {
                self.hung.fetch_add(1, Ordering::Relaxed);
            }
            result
        };
        match emulate() {
            Err(cross::Error::Late { .. }) => emulate()?,
            result => result?,
        };
        let bytes = std::fs::read(&output)?;
        let (words, _) = bytes.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_be_bytes(*word));
        (0..count).map(|_| Answer::read(&mut words).ok_or(Error::Answer)).collect()
    }
}

/// Registers and storage before a case, as the runner reads them. Of the
/// storage a later segment covers an earlier one.
fn write_input(words: &mut Vec<u64>, before: &State, segments: &[(u64, Vec<u8>)]) {
    let State { psw, gr, ar, fpr, fpc, .. } = before;
    let start = words.len();
    words.extend([psw.addr, psw.mask]);
    words.extend(gr);
    words.extend(ar.iter().map(|ar| u64::from(*ar)));
    words.extend(fpr);
    words.push(u64::from(*fpc));
    words.push(segments.len() as u64);
    debug_assert_eq!(words.len() - start, BEFORE_WORDS);
    for (at, bytes) in segments {
        words.extend([*at, bytes.len() as u64]);
        words.extend(bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_be_bytes(word)
        }));
    }
}

/// What the runner says of a case.
#[derive(Clone, Debug)]
struct Answer {
    signal: u64,
    /// The signal's code and address.
    code: u64,
    fault: u64,
    psw: Psw,
    gr: [u64; 16],
    ar: [u32; 16],
    fpr: [u64; 16],
    fpc: u32,
    /// Bytes that changed.
    storage: BTreeMap<u64, u8>,
}

impl Answer {
    fn read(words: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let mut take = || words.next();
        let mut answer = Self {
            signal: take()?,
            code: take()?,
            fault: take()?,
            psw: Psw::new(take()?, take()?),
            gr: [0; 16],
            ar: [0; 16],
            fpr: [0; 16],
            fpc: 0,
            storage: BTreeMap::new(),
        };
        for gr in &mut answer.gr {
            *gr = take()?;
        }
        for ar in &mut answer.ar {
            *ar = bits::low32(take()?);
        }
        for fpr in &mut answer.fpr {
            *fpr = take()?;
        }
        answer.fpc = bits::low32(take()?);
        for _ in 0..take()? {
            let word = take()?;
            answer.storage.insert(word >> 8, bits::low8(word));
        }
        Some(answer)
    }

    /// The exception, and the address of the instruction that it comes from.
    fn end(&self) -> (End, u64) {
        match (self.signal, self.code) {
            (4, 1) => (End::Operation, self.fault),
            (4, _) => (End::Specification, self.fault),
            (8, 1) => (End::Divide, self.fault),
            (8, 2) => (End::Overflow, self.fault),
            (8, _) => (End::Data, self.fault),
            (26, _) => (End::Never, self.psw.addr),
            _ => (End::Access, self.psw.addr),
        }
    }

    /// The answer about a program.
    fn of_program(self) -> Finish {
        let (end, at) = self.end();
        let Self { psw, gr, ar, fpr, fpc, storage, .. } = self;
        let psw = Psw::new(psw.mask & VISIBLE, 0);
        Finish { end, at, state: State { psw, gr, ar, fpr, fpc, storage, ..State::default() } }
    }

    /// The answer about a single instruction.
    fn of_one(self, case: &Case) -> Observed {
        let here = case.before.psw.addr;
        // The trap after the instruction, or the failure of the fetch there.
        let end = match self.end() {
            (End::Operation | End::Specification | End::Access, at) if at != here => {
                End::Completed(at)
            }
            (end, _) => end,
        };
        let Self { psw, gr, ar, fpr, fpc, storage, .. } = self;
        let psw = Psw::new(case.before.psw.mask & !VISIBLE | psw.mask & VISIBLE, here);
        Observed { end, state: State { psw, gr, ar, fpr, fpc, storage, ..case.before.clone() } }
    }
}

/// How the oracle would show an outcome.
#[must_use]
pub fn expected(outcome: &Outcome) -> Observed {
    let end = match &outcome.end {
        None => End::Completed(outcome.state.psw.addr),
        Some(name) => end_of(name),
    };
    Observed { end, state: outcome.state.clone() }
}

/// How the oracle shows a program interruption of this name.
pub(crate) fn end_of(name: &str) -> End {
    match name {
        "operation" | "privileged-operation" => End::Operation,
        "fixed-point-divide" => End::Divide,
        "fixed-point-overflow" => End::Overflow,
        "addressing" | "protection" => End::Access,
        _ if name.starts_with("data") => End::Data,
        _ => End::Specification,
    }
}

/// What differs between an outcome and what the oracle saw: one line a field,
/// nothing if they agree.
#[must_use]
pub fn differences(case: &Case, ours: &Outcome, theirs: &Observed) -> Vec<String> {
    let expected = expected(ours);
    let mut lines = Vec::new();
    if expected.end != theirs.end {
        lines.push(format!("ends in {:x?}, the oracle in {:x?}", expected.end, theirs.end));
    }
    let mask = (expected.state.psw.mask ^ theirs.state.psw.mask) & VISIBLE;
    if mask != 0 {
        lines.push(format!(
            "PSW mask {:016x}, the oracle {:016x}",
            expected.state.psw.mask, theirs.state.psw.mask
        ));
    }
    for n in 0..16 {
        let (a, b) = (expected.state.gr[n], theirs.state.gr[n]);
        if a != b {
            lines.push(format!("r{n} {a:016x}, the oracle {b:016x}"));
        }
        let (a, b) = (expected.state.fpr[n], theirs.state.fpr[n]);
        if a != b {
            lines.push(format!("f{n} {a:016x}, the oracle {b:016x}"));
        }
        let (a, b) = (expected.state.ar[n], theirs.state.ar[n]);
        if a != b {
            lines.push(format!("a{n} {a:08x}, the oracle {b:08x}"));
        }
    }
    let (a, b) = (expected.state.fpc, theirs.state.fpc);
    if a != b {
        lines.push(format!("fpc {a:08x}, the oracle {b:08x}"));
    }
    // The oracle does not see the low core.
    let ours = expected.state.storage.iter().filter(|(at, _)| **at >= WINDOWS[1].start);
    let ours: Vec<_> = ours.map(|(at, byte)| (*at, *byte)).collect();
    let theirs: Vec<_> = theirs.state.storage.iter().map(|(at, byte)| (*at, *byte)).collect();
    if ours != theirs {
        lines.push(format!("stores {ours:x?}, the oracle {theirs:x?}"));
    }
    if !lines.is_empty() {
        lines.insert(0, case.to_string());
    }
    lines
}
