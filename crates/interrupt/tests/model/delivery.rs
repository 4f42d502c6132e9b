//! Sections C.4 to C.7, C.10, C.11: what is taken and what is done for it.

use super::{Floating, Local, Masks, subclass};
use lowcore_arch::Psw;
use lowcore_interrupt::{FloatingInterrupt, LocalInterrupt};

/// One thing that the CPU does for a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write these bytes at this real address.
    Write(u16, Vec<u8>),
    /// Load the PSW from this real address.
    Load(u16),
    /// C.7, steps 1 to 3, with this code.
    ExtendedSaveArea(u64),
    /// C.7, step 6.
    AdjustedCode,
    /// C.7, steps 7 to 14.
    Registers,
    /// The prefix becomes this.
    Prefix(u32),
}

/// The number of what was taken, and what is done for it.
type Taken = (u32, Vec<Action>);

/// C.2: this order, whatever the numbers.
const ORDER: [u32; 22] =
    [27, 25, 24, 21, 20, 19, 18, 16, 15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 1, 0];

/// Takes the highest deliverable interrupt.
pub fn take(local: &mut Local, floating: &mut Floating, masks: &Masks) -> Option<Taken> {
    let deliverable = masks.deliverable(local, floating);
    let number = ORDER.into_iter().find(|number| deliverable.contains(number))?;
    let actions = match number {
        24 | 27 => machine_check(local, floating, masks.psw),
        25 => program(local, masks),
        21 => {
            let lowest = local.emergency_sources()[0];
            local
                .entries
                .retain(|entry| *entry != LocalInterrupt::EmergencySignal { source: lowest });
            external(0x1201, lowest, masks.psw)
        }
        20 => {
            let source = local.newest(|entry| match entry {
                LocalInterrupt::ExternalCall { source } => Some(*source),
                _ => None,
            })?;
            local.entries.retain(|entry| !matches!(entry, LocalInterrupt::ExternalCall { .. }));
            external(0x1202, source, masks.psw)
        }
        19 => {
            local.entries.retain(|entry| *entry != LocalInterrupt::ClockComparator);
            external(0x1004, 0, masks.psw)
        }
        18 => {
            local.entries.retain(|entry| *entry != LocalInterrupt::CpuTimer);
            external(0x1005, 0, masks.psw)
        }
        16 => {
            // The event bits alone; SCCB addresses stay.
            let events = floating.service_word() & 3;
            for entry in &mut floating.entries {
                if let FloatingInterrupt::ServiceSignal { parameter } = entry {
                    *parameter &= !3;
                }
            }
            with_parameter(external(0x2401, 0, masks.psw), events)
        }
        15 => {
            let word = floating.service_word();
            floating
                .entries
                .retain(|entry| !matches!(entry, FloatingInterrupt::ServiceSignal { .. }));
            with_parameter(external(0x2401, 0, masks.psw), word)
        }
        13 => {
            let token = local.newest(|entry| match entry {
                LocalInterrupt::PfaultInit { token, .. } => Some(*token),
                _ => None,
            })?;
            local.entries.retain(|entry| !matches!(entry, LocalInterrupt::PfaultInit { .. }));
            with_token(external(0x2603, 0x0600, masks.psw), token)
        }
        1 => {
            local.entries.retain(|entry| *entry != LocalInterrupt::Restart);
            vec![old_psw(0x120, masks.psw), Action::Load(0x1a0)]
        }
        0 => {
            let address = local.newest(|entry| match entry {
                LocalInterrupt::SetPrefix { address } => Some(*address),
                _ => None,
            })?;
            local.entries.retain(|entry| !matches!(entry, LocalInterrupt::SetPrefix { .. }));
            vec![Action::Prefix(address & 0x7fff_e000)]
        }
        _ => oldest(floating, number, masks.psw),
    };
    Some((number, actions))
}

/// Queued kinds: the oldest entry of the number.
fn oldest(floating: &mut Floating, number: u32, psw: Psw) -> Vec<Action> {
    let position = floating.entries.iter().position(|entry| match entry {
        FloatingInterrupt::Io(io) => 10 - subclass(io) == number,
        FloatingInterrupt::Virtio { .. } => number == 11,
        FloatingInterrupt::PfaultDone { .. } => number == 12,
        _ => false,
    });
    match floating.entries.remove(position.expect("deliverable, so pending")) {
        FloatingInterrupt::PfaultDone { token } => with_token(external(0x2603, 0x0680, psw), token),
        FloatingInterrupt::Virtio { parameter, token } => {
            with_token(with_parameter(external(0x2603, 0x0d00, psw), parameter), token)
        }
        FloatingInterrupt::Io(io) => vec![
            write16(0xb8, io.subchannel_id),
            write16(0xba, io.subchannel_number),
            write32(0xbc, io.parameter),
            write32(0xc0, io.word),
            old_psw(0x170, psw),
            Action::Load(0x1f0),
        ],
        other => panic!("{other:?} is not queued"),
    }
}

