//! How an instruction ends other than by its completion.

use crate::translation::AccessFault;
use crate::{Registers, Sigp};
use lowcore_arch::{ProgramCode, bits};
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

impl SigpRequest {
    /// Takes the answer: the condition code, and a status.
    ///
    /// # Errors
    /// [`Exception::Intercept`] and [`Exception::HostFault`], if that is the
    /// answer.
    pub(crate) fn take(self, answer: Sigp, regs: &mut Registers) -> Result<(), Exception> {
        let code = match answer {
            Sigp::Accepted => 0,
            Sigp::Status(status) => {
                let register = &mut regs.gr[self.status_register];
                *register = bits::with_low32(*register, status);
                1
            }
            Sigp::Busy => 2,
            Sigp::NotOperational => 3,
            Sigp::Intercept => return Err(Exception::Intercept),
            Sigp::HostFault => return Err(Exception::HostFault),
        };
        regs.psw.set_condition_code(code);
        Ok(())
    }
}

/// The end of an instruction that did not simply complete. The PSW already
/// designates the next instruction; a nullifying program interruption winds
/// it back when it is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// A program interruption.
    Program {
        /// The interruption code.
        code: ProgramCode,
        /// What the low core shows beside the code.
        detail: Detail,
    },
    /// SUPERVISOR CALL of this number.
    SupervisorCall(u8),
    /// SIGNAL PROCESSOR: answered outside of any storage view.
    Sigp(SigpRequest),
    /// SET CLOCK to this value: it concerns all CPUs.
    SetClock(u64),
    /// A unit of operation is done, but not the whole instruction: the PSW
    /// goes back to it, and the slice ends (manual, chapter 5,
    /// "Interruptible Instructions").
    Again,
    /// A page of storage is to be decoded into which CPUs may store without
    /// telling: all of them must give that up first. Nothing was executed.
    Recall(u64),
    /// The instruction is done, but completes only when no other CPU goes by
    /// what it remembers of translation and storage keys any more. This CPU
    /// has purged its own TLB.
    Quiesce,
    /// The layer above executes the instruction.
    Intercept,
    /// The client's memory behind a slot was not accessible.
    HostFault,
    /// Lowcore does not implement what the guest asks for.
    Unsupported(&'static str),
}

/// What the low core shows of a program interruption beside its code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// Of an access exception.
    Translation {
        /// The translation-exception identification.
        teid: u64,
        /// The exception access identification: an access register's number.
        access_register: u8,
    },
    /// The data-exception code.
    Data(u8),
    /// Of a monitor event.
    Monitor {
        /// The monitor-class number.
        class: u8,
        /// The monitor code.
        code: u64,
    },
}

impl Exception {
    /// A data exception with its data-exception code.
    #[must_use]
    pub const fn data(code: u8) -> Self {
        Self::Program { code: ProgramCode::DATA, detail: Detail::Data(code) }
    }

    /// A program interruption without detail.
    #[must_use]
    pub const fn program(code: ProgramCode) -> Self {
        Self::Program { code, detail: Detail::None }
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

impl From<AccessFault> for Exception {
    fn from(fault: AccessFault) -> Self {
        match fault {
            AccessFault::Program { code, identification, access_register } => Self::Program {
                code,
                detail: Detail::Translation { teid: identification, access_register },
            },
            AccessFault::Host => Self::HostFault,
        }
    }
}
