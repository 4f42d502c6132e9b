//! From a region to machine code.

use crate::access::ACCESS;
use crate::beginnings::{self, Beginning};
use crate::codes::{Code, Codes};
use crate::emitter::{Emitter, Place, Signatures, Target};
use crate::float::{Abilities, FloatRegisters};
use crate::given_up::GivenUp;
use crate::last_branch::LastBranch;
use crate::leaf::Leaf;
use crate::region::{Flow, Instruction, Part, Region};
use crate::registers::{Registers, Values};
use crate::run::{References, at, end, place};
use crate::truth::Truth;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{
    self, AbiParam, Block, Function, InstBuilder, Opcode, Signature, types,
};
use cranelift_codegen::isa::{CallConv, LookupError, OwnedTargetIsa, lookup_by_name};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use lowcore_arch::ControlRegister;
use lowcore_host::executable::continuation;
use lowcore_isa::Bodies;
use std::collections::{BTreeMap, BTreeSet};

/// The host, as Cranelift names it.
#[cfg(target_arch = "x86_64")]
const HOST: &str = "x86_64-unknown-linux-gnu";
#[cfg(target_arch = "aarch64")]
const HOST: &str = "aarch64-unknown-linux-gnu";

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Cranelift does not know the host.
    #[error("Cranelift does not know this host: {0}.")]
    Host(String),
    /// Cranelift refuses the code that was written.
    #[error("Cranelift refuses the code: {0}.")]
    Refused(String),
    /// Cranelift has panicked over the code that was written.
    #[error("Cranelift has panicked.")]
    Panicked,
    /// The host has no memory for code.
    #[error("There is no memory for code: {0}.")]
    Memory(#[from] std::io::Error),
}

impl From<CodegenError> for Error {
    fn from(error: CodegenError) -> Self {
        if let CodegenError::Verifier(errors) = &error {
            return Self::Refused(errors.to_string());
        }
        Self::Refused(error.to_string())
    }
}

impl From<settings::SetError> for Error {
    fn from(error: settings::SetError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// What code does beside executing the guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// It counts the instructions that it executes.
    pub counts: bool,
    /// It stops when so many instructions as it was given are executed.
    pub burns: bool,
    /// Its text is kept.
    pub explains: bool,
}

/// The code of a region, which can be put anywhere.
#[derive(Debug)]
pub struct MachineCode {
    /// The host's instructions.
    pub bytes: Vec<u8>,
    /// What they refer to.
    pub(crate) references: References,
    /// Accesses to the client's memory whose guard is not right before them.
    pub unguarded: usize,
    /// Cranelift's intermediate language and the host's instructions, if
    /// asked for.
    pub text: Option<String>,
}

/// Compiles for the host.
pub struct Compiler {
    isa: OwnedTargetIsa,
    context: Context,
    variables: FunctionBuilderContext,
}

impl core::fmt::Debug for Compiler {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Compiler").field("isa", &self.isa.name()).finish_non_exhaustive()
    }
}

impl Compiler {
    /// A compiler for this host.
    ///
    /// # Errors
    /// [`Error::Host`] if Cranelift does not know it.
    pub fn new() -> Result<Self, Error> {
        let mut flags = settings::builder();
        // What its optimisation of the intermediate language would find, the
        // emitter mostly has not written; it takes a third of the time.
        flags.set("opt_level", "none")?;
        flags.set("unwind_info", "false")?;
        // Calls in the place of a return need them.
        flags.set("preserve_frame_pointers", "true")?;
        flags.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" })?;
        let host = |error: LookupError| Error::Host(error.to_string());
        let mut isa = lookup_by_name(HOST).map_err(host)?;
        enable_host_features(&mut isa)?;
        let isa = isa.finish(settings::Flags::new(flags))?;
        Ok(Self { isa, context: Context::new(), variables: FunctionBuilderContext::new() })
    }

