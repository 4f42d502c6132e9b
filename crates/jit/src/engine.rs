//! An engine out of compiled regions.

mod regions;

use crate::cache::Page;
use crate::choice;
use crate::compiler::{Compiler, Error, Extras};
use crate::heat::Heat;
use crate::host_calls::{Host, slow_access, slow_scalar_access};
use crate::mode::Mode;
use crate::perf_map::PerfMap;
use crate::region::{PAGE, Shape};
use crate::run::{JUMPS, Jump, Link, NO_BRANCH, Run, end};
use crate::service::Service;
use crate::stubs::Stubs;
use crate::way_in;
use lowcore_arch::{Psw, bits};
use lowcore_cpu::{Context, Engine, Exception, Interpreter};
use lowcore_host::executable::ExecutableMemory;
use rustc_hash::FxHashMap;

/// The interpreter's branches between looks at where it is.
const SAMPLE: u32 = 127;

/// How many instructions were executed in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By compiled code.
    pub compiled: u64,
    /// By the interpreter.
    pub interpreted: u64,
}

impl Counts {
    /// The share of instructions that compiled code executed; 0 if there were
    /// none.
    #[must_use]
    pub fn share(&self) -> f64 {
        let all = self.compiled + self.interpreted;
        #[expect(clippy::cast_precision_loss, reason = "it is for people to read")]
        let share = self.compiled as f64 / all.max(1) as f64;
        share
    }
}

impl core::fmt::Display for Counts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (share, all) = (100.0 * self.share(), self.compiled + self.interpreted);
        write!(f, "{share:.2} % of {all} guest instructions were executed by compiled code.")
    }
}

/// What an engine compiles, and how.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How regions are formed.
    pub shape: Shape,
    /// What their code does beside.
    pub extras: Extras,
    /// Room for code in bytes. When it is full, everything is compiled anew.
    pub room: usize,
    /// A page that changes more often is not compiled any more.
    pub patience: u32,
    /// Regions get names for `perf`.
    pub perf_map: bool,
    /// Only what is executed often is compiled, in the background; the rest
    /// is interpreted.
    pub in_background: bool,
    /// How often that is. Compiling costs some tens of microseconds for an
    /// instruction, interpreting it a nanosecond or two.
    pub hot: u32,
}

impl Options {
    /// The interpreter's branches from one look at where it is to the next.
    fn sample(&self) -> u32 {
        SAMPLE.min(self.hot)
    }
}

impl Default for Options {
    fn default() -> Self {
        let (shape, extras) = (Shape::default(), Extras::default());
        Self {
            shape,
            extras,
            room: 1 << 25,
            patience: 64,
            perf_map: false,
            in_background: false,
            hot: 2_000,
        }
    }
}

/// The engine that compiles what it meets, before it is executed.
///
/// The interpreter executes what is no instruction, what cannot be fetched,
/// the targets of EXECUTE, instructions that end in a program
/// interruption, and everything while program-event recording is on.
pub struct Compiled {
    compiler: Compiler,
    interpreter: Interpreter,
    memory: ExecutableMemory,
    stubs: Stubs,
    options: Options,
    pages: FxHashMap<u64, Page>,
    run: Box<Run>,
    jumps: Box<[Jump]>,
    /// What entries of the jump cache hold for: the state of translation and
    /// the mode.
    tags: Vec<(u64, Mode, u64)>,
    last_tag: u64,
    /// See [`CodeCopy::look`](lowcore_storage::CodeCopy::look).
    period: u64,
    /// Counts the times at which some page may have changed.
    looks: u64,
    /// Counts pages whose code was dropped.
    drops: u64,
    interpreted: u64,
    /// The counts that [`executed`](crate::executed) has.
    told: Counts,
    /// Compiles in the background what is hot; without it, everything is
    /// compiled before it is executed.
    service: Option<Service>,
    heat: Heat,
    /// The interpreter's branches until the next look at where it is.
    until_sample: u32,
    perf_map: Option<PerfMap>,
}

impl Drop for Compiled {
    fn drop(&mut self) {
        self.tell_counts();
    }
}

