//! Delivery: carries out on storage and registers what crates/interrupt
//! decided.

use crate::status::{Status, extended_save_area, store_registers, vector_bytes};
use crate::{Configuration, Registers};
use lowcore_arch::{Facility, Psw, bits, lowcore};
use lowcore_interrupt::{Delivery, Step};
use lowcore_storage::{AccessError, View};

/// Machine-check code bit 25: vector registers are valid.
const VECTOR_VALID: u64 = 1 << 38;
/// Machine-check code bit 36: guarded-storage registers are valid.
const GUARDED_STORAGE_VALID: u64 = 1 << 27;

/// Performs the steps of a delivery in their order.
///
/// # Errors
/// The low core does not exist or is not accessible; steps before stay done,
/// as under Linux (the specification, C.4).
pub(crate) fn perform(
    delivery: &Delivery,
    regs: &mut Registers,
    config: &dyn Configuration,
    view: &View<'_>,
) -> Result<(), AccessError> {
    let mut machine_check_code = 0;
    for step in &delivery.steps {
        let at = |offset: u16| u64::from(regs.prefix) + u64::from(offset);
        match *step {
            Step::Store { offset, len, value } => {
                let bytes = value.to_be_bytes();
                view.write(at(offset), &bytes[8 - usize::from(len)..])?;
            }
            Step::StoreBytes { offset, ref bytes } => view.write(at(offset), bytes)?,
            Step::StorePsw { offset, psw } => view.write(at(offset), &psw.to_bytes())?,
            Step::LoadPsw { offset } => {
                let mut bytes = [0; 16];
                view.read(at(offset), &mut bytes)?;
                regs.psw = Psw::from_bytes(bytes);
            }
            Step::ExtendedSaveArea { code } => {
                let designation = view.load_u64(at(lowcore::EXTENDED_SAVE_AREA))?;
                machine_check_code = save_vectors(code, designation, regs, config, view);
            }
            Step::StoreMachineCheckCode => {
                view.store_u64(at(lowcore::MACHINE_CHECK_CODE), machine_check_code)?;
            }
            Step::SaveRegisters => {
                store_registers(&Status::from(&*regs), view, u64::from(regs.prefix))?;
            }
            Step::SetPrefix { value } => regs.set_prefix(value),
        }
    }
    Ok(())
}

/// Saves the vector registers where the guest wants them and returns the
/// machine-check code with the validity bits that hold (the specification,
/// C.7). A failing write only withdraws the bit.
fn save_vectors(
    mut code: u64,
    designation: u64,
    regs: &Registers,
    config: &dyn Configuration,
    view: &View<'_>,
) -> u64 {
    let facilities = config.facilities();
    let guarded_storage = facilities.has(Facility::GUARDED_STORAGE);
    let area = extended_save_area(designation, guarded_storage);
    let saved = code & VECTOR_VALID != 0
        && facilities.has(Facility::VECTOR)
        && area.is_some_and(|area| view.write(area, &vector_bytes(&regs.vr)).is_ok());
    if !saved {
        code &= !VECTOR_VALID;
    }
    // Guests have no guarded-storage registers to save.
    code & !GUARDED_STORAGE_VALID
}

/// The program new PSW, as it stands in the low core.
pub(crate) fn new_psw(regs: &Registers, view: &View<'_>, offset: u16) -> Result<Psw, AccessError> {
    let mut bytes = [0; 16];
    view.read(u64::from(regs.prefix) + u64::from(offset), &mut bytes)?;
    Ok(Psw::from_bytes(bytes))
}

/// The left-aligned halves of an instruction in the kernel's form.
pub(crate) fn ipa_ipb(instruction: u64) -> (u16, u32) {
    (bits::low16(instruction >> 48), bits::low32(instruction >> 16))
}
