//! What a trap makes of an outcome: suppressed or completed, which
//! data-exception code, which flags, which scaled result.
//!
//! The untrapped outcome, which equals SoftFloat's, tells which exceptions
//! there are. Scaled results are those of SoftFloat for scaled operands.

mod common;

use common::{Soft, datum, pair, triple, untrapped};
use lowcore_float::{
    Controls, Exceptions, LongerThan, Outcome, Rounded, Rounding, ShortOrLong, add, divide,
    load_lengthened, load_rounded, multiply, multiply_and_add, square_root, subtract,
};
use proptest::prelude::*;
use softfloat_wrapper::Float;

/// Controls with any masks, flags and rounding mode.
fn controls() -> impl Strategy<Value = Controls> {
    (untrapped(), any::<u8>())
        .prop_map(|(controls, masks)| Controls { masks: Exceptions::from_byte(masks), ..controls })
}

/// `datum` × 2^`by`, if it is zero or normal.
fn scale<F: Soft>(datum: F, by: i32) -> Option<F> {
    let magnitude = datum.bits() & !F::SIGN;
    if magnitude == 0 {
        return Some(datum);
    }
    let fraction_bits = F::PRECISION - 1;
    let exponent = i32::try_from(magnitude >> fraction_bits).expect("it has 15 bits");
    let (exponent, fraction) = if exponent == 0 {
        let up = magnitude.leading_zeros() - (F::FRACTION + 1).leading_zeros();
        (1 - i32::try_from(up).expect("it is small"), magnitude << up)
    } else {
        (exponent, magnitude)
    };
    let exponent = exponent + by;
    if !(1..=2 * F::MAX_EXPONENT).contains(&exponent) {
        return None;
    }
    let bits = u128::from(exponent.unsigned_abs()) << fraction_bits | fraction & F::FRACTION;
    Some(F::from_bits(bits).with_sign(datum.is_negative()))
}

/// How the magnitude of `value`, the result `exact` says is inexact, compares
/// with the exact one, as bits of a data-exception code.
fn direction<F: Soft>(value: F, raised: Exceptions, truncated: F) -> u8 {
    match (raised.contains(Exceptions::INEXACT), value == truncated) {
        (false, _) => 0,
        (true, true) => 0x08,
        (true, false) => 0x0c,
    }
}

/// Compares the outcome of `run` under `controls` with what its untrapped
/// outcome asks for. `scaled` is what SoftFloat makes of the operands when the
/// exponent of the exact result is changed by its second argument.
fn check<F: Soft>(
    controls: Controls,
    run: impl Fn(Controls) -> Outcome<F>,
    scaled: impl Fn(Controls, i32) -> Option<(F, Exceptions)>,
) -> Result<(), TestCaseError> {
    let quietly = |rounding| match run(Controls { rounding, ..Controls::default() }) {
        Outcome::Completed { value, flags } => (value, flags),
        _ => unreachable!("nothing traps"),
    };
    let (value, raised) = quietly(controls.rounding);
    let (truncated, _) = quietly(Rounding::TowardZero);
    let traps = |exception| controls.masks.contains(exception);
    let magnitude = value.bits() & !F::SIGN;
    let tiny = raised.contains(Exceptions::UNDERFLOW)
        || (1..=F::FRACTION).contains(&magnitude) && !raised.contains(Exceptions::INEXACT);

    let (exception, by) = if raised.contains(Exceptions::INVALID) && traps(Exceptions::INVALID) {
        prop_assert_eq!(run(controls), Outcome::Suppressed { dxc: 0x80 });
        return Ok(());
    } else if raised.contains(Exceptions::DIVISION) && traps(Exceptions::DIVISION) {
        prop_assert_eq!(run(controls), Outcome::Suppressed { dxc: 0x40 });
        return Ok(());
    } else if raised.contains(Exceptions::OVERFLOW) && traps(Exceptions::OVERFLOW) {
        (0x20, -F::SCALE)
    } else if tiny && traps(Exceptions::UNDERFLOW) {
        (0x10, F::SCALE)
    } else {
        let expected = if raised.contains(Exceptions::INEXACT) && traps(Exceptions::INEXACT) {
            let flags = controls.flags | raised & !Exceptions::INEXACT;
            Outcome::Trapped { value, flags, dxc: direction(value, raised, truncated) }
        } else {
            Outcome::Completed { value, flags: controls.flags | raised }
        };
        prop_assert_eq!(run(controls), expected);
        return Ok(());
    };
    let Outcome::Trapped { value, flags, dxc } = run(controls) else {
        return Err(TestCaseError::fail("no trap"));
    };
    prop_assert_eq!(flags, controls.flags);
    prop_assert_eq!(dxc & 0xf0, exception);
    if let (Some((expected, raised)), Some((truncated, _))) =
        (scaled(controls, by), scaled(Controls { rounding: Rounding::TowardZero, ..controls }, by))
    {
        prop_assert_eq!(value, expected, "{:x} instead of {:x}", value, expected);
        prop_assert_eq!(dxc & 0x0f, direction(expected, raised, truncated));
    }
    Ok(())
}

