//! The faulting accesses on AArch64. **Never built**: written for a toolchain
//! that has this target.
//!
//! Guest storage may be accessed at any alignment, which the instructions
//! with acquire and release semantics do not allow everywhere. So loads are
//! plain and followed by a barrier, and stores are plain and preceded by one.
//! An aligned access of up to 8 bytes is single-copy atomic (Arm ARM,
//! B2.2.1); one of 16 bytes is made by an exclusive pair.
//!
//! Register `fault` is cleared before the access and set by the continuation.

use core::arch::asm;

use crate::Fault;

/// The continuation of an instruction at label 2 that sets `fault` and goes
/// on at label 3, and the table entry for both.
macro_rules! fixup {
    () => {
        concat!(
            ".pushsection .text.lowcore_fixup, \"ax\", @progbits
             4: mov {fault:w}, #1
             b 3b
             .popsection",
            entry!("2b")
        )
    };
}

/// The table entry for one more instruction with the same continuation.
macro_rules! entry {
    ($label:literal) => {
        concat!(
            "
             .pushsection lowcore_fixups, \"aR\", @progbits
             .balign 4
             .long ",
            $label,
            " - .
             .long 4b - .
             .popsection"
        )
    };
}

macro_rules! load {
    ($name:ident, $type:ty, $instruction:literal) => {
        /// Loads from any address.
        ///
        /// # Safety
        /// No Rust object that is not shared as raw memory lies at `address`,
        /// and the fault handler is installed.
        #[inline]
        pub(super) unsafe fn $name(address: u64) -> Result<$type, Fault> {
            let value: $type;
            let fault: u32;
            // SAFETY: the instruction reads memory only, and a fault goes on
            // at label 3.
            unsafe {
                asm!(
                    "mov {fault:w}, #0",
                    concat!("2: ", $instruction),
                    "dmb ishld",
                    "3:",
                    fixup!(),
                    fault = out(reg) fault,
                    value = out(reg) value,
                    address = in(reg) address,
                    options(nostack, preserves_flags),
                );
            }
            if fault == 0 { Ok(value) } else { Err(Fault) }
        }
    };
}

macro_rules! store {
    ($name:ident, $type:ty, $instruction:literal) => {
        /// Stores to any address.
        ///
        /// # Safety
        /// No Rust object that is not shared as raw memory lies at `address`,
        /// and the fault handler is installed.
        #[inline]
        pub(super) unsafe fn $name(address: u64, value: $type) -> Result<(), Fault> {
            let fault: u32;
            // SAFETY: the instruction writes the shared memory only, and a
            // fault goes on at label 3.
            unsafe {
                asm!(
                    "mov {fault:w}, #0",
                    "dmb ish",
                    concat!("2: ", $instruction),
                    "3:",
                    fixup!(),
                    fault = out(reg) fault,
                    value = in(reg) value,
                    address = in(reg) address,
                    options(nostack, preserves_flags),
                );
            }
            if fault == 0 { Ok(()) } else { Err(Fault) }
        }
    };
}

macro_rules! compare_exchange {
    ($name:ident, $type:ty, $load:literal, $compare:literal, $store:literal) => {
        /// Compares and exchanges; sequentially consistent. `Ok(Ok(old))` if
        /// the exchange was made, `Ok(Err(found))` if not.
        ///
        /// # Safety
        /// No Rust object that is not shared as raw memory lies at `address`,
        /// which is aligned, and the fault handler is installed.
        #[inline]
        pub(super) unsafe fn $name(
            address: u64,
            old: $type,
            new: $type,
        ) -> Result<Result<$type, $type>, Fault> {
            let found: $type;
            let fault: u32;
            // SAFETY: the instructions change the shared memory only, and a
            // fault of either goes on at label 3. The barrier behind makes
            // the pair a full one, as the exclusive pair alone is not.
            unsafe {
                asm!(
                    "mov {fault:w}, #0",
                    concat!("2: ", $load),
                    $compare,
                    "b.ne 6f",
                    concat!("5: ", $store),
                    "cbnz {failed:w}, 2b",
                    "dmb ish",
                    "6: clrex",
                    "3:",
                    fixup!(),
                    entry!("5b"),
                    fault = out(reg) fault,
                    failed = out(reg) _,
                    found = out(reg) found,
                    old = in(reg) old,
                    new = in(reg) new,
                    address = in(reg) address,
                    options(nostack),
                );
            }
            if fault != 0 {
                return Err(Fault);
            }
            Ok(if found == old { Ok(found) } else { Err(found) })
        }
    };
}

