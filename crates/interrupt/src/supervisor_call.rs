//! Delivery of a supervisor call.

use crate::{Delivery, Kind};
use lowcore_arch::{Psw, lowcore};

/// The interruption of SUPERVISOR CALL `code`, whose instruction was `length`
/// bytes long (2, or that of EXECUTE); `psw` designates the next instruction
/// (the manual, chapter 6, "Supervisor-Call Interruption"). Never queued.
///
/// ```
/// use lowcore_arch::{Psw, lowcore};
/// use lowcore_interrupt::{Step, supervisor_call_delivery};
/// let delivery = supervisor_call_delivery(1, 2, Psw::default());
/// assert_eq!(delivery.steps[0], Step::Store { offset: lowcore::SVC_ILC, len: 2, value: 2 });
/// assert_eq!(delivery.steps[1], Step::Store { offset: lowcore::SVC_CODE, len: 2, value: 1 });
/// ```
#[must_use]
pub fn supervisor_call_delivery(code: u8, length: u8, psw: Psw) -> Delivery {
    let mut delivery = Delivery::new(Kind::SupervisorCall);
    delivery.store16(lowcore::SVC_ILC, length.into());
    delivery.store16(lowcore::SVC_CODE, code.into());
    delivery.swap_psw(lowcore::SVC_OLD_PSW, lowcore::SVC_NEW_PSW, psw);
    delivery
}
