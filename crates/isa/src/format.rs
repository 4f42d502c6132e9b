//! Instruction formats (manual, chapter 5, "Instruction Formats").
//!
//! A format is a struct with the manual's fields, which a body receives, and
//! the same fields as data, from which assembler, disassembler and generator
//! work. The manual's names have one more letter here where the fields of
//! one layout are read in different ways: `U` for an unsigned immediate, `L`
//! for a register field that is not used, `A` and `C` for access and control
//! registers, `F` and `X` for floating-point registers and pairs of them,
//! with `G` for general registers beside those.
//!
//! Positions count bits from the left of the instruction, as in the manual.

use crate::operand::{Based, Indexed, Long, RegisterLong};

/// A field of an instruction as it is written in assembler language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A general register.
    Gr(u8),
    /// An access register.
    Ar(u8),
    /// A control register.
    Cr(u8),
    /// A floating-point register.
    Fpr(u8),
    /// The floating-point register that names a pair: itself and the second
    /// after it.
    FprPair(u8),
    /// A four-bit mask.
    Mask(u8),
    /// A signed immediate: position and width.
    Signed(u8, u8),
    /// An unsigned immediate: position and width.
    Unsigned(u8, u8),
    /// A signed number of halfwords from the instruction: position and width.
    Relative(u8, u8),
    /// Index, base and 12-bit displacement from this position on.
    Indexed(u8),
    /// Index, base and 20-bit displacement from this position on.
    IndexedLong(u8),
    /// Base and 12-bit displacement from this position on.
    Based(u8),
    /// Base and 20-bit displacement from this position on.
    BasedLong(u8),
    /// Base and 12-bit displacement from this position on, with an 8-bit
    /// length at bit 8 that counts from one.
    Length(u8),
    /// Base and 12-bit displacement from this position on, with a length in
    /// the register that bit 8 names.
    RegisterLength(u8),
    /// Base and 12-bit displacement from this position on, with a 4-bit
    /// length at the second position that counts from one.
    ShortLength(u8, u8),
}

/// Where the part of the operation code lies that the first byte does not
/// hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// Nowhere.
    None,
    /// In the second byte.
    Second,
    /// In the right half of the second byte.
    Nibble,
    /// In the sixth byte.
    Sixth,
}

/// `width` bits of a left-aligned instruction from bit `at` on.
#[inline]
const fn field(raw: u64, at: u8, width: u8) -> u64 {
    (raw << at) >> (64 - width)
}

#[inline]
const fn signed_field(raw: u64, at: u8, width: u8) -> i64 {
    (raw << at).cast_signed() >> (64 - width)
}

#[inline]
const fn nibble(raw: u64, at: u8) -> u8 {
    lowcore_arch::bits::low8(field(raw, at, 4))
}

/// A 20-bit displacement: 12 low bits, then the 8 high bits.
#[inline]
const fn long_displacement(raw: u64, at: u8) -> i64 {
    signed_field(raw, at + 12, 8) << 12 | field(raw, at, 12).cast_signed()
}

macro_rules! field_type {
    (signed) => {
        i64
    };
    (unsigned) => {
        u64
    };
    (relative) => {
        i64
    };
    (indexed) => {
        Indexed
    };
    (indexed_long) => {
        Indexed
    };
    (based) => {
        Based
    };
    (based_long) => {
        Based
    };
    (length) => {
        Long
    };
    (register_length) => {
        RegisterLong
    };
    (short_length) => {
        Long
    };
    ($register:ident) => {
        u8
    };
}

