//! Makes programs, by executing them.
//!
//! Where the program comes to a place without an instruction, one is chosen
//! that suits the registers of the moment. What turns out to be of no use (it
//! accesses storage that is not compared, branches to where no code may be,
//! goes round for ever, or does what QEMU is known to do wrong) becomes a
//! no-operation, and the program is executed anew from its beginning.

use super::rows::{APART, Entry, Implied, Role, Roles, entries, is_based, is_indexed};
use super::{CODE, Machine, OPERANDS, Program, SLOTS};
use crate::ins::random::{Random, Use};
use crate::ins::{Case, Outcome, State};
use crate::oracle::deviation_within;
use lowcore_arch::{Psw, bits};
use lowcore_host::Fault;
use lowcore_isa::format::{Operand, Parts};
use lowcore_isa::{Code, Row, decode, effects, instruction_length};
use std::collections::{BTreeMap, VecDeque};

/// Instructions that a program executes at most.
const STEPS: u32 = 600;
/// How often a program is begun anew before it is given up.
const RESTARTS: u32 = 80;

/// What happened to a row in a program: by its number, the condition code
/// after it or the name of its exception.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Completed instructions.
    pub completed: Vec<(u16, u8)>,
    /// The exception that ended the program, if the program's own instruction
    /// caused it.
    pub exception: Option<(u16, String)>,
    /// Where the program ended.
    pub at: u64,
}

/// A loop that is being made.
#[derive(Clone, Copy)]
struct Loop {
    counter: u64,
    start: u64,
    /// Instructions until it ends.
    left: u64,
}

/// Makes a program from a seed. The interpreter has executed it, by single
/// steps.
///
/// # Errors
/// The host's, if storage cannot be accessed.
pub fn generate(seed: u64, machine: &mut Machine) -> Result<(Program, Trace), Fault> {
    let mut random = Random::new(seed);
    // Neighbours shall not resemble each other.
    for _ in 0..2 {
        random = Random::new(random.bits());
    }
    loop {
        let limit = 3 + random.below(45);
        let program = beginning(seed, &mut random);
        let mut maker = Maker {
            machine,
            random: &mut random,
            program,
            made: 0,
            limit,
            planned: VecDeque::new(),
            open: None,
        };
        for _ in 0..RESTARTS {
            match maker.pass(true)? {
                Pass::Done(trace) => return Ok((maker.program, trace)),
                Pass::Useless(at) => maker.drop(at),
            }
        }
    }
}

/// Executes a program by single steps. `None` if something in it is not what
/// a program may have.
///
/// # Errors
/// The host's, if storage cannot be accessed.
pub fn replay(program: &Program, machine: &mut Machine) -> Result<Option<Trace>, Fault> {
    let mut maker = Maker {
        machine,
        random: &mut Random::new(0),
        program: program.clone(),
        made: 0,
        limit: 0,
        planned: VecDeque::new(),
        open: None,
    };
    match maker.pass(false)? {
        Pass::Done(trace) => Ok(Some(trace)),
        Pass::Useless(_) => Ok(None),
    }
}

fn beginning(seed: u64, random: &mut Random) -> Program {
    let mut before = State::default();
    let mode = match random.below(6) {
        0 => Psw::BASIC_ADDRESSING,
        1 if random.one_in(3) => 0,
        _ => Psw::BASIC_ADDRESSING | Psw::EXTENDED_ADDRESSING,
    };
    let controls = random.bits() & (Psw::CONDITION_CODE | Psw::PROGRAM_MASK & !Psw::FIXED_OVERFLOW);
    before.psw =
        Psw::new(Psw::PROBLEM | mode | controls, CODE.start + 0x200 + 2 * random.below(0x100));
    before.gr = core::array::from_fn(|_| match random.below(4) {
        0 => operand_address(random),
        _ => random.number(),
    });
    before.ar = core::array::from_fn(|_| bits::low32(random.number()));
    before.fpr = core::array::from_fn(|_| random.float());
    before.fpc = random.fpc();
    let block = |start: u64, words: u64, random: &mut Random| {
        (
            start,
            (0..words)
                .flat_map(|n| {
                    if n % 2 == 0 { random.number() } else { random.float() }.to_be_bytes()
                })
                .collect(),
        )
    };
    let data = vec![
        block(0x20_0fc0, 16, random),
        block(0x20_1200, 8, random),
        block(0x2f_ffc0, 8, random),
    ];
    Program { seed, before, data, code: BTreeMap::new() }
}

