//! The code of a region while it is written: short forms of what the bodies'
//! view needs again and again. None depends on a width as a type, so that each
//! exists once. Operations on constants are done here: Cranelift is not asked
//! to optimise, which takes longer than it gains.

use crate::access::Leave;
use crate::codes::Codes;
use crate::float::{Abilities, FloatRegisters};
use crate::given_up::GivenUp;
use crate::host_calls::HostCall;
use crate::last_branch::{Kept, LastBranch};
use crate::mode::Mode;
use crate::registers::Registers;
use crate::run::{References, at};
use crate::truth::Truth;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, InstructionData, MemFlagsData, Opcode, SigRef, Type, Value,
    ValueDef, types,
};
use cranelift_frontend::{FunctionBuilder, Variable};
use lowcore_isa::Width;

/// Accesses to registers and the run block never trap and are aligned.
const STATE: MemFlagsData = MemFlagsData::trusted();

/// Where an instruction stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its place in the page.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// The instruction, left-aligned.
    pub raw: u64,
}

/// Signatures of what code calls.
#[derive(Clone, Copy, Debug)]
pub struct Signatures {
    /// Another region.
    pub region: SigRef,
    /// A [`HostCall`].
    pub host: SigRef,
    /// A slow access.
    pub slow: SigRef,
}

/// Where a branch leads.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// So many bytes from the beginning of the page.
    Place(i64),
    /// An address, cut to the addressing mode.
    Address(Value),
}

/// What stands in a block that is written later.
pub struct PutOff {
    block: Block,
    counted: Option<u64>,
    last_branch: Kept,
    entire: u16,
    write: Box<dyn FnOnce(&mut Emitter<'_>)>,
}

/// The code of a region.
pub struct Emitter<'f> {
    pub f: FunctionBuilder<'f>,
    pub mode: Mode,
    pub signatures: Signatures,
    /// The address of the [`Run`](crate::run::Run) block.
    pub run: Value,
    /// The address of the CPU's registers.
    pub regs: Value,
    /// The address of the TLB's entries.
    pub entries: Value,
    /// The instruction that is written.
    pub place: Place,
    pub registers: Registers,
    /// What is known of floating-point registers in the present block.
    pub floats: FloatRegisters,
    /// Whether an instruction of the region has operands in floating-point
    /// registers, so that values may be in the host's.
    pub has_floats: bool,
    /// What the host can do.
    pub abilities: Abilities,
    pub codes: Codes,
    pub last_branch: LastBranch,
    /// Branches until the slice ends.
    pub budget: Variable,
    /// Counts instructions, if the code does.
    pub executed: Variable,
    /// Where the region ends: the block takes how.
    pub epilogue: Block,
    /// Where instructions are given up.
    pub given_up: GivenUp,
    /// Where it ends early after it stored into code.
    pub leaves: Vec<Leave>,
    /// Whether its end looks at [`Run::leave`](crate::run::Run::leave).
    pub checks_leave: bool,
    /// Whether the instruction serializes, so that what other CPUs have
    /// changed counts from the next one on.
    pub serializes: bool,
    /// Whether a routine has set the instruction address.
    pub has_called: bool,
    /// How many conditions the present part of the body is under.
    pub depth: u32,
    /// General registers that are values in the region.
    pub used: u16,
    /// General registers that the routine called next changes.
    pub routine_writes: u16,
    /// Counts what makes the end of the instruction differ from its middle.
    pub changes: u32,
    /// The branch that ends it.
    pub branch: Option<(Truth, Target)>,
    /// What the code refers to.
    pub references: References,
    /// What is written when the present block has its end.
    pub put_off: Vec<PutOff>,
    /// Guest instructions that were counted ahead in the present block and
    /// did not run yet; `None` if nothing is counted.
    pub counted: Option<u64>,
}

/// Cranelift's type of a width.
pub fn int<T: Width>() -> Type {
    match T::BITS {
        8 => types::I8,
        16 => types::I16,
        32 => types::I32,
        _ => types::I64,
    }
}

fn ones(ty: Type) -> u64 {
    u64::MAX >> (64 - ty.bits())
}

