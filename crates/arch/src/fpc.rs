//! The floating-point-control register (manual, chapter 9, "Floating-Point-
//! Control (FPC) Register"): masks in byte 0, flags in byte 1, the
//! data-exception code in byte 2, rounding modes in byte 3.

/// The exception masks of binary floating point.
pub const MASKS: u32 = 0xf800_0000;
/// The exception flags of binary floating point.
pub const FLAGS: u32 = 0x00f8_0000;
/// The flag of the inexact exception.
pub const INEXACT: u32 = 0x0008_0000;
/// The masks and flags, quantum exceptions included.
pub const ALL_FLAGS: u32 = 0x00fc_0000;
/// The data-exception code.
pub const DXC: u32 = 0x0000_ff00;
/// The decimal rounding mode.
pub const DECIMAL_ROUNDING: u32 = 0x70;
/// The binary rounding mode: 0 to nearest even, 1 toward zero, 2 up, 3 down,
/// 7 to prepare for shorter precision.
pub const ROUNDING: u32 = 7;
/// Bits that are always zero.
pub const RESERVED: u32 = 0x0303_0088;

/// Whether the register can have a value; Linux corrects one that it
/// cannot, LOAD FPC and SET FPC end in a specification exception.
///
/// ```
/// use lowcore_arch::fpc;
/// assert!(fpc::is_valid(0xf8f8_ff77) && !fpc::is_valid(4) && !fpc::is_valid(8));
/// ```
#[must_use]
pub const fn is_valid(value: u32) -> bool {
    value & RESERVED == 0 && !matches!(value & ROUNDING, 4..=6)
}
