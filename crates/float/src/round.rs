//! From an exact number to a result in a format: rounding, overflow,
//! underflow, inexact, and their traps.
//!
//! Source: SA22-7832, chapter 9, "IEEE Exceptions", and chapter 19, figure
//! "Action for IEEE Overflow, Underflow and Inexact".

use crate::control::{Controls, Exceptions, Rounding};
use crate::format::Format;
use crate::number::{Number, pack};
use crate::outcome::{DXC_INCREMENTED, DXC_OVERFLOW, DXC_TRUNCATED, DXC_UNDERFLOW, Outcome};
use crate::wide::shift_right_sticky;

/// How the magnitude of a rounded result compares with that of the exact one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    Exact,
    Truncated,
    Incremented,
}

impl Direction {
    /// The bits of the data-exception code.
    pub const fn dxc(self) -> u8 {
        match self {
            Self::Exact => 0,
            Self::Truncated => DXC_TRUNCATED,
            Self::Incremented => DXC_INCREMENTED,
        }
    }
}

/// The first `bits` bits (0 to 127) of `significand`, rounded, and how. A carry
/// gives a power of two with one bit more.
#[inline]
pub(crate) const fn round_significand(
    significand: u128,
    bits: u32,
    negative: bool,
    rounding: Rounding,
) -> (u128, Direction) {
    const HALF: u128 = 1 << 127;
    let kept = if bits == 0 { 0 } else { significand >> (128 - bits) };
    let rest = significand << bits;
    if rest == 0 {
        return (kept, Direction::Exact);
    }
    let odd = kept & 1 != 0;
    let incremented = match rounding {
        Rounding::NearestEven => rest > HALF || rest == HALF && odd,
        Rounding::NearestAway => rest >= HALF,
        Rounding::TowardZero => false,
        Rounding::TowardPositive => !negative,
        Rounding::TowardNegative => negative,
        Rounding::PrepareShorter => !odd,
    };
    if incremented { (kept + 1, Direction::Incremented) } else { (kept, Direction::Truncated) }
}

/// The result of an arithmetic operation whose exact value is `number`.
#[inline]
pub(crate) fn round<F: Format>(number: Number, controls: Controls) -> Outcome<F> {
    round_or_scale(number, F::SCALE, controls, |value| value, Number::pack)
}

/// The result in the format `F`, made by `rounded`, or by `scaled` after an
/// overflow or underflow that traps. `scaled` gets a number with no more bits
/// than the format has, its exponent changed by `scale`.
#[inline]
pub(crate) fn round_or_scale<F: Format, V>(
    number: Number,
    scale: i32,
    controls: Controls,
    rounded: impl Fn(F) -> V,
    scaled: impl Fn(Number) -> V,
) -> Outcome<V> {
    let Number { negative, exponent, significand } = number;
    let minimum = 1 - F::MAX_EXPONENT;
    // Tininess is detected before rounding.
    let tiny = exponent < minimum;
    let trap = |exception| controls.masks.contains(exception);
    let precisely = || round_significand(significand, F::PRECISION, negative, controls.rounding);
    let scaled = |kept: u128, direction: Direction, by: i32, dxc: u8| {
        let number = Number::normalised(negative, exponent + by, kept << (127 - F::PRECISION));
        let value = scaled(Number { exponent: number.exponent + 1, ..number });
        Outcome::Trapped { value, flags: controls.flags, dxc: dxc | direction.dxc() }
    };
    if tiny && trap(Exceptions::UNDERFLOW) {
        let (kept, direction) = precisely();
        return scaled(kept, direction, scale, DXC_UNDERFLOW);
    }
    let mut flags = controls.flags;
    let (value, direction) = if tiny {
        let shift = (minimum - exponent).cast_unsigned();
        let (kept, direction) = round_significand(
            shift_right_sticky(significand, shift),
            F::PRECISION,
            negative,
            controls.rounding,
        );
        if direction != Direction::Exact {
            flags |= Exceptions::UNDERFLOW;
        }
        (pack(negative, minimum, kept), direction)
    } else {
        let (kept, direction) = precisely();
        let carry = kept >> F::PRECISION != 0;
        if exponent + i32::from(carry) <= F::MAX_EXPONENT {
            (pack(negative, exponent, kept), direction)
        } else if trap(Exceptions::OVERFLOW) {
            return scaled(kept, direction, -scale, DXC_OVERFLOW);
        } else {
            flags |= Exceptions::OVERFLOW;
            overflowed(negative, controls.rounding)
        }
    };
    inexact(rounded(value), direction, flags, controls)
}

/// A result that may be inexact and has raised `flags`.
#[inline]
pub(crate) fn inexact<V>(
    value: V,
    direction: Direction,
    flags: Exceptions,
    controls: Controls,
) -> Outcome<V> {
    if direction == Direction::Exact || controls.suppress_inexact {
        return Outcome::Completed { value, flags };
    }
    if controls.masks.contains(Exceptions::INEXACT) {
        return Outcome::Trapped { value, flags, dxc: direction.dxc() };
    }
    Outcome::Completed { value, flags: flags | Exceptions::INEXACT }
}

/// The magnitude of `number` rounded to an integer, and how. An integer
/// that needs more than 128 bits comes back cut, but still as 2^127 or more.
#[inline]
pub(crate) const fn round_to_integer(number: Number, rounding: Rounding) -> (u128, Direction) {
    let Number { negative, exponent, significand } = number;
    match exponent {
        127.. => (significand, Direction::Exact),
        -1.. => round_significand(significand, (exponent + 1).cast_unsigned(), negative, rounding),
        // Less than a half: only the sticky bit of a quarter is left.
        _ => round_significand(1 << 126, 0, negative, rounding),
    }
}

/// The result of an overflow that does not trap: infinity, or the largest
/// finite number where the rounding method does not lead away from 0.
fn overflowed<F: Format>(negative: bool, rounding: Rounding) -> (F, Direction) {
    let away = match rounding {
        Rounding::NearestEven | Rounding::NearestAway => true,
        Rounding::TowardZero | Rounding::PrepareShorter => false,
        Rounding::TowardPositive => !negative,
        Rounding::TowardNegative => negative,
    };
    let infinity = F::infinity(negative);
    if away {
        (infinity, Direction::Incremented)
    } else {
        (F::from_bits(infinity.bits() - 1), Direction::Truncated)
    }
}
