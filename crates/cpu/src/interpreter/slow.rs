//! What bodies need seldom or at length, out of line.

use super::handler::Ended;
use crate::routine;
use crate::{At, Context, Exception, Space};
use lowcore_arch::bits;
use lowcore_host::memory::Logic;
use lowcore_isa::{Helper, Update, Width};

/// The outcome of a compare and swap.
pub struct Swap<T> {
    pub found: T,
    pub equal: bool,
    /// Whether instructions were stored into.
    pub code_changed: bool,
}

#[inline]
fn or_end<T>(c: &mut Context<'_>, result: Result<T, Exception>) -> Result<T, Ended> {
    result.map_err(|exception| c.end(exception))
}

/// The base of an operand relative to the instruction, which is in the space
/// of the instruction.
pub const IN_INSTRUCTION_SPACE: u8 = 16;

/// The operand at an address with a base.
pub fn place(c: &Context<'_>, address: u64, base: u8) -> At {
    if base == IN_INSTRUCTION_SPACE && !c.tlb.instructions_are_with_operands() {
        At::in_space(address, Space::Relative)
    } else {
        At::operand(address, base % IN_INSTRUCTION_SPACE)
    }
}

#[cold]
#[inline(never)]
pub fn load<T: Width>(c: &mut Context<'_>, address: u64, base: u8) -> Result<u64, Ended> {
    let at = place(c, address, base);
    let result = match T::BITS {
        8 => c.load_u8(at).map(u64::from),
        16 => c.load_u16(at).map(u64::from),
        32 => c.load_u32(at).map(u64::from),
        _ => c.load_u64(at),
    };
    or_end(c, result)
}

/// Gives whether instructions were stored into.
#[cold]
#[inline(never)]
pub fn store<T: Width>(
    c: &mut Context<'_>,
    address: u64,
    base: u8,
    value: u64,
) -> Result<bool, Ended> {
    let at = place(c, address, base);
    let result = match T::BITS {
        8 => c.store_u8(at, bits::low8(value)),
        16 => c.store_u16(at, bits::low16(value)),
        32 => c.store_u32(at, bits::low32(value)),
        _ => c.store_u64(at, value),
    };
    or_end(c, result)?;
    Ok(c.must_leave())
}

#[inline(never)]
pub fn probe_store(c: &mut Context<'_>, at: At, bytes: u64) -> Result<(), Ended> {
    let result = c.probe_store(at, bytes);
    or_end(c, result)
}

/// Fetches consecutive values.
#[inline(never)]
pub fn load_many<T: Width>(c: &mut Context<'_>, at: At, values: &mut [u64]) -> Result<(), Ended> {
    if c.tlb.load_many::<T>(at.address, values) {
        return Ok(());
    }
    let size = bits::index(T::BYTES);
    let mut buffer = [0; 128];
    let bytes = &mut buffer[..values.len() * size];
    let result = c.read(at, bytes);
    or_end(c, result)?;
    for (value, chunk) in values.iter_mut().zip(bytes.chunks_exact(size)) {
        *value = chunk.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    }
    Ok(())
}

/// Stores consecutive values. Gives whether instructions were stored into.
#[inline(never)]
pub fn store_many<T: Width>(c: &mut Context<'_>, at: At, values: &[u64]) -> Result<bool, Ended> {
    if c.tlb.store_many::<T>(at.address, values) {
        return Ok(false);
    }
    let size = bits::index(T::BYTES);
    let mut buffer = [0; 128];
    let bytes = &mut buffer[..values.len() * size];
    for (value, chunk) in values.iter().zip(bytes.chunks_exact_mut(size)) {
        chunk.copy_from_slice(&value.to_be_bytes()[8 - size..]);
    }
    let result = c.write(at, bytes);
    or_end(c, result)?;
    Ok(c.must_leave())
}