macro_rules! field_value {
    ($raw:ident signed $at:literal $width:literal) => {
        signed_field($raw, $at, $width)
    };
    ($raw:ident unsigned $at:literal $width:literal) => {
        field($raw, $at, $width)
    };
    ($raw:ident relative $at:literal $width:literal) => {
        signed_field($raw, $at, $width) * 2
    };
    ($raw:ident indexed $at:literal) => {
        Indexed {
            x: nibble($raw, $at),
            b: nibble($raw, $at + 4),
            d: field($raw, $at + 8, 12).cast_signed(),
        }
    };
    ($raw:ident indexed_long $at:literal) => {
        Indexed {
            x: nibble($raw, $at),
            b: nibble($raw, $at + 4),
            d: long_displacement($raw, $at + 8),
        }
    };
    ($raw:ident based $at:literal) => {
        Based { b: nibble($raw, $at), d: field($raw, $at + 4, 12).cast_signed() }
    };
    ($raw:ident based_long $at:literal) => {
        Based { b: nibble($raw, $at), d: long_displacement($raw, $at + 4) }
    };
    ($raw:ident length $at:literal) => {
        Long {
            length: field($raw, 8, 8) + 1,
            b: nibble($raw, $at),
            d: field($raw, $at + 4, 12).cast_signed(),
        }
    };
    ($raw:ident register_length $at:literal) => {
        RegisterLong {
            r: nibble($raw, 8),
            b: nibble($raw, $at),
            d: field($raw, $at + 4, 12).cast_signed(),
        }
    };
    ($raw:ident short_length $at:literal $length:literal) => {
        Long {
            length: field($raw, $length, 4) + 1,
            b: nibble($raw, $at),
            d: field($raw, $at + 4, 12).cast_signed(),
        }
    };
    ($raw:ident $register:ident $at:literal) => {
        nibble($raw, $at)
    };
}

macro_rules! field_operand {
    (gr $at:literal) => {
        Operand::Gr($at)
    };
    (ar $at:literal) => {
        Operand::Ar($at)
    };
    (cr $at:literal) => {
        Operand::Cr($at)
    };
    (fpr $at:literal) => {
        Operand::Fpr($at)
    };
    (fpr_pair $at:literal) => {
        Operand::FprPair($at)
    };
    (mask $at:literal) => {
        Operand::Mask($at)
    };
    (signed $at:literal $width:literal) => {
        Operand::Signed($at, $width)
    };
    (unsigned $at:literal $width:literal) => {
        Operand::Unsigned($at, $width)
    };
    (relative $at:literal $width:literal) => {
        Operand::Relative($at, $width)
    };
    (indexed $at:literal) => {
        Operand::Indexed($at)
    };
    (indexed_long $at:literal) => {
        Operand::IndexedLong($at)
    };
    (based $at:literal) => {
        Operand::Based($at)
    };
    (based_long $at:literal) => {
        Operand::BasedLong($at)
    };
    (length $at:literal) => {
        Operand::Length($at)
    };
    (register_length $at:literal) => {
        Operand::RegisterLength($at)
    };
    (short_length $at:literal $length:literal) => {
        Operand::ShortLength($at, $length)
    };
}

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident $length:literal $extension:ident {
        $($field:ident: $kind:ident($at:literal $(, $width:literal)?)),*
    })*) => {
        /// The name of a format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Format {
            $($(#[$doc])* $name,)*
        }

        impl Format {
            /// All formats.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The length of the instruction in bytes.
            #[must_use]
            pub const fn length(self) -> u8 {
                match self { $(Self::$name => $length,)* }
            }

            /// Where the rest of the operation code lies.
            #[must_use]
            pub const fn extension(self) -> Extension {
                match self { $(Self::$name => Extension::$extension,)* }
            }

            /// The operands in the order of assembler language.
            #[must_use]
            pub const fn operands(self) -> &'static [Operand] {
                match self {
                    $(Self::$name => const { &[$(field_operand!($kind $at $($width)?)),*] },)*
                }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name {
                $(
                    #[doc = concat!("The field at bit ", stringify!($at), ".")]
                    pub $field: field_type!($kind),
                )*
            }

            impl From<u64> for $name {
                #[inline]
                #[allow(unused_variables, reason = "a format may have no fields")]
                fn from(raw: u64) -> Self {
                    Self { $($field: field_value!(raw $kind $at $($width)?)),* }
                }
            }
        )*
    };
}

