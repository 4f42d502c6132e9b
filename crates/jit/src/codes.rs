//! The condition code in a region: a recipe ([`condition`](crate::condition))
//! whose values are those that set it. Where blocks meet it is three words,
//! and so it is where a region ends. Where both ways of a branch are computed
//! it is one of two, which is chosen only where somebody looks.

use crate::condition::Kind;
use crate::emitter::Emitter;
use crate::host_calls;
use crate::run::at;
use crate::truth::{Sum, Truth};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Opcode, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};

/// A recipe whose kind is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    pub kind: Kind,
    pub a: Value,
    pub b: Value,
    /// The operands of a sum or difference, where they are still known.
    pub sum: Option<Sum>,
}

impl Recipe {
    /// The number itself.
    const fn number(number: Value) -> Self {
        Self { kind: Kind::Number, a: number, b: number, sum: None }
    }
}

/// The condition code at some point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// In the three words.
    Words,
    /// Three words as values.
    Held([Value; 3]),
    /// By a recipe.
    Known(Recipe),
    /// One of two, by the number in [`Codes::choices`].
    Chosen(usize),
}

/// The condition code.
#[derive(Debug)]
pub struct Codes {
    words: [Variable; 3],
    /// The first if the condition holds, else the second.
    choices: Vec<(Truth, Code, Code)>,
    /// Before the present instruction.
    pub before: Code,
    /// What the present instruction set it to, if it did.
    pub written: Option<Recipe>,
}

impl Codes {
    pub fn new(f: &mut FunctionBuilder<'_>) -> Self {
        let words = core::array::from_fn(|_| f.declare_var(types::I64));
        Self { words, choices: Vec::new(), before: Code::Words, written: None }
    }

    /// What it is now.
    pub fn now(&self) -> Code {
        self.written.map_or(self.before, Code::Known)
    }
}

/// The bits of a mask: condition codes 0, 1, 2 and 3.
const NONE: u8 = 0;
const ALL: u8 = 15;

