//! How an instruction ends other than by its completion.

use lowcore_arch::ProgramCode;
use lowcore_storage::AccessError;

/// A SIGNAL PROCESSOR that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigpRequest {
    /// The order code.
    pub order: u8,
    /// The address of the CPU addressed.
    pub address: u16,
    /// The parameter.
    pub parameter: u32,
    /// The number of the general register that takes a status.
    pub status_register: usize,
}

/// The end of an instruction that did not simply complete. The PSW already
/// designates the next instruction; a nullifying program interruption winds
/// it back when it is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// A program interruption. `detail` is the translation-exception
    /// identification of an access exception, the data-exception code of a
    /// data exception, else 0.
    Program {
        /// The interruption code.
        code: ProgramCode,
        /// What the low core shows beside the code.
        detail: u64,
    },
    /// SUPERVISOR CALL of this number.
    SupervisorCall(u8),
    /// SIGNAL PROCESSOR: answered outside of any storage view.
    Sigp(SigpRequest),
    /// SET CLOCK to this value: it concerns all CPUs.
    SetClock(u64),
    /// The layer above executes the instruction.
    Intercept,
    /// The client's memory behind a slot was not accessible.
    HostFault,
    /// Lowcore does not implement what the guest asks for.
    Unsupported(&'static str),
}

impl Exception {
    /// A program interruption without detail.
    #[must_use]
    pub const fn program(code: ProgramCode) -> Self {
        Self::Program { code, detail: 0 }
    }
}

impl From<ProgramCode> for Exception {
    fn from(code: ProgramCode) -> Self {
        Self::program(code)
    }
}

impl From<AccessError> for Exception {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Addressing => Self::program(ProgramCode::ADDRESSING),
            AccessError::Host(_) => Self::HostFault,
        }
    }
}
