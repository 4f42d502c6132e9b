//! A guest made of bytes: registers, low core, instructions, interrupts.

use super::Source;
use super::machine::{Machine, SLOT};
use lowcore_arch::{ProgramCode, Psw, StorageKey, bits, lowcore};
use lowcore_cpu::Registers;
use lowcore_interrupt::{
    FloatingInterrupt, IoInterruption, LocalInterrupt, MachineCheck, ProgramInterruption,
};
use lowcore_isa::{ROWS, format::Extension};

/// The low core's new PSWs.
pub const NEW_PSWS: [u16; 6] = [
    lowcore::RESTART_NEW_PSW,
    lowcore::EXTERNAL_NEW_PSW,
    lowcore::SVC_NEW_PSW,
    lowcore::PROGRAM_NEW_PSW,
    lowcore::MACHINE_CHECK_NEW_PSW,
    lowcore::IO_NEW_PSW,
];

/// Where the second slot may be: behind the first, apart from it, at the end
/// of each addressing mode's range, at the end of the address space.
const SECOND: [u64; 6] = [
    SLOT,
    2 * SLOT,
    0x100_0000 - SLOT,
    0x8000_0000 - SLOT,
    0x8000_0000 - SLOT / 2,
    u64::MAX - SLOT - 0xffe,
];

/// The guest address of the second slot.
pub fn second_slot(source: &mut Source<'_>) -> u64 {
    source.pick(&SECOND)
}

/// An address in, near or outside of storage.
pub fn address(source: &mut Source<'_>, second: u64) -> u64 {
    let offset = u64::from(source.u32()) % SLOT;
    // More often a few bytes than many.
    let near = i64::from(source.u8().cast_signed() >> (source.u8() % 6));
    match source.u8() % 8 {
        0 | 1 => offset,
        2 => second.wrapping_add(offset),
        // About the end of a page, of a slot, of a mode.
        3 => (offset & !0xfff).wrapping_add_signed(near),
        4 | 5 => source.pick(&[SLOT, second, second.wrapping_add(SLOT)]).wrapping_add_signed(near),
        6 => source.pick(&[0_u64, 0x100_0000, 0x8000_0000, 1 << 32]).wrapping_add_signed(near),
        _ if source.one_in(2) => u64::from(source.u16()),
        _ => source.number(),
    }
}

/// An address of code: more often one in storage, at the end of a slot too.
fn code_address(source: &mut Source<'_>, mask: u64, second: u64) -> u64 {
    let end = u64::from(source.u8() % 32);
    let here = match source.u8() % 8 {
        0 => address(source, second),
        1 => SLOT - end,
        2 => second.wrapping_add(SLOT - end),
        3 | 4 => second.wrapping_add(u64::from(source.u16())),
        _ => 0x2000 + u64::from(source.u16()),
    };
    let reachable = Psw::new(mask, 0).wrap(here) == here;
    if reachable || source.one_in(8) { here } else { 0x4000 + (here & 0xfff) }
}

/// A PSW, valid or not; more often one that can execute.
pub fn psw(source: &mut Source<'_>, second: u64) -> Psw {
    if source.one_in(24) {
        return Psw::new(source.u64(), source.number());
    }
    const BOTH: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
    let mut mask = source.pick(&[BOTH, BOTH, Psw::BASIC_ADDRESSING, 0]);
    let choices = source.u16();
    for (n, bits) in
        [Psw::IO, Psw::EXTERNAL, Psw::MACHINE_CHECK, Psw::PROBLEM].into_iter().enumerate()
    {
        // The problem state is the rarest.
        let often = if bits == Psw::PROBLEM { 1 } else { 4 };
        if choices >> (3 * n) & 7 < often {
            mask |= bits;
        }
    }
    mask |= u64::from(source.u8() & 0x3f) << 40;
    if source.one_in(8) {
        mask |= u64::from(source.u8() >> 4) << 52;
    }
    if source.one_in(32) {
        mask |= source.pick(&[Psw::WAIT, Psw::DAT, Psw::PER, Psw::ADDRESS_SPACE]);
    }
    let address = code_address(source, mask, second);
    let even = if source.one_in(32) { address } else { address & !1 };
    let psw = Psw::new(mask, even);
    if source.one_in(32) { psw } else { Psw::new(mask, psw.wrap(even)) }
}

/// All registers.
pub fn registers(source: &mut Source<'_>, second: u64) -> Registers {
    let mut regs = Registers { psw: psw(source, second), ..Registers::default() };
    for gr in &mut regs.gr {
        *gr = if source.one_in(4) { source.number() } else { address(source, second) };
    }
    for ar in &mut regs.ar {
        *ar = u32::from(source.u8()).wrapping_mul(0x0101_0101);
    }
    for cr in [0, 6, 14] {
        regs.cr[cr] = source.pick(&[0, u64::MAX, 0xe0, 0xc200_0000, 1 << 28, 0x7e00]);
        regs.cr[cr] ^= if source.one_in(4) { source.u64() } else { 0 };
    }
    regs.cr[3] = source.u16().into();
    let prefix = match source.u8() % 6 {
        0..=2 => 0,
        3 => 0x2000,
        4 => bits::low32(address(source, second)),
        _ => source.number32(),
    };
    regs.set_prefix(prefix);
    regs.todpr = source.number32();
    regs.clock_comparator = if source.one_in(2) { u64::MAX } else { source.number() };
    regs.cpu_timer.set(if source.one_in(2) { u64::MAX >> 1 } else { source.number() });
    regs.breaking_event = source.u16().into();
    for vr in &mut regs.vr[..2] {
        *vr = source.number().into();
    }
    regs
}

