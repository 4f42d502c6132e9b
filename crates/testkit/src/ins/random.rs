//! Random cases: any row, operands drawn from boundaries, storage operands
//! mostly where storage is.

mod registers;

use super::{CODE, Case, Outcome, STORAGE_SIZE, State};
use lowcore_arch::{Psw, bits, fpc};
use lowcore_isa::format::{Operand, Parts};
use lowcore_isa::{Code, ROWS, Row, decode, effects};
use std::collections::BTreeMap;

/// A small generator of random numbers (splitmix64): a case is found again
/// by its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// Where storage operands lie: the middle of a window of storage.
const DATA: u64 = 0x20_1000;

const BOUNDARIES: [u64; 20] = [
    0,
    1,
    2,
    u64::MAX,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0xffff_fffe,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_8000_0000,
    0xffff_ffff_0000_0000,
    0x7fff,
    0x8000,
    0xffff_ffff_ffff_8000,
    0x7f,
    0x80,
    0xff,
    0x0102_0304_0506_0708,
];

impl Random {
    /// A generator with this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A number that is likely to matter.
    pub fn number(&mut self) -> u64 {
        let boundary = BOUNDARIES[bits::index(self.below(BOUNDARIES.len() as u64))];
        match self.below(8) {
            0 => self.bits(),
            1 => self.below(64),
            2 => boundary ^ 1 << self.below(64),
            3 => boundary.wrapping_add(self.below(5)).wrapping_sub(2),
            4 => self.bits() >> self.below(64),
            5 => (self.bits().cast_signed() >> self.below(64)).cast_unsigned(),
            _ => boundary,
        }
    }
}

/// Numbers in the long format that are likely to matter: zero, subnormal
/// numbers, the smallest and the greatest normal one, ones whose sums and
/// products are around those, integers around the limits of conversions,
/// infinity, NaNs.
const LONG: [u64; 28] = [
    0,
    1,
    0x000f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x0010_0000_0000_0001,
    0x0020_0000_0000_0000,
    0x1ff0_0000_0000_0000,
    0x2000_0000_0000_0000,
    0x3690_0000_0000_0000,
    0x3810_0000_0000_0000,
    0x3c90_0000_0000_0000,
    0x3fe0_0000_0000_0000,
    0x3fef_ffff_ffff_ffff,
    0x3ff0_0000_0000_0000,
    0x3ff0_0000_0000_0001,
    0x3ff8_0000_0000_0000,
    0x4000_0000_0000_0000,
    0x41df_ffff_ffc0_0000,
    0x41e0_0000_0000_0000,
    0x41ef_ffff_ffe0_0000,
    0x43e0_0000_0000_0000,
    0x43ef_ffff_ffff_ffff,
    0x47ef_ffff_f000_0000,
    0x5fe0_0000_0000_0000,
    0x7fef_ffff_ffff_ffff,
    0x7ff0_0000_0000_0000,
    0x7ff8_0000_0000_0123,
    0x7ff4_0000_0000_0001,
];

/// The same in the short format.
const SHORT: [u32; 22] = [
    0,
    1,
    0x007f_ffff,
    0x0080_0000,
    0x0080_0001,
    0x1f80_0000,
    0x2000_0000,
    0x3300_0000,
    0x3f00_0000,
    0x3f7f_ffff,
    0x3f80_0000,
    0x3f80_0001,
    0x3fc0_0000,
    0x4000_0000,
    0x4eff_ffff,
    0x4f00_0000,
    0x5f00_0000,
    0x5f80_0000,
    0x7f7f_ffff,
    0x7f80_0000,
    0x7fc0_0123,
    0x7fa0_0001,
];

/// The left halves of the same in the extended format.
const EXTENDED: [u64; 16] = [
    0,
    0x0000_ffff_ffff_ffff,
    0x0001_0000_0000_0000,
    0x3bcd_0000_0000_0000,
    0x3c01_0000_0000_0000,
    0x3f8f_0000_0000_0000,
    0x3ffe_ffff_ffff_ffff,
    0x3fff_0000_0000_0000,
    0x401d_ffff_ffff_0000,
    0x403e_0000_0000_0000,
    0x43fe_ffff_ffff_ffff,
    0x5ffe_0000_0000_0000,
    0x7ffe_ffff_ffff_ffff,
    0x7fff_0000_0000_0000,
    0x7fff_8000_0000_0000,
    0x7fff_4000_0000_0000,
];

