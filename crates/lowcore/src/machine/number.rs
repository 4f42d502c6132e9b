//! Numbers in JSON and in options. They go out as text in hexadecimal, of
//! their full width, since many readers of JSON are not exact beyond 53 bits;
//! they come in as such text, as decimal text, or as numbers of JSON.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// An unsigned integer of some width.
pub trait Word: Copy + TryFrom<u64> + Into<u64> {
    /// Its width in bits.
    const BITS: u32;
}

macro_rules! words {
    ($($word:ident)*) => {
        $(impl Word for $word {
            const BITS: u32 = $word::BITS;
        })*
    };
}

words!(u8 u16 u32 u64);

/// A number in either form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number<T>(pub T);

impl<T: Word> Number<T> {
    fn of(value: u64) -> Result<Self, String> {
        T::try_from(value)
            .map(Self)
            .map_err(|_| format!("{value:#x} has more than {} bits", T::BITS))
    }
}

impl<T: Word> FromStr for Number<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let value = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
            Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16),
            _ => text.parse(),
        };
        let value = value.map_err(|_| {
            format!("\"{text}\" is no number of {} bits; write for example 16 or 0x10", T::BITS)
        })?;
        Self::of(value)
    }
}

impl<T: Word> fmt::Display for Number<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::try_from(T::BITS / 4).unwrap_or(0);
        write!(f, "0x{:0digits$x}", self.0.into())
    }
}

impl<T: Word> Serialize for Number<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Word> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<T: Word> Visitor<'_> for Either<T> {
            type Value = Number<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number of {} bits, or text like \"0x10\"", T::BITS)
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
                Number::of(value).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// For `#[serde(with)]` on a plain number.
pub mod one {
    use super::*;

    pub fn serialize<T: Word, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        Number(*value).serialize(serializer)
    }

    pub fn deserialize<'de, T: Word, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        Number::deserialize(from).map(|number| number.0)
    }
}

/// For `#[serde(with)]` on sixteen registers.
pub mod sixteen {
    use super::*;

    pub fn serialize<T: Word, S: Serializer>(
        values: &[T; 16],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(values.len()))?;
        for value in values {
            list.serialize_element(&Number(*value))?;
        }
        list.end()
    }

    pub fn deserialize<'de, T: Word, D: Deserializer<'de>>(from: D) -> Result<[T; 16], D::Error> {
        <[Number<T>; 16]>::deserialize(from).map(|numbers| numbers.map(|number| number.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_form_and_checked_for_their_width() {
        let read = |json: &str| serde_json::from_str::<Number<u16>>(json).map(|number| number.0);
        assert_eq!(read("4660").unwrap(), 0x1234);
        assert_eq!(read("\"0x1234\"").unwrap(), 0x1234);
        assert_eq!(read("\"4660\"").unwrap(), 0x1234);
        for wrong in ["65536", "\"0x10000\"", "-1", "1.5", "\"\"", "\"0x\"", "\"0x+1\"", "null"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let error = read("\"0x10000\"").unwrap_err().to_string();
        assert!(error.contains("more than 16 bits"), "{error}");
    }

    #[test]
    fn numbers_are_written_in_their_full_width() {
        assert_eq!(serde_json::to_string(&Number(0x1234_u32)).unwrap(), "\"0x00001234\"");
        assert_eq!(Number(u64::MAX).to_string(), "0xffffffffffffffff");
        assert_eq!(Number(u64::MAX).to_string().parse(), Ok(Number(u64::MAX)));
    }
}