fn arithmetic<F: Soft>((a, b): (F, F), controls: Controls) -> Result<(), TestCaseError> {
    // Scales two operands, then lets SoftFloat compute.
    let scaled = |by_a, by_b, controls, operation: fn(&F::Float, &F::Float, _) -> F::Float| {
        let (a, b) = (scale(a, by_a)?, scale(b, by_b)?);
        Some(F::softly(controls, |mode| operation(&a.soft(), &b.soft(), mode)))
    };
    check(
        controls,
        |controls| add(a, b, controls),
        |controls, by| scaled(by, by, controls, |a, b, mode| a.add(b, mode)),
    )?;
    check(
        controls,
        |controls| subtract(a, b, controls),
        |controls, by| scaled(by, by, controls, |a, b, mode| a.sub(b, mode)),
    )?;
    check(
        controls,
        |controls| multiply(a, b, controls),
        |controls, by| scaled(by / 2, by / 2, controls, |a, b, mode| a.mul(b, mode)),
    )?;
    check(
        controls,
        |controls| divide(a, b, controls),
        |controls, by| scaled(by / 2, -by / 2, controls, |a, b, mode| a.div(b, mode)),
    )?;
    check(controls, |controls| square_root(a, controls), |_, _| None)
}

fn fused<F: Soft + ShortOrLong>(
    (a, b, c): (F, F, F),
    controls: Controls,
) -> Result<(), TestCaseError> {
    check(
        controls,
        |controls| multiply_and_add(c, b, a, controls),
        |controls, by| {
            let (a, b, c) = (scale(a, by / 2)?, scale(b, by / 2)?, scale(c, by)?);
            Some(F::softly(controls, |mode| a.soft().fused_mul_add(b.soft(), c.soft(), mode)))
        },
    )
}

/// LOAD ROUNDED delivers scaled results in the source's format.
fn rounded<S: Soft + LongerThan<T>, T: Soft>(
    source: S,
    by: i32,
    controls: Controls,
) -> Result<(), TestCaseError> {
    let result = |controls| {
        load_rounded::<S, T>(source, controls).map(|value| match value {
            Rounded::Result(value) => Ok(value),
            Rounded::Scaled(value) => Err(value),
        })
    };
    let overflow_or_underflow =
        matches!(result(controls), Outcome::Trapped { dxc, .. } if dxc & 0x30 != 0);
    if !overflow_or_underflow {
        // Nothing is scaled.
        return check(controls, |controls| result(controls).map(Result::unwrap), |_, _| None);
    }
    // Which exception there is, and whether it traps.
    let Outcome::Trapped { value: Err(value), flags, dxc } = result(controls) else {
        return Err(TestCaseError::fail("an overflow or underflow in the shorter format"));
    };
    prop_assert_eq!(flags, controls.flags);
    let Outcome::Completed { value: Ok(unscaled), flags: raised } =
        result(Controls { rounding: controls.rounding, ..Controls::default() })
    else {
        unreachable!("nothing traps")
    };
    let by = if dxc & 0x20 != 0 {
        prop_assert!(raised.contains(Exceptions::OVERFLOW));
        prop_assert!(controls.masks.contains(Exceptions::OVERFLOW));
        -by
    } else {
        let magnitude = unscaled.bits() & !T::SIGN;
        prop_assert!(raised.contains(Exceptions::UNDERFLOW) || magnitude <= T::FRACTION);
        prop_assert!(controls.masks.contains(Exceptions::UNDERFLOW));
        by
    };
    // The source with exponent 0, rounded, then with its own exponent and the
    // scale: which exponent a number has does not matter to its rounding.
    let one = u128::from(S::MAX_EXPONENT.unsigned_abs());
    let exponent = |datum: S| {
        i32::try_from((datum.bits() & !S::SIGN) >> (S::PRECISION - 1)).expect("it has 15 bits")
    };
    let normal = scale(source, if exponent(source) == 0 { 1000 } else { 0 }).expect("it fits");
    let unit = S::from_bits(normal.bits() & !S::EXPONENT | one << (S::PRECISION - 1));
    let moved = exponent(normal) - S::MAX_EXPONENT + if normal == source { 0 } else { -1000 };
    let expect = |controls: Controls| {
        let Outcome::Completed { value: Rounded::Result(short), flags } = load_rounded::<S, T>(
            unit,
            Controls { rounding: controls.rounding, ..Controls::default() },
        ) else {
            unreachable!("nothing traps")
        };
        let Outcome::Completed { value, .. } = load_lengthened::<T, S>(short, Controls::default())
        else {
            unreachable!("nothing traps")
        };
        (scale(value, moved + by).expect("it fits"), flags)
    };
    let (expected, raised) = expect(controls);
    prop_assert_eq!(value, expected, "{:x} instead of {:x}", value, expected);
    let (truncated, _) = expect(Controls { rounding: Rounding::TowardZero, ..controls });
    prop_assert_eq!(dxc & 0x0f, direction(expected, raised, truncated));
    Ok(())
}

