//! Which instructions are compiled together: those that direct branches and
//! the sequence of addresses lead to within a page and the one behind it.
//!
//! Places count from the beginning of the page in which the region is
//! entered. Those of functions that it calls may lie anywhere: before the page
//! they are numbers below zero, modulo 2^64.

use crate::leaf::{self, Leaf};
use crate::mode::Mode;
use lowcore_arch::ProgramCode;
use lowcore_isa::effects::{self, Effects};
use lowcore_isa::{Helper, Row, decode, instruction_length};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Bytes of a page.
pub const PAGE: u64 = 0x1000;

/// Where regions end: behind the page after the one in which they begin.
const SPAN: u64 = 2 * PAGE;

/// Instructions that a branch skips at most for both ways to be computed.
const SKIPPED: usize = 3;

/// Regions of so many instructions may have loops in them.
const SHORT: usize = 40;

/// An instruction of a region.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its place.
    pub offset: u64,
    /// The instruction, left-aligned.
    pub raw: u64,
    /// Its row.
    pub row: &'static Row,
    /// What it touches.
    pub effects: Effects,
    /// Where it leads.
    pub flow: Flow,
}

/// Where execution goes on after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// At the next one.
    Next,
    /// At a place, always.
    Always(i64),
    /// There or at the next one.
    Maybe(i64),
    /// At a computed address or at the next one.
    Computed,
    /// At a computed address, or the region ends for another reason.
    Ends,
    /// At the next one, after the function that it calls.
    Leaf,
}

impl Instruction {
    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.row.length().into()
    }

    /// The place of the next one.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.offset.wrapping_add(self.length())
    }

    /// Where it branches directly, if a region may reach there.
    fn target(&self) -> Option<u64> {
        match self.flow {
            Flow::Always(target) | Flow::Maybe(target) => within(target),
            Flow::Next | Flow::Computed | Flow::Ends | Flow::Leaf => None,
        }
    }

    /// Whether it branches back to where a region begins.
    fn closes_loop(&self, start: u64) -> bool {
        self.offset >= start && self.target() == Some(start)
    }

    pub(crate) fn new(offset: u64, raw: u64, row: &'static Row) -> Self {
        if row.rules.is_unpaired(raw) {
            // An exception: the body does not run.
            let effects = Effects { may_end: true, ..Effects::default() };
            return Self { offset, raw, row, effects, flow: Flow::Ends };
        }
        let effects = effects::of(row, raw);
        let flow = flow(&effects, row, raw, offset);
        Self { offset, raw, row, effects, flow }
    }

    /// Whether it may end in an exception after it has stored, so that it could
    /// not be executed anew.
    fn ends_after_a_store(&self, mode: Mode) -> bool {
        mode.overflow_interrupts()
            && self.effects.stores != 0
            && self.effects.raises.contains(&ProgramCode::FIXED_POINT_OVERFLOW)
    }

    /// Whether it has operands in floating-point registers.
    pub(crate) const fn has_floats(&self) -> bool {
        (self.effects.float_reads | self.effects.float_writes) != 0
    }

    /// Whether it is not left to the interpreter.
    pub(crate) fn is_compiled(&self, mode: Mode) -> bool {
        !self.ends_after_a_store(mode)
    }

    /// Whether it only computes registers from registers, so that it can be
    /// executed although it is skipped.
    fn is_pure(&self, mode: Mode) -> bool {
        let e = &self.effects;
        let harmless = |code: &ProgramCode| {
            *code == ProgramCode::FIXED_POINT_OVERFLOW && !mode.overflow_interrupts()
        };
        self.flow == Flow::Next
            && e.loads == 0
            && e.stores == 0
            && e.helpers.is_empty()
            && e.raises.iter().all(harmless)
            && (!e.may_end || !e.raises.is_empty())
            && e.access_writes == 0
            && e.float_writes == 0
            && !e.changes_fpc
            && !e.reads_psw
            && self.row.rules.without_afp(self.raw).is_none()
            && !self.row.rules.privileged
            && !self.row.rules.is_unpaired(self.raw)
    }
}

