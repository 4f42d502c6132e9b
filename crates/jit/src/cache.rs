//! The regions of a CPU that were compiled, by absolute page.

use crate::compiler::MachineCode;
use crate::mode::Mode;
use crate::run::References;
use lowcore_storage::CodeCopy;
use rustc_hash::FxHashMap;

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

/// Another page that a region has instructions of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherPage {
    /// As it is counted from the one in which the region is entered.
    pub number: i64,
    /// Its absolute address.
    pub absolute: u64,
    /// [`Page::drops`] when the region was formed.
    pub drops: u32,
}

/// A region in executable memory, with what it refers to.
#[derive(Debug)]
pub struct Code {
    /// Where it is.
    pub address: u64,
    /// The other pages that it has instructions of.
    pub others: Vec<OtherPage>,
    references: References,
}

impl Code {
    /// Code that was put to an address. Its links lead to `unlinked`.
    pub fn new(mut code: MachineCode, address: u64, unlinked: u64, others: Vec<OtherPage>) -> Self {
        for link in &mut code.references.links {
            link.code = unlinked;
        }
        Self { address, others, references: code.references }
    }

    /// Notes that the other pages are as they were, as long as the engine has
    /// this tag.
    pub fn set_checked(&mut self, tag: u64) {
        if let Some(checked) = &mut self.references.checked {
            **checked = tag;
        }
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
    pub entries: FxHashMap<Key, Entry>,
    /// How often regions were dropped because the page had changed.
    pub drops: u32,
    /// How often a region was because other pages were not where they had
    /// been.
    pub moves: u32,
}

impl Page {
    pub fn new(absolute: u64) -> Self {
        Self {
            copy: CodeCopy::new(absolute),
            looked: 0,
            entries: FxHashMap::default(),
            drops: 0,
            moves: 0,
        }
    }
}
