//! The table of instructions that may fault, and where to go on.
//!
//! Each entry is a pair of 32-bit distances, each counted from its own place:
//! to the instruction and to the continuation. The linker gathers the entries
//! of all object files in one section.

use std::ptr;

/// One entry; the fields are distances from their own addresses.
#[repr(C)]
struct Fixup {
    instruction: i32,
    continuation: i32,
}

impl Fixup {
    fn target(field: &i32) -> u64 {
        (ptr::from_ref(field) as u64).wrapping_add_signed(i64::from(*field))
    }
}

// The linker defines both names for a section whose name is an identifier.
// Each program or shared object has its own pair.
unsafe extern "C" {
    #[link_name = "__start_lowcore_fixups"]
    static FIRST: Fixup;
    #[link_name = "__stop_lowcore_fixups"]
    static END: Fixup;
}

// Neither is anybody else's business, above all not another copy's of us in
// the same process.
core::arch::global_asm!(".hidden __start_lowcore_fixups", ".hidden __stop_lowcore_fixups");

/// Where to go on if the instruction at `address` is one of ours.
/// Async-signal-safe.
pub(crate) fn resume_address(address: u64) -> Option<u64> {
    let first = &raw const FIRST;
    let bytes = (&raw const END as usize).saturating_sub(first as usize);
    // SAFETY: the linker puts the section's entries between the two symbols;
    // nobody writes to them.
    let table = unsafe { std::slice::from_raw_parts(first, bytes / size_of::<Fixup>()) };
    table
        .iter()
        .find(|fixup| Fixup::target(&fixup.instruction) == address)
        .map(|fixup| Fixup::target(&fixup.continuation))
}
