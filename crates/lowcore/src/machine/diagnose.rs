//! DIAGNOSE, as far as it is the client's: loading anew and the hypercalls of
//! virtio. KVM executes the others that there are (the specification, F.5).

use super::instruction::{End, Instruction};
use super::parameter_block::ParameterBlock;
use super::{Ending, Guard, Shared, Storage};
use lowcore_abi::KVM_SYNC_PREFIX;
use lowcore_arch::{ProgramCode, Psw};
use lowcore_host::Fault;

/// Function codes.
mod function {
    pub const IPL: u64 = 0x308;
    pub const VIRTIO: u64 = 0x500;
}

/// Executes DIAGNOSE for CPU `id`.
pub(super) fn diagnose(
    shared: &Shared,
    state: &mut Guard<'_>,
    id: u16,
    instruction: &Instruction<'_>,
) -> End {
    match instruction.base_and_displacement() & 0xffff {
        function::IPL => ipl(shared, state, id, instruction),
        function::VIRTIO => virtio(instruction),
        _ => End::Program(ProgramCode::SPECIFICATION),
    }
}

/// Subcodes of DIAGNOSE 0x308. Of 3 and 4, which load anew, KVM makes an exit
/// of their own.
mod subcode {
    /// Resets everything and goes on at the PSW at address 0; registers of
    /// other CPUs survive.
    pub const RESET_MODIFIED_CLEAR: u64 = 0;
    /// The same; registers of all CPUs are cleared.
    pub const RESET_LOAD_NORMAL: u64 = 1;
    /// Tells where to load from the next time.
    pub const SET: u64 = 5;
    /// Asks what was set.
    pub const STORE: u64 = 6;
}

/// Answers of subcodes 5 and 6.
mod answer {
    pub const DONE: u64 = 0x0001;
    /// No block was set.
    pub const NO_CONFIGURATION: u64 = 0x0102;
    /// It is no block.
    pub const INVALID: u64 = 0x0402;
}

fn ipl(shared: &Shared, state: &mut Guard<'_>, id: u16, instruction: &Instruction<'_>) -> End {
    let page = instruction.page();
    let (r1, subcode) = (instruction.r1(), page.gpr(instruction.r3()));
    match subcode {
        subcode::RESET_MODIFIED_CLEAR | subcode::RESET_LOAD_NORMAL => {
            reset(shared, state, id, subcode == subcode::RESET_LOAD_NORMAL);
            End::Settled
        }
        subcode::SET | subcode::STORE => {
            if r1 % 2 != 0 || !page.gpr(r1).is_multiple_of(4096) {
                return End::Program(ProgramCode::SPECIFICATION);
            }
            let answer = if subcode == subcode::SET {
                set_parameters(&shared.storage, &mut state.parameters, page.gpr(r1))
            } else {
                store_parameters(&shared.storage, state.parameters.as_ref(), page.gpr(r1))
            };
            match answer {
                Ok(answer) => {
                    page.set_gpr(r1 + 1, answer);
                    End::Unchanged
                }
                Err(_) => End::Program(ProgramCode::ADDRESSING),
            }
        }
        _ => End::Program(ProgramCode::SPECIFICATION),
    }
}

/// Subcode 5. Whether there is such a device shows when it is loaded from; and
/// what is loaded from any is the program that the machine has.
fn set_parameters(
    storage: &Storage,
    parameters: &mut Option<ParameterBlock>,
    address: u64,
) -> Result<u64, Fault> {
    let mut header = [0; ParameterBlock::HEADER];
    storage.read(address, &mut header)?;
    let Some(length) = ParameterBlock::length(header) else { return Ok(answer::INVALID) };
    let mut bytes = vec![0; length];
    storage.read(address, &mut bytes)?;
    let Some(block) = ParameterBlock::new(bytes) else { return Ok(answer::INVALID) };
    *parameters = Some(block);
    Ok(answer::DONE)
}

/// Subcode 6.
fn store_parameters(
    storage: &Storage,
    parameters: Option<&ParameterBlock>,
    address: u64,
) -> Result<u64, Fault> {
    let Some(block) = parameters else { return Ok(answer::NO_CONFIGURATION) };
    storage.write(address, block.bytes())?;
    Ok(answer::DONE)
}

/// Subcodes 0 and 1: all CPUs but this one become stopped.
fn reset(shared: &Shared, state: &mut Guard<'_>, id: u16, clear_registers: bool) {
    shared.with_all_held(state, id, |state| {
        for other in shared.ids() {
            shared.set_stopped(state, other);
            if clear_registers {
                shared.initial_reset(state, other);
            } else {
                shared.cpu_reset(state, other);
            }
        }
        if !clear_registers {
            shared.initial_reset(state, id);
        }
        shared.reset_subsystem(state);
        let mut psw = [0; 8];
        match shared.storage.read(0, &mut psw) {
            Ok(()) => shared.start_at(state, id, Psw::from_short(u64::from_be_bytes(psw))),
            Err(error) => shared.end(state, Ending::Load { error: error.to_string() }),
        }
    });
}

impl Shared {
    /// CPU reset of a CPU that is outside KVM_RUN.
    pub(super) fn cpu_reset(&self, state: &mut super::State, id: u16) {
        self.cpus[usize::from(id)].vcpu.normal_reset();
        Self::was_reset(state, id);
    }

    /// Initial CPU reset of a CPU that is outside KVM_RUN.
    pub(super) fn initial_reset(&self, state: &mut super::State, id: u16) {
        let vcpu = &self.cpus[usize::from(id)].vcpu;
        vcpu.initial_reset();
        // The run page still shows the old prefix.
        let page = vcpu.run_page();
        page.set_prefix(0);
        page.set_dirty(page.dirty() | KVM_SYNC_PREFIX);
        Self::was_reset(state, id);
    }
}

/// DIAGNOSE 0x500: register 1 has the function, register 2 gets the answer.
/// The only functions notify a device, and there is none.
fn virtio(instruction: &Instruction<'_>) -> End {
    const NOTIFY_OF_OLD: u64 = 0;
    const NOTIFY: u64 = 3;
    /// Minus Linux's number for an invalid argument.
    const NO_SUCH_DEVICE: u64 = 22_u64.wrapping_neg();
    let page = instruction.page();
    match page.gpr(1) {
        NOTIFY_OF_OLD | NOTIFY => {
            page.set_gpr(2, NO_SUCH_DEVICE);
            End::Unchanged
        }
        _ => End::Program(ProgramCode::SPECIFICATION),
    }
}
