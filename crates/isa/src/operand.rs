//! Storage operands as instruction fields, and how bodies reach them.

use crate::{Builder, Done, Loaded, Location, Value, Width};

/// Index, base, displacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// The index register, or 0.
    pub x: u8,
    /// The base register, or 0.
    pub b: u8,
    /// The displacement.
    pub d: i64,
}

/// Base and displacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Based {
    /// The base register, or 0.
    pub b: u8,
    /// The displacement.
    pub d: i64,
}

/// Base and displacement of an operand with a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Long {
    /// The number of bytes.
    pub length: u64,
    /// The base register, or 0.
    pub b: u8,
    /// The displacement.
    pub d: i64,
}

/// Base and displacement of an operand whose length a register has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterLong {
    /// The register with the number of bytes.
    pub r: u8,
    /// The base register, or 0.
    pub b: u8,
    /// The displacement.
    pub d: i64,
}

/// A field that designates storage.
pub trait Place: Copy {
    /// Where it is.
    fn location<B: Builder>(self, b: &mut B) -> Location<B>;

    /// Its address alone, for shift amounts and branch targets.
    #[inline(always)]
    fn address<B: Builder>(self, b: &mut B) -> Value<B, u64> {
        self.location(b).address
    }

    /// Fetches a value from there.
    #[inline(always)]
    fn load<B: Builder, T: Width>(self, b: &mut B) -> Loaded<B, T> {
        let at = self.location(b);
        b.load(at)
    }

    /// Fetches a value of width `F` and extends it with zeros.
    #[inline(always)]
    fn load_unsigned<B: Builder, F: Width, T: Width>(self, b: &mut B) -> Loaded<B, T> {
        let value = self.load::<B, F>(b)?;
        Ok(b.zero_extend(value))
    }

    /// Fetches a value of width `F` and extends it with its sign.
    #[inline(always)]
    fn load_signed<B: Builder, F: Width, T: Width>(self, b: &mut B) -> Loaded<B, T> {
        let value = self.load::<B, F>(b)?;
        Ok(b.sign_extend(value))
    }

    /// Stores a value there.
    #[inline(always)]
    fn store<B: Builder, T: Width>(self, b: &mut B, value: Value<B, T>) -> Done<B> {
        let at = self.location(b);
        b.store(at, value)
    }
}

impl Place for Indexed {
    #[inline(always)]
    fn location<B: Builder>(self, b: &mut B) -> Location<B> {
        b.effective(self.x, self.b, self.d)
    }
}

impl Place for Based {
    #[inline(always)]
    fn location<B: Builder>(self, b: &mut B) -> Location<B> {
        b.effective(0, self.b, self.d)
    }
}

impl Place for Long {
    #[inline(always)]
    fn location<B: Builder>(self, b: &mut B) -> Location<B> {
        b.effective(0, self.b, self.d)
    }
}

impl Place for RegisterLong {
    #[inline(always)]
    fn location<B: Builder>(self, b: &mut B) -> Location<B> {
        b.effective(0, self.b, self.d)
    }
}

/// A distance in bytes from the instruction.
impl Place for i64 {
    #[inline(always)]
    fn location<B: Builder>(self, b: &mut B) -> Location<B> {
        b.relative(self)
    }
}
