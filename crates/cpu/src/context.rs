//! What an instruction can reach while it executes: the registers, storage
//! by logical address, the configuration.

use crate::interpreter::Executing;
use crate::per::Watch;
use crate::routine::Operands;
use crate::{Access, At, Configuration, Exception, Mailbox, Registers, Space, Tlb};
use lowcore_arch::{ProgramCode, Psw};
use lowcore_isa::instruction_length;
use lowcore_storage::View;

const PAGE: u64 = 0x1000;

/// Control registers whose bits enable interruptions and PER.
const ENABLING: u16 = 1 << 0 | 1 << 6 | 7 << 9 | 1 << 14;

/// EXECUTE, which waits for the engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Execute {
    /// The address of the target.
    pub target: u64,
    /// The bits to insert in its second byte.
    pub inserted: u64,
}

/// One slice of execution: a CPU's registers with a storage view that stands
/// still meanwhile.
pub struct Context<'a> {
    /// The CPU's registers.
    pub regs: &'a mut Registers,
    /// The CPU's shared part.
    pub mailbox: &'a Mailbox,
    /// Absolute storage.
    pub view: &'a View<'a>,
    /// The machine around the CPU.
    pub config: &'a dyn Configuration,
    /// The instruction being executed, left-aligned in 8 bytes; for EXECUTE
    /// the target, as modified.
    pub instruction: u64,
    /// The address of the instruction (of EXECUTE, not of its target).
    pub instruction_address: u64,
    /// Its length in bytes (that of EXECUTE, not of its target); 0 before the
    /// first.
    pub ilc: u8,
    /// Set by instructions that change the PSW's masks, control registers 0,
    /// 6 or 14, the clock comparator or the CPU timer: execution then pauses
    /// for a delivery pass.
    pub reevaluate: bool,
    /// Set by instructions that change what translation depends on: the
    /// engine then chooses tables anew.
    pub reenter: bool,
    /// The CPU's translations.
    pub tlb: &'a mut Tlb,
    /// The condition code while an instruction executes; that in the PSW is
    /// not kept up to date. See [`Self::settle_cc`].
    pub(crate) cc: u8,
    /// The bits of addresses that count in the addressing mode.
    pub(crate) address_mask: u64,
    /// The address that the slots of the present page count from.
    pub(crate) page_address: u64,
    /// How far branches stay in the present page; 0 outside of any.
    pub(crate) page_span: u64,
    /// The instruction, if it is not the one in the slot.
    pub(crate) executing: Option<Executing>,
    /// What a body hands to a routine.
    pub(crate) operands: Operands,
    /// What EXECUTE asks for.
    pub(crate) execute: Option<Execute>,
    /// Branches until the slice ends.
    pub(crate) budget: u32,
    /// What ended the instruction.
    pub(crate) exception: Option<Exception>,
    /// Whether the PSW has its instruction address although the instruction
    /// ended with an exception: a routine may have replaced it before.
    pub(crate) has_address: bool,
    /// Whether no interrupt is pending, enabled or not, as long as the attention
    /// word is zero.
    pub(crate) nothing_pending: bool,
    /// Whether no timer asked for an interruption or was about to, masks
    /// aside, when the clock was last looked at. See [`Self::timer_is_due`].
    pub(crate) timers_are_quiet: bool,
    /// Whether an enabled timer was then about to ask for one: slices are short
    /// until it has.
    pub(crate) timer_is_near: bool,
    /// PSWs that were loaded in this slice. See [`Self::enter_psw`].
    pub(crate) psws: u32,
    /// What is watched for.
    pub(crate) watch: Watch<'a>,
}

impl<'a> Context<'a> {
    /// A context at the start of a slice.
    pub fn new(
        regs: &'a mut Registers,
        tlb: &'a mut Tlb,
        mailbox: &'a Mailbox,
        view: &'a View<'a>,
        config: &'a dyn Configuration,
    ) -> Self {
        Self {
            instruction_address: regs.psw.addr,
            cc: regs.psw.condition_code(),
            regs,
            tlb,
            mailbox,
            view,
            config,
            instruction: 0,
            ilc: 0,
            reevaluate: false,
            reenter: true,
            address_mask: u64::MAX,
            page_address: 0,
            page_span: 0,
            executing: None,
            operands: Operands::default(),
            execute: None,
            budget: 0,
            exception: None,
            has_address: false,
            nothing_pending: false,
            timers_are_quiet: false,
            timer_is_near: false,
            psws: 0,
            watch: Watch::default(),
        }
    }

    /// What relative operands count from: the address of the instruction, and
    /// for the target of EXECUTE the target's own.
    #[must_use]
    pub fn relative_base(&self) -> u64 {
        if self.executing.is_some() { self.page_address } else { self.instruction_address }
    }

    /// Replaces a control register. Gives whether execution has to pause, or
    /// to choose tables anew: accesses may count from others now, or
    /// interruptions be enabled.
    pub fn set_control(&mut self, r: u8, value: u64) -> bool {
        let old = core::mem::replace(&mut self.regs.cr[usize::from(r & 15)], value);
        if old == value {
            return false;
        }
        if ENABLING >> (r & 15) & 1 != 0 {
            self.reevaluate = true;
            self.timers_are_quiet = false;
        }
        self.reenter |= !self.tlb.is_chosen_for(self.regs, self.watch.needs_stores());
        self.reenter || self.reevaluate
    }