// SAFETY: what its pointers point to belongs to it, or is set anew for each
// call of its methods.
unsafe impl Send for Compiled {}

impl core::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Compiled").field("pages", &self.pages.len()).finish_non_exhaustive()
    }
}

/// How an engine goes on.
enum Found {
    /// With code.
    Code(u64),
    /// With the interpreter.
    Nothing,
}

/// How code was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// For what the PSW designates.
    Anywhere,
    /// The same, after the interpreter has gone on for a while.
    Interpreted,
    /// The same, by a branch to what the jump cache does not have.
    Branch,
    /// By a link that leads nowhere yet.
    Link(*const Link),
    /// At its beginning, since its other pages must be looked at.
    Unchecked,
}

impl Compiled {
    /// An engine that has compiled nothing.
    ///
    /// # Errors
    /// [`Error::Host`] and [`Error::Memory`].
    pub fn new(options: Options) -> Result<Self, Error> {
        let mut compiler = Compiler::new()?;
        let stubs = Stubs::new(&mut compiler)?;
        let mut jumps = vec![Jump::default(); JUMPS].into_boxed_slice();
        let mut run = Box::new(Run::new(
            slow_access as *const () as u64,
            slow_scalar_access as *const () as u64,
        ));
        run.jumps = jumps.as_mut_ptr();
        Ok(Self {
            compiler,
            interpreter: Interpreter::default(),
            memory: ExecutableMemory::new(options.room)?,
            stubs,
            options,
            pages: FxHashMap::default(),
            run,
            jumps,
            tags: Vec::new(),
            last_tag: 0,
            period: 1,
            looks: 1,
            drops: 0,
            interpreted: 0,
            told: Counts::default(),
            service: if options.in_background { Service::new() } else { None },
            heat: Heat::new(options.hot),
            until_sample: options.sample(),
            perf_map: options.perf_map.then(PerfMap::open).flatten(),
        })
    }

    /// The same with another way to have regions compiled.
    #[cfg(test)]
    pub(crate) fn with_service(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// What it has executed so far; compiled code counts only if that is one
    /// of its [`Extras`].
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { compiled: self.run.executed, interpreted: self.interpreted }
    }

    /// Adds to what all engines have executed.
    fn tell_counts(&mut self) {
        let now = self.counts();
        choice::add(Counts {
            compiled: now.compiled - self.told.compiled,
            interpreted: now.interpreted - self.told.interpreted,
        });
        self.told = now;
    }

    /// Lets code stop after so many instructions, if that is one of its
    /// [`Extras`], or a few more where both ways of a branch are computed.
    pub fn burn(&mut self, instructions: u64) {
        self.run.fuel = instructions;
    }

    /// The code at the PSW, if the jump cache has it.
    fn jump(&self, c: &Context<'_>) -> Option<u64> {
        let address = c.regs.psw.addr;
        let jump = self.jumps[bits::index(address / 2) % JUMPS];
        (jump.address == address && jump.tag == self.run.tag).then_some(jump.code)
    }

    /// Begins to execute: what was remembered may not hold any more.
    fn begin(&mut self, c: &mut Context<'_>) {
        if c.tlb.begin(c.view) {
            self.storage_may_have_changed();
        }
        self.run.take_code(c.regs.psw);
        self.run.breaking = NO_BRANCH;
        self.run.leave = 0;
        way_in::prepare(&self.run);
    }

    /// After a change of what translation and the mode depend on, or perhaps
    /// of code.
    fn look_around(&mut self, c: &mut Context<'_>) {
        if c.reenter {
            c.choose_tables();
        }
        let versions = c.view.code_versions();
        if versions != self.run.versions {
            self.run.versions = versions;
            self.looks += 1;
            self.tags.clear();
        }
        self.run.versions_at = c.view.code_versions_at().as_ptr();
        self.run.entries = c.tlb.operand_entries();
        self.run.attention = c.mailbox.attention.address();
        let (stamp, mode) = (c.tlb.code_stamp(), Mode::of(c.regs.psw));
        let known = self.tags.iter().find(|(s, m, _)| (*s, *m) == (stamp, mode));
        self.run.tag = match known {
            Some((_, _, tag)) => *tag,
            None => {
                if self.tags.len() >= 16 {
                    self.tags.clear();
                }
                self.last_tag += 1;
                self.tags.push((stamp, mode, self.last_tag));
                self.last_tag
            }
        };
    }

