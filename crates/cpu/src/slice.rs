//! A slice of execution under one storage view.

use crate::deliver::perform;
use crate::exception::Detail;
use crate::{Context, Engine, Exception, per};
use lowcore_arch::{ProgramCode, Psw};
use lowcore_interrupt::{ProgramInterruption, program_delivery, supervisor_call_delivery};

/// Branches between looks at the clock. With [`PSWS`] it also bounds how
/// long a change of memory slots waits for this CPU.
const SLICE: u32 = 4096;

/// The same where a timer is near, so that its interruption is a microsecond
/// late.
const SHORT: u32 = 256;

/// PSWs that are loaded within a slice, by interruptions and instructions.
const PSWS: u32 = 128;

/// The same between looks at the clock. With [`SLICE`] it bounds how late a
/// timer's interruption is.
const CLOCK: u32 = 16;

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
    // One that is due already ends the slice soon.
    context.timer_is_due();
    loop {
        let branches = if context.timer_is_near { SHORT } else { SLICE };
        match engine.execute(context, branches) {
            // Whatever asked for a pause may have changed the PSW.
            Ok(()) if core::mem::take(&mut context.reevaluate) => context.enter_psw(),
            Ok(()) => return Ok(()),
            Err(exception) => context.interrupt(exception)?,
        }
        if context.reevaluate {
            // What comes is not the instruction's any more.
            return Ok(());
        }
    }
}

/// Whether a program interruption has no rule of its own in `Cpu::program`.
fn is_plain(code: ProgramCode, detail: Detail) -> bool {
    !matches!(code, ProgramCode::OPERATION | ProgramCode::SPECIFICATION)
        && !matches!(detail, Detail::Data(_))
}

impl Context<'_> {
    /// The interruption that ends an instruction, if the slice may go on
    /// after it.
    ///
    /// # Errors
    /// What is for others to see to: the same exception, or that the low core
    /// is not accessible.
    pub fn interrupt(&mut self, exception: Exception) -> Result<(), Exception> {
        if !self.nothing_pending {
            return Err(exception);
        }
        let (psw, ilc) = (self.regs.psw, self.ilc);
        let delivery = match exception {
            Exception::SupervisorCall(number) => supervisor_call_delivery(number, ilc, psw),
            Exception::Program { code, detail } if is_plain(code, detail) => {
                let interruption = interruption(code, detail, ilc);
                program_delivery(&interruption, psw, self.regs.breaking_event)
            }
            other => return Err(other),
        };
        perform(&delivery, self.regs, self.config, self.view).map_err(|_| Exception::HostFault)?;
        // An invalid PSW shows no length.
        self.ilc = 0;
        self.enter_psw();
        Ok(())
    }

    /// Goes on under the PSW, which is new: a pause comes first unless nothing
    /// waits for one.
    pub(crate) fn enter_psw(&mut self) {
        self.psws += 1;
        self.timers_are_quiet &= !self.psws.is_multiple_of(CLOCK);
        self.reenter = true;
        // Where a timer is near, slices become short.
        self.reevaluate |= !self.goes_on() || self.timer_is_near || self.psws >= PSWS;
    }

    /// Whether the CPU executes on under its PSW and masks as if nothing had
    /// changed, there being no interrupt.
    fn goes_on(&mut self) -> bool {
        let psw = self.regs.psw;
        self.nothing_pending
            && psw.is_valid()
            && !psw.has(Psw::WAIT)
            && self.mailbox.attention.peek() == 0
            && !per::is_on(self.regs)
            && !self.timer_is_due()
    }
}
