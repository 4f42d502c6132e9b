//! What compiled code and the engine share while code runs: one block of
//! words a CPU, to which every region has a pointer.

use crate::condition::{Kind, evaluate};
use crate::host_calls::{CallSite, FloatSite, Host};
use core::mem::offset_of;
use lowcore_arch::Psw;
use lowcore_cpu::Registers;

/// Values that a call to the host's side can take and give.
pub const SCRATCH: usize = 16;

/// Entries of the jump cache.
pub const JUMPS: usize = 16384;

/// The block.
#[repr(C)]
#[derive(Debug)]
pub struct Run {
    /// The CPU's registers.
    pub regs: *mut Registers,
    /// The TLB's entries for storage operands.
    pub entries: *const u8,
    /// The CPU's attention word.
    pub attention: *const u32,
    /// Branches until the slice ends.
    pub budget: u64,
    /// The logical address of the page that is executed.
    pub page: u64,
    /// How the condition code is found: see
    /// [`condition`](crate::condition).
    pub cc: [u64; 3],
    /// Where in the page the last branch stood that was taken;
    /// [`NO_BRANCH`] if the registers have the breaking-event address.
    pub breaking: u64,
    /// Where in the page execution goes on.
    pub offset: u64,
    /// How a region ends whose instruction was given up: see [`end`].
    pub end: u64,
    /// Where a direct branch has no target yet.
    pub link: *const Link,
    /// Whether execution must leave after the instruction.
    pub leave: u64,
    /// How a slow access ended.
    pub status: u64,
    /// Counts instructions, if the code does.
    pub executed: u64,
    /// Instructions until code stops that counts down.
    pub fuel: u64,
    /// What the entries of the jump cache must have.
    pub tag: u64,
    /// Where the versions of all code are counted.
    pub versions_at: *const u64,
    /// What that was.
    pub versions: u64,
    /// Where computed branches lead.
    pub jumps: *mut Jump,
    /// The function for slow accesses.
    pub slow: u64,
    /// The same, if the region has no values in vector registers.
    pub slow_scalar: u64,
    /// The stack pointer of the way in: where a fault lands that has no guard.
    pub stack: u64,
    /// Operands and results of calls to the host's side.
    pub scratch: [u64; SCRATCH],
    /// What those calls act on.
    pub host: *mut Host<'static, 'static>,
}

/// See [`Run::breaking`].
pub const NO_BRANCH: u64 = u64::MAX;

/// Where a direct branch to another region of the page leads.
#[repr(C)]
#[derive(Debug)]
pub struct Link {
    /// The code of the region there, or one that tells that there is none.
    pub code: u64,
    /// The target's place in the page.
    pub offset: u64,
}

/// What code refers to by address.
#[derive(Debug, Default)]
#[expect(clippy::vec_box, reason = "code has their addresses")]
pub struct References {
    /// Where it calls routines.
    pub sites: Vec<Box<CallSite>>,
    /// Which floating-point operations it asks about.
    pub floats: Vec<Box<FloatSite>>,
    /// Where it goes on in its page.
    pub links: Vec<Box<Link>>,
    /// [`Run::tag`] for which other pages are known to be as they were, if it
    /// has instructions of any.
    pub checked: Option<Box<u64>>,
}

/// Where branches to an address lead.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Jump {
    /// The logical address.
    pub address: u64,
    /// [`Run::tag`] when the entry was made.
    pub tag: u64,
    /// The code.
    pub code: u64,
    /// Fills the entry up.
    _fill: u64,
}

impl Jump {
    /// An entry.
    pub const fn new(address: u64, tag: u64, code: u64) -> Self {
        Self { address, tag, code, _fill: 0 }
    }
}

impl Run {
    /// A block that points nowhere.
    pub fn new(slow: u64, slow_scalar: u64) -> Self {
        Self {
            regs: core::ptr::null_mut(),
            entries: core::ptr::null(),
            attention: core::ptr::null(),
            budget: 0,
            page: 0,
            cc: [0; 3],
            breaking: NO_BRANCH,
            offset: 0,
            end: 0,
            link: core::ptr::null(),
            leave: 0,
            status: 0,
            executed: 0,
            fuel: 0,
            tag: 0,
            versions_at: core::ptr::null(),
            versions: 0,
            jumps: core::ptr::null_mut(),
            slow,
            slow_scalar,
            stack: 0,
            scratch: [0; SCRATCH],
            host: core::ptr::null_mut(),
        }
    }

