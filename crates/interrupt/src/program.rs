//! Program interruptions: merging (B.3) and delivery (C.6).

use crate::{Delivery, Kind};
use lowcore_arch::{ProgramCode, Psw, lowcore};

/// A program interruption with everything that the low core may show of it.
///
/// ```
/// use lowcore_arch::ProgramCode;
/// use lowcore_interrupt::*;
/// let mut local = LocalInterrupts::new();
/// let protection =
///     ProgramInterruption { code: ProgramCode::PROTECTION, ..Default::default() };
/// let per = ProgramInterruption { code: ProgramCode::PER, per_address: 8, ..protection };
/// local.inject(LocalInterrupt::Program(protection), 4)?;
/// local.inject(LocalInterrupt::Program(per), 4)?;
/// // Merged, and with the length of the last intercept.
/// let merged = ProgramInterruption {
///     code: ProgramCode(0x84),
///     per_address: 8,
///     flags: ProgramInterruption::ILC_VALID | 4,
///     ..Default::default()
/// };
/// assert_eq!(local.state(), [LocalInterrupt::Program(merged)]);
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgramInterruption {
    /// The code, PER bit included. Never checked.
    pub code: ProgramCode,
    /// Translation-exception identification.
    pub translation_exception: u64,
    /// Monitor code.
    pub monitor_code: u64,
    /// PER address.
    pub per_address: u64,
    /// Data-exception or vector-exception code.
    pub data_exception: u32,
    /// Monitor-class number.
    pub monitor_class: u16,
    /// PER code.
    pub per_code: u8,
    /// PER addressing-and-translation-mode identification.
    pub per_atmid: u8,
    /// Exception access identification.
    pub exception_access: u8,
    /// PER access identification.
    pub per_access: u8,
    /// Operand access identification.
    pub operand_access: u8,
    /// Instruction length and whether to wind back: [`Self::ILC_VALID`],
    /// [`Self::ILC_MASK`], [`Self::NO_REWIND`].
    pub flags: u8,
}

impl ProgramInterruption {
    /// The length in [`Self::ILC_MASK`] counts; else it is detected.
    pub const ILC_VALID: u8 = 0x01;
    /// The instruction length: as masked it is a number of bytes.
    pub const ILC_MASK: u8 = 0x06;
    /// A nullifying interruption leaves the PSW where it is.
    pub const NO_REWIND: u8 = 0x08;

    /// The instruction length in bytes: 0, 2, 4 or 6.
    #[must_use]
    pub const fn instruction_length(&self) -> u8 {
        self.flags & Self::ILC_MASK
    }

    /// The interruption with a length: its own if it is marked valid, else
    /// that of the last intercept.
    #[must_use]
    pub(crate) const fn with_length(mut self, last_intercept_length: u8) -> Self {
        if self.flags & Self::ILC_VALID == 0 {
            self.flags = self.flags & !Self::ILC_MASK
                | last_intercept_length & Self::ILC_MASK
                | Self::ILC_VALID;
        }
        self
    }

    /// Merges `new` into this slot, which is all zero if none was pending.
    pub(crate) const fn merge(&mut self, new: Self) {
        if new.code.0 == ProgramCode::PER.0 {
            *self = Self {
                code: ProgramCode(self.code.0 | ProgramCode::PER.0),
                per_address: new.per_address,
                per_code: new.per_code,
                per_atmid: new.per_atmid,
                per_access: new.per_access,
                flags: new.flags,
                ..*self
            };
        } else if new.code.has_per() {
            *self = new;
        } else {
            *self = Self {
                code: ProgramCode(self.code.0 & ProgramCode::PER.0 | new.code.0),
                per_address: self.per_address,
                per_code: self.per_code,
                per_atmid: self.per_atmid,
                per_access: self.per_access,
                ..new
            };
        }
    }

    /// The PSW to store as the old one. The kernel winds back by the
    /// extended-addressing bit alone where the PSW's mode is invalid.
    const fn old_psw(&self, psw: Psw) -> Psw {
        if !self.code.is_nullifying() || self.flags & Self::NO_REWIND != 0 {
            return psw;
        }
        let addr = psw.addr.wrapping_sub(self.instruction_length() as u64);
        let addr = if psw.has(Psw::EXTENDED_ADDRESSING) { addr } else { psw.wrap(addr) };
        Psw::new(psw.mask, addr)
    }
}

