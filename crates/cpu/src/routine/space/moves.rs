//! Moves between spaces and with other keys than the PSW's.

use super::{
    ACCESS_REGISTER, HOME, PRIMARY, SECONDARY, SECONDARY_SPACE, check_key, checked_key, mode,
    needs_translation, special_if,
};
use crate::{At, Context, Exception, Space};
use lowcore_arch::{AddressingMode, Psw, bits};

/// What most of these instructions move at most.
const MOST: usize = 256;
/// What MOVE WITH OPTIONAL SPECIFICATIONS moves at most.
const MOST_WITH_SPECIFICATIONS: usize = 4096;

/// The true length in a register: 64 bits in the 64-bit mode, else 32.
fn true_length(c: &Context<'_>, register: u64) -> u64 {
    match c.regs.psw.addressing_mode() {
        AddressingMode::Bits64 => register,
        _ => u64::from(bits::low32(register)),
    }
}

/// Moves at most `N` bytes; the condition code says whether there is more.
fn move_at_most<const N: usize>(
    c: &mut Context<'_>,
    to: At,
    from: At,
    length: u64,
) -> Result<(), Exception> {
    let most = N as u64;
    let mut buffer = [0; N];
    let bytes = &mut buffer[..bits::index(length.min(most))];
    if !bytes.is_empty() {
        c.read(from, bytes)?;
        c.write(to, bytes)?;
    }
    c.regs.psw.set_condition_code(if length > most { 3 } else { 0 });
    Ok(())
}

/// What both moves between primary and secondary space need.
fn check_spaces(c: &Context<'_>) -> Result<(), Exception> {
    needs_translation(c)?;
    special_if(c.regs.cr[0] & SECONDARY_SPACE == 0)?;
    special_if(!matches!(mode(c), PRIMARY | SECONDARY))
}

/// MOVE TO PRIMARY: the key is that of the secondary space.
pub(super) fn to_primary(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    key: u64,
) -> Result<(), Exception> {
    check_spaces(c)?;
    let key = checked_key(c, key)?;
    let from = At::in_space(second.address, Space::Secondary).with_key(key);
    let to = At::in_space(first.address, Space::Primary);
    move_at_most::<MOST>(c, to, from, true_length(c, length))
}

/// MOVE TO SECONDARY: the key is that of the secondary space.
pub(super) fn to_secondary(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    key: u64,
) -> Result<(), Exception> {
    check_spaces(c)?;
    let key = checked_key(c, key)?;
    let from = At::in_space(second.address, Space::Primary);
    let to = At::in_space(first.address, Space::Secondary).with_key(key);
    move_at_most::<MOST>(c, to, from, true_length(c, length))
}

/// MOVE WITH KEY: the key is the source's.
pub(super) fn with_key(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    key: u64,
) -> Result<(), Exception> {
    let key = checked_key(c, key)?;
    let length = true_length(c, length);
    move_at_most::<MOST>(c, first, second.with_key(key), length)
}

/// Moves the bytes that a length less one in a register says.
fn move_coded(c: &mut Context<'_>, to: At, from: At, length: u64) -> Result<(), Exception> {
    let mut buffer = [0; MOST];
    let bytes = &mut buffer[..=usize::from(bits::low8(length))];
    c.read(from, bytes)?;
    c.write(to, bytes)
}

/// MOVE WITH SOURCE KEY.
pub(super) fn with_source_key(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    key: u64,
) -> Result<(), Exception> {
    let key = checked_key(c, key)?;
    move_coded(c, first, second.with_key(key), length)
}

/// MOVE WITH DESTINATION KEY.
pub(super) fn with_destination_key(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    key: u64,
) -> Result<(), Exception> {
    let key = checked_key(c, key)?;
    move_coded(c, first.with_key(key), second, length)
}

/// What an operand-access control of 16 bits says of an operand.
#[derive(Clone, Copy)]
struct Specification {
    /// The access key.
    key: u8,
    /// The space, as in the PSW.
    space: u64,
    /// Whether the control itself says the space.
    says_space: bool,
}

impl Specification {
    /// Bit 15: the space is specified.
    const SPACE_VALID: u64 = 1;
    /// Bit 14: the key is specified.
    const KEY_VALID: u64 = 2;

    fn new(c: &Context<'_>, control: u64) -> Self {
        let says_space = control & Self::SPACE_VALID != 0;
        let key = bits::low8(control >> 12) & 15;
        Self {
            key: if control & Self::KEY_VALID != 0 { key } else { c.regs.psw.key() },
            space: if says_space { control >> 6 & 3 } else { mode(c) },
            says_space,
        }
    }

    fn apply(self, at: At) -> At {
        let space = match self.space {
            PRIMARY => Space::Primary,
            ACCESS_REGISTER => Space::AccessRegister,
            SECONDARY => Space::Secondary,
            _ => Space::Home,
        };
        At { space, ..at }.with_key(self.key)
    }
}

/// MOVE WITH OPTIONAL SPECIFICATIONS: the controls of the first operand are
/// in bits 32-47, those of the second in bits 48-63.
pub(super) fn with_specifications(
    c: &mut Context<'_>,
    first: At,
    second: At,
    length: u64,
    controls: u64,
) -> Result<(), Exception> {
    needs_translation(c)?;
    let to = Specification::new(c, controls >> 16);
    let from = Specification::new(c, controls);
    special_if(to.says_space && to.space == HOME && c.regs.psw.has(Psw::PROBLEM))?;
    let uses_secondary = to.space == SECONDARY || from.space == SECONDARY;
    special_if(uses_secondary && c.regs.cr[0] & SECONDARY_SPACE == 0)?;
    check_key(c, to.key)?;
    check_key(c, from.key)?;
    let length = true_length(c, length);
    let (to, from) = (to.apply(first), from.apply(second));
    move_at_most::<MOST_WITH_SPECIFICATIONS>(c, to, from, length)
}
