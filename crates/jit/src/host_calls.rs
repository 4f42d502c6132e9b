//! The functions that compiled code calls: storage, shared routines, and
//! what Cranelift has no instruction for.
//!
//! They have one signature. Values go through [`State::scratch`]; the result
//! is [`end::COMPLETED`] or how the instruction ends.

use crate::end;
use crate::state::State;
use lowcore_arch::bits;
use lowcore_cpu::{At, Context, Exception, Space};
use lowcore_isa::{Helper, Update, Width};

/// What the calls act on.
pub struct Host<'h, 'c> {
    /// The CPU. Its registers are up to date only while a routine runs.
    pub context: &'h mut Context<'c>,
    /// The routines that the code calls, by number.
    pub routines: &'h [Helper],
    /// What ended the instruction.
    pub exception: Option<Exception>,
}

/// A function that compiled code calls.
pub type HostCall = unsafe extern "C" fn(state: *mut State, first: u64, second: u64) -> u64;

/// The base of an operand that is in the space of the instruction.
pub const IN_INSTRUCTION_SPACE: u8 = 16;

/// What a storage call needs to know beside the address, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The base register, or [`IN_INSTRUCTION_SPACE`].
    pub base: u8,
    /// The width of each value in bits.
    pub width: u8,
    /// The number of values, at most 16.
    pub count: u8,
    /// What an interlocked update does.
    pub update: Update,
}

impl Shape {
    pub fn of<T: Width>(base: u8) -> Self {
        let width = bits::low8(T::BITS.into());
        Self { base, width, count: 1, update: Update::Add }
    }

    pub fn word(self) -> u64 {
        let update = match self.update {
            Update::Add => 0,
            Update::And => 1,
            Update::Or => 2,
            Update::Xor => 3,
        };
        u64::from_le_bytes([self.base, self.width, self.count, update, 0, 0, 0, 0])
    }

    fn from_word(word: u64) -> Self {
        let [base, width, count, update, ..] = word.to_le_bytes();
        let update = match update {
            0 => Update::Add,
            1 => Update::And,
            2 => Update::Or,
            _ => Update::Xor,
        };
        Self { base, width, count: count.min(16), update }
    }
}

fn place(address: u64, base: u64) -> At {
    if base == u64::from(IN_INSTRUCTION_SPACE) {
        At::in_space(address, Space::Instruction)
    } else {
        At::operand(address, bits::low8(base))
    }
}

