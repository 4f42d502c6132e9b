//! The text format of instruction tests: one line, one execution.
//!
//! ```text
//! 101000 1a12 "ar %r1,%r2" r1=7fffffff r2=1 => r1=80000000 cc=3
//! 101000 58102000 "l %r1,0(%r2)" r2=200000 [200000]=01020304 => r1=1111111101020304
//! 101000 5c102000 "m %r1,0(%r2)" r2=200000 => !specification
//! ```
//!
//! A line has the address, the bytes and the text of the instruction, what is
//! different from [`State::default`] before it, and after `=>` what it
//! changes. Everything else must be unchanged: registers, PSW and storage.
//! Numbers are hexadecimal. `#` begins a comment.
//!
//! | token | meaning |
//! |---|---|
//! | `rN=` `aN=` `fN=` `cN=` | general, access, floating-point, control register |
//! | `fpc=` | the floating-point-control register |
//! | `[address]=bytes` | storage |
//! | `[address].key=` | the storage key of the page; pages without a key before or after it are not looked at, and their keys are zero before |
//! | `cc=` `pm=` `mode=` `key=` | condition code, program mask, addressing mode (24, 31, 64), access key |
//! | `sm=` | system mask, bits 0-7 of the PSW |
//! | `mask=` | bits 0-63 of the PSW, where none of these tokens covers what is different |
//! | `supervisor` | not the problem state (before only) |
//! | `problem` | the problem state (after only) |
//! | `prefix=` `todpr=` `ckc=` | prefix, TOD programmable register, clock comparator |
//! | `pc=` | the instruction address after (default: the next instruction, or for a nullifying exception the same) |
//! | `!name` | ends in this program interruption (a data exception with its code: `!data-ff`), or `!svc-N`, `!intercept`, `!sigp-ORDER-CPU-PARAMETER-REGISTER`, `!set-clock-VALUE` |

mod machine;
pub mod random;

pub use machine::{Machine, STORAGE_SIZE, WINDOWS, code_of, name_of};
pub(crate) use machine::{name_of_exception, vector};

use lowcore_arch::{AddressingMode, ControlRegister, Psw};
use lowcore_isa::{Code, assemble, disassemble, instruction_length};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Where instructions stand unless a line says otherwise.
pub const CODE: u64 = 0x10_1000;

/// The state before an instruction, or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The PSW. Its address is the instruction's.
    pub psw: Psw,
    /// General registers.
    pub gr: [u64; 16],
    /// Access registers.
    pub ar: [u32; 16],
    /// Floating-point registers.
    pub fpr: [u64; 16],
    /// The floating-point-control register.
    pub fpc: u32,
    /// Control registers.
    pub cr: [u64; 16],
    /// The prefix.
    pub prefix: u32,
    /// The TOD programmable register.
    pub todpr: u32,
    /// The clock comparator.
    pub clock_comparator: u64,
    /// Bytes in storage that are not zero (before), or that changed (after).
    pub storage: BTreeMap<u64, u8>,
    /// Storage keys by the addresses of their pages.
    pub keys: BTreeMap<u64, u8>,
}

