//! Instructions on storage keys and on whole frames (manual, chapter 10).
//!
//! A key is changed in one step, and what the CPU remembers of the page is
//! forgotten with it. The other CPUs must forget too, before the instruction
//! completes, if the change takes something away: access, or a record that
//! somebody may rely on being made anew.

use super::Operands;
use crate::translation::{
    AddressSpace, Origin, Protection, Purpose, Request, identification, is_low_address_protected,
    locate,
};
use crate::{Access, At, Context, Detail, Exception, Space};
use lowcore_arch::{AddressingMode, Facility, ProgramCode, Psw, StorageKey, bits};
use lowcore_isa::KeyHelper;

const PAGE: u64 = 0x1000;
const SEGMENT: u64 = 0x10_0000;
const REGION: u64 = 0x8000_0000;

/// CR0 bit 36: INSERT VIRTUAL STORAGE KEY is allowed in the problem state.
const EXTRACTION_AUTHORITY: u64 = 1 << 27;

/// The bits of a register that hold a key.
const KEY: u64 = 0xfe;
/// What of a key permits or forbids accesses.
const PROTECTION: u8 = 0xf8;
/// What of a key records accesses.
const RECORD: u8 = StorageKey::REFERENCE | StorageKey::CHANGE;

/// Calls a routine of this family.
pub(crate) fn call(
    c: &mut Context<'_>,
    helper: KeyHelper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let Operands { at: [first, ..], arguments: [one, two, three, ..] } = *operands;
    c.view.use_keys();
    match helper {
        KeyHelper::Insert => {
            let page = c.regs.absolute(c.wrap(one));
            let key = c.view.key(page).ok_or(ProgramCode::ADDRESSING)?;
            return Ok(key.0.into());
        }
        KeyHelper::InsertVirtual => return insert_virtual(c, first),
        KeyHelper::Set => set(c, register(one), register(two), one_of(three))?,
        KeyHelper::ResetReference => reset_reference(c, one)?,
        KeyHelper::ResetReferences => reset_references(c, register(one), register(two))?,
        KeyHelper::ManageFrame => manage_frame(c, register(one), register(two))?,
        KeyHelper::TestBlock => {
            let at = At::in_space(c.wrap(one) & !(PAGE - 1), Space::Real).with_key(0);
            let block = c.piece(at, PAGE, Access::Store)?;
            clear(c, block.absolute)?;
            c.regs.gr[0] = 0;
            c.regs.psw.set_condition_code(0);
        }
    }
    Ok(0)
}

/// An argument that is the number of a register.
fn register(argument: u64) -> usize {
    bits::index(argument & 15)
}

/// An argument that is a mask of four bits.
fn one_of(argument: u64) -> u8 {
    bits::low8(argument) & 15
}

/// INSERT VIRTUAL STORAGE KEY. Protection does not apply.
fn insert_virtual(c: &mut Context<'_>, at: At) -> Result<u64, Exception> {
    let psw = c.regs.psw;
    if !psw.has(Psw::DAT) {
        return Err(ProgramCode::SPECIAL_OPERATION.into());
    }
    if psw.has(Psw::PROBLEM) && c.regs.cr[0] & EXTRACTION_AUTHORITY == 0 {
        return Err(ProgramCode::PRIVILEGED_OPERATION.into());
    }
    let request = Request {
        address: c.wrap(at.address),
        origin: Origin::of_operand(psw, at.base),
        purpose: Purpose::Fetch,
        key: 0,
    };
    let located = locate(c.view, c.regs, c.config.facilities(), request)?;
    let key = c.view.key(located.absolute).ok_or(ProgramCode::ADDRESSING)?;
    let key = located.translation.key.unwrap_or(key);
    Ok(u64::from(key.0 & PROTECTION))
}

/// How a key is set.
#[derive(Clone, Copy)]
struct Setting {
    key: StorageKey,
    /// A different reference bit alone is no reason to set the key.
    ignores_reference: bool,
    /// A different change bit alone is no reason to set the key.
    ignores_change: bool,
    /// Other CPUs may go on with the old key for a while.
    nonquiescing: bool,
}

impl Setting {
    /// Whether a page with this key gets the new one.
    fn replaces(self, old: StorageKey) -> bool {
        if !self.ignores_reference && !self.ignores_change {
            return true;
        }
        let mut compared = PROTECTION;
        if !self.ignores_reference {
            compared |= StorageKey::REFERENCE;
        }
        if !self.ignores_change {
            compared |= StorageKey::CHANGE;
        }
        (old.0 ^ self.key.0) & compared != 0
    }

    /// Sets the key of a page, and gives the old one.
    fn apply(self, c: &Context<'_>, page: u64) -> Result<StorageKey, Exception> {
        let new = |old| if self.replaces(old) { self.key } else { old };
        let old = c.view.update_key(page, new);
        Ok(old.ok_or(ProgramCode::ADDRESSING)?)
    }

