//! What the system tells about itself, and its clock.

use super::{Operands, trace};
use crate::{At, Context, Detail, Exception, Space};
use lowcore_arch::{ProgramCode, Psw, bits};
use lowcore_isa::SystemHelper;

/// Calls a routine of this family.
pub(crate) fn call(
    c: &mut Context<'_>,
    helper: SystemHelper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let Operands { at: [first, ..], arguments: [one, two, three, ..] } = *operands;
    match helper {
        SystemHelper::UniqueClock => return Ok(c.unique_clock()),
        SystemHelper::Timing => timing_function(c, first, one)?,
        SystemHelper::CpuAttribute => return Ok(cpu_attribute(one)),
        SystemHelper::Monitor => {
            // Bits 48-63 of control register 8 enable the classes 0 to 15.
            let class = bits::low8(one) & 15;
            if c.regs.cr[8] >> (15 - class) & 1 != 0 {
                let detail = Detail::Monitor { class, code: two };
                return Err(Exception::Program { code: ProgramCode::MONITOR, detail });
            }
        }
        SystemHelper::SetProgramParameter => c.regs.program_parameter = one,
        SystemHelper::Trace => {
            trace::explicit(c, first, [one, two].map(|r| bits::index(r & 15)), three != 0)?;
        }
        SystemHelper::ResumeProgram => resume_program(c, first, bits::index(one & 15))?,
    }
    Ok(0)
}

/// Functions of PERFORM TIMING FACILITY FUNCTION that there are: the queries.
/// Who runs a guest controls its clock, so the control functions, 0x40 and
/// above, are not available to it.
mod timing {
    pub const AVAILABLE: u64 = 0;
    pub const OFFSET: u64 = 1;
    pub const STEERING: u64 = 2;
    pub const PHYSICAL_CLOCK: u64 = 3;
    /// The first control function.
    pub const CONTROL: u64 = 0x40;
}

/// The functions of PERFORM TIMING FACILITY FUNCTION that there are: a bit for
/// each, from the left.
pub const TIMING_FUNCTIONS: u64 = 0xf << 60;

/// PERFORM TIMING FACILITY FUNCTION (manual, chapter 10).
fn timing_function(c: &mut Context<'_>, block: At, function: u64) -> Result<(), Exception> {
    /// Bit 56 of general register 0, which must be zero.
    const RESERVED: u64 = 0x80;
    let block = block.moved_to(c.wrap(block.address));
    if function & RESERVED != 0 {
        return Err(ProgramCode::SPECIFICATION.into());
    }
    let function = function & 0x7f;
    if function >= timing::CONTROL && c.regs.psw.has(Psw::PROBLEM) {
        return Err(ProgramCode::PRIVILEGED_OPERATION.into());
    }
    let epoch = c.config.tod().epoch();
    let physical = c.clock().wrapping_sub(epoch);
    let mut words = [0; 7];
    let used = match function {
        timing::AVAILABLE => {
            words[0] = TIMING_FUNCTIONS;
            2
        }
        timing::OFFSET => {
            // The physical clock has no offset of its own; the guest's clock
            // has one to it.
            words[..4].copy_from_slice(&[physical, 0, epoch, epoch]);
            4
        }
        timing::STEERING => {
            // It is steered at no rate, since ever.
            words[0] = physical;
            7
        }
        timing::PHYSICAL_CLOCK => {
            words[0] = physical;
            1
        }
        _ => {
            c.regs.psw.set_condition_code(3);
            return Ok(());
        }
    };
    let mut bytes = [0; 56];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    c.write(block, &bytes[..8 * used])?;
    c.regs.psw.set_condition_code(0);
    Ok(())
}

/// EXTRACT CPU ATTRIBUTE: the caches of a zEC12. Software asks for them to
/// choose sizes of its own, and these serve it as on that machine.
fn cpu_attribute(address: u64) -> u64 {
    /// What is not defined is all ones.
    const UNDEFINED: u64 = u64::MAX;
    /// A byte for each level: private with separate data and instructions
    /// twice, then shared and unified twice.
    const TOPOLOGY: u64 = 0x0404_0b0b_0000_0000;
    const LINE: u64 = 256;
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    /// By level, (data or unified, instructions): size and associativity.
    const LEVELS: [[(u64, u64); 2]; 4] = [
        [(96 * KIB, 6), (64 * KIB, 4)],
        [(MIB, 8), (MIB, 8)],
        [(48 * MIB, 12), (48 * MIB, 12)],
        [(384 * MIB, 24), (384 * MIB, 24)],
    ];
    /// Bits 40-55 of the address are reserved.
    const RESERVED: u64 = 0xff_ff00;
    let (attribute, level) = (address >> 4 & 15, bits::index(address >> 1 & 7));
    let kind = bits::index(address & 1);
    let cache = LEVELS.get(level).map(|level| level[kind]);
    match (attribute, cache) {
        _ if address & RESERVED != 0 => UNDEFINED,
        (0, _) => TOPOLOGY,
        (1, Some(_)) => LINE,
        (2, Some((size, _))) => size,
        (3, Some((_, ways))) => ways,
        _ => UNDEFINED,
    }
}

