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
//!   may be a tiny one, rounded up.) Of smaller results, sums are exact.
//! - What is left is whether the result is inexact. Where that flag is one
//!   already, as in most programs most of the time, it does not matter.
//!   Otherwise the error of a sum is a floating-point number, which Knuth's
//!   2Sum finds, and products are compared as integers.
//!
//! This asks that the host's floating-point environment is the one that Rust
//! assumes: rounding to nearest, and subnormal numbers as they are.

use crate::control::{Controls, Exceptions};
use crate::format::Format;
use crate::outcome::Outcome;

/// What the host computes for a format: a result and whether it is inexact
/// (any answer will do if `known`), or nothing where the general way has to be
/// gone.
pub trait Host: Sized {
    /// `a` + `b`.
    #[inline]
    fn host_add(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` − `b`.
    #[inline]
    fn host_subtract(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` × `b`.
    #[inline]
    fn host_multiply(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` / `b`.
    #[inline]
    fn host_divide(_a: Self, _b: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// √`a`.
    #[inline]
    fn host_square_root(_a: Self, _known: bool) -> Option<(Self, bool)> {
        None
    }
    /// `a` × `b` + `c`, or − `c`.
    #[inline]
    fn host_fused(
        _a: Self,
        _b: Self,
        _c: Self,
        _subtract: bool,
        _known: bool,
    ) -> Option<(Self, bool)> {
        None
    }
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

macro_rules! host {
    ($bits:ty, $float:ty) => {
        impl Host for $bits {
            #[inline]
            fn host_add(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                let (a, b) = (<$float>::from_bits(a), <$float>::from_bits(b));
                let sum = a + b;
                if !sum.is_finite() {
                    return None;
                }
                if known {
                    return Some((sum.to_bits(), true));
                }
                // 2Sum. Should a step overflow, the error is not finite.
                let addend = sum - a;
                let error = (a - (sum - addend)) + (b - addend);
                error.is_finite().then_some((sum.to_bits(), error != 0.0))
            }

            #[inline]
            fn host_subtract(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                // A NaN, whose sign would be lost, has no finite result.
                Self::host_add(a, b ^ 1 << (Self::BITS - 1), known)
            }

            #[inline]
            fn host_multiply(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                let product = (<$float>::from_bits(a) * <$float>::from_bits(b)).to_bits();
                if !normal(product) {
                    return None;
                }
                let inexact = known || {
                    let exact = significand(a) * significand(b);
                    exact.ilog2() - exact.trailing_zeros() >= Self::PRECISION
                };
                Some((product, inexact))
            }

            #[inline]
            fn host_divide(a: Self, b: Self, known: bool) -> Option<(Self, bool)> {
                let quotient = (<$float>::from_bits(a) / <$float>::from_bits(b)).to_bits();
                if !normal(quotient) {
                    return None;
                }
                // What differs from the dividend by less than half is no
                // multiple of it by another power of two.
                let inexact =
                    known || odd(significand(quotient) * significand(b)) != odd(significand(a));
                Some((quotient, inexact))
            }

            #[inline]
            fn host_square_root(a: Self, known: bool) -> Option<(Self, bool)> {
                let root = <$float>::from_bits(a).sqrt().to_bits();
                if !normal(root) {
                    return None;
                }
                let inexact =
                    known || odd(significand(root) * significand(root)) != odd(significand(a));
                Some((root, inexact))
            }

            #[inline]
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
        }
    };
}
host!(u32, f32);
host!(u64, f64);

/// Whether the datum is finite, and above the smallest normal number.
#[inline]
pub(crate) fn normal<F: Format>(datum: F) -> bool {
    let magnitude = datum.bits() & !F::SIGN;
    let smallest = F::FRACTION + 1;
    smallest < magnitude && magnitude < F::EXPONENT
}

/// The significand as an integer.
#[inline]
fn significand<F: Format>(datum: F) -> u128 {
    let subnormal = datum.bits() & F::EXPONENT == 0;
    let unit = if subnormal { 0 } else { F::FRACTION + 1 };
    datum.bits() & F::FRACTION | unit
}

/// `value` (not zero) without the zeros at its end.
#[inline]
const fn odd(value: u128) -> u128 {
    value >> value.trailing_zeros()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Host;
    use crate::arithmetic::{add_generally, divide_generally, multiply_generally};
    use crate::common::{config, pair, triple};
    use crate::control::{Controls, Exceptions};
    use crate::format::ShortOrLong;
    use crate::fused::fused_generally;
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

    proptest! {
        #![proptest_config(config())]

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
    }
}
