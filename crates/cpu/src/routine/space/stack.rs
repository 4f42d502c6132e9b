//! The linkage stack (manual, chapter 5, "Linkage-Stack Operations"). It is in
//! the home space; control register 15 designates the descriptor of the
//! current entry, with which every entry ends.

use super::{HOME, SECONDARY, mode, needs_translation, special_if};
use crate::routine::registers::{number, specification_if};
use crate::{At, Context, Exception, Space};
use lowcore_arch::{AddressingMode, ProgramCode, Psw, bits};

/// Entry types.
const HEADER: u64 = 0x09;
const BRANCH_STATE: u64 = 0x0c;
const PROGRAM_CALL_STATE: u64 = 0x0d;

/// Where a state entry's descriptor is in it, and its size.
const DESCRIPTOR: u64 = 288;
const SIZE: u64 = 296;
/// Where it has the key mask, secondary number, extended authorization index
/// and primary number.
const NUMBERS: u64 = 128;
const PSW_MASK: u64 = 136;
const TARGET: u64 = 144;
const MODIFIABLE: u64 = 152;
const PSW_ADDRESS: u64 = 168;
const ACCESS_REGISTERS: u64 = 224;

/// The descriptor of an entry.
#[derive(Clone, Copy)]
struct Descriptor(u64);

impl Descriptor {
    /// Bit 0: the entry must not be unstacked.
    const fn is_protected(self) -> bool {
        self.0 >> 63 != 0
    }

    const fn kind(self) -> u64 {
        self.0 >> 56 & 0x7f
    }

    /// Bytes behind the entry that are free.
    const fn free(self) -> u64 {
        self.0 >> 32 & 0xffff
    }

    /// With the size of the next entry, which is in bits 32-47.
    const fn with_next(self, size: u64) -> u64 {
        self.0 & !0xffff_0000 | size << 16
    }
}

/// A place of the stack. Key-controlled protection does not apply.
fn stack(address: u64) -> At {
    At::in_space(address, Space::Home).with_key(0)
}

fn descriptor(c: &mut Context<'_>, at: u64) -> Result<Descriptor, Exception> {
    c.load_u64(stack(at)).map(Descriptor)
}

/// What all operations on the stack need.
fn check(c: &Context<'_>) -> Result<(), Exception> {
    needs_translation(c)?;
    special_if(mode(c) == SECONDARY)
}

/// The current state entry: the address and the contents of its descriptor.
fn current(c: &mut Context<'_>, unstacks: bool) -> Result<(u64, Descriptor), Exception> {
    let mut at = c.regs.cr[15] & !7;
    let mut found = descriptor(c, at)?;
    let is_forbidden = |found: Descriptor| unstacks && found.is_protected();
    if found.kind() == HEADER {
        if is_forbidden(found) {
            return Err(ProgramCode::STACK_OPERATION.into());
        }
        let backward = c.load_u64(stack(at.wrapping_sub(8)))?;
        if backward & 1 == 0 {
            return Err(ProgramCode::STACK_EMPTY.into());
        }
        at = backward & !7;
        found = descriptor(c, at)?;
        if found.kind() == HEADER {
            return Err(ProgramCode::STACK_SPECIFICATION.into());
        }
    }
    if !matches!(found.kind(), BRANCH_STATE | PROGRAM_CALL_STATE) {
        return Err(ProgramCode::STACK_TYPE.into());
    }
    if is_forbidden(found) {
        return Err(ProgramCode::STACK_OPERATION.into());
    }
    Ok((at, found))
}

/// Where a field of the state entry with this descriptor is.
fn field(at: u64, offset: u64) -> At {
    stack(at.wrapping_sub(DESCRIPTOR).wrapping_add(offset))
}