impl Default for State {
    /// Register `n` has `n` in each of its digits, storage is zero, and the
    /// CPU is in the problem state and the 64-bit mode. Control registers are
    /// zero but for the AFP-register control.
    fn default() -> Self {
        let digits = |n: usize| 0x1111_1111_1111_1111 * n as u64;
        Self {
            psw: Psw::new(Psw::PROBLEM | Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, CODE),
            gr: core::array::from_fn(digits),
            ar: core::array::from_fn(|n| lowcore_arch::bits::low32(digits(n))),
            fpr: core::array::from_fn(digits),
            fpc: 0,
            cr: core::array::from_fn(|n| if n == 0 { ControlRegister::CR0_AFP } else { 0 }),
            prefix: 0,
            todpr: 0,
            clock_comparator: 0,
            storage: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }
}

/// What an instruction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended if it did not complete: the name after `!`.
    pub end: Option<String>,
    /// The state after it; of storage only the bytes that changed.
    pub state: State,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The instruction.
    pub code: Code,
    /// The state before.
    pub before: State,
    /// What it must do.
    pub outcome: Outcome,
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The line lacks a part.
    #[error("The line lacks its {0}.")]
    Lacks(&'static str),
    /// A token means nothing.
    #[error("`{0}` means nothing here.")]
    Token(String),
    /// The bytes are not what the text says.
    #[error("The bytes disassemble to `{0}`.")]
    Text(String),
    /// The text is not an instruction.
    #[error(transparent)]
    Assembly(#[from] lowcore_isa::AssemblyError),
}

impl Case {
    /// The pages whose keys it is about.
    pub fn keyed_pages(&self) -> impl Iterator<Item = u64> {
        let after = &self.outcome.state.keys;
        let named = self.before.keys.keys().chain(after.keys());
        named.copied().collect::<BTreeSet<_>>().into_iter()
    }

    /// Reads a line; `None` for an empty line or a comment.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn parse(line: &str) -> Result<Option<Self>, Error> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let mut parts = line.splitn(3, '"');
        let head = parts.next().unwrap_or_default();
        let text = parts.next().ok_or(Error::Lacks("text in quotes"))?;
        let rest = parts.next().ok_or(Error::Lacks("second quote"))?;
        let mut head = head.split_whitespace();
        let address = number(head.next().ok_or(Error::Lacks("address"))?)?;
        let bytes = bytes(head.next().ok_or(Error::Lacks("bytes"))?)?;
        let mut raw = [0; 8];
        raw.get_mut(..bytes.len()).ok_or(Error::Lacks("bytes"))?.copy_from_slice(&bytes);
        let code = Code::from_raw(u64::from_be_bytes(raw));
        if code.bytes() != bytes || disassemble(code.raw(), address) != text {
            return Err(Error::Text(disassemble(code.raw(), address)));
        }
        let (inputs, outputs) = rest.split_once("=>").ok_or(Error::Lacks("=>"))?;
        let mut before = State::default();
        before.psw.addr = address;
        for token in inputs.split_whitespace() {
            before.token(token)?;
        }
        let outcome = Outcome::parse(&before, code, outputs)?;
        Ok(Some(Self { code, before, outcome }))
    }

    /// A case without an outcome yet, from the text of an instruction and
    /// tokens.
    ///
    /// # Errors
    /// What is wrong with the text or the tokens.
    pub fn prepare(text: &str, tokens: &str) -> Result<Self, Error> {
        let mut before = State::default();
        for token in tokens.split_whitespace() {
            before.token(token)?;
        }
        let code = assemble(text, before.psw.addr)?;
        let outcome = Outcome { end: None, state: before.clone() };
        Ok(Self { code, before, outcome })
    }
}

impl Outcome {
    fn parse(before: &State, code: Code, text: &str) -> Result<Self, Error> {
        let mut state = State { storage: BTreeMap::new(), ..before.clone() };
        let mut end = None;
        let mut pc = None;
        for token in text.split_whitespace() {
            if let Some(name) = token.strip_prefix('!') {
                end = Some(name.to_string());
            } else if let Some(address) = token.strip_prefix("pc=") {
                pc = Some(number(address)?);
            } else {
                state.token(token)?;
            }
        }
        state.psw.addr = pc.unwrap_or_else(|| default_pc(before, code, end.as_deref()));
        Ok(Self { end, state })
    }
}

/// The address after an instruction that did nothing to it.
fn default_pc(before: &State, code: Code, end: Option<&str>) -> u64 {
    if end.is_some_and(is_nullifying) {
        return before.psw.addr;
    }
    let length = u64::from(instruction_length(code.raw()));
    before.psw.wrap(before.psw.addr.wrapping_add(length))
}

fn is_nullifying(name: &str) -> bool {
    machine::code_of(name).is_some_and(lowcore_arch::ProgramCode::is_nullifying)
}

fn number(text: &str) -> Result<u64, Error> {
    u64::from_str_radix(text, 16).map_err(|_| Error::Token(text.to_string()))
}

fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    let wrong = || Error::Token(text.to_string());
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return Err(wrong());
    }
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).map_err(|_| wrong()))
        .collect()
}

