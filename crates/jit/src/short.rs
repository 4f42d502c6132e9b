//! MOVE, AND, OR, EXCLUSIVE OR and COMPARE LOGICAL of storage with storage: a
//! few bytes in line, if each operand lies in one page that the TLB permits and
//! they do not overlap in a way that shows; all else is for the host's side,
//! which keeps the registers.

use crate::access::{BYTES, Operand};
use crate::condition::Kind;
use crate::emitter::Emitter;
use crate::region::PAGE;
use crate::run::entry;
use crate::slow::{Access, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Opcode, Type, Value, types};

/// Bytes that are moved in line.
const MOVED: u64 = 64;
/// Bytes that are combined or compared in line.
const COMPUTED: u64 = 16;

/// The pieces that cover so many bytes, at most of a size; the last two may
/// overlap.
fn pieces(length: u64, widest: u64) -> (Type, Vec<u64>) {
    let size = widest.min(1 << length.ilog2());
    let ty = match size {
        1 => types::I8,
        2 => types::I16,
        4 => types::I32,
        8 => types::I64,
        _ => types::I8X16,
    };
    let last = length - size;
    let mut places: Vec<u64> = (0..last).step_by(usize::try_from(size).unwrap_or(1)).collect();
    places.push(last);
    (ty, places)
}

/// The pieces of an operand, for an access.
fn at(place: u64) -> i32 {
    i32::try_from(place).unwrap_or(0)
}

/// Where an operation goes on, and the host's addresses of its operands.
struct InLine {
    rest: Block,
    first: Value,
    second: Value,
}

