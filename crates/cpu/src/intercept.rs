//! Why a CPU stopped executing.

use crate::DebugEvent;

/// A reason for which [`Cpu::run`](crate::Cpu::run) returned. The comments
/// give the intercept code that Linux shows for it, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intercept {
    /// 0x04: an instruction that the layer above executes. The PSW is already
    /// after it.
    Instruction {
        /// The first halfword of the instruction.
        ipa: u16,
        /// The rest of it, left-aligned.
        ipb: u32,
    },
    /// 0x08: a specification exception whose new PSW is itself invalid.
    ProgramLoop,
    /// 0x14: a timer interruption whose new PSW leaves it enabled.
    ExternalLoop {
        /// The external-interruption code.
        code: u16,
    },
    /// 0x1c: a wait that no interruption can end.
    DisabledWait,
    /// 0x28: a stop is pending and nothing else deliverable.
    Stop,
    /// 0x2c: an operation exception that would repeat for ever, or the
    /// instruction 0x0000 for a client that asked for it.
    Operation {
        /// The first halfword of the instruction.
        ipa: u16,
        /// The rest of it, left-aligned.
        ipb: u32,
    },
    /// A stop for the client's debugger.
    Debug(DebugEvent),
    /// A signal or a kick asked for control.
    Requested,
    /// The client's memory behind the low core or an operand was not
    /// accessible.
    HostFault,
    /// Lowcore does not implement what the guest asks for; the sentence says
    /// what.
    Unsupported(&'static str),
}
