//! Executes a program on an engine, at once or by single steps.

use super::{Finish, Program};
use crate::ins::{STORAGE_SIZE, State, WINDOWS, name_of_exception, vector};
use crate::oracle::{VISIBLE, end_of};
use lowcore_arch::{Facility, FacilityList, bits};
use lowcore_cpu::{
    Context, Detail, Engine, Exception, Interpreter, Mailbox, Registers, Standalone, Tlb,
};
use lowcore_host::Fault;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_isa::Code;
use std::collections::BTreeMap;

const SIZE: usize = bits::index(STORAGE_SIZE);

/// A machine for one program after the other.
pub struct Machine {
    around: Standalone,
    mailbox: Mailbox,
    memory: HostRange,
    engine: Box<dyn Engine>,
    tlb: Tlb,
    /// The registers; at first those of the program.
    pub regs: Registers,
    /// What storage had at the beginning of the program.
    image: Vec<u8>,
}

/// The exception of an instruction, by its name, and where it stands.
pub type Ended = Option<(String, u64)>;

impl Machine {
    /// A machine with zeroed storage.
    ///
    /// # Errors
    /// The host's, if there is no memory.
    pub fn new() -> std::io::Result<Self> {
        Self::with_engine(Box::new(Interpreter::default()))
    }

    /// The same with an engine of choice.
    ///
    /// # Errors
    /// The host's, if there is no memory.
    pub fn with_engine(engine: Box<dyn Engine>) -> std::io::Result<Self> {
        let memory = HostRange::of(&Mapping::anonymous(SIZE)?);
        let facilities = FacilityList::default().with(Facility::N3).with(Facility::Z_ARCHITECTURE);
        let around = Standalone { facilities, ..Standalone::default() };
        around.storage.set_slot(0, 0, memory.clone(), false).map_err(std::io::Error::other)?;
        Ok(Self {
            around,
            mailbox: Mailbox::new(0),
            memory,
            engine,
            tlb: Tlb::default(),
            regs: Registers::default(),
            image: vec![0; SIZE],
        })
    }

    /// Makes the machine ready for a program.
    ///
    /// # Errors
    /// The host's, if storage cannot be accessed.
    pub fn load(&mut self, program: &Program) -> Result<(), Fault> {
        for window in &WINDOWS[1..] {
            let range = bits::index(window.start)..bits::index(window.end);
            self.image[range.clone()].fill(0);
            self.memory.write(range.start, &self.image[range])?;
        }
        for (at, bytes) in program.segments() {
            self.put(at, &bytes)?;
        }
        let State { psw, gr, ar, fpr, fpc, cr, .. } = program.before;
        let vr = core::array::from_fn(|n| vector(&fpr, n));
        self.regs = Registers { psw, gr, ar, vr, fpc, cr, ..Registers::default() };
        self.engine.storage_may_have_changed();
        Ok(())
    }

    fn put(&mut self, at: u64, bytes: &[u8]) -> Result<(), Fault> {
        let at = bits::index(at);
        self.image[at..at + bytes.len()].copy_from_slice(bytes);
        self.engine.storage_may_have_changed();
        self.memory.write(at, bytes)
    }

    /// Puts an instruction of the program into storage.
    ///
    /// # Errors
    /// The host's, if storage cannot be accessed.
    pub fn put_code(&mut self, at: u64, code: Code) -> Result<(), Fault> {
        self.put(at, code.bytes())
    }

    /// Executes one instruction; the exception that it came to.
    pub fn step(&mut self) -> Ended {
        self.go(|engine, context| engine.step(context))
    }

    /// Executes until there is an exception; `None` if there is none for long.
    pub fn run(&mut self) -> Ended {
        const SLICES: u32 = 1000;
        const SLICE: u32 = 4096;
        (0..SLICES).find_map(|_| self.go(|engine, context| engine.execute(context, SLICE)))
    }

    fn go(
        &mut self,
        how: impl Fn(&mut dyn Engine, &mut Context<'_>) -> Result<(), Exception>,
    ) -> Ended {
        let view = self.around.storage.view();
        let mut context =
            Context::new(&mut self.regs, &mut self.tlb, &self.mailbox, &view, &self.around);
        loop {
            let exception = how(&mut *self.engine, &mut context).err()?;
            match exception {
                // A unit of operation is done.
                Exception::Again => context.regs.psw.addr = context.instruction_address,
                // There is no other CPU to tell.
                Exception::Recall(absolute) => view.code_recalled(absolute),
                Exception::Quiesce => return None,
                _ => {
                    if let Exception::Program { detail: Detail::Data(code), .. } = exception {
                        context.regs.note_data_exception(code);
                    }
                    return Some((name_of_exception(exception), context.instruction_address));
                }
            }
        }
    }

    /// The registers as a state.
    #[must_use]
    pub fn state(&self) -> State {
        let Registers { psw, gr, ar, fpc, .. } = self.regs;
        let fpr = core::array::from_fn(|n| self.regs.fpr(n));
        State { psw, gr, ar, fpr, fpc, ..State::default() }
    }

    /// What has become of the program.
    ///
    /// # Errors
    /// The host's, if storage cannot be accessed.
    pub fn finish(&self, (name, at): &(String, u64)) -> Result<Finish, Fault> {
        let mut state = self.state();
        state.psw.mask &= VISIBLE;
        state.psw.addr = 0;
        state.storage = self.changes()?;
        Ok(Finish { end: end_of(name), at: *at, state })
    }

    /// The bytes that are not what they were.
    fn changes(&self) -> Result<BTreeMap<u64, u8>, Fault> {
        const BLOCK: usize = 0x1000;
        let mut changes = BTreeMap::new();
        let mut buffer = [0; BLOCK];
        for window in &WINDOWS[1..] {
            for block in (window.start..window.end).step_by(BLOCK) {
                let at = bits::index(block);
                let old = &self.image[at..at + BLOCK];
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
}
