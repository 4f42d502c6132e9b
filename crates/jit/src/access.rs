//! Storage operands: the way through the TLB, in line, and the slow one.
//!
//! An access that the TLB permits is one guarded instruction
//! ([`lowcore_host::executable`]): if the client's memory is not there, it
//! goes on as if the TLB had not permitted it. The slow way then finds out
//! what is wrong. It keeps all registers but those that it is called with, so
//! that it costs the other way nothing.

use crate::emitter::Emitter;
use crate::region::PAGE;
use crate::run::{at, entry};
use crate::slow::{IN_INSTRUCTION_SPACE, Shape, Site, status};
use crate::truth::Truth;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, MemFlagsData, Opcode, TrapCode, Type, Value, types,
};
use lowcore_cpu::layout;

/// Marks accesses to the client's memory.
pub const ACCESS: TrapCode = TrapCode::unwrap_user(1);

/// Whether loads and stores in line need not be aligned: on other hosts their
/// order is that of instructions which must be.
const MISALIGNED: bool = cfg!(target_arch = "x86_64");

/// Accesses to the client's memory may fault; they are aligned.
pub const CLIENT: MemFlagsData = MemFlagsData::new().with_aligned().with_trap_code(Some(ACCESS));

/// The same of accesses at any alignment.
pub const BYTES: MemFlagsData = MemFlagsData::new().with_trap_code(Some(ACCESS));

/// An instruction that stored into code, on the slow way: it leaves the region
/// at its end.
#[derive(Clone, Copy, Debug)]
pub struct Leave {
    /// Where that is written.
    pub block: Block,
    /// Where execution would go on.
    pub rest: Block,
    /// [`Emitter::changes`] at the store.
    pub changes: u32,
}

/// A storage operand.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    pub address: Value,
    pub base: u8,
}