/// The delivery of a program interruption: fields by code, PER fields, then
/// length, breaking-event address, code and PSW swap (C.6).
///
/// `psw` designates the instruction after the one that failed, whose length
/// the interruption's flags hold; a nullifying code winds it back unless
/// [`ProgramInterruption::NO_REWIND`] is set.
///
/// ```
/// use lowcore_arch::{ProgramCode, Psw, lowcore};
/// use lowcore_interrupt::{ProgramInterruption, Step, program_delivery};
/// let page_fault = ProgramInterruption {
///     code: ProgramCode::PAGE_TRANSLATION,
///     flags: ProgramInterruption::ILC_VALID | 4,
///     ..Default::default()
/// };
/// let delivery = program_delivery(&page_fault, Psw::new(0, 0x1004), 0);
/// let old = Step::StorePsw { offset: lowcore::PROGRAM_OLD_PSW, psw: Psw::new(0, 0x1000) };
/// assert!(delivery.steps.contains(&old));
/// ```
#[must_use]
pub fn program_delivery(
    interruption: &ProgramInterruption,
    psw: Psw,
    breaking_event: u64,
) -> Delivery {
    let mut delivery = Delivery::new(Kind::Program);
    store_by_code(&mut delivery, interruption);
    if interruption.code.has_per() {
        delivery.store8(lowcore::PER_CODE, interruption.per_code);
        delivery.store8(lowcore::PER_ATMID, interruption.per_atmid);
        delivery.store64(lowcore::PER_ADDRESS, interruption.per_address);
        delivery.store8(lowcore::PER_ACCESS_ID, interruption.per_access);
    }
    delivery.store16(lowcore::PROGRAM_ILC, interruption.instruction_length().into());
    delivery.store64(lowcore::BREAKING_EVENT_ADDRESS, breaking_event);
    delivery.store16(lowcore::PROGRAM_CODE, interruption.code.0);
    delivery.swap_psw(
        lowcore::PROGRAM_OLD_PSW,
        lowcore::PROGRAM_NEW_PSW,
        interruption.old_psw(psw),
    );
    delivery
}

/// The fields that only some codes have.
fn store_by_code(delivery: &mut Delivery, interruption: &ProgramInterruption) {
    let translation = interruption.translation_exception;
    let access = interruption.exception_access;
    match interruption.code.without_per() {
        ProgramCode::AFX_TRANSLATION
        | ProgramCode::ASX_TRANSLATION
        | ProgramCode::LX_TRANSLATION
        | ProgramCode::EX_TRANSLATION
        | ProgramCode::PRIMARY_AUTHORITY
        | ProgramCode::SECONDARY_AUTHORITY
        | ProgramCode::LFX_TRANSLATION
        | ProgramCode::LSX_TRANSLATION
        | ProgramCode::LSTE_SEQUENCE
        | ProgramCode::SPACE_SWITCH => {
            delivery.store64(lowcore::TRANSLATION_EXCEPTION_ID, translation);
        }
        ProgramCode::ALEN_TRANSLATION
        | ProgramCode::ALE_SEQUENCE
        | ProgramCode::ASTE_VALIDITY
        | ProgramCode::ASTE_SEQUENCE
        | ProgramCode::EXTENDED_AUTHORITY
        | ProgramCode::ASTE_INSTANCE => {
            delivery.store8(lowcore::EXCEPTION_ACCESS_ID, access);
        }
        ProgramCode::SEGMENT_TRANSLATION
        | ProgramCode::PAGE_TRANSLATION
        | ProgramCode::ASCE_TYPE
        | ProgramCode::REGION_FIRST_TRANSLATION
        | ProgramCode::REGION_SECOND_TRANSLATION
        | ProgramCode::REGION_THIRD_TRANSLATION => {
            delivery.store64(lowcore::TRANSLATION_EXCEPTION_ID, translation);
            delivery.store8(lowcore::EXCEPTION_ACCESS_ID, access);
            delivery.store8(lowcore::OPERAND_ACCESS_ID, interruption.operand_access);
        }
        ProgramCode::MONITOR => {
            delivery.store16(lowcore::MONITOR_CLASS, interruption.monitor_class);
            delivery.store64(lowcore::MONITOR_CODE, interruption.monitor_code);
        }
        ProgramCode::DATA | ProgramCode::VECTOR_PROCESSING => {
            delivery.store32(lowcore::DATA_EXCEPTION_CODE, interruption.data_exception);
        }
        ProgramCode::PROTECTION => {
            delivery.store64(lowcore::TRANSLATION_EXCEPTION_ID, translation);
            delivery.store8(lowcore::EXCEPTION_ACCESS_ID, access);
        }
        _ => {}
    }
}
