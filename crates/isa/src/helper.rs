//! Shared routines for long and for control instructions. Every engine calls
//! the same one; crates/cpu has them. Each family of routines has its file.

mod convert;
mod float;
mod key;
mod space;
mod string;
mod system;

pub use convert::ConvertHelper;
pub use float::{FixedFormat, FloatFormat, FloatHelper, FloatOperation};
pub use key::KeyHelper;
pub use space::SpaceHelper;
pub use string::StringHelper;
pub use system::SystemHelper;

/// A routine that a body calls through
/// [`Builder::call`](crate::Builder::call). The comments give its storage
/// operands, its arguments and its result; a routine checks what the manual
/// says about storage and privilege beyond the row's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Helper {
    /// MOVE: (first, second; length). Byte by byte, left to right.
    Move,
    /// AND: (first, second; length). Sets the condition code.
    And,
    /// OR: (first, second; length). Sets the condition code.
    Or,
    /// EXCLUSIVE OR: (first, second; length). Sets the condition code.
    ExclusiveOr,
    /// COMPARE LOGICAL: (first, second; length). Sets the condition code.
    Compare,
    /// EXECUTE: (target; bits to insert in its second byte).
    Execute,
    /// SUPERVISOR CALL: (; number).
    SupervisorCall,
    /// Leaves the instruction to the layer above the CPU.
    Intercept,
    /// LOAD PSW: (operand).
    LoadPsw,
    /// LOAD PSW EXTENDED: (operand).
    LoadPswExtended,
    /// Replaces bits 0-7 of the PSW: (; bits).
    SetSystemMask,
    /// SET PSW KEY FROM ADDRESS: (; address).
    SetKey,
    /// INSERT PSW KEY: the key times 16.
    InsertKey,
    /// SET ADDRESSING MODE: (; 24, 31 or 64).
    SetAddressingMode,
    /// TEST ADDRESSING MODE: the condition code.
    AddressingMode,
    /// BRANCH AND SET MODE: (; target with the mode in bits 32 and 63).
    BranchAndSetMode,
    /// SET PREFIX: (; value).
    SetPrefix,
    /// The prefix.
    Prefix,
    /// The CPU address.
    CpuAddress,
    /// The CPU identification.
    CpuId,
    /// SIGNAL PROCESSOR: (; order, CPU address, parameter, number of the
    /// status register). Sets the condition code, and the register with code 1.
    SignalProcessor,
    /// The TOD clock.
    Clock,
    /// STORE CLOCK EXTENDED: (operand).
    StoreClockExtended,
    /// SET CLOCK: (; value). Sets the condition code.
    SetClock,
    /// The clock comparator.
    ClockComparator,
    /// SET CLOCK COMPARATOR: (; value).
    SetClockComparator,
    /// The CPU timer.
    CpuTimer,
    /// SET CPU TIMER: (; value).
    SetCpuTimer,
    /// SET CLOCK PROGRAMMABLE FIELD: (; value).
    SetTodProgrammable,
    /// STORE FACILITY LIST.
    StoreFacilityList,
    /// STORE FACILITY LIST EXTENDED: (operand; doublewords less one). The
    /// doublewords needed less one; sets the condition code.
    StoreFacilityListExtended,
    /// PURGE TLB.
    PurgeTlb,
    /// Long operations on storage.
    String(StringHelper),
    /// Conversions between formats and character sets.
    Convert(ConvertHelper),
    /// Address spaces: translation, cross-memory access, linkage.
    Space(SpaceHelper),
    /// Storage keys.
    Key(KeyHelper),
    /// Floating point.
    Float(FloatHelper),
    /// What the system tells about itself, and its clock.
    System(SystemHelper),
}

impl Helper {
    /// What the routine does beside giving its result, for the effects
    /// recorder.
    #[must_use]
    pub const fn effects(self) -> HelperEffects {
        const NONE: HelperEffects = HelperEffects::NONE;
        const SOME: u64 = HelperEffects::SOME;
        match self {
            Self::Move => HelperEffects { loads: SOME, stores: SOME, may_end: true, ..NONE },
            Self::And | Self::Or | Self::ExclusiveOr => {
                HelperEffects { loads: SOME, stores: SOME, sets_cc: true, may_end: true, ..NONE }
            }
            Self::Compare => HelperEffects { loads: SOME, sets_cc: true, may_end: true, ..NONE },
            Self::Execute => HelperEffects {
                loads: 6,
                stores: SOME,
                sets_cc: true,
                changes_psw: true,
                branches: true,
                changes_fpc: true,
                may_end: true,
            },
            Self::LoadPsw => HelperEffects {
                loads: 8,
                sets_cc: true,
                changes_psw: true,
                branches: true,
                may_end: true,
                ..NONE
            },
            Self::LoadPswExtended => HelperEffects {
                loads: 16,
                sets_cc: true,
                changes_psw: true,
                branches: true,
                may_end: true,
                ..NONE
            },
            Self::SupervisorCall | Self::Intercept => HelperEffects { may_end: true, ..NONE },
            Self::SetSystemMask => HelperEffects { changes_psw: true, ..NONE },
            Self::SetKey | Self::SetAddressingMode => {
                HelperEffects { changes_psw: true, may_end: true, ..NONE }
            }
            Self::BranchAndSetMode => HelperEffects { changes_psw: true, branches: true, ..NONE },
            Self::InsertKey | Self::SetPrefix => HelperEffects { may_end: true, ..NONE },
            Self::SignalProcessor | Self::SetClock => {
                HelperEffects { sets_cc: true, may_end: true, ..NONE }
            }
            Self::StoreClockExtended => HelperEffects { stores: 16, may_end: true, ..NONE },
            Self::StoreFacilityList => HelperEffects { stores: 4, may_end: true, ..NONE },
            Self::StoreFacilityListExtended => {
                HelperEffects { stores: SOME, sets_cc: true, may_end: true, ..NONE }
            }
            Self::AddressingMode
            | Self::Prefix
            | Self::CpuAddress
            | Self::CpuId
            | Self::Clock
            | Self::ClockComparator
            | Self::SetClockComparator
            | Self::CpuTimer
            | Self::SetCpuTimer
            | Self::SetTodProgrammable
            | Self::PurgeTlb => NONE,
            Self::String(helper) => helper.effects(),
            Self::Convert(helper) => helper.effects(),
            Self::Space(helper) => helper.effects(),
            Self::Key(helper) => helper.effects(),
            Self::Float(helper) => helper.effects(),
            Self::System(helper) => helper.effects(),
        }
    }
}

/// See [`Helper::effects`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelperEffects {
    /// The most bytes that it fetches.
    pub loads: u64,
    /// The most bytes that it stores.
    pub stores: u64,
    /// Whether it sets the condition code.
    pub sets_cc: bool,
    /// Whether it changes other parts of the PSW than that and the address.
    pub changes_psw: bool,
    /// Whether it may change the instruction address.
    pub branches: bool,
    /// Whether it may change the floating-point-control register.
    pub changes_fpc: bool,
    /// Whether it may end the instruction with something else than its
    /// completion.
    pub may_end: bool,
}

impl HelperEffects {
    /// A routine that only gives its result.
    pub const NONE: Self = Self {
        loads: 0,
        stores: 0,
        sets_cc: false,
        changes_psw: false,
        branches: false,
        changes_fpc: false,
        may_end: false,
    };

    /// Bytes of storage, how many is unknown until the routine runs.
    pub const SOME: u64 = 256;
}
