//! The routines that bodies call for long and for control instructions.

use super::{Operands, string};
use crate::{At, Context, Exception, SigpRequest};
use lowcore_arch::{AddressingMode, ProgramCode, Psw, bits, lowcore};
use lowcore_isa::Helper;

/// CR0 bit 36: INSERT PSW KEY is allowed in the problem state.
const EXTRACTION_AUTHORITY: u64 = 1 << 27;

/// Bit 12 of the PSW that LOAD PSW takes, which must be one.
const SHORT_FORMAT: u64 = 1 << 51;

/// Calls a routine of no family.
pub(crate) fn call(
    c: &mut Context<'_>,
    helper: Helper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let [first, second, _] = operands.at;
    let [value, cpu, parameter, register, ..] = operands.arguments;
    match helper {
        Helper::Move => string::copy(c, first, second, value)?,
        Helper::And => string::combine(c, first, second, value, |a, b| a & b)?,
        Helper::Or => string::combine(c, first, second, value, |a, b| a | b)?,
        Helper::ExclusiveOr => string::exclusive_or(c, first, second, value)?,
        Helper::Compare => string::compare(c, first, second, value)?,
        Helper::SupervisorCall => return Err(Exception::SupervisorCall(bits::low8(value))),
        Helper::Intercept => return Err(Exception::Intercept),
        Helper::LoadPsw => {
            let short = c.load_u64(first)?;
            if short & SHORT_FORMAT == 0 {
                return Err(ProgramCode::SPECIFICATION.into());
            }
            c.load_psw(Psw::from_short(short));
        }
        Helper::LoadPswExtended => {
            let both = c.load_u128(first)?;
            c.load_psw(Psw::new(bits::high64(both), bits::low64(both)));
        }
        Helper::SetSystemMask => set_system_mask(c, value),
        Helper::SetKey => set_key(c, value)?,
        Helper::InsertKey => {
            if c.regs.psw.has(Psw::PROBLEM) && c.regs.cr[0] & EXTRACTION_AUTHORITY == 0 {
                return Err(ProgramCode::PRIVILEGED_OPERATION.into());
            }
            return Ok(u64::from(c.regs.psw.key()) << 4);
        }
        Helper::SetAddressingMode => set_addressing_mode(c, value)?,
        Helper::AddressingMode => {
            return Ok(match c.regs.psw.addressing_mode() {
                AddressingMode::Bits24 => 0,
                AddressingMode::Bits31 => 1,
                AddressingMode::Bits64 => 3,
            });
        }
        Helper::BranchAndSetMode => {
            if value & 1 != 0 {
                put_mode(c, AddressingMode::Bits64);
            } else if value & 0x8000_0000 != 0 {
                put_mode(c, AddressingMode::Bits31);
            } else {
                put_mode(c, AddressingMode::Bits24);
            }
            c.branch(value & !1);
        }
        Helper::SetPrefix => {
            let prefix = bits::low32(value) & lowcore::PREFIX_MASK;
            if !c.view.contains(prefix.into(), lowcore::SIZE) {
                return Err(ProgramCode::ADDRESSING.into());
            }
            c.regs.set_prefix(prefix);
            c.reenter = true;
        }
        Helper::Prefix => return Ok(c.regs.prefix.into()),
        Helper::CpuAddress => return Ok(c.mailbox.id.into()),
        Helper::CpuId => return Ok(c.config.cpu_id()),
        Helper::SignalProcessor => {
            let request = SigpRequest {
                order: bits::low8(value),
                address: bits::low16(cpu),
                parameter: bits::low32(parameter),
                status_register: bits::index(register & 15),
            };
            let Some(answer) = c.config.signal(c.mailbox, request) else {
                return Err(Exception::Sigp(request));
            };
            request.take(answer, c.regs)?;
            // The CPU may have signaled itself.
            c.reevaluate |= c.mailbox.attention.peek() != 0;
        }
        Helper::Clock => return Ok(c.clock()),
        Helper::StoreClockExtended => {
            // An epoch index of zero, the clock, zeros, and the programmable
            // field.
            let clock = u128::from(c.unique_clock()) << 56;
            c.write(first, &(clock | u128::from(c.regs.todpr & 0xffff)).to_be_bytes())?;
        }
        Helper::SetClock => return Err(Exception::SetClock(value)),
        Helper::ClockComparator => return Ok(c.regs.clock_comparator),
        Helper::SetClockComparator => {
            c.regs.clock_comparator = value;
            c.timers_are_quiet = false;
            c.reevaluate = true;
        }
        Helper::CpuTimer => return Ok(c.cpu_timer()),
        Helper::SetCpuTimer => {
            c.regs.cpu_timer.set(value);
            c.timers_are_quiet = false;
            c.reevaluate = true;
        }
        Helper::SetTodProgrammable => c.regs.todpr = bits::low32(value),
        Helper::StoreFacilityList => {
            let list = bits::high32(c.config.listed_facilities().doublewords()[0]);
            let absolute = c.regs.absolute(lowcore::FACILITY_LIST.into());
            c.view.store_u32(absolute, list)?;
        }
        Helper::StoreFacilityListExtended => return store_facilities(c, first, value),
        Helper::PurgeTlb => {
            c.tlb.purge();
            c.reenter = true;
        }
        // The engine does it, and the families are not called here.
        Helper::Execute
        | Helper::String(_)
        | Helper::Convert(_)
        | Helper::Space(_)
        | Helper::Key(_)
        | Helper::Float(_)
        | Helper::System(_) => {}
    }
    Ok(0)
}

