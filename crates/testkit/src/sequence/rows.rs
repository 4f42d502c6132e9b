//! Which rows random programs have, and what their operands are for.

use crate::ins::random::{Use, use_of};
use lowcore_isa::format::Operand;
use lowcore_isa::{ROWS, Row};
use std::sync::LazyLock;

const TABLES: &str = "its table reaches beyond what is compared; tested by lines";

const SUPERVISOR: &str = "not in QEMU's user mode; tested by lines on the full machine";

/// Rows that no random program has, with the reason.
pub const WITHOUT: &[(&str, &str)] = &[
    ("trte", "not in QEMU"),
    ("trtre", "not in QEMU"),
    ("cuse", "not in QEMU"),
    ("cfc", "not in QEMU"),
    ("upt", "not in QEMU"),
    ("plo", "not in QEMU"),
    ("cmpsc", "not in QEMU"),
    ("cvdg", "not in QEMU"),
    ("rp", "not in QEMU"),
    ("unpk", "QEMU loses the leftmost byte of the second operand"),
    ("pku", "QEMU loses the leftmost character of the second operand"),
    ("pka", "QEMU loses the leftmost character of the second operand"),
    ("tp", "QEMU's length is one byte off"),
    ("lmd", "not in QEMU"),
    ("diebr", "not in QEMU"),
    ("didbr", "not in QEMU"),
    ("mdeb", "wrong in QEMU"),
    ("mdebr", "wrong in QEMU"),
    ("mxdb", "wrong in QEMU"),
    ("mxdbr", "wrong in QEMU"),
    ("lter", "not in QEMU"),
    ("ltdr", "not in QEMU"),
    ("lper", "not in QEMU"),
    ("lpdr", "not in QEMU"),
    ("lner", "not in QEMU"),
    ("lndr", "not in QEMU"),
    ("lcer", "not in QEMU"),
    ("lcdr", "not in QEMU"),
    ("mvpg", "ends QEMU's user mode"),
    ("sac", SUPERVISOR),
    ("sacf", SUPERVISOR),
    ("iac", SUPERVISOR),
    ("mvcp", SUPERVISOR),
    ("mvcs", SUPERVISOR),
    ("mvck", SUPERVISOR),
    ("mvcsk", SUPERVISOR),
    ("mvcdk", SUPERVISOR),
    ("mvcos", SUPERVISOR),
    ("epar", SUPERVISOR),
    ("esar", SUPERVISOR),
    ("tar", SUPERVISOR),
    ("ssar", SUPERVISOR),
    ("pc", SUPERVISOR),
    ("pr", SUPERVISOR),
    ("pt", SUPERVISOR),
    ("bakr", SUPERVISOR),
    ("bsa", SUPERVISOR),
    ("bsg", SUPERVISOR),
    ("ereg", SUPERVISOR),
    ("eregg", SUPERVISOR),
    ("esta", SUPERVISOR),
    ("msta", SUPERVISOR),
    ("trap2", SUPERVISOR),
    ("trap4", SUPERVISOR),
    ("ivsk", SUPERVISOR),
    ("ectg", SUPERVISOR),
    ("troo", TABLES),
    ("trot", TABLES),
    ("trto", TABLES),
    ("trtt", TABLES),
    ("mc", "not in QEMU's user mode"),
    ("trace", "not in QEMU"),
    ("tracg", "not in QEMU"),
    ("cvb", "not in QEMU"),
    ("cvby", "not in QEMU"),
    ("cvbg", "not in QEMU"),
    ("ecag", "depends on the machine's caches"),
    ("csst", "its parameters are addressed by register 1; tested by lines"),
    ("svc", "QEMU's user mode makes a system call of it"),
    ("stck", "depends on the clock"),
    ("stckf", "depends on the clock"),
    ("stcke", "depends on the clock"),
    ("stfle", "depends on the machine's facilities"),
    ("ptff", "depends on the machine"),
    ("epsw", "shows what QEMU's user mode has in the PSW besides"),
    ("ipk", "not in QEMU's user mode"),
    ("spka", "privileged in QEMU's user mode"),
    ("bsm", "not in QEMU"),
    ("bassm", "not in QEMU"),
    ("cpya", "not in QEMU"),
    ("stmh", "wrong in QEMU"),
];

/// What a general-register operand is, of an instruction that addresses
/// storage by registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Anything.
    Any,
    /// An address.
    Address,
    /// An even register with an address, and the next with a length.
    Pair,
    /// The same; only the low 24 bits of the length count.
    ShortPair,
}

/// What general register 0 must have for such an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implied {
    /// Nothing.
    None,
    /// Register 0 has zero, which ends a string.
    End,
    /// Register 0 has a character of eight or sixteen bits.
    Character(u64),
}

/// The registers of such an instruction.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// Of its general-register operands, in their order.
    pub operands: [Role; 2],
    /// Of general register 0.
    pub implied: Implied,
    /// Whether it stores through the first one.
    pub stores: bool,
}

/// The roles of a row; `None` if its operands tell where it accesses storage.
fn roles(mnemonic: &str) -> Option<Roles> {
    use Role::{Address, Any, Pair, ShortPair};
    let (operands, implied, stores) = match mnemonic {
        "mvcl" => ([ShortPair; 2], Implied::None, true),
        "clcl" => ([ShortPair; 2], Implied::None, false),
        "mvcle" | "mvclu" => ([Pair; 2], Implied::None, true),
        "clcle" | "clclu" => ([Pair; 2], Implied::None, false),
        "mvst" => ([Address; 2], Implied::End, true),
        "clst" => ([Address; 2], Implied::End, false),
        "srst" => ([Address; 2], Implied::Character(0xff), false),
        "srstu" => ([Address; 2], Implied::Character(0xffff), false),
        "cksm" => ([Any, Pair], Implied::None, false),
        "tre" => ([Pair, Address], Implied::Character(0xff), true),
        "cu12" | "cu14" | "cu21" | "cu24" | "cu41" | "cu42" => ([Pair; 2], Implied::None, true),
        _ => return None,
    };
    Some(Roles { operands, implied, stores })
}

/// What a row needs to know to be in a random program.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The row.
    pub row: &'static Row,
    /// What its storage operand is for.
    pub purpose: Use,
    /// Why it is in no program.
    pub without: Option<&'static str>,
    /// What its registers are, if they address storage.
    pub roles: Option<Roles>,
}

impl Entry {
    fn of(row: &'static Row) -> Self {
        let named = WITHOUT.iter().find(|(name, _)| *name == row.mnemonic);
        let without = match named {
            Some((_, reason)) => Some(*reason),
            None if row.rules.privileged => Some("privileged"),
            None => None,
        };
        Self { row, purpose: use_of(row), without, roles: roles(row.mnemonic) }
    }
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| ROWS.iter().map(Entry::of).collect());

/// All rows, by their numbers.
#[must_use]
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// Rows whose result the manual leaves open if their operands overlap.
pub const APART: &[&str] = &["pka", "pku", "unpka", "unpku", "mvcin"];

/// Whether an operand is a base and a displacement.
#[must_use]
pub fn is_based(operand: Operand) -> bool {
    operand.parts(u64::MAX).base != 0
}

/// Whether an operand has an index register.
#[must_use]
pub const fn is_indexed(operand: Operand) -> bool {
    matches!(operand, Operand::Indexed(_) | Operand::IndexedLong(_))
}
