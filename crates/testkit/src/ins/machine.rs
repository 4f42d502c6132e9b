//! Executes a case on an engine.

use super::{Case, Outcome, State};
use core::ops::Range;
use lowcore_arch::{Facility, FacilityList, ProgramCode, StorageKey, bits};
use lowcore_cpu::{
    Context, Detail, Engine, Exception, Interpreter, Mailbox, Registers, SigpRequest, Standalone,
    Tlb,
};
use lowcore_host::memory::{HostRange, Mapping};
use std::collections::BTreeMap;

/// Storage begins at 0 and has this size; beyond it is nothing.
pub const STORAGE_SIZE: u64 = 0x30_0000;

/// The parts of storage that are compared after an instruction: the low core,
/// where instructions stand, where operands are, and the end of storage.
pub const WINDOWS: [Range<u64>; 4] =
    [0..0x3000, 0x10_0000..0x10_3000, 0x20_0000..0x20_3000, STORAGE_SIZE - 0x2000..STORAGE_SIZE];

/// A machine for one instruction at a time: 3 MiB of zeros.
pub struct Machine {
    around: Standalone,
    mailbox: Mailbox,
    memory: HostRange,
    /// What storage should have if nothing changed it, and which parts of it
    /// are not zero.
    image: Vec<u8>,
}

/// The name of a program interruption after `!`.
#[must_use]
pub fn name_of(code: ProgramCode) -> String {
    code.name().to_lowercase().replace('_', "-")
}

/// The program interruption of a name.
#[must_use]
pub fn code_of(name: &str) -> Option<ProgramCode> {
    (0..0x200).map(ProgramCode).find(|code| !code.has_per() && name_of(*code) == name)
}

/// A vector register of which only the left half can matter.
pub(crate) fn vector(fpr: &[u64; 16], n: usize) -> u128 {
    fpr.get(n).map_or(0, |value| u128::from(*value) << 64)
}

impl State {
    /// The registers of a CPU in this state.
    fn registers(&self) -> Registers {
        Registers {
            psw: self.psw,
            gr: self.gr,
            ar: self.ar,
            vr: core::array::from_fn(|n| vector(&self.fpr, n)),
            fpc: self.fpc,
            cr: self.cr,
            prefix: self.prefix,
            todpr: self.todpr,
            clock_comparator: self.clock_comparator,
            ..Registers::default()
        }
    }
}

impl Machine {
    /// A machine with zeroed storage.
    ///
    /// # Errors
    /// The host's, if there is no memory.
    pub fn new() -> std::io::Result<Self> {
        let size = bits::index(STORAGE_SIZE);
        let memory = HostRange::of(&Mapping::anonymous(size)?);
        let around = Standalone {
            facilities: FacilityList::default()
                .with(Facility::N3)
                .with(Facility::Z_ARCHITECTURE)
                .with(Facility::ENHANCED_DAT_1)
                .with(Facility::CONDITIONAL_SSKE)
                .with(Facility::IPTE_RANGE)
                .with(Facility::NONQUIESCING_KEY_SETTING)
                .with(Facility::ENHANCED_DAT_2)
                .with(Facility::VECTOR),
            cpu_id: 0x0011_2233_2964_0000,
            ..Standalone::default()
        };
        around.storage.set_slot(0, 0, memory.clone(), false).map_err(std::io::Error::other)?;
        Ok(Self { around, mailbox: Mailbox::new(5), memory, image: vec![0; size] })
    }

    /// Executes the instruction of `case` and tells what it did. Storage is
    /// zero again afterwards.
    ///
    /// # Errors
    /// The host's, if storage cannot be accessed.
    pub fn run(&mut self, case: &Case) -> Result<Outcome, lowcore_host::Fault> {
        self.run_on(case, &mut Interpreter::default())
    }

