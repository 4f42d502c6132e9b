//! The event facility: what guest and service processor tell each other.
//!
//! Each side says by masks which types it sends and receives. A guest writes
//! event data at will; that there is something to read, a service signal tells
//! it.

use super::sccb::HEADER;
use super::{Sccb, line_mode, response, vt220};
use lowcore_arch::bits;
use std::collections::VecDeque;

/// Types of events.
pub(super) mod kind {
    pub const OPERATOR_COMMAND: u8 = 0x01;
    pub const MESSAGE: u8 = 0x02;
    pub const VT220: u8 = 0x1a;
    pub const SIGNAL_QUIESCE: u8 = 0x1d;
}

/// Bytes before the data of an event: length, type, flags, reserved.
pub(super) const EVENT_HEADER: usize = 6;
/// The flag that an event that the guest wrote was taken.
const ACCEPTED: u8 = 0x80;
const EVENT_FLAGS: usize = 3;
/// The longest mask.
const MAX_MASK: u16 = 1021;
/// What a machine has typed ahead; more is dropped, as by a terminal.
const TYPE_AHEAD: usize = 1 << 16;

/// The console that a guest has. Linux prefers the first where there are both,
/// and writes its early messages to both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Console {
    /// A terminal: single characters both ways.
    Vt220,
    /// An operator's console: lines both ways.
    Line,
}

impl Console {
    /// The types that the guest may write.
    const fn receives(self) -> u64 {
        match self {
            Self::Vt220 => bit(kind::VT220),
            Self::Line => bit(kind::MESSAGE),
        }
    }

    /// The types that the guest may read.
    const fn sends(self) -> u64 {
        bit(self.input()) | bit(kind::SIGNAL_QUIESCE)
    }

    const fn input(self) -> u8 {
        match self {
            Self::Vt220 => kind::VT220,
            Self::Line => kind::OPERATOR_COMMAND,
        }
    }
}

/// The bit of a type in a mask of 64 bits, which counts from 1 on the left.
const fn bit(kind: u8) -> u64 {
    1 << (64 - kind)
}

/// The event facility.
#[derive(Debug)]
pub(super) struct Events {
    console: Console,
    /// The types that the guest receives.
    receives: u64,
    /// The length of masks in bytes, as of the last time.
    mask_length: u16,
    input: VecDeque<u8>,
    quiesce: bool,
}

impl Events {
    pub(super) fn new(console: Console) -> Self {
        Self { console, receives: 0, mask_length: 4, input: VecDeque::new(), quiesce: false }
    }

    /// What was typed is kept for who comes next; the request to shut down has
    /// been fulfilled.
    pub(super) fn reset(&mut self) {
        self.receives = 0;
        self.quiesce = false;
    }

    pub(super) fn input(&mut self, bytes: &[u8]) {
        let room = TYPE_AHEAD - self.input.len().min(TYPE_AHEAD);
        self.input.extend(bytes.iter().take(room));
    }

    pub(super) fn quiesce(&mut self) -> bool {
        self.quiesce = true;
        self.receives & bit(kind::SIGNAL_QUIESCE) != 0
    }

    pub(super) fn pending(&self) -> bool {
        self.available() & self.receives != 0
    }

    /// The types of which there is an event.
    fn available(&self) -> u64 {
        let mut types = 0;
        if self.has_input() {
            types |= bit(self.console.input());
        }
        if self.quiesce {
            types |= bit(kind::SIGNAL_QUIESCE);
        }
        types
    }

    fn has_input(&self) -> bool {
        match self.console {
            Console::Vt220 => !self.input.is_empty(),
            Console::Line => line_mode::has_line(&self.input),
        }
    }

    /// WRITE EVENT MASK: the guest's two masks come in, ours go out.
    pub(super) fn set_masks(&mut self, sccb: &mut Sccb) -> u16 {
        const LENGTH: usize = HEADER + 2;
        const MASKS: usize = HEADER + 4;
        let length = sccb.u16(LENGTH).unwrap_or(0);
        if length == 0 || length > MAX_MASK {
            return response::INVALID_MASK_LENGTH;
        }
        let size = usize::from(length);
        let Some(receives) = sccb.get(MASKS, 4 * size).map(|masks| mask(&masks[..size])) else {
            return response::INSUFFICIENT_LENGTH;
        };
        self.receives = receives;
        self.mask_length = length;
        for (n, ours) in [(2, self.console.receives()), (3, self.console.sends())] {
            let mut bytes = vec![0; size];
            for (byte, ours) in bytes.iter_mut().zip(ours.to_be_bytes()) {
                *byte = ours;
            }
            sccb.put(MASKS + n * size, &bytes);
        }
        response::DONE
    }

