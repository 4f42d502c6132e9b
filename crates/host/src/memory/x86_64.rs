//! The faulting accesses on x86-64.
//!
//! Every load is an acquire and every store a release on this host, and an
//! aligned access of up to 8 bytes is single-copy atomic (Intel SDM volume 3,
//! "Guaranteed Atomic Operations"). The assembler blocks are not `nomem`, so
//! the compiler neither moves, merges nor repeats them.
//!
//! Register `fault` is cleared before the access and set by the continuation.

use core::arch::asm;
use core::arch::x86_64::__m128i;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::Fault;

/// The continuation of an instruction at label 2 that sets `fault` and goes
/// on at label 3, and the table entry for both.
macro_rules! fixup {
    () => {
        fixup!("{fault:e}")
    };
    ($fault:literal) => {
        concat!(
            ".pushsection .text.lowcore_fixup, \"ax\", @progbits
             4: mov ",
            $fault,
            ", 1
             jmp 3b
             .popsection
             .pushsection lowcore_fixups, \"aR\", @progbits
             .balign 4
             .long 2b - .
             .long 4b - .
             .popsection"
        )
    };
}

/// The table entry of an instruction at label 2 that goes on in the Rust
/// block `fault`.
macro_rules! fixup_to_block {
    () => {
        ".pushsection lowcore_fixups, \"aR\", @progbits
         .balign 4
         .long 2b - .
         .long {fault} - .
         .popsection"
    };
}

macro_rules! load {
    ($name:ident, $type:ty, $register:ty, $class:ident, $instruction:literal) => {
        /// Loads from any address.
        ///
        /// # Safety
        /// No Rust object that is not shared as raw memory lies at `address`,
        /// and the fault handler is installed.
        #[inline]
        pub(super) unsafe fn $name(address: u64) -> Result<$type, Fault> {
            let value: $register;
            let fault: u32;
            // SAFETY: the instruction reads memory only, and a fault goes on
            // at label 3.
            unsafe {
                asm!(
                    "xor {fault:e}, {fault:e}",
                    concat!("2: ", $instruction),
                    "3:",
                    fixup!(),
                    fault = out(reg) fault,
                    value = out($class) value,
                    address = in(reg) address,
                    options(nostack),
                );
            }
            if fault == 0 { Ok(value) } else { Err(Fault) }
        }
    };
}

macro_rules! store {
    ($name:ident, $type:ty, $class:ident, $instruction:literal) => {
        /// Stores to any address.
        ///
        /// # Safety
        /// No Rust object that is not shared as raw memory lies at `address`,
        /// and the fault handler is installed.
        #[inline]
        pub(super) unsafe fn $name(address: u64, value: $type) -> Result<(), Fault> {
            // SAFETY: the instruction writes the shared memory only, and a
            // fault goes on in the block.
            unsafe {
                asm!(
                    concat!("2: ", $instruction),
                    fixup_to_block!(),
                    value = in($class) value,
                    address = in(reg) address,
                    fault = label { return Err(Fault) },
                    options(nostack, preserves_flags),
                );
            }
            Ok(())
        }
    };
}