    /// The same on an engine of choice.
    ///
    /// # Errors
    /// The host's, if storage cannot be accessed.
    pub fn run_on(
        &mut self,
        case: &Case,
        engine: &mut dyn Engine,
    ) -> Result<Outcome, lowcore_host::Fault> {
        self.run_with(case, &mut |context| engine.step(context))
    }

    /// Executes the instruction of `case` as the interpreter executes decoded
    /// pages, by handlers that are not sure to complete. It must not branch,
    /// and behind it must be zeros, which are no instruction.
    ///
    /// # Errors
    /// The host's, if storage cannot be accessed.
    pub fn run_in_a_page(&mut self, case: &Case) -> Result<Outcome, lowcore_host::Fault> {
        /// There is one instruction.
        const BUDGET: u32 = 16;
        let next = case.before.psw.addr + case.code.bytes().len() as u64;
        let mut engine = Interpreter::default();
        self.run_with(case, &mut |context| match engine.execute(context, BUDGET) {
            Err(Exception::Program { code: ProgramCode::OPERATION, .. })
                if context.instruction_address == next =>
            {
                context.regs.psw.addr = next;
                Ok(())
            }
            result => result,
        })
    }

    fn run_with(
        &mut self,
        case: &Case,
        execute: &mut dyn FnMut(&mut Context<'_>) -> Result<(), Exception>,
    ) -> Result<Outcome, lowcore_host::Fault> {
        let touched = self.prepare(case)?;
        let mut regs = case.before.registers();
        let (result, ilc) = {
            let view = self.around.storage.view();
            let mut tlb = Tlb::default();
            let mut context = Context::new(&mut regs, &mut tlb, &self.mailbox, &view, &self.around);
            let result = loop {
                match execute(&mut context) {
                    // A unit of operation is done.
                    Err(Exception::Again) => context.regs.psw.addr = context.instruction_address,
                    // There is no other CPU that would have to give anything up.
                    Err(Exception::Recall(absolute)) => view.code_recalled(absolute),
                    // It is done, and there is no other CPU to tell.
                    Err(Exception::Quiesce) => break Ok(()),
                    result => break result,
                }
            };
            (result, context.ilc)
        };
        let end = result.err().map(|exception| {
            if let Exception::Program { code, .. } = exception
                && code.is_nullifying()
            {
                regs.psw.addr = regs.psw.wrap(regs.psw.addr.wrapping_sub(ilc.into()));
            }
            if let Exception::Program { detail: Detail::Data(code), .. } = exception {
                regs.note_data_exception(code);
            }
            name_of_exception(exception)
        });
        let state = State {
            psw: regs.psw,
            gr: regs.gr,
            ar: regs.ar,
            fpr: core::array::from_fn(|n| regs.fpr(n)),
            fpc: regs.fpc,
            cr: regs.cr,
            prefix: regs.prefix,
            todpr: regs.todpr,
            clock_comparator: regs.clock_comparator,
            storage: self.changes()?,
            keys: self.keys(case),
        };
        self.clean(&touched)?;
        for page in case.keyed_pages() {
            let _ = self.around.storage.set_key(page, StorageKey(0));
        }
        Ok(Outcome { end, state })
    }

    /// Executes the instruction of `case` again and again, with a branch back
    /// behind it, until so many branches are done or something ends it. What
    /// it does is lost.
    ///
    /// # Errors
    /// The host's, if storage cannot be accessed.
    pub fn run_in_a_loop(&mut self, case: &Case, branches: u32) -> Result<(), lowcore_host::Fault> {
        const BRC_ALWAYS: u32 = 0xa7f4_0000;
        let mut case = case.clone();
        let back = (case.code.bytes().len() as u64 / 2).wrapping_neg();
        let branch = BRC_ALWAYS | u32::from(bits::low16(back));
        let behind = case.before.psw.addr + case.code.bytes().len() as u64;
        case.before.storage.extend((behind..).zip(branch.to_be_bytes()));
        let touched = self.prepare(&case)?;
        {
            let mut regs = case.before.registers();
            let view = self.around.storage.view();
            let mut tlb = Tlb::default();
            let mut context = Context::new(&mut regs, &mut tlb, &self.mailbox, &view, &self.around);
            let mut engine = Interpreter::default();
            // Whatever ends it ends it early.
            let _ = engine.execute(&mut context, branches);
        }
        self.clean(&touched)
    }

    /// Puts the bytes of a case into storage and tells where.
    fn prepare(&mut self, case: &Case) -> Result<Vec<(usize, u8)>, lowcore_host::Fault> {
        let mut touched = Vec::new();
        for (i, byte) in (0..).zip(case.code.bytes()) {
            touched.push((bits::index(case.before.psw.addr + i), *byte));
        }
        touched.extend(case.before.storage.iter().map(|(at, byte)| (bits::index(*at), *byte)));
        for (at, byte) in &touched {
            self.memory.store_u8(*at, *byte)?;
            self.image[*at] = *byte;
        }
        if case.keyed_pages().next().is_some() {
            // Cases before may have left reference and change bits anywhere.
            for page in (0..STORAGE_SIZE).step_by(0x1000) {
                let _ = self.around.storage.set_key(page, StorageKey(0));
            }
        }
        for page in case.keyed_pages() {
            let key = case.before.keys.get(&page).copied().unwrap_or(0);
            // A page that does not exist has no key afterwards either.
            let _ = self.around.storage.set_key(page, StorageKey(key));
        }
        Ok(touched)
    }

    /// The keys that a case is about.
    fn keys(&self, case: &Case) -> BTreeMap<u64, u8> {
        let key = |page| Some((page, self.around.storage.key(page)?.0));
        case.keyed_pages().filter_map(key).collect()
    }

    /// The bytes that are not what they were.
    fn changes(&self) -> Result<BTreeMap<u64, u8>, lowcore_host::Fault> {
        const BLOCK: u64 = 0x1000;
        let mut changes = BTreeMap::new();
        let mut buffer = [0; bits::index(BLOCK)];
        for window in WINDOWS {
            for block in (window.start..window.end).step_by(bits::index(BLOCK)) {
                let at = bits::index(block);
                let old = &self.image[at..at + buffer.len()];
                self.memory.read(at, &mut buffer)?;
                if buffer != old {
                    let both = buffer.iter().zip(old).zip(block..);
                    let changed = both.filter(|((new, old), _)| new != old);
                    changes.extend(changed.map(|((new, _), address)| (address, *new)));
                }
            }
        }
        Ok(changes)
    }

    fn clean(&mut self, touched: &[(usize, u8)]) -> Result<(), lowcore_host::Fault> {
        for at in self.changes()?.keys() {
            self.memory.store_u8(bits::index(*at), 0)?;
        }
        for (at, _) in touched {
            self.memory.store_u8(*at, 0)?;
            self.image[*at] = 0;
        }
        Ok(())
    }
}

/// What stands after `!` for an exception.
pub(crate) fn name_of_exception(exception: Exception) -> String {
    match exception {
        Exception::Program { code, detail: Detail::Data(data) } => {
            format!("{}-{data:x}", name_of(code))
        }
        Exception::Program { code, .. } => name_of(code),
        Exception::SupervisorCall(number) => format!("svc-{number}"),
        Exception::Sigp(SigpRequest { order, address, parameter, status_register }) => {
            format!("sigp-{order:x}-{address:x}-{parameter:x}-{status_register}")
        }
        Exception::SetClock(value) => format!("set-clock-{value:x}"),
        Exception::Again => "again".to_string(),
        Exception::Quiesce => "quiesce".to_string(),
        Exception::Recall(page) => format!("recall-{page:x}"),
        Exception::Intercept => "intercept".to_string(),
        Exception::HostFault => "host-fault".to_string(),
        Exception::Unsupported(what) => format!("unsupported: {what}"),
    }
}
