//! An engine out of compiled instructions.

use crate::compiler::{Compiler, Error, MachineCode, Place};
use crate::end;
use crate::host_calls::Host;
use crate::state::State;
use lowcore_arch::Psw;
use lowcore_cpu::{Context, Engine, Exception, Interpreter};
use lowcore_host::executable::ExecutableMemory;
use lowcore_isa::{Helper, Row, decode, instruction_length};
use std::collections::HashMap;

/// Room for code in bytes.
const ROOM: usize = 1 << 22;

/// Compiled code. It takes the state, which it does not keep, and gives how
/// the instruction ended.
type Function = unsafe extern "C" fn(state: *mut State) -> u64;

/// What code depends on: the instruction, its address and the addressing
/// mode as a mask of addresses.
type Key = (u64, u64, u64);

/// What became of an instruction.
enum Entry {
    /// Its code, and the routines that this calls.
    Code(Function, Vec<Helper>),
    /// The interpreter executes it.
    Interpreted,
}

/// How many instructions were executed in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By compiled code.
    pub compiled: u64,
    /// By the interpreter.
    pub interpreted: u64,
}

/// The engine that compiles each instruction that it meets and executes the
/// code.
///
/// The interpreter executes what is no instruction, what cannot be fetched,
/// EXECUTE, and everything while program-event recording is on.
#[derive(Debug)]
pub struct Compiled {
    compiler: Compiler,
    interpreter: Interpreter,
    memory: ExecutableMemory,
    entries: HashMap<Key, Entry>,
    counts: Counts,
}

impl core::fmt::Debug for Entry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Code(..) => "Code",
            Self::Interpreted => "Interpreted",
        })
    }
}

impl Compiled {
    /// An engine that has compiled nothing.
    ///
    /// # Errors
    /// [`Error::Host`] and [`Error::Memory`].
    pub fn new() -> Result<Self, Error> {
        Self::with_room(ROOM)
    }

    /// The same with room for so many bytes of code. When it is full,
    /// everything is compiled anew.
    ///
    /// # Errors
    /// As of [`Self::new`].
    pub fn with_room(room: usize) -> Result<Self, Error> {
        Ok(Self {
            compiler: Compiler::new()?,
            interpreter: Interpreter::default(),
            memory: ExecutableMemory::new(room)?,
            entries: HashMap::new(),
            counts: Counts::default(),
        })
    }

    /// What it has executed so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Compiles an instruction, unless it was compiled before. Gives whether
    /// it has code.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::Memory`].
    pub fn compile(&mut self, row: &Row, raw: u64, place: Place) -> Result<bool, Error> {
        let key = key(raw, place);
        if !self.entries.contains_key(&key) {
            let entry = match self.compiler.compile(row, raw, place) {
                Ok(code) => self.publish(code)?,
                Err(Error::Unsupported(_)) => Entry::Interpreted,
                Err(error) => return Err(error),
            };
            self.entries.insert(key, entry);
        }
        Ok(matches!(self.entries.get(&key), Some(Entry::Code(..))))
    }

    fn publish(&mut self, code: MachineCode) -> Result<Entry, Error> {
        let place = match self.memory.push(&code.bytes) {
            Some(place) => place,
            None => {
                self.entries.clear();
                // SAFETY: no code executes, since that borrows the engine,
                // and the entries that had its addresses are gone.
                unsafe { self.memory.clear() };
                self.memory
                    .push(&code.bytes)
                    .ok_or(std::io::ErrorKind::FileTooLarge)
                    .map_err(|kind| Error::Memory(kind.into()))?
            }
        };
        // SAFETY: there is the code of a function of this type, which the
        // compiler has written.
        let function = unsafe { core::mem::transmute::<*const u8, Function>(place) };
        Ok(Entry::Code(function, code.routines))
    }

    /// Executes the instruction at the PSW if it has code.
    fn try_code(&mut self, c: &mut Context<'_>) -> Option<Result<(), Exception>> {
        let psw = c.regs.psw;
        if psw.has(Psw::PER) {
            return None;
        }
        c.tlb.begin(c.view);
        c.tlb.choose(c.regs, false);
        c.reenter = false;
        // What cannot be fetched, the interpreter cannot fetch either, and
        // tells.
        let raw = c.fetch_at(psw.addr).ok()?;
        let row = decode(raw)?;
        let length = instruction_length(raw);
        let place = Place { address: psw.addr, length, mode: psw.addressing_mode() };
        match self.compile(row, raw, place) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(_) => return Some(Err(Exception::Unsupported("The compiler has failed."))),
        }
        let Some(Entry::Code(function, routines)) = self.entries.get(&key(raw, place)) else {
            return None;
        };
        c.instruction = raw;
        c.instruction_address = psw.addr;
        c.ilc = length;
        c.regs.psw.addr = psw.wrap(psw.addr.wrapping_add(length.into()));
        Some(execute(*function, routines, c))
    }
}

fn key(raw: u64, place: Place) -> Key {
    (raw, place.address, place.mode.mask())
}

/// Executes code of the instruction that is in the context.
fn execute(function: Function, routines: &[Helper], c: &mut Context<'_>) -> Result<(), Exception> {
    let mut state = State::of(c.regs);
    let mut host = Host { context: c, routines, exception: None };
    state.host = (&raw mut host).cast();
    // SAFETY: the function is in the memory of the engine, which is borrowed.
    // It reaches the state and through it the host, both of which live here
    // and are not touched until it returns; it keeps neither.
    let end = unsafe { function(&mut state) };
    state.give(host.context.regs);
    let exception = host.exception.take();
    end::result(end, || {
        exception.unwrap_or(Exception::Unsupported("The compiler lost an exception."))
    })
}

impl Engine for Compiled {
    fn execute(&mut self, c: &mut Context<'_>, budget: u32) -> Result<(), Exception> {
        for _ in 0..budget.max(1) {
            self.step(c)?;
            if c.must_pause() {
                break;
            }
        }
        Ok(())
    }

    fn step(&mut self, c: &mut Context<'_>) -> Result<(), Exception> {
        if let Some(result) = self.try_code(c) {
            self.counts.compiled += 1;
            return result;
        }
        self.counts.interpreted += 1;
        self.interpreter.step(c)
    }

    /// Instructions are fetched each time, so only the interpreter's are
    /// cached.
    fn storage_may_have_changed(&mut self) {
        self.interpreter.storage_may_have_changed();
    }
}
