//! What the CPU has to do for an interruption.

use crate::Kind;
use arrayvec::ArrayVec;
use lowcore_arch::Psw;

/// The most steps that a delivery has: those of a page-translation exception
/// together with a PER event.
pub const MAX_STEPS: usize = 12;

/// One interruption, already removed from what is pending: the CPU performs
/// the steps in order. If one fails, the rest is skipped and the interrupt is
/// lost (C.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What was taken.
    pub kind: Kind,
    /// What the CPU does for it.
    pub steps: ArrayVec<Step, MAX_STEPS>,
}

/// One step of a delivery. Offsets are real addresses: the CPU accesses
/// absolute storage at its prefix plus the offset, without regard to keys and
/// low-address protection (C.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Store the low `len` bytes (1, 2, 4 or 8) of `value`, big-endian.
    Store {
        /// Where.
        offset: u16,
        /// How many bytes.
        len: u8,
        /// What.
        value: u64,
    },
    /// Store 16 bytes.
    StoreBytes {
        /// Where.
        offset: u16,
        /// What.
        bytes: [u8; 16],
    },
    /// Store an old PSW.
    StorePsw {
        /// Where.
        offset: u16,
        /// The interrupted PSW; for a nullifying program interruption already
        /// moved back.
        psw: Psw,
    },
    /// Load the new PSW as it is; the CPU finds it invalid, if it is, when it
    /// goes on.
    LoadPsw {
        /// From where.
        offset: u16,
    },
    /// Save vector and guarded-storage registers where the guest wants them,
    /// and compute from `code` the machine-check-interruption code whose
    /// validity bits hold (C.7, steps 1 to 3).
    ExtendedSaveArea {
        /// The code as injected.
        code: u64,
    },
    /// Store the code that [`Step::ExtendedSaveArea`] computed (C.7, step 6).
    StoreMachineCheckCode,
    /// Store the registers in their save areas (C.7, steps 7 to 14).
    SaveRegisters,
    /// Set the prefix to this value, which designates an 8 KiB block (C.10).
    SetPrefix {
        /// The new prefix.
        value: u32,
    },
}

impl Delivery {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, steps: ArrayVec::new() }
    }

    pub(crate) fn store8(&mut self, offset: u16, value: u8) {
        self.steps.push(Step::Store { offset, len: 1, value: value.into() });
    }

    pub(crate) fn store16(&mut self, offset: u16, value: u16) {
        self.steps.push(Step::Store { offset, len: 2, value: value.into() });
    }

    pub(crate) fn store32(&mut self, offset: u16, value: u32) {
        self.steps.push(Step::Store { offset, len: 4, value: value.into() });
    }

    pub(crate) fn store64(&mut self, offset: u16, value: u64) {
        self.steps.push(Step::Store { offset, len: 8, value });
    }

    /// Stores `psw` as the old PSW and loads the new one.
    pub(crate) fn swap_psw(&mut self, old: u16, new: u16, psw: Psw) {
        self.steps.push(Step::StorePsw { offset: old, psw });
        self.steps.push(Step::LoadPsw { offset: new });
    }
}
