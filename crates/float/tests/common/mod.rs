//! Operands that lie where something happens, and SoftFloat in our terms.
#![allow(dead_code, reason = "each test uses its part")]

use lowcore_float::{Controls, Exceptions, Format, Outcome, Rounding};
use proptest::prelude::*;
use softfloat_wrapper::{ExceptionFlags, Float, RoundingMode};

/// As many cases as `PROPTEST_CASES` says. Nothing is written to the tree.
pub fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// A datum of the format, most often one at a boundary.
pub fn datum<F: Format>() -> impl Strategy<Value = F> {
    (any::<bool>(), biased_exponent::<F>(), fraction::<F>()).prop_map(assemble)
}

/// Data of which the second often has an exponent near that of the first, so
/// that sums cancel, or near its opposite, so that products are near one.
pub fn pair<F: Format>() -> impl Strategy<Value = (F, F)> {
    (datum::<F>(), datum::<F>(), 0..8u8, -4..=4i32).prop_map(|(a, b, how, apart)| {
        let fraction_bits = F::PRECISION - 1;
        let of = |datum: F| {
            i32::try_from((datum.bits() & F::EXPONENT) >> fraction_bits).expect("it has 15 bits")
        };
        let exponent = match how {
            0 | 1 => of(a) + apart,
            2 => of(a) + apart * i32::try_from(F::PRECISION).expect("it is small") / 4,
            3 => 2 * F::MAX_EXPONENT - of(a) + apart,
            4 => (2 * F::MAX_EXPONENT - of(a)) / 2 + apart,
            5 => return (a, F::from_bits(a.bits() ^ u128::from(apart.unsigned_abs()) ^ F::SIGN)),
            _ => return (a, b),
        };
        let exponent = exponent.clamp(0, 2 * F::MAX_EXPONENT + 1).unsigned_abs();
        let rest = b.bits() & !F::EXPONENT;
        (a, F::from_bits(rest | u128::from(exponent) << fraction_bits))
    })
}

/// A pair and a third datum, often one that the product nearly cancels.
pub fn triple<F: Format>() -> impl Strategy<Value = (F, F, F)> {
    (pair::<F>(), datum::<F>(), 0..4u8, -60..=60i128).prop_map(|((a, b), c, how, apart)| {
        if how > 1 {
            return (a, b, c);
        }
        let Outcome::Completed { value, .. } = lowcore_float::multiply(a, b, Controls::default())
        else {
            unreachable!("nothing traps")
        };
        let near = if how == 0 { apart } else { apart << (F::PRECISION - 3) };
        (a, b, F::from_bits(value.bits().wrapping_add_signed(near) ^ F::SIGN))
    })
}

fn biased_exponent<F: Format>() -> impl Strategy<Value = u128> {
    let most = u128::from(F::MAX_EXPONENT.unsigned_abs()) * 2 + 1;
    let one = most / 2;
    let precision = u128::from(F::PRECISION);
    prop_oneof![
        3 => 0..=most,
        1 => Just(0),
        1 => Just(most),
        1 => 0..=3u128,
        1 => most - 3..=most,
        1 => one - 3..=one + 3,
        1 => one..=one + 2 * precision,
        1 => one + 28..=one + 36,
        1 => one + 60..=one + 68,
        1 => 0..=2 * precision,
        1 => most - 2 * precision..=most,
        1 => one / 2 - 3..=one / 2 + 3,
        1 => one + one / 2 - 3..=one + one / 2 + 3,
    ]
}

fn fraction<F: Format>() -> impl Strategy<Value = u128> {
    let bits = F::PRECISION - 1;
    (any::<u128>(), 0..8u8, 0..bits, 0..bits).prop_map(move |(random, how, one, other)| {
        F::FRACTION
            & match how {
                0 => 0,
                1 => u128::MAX,
                2 => 1 << one,
                3 => u128::MAX << one,
                4 => (1 << one) - 1,
                5 => 1 << one | 1 << other,
                6 => random << one,
                _ => random,
            }
    })
}

fn assemble<F: Format>((negative, exponent, fraction): (bool, u128, u128)) -> F {
    F::from_bits(exponent << (F::PRECISION - 1) | fraction).with_sign(negative)
}

/// Any rounding method.
pub fn rounding() -> impl Strategy<Value = Rounding> {
    proptest::sample::select(&Rounding::ALL[..])
}

/// Controls without a trap, and with any flags.
pub fn untrapped() -> impl Strategy<Value = Controls> {
    (rounding(), any::<u8>(), 0..4u8).prop_map(|(rounding, flags, how)| {
        // Often no flag at all.
        let flags = Exceptions::from_byte(if how == 0 { flags } else { 0 });
        Controls { rounding, flags, ..Controls::default() }
    })
}

/// What SoftFloat makes of an operation, which gets its rounding mode: result
/// and flags. SoftFloat has no rounding to prepare for shorter precision: it
/// is made from rounding toward zero, by what `odd` does to inexact results.
pub fn softly<T>(
    Controls { rounding, .. }: Controls,
    odd: impl Fn(T) -> T,
    operation: impl Fn(RoundingMode) -> T,
) -> (T, Exceptions) {
    ExceptionFlags::default().set();
    let value = operation(match rounding {
        Rounding::NearestEven => RoundingMode::TiesToEven,
        Rounding::NearestAway => RoundingMode::TiesToAway,
        Rounding::TowardZero | Rounding::PrepareShorter => RoundingMode::TowardZero,
        Rounding::TowardPositive => RoundingMode::TowardPositive,
        Rounding::TowardNegative => RoundingMode::TowardNegative,
    });
    let mut flags = ExceptionFlags::default();
    flags.get();
    // The five flags are in the same order, inexact lowest.
    let flags = Exceptions::from_byte(flags.to_bits() << 3);
    let sticky = rounding == Rounding::PrepareShorter && flags.contains(Exceptions::INEXACT);
    (if sticky { odd(value) } else { value }, flags)
}

/// A format that SoftFloat has as well.
pub trait Soft: Format {
    type Float: Float;

    fn soft(self) -> Self::Float;
    fn hard(float: Self::Float) -> Self;

    /// The result of the format, as SoftFloat has it.
    fn softly(
        controls: Controls,
        operation: impl Fn(RoundingMode) -> Self::Float,
    ) -> (Self, Exceptions) {
        softly(
            controls,
            |value: Self| Self::from_bits(value.bits() | 1),
            |mode| Self::hard(operation(mode)),
        )
    }
}

macro_rules! soft {
    ($($bits:ty: $float:ty),*) => {$(
        impl Soft for $bits {
            type Float = $float;

            fn soft(self) -> $float {
                <$float>::from_bits(self)
            }

            fn hard(float: $float) -> Self {
                float.to_bits()
            }
        }
    )*};
}
soft!(u32: softfloat_wrapper::F32, u64: softfloat_wrapper::F64, u128: softfloat_wrapper::F128);

/// Whether the outcome under `controls` is that result, with those flags raised
/// and no trap. Of NaNs it only asks that
/// both are: SoftFloat chooses payloads by other rules.
pub fn is<F: Format>(
    outcome: Outcome<F>,
    controls: Controls,
    (expected, raised): (F, Exceptions),
) -> Result<(), TestCaseError> {
    let Outcome::Completed { value, flags } = outcome else {
        return Err(TestCaseError::fail("a trap without a mask"));
    };
    prop_assert_eq!(flags, controls.flags | raised);
    if !(value.is_nan() && expected.is_nan()) {
        prop_assert_eq!(value, expected, "{:x} instead of {:x}", value, expected);
    }
    Ok(())
}
