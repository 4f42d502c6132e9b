//! The host's own arithmetic, where it is the same.
//!
//! The host's arithmetic is IEEE's: its result is the exact one, rounded to
//! nearest with ties to even. So under that rounding, with no trap enabled,
//! only the flags are in question, and:
//!
//! - A finite result says that no operand was infinite or a NaN, that nothing
//!   overflowed, and that nothing was divided by zero. All others are left to
//!   the general way.
//! - A result above the smallest normal number says that the exact result was
//!   not tiny, so that nothing underflowed. (The smallest normal number itself
//!   may be a tiny one, rounded up; to leave out all of its exponent is
//!   cheaper.) Of smaller results, sums are exact.
//! - What is left is whether the result is inexact. Where that flag is one
//!   already, as in most programs most of the time, it does not matter.
//!   Otherwise the error of a sum is a floating-point number, which Knuth's
//!   2Sum finds, and products are compared as integers.
//!
//! This asks that the host's floating-point environment is the one that Rust
//! assumes: rounding to nearest, and subnormal numbers as they are.

use crate::control::{Controls, Exceptions, Rounding};
use crate::format::Format;
use crate::outcome::Outcome;

/// What the host computes for a format: a result and whether it is inexact
/// (any answer will do if that is `known` to be a flag already), or nothing
/// where the general way has to be gone. It is right where results are rounded
/// to nearest and nothing traps (see [`Controls`]).
///
/// ```
/// use lowcore_float::Host;
/// let [a, b, subnormal] = [1.5f64, 0.25, 5e-324].map(f64::to_bits);
/// assert_eq!(u64::host_add(a, b, false), Some((1.75f64.to_bits(), false)));
/// assert_eq!(u64::host_multiply(a, subnormal, false), None);
/// ```
pub trait Host: Sized {
    /// `a` + `b`.
    #[inline(always)]
    #[must_use]
    fn host_add(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` − `b`.
    #[inline(always)]
    #[must_use]
    fn host_subtract(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` × `b`.
    #[inline(always)]
    #[must_use]
    fn host_multiply(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` / `b`.
    #[inline(always)]
    #[must_use]
    fn host_divide(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// √`a`.
    #[inline(always)]
    #[must_use]
    fn host_square_root(_a: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` × `b` + `c`, or − `c`.
    #[inline(always)]
    #[must_use]
    fn host_fused(
        _a: Self,
        _b: Self,
        _c: Self,
        _subtract: bool,
        _known: bool,
    ) -> Option<(Self, bool)> {
        None
    }
    /// `a` rounded to an integer in the same format, by one of the four
    /// methods that hosts have.
    #[inline(always)]
    #[must_use]
    fn host_integral(_a: Self, _rounding: Rounding) -> Option<(Self, bool)> {
        None
    }
}

/// The same of conversions from and to integers.
pub trait HostInteger<I>: Sized {
    /// The number nearest to `integer`.
    fn host_from(integer: I, known: bool) -> (Self, bool);

    /// The integer that `self` is rounded to, by one of the four methods that
    /// hosts have. Nothing if there is no such integer.
    fn host_to(self, rounding: Rounding) -> Option<(I, bool)>;
}

/// The outcome if the host may compute it, and does.
#[inline]
pub(crate) fn outcome<F>(
    controls: Controls,
    compute: impl FnOnce(bool) -> Option<(F, bool)>,
) -> Option<Outcome<F>> {
    if !controls.are_the_hosts() {
        return None;
    }
    let known = controls.flags.contains(Exceptions::INEXACT);
    let (value, inexact) = compute(known)?;
    let raised =
        if inexact && !controls.suppress_inexact { Exceptions::INEXACT } else { Exceptions::NONE };
    Some(Outcome::Completed { value, flags: controls.flags | raised })
}

impl Host for u128 {}

/// The magnitude of an integer.
macro_rules! magnitude {
    (i32, $integer:expr) => {
        $integer.unsigned_abs()
    };
    (i64, $integer:expr) => {
        $integer.unsigned_abs()
    };
    ($unsigned:ident, $integer:expr) => {
        $integer
    };
}
/// The number rounded to an integer, if it is not a NaN, where no function of
/// the host's is needed.
macro_rules! integral {
    ($float:ty, $number:expr, $rounding:expr) => {{
        // Numbers from here on are integers.
        const WHOLE: $float = (1_u64 << (<$float>::MANTISSA_DIGITS - 1)) as $float;
        let (number, rounding): ($float, Rounding) = ($number, $rounding);
        if number.is_nan() || number.abs() >= WHOLE {
            Some(number)
        } else {
            let truncated = (number as i64) as $float;
            match rounding {
                Rounding::TowardZero => Some(truncated),
                Rounding::TowardPositive if truncated < number => Some(truncated + 1.0),
                Rounding::TowardNegative if truncated > number => Some(truncated - 1.0),
                Rounding::TowardPositive | Rounding::TowardNegative => Some(truncated),
                // There is no room for a fraction in the sum.
                Rounding::NearestEven => {
                    let whole = WHOLE.copysign(number);
                    Some(number + whole - whole)
                }
                Rounding::NearestAway | Rounding::PrepareShorter => None,
            }
        }
    }};
}
macro_rules! host_integers {
    ($bits:ty, $float:ty, $($integer:ident)*) => {$(
        impl HostInteger<$integer> for $bits {
            #[inline(always)]
            #[allow(clippy::cast_precision_loss, reason = "rounding is what is asked for")]
            fn host_from(integer: $integer, known: bool) -> (Self, bool) {
                let exact = const { <$integer>::BITS < <$float>::MANTISSA_DIGITS } || {
                    let magnitude = u64::from(magnitude!($integer, integer));
                    magnitude == 0
                        || (magnitude >> magnitude.trailing_zeros()) >> Self::PRECISION == 0
                };
                ((integer as $float).to_bits(), !known && !exact)
            }

            #[inline(always)]
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "integers that fit are not changed"
            )]
            fn host_to(self, rounding: Rounding) -> Option<($integer, bool)> {
                // Both are powers of two, or zero.
                const LEAST: $float = <$integer>::MIN as $float;
                const BEYOND: $float = (<$integer>::MAX / 2 + 1) as $float * 2.0;
                let number = <$float>::from_bits(self);
                let integral = integral!($float, number, rounding)?;
                let fits = (LEAST..BEYOND).contains(&integral);
                fits.then_some((integral as $integer, integral != number))
            }
        }
    )*};
}
macro_rules! host {
    ($bits:ty, $float:ty) => {
        impl Host for $bits {
            #[inline(always)]
            fn host_add(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                let (a, b) = (<$float>::from_bits(a), <$float>::from_bits(b));
                let sum = a + b;
                // What is not finite less itself is a NaN.
                if (sum - sum).is_nan() {
                    return None;
                }
                if known {
                    return Some((sum.to_bits(), true));
                }
                // 2Sum. Should a step overflow, the error is not finite.
                let addend = sum - a;
                let error = (a - (sum - addend)) + (b - addend);
                (!(error - error).is_nan()).then_some((sum.to_bits(), error != 0.0))
            }

            #[inline(always)]
            fn host_subtract(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                // A NaN, whose sign would be lost, has no finite result.
                Self::host_add(a, b ^ 1 << (Self::BITS - 1), known)
            }

            #[inline(always)]
            fn host_multiply(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                let product = (<$float>::from_bits(a) * <$float>::from_bits(b)).to_bits();
                if !normal(product) {
                    let exact = is_zero(product) && (is_zero(a) || is_zero(b));
                    return exact.then_some((product, false));
                }
                let inexact = known || odd_product(a, b) >> Self::PRECISION != 0;
                Some((product, inexact))
            }

            #[inline(always)]
            fn host_divide(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                let quotient = (<$float>::from_bits(a) / <$float>::from_bits(b)).to_bits();
                if !normal(quotient) {
                    return (is_zero(quotient) && is_zero(a)).then_some((quotient, false));
                }
                // What differs from the dividend by less than half is no
                // multiple of it by another power of two.
                let inexact = known || odd_product(quotient, b) != odd(a).into();
                Some((quotient, inexact))
            }

            #[inline(always)]
            fn host_square_root(a: Self, known: bool) -> Option<(Self, bool)> {
                let root = <$float>::from_bits(a).sqrt().to_bits();
                if !normal(root) {
                    return is_zero(root).then_some((root, false));
                }
                let inexact = known || odd_product(root, root) != odd(a).into();
                Some((root, inexact))
            }

            #[inline(always)]
            fn host_fused(
                a: Self,
                b: Self,
                c: Self,
                subtract: bool,
                known: bool,
            ) -> Option<(Self, bool)> {
                let c = if subtract { c ^ 1 << (Self::BITS - 1) } else { c };
                let [a, b, c] = [a, b, c].map(<$float>::from_bits);
                // The error of a fused operation need not be one number.
                let sum = known.then(|| a.mul_add(b, c).to_bits())?;
                normal(sum).then_some((sum, true))
            }

            #[inline(always)]
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "nothing is lost of integers that have room"
            )]
            fn host_integral(a: Self, rounding: Rounding) -> Option<(Self, bool)> {
                let number = <$float>::from_bits(a);
                let integral = integral!($float, number, rounding)?;
                // Zero keeps the sign.
                let result = integral.copysign(number);
                number.is_finite().then_some((result.to_bits(), integral != number))
            }
        }

        host_integers!($bits, $float, i32 u32 i64 u64);
    };
}

