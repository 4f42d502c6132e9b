//! Bytes as decisions.

use lowcore_arch::bits;

/// Takes decisions from bytes, from the first to the last; after those, every
/// decision is the one that zero stands for.
///
/// ```
/// let mut source = lowcore_testkit::fuzz::Source::new(&[7, 1, 2]);
/// assert_eq!(source.u8(), 7);
/// assert_eq!(source.u16(), 0x0201);
/// assert_eq!(source.pick(&["first", "second"]), "first");
/// ```
#[derive(Clone, Debug)]
pub struct Source<'a> {
    rest: &'a [u8],
}

impl<'a> Source<'a> {
    /// Decisions from `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all bytes are used up.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Overwrites `bytes` with the next ones.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        let (now, later) = self.rest.split_at(bytes.len().min(self.rest.len()));
        bytes[..now.len()].copy_from_slice(now);
        bytes[now.len()..].fill(0);
        self.rest = later;
    }

    /// A byte.
    pub fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.bytes())
    }

    /// Two bytes.
    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.bytes())
    }

    /// Four bytes.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    /// A number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: u16) -> u16 {
        self.u16().checked_rem(limit).unwrap_or(0)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: u8) -> bool {
        self.u8().checked_rem(n) == Some(n.saturating_sub(1))
    }

    /// One of `choices`, of which there is at least one.
    ///
    /// # Panics
    /// If there are no choices.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.u8()) % choices.len()]
    }

    /// A number at which something may begin or end: near a power of two, near
    /// zero, or any at all.
    pub fn number(&mut self) -> u64 {
        match self.u8() % 8 {
            0 => u64::from(self.u8()),
            1 => u64::MAX - u64::from(self.u8()),
            2 | 3 => {
                let power = 1_u64 << (self.u8() % 64);
                power.wrapping_add_signed(i64::from(self.u8().cast_signed() % 9))
            }
            4 => u64::from(self.u32()),
            5 => u64::from(self.u16()) << (self.u8() % 49),
            _ => self.u64(),
        }
    }

    /// The low 32 bits of such a number.
    pub fn number32(&mut self) -> u32 {
        bits::low32(self.number())
    }
}