    /// Executes code from the PSW on.
    fn enter(&mut self, c: &mut Context<'_>, code: u64) -> Result<Left, Exception> {
        self.run.page = c.regs.psw.addr & !(PAGE - 1);
        self.run.regs = &raw mut *c.regs;
        let interpreter = &mut self.interpreter;
        let mut host = Host { context: c, exception: None, interpreter };
        self.run.host = (&raw mut host).cast();
        let run: *mut Run = &raw mut *self.run;
        // SAFETY: the code is in the memory of this engine, which is borrowed.
        // It reaches the run block, and through it registers, TLB, attention
        // word and host, none of which is touched until it returns but by
        // itself and what it calls.
        let how = unsafe { way_in::execute(run, code, self.stubs.enter) };
        let exception = host.exception.take();
        self.run.leave = 0;
        let run = &mut *self.run;
        if run.breaking != NO_BRANCH {
            c.regs.breaking_event = run.page.wrapping_add(run.breaking);
            run.breaking = NO_BRANCH;
        }
        let offset = match how {
            end::AT_OFFSET | end::INTERPRET | end::UNCHECKED => run.offset,
            end::UNLINKED => {
                // SAFETY: the link belongs to code that just executed.
                unsafe { (*run.link).offset }
            }
            end::KEPT => {
                return Err(
                    exception.unwrap_or(Exception::Unsupported("The compiler lost an exception."))
                );
            }
            end::LOST => {
                c.instruction_address = c.regs.psw.addr;
                return Err(Exception::HostFault);
            }
            _ => return Ok(Left::Branch),
        };
        c.regs.psw.addr = c.wrap(run.page.wrapping_add(offset));
        match how {
            end::INTERPRET => self.interpret(c).map(|()| Left::Anywhere),
            end::UNLINKED => Ok(Left::Link(self.run.link)),
            end::UNCHECKED => Ok(Left::Unchecked),
            _ => Ok(Left::Anywhere),
        }
    }

    /// Lets the interpreter execute one instruction.
    fn interpret(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        self.interpreted += 1;
        self.run.put_code(&mut c.regs.psw);
        let result = self.interpreter.step(c);
        self.run.take_code(c.regs.psw);
        self.run.budget = self.run.budget.saturating_sub(1);
        self.run.fuel = self.run.fuel.wrapping_sub(1);
        result
    }

    /// Lets the interpreter execute until it comes to code, or for a while.
    /// Where it ends then is probably a place to which it comes often. Gives
    /// the code that it has come to.
    fn interpret_some(&mut self, c: &mut Context<'_>) -> Result<Option<u64>, Exception> {
        if self.until_sample == 0 {
            self.until_sample = self.options.sample();
        }
        let budget = self.until_sample.min(bits::low32(self.run.budget));
        self.run.put_code(&mut c.regs.psw);
        let result = self.interpreter.execute_some(c, budget);
        self.run.take_code(c.regs.psw);
        let used = budget - c.budget().min(budget);
        self.run.budget = self.run.budget.saturating_sub(used.into());
        // It may never come so far at once.
        self.until_sample = self.until_sample.saturating_sub(used);
        // Each time may end with an exception.
        self.take_compiled();
        result?;
        if !self.interpreter.take_mark() {
            if self.until_sample == 0 {
                self.warm(c, self.options.sample())?;
            }
            return Ok(None);
        }
        self.look_around(c);
        if let Some(code) = self.jump(c) {
            return Ok(Some(code));
        }
        if let Found::Code(code) = self.find(c, false, false)? {
            return Ok(Some(code));
        }
        // It is gone, or for another mode.
        if let Some((absolute, _)) = c.instruction_page(c.regs.psw.addr) {
            self.interpreter.mark(absolute | c.regs.psw.addr & (PAGE - 1), false);
        }
        self.interpret(c).map(|()| None)
    }

