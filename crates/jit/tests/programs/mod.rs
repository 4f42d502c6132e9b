//! Programs and the machine that they run on, for several tests.

#![allow(dead_code, reason = "each test needs a part of it")]

use lowcore_arch::Psw;
use lowcore_cpu::{Context, Engine, Exception, Interpreter, Mailbox, Registers, Standalone, Tlb};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_isa::assemble;
use lowcore_jit::{Compiled, Extras, Options};

pub const START: u64 = 0x1_0000;
pub const MODE_64: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;

/// The addresses of a program's instructions, and of the one behind.
pub fn places(program: &[&str], start: u64) -> Vec<u64> {
    let mut places = vec![start];
    for text in program {
        let text = text.split('@').next().unwrap();
        let anywhere = format!("{text}{}", if text.ends_with(',') { "0x10000" } else { "" });
        let length = assemble(&anywhere, START).unwrap().bytes().len() as u64;
        places.push(places.last().unwrap() + length);
    }
    places
}

/// A machine with a program at [`START`].
pub fn machine(program: &[&str]) -> Standalone {
    machine_at(program, START)
}

/// A machine with a program, which ends in `svc 0`. `@n` stands for the
/// address of the instruction at index `n`.
pub fn machine_at(program: &[&str], start: u64) -> Standalone {
    let around = Standalone::default();
    let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
    around.storage.set_slot(0, 0, memory, false).unwrap();
    let program: Vec<&str> = program.iter().copied().chain(["svc 0"]).collect();
    let places = places(&program, start);
    for (text, at) in program.iter().zip(&places) {
        let text = match text.split_once('@') {
            Some((text, n)) => format!("{text}{:#x}", places[n.parse::<usize>().unwrap()]),
            None => (*text).to_string(),
        };
        around.storage.view().write(*at, assemble(&text, *at).unwrap().bytes()).unwrap();
    }
    around
}

/// Executes until something happens.
pub fn run(engine: &mut dyn Engine, around: &Standalone, regs: &mut Registers) -> Exception {
    let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
    let mut context = Context::new(regs, &mut tlb, &mailbox, &view, around);
    loop {
        match engine.execute(&mut context, 100_000) {
            Err(Exception::Recall(absolute)) => view.code_recalled(absolute),
            Err(exception) => return exception,
            Ok(()) => {}
        }
        context.reevaluate = false;
    }
}

/// An engine that counts.
pub fn counting(options: Options) -> Compiled {
    let extras = Extras { counts: true, ..options.extras };
    Compiled::new(Options { extras, ..options }).unwrap()
}

pub fn start() -> Registers {
    Registers { psw: Psw::new(MODE_64, START), ..Registers::default() }
}

/// Counts the odd primes below 1000 in register 2, with a zeroed table that
/// register 3 designates: for each number from register 1 on that is not
/// marked, its odd and even multiples are, from its square on.
pub const SIEVE: [&str; 17] = [
    "lghi %r1,3",
    "sgr %r4,%r4", // 1: each number
    "ic %r4,0(%r1,%r3)",
    "ltgr %r4,%r4",
    "brc 6,@14",
    "aghi %r2,1",
    "lgr %r5,%r1",
    "msgr %r5,%r1",
    "lghi %r6,255",
    "cghi %r5,1000", // 9: each multiple
    "brc 10,@14",
    "stc %r6,0(%r5,%r3)",
    "agr %r5,%r1",
    "brc 15,@9",
    "aghi %r1,2", // 14: onward
    "cghi %r1,1000",
    "brc 4,@1",
];