proptest! {
    #![proptest_config(common::config())]

    #[test]
    fn short(operands in pair::<u32>(), controls in controls()) {
        arithmetic(operands, controls)?;
    }

    #[test]
    fn long(operands in pair::<u64>(), controls in controls()) {
        arithmetic(operands, controls)?;
    }

    #[test]
    fn extended(operands in pair::<u128>(), controls in controls()) {
        arithmetic(operands, controls)?;
    }

    #[test]
    fn short_fused(operands in triple::<u32>(), controls in controls()) {
        fused(operands, controls)?;
    }

    #[test]
    fn long_fused(operands in triple::<u64>(), controls in controls()) {
        fused(operands, controls)?;
    }

    #[test]
    fn long_to_short(source in datum::<u64>(), controls in controls()) {
        rounded::<u64, u32>(source, 512, controls)?;
    }

    #[test]
    fn extended_to_long(source in datum::<u128>(), controls in controls()) {
        rounded::<u128, u64>(source, 8192, controls)?;
    }

    #[test]
    fn extended_to_short(source in datum::<u128>(), controls in controls()) {
        rounded::<u128, u32>(source, 8192, controls)?;
    }
}

/// Each data-exception code, in the short format.
#[test]
fn codes() {
    type Operation = fn(u32, u32, Controls) -> Outcome<u32>;
    const MAX: f32 = f32::MAX;
    const MIN: f32 = f32::MIN_POSITIVE;
    let cases: [(u8, Operation, f32, f32, Rounding, Option<f32>); 12] = [
        (0x80, divide, 0.0, 0.0, Rounding::NearestEven, None),
        (0x40, divide, 1.0, 0.0, Rounding::NearestEven, None),
        (0x20, add, MAX, MAX, Rounding::NearestEven, Some(MAX * 2f32.powi(-100) * 2f32.powi(-91))),
        (0x28, multiply, MAX, MAX, Rounding::TowardZero, Some(2f32.powi(64) - 2f32.powi(41))),
        (0x2c, multiply, MAX, MAX, Rounding::TowardPositive, Some(2f32.powi(64) - 2f32.powi(40))),
        (0x10, multiply, MIN, 0.5, Rounding::NearestEven, Some(2f32.powi(65))),
        (0x10, multiply, MIN, MIN, Rounding::NearestEven, Some(2f32.powi(-60))),
        (0x18, divide, MIN, 3.0, Rounding::TowardZero, Some(1.333_333_3 * 2f32.powi(64))),
        (0x1c, divide, MIN, 3.0, Rounding::TowardPositive, Some(1.333_333_4 * 2f32.powi(64))),
        (0x08, divide, 1.0, 3.0, Rounding::TowardZero, Some(0.333_333_3)),
        (0x0c, divide, 1.0, 3.0, Rounding::NearestEven, Some(0.333_333_34)),
        (0x0c, divide, -1.0, 3.0, Rounding::TowardNegative, Some(-0.333_333_34)),
    ];
    for (code, operation, a, b, rounding, result) in cases {
        let controls = Controls { rounding, masks: Exceptions::ALL, ..Controls::default() };
        let expected = match result {
            None => Outcome::Suppressed { dxc: code },
            Some(value) => {
                let (value, flags) = (value.to_bits(), Exceptions::NONE);
                Outcome::Trapped { value, flags, dxc: code }
            }
        };
        assert_eq!(operation(a.to_bits(), b.to_bits(), controls), expected, "{a} {b} {rounding:?}");
    }
}