impl Random {
    /// One of several things.
    fn pick<T: Copy, const N: usize>(&mut self, from: &[T; N]) -> T {
        from[bits::index(self.below(N as u64))]
    }

    /// A doubleword that is likely to matter as a floating-point number, in
    /// one of the formats.
    pub fn float(&mut self) -> u64 {
        let sign = self.bits() & 1 << 63;
        // Neighbours, and numbers of the same size.
        let (near, few) = (self.below(5), self.bits() >> (12 + self.below(52)));
        let vary = |value: u64, how| match how {
            0 => value.wrapping_add(near).wrapping_sub(2),
            1 => value | few,
            _ => value,
        };
        let how = self.below(4);
        match self.below(8) {
            0 => self.number(),
            1 => self.bits(),
            2 | 3 => {
                let short = vary(self.pick(&SHORT).into(), how) << 32;
                sign ^ short ^ (self.number() & 0xffff_ffff)
            }
            4 => sign ^ vary(self.pick(&EXTENDED), how),
            _ => sign ^ vary(self.pick(&LONG), how),
        }
    }

    /// A modifier of a floating-point conversion, mostly a rounding method.
    pub fn modifier(&mut self) -> Parts {
        let any = self.below(16).cast_signed();
        let value = if self.one_in(16) { any } else { self.pick(&[0, 1, 3, 4, 5, 6, 7]) };
        Parts { value, ..Parts::default() }
    }

    /// A value for the floating-point-control register.
    pub fn fpc(&mut self) -> u32 {
        let mode = if self.one_in(2) { 0 } else { self.pick(&[0, 1, 2, 3, 7]) };
        let masks = if self.one_in(8) { bits::low32(self.bits()) & fpc::MASKS } else { 0 };
        let rest = fpc::FLAGS | fpc::DXC | fpc::DECIMAL_ROUNDING;
        masks | bits::low32(self.bits()) & rest | mode
    }
}

/// What a storage operand of a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Storage is accessed there.
    Data,
    /// The next instruction may be there.
    Target,
    /// An instruction is executed there.
    Executed,
    /// Only the address counts.
    Number,
}

/// The instruction with register 2 and full masks in all its fields.
fn sample(row: &Row) -> u64 {
    row.format.operands().iter().fold(row.template(), |raw, operand| {
        let value = if let Operand::Mask(_) = operand { 15 } else { 2 };
        operand.place(raw, Parts { value, index: 2, base: 2 })
    })
}

/// What the storage operand of a row is for.
#[must_use]
pub fn use_of(row: &Row) -> Use {
    let effects = effects::of(row, sample(row));
    if row.mnemonic.starts_with("ex") {
        Use::Executed
    } else if effects.loads + effects.stores > 0 {
        Use::Data
    } else if effects.branches {
        Use::Target
    } else {
        Use::Number
    }
}

/// A random case for `row`, its outcome not yet known.
#[must_use]
pub fn case(row: &Row, random: &mut Random) -> Case {
    loop {
        if let Some(case) = attempt(row, random) {
            return case;
        }
    }
}

fn attempt(row: &Row, random: &mut Random) -> Option<Case> {
    let mut before = State::default();
    before.psw.addr = CODE;
    let mode = match random.below(4) {
        0 => Psw::BASIC_ADDRESSING,
        1 if random.one_in(2) => 0,
        _ => Psw::BASIC_ADDRESSING | Psw::EXTENDED_ADDRESSING,
    };
    let controls = random.bits() & (Psw::CONDITION_CODE | Psw::PROGRAM_MASK & !Psw::FIXED_OVERFLOW);
    before.psw.mask = Psw::PROBLEM | mode | controls;
    if random.one_in(16) {
        before.psw.mask |= Psw::FIXED_OVERFLOW;
    }
    before.gr = core::array::from_fn(|_| random.number());
    before.ar = core::array::from_fn(|_| bits::low32(random.number()));
    before.fpr = core::array::from_fn(|_| random.float());
    before.fpc = random.fpc();
    let raw = fill(row, &mut before, random)?;
    registers::aim(row, raw, &mut before, random)?;
    if use_of(row) == Use::Executed {
        // What is executed may need its own operands, which must not disturb
        // those of EXECUTE: only instructions without storage operands.
        let target = place_of(row, raw, &before)?;
        let inner = simple_row(random);
        let code = fill(inner, &mut before.clone(), random)?;
        for (at, byte) in (target..).zip(Code::from_raw(code).bytes()) {
            before.storage.insert(at, *byte);
        }
        // The bits that are inserted must not make another instruction of it,
        // whose operands are anywhere.
        if let r @ 1.. = bits::index(raw >> 52 & 15)
            && decode(code | (before.gr[r] & 0xff) << 48)
                .is_none_or(|row| row.number != inner.number)
        {
            before.gr[r] &= !0xff | code >> 48 & 0xff;
            if place_of(row, raw, &before) != Some(target) {
                return None;
            }
        }
    }
    let outcome =
        Outcome { end: None, state: State { storage: BTreeMap::new(), ..before.clone() } };
    Some(Case { code: Code::from_raw(raw), before, outcome })
}

