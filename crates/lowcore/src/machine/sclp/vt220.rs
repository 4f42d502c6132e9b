//! The VT220 console: bytes as they are, both ways.

use std::collections::VecDeque;

/// The byte before what was typed: it is data of the session.
const SESSION_DATA: u8 = 0x00;

/// As much of what was typed as there is room for.
pub(super) fn take(input: &mut VecDeque<u8>, room: usize) -> Option<Vec<u8>> {
    let count = room.checked_sub(1)?.min(input.len());
    if count == 0 {
        return None;
    }
    let mut data = vec![SESSION_DATA];
    data.extend(input.drain(..count));
    Some(data)
}
