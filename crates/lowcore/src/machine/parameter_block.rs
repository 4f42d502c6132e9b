//! The IPL parameter block: where a guest wants to be loaded from the next
//! time, and with what load parameter (Linux,
//! arch/s390/include/uapi/asm/ipl.h).

/// A block that a guest has set, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterBlock(Vec<u8>);

/// Offsets.
mod field {
    use std::ops::Range;

    /// The length of the whole.
    pub const LENGTH: Range<usize> = 0..4;
    pub const VERSION: usize = 7;
    /// The length of the first part.
    pub const PART_LENGTH: Range<usize> = 8..12;
    pub const TYPE: usize = 12;
    pub const FLAGS: usize = 13;
    pub const LOAD_PARAMETER: Range<usize> = 16..24;
}

/// Types of devices: SCSI over Fibre Channel, channel-attached, ECKD DASD with
/// a list-directed load, NVMe.
const TYPES: [u8; 4] = [0, 2, 3, 4];
/// The load parameter is valid.
const HAS_LOAD_PARAMETER: u8 = 0x80;
/// A block lies in one page.
const LONGEST: usize = 4096;
/// Where the first part begins.
const PART: usize = 8;
/// Blanks in EBCDIC.
pub const NO_LOAD_PARAMETER: [u8; 8] = [0x40; 8];

impl ParameterBlock {
    /// Bytes to be read before the length is known.
    pub const HEADER: usize = PART;

    /// The length of a block that begins with these bytes, if a block can be
    /// that long.
    pub fn length(header: [u8; Self::HEADER]) -> Option<usize> {
        let length = number(&header, field::LENGTH)?;
        (field::LOAD_PARAMETER.end..=LONGEST).contains(&length).then_some(length)
    }

    /// A block, if it is one.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let part = number(&bytes, field::PART_LENGTH)?;
        let least = field::LOAD_PARAMETER.end - PART;
        let fits = (least..=bytes.len() - PART).contains(&part);
        (fits && bytes[field::VERSION] == 0 && TYPES.contains(&bytes[field::TYPE]))
            .then_some(Self(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The load parameter, in EBCDIC.
    pub fn load_parameter(&self) -> [u8; 8] {
        let given = self.0[field::FLAGS] & HAS_LOAD_PARAMETER != 0;
        let parameter = self.0[field::LOAD_PARAMETER].try_into().ok();
        parameter.filter(|_| given).unwrap_or(NO_LOAD_PARAMETER)
    }
}

/// A word, as a length.
fn number(bytes: &[u8], at: std::ops::Range<usize>) -> Option<usize> {
    let word = u32::from_be_bytes(bytes.get(at)?.try_into().ok()?);
    usize::try_from(word).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block for a channel-attached device.
    fn block() -> Vec<u8> {
        let mut bytes = vec![0; 200];
        bytes[..4].copy_from_slice(&200_u32.to_be_bytes());
        bytes[8..12].copy_from_slice(&192_u32.to_be_bytes());
        bytes[12] = 2;
        bytes[16..24].copy_from_slice(&[0xd3; 8]);
        bytes
    }

    #[test]
    fn the_load_parameter_counts_if_it_is_said_to_be_valid() {
        let mut bytes = block();
        let parameter =
            |bytes: &[u8]| ParameterBlock::new(bytes.to_vec()).unwrap().load_parameter();
        assert_eq!(parameter(&bytes), NO_LOAD_PARAMETER);
        bytes[13] = 0x80;
        assert_eq!(parameter(&bytes), [0xd3; 8]);
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for (at, byte) in [(7, 1), (12, 1), (12, 0xff), (8, 1), (11, 200), (11, 4)] {
            let mut bytes = block();
            bytes[at] = byte;
            assert_eq!(ParameterBlock::new(bytes), None, "{at} {byte}");
        }
        assert_eq!(ParameterBlock::new(Vec::new()), None);
        for (length, expected) in [(0, None), (23, None), (24, Some(24)), (4096, Some(4096))] {
            let mut header = [0; ParameterBlock::HEADER];
            header[..4].copy_from_slice(&u32::to_be_bytes(length));
            assert_eq!(ParameterBlock::length(header), expected, "{length}");
        }
        assert_eq!(ParameterBlock::length([0xff; ParameterBlock::HEADER]), None);
    }
}
