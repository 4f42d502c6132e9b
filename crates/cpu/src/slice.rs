//! A slice of execution under one storage view.

use crate::deliver::perform;
use crate::exception::Detail;
use crate::{Context, Engine, Exception, per};
use lowcore_arch::{ProgramCode, Psw};
use lowcore_interrupt::{
    Delivery, ProgramInterruption, program_delivery, supervisor_call_delivery,
};

/// Branches between looks at the clock. With [`ROUNDS`] it also bounds how
/// long a change of memory slots waits for this CPU.
const SLICE: u32 = 4096;

/// The same where a timer is near, so that its interruption is a microsecond
/// late.
const SHORT: u32 = 256;

/// Interruptions within a slice.
const ROUNDS: u32 = 64;

/// Interruptions between looks at the clock. With [`SLICE`] it bounds how late
/// a timer's interruption is.
const CLOCK: u32 = 8;

/// The program interruption of an exception.
pub(crate) fn interruption(code: ProgramCode, detail: Detail, length: u8) -> ProgramInterruption {
    let shown = match detail {
        Detail::None => ProgramInterruption::default(),
        Detail::Translation { teid, access_register } => ProgramInterruption {
            translation_exception: teid,
            exception_access: access_register,
            ..ProgramInterruption::default()
        },
        Detail::Data(data) => {
            ProgramInterruption { data_exception: data.into(), ..ProgramInterruption::default() }
        }
        Detail::Monitor { class, code } => ProgramInterruption {
            monitor_class: class.into(),
            monitor_code: code,
            ..ProgramInterruption::default()
        },
    };
    ProgramInterruption { code, flags: ProgramInterruption::ILC_VALID | length, ..shown }
}

/// Executes a slice. Where nothing can be pending, supervisor calls, program
/// interruptions and changes of masks do not end it: between a program and
/// its operating system they come too often.
pub(crate) fn execute_slice(
    engine: &mut dyn Engine,
    context: &mut Context<'_>,
    nothing_pending: bool,
) -> Result<(), Exception> {
    context.nothing_pending = nothing_pending;
    for round in 0..ROUNDS {
        if round % CLOCK == 0 {
            context.timers_are_quiet = false;
            // One that is due already ends the slice soon.
            context.timer_is_due();
        }
        let branches = if context.timer_is_near { SHORT } else { SLICE };
        let result = engine.execute(context, branches);
        if !nothing_pending {
            return result;
        }
        match result {
            Ok(()) if context.reevaluate => {}
            Err(Exception::SupervisorCall(number)) => {
                let delivery = supervisor_call_delivery(number, context.ilc, context.regs.psw);
                interrupt(context, &delivery)?;
            }
            Err(Exception::Program { code, detail }) if is_plain(code, detail) => {
                let interruption = interruption(code, detail, context.ilc);
                let (psw, event) = (context.regs.psw, context.regs.breaking_event);
                interrupt(context, &program_delivery(&interruption, psw, event))?;
            }
            other => return other,
        }
        if !goes_on(context) {
            break;
        }
        context.reevaluate = false;
        // Whatever asked for a pause may have changed the PSW.
        context.reenter = true;
    }
    // What comes is not the instruction's any more.
    context.reevaluate = true;
    Ok(())
}

/// Whether a program interruption has no rule of its own in `Cpu::program`.
fn is_plain(code: ProgramCode, detail: Detail) -> bool {
    !matches!(code, ProgramCode::OPERATION | ProgramCode::SPECIFICATION)
        && !matches!(detail, Detail::Data(_))
}

/// An interruption within a slice.
fn interrupt(context: &mut Context<'_>, delivery: &Delivery) -> Result<(), Exception> {
    perform(delivery, context.regs, context.config, context.view)
        .map_err(|_| Exception::HostFault)?;
    context.reenter = true;
    // An invalid PSW shows no length.
    context.ilc = 0;
    Ok(())
}

/// Whether the CPU executes on under its new PSW and masks as if nothing had
/// changed, there being no interrupt.
fn goes_on(context: &mut Context<'_>) -> bool {
    let psw = context.regs.psw;
    psw.is_valid()
        && !psw.has(Psw::WAIT)
        && context.mailbox.attention.peek() == 0
        && !per::is_on(context.regs)
        && !context.timer_is_due()
}