host!(u32, f32);
host!(u64, f64);

/// Whether the datum is finite, and not of the smallest exponent of normal
/// numbers, or subnormal.
#[inline(always)]
pub(crate) fn normal<F: Format>(datum: F) -> bool {
    let greatest = F::EXPONENT >> (F::PRECISION - 1);
    // The exponents 0 and 1 come behind that of infinity.
    let exponent = (datum.bits() >> (F::PRECISION - 1)).wrapping_sub(2) & greatest;
    exponent < greatest - 2
}

/// Whether the datum is a zero.
#[inline(always)]
fn is_zero<F: Format>(datum: F) -> bool {
    datum.bits() & !F::SIGN == 0
}

/// The significand of a datum (not zero) as an integer, without the zeros at
/// its end.
#[inline(always)]
fn odd<F: Format>(datum: F) -> u64 {
    let subnormal = datum.bits() & F::EXPONENT == 0;
    let unit = if subnormal { 0 } else { F::FRACTION + 1 };
    let significand = datum.bits() & F::FRACTION | unit;
    #[expect(clippy::cast_possible_truncation, reason = "the short and the long format have room")]
    let significand = significand as u64;
    significand >> significand.trailing_zeros()
}

/// The product of two such integers, which is odd as well.
#[inline(always)]
fn odd_product<F: Format>(a: F, b: F) -> u128 {
    u128::from(odd(a)) * u128::from(odd(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Host, HostInteger};
    use crate::arithmetic::{add_generally, divide_generally, multiply_generally};
    use crate::common::{config, datum, pair, triple};
    use crate::control::{Controls, Exceptions, Rounding};
    use crate::convert::load_fp_integer;
    use crate::format::ShortOrLong;
    use crate::fused::fused_generally;
    use crate::integer::{Converted, Integer, from_integer, to_integer};
    use crate::outcome::Outcome;
    use crate::root::square_root_generally;

    /// The host either leaves it to the general way or has the same outcome.
    fn same<F: ShortOrLong>(
        host: Option<(F, bool)>,
        known: bool,
        generally: impl Fn(Controls) -> Outcome<F>,
    ) -> Result<(), TestCaseError> {
        let Some((value, inexact)) = host else {
            return Ok(());
        };
        let flags = |set| if set { Exceptions::INEXACT } else { Exceptions::NONE };
        let controls = Controls { flags: flags(known), ..Controls::default() };
        let expected = Outcome::Completed { value, flags: flags(known || inexact) };
        prop_assert_eq!(generally(controls), expected);
        Ok(())
    }

    fn two<F: ShortOrLong>((a, b): (F, F), known: bool) -> Result<(), TestCaseError> {
        same(F::host_add(a, b, known), known, |controls| add_generally(a, b, false, controls))?;
        same(F::host_subtract(a, b, known), known, |controls| add_generally(a, b, true, controls))?;
        same(F::host_multiply(a, b, known), known, |controls| multiply_generally(a, b, controls))?;
        same(F::host_divide(a, b, known), known, |controls| divide_generally(a, b, controls))?;
        same(F::host_square_root(a, known), known, |controls| square_root_generally(a, controls))
    }

    fn three<F: ShortOrLong>(
        (a, b, c): (F, F, F),
        subtract: bool,
        known: bool,
    ) -> Result<(), TestCaseError> {
        same(F::host_fused(a, b, c, subtract, known), known, |controls| {
            fused_generally(c, b, a, subtract, controls)
        })
    }

    /// What is inexact by itself, or not.
    fn controls(rounding: Rounding, known: bool) -> Controls {
        let flags = if known { Exceptions::INEXACT } else { Exceptions::NONE };
        Controls { rounding, flags, ..Controls::default() }
    }

    fn flags(known: bool, inexact: bool) -> Exceptions {
        controls(Rounding::NearestEven, known || inexact).flags
    }

    fn integral<F: ShortOrLong>(a: F, known: bool) -> Result<(), TestCaseError> {
        for rounding in Rounding::ALL {
            if let Some((value, inexact)) = F::host_integral(a, rounding) {
                let expected = Outcome::Completed { value, flags: flags(known, inexact) };
                prop_assert_eq!(load_fp_integer(a, controls(rounding, known)), expected);
            }
        }
        Ok(())
    }

    fn integers<F: ShortOrLong + HostInteger<I>, I: Integer>(
        a: F,
        integer: I,
        known: bool,
    ) -> Result<(), TestCaseError> {
        let (value, inexact) = F::host_from(integer, known);
        let expected = Outcome::Completed { value, flags: flags(known, inexact) };
        prop_assert_eq!(from_integer(integer, controls(Rounding::NearestEven, known)), expected);
        for rounding in Rounding::ALL {
            if let Some((value, inexact)) = a.host_to(rounding) {
                let Outcome::Completed { value: converted, flags: after } =
                    to_integer::<F, I>(a, controls(rounding, known))
                else {
                    unreachable!("nothing traps")
                };
                // The condition code is that of the source.
                let condition = crate::condition(a);
                prop_assert_eq!(converted, Converted { value, condition });
                prop_assert_eq!(after, flags(known, inexact));
            }
        }
        Ok(())
    }

    /// Integers of few bits, and with runs of them.
    fn integer() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64u32, 0..64u32, 0..3u8).prop_map(|(random, left, right, how)| {
            let value = if how == 0 { u64::MAX } else { random };
            let value = value << left >> right;
            if how == 1 { value.wrapping_neg() } else { value }
        })
    }

    fn all_integers<F>(a: F, integer: u64, known: bool) -> Result<(), TestCaseError>
    where
        F: ShortOrLong + HostInteger<i32> + HostInteger<u32> + HostInteger<i64> + HostInteger<u64>,
    {
        let word = u32::try_from(integer & 0xffff_ffff).expect("it was cut");
        integral(a, known)?;
        integers::<F, i32>(a, word.cast_signed(), known)?;
        integers::<F, u32>(a, word, known)?;
        integers::<F, i64>(a, integer.cast_signed(), known)?;
        integers::<F, u64>(a, integer, known)
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn short_integers(a in datum::<u32>(), integer in integer(), known: bool) {
            all_integers(a, integer, known)?;
        }

        #[test]
        fn long_integers(a in datum::<u64>(), integer in integer(), known: bool) {
            all_integers(a, integer, known)?;
        }

        #[test]
        fn short(operands in pair::<u32>(), known: bool) {
            two(operands, known)?;
        }

        #[test]
        fn long(operands in pair::<u64>(), known: bool) {
            two(operands, known)?;
        }

        #[test]
        fn short_fused(operands in triple::<u32>(), subtract: bool, known: bool) {
            three(operands, subtract, known)?;
        }

        #[test]
        fn long_fused(operands in triple::<u64>(), subtract: bool, known: bool) {
            three(operands, subtract, known)?;
        }
    }

    /// The host's way is gone for what programs compute, not only never wrong.
    #[test]
    fn ordinary_operands_need_no_general_way() {
        let [a, b, c] = [3.7f64, -0.3, 1e5].map(f64::to_bits);
        for known in [false, true] {
            assert!(u64::host_add(a, b, known).is_some());
            assert!(u64::host_subtract(a, a, known).is_some());
            assert!(u64::host_multiply(a, b, known).is_some());
            assert!(u64::host_divide(a, b, known).is_some());
            assert!(u64::host_square_root(a, known).is_some());
        }
        assert!(u64::host_fused(a, b, c, false, true).is_some());
        // A zero among the operands is ordinary too.
        let zero = (-0.0f64).to_bits();
        for known in [false, true] {
            assert_eq!(u64::host_multiply(a, zero, known), Some((zero, false)));
            assert_eq!(u64::host_divide(zero, a, known), Some((zero, false)));
            assert_eq!(u64::host_square_root(zero, known), Some((zero, false)));
        }
        let least = 1;
        assert_eq!(u64::host_multiply(least, least, true), None);
        for rounding in &Rounding::ALL[..4] {
            assert!(u64::host_integral(a, *rounding).is_some());
            let integer: Option<(i32, _)> = a.host_to(*rounding);
            assert!(integer.is_some());
        }
    }
}
