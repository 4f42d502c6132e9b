//! What the system tells about itself, and its clock.

use super::HelperEffects;

/// A routine of this family; see [`Helper`](crate::Helper).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemHelper {
    /// The TOD clock, a value that no CPU has seen before.
    UniqueClock,
    /// PERFORM TIMING FACILITY FUNCTION: (parameter block; general register
    /// 0). Sets the condition code.
    Timing,
    /// EXTRACT CPU ATTRIBUTE: (; second-operand address). The attribute.
    CpuAttribute,
    /// MONITOR CALL: (; class, code). Ends in a monitor event if the class is
    /// enabled.
    Monitor,
    /// LOAD PROGRAM PARAMETER: (; value).
    SetProgramParameter,
    /// RESUME PROGRAM: (operand; B2). Replaces the PSW, and the general and
    /// access register B2.
    ResumeProgram,
    /// TRACE: (second operand; R1, R3, whether registers have 64 bits). Makes
    /// a trace entry if explicit tracing is on.
    Trace,
}

impl SystemHelper {
    /// See [`Helper::effects`](crate::Helper::effects).
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        const NONE: HelperEffects = HelperEffects::NONE;
        const SOME: u64 = HelperEffects::SOME;
        match self {
            Self::UniqueClock | Self::CpuAttribute | Self::SetProgramParameter => NONE,
            Self::Timing => {
                HelperEffects { loads: 8, stores: SOME, sets_cc: true, may_end: true, ..NONE }
            }
            Self::Trace => HelperEffects { loads: 4, stores: SOME, may_end: true, ..NONE },
            Self::Monitor => HelperEffects { may_end: true, ..NONE },
            Self::ResumeProgram => HelperEffects {
                loads: SOME,
                sets_cc: true,
                changes_psw: true,
                branches: true,
                may_end: true,
                ..NONE
            },
        }
    }
}