impl Emitter<'_> {
    /// Whether the TLB's entries are for the space of an operand.
    fn is_near(&self, base: u8) -> bool {
        base != IN_INSTRUCTION_SPACE || self.mode.operands_are_with_instructions()
    }

    /// The TLB's entry for the page with an address.
    pub fn entry_of(&mut self, address: Value) -> Value {
        const SIZE_BITS: u32 = layout::entry::SIZE.trailing_zeros();
        const COUNT: u64 = layout::entry::COUNT as u64;
        let index =
            self.shift_by(Opcode::Ushr, address, u64::from(PAGE.trailing_zeros() - SIZE_BITS));
        let index = self.mask(index, (COUNT - 1) << SIZE_BITS);
        self.add(self.entries, index)
    }

    /// Whether the TLB permits an access to a value of a type that must be
    /// aligned, and where it is in the host's memory.
    pub fn look_up_aligned(&mut self, address: Value, ty: Type, store: bool) -> (Truth, Value) {
        let asked = self.mask(address, !(PAGE - 1) | u64::from(ty.bytes() - 1));
        self.look_up_as(address, asked, store)
    }

    /// Whether the TLB permits an access to `count` values of a type, all in
    /// one page, and where they are in the host's memory.
    fn look_up(&mut self, address: Value, ty: Type, count: u64, store: bool) -> (Truth, Value) {
        if !MISALIGNED && count == 1 {
            return self.look_up_aligned(address, ty, store);
        }
        let size = u64::from(ty.bytes());
        // The page of the last byte: if it is another one than that of the
        // first, the entry of the first does not have it.
        let last = self.plus(address, size * count - 1);
        let asked = self.mask(last, !(PAGE - 1));
        if MISALIGNED {
            return self.look_up_as(address, asked, store);
        }
        let odd = self.mask(address, size - 1);
        let asked = self.or(asked, odd);
        self.look_up_as(address, asked, store)
    }

    /// Whether the TLB's entry for an address has what is asked for, and where
    /// the address is in the host's memory.
    fn look_up_as(&mut self, address: Value, asked: Value, store: bool) -> (Truth, Value) {
        let found = self.entry_of(address);
        let tag = if store { entry::STORE } else { entry::FETCH };
        let addend = self.get_from(types::I64, found, entry::ADDEND);
        let host = self.add(addend, address);
        // The last load before the comparison is made with it.
        let tag = self.get_from(types::I64, found, tag);
        (Truth::Compare(IntCC::Equal, asked, tag), host)
    }

    /// Calls the slow way.
    pub fn slow(&mut self, operand: Operand, shape: Shape) -> Value {
        let function = if self.has_floats { at::SLOW } else { at::SLOW_SCALAR };
        let function = self.get_run(function);
        let site = Site::of(self.place).unwrap_or_default();
        let shape = self.word(shape.word() | site.word());
        let arguments = [self.run, shape, operand.address];
        self.f.ins().call_indirect(self.signatures.slow, function, &arguments);
        self.get_run(at::STATUS)
    }

    /// Gives the instruction up if `condition`.
    pub fn restart_if(&mut self, condition: Truth) {
        if condition != Truth::Constant(false) {
            let restart = self.restart();
            self.unless(condition, restart);
        }
    }

    /// Goes to where the instruction is given up if a status says so.
    fn restart_if_failed(&mut self, status: Value) {
        let restart = self.restart_noted();
        let failed = self.compare_with(IntCC::NotEqual, status, status::DONE);
        self.unless(failed, restart);
    }

    /// Calls the slow way as the only one, for what it does not store.
    pub fn slow_access(&mut self, operand: Operand, shape: Shape) {
        let status = self.slow(operand, shape);
        self.restart_if_failed(status);
    }

    /// The same for what may be stored into code.
    pub fn slow_update(&mut self, operand: Operand, shape: Shape) {
        let status = self.slow(operand, shape);
        let restart = self.restart_noted();
        let failed = self.compare_with(IntCC::Equal, status, status::FAILED);
        self.unless(failed, restart);
        self.changes += 1;
        self.checks_leave = true;
    }

    /// The same in code that is seldom executed.
    pub fn seldom_update(&mut self, operand: Operand, shape: Shape) {
        self.seldom_access(operand, shape);
        self.changes += 1;
        self.checks_leave = true;
    }

    /// Calls the slow way in code that is seldom executed, for what it does
    /// not store.
    pub fn seldom_access(&mut self, operand: Operand, shape: Shape) {
        let status = self.slow(operand, shape);
        let (restart, done) = (self.restart_noted(), self.cold_block());
        self.f.ins().brif(status, restart, &[], done, &[]);
        self.f.seal_block(done);
        self.f.switch_to_block(done);
    }

    /// Loads values, in the host's byte order.
    pub fn load_values(&mut self, operand: Operand, ty: Type, shape: Shape) -> Vec<Value> {
        let count = u64::from(shape.count);
        if !self.is_near(operand.base) {
            self.slow_access(operand, shape);
            return (0..usize::from(shape.count)).map(|n| self.take(n, ty)).collect();
        }
        let (permitted, host) = self.look_up(operand.address, ty, count, false);
        let (fast, slow) = (self.f.create_block(), self.cold_block());
        let rest = self.f.create_block();
        let permitted = permitted.value(self);
        self.f.ins().brif(permitted, fast, &[], slow, &[]);
        self.f.seal_block(fast);
        self.f.seal_block(slow);

        self.f.switch_to_block(slow);
        let status = self.slow(operand, shape);
        let found: Vec<BlockArg> = (0..usize::from(shape.count))
            .map(|n| {
                let value = self.take(n, ty);
                self.swapped(value).into()
            })
            .collect();
        let restart = self.restart_noted();
        self.seldom_back(status, restart, rest, &found);

        self.f.switch_to_block(fast);
        let loaded: Vec<BlockArg> = (0..count)
            .map(|n| {
                let at = i32::try_from(n * u64::from(ty.bytes())).unwrap_or(0);
                self.load_client(ty, host, at).into()
            })
            .collect();
        self.f.ins().jump(rest, &loaded);

        for _ in 0..count {
            self.f.append_block_param(rest, ty);
        }
        self.f.seal_block(rest);
        self.f.switch_to_block(rest);
        let values = self.f.block_params(rest).to_vec();
        values.into_iter().map(|value| self.swapped(value)).collect()
    }

    /// Stores values, which are in the host's byte order.
    pub fn store_values(&mut self, operand: Operand, values: &[Value], shape: Shape) {
        let ty = values.first().map_or(types::I64, |value| self.type_of(*value));
        let (count, near) = (u64::from(shape.count), self.is_near(operand.base));
        let rest = self.f.create_block();
        if near {
            let (permitted, host) = self.look_up(operand.address, ty, count, true);
            // Ready before the guard: the access comes right behind it.
            let first = values.first().map(|value| self.swapped(*value));
            let (fast, slow) = (self.f.create_block(), self.cold_block());
            let permitted = permitted.value(self);
            self.f.ins().brif(permitted, fast, &[], slow, &[]);
            self.f.seal_block(fast);
            self.f.seal_block(slow);
            self.f.switch_to_block(fast);
            for (n, value) in (0..).zip(values) {
                let swapped = match first {
                    Some(first) if n == 0 => first,
                    _ => self.swapped(*value),
                };
                let at = n * i32::try_from(ty.bytes()).unwrap_or(0);
                self.store_client(swapped, host, at);
            }
            self.f.ins().jump(rest, &[]);
            self.f.switch_to_block(slow);
        }
        for (n, value) in values.iter().enumerate() {
            self.give(n, *value);
        }
        let status = self.slow(operand, shape);
        self.end_slow_store(status, rest);
        self.f.switch_to_block(rest);
    }

    /// After a slow store: goes on in the block `rest`, unless the instruction
    /// is given up or must be the last of the region.
    pub fn end_slow_store(&mut self, status: Value, rest: Block) {
        let (restart, ended) = (self.restart_noted(), self.cold_block());
        self.seldom_back(status, ended, rest, &[]);
        self.f.seal_block(ended);
        self.f.switch_to_block(ended);
        let leave = self.cold_block();
        let failed = self.compare_with(IntCC::Equal, status, status::FAILED).value(self);
        self.f.ins().brif(failed, restart, &[], leave, &[]);
        self.f.seal_block(leave);
        self.changes += 1;
        self.leaves.push(Leave { block: leave, rest, changes: self.changes });
    }

    /// A value in the other byte order.
    pub fn swapped(&mut self, value: Value) -> Value {
        if self.type_of(value) == types::I8 { value } else { self.f.ins().bswap(value) }
    }

    fn load_client(&mut self, ty: Type, host: Value, at: i32) -> Value {
        if at == 0 {
            // Atomic loads are neither merged nor moved.
            return self.f.ins().atomic_load(ty, BYTES, host);
        }
        self.f.ins().load(ty, BYTES, host, at)
    }

    /// Stores have release order.
    fn store_client(&mut self, value: Value, host: Value, at: i32) {
        if cfg!(target_arch = "x86_64") {
            // As every store on this host.
            self.f.ins().store(BYTES, value, host, at);
        } else {
            let to = self.plus(host, i64::from(at).cast_unsigned());
            self.f.ins().atomic_store(CLIENT, value, to);
        }
    }
}
