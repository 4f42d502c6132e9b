//! Interlocked accesses in line: the host's own, where the TLB permits a store
//! and the operand is aligned.

use crate::access::{CLIENT, Operand};
use crate::emitter::Emitter;
use crate::slow::Shape;
use crate::truth::Truth;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AtomicRmwOp, Block, BlockArg, InstBuilder, Opcode, Type, Value, types,
};
use lowcore_isa::Update;

/// Where an access goes on, and the host's address of its operand.
struct InLine {
    rest: Block,
    host: Value,
}

impl Emitter<'_> {
    /// Begins an access of values of a type: writes the slow way, which gives
    /// values of `results` types in their order, and goes on in line.
    fn begin_in_line(
        &mut self,
        operand: Operand,
        ty: Type,
        given: &[Value],
        shape: Shape,
        results: &[Type],
    ) -> InLine {
        self.serializes = true;
        let (permitted, host) = self.look_up_aligned(operand.address, ty, true);
        let (fast, slow) = (self.f.create_block(), self.cold_block());
        let rest = self.f.create_block();
        let permitted = permitted.value(self);
        self.f.ins().brif(permitted, fast, &[], slow, &[]);
        self.f.seal_block(fast);
        self.f.seal_block(slow);
        self.f.switch_to_block(slow);
        for (n, value) in given.iter().enumerate() {
            self.give(n, *value);
        }
        self.seldom_update(operand, shape);
        let found: Vec<BlockArg> =
            (0..).zip(results).map(|(n, ty)| self.take(n, *ty).into()).collect();
        self.f.ins().jump(rest, &found);
        for ty in results {
            self.f.append_block_param(rest, *ty);
        }
        self.f.switch_to_block(fast);
        InLine { rest, host }
    }

    /// Ends an access that began in line, with its results. Gives those of
    /// either way.
    fn end_in_line(&mut self, rest: Block, results: &[Value]) -> Vec<Value> {
        let results: Vec<BlockArg> = results.iter().map(|value| (*value).into()).collect();
        self.f.ins().jump(rest, &results);
        self.f.seal_block(rest);
        self.f.switch_to_block(rest);
        self.f.block_params(rest).to_vec()
    }

    /// Compares and swaps a value. Gives what was found, and whether it was
    /// the old one.
    pub fn swap_value(
        &mut self,
        operand: Operand,
        shape: Shape,
        old: Value,
        new: Value,
    ) -> (Value, Truth) {
        let ty = self.type_of(old);
        let (expected, replacement) = (self.swapped(old), self.swapped(new));
        let InLine { rest, host } = self.begin_in_line(operand, ty, &[old, new], shape, &[ty]);
        let found = self.f.ins().atomic_cas(CLIENT, host, expected, replacement);
        let found = self.swapped(found);
        let found = self.end_in_line(rest, &[found])[0];
        (found, Truth::Compare(IntCC::Equal, found, old))
    }

    /// The same with 16 bytes, in halves; not on every host.
    pub fn swap_wide(
        &mut self,
        operand: Operand,
        shape: Shape,
        old: [Value; 2],
        new: [Value; 2],
    ) -> ([Value; 2], Truth) {
        let [expected, replacement] = [old, new].map(|[high, low]| {
            // The first byte in storage is the host's lowest.
            let (first, last) = (self.swapped(high), self.swapped(low));
            self.f.ins().iconcat(first, last)
        });
        let given = [old[0], old[1], new[0], new[1]];
        let half = types::I64;
        let InLine { rest, host } =
            self.begin_in_line(operand, types::I128, &given, shape, &[half, half]);
        let found = self.f.ins().atomic_cas(CLIENT, host, expected, replacement);
        let (first, last) = self.f.ins().isplit(found);
        let (high, low) = (self.swapped(first), self.swapped(last));
        let found = self.end_in_line(rest, &[high, low]);
        let high = self.binary(Opcode::Bxor, found[0], old[0]);
        let low = self.binary(Opcode::Bxor, found[1], old[1]);
        let differs = self.or(high, low);
        ([found[0], found[1]], self.compare_with(IntCC::Equal, differs, 0))
    }

    /// Whether this host has such an access of 16 bytes, as the compiler is
    /// told.
    pub fn swaps_wide() -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            std::arch::is_x86_feature_detected!("cmpxchg16b")
        }
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Updates a value. Gives what it was.
    pub fn update_value(&mut self, operand: Operand, shape: Shape, with: Value) -> Value {
        let ty = self.type_of(with);
        let swapped = self.swapped(with);
        let InLine { rest, host } = self.begin_in_line(operand, ty, &[with], shape, &[ty]);
        let old = match shape.update {
            Update::Add if ty != types::I8 => return self.add_in_storage(rest, host, with),
            Update::Add => self.rmw(AtomicRmwOp::Add, host, swapped),
            Update::And => self.rmw(AtomicRmwOp::And, host, swapped),
            Update::Or => self.rmw(AtomicRmwOp::Or, host, swapped),
            Update::Xor => self.rmw(AtomicRmwOp::Xor, host, swapped),
        };
        let old = self.swapped(old);
        self.end_in_line(rest, &[old])[0]
    }

    fn rmw(&mut self, operation: AtomicRmwOp, host: Value, with: Value) -> Value {
        let ty = self.type_of(with);
        self.f.ins().atomic_rmw(ty, CLIENT, operation, host, with)
    }

    /// A sum cannot be formed in the other byte order: it is tried until
    /// nobody came in between.
    fn add_in_storage(&mut self, rest: Block, host: Value, with: Value) -> Value {
        let ty = self.type_of(with);
        let first = self.f.ins().atomic_load(ty, CLIENT, host);
        let (again, done) = (self.f.create_block(), self.f.create_block());
        self.f.append_block_param(again, ty);
        self.f.ins().jump(again, &[first.into()]);
        self.f.switch_to_block(again);
        let expected = self.f.block_params(again)[0];
        let old = self.swapped(expected);
        let sum = self.add(old, with);
        let replacement = self.swapped(sum);
        let found = self.f.ins().atomic_cas(CLIENT, host, expected, replacement);
        let is_done = self.f.ins().icmp(IntCC::Equal, found, expected);
        self.f.ins().brif(is_done, done, &[], again, &[found.into()]);
        self.f.seal_block(again);
        self.f.seal_block(done);
        self.f.switch_to_block(done);
        self.end_in_line(rest, &[old])[0]
    }
}