impl Emitter<'_> {
    /// A constant, cut to the type.
    pub fn number(&mut self, ty: Type, value: u64) -> Value {
        let cut = value & ones(ty);
        self.f.ins().iconst(ty, cut.cast_signed())
    }

    pub fn word(&mut self, value: u64) -> Value {
        self.number(types::I64, value)
    }

    pub fn type_of(&self, value: Value) -> Type {
        self.f.func.dfg.value_type(value)
    }

    pub fn zero_like(&mut self, value: Value) -> Value {
        let ty = self.type_of(value);
        self.number(ty, 0)
    }

    /// What a value is, if that is known now.
    pub fn constant_of(&self, value: Value) -> Option<u64> {
        let dfg = &self.f.func.dfg;
        let ValueDef::Result(inst, _) = dfg.value_def(value) else { return None };
        match dfg.insts[inst] {
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => {
                Some(imm.bits().cast_unsigned() & ones(dfg.value_type(value)))
            }
            _ => None,
        }
    }

    /// An operation on two values of the same type.
    pub fn binary(&mut self, opcode: Opcode, a: Value, b: Value) -> Value {
        let ty = self.type_of(a);
        let (x, y) = (self.constant_of(a), self.constant_of(b));
        match (opcode, x, y) {
            (Opcode::Iadd, Some(x), Some(y)) => return self.number(ty, x.wrapping_add(y)),
            (Opcode::Isub, Some(x), Some(y)) => return self.number(ty, x.wrapping_sub(y)),
            (Opcode::Band, Some(x), Some(y)) => return self.number(ty, x & y),
            (Opcode::Bor, Some(x), Some(y)) => return self.number(ty, x | y),
            (Opcode::Iadd | Opcode::Bor | Opcode::Bxor, Some(0), _) => return b,
            (Opcode::Iadd | Opcode::Isub | Opcode::Bor | Opcode::Bxor, _, Some(0)) => return a,
            (Opcode::Band, _, Some(y)) if y == ones(ty) => return a,
            (Opcode::Band, Some(x), _) if x == ones(ty) => return b,
            (Opcode::Band, Some(0), _) | (Opcode::Band, _, Some(0)) => return self.number(ty, 0),
            (Opcode::Bxor | Opcode::Isub, ..) if a == b => return self.number(ty, 0),
            (Opcode::Band | Opcode::Bor, ..) if a == b => return a,
            (Opcode::Band, _, Some(y)) => return self.masked(a, y),
            (Opcode::Band, Some(x), _) => return self.masked(b, x),
            _ => {}
        }
        let (inst, dfg) = self.f.ins().Binary(opcode, ty, a, b);
        dfg.first_result(inst)
    }

    /// A shift or rotation by an amount that counts modulo the width.
    pub fn shift(&mut self, opcode: Opcode, value: Value, amount: Value) -> Value {
        let ty = self.type_of(value);
        if let Some(amount) = self.constant_of(amount) {
            let amount = amount & u64::from(ty.bits() - 1);
            if amount == 0 {
                return value;
            }
            match (opcode, self.constant_of(value)) {
                (Opcode::Ishl, Some(value)) => return self.number(ty, value << amount),
                (Opcode::Ushr, Some(value)) => return self.number(ty, value >> amount),
                _ => {}
            }
        }
        let (inst, dfg) = self.f.ins().Binary(opcode, ty, value, amount);
        dfg.first_result(inst)
    }

    pub fn shift_by(&mut self, opcode: Opcode, value: Value, amount: u64) -> Value {
        let amount = self.word(amount);
        self.shift(opcode, value, amount)
    }

    pub fn add(&mut self, a: Value, b: Value) -> Value {
        self.binary(Opcode::Iadd, a, b)
    }

    /// Adds a constant.
    pub fn plus(&mut self, a: Value, number: u64) -> Value {
        if number == 0 {
            return a;
        }
        let ty = self.type_of(a);
        let number = self.number(ty, number);
        self.add(a, number)
    }

    /// What a value with a left half and a widened right one is made of, if
    /// nothing of its left half counts.
    fn without_left(&self, value: Value, mask: u64) -> Value {
        let of = |value| match self.f.func.dfg.value_def(value) {
            ValueDef::Result(inst, _) => match self.f.func.dfg.insts[inst] {
                InstructionData::Binary { opcode, args } => Some((opcode, args)),
                _ => None,
            },
            _ => None,
        };
        if let Some((Opcode::Bor, [left, right])) = of(value)
            && let Some((Opcode::Band, [_, kept])) = of(left)
            && self.constant_of(kept).is_some_and(|kept| kept & mask == 0)
        {
            return right;
        }
        value
    }

    /// The conjunction of a value with a mask. Of a rotated value with a mask
    /// that has none of the bits that went around, a shift is enough.
    fn masked(&mut self, value: Value, mask: u64) -> Value {
        let ty = self.type_of(value);
        let mut value = self.without_left(value, mask);
        if let ValueDef::Result(inst, _) = self.f.func.dfg.value_def(value)
            && let InstructionData::Binary { opcode: Opcode::Rotl, args: [of, amount] } =
                self.f.func.dfg.insts[inst]
            && let Some(amount) = self.constant_of(amount)
        {
            let left = amount & u64::from(ty.bits() - 1);
            let right = u64::from(ty.bits()) - left;
            let (shifted_left, shifted_right) = (ones(ty) << left & ones(ty), ones(ty) >> right);
            let shifted = if mask & !shifted_left == 0 {
                Some((Opcode::Ishl, left, shifted_left))
            } else if mask & !shifted_right == 0 {
                Some((Opcode::Ushr, right, shifted_right))
            } else {
                None
            };
            if let Some((opcode, amount, all)) = shifted {
                let wanted = match opcode {
                    Opcode::Ishl => mask >> amount,
                    _ => mask << amount & ones(ty),
                };
                let of = self.without_left(of, wanted);
                value = self.shift_by(opcode, of, amount);
                if mask == all {
                    return value;
                }
            }
        }
        let mask = self.number(ty, mask);
        let (inst, dfg) = self.f.ins().Binary(Opcode::Band, ty, value, mask);
        dfg.first_result(inst)
    }

    /// The bits of a value that a mask has.
    pub fn mask(&mut self, value: Value, mask: u64) -> Value {
        let ty = self.type_of(value);
        let mask = mask & ones(ty);
        match self.constant_of(value) {
            _ if mask == ones(ty) => value,
            Some(value) => self.number(ty, value & mask),
            None if mask == 0 => self.number(ty, 0),
            None => self.masked(value, mask),
        }
    }

    pub fn or(&mut self, a: Value, b: Value) -> Value {
        self.binary(Opcode::Bor, a, b)
    }

    /// What a value was before it was widened, if it was.
    pub fn narrow(&self, value: Value) -> Option<(Opcode, Value)> {
        let dfg = &self.f.func.dfg;
        let ValueDef::Result(inst, _) = dfg.value_def(value) else { return None };
        match dfg.insts[inst] {
            InstructionData::Unary { opcode, arg }
                if matches!(opcode, Opcode::Uextend | Opcode::Sextend | Opcode::Ireduce) =>
            {
                Some((opcode, arg))
            }
            _ => None,
        }
    }

    /// Zeros on the left, or cut.
    pub fn unsigned(&mut self, value: Value, to: Type) -> Value {
        let from = self.type_of(value);
        if from == to {
            return value;
        }
        if let Some(value) = self.constant_of(value) {
            return self.number(to, value);
        }
        if from.bits() < to.bits() {
            return self.f.ins().uextend(to, value);
        }
        // Cutting what was widened from the same or a wider type than `to`.
        match self.narrow(value) {
            Some((_, inner)) if self.type_of(inner).bits() >= to.bits() => self.unsigned(inner, to),
            _ => self.f.ins().ireduce(to, value),
        }
    }

    /// Signs on the left, or cut.
    pub fn signed(&mut self, value: Value, to: Type) -> Value {
        let from = self.type_of(value);
        if from.bits() >= to.bits() {
            return self.unsigned(value, to);
        }
        if let Some(value) = self.constant_of(value) {
            let shift = 64 - from.bits();
            let extended = (value << shift).cast_signed() >> shift;
            return self.number(to, extended.cast_unsigned());
        }
        self.f.ins().sextend(to, value)
    }

    /// A value among the CPU's registers.
    pub fn get(&mut self, ty: Type, at: i32) -> Value {
        self.f.ins().load(ty, STATE, self.regs, at)
    }

    pub fn get_word(&mut self, at: i32) -> Value {
        self.get(types::I64, at)
    }

    /// Replaces a value among the CPU's registers.
    pub fn put(&mut self, at: i32, value: Value) {
        self.f.ins().store(STATE, value, self.regs, at);
    }

    /// Replaces a part of a 64-bit value among the CPU's registers: that of
    /// the bits in `replaced`, by what `value` has there.
    pub fn put_part(&mut self, at: i32, replaced: u64, value: Value) {
        let old = self.get_word(at);
        let kept = self.mask(old, !replaced);
        let new = self.or(kept, value);
        self.put(at, new);
    }

    /// A word of the run block.
    pub fn get_run(&mut self, at: i32) -> Value {
        self.f.ins().load(types::I64, STATE, self.run, at)
    }

    pub fn put_run(&mut self, at: i32, value: Value) {
        self.f.ins().store(STATE, value, self.run, at);
    }

    /// Replaces a word of the run block by a number.
    pub fn put_run_number(&mut self, at: i32, number: u64) {
        let number = self.word(number);
        self.put_run(at, number);
    }

    /// A word somewhere in this process.
    pub fn get_from(&mut self, ty: Type, base: Value, at: i32) -> Value {
        self.f.ins().load(ty, STATE, base, at)
    }

    /// Puts a value where a call to the host's side finds it.
    pub fn give(&mut self, n: usize, value: Value) {
        let value = self.unsigned(value, types::I64);
        self.put_run(at::scratch(n), value);
    }

    /// Takes a value that a call to the host's side gave.
    pub fn take(&mut self, n: usize, ty: Type) -> Value {
        let value = self.get_run(at::scratch(n));
        self.unsigned(value, ty)
    }

    /// Compares with a constant.
    pub fn compare_with(&mut self, how: IntCC, a: Value, number: u64) -> Truth {
        let ty = self.type_of(a);
        let number = self.number(ty, number);
        Truth::Compare(how, a, number)
    }

    pub fn choose(&mut self, condition: Truth, yes: Value, no: Value) -> Value {
        match condition {
            Truth::Constant(true) => yes,
            Truth::Constant(false) => no,
            _ if yes == no => yes,
            _ => {
                let condition = condition.value(self);
                self.f.ins().select(condition, yes, no)
            }
        }
    }

    /// Cuts an address to the addressing mode.
    pub fn cut(&mut self, address: Value) -> Value {
        self.mask(address, self.mode.addressing().mask())
    }

    /// The logical address of a place in the page, or before or behind it.
    pub fn address_of(&mut self, offset: i64) -> Value {
        let page = self.get_run(at::PAGE);
        let sum = self.plus(page, offset.cast_unsigned());
        // The limit of the addressing mode is at the end of a page.
        if crate::region::inside(offset).is_some() { sum } else { self.cut(sum) }
    }

    /// A new block that is seldom executed.
    pub fn cold_block(&mut self) -> Block {
        let block = self.f.create_block();
        self.f.set_cold_block(block);
        block
    }

    /// Goes on in a new block, after a jump to another one if `condition`.
    pub fn unless(&mut self, condition: Truth, otherwise: Block) {
        let next = self.f.create_block();
        let condition = condition.value(self);
        self.f.ins().brif(condition, otherwise, &[], next, &[]);
        self.f.seal_block(next);
        self.f.switch_to_block(next);
    }

    /// In a block that is seldom executed: goes to the block `otherwise` if
    /// `condition`, else back to `rest`, which others reach too. The way back
    /// has a block of its own, as what the compiler puts there stands between
    /// blocks that are executed often.
    pub fn seldom_back(
        &mut self,
        condition: Value,
        otherwise: Block,
        rest: Block,
        with: &[BlockArg],
    ) {
        let back = self.cold_block();
        self.f.ins().brif(condition, otherwise, &[], back, &[]);
        self.f.seal_block(back);
        self.f.switch_to_block(back);
        self.f.ins().jump(rest, with);
    }

    /// Puts off what stands in a block that is seldom executed until the
    /// present one is written.
    pub fn in_block(&mut self, block: Block, write: impl FnOnce(&mut Emitter<'_>) + 'static) {
        let (counted, last_branch) = (self.counted, self.last_branch.keep());
        let entire = self.registers.entire();
        self.put_off.push(PutOff { block, counted, last_branch, entire, write: Box::new(write) });
    }

    /// Writes what was put off. The present block must have an end.
    pub fn catch_up(&mut self) {
        for PutOff { block, counted, last_branch, entire, write } in
            core::mem::take(&mut self.put_off)
        {
            self.f.switch_to_block(block);
            self.registers.set_entire(entire);
            self.counted = counted;
            self.last_branch.restore(last_branch);
            write(self);
        }
    }

    /// Calls a function of the host's side. Gives how it ended.
    pub fn call_host(&mut self, function: HostCall, first: Value, second: Value) -> Value {
        let address = self.word(function as *const () as u64);
        let arguments = [self.run, first, second];
        let call = self.f.ins().call_indirect(self.signatures.host, address, &arguments);
        self.f.inst_results(call)[0]
    }
}
