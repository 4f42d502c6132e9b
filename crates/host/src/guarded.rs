//! Guarded accesses in compiled code: where to go on after a fault.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Executable memories that there can be at a time.
const MEMORIES: usize = 1024;

/// Where one executable memory begins and ends; zeros if there is none.
struct Range {
    start: AtomicU64,
    end: AtomicU64,
}

static RANGES: [Range; MEMORIES] =
    [const { Range { start: AtomicU64::new(0), end: AtomicU64::new(0) } }; MEMORIES];

/// Makes an executable memory known. Gives whether there was room.
pub fn register(start: u64, len: u64) -> bool {
    for range in &RANGES {
        let free = range.start.compare_exchange(0, start, Ordering::AcqRel, Ordering::Relaxed);
        if free.is_ok() {
            range.end.store(start + len, Ordering::Release);
            return true;
        }
    }
    false
}

/// Forgets it.
pub fn forget(start: u64) {
    for range in &RANGES {
        if start != 0 && range.start.load(Ordering::Acquire) == start {
            range.end.store(0, Ordering::Release);
            range.start.store(0, Ordering::Release);
        }
    }
}

/// Where a thread goes on after a fault of an access that has no guard, in
/// executable memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Landing {
    /// The code; 0 for none.
    pub code: u64,
    /// Where its stack pointer is.
    pub stack: u64,
}

thread_local! {
    static LANDING: Cell<Landing> = const { Cell::new(Landing { code: 0, stack: 0 }) };
}

/// Sets where the calling thread goes on after a fault of an access that has
/// no guard.
///
/// # Safety
/// As long as the thread executes code in executable memory, that code may be
/// given up at any access, and the landing may be entered with the stack
/// pointer that stands in the place then.
pub unsafe fn set_landing(landing: Landing) {
    LANDING.set(landing);
}

/// Where to go on if the instruction at `address` is an access without a guard
/// in executable memory. Async-signal-safe: whoever executes such code has set
/// the thread's landing before.
pub fn landing(address: u64) -> Option<Landing> {
    let inside = RANGES.iter().any(|range| {
        let start = range.start.load(Ordering::Acquire);
        start != 0 && address >= start && address < range.end.load(Ordering::Acquire)
    });
    if !inside || resume_address(address).is_some() {
        return None;
    }
    let Landing { code, stack } = LANDING.get();
    if code == 0 {
        return None;
    }
    // SAFETY: the thread executes code in executable memory, and so the place
    // stands.
    let stack = unsafe { *(stack as *const u64) };
    Some(Landing { code, stack })
}

/// Where to go on if the instruction at `address` is a guarded access in
/// executable memory. Async-signal-safe.
pub fn resume_address(address: u64) -> Option<u64> {
    for range in &RANGES {
        let start = range.start.load(Ordering::Acquire);
        let end = range.end.load(Ordering::Acquire);
        if start == 0 || address < start || address >= end {
            continue;
        }
        let (at, len) =
            (usize::try_from(address - start).ok()?, usize::try_from(end - start).ok()?);
        // SAFETY: a thread executes in this memory, so it is mapped, and what
        // lies before its program counter is code that stands.
        let code = unsafe { std::slice::from_raw_parts(start as *const u8, len) };
        return continuation(code, at).map(|to| start + to as u64);
    }
    None
}

/// If the instruction at `at` is the first one behind a conditional branch,
/// where that branch leads.
#[cfg(target_arch = "x86_64")]
#[must_use]
pub fn continuation(code: &[u8], at: usize) -> Option<usize> {
    // 0F 80 to 0F 8F: a jump on a condition, with a 32-bit distance.
    let [0x0f, 0x80..=0x8f, distance @ ..] = code.get(at.checked_sub(6)?..at)? else { return None };
    let distance = i32::from_le_bytes(distance.try_into().ok()?);
    let to = at.checked_add_signed(isize::try_from(distance).ok()?)?;
    (to < code.len()).then_some(to)
}

/// If the instruction at `at` is the first one behind a conditional branch,
/// where that branch leads.
#[cfg(target_arch = "aarch64")]
#[must_use]
pub fn continuation(code: &[u8], at: usize) -> Option<usize> {
    let from = at.checked_sub(4)?;
    let branch = u32::from_le_bytes(code.get(from..at)?.try_into().ok()?);
    // B.cond: a distance of 19 bits, in words.
    if branch & 0xff00_0010 != 0x5400_0000 {
        return None;
    }
    let distance = (branch << 8).cast_signed() >> 13 << 2;
    let to = from.checked_add_signed(isize::try_from(distance).ok()?)?;
    (to < code.len()).then_some(to)
}

#[cfg(all(test, not(loom), target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::executable::ExecutableMemory;

    #[test]
    fn only_what_follows_a_conditional_branch_is_guarded() {
        // jne +2; nop; nop; ret
        let code = [0x0f, 0x85, 1, 0, 0, 0, 0x90, 0xc3];
        assert_eq!(continuation(&code, 6), Some(7));
        assert_eq!(continuation(&code, 7), None);
        assert_eq!(continuation(&code, 3), None);
        // A target outside.
        assert_eq!(continuation(&[0x0f, 0x85, 0, 1, 0, 0, 0x90], 6), None);
    }

    #[test]
    fn a_fault_goes_on_as_the_guard_would() {
        // xor eax, eax; cmp eax, 1; je other; mov rax, [rdi]; ret;
        // other: mov eax, 7; ret
        let code = [
            0x31, 0xc0, 0x83, 0xf8, 1, 0x0f, 0x84, 4, 0, 0, 0, 0x48, 0x8b, 0x07, 0xc3, 0xb8, 7, 0,
            0, 0, 0xc3,
        ];
        let mut memory = ExecutableMemory::new(4096).unwrap();
        let place = memory.push(&code).unwrap();
        let load =
            // SAFETY: there is the code of such a function.
            unsafe { core::mem::transmute::<*const u8, extern "C" fn(*const u64) -> u64>(place) };
        assert_eq!(load(&5), 5);
        assert_eq!(load(core::ptr::null()), 7);
        // Without the guard it is nobody's.
        assert!(landing(place as u64 + 11).is_none() && landing(place as u64).is_none());
        drop(memory);
        assert_eq!(resume_address(place as u64 + 11), None);
    }
}
