//! The line-mode console: messages from the guest, operator's commands to it,
//! both in EBCDIC and both wrapped several times.

use super::ebcdic;
use lowcore_arch::bits;
use std::collections::VecDeque;

/// The vectors around a command, from the outside in: length (16 bits, itself
/// included) and identification.
mod vector {
    pub const MULTIPLE_DOMAIN_SUPPORT: u16 = 0x1310;
    pub const CONTROL_POINT_SUPPORT: u16 = 0x1212;
    pub const TEXT_COMMAND: u16 = 0x1320;
    /// Subvectors have 8 bits for both.
    pub const SELF_DEFINING_TEXT: u8 = 0x31;
    pub const TEXT: u8 = 0x30;
}

/// The most characters of a command, both subvectors around it counted.
const LONGEST: usize = 255 - 4;

/// Where the line ends that would come next, if all of it is there. A long
/// line goes in pieces.
fn line_end(input: &VecDeque<u8>) -> Option<usize> {
    let end = input.iter().take(LONGEST).position(|&c| c == b'\r' || c == b'\n');
    end.or((input.len() >= LONGEST).then_some(LONGEST))
}

/// Whether a line is complete.
pub(super) fn has_line(input: &VecDeque<u8>) -> bool {
    line_end(input).is_some()
}

/// The next line as an operator's command, if there is room for it.
pub(super) fn take(input: &mut VecDeque<u8>, room: usize) -> Option<Vec<u8>> {
    let end = line_end(input)?;
    let text: Vec<u8> = input.iter().take(end).copied().map(ebcdic::from_ascii).collect();
    let inner = subvector(vector::SELF_DEFINING_TEXT, &subvector(vector::TEXT, &text));
    let data =
        [vector::TEXT_COMMAND, vector::CONTROL_POINT_SUPPORT, vector::MULTIPLE_DOMAIN_SUPPORT]
            .into_iter()
            .fold(inner, |content, identification| {
                let length = bits::low16(content.len() as u64 + 4);
                [&length.to_be_bytes()[..], &identification.to_be_bytes(), &content].concat()
            });
    if data.len() > room {
        return None;
    }
    input.drain(..end);
    if input.front().is_some_and(|&c| c == b'\r' || c == b'\n') {
        input.pop_front();
    }
    Some(data)
}

fn subvector(key: u8, content: &[u8]) -> Vec<u8> {
    [&[bits::low8(content.len() as u64 + 2), key], content].concat()
}

/// Prints the message text objects of a message data block. Whether its
/// lengths are consistent; nothing is printed if not.
pub(super) fn print(block: &[u8], output: &mut Vec<u8>) -> bool {
    /// Bytes before the objects: length, type, tag, revision.
    const BLOCK_HEADER: usize = 12;
    /// Bytes before the text: length, type, line flags, alarm, reserved.
    const OBJECT_HEADER: usize = 10;
    const MESSAGE_TEXT: u16 = 4;
    let halfword = |at: usize| Some(u16::from_be_bytes(block.get(at..at + 2)?.try_into().ok()?));
    let Some(length) = halfword(0).map(usize::from) else { return false };
    if length < BLOCK_HEADER || length > block.len() {
        return false;
    }
    let mut text = Vec::new();
    let mut at = BLOCK_HEADER;
    while at < length {
        let (Some(size), Some(kind)) = (halfword(at).map(usize::from), halfword(at + 2)) else {
            return false;
        };
        if size < 4 || at + size > length {
            return false;
        }
        if kind == MESSAGE_TEXT && size >= OBJECT_HEADER {
            text.extend(block[at + OBJECT_HEADER..at + size].iter().copied().map(ebcdic::to_ascii));
            text.extend_from_slice(b"\r\n");
        }
        at += size;
    }
    output.extend_from_slice(&text);
    true
}
