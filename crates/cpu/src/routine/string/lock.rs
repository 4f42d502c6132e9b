//! PERFORM LOCKED OPERATION and COMPARE AND SWAP AND STORE.

use crate::routine::registers::specification_if;
use crate::{At, Context, Exception};
use lowcore_arch::{ProgramCode, Psw, bits};
use parking_lot::Mutex;

/// The lock of all program lock tokens: an instruction holds one for a few
/// accesses only, so more locks would gain nothing.
static LOCK: Mutex<()> = Mutex::new(());

/// What PERFORM LOCKED OPERATION does, by its function code divided by 4.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    CompareAndLoad,
    CompareAndSwap,
    DoubleCompareAndSwap,
    /// Compare and swap, and that many stores.
    CompareSwapAndStore(u64),
}

/// An operand of 4, 8 or 16 bytes in storage.
fn load(c: &mut Context<'_>, at: At, width: u64) -> Result<u128, Exception> {
    Ok(match width {
        4 => c.load_u32(at)?.into(),
        8 => c.load_u64(at)?.into(),
        _ => c.load_u128(at)?,
    })
}

fn store(c: &mut Context<'_>, at: At, width: u64, value: u128) -> Result<(), Exception> {
    match width {
        4 => c.store_u32(at, bits::low32(bits::low64(value))),
        8 => c.store_u64(at, bits::low64(value)),
        _ => c.store_u128(at, value),
    }
}

/// Where the values are that are not operands in storage: in registers, or in
/// a parameter list of 16-byte cells, each value at the right of its cell.
#[derive(Clone, Copy)]
enum Value {
    Register(u8),
    Cell(At),
}

impl Value {
    fn get(self, c: &mut Context<'_>, width: u64) -> Result<u128, Exception> {
        match self {
            Self::Register(r) if width == 4 => Ok((c.register(r) & 0xffff_ffff).into()),
            Self::Register(r) => Ok(c.register(r).into()),
            Self::Cell(at) => load(c, at, width),
        }
    }

    fn set(self, c: &mut Context<'_>, width: u64, value: u128) -> Result<(), Exception> {
        match self {
            Self::Register(r) if width == 4 => {
                c.set_register_low(r, bits::low32(bits::low64(value)));
                Ok(())
            }
            Self::Register(r) => {
                c.set_register(r, bits::low64(value));
                Ok(())
            }
            Self::Cell(at) => store(c, at, width, value),
        }
    }

    /// Checks that `set` will succeed.
    fn probe(self, c: &mut Context<'_>, width: u64) -> Result<(), Exception> {
        match self {
            Self::Register(_) => Ok(()),
            Self::Cell(at) => c.probe_store(at, width),
        }
    }
}

/// The operands of PERFORM LOCKED OPERATION.
struct Locked {
    second: At,
    fourth: At,
    r1: u8,
    r3: u8,
    width: u64,
    /// The comparison and replacement values are in the parameter list.
    in_list: bool,
}

impl Locked {
    fn cell(&self, c: &Context<'_>, number: u64) -> At {
        c.beyond_at(self.fourth, 16 * number + 16 - self.width)
    }

    fn value(&self, c: &Context<'_>, cell: u64, register: u8) -> Value {
        if self.in_list { Value::Cell(self.cell(c, cell)) } else { Value::Register(register) }
    }

    /// The operand that a cell of the list designates by address and, in the
    /// access-register mode, by the access-list-entry token for register R3.
    fn designated(&self, c: &mut Context<'_>, cell: u64) -> Result<At, Exception> {
        const ACCESS_REGISTER_MODE: u64 = 1 << 46;
        let list = self.fourth;
        let at = c.beyond_at(list, 16 * cell + 8);
        let address = c.load_u64(at)?;
        let mode = c.regs.psw.mask & (Psw::DAT | Psw::ADDRESS_SPACE);
        if mode == Psw::DAT | ACCESS_REGISTER_MODE {
            specification_if(self.r3 == 0)?;
            let at = c.beyond_at(list, 16 * cell + 4);
            c.regs.ar[usize::from(self.r3)] = c.load_u32(at)?;
        }
        let address = c.wrap(address);
        specification_if(!address.is_multiple_of(self.width))?;
        Ok(At::operand(address, self.r3))
    }
}

/// How many function codes PERFORM LOCKED OPERATION has, from 0 on.
pub const PERFORM_LOCKED_FUNCTIONS: u64 = 24;

/// PERFORM LOCKED OPERATION.
pub(super) fn perform_locked(
    c: &mut Context<'_>,
    r1: u8,
    second: At,
    r3: u8,
    fourth: At,
) -> Result<(), Exception> {
    const TEST: u64 = 0x100;
    let controls = c.register(0);
    let function = controls & 0xff;
    if controls & TEST != 0 {
        return c.end_with(if function < PERFORM_LOCKED_FUNCTIONS { 0 } else { 3 });
    }
    let operation = match function / 4 {
        0 => Operation::CompareAndLoad,
        1 => Operation::CompareAndSwap,
        2 => Operation::DoubleCompareAndSwap,
        3..6 => Operation::CompareSwapAndStore(function / 4 - 2),
        _ => return Err(ProgramCode::SPECIFICATION.into()),
    };
    let (width, in_list) = match function % 4 {
        0 => (4, false),
        1 => (8, true),
        2 => (8, false),
        _ => (16, true),
    };
    let locked = Locked { second, fourth, r1, r3, width, in_list };
    let several = matches!(operation, Operation::CompareSwapAndStore(2..));
    let has_list = in_list || several;
    let pairs = !in_list && operation != Operation::CompareAndLoad;
    specification_if(pairs && r1 & 1 != 0)?;
    specification_if(pairs && operation == Operation::DoubleCompareAndSwap && r3 & 1 != 0)?;
    specification_if(!second.address.is_multiple_of(width))?;
    let fourth_boundary = match (has_list, operation) {
        (true, _) => width.max(8),
        (false, Operation::CompareAndSwap) => 1,
        (false, _) => width,
    };
    specification_if(!fourth.address.is_multiple_of(fourth_boundary))?;
    let _locked = LOCK.lock();
    let code = locked.perform(c, operation, has_list)?;
    c.end_with(code)
}