load!(load_u8, u8, "ldrb {value:w}, [{address}]");
load!(load_u16, u16, "ldrh {value:w}, [{address}]");
load!(load_u32, u32, "ldr {value:w}, [{address}]");
load!(load_u64, u64, "ldr {value}, [{address}]");

store!(store_u8, u8, "strb {value:w}, [{address}]");
store!(store_u16, u16, "strh {value:w}, [{address}]");
store!(store_u32, u32, "str {value:w}, [{address}]");
store!(store_u64, u64, "str {value}, [{address}]");

compare_exchange!(
    compare_exchange_u8,
    u8,
    "ldaxrb {found:w}, [{address}]",
    "cmp {found:w}, {old:w}, uxtb",
    "stlxrb {failed:w}, {new:w}, [{address}]"
);
compare_exchange!(
    compare_exchange_u16,
    u16,
    "ldaxrh {found:w}, [{address}]",
    "cmp {found:w}, {old:w}, uxth",
    "stlxrh {failed:w}, {new:w}, [{address}]"
);
compare_exchange!(
    compare_exchange_u32,
    u32,
    "ldaxr {found:w}, [{address}]",
    "cmp {found:w}, {old:w}",
    "stlxr {failed:w}, {new:w}, [{address}]"
);
compare_exchange!(
    compare_exchange_u64,
    u64,
    "ldaxr {found}, [{address}]",
    "cmp {found}, {old}",
    "stlxr {failed:w}, {new}, [{address}]"
);

/// As [`load_u64`], for 16 bytes. An aligned one needs write access.
///
/// # Safety
/// As for [`load_u64`].
#[inline]
pub(super) unsafe fn load_u128(address: u64) -> Result<u128, Fault> {
    // SAFETY: the caller's; the exclusive pair gets aligned addresses only.
    unsafe {
        if address.is_multiple_of(16) {
            // The pair that was read was one value only if it could be
            // written back.
            return compare_exchange_u128(address, 0, 0).map(|r| r.unwrap_or_else(|found| found));
        }
        let low = load_u64(address)?;
        let high = load_u64(address.wrapping_add(8))?;
        Ok(join(low, high))
    }
}

/// As [`store_u64`], for 16 bytes.
///
/// # Safety
/// As for [`store_u64`].
#[inline]
pub(super) unsafe fn store_u128(address: u64, value: u128) -> Result<(), Fault> {
    let [low, high] = halves(value);
    // SAFETY: the caller's; the exclusive pair gets aligned addresses only.
    unsafe {
        if !address.is_multiple_of(16) {
            store_u64(address, low)?;
            return store_u64(address.wrapping_add(8), high);
        }
        let mut old = 0;
        while let Err(found) = compare_exchange_u128(address, old, value)? {
            old = found;
        }
        Ok(())
    }
}

/// As [`load_u64`], for 16 bytes, not in one step.
///
/// # Safety
/// As for [`load_u64`].
#[inline(always)]
pub(super) unsafe fn load_pair(address: u64) -> Result<u128, Fault> {
    // SAFETY: the caller's.
    unsafe { Ok(join(load_u64(address)?, load_u64(address.wrapping_add(8))?)) }
}

/// As [`store_u64`], for 16 bytes, not in one step.
///
/// # Safety
/// As for [`store_u64`].
#[inline(always)]
pub(super) unsafe fn store_pair(address: u64, value: u128) -> Result<(), Fault> {
    let [low, high] = halves(value);
    // SAFETY: the caller's.
    unsafe {
        store_u64(address, low)?;
        store_u64(address.wrapping_add(8), high)
    }
}