    /// READ EVENT DATA: as many events as there are and have room.
    pub(super) fn read(&mut self, sccb: &mut Sccb) -> u16 {
        const UNCONDITIONAL: u8 = 0;
        const SELECTIVE: u8 = 1;
        let wanted = match sccb.function() {
            UNCONDITIONAL => self.receives,
            SELECTIVE => {
                let selection = sccb.get(HEADER, self.mask_length.into()).map_or(0, mask);
                if self.receives == 0 || selection & !self.receives != 0 {
                    return response::INVALID_SELECTION;
                }
                selection
            }
            _ => return response::INVALID_FUNCTION,
        };
        let mut at = HEADER;
        for kind in [kind::SIGNAL_QUIESCE, self.console.input()] {
            if wanted & self.available() & bit(kind) == 0 {
                continue;
            }
            let Some(room) = (sccb.len() - at).checked_sub(EVENT_HEADER) else { break };
            let Some(data) = self.take(kind, room) else { continue };
            let length = bits::low16((EVENT_HEADER + data.len()) as u64).to_be_bytes();
            sccb.put(at, &[length[0], length[1], kind, 0, 0, 0]);
            sccb.put(at + EVENT_HEADER, &data);
            at += EVENT_HEADER + data.len();
        }
        sccb.shorten(at);
        if at == HEADER { response::NO_EVENTS } else { response::DONE }
    }

    /// The data of the next event of a type, if there is room for it.
    fn take(&mut self, kind: u8, room: usize) -> Option<Vec<u8>> {
        match kind {
            kind::SIGNAL_QUIESCE => {
                // How long the guest may take: no limit, in no unit.
                const PATIENCE: [u8; 3] = [0; 3];
                (room >= PATIENCE.len()).then(|| {
                    self.quiesce = false;
                    PATIENCE.to_vec()
                })
            }
            kind::VT220 => vt220::take(&mut self.input, room),
            _ => line_mode::take(&mut self.input, room),
        }
    }

    /// WRITE EVENT DATA.
    pub(super) fn write(&mut self, sccb: &mut Sccb, output: &mut Vec<u8>) -> u16 {
        if sccb.function() != 0 {
            return response::INVALID_FUNCTION;
        }
        let Some(events) = events(sccb) else { return response::EVENT_SYNTAX };
        for (at, length) in events {
            let Some(event) = sccb.get(at, length) else { return response::EVENT_SYNTAX };
            let kind = event[2];
            if self.console.receives() & known_bit(kind) == 0 {
                return response::INVALID_FUNCTION;
            }
            let data = &event[EVENT_HEADER..];
            let taken = match kind {
                kind::VT220 => {
                    output.extend_from_slice(data);
                    true
                }
                _ => line_mode::print(data, output),
            };
            if !taken {
                return response::INCONSISTENT_LENGTHS;
            }
            let flags = event[EVENT_FLAGS] | ACCEPTED;
            sccb.put(at + EVENT_FLAGS, &[flags]);
        }
        response::DONE
    }
}

/// The bit of any type, or none of one that no mask has.
fn known_bit(kind: u8) -> u64 {
    if (1..=64).contains(&kind) { bit(kind) } else { 0 }
}

/// A mask of any length in 64 bits.
fn mask(bytes: &[u8]) -> u64 {
    let mut mask = [0; 8];
    for (to, from) in mask.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_be_bytes(mask)
}

/// Where the events of a block begin, and how long they are, if they fill it.
fn events(sccb: &Sccb) -> Option<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    let mut at = HEADER;
    while at < sccb.len() {
        let length = usize::from(sccb.u16(at)?);
        if length < EVENT_HEADER || at + length > sccb.len() {
            return None;
        }
        found.push((at, length));
        at += length;
    }
    Some(found)
}
