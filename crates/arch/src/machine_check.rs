//! Bits of the machine-check-interruption code (manual, chapter 11,
//! "Machine-Check Interruption Code").

use crate::ControlRegister;

/// Bit 0: system damage.
pub const SYSTEM_DAMAGE: u64 = 1 << 63;
/// Bit 1: instruction-processing damage.
pub const INSTRUCTION_PROCESSING_DAMAGE: u64 = 1 << 62;
/// Bit 2: system recovery.
pub const SYSTEM_RECOVERY: u64 = 1 << 61;
/// Bit 5: external damage.
pub const EXTERNAL_DAMAGE: u64 = 1 << 58;
/// Bit 7: degradation.
pub const DEGRADATION: u64 = 1 << 56;
/// Bit 8: warning.
pub const WARNING: u64 = 1 << 55;
/// Bit 9: channel report pending.
pub const CHANNEL_REPORT_PENDING: u64 = 1 << 54;
/// Bit 26: the external-damage code is valid.
pub const EXTERNAL_DAMAGE_CODE_VALID: u64 = 1 << 37;
/// What a CPU in good health tells to be valid: bits 20 to 23 for the PSW,
/// 27 to 29, 33, 42 and 43 for registers, 31 for storage, 46 and 47 for the
/// timers.
pub const ALL_VALID: u64 = 0x0000_0f1d_4033_0000;

/// The subclasses, in the layout of control register 14, of the repressible
/// conditions in a code.
///
/// ```
/// use lowcore_arch::{ControlRegister, machine_check};
/// let warning = machine_check::WARNING | machine_check::ALL_VALID;
/// assert_eq!(machine_check::subclasses(warning), ControlRegister::CR14_WARNING);
/// ```
#[must_use]
pub const fn subclasses(code: u64) -> u64 {
    const SUBCLASSES: [(u64, u64); 5] = [
        (SYSTEM_RECOVERY, ControlRegister::CR14_RECOVERY),
        (EXTERNAL_DAMAGE, ControlRegister::CR14_EXTERNAL_DAMAGE),
        (DEGRADATION, ControlRegister::CR14_DEGRADATION),
        (WARNING, ControlRegister::CR14_WARNING),
        (CHANNEL_REPORT_PENDING, ControlRegister::CR14_CHANNEL_REPORT),
    ];
    let mut subclasses = 0;
    let mut n = 0;
    while n < SUBCLASSES.len() {
        let (condition, subclass) = SUBCLASSES[n];
        if code & condition != 0 {
            subclasses |= subclass;
        }
        n += 1;
    }
    subclasses
}
