//! Machine checks: merging (B.4), floating conditions and delivery (C.7).

use crate::{Delivery, Kind, Step};
use lowcore_arch::machine_check::{
    DEGRADATION, EXTERNAL_DAMAGE, INSTRUCTION_PROCESSING_DAMAGE, SYSTEM_DAMAGE, WARNING,
};
use lowcore_arch::{ControlRegister, Psw, lowcore};

const EXIGENT: u64 = SYSTEM_DAMAGE | INSTRUCTION_PROCESSING_DAMAGE;
const REPRESSIBLE: u64 = EXTERNAL_DAMAGE | DEGRADATION | WARNING;

/// A machine check.
///
/// ```
/// use lowcore_interrupt::*;
/// let mut local = LocalInterrupts::new();
/// let warning = MachineCheck { code: 1 << 55, cr14: 1 << 24, ..MachineCheck::default() };
/// local.inject(LocalInterrupt::MachineCheck(warning), 0)?;
/// assert!(local.pending().contains(Kind::RepressibleMachineCheck));
///
/// // Channel report alone (bit 9) makes nothing pending on a CPU.
/// let mut local = LocalInterrupts::new();
/// let report = MachineCheck { code: 1 << 54, cr14: 1 << 28, ..MachineCheck::default() };
/// local.inject(LocalInterrupt::MachineCheck(report), 0)?;
/// assert!(local.is_empty());
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MachineCheck {
    /// Subclasses, in the layout of control register 14, of which the CPU must
    /// have one enabled to take a repressible check.
    pub cr14: u64,
    /// Machine-check-interruption code.
    pub code: u64,
    /// Failing-storage address.
    pub failing_storage_address: u64,
    /// External-damage code.
    pub external_damage: u32,
    /// Fixed-logout information.
    pub fixed_logout: [u8; 16],
}

impl MachineCheck {
    /// Merges `new` into this slot, which is all zero if none came since the
    /// last delivery, and tells what becomes pending. `None`: the merged code
    /// has no damage bit; the payload stays for the next machine check.
    pub(crate) const fn merge(&mut self, new: Self) -> Option<Kind> {
        self.cr14 |= new.cr14;
        self.code |= new.code;
        self.external_damage |= new.external_damage;
        self.failing_storage_address = new.failing_storage_address;
        self.fixed_logout = new.fixed_logout;
        if self.code & EXIGENT != 0 {
            Some(Kind::ExigentMachineCheck)
        } else if self.code & REPRESSIBLE != 0 {
            Some(Kind::RepressibleMachineCheck)
        } else {
            None
        }
    }

    pub(crate) fn delivery(&self, kind: Kind, psw: Psw) -> Delivery {
        let mut delivery = Delivery::new(kind);
        delivery.steps.push(Step::ExtendedSaveArea { code: self.code });
        delivery.store8(lowcore::ARCHITECTURAL_MODE_ID, 1);
        delivery.swap_psw(lowcore::MACHINE_CHECK_OLD_PSW, lowcore::MACHINE_CHECK_NEW_PSW, psw);
        delivery.steps.push(Step::StoreMachineCheckCode);
        delivery.steps.push(Step::SaveRegisters);
        delivery.store32(lowcore::EXTERNAL_DAMAGE_CODE, self.external_damage);
        delivery.store64(lowcore::FAILING_STORAGE_ADDRESS, self.failing_storage_address);
        delivery
            .steps
            .push(Step::StoreBytes { offset: lowcore::PSW_SAVE, bytes: self.fixed_logout });
        delivery
    }
}

/// Machine-check conditions that any CPU may take, always repressible (C.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FloatingMachineCheck {
    pub(crate) cr14: u64,
    pub(crate) code: u64,
}

impl FloatingMachineCheck {
    /// Of the subclasses only channel report survives.
    pub(crate) const fn merge(&mut self, cr14: u64, code: u64) {
        self.cr14 |= cr14 & ControlRegister::CR14_CHANNEL_REPORT;
        self.code |= code;
    }
}