impl Locked {
    fn perform(
        &self,
        c: &mut Context<'_>,
        operation: Operation,
        has_list: bool,
    ) -> Result<u8, Exception> {
        let width = self.width;
        let first = self.value(c, 0, self.r1);
        let compared = first.get(c, width)?;
        if operation != Operation::CompareAndLoad {
            c.probe_store(self.second, width)?;
        }
        let found = load(c, self.second, width)?;
        if compared != found {
            first.set(c, width, found)?;
            return Ok(1);
        }
        let replacement = |c: &mut Context<'_>| self.value(c, 1, self.r1 + 1).get(c, width);
        match operation {
            Operation::CompareAndLoad => {
                let fourth = if self.in_list { self.designated(c, 4)? } else { self.fourth };
                let loaded = load(c, fourth, width)?;
                self.value(c, 2, self.r3).set(c, width, loaded)?;
            }
            Operation::CompareAndSwap => {
                let new = replacement(c)?;
                store(c, self.second, width, new)?;
            }
            Operation::DoubleCompareAndSwap => {
                let fourth = if self.in_list { self.designated(c, 4)? } else { self.fourth };
                let third = self.value(c, 2, self.r3);
                let compared = third.get(c, width)?;
                c.probe_store(fourth, width)?;
                let found = load(c, fourth, width)?;
                if compared != found {
                    third.probe(c, width)?;
                    third.set(c, width, found)?;
                    return Ok(2);
                }
                let new = replacement(c)?;
                let other = self.value(c, 3, self.r3 + 1).get(c, width)?;
                store(c, fourth, width, other)?;
                store(c, self.second, width, new)?;
            }
            Operation::CompareSwapAndStore(stores) => {
                let new = replacement(c)?;
                let mut values = [(self.fourth, 0); 3];
                let used = &mut values[..bits::index(stores)];
                for (number, value) in (0..).zip(used.iter_mut()) {
                    *value = if has_list {
                        let cell = self.cell(c, 3 + 2 * number);
                        let stored = load(c, cell, width)?;
                        (self.designated(c, 4 + 2 * number)?, stored)
                    } else {
                        (self.fourth, Value::Register(self.r3).get(c, width)?)
                    };
                    c.probe_store(value.0, width)?;
                }
                for (number, (at, value)) in (0..).zip(used.iter()) {
                    if has_list && stores > 1 {
                        // The access register names one space at a time.
                        self.designated(c, 4 + 2 * number)?;
                    }
                    store(c, *at, width, *value)?;
                }
                store(c, self.second, width, new)?;
            }
        }
        Ok(0)
    }
}

/// COMPARE AND SWAP AND STORE.
pub(super) fn compare_swap_and_store(
    c: &mut Context<'_>,
    first: At,
    second: At,
    r3: u8,
) -> Result<(), Exception> {
    let controls = c.register(0);
    let (function, characteristic) = (controls & 0xff, controls >> 8 & 0xff);
    specification_if(function > 2 || characteristic > 4)?;
    let (width, stored_width) = (4 << function, 1 << characteristic);
    specification_if(!first.address.is_multiple_of(width))?;
    specification_if(!second.address.is_multiple_of(stored_width))?;
    specification_if(function == 2 && r3 & 1 != 0)?;
    let list = At::operand(c.address_in(1) & !15, 1);
    let new = load(c, list, width)?;
    let mut bytes = [0; 16];
    let bytes = &mut bytes[..bits::index(stored_width)];
    let values = c.beyond_at(list, 16);
    c.read(values, bytes)?;
    c.probe_store(second, stored_width)?;
    let (is_equal, found) = match function {
        0 => {
            let old = bits::low32(c.register(r3));
            let exchanged = c.compare_and_swap_u32(first, old, bits::low32(bits::low64(new)))?;
            (exchanged.is_ok(), u128::from(exchanged.unwrap_or_else(|found| found)))
        }
        1 => {
            let exchanged = c.compare_and_swap_u64(first, c.register(r3), bits::low64(new))?;
            (exchanged.is_ok(), u128::from(exchanged.unwrap_or_else(|found| found)))
        }
        _ => {
            let old = u128::from(c.register(r3)) << 64 | u128::from(c.register(r3 + 1));
            let exchanged = c.compare_and_swap_u128(first, old, new)?;
            (exchanged.is_ok(), exchanged.unwrap_or_else(|found| found))
        }
    };
    if is_equal {
        let mut value = [0; 16];
        value[16 - bytes.len()..].copy_from_slice(bytes);
        let value = u128::from_be_bytes(value);
        match stored_width {
            1 => c.store_u8(second, bits::low8(bits::low64(value)))?,
            2 => c.store_u16(second, bits::low16(bits::low64(value)))?,
            _ => store(c, second, stored_width, value)?,
        }
        return c.end_with(0);
    }
    match function {
        0 => c.set_register_low(r3, bits::low32(bits::low64(found))),
        1 => c.set_register(r3, bits::low64(found)),
        _ => {
            c.set_register(r3, bits::high64(found));
            c.set_register(r3 + 1, bits::low64(found));
        }
    }
    c.end_with(1)
}
