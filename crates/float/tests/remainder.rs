//! DIVIDE TO INTEGER: quotients and remainders satisfy what defines them, as
//! SoftFloat computes it.

mod common;

use common::{Soft, pair, rounding, untrapped};
use lowcore_float::{
    Controls, Division, Exceptions, Format, Outcome, Rounding, ShortOrLong, divide_to_integer,
};
use proptest::prelude::*;
use softfloat_wrapper::{ExceptionFlags, F128, Float, RoundingMode};

/// The formats with the instruction, in one that has room for their products.
trait Wide: Soft + ShortOrLong {
    fn wide(self) -> F128;
}

impl Wide for u32 {
    fn wide(self) -> F128 {
        self.soft().to_f128(RoundingMode::TowardZero)
    }
}

impl Wide for u64 {
    fn wide(self) -> F128 {
        self.soft().to_f128(RoundingMode::TowardZero)
    }
}

/// `float` × 2^`by`, which must be a normal number of the extended format.
fn scaled(float: F128, by: i32) -> F128 {
    let by = i128::from(by) << (u128::PRECISION - 1);
    F128::from_bits(float.to_bits().wrapping_add_signed(by))
}

fn magnitude(float: F128) -> F128 {
    F128::from_bits(float.to_bits() & !u128::SIGN)
}

fn finite<F: Format>(datum: F) -> bool {
    datum.bits() & F::EXPONENT != F::EXPONENT
}

fn divided<F: Wide>(
    (dividend, divisor): (F, F),
    method: Rounding,
    controls: Controls,
) -> Result<(), TestCaseError> {
    let zero = divisor.bits() & !F::SIGN == 0;
    if zero || !finite(dividend) || !finite(divisor) {
        // Nothing is divided.
        return Ok(());
    }
    let controls = Controls { flags: Exceptions::NONE, ..controls };
    let Outcome::Completed { value, flags } =
        divide_to_integer(dividend, divisor, method, controls)
    else {
        return Err(TestCaseError::fail("a trap without a mask"));
    };
    let Division { quotient, remainder, condition } = value;
    let exactly = RoundingMode::TowardZero;
    let (a, b, r) = (dividend.wide(), divisor.wide(), remainder.wide());
    let q = scaled(quotient.wide(), if condition & 1 != 0 { F::SCALE } else { 0 });
    let q = if quotient.bits() & !F::SIGN == 0 { quotient.wide() } else { q };
    prop_assert_eq!(quotient.is_negative(), dividend.is_negative() != divisor.is_negative());
    prop_assert!(q.eq(q.round_to_integral(exactly)), "the quotient is no integer");
    let one_more = i32::from(condition & 1 != 0);
    prop_assert_eq!(
        magnitude(q).to_bits() >> (u128::PRECISION - 1) > exponent(F::MAX_EXPONENT),
        one_more != 0
    );

    if flags == Exceptions::NONE {
        // Quotient × divisor + remainder is the dividend, exactly.
        ExceptionFlags::default().set();
        let sum = q.fused_mul_add(b, r, exactly);
        let mut raised = ExceptionFlags::default();
        raised.get();
        prop_assert!(!raised.is_inexact() && sum.eq(a));
    } else {
        prop_assert_eq!(flags, Exceptions::INEXACT);
    }
    let none = remainder.bits() & !F::SIGN == 0;
    if none {
        prop_assert_eq!(remainder.is_negative(), dividend.is_negative());
    }
    let toward_zero = none || remainder.is_negative() == dividend.is_negative();

    if condition >= 2 {
        // Partial: cut to the format's bits, of which there are too few.
        prop_assert!(!none && toward_zero);
        let last = (q.to_bits() & !u128::SIGN) >> (u128::PRECISION - 1);
        let ulp = F128::from_bits((last - u128::from(F::PRECISION - 1)) << (u128::PRECISION - 1));
        prop_assert!(last > exponent(0) + u128::from(F::PRECISION - 1));
        prop_assert!(magnitude(r).lt(magnitude(b).mul(ulp, exactly)));
        return Ok(());
    }
    if condition == 1 {
        prop_assert!(none);
        return Ok(());
    }
    // Final: the remainder, rounded once by the mode of the register.
    let minus = quotient.with_sign(!quotient.is_negative());
    let (expected, _) = F::softly(controls, |mode| {
        minus.soft().fused_mul_add(divisor.soft(), dividend.soft(), mode)
    });
    prop_assert!(remainder == expected || none && expected.bits() & !F::SIGN == 0);
    // The quotient, rounded as the method says.
    prop_assert!(magnitude(r).le(magnitude(b)));
    let twice = scaled(magnitude(r), 1);
    let half = none || twice.le(magnitude(b));
    let tie = !none && twice.eq(magnitude(b));
    let two = F128::from_u8(2, exactly);
    let even = q.div(two, exactly).round_to_integral(exactly).mul(two, exactly).eq(q);
    let as_asked = match method {
        Rounding::TowardZero => toward_zero,
        Rounding::TowardPositive => none || toward_zero == quotient.is_negative(),
        Rounding::TowardNegative => none || toward_zero != quotient.is_negative(),
        Rounding::NearestEven => half && (!tie || even),
        Rounding::NearestAway => half && (!tie || !toward_zero),
        Rounding::PrepareShorter => none || !even,
    };
    prop_assert!(as_asked, "the quotient is rounded by another method");
    Ok(())
}