/// Programs that between them have what regions are made of: loops in loops,
/// branches over a few instructions, calls, the condition code across
/// branches, both halves of registers, storage, several registers at once,
/// routines, interlocked updates, and instructions that are the
/// interpreter's.
pub const PROGRAMS: [&[&str]; 5] = [
    &SIEVE,
    &[
        "lghi %r1,40",
        "lghi %r7,0",
        "ahi %r7,3", // 2: each round
        "st %r7,0(%r3)",
        "brasl %r14,@13",
        "tmll %r7,1",
        "brc 8,@8",
        "aghi %r8,1",
        "clgr %r8,%r7", // 8
        "brc 4,@11",
        "aghi %r9,5",
        "brctg %r1,@2", // 11
        "brc 15,@20",
        "stmg %r6,%r8,8(%r3)", // 13: the leaf
        "lmg %r10,%r12,8(%r3)",
        "slr %r10,%r12",
        "alcr %r10,%r11",
        "ex %r0,0(%r13)",
        "laag %r5,%r7,32(%r3)",
        "bcr 15,%r14",
        "llgfr %r2,%r10", // 20
    ],
    &[
        "lghi %r1,25",
        "lg %r4,0(%r3)", // 1
        "mvc 64(24,%r3),0(%r3)",
        "xc 0(8,%r3),72(%r3)",
        "clc 0(8,%r3),64(%r3)",
        "brc 2,@7",
        "lcr %r6,%r6",
        "icm %r6,5,3(%r3)", // 7
        "ipm %r2",
        "srlg %r5,%r4,7",
        "xgr %r4,%r5",
        "ar %r6,%r5",
        "brc 1,@14",
        "stg %r4,0(%r3)",
        "sthy %r6,5(%r3)", // 14
        "locgr %r9,%r5,4",
        "cs %r6,%r4,4(%r3)",
        "brctg %r1,@1",
    ],
    // A chain of branches on one condition code, with both ways to each.
    &[
        "lghi %r1,30",
        "lr %r4,%r1", // 1
        "nill %r4,3",
        "cghi %r4,2",
        "brc 4,@8",
        "brc 2,@10",
        "ahi %r5,1",
        "brc 15,@11",
        "ahi %r5,16", // 8
        "brc 15,@11",
        "ahi %r5,256", // 10
        "brc 12,@13",  // 11
        "alr %r6,%r5",
        "slbgr %r7,%r5", // 13
        "brct %r1,@1",
    ],
    // Calls of a short function, with a branch to the next instruction.
    &[
        "lghi %r1,35",
        "ahi %r5,3", // 1
        "bras %r14,@11",
        "brc 2,@4",
        "alcr %r6,%r5", // 4
        "tmll %r5,4",
        "brc 7,@8",
        "brasl %r9,@15",
        "srlg %r4,%r4,1", // 8
        "brctg %r1,@1",
        "brc 15,@17",
        "stg %r4,0(%r3)", // 11: the first
        "lt %r7,4(%r3)",
        "st %r7,9(%r3)",
        "bcr 15,%r14",
        "ar %r8,%r5", // 15: the second
        "bcr 15,%r9",
        "lr %r2,%r8", // 17
    ],
];

/// Where [`PROGRAMS`] have their data: a slot of its own.
pub const DATA: u64 = 1 << 20;
/// The slot.
pub const DATA_SLOT: u16 = 1;

/// A machine that is ready to execute one of [`PROGRAMS`].
pub struct Ready {
    pub around: Standalone,
    pub regs: Registers,
    data: HostRange,
}

impl Ready {
    /// A machine with a program, its registers at the beginning, and the
    /// target of its EXECUTEs.
    pub fn new(program: &[&str], start: u64) -> Self {
        let around = machine_at(program, start);
        let data = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
        around.storage.set_slot(DATA_SLOT, DATA, data.clone(), false).unwrap();
        let target = assemble("ar %r9,%r7", 0).unwrap();
        around.storage.view().write(0x3_0000, target.bytes()).unwrap();
        let mut regs = self::start();
        regs.psw.addr = start;
        (regs.gr[3], regs.gr[13]) = (DATA, 0x3_0000);
        (regs.gr[4], regs.gr[6]) = (0x0123_4567_89ab_cdef, 0xffff_ffff_7fff_fff0);
        Self { around, regs, data }
    }

    /// Its data.
    pub fn data(&self) -> [u8; 0x600] {
        let mut bytes = [0; 0x600];
        self.data.read(0, &mut bytes).unwrap();
        bytes
    }

    /// What can be seen of it.
    pub fn visible(&self) -> String {
        let bytes = self.data();
        let Registers { psw, gr, breaking_event, .. } = &self.regs;
        format!("{psw:x?} {gr:x?} {breaking_event:x} {bytes:x?}")
    }

    /// Lets an engine execute, up to an exception or a pause.
    pub fn execute(&mut self, engine: &mut dyn Engine) -> Result<(), Exception> {
        let (mailbox, view, mut tlb) =
            (Mailbox::new(0), self.around.storage.view(), Tlb::default());
        let mut context = Context::new(&mut self.regs, &mut tlb, &mailbox, &view, &self.around);
        loop {
            match engine.execute(&mut context, 100_000) {
                Err(Exception::Recall(absolute)) => view.code_recalled(absolute),
                end => return end,
            }
        }
    }

    /// Lets the interpreter execute one instruction.
    pub fn step(&mut self) -> Result<(), Exception> {
        let (mailbox, view, mut tlb) =
            (Mailbox::new(0), self.around.storage.view(), Tlb::default());
        let mut context = Context::new(&mut self.regs, &mut tlb, &mailbox, &view, &self.around);
        Interpreter::default().step(&mut context)
    }

    /// Lets the interpreter execute until an exception. Gives how many
    /// instructions that were, with the one that ended so.
    pub fn step_to_the_end(&mut self) -> (Result<(), Exception>, u64) {
        let mut steps = 1;
        loop {
            match self.step() {
                Ok(()) => steps += 1,
                end => return (end, steps),
            }
        }
    }
}

/// What can be seen after each number of instructions on the interpreter.
pub fn interpreted(program: &[&str], start: u64) -> Vec<String> {
    let mut ready = Ready::new(program, start);
    let mut seen = vec![ready.visible()];
    while seen.len() < 400 && ready.step().is_ok() {
        seen.push(ready.visible());
    }
    seen
}