/// The general and access registers of a state entry.
fn registers(c: &mut Context<'_>, at: u64) -> Result<([u64; 16], [u32; 16]), Exception> {
    let mut bytes = [0; 128];
    c.read(field(at, 0), &mut bytes)?;
    let mut general = [0; 16];
    for (register, chunk) in general.iter_mut().zip(bytes.as_chunks().0) {
        *register = u64::from_be_bytes(*chunk);
    }
    let mut bytes = [0; 64];
    c.read(field(at, ACCESS_REGISTERS), &mut bytes)?;
    let mut access = [0; 16];
    for (register, chunk) in access.iter_mut().zip(bytes.as_chunks().0) {
        *register = u32::from_be_bytes(*chunk);
    }
    Ok((general, access))
}

/// EXTRACT STACKED REGISTERS: 4 or 8 bytes of each general register.
pub(super) fn extract_registers(
    c: &mut Context<'_>,
    r1: u64,
    r2: u64,
    bytes: u64,
) -> Result<(), Exception> {
    check(c)?;
    let (at, _) = current(c, false)?;
    let (general, access) = registers(c, at)?;
    let (mut r, last) = (number(r1), number(r2));
    loop {
        let n = usize::from(r);
        c.regs.ar[n] = access[n];
        if bytes == 4 {
            c.set_register_low(r, bits::low32(general[n]));
        } else {
            c.set_register(r, general[n]);
        }
        if r == last {
            break;
        }
        r = (r + 1) & 15;
    }
    // Storage operands may be in other spaces now.
    c.reenter = true;
    Ok(())
}

/// EXTRACT STACKED STATE.
pub(super) fn extract_state(c: &mut Context<'_>, r1: u64, code: u64) -> Result<(), Exception> {
    check(c)?;
    let r1 = number(r1);
    specification_if(r1 & 1 != 0 || code > 4)?;
    let (at, found) = current(c, false)?;
    let mask = c.load_u64(field(at, PSW_MASK))?;
    let address = c.load_u64(field(at, PSW_ADDRESS))?;
    match code {
        4 => {
            c.set_register(r1, mask);
            c.set_register(r1 | 1, address);
        }
        _ => {
            let both = match code {
                0 => c.load_u64(field(at, NUMBERS))?,
                1 => short_psw(mask, address),
                2 => c.load_u64(field(at, TARGET))?,
                _ => c.load_u64(field(at, MODIFIABLE))?,
            };
            c.set_register_low(r1, bits::high32(both));
            c.set_register_low(r1 | 1, bits::low32(both));
        }
    }
    c.end_with(if found.kind() == BRANCH_STATE { 0 } else { 1 })
}

/// A PSW in eight bytes; the last bit tells that the address is longer.
const fn short_psw(mask: u64, address: u64) -> u64 {
    const FORMAT: u64 = 1 << 51;
    let is_longer = address >> 31 != 0;
    mask & !0x7fff_ffff | FORMAT | address & 0x7fff_ffff | is_longer as u64
}

/// MODIFY STACKED STATE: the low words of two registers. The pair must be
/// even, which the instruction says.
pub(super) fn modify_state(c: &mut Context<'_>, first: u64, second: u64) -> Result<(), Exception> {
    check(c)?;
    specification_if(c.instruction >> 36 & 1 != 0)?;
    let (at, _) = current(c, false)?;
    let both = first << 32 | u64::from(bits::low32(second));
    c.store_u64(field(at, MODIFIABLE), both)
}

/// Finds room for a state entry behind the current entry, and gives the
/// address and contents of the descriptor before it.
fn room(c: &mut Context<'_>) -> Result<(u64, Descriptor), Exception> {
    let at = c.regs.cr[15] & !7;
    let found = descriptor(c, at)?;
    if found.free() & 7 != 0 {
        return Err(ProgramCode::STACK_SPECIFICATION.into());
    }
    if found.free() >= SIZE {
        return Ok((at, found));
    }
    // The trailer entry of the section tells where the next section is.
    let trailer = at.wrapping_add(8 + found.free());
    let forward = c.load_u64(stack(trailer))?;
    if forward & 1 == 0 {
        return Err(ProgramCode::STACK_FULL.into());
    }
    let next = forward & !7;
    let header = descriptor(c, next)?;
    if header.kind() != HEADER || header.free() & 7 != 0 || header.free() < SIZE {
        return Err(ProgramCode::STACK_SPECIFICATION.into());
    }
    c.store_u64(stack(next.wrapping_sub(8)), at | 1)?;
    Ok((next, header))
}