    /// Puts the condition code into a PSW, for whoever looks for it there.
    pub fn put_code(&self, psw: &mut Psw) {
        psw.set_condition_code(evaluate(self.cc));
    }

    /// Takes the condition code of a PSW.
    pub fn take_code(&mut self, psw: Psw) {
        self.cc = [Kind::Number as u64, psw.condition_code().into(), 0];
    }
}

/// A displacement, as Cranelift takes it.
const fn displacement(bytes: usize) -> i32 {
    assert!(bytes < 1 << 20, "the structures are small");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "it was asserted"
    )]
    let short = bytes as i32;
    short
}

/// Displacements in the block.
pub mod at {
    use super::{Run, displacement, offset_of};

    macro_rules! displacements {
        ($($name:ident $field:ident;)*) => {
            $(pub const $name: i32 = displacement(offset_of!(Run, $field));)*
        };
    }

    displacements! {
        REGS regs;
        ENTRIES entries;
        ATTENTION attention;
        BUDGET budget;
        PAGE page;
        CC cc;
        BREAKING breaking;
        OFFSET offset;
        END end;
        LINK link;
        LEAVE leave;
        STATUS status;
        EXECUTED executed;
        FUEL fuel;
        TAG tag;
        VERSIONS_AT versions_at;
        VERSIONS versions;
        JUMPS jumps;
        SLOW slow;
        SLOW_SCALAR slow_scalar;
        STACK stack;
    }

    pub const fn scratch(n: usize) -> i32 {
        assert!(n < super::SCRATCH);
        displacement(offset_of!(Run, scratch) + 8 * n)
    }
}

/// Displacements in an entry of the jump cache, and in a link.
pub mod jump {
    use super::{Jump, Link, displacement, offset_of};

    pub const ADDRESS: i32 = displacement(offset_of!(Jump, address));
    pub const TAG: i32 = displacement(offset_of!(Jump, tag));
    pub const CODE: i32 = displacement(offset_of!(Jump, code));
    pub const LINK_CODE: i32 = displacement(offset_of!(Link, code));
}

/// Displacements in the CPU's registers.
pub mod place {
    use super::displacement;
    use lowcore_cpu::layout::register;

    pub const fn gr(r: u8) -> i32 {
        displacement(register::gr(r))
    }

    pub const fn ar(r: u8) -> i32 {
        displacement(register::ar(r))
    }

    pub const fn cr(r: u8) -> i32 {
        displacement(register::cr(r))
    }

    pub const fn fpr(r: u8) -> i32 {
        displacement(register::fpr(r))
    }

    pub const FPC: i32 = displacement(register::FPC);
    pub const PSW_MASK: i32 = displacement(register::PSW_MASK);
    pub const PSW_ADDRESS: i32 = displacement(register::PSW_ADDRESS);
    pub const BREAKING_EVENT: i32 = displacement(register::BREAKING_EVENT);
}

/// Displacements in an entry of the TLB.
pub mod entry {
    use super::displacement;
    use lowcore_cpu::layout::entry;

    pub const FETCH: i32 = displacement(entry::FETCH);
    pub const STORE: i32 = displacement(entry::STORE);
    pub const ADDEND: i32 = displacement(entry::ADDEND);
}

/// How code returned to the engine.
pub mod end {
    /// The PSW has the address to go on at.
    pub const AT_PSW: u64 = 0;
    /// [`Run::offset`](super::Run::offset) has it.
    pub const AT_OFFSET: u64 = 1;
    /// That, and the instruction there is the interpreter's.
    pub const INTERPRET: u64 = 2;
    /// An exception that the host's side has kept.
    pub const KEPT: u64 = 3;
    /// The region at [`Run::offset`](super::Run::offset) has instructions of
    /// other pages, which must be looked at first.
    pub const UNCHECKED: u64 = 6;
    /// A direct branch led to [`Run::link`](super::Run::link).
    pub const UNLINKED: u64 = 4;
    /// The client's memory was not there, in the midst of an access: where
    /// execution was is lost.
    pub const LOST: u64 = 5;
}
