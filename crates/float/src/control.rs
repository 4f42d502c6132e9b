//! What controls an operation: rounding mode, masks, flags.

use std::ops::{BitAnd, BitOr, BitOrAssign, Not};

/// A set of the five IEEE exceptions, with the bits of a mask byte or flag
/// byte of the FPC register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Exceptions(u8);

impl Exceptions {
    /// No exception.
    pub const NONE: Self = Self(0);
    /// IEEE invalid operation.
    pub const INVALID: Self = Self(0x80);
    /// IEEE division by zero.
    pub const DIVISION: Self = Self(0x40);
    /// IEEE overflow.
    pub const OVERFLOW: Self = Self(0x20);
    /// IEEE underflow.
    pub const UNDERFLOW: Self = Self(0x10);
    /// IEEE inexact.
    pub const INEXACT: Self = Self(0x08);
    /// All five.
    pub const ALL: Self = Self(0xf8);

    /// The exceptions of a mask or flag byte. The low three bits, which mean
    /// no exception, are dropped.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte & Self::ALL.0)
    }

    /// The byte as the FPC register has it.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// Whether all of `other` are in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Exceptions {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Exceptions {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for Exceptions {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Exceptions {
    type Output = Self;
    fn not(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }
}

/// A rounding method. All but one are modes of the FPC register as well, by
/// whose numbers they go.
///
/// Source: SA22-7832, chapter 9, "Rounding Methods".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum Rounding {
    /// Round to nearest with ties to even.
    #[default]
    NearestEven = 0,
    /// Round toward 0.
    TowardZero = 1,
    /// Round toward +infinity.
    TowardPositive = 2,
    /// Round toward -infinity.
    TowardNegative = 3,
    /// Round to nearest with ties away from 0. Only a modifier names it.
    NearestAway = 4,
    /// Round to prepare for shorter precision: toward 0, and if that was
    /// inexact the last bit of the result is one.
    PrepareShorter = 7,
}

impl Rounding {
    /// All rounding methods.
    pub const ALL: [Self; 6] = [
        Self::NearestEven,
        Self::TowardZero,
        Self::TowardPositive,
        Self::TowardNegative,
        Self::NearestAway,
        Self::PrepareShorter,
    ];

    /// The BFP rounding mode of the FPC register (bits 29-31 of `fpc`), or
    /// nothing if it is one of the invalid modes 4 to 6.
    #[must_use]
    #[inline]
    pub const fn from_fpc(fpc: u32) -> Option<Self> {
        match fpc & 7 {
            0 => Some(Self::NearestEven),
            1 => Some(Self::TowardZero),
            2 => Some(Self::TowardPositive),
            3 => Some(Self::TowardNegative),
            7 => Some(Self::PrepareShorter),
            _ => None,
        }
    }

    /// The method that the modifier `m3` of an instruction names, where
    /// `current` is the mode of the FPC register, which modifier 0 stands for.
    /// Nothing for 2 and 8 to 15, which are a specification exception.
    #[must_use]
    #[inline]
    pub const fn from_modifier(m3: u8, current: Self) -> Option<Self> {
        match m3 {
            0 => Some(current),
            1 => Some(Self::NearestAway),
            3 => Some(Self::PrepareShorter),
            4 => Some(Self::NearestEven),
            5 => Some(Self::TowardZero),
            6 => Some(Self::TowardPositive),
            7 => Some(Self::TowardNegative),
            _ => None,
        }
    }
}

/// What an operation depends on besides its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Controls {
    /// How results are rounded.
    pub rounding: Rounding,
    /// The exceptions that trap: the mask byte of the FPC register.
    pub masks: Exceptions,
    /// The flags as they are before the operation.
    pub flags: Exceptions,
    /// The IEEE-inexact-exception control (XxC, a bit of M4): an inexact
    /// result raises no flag and does not trap.
    pub suppress_inexact: bool,
}

impl Controls {
    /// The controls in an FPC register. Its invalid rounding modes 4 to 6,
    /// which no instruction lets into the register, count as to nearest.
    ///
    /// ```
    /// use lowcore_float::{Controls, Exceptions, Rounding};
    /// let controls = Controls::from_fpc(0x8008_0001);
    /// assert_eq!(controls.rounding, Rounding::TowardZero);
    /// assert_eq!(controls.masks, Exceptions::INVALID);
    /// assert_eq!(controls.flags, Exceptions::INEXACT);
    /// ```
    #[must_use]
    #[inline]
    pub const fn from_fpc(fpc: u32) -> Self {
        let [masks, flags, _, _] = fpc.to_be_bytes();
        let rounding = match Rounding::from_fpc(fpc) {
            Some(rounding) => rounding,
            None => Rounding::NearestEven,
        };
        Self {
            rounding,
            masks: Exceptions::from_byte(masks),
            flags: Exceptions::from_byte(flags),
            suppress_inexact: false,
        }
    }

    /// These controls under the modifiers of an instruction: the rounding
    /// method that `m3` names, and inexact exceptions suppressed if bit 1 of
    /// `m4` (value 4) is one. Nothing if `m3` is invalid.
    #[must_use]
    #[inline]
    pub const fn with_modifiers(self, m3: u8, m4: u8) -> Option<Self> {
        match Rounding::from_modifier(m3, self.rounding) {
            Some(rounding) => Some(Self { rounding, suppress_inexact: m4 & 4 != 0, ..self }),
            None => None,
        }
    }

    /// Whether results are what the host's arithmetic gives: rounded to
    /// nearest, and nothing traps.
    #[inline]
    pub(crate) const fn are_the_hosts(self) -> bool {
        matches!(self.rounding, Rounding::NearestEven) && self.masks.is_empty()
    }
}