/// Replaces bits 0-7 of the PSW. Execution goes on where that disables
/// interruptions, or enables some of which none waits.
fn set_system_mask(c: &mut Context<'_>, value: u64) {
    const INTERRUPTIONS: u64 = Psw::IO | Psw::EXTERNAL;
    let old = c.regs.psw.mask;
    let new = old & (u64::MAX >> 8) | value << 56;
    c.regs.psw.mask = new;
    let changed = old ^ new;
    let waits = |c: &mut Context<'_>| {
        !c.nothing_pending || c.mailbox.attention.peek() != 0 || c.timer_is_due()
    };
    c.reevaluate |= changed & !INTERRUPTIONS != 0 || changed & new != 0 && waits(c);
}

/// SET PSW KEY FROM ADDRESS: a problem program may choose among the keys of
/// the PSW-key mask, bits 32-47 of control register 3.
fn set_key(c: &mut Context<'_>, address: u64) -> Result<(), Exception> {
    let key = address >> 4 & 15;
    if c.regs.psw.has(Psw::PROBLEM) && c.regs.cr[3] >> (31 - key) & 1 == 0 {
        return Err(ProgramCode::PRIVILEGED_OPERATION.into());
    }
    let new = c.regs.psw.mask & !Psw::KEY | key << 52;
    c.reenter |= new != c.regs.psw.mask;
    c.regs.psw.mask = new;
    Ok(())
}

fn put_mode(c: &mut Context<'_>, mode: AddressingMode) {
    const MODE: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
    let bits = match mode {
        AddressingMode::Bits24 => 0,
        AddressingMode::Bits31 => Psw::BASIC_ADDRESSING,
        AddressingMode::Bits64 => MODE,
    };
    c.regs.psw.mask = c.regs.psw.mask & !MODE | bits;
    c.reenter = true;
}

/// SET ADDRESSING MODE: not if the instruction itself lies beyond the mode's
/// addresses.
fn set_addressing_mode(c: &mut Context<'_>, bits: u64) -> Result<(), Exception> {
    let mode = match bits {
        24 => AddressingMode::Bits24,
        31 => AddressingMode::Bits31,
        _ => AddressingMode::Bits64,
    };
    let here = c.wrap(c.regs.psw.addr.wrapping_sub(c.ilc.into()));
    if here & !mode.mask() != 0 {
        return Err(ProgramCode::SPECIFICATION.into());
    }
    put_mode(c, mode);
    c.regs.psw.addr = c.wrap(c.regs.psw.addr);
    Ok(())
}

/// STORE FACILITY LIST EXTENDED.
fn store_facilities(c: &mut Context<'_>, at: At, wanted: u64) -> Result<u64, Exception> {
    let list = c.config.listed_facilities().doublewords();
    let last = list.iter().rposition(|word| *word != 0).unwrap_or(0);
    let last_stored = last.min(bits::index(wanted));
    let mut bytes = [0; 32];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(list) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    c.write(at, &bytes[..8 * (last_stored + 1)])?;
    c.regs.psw.set_condition_code(if last_stored == last { 0 } else { 3 });
    Ok(last as u64)
}