/// C.7.
fn machine_check(local: &mut Local, floating: &mut Floating, psw: Psw) -> Vec<Action> {
    let mut check = Default::default();
    if !local.machine_check_numbers().is_empty() {
        check = local.merged_machine_check();
        local.entries.retain(|entry| !matches!(entry, LocalInterrupt::MachineCheck(_)));
    }
    if let Some((_, code)) = floating.machine_check() {
        check.code |= code;
        floating.entries.retain(|entry| !matches!(entry, FloatingInterrupt::MachineCheck { .. }));
    }
    vec![
        Action::ExtendedSaveArea(check.code),
        write8(0xa3, 1),
        old_psw(0x160, psw),
        Action::Load(0x1e0),
        Action::AdjustedCode,
        Action::Registers,
        write32(0xf4, check.external_damage),
        write64(0xf8, check.failing_storage_address),
        Action::Write(0x1300, check.fixed_logout.to_vec()),
    ]
}

/// C.6, row by row. (TEID, exception access, operand access, nullifying.)
fn program(local: &mut Local, masks: &Masks) -> Vec<Action> {
    let slot = local.merged_program();
    local.entries.retain(|entry| !matches!(entry, LocalInterrupt::Program(_)));
    let (translation, access, operand, nullifying) = match slot.code.0 & !0x80 {
        0x20 | 0x21 | 0x22 | 0x23 | 0x24 | 0x25 | 0x26 | 0x27 | 0x2e => (true, false, false, true),
        0x1c => (true, false, false, false),
        0x29 | 0x2a | 0x2b | 0x2c | 0x2d | 0x2f => (false, true, false, true),
        0x10 | 0x11 | 0x38 | 0x39 | 0x3a | 0x3b => (true, true, true, true),
        0x04 => (true, true, false, false),
        0x16 | 0x30 | 0x31 | 0x32 | 0x33 | 0x34 | 0x119 => (false, false, false, true),
        _ => (false, false, false, false),
    };
    let mut actions = Vec::new();
    if translation {
        actions.push(write64(0xa8, slot.translation_exception));
    }
    if access {
        actions.push(write8(0xa0, slot.exception_access));
    }
    if operand {
        actions.push(write8(0xa2, slot.operand_access));
    }
    if slot.code.0 & !0x80 == 0x40 {
        actions.push(write16(0x94, slot.monitor_class));
        actions.push(write64(0xb0, slot.monitor_code));
    }
    if matches!(slot.code.0 & !0x80, 0x07 | 0x1b) {
        actions.push(write32(0x90, slot.data_exception));
    }
    if slot.code.0 & 0x80 != 0 {
        actions.push(write8(0x96, slot.per_code));
        actions.push(write8(0x97, slot.per_atmid));
        actions.push(write64(0x98, slot.per_address));
        actions.push(write8(0xa1, slot.per_access));
    }
    let length = slot.flags & 0x06;
    let mut psw = masks.psw;
    if nullifying && slot.flags & 0x08 == 0 {
        let back = psw.addr.wrapping_sub(length.into());
        psw.addr = match (psw.mask & (1 << 32) != 0, psw.mask & (1 << 31) != 0) {
            (true, _) => back,
            (false, true) => back % (1 << 31),
            (false, false) => back % (1 << 24),
        };
    }
    actions.push(write16(0x8c, length.into()));
    actions.push(write64(0x110, masks.breaking_event));
    actions.push(write16(0x8e, slot.code.0));
    actions.push(old_psw(0x150, psw));
    actions.push(Action::Load(0x1d0));
    actions
}

/// C.5.
fn external(code: u16, address: u16, psw: Psw) -> Vec<Action> {
    vec![write16(0x86, code), write16(0x84, address), old_psw(0x130, psw), Action::Load(0x1b0)]
}

fn with_parameter(mut actions: Vec<Action>, parameter: u32) -> Vec<Action> {
    actions.push(write32(0x80, parameter));
    actions
}

fn with_token(mut actions: Vec<Action>, token: u64) -> Vec<Action> {
    actions.push(write64(0x11b8, token));
    actions
}

fn old_psw(offset: u16, psw: Psw) -> Action {
    let mut bytes = psw.mask.to_be_bytes().to_vec();
    bytes.extend(psw.addr.to_be_bytes());
    Action::Write(offset, bytes)
}

fn write8(offset: u16, value: u8) -> Action {
    Action::Write(offset, vec![value])
}

fn write16(offset: u16, value: u16) -> Action {
    Action::Write(offset, value.to_be_bytes().to_vec())
}

fn write32(offset: u16, value: u32) -> Action {
    Action::Write(offset, value.to_be_bytes().to_vec())
}

fn write64(offset: u16, value: u64) -> Action {
    Action::Write(offset, value.to_be_bytes().to_vec())
}
