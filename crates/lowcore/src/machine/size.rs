//! Sizes of storage, as people write them.

use std::fmt;

/// A number of bytes, shown in the largest unit that it is a multiple of, or
/// rounded up to KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

const UNITS: [(char, u32); 4] = [('T', 40), ('G', 30), ('M', 20), ('K', 10)];

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, shift)| self.0 != 0 && self.0.trailing_zeros() >= *shift);
        let (letter, shift) = unit.copied().unwrap_or(('K', 10));
        write!(f, "{} {letter}iB", self.0.div_ceil(1 << shift))
    }
}

/// Reads a size with an optional suffix K, M, G or T; a number alone counts
/// MiB, as QEMU's does.
///
/// # Errors
/// A sentence that says what a size looks like.
pub fn parse(text: &str) -> Result<u64, String> {
    let expected = || format!("\"{text}\" is no size; write for example 512M or 4G");
    let upper = text.to_ascii_uppercase();
    let trimmed = upper.strip_suffix("IB").or(upper.strip_suffix('B')).unwrap_or(&upper);
    let (digits, shift) = UNITS
        .iter()
        .find_map(|(letter, shift)| Some((trimmed.strip_suffix(*letter)?, *shift)))
        .unwrap_or((trimmed, 20));
    let number: u64 = digits.parse().map_err(|_| expected())?;
    number.checked_mul(1 << shift).ok_or_else(|| format!("{text} is more than any machine has"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("512M", 512 << 20),
            ("512m", 512 << 20),
            ("512", 512 << 20),
            ("4G", 4 << 30),
            ("4GiB", 4 << 30),
            ("1T", 1 << 40),
            ("8192K", 8 << 20),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "M", "-1M", "1.5G", "lots", "99999999999T", "5 M"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_in_the_largest_unit_that_fits() {
        for (bytes, text) in
            [(512 << 20, "512 MiB"), (4 << 30, "4 GiB"), (1500, "2 KiB"), (0, "0 KiB")]
        {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