formats! {
    /// E: no operands.
    E 2 Second {}
    /// I: an immediate byte.
    I 2 None { i: unsigned(8, 8) }
    /// RR: two registers.
    Rr 2 None { r1: gr(8), r2: gr(12) }
    /// RR: a mask and a register.
    RrM 2 None { m1: mask(8), r2: gr(12) }
    /// RR: one register.
    RrL 2 None { r1: gr(8) }
    /// RRE: two registers.
    Rre 4 Second { r1: gr(24), r2: gr(28) }
    /// RRE: one register.
    RreL 4 Second { r1: gr(24) }
    /// RRE: access register from general register.
    RreAG 4 Second { r1: ar(24), r2: gr(28) }
    /// RRE: general register from access register.
    RreGA 4 Second { r1: gr(24), r2: ar(28) }
    /// RRE: two access registers.
    RreAA 4 Second { r1: ar(24), r2: ar(28) }
    /// RRF-a: three registers.
    RrfA 4 Second { r1: gr(24), r2: gr(28), r3: gr(16) }
    /// RS-a: two registers and storage.
    RsA 4 None { r1: gr(8), r3: gr(12), at: based(16) }
    /// RS-a of shifts: one register and an amount.
    RsL 4 None { r1: gr(8), at: based(16) }
    /// RS-a with access registers.
    RsAA 4 None { r1: ar(8), r3: ar(12), at: based(16) }
    /// RS-a with control registers.
    RsAC 4 None { r1: cr(8), r3: cr(12), at: based(16) }
    /// RS-b: a register, a mask and storage.
    RsB 4 None { r1: gr(8), m3: mask(12), at: based(16) }
    /// RSY-a: two registers and storage.
    RsyA 6 Sixth { r1: gr(8), r3: gr(12), at: based_long(16) }
    /// RSY-a with access registers.
    RsyAA 6 Sixth { r1: ar(8), r3: ar(12), at: based_long(16) }
    /// RSY-a with control registers.
    RsyAC 6 Sixth { r1: cr(8), r3: cr(12), at: based_long(16) }
    /// RSY-b: a register, a mask and storage.
    RsyB 6 Sixth { r1: gr(8), m3: mask(12), at: based_long(16) }
    /// RSY-b of conditions: the mask after the storage operand.
    RsyBM 6 Sixth { r1: gr(8), at: based_long(16), m3: mask(12) }
    /// RSI: two registers and a branch target.
    Rsi 4 None { r1: gr(8), r3: gr(12), to: relative(16, 16) }
    /// RX-a: a register and storage.
    RxA 4 None { r1: gr(8), at: indexed(12) }
    /// RX-b: a mask and storage.
    RxB 4 None { m1: mask(8), at: indexed(12) }
    /// RXY-a: a register and storage.
    RxyA 6 Sixth { r1: gr(8), at: indexed_long(12) }
    /// RXY-b: a mask and storage.
    RxyB 6 Sixth { m1: mask(8), at: indexed_long(12) }
    /// RI-a: a register and a signed halfword.
    RiA 4 Nibble { r1: gr(8), i2: signed(16, 16) }
    /// RI-a: a register and an unsigned halfword.
    RiAU 4 Nibble { r1: gr(8), i2: unsigned(16, 16) }
    /// RI-b: a register and a branch target.
    RiB 4 Nibble { r1: gr(8), to: relative(16, 16) }
    /// RI-c: a mask and a branch target.
    RiC 4 Nibble { m1: mask(8), to: relative(16, 16) }
    /// RIL-a: a register and a signed word.
    RilA 6 Nibble { r1: gr(8), i2: signed(16, 32) }
    /// RIL-a: a register and an unsigned word.
    RilAU 6 Nibble { r1: gr(8), i2: unsigned(16, 32) }
    /// RIL-b: a register and a relative location.
    RilB 6 Nibble { r1: gr(8), to: relative(16, 32) }
    /// RIL-c: a mask and a branch target.
    RilC 6 Nibble { m1: mask(8), to: relative(16, 32) }
    /// RIE-a: a register, a signed halfword and a mask.
    RieA 6 Sixth { r1: gr(8), i2: signed(16, 16), m3: mask(32) }
    /// RIE-a: a register, an unsigned halfword and a mask.
    RieAU 6 Sixth { r1: gr(8), i2: unsigned(16, 16), m3: mask(32) }
    /// RIE-b: two registers, a mask and a branch target.
    RieB 6 Sixth { r1: gr(8), r2: gr(12), m3: mask(32), to: relative(16, 16) }
    /// RIE-c: a register, a signed byte, a mask and a branch target.
    RieC 6 Sixth { r1: gr(8), i2: signed(32, 8), m3: mask(12), to: relative(16, 16) }
    /// RIE-c: a register, an unsigned byte, a mask and a branch target.
    RieCU 6 Sixth { r1: gr(8), i2: unsigned(32, 8), m3: mask(12), to: relative(16, 16) }
    /// RIE-d: two registers and a signed halfword.
    RieD 6 Sixth { r1: gr(8), r3: gr(12), i2: signed(16, 16) }
    /// RIE-e: two registers and a branch target.
    RieE 6 Sixth { r1: gr(8), r3: gr(12), to: relative(16, 16) }
    /// RIE-f: two registers and three bytes that select bits.
    RieF 6 Sixth { r1: gr(8), r2: gr(12), i3: unsigned(16, 8), i4: unsigned(24, 8), i5: unsigned(32, 8) }
    /// RIS: a register, a signed byte, a mask and a branch address.
    Ris 6 Sixth { r1: gr(8), i2: signed(32, 8), m3: mask(12), at: based(16) }
    /// RIS: a register, an unsigned byte, a mask and a branch address.
    RisU 6 Sixth { r1: gr(8), i2: unsigned(32, 8), m3: mask(12), at: based(16) }
    /// RRS: two registers, a mask and a branch address.
    Rrs 6 Sixth { r1: gr(8), r2: gr(12), m3: mask(32), at: based(16) }
    /// IE: two immediate digits.
    Ie 4 Second { i1: unsigned(24, 4), i2: unsigned(28, 4) }
    /// MII: a mask and two relative locations.
    Mii 6 None { m1: mask(8), branch: relative(12, 12), to: relative(24, 24) }
    /// SMI: a mask, a relative location and storage.
    Smi 6 None { m1: mask(8), branch: relative(32, 16), at: based(16) }
    /// SI: storage and an unsigned byte.
    Si 4 None { at: based(16), i2: unsigned(8, 8) }
    /// SIY: storage and a signed byte.
    Siy 6 Sixth { at: based_long(16), i2: signed(8, 8) }
    /// SIY: storage and an unsigned byte.
    SiyU 6 Sixth { at: based_long(16), i2: unsigned(8, 8) }
    /// SIL: storage and a signed halfword.
    Sil 6 Second { at: based(16), i2: signed(32, 16) }
    /// SIL: storage and an unsigned halfword.
    SilU 6 Second { at: based(16), i2: unsigned(32, 16) }
    /// S: storage.
    S 4 Second { at: based(16) }
    /// S whose first byte is the whole operation code.
    SShort 4 None { at: based(16) }
    /// S: no operands.
    SL 4 Second {}
    /// SSF, the register written first.
    SsfR 6 Nibble { r3: gr(8), first: based(16), second: based(32) }
    /// SS-e: two registers and two storage operands.
    SsE 6 None { r1: gr(8), r3: gr(12), second: based(16), fourth: based(32) }
    /// SS-a: a length and two storage operands.
    SsA 6 None { first: length(16), second: based(32) }
    /// SS-b: two lengths and two storage operands.
    SsB 6 None { first: short_length(16, 8), second: short_length(32, 12) }
    /// SS-e, its operands in the order of their numbers.
    SsEN 6 None { r1: gr(8), second: based(16), r3: gr(12), fourth: based(32) }
    /// SS-f: two storage operands, the second with a length.
    SsF 6 None { first: based(16), second: length(32) }
    /// RSL-a: a storage operand with a length.
    Rsl 6 Sixth { first: short_length(16, 8) }
    /// SS-d: two storage operands and two registers, one with a length.
    SsD 6 None { first: register_length(16), second: based(32), r3: gr(12) }
    /// SSE: two storage operands.
    Sse 6 Second { first: based(16), second: based(32) }
    /// SSF: two storage operands and a register.
    Ssf 6 Nibble { first: based(16), second: based(32), r3: gr(8) }
    /// RRF-a with an optional third register and mask.
    RrfAM 4 Second { r1: gr(24), r2: gr(28), r3: gr(16), m4: mask(20) }
    /// RRF-b: three registers and a mask.
    RrfB 4 Second { r1: gr(24), r3: gr(16), r2: gr(28), m4: mask(20) }
    /// RRF-c: two registers and a mask.
    RrfC 4 Second { r1: gr(24), r2: gr(28), m3: mask(16) }
    /// RR: two floating-point registers.
    RrF 2 None { r1: fpr(8), r2: fpr(12) }
    /// RRE: two floating-point registers.
    RreF 4 Second { r1: fpr(24), r2: fpr(28) }
    /// RRE: two pairs of floating-point registers.
    RreX 4 Second { r1: fpr_pair(24), r2: fpr_pair(28) }
    /// RRE: a pair of floating-point registers from one of them.
    RreXF 4 Second { r1: fpr_pair(24), r2: fpr(28) }
    /// RRE: one floating-point register.
    RreFL 4 Second { r1: fpr(24) }
    /// RRE: one pair of floating-point registers.
    RreXL 4 Second { r1: fpr_pair(24) }
    /// RRE: floating-point register from general register.
    RreFG 4 Second { r1: fpr(24), r2: gr(28) }
    /// RRE: general register from floating-point register.
    RreGF 4 Second { r1: gr(24), r2: fpr(28) }
    /// RRF-b without a mask: three floating-point registers.
    RrfBFL 4 Second { r1: fpr(24), r3: fpr(16), r2: fpr(28) }
    /// RRF-b: three floating-point registers and a mask.
    RrfBF 4 Second { r1: fpr(24), r3: fpr(16), r2: fpr(28), m4: mask(20) }
    /// RRF-e: two floating-point registers and two masks.
    RrfEF 4 Second { r1: fpr(24), m3: mask(16), r2: fpr(28), m4: mask(20) }
    /// RRF-e: two pairs of floating-point registers and two masks.
    RrfEX 4 Second { r1: fpr_pair(24), m3: mask(16), r2: fpr_pair(28), m4: mask(20) }
    /// RRF-e: floating-point register from general register, two masks.
    RrfEFG 4 Second { r1: fpr(24), m3: mask(16), r2: gr(28), m4: mask(20) }
    /// RRF-e: pair of floating-point registers from general register, two
    /// masks.
    RrfEXG 4 Second { r1: fpr_pair(24), m3: mask(16), r2: gr(28), m4: mask(20) }
    /// RRF-e: general register from floating-point register, two masks.
    RrfEGF 4 Second { r1: gr(24), m3: mask(16), r2: fpr(28), m4: mask(20) }
    /// RRF-e: general register from a pair of floating-point registers, two
    /// masks.
    RrfEGX 4 Second { r1: gr(24), m3: mask(16), r2: fpr_pair(28), m4: mask(20) }
    /// RRD: three floating-point registers.
    RrdF 4 Second { r1: fpr(16), r3: fpr(24), r2: fpr(28) }
    /// RX-a: a floating-point register and storage.
    RxAF 4 None { r1: fpr(8), at: indexed(12) }
    /// RXE: a floating-point register and storage.
    RxeF 6 Sixth { r1: fpr(8), at: indexed(12) }
    /// RXE: a pair of floating-point registers and storage.
    RxeX 6 Sixth { r1: fpr_pair(8), at: indexed(12) }
    /// RXF: two floating-point registers and storage.
    RxfF 6 Sixth { r1: fpr(32), r3: fpr(8), at: indexed(12) }
    /// RXY-a: a floating-point register and storage.
    RxyAF 6 Sixth { r1: fpr(8), at: indexed_long(12) }
}