fn flow(effects: &Effects, row: &Row, raw: u64, offset: u64) -> Flow {
    const BRC: u16 = 0xa74;
    const BRCL: u16 = 0xc04;
    const BC: u16 = 0x47;
    const BCR: u16 = 0x07;
    let mask = raw >> 52 & 15;
    if effects.helpers.contains(&Helper::Execute) {
        // It tells itself whether its target leads elsewhere.
        return Flow::Next;
    }
    // These tell themselves where execution must leave.
    let is_told = |helper: &Helper| matches!(helper, Helper::SetSystemMask | Helper::SetKey);
    let told = !effects.helpers.is_empty() && effects.helpers.iter().all(is_told);
    let leaves = effects.changes_psw && !told;
    let ends = |helper: &Helper| {
        matches!(helper, Helper::SupervisorCall | Helper::Intercept) || helper.effects().branches
    };
    if leaves || effects.helpers.iter().any(ends) {
        return Flow::Ends;
    }
    if !effects.branches {
        return Flow::Next;
    }
    let calls = effects.writes != 0 && effects.reads_psw;
    if let Some(bytes) = effects.relative {
        let target = offset.cast_signed() + bytes;
        let always = matches!(row.opcode, BRC | BRCL) && mask == 15;
        return match () {
            // The callee is a region of its own.
            () if calls => Flow::Ends,
            () if always => Flow::Always(target),
            () => Flow::Maybe(target),
        };
    }
    let always = matches!(row.opcode, BC | BCR) && mask == 15;
    if calls || always { Flow::Ends } else { Flow::Computed }
}

/// A part of a block.
#[derive(Clone, Debug)]
pub enum Part {
    /// An instruction, by its place.
    Plain(u64),
    /// A branch over instructions that may just as well be executed.
    Skip {
        /// The branch.
        branch: u64,
        /// What it skips.
        over: Vec<u64>,
    },
}

/// Instructions that are entered at the first one only.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Blocks of the region that may follow.
    pub successors: Vec<u64>,
    /// How many blocks it may follow.
    pub predecessors: usize,
}

/// Instructions that are compiled together; one of them is where the region is
/// entered.
#[derive(Clone, Debug)]
pub struct Region {
    /// The mode in which they are executed.
    pub mode: Mode,
    /// Where it is entered.
    pub start: u64,
    /// The instructions by their places.
    pub instructions: BTreeMap<u64, Instruction>,
    /// Functions that are compiled where they are called, by the places of the
    /// calls.
    pub leaves: BTreeMap<u64, Leaf>,
    /// The blocks by the places of their first instructions.
    pub blocks: BTreeMap<u64, Block>,
}

/// How regions are formed.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Instructions at most.
    pub limit: usize,
    /// Whether both ways of a branch over a few instructions are computed.
    pub skips: bool,
    /// The number of the one row to be compiled, or not to be: all others are
    /// interpreted, or this one is.
    pub only: Option<(u16, bool)>,
}

impl Default for Shape {
    fn default() -> Self {
        Self { limit: 300, skips: true, only: None }
    }
}

/// What branches and the sequence of addresses lead to.
struct Walk {
    instructions: BTreeMap<u64, Instruction>,
    leaves: BTreeMap<u64, Leaf>,
    /// Where blocks may begin.
    leaders: BTreeSet<u64>,
}

impl Shape {
    pub(crate) fn permits(&self, row: &Row) -> bool {
        self.only.is_none_or(|(number, compile)| (row.number == number) == compile)
    }
}

