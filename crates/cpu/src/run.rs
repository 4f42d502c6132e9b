//! The run loop: deliver, execute, wait, until something is the client's.

use crate::deliver::{ipa_ipb, new_psw, perform};
use crate::exception::Detail;
use crate::mailbox::attention;
use crate::per::{self, Events, Watch};
use crate::slice::{execute_slice, interruption};
use crate::timer::{timer_deadline_ns, timers_due, timers_enabled};
use crate::{
    Configuration, Context, DebugEvent, DebugKind, Engine, Exception, GuestDebug, Intercept,
    Interpreter, Mailbox, Registers, SigpRequest, Tlb,
};
use core::sync::atomic::Ordering;
use lowcore_arch::{ProgramCode, Psw, lowcore};
use lowcore_host::attention::Attention;
use lowcore_interrupt::{
    Enablement, Kind, LocalInterrupt, ProgramInterruption, program_delivery,
    supervisor_call_delivery,
};
use std::sync::Arc;

/// A client may store into instructions while they are executed. That takes
/// effect after so many slices at the latest: about a millisecond.
const SLICES: u32 = 64;

/// A CPU, owned by the thread that runs it.
#[derive(Debug)]
pub struct Cpu {
    /// The registers.
    pub regs: Registers,
    /// What other threads may touch.
    pub mailbox: Arc<Mailbox>,
    /// What a client wants to be told of the guest.
    pub debug: GuestDebug,
    engine: Box<dyn Engine + Send>,
    tlb: Tlb,
    /// Instruction length to show for a PSW that is found invalid: that of
    /// the instruction which loaded it, 0 after an interruption.
    length_before_psw: u8,
    /// Counts slices of execution.
    slices: u32,
    /// Whether the last delivery pass found no interrupt at all. An injection
    /// since then has raised the attention word.
    nothing_pending: bool,
    /// What a debugger is to be told and was not yet.
    debug_event: Option<DebugEvent>,
}

/// What one stay in the guest left behind.
struct Ending {
    instruction: u64,
    /// The address of the instruction and its length.
    address: u64,
    length: u8,
    reevaluate: bool,
    /// Whether it was one instruction, watched.
    is_watched: bool,
    events: Option<Events>,
    /// Whether a watchpoint was stored into.
    touched: bool,
}

/// Who makes a timer interruption: Linux on its way into the guest, or the
/// running CPU. Only the latter is watched for loops (the specification, F.6).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Entry,
    Running,
}

impl Cpu {
    /// A CPU with all registers zero, which interprets.
    #[must_use]
    pub fn new(mailbox: Arc<Mailbox>) -> Self {
        Self::with_engine(mailbox, Box::new(Interpreter::default()))
    }

    /// A CPU with all registers zero and an engine of choice.
    #[must_use]
    pub fn with_engine(mailbox: Arc<Mailbox>, engine: Box<dyn Engine + Send>) -> Self {
        Self {
            regs: Registers::default(),
            mailbox,
            debug: GuestDebug::default(),
            engine,
            tlb: Tlb::default(),
            length_before_psw: 0,
            slices: 0,
            nothing_pending: false,
            debug_event: None,
        }
    }

    /// What a debugger is to be told and what came together with what ended the run.
    pub fn take_debug_event(&mut self) -> Option<DebugEvent> {
        self.debug_event.take()
    }

