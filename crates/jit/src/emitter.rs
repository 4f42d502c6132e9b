//! The code of one instruction while it is written: short forms of what the
//! bodies' view needs again and again. None depends on a width as a type, so
//! that each exists once.

use crate::compiler::Place;
use crate::end;
use crate::host_calls::HostCall;
use crate::state::place;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, SigRef, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use lowcore_isa::{Helper, Width};

/// Accesses to the state never trap and are aligned.
const STATE: MemFlagsData = MemFlagsData::trusted();

/// The code of one instruction.
pub struct Emitter<'f> {
    pub f: FunctionBuilder<'f>,
    /// The address of the [`State`](crate::state::State).
    pub state: Value,
    /// The signature of [`HostCall`].
    pub host_call: SigRef,
    /// Where the instruction stands.
    pub place: Place,
    /// The routines that it calls.
    pub routines: Vec<Helper>,
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

impl Emitter<'_> {
    /// A constant, cut to the type.
    pub fn number(&mut self, ty: Type, value: u64) -> Value {
        let cut = value & (u64::MAX >> (64 - ty.bits()));
        self.f.ins().iconst(ty, cut.cast_signed())
    }

    pub fn word(&mut self, value: u64) -> Value {
        self.number(types::I64, value)
    }

    /// A value in the state.
    pub fn get(&mut self, ty: Type, at: i32) -> Value {
        self.f.ins().load(ty, STATE, self.state, at)
    }

    pub fn get_word(&mut self, at: i32) -> Value {
        self.get(types::I64, at)
    }

    /// Replaces a value in the state.
    pub fn put(&mut self, at: i32, value: Value) {
        self.f.ins().store(STATE, value, self.state, at);
    }

    /// The bits of a value that a mask has.
    pub fn mask(&mut self, value: Value, mask: u64) -> Value {
        let mask = self.word(mask);
        self.f.ins().band(value, mask)
    }

    /// Zeros on the left, or cut.
    pub fn unsigned(&mut self, value: Value, to: Type) -> Value {
        let from = self.f.func.dfg.value_type(value);
        if from.bits() < to.bits() {
            self.f.ins().uextend(to, value)
        } else if from.bits() > to.bits() {
            self.f.ins().ireduce(to, value)
        } else {
            value
        }
    }

    /// Signs on the left, or cut.
    pub fn signed(&mut self, value: Value, to: Type) -> Value {
        let from = self.f.func.dfg.value_type(value);
        if from.bits() < to.bits() {
            self.f.ins().sextend(to, value)
        } else {
            self.unsigned(value, to)
        }
    }

    pub fn compare(&mut self, how: IntCC, a: Value, b: Value) -> Value {
        self.f.ins().icmp(how, a, b)
    }

    /// Compares with a constant.
    pub fn compare_with(&mut self, how: IntCC, a: Value, number: u64) -> Value {
        let ty = self.f.func.dfg.value_type(a);
        let number = self.number(ty, number);
        self.compare(how, a, number)
    }

    pub fn choose(&mut self, condition: Value, yes: Value, no: Value) -> Value {
        self.f.ins().select(condition, yes, no)
    }

    /// Cuts an address to the addressing mode.
    pub fn cut(&mut self, address: Value) -> Value {
        let mask = self.place.mode.mask();
        if mask == u64::MAX { address } else { self.mask(address, mask) }
    }

    /// Replaces a part of a 64-bit value in the state: that of the bits in
    /// `replaced`, by what `value` has there.
    pub fn put_part(&mut self, at: i32, replaced: u64, value: Value) {
        let old = self.get_word(at);
        let kept = self.mask(old, !replaced);
        let new = self.f.ins().bor(kept, value);
        self.put(at, new);
    }

    /// Sets the condition code to `one` + 2 × `two`.
    pub fn put_cc(&mut self, one: Value, two: Value) {
        let one = self.unsigned(one, types::I64);
        let two = self.unsigned(two, types::I64);
        let two = self.f.ins().iadd(two, two);
        let cc = self.f.ins().iadd(one, two);
        self.put(place::CC, cc);
    }

    /// The condition code of a sign: 0 zero, 1 negative, 2 positive.
    pub fn sign_cc(&mut self, value: Value) -> Value {
        let negative = self.compare_with(IntCC::SignedLessThan, value, 0);
        let positive = self.compare_with(IntCC::SignedGreaterThan, value, 0);
        let negative = self.unsigned(negative, types::I64);
        let positive = self.unsigned(positive, types::I64);
        let two = self.f.ins().iadd(positive, positive);
        self.f.ins().iadd(negative, two)
    }

    /// Sets the condition code: 0 if none of the bits in `mask` is one, 3 if
    /// all are, else `mixed`.
    pub fn put_cc_of_bits(
        &mut self,
        value: Value,
        mask: u64,
        mixed: impl FnOnce(&mut Self, Value) -> Value,
    ) {
        let value = self.unsigned(value, types::I64);
        let selected = self.mask(value, mask);
        let none = self.compare_with(IntCC::Equal, selected, 0);
        let all = self.compare_with(IntCC::Equal, selected, mask);
        let (zero, three) = (self.word(0), self.word(3));
        let mixed = mixed(self, selected);
        let cc = self.choose(all, three, mixed);
        let cc = self.choose(none, zero, cc);
        self.put(place::CC, cc);
    }

    /// Goes on in a new block, after a jump to another one if `condition`.
    pub fn unless(&mut self, condition: Value, otherwise: Block) {
        let next = self.f.create_block();
        self.f.ins().brif(condition, otherwise, &[], next, &[]);
        self.f.switch_to_block(next);
    }

    /// Ends the instruction like this if `condition`.
    pub fn end_if(&mut self, condition: Value, end: u64) {
        let exit = self.f.create_block();
        self.unless(condition, exit);
        let next = self.f.current_block();
        self.f.set_cold_block(exit);
        self.f.switch_to_block(exit);
        self.end(end);
        if let Some(next) = next {
            self.f.switch_to_block(next);
        }
    }

    /// Ends the instruction like this; nothing can follow in the block.
    pub fn end(&mut self, end: u64) {
        let end = self.word(end);
        self.f.ins().return_(&[end]);
    }

    /// Calls the host's side, and ends the instruction if it says so.
    pub fn call_host(&mut self, function: HostCall, first: Value, second: Value) {
        let address = self.word(function as *const () as u64);
        let arguments = [self.state, first, second];
        let call = self.f.ins().call_indirect(self.host_call, address, &arguments);
        let status = self.f.inst_results(call)[0];
        let ended = self.compare_with(IntCC::NotEqual, status, end::COMPLETED);
        self.end_if(ended, end::KEPT);
    }

    /// Puts a value where a call to the host's side finds it.
    pub fn give(&mut self, n: usize, value: Value) {
        let value = self.unsigned(value, types::I64);
        self.put(place::scratch(n), value);
    }

    /// Takes a value that a call to the host's side gave.
    pub fn take(&mut self, n: usize, ty: Type) -> Value {
        let value = self.get_word(place::scratch(n));
        self.unsigned(value, ty)
    }

    /// Branches to an address if `condition`.
    pub fn branch(&mut self, condition: Value, target: Value) {
        let here = self.word(self.place.address);
        let target = self.cut(target);
        for (at, value) in [(place::PSW_ADDRESS, target), (place::BREAKING_EVENT, here)] {
            let old = self.get_word(at);
            let new = self.choose(condition, value, old);
            self.put(at, new);
        }
    }
}