impl State {
    fn token(&mut self, token: &str) -> Result<(), Error> {
        let wrong = || Error::Token(token.to_string());
        match token {
            "supervisor" => {
                self.psw.mask &= !Psw::PROBLEM;
                return Ok(());
            }
            "problem" => {
                self.psw.mask |= Psw::PROBLEM;
                return Ok(());
            }
            _ => {}
        }
        let (name, text) = token.split_once('=').ok_or_else(wrong)?;
        if let Some(address) = name.strip_prefix('[')
            && let Some(address) = address.strip_suffix("].key")
        {
            let key = u8::try_from(number(text)?).map_err(|_| wrong())?;
            self.keys.insert(number(address)?, key);
            return Ok(());
        }
        if let Some(address) = name.strip_prefix('[') {
            let address = number(address.strip_suffix(']').ok_or_else(wrong)?)?;
            for (i, byte) in (0..).zip(bytes(text)?) {
                self.storage.insert(address.wrapping_add(i), byte);
            }
            return Ok(());
        }
        let value = number(text)?;
        let narrow = u32::try_from(value).map_err(|_| wrong());
        match name {
            "cc" => self.set_mask_bits(Psw::CONDITION_CODE, value << 44),
            "pm" => self.set_mask_bits(Psw::PROGRAM_MASK, value << 40),
            "key" => self.set_mask_bits(Psw::KEY, value << 52),
            "sm" => self.set_mask_bits(0xff << 56, value << 56),
            "mode" => self.set_mode(text).ok_or_else(wrong)?,
            "mask" => self.psw.mask = value,
            "pc" => self.psw.addr = value,
            "prefix" => self.prefix = narrow?,
            "fpc" => self.fpc = narrow?,
            "todpr" => self.todpr = narrow?,
            "ckc" => self.clock_comparator = value,
            _ => {
                let (kind, n) = name.split_at_checked(1).ok_or_else(wrong)?;
                let n: usize = n.parse().map_err(|_| wrong())?;
                match kind {
                    "r" => *self.gr.get_mut(n).ok_or_else(wrong)? = value,
                    "a" => *self.ar.get_mut(n).ok_or_else(wrong)? = narrow?,
                    "f" => *self.fpr.get_mut(n).ok_or_else(wrong)? = value,
                    "c" => *self.cr.get_mut(n).ok_or_else(wrong)? = value,
                    _ => return Err(wrong()),
                }
            }
        }
        Ok(())
    }

    fn set_mask_bits(&mut self, bits: u64, value: u64) {
        self.psw.mask = self.psw.mask & !bits | value & bits;
    }

    fn set_mode(&mut self, text: &str) -> Option<()> {
        let bits = match text {
            "24" => 0,
            "31" => Psw::BASIC_ADDRESSING,
            "64" => Psw::BASIC_ADDRESSING | Psw::EXTENDED_ADDRESSING,
            _ => return None,
        };
        self.set_mask_bits(Psw::BASIC_ADDRESSING | Psw::EXTENDED_ADDRESSING, bits);
        Some(())
    }

    /// Writes the tokens that make this state out of `from`, the instruction
    /// address aside.
    fn write_tokens(&self, from: &Self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_mask(from.psw.mask, f)?;
        for n in 0..16 {
            if self.gr[n] != from.gr[n] {
                write!(f, " r{n}={:x}", self.gr[n])?;
            }
        }
        for n in 0..16 {
            if self.ar[n] != from.ar[n] {
                write!(f, " a{n}={:x}", self.ar[n])?;
            }
        }
        for n in 0..16 {
            if self.fpr[n] != from.fpr[n] {
                write!(f, " f{n}={:x}", self.fpr[n])?;
            }
        }
        if self.fpc != from.fpc {
            write!(f, " fpc={:x}", self.fpc)?;
        }
        for n in 0..16 {
            if self.cr[n] != from.cr[n] {
                write!(f, " c{n}={:x}", self.cr[n])?;
            }
        }
        if self.prefix != from.prefix {
            write!(f, " prefix={:x}", self.prefix)?;
        }
        if self.todpr != from.todpr {
            write!(f, " todpr={:x}", self.todpr)?;
        }
        if self.clock_comparator != from.clock_comparator {
            write!(f, " ckc={:x}", self.clock_comparator)?;
        }
        let mut last = None;
        for (address, byte) in &self.storage {
            if last != Some(address.wrapping_sub(1)) {
                write!(f, " [{address:x}]=")?;
            }
            write!(f, "{byte:02x}")?;
            last = Some(*address);
        }
        for (address, key) in &self.keys {
            if from.keys.get(address) != Some(key) {
                write!(f, " [{address:x}].key={key:02x}")?;
            }
        }
        Ok(())
    }
}

