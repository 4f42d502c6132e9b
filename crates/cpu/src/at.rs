//! Where an operand is: a logical address and the space that it is in.

/// How the address space of an operand is chosen (manual, chapter 3,
/// "Address Spaces").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Space {
    /// As of a storage operand: by the PSW's mode, in access-register mode by
    /// the access register of the base register.
    #[default]
    Operand,
    /// As of an instruction: by the PSW's mode.
    Instruction,
    /// As of an operand relative to the instruction: in its space.
    Relative,
    /// The space that the access register of the base register names, in any
    /// mode of the PSW.
    AccessRegister,
    /// The primary space.
    Primary,
    /// The secondary space.
    Secondary,
    /// The home space.
    Home,
    /// None: the address is real.
    Real,
}

/// A storage operand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// The logical address, cut to the addressing mode.
    pub address: u64,
    /// The base register; 0 where the access register does not count.
    pub base: u8,
    /// How its space is chosen.
    pub space: Space,
    /// The access key, if it is not the PSW's.
    pub key: Option<u8>,
}

impl At {
    /// An operand of the instruction, whose address has this base register.
    #[inline]
    #[must_use]
    pub const fn operand(address: u64, base: u8) -> Self {
        Self { address, base, space: Space::Operand, key: None }
    }

    /// An address in a certain space.
    #[inline]
    #[must_use]
    pub const fn in_space(address: u64, space: Space) -> Self {
        Self { address, base: 0, space, key: None }
    }

    /// The same, accessed with this key.
    #[inline]
    #[must_use]
    pub const fn with_key(self, key: u8) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The same at another address.
    #[inline]
    #[must_use]
    pub const fn moved_to(self, address: u64) -> Self {
        Self { address, ..self }
    }
}

/// The kind of a storage access, for protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The operand is fetched.
    Fetch,
    /// The operand is stored into, or fetched and then stored into.
    Store,
}

/// A part of an operand that lies in one page and may be accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its absolute address.
    pub absolute: u64,
    /// Its length in bytes, at least one.
    pub length: u64,
}