/// A place for an operand: mostly aligned and where something is, sometimes
/// across the end of a page or of storage.
fn operand_address(random: &mut Random) -> u64 {
    match random.below(24) {
        0 => 0x2f_fff0 + random.below(0x20),
        1 => 0x2f_ff00 + 8 * random.below(0x20),
        2..=5 => 0x20_0ff8 + random.below(16),
        6..=9 => 0x20_1000 + random.below(0x240),
        _ => 0x20_0fc0 + 8 * random.below(0x50),
    }
}

/// Whether an operand may be there.
fn is_operand(address: u64) -> bool {
    OPERANDS.iter().any(|range| range.contains(&address))
}

/// What a pass over the program came to.
enum Pass {
    Done(Trace),
    /// The instruction there is to be dropped.
    Useless(u64),
}

struct Maker<'a> {
    machine: &'a mut Machine,
    random: &'a mut Random,
    program: Program,
    made: u64,
    limit: u64,
    /// Instructions that must come next.
    planned: VecDeque<u64>,
    open: Option<Loop>,
}

/// An instruction of this length that does nothing.
pub(super) const fn nothing(length: u8) -> Code {
    Code::from_raw(match length {
        2 => 0x0700 << 48,
        4 => 0xa704_0000 << 32,
        _ => 0xc004 << 48,
    })
}