impl State {
    /// Writes the tokens for what is different in the PSW mask.
    fn write_mask(&self, from: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MODE: u64 = Psw::BASIC_ADDRESSING | Psw::EXTENDED_ADDRESSING;
        const FIELDS: [(&str, u64, u32); 4] = [
            ("sm", 0xff << 56, 56),
            ("key", Psw::KEY, 52),
            ("cc", Psw::CONDITION_CODE, 44),
            ("pm", Psw::PROGRAM_MASK, 40),
        ];
        let changed = self.psw.mask ^ from;
        let covered = FIELDS.iter().fold(Psw::PROBLEM | MODE, |bits, field| bits | field.1);
        if changed & !covered != 0 {
            return write!(f, " mask={:x}", self.psw.mask);
        }
        if changed & Psw::PROBLEM != 0 {
            let name = if self.psw.has(Psw::PROBLEM) { " problem" } else { " supervisor" };
            f.write_str(name)?;
        }
        if changed & MODE != 0 {
            let mode = match self.psw.addressing_mode() {
                AddressingMode::Bits24 => 24,
                AddressingMode::Bits31 => 31,
                AddressingMode::Bits64 => 64,
            };
            write!(f, " mode={mode}")?;
        }
        for (name, bits, shift) in FIELDS {
            if changed & bits != 0 {
                write!(f, " {name}={:x}", (self.psw.mask & bits) >> shift)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.before.psw.addr;
        write!(f, "{address:x} ")?;
        for byte in self.code.bytes() {
            write!(f, "{byte:02x}")?;
        }
        write!(f, " \"{}\"", disassemble(self.code.raw(), address))?;
        self.before.write_tokens(&State::default(), f)?;
        write!(f, " =>")?;
        self.outcome
            .state
            .write_tokens(&State { storage: BTreeMap::new(), ..self.before.clone() }, f)?;
        let end = self.outcome.end.as_deref();
        if self.outcome.state.psw.addr != default_pc(&self.before, self.code, end) {
            write!(f, " pc={:x}", self.outcome.state.psw.addr)?;
        }
        if let Some(end) = end {
            write!(f, " !{end}")?;
        }
        Ok(())
    }
}

/// The tokens that make `state` out of `from`, the instruction address aside.
#[must_use]
pub fn tokens(state: &State, from: &State) -> String {
    struct Tokens<'a>(&'a State, &'a State);

    impl fmt::Display for Tokens<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.write_tokens(self.1, f)
        }
    }

    Tokens(state, from).to_string()
}

/// All cases of a file, with their line numbers.
///
/// # Errors
/// The number of the first line that cannot be read, and why.
pub fn parse_file(text: &str) -> Result<Vec<(usize, Case)>, (usize, Error)> {
    let mut cases = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(case) = Case::parse(line).map_err(|error| (number, error))? {
            cases.push((number, case));
        }
    }
    Ok(cases)
}

/// Why the lines of this crate cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// The folder or a file in it.
    #[error("The instruction lines are not accessible: {0}.")]
    File(#[from] std::io::Error),
    /// A line.
    #[error("{place}: {source}")]
    Line {
        /// File name and line number.
        place: String,
        /// What is wrong with it.
        source: Error,
    },
}

/// All lines of this crate's folder `ins`, each with its file name and number.
///
/// # Errors
/// The first thing that cannot be read.
pub fn all_lines() -> Result<Vec<(String, Case)>, LinesError> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ins");
    let paths: Result<Vec<_>, _> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths?;
    paths.sort();
    let mut lines = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "ins")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let cases = parse_file(&std::fs::read_to_string(path)?)
            .map_err(|(n, source)| LinesError::Line { place: format!("{name}:{n}"), source })?;
        lines.extend(cases.into_iter().map(|(n, case)| (format!("{name}:{n}"), case)));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        for line in [
            r#"101000 1a12 "ar %r1,%r2" r1=7fffffff r2=1 => cc=3 r1=80000000"#,
            r#"2000 07fe "bcr 15,%r14" supervisor mode=31 => pc=6eeeeeee"#,
            r#"101000 1a12 "ar %r1,%r2" [101000].key=08 => [101000].key=0c [200000].key=00"#,
            r#"101000 b3c10012 "ldgr %f1,%r2" f15=0 fpc=f8000007 c0=0 => !data-1"#,
            r#"101000 0a07 "svc 7" pm=8 a3=0 c0=40 [200000]=0102 [200010]=ff => !svc-7"#,
        ] {
            let case = Case::parse(line).unwrap().unwrap();
            assert_eq!(case.to_string(), line);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for (line, sentence) in [
            ("101000 1a12", "The line lacks its text in quotes."),
            (r#"101000 1a12 "ar %r1,%r3" =>"#, "The bytes disassemble to `ar %r1,%r2`."),
            (r#"101000 1a12 "ar %r1,%r2""#, "The line lacks its =>."),
            (r#"101000 1a12 "ar %r1,%r2" r16=0 =>"#, "`r16=0` means nothing here."),
            (r#"101000 1a12 "ar %r1,%r2" => flags=0"#, "`flags=0` means nothing here."),
        ] {
            assert_eq!(Case::parse(line).unwrap_err().to_string(), sentence);
        }
    }
}
