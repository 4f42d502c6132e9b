//! Binary floating point: the host's own instructions, with the guards of the
//! interpreter's way ([`lowcore_isa::HostFloat`]); what these do not permit is
//! a call that changes nothing but flags.
//!
//! Floating-point registers are stored at once. What is known of their values
//! in a block saves the loads.

mod exact;

use crate::access::Operand;
use crate::emitter::Emitter;
use crate::host_calls::FloatSite;
use crate::run::{at, place};
use crate::slow::{Access, Shape};
use crate::truth::Truth;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, InstructionData, MemFlagsData, Opcode, Type, Value, ValueDef,
    types,
};
use lowcore_arch::fpc;
use lowcore_isa::{FixedFormat, FloatOperation, HostFloat, Modifiers};

/// What the host can do beyond the least of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Round to integers.
    pub rounds: bool,
    /// Multiply and add with one rounding.
    pub fuses: bool,
}

impl Abilities {
    /// Those of this host.
    pub fn of_host() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let rounds = std::arch::is_x86_feature_detected!("sse4.1");
            let fuses = std::arch::is_x86_feature_detected!("avx")
                && std::arch::is_x86_feature_detected!("fma");
            Self { rounds, fuses }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self { rounds: true, fuses: true }
    }
}

/// What is known of floating-point registers in the present block.
#[derive(Clone, Copy, Debug, Default)]
pub struct FloatRegisters {
    /// All 64 bits.
    long: [Option<Value>; 16],
    /// The left 32 bits.
    short: [Option<Value>; 16],
    /// Whether instructions may use them: the AFP-register control is one.
    pub are_enabled: bool,
    /// What the control register had of [`CONTROLS`]. Where the inexact flag
    /// was zero, it may be one by now.
    controls: Option<Value>,
}

/// The bits of the floating-point-control register that most operations ask
/// about.
const CONTROLS: u32 = fpc::MASKS | fpc::ROUNDING | fpc::INEXACT;

/// How a host rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Nearest,
    Zero,
    Up,
    Down,
}

impl Method {
    /// The method that modifiers name, where that of the register is to
    /// nearest. Hosts do not have all.
    const fn of(modifiers: Modifiers) -> Option<Self> {
        match modifiers.m3 {
            0 | 4 => Some(Self::Nearest),
            5 => Some(Self::Zero),
            6 => Some(Self::Up),
            7 => Some(Self::Down),
            _ => None,
        }
    }
}

/// What the host computed, and what must not be for it to be right.
struct Computed {
    result: Value,
    wrong: Vec<Truth>,
    /// Where something is, the result is right nonetheless if it is zero and
    /// one of these operands is.
    zeros: Vec<Value>,
}

impl Computed {
    fn new(result: Value, wrong: impl IntoIterator<Item = Truth>) -> Self {
        Self { result, wrong: wrong.into_iter().collect(), zeros: Vec::new() }
    }
}

/// The type of numbers of the width of an integer.
fn number_of(integer: Type) -> Type {
    if integer.bits() == 32 { types::F32 } else { types::F64 }
}