    /// Who must forget a page whose key was `old`.
    fn effect(self, old: StorageKey) -> Effect {
        let new = if self.replaces(old) { self.key } else { old };
        if old.0 & !new.0 & RECORD != 0 {
            Effect::Everywhere
        } else if (old.0 ^ new.0) & PROTECTION == 0 {
            Effect::None
        } else if self.nonquiescing {
            Effect::Here
        } else {
            Effect::Everywhere
        }
    }
}

/// Which CPUs must forget what they remember of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    None,
    Here,
    Everywhere,
}

impl Effect {
    /// All, if a reference was recorded that is not recorded any more.
    fn of_reset(was_referenced: bool) -> Self {
        if was_referenced { Self::Everywhere } else { Self::None }
    }
}

/// SET STORAGE KEY EXTENDED.
fn set(c: &mut Context<'_>, r1: usize, r2: usize, m3: u8) -> Result<(), Exception> {
    let facilities = c.config.facilities();
    let control = |bit: u8, facility| m3 & bit != 0 && facilities.has(facility);
    let setting = Setting {
        key: StorageKey(bits::low8(c.regs.gr[r1] & KEY)),
        ignores_reference: control(4, Facility::CONDITIONAL_SSKE),
        ignores_change: control(2, Facility::CONDITIONAL_SSKE),
        nonquiescing: control(8, Facility::NONQUIESCING_KEY_SETTING),
    };
    let multiple = control(1, Facility::ENHANCED_DAT_1);
    let is_conditional = setting.ignores_reference || setting.ignores_change;
    let address = c.wrap(c.regs.gr[r2]) & !(PAGE - 1);
    if !multiple {
        let old = setting.apply(c, c.regs.absolute(address))?;
        if is_conditional {
            c.regs.psw.set_condition_code(setting.replaces(old).into());
            c.regs.gr[r1] = c.regs.gr[r1] & !0xff00 | u64::from(old.0) << 8;
        }
        return settle(c, setting.effect(old));
    }
    // The address is absolute, and the operation ends with its segment.
    let end = (address | (SEGMENT - 1)).wrapping_add(1);
    let effect = manage(c, address, end, false, Some(setting))?;
    if is_conditional {
        // What bits 48-55 of R1 hold is then unpredictable: they stay.
        c.regs.psw.set_condition_code(3);
    }
    let advanced = match c.regs.psw.addressing_mode() {
        AddressingMode::Bits64 => !(PAGE - 1),
        _ => 0xffff_f000,
    };
    c.regs.gr[r2] = c.regs.gr[r2] & !advanced | c.wrap(end) & advanced;
    settle(c, effect)
}

/// The pages from `start` to before `end`, which may be 2^64, that is 0.
fn pages(start: u64, end: u64) -> impl Iterator<Item = u64> {
    (0..end.wrapping_sub(start) / PAGE).map(move |n| start.wrapping_add(n * PAGE))
}

/// That storage exists, before any of it is changed.
fn exists(c: &Context<'_>, address: u64, length: u64) -> Result<(), Exception> {
    if c.view.contains(address, length) { Ok(()) } else { Err(ProgramCode::ADDRESSING.into()) }
}

/// RESET REFERENCE BIT EXTENDED.
fn reset_reference(c: &mut Context<'_>, address: u64) -> Result<(), Exception> {
    let page = c.regs.absolute(c.wrap(address));
    let old = without_reference(c, page)?;
    // Reference and change bit lie side by side, as the condition code has
    // them.
    c.regs.psw.set_condition_code((old.0 & RECORD) >> 1);
    settle(c, Effect::of_reset(old.0 & StorageKey::REFERENCE != 0))
}

fn without_reference(c: &Context<'_>, page: u64) -> Result<StorageKey, Exception> {
    let old = c.view.update_key(page, |key| StorageKey(key.0 & !StorageKey::REFERENCE));
    Ok(old.ok_or(ProgramCode::ADDRESSING)?)
}

/// RESET REFERENCE BITS MULTIPLE: of 64 pages, the first in bit 0.
fn reset_references(c: &mut Context<'_>, r1: usize, r2: usize) -> Result<(), Exception> {
    const BLOCK: u64 = 64 * PAGE;
    let start = c.wrap(c.regs.gr[r2]) & !(BLOCK - 1);
    exists(c, start, BLOCK)?;
    let mut references = 0;
    for page in pages(start, start.wrapping_add(BLOCK)) {
        let old = without_reference(c, page)?;
        references = references << 1 | u64::from(old.0 & StorageKey::REFERENCE != 0);
    }
    c.regs.gr[r1] = references;
    settle(c, Effect::of_reset(references != 0))
}