/// As [`compare_exchange_u64`], for 16 bytes.
///
/// # Safety
/// As for [`compare_exchange_u64`].
#[inline]
pub(super) unsafe fn compare_exchange_u128(
    address: u64,
    old: u128,
    new: u128,
) -> Result<Result<u128, u128>, Fault> {
    let [old_low, old_high] = halves(old);
    let [new_low, new_high] = halves(new);
    let (found_low, found_high): (u64, u64);
    let fault: u32;
    // SAFETY: the instructions change the shared memory only, and a fault of
    // any goes on at label 3. What was found is written back if it differs,
    // because only a successful pair proves that both halves are of one time.
    unsafe {
        asm!(
            "mov {fault:w}, #0",
            "2: ldaxp {found_low}, {found_high}, [{address}]",
            "cmp {found_low}, {old_low}",
            "ccmp {found_high}, {old_high}, #0, eq",
            "b.ne 6f",
            "5: stlxp {failed:w}, {new_low}, {new_high}, [{address}]",
            "cbnz {failed:w}, 2b",
            "b 7f",
            "6: stlxp {failed:w}, {found_low}, {found_high}, [{address}]",
            "cbnz {failed:w}, 2b",
            "7: dmb ish",
            "3:",
            fixup!(),
            entry!("5b"),
            entry!("6b"),
            fault = out(reg) fault,
            failed = out(reg) _,
            found_low = out(reg) found_low,
            found_high = out(reg) found_high,
            old_low = in(reg) old_low,
            old_high = in(reg) old_high,
            new_low = in(reg) new_low,
            new_high = in(reg) new_high,
            address = in(reg) address,
            options(nostack),
        );
    }
    if fault != 0 {
        return Err(Fault);
    }
    let found = join(found_low, found_high);
    Ok(if found == old { Ok(found) } else { Err(found) })
}

/// Copies `length` bytes upwards. After a fault, some of the bytes before the
/// faulting one have been copied and none behind it.
///
/// # Safety
/// A range that is ours is valid; others are shared raw memory or not
/// accessible; if the two overlap, both are shared and `to` is below `from`;
/// the fault handler is installed.
#[inline]
pub(super) unsafe fn copy(to: u64, from: u64, length: usize) -> Result<(), Fault> {
    let fault: u32;
    // SAFETY: the caller's; a fault of any of the four accesses goes on at
    // label 3. Bytes are copied in ascending order, eight at a time.
    unsafe {
        asm!(
            "mov {fault:w}, #0",
            "subs {length}, {length}, #8",
            "b.lo 8f",
            "9:",
            "2: ldr {value}, [{from}], #8",
            "5: str {value}, [{to}], #8",
            "subs {length}, {length}, #8",
            "b.hs 9b",
            "8: adds {length}, {length}, #8",
            "b.eq 3f",
            "6: ldrb {value:w}, [{from}], #1",
            "7: strb {value:w}, [{to}], #1",
            "subs {length}, {length}, #1",
            "b.ne 6b",
            "3: dmb ish",
            fixup!(),
            entry!("5b"),
            entry!("6b"),
            entry!("7b"),
            fault = out(reg) fault,
            value = out(reg) _,
            to = inout(reg) to => _,
            from = inout(reg) from => _,
            length = inout(reg) length => _,
            options(nostack),
        );
    }
    if fault == 0 { Ok(()) } else { Err(Fault) }
}

/// Stores `byte` into `length` bytes, upwards. After a fault, some of the
/// bytes before the faulting one have been stored and none behind it.
///
/// # Safety
/// The range is shared raw memory or not accessible; the fault handler is
/// installed.
#[inline]
pub(super) unsafe fn fill(to: u64, byte: u8, length: usize) -> Result<(), Fault> {
    let end = to.wrapping_add(length as u64);
    let mut at = to;
    while end.wrapping_sub(at) >= 8 {
        // SAFETY: the caller's.
        unsafe { store_u64(at, u64::from_ne_bytes([byte; 8]))? };
        at = at.wrapping_add(8);
    }
    while at != end {
        // SAFETY: the caller's.
        unsafe { store_u8(at, byte)? };
        at = at.wrapping_add(1);
    }
    Ok(())
}

fn halves(value: u128) -> [u64; 2] {
    let [a, b, c, d, e, f, g, h, high @ ..] = value.to_le_bytes();
    [u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(high)]
}

fn join(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// The instruction at which a signal arrived.
///
/// # Safety
/// `context` is the third argument of a signal handler.
pub(crate) unsafe fn program_counter(context: *const libc::ucontext_t) -> u64 {
    // SAFETY: the caller's.
    unsafe { (*context).uc_mcontext.pc }
}

/// Lets the interrupted thread go on at `address`.
///
/// # Safety
/// `context` is the third argument of a signal handler, and the code at
/// `address` expects to be entered with the interrupted registers.
pub(crate) unsafe fn set_program_counter(context: *mut libc::ucontext_t, address: u64) {
    // SAFETY: the caller's.
    unsafe { (*context).uc_mcontext.pc = address };
}

/// Gives the interrupted thread another stack pointer.
///
/// # Safety
/// `context` is the third argument of a signal handler, and the thread goes on
/// at code that expects this stack.
pub(crate) unsafe fn set_stack_pointer(context: *mut libc::ucontext_t, address: u64) {
    // SAFETY: the caller's.
    unsafe { (*context).uc_mcontext.sp = address };
}
