//! General registers as values. A region loads them at its beginning and
//! stores what it changed where it ends.
//!
//! Registers of which the region writes the right half alone are kept in
//! halves: a left one, and a right one of 32 bits. Then neither costs the
//! other anything. As long as such a register was written as a whole last, its
//! left half has the right one as well, and is enough.

use crate::beginnings::Beginning;
use crate::emitter::Emitter;
use crate::run::place;
use cranelift_codegen::ir::{Opcode, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};

/// Which value of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    /// All of it; the left half alone if the right one was written since.
    Whole,
    /// The right half.
    Right,
}

/// Values of some registers. Where there is one for the right half too, that
/// of the whole counts for the left half alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values {
    whole: [Option<Value>; 16],
    right: [Option<Value>; 16],
}

impl Values {
    /// The values of a register.
    const fn of(&self, n: usize) -> (Option<Value>, Option<Value>) {
        (self.whole[n], self.right[n])
    }

    /// How many registers it has; `None` if `all` does not have them with the
    /// same values.
    pub fn part_of(&self, all: &Self) -> Option<u32> {
        let mut found = 0;
        for n in 0..16 {
            match self.of(n) {
                (None, None) => {}
                values if values == all.of(n) => found += 1,
                _ => return None,
            }
        }
        Some(found)
    }

    /// Without the registers that another one has.
    pub fn without(mut self, other: &Self) -> Self {
        for n in 0..16 {
            if other.of(n) != (None, None) {
                (self.whole[n], self.right[n]) = (None, None);
            }
        }
        self
    }
}

/// The registers.
#[derive(Debug)]
pub struct Registers {
    whole: [Variable; 16],
    right: [Variable; 16],
    /// Registers that are kept in halves.
    halved: u16,
    /// Those of them that were written as a whole last.
    entire: u16,
    /// What the present instruction wrote so far. It becomes the registers'
    /// values at its end: until then it may be given up.
    pub written: Values,
    /// Registers of which storage does not have the whole, or the right half.
    dirty: Dirty,
}

/// Registers that storage does not have as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dirty {
    /// Those of which the whole counts.
    pub whole: u16,
    /// Those of which the right half does.
    pub right: u16,
}

impl Dirty {
    /// Both.
    pub const fn with(self, other: Self) -> Self {
        Self { whole: self.whole | other.whole, right: self.right | other.right }
    }
}

fn bits_of(mut set: u16) -> impl Iterator<Item = u8> {
    core::iter::from_fn(move || {
        let r = u8::try_from(set.trailing_zeros()).ok().filter(|r| *r < 16)?;
        set &= set - 1;
        Some(r)
    })
}

impl Registers {
    pub fn new(f: &mut FunctionBuilder<'_>, halved: u16) -> Self {
        Self {
            whole: core::array::from_fn(|_| f.declare_var(types::I64)),
            right: core::array::from_fn(|_| f.declare_var(types::I32)),
            halved,
            entire: u16::MAX,
            written: Values::default(),
            dirty: Dirty::default(),
        }
    }

    const fn is_halved(&self, r: u8) -> bool {
        self.halved >> (r & 15) & 1 != 0
    }

    /// What a block begins with.
    pub fn begin(&mut self, beginning: Beginning) {
        (self.dirty, self.entire) = (beginning.dirty, beginning.entire);
    }

    /// Registers that were written as a whole last.
    pub const fn entire(&self) -> u16 {
        self.entire
    }

    /// Sets what [`entire`](Self::entire) gave.
    pub fn set_entire(&mut self, entire: u16) {
        self.entire = entire;
    }
}