    /// Execution has come to the PSW's place so many times.
    fn warm(&mut self, c: &mut Context<'_>, times: u32) -> Result<(), Exception> {
        let psw = c.regs.psw;
        let Some((absolute, _)) = c.instruction_page(psw.addr) else { return Ok(()) };
        let place = absolute | psw.addr & (PAGE - 1);
        if !self.heat.add(place ^ Mode::of(psw).number(), times) {
            return Ok(());
        }
        if self.service.as_ref().is_some_and(Service::has_room)
            && let Found::Code(_) = self.find(c, false, true)?
        {
            // The mark was lost.
            self.interpreter.mark(place, true);
        }
        Ok(())
    }

    fn go(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        let mut left = Left::Anywhere;
        loop {
            self.look_around(c);
            let drops = self.drops;
            let found = if let Some(code) = self.jump(c).filter(|_| left != Left::Unchecked) {
                Found::Code(code)
            } else if self.service.is_some() && matches!(left, Left::Anywhere | Left::Interpreted) {
                // The interpreter comes to a mark at once if there is code.
                Found::Nothing
            } else {
                self.find(c, false, self.service.is_none())?
            };
            left = match found {
                Found::Code(code) => {
                    if let Left::Link(link) = left
                        && self.drops == drops
                    {
                        // SAFETY: the link belongs to code that still exists.
                        unsafe { (*link.cast_mut()).code = code };
                    }
                    let left = self.enter(c, code);
                    self.after(c, left)?
                }
                Found::Nothing if self.service.is_none() => {
                    let done = self.interpret(c).map(|()| Left::Anywhere);
                    self.after(c, done)?
                }
                Found::Nothing => {
                    // The interpreter may come back too soon to notice.
                    if left != Left::Interpreted {
                        self.warm(c, 1)?;
                    }
                    let left = match self.interpret_some(c) {
                        Ok(Some(code)) if !self.must_stop(c) => self.enter(c, code),
                        other => other.map(|_| Left::Interpreted),
                    };
                    self.after(c, left)?
                }
            };
            if self.must_stop(c) {
                return Ok(());
            }
        }
    }

    /// After execution ended: goes on with the interruption that ended it, if
    /// the slice may.
    fn after(
        &mut self,
        c: &mut Context<'_>,
        left: Result<Left, Exception>,
    ) -> Result<Left, Exception> {
        left.or_else(|exception| {
            self.run.put_code(&mut c.regs.psw);
            c.interrupt(exception)?;
            self.run.take_code(c.regs.psw);
            Ok(Left::Branch)
        })
    }

    fn must_stop(&self, c: &Context<'_>) -> bool {
        let stops = self.options.extras.burns && self.run.fuel.cast_signed() <= 0;
        self.run.budget == 0 || stops || c.must_pause()
    }
}

impl Engine for Compiled {
    fn execute(&mut self, c: &mut Context<'_>, budget: u32) -> Result<(), Exception> {
        self.begin(c);
        self.run.budget = budget.max(1).into();
        let result = self.go(c);
        if self.options.extras.counts {
            self.tell_counts();
        }
        self.run.put_code(&mut c.regs.psw);
        result
    }

    fn step(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        if c.regs.psw.has(Psw::PER) || c.is_watched() {
            self.interpreted += 1;
            return self.interpreter.step(c);
        }
        // One instruction may come after anything.
        self.storage_may_have_changed();
        self.begin(c);
        c.reenter = true;
        self.look_around(c);
        self.run.budget = 1;
        // No entry of the jump cache has it.
        self.run.tag = 0;
        let result = match self.find(c, true, true) {
            Ok(Found::Code(code)) => self.enter(c, code).map(|_| ()),
            Ok(Found::Nothing) => self.interpret(c),
            Err(exception) => Err(exception),
        };
        self.run.put_code(&mut c.regs.psw);
        result
    }

    fn storage_may_have_changed(&mut self) {
        self.period += 1;
        self.looks += 1;
        self.tags.clear();
        self.interpreter.storage_may_have_changed();
    }
}