/// BRANCH AND STACK: R1 has the return address, or for register 0 the next
/// instruction; R2 the target, or for register 0 nothing.
pub(super) fn branch(c: &mut Context<'_>, r1: u64, r2: u64) -> Result<(), Exception> {
    const MODES: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
    check(c)?;
    let (r1, r2) = (number(r1), number(r2));
    let mut psw = c.regs.psw;
    if r1 != 0 {
        let given = c.register(r1);
        let (modes, address) = if given & 1 != 0 {
            (MODES, given & !1)
        } else if given & 0x8000_0000 != 0 {
            (Psw::BASIC_ADDRESSING, given & 0x7fff_ffff)
        } else {
            (0, given & 0xff_ffff)
        };
        psw = Psw::new(psw.mask & !MODES | modes, address);
    }
    let target = c.register(r2);
    let to = if r2 == 0 { c.regs.psw.addr } else { target };
    let shown = match c.regs.psw.addressing_mode() {
        AddressingMode::Bits64 => to | 1,
        AddressingMode::Bits31 => to & 0x7fff_ffff | 0x8000_0000,
        AddressingMode::Bits24 => to & 0xff_ffff,
    };
    let (before, old) = room(c)?;
    let at = before.wrapping_add(SIZE);
    let mut bytes = [0; bits::index(SIZE)];
    let mut put = |offset: u64, value: u64| {
        let offset = bits::index(offset);
        bytes[offset..offset + 8].copy_from_slice(&value.to_be_bytes());
    };
    for (n, register) in (0..).zip(c.regs.gr) {
        put(8 * n, register);
    }
    let numbers = c.regs.cr[3] << 32 | c.regs.cr[8] & 0xffff_0000 | c.regs.cr[4] & 0xffff;
    put(NUMBERS, numbers);
    put(PSW_MASK, psw.mask);
    put(TARGET, shown);
    put(PSW_ADDRESS, psw.addr);
    for (n, pair) in (0..).zip(c.regs.ar.as_chunks::<2>().0) {
        let [first, second] = pair.map(u64::from);
        put(ACCESS_REGISTERS + 8 * n, first << 32 | second);
    }
    let section = old.0 & 0xff << 48;
    put(DESCRIPTOR, BRANCH_STATE << 56 | section | (old.free() - SIZE) << 32);
    c.write(stack(before.wrapping_add(8)), &bytes)?;
    c.store_u64(stack(before), old.with_next(SIZE))?;
    c.regs.cr[15] = at;
    if r2 != 0 {
        c.branch(target);
    }
    Ok(())
}

/// PROGRAM RETURN, from a branch.
pub(super) fn program_return(c: &mut Context<'_>) -> Result<(), Exception> {
    check(c)?;
    special_if(mode(c) == HOME)?;
    let (at, found) = current(c, true)?;
    if found.kind() == PROGRAM_CALL_STATE {
        return Err(Exception::Unsupported(
            "The guest returns from a program call, which Lowcore does not have.",
        ));
    }
    let (general, access) = registers(c, at)?;
    let mask = c.load_u64(field(at, PSW_MASK))?;
    let address = c.load_u64(field(at, PSW_ADDRESS))?;
    let before = at.wrapping_sub(SIZE);
    let preceding = descriptor(c, before)?;
    c.store_u64(stack(before), preceding.with_next(0))?;
    c.regs.gr[2..=14].copy_from_slice(&general[2..=14]);
    c.regs.ar[2..=14].copy_from_slice(&access[2..=14]);
    c.regs.cr[15] = before;
    // The PER mask stays.
    let mask = mask & !Psw::PER | c.regs.psw.mask & Psw::PER;
    c.load_psw(Psw::new(mask, address));
    Ok(())
}