/// Runs a call with the CPU's registers up to date.
///
/// # Safety
/// `state` is the argument of the compiled code that calls, and its host is
/// set.
unsafe fn with_context(
    state: *mut State,
    call: impl FnOnce(&mut [u64], &mut Context<'_>, &[Helper]) -> Result<(), Exception>,
) -> u64 {
    // SAFETY: compiled code passes its argument on, which its caller holds
    // exclusively and does not touch meanwhile.
    let state = unsafe { &mut *state };
    // SAFETY: the caller of compiled code keeps the host alive and does not
    // touch it meanwhile.
    let host = unsafe { &mut *state.host };
    state.give(host.context.regs);
    let result = call(&mut state.scratch, host.context, host.routines);
    state.take(host.context.regs);
    match result {
        Ok(()) => end::COMPLETED,
        Err(exception) => {
            host.exception = Some(exception);
            end::KEPT
        }
    }
}

/// Declares functions of the one signature.
macro_rules! host_calls {
    ($($(#[$doc:meta])* $name:ident |$scratch:ident, $c:ident, $routines:ident, $first:ident, $second:ident| $body:block)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// Only compiled code calls it, with its own argument.
        pub unsafe extern "C" fn $name(state: *mut State, $first: u64, $second: u64) -> u64 {
            // SAFETY: the caller's.
            unsafe { with_context(state, |$scratch, $c, $routines| $body) }
        }
    )*};
}

host_calls! {
    /// Fetches values from an address, by a [`Shape`].
    load |scratch, c, _routines, address, shape| {
        let shape = Shape::from_word(shape);
        let (at, count) = (place(address, shape.base.into()), usize::from(shape.count));
        if count != 1 {
            return read(c, at, shape.width, &mut scratch[..count]);
        }
        scratch[0] = match shape.width {
            8 => c.load_u8(at)?.into(),
            16 => c.load_u16(at)?.into(),
            32 => c.load_u32(at)?.into(),
            _ => c.load_u64(at)?,
        };
        Ok(())
    }

    /// Stores values to an address, by a [`Shape`].
    store |scratch, c, _routines, address, shape| {
        let shape = Shape::from_word(shape);
        let (at, count) = (place(address, shape.base.into()), usize::from(shape.count));
        if count != 1 {
            return write(c, at, shape.width, &scratch[..count]);
        }
        let value = scratch[0];
        match shape.width {
            8 => c.store_u8(at, bits::low8(value)),
            16 => c.store_u16(at, bits::low16(value)),
            32 => c.store_u32(at, bits::low32(value)),
            _ => c.store_u64(at, value),
        }
    }

    /// Checks that bytes may be stored into: base and number in scratch.
    probe_store |scratch, c, _routines, address, base| {
        c.probe_store(place(address, base), scratch[0])
    }

    /// Compares with the first value and swaps in the second. Gives the value
    /// found, and whether it was equal.
    compare_and_swap |scratch, c, _routines, address, shape| {
        let shape = Shape::from_word(shape);
        let at = place(address, shape.base.into());
        let [old, new, ..] = *scratch else { return Ok(()) };
        macro_rules! swap {
            ($swap:ident, $cut:path) => {
                c.$swap(at, $cut(old), $cut(new))?.map(u64::from).map_err(u64::from)
            };
        }
        let swapped = match shape.width {
            8 => swap!(compare_and_swap_u8, bits::low8),
            16 => swap!(compare_and_swap_u16, bits::low16),
            32 => swap!(compare_and_swap_u32, bits::low32),
            _ => c.compare_and_swap_u64(at, old, new)?,
        };
        scratch[1] = u64::from(swapped.is_ok());
        let (Ok(found) | Err(found)) = swapped;
        scratch[0] = found;
        Ok(())
    }

    /// The same with 16 bytes in halves: two values each.
    compare_and_swap_wide |scratch, c, _routines, address, base| {
        let [a, b, x, y, ..] = *scratch else { return Ok(()) };
        let swapped = c.compare_and_swap_u128(place(address, base), join(a, b), join(x, y))?;
        scratch[2] = u64::from(swapped.is_ok());
        let (Ok(found) | Err(found)) = swapped;
        (scratch[0], scratch[1]) = (bits::high64(found), bits::low64(found));
        Ok(())
    }

    /// An interlocked update. Gives what was in storage.
    fetch_and_update |scratch, c, _routines, address, shape| {
        let Shape { base, width, update, .. } = Shape::from_word(shape);
        let (at, operand) = (place(address, base.into()), scratch[0]);
        scratch[0] = match width {
            8 => c.fetch_and_update::<u8>(at, update, operand)?,
            16 => c.fetch_and_update::<u16>(at, update, operand)?,
            32 => c.fetch_and_update::<u32>(at, update, operand)?,
            _ => c.fetch_and_update::<u64>(at, update, operand)?,
        };
        Ok(())
    }

    /// Fetches 16 bytes in one step, in halves.
    load_quadword |scratch, c, _routines, address, base| {
        let both = c.load_u128(place(address, base))?;
        (scratch[0], scratch[1]) = (bits::high64(both), bits::low64(both));
        Ok(())
    }

    /// Stores 16 bytes in one step, from halves.
    store_quadword |scratch, c, _routines, address, base| {
        c.store_u128(place(address, base), join(scratch[0], scratch[1]))
    }

    /// Replaces a control register.
    set_control |_scratch, c, _routines, number, value| {
        let register = &mut c.regs.cr[bits::index(number & 15)];
        if *register != value {
            *register = value;
            c.reevaluate = true;
            c.reenter = true;
        }
        Ok(())
    }

    /// Calls the routine of a number: addresses and bases of its storage
    /// operands, then its other operands. Gives its result.
    routine |scratch, c, routines, number, _unused| {
        let Some(helper) = routines.get(bits::index(number)) else {
            return Err(Exception::Unsupported("The compiler lost a routine."));
        };
        let at = [0, 2, 4].map(|n| place(scratch[n], scratch[n + 1]));
        let arguments = core::array::from_fn(|n| scratch[ARGUMENTS + n]);
        scratch[0] = c.call_routine(*helper, at, arguments)?;
        Ok(())
    }
}

/// Where the other operands of a routine begin.
pub const ARGUMENTS: usize = 6;

/// Divides 128 bits, high and low, by 64. Gives quotient and remainder.
///
/// # Safety
/// Only compiled code calls it, with its own argument.
pub unsafe extern "C" fn divide_wide(state: *mut State, _first: u64, _second: u64) -> u64 {
    // SAFETY: compiled code passes its argument on, which its caller holds
    // exclusively and does not touch meanwhile.
    let state = unsafe { &mut *state };
    let [high, low, divisor, ..] = state.scratch;
    let (dividend, divisor) = (join(high, low), u128::from(divisor.max(1)));
    state.scratch[0] = bits::low64(dividend / divisor);
    state.scratch[1] = bits::low64(dividend % divisor);
    end::COMPLETED
}

fn join(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// Fetches consecutive values, all or none.
fn read(c: &mut Context<'_>, at: At, width: u8, values: &mut [u64]) -> Result<(), Exception> {
    let size = usize::from(width / 8);
    let mut buffer = [0; 128];
    let bytes = &mut buffer[..values.len() * size];
    c.read(at, bytes)?;
    for (value, chunk) in values.iter_mut().zip(bytes.chunks_exact(size)) {
        *value = chunk.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    }
    Ok(())
}

/// Stores consecutive values, all or none.
fn write(c: &mut Context<'_>, at: At, width: u8, values: &[u64]) -> Result<(), Exception> {
    let size = usize::from(width / 8);
    let mut buffer = [0; 128];
    let bytes = &mut buffer[..values.len() * size];
    for (value, chunk) in values.iter().zip(bytes.chunks_exact_mut(size)) {
        chunk.copy_from_slice(&value.to_be_bytes()[8 - size..]);
    }
    c.write(at, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_fit_in_a_word() {
        for update in [Update::Add, Update::And, Update::Or, Update::Xor] {
            let shape = Shape { count: 16, update, ..Shape::of::<u32>(IN_INSTRUCTION_SPACE) };
            assert_eq!(Shape::from_word(shape.word()), shape);
        }
    }

    #[test]
    fn wide_quotients() {
        let mut state = State::of(&lowcore_cpu::Registers::default());
        state.scratch[..3].copy_from_slice(&[3, 5, 4]);
        // SAFETY: the state is ours, and the division needs no host.
        unsafe { divide_wide(&mut state, 0, 0) };
        assert_eq!(state.scratch[..2], [0xc000_0000_0000_0001, 1]);
    }
}