macro_rules! compare_exchange {
    ($name:ident, $type:ty, $class:ident, $accumulator:tt, $instruction:literal) => {
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
            // SAFETY: the instruction changes the shared memory only, and a
            // fault goes on at label 3.
            unsafe {
                asm!(
                    "xor {fault:e}, {fault:e}",
                    concat!("2: lock ", $instruction),
                    "3:",
                    fixup!(),
                    fault = out(reg) fault,
                    new = in($class) new,
                    address = in(reg) address,
                    inout($accumulator) old => found,
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

load!(load_u8_wide, u32, u32, reg, "movzx {value:e}, byte ptr [{address}]");
load!(load_u16_wide, u32, u32, reg, "movzx {value:e}, word ptr [{address}]");
load!(load_u32, u32, u32, reg, "mov {value:e}, dword ptr [{address}]");
load!(load_u64, u64, u64, reg, "mov {value}, qword ptr [{address}]");
load!(load_m128_aligned, __m128i, __m128i, xmm_reg, "movdqa {value}, xmmword ptr [{address}]");
load!(load_m128_unaligned, __m128i, __m128i, xmm_reg, "movdqu {value}, xmmword ptr [{address}]");

store!(store_u8, u8, reg_byte, "mov byte ptr [{address}], {value}");
store!(store_u16, u16, reg, "mov word ptr [{address}], {value:x}");
store!(store_u32, u32, reg, "mov dword ptr [{address}], {value:e}");
store!(store_u64, u64, reg, "mov qword ptr [{address}], {value}");
store!(store_m128_aligned, __m128i, xmm_reg, "movdqa xmmword ptr [{address}], {value}");
store!(store_m128_unaligned, __m128i, xmm_reg, "movdqu xmmword ptr [{address}], {value}");

compare_exchange!(compare_exchange_u8, u8, reg_byte, "al", "cmpxchg byte ptr [{address}], {new}");
compare_exchange!(compare_exchange_u16, u16, reg, "ax", "cmpxchg word ptr [{address}], {new:x}");
compare_exchange!(compare_exchange_u32, u32, reg, "eax", "cmpxchg dword ptr [{address}], {new:e}");
compare_exchange!(compare_exchange_u64, u64, reg, "rax", "cmpxchg qword ptr [{address}], {new}");

/// As [`load_u64`], for one byte.
///
/// # Safety
/// As for [`load_u64`].
#[inline]
pub(super) unsafe fn load_u8(address: u64) -> Result<u8, Fault> {
    // SAFETY: the caller's.
    let wide = unsafe { load_u8_wide(address)? };
    Ok(wide.to_le_bytes()[0])
}

/// As [`load_u64`], for two bytes.
///
/// # Safety
/// As for [`load_u64`].
#[inline]
pub(super) unsafe fn load_u16(address: u64) -> Result<u16, Fault> {
    // SAFETY: the caller's.
    let [low, high, ..] = unsafe { load_u16_wide(address)? }.to_le_bytes();
    Ok(u16::from_le_bytes([low, high]))
}

/// As [`load_u64`], for 16 bytes.
///
/// # Safety
/// As for [`load_u64`].
#[inline]
pub(super) unsafe fn load_u128(address: u64) -> Result<u128, Fault> {
    // SAFETY: the caller's; the aligned forms get aligned addresses only. An
    // __m128i and a u128 are both 16 bytes for which every pattern is valid.
    unsafe {
        if !address.is_multiple_of(16) {
            load_m128_unaligned(address).map(|v| core::mem::transmute::<__m128i, u128>(v))
        } else if sixteen_bytes_are_atomic() {
            load_m128_aligned(address).map(|v| core::mem::transmute::<__m128i, u128>(v))
        } else {
            compare_exchange_u128(address, 0, 0).map(|r| r.unwrap_or_else(|found| found))
        }
    }
}

/// As [`store_u64`], for 16 bytes.
///
/// # Safety
/// As for [`store_u64`].
#[inline]
pub(super) unsafe fn store_u128(address: u64, value: u128) -> Result<(), Fault> {
    // SAFETY: the caller's; the aligned forms get aligned addresses only. An
    // __m128i and a u128 are both 16 bytes for which every pattern is valid.
    unsafe {
        let wide = core::mem::transmute::<u128, __m128i>(value);
        if !address.is_multiple_of(16) {
            return store_m128_unaligned(address, wide);
        }
        if sixteen_bytes_are_atomic() {
            return store_m128_aligned(address, wide);
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
    // SAFETY: the caller's; every pattern is valid for either type.
    unsafe { load_m128_unaligned(address).map(|v| core::mem::transmute::<__m128i, u128>(v)) }
}

/// As [`store_u64`], for 16 bytes, not in one step.
///
/// # Safety
/// As for [`store_u64`].
#[inline(always)]
pub(super) unsafe fn store_pair(address: u64, value: u128) -> Result<(), Fault> {
    // SAFETY: the caller's; every pattern is valid for either type.
    unsafe { store_m128_unaligned(address, core::mem::transmute::<u128, __m128i>(value)) }
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
    let fault: u64;
    // SAFETY: the instruction changes the shared memory only, and a fault
    // goes on at label 3. The compiler keeps rbx for itself, so it is
    // exchanged with rsi for the one instruction and taken back, faulting or
    // not; every other operand has a register of its own.
    unsafe {
        asm!(
            "xor r8d, r8d",
            "xchg rsi, rbx",
            "2: lock cmpxchg16b xmmword ptr [rdi]",
            "3: mov rbx, rsi",
            fixup!("r8d"),
            inout("rsi") new_low => _,
            in("rcx") new_high,
            in("rdi") address,
            inout("rax") old_low => found_low,
            inout("rdx") old_high => found_high,
            out("r8") fault,
            options(nostack),
        );
    }
    if fault != 0 {
        return Err(Fault);
    }
    let found = u128::from(found_high) << 64 | u128::from(found_low);
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
    // SAFETY: the caller's; the direction flag is clear by the ABI, and a
    // fault goes on at label 3.
    unsafe {
        asm!(
            "xor {fault:e}, {fault:e}",
            "2: rep movsb",
            "3:",
            fixup!(),
            fault = out(reg) fault,
            inout("rdi") to => _,
            inout("rsi") from => _,
            inout("rcx") length => _,
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
    let fault: u32;
    // SAFETY: the caller's; the direction flag is clear by the ABI, and a
    // fault goes on at label 3.
    unsafe {
        asm!(
            "xor {fault:e}, {fault:e}",
            "2: rep stosb",
            "3:",
            fixup!(),
            fault = out(reg) fault,
            inout("rdi") to => _,
            in("al") byte,
            inout("rcx") length => _,
            options(nostack),
        );
    }
    if fault == 0 { Ok(()) } else { Err(Fault) }
}

fn halves(value: u128) -> [u64; 2] {
    let [a, b, c, d, e, f, g, h, high @ ..] = value.to_le_bytes();
    [u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(high)]
}

/// Whether aligned 16-byte loads and stores are single-copy atomic. Intel and
/// AMD guarantee it for processors with AVX.
#[inline]
fn sixteen_bytes_are_atomic() -> bool {
    const UNKNOWN: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;
    static KNOWN: AtomicU8 = AtomicU8::new(UNKNOWN);
    match KNOWN.load(Ordering::Relaxed) {
        UNKNOWN => {
            let atomic = std::arch::is_x86_feature_detected!("avx");
            KNOWN.store(if atomic { YES } else { NO }, Ordering::Relaxed);
            atomic
        }
        known => known == YES,
    }
}

/// The instruction at which a signal arrived.
///
/// # Safety
/// `context` is the third argument of a signal handler.
pub(crate) unsafe fn program_counter(context: *const libc::ucontext_t) -> u64 {
    // SAFETY: the caller's.
    unsafe { (*context).uc_mcontext.gregs[REG_RIP] }.cast_unsigned()
}

/// Lets the interrupted thread go on at `address`.
///
/// # Safety
/// `context` is the third argument of a signal handler, and the code at
/// `address` expects to be entered with the interrupted registers.
pub(crate) unsafe fn set_program_counter(context: *mut libc::ucontext_t, address: u64) {
    // SAFETY: the caller's.
    unsafe { (*context).uc_mcontext.gregs[REG_RIP] = address.cast_signed() };
}

/// Gives the interrupted thread another stack pointer.
///
/// # Safety
/// `context` is the third argument of a signal handler, and the thread goes on
/// at code that expects this stack.
pub(crate) unsafe fn set_stack_pointer(context: *mut libc::ucontext_t, address: u64) {
    const REG_RSP: usize = libc::REG_RSP as usize;
    // SAFETY: the caller's.
    unsafe { (*context).uc_mcontext.gregs[REG_RSP] = address.cast_signed() };
}

const REG_RIP: usize = libc::REG_RIP as usize;
