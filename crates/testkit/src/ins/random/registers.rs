//! Operands whose addresses and lengths are in registers: both are drawn so
//! that an instruction stays where storage is.

use super::{DATA, Random, fill_storage, is_based};
use crate::ins::State;
use lowcore_arch::bits;
use lowcore_isa::format::Operand;
use lowcore_isa::{Row, decode};

/// What an instruction takes from the registers in its two register fields,
/// and from registers 0 and 1.
#[derive(Clone, Copy)]
struct Shape {
    /// The first field names a pair with a length.
    first_pair: bool,
    /// The second does.
    second_pair: bool,
    implicit: Implicit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Implicit {
    Nothing,
    /// Register 0 has the byte that ends strings, or that is looked for.
    Byte,
    /// Register 0 has two bytes.
    Character,
    /// Register 0 has a character, register 1 the address of a table.
    Table,
    /// Register 0 has controls that are zero.
    Zero,
}

fn shape(mnemonic: &str) -> Option<Shape> {
    let (first_pair, second_pair, implicit) = match mnemonic {
        "mvcl" | "mvcle" | "mvclu" | "clcl" | "clcle" | "clclu" | "cu12" | "cu14" | "cu21"
        | "cu24" | "cu41" | "cu42" => (true, true, Implicit::Nothing),
        "mvst" | "clst" | "srst" => (false, false, Implicit::Byte),
        "srstu" => (false, false, Implicit::Character),
        "cksm" => (false, true, Implicit::Nothing),
        "tre" => (true, false, Implicit::Byte),
        "troo" | "trot" | "trto" | "trtt" => (true, false, Implicit::Table),
        "mvpg" => (false, false, Implicit::Zero),
        _ => return None,
    };
    Some(Shape { first_pair, second_pair, implicit })
}

/// Prepares registers and storage for such an instruction; nothing happens to
/// others. `None` if its register fields cannot all have what they need.
pub(super) fn aim(row: &Row, raw: u64, before: &mut State, random: &mut Random) -> Option<()> {
    if row.mnemonic == "csst" {
        return aim_swap(raw, before, random);
    }
    let Some(shape) = shape(row.mnemonic) else { return Some(()) };
    let fields: Vec<_> = row
        .format
        .operands()
        .iter()
        .filter(|operand| matches!(operand, Operand::Gr(_)))
        .map(|operand| bits::index(operand.parts(raw).value.cast_unsigned()))
        .collect();
    let &[first, second] = fields.as_slice() else { return None };
    let last = |r: usize, is_pair: bool| if is_pair { (r + 1) % 16 } else { r };
    let (first_last, second_last) =
        (last(first, shape.first_pair), last(second, shape.second_pair));
    let used = [first, first_last, second, second_last];
    let same_pair = first == second && first_last == second_last;
    let clash = [first, first_last].iter().any(|r| *r == second || *r == second_last);
    // Conversions of what overlaps are unpredictable.
    let is_conversion = row.mnemonic.starts_with("cu");
    if clash && (!same_pair || is_conversion) {
        return None;
    }
    let implicit: &[usize] = match shape.implicit {
        Implicit::Nothing => &[],
        Implicit::Table => &[0, 1],
        _ => &[0],
    };
    if implicit.iter().any(|r| used.contains(r)) {
        return None;
    }
    let near = DATA - 0x100 + random.below(0x200);
    // Only a move that looks at overlaps may have them.
    let overlaps = row.mnemonic.starts_with("mvcl") && row.mnemonic.len() == 4;
    let far = match random.below(4) {
        0 if overlaps => near.wrapping_add(random.below(64)).wrapping_sub(32),
        _ => DATA + 0x400 + random.below(0x200),
    };
    let (near, far) =
        if shape.implicit == Implicit::Zero { (DATA + 0x123, DATA - 0x1000) } else { (near, far) };
    for at in [near, far] {
        fill_storage(at, before, random);
    }
    prepare_implicit(shape.implicit, [near, far], before, random);
    set_address(before, first, near, random);
    set_address(before, second, far, random);
    for (r, is_pair) in [(first_last, shape.first_pair), (second_last, shape.second_pair)] {
        if is_pair {
            set_length(before, row, r, random);
        }
    }
    if row.mnemonic.starts_with("srst") {
        // The first register has the end of the second operand.
        set_address(before, first, far + random.below(80), random);
    }
    Some(())
}

fn prepare_implicit(implicit: Implicit, at: [u64; 2], before: &mut State, random: &mut Random) {
    match implicit {
        Implicit::Nothing => {}
        Implicit::Zero => before.gr[0] = 0,
        Implicit::Byte => {
            before.gr[0] = random.below(256);
            // Both strings end.
            for at in at {
                before.storage.insert(at + random.below(48), bits::low8(before.gr[0]));
            }
        }
        Implicit::Character => before.gr[0] = random.below(0x1_0000),
        Implicit::Table => {
            before.gr[0] = random.below(0x1_0000);
            before.gr[1] = DATA + 0x800 + random.below(0x100);
        }
    }
}

/// An address with bits that the addressing mode ignores.
fn set_address(before: &mut State, r: usize, address: u64, random: &mut Random) {
    before.gr[r] = random.bits() & !before.psw.wrap(u64::MAX) | address;
}

/// A length, mostly a small one, with bits that the addressing mode ignores.
fn set_length(before: &mut State, row: &Row, r: usize, random: &mut Random) {
    let length = match random.below(8) {
        0 => 0,
        1 => random.below(0x180),
        2 | 3 => random.below(24),
        _ => 2 * random.below(12),
    };
    let ignored = match row.mnemonic {
        // The padding byte too.
        "mvcl" | "clcl" => !0xff_ffff,
        _ if before.psw.wrap(u64::MAX) != u64::MAX => !0xffff_ffff,
        _ => 0,
    };
    before.gr[r] = random.bits() & ignored | length;
}

/// COMPARE AND SWAP AND STORE: register 0 has controls, register 1 a list.
fn aim_swap(raw: u64, before: &mut State, random: &mut Random) -> Option<()> {
    let row = decode(raw)?;
    let uses_implicit = row.format.operands().iter().any(|operand| {
        let parts = operand.parts(raw);
        let register = if is_based(*operand) { parts.base } else { parts.value.cast_unsigned() };
        register < 2
    });
    if uses_implicit {
        return None;
    }
    before.gr[0] = random.below(3) | (1 + random.below(4)) << 8;
    before.gr[1] = DATA + 0x800;
    fill_storage(before.gr[1], before, random);
    Some(())
}