    /// Runs the CPU: delivers what is deliverable, then executes, until there
    /// is a reason to leave. A pending signal or kick lets one delivery pass
    /// happen first (the specification, F.2). The CPU must be operating; the
    /// caller starts and stops its CPU timer.
    pub fn run(&mut self, config: &dyn Configuration) -> Intercept {
        self.mailbox.intercept_length.store(0, Ordering::Release);
        self.engine.storage_may_have_changed();
        let mut pass = Some(Pass::Entry);
        loop {
            let attention = self.mailbox.attention.take();
            if attention & attention::INTERRUPT != 0 {
                pass = pass.or(Some(Pass::Running));
            }
            if pass.is_none() && self.timer_is_due(config) {
                pass = Some(Pass::Running);
            }
            if attention == 0 && pass == Some(Pass::Running) && self.is_quiet(config) {
                pass = None;
            }
            if let Some(kind) = pass.take() {
                if let Err(intercept) = self.deliver(config, kind) {
                    self.keep_requests(attention);
                    return intercept;
                }
                if attention & (Attention::SIGNAL | attention::KICK) != 0 {
                    return Intercept::Requested;
                }
                if let Some(event) = self.debug_event.take() {
                    return Intercept::Debug(event);
                }
                if !self.nothing_pending && self.mailbox.local.lock().stop_pending().is_some() {
                    return Intercept::Stop;
                }
                if kind == Pass::Entry && self.timer_is_due(config) {
                    // The new PSW leaves a timer enabled that was delivered
                    // just now: the CPU itself takes it again at once.
                    pass = Some(Pass::Running);
                    continue;
                }
            } else if attention & (Attention::SIGNAL | attention::KICK) != 0 {
                return Intercept::Requested;
            }
            match self.step(config) {
                Ok(next) => pass = next,
                Err(intercept) => return intercept,
            }
            if let Some(event) = self.debug_event.take() {
                return Intercept::Debug(event);
            }
        }
    }

    /// An exit that comes first leaves a kick for the next run.
    fn keep_requests(&self, attention: u32) {
        let kept = attention & (attention::KICK | Attention::SIGNAL);
        if kept != 0 {
            self.mailbox.attention.raise(kept);
        }
    }

    /// One stay in the guest: an early exception, a wait, or a slice of
    /// execution. `Ok(Some(pass))` asks for a delivery pass.
    fn step(&mut self, config: &dyn Configuration) -> Result<Option<Pass>, Intercept> {
        if !self.regs.psw.is_valid() {
            let length = self.length_before_psw;
            self.program(config, ProgramCode::SPECIFICATION, Detail::None, length, None)?;
            return Ok(None);
        }
        if self.regs.psw.has(Psw::WAIT) {
            return self.wait(config).map(Some);
        }
        self.execute(config)
    }

    fn execute(&mut self, config: &dyn Configuration) -> Result<Option<Pass>, Intercept> {
        self.slices = self.slices.wrapping_add(1);
        if self.slices.is_multiple_of(SLICES) {
            self.engine.storage_may_have_changed();
        }
        // Before the view: whoever finds the view taken finds this set.
        self.mailbox.executing.store(true, Ordering::Relaxed);
        let view = config.storage().view();
        let is_watched = self.debug.is_on() || per::is_on(&self.regs);
        let mut context = Context::new(&mut self.regs, &mut self.tlb, &self.mailbox, &view, config);
        let result = if is_watched {
            context.watch = Watch::new(context.regs, &self.debug.watchpoints);
            self.engine.step(&mut context)
        } else {
            execute_slice(&mut *self.engine, &mut context, self.nothing_pending)
        };
        let ending = Ending {
            instruction: context.instruction,
            address: context.instruction_address,
            length: context.ilc,
            reevaluate: context.reevaluate,
            is_watched,
            events: context.events(),
            touched: context.watch.touched,
        };
        drop(view);
        self.mailbox.executing.store(false, Ordering::Relaxed);
        self.length_before_psw = ending.length;
        self.conclude(config, result, &ending)
    }

    /// Whether a delivery pass has nothing to find: no interrupt, whether
    /// enabled or not, and no timer.
    fn is_quiet(&self, config: &dyn Configuration) -> bool {
        self.nothing_pending && !self.timer_is_due(config)
    }