impl Maker<'_> {
    /// Replaces an instruction by none.
    fn drop(&mut self, at: u64) {
        if let Some(code) = self.program.code.get_mut(&at) {
            *code = nothing(instruction_length(code.raw()));
        }
    }

    /// Executes the program from its beginning; `makes` it where it is not
    /// yet.
    fn pass(&mut self, makes: bool) -> Result<Pass, Fault> {
        self.machine.load(&self.program)?;
        self.planned.clear();
        self.open = None;
        let mut trace = Trace::default();
        // The branch to blame if there is no end.
        let mut back = self.program.before.psw.addr;
        for _ in 0..STEPS {
            let at = self.machine.regs.psw.addr;
            if makes && !self.program.code.contains_key(&at) && self.made < self.limit {
                let room = self.room(at);
                if let Some(raw) = self.choose(at, room) {
                    let code = Code::from_raw(raw);
                    self.made += 1;
                    self.program.code.insert(at, code);
                    self.machine.put_code(at, code)?;
                    if let Some(raw) = after(raw) {
                        let (at, code) = (at + code.bytes().len() as u64, Code::from_raw(raw));
                        self.program.code.insert(at, code);
                        self.machine.put_code(at, code)?;
                    }
                }
            }
            let Some(code) = self.program.code.get(&at).copied() else {
                // Zeros.
                let ended = self.machine.step();
                debug_assert!(ended.is_some_and(|(name, _)| name == "operation"));
                trace.at = at;
                return Ok(Pass::Done(trace));
            };
            let Some(row) = decode(code.raw()) else { return Ok(Pass::Useless(at)) };
            let entry = &entries()[usize::from(row.number)];
            let before = self.machine.state();
            if !self.is_acceptable(entry, code.raw(), at, &before) {
                return Ok(Pass::Useless(at));
            }
            let ended = self.machine.step();
            let regs = &self.machine.regs;
            let next = regs.psw.addr;
            if self.deviates(entry, code, before, ended.as_ref().map(|ended| &*ended.0)) {
                return Ok(Pass::Useless(at));
            }
            if let Some((name, _)) = ended {
                if !name.is_ascii() || name.contains([' ', ':']) {
                    return Ok(Pass::Useless(at));
                }
                trace.exception = Some((row.number, name));
                trace.at = at;
                return Ok(Pass::Done(trace));
            }
            if !CODE.contains(&next) || next & 1 != 0 || self.is_inside(next) {
                return Ok(Pass::Useless(at));
            }
            if next <= at {
                back = at;
            }
            trace.completed.push((row.number, regs.psw.condition_code()));
        }
        Ok(Pass::Useless(back))
    }

    /// Whether an address is within an instruction.
    fn is_inside(&self, address: u64) -> bool {
        let before = self.program.code.range(..address).next_back();
        before.is_some_and(|(at, code)| address < at + code.bytes().len() as u64)
    }

    /// Bytes up to the next instruction.
    fn room(&self, at: u64) -> u64 {
        let next = self.program.code.range(at..).next().map_or(CODE.end, |(next, _)| *next);
        next.min(CODE.end).saturating_sub(at)
    }

    /// Whether QEMU is known to do something else.
    fn deviates(&self, entry: &Entry, code: Code, mut before: State, end: Option<&str>) -> bool {
        if entry.purpose == Use::Executed
            && let Some(at) = place(entry.row, code.raw(), &before)
            && let Some(target) = self.program.code.get(&at)
        {
            before.storage = (at..).zip(target.bytes().iter().copied()).collect();
        }
        let state = self.machine.state();
        let case = Case { code, before, outcome: Outcome { end: end.map(String::from), state } };
        deviation_within(&case, &case.outcome).is_some()
    }

    /// Whether an instruction accesses nothing but what is compared.
    fn is_acceptable(&self, entry: &Entry, raw: u64, from: u64, before: &State) -> bool {
        let next = self.program.code.get(&(before.psw.addr + u64::from(entry.row.length())));
        let follows = after(raw);
        if entry.without.is_some() || follows.is_some() && next.map(|code| code.raw()) != follows {
            return false;
        }
        if let Some(roles) = entry.roles {
            return has_roles(entry.row, roles, raw, before);
        }
        let mut places = places(entry.row, raw, from, before);
        match entry.purpose {
            Use::Data => {
                let apart = APART.contains(&entry.row.mnemonic);
                let mut last = None;
                places.all(|at| {
                    let before = last.replace(at);
                    is_operand(at)
                        && (!apart || before.is_none_or(|before| at.abs_diff(before) > 0x200))
                })
            }
            Use::Executed => places.all(|at| {
                let Some(target) = self.program.code.get(&at).filter(|_| SLOTS.contains(&at))
                else {
                    return false;
                };
                let modifier = match raw >> 52 & 15 {
                    0 => 0,
                    r => before.gr[bits::index(r)] & 0xff,
                };
                let raw = target.raw() | modifier << 48;
                decode(raw).is_some_and(|row| {
                    let inner = &entries()[usize::from(row.number)];
                    inner.purpose != Use::Executed && self.is_acceptable(inner, raw, at, before)
                })
            }),
            Use::Target | Use::Number => true,
        }
    }

    /// An instruction for a place with so much room.
    fn choose(&mut self, at: u64, room: u64) -> Option<u64> {
        if let Some(raw) = self.planned.pop_front() {
            let more = after(raw).map_or(0, instruction_length);
            return (u64::from(instruction_length(raw) + more) <= room).then_some(raw);
        }
        match &mut self.open {
            Some(Loop { left: 0, counter, start }) => {
                // brct or brctg
                let code = 0xa706_0000 | self.random.below(2) << 16 | *counter << 20;
                let distance = (start.wrapping_sub(at) >> 1) & 0xffff;
                self.open = None;
                return (room >= 4).then_some((code | distance) << 32);
            }
            Some(open) => open.left -= 1,
            None if room >= 40 && self.random.one_in(12) => {
                let counter = self.random.below(16);
                self.open = Some(Loop { counter, start: at + 4, left: 1 + self.random.below(8) });
                // lghi
                return Some((0xa709_0000 | counter << 20 | (1 + self.random.below(6))) << 32);
            }
            None => {}
        }
        const ATTEMPTS: usize = 60;
        for _ in 0..ATTEMPTS {
            let all = entries();
            let entry = &all[bits::index(self.random.below(all.len() as u64))];
            if entry.without.is_some() || u64::from(entry.row.length()) > room {
                continue;
            }
            let Some(raw) = self.fill(entry, at) else { continue };
            let more = after(raw).map_or(0, instruction_length);
            if u64::from(instruction_length(raw) + more) > room {
                continue;
            }
            if let Some(open) = self.open
                && writes(raw, open.counter)
            {
                self.planned.clear();
                continue;
            }
            return Some(raw);
        }
        None
    }

    /// Fills the fields of an instruction; or gives one that prepares a
    /// register for it.
    fn fill(&mut self, entry: &Entry, at: u64) -> Option<u64> {
        let row = entry.row;
        if let Some(roles) = entry.roles {
            return Some(self.prepare(row, roles));
        }
        let mut raw = row.template();
        for operand in row.format.operands() {
            let parts = match operand {
                Operand::Relative(_, width) => {
                    let to = match entry.purpose {
                        Use::Data if *width == 32 => operand_address(self.random) & !7,
                        Use::Data => return None,
                        Use::Executed => self.slot()?,
                        _ => self.target(at),
                    };
                    Parts { value: to.wrapping_sub(at).cast_signed(), ..Parts::default() }
                }
                operand if is_based(*operand) => match self.place(*operand, entry, at)? {
                    Ok(parts) => parts,
                    Err(preparation) => return Some(preparation),
                },
                Operand::Mask(_) if row.rules.needs_afp != 0 => self.random.modifier(),
                Operand::Signed(..) | Operand::Unsigned(..) => {
                    Parts { value: self.immediate().cast_signed(), ..Parts::default() }
                }
                other => other.parts(self.random.bits()),
            };
            raw = operand.place(raw, parts);
        }
        if !self.random.one_in(24) {
            raw &= !(row.rules.even | row.rules.unpaired);
        }
        // Branches to the address in a register: the last one.
        if entry.purpose == Use::Target
            && let Some(Operand::Gr(_)) = row.format.operands().last()
        {
            let operand = *row.format.operands().last()?;
            let target = self.target(at + 8);
            let register = 1 + self.random.below(15);
            let parts = Parts { value: register.cast_signed(), ..Parts::default() };
            self.planned.push_back(operand.place(raw, parts));
            return Some(self.set(register, target));
        }
        Some(raw)
    }

    /// Plans an instruction whose registers address storage; what comes first
    /// is returned.
    fn prepare(&mut self, row: &Row, roles: Roles) -> u64 {
        let mut raw = row.template();
        for operand in row.format.operands() {
            // A base might be changed before the instruction is repeated.
            let parts = Parts { base: 0, index: 0, ..operand.parts(self.random.bits()) };
            raw = operand.place(raw, parts);
        }
        // Two pairs that overlap neither each other nor registers 0 and 1.
        let first = 2 + 2 * self.random.below(6);
        let second = if first == 12 { 2 } else { first + 2 };
        let mut numbers = [first, second].into_iter();
        let mut code = Vec::new();
        match roles.implied {
            Implied::None => {}
            Implied::End => code.push(set(0, 0)),
            Implied::Character(mask) => code.push(set(0, self.random.number() & mask)),
        }
        let mut place =
            [0x20_1800 + self.random.below(0x200), 0x20_0fc0 + self.random.below(0x280)];
        if !roles.stores && self.random.one_in(2) {
            place[0] = place[1].wrapping_add(self.random.below(2) * 8);
        }
        if roles.operands == [Role::Address; 2] {
            place[1] = 0x20_1000 + self.random.below(0x200);
        }
        let mut places = place.into_iter();
        let mut kinds = roles.operands.into_iter();
        for operand in row.format.operands() {
            let Operand::Gr(_) = operand else { continue };
            let (Some(register), Some(role)) = (numbers.next(), kinds.next()) else { continue };
            let address = places.next().unwrap_or_default();
            let parts = Parts { value: register.cast_signed(), ..Parts::default() };
            raw = operand.place(raw, parts);
            if role == Role::Any {
                continue;
            }
            code.push(set(register, address));
            let length = match self.random.below(4) {
                0 => self.random.below(5),
                1 => self.random.below(0x100),
                _ => 2 * self.random.below(0x20),
            };
            match role {
                Role::ShortPair => {
                    code.push(set(register + 1, length | self.random.below(256) << 24));
                }
                Role::Pair => code.push(set(register + 1, length)),
                _ => {}
            }
        }
        code.push(raw);
        self.planned.extend(code.drain(1..));
        code[0]
    }

    /// A number that is likely to matter: also one that a register holds, or
    /// its complement.
    fn immediate(&mut self) -> u64 {
        let register = self.machine.regs.gr[bits::index(self.random.below(16))];
        match self.random.below(6) {
            0 | 1 => self.random.bits(),
            2 => register,
            3 => register.wrapping_neg(),
            _ => self.random.number(),
        }
    }

    /// Where a branch may lead: a bit on, sometimes back.
    fn target(&mut self, at: u64) -> u64 {
        if self.random.one_in(8) {
            let range = self.program.code.range(at.saturating_sub(64)..at);
            let known: Vec<_> = range.map(|(at, _)| *at).collect();
            if !known.is_empty() {
                return known[bits::index(self.random.below(known.len() as u64))];
            }
        }
        (at + 6 + 2 * self.random.below(12)).min(CODE.end - 2)
    }

    /// Makes a target for EXECUTE.
    fn slot(&mut self) -> Option<u64> {
        let slot = SLOTS.start + 8 * self.random.below((SLOTS.end - SLOTS.start) / 8 - 1);
        if self.program.code.contains_key(&slot) {
            return Some(slot);
        }
        let all = entries();
        let inner = &all[bits::index(self.random.below(all.len() as u64))];
        if inner.without.is_some() || matches!(inner.purpose, Use::Executed | Use::Target) {
            return None;
        }
        let planned = self.planned.len();
        let raw = self.fill(inner, slot)?;
        self.planned.truncate(planned);
        let code = Code::from_raw(raw);
        self.program.code.insert(slot, code);
        // A host that cannot store here cannot store the program either.
        self.machine.put_code(slot, code).ok()?;
        Some(slot)
    }

    /// Base, index and displacement for an operand; or an instruction that
    /// makes them possible.
    fn place(&mut self, operand: Operand, entry: &Entry, at: u64) -> Option<Result<Parts, u64>> {
        let mut parts = operand.parts(self.random.bits());
        if is_indexed(operand) && self.random.one_in(2) {
            parts.index = 0;
        }
        let wanted = match entry.purpose {
            Use::Number => return Some(Ok(parts)),
            Use::Data => operand_address(self.random),
            Use::Executed => self.slot()?,
            Use::Target => self.target(at),
        };
        const TRIES: usize = 20;
        let regs = &self.machine.regs;
        let register = |n: u64| if n == 0 { 0 } else { regs.gr[bits::index(n)] };
        for _ in 0..TRIES {
            parts.base = self.random.below(16);
            if is_indexed(operand) {
                parts.index = if self.random.one_in(2) { self.random.below(16) } else { 0 };
            }
            let index = if is_indexed(operand) { register(parts.index) } else { 0 };
            let sum = regs.psw.wrap(register(parts.base).wrapping_add(index));
            // What is around the wanted place will do as well.
            let near = wanted & !0xfff | self.random.below(0x240);
            for wanted in [wanted, near] {
                parts.value = wanted.wrapping_sub(sum).cast_signed();
                let fine = entry.purpose == Use::Data || wanted == near;
                if operand.fits(parts) && (fine || wanted != near) && is_good(entry, wanted) {
                    return Some(Ok(parts));
                }
                if entry.purpose != Use::Data {
                    break;
                }
            }
        }
        let register = 1 + self.random.below(15);
        if entry.purpose != Use::Data {
            // The register will do for this very operand only.
            let row = entry.row;
            let parts = Parts { value: 0, index: 0, base: register };
            let length = row.format.operands().len();
            if length > 2 {
                return None;
            }
            let mut raw = row.template() | self.random.bits() & 0xf << 52;
            raw = operand.place(raw, parts) & !(row.rules.even | row.rules.unpaired);
            self.planned.push_back(raw);
            return Some(Err(self.set(register, wanted)));
        }
        let base = wanted.saturating_sub(self.random.below(0x100));
        Some(Err(self.set(register, base)))
    }

    /// The instruction that sets a register to an address below 4 GiB: in the
    /// modes that ignore them, sometimes without changing bits 0 to 31.
    fn set(&mut self, register: u64, value: u64) -> u64 {
        let keeps = !self.machine.regs.psw.has(Psw::EXTENDED_ADDRESSING) && self.random.one_in(2);
        let (llilf, iilf) = (0xc00f, 0xc009);
        let code = if keeps { iilf } else { llilf };
        (code | register << 4) << 48 | (value & 0xffff_ffff) << 16
    }
}

