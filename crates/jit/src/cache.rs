//! The regions of a CPU that were compiled, by absolute page.

use crate::compiler::MachineCode;
use crate::hash::Map;
use crate::mode::Mode;
use crate::run::References;
use lowcore_storage::CodeCopy;

/// What tells the regions of a page from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Where it is entered.
    pub offset: u64,
    /// The mode that it is for.
    pub mode: Mode,
    /// Whether it is one instruction, to be executed alone.
    pub is_single: bool,
}

/// What became of the code at some place.
#[derive(Debug)]
pub enum Entry {
    /// It was compiled.
    Code(Code),
    /// The interpreter executes what stands there.
    Interpreted,
    /// The same until it is compiled.
    Ordered,
}

/// A region in executable memory, with what it refers to.
#[derive(Debug)]
pub struct Code {
    /// Where it is.
    pub address: u64,
    _references: References,
}

impl Code {
    /// Code that was put to an address. Its links lead to `unlinked`.
    pub fn new(mut code: MachineCode, address: u64, unlinked: u64) -> Self {
        for link in &mut code.references.links {
            link.code = unlinked;
        }
        Self { address, _references: code.references }
    }
}

/// The regions of a page.
#[derive(Debug)]
pub struct Page {
    /// The bytes that they were compiled from.
    pub copy: CodeCopy,
    /// When these were last compared with storage, as the engine counts.
    pub looked: u64,
    /// The regions.
    pub entries: Map<Key, Entry>,
    /// How often regions were dropped because the page had changed.
    pub drops: u32,
}

impl Page {
    pub fn new(absolute: u64) -> Self {
        Self { copy: CodeCopy::new(absolute), looked: 0, entries: Map::default(), drops: 0 }
    }
}