    /// Puts the condition code into the PSW.
    #[inline]
    pub fn settle_cc(&mut self) {
        self.regs.psw.set_condition_code(self.cc);
    }

    /// Whether a store has changed instructions that are cached, which must
    /// be left before the next one.
    #[inline]
    #[must_use]
    pub fn must_leave(&self) -> bool {
        self.view.take_code_changed()
    }

    /// After a change of what translation and addressing depend on.
    pub fn choose_tables(&mut self) {
        self.tlb.choose(self.regs, self.watch.needs_stores());
        self.address_mask = self.regs.psw.addressing_mode().mask();
        self.reenter = false;
    }

    /// What is left of the interpreter's budget.
    #[must_use]
    pub const fn budget(&self) -> u32 {
        self.budget
    }

    /// Whether somebody watches what instructions do, so that each is executed
    /// by the interpreter alone.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.watch.needs_stores()
    }

    /// Whether the slice must end before the next instruction.
    #[inline]
    #[must_use]
    pub fn must_pause(&self) -> bool {
        self.reevaluate || self.mailbox.attention.peek() != 0
    }

    /// Cuts an address to the current addressing mode.
    #[inline]
    #[must_use]
    pub fn wrap(&self, address: u64) -> u64 {
        self.regs.psw.wrap(address)
    }

    /// Branches: the breaking-event address becomes the present instruction's
    /// and the PSW designates `target`, cut to the addressing mode.
    #[inline]
    pub fn branch(&mut self, target: u64) {
        self.regs.breaking_event = self.instruction_address;
        self.regs.psw.addr = self.wrap(target);
    }

    /// Replaces the PSW. Its validity is checked before the next instruction.
    pub fn load_psw(&mut self, psw: Psw) {
        self.regs.breaking_event = self.instruction_address;
        self.regs.psw = psw;
        self.enter_psw();
    }

    /// Fetches the instruction at the PSW into [`Context::instruction`], sets
    /// its address and length, and advances the PSW.
    ///
    /// # Errors
    /// Specification for an odd address, and access exceptions. The manual
    /// leaves the length unpredictable there; it is 2, and the PSW is
    /// advanced by it.
    pub fn fetch(&mut self) -> Result<(), Exception> {
        let address = self.regs.psw.addr;
        self.instruction_address = address;
        self.ilc = 2;
        self.regs.psw.addr = self.wrap(address.wrapping_add(2));
        let instruction = self.fetch_at(address)?;
        self.instruction = instruction;
        self.ilc = instruction_length(instruction);
        self.regs.psw.addr = self.wrap(address.wrapping_add(u64::from(self.ilc)));
        Ok(())
    }

    /// Fetches the instruction at `address` without changing any state: the
    /// bytes it has, left-aligned, zeros after them.
    ///
    /// # Errors
    /// Specification for an odd address, and access exceptions.
    #[inline]
    pub fn fetch_at(&mut self, address: u64) -> Result<u64, Exception> {
        if address & 1 != 0 {
            return Err(ProgramCode::SPECIFICATION.into());
        }
        if address & (PAGE - 1) <= PAGE - 8 {
            let absolute = match self.tlb.code(address) {
                Some((page, _)) => page | address & (PAGE - 1),
                None => {
                    let at = At::in_space(address, Space::Instruction);
                    self.translate(at, 2, Access::Fetch)?
                }
            };
            let raw = self.view.load_u64(absolute)?;
            return Ok(raw & (u64::MAX << (64 - 8 * u32::from(instruction_length(raw)))));
        }
        self.fetch_by_halfwords(address)
    }

    /// The absolute address of the page of instructions with `address`, and
    /// whether the TLB keeps it, so that it holds as long as
    /// [`Tlb::code_stamp`]; `None` if nothing can be fetched there.
    pub fn instruction_page(&mut self, address: u64) -> Option<(u64, bool)> {
        /// The interpreter has its pages elsewhere.
        const NOWHERE: usize = usize::MAX;
        if let Some((absolute, _)) = self.tlb.code(address) {
            return Some((absolute, true));
        }
        let located = self.translate_instruction(address).ok()?;
        let kept = self.tlb.keep_code(address, &located, NOWHERE);
        Some((located.absolute & !(PAGE - 1), kept))
    }

    #[cold]
    fn fetch_by_halfwords(&mut self, address: u64) -> Result<u64, Exception> {
        let mut halfword = |n: u64| -> Result<u64, Exception> {
            let address = self.wrap(address.wrapping_add(2 * n));
            let at = At::in_space(address, Space::Instruction);
            let absolute = self.translate(at, 2, Access::Fetch)?;
            Ok(u64::from(self.view.load_u16(absolute)?) << (48 - 16 * n))
        };
        let mut instruction = halfword(0)?;
        for n in 1..u64::from(instruction_length(instruction)) / 2 {
            instruction |= halfword(n)?;
        }
        Ok(instruction)
    }
}