    /// What follows from how execution ended.
    fn conclude(
        &mut self,
        config: &dyn Configuration,
        result: Result<(), Exception>,
        ending: &Ending,
    ) -> Result<Option<Pass>, Intercept> {
        let (address, length) = (ending.address, ending.length);
        let pass = ending.reevaluate.then_some(Pass::Running);
        let Err(exception) = result else { return self.complete(config, ending, pass) };
        let (ipa, ipb) = ipa_ipb(ending.instruction);
        match exception {
            Exception::Program { code: ProgramCode::OPERATION, .. } => {
                self.operation(config, ipa, ipb, ending)?;
            }
            Exception::Program { code, detail } => {
                self.program(config, code, detail, length, ending.events)?;
            }
            Exception::SupervisorCall(number) => {
                let delivery = supervisor_call_delivery(number, length, self.regs.psw);
                let view = config.storage().view();
                perform(&delivery, &mut self.regs, config, &view)
                    .map_err(|_| Intercept::HostFault)?;
                self.length_before_psw = 0;
                return self.complete(config, ending, Some(Pass::Running));
            }
            Exception::Sigp(request) => {
                self.sigp(config, request, ipa, ipb, ending)?;
                return self.complete(config, ending, Some(Pass::Running));
            }
            Exception::SetClock(value) => {
                config.set_clock(value);
                self.regs.psw.set_condition_code(0);
                return self.complete(config, ending, Some(Pass::Running));
            }
            Exception::Recall(absolute) => {
                let epoch = config.quiesce(&self.mailbox);
                self.tlb.adopt(epoch);
                config.storage().view().code_recalled(absolute);
                return Ok(pass);
            }
            Exception::Quiesce => {
                let epoch = config.quiesce(&self.mailbox);
                self.tlb.adopt(epoch);
                return self.complete(config, ending, pass);
            }
            Exception::Again => {
                self.regs.psw.addr = address;
                if ending.events.is_none() && !ending.touched {
                    return Ok(pass);
                }
                return self.complete(config, ending, pass);
            }
            Exception::Intercept => {
                self.intercepted(config, ending);
                return Err(Intercept::Instruction { ipa, ipb });
            }
            Exception::HostFault => {
                // The client may repair its memory and run the CPU again.
                self.regs.psw.addr = address;
                return Err(Intercept::HostFault);
            }
            Exception::Unsupported(what) => return Err(Intercept::Unsupported(what)),
        }
        self.look_for_debug_event(config, ending);
        // An interruption changes the masks.
        Ok(Some(Pass::Running))
    }

    /// After an instruction that was completed, or a unit of one: its PER
    /// events become a program interruption, of which an invalid PSW that the
    /// instruction loaded is part. A stop for the debugger comes before.
    fn complete(
        &mut self,
        config: &dyn Configuration,
        ending: &Ending,
        pass: Option<Pass>,
    ) -> Result<Option<Pass>, Intercept> {
        if !ending.is_watched {
            return Ok(pass);
        }
        let is_valid = self.regs.psw.is_valid();
        if ending.events.is_none() || is_valid {
            self.look_for_debug_event(config, ending);
        }
        let Some(events) = ending.events else { return Ok(pass) };
        if !is_valid {
            let code = ProgramCode::SPECIFICATION;
            let length = self.length_before_psw;
            self.program(config, code, Detail::None, length, Some(events))?;
        } else if self.debug_event.is_some() {
            self.keep_pending(events, ending.length);
        } else {
            self.program(config, ProgramCode(0), Detail::None, ending.length, Some(events))?;
        }
        Ok(Some(Pass::Running))
    }

    /// Before an intercept for an instruction: its PER events stay pending,
    /// to be merged with what the layer above makes of it.
    fn intercepted(&mut self, config: &dyn Configuration, ending: &Ending) {
        self.mailbox.intercept_length.store(ending.length, Ordering::Release);
        if let Some(events) = ending.events {
            self.keep_pending(events, ending.length);
        }
        self.look_for_debug_event(config, ending);
    }

    fn keep_pending(&self, events: Events, length: u8) {
        let interruption = events.interruption(ProgramInterruption {
            flags: ProgramInterruption::ILC_VALID | length,
            ..ProgramInterruption::default()
        });
        // A program interruption is never refused.
        let _recorded = self.mailbox.inject(LocalInterrupt::Program(interruption));
    }

    fn look_for_debug_event(&mut self, config: &dyn Configuration, ending: &Ending) {
        if ending.is_watched && self.debug.is_on() {
            let next = self.regs.psw.addr;
            let view = config.storage().view();
            self.debug_event = self.debug.event_after(&view, ending.address, next, ending.touched);
        }
    }