impl Region {
    /// All instructions, those of functions that it calls as well.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Instruction> {
        let called = self.leaves.values().flat_map(Leaf::instructions);
        self.instructions.values().chain(called)
    }

    /// An instruction, and those of the function that it calls.
    pub(crate) fn with_leaf(&self, at: u64) -> impl Iterator<Item = &Instruction> {
        let called = self.leaves.get(&at).into_iter().flat_map(Leaf::instructions);
        self.instructions.get(&at).into_iter().chain(called)
    }

    /// The pages that it has instructions of, as they are counted from the one
    /// in which it is entered.
    #[must_use]
    pub fn pages(&self) -> BTreeSet<i64> {
        let page = |at: u64| at.cast_signed().div_euclid(PAGE.cast_signed());
        self.all().flat_map(|i| [page(i.offset), page(i.next().wrapping_sub(1))]).collect()
    }

    /// Looks for the region that is entered at `start`. `fetch` gives the
    /// instruction at a place, left-aligned, if it can be fetched. `None` if
    /// nothing can be compiled.
    ///
    /// # Errors
    /// Those of `fetch`.
    pub fn find<E>(
        start: u64,
        mode: Mode,
        shape: Shape,
        mut fetch: impl FnMut(u64) -> Result<Option<u64>, E>,
    ) -> Result<Option<Self>, E> {
        let mut found = Self::walk(start, mode, shape, &mut fetch, |_| true)?;
        let latches =
            found.instructions.values().filter(|i| i.closes_loop(start)).map(|i| i.offset);
        if let Some(latch) = latches.max() {
            // The loop alone: what follows would take registers from it.
            let inside = |at| (start..=latch).contains(&at);
            found = Self::walk(start, mode, shape, &mut fetch, inside)?;
        } else if found.instructions.len() > SHORT {
            // Loops are regions of their own.
            let back = |i: &Instruction| i.target().filter(|to| *to <= i.offset);
            let heads: BTreeSet<u64> = found.instructions.values().filter_map(back).collect();
            if !heads.is_empty() {
                found = Self::walk(start, mode, shape, &mut fetch, |at| !heads.contains(&at))?;
            }
        }
        let Walk { instructions, leaves, leaders } = found;
        if !instructions.contains_key(&start) {
            return Ok(None);
        }
        let blocks = BTreeMap::new();
        let mut region = Self { mode, start, instructions, leaves, blocks };
        region.make_blocks(&leaders);
        if shape.skips {
            region.make_skips();
        }
        region.count_predecessors();
        Ok(Some(region))
    }

    /// The instructions that branches and the sequence of addresses lead to
    /// from `start` through places that are `permitted`.
    fn walk<E>(
        start: u64,
        mode: Mode,
        shape: Shape,
        fetch: &mut impl FnMut(u64) -> Result<Option<u64>, E>,
        permitted: impl Fn(u64) -> bool,
    ) -> Result<Walk, E> {
        let mut instructions: BTreeMap<u64, Instruction> = BTreeMap::new();
        let mut leaves = BTreeMap::new();
        let mut called = 0;
        let mut leaders = BTreeSet::from([start]);
        let mut ahead = VecDeque::from([start]);
        while let Some(from) = ahead.pop_front() {
            let mut at = from;
            while at < SPAN
                && permitted(at)
                && instructions.len() + called < shape.limit
                && !instructions.contains_key(&at)
            {
                let Some(raw) = fetch(at)? else { break };
                let Some(row) = decode(raw) else { break };
                let mut instruction = Instruction::new(at, raw, row);
                if !shape.permits(row) || !instruction.is_compiled(mode) {
                    break;
                }
                if shape.limit > 1
                    && let Some(leaf) = leaf::find(&instruction, mode, shape, fetch)?
                {
                    instruction.flow = Flow::Leaf;
                    called += leaf.body.len() + 1;
                    leaves.insert(at, leaf);
                }
                let (flow, next) = (instruction.flow, instruction.next());
                instructions.insert(at, instruction);
                at = next;
                if let Flow::Always(target) | Flow::Maybe(target) = flow
                    && let Some(target) = within(target)
                {
                    leaders.insert(target);
                    ahead.push_back(target);
                }
                match flow {
                    Flow::Next | Flow::Leaf => {}
                    Flow::Maybe(_) | Flow::Computed => {
                        leaders.insert(at);
                    }
                    Flow::Always(_) | Flow::Ends => break,
                }
            }
        }
        Ok(Walk { instructions, leaves, leaders })
    }

    fn make_blocks(&mut self, leaders: &BTreeSet<u64>) {
        for leader in leaders.iter().filter(|at| self.instructions.contains_key(at)) {
            let mut block = Block::default();
            let mut at = *leader;
            while let Some(instruction) = self.instructions.get(&at) {
                block.parts.push(Part::Plain(at));
                let next = instruction.next();
                let mut follow = |to: u64| {
                    if self.instructions.contains_key(&to) {
                        block.successors.push(to);
                    }
                };
                match instruction.flow {
                    Flow::Next | Flow::Leaf if leaders.contains(&next) => follow(next),
                    Flow::Next | Flow::Leaf => {
                        at = next;
                        continue;
                    }
                    Flow::Always(target) => within(target).into_iter().for_each(follow),
                    Flow::Maybe(target) => {
                        follow(next);
                        within(target).into_iter().for_each(follow);
                    }
                    Flow::Computed => follow(next),
                    Flow::Ends => {}
                }
                break;
            }
            self.blocks.insert(*leader, block);
        }
    }

    fn count_predecessors(&mut self) {
        self.blocks.values_mut().for_each(|block| block.predecessors = 0);
        let all: Vec<u64> = self.blocks.values().flat_map(|b| b.successors.clone()).collect();
        for to in all {
            if let Some(block) = self.blocks.get_mut(&to) {
                block.predecessors += 1;
            }
        }
    }

    /// Joins a block that ends in a branch over a few harmless instructions
    /// with those and with where they lead.
    fn make_skips(&mut self) {
        let leaders: Vec<u64> = self.blocks.keys().rev().copied().collect();
        for leader in leaders {
            self.count_predecessors();
            let Some((branch, target)) = self.last_branch(leader) else { continue };
            let middle = self.instructions[&branch].next();
            if middle == target {
                // Both ways lead there.
                self.join_skip(leader, branch, target, Vec::new());
                continue;
            }
            let Some(skipped) = self.blocks.get(&middle) else { continue };
            let skips = skipped.predecessors == 1
                && middle != self.start
                && middle != leader
                && skipped.successors == [target]
                && skipped.parts.len() <= SKIPPED
                && skipped.parts.iter().all(|part| match part {
                    Part::Plain(at) => self.instructions[at].is_pure(self.mode),
                    Part::Skip { .. } => false,
                });
            if !skips {
                continue;
            }
            let Some(skipped) = self.blocks.remove(&middle) else { continue };
            let plain = |part: &Part| match part {
                Part::Plain(at) => Some(*at),
                Part::Skip { .. } => None,
            };
            let over = skipped.parts.iter().filter_map(plain).collect();
            self.join_skip(leader, branch, target, over);
        }
    }

    /// Makes a block's branch over some instructions a part of it, and also
    /// where both ways meet, if that has no other way in.
    fn join_skip(&mut self, leader: u64, branch: u64, target: u64, over: Vec<u64>) {
        let others =
            self.blocks.iter().any(|(at, b)| *at != leader && b.successors.contains(&target));
        let joins = target != self.start && target != leader && !others;
        let rest = if joins { self.blocks.remove(&target) } else { None };
        let Some(block) = self.blocks.get_mut(&leader) else { return };
        block.parts.pop();
        block.parts.push(Part::Skip { branch, over });
        block.successors = vec![target];
        if let Some(rest) = rest {
            block.parts.extend(rest.parts);
            block.successors = rest.successors;
        }
    }

    /// The conditional branch that ends a block, if it leads forward in the
    /// region.
    fn last_branch(&self, leader: u64) -> Option<(u64, u64)> {
        let Some(Part::Plain(at)) = self.blocks.get(&leader)?.parts.last() else { return None };
        let Flow::Maybe(target) = self.instructions[at].flow else { return None };
        let target = within(target)?;
        let counts = self.instructions[at].effects.writes != 0;
        (target > *at && !counts && self.blocks.contains_key(&target)).then_some((*at, target))
    }
}

/// A target as a place, if a region may reach there.
#[must_use]
pub fn within(target: i64) -> Option<u64> {
    u64::try_from(target).ok().filter(|to| *to < SPAN)
}

/// A target as a place in the page, if it lies there.
#[must_use]
pub fn inside(target: i64) -> Option<u64> {
    u64::try_from(target).ok().filter(|to| *to < PAGE)
}

/// The instruction at an offset of bytes, left-aligned; `None` if it does not
/// end there.
#[must_use]
pub fn instruction_at(bytes: &[u8], offset: u64) -> Option<u64> {
    let at = lowcore_arch::bits::index(offset);
    let first = u64::from(*bytes.get(at)?) << 56;
    let length = usize::from(instruction_length(first));
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().zip((0..8).rev()).fold(0, |raw, (byte, n)| raw | u64::from(*byte) << (8 * n)))
}