impl Emitter<'_> {
    /// Takes the condition code from the run block, at the beginning; as a
    /// number if somebody `asks` for it.
    pub fn load_code(&mut self, asks: bool) -> Code {
        let kind = self.get_run(at::CC);
        let first = self.get_run(at::CC + 8);
        if !asks {
            let second = self.get_run(at::CC + 16);
            for (variable, word) in self.codes.words.into_iter().zip([kind, first, second]) {
                self.f.def_var(variable, word);
            }
            return Code::Words;
        }
        let (other, rest) = (self.cold_block(), self.f.create_block());
        self.f.ins().brif(kind, other, &[], rest, &[first.into()]);
        self.f.seal_block(other);
        self.f.switch_to_block(other);
        let zero = self.word(0);
        let number = self.call_host(host_calls::number_of_code, zero, zero);
        self.f.ins().jump(rest, &[number.into()]);
        let number = self.f.append_block_param(rest, types::I64);
        self.f.seal_block(rest);
        self.f.switch_to_block(rest);
        let code = Code::Known(Recipe::number(number));
        self.define_code(code);
        code
    }

    /// The condition code where a block begins, to which all ways lead that
    /// have [made it a number](Self::define_code_number).
    pub fn numbered_code(&mut self) -> Code {
        Code::Known(Recipe::number(self.f.use_var(self.codes.words[1])))
    }

    /// Sets the condition code by a recipe.
    pub fn set_code(&mut self, kind: Kind, a: Value, b: Value) {
        self.changes += 1;
        self.codes.written = Some(Recipe { kind, a, b, sum: None });
    }

    /// Sets it to a number.
    pub fn set_code_number(&mut self, number: Value) {
        self.set_code(Kind::Number, number, number);
    }

    /// Sets it by a sum or difference.
    pub fn set_code_of_sum(&mut self, kind: Kind, sum: Sum) {
        self.changes += 1;
        self.codes.written = Some(Recipe { kind, a: sum.result, b: sum.y, sum: Some(sum) });
    }

    /// Sets the condition code to `one` + 2 × `two`.
    pub fn set_code_of(&mut self, one: Truth, two: Truth) {
        let (one, two) = (one.value(self), two.value(self));
        let (one, two) = (self.unsigned(one, types::I64), self.unsigned(two, types::I64));
        let two = self.add(two, two);
        let cc = self.add(one, two);
        self.set_code_number(cc);
    }

    /// Puts the condition code of TEST UNDER MASK.
    pub fn set_code_under(&mut self, kind: Kind, value: Value, mask: u64) {
        let value = self.unsigned(value, types::I64);
        let mask = self.word(mask);
        if self.constant_of(mask) == Some(0) {
            self.set_code_number(mask);
        } else {
            self.set_code(kind, value, mask);
        }
    }

    /// The three words of a condition code.
    fn words(&mut self, code: Code) -> [Value; 3] {
        match code {
            Code::Words => self.codes.words.map(|word| self.f.use_var(word)),
            Code::Held(words) => words,
            Code::Known(Recipe { kind, a, b, .. }) => {
                let number = self.word(kind as u64);
                let widen = |e: &mut Self, value| {
                    if kind.is_signed() {
                        e.signed(value, types::I64)
                    } else {
                        e.unsigned(value, types::I64)
                    }
                };
                [number, widen(self, a), widen(self, b)]
            }
            Code::Chosen(n) => {
                let (condition, yes, no) = self.codes.choices[n];
                let (yes, no) = (self.words(yes), self.words(no));
                core::array::from_fn(|n| self.choose(condition, yes[n], no[n]))
            }
        }
    }

    /// The same condition code, known without the three words.
    pub fn held_code(&mut self, code: Code) -> Code {
        match code {
            Code::Words => {
                let words = self.words(code);
                Code::Held(words.map(|word| self.f.func.dfg.resolve_aliases(word)))
            }
            code => code,
        }
    }

    /// Makes a condition code that of the three words, in the present block.
    pub fn define_code(&mut self, code: Code) {
        if code != Code::Words {
            let words = self.words(code);
            for (variable, word) in self.codes.words.into_iter().zip(words) {
                self.f.def_var(variable, word);
            }
        }
    }

    /// The same, as a number.
    pub fn define_code_number(&mut self, code: Code) {
        let number = self.number_of(code);
        self.define_code(Code::Known(Recipe::number(number)));
    }

    /// Puts a condition code into the run block.
    pub fn store_code(&mut self, code: Code) {
        for (n, word) in (0..).zip(self.words(code)) {
            self.put_run(at::CC + 8 * n, word);
        }
    }

    /// Makes the condition code one of two.
    pub fn choose_code(&mut self, condition: Truth, yes: Code, no: Code) {
        let (yes, no) = (self.held_code(yes), self.held_code(no));
        self.codes.before = Code::Chosen(self.codes.choices.len());
        self.codes.choices.push((condition, yes, no));
        self.codes.written = None;
    }

    /// A recipe for what is only in words now.
    fn known(&mut self) -> Recipe {
        match self.codes.now() {
            Code::Known(recipe) => recipe,
            code => {
                let number = self.number_of(code);
                let recipe = Recipe::number(number);
                self.codes.before = Code::Known(recipe);
                recipe
            }
        }
    }

    /// The condition code, 0 to 3, as 64 bits.
    pub fn code_number(&mut self) -> Value {
        let recipe = self.known();
        self.number_by(recipe)
    }

    /// A condition code as a number.
    pub fn number_of(&mut self, code: Code) -> Value {
        match code {
            Code::Known(recipe) => self.number_by(recipe),
            Code::Words | Code::Held(_) => {
                let [kind, a, b] = self.words(code);
                self.evaluate(kind, a, b)
            }
            Code::Chosen(n) => {
                let (condition, yes, no) = self.codes.choices[n];
                let (yes, no) = (self.number_of(yes), self.number_of(no));
                self.choose(condition, yes, no)
            }
        }
    }

    fn number_by(&mut self, recipe: Recipe) -> Value {
        let Recipe { kind, a, b, sum } = recipe;
        let three_way = |e: &mut Self, low: Truth, high: Truth| {
            let (low, high) = (low.value(e), high.value(e));
            let (low, high) = (e.unsigned(low, types::I64), e.unsigned(high, types::I64));
            let two = e.add(high, high);
            e.add(low, two)
        };
        let sign = |e: &mut Self, a: Value| {
            let low = e.compare_with(IntCC::SignedLessThan, a, 0);
            let high = e.compare_with(IntCC::SignedGreaterThan, a, 0);
            three_way(e, low, high)
        };
        match kind {
            Kind::Number => {
                let number = self.unsigned(a, types::I64);
                self.mask(number, 3)
            }
            Kind::Sign => sign(self, a),
            Kind::NotZero => {
                let is = self.compare_with(IntCC::NotEqual, a, 0);
                let is = is.value(self);
                self.unsigned(is, types::I64)
            }
            Kind::CompareSigned => three_way(
                self,
                Truth::Compare(IntCC::SignedLessThan, a, b),
                Truth::Compare(IntCC::SignedGreaterThan, a, b),
            ),
            Kind::Compare => three_way(
                self,
                Truth::Compare(IntCC::UnsignedLessThan, a, b),
                Truth::Compare(IntCC::UnsignedGreaterThan, a, b),
            ),
            Kind::Float32 | Kind::Float64 => {
                let (a, b) = (self.as_number(a), self.as_number(b));
                three_way(
                    self,
                    Truth::Float(FloatCC::UnorderedOrLessThan, a, b),
                    Truth::Float(FloatCC::UnorderedOrGreaterThan, a, b),
                )
            }
            Kind::Mixed | Kind::UnderMask => {
                let selected = self.binary(Opcode::Band, a, b);
                let none = self.compare_with(IntCC::Equal, selected, 0);
                let all = Truth::Compare(IntCC::Equal, selected, b);
                let (zero, one) = (self.word(0), self.word(1));
                let (two, three) = (self.word(2), self.word(3));
                let mixed = if kind == Kind::Mixed {
                    one
                } else {
                    let mask = self.constant_of(b).unwrap_or(0);
                    let bits = self.mask(selected, 1 << 63 >> mask.leading_zeros().min(63));
                    let is_one = self.compare_with(IntCC::NotEqual, bits, 0);
                    self.choose(is_one, two, one)
                };
                let cc = self.choose(all, three, mixed);
                self.choose(none, zero, cc)
            }
            Kind::Add32 | Kind::Add64 | Kind::Sub32 | Kind::Sub64 => {
                let overflow = Truth::Overflow(self.sum(kind, a, b, sum));
                let (sign, three) = (sign(self, a), self.word(3));
                self.choose(overflow, three, sign)
            }
            Kind::Carry32 | Kind::Carry64 | Kind::Borrow32 | Kind::Borrow64 => {
                let carry = Truth::Carry(self.sum(kind, a, b, sum));
                let not_zero = self.compare_with(IntCC::NotEqual, a, 0);
                three_way(self, not_zero, carry)
            }
        }
    }

    /// The operands of a sum or difference, found again from its result.
    fn sum(&mut self, kind: Kind, result: Value, y: Value, sum: Option<Sum>) -> Sum {
        sum.unwrap_or_else(|| {
            let is_difference =
                matches!(kind, Kind::Sub32 | Kind::Sub64 | Kind::Borrow32 | Kind::Borrow64);
            let opcode = if is_difference { Opcode::Iadd } else { Opcode::Isub };
            let x = self.binary(opcode, result, y);
            Sum { x, y, result, is_difference }
        })
    }

    /// Whether the condition code is one of those that a mask selects: 8 for
    /// 0, 4 for 1, 2 for 2, 1 for 3.
    pub fn code_in(&mut self, mask: u8) -> Truth {
        match mask & ALL {
            NONE => return Truth::Constant(false),
            ALL => return Truth::Constant(true),
            _ => {}
        }
        let Recipe { kind, a, b, sum } = self.known();
        let found = match kind {
            Kind::Sign => {
                let zero = self.zero_like(a);
                three_way(mask, true).map(|how| Truth::Compare(how, a, zero))
            }
            Kind::CompareSigned => three_way(mask, true).map(|how| Truth::Compare(how, a, b)),
            Kind::Float32 | Kind::Float64 => {
                let (a, b) = (self.as_number(a), self.as_number(b));
                four_way(mask).map(|how| Truth::Float(how, a, b))
            }
            Kind::Compare => three_way(mask, false).map(|how| Truth::Compare(how, a, b)),
            Kind::NotZero => {
                let zero = self.zero_like(a);
                match (mask & 8 != 0, mask & 4 != 0) {
                    (true, true) => Some(Truth::Constant(true)),
                    (false, false) => Some(Truth::Constant(false)),
                    (true, false) => Some(Truth::Compare(IntCC::Equal, a, zero)),
                    (false, true) => Some(Truth::Compare(IntCC::NotEqual, a, zero)),
                }
            }
            Kind::Carry32 | Kind::Carry64 | Kind::Borrow32 | Kind::Borrow64 => {
                let zero = self.zero_like(a);
                match mask {
                    0b0011 => Some(Truth::Carry(self.sum(kind, a, b, sum))),
                    0b1100 => Some(Truth::NoCarry(self.sum(kind, a, b, sum))),
                    0b1010 => Some(Truth::Compare(IntCC::Equal, a, zero)),
                    0b0101 => Some(Truth::Compare(IntCC::NotEqual, a, zero)),
                    _ => None,
                }
            }
            Kind::Mixed | Kind::UnderMask => {
                // Of a single bit there is no mixture.
                let single = self.constant_of(b).is_some_and(u64::is_power_of_two);
                let wanted = if single { mask & 9 } else { mask };
                let selected = self.binary(Opcode::Band, a, b);
                let zero = self.zero_like(a);
                match wanted {
                    0b1000 => Some(Truth::Compare(IntCC::Equal, selected, zero)),
                    0b0111 => Some(Truth::Compare(IntCC::NotEqual, selected, zero)),
                    0b0001 if single => Some(Truth::Compare(IntCC::NotEqual, selected, zero)),
                    0b0001 => Some(Truth::Compare(IntCC::Equal, selected, b)),
                    0b1110 => Some(Truth::Compare(IntCC::NotEqual, selected, b)),
                    0 if single => Some(Truth::Constant(false)),
                    9 if single => Some(Truth::Constant(true)),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some(found) = found {
            return found;
        }
        let number = self.code_number();
        let eight = self.word(8);
        let bit = self.shift(Opcode::Ushr, eight, number);
        let selected = self.mask(bit, mask.into());
        self.compare_with(IntCC::NotEqual, selected, 0)
    }
}

/// The comparison that a mask of a three-way condition code stands for; 3 is
/// never set.
fn three_way(mask: u8, signed: bool) -> Option<IntCC> {
    Some(match (mask & 0b1110, signed) {
        (0b1000, _) => IntCC::Equal,
        (0b0110, _) => IntCC::NotEqual,
        (0b0100, true) => IntCC::SignedLessThan,
        (0b0100, false) => IntCC::UnsignedLessThan,
        (0b0010, true) => IntCC::SignedGreaterThan,
        (0b0010, false) => IntCC::UnsignedGreaterThan,
        (0b1100, true) => IntCC::SignedLessThanOrEqual,
        (0b1100, false) => IntCC::UnsignedLessThanOrEqual,
        (0b1010, true) => IntCC::SignedGreaterThanOrEqual,
        (0b1010, false) => IntCC::UnsignedGreaterThanOrEqual,
        _ => return None,
    })
}

/// The comparison of floating-point numbers that a mask stands for.
const fn four_way(mask: u8) -> Option<FloatCC> {
    Some(match mask & ALL {
        0b1000 => FloatCC::Equal,
        0b0100 => FloatCC::LessThan,
        0b0010 => FloatCC::GreaterThan,
        0b0001 => FloatCC::Unordered,
        0b1100 => FloatCC::LessThanOrEqual,
        0b1010 => FloatCC::GreaterThanOrEqual,
        0b0110 => FloatCC::OrderedNotEqual,
        0b1001 => FloatCC::UnorderedOrEqual,
        0b0101 => FloatCC::UnorderedOrLessThan,
        0b0011 => FloatCC::UnorderedOrGreaterThan,
        0b1101 => FloatCC::UnorderedOrLessThanOrEqual,
        0b1011 => FloatCC::UnorderedOrGreaterThanOrEqual,
        0b0111 => FloatCC::NotEqual,
        0b1110 => FloatCC::Ordered,
        _ => return None,
    })
}