    /// An interruption is a step as well.
    fn note_interruption(&mut self) {
        self.length_before_psw = 0;
        if self.debug.single_step {
            let address = self.regs.psw.addr;
            self.debug_event = Some(DebugEvent { address, kind: DebugKind::SingleStep });
        }
    }

    /// A delivery pass (the specification, C.2): the highest deliverable
    /// interrupt under the masks of the moment, until there is none.
    fn deliver(&mut self, config: &dyn Configuration, pass: Pass) -> Result<(), Intercept> {
        let (mut clock_comparator, mut cpu_timer) = self.timers_due(config);
        loop {
            let enablement = self.enablement();
            if pass == Pass::Running && (clock_comparator || cpu_timer) {
                self.check_external_loop(config, &enablement, clock_comparator, cpu_timer)?;
            }
            let delivery = {
                let mut local = self.mailbox.local.lock();
                // Under the lock of the choice: a hint may come at any time.
                local.refresh_timers(clock_comparator, cpu_timer);
                let mut floating = config.floating().lock();
                let delivery = local.take_next(&mut floating, &enablement);
                // What is injected from now on raises the attention word.
                self.nothing_pending = local.is_empty() && floating.is_empty();
                delivery
            };
            let Some(delivery) = delivery else { return Ok(()) };
            match delivery.kind {
                Kind::ClockComparator => clock_comparator = false,
                Kind::CpuTimer => cpu_timer = false,
                // A device may have stored into the client's memory.
                Kind::Io(_)
                | Kind::Virtio
                | Kind::ServiceSignal
                | Kind::ServiceEvent
                | Kind::PfaultDone => {
                    self.engine.storage_may_have_changed();
                }
                _ => {}
            }
            let view = config.storage().view();
            perform(&delivery, &mut self.regs, config, &view).map_err(|_| Intercept::HostFault)?;
            self.note_interruption();
            if self.nothing_pending {
                return Ok(());
            }
        }
    }

    /// A timer interruption whose new PSW leaves external interruptions
    /// enabled would repeat for ever: the client decides (F.6).
    fn check_external_loop(
        &self,
        config: &dyn Configuration,
        enablement: &Enablement,
        clock_comparator: bool,
        cpu_timer: bool,
    ) -> Result<(), Intercept> {
        let highest = {
            let mut local = self.mailbox.local.lock();
            local.refresh_timers(clock_comparator, cpu_timer);
            let floating = config.floating().lock();
            local.deliverable(&floating, enablement).highest()
        };
        let code = match highest {
            Some(Kind::ClockComparator) => lowcore::external::CLOCK_COMPARATOR,
            Some(Kind::CpuTimer) => lowcore::external::CPU_TIMER,
            _ => return Ok(()),
        };
        let view = config.storage().view();
        let psw = new_psw(&self.regs, &view, lowcore::EXTERNAL_NEW_PSW)
            .map_err(|_| Intercept::HostFault)?;
        if psw.has(Psw::EXTERNAL) { Err(Intercept::ExternalLoop { code }) } else { Ok(()) }
    }

    fn enablement(&self) -> Enablement {
        Enablement {
            psw: self.regs.psw,
            cr0: self.regs.cr[0],
            cr6: self.regs.cr[6],
            cr14: self.regs.cr[14],
            breaking_event: self.regs.breaking_event,
        }
    }

    /// The CPU's own program interruption.
    fn program(
        &mut self,
        config: &dyn Configuration,
        code: ProgramCode,
        detail: Detail,
        length: u8,
        events: Option<Events>,
    ) -> Result<(), Intercept> {
        let view = config.storage().view();
        if code == ProgramCode::SPECIFICATION && events.is_none() {
            let psw = new_psw(&self.regs, &view, lowcore::PROGRAM_NEW_PSW)
                .map_err(|_| Intercept::HostFault)?;
            // An odd address is found late, at the fetch, and loops all the same.
            if !psw.is_valid() || psw.addr & 1 != 0 {
                self.mailbox.intercept_length.store(length, Ordering::Release);
                return Err(Intercept::ProgramLoop);
            }
        }
        if let Detail::Data(data) = detail {
            self.regs.note_data_exception(data);
        }
        let interruption = interruption(code, detail, length);
        let interruption = match events {
            Some(events) => events.interruption(interruption),
            None => interruption,
        };
        let delivery = program_delivery(&interruption, self.regs.psw, self.regs.breaking_event);
        perform(&delivery, &mut self.regs, config, &view).map_err(|_| Intercept::HostFault)?;
        self.note_interruption();
        Ok(())
    }

