//! The register save areas: store status (the specification, C.9) and the
//! part of it that a machine check stores (C.7).

use crate::Registers;
use lowcore_arch::{Psw, lowcore};
use lowcore_storage::{AccessError, View};

/// A copy of what store status writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The program-status word.
    pub psw: Psw,
    /// The prefix register.
    pub prefix: u32,
    /// General registers.
    pub gr: [u64; 16],
    /// Floating-point registers.
    pub fpr: [u64; 16],
    /// The floating-point-control register.
    pub fpc: u32,
    /// The TOD programmable register.
    pub todpr: u32,
    /// The CPU timer.
    pub cpu_timer: u64,
    /// The clock comparator.
    pub clock_comparator: u64,
    /// Access registers.
    pub ar: [u32; 16],
    /// Control registers.
    pub cr: [u64; 16],
}

impl From<&Registers> for Status {
    fn from(regs: &Registers) -> Self {
        Self {
            psw: regs.psw,
            prefix: regs.prefix,
            gr: regs.gr,
            fpr: core::array::from_fn(|n| regs.fpr(n)),
            fpc: regs.fpc,
            todpr: regs.todpr,
            cpu_timer: regs.cpu_timer.get(),
            clock_comparator: regs.clock_comparator,
            ar: regs.ar,
            cr: regs.cr,
        }
    }
}

/// Where store status stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusForm {
    /// At absolute address 0, with the architectural-mode byte at 163.
    Absolute,
    /// In the prefix area, with the architectural-mode byte.
    Prefixed,
    /// So that the floating-point registers land at this absolute address.
    At(u64),
}

/// Stores `status` into absolute storage.
///
/// # Errors
/// The first access error; what was stored before it stays.
pub fn store_status(status: &Status, view: &View<'_>, form: StatusForm) -> Result<(), AccessError> {
    let base = match form {
        StatusForm::Absolute => 0,
        StatusForm::Prefixed => u64::from(status.prefix),
        StatusForm::At(address) => address.wrapping_sub(u64::from(lowcore::FPR_SAVE)),
    };
    if !matches!(form, StatusForm::At(_)) {
        view.store_u8(base + u64::from(lowcore::ARCHITECTURAL_MODE_ID), 1)?;
    }
    let at = |offset: u16| base.wrapping_add(u64::from(offset));
    view.write(at(lowcore::PSW_SAVE), &status.psw.to_bytes())?;
    view.store_u32(at(lowcore::PREFIX_SAVE), status.prefix)?;
    store_registers(status, view, base)
}

/// Stores the registers that store status and machine checks both save.
pub(crate) fn store_registers(
    status: &Status,
    view: &View<'_>,
    base: u64,
) -> Result<(), AccessError> {
    let at = |offset: u16| base.wrapping_add(u64::from(offset));
    view.write(at(lowcore::FPR_SAVE), &big_endian(&status.fpr))?;
    view.write(at(lowcore::GPR_SAVE), &big_endian(&status.gr))?;
    view.store_u32(at(lowcore::FPC_SAVE), status.fpc)?;
    view.store_u32(at(lowcore::TODPR_SAVE), status.todpr)?;
    view.store_u64(at(lowcore::CPU_TIMER_SAVE), status.cpu_timer)?;
    view.store_u64(at(lowcore::CLOCK_COMPARATOR_SAVE), status.clock_comparator >> 8)?;
    let mut access = [0; 64];
    for (bytes, register) in access.chunks_exact_mut(4).zip(status.ar) {
        bytes.copy_from_slice(&register.to_be_bytes());
    }
    view.write(at(lowcore::AR_SAVE), &access)?;
    view.write(at(lowcore::CR_SAVE), &big_endian(&status.cr))
}

/// Registers as they lie in storage.
fn big_endian(registers: &[u64; 16]) -> [u8; 128] {
    let mut bytes = [0; 128];
    for (bytes, register) in bytes.chunks_exact_mut(8).zip(registers) {
        bytes.copy_from_slice(&register.to_be_bytes());
    }
    bytes
}

/// All vector registers as a machine check saves them.
pub(crate) fn vector_bytes(registers: &[u128; 32]) -> [u8; 512] {
    let mut bytes = [0; 512];
    for (bytes, register) in bytes.chunks_exact_mut(16).zip(registers) {
        bytes.copy_from_slice(&register.to_be_bytes());
    }
    bytes
}

/// The machine-check extended save area that the low core designates (the
/// specification, C.7): its absolute address, if there is one. Without the
/// guarded-storage facility the area is 1 KiB and aligned to it.
pub(crate) fn extended_save_area(designation: u64, guarded_storage: bool) -> Option<u64> {
    let alignment = match designation & 0xf {
        _ if !guarded_storage => 10,
        0 | 10 => 10,
        length @ (11 | 12) => length,
        _ => return None,
    };
    let address = designation & !((1 << alignment) - 1);
    (address != 0).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::extended_save_area;

    #[test]
    fn designation_of_the_extended_save_area() {
        assert_eq!(extended_save_area(0, false), None);
        assert_eq!(extended_save_area(0x3ff, false), None);
        assert_eq!(extended_save_area(0x12345, false), Some(0x12000));
        assert_eq!(extended_save_area(0x1280b, true), Some(0x12800));
        assert_eq!(extended_save_area(0x1280c, true), Some(0x12000));
        assert_eq!(extended_save_area(0x12805, true), None);
        assert_eq!(extended_save_area(0x1240a, true), Some(0x12400));
    }
}
