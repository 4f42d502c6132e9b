//! Random programs of the problem state: some dozens of instructions of any
//! row, with branches, loops and EXECUTE, executed by the interpreter and by
//! QEMU, and compared in every register and byte.
//!
//! A program is made while it is executed, so that its operands fit what its
//! registers hold ([`generate`]); it is found again by its seed. What differs
//! is made as small as it goes ([`campaign()`]).

pub mod campaign;
pub mod generate;
mod machine;
pub mod rows;

pub use campaign::{Execute, Report, at_once, campaign};
pub use machine::Machine;

use crate::ins::{State, tokens};
use crate::oracle::End;
use core::ops::Range;
use lowcore_isa::{Code, disassemble};
use std::collections::BTreeMap;
use std::fmt;

/// Where a program stands.
pub const CODE: Range<u64> = 0x10_1000..0x10_2400;
/// Where targets of EXECUTE stand.
pub const SLOTS: Range<u64> = 0x10_2800..0x10_2f00;
/// Where its storage operands may begin: in the middle of a part of storage
/// that is compared, or at its end. Either side of the end there is an
/// addressing exception or none.
pub const OPERANDS: [Range<u64>; 2] = [0x20_0400..0x20_2800, 0x2f_e800..0x30_0200];

/// A program and the state that it begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The seed that it was made from.
    pub seed: u64,
    /// Registers and PSW at its beginning. Storage is in `data`.
    pub before: State,
    /// Storage that is not zero.
    pub data: Vec<(u64, Vec<u8>)>,
    /// Its instructions, also those that only EXECUTE executes.
    pub code: BTreeMap<u64, Code>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// The exception that ended it: mostly the operation exception of the
    /// zeros behind it.
    pub end: End,
    /// Where the instruction of that exception stands.
    pub at: u64,
    /// Registers and the bytes of storage that changed.
    pub state: State,
}

impl Program {
    /// What is in storage, in an order in which later parts cover earlier
    /// ones.
    #[must_use]
    pub fn segments(&self) -> Vec<(u64, Vec<u8>)> {
        let code = self.code.iter().map(|(at, code)| (*at, code.bytes().to_vec()));
        self.data.iter().cloned().chain(code).collect()
    }
}

impl fmt::Display for Program {
    /// The state before it, then its instructions, in the form of `.ins` lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# seed {}", self.seed)?;
        let mut before = self.before.clone();
        for (at, bytes) in &self.data {
            before.storage.extend((*at..).zip(bytes.iter().copied()));
        }
        writeln!(f, "#{}", tokens(&before, &State::default()))?;
        for (at, code) in &self.code {
            write!(f, "{at:x} ")?;
            for byte in code.bytes() {
                write!(f, "{byte:02x}")?;
            }
            writeln!(f, " \"{}\"", disassemble(code.raw(), *at))?;
        }
        Ok(())
    }
}

/// What differs between two endings of a program, a line each.
#[must_use]
pub fn differences(ours: &Finish, theirs: &Finish) -> Vec<String> {
    let mut lines = Vec::new();
    if (ours.end, ours.at) != (theirs.end, theirs.at) {
        lines.push(format!(
            "ends at {:x} in {:?}, the oracle at {:x} in {:?}",
            ours.at, ours.end, theirs.at, theirs.end
        ));
    }
    let (a, b) = (&ours.state, &theirs.state);
    if a.psw.mask != b.psw.mask {
        lines.push(format!("PSW mask {:016x}, the oracle {:016x}", a.psw.mask, b.psw.mask));
    }
    for n in 0..16 {
        if a.gr[n] != b.gr[n] {
            lines.push(format!("r{n} {:016x}, the oracle {:016x}", a.gr[n], b.gr[n]));
        }
        if a.fpr[n] != b.fpr[n] {
            lines.push(format!("f{n} {:016x}, the oracle {:016x}", a.fpr[n], b.fpr[n]));
        }
        if a.ar[n] != b.ar[n] {
            lines.push(format!("a{n} {:08x}, the oracle {:08x}", a.ar[n], b.ar[n]));
        }
    }
    if a.fpc != b.fpc {
        lines.push(format!("fpc {:08x}, the oracle {:08x}", a.fpc, b.fpc));
    }
    if a.storage != b.storage {
        let only = |one: &BTreeMap<u64, u8>, other: &BTreeMap<u64, u8>| -> Vec<_> {
            one.iter()
                .filter(|(at, byte)| other.get(at) != Some(byte))
                .map(|(a, b)| (*a, *b))
                .collect()
        };
        let (first, second) = (only(&a.storage, &b.storage), only(&b.storage, &a.storage));
        lines.push(format!("stores {first:x?}, the oracle {second:x?}"));
    }
    lines
}