#[inline(never)]
pub fn compare_and_swap<T: Width>(
    c: &mut Context<'_>,
    at: At,
    old: u64,
    new: u64,
) -> Result<Swap<u64>, Ended> {
    let result = match T::BITS {
        8 => c
            .compare_and_swap_u8(at, bits::low8(old), bits::low8(new))
            .map(|swap| swap.map(u64::from).map_err(u64::from)),
        16 => c
            .compare_and_swap_u16(at, bits::low16(old), bits::low16(new))
            .map(|swap| swap.map(u64::from).map_err(u64::from)),
        32 => c
            .compare_and_swap_u32(at, bits::low32(old), bits::low32(new))
            .map(|swap| swap.map(u64::from).map_err(u64::from)),
        _ => c.compare_and_swap_u64(at, old, new),
    };
    let swap = or_end(c, result)?;
    Ok(outcome(c, swap))
}

#[inline(never)]
pub fn compare_and_swap_wide(
    c: &mut Context<'_>,
    at: At,
    old: u128,
    new: u128,
) -> Result<Swap<u128>, Ended> {
    let result = c.compare_and_swap_u128(at, old, new);
    let swap = or_end(c, result)?;
    Ok(outcome(c, swap))
}

/// Gives what was there, and whether instructions were stored into.
#[inline(never)]
pub fn fetch_and_update<T: Width>(
    c: &mut Context<'_>,
    at: At,
    update: Update,
    operand: u64,
) -> Result<(u64, bool), Ended> {
    let result = c.fetch_and_update::<T>(at, update, operand);
    let old = or_end(c, result)?;
    Ok((old, c.must_leave()))
}

#[inline(never)]
pub fn load_quadword(c: &mut Context<'_>, at: At) -> Result<u128, Ended> {
    let result = c.load_u128(at);
    or_end(c, result)
}

/// Gives whether instructions were stored into.
#[inline(never)]
pub fn store_quadword(c: &mut Context<'_>, at: At, value: u128) -> Result<bool, Ended> {
    let result = c.store_u128(at, value);
    or_end(c, result)?;
    Ok(c.must_leave())
}

/// MOVE in pages that the TLB knows. Gives whether it did.
#[inline(never)]
pub fn copy_short(c: &mut Context<'_>, first: u64, second: u64, length: u64) -> bool {
    c.tlb.combine(Logic::Second, first, second, length).is_some()
}

/// AND, OR or EXCLUSIVE OR in pages that the TLB knows. Gives whether it did.
#[inline(never)]
pub fn combine_short(
    c: &mut Context<'_>,
    logic: Logic,
    first: u64,
    second: u64,
    length: u64,
) -> bool {
    let result = c.tlb.combine(logic, first, second, length);
    if let Some(is_some) = result {
        c.cc = is_some.into();
    }
    result.is_some()
}

/// COMPARE LOGICAL in pages that the TLB knows. Gives whether it did.
#[inline(never)]
pub fn compare_short(c: &mut Context<'_>, first: u64, second: u64, length: u64) -> bool {
    let order = c.tlb.compare(first, second, length);
    if let Some(order) = order {
        c.cc = routine::condition_of(order);
    }
    order.is_some()
}

fn outcome<T>(c: &Context<'_>, swap: Result<T, T>) -> Swap<T> {
    let equal = swap.is_ok();
    let (Ok(found) | Err(found)) = swap;
    Swap { found, equal, code_changed: c.must_leave() }
}

/// Calls a routine, whose operands are in the context. Gives its result, and
/// whether execution goes on with the next slot.
#[inline(never)]
pub fn routine(
    c: &mut Context<'_>,
    helper: Helper,
    address: u64,
    length: u8,
) -> Result<(u64, bool), Ended> {
    let next = c.wrap(address.wrapping_add(length.into()));
    c.instruction_address = address;
    c.ilc = length;
    c.regs.psw.addr = next;
    c.settle_cc();
    let operands = c.operands;
    let result = routine::call(c, helper, &operands);
    c.cc = c.regs.psw.condition_code();
    c.has_address = result.is_err();
    let value = or_end(c, result)?;
    let stays = c.regs.psw.addr == next && !c.reevaluate && !c.reenter && !c.must_leave();
    Ok((value, stays))
}
