//! PACK and UNPACK with their ASCII and Unicode forms, and MOVE WITH OFFSET.

use crate::{At, Context, Exception};
use lowcore_arch::bits;

/// Two operands of up to 16 bytes, processed from right to left. What is
/// stored into the first shows in the second where they overlap.
struct Fields {
    first: [u8; 16],
    second: [u8; 16],
    /// How many bytes are yet to be made and to be used.
    first_left: usize,
    second_left: usize,
    second_length: usize,
    /// Where the first operand begins in the second, cut to the addressing
    /// mode.
    distance: u64,
}

impl Fields {
    fn fetch(
        c: &mut Context<'_>,
        first: At,
        first_length: u64,
        second: At,
        second_length: u64,
    ) -> Result<Self, Exception> {
        let mut fields = Self {
            first: [0; 16],
            second: [0; 16],
            first_left: bits::index(first_length),
            second_left: bits::index(second_length),
            second_length: bits::index(second_length),
            distance: c.wrap(first.address.wrapping_sub(second.address)),
        };
        c.read(second, &mut fields.second[..bits::index(second_length)])?;
        c.read(first, &mut fields.first[..bits::index(first_length)])?;
        Ok(fields)
    }

    /// The next byte of the second operand; zero behind its left end.
    fn take(&mut self) -> u8 {
        let Some(next) = self.second_left.checked_sub(1) else { return 0 };
        self.second_left = next;
        self.second[next]
    }

    /// What the first operand has in the byte that is made next.
    fn present(&self) -> u8 {
        self.first_left.checked_sub(1).map_or(0, |next| self.first[next])
    }

    /// Stores the next byte of the first operand, if there is room.
    fn put(&mut self, c: &Context<'_>, byte: u8) {
        let Some(next) = self.first_left.checked_sub(1) else { return };
        self.first_left = next;
        self.first[next] = byte;
        let place = bits::index(c.wrap(self.distance.wrapping_add(next as u64)));
        if place < self.second_length {
            self.second[place] = byte;
        }
    }
}

/// PACK.
pub(super) fn pack(
    c: &mut Context<'_>,
    [first, second, _]: [At; 3],
    [length, second_length, ..]: [u64; 6],
) -> Result<(), Exception> {
    let mut fields = Fields::fetch(c, first, length, second, second_length)?;
    let sign_and_digit = fields.take().rotate_left(4);
    fields.put(c, sign_and_digit);
    while fields.first_left > 0 {
        let low = fields.take() & 15;
        let high = fields.take() << 4;
        fields.put(c, high | low);
    }
    c.write(first, &fields.first[..bits::index(length)])
}

/// UNPACK.
pub(super) fn unpack(
    c: &mut Context<'_>,
    [first, second, _]: [At; 3],
    [length, second_length, ..]: [u64; 6],
) -> Result<(), Exception> {
    const ZONE: u8 = 0xf0;
    let mut fields = Fields::fetch(c, first, length, second, second_length)?;
    let digit_and_sign = fields.take().rotate_left(4);
    fields.put(c, digit_and_sign);
    while fields.first_left > 0 {
        let digits = fields.take();
        fields.put(c, ZONE | digits & 15);
        fields.put(c, ZONE | digits >> 4);
    }
    c.write(first, &fields.first[..bits::index(length)])
}

/// MOVE WITH OFFSET.
pub(super) fn move_with_offset(
    c: &mut Context<'_>,
    [first, second, _]: [At; 3],
    [length, second_length, ..]: [u64; 6],
) -> Result<(), Exception> {
    let mut fields = Fields::fetch(c, first, length, second, second_length)?;
    let mut right = fields.present() & 15;
    while fields.first_left > 0 {
        let byte = fields.take();
        fields.put(c, byte << 4 | right);
        right = byte >> 4;
    }
    c.write(first, &fields.first[..bits::index(length)])
}

/// PACK ASCII and PACK UNICODE: the rightmost digits of characters of `size`
/// bytes, and a plus sign.
pub(super) fn pack_characters(
    c: &mut Context<'_>,
    [first, second, _]: [At; 3],
    length: u64,
    size: usize,
) -> Result<(), Exception> {
    const PLUS: u128 = 0xc;
    let mut buffer = [0; 64];
    let characters = &mut buffer[..bits::index(length)];
    c.read(second, characters)?;
    let digits = characters
        .chunks_exact(size)
        .filter_map(<[u8]>::last)
        .fold(0, |packed: u128, byte| packed << 4 | u128::from(byte & 15));
    c.write(first, &(digits << 4 | PLUS).to_be_bytes())
}

/// UNPACK ASCII and UNPACK UNICODE, which look at the sign, but at no digit.
pub(super) fn unpack_characters(
    c: &mut Context<'_>,
    [first, second, _]: [At; 3],
    length: u64,
    size: usize,
) -> Result<(), Exception> {
    const ZERO: u8 = 0x30;
    let packed = c.load_u128(second)?;
    let mut buffer = [0; 64];
    let characters = &mut buffer[..bits::index(length)];
    let mut digits = packed >> 4;
    for character in characters.chunks_exact_mut(size).rev() {
        if let Some(last) = character.last_mut() {
            *last = ZERO | bits::low8(bits::low64(digits & 15));
        }
        digits >>= 4;
    }
    c.write(first, characters)?;
    c.end_with(match packed & 15 {
        0xa | 0xc | 0xe | 0xf => 0,
        0xb | 0xd => 1,
        _ => 3,
    })
}