/// RESUME PROGRAM (manual, chapter 10). A list of offsets follows the
/// instruction, of EXECUTE its target.
fn resume_program(c: &mut Context<'_>, save_area: At, base: usize) -> Result<(), Exception> {
    const LONG_PSW: u16 = 4;
    const LONG_REGISTER: u16 = 2;
    const DISJOINT: u16 = 1;
    let list = c.wrap(c.relative_base().wrapping_add(4));
    let halfword = |c: &mut Context<'_>, n: u64| {
        let address = c.wrap(list.wrapping_add(2 * n));
        c.load_u16(At::in_space(address, Space::Instruction))
    };
    let flags = halfword(c, 0)?;
    if flags & !(LONG_PSW | LONG_REGISTER | DISJOINT) != 0 {
        return Err(ProgramCode::SPECIFICATION.into());
    }
    let field = |c: &mut Context<'_>, n| {
        let offset = halfword(c, n)?;
        let address = c.wrap(save_area.address.wrapping_add(offset.into()));
        Ok::<At, Exception>(save_area.moved_to(address))
    };
    let (psw_at, ar_at, gr_at) = (field(c, 1)?, field(c, 2)?, field(c, 3)?);
    let saved = if flags & LONG_PSW != 0 {
        let both = c.load_u128(psw_at)?;
        Psw::new(bits::high64(both), bits::low64(both))
    } else {
        // Bit 32 is the addressing mode; the address is behind it.
        let short = c.load_u64(psw_at)?;
        Psw::new(short & !0x7fff_ffff, short & 0x7fff_ffff)
    };
    let ar = c.load_u32(ar_at)?;
    let old = c.regs.gr[base];
    let gr = match flags & (LONG_REGISTER | DISJOINT) {
        LONG_REGISTER => c.load_u64(gr_at)?,
        0b11 => {
            let high_at = field(c, 4)?;
            let low = c.load_u32(gr_at)?;
            u64::from(c.load_u32(high_at)?) << 32 | u64::from(low)
        }
        _ => bits::with_low32(old, c.load_u32(gr_at)?),
    };
    let psw = resumed(c.regs.psw, saved)?;
    let event = space_switch(c, psw);
    c.regs.ar[base] = ar;
    c.regs.gr[base] = gr;
    c.load_psw(psw);
    event.map_or(Ok(()), Err)
}

/// The PSW with what RESUME PROGRAM takes from a saved one: address-space
/// control, condition code, program mask, addressing mode and address.
fn resumed(current: Psw, saved: Psw) -> Result<Psw, Exception> {
    const KEPT: u64 = 0xffff << 48;
    const MODE: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
    const TAKEN: u64 = Psw::ADDRESS_SPACE | Psw::CONDITION_CODE | Psw::PROGRAM_MASK | MODE;
    const RESERVED: u64 = 0x7fff_ffff;
    let mask = current.mask & KEPT | saved.mask & TAKEN;
    let psw = Psw::new(mask, saved.addr);
    let is_home = psw.mask & Psw::ADDRESS_SPACE == Psw::ADDRESS_SPACE;
    if psw.has(Psw::DAT) && psw.has(Psw::PROBLEM) && is_home {
        return Err(ProgramCode::PRIVILEGED_OPERATION.into());
    }
    if !psw.is_valid() || saved.mask & RESERVED != 0 || psw.addr & 1 != 0 {
        return Err(ProgramCode::SPECIFICATION.into());
    }
    Ok(psw)
}

/// The space-switch event of a switch to or from the home space, if its
/// control is one in either space (manual, chapter 6, "Space-Switch Event").
fn space_switch(c: &Context<'_>, new: Psw) -> Option<Exception> {
    const CONTROL: u64 = 0x40;
    const SHOWN: u64 = 1 << 31;
    let is_home = |psw: Psw| psw.mask & Psw::ADDRESS_SPACE == Psw::ADDRESS_SPACE;
    let (primary, home) = (c.regs.cr[1] & CONTROL != 0, c.regs.cr[13] & CONTROL != 0);
    if !new.has(Psw::DAT) || is_home(new) == is_home(c.regs.psw) || !(primary || home) {
        return None;
    }
    let control = |shown: bool| if shown { SHOWN } else { 0 };
    let teid = if is_home(new) {
        u64::from(bits::low16(c.regs.cr[4])) | control(primary)
    } else {
        control(home)
    };
    let detail = Detail::Translation { teid, access_register: 0 };
    Some(Exception::Program { code: ProgramCode::SPACE_SWITCH, detail })
}