/// A row that touches registers only.
fn simple_row(random: &mut Random) -> &'static Row {
    loop {
        let row = &ROWS[bits::index(random.below(ROWS.len() as u64))];
        let effects = effects::of(row, sample(row));
        if effects.loads + effects.stores == 0 && !effects.branches && effects.helpers.is_empty() {
            return row;
        }
    }
}

/// The address of an instruction's only storage operand.
#[must_use]
pub fn place_of(row: &Row, raw: u64, before: &State) -> Option<u64> {
    row.format.operands().iter().find_map(|operand| {
        let parts = operand.parts(raw);
        match operand {
            Operand::Relative(..) => Some(before.psw.addr.wrapping_add_signed(parts.value)),
            _ if is_based(*operand) => Some(effective(*operand, parts, before)),
            _ => None,
        }
    })
}

/// Whether an operand is a base and a displacement.
fn is_based(operand: Operand) -> bool {
    matches!(
        operand,
        Operand::Indexed(_)
            | Operand::IndexedLong(_)
            | Operand::Based(_)
            | Operand::BasedLong(_)
            | Operand::Length(_)
            | Operand::RegisterLength(_)
            | Operand::ShortLength(..)
    )
}

/// Whether an address is in the instruction itself, which must not be
/// executed again.
fn is_inside(target: u64) -> bool {
    (CODE..CODE + 8).contains(&target)
}

/// The parts that make the address.
fn without_length(operand: Operand, parts: Parts) -> Parts {
    let has_length = matches!(
        operand,
        Operand::Length(_) | Operand::RegisterLength(_) | Operand::ShortLength(..)
    );
    let index = if has_length { 0 } else { parts.index };
    Parts { index, ..parts }
}

fn effective(operand: Operand, parts: Parts, before: &State) -> u64 {
    let Parts { value, index, base } = without_length(operand, parts);
    let register = |n| if n == 0 { 0 } else { before.gr[bits::index(n)] };
    before.psw.wrap(register(index).wrapping_add(register(base)).wrapping_add_signed(value))
}