impl Emitter<'_> {
    /// Loads the registers that a region uses, at its beginning.
    pub fn load_registers(&mut self, used: u16) {
        for r in bits_of(used) {
            let (n, value) = (usize::from(r), self.get_word(place::gr(r)));
            self.f.def_var(self.registers.whole[n], value);
            if self.registers.is_halved(r) {
                let right = self.unsigned(value, types::I32);
                self.f.def_var(self.registers.right[n], right);
            }
        }
    }

    /// Loads registers that the host's side may have changed.
    pub fn reload_registers(&mut self, set: u16) {
        for r in bits_of(set) {
            let value = self.get_word(place::gr(r));
            self.set_register(r, value);
        }
    }

    fn whole(&mut self, r: u8) -> Value {
        let r = usize::from(r & 15);
        match self.registers.written.whole[r] {
            Some(value) => value,
            None => self.f.use_var(self.registers.whole[r]),
        }
    }

    fn right(&mut self, r: u8) -> Value {
        let n = usize::from(r & 15);
        if let Some(value) = self.registers.written.right[n] {
            return value;
        }
        if self.registers.entire >> n & 1 != 0 {
            let whole = self.f.use_var(self.registers.whole[n]);
            return self.unsigned(whole, types::I32);
        }
        self.f.use_var(self.registers.right[n])
    }

    /// Whether a value is the right half of another one, as far as shows.
    fn is_right_of(&self, right: Value, whole: Value) -> bool {
        let same = |a, b| {
            let dfg = &self.f.func.dfg;
            dfg.resolve_aliases(a) == dfg.resolve_aliases(b)
        };
        match (self.constant_of(right), self.constant_of(whole)) {
            (Some(right), Some(whole)) => return right == whole & (u64::MAX >> 32),
            (None, None) => {}
            _ => return false,
        }
        matches!(self.narrow(right), Some((Opcode::Ireduce, of)) if same(of, whole))
            || matches!(self.narrow(whole), Some((_, of)) if same(of, right))
    }

    /// Whether [`whole`](Self::whole) is all of a register, as far as shows.
    fn is_entire(&mut self, r: u8) -> bool {
        let n = usize::from(r & 15);
        let written = &self.registers.written;
        match (written.whole[n], written.right[n]) {
            (_, Some(right)) => {
                let whole = self.whole(r);
                self.is_right_of(right, whole)
            }
            // A left half is written with the right one.
            (Some(_), None) => true,
            (None, None) => !self.registers.is_halved(r) || self.registers.entire >> n & 1 != 0,
        }
    }

    /// Registers that are kept in halves and have been written as a whole
    /// last, by the present instruction too.
    pub fn entire_now(&mut self) -> u16 {
        let halved = bits_of(self.registers.halved);
        halved.filter(|r| self.is_entire(*r)).fold(0, |set, r| set | 1 << r)
    }

    /// Of registers that are entire in either of two ways that have met, the
    /// right half is that of the whole.
    pub fn meet_entire(&mut self, set: u16) {
        for r in bits_of(set & self.registers.halved) {
            let n = usize::from(r);
            if let (Some(whole), Some(_)) =
                (self.registers.written.whole[n], self.registers.written.right[n])
            {
                self.registers.written.right[n] = Some(self.unsigned(whole, types::I32));
            }
        }
    }

    /// Makes registers entire that are not, before a block that takes them to
    /// be.
    pub fn make_entire(&mut self, set: u16) {
        for r in bits_of(set & self.registers.halved & !self.registers.entire) {
            let value = self.register(r);
            self.f.def_var(self.registers.whole[usize::from(r)], value);
        }
    }

    fn set(&mut self, r: u8, half: Half, value: Value) {
        self.changes += 1;
        let r = usize::from(r & 15);
        match half {
            Half::Whole => self.registers.written.whole[r] = Some(value),
            Half::Right => self.registers.written.right[r] = Some(value),
        }
    }

    /// All 64 bits of a register.
    pub fn register(&mut self, r: u8) -> Value {
        let whole = self.whole(r);
        if self.is_entire(r) {
            return whole;
        }
        let right = self.right(r);
        let left = self.mask(whole, u64::MAX << 32);
        let right = self.unsigned(right, types::I64);
        self.or(left, right)
    }

    /// Bits 32-63 of a register.
    pub fn right_half(&mut self, r: u8) -> Value {
        if self.registers.is_halved(r) {
            return self.right(r);
        }
        let whole = self.whole(r);
        self.unsigned(whole, types::I32)
    }

    /// Bits 0-31 of a register.
    pub fn left_half(&mut self, r: u8) -> Value {
        let whole = self.whole(r);
        let left = self.shift_by(Opcode::Ushr, whole, 32);
        self.unsigned(left, types::I32)
    }

    /// Replaces a register.
    pub fn set_register(&mut self, r: u8, value: Value) {
        self.set(r, Half::Whole, value);
        if self.registers.is_halved(r) {
            let right = self.unsigned(value, types::I32);
            self.set(r, Half::Right, right);
        }
    }

    /// Replaces bits 32-63 of a register.
    pub fn set_right_half(&mut self, r: u8, value: Value) {
        if self.registers.is_halved(r) {
            self.set(r, Half::Right, value);
            return;
        }
        let whole = self.whole(r);
        let left = self.mask(whole, u64::MAX << 32);
        let right = self.unsigned(value, types::I64);
        let new = self.or(left, right);
        self.set(r, Half::Whole, new);
    }

    /// Replaces bits 0-31 of a register.
    pub fn set_left_half(&mut self, r: u8, value: Value) {
        let old = self.register(r);
        let right = self.mask(old, u64::MAX >> 32);
        let wide = self.unsigned(value, types::I64);
        let left = self.shift_by(Opcode::Ishl, wide, 32);
        let new = self.or(left, right);
        self.set(r, Half::Whole, new);
    }

    /// Makes what was written the registers' values in the present block, and
    /// forgets that it was written.
    pub fn settle_registers(&mut self) {
        let written = core::mem::take(&mut self.registers.written);
        let dirty = self.define(&written);
        self.registers.dirty = self.registers.dirty.with(dirty);
    }

    fn define(&mut self, written: &Values) -> Dirty {
        let mut dirty = Dirty::default();
        for r in 0..16_u8 {
            let n = usize::from(r);
            if let Some(value) = written.whole[n] {
                self.f.def_var(self.registers.whole[n], value);
                dirty.whole |= 1 << r;
            }
            if let Some(value) = written.right[n] {
                self.f.def_var(self.registers.right[n], value);
                dirty.right |= 1 << r;
            }
            let entire = match (written.whole[n], written.right[n]) {
                (None, None) => continue,
                (Some(whole), Some(right)) => self.is_right_of(right, whole),
                (whole, _) => whole.is_some(),
            };
            self.registers.entire = self.registers.entire & !(1 << r) | u16::from(entire) << r;
        }
        dirty
    }

    /// What storage does not have before the present instruction.
    pub fn dirty(&self) -> Dirty {
        self.registers.dirty
    }

    /// Stores all registers as they are now.
    pub fn store_all_registers(&mut self) {
        let (written, dirty) = (self.registers.written, self.registers.dirty);
        for r in 0..16_u8 {
            let n = usize::from(r);
            let bit = 1 << r;
            if dirty.whole & bit != 0 || written.whole[n].is_some() {
                let whole = self.whole(r);
                self.put(place::gr(r), whole);
            }
            let right = (dirty.whole | dirty.right) & bit != 0
                || written.whole[n].is_some()
                || written.right[n].is_some();
            if right && !self.is_entire(r) {
                let right = self.right(r);
                self.put(place::gr(r), right);
            }
        }
        self.registers.dirty = Dirty::default();
    }

    /// Notes that storage may lack more.
    pub fn also_dirty(&mut self, dirty: Dirty) {
        self.registers.dirty = self.registers.dirty.with(dirty);
    }

    /// Stores registers that storage does not have.
    pub fn store_registers(&mut self, dirty: Dirty) {
        let values = self.values_of(dirty);
        self.store_values_of(&values);
    }

    /// The values of registers that storage does not have.
    pub fn values_of(&mut self, dirty: Dirty) -> Values {
        let mut values = Values::default();
        for r in bits_of(dirty.whole | dirty.right) {
            let n = usize::from(r);
            let entire = !self.registers.is_halved(r) || self.registers.entire >> r & 1 != 0;
            let mut held = |variable| {
                let value = self.f.use_var(variable);
                Some(self.f.func.dfg.resolve_aliases(value))
            };
            if dirty.whole >> r & 1 != 0 || entire {
                values.whole[n] = held(self.registers.whole[n]);
            }
            if !entire {
                values.right[n] = held(self.registers.right[n]);
            }
        }
        values
    }

    /// The same after what the present instruction wrote.
    pub fn with_written(&self, mut values: Values) -> Values {
        let written = &self.registers.written;
        for n in 0..16 {
            let (whole, right) = written.of(n);
            if whole.is_some() {
                (values.whole[n], values.right[n]) = (whole, None);
            }
            if let Some(right) = right
                && !whole.is_some_and(|whole| self.is_right_of(right, whole))
            {
                values.right[n] = Some(right);
            }
        }
        values
    }

    /// Stores values of registers.
    pub fn store_values_of(&mut self, values: &Values) {
        for r in 0..16_u8 {
            let (whole, right) = values.of(usize::from(r));
            // Little-endian: the right half is at the register's place.
            for value in [whole, right].into_iter().flatten() {
                self.put(place::gr(r), value);
            }
        }
    }

    /// Stores registers that storage does not have, each as a whole: code that
    /// loads one soon after would wait long for halves that were stored one by
    /// one.
    pub fn store_whole_registers(&mut self, dirty: Dirty) {
        for r in bits_of(dirty.whole | dirty.right) {
            let n = usize::from(r);
            let value = if self.is_entire(r) {
                self.whole(r)
            } else {
                let left = if dirty.whole >> r & 1 != 0 {
                    let whole = self.f.use_var(self.registers.whole[n]);
                    self.mask(whole, u64::MAX << 32)
                } else {
                    let left = self.get(types::I32, place::gr(r) + 4);
                    let left = self.unsigned(left, types::I64);
                    self.shift_by(Opcode::Ishl, left, 32)
                };
                let right = self.f.use_var(self.registers.right[n]);
                let right = self.unsigned(right, types::I64);
                self.or(left, right)
            };
            self.put(place::gr(r), value);
        }
    }

    /// What was written since something else was.
    pub fn written_since(&self, kept: &Values) -> Vec<Difference> {
        let now = &self.registers.written;
        let mut found = Vec::new();
        for (half, now, kept) in
            [(Half::Whole, &now.whole, &kept.whole), (Half::Right, &now.right, &kept.right)]
        {
            for (n, (now, kept)) in now.iter().zip(kept).enumerate() {
                if let Some(new) = now.filter(|_| now != kept) {
                    found.push(Difference { half, n, old: *kept, new });
                }
            }
        }
        found
    }

    /// What was there before, in the present block.
    pub fn old(&mut self, difference: &Difference) -> Value {
        match (difference.old, difference.half) {
            (Some(old), _) => old,
            (None, Half::Whole) => self.f.use_var(self.registers.whole[difference.n]),
            (None, Half::Right) if self.registers.entire >> difference.n & 1 != 0 => {
                let whole = self.f.use_var(self.registers.whole[difference.n]);
                self.unsigned(whole, types::I32)
            }
            (None, Half::Right) => self.f.use_var(self.registers.right[difference.n]),
        }
    }

    /// Replaces what was written.
    pub fn write_instead(&mut self, difference: &Difference, value: Value) {
        let written = &mut self.registers.written;
        match difference.half {
            Half::Whole => written.whole[difference.n] = Some(value),
            Half::Right => written.right[difference.n] = Some(value),
        }
    }
}

/// A register, or the right half of one, that was written.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    half: Half,
    n: usize,
    old: Option<Value>,
    /// What it is now.
    pub new: Value,
}