/// An instruction that exists, with any operands, or any bytes.
pub fn instruction(source: &mut Source<'_>) -> u64 {
    let mut any = source.u64();
    if source.one_in(12) {
        return any;
    }
    if source.one_in(2) {
        // Where most formats have a displacement and an index: then the
        // operand is at the address that the base register holds.
        any &= !(0xff << 24 | 0xfff << 32 | 0xf << 48);
    }
    let row = &ROWS[usize::from(source.u16()) % ROWS.len()];
    let extension = match row.format.extension() {
        Extension::None => 0,
        Extension::Second => 0xff << 48,
        Extension::Nibble => 0x0f << 48,
        Extension::Sixth => 0xff << 16,
    };
    let opcode = 0xff << 56 | extension;
    row.template() & opcode | any & !opcode
}

/// Instructions, one after the other as in storage.
pub fn code(source: &mut Source<'_>, count: u16) -> Vec<u8> {
    let mut code = Vec::new();
    for _ in 0..count {
        let raw = instruction(source);
        code.extend(&raw.to_be_bytes()[..usize::from(lowcore_isa::instruction_length(raw))]);
    }
    code
}

/// Puts bytes at a real address, as far as there is storage.
pub fn put(machine: &Machine, regs: &Registers, real: u64, bytes: &[u8]) {
    let view = machine.storage.view();
    for (n, &byte) in (0..).zip(bytes) {
        // Outside of storage there is nothing to prepare.
        let _ = view.store_u8(regs.absolute(regs.psw.wrap(real.wrapping_add(n))), byte);
    }
}

/// New PSWs, some of which lead to `code`.
pub fn low_core(source: &mut Source<'_>, machine: &Machine, regs: &Registers, second: u64) {
    for offset in NEW_PSWS {
        let mut new = psw(source, second);
        if source.one_in(2) {
            new.addr = regs.psw.addr;
        }
        let absolute = u64::from(regs.prefix) + u64::from(offset);
        let _ = machine.storage.view().write(absolute, &new.to_bytes());
    }
    if source.one_in(4) {
        let area = address(source, second);
        let at = u64::from(regs.prefix) + u64::from(lowcore::EXTENDED_SAVE_AREA);
        let _ = machine.storage.view().store_u64(at, area);
    }
}

/// Storage keys of some pages.
pub fn keys(source: &mut Source<'_>, machine: &Machine, second: u64) {
    for _ in 0..source.u8() % 4 {
        let _old = machine.storage.set_key(address(source, second), StorageKey(source.u8() & 0xfe));
    }
}

/// A local interrupt.
pub fn local(source: &mut Source<'_>) -> LocalInterrupt {
    match source.u8() % 10 {
        0 => LocalInterrupt::Stop { flags: source.below(4).into() },
        1 => LocalInterrupt::Program(program(source)),
        2 => LocalInterrupt::SetPrefix { address: source.number32() },
        3 => LocalInterrupt::Restart,
        4 => LocalInterrupt::PfaultInit { parameter: source.u32(), token: source.u64() },
        5 => LocalInterrupt::ClockComparator,
        6 => LocalInterrupt::CpuTimer,
        7 => LocalInterrupt::EmergencySignal { source: source.below(255) },
        8 => LocalInterrupt::ExternalCall { source: source.below(255) },
        _ => LocalInterrupt::MachineCheck(MachineCheck {
            cr14: source.number(),
            code: source.pick(&[1 << 63, 1 << 62, 1 << 58, 1 << 56, 1 << 55]) | source.number(),
            failing_storage_address: source.u64(),
            external_damage: source.u32(),
            fixed_logout: source.bytes(),
        }),
    }
}

fn program(source: &mut Source<'_>) -> ProgramInterruption {
    let code = if source.one_in(4) { source.u16() } else { source.below(0x140) };
    ProgramInterruption {
        code: ProgramCode(code),
        translation_exception: source.u64(),
        monitor_code: source.u64(),
        per_address: source.u64(),
        data_exception: source.u32(),
        monitor_class: source.u16(),
        per_code: source.u8(),
        per_atmid: source.u8(),
        exception_access: source.u8(),
        per_access: source.u8(),
        operand_access: source.u8(),
        flags: source.u8(),
    }
}

/// A floating interrupt.
pub fn floating(source: &mut Source<'_>) -> FloatingInterrupt {
    match source.u8() % 5 {
        0 => FloatingInterrupt::ServiceSignal { parameter: source.number32() },
        1 => FloatingInterrupt::Virtio { parameter: source.u32(), token: source.u64() },
        2 => FloatingInterrupt::PfaultDone { token: source.u64() },
        3 => FloatingInterrupt::MachineCheck { cr14: source.number(), code: source.number() },
        _ => FloatingInterrupt::Io(IoInterruption {
            kind: source.u32() % 0xfffe_0000,
            subchannel_id: source.u16(),
            subchannel_number: source.u16(),
            parameter: source.u32(),
            word: source.u32(),
        }),
    }
}

/// Makes interrupts pending. A stop is asked for only if `stops`.
pub fn interrupts(source: &mut Source<'_>, machine: &Machine, stops: bool) {
    {
        let mut state = machine.mailbox.local.lock();
        for _ in 0..source.u8() % 6 {
            let interrupt = local(source);
            if stops || !matches!(interrupt, LocalInterrupt::Stop { .. }) {
                // A refusal is an answer too.
                let _ = state.inject(interrupt, source.pick(&[0, 2, 4, 6]));
            }
            // Only a stopped CPU takes a new prefix.
            if source.one_in(4) {
                state.start();
            }
        }
        state.start();
    }
    for _ in 0..source.u8() % 4 {
        let interrupt = floating(source);
        let _ = machine.floating.lock().inject(interrupt);
    }
}