/// Fills the operand fields of an instruction and prepares registers and
/// storage for them.
fn fill(row: &Row, before: &mut State, random: &mut Random) -> Option<u64> {
    let purpose = use_of(row);
    let mut raw = row.template();
    for operand in row.format.operands() {
        let parts = match operand {
            Operand::Gr(_) if row.rules.even != 0 && !random.one_in(16) => {
                Parts { value: random.below(8).cast_signed() * 2, ..Parts::default() }
            }
            Operand::FprPair(_) if !random.one_in(16) => {
                let value = random.below(16) & !2;
                Parts { value: value.cast_signed(), ..Parts::default() }
            }
            Operand::Mask(_) if row.rules.needs_afp != 0 => random.modifier(),
            Operand::Relative(_, width) => {
                let reach = if *width == 16 { 0x1000 } else { DATA - CODE };
                let target = match purpose {
                    Use::Data | Use::Executed if *width == 32 => DATA + random.below(64) * 2,
                    _ if random.one_in(2) => CODE + 2 * random.below(reach.min(0x800)),
                    _ => CODE - 2 * random.below(reach.min(0x800)),
                };
                if purpose == Use::Target && is_inside(target) {
                    return None;
                }
                Parts { value: target.wrapping_sub(CODE).cast_signed(), ..Parts::default() }
            }
            // Any bits will do; index and base get their registers below.
            other => other.parts(random.bits()),
        };
        let address = match purpose {
            Use::Number => None,
            Use::Data => Some(data_address(random)),
            Use::Target => Some(CODE + random.below(0x1000)),
            Use::Executed => Some(DATA + 2 * random.below(64)),
        };
        if let Some(address) = address.filter(|_| is_based(*operand)) {
            aim(*operand, parts, address, before, random)?;
        }
        raw = operand.place(raw, parts);
    }
    // A later operand may have moved a register of an earlier one.
    for operand in row.format.operands() {
        let parts = operand.parts(raw);
        match operand {
            _ if is_based(*operand) => {
                let at = effective(*operand, parts, before);
                let good = match purpose {
                    Use::Number => true,
                    Use::Data | Use::Executed => {
                        (DATA - 0x800..DATA + 0x1000).contains(&at)
                            || (STORAGE_SIZE - 0x400..STORAGE_SIZE + 0x400).contains(&at)
                    }
                    Use::Target => (CODE - 0x800..CODE + 0x1800).contains(&at) && !is_inside(at),
                };
                if !good {
                    return None;
                }
                if purpose == Use::Data {
                    fill_storage(at, before, random);
                }
            }
            Operand::Relative(..) if purpose == Use::Data => {
                let at = CODE.wrapping_add_signed(parts.value);
                fill_storage(at, before, random);
            }
            _ => {}
        }
    }
    // Branches to the address in a register.
    if purpose == Use::Target && row.format.operands().len() <= 2 {
        for operand in row.format.operands() {
            if let Operand::Gr(_) = operand {
                let n = bits::index(operand.parts(raw).value.cast_unsigned());
                let target = CODE + 8 + random.below(0x1000);
                let bits = random.bits() & 0x8000_0000;
                before.gr[n] =
                    if before.psw.wrap(u64::MAX) == u64::MAX && !row.mnemonic.ends_with('m') {
                        target
                    } else {
                        target | bits
                    };
            }
        }
    }
    // With the modes in the address, only BRANCH AND SET MODE knows them.
    Some(raw)
}

/// A place for an operand: mostly aligned, sometimes across the end of a
/// page or of storage.
fn data_address(random: &mut Random) -> u64 {
    match random.below(16) {
        0 => STORAGE_SIZE - 0x20 + random.below(0x40),
        1 => STORAGE_SIZE - 0x200 + 8 * random.below(0x80),
        2 | 3 => DATA - 8 + random.below(16),
        4 | 5 => DATA + random.below(0x200),
        _ => DATA + 16 * random.below(0x20),
    }
}

/// Sets index and base registers so that an operand is at `address`.
fn aim(
    operand: Operand,
    parts: Parts,
    address: u64,
    before: &mut State,
    random: &mut Random,
) -> Option<()> {
    let Parts { value, index, base } = without_length(operand, parts);
    // Bits that the addressing mode ignores.
    let ignored = random.bits() & !before.psw.wrap(u64::MAX);
    let wanted = address.wrapping_sub(value.cast_unsigned()) | ignored;
    match (bits::index(index), bits::index(base)) {
        (0, 0) => None,
        (r, 0) | (0, r) => {
            before.gr[r] = wanted;
            Some(())
        }
        (x, b) if x == b => {
            before.gr[b] = wanted / 2;
            wanted.is_multiple_of(2).then_some(())
        }
        (x, b) => {
            before.gr[b] = wanted.wrapping_sub(before.gr[x]);
            Some(())
        }
    }
}

/// Random bytes around an operand.
fn fill_storage(at: u64, before: &mut State, random: &mut Random) {
    let start = at & !7;
    for word in 0..4 {
        let number = if random.one_in(2) { random.float() } else { random.number() };
        for (address, byte) in (start + 8 * word..).zip(number.to_be_bytes()) {
            if address < STORAGE_SIZE && !(CODE..CODE + 8).contains(&address) {
                before.storage.insert(address, byte);
            }
        }
    }
}

/// The row of a case.
#[must_use]
pub fn row_of(case: &Case) -> Option<&'static Row> {
    decode(case.code.raw())
}