impl Emitter<'_> {
    /// Forgets what is known of floating-point registers.
    pub fn forget_floats(&mut self) {
        self.floats = FloatRegisters::default();
    }

    /// Forgets what is known of the control register.
    pub fn forget_controls(&mut self) {
        self.floats.controls = None;
    }

    /// Some bits of the control register.
    fn controls(&mut self, bits: u32) -> Value {
        if let Some(known) = self.floats.controls.filter(|_| bits == CONTROLS) {
            return known;
        }
        let register = self.get(types::I32, place::FPC);
        let found = self.mask(register, bits.into());
        if bits == CONTROLS {
            self.floats.controls = Some(found);
        }
        found
    }

    /// The leftmost bits of a floating-point register, as an integer.
    pub fn float_register(&mut self, r: u8, ty: Type) -> Value {
        let n = usize::from(r & 15);
        let known = if ty == types::I64 { self.floats.long[n] } else { self.floats.short[n] };
        if let Some(value) = known {
            return value;
        }
        let number = self.get(number_of(ty), place_of(r, ty));
        let value = self.as_integer(number);
        self.note(n, value);
        value
    }

    /// Replaces the leftmost bits of a floating-point register.
    pub fn set_float_register(&mut self, r: u8, value: Value) {
        let ty = self.type_of(value);
        let stored = self.known_number(value).unwrap_or(value);
        self.put(place_of(r, ty), stored);
        let n = usize::from(r & 15);
        (self.floats.long[n], self.floats.short[n]) = (None, None);
        self.note(n, value);
    }

    fn note(&mut self, n: usize, value: Value) {
        let known = if self.type_of(value) == types::I64 {
            &mut self.floats.long[n]
        } else {
            &mut self.floats.short[n]
        };
        *known = Some(value);
    }

    /// The number that an integer was made of, if it was.
    fn known_number(&self, value: Value) -> Option<Value> {
        let dfg = &self.f.func.dfg;
        let ValueDef::Result(inst, _) = dfg.value_def(value) else { return None };
        match dfg.insts[inst] {
            InstructionData::LoadNoOffset { opcode: Opcode::Bitcast, arg, .. } => Some(arg),
            _ => None,
        }
    }

    /// An integer's bits as a number.
    pub fn as_number(&mut self, value: Value) -> Value {
        if let Some(number) = self.known_number(value) {
            return number;
        }
        let ty = number_of(self.type_of(value));
        if self.constant_of(value) == Some(0) {
            return self.constant_number(ty, 0.0);
        }
        self.f.ins().bitcast(ty, MemFlagsData::new(), value)
    }

    /// A number's bits.
    fn as_integer(&mut self, number: Value) -> Value {
        let ty = if self.type_of(number) == types::F32 { types::I32 } else { types::I64 };
        self.f.ins().bitcast(ty, MemFlagsData::new(), number)
    }

    /// A constant, which both formats have.
    #[expect(clippy::cast_possible_truncation, reason = "both formats have it")]
    fn constant_number(&mut self, ty: Type, number: f64) -> Value {
        if ty == types::F32 {
            self.f.ins().f32const(number as f32)
        } else {
            self.f.ins().f64const(number)
        }
    }

    /// Performs an operation; the result is an integer of type `to`. Gives also
    /// the number that the condition code of a conversion to an integer is of.
    pub fn float_operation(
        &mut self,
        operation: HostFloat,
        operands: &[Value],
        to: Type,
    ) -> (Value, Value) {
        let first = operands.first().copied().unwrap_or(self.run);
        let from = self.type_of(first);
        let (slow, rest) = (self.cold_block(), self.f.create_block());
        let judges = matches!(operation, HostFloat::ToFixed(..));
        let is_integer = judges || matches!(operation, HostFloat::Compare { .. });
        let mut outs = vec![if is_integer { to } else { number_of(to) }];
        if judges {
            outs.push(number_of(from));
        }
        let bits = to.bits();
        let (zero, raises) = (operation.must_be_zero(bits), operation.raises_inexact(bits));
        let flag = if raises { fpc::INEXACT } else { 0 };
        let controls = (zero != 0).then(|| self.controls(zero | flag));
        match self.compute(operation, operands, to) {
            None => {
                self.f.ins().jump(slow, &[]);
            }
            Some(Computed { result, wrong, zeros }) => {
                let unsure = if zeros.is_empty() { slow } else { self.cold_block() };
                for wrong in wrong {
                    self.unless(wrong, unsure);
                }
                let mut results = vec![BlockArg::from(result)];
                if judges {
                    results.push(self.as_number(first).into());
                }
                if let Some(found) = controls {
                    let is_right = self.compare_with(IntCC::Equal, found, flag.into());
                    let is_right = is_right.value(self);
                    let otherwise = if raises { self.cold_block() } else { slow };
                    self.f.ins().brif(is_right, rest, &results, otherwise, &[]);
                    if raises {
                        self.f.seal_block(otherwise);
                        self.f.switch_to_block(otherwise);
                        // Nothing but the flag is in the way.
                        let is_foreign = self.compare_with(IntCC::NotEqual, found, 0);
                        self.unless(is_foreign, slow);
                        match self.is_exact(operation, operands, result) {
                            Some(exact) => self.back_if_exact(exact, rest, &results, slow),
                            None => {
                                self.f.ins().jump(slow, &[]);
                            }
                        }
                    }
                } else {
                    self.f.ins().jump(rest, &results);
                }
                if unsure != slow {
                    self.f.seal_block(unsure);
                    self.f.switch_to_block(unsure);
                    let exact = self.is_exact_zero(result, &zeros);
                    self.back_if_exact(exact, rest, &results, slow);
                }
            }
        }
        self.f.seal_block(slow);
        self.f.switch_to_block(slow);
        self.slow_float(operation, operands, [from, to]);
        let results: Vec<BlockArg> = (0..)
            .zip(&outs)
            .map(|(n, out)| self.get_from(*out, self.run, at::scratch(n)).into())
            .collect();
        self.f.ins().jump(rest, &results);
        for out in &outs {
            self.f.append_block_param(rest, *out);
        }
        self.f.seal_block(rest);
        self.f.switch_to_block(rest);
        let params = self.f.block_params(rest).to_vec();
        let result = if is_integer { params[0] } else { self.as_integer(params[0]) };
        let judged = params.get(1).map_or(first, |judged| self.as_integer(*judged));
        (result, judged)
    }

    fn back_if_exact(&mut self, exact: Value, rest: Block, results: &[BlockArg], slow: Block) {
        let inexact = self.compare_with(IntCC::Equal, exact, 0).value(self);
        self.seldom_back(inexact, slow, rest, results);
    }

    /// Whether a result is zero, and one of some operands.
    fn is_exact_zero(&mut self, result: Value, operands: &[Value]) -> Value {
        let zero = self.constant_number(self.type_of(result), 0.0);
        let result = self.f.ins().fcmp(FloatCC::Equal, result, zero);
        let mut any = None;
        for operand in operands {
            let zero = self.constant_number(self.type_of(*operand), 0.0);
            let is_zero = self.f.ins().fcmp(FloatCC::Equal, *operand, zero);
            any = Some(any.map_or(is_zero, |any| self.or(any, is_zero)));
        }
        match any {
            Some(any) => self.binary(Opcode::Band, result, any),
            None => result,
        }
    }

    /// Asks the host's side, which puts results into scratch. The instruction
    /// is given up if it cannot say either.
    fn slow_float(&mut self, operation: HostFloat, operands: &[Value], widths: [Type; 2]) {
        for (n, operand) in operands.iter().enumerate() {
            match self.known_number(*operand) {
                Some(number) => self.put_run(at::scratch(n), number),
                None => self.give(n, *operand),
            }
        }
        let widths = widths.map(|ty| lowcore_arch::bits::low8(ty.bits().into()));
        let site = Box::new(FloatSite { operation, widths });
        let address = self.word(core::ptr::from_ref(&*site) as u64);
        self.references.floats.push(site);
        self.slow_access(Operand { address, base: 0 }, Shape::plain(Access::Float, 0));
    }

    /// What the host's instructions give. Nothing if it has none.
    fn compute(&mut self, operation: HostFloat, operands: &[Value], to: Type) -> Option<Computed> {
        let integer = operands.first().copied()?;
        if let HostFloat::FromFixed(from, modifiers) = operation {
            let is_nearest = Method::of(modifiers) == Some(Method::Nearest);
            let result = is_nearest.then(|| self.number_near(integer, from, number_of(to)))?;
            return Some(Computed::new(result, []));
        }
        let numbers: Vec<Value> = operands.iter().map(|value| self.as_number(*value)).collect();
        let a = *numbers.first()?;
        let b = numbers.get(1).copied().unwrap_or(a);
        let ty = self.type_of(a);
        Some(match operation {
            HostFloat::Arithmetic(kind @ (FloatOperation::Add | FloatOperation::Subtract)) => {
                let result = if kind == FloatOperation::Add {
                    self.f.ins().fadd(a, b)
                } else {
                    self.f.ins().fsub(a, b)
                };
                // Not finite: the difference is a NaN.
                let none = self.f.ins().fsub(result, result);
                Computed::new(result, [Truth::Float(FloatCC::Unordered, none, none)])
            }
            HostFloat::Arithmetic(FloatOperation::Multiply) => {
                let result = self.f.ins().fmul(a, b);
                Computed { zeros: vec![a, b], ..self.normal(result) }
            }
            HostFloat::Arithmetic(FloatOperation::Divide) => {
                let result = self.f.ins().fdiv(a, b);
                Computed { zeros: vec![a], ..self.normal(result) }
            }
            HostFloat::Fused { subtract } => {
                let c = *numbers.get(2)?;
                let addend = if subtract { self.f.ins().fneg(a) } else { a };
                let fuses = self.abilities.fuses;
                let result = fuses.then(|| self.f.ins().fma(c, b, addend))?;
                self.normal(result)
            }
            HostFloat::SquareRoot => {
                let result = self.f.ins().sqrt(a);
                Computed { zeros: vec![a], ..self.normal(result) }
            }
            HostFloat::MultiplyLonger => {
                let [a, b] = [a, b].map(|short| self.f.ins().fpromote(types::F64, short));
                let result = self.f.ins().fmul(a, b);
                Computed::new(result, [Truth::Float(FloatCC::Unordered, result, result)])
            }
            HostFloat::Compare { .. } => {
                let result = self.number(to, 0);
                Computed::new(result, [Truth::Float(FloatCC::Unordered, a, b)])
            }
            HostFloat::LoadAndTest => Computed::new(a, [Truth::Float(FloatCC::Unordered, a, a)]),
            HostFloat::Lengthen => {
                let result = self.f.ins().fpromote(types::F64, a);
                Computed::new(result, [Truth::Float(FloatCC::Unordered, a, a)])
            }
            HostFloat::Round(modifiers) if Method::of(modifiers) == Some(Method::Nearest) => {
                let result = self.f.ins().fdemote(types::F32, a);
                Computed { zeros: vec![a], ..self.normal(result) }
            }
            HostFloat::ToInteger(modifiers) => {
                let result = self.rounded(a, Method::of(modifiers)?)?;
                Computed::new(result, [Truth::Float(FloatCC::Unordered, a, a)])
            }
            HostFloat::ToFixed(fixed, modifiers) => {
                let method = Method::of(modifiers)?;
                // Conversion itself rounds toward zero.
                let rounded = if method == Method::Zero { a } else { self.rounded(a, method)? };
                self.fixed_of(rounded, fixed, ty)
            }
            HostFloat::Round(_) | HostFloat::FromFixed(..) => return None,
        })
    }

    /// A result that is right if it is a normal number, not one of the
    /// smallest exponent.
    fn normal(&mut self, result: Value) -> Computed {
        let (fraction, exponents) =
            if self.type_of(result) == types::F32 { (23, 0xff) } else { (52, 0x7ff) };
        let integer = self.as_integer(result);
        let exponent = self.shift_by(Opcode::Ushr, integer, fraction);
        let exponent = self.unsigned(exponent, types::I32);
        // 0 and 1 come behind that of infinity.
        let exponent = self.plus(exponent, 2_u64.wrapping_neg());
        let exponent = self.mask(exponent, exponents);
        let last = exponents - 2;
        let wrong = self.compare_with(IntCC::UnsignedGreaterThanOrEqual, exponent, last);
        Computed::new(result, [wrong])
    }

    /// A number rounded to an integer in its format.
    fn rounded(&mut self, number: Value, method: Method) -> Option<Value> {
        if !self.abilities.rounds {
            return None;
        }
        let ins = self.f.ins();
        Some(match method {
            Method::Nearest => ins.nearest(number),
            Method::Zero => ins.trunc(number),
            Method::Up => ins.ceil(number),
            Method::Down => ins.floor(number),
        })
    }

    /// A number as an integer, on the right of a word.
    fn fixed_of(&mut self, number: Value, fixed: FixedFormat, ty: Type) -> Computed {
        const WORD: f64 = 4_294_967_296.0;
        let beyond = match fixed {
            FixedFormat::Word => WORD / 2.0,
            FixedFormat::LogicalWord => WORD,
            FixedFormat::Doubleword => WORD / 2.0 * WORD,
            FixedFormat::LogicalDoubleword => WORD * WORD,
        };
        let beyond = self.constant_number(ty, beyond);
        let at_least = FloatCC::UnorderedOrGreaterThanOrEqual;
        match fixed {
            FixedFormat::Word | FixedFormat::Doubleword => {
                let size = self.f.ins().fabs(number);
                let to = if fixed.is_word() { types::I32 } else { types::I64 };
                let integer = self.f.ins().fcvt_to_sint_sat(to, number);
                let integer = self.unsigned(integer, types::I64);
                Computed::new(integer, [Truth::Float(at_least, size, beyond)])
            }
            FixedFormat::LogicalWord | FixedFormat::LogicalDoubleword => {
                let zero = self.constant_number(ty, 0.0);
                let integer = if fixed.is_word() {
                    self.f.ins().fcvt_to_sint_sat(types::I64, number)
                } else {
                    self.f.ins().fcvt_to_uint_sat(types::I64, number)
                };
                let wrong = [
                    Truth::Float(FloatCC::UnorderedOrLessThan, number, zero),
                    Truth::Float(at_least, number, beyond),
                ];
                Computed::new(integer, wrong)
            }
        }
    }

    /// The number nearest to an integer.
    fn number_near(&mut self, integer: Value, fixed: FixedFormat, ty: Type) -> Value {
        let integer = self.doubleword(integer, fixed);
        if fixed == FixedFormat::LogicalDoubleword {
            return self.f.ins().fcvt_from_uint(ty, integer);
        }
        self.f.ins().fcvt_from_sint(ty, integer)
    }

    /// An integer as one of 64 bits.
    fn doubleword(&mut self, integer: Value, fixed: FixedFormat) -> Value {
        match fixed {
            FixedFormat::Word => {
                let word = self.unsigned(integer, types::I32);
                self.signed(word, types::I64)
            }
            FixedFormat::LogicalWord => {
                let word = self.unsigned(integer, types::I32);
                self.unsigned(word, types::I64)
            }
            FixedFormat::Doubleword | FixedFormat::LogicalDoubleword => integer,
        }
    }
}

/// Where a floating-point register, or its left half, is.
fn place_of(r: u8, ty: Type) -> i32 {
    let left = if cfg!(target_endian = "little") && ty.bits() == 32 { 4 } else { 0 };
    place::fpr(r) + left
}