impl Emitter<'_> {
    /// What is zero if the TLB permits an access to so many bytes, and where
    /// they are in the host's memory.
    fn look_up_bytes(&mut self, address: Value, length: u64, tag: i32) -> (Value, Value) {
        let found = self.entry_of(address);
        let addend = self.get_from(types::I64, found, entry::ADDEND);
        let tag = self.get_from(types::I64, found, tag);
        let host = self.add(addend, address);
        let asked = self.mask(address, !(PAGE - 1));
        let differs = self.binary(Opcode::Bxor, asked, tag);
        if length == 1 {
            return (differs, host);
        }
        let offset = self.mask(address, PAGE - 1);
        let last = self.plus(offset, length - 1);
        let beyond = self.mask(last, !(PAGE - 1));
        (self.or(differs, beyond), host)
    }

    /// Gives the host's side what it needs for an operation.
    fn give_operands(
        &mut self,
        access: Access,
        first: Operand,
        second: Operand,
        length: Value,
    ) -> Shape {
        self.give(0, second.address);
        let base = self.word(second.base.into());
        self.give(1, base);
        self.give(2, length);
        Shape::plain(access, first.base)
    }

    /// Begins an operation: writes the slow way, which gives as many values of
    /// 64 bits as `results`, and goes on in line.
    fn begin_short(
        &mut self,
        access: Access,
        first: Operand,
        second: Operand,
        length: u64,
        results: usize,
    ) -> InLine {
        let stores = access != Access::CompareBytes;
        let tag = if stores { entry::STORE } else { entry::FETCH };
        let (one, to) = self.look_up_bytes(first.address, length, tag);
        let (other, from) = self.look_up_bytes(second.address, length, entry::FETCH);
        let mut differs = self.or(one, other);
        if stores && length > 1 {
            // As far as the second operand's place goes, byte by byte shows.
            let distance = self.binary(Opcode::Isub, to, from);
            let distance = self.plus(distance, u64::MAX);
            let shows = self.compare_with(IntCC::UnsignedLessThan, distance, length - 1);
            let shows = shows.value(self);
            let shows = self.unsigned(shows, types::I64);
            differs = self.or(differs, shows);
        }
        let permitted = self.compare_with(IntCC::Equal, differs, 0).value(self);
        let (fast, slow) = (self.f.create_block(), self.cold_block());
        let rest = self.f.create_block();
        self.f.ins().brif(permitted, fast, &[], slow, &[]);
        self.f.seal_block(fast);
        self.f.seal_block(slow);
        self.f.switch_to_block(slow);
        let bytes = self.word(length);
        let shape = self.give_operands(access, first, second, bytes);
        if access == Access::Move {
            let status = self.slow(first, shape);
            self.end_slow_store(status, rest);
        } else {
            if stores {
                self.seldom_update(first, shape);
            } else {
                self.seldom_access(first, shape);
            }
            let found: Vec<BlockArg> =
                (0..results).map(|n| self.take(n, types::I64).into()).collect();
            self.f.ins().jump(rest, &found);
        }
        for _ in 0..results {
            self.f.append_block_param(rest, types::I64);
        }
        self.f.switch_to_block(fast);
        InLine { rest, first: to, second: from }
    }

    fn end_short(&mut self, rest: Block, results: &[Value]) -> Vec<Value> {
        let results: Vec<BlockArg> =
            results.iter().map(|value| self.unsigned(*value, types::I64).into()).collect();
        self.f.ins().jump(rest, &results);
        self.f.seal_block(rest);
        self.f.switch_to_block(rest);
        self.f.block_params(rest).to_vec()
    }

    /// An operation on two storage operands.
    pub fn storage_to_storage(
        &mut self,
        access: Access,
        first: Operand,
        second: Operand,
        length: Value,
    ) {
        let in_line = if access == Access::Move { MOVED } else { COMPUTED };
        let bytes = self.constant_of(length).filter(|bytes| (1..=in_line).contains(bytes));
        match (access, bytes) {
            // Only this host's plain accesses have the architecture's order.
            (_, Some(bytes)) if cfg!(target_arch = "x86_64") => match access {
                Access::Move => self.move_bytes(first, second, bytes),
                Access::CompareBytes => self.compare_bytes(first, second, bytes),
                _ => self.combine_bytes(access, first, second, bytes),
            },
            _ => self.aside_bytes(access, first, second, length),
        }
    }

    fn aside_bytes(&mut self, access: Access, first: Operand, second: Operand, length: Value) {
        let shape = self.give_operands(access, first, second, length);
        match access {
            Access::Move => {
                let status = self.slow(first, shape);
                let rest = self.f.create_block();
                self.end_slow_store(status, rest);
                self.f.switch_to_block(rest);
            }
            Access::CompareBytes => {
                self.slow_access(first, shape);
                let (a, b) = (self.take(0, types::I64), self.take(1, types::I64));
                self.set_code(Kind::Compare, a, b);
            }
            _ => {
                self.slow_update(first, shape);
                let result = self.take(0, types::I64);
                self.set_code(Kind::NotZero, result, result);
            }
        }
    }

    fn move_bytes(&mut self, first: Operand, second: Operand, length: u64) {
        let InLine { rest, first, second } =
            self.begin_short(Access::Move, first, second, length, 0);
        let (ty, places) = pieces(length, 16);
        let load = |e: &mut Self, place: &u64| e.f.ins().load(ty, BYTES, second, at(*place));
        let values: Vec<Value> = places.iter().map(|place| load(self, place)).collect();
        for (place, value) in places.iter().zip(values) {
            self.f.ins().store(BYTES, value, first, at(*place));
        }
        // It is sealed where the slow way leaves.
        self.f.ins().jump(rest, &[]);
        self.f.switch_to_block(rest);
    }

    fn combine_bytes(&mut self, access: Access, first: Operand, second: Operand, length: u64) {
        let opcode = match access {
            Access::AndBytes => Opcode::Band,
            Access::OrBytes => Opcode::Bor,
            _ => Opcode::Bxor,
        };
        let same = first.address == second.address;
        let InLine { rest, first, second } = self.begin_short(access, first, second, length, 1);
        let (ty, places) = pieces(length, 8);
        let values: Vec<Value> = if same && access == Access::XorBytes {
            places.iter().map(|_| self.number(ty, 0)).collect()
        } else {
            let combined = |e: &mut Self, place: &u64| {
                let a = e.f.ins().load(ty, BYTES, first, at(*place));
                let b = e.f.ins().load(ty, BYTES, second, at(*place));
                e.binary(opcode, a, b)
            };
            places.iter().map(|place| combined(self, place)).collect()
        };
        let mut all = values[0];
        for (place, value) in places.iter().zip(values) {
            self.f.ins().store(BYTES, value, first, at(*place));
            all = self.or(all, value);
        }
        let result = self.end_short(rest, &[all])[0];
        self.set_code(Kind::NotZero, result, result);
    }

    fn compare_bytes(&mut self, first: Operand, second: Operand, length: u64) {
        let InLine { rest, first, second } =
            self.begin_short(Access::CompareBytes, first, second, length, 2);
        let (ty, places) = pieces(length, 8);
        let mut found: Option<[Value; 2]> = None;
        for place in places {
            let here = [first, second].map(|host| {
                let value = self.f.ins().load(ty, BYTES, host, at(place));
                self.swapped(value)
            });
            found = Some(match found {
                None => here,
                // The first difference counts.
                Some([a, b]) => {
                    let differ = self.f.ins().icmp(IntCC::NotEqual, a, b);
                    let [x, y] = here;
                    [self.f.ins().select(differ, a, x), self.f.ins().select(differ, b, y)]
                }
            });
        }
        let found = found.map_or_else(Vec::new, Vec::from);
        let both = self.end_short(rest, &found);
        self.set_code(Kind::Compare, both[0], both[1]);
    }
}