/// A biased exponent of the extended format.
fn exponent(unbiased: i32) -> u128 {
    u128::from((unbiased + u128::MAX_EXPONENT).unsigned_abs())
}

/// Only the remainder traps, and only a final one.
fn trapped<F: Wide>(
    (dividend, divisor): (F, F),
    method: Rounding,
    controls: Controls,
    masks: Exceptions,
) -> Result<(), TestCaseError> {
    let Outcome::Completed { value, flags } =
        divide_to_integer(dividend, divisor, method, controls)
    else {
        return Err(TestCaseError::fail("a trap without a mask"));
    };
    let trapping = Controls { masks, flags: Exceptions::NONE, ..controls };
    let outcome = divide_to_integer(dividend, divisor, method, trapping);
    let quietly = Controls { flags: Exceptions::NONE, ..controls };
    let Outcome::Completed { flags: raised, .. } =
        divide_to_integer(dividend, divisor, method, quietly)
    else {
        return Err(TestCaseError::fail("a trap without a mask"));
    };
    prop_assert_eq!(flags, controls.flags | raised);
    let tiny = (1..=F::FRACTION).contains(&(value.remainder.bits() & !F::SIGN));
    let loaded = value.remainder == dividend && !finite(divisor);
    if raised.contains(Exceptions::INVALID) && masks.contains(Exceptions::INVALID) {
        prop_assert_eq!(outcome, Outcome::Suppressed { dxc: 0x80 });
    } else if tiny && value.condition < 2 && !loaded && masks.contains(Exceptions::UNDERFLOW) {
        let Outcome::Trapped { value: scaled_value, flags, dxc } = outcome else {
            return Err(TestCaseError::fail("no trap"));
        };
        prop_assert_eq!((flags, dxc), (Exceptions::NONE, 0x10));
        prop_assert_eq!(scaled_value.quotient, value.quotient);
        prop_assert_eq!(scaled_value.condition, value.condition);
        let back = scaled(scaled_value.remainder.wide(), -F::SCALE);
        prop_assert!(back.eq(value.remainder.wide()));
    } else if raised.contains(Exceptions::INEXACT) && masks.contains(Exceptions::INEXACT) {
        let Outcome::Trapped { value: same, flags, dxc } = outcome else {
            return Err(TestCaseError::fail("no trap"));
        };
        prop_assert_eq!((same, flags), (value, Exceptions::NONE));
        prop_assert!(dxc == 0x08 || dxc == 0x0c);
    } else {
        prop_assert_eq!(outcome, Outcome::Completed { value, flags: raised });
    }
    Ok(())
}

proptest! {
    #![proptest_config(common::config())]

    #[test]
    fn short(operands in pair::<u32>(), method in rounding(), controls in untrapped()) {
        divided(operands, method, controls)?;
    }

    #[test]
    fn long(operands in pair::<u64>(), method in rounding(), controls in untrapped()) {
        divided(operands, method, controls)?;
    }

    #[test]
    fn short_trapped(operands in pair::<u32>(), method in rounding(), controls in untrapped(), masks: u8) {
        trapped(operands, method, controls, Exceptions::from_byte(masks))?;
    }

    #[test]
    fn long_trapped(operands in pair::<u64>(), method in rounding(), controls in untrapped(), masks: u8) {
        trapped(operands, method, controls, Exceptions::from_byte(masks))?;
    }
}