/// Puts the low `width` bits of `value` at bit `at` of a left-aligned
/// instruction.
const fn insert(raw: u64, at: u8, width: u8, value: u64) -> u64 {
    let shift = 64 - at - width;
    let mask = (u64::MAX >> (64 - width)) << shift;
    raw & !mask | (value << shift) & mask
}

/// What an operand says: up to four numbers, in the order register or mask or
/// immediate; or displacement, index or length, base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The register, mask, immediate, displacement, or distance in bytes.
    pub value: i64,
    /// The index register, or the length (from one).
    pub index: u64,
    /// The base register.
    pub base: u64,
}

impl Operand {
    /// Reads the operand out of a left-aligned instruction.
    #[must_use]
    pub const fn parts(self, raw: u64) -> Parts {
        let (value, index, base) = match self {
            Self::Gr(at)
            | Self::Ar(at)
            | Self::Cr(at)
            | Self::Fpr(at)
            | Self::FprPair(at)
            | Self::Mask(at) => (field(raw, at, 4).cast_signed(), 0, 0),
            Self::Signed(at, width) => (signed_field(raw, at, width), 0, 0),
            Self::Unsigned(at, width) => (field(raw, at, width).cast_signed(), 0, 0),
            Self::Relative(at, width) => (signed_field(raw, at, width) * 2, 0, 0),
            Self::Indexed(at) => {
                (field(raw, at + 8, 12).cast_signed(), field(raw, at, 4), field(raw, at + 4, 4))
            }
            Self::IndexedLong(at) => {
                (long_displacement(raw, at + 8), field(raw, at, 4), field(raw, at + 4, 4))
            }
            Self::Based(at) => (field(raw, at + 4, 12).cast_signed(), 0, field(raw, at, 4)),
            Self::BasedLong(at) => (long_displacement(raw, at + 4), 0, field(raw, at, 4)),
            Self::Length(at) => {
                (field(raw, at + 4, 12).cast_signed(), field(raw, 8, 8) + 1, field(raw, at, 4))
            }
            Self::RegisterLength(at) => {
                (field(raw, at + 4, 12).cast_signed(), field(raw, 8, 4), field(raw, at, 4))
            }
            Self::ShortLength(at, length) => {
                (field(raw, at + 4, 12).cast_signed(), field(raw, length, 4) + 1, field(raw, at, 4))
            }
        };
        Parts { value, index, base }
    }

