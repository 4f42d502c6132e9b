//! A channel subsystem without subchannels and channel paths (manual, chapters
//! 14 and 15; CHSC as Linux uses it, drivers/s390/cio/chsc.c).

use super::instruction::{End, Instruction};
use lowcore_arch::{ProgramCode, bits};
use std::collections::VecDeque;

/// Condition codes.
const STORED: u8 = 0;
const NOTHING_STORED: u8 = 1;
const NOT_OPERATIONAL: u8 = 3;

/// What the channel subsystem remembers.
#[derive(Debug, Default)]
pub(super) struct ChannelSubsystem {
    /// Channel reports that the guest has not stored yet.
    reports: VecDeque<u32>,
}

impl ChannelSubsystem {
    /// As after a reset.
    pub(super) fn reset(&mut self) {
        self.reports.clear();
    }
}

/// Executes an instruction of channel I/O.
pub(super) fn execute(channel: &mut ChannelSubsystem, instruction: &Instruction<'_>) -> End {
    match instruction.ipa {
        // CSCH, HSCH, RSCH, XSCH have no operand in storage.
        0xb230 | 0xb231 | 0xb238 | 0xb276 => subchannel(instruction),
        // MSCH, SSCH, STSCH, TSCH.
        0xb232..=0xb235 => match instruction.address() & 3 {
            0 => subchannel(instruction),
            _ => End::Program(ProgramCode::SPECIFICATION),
        },
        0xb237 => set_address_limit(instruction),
        0xb239 => store_channel_report(channel, instruction),
        0xb23a => store_channel_path_status(instruction),
        0xb23b => reset_channel_path(instruction),
        0xb23c => set_channel_monitor(instruction),
        0xb25f => channel_subsystem_call(instruction),
        // SIGA: there are no queues.
        0xb274 => subchannel(instruction),
        _ => End::Program(ProgramCode::OPERATION),
    }
}

/// Anything to a subchannel: register 1 designates it, and it does not exist.
fn subchannel(instruction: &Instruction<'_>) -> End {
    /// The bit that every subsystem-identification word has, and those that
    /// none has.
    const ONE: u64 = 0x0001_0000;
    const ZEROS: u64 = 0x00f0_0000;
    let word = instruction.page().gpr(1);
    if word & ONE == 0 || word & ZEROS != 0 {
        return End::Program(ProgramCode::OPERAND);
    }
    End::ConditionCode(NOT_OPERATIONAL)
}

fn set_address_limit(instruction: &Instruction<'_>) -> End {
    const RESERVED: u64 = 0x8000_ffff;
    match instruction.page().gpr(1) & RESERVED {
        0 => End::Unchanged,
        _ => End::Program(ProgramCode::OPERAND),
    }
}

fn store_channel_report(channel: &mut ChannelSubsystem, instruction: &Instruction<'_>) -> End {
    let address = instruction.address();
    if address & 3 != 0 {
        return End::Program(ProgramCode::SPECIFICATION);
    }
    let report = channel.reports.front().copied();
    if instruction.write(address, &report.unwrap_or(0).to_be_bytes()).is_none() {
        return End::Settled;
    }
    channel.reports.pop_front();
    End::ConditionCode(if report.is_some() { STORED } else { NOTHING_STORED })
}

/// No channel path is active.
fn store_channel_path_status(instruction: &Instruction<'_>) -> End {
    let address = instruction.address();
    if address & 31 != 0 {
        return End::Program(ProgramCode::SPECIFICATION);
    }
    let _ = instruction.write(address, &[0; 32]);
    End::Settled
}

fn reset_channel_path(instruction: &Instruction<'_>) -> End {
    const RESERVED: u64 = 0xff00_ff00;
    match instruction.page().gpr(1) & RESERVED {
        0 => End::ConditionCode(NOT_OPERATIONAL),
        _ => End::Program(ProgramCode::OPERAND),
    }
}

/// What is monitored is what subchannels do.
fn set_channel_monitor(instruction: &Instruction<'_>) -> End {
    const RESERVED: u64 = 0x0fff_fffc;
    const MEASUREMENT_BLOCKS: u64 = 2;
    const ALIGNMENT: u64 = 31;
    let page = instruction.page();
    let word = page.gpr(1);
    let misplaced = word & MEASUREMENT_BLOCKS != 0 && page.gpr(2) & ALIGNMENT != 0;
    if word & RESERVED != 0 || misplaced {
        return End::Program(ProgramCode::OPERAND);
    }
    End::Unchanged
}

/// Commands of CHANNEL SUBSYSTEM CALL.
mod command {
    /// Store subsystem characteristics.
    pub const CHARACTERISTICS: u16 = 0x0010;
    /// Store event information.
    pub const EVENT_INFORMATION: u16 = 0x000e;
}

/// Response codes of CHANNEL SUBSYSTEM CALL.
mod response {
    pub const DONE: u16 = 1;
    pub const INVALID_LENGTH: u16 = 3;
    pub const INVALID_COMMAND: u16 = 4;
    pub const NO_EVENT: u16 = 5;
}

const PAGE: usize = 4096;
/// The shortest request, and the shortest response.
const REQUEST: usize = 16;
const RESPONSE: usize = 8;

/// The register designates a page with a request, behind which the response
/// goes.
fn channel_subsystem_call(instruction: &Instruction<'_>) -> End {
    let (r1, _) = instruction.rre();
    let page = instruction.page();
    let address = page.psw().wrap(page.gpr(r1));
    if !address.is_multiple_of(PAGE as u64) {
        return End::Program(ProgramCode::SPECIFICATION);
    }
    let mut header = [0; 4];
    if instruction.read_in_register(address, &mut header, r1).is_none() {
        return End::Settled;
    }
    let [length, command] =
        [0, 2].map(|at: usize| u16::from_be_bytes([header[at], header[at + 1]]));
    let length = usize::from(length);
    if !(REQUEST..=PAGE - RESPONSE).contains(&length) || !length.is_multiple_of(8) {
        return End::Program(ProgramCode::OPERAND);
    }
    let answer = match (command, length) {
        (command::CHARACTERISTICS, REQUEST) => characteristics(PAGE - length),
        (command::EVENT_INFORMATION, REQUEST) => short(response::NO_EVENT),
        (command::CHARACTERISTICS | command::EVENT_INFORMATION, _) => {
            short(response::INVALID_LENGTH)
        }
        _ => short(response::INVALID_COMMAND),
    };
    match instruction.write_in_register(address + length as u64, &answer, r1) {
        Some(()) => End::ConditionCode(STORED),
        None => End::Settled,
    }
}

/// A response that is only its code.
fn short(code: u16) -> Vec<u8> {
    let mut answer = vec![0; RESPONSE];
    answer[..2].copy_from_slice(&bits::low16(RESPONSE as u64).to_be_bytes());
    answer[2..4].copy_from_slice(&code.to_be_bytes());
    answer
}

/// No characteristic is there.
fn characteristics(room: usize) -> Vec<u8> {
    let mut answer = short(response::DONE);
    answer.resize(room, 0);
    answer[..2].copy_from_slice(&bits::low16(room as u64).to_be_bytes());
    answer
}