    /// An operation exception: handed to the client if it would repeat for
    /// ever, or if the client claims the instruction 0x0000 (F.4, F.6).
    fn operation(
        &mut self,
        config: &dyn Configuration,
        ipa: u16,
        ipb: u32,
        ending: &Ending,
    ) -> Result<(), Intercept> {
        const SAME_SPACE: u64 = Psw::DAT | Psw::ADDRESS_SPACE;
        let old = self.regs.psw;
        let new = {
            let view = config.storage().view();
            new_psw(&self.regs, &view, lowcore::PROGRAM_NEW_PSW)
                .map_err(|_| Intercept::HostFault)?
        };
        let repeats = old.addr.wrapping_sub(new.addr) <= 6
            && !new.has(Psw::WAIT)
            && !old.has(Psw::PROBLEM)
            && (old.mask ^ new.mask) & SAME_SPACE == 0;
        if repeats || (ipa == 0 && config.user_instruction_0()) {
            self.intercepted(config, ending);
            return Err(Intercept::Operation { ipa, ipb });
        }
        let (length, events) = (ending.length, ending.events);
        self.program(config, ProgramCode::OPERATION, Detail::None, length, events)
    }

    fn sigp(
        &mut self,
        config: &dyn Configuration,
        request: SigpRequest,
        ipa: u16,
        ipb: u32,
        ending: &Ending,
    ) -> Result<(), Intercept> {
        match request.take(config.sigp(&self.mailbox, request), &mut self.regs) {
            Ok(()) => Ok(()),
            Err(Exception::Intercept) => {
                self.intercepted(config, ending);
                Err(Intercept::Instruction { ipa, ipb })
            }
            Err(_) => Err(Intercept::HostFault),
        }
    }

    fn timers_due(&self, config: &dyn Configuration) -> (bool, bool) {
        let (clock_comparator, cpu_timer) = timers_due(&self.regs, config);
        // A debugger's steps are not to end in timer interruptions.
        (clock_comparator && !self.debug.single_step, cpu_timer)
    }

    fn timer_is_due(&self, config: &dyn Configuration) -> bool {
        self.timers_due(config) != (false, false)
    }

    /// When the earlier enabled timer asks for its interruption, on the
    /// host's monotonic clock.
    fn wait_deadline_ns(&self, config: &dyn Configuration) -> Option<u64> {
        let (comparator, timer) = timers_enabled(&self.regs);
        timer_deadline_ns(&self.regs, config, (comparator && !self.debug.single_step, timer))
    }

    /// The wait state (F.3). Called when a delivery pass found nothing.
    fn wait(&mut self, config: &dyn Configuration) -> Result<Pass, Intercept> {
        if self.mailbox.attention.peek() != 0 || self.timer_is_due(config) {
            return Ok(Pass::Entry);
        }
        // From here on a floating interrupt may choose this CPU, so what came
        // before is looked for once more after the announcement.
        self.mailbox.idle.store(true, Ordering::SeqCst);
        let something = {
            let local = self.mailbox.local.lock();
            let floating = config.floating().lock();
            !local.deliverable(&floating, &self.enablement()).is_empty()
                || local.stop_pending().is_some()
        };
        let enabled = self.regs.psw.has(Psw::IO | Psw::EXTERNAL | Psw::MACHINE_CHECK);
        if !something && enabled {
            self.mailbox.attention.park(self.wait_deadline_ns(config));
        }
        self.mailbox.idle.store(false, Ordering::SeqCst);
        if !something && !enabled && self.mailbox.attention.peek() == 0 {
            return Err(Intercept::DisabledWait);
        }
        Ok(Pass::Entry)
    }
}