/// Fields of the first operand of PERFORM FRAME MANAGEMENT FUNCTION.
mod frame {
    pub const RESERVED: u64 = 0xfffc_0101;
    pub const SET_KEY: u64 = 0x2_0000;
    pub const CLEAR: u64 = 0x1_0000;
    pub const SIZE: u64 = 0x7000;
    pub const SIZE_1M: u64 = 0x1000;
    pub const SIZE_2G: u64 = 0x2000;
    pub const NONQUIESCING: u64 = 0x800;
    pub const IGNORES_REFERENCE: u64 = 0x400;
    pub const IGNORES_CHANGE: u64 = 0x200;
}

/// PERFORM FRAME MANAGEMENT FUNCTION. Frames of 4 KiB have a real address,
/// larger ones an absolute one, and R2 advances to their end.
fn manage_frame(c: &mut Context<'_>, r1: usize, r2: usize) -> Result<(), Exception> {
    let control = c.regs.gr[r1];
    let facilities = c.config.facilities();
    let mode = c.regs.psw.addressing_mode();
    let size = match control & frame::SIZE {
        0 => PAGE,
        frame::SIZE_1M => SEGMENT,
        frame::SIZE_2G
            if facilities.has(Facility::ENHANCED_DAT_2) && mode != AddressingMode::Bits24 =>
        {
            REGION
        }
        _ => return Err(ProgramCode::SPECIFICATION.into()),
    };
    let nonquiescing = control & frame::NONQUIESCING != 0;
    if control & frame::RESERVED != 0
        || nonquiescing && !facilities.has(Facility::NONQUIESCING_KEY_SETTING)
    {
        return Err(ProgramCode::SPECIFICATION.into());
    }
    let conditional = |bit: u64| control & bit != 0 && facilities.has(Facility::CONDITIONAL_SSKE);
    let setting = (control & frame::SET_KEY != 0).then_some(Setting {
        key: StorageKey(bits::low8(control & KEY)),
        ignores_reference: conditional(frame::IGNORES_REFERENCE),
        ignores_change: conditional(frame::IGNORES_CHANGE),
        nonquiescing,
    });
    let clears = control & frame::CLEAR != 0;
    let address = c.wrap(c.regs.gr[r2]) & !(PAGE - 1);
    if clears && is_low_address_protected(c.regs.cr[0], None, address) {
        return Err(low_address(address));
    }
    if size == PAGE {
        let page = c.regs.absolute(address);
        let effect = manage(c, page, page.wrapping_add(PAGE), clears, setting)?;
        return settle(c, effect);
    }
    // A unit of operation ends with a segment, where R2 says what remains.
    let frame_end = (address | (size - 1)).wrapping_add(1);
    let (mut start, mut effect) = (address, Effect::None);
    loop {
        let end = (start | (SEGMENT - 1)).wrapping_add(1);
        effect = match manage(c, start, end, clears, setting) {
            Ok(of_segment) => effect.max(of_segment),
            Err(exception) if effect == Effect::None => return Err(exception),
            // It is found again when what was done before is settled.
            Err(_) => {
                c.regs.psw.addr = c.instruction_address;
                return settle(c, effect);
            }
        };
        c.regs.gr[r2] = match mode {
            AddressingMode::Bits64 => end,
            _ => bits::with_low32(c.regs.gr[r2], bits::low32(c.wrap(end))),
        };
        if end == frame_end {
            return settle(c, effect);
        }
        if effect == Effect::Everywhere || c.must_pause() {
            // The rest follows when this much is settled.
            c.regs.psw.addr = c.instruction_address;
            return settle(c, effect);
        }
        start = end;
    }
}

/// Clears pages and sets their keys. Who must forget them.
fn manage(
    c: &Context<'_>,
    start: u64,
    end: u64,
    clears: bool,
    setting: Option<Setting>,
) -> Result<Effect, Exception> {
    exists(c, start, end.wrapping_sub(start))?;
    let mut effect = Effect::None;
    for page in pages(start, end) {
        if clears {
            clear(c, page)?;
        }
        if let Some(setting) = setting {
            effect = effect.max(setting.effect(setting.apply(c, page)?));
        }
    }
    Ok(effect)
}

/// Makes a page all zeros.
fn clear(c: &Context<'_>, page: u64) -> Result<(), Exception> {
    const ZEROS: [u8; bits::index(PAGE)] = [0; bits::index(PAGE)];
    Ok(c.view.write(page, &ZEROS)?)
}

fn low_address(address: u64) -> Exception {
    let teid = identification(address, Purpose::Store, AddressSpace::Primary);
    let teid = teid | Protection::LowAddress.bits();
    Exception::Program {
        code: ProgramCode::PROTECTION,
        detail: Detail::Translation { teid, access_register: 0 },
    }
}

/// What follows a change of keys.
fn settle(c: &mut Context<'_>, effect: Effect) -> Result<(), Exception> {
    match effect {
        Effect::None => {}
        Effect::Here => {
            c.tlb.purge();
            c.reenter = true;
        }
        Effect::Everywhere => {
            c.tlb.purge();
            return Err(Exception::Quiesce);
        }
    }
    Ok(())
}