    pub(crate) fn frontend_config(&self) -> cranelift_codegen::isa::TargetFrontendConfig {
        self.isa.frontend_config()
    }

    /// The signature of regions: the run block, and where they come from;
    /// how they ended.
    pub(crate) fn region_signature() -> Signature {
        let mut signature = Signature::new(CallConv::Tail);
        signature.params.extend([AbiParam::new(types::I64); 2]);
        signature.returns.push(AbiParam::new(types::I64));
        signature
    }

    /// The signature that the engine itself calls.
    pub(crate) fn host_signature(&self, params: usize) -> Signature {
        let mut signature = Signature::new(self.isa.default_call_conv());
        signature.params.extend(std::iter::repeat_n(AbiParam::new(types::I64), params));
        signature.returns.push(AbiParam::new(types::I64));
        signature
    }

    fn slow_signature(&self) -> Signature {
        let convention = if cfg!(target_arch = "x86_64") {
            CallConv::PreserveAll
        } else {
            self.isa.default_call_conv()
        };
        let mut signature = Signature::new(convention);
        signature.params.extend([AbiParam::new(types::I64); 3]);
        signature
    }

    /// Compiles a function.
    pub(crate) fn function(
        &mut self,
        signature: Signature,
        explains: bool,
        write: impl FnOnce(FunctionBuilder<'_>),
    ) -> Result<(Vec<u8>, usize, Option<String>), Error> {
        self.context.clear();
        self.context.func = Function::with_name_signature(Default::default(), signature);
        self.context.set_disasm(explains);
        write(FunctionBuilder::new(&mut self.context.func, &mut self.variables));
        let language = explains.then(|| self.context.func.display().to_string());
        let code = self
            .context
            .compile(&*self.isa, &mut ControlPlane::default())
            .map_err(|error| Error::from(error.inner))?;
        if !code.buffer.relocs().is_empty() {
            return Err(Error::Refused("it is not complete in itself".to_string()));
        }
        let bytes = code.code_buffer();
        let accesses = code.buffer.traps().iter().filter(|trap| trap.code == ACCESS);
        let unguarded = accesses
            .filter(|trap| {
                let at = usize::try_from(trap.offset).unwrap_or(0);
                continuation(bytes, at).is_none()
            })
            .count();
        let text = language
            .map(|language| format!("{language}\n{}", code.vcode.as_deref().unwrap_or_default()));
        Ok((bytes.to_vec(), unguarded, text))
    }

    /// The code of a region. `jump` is the code that goes on at an address.
    ///
    /// # Errors
    /// [`Error::Refused`] for a mistake in this crate.
    pub fn compile(
        &mut self,
        region: &Region,
        extras: Extras,
        jump: u64,
    ) -> Result<MachineCode, Error> {
        let mut references = References::default();
        let (host, slow) = (self.host_signature(3), self.slow_signature());
        let config = self.isa.frontend_config();
        let (bytes, unguarded, text) =
            self.function(Self::region_signature(), extras.explains, |mut f| {
                let signatures = Signatures {
                    region: f.import_signature(Self::region_signature()),
                    host: f.import_signature(host),
                    slow: f.import_signature(slow),
                };
                let mut writer = Writer::begin(f, signatures, region, extras, jump);
                writer.write();
                let (Emitter { mut f, references: refers, .. }, loads) = (writer.e, writer.loads);
                f.seal_all_blocks();
                drop_unused_loads(f.func, loads);
                f.finalize(config);
                references = refers;
            })?;
        Ok(MachineCode { bytes, references, unguarded, text })
    }
}

/// Takes away loads of a block, at the beginning, whose values nobody uses: the
/// code generator keeps every load.
fn drop_unused_loads(function: &mut Function, entry: Block) {
    let mut used = BTreeSet::new();
    for block in function.layout.blocks() {
        for inst in function.layout.block_insts(block) {
            let values = function.dfg.inst_values(inst);
            used.extend(values.map(|value| function.dfg.resolve_aliases(value)));
        }
    }
    let unused = |inst: &ir::Inst| {
        let dfg = &function.dfg;
        dfg.insts[*inst].opcode() == Opcode::Load
            && dfg.inst_results(*inst).iter().all(|value| !used.contains(value))
    };
    let unused: Vec<_> = function.layout.block_insts(entry).filter(unused).collect();
    for inst in unused {
        function.layout.remove_inst(inst);
    }
}

/// Instructions that this host has beyond the least of its kind.
fn enable_host_features(isa: &mut cranelift_codegen::isa::Builder) -> Result<(), Error> {
    #[cfg(target_arch = "x86_64")]
    {
        let features = [
            ("has_lzcnt", std::arch::is_x86_feature_detected!("lzcnt")),
            ("has_bmi1", std::arch::is_x86_feature_detected!("bmi1")),
            ("has_bmi2", std::arch::is_x86_feature_detected!("bmi2")),
            ("has_cmpxchg16b", crate::emitter::Emitter::swaps_wide()),
            ("has_popcnt", std::arch::is_x86_feature_detected!("popcnt")),
            ("has_sse3", std::arch::is_x86_feature_detected!("sse3")),
            ("has_ssse3", std::arch::is_x86_feature_detected!("ssse3")),
            ("has_sse41", std::arch::is_x86_feature_detected!("sse4.1")),
            ("has_sse42", std::arch::is_x86_feature_detected!("sse4.2")),
            ("has_avx", std::arch::is_x86_feature_detected!("avx")),
            ("has_fma", std::arch::is_x86_feature_detected!("fma")),
        ];
        for (name, _) in features.into_iter().filter(|(_, there)| *there) {
            isa.enable(name)?;
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = isa;
    Ok(())
}

/// A region while it is written.
struct Writer<'f, 'r> {
    e: Emitter<'f>,
    region: &'r Region,
    extras: Extras,
    jump: u64,
    /// Where registers and condition code are loaded.
    loads: Block,
    /// The code's block of each block.
    blocks: BTreeMap<u64, Block>,
    beginnings: BTreeMap<u64, Beginning>,
    /// The condition code with which a block is entered that has one way in.
    codes: BTreeMap<u64, Code>,
    /// The block that is written; those before it are.
    present: u64,
}

impl<'f, 'r> Writer<'f, 'r> {
    /// Writes the region's entry.
    fn begin(
        mut f: FunctionBuilder<'f>,
        signatures: Signatures,
        region: &'r Region,
        extras: Extras,
        jump: u64,
    ) -> Self {
        let entry = f.create_block();
        f.append_block_params_for_function_params(entry);
        f.switch_to_block(entry);
        f.seal_block(entry);
        let run = f.block_params(entry)[0];
        let epilogue = f.create_block();
        f.append_block_param(epilogue, types::I64);
        f.set_cold_block(epilogue);
        let halved = region.all().fold(0, |set, i| set | i.effects.right_writes);
        let used = |set, i: &Instruction| set | i.effects.reads | i.effects.writes;
        let used = region.all().fold(0, used);
        let registers = Registers::new(&mut f, halved);
        let codes = Codes::new(&mut f);
        let last_branch = LastBranch::new(&mut f);
        let [budget, executed] = core::array::from_fn(|_| f.declare_var(types::I64));
        let mut e = Emitter {
            f,
            mode: region.mode,
            signatures,
            run,
            regs: run,
            entries: run,
            place: Place { offset: region.start, length: 0, raw: 0 },
            registers,
            floats: FloatRegisters::default(),
            has_floats: region.all().any(Instruction::has_floats),
            abilities: Abilities::of_host(),
            codes,
            last_branch,
            budget,
            executed,
            epilogue,
            given_up: GivenUp::default(),
            leaves: Vec::new(),
            checks_leave: false,
            serializes: false,
            has_called: false,
            depth: 0,
            used,
            routine_writes: 0,
            changes: 0,
            branch: None,
            references: References::default(),
            put_off: Vec::new(),
            counted: None,
        };
        if region.pages().iter().any(|page| *page != 0) {
            e.check_other_pages(region.start);
        }
        let beginnings = beginnings::of(region);
        let asks = beginnings.get(&region.start).is_some_and(|begin| begin.asks);
        let code = e.load_code(asks);
        let loads = e.f.current_block().unwrap_or(entry);
        e.regs = e.get_run(at::REGS);
        e.entries = e.get_run(at::ENTRIES);
        e.load_registers(used);
        let breaking = e.get_run(at::BREAKING);
        e.define_last_branch(breaking);
        for (variable, at) in [(e.budget, at::BUDGET), (e.executed, at::EXECUTED)] {
            let word = e.get_run(at);
            e.f.def_var(variable, word);
        }
        let blocks = region.blocks.keys().map(|at| (*at, e.f.create_block())).collect();
        let (mut codes, present) = (BTreeMap::new(), region.start);
        if ways_into(region, present) == 1 {
            codes.insert(present, code);
        }
        Self { e, region, extras, jump, loads, blocks, beginnings, codes, present }
    }

    fn write(&mut self) {
        if let Some(start) = self.blocks.get(&self.region.start) {
            self.e.f.ins().jump(*start, &[]);
        }
        let region = self.region;
        for (at, block) in &region.blocks {
            let Some(code) = self.blocks.get(at) else { continue };
            self.e.f.switch_to_block(*code);
            let beginning = self.beginning(*at);
            self.e.registers.begin(beginning);
            self.e.forget_floats();
            self.e.codes.written = None;
            self.e.codes.before = match self.codes.get(at) {
                Some(code) => *code,
                None if beginning.asks => self.e.numbered_code(),
                None => Code::Words,
            };
            self.e.last_branch.begin();
            self.e.begin_giving_up();
            self.present = *at;
            self.block(&block.parts);
            self.e.catch_up();
        }
        let e = &mut self.e;
        e.f.switch_to_block(e.epilogue);
        let end = e.f.block_params(e.epilogue)[0];
        e.f.ins().return_(&[end]);
    }

    fn block(&mut self, parts: &[Part]) {
        let region = self.region;
        let instructions: u64 = parts
            .iter()
            .map(|part| match part {
                Part::Plain(at) => region.with_leaf(*at).count() as u64,
                Part::Skip { over, .. } => 1 + over.len() as u64,
            })
            .sum();
        let mut left = instructions;
        if self.extras.counts {
            let executed = self.e.f.use_var(self.e.executed);
            let executed = self.e.plus(executed, instructions);
            self.e.f.def_var(self.e.executed, executed);
        }
        let mut last = None;
        for part in parts {
            self.e.counted = self.extras.counts.then_some(left);
            match part {
                Part::Plain(at) => {
                    let Some(instruction) = region.instructions.get(at) else { continue };
                    left -= 1;
                    self.instruction(instruction, left);
                    last = Some(instruction);
                    if let Some(leaf) = region.leaves.get(at) {
                        self.leaf(instruction, leaf, &mut left);
                    }
                }
                Part::Skip { branch, over } => {
                    left -= 1 + over.len() as u64;
                    last = self.skip(*branch, over, left);
                }
            }
        }
        if let Some(last) = last {
            self.go_on(last);
        }
    }

    /// Writes the rules of an instruction's row in the architecture's
    /// priority, then its body.
    fn body(&mut self, instruction: &Instruction) {
        let e = &mut self.e;
        let Instruction { offset, raw, row, .. } = *instruction;
        e.place = Place { offset, length: instruction.length(), raw };
        let refused = row.rules.privileged && e.mode.is_problem() || row.rules.is_unpaired(raw);
        if refused {
            // The interpreter says how. What follows is never executed.
            let restart = e.restart();
            let always = e.number(types::I8, 1);
            let never = e.f.create_block();
            e.f.ins().brif(always, restart, &[], never, &[]);
            e.f.seal_block(never);
            e.f.switch_to_block(never);
            return;
        }
        // Control registers change where regions end.
        if row.rules.without_afp(raw).is_some() && !e.floats.are_enabled {
            let control = e.get_word(place::cr(0));
            let control = e.mask(control, ControlRegister::CR0_AFP);
            let is_off = e.compare_with(ir::condcodes::IntCC::Equal, control, 0);
            e.restart_if(is_off);
            e.floats.are_enabled = true;
        }
        let Ok(()) = Bodies::of(row)(e, raw);
    }

    fn instruction(&mut self, instruction: &Instruction, left: u64) {
        self.e.begin_instruction();
        self.body(instruction);
        let e = &mut self.e;
        let next = instruction.next();
        e.counted = self.extras.counts.then_some(left);
        for leave in core::mem::take(&mut e.leaves) {
            let is_last = leave.changes == e.changes && !e.checks_leave && e.branch.is_none();
            if is_last {
                e.leave_noted(leave.block);
                e.f.seal_block(leave.rest);
            } else {
                e.in_block(leave.block, move |e| {
                    e.put_run_number(at::LEAVE, 1);
                    e.f.ins().jump(leave.rest, &[]);
                    e.f.seal_block(leave.rest);
                });
                e.checks_leave = true;
            }
        }
        e.settle_registers();
        e.codes.before = e.codes.now();
        e.codes.written = None;
        let has_called = e.has_called;
        if instruction.flow == Flow::Ends {
            (e.checks_leave, e.serializes) = (false, false);
        }
        if let Some(leaves) = e.must_leave() {
            let exit = e.cold_block();
            e.unless(leaves, exit);
            e.f.seal_block(exit);
            let (dirty, code) = (e.dirty(), e.codes.before);
            e.in_block(exit, move |e| {
                if has_called {
                    e.exit_at_psw(dirty, code);
                } else {
                    e.exit_at(dirty, code, next, end::AT_OFFSET);
                }
            });
        }
        if instruction.flow == Flow::Next {
            e.has_called = false;
            if self.extras.burns {
                e.burn(next);
            }
        }
    }

    /// Writes the function that an instruction has called.
    fn leaf(&mut self, call: &Instruction, leaf: &Leaf, left: &mut u64) {
        let first = leaf.instructions().next().map_or(call.next(), |first| first.offset);
        self.branched(call, first);
        for instruction in leaf.instructions() {
            *left -= 1;
            self.e.counted = self.extras.counts.then_some(*left + 1);
            self.instruction(instruction, *left);
        }
        self.branched(&leaf.back, call.next());
    }

    /// A branch is taken to a place whose code comes next.
    fn branched(&mut self, branch: &Instruction, to: u64) {
        self.e.branch = None;
        self.e.last_branch.is_at(branch.offset);
        if self.extras.burns {
            self.e.burn(to);
        }
    }

    /// Writes a branch over instructions, both ways of which are computed.
    fn skip(&mut self, branch: u64, over: &[u64], left: u64) -> Option<&'r Instruction> {
        let region = self.region;
        let first = region.instructions.get(&branch)?;
        self.instruction(first, left);
        let (condition, _) = self.e.branch.take()?;
        let code = self.e.codes.before;
        let mut last = first;
        for at in over {
            last = region.instructions.get(at)?;
            self.body(last);
        }
        let e = &mut self.e;
        let entire = e.registers.entire() & e.entire_now();
        for difference in e.written_since(&Values::default()) {
            let old = e.old(&difference);
            let value = e.choose(condition, old, difference.new);
            e.write_instead(&difference, value);
        }
        e.meet_entire(entire);
        e.settle_registers();
        if e.codes.written.is_some() {
            let new = e.codes.now();
            e.choose_code(condition, code, new);
        }
        e.may_branch_at(branch, condition);
        if self.extras.counts {
            let (all, none) = (e.word(over.len() as u64), e.word(0));
            let skipped = e.choose(condition, all, none);
            let executed = e.f.use_var(e.executed);
            let executed = e.binary(Opcode::Isub, executed, skipped);
            e.f.def_var(e.executed, executed);
        }
        e.counted = self.extras.counts.then_some(left);
        if self.extras.burns {
            let (all, one) = (e.word(1 + over.len() as u64), e.word(1));
            let executed = e.choose(condition, one, all);
            e.burn_for(executed, last.next());
        }
        // Both ways go on at the next instruction.
        Some(last)
    }

    /// Ends a block behind its last instruction.
    fn go_on(&mut self, last: &Instruction) {
        let next = last.next();
        let Some((condition, target)) = self.e.branch.take() else {
            return match last.flow {
                Flow::Ends => {
                    let e = &mut self.e;
                    if self.extras.burns {
                        let _ = e.use_fuel();
                    }
                    let (dirty, code) = (e.dirty(), e.codes.before);
                    if core::mem::take(&mut e.has_called) {
                        e.exit_at_psw(dirty, code);
                    } else {
                        e.exit_at(dirty, code, next, end::AT_OFFSET);
                    }
                }
                _ => self.fall(next),
            };
        };
        let last_branch = self.e.last_branch.keep();
        match condition {
            Truth::Constant(true) => self.take(last, target),
            Truth::Constant(false) => self.fall_burning(next),
            _ => {
                let e = &mut self.e;
                let (taken, other) = (e.f.create_block(), e.f.create_block());
                let condition = condition.value(e);
                e.f.ins().brif(condition, taken, &[], other, &[]);
                e.f.seal_block(taken);
                e.f.seal_block(other);
                e.f.switch_to_block(taken);
                self.take(last, target);
                self.e.f.switch_to_block(other);
                self.e.last_branch.restore(last_branch);
                self.fall_burning(next);
            }
        }
    }

    /// The branch is taken.
    fn take(&mut self, last: &Instruction, target: Target) {
        let here = last.offset;
        self.e.last_branch.is_at(here);
        let Some(to) = Emitter::place_of(target) else {
            let address = match target {
                Target::Place(offset) => self.e.address_of(offset),
                Target::Address(address) => address,
            };
            self.e.jump_to(address, self.jump, self.extras.burns);
            return;
        };
        if self.extras.burns {
            self.e.burn(to);
        }
        if to <= here {
            self.e.poll(to);
        }
        if last.flow == Flow::Ends {
            // A call: its target is not part of the region, even if it is.
            self.e.fall_out(to, self.jump);
        } else {
            self.fall(to);
        }
    }

    fn fall_burning(&mut self, next: u64) {
        if self.extras.burns {
            self.e.burn(next);
        }
        self.fall(next);
    }

    /// Goes on at a place.
    fn fall(&mut self, to: u64) {
        let Some(block) = self.blocks.get(&to) else { return self.e.fall_out(to, self.jump) };
        let code = self.e.codes.before;
        self.e.settle_last_branch();
        let beginning = self.beginning(to);
        if ways_into(self.region, to) == 1 && to > self.present {
            self.codes.insert(to, code);
        } else if beginning.asks {
            self.e.define_code_number(code);
        } else {
            self.e.define_code(code);
        }
        self.e.make_entire(beginning.entire);
        self.e.f.ins().jump(*block, &[]);
    }

    fn beginning(&self, at: u64) -> Beginning {
        self.beginnings.get(&at).copied().unwrap_or(Beginning::OF_REGION)
    }
}

/// How many ways lead to a block of a region.
fn ways_into(region: &Region, at: u64) -> usize {
    let entry = usize::from(at == region.start);
    region.blocks.get(&at).map_or(0, |block| block.predecessors) + entry
}
