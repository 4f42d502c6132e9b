//! SIGNAL PROCESSOR orders that KVM leaves to its client: those that start or
//! reset a CPU, and unknown ones (the specification, E.2).

use super::instruction::{End, Instruction};
use super::{Guard, Shared};
use lowcore_arch::bits;

/// Order codes.
mod order {
    pub const START: u8 = 4;
    pub const RESTART: u8 = 6;
    pub const INITIAL_CPU_RESET: u8 = 11;
    pub const CPU_RESET: u8 = 12;
}

/// Condition codes and status bits.
const ACCEPTED: u8 = 0;
const STATUS_STORED: u8 = 1;
const BUSY: u8 = 2;
const NOT_OPERATIONAL: u8 = 3;
const INVALID_ORDER: u32 = 2;

/// Executes SIGNAL PROCESSOR for CPU `id`.
pub(super) fn signal_processor(
    shared: &Shared,
    state: &mut Guard<'_>,
    id: u16,
    instruction: &Instruction<'_>,
) -> End {
    let page = instruction.page();
    let order = bits::low8(instruction.base_and_displacement());
    let target = bits::low16(page.gpr(instruction.r3()));
    if !shared.ids().any(|id| id == target) {
        return End::ConditionCode(NOT_OPERATIONAL);
    }
    if !matches!(order, order::START | order::RESTART | order::INITIAL_CPU_RESET | order::CPU_RESET)
    {
        let r1 = instruction.r1();
        page.set_gpr(r1, bits::with_low32(page.gpr(r1), INVALID_ORDER));
        return End::ConditionCode(STATUS_STORED);
    }
    let before = Shared::resets(state, id);
    if target != id {
        shared.hold(state, target);
    }
    let same = Shared::resets(state, id) == before;
    let end = if same && state.ending.is_none() {
        signal(shared, state, order, target)
    } else {
        End::Settled
    };
    if target != id {
        shared.release(state, target);
    }
    // A CPU that resets itself does not complete the instruction.
    if Shared::resets(state, id) == before { end } else { End::Settled }
}

/// Executes an order while the target is outside KVM_RUN.
fn signal(shared: &Shared, state: &mut Guard<'_>, order: u8, target: u16) -> End {
    match order {
        order::START => shared.set_operating(state, target),
        order::RESTART => {
            if shared.restart(state, target).is_err() {
                return End::ConditionCode(BUSY);
            }
        }
        _ => {
            shared.set_stopped(state, target);
            if order == order::INITIAL_CPU_RESET {
                shared.initial_reset(state, target);
            } else {
                shared.cpu_reset(state, target);
            }
        }
    }
    End::ConditionCode(ACCEPTED)
}