/// Whether an instruction may change a register.
fn writes(raw: u64, register: u64) -> bool {
    // With an odd register where it must be even, it changes nothing.
    decode(raw)
        .filter(|row| !row.rules.is_unpaired(raw))
        .is_some_and(|row| effects::of(row, raw).writes >> register & 1 != 0)
}

/// What must follow an instruction. If its registers address storage: a branch
/// back to it with condition code 3, which means that a "CPU-determined number
/// of bytes" is done. A TRANSLATE, after which QEMU has lost the condition
/// code: a comparison.
fn after(raw: u64) -> Option<u64> {
    let row = decode(raw)?;
    if row.mnemonic == "tr" {
        return Some(0x1900 << 48);
    }
    entries()[usize::from(row.number)].roles?;
    let back = (0x1_0000 - u64::from(row.length()) / 2) & 0xffff;
    Some((0xa714_0000 | back) << 32)
}

/// The instruction that sets a register to a number below 4 GiB: llilf.
const fn set(register: u64, value: u64) -> u64 {
    (0xc00f | register << 4) << 48 | (value & 0xffff_ffff) << 16
}

/// Whether the registers of an instruction address what is compared, and no
/// more than that.
fn has_roles(row: &Row, roles: Roles, raw: u64, before: &State) -> bool {
    const LONGEST: u64 = 0x100;
    // Beyond the end of storage, it depends on the machine how far an
    // instruction has come.
    let inside = |address: u64| (0x20_0400..0x20_2000).contains(&address);
    let implied = match roles.implied {
        Implied::None => true,
        Implied::End => before.gr[0] == 0,
        Implied::Character(mask) => before.gr[0] & !mask == 0,
    };
    if !implied || raw & row.rules.even != 0 {
        return implied;
    }
    let grs = row.format.operands().iter().filter(|operand| matches!(operand, Operand::Gr(_)));
    let mut ranges = Vec::new();
    for (operand, role) in grs.zip(roles.operands) {
        let register = bits::index(operand.parts(raw).value.cast_unsigned());
        let address = before.psw.wrap(before.gr[register]);
        let length = match role {
            Role::Any => continue,
            Role::Address => LONGEST,
            Role::ShortPair => before.gr[register + 1] & 0xff_ffff,
            Role::Pair if before.psw.has(Psw::EXTENDED_ADDRESSING) => before.gr[register + 1],
            Role::Pair => before.gr[register + 1] & 0xffff_ffff,
        };
        // QEMU goes round all of storage with an odd number of bytes.
        let odd = length & 1 != 0 && row.mnemonic.ends_with("clu");
        // An address that condition code 3 has moved on tells how far each
        // step goes: none ends within a page.
        let stays = roles.operands != [Role::Address; 2] || address & 0xfff < 0xc00;
        if !inside(address) || length > LONGEST || odd || !stays {
            return false;
        }
        ranges.push((address, length, register));
    }
    let [(a, n, first), (b, m, second)] = ranges[..] else { return true };
    // What a move does to its own operands is the machine's choice.
    let apart = a + n.max(LONGEST) <= b || b + m.max(LONGEST) <= a;
    // An ending address before the beginning would go round all of storage.
    let ordered = row.mnemonic.starts_with("srst").then_some(b <= a && a - b < LONGEST * 16);
    first != second && ordered.unwrap_or(!roles.stores || apart)
}

fn is_good(entry: &Entry, address: u64) -> bool {
    entry.purpose != Use::Data || is_operand(address)
}

/// The addresses of an instruction's storage operands; relative ones count
/// from `from`.
fn places<'a>(
    row: &'a Row,
    raw: u64,
    from: u64,
    before: &'a State,
) -> impl Iterator<Item = u64> + 'a {
    row.format.operands().iter().filter_map(move |operand| {
        let Parts { value, index, base } = operand.parts(raw);
        let register = |n| if n == 0 { 0 } else { before.gr[bits::index(n)] };
        match operand {
            Operand::Relative(..) => Some(from.wrapping_add_signed(value)),
            operand if is_based(*operand) => {
                let index = if is_indexed(*operand) { register(index) } else { 0 };
                Some(before.psw.wrap(register(base).wrapping_add(index).wrapping_add_signed(value)))
            }
            _ => None,
        }
    })
}

/// The address of the first storage operand.
fn place(row: &Row, raw: u64, before: &State) -> Option<u64> {
    places(row, raw, before.psw.addr, before).next()
}