    /// Puts the operand into a left-aligned instruction. Numbers that do not
    /// fit are cut.
    #[must_use]
    pub const fn place(self, raw: u64, parts: Parts) -> u64 {
        let Parts { value, index, base } = parts;
        let number = value.cast_unsigned();
        match self {
            Self::Gr(at)
            | Self::Ar(at)
            | Self::Cr(at)
            | Self::Fpr(at)
            | Self::FprPair(at)
            | Self::Mask(at) => insert(raw, at, 4, number),
            Self::Signed(at, width) | Self::Unsigned(at, width) => insert(raw, at, width, number),
            Self::Relative(at, width) => insert(raw, at, width, (value >> 1).cast_unsigned()),
            Self::Indexed(at) => {
                insert(insert(insert(raw, at, 4, index), at + 4, 4, base), at + 8, 12, number)
            }
            Self::IndexedLong(at) => {
                let raw = insert(insert(raw, at, 4, index), at + 4, 4, base);
                insert(insert(raw, at + 8, 12, number), at + 20, 8, number >> 12)
            }
            Self::Based(at) => insert(insert(raw, at, 4, base), at + 4, 12, number),
            Self::BasedLong(at) => {
                let raw = insert(raw, at, 4, base);
                insert(insert(raw, at + 4, 12, number), at + 16, 8, number >> 12)
            }
            Self::Length(at) => {
                let raw = insert(raw, 8, 8, index.wrapping_sub(1));
                insert(insert(raw, at, 4, base), at + 4, 12, number)
            }
            Self::RegisterLength(at) => {
                let raw = insert(raw, 8, 4, index);
                insert(insert(raw, at, 4, base), at + 4, 12, number)
            }
            Self::ShortLength(at, length) => {
                let raw = insert(raw, length, 4, index.wrapping_sub(1));
                insert(insert(raw, at, 4, base), at + 4, 12, number)
            }
        }
    }

    /// Whether the numbers of `parts` can be placed and read back unchanged.
    #[must_use]
    pub fn fits(self, parts: Parts) -> bool {
        self.parts(self.place(0, parts)) == parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_displacements_have_their_high_bits_last() {
        // ly %r1,-2(%r3,%r4): e3 13 4f fe ff 58
        let o = RxyA::from(0xe313_4ffe_ff58_0000);
        assert_eq!((o.r1, o.at.x, o.at.b, o.at.d), (1, 3, 4, -2));
    }

    #[test]
    fn operands_are_placed_where_they_are_read() {
        for format in Format::ALL {
            for operand in format.operands() {
                for seed in [0x1234_5678_9abc_def0_u64, u64::MAX, 0, 0xfedc_ba98_7654_3210] {
                    let parts = operand.parts(seed);
                    assert!(operand.fits(parts), "{format:?} {operand:?}");
                    assert_eq!(operand.parts(operand.place(!seed, parts)), parts);
                }
            }
        }
    }
}
