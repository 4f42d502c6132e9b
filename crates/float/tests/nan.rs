//! Results that are NaNs: which one, and with which exception.

use lowcore_float::{
    Controls, Exceptions, Format, LongerThan, Outcome, Rounded, Rounding, ShortOrLong, add,
    compare, compare_and_signal, condition, divide, divide_to_integer, load_and_test,
    load_fp_integer, load_lengthened, load_rounded, multiply, multiply_and_add,
    multiply_and_subtract, multiply_longer, square_root, subtract,
};

/// NaNs of both sorts and signs with different payloads, and what is none.
fn data<F: Format>() -> Vec<F> {
    let nan = |payload: u128, negative| F::from_bits(F::EXPONENT | payload).with_sign(negative);
    let one = F::from_bits(F::EXPONENT >> 1 & F::EXPONENT);
    vec![
        nan(F::QUIET | 1, false),
        nan(F::QUIET | 2, true),
        nan(F::FRACTION, false),
        nan(3, false),
        nan(4, true),
        nan(F::QUIET >> 1, false),
        F::zero(false),
        F::zero(true),
        one,
        F::infinity(false),
        F::infinity(true),
    ]
}

fn quiet<F: Format>(nan: F) -> F {
    F::from_bits(nan.bits() | F::QUIET)
}

/// A NaN as result, with an invalid-operation exception or without.
fn outcome<F: Format>(value: F, invalid: bool) -> Outcome<F> {
    let flags = if invalid { Exceptions::INVALID } else { Exceptions::NONE };
    Outcome::Completed { value: quiet(value), flags }
}

/// What two operands give of which one is a NaN: the first signaling NaN, else
/// the first quiet one.
fn of_two<F: Format>(a: F, b: F) -> Option<Outcome<F>> {
    if a.is_signaling() {
        Some(outcome(a, true))
    } else if b.is_signaling() {
        Some(outcome(b, true))
    } else if a.is_nan() {
        Some(outcome(a, false))
    } else if b.is_nan() {
        Some(outcome(b, false))
    } else {
        None
    }
}

/// The figure of MULTIPLY AND ADD: the product `a` × `b` first, which is a NaN
/// with or without an exception, then the sum with `c`.
fn of_three<F: Format>(a: F, b: F, c: F) -> Option<Outcome<F>> {
    let zero = |datum: F| datum.bits() & !F::SIGN == 0;
    let infinite = |datum: F| datum.bits() & !F::SIGN == F::EXPONENT;
    if a.is_signaling() || b.is_signaling() {
        return of_two(a, b);
    }
    if zero(a) && infinite(b) || infinite(a) && zero(b) {
        return Some(outcome(F::default_nan(), true));
    }
    if c.is_signaling() { Some(outcome(c, true)) } else { of_two(a, b).or_else(|| of_two(c, c)) }
}

fn pairs<F: Format>() -> impl Iterator<Item = (F, F)> {
    data().into_iter().flat_map(|a| data().into_iter().map(move |b| (a, b)))
}

fn check_formats(all: impl Fn(Controls)) {
    for rounding in Rounding::ALL {
        all(Controls { rounding, ..Controls::default() });
    }
}

fn operands<F: Format>(controls: Controls) {
    for (a, b) in pairs::<F>() {
        let Some(expected) = of_two(a, b) else { continue };
        for operation in [add, subtract, multiply, divide] {
            assert_eq!(operation(a, b, controls), expected, "{a:x} {b:x}");
        }
    }
    for a in data::<F>() {
        let Some(expected) = of_two(a, a) else { continue };
        for operation in [square_root, load_and_test, load_fp_integer] {
            assert_eq!(operation(a, controls), expected, "{a:x}");
        }
        assert_eq!(condition(a), 3);
    }
}

#[test]
fn operands_that_are_nans() {
    check_formats(|controls| {
        operands::<u32>(controls);
        operands::<u64>(controls);
        operands::<u128>(controls);
    });
}

fn fused<F: ShortOrLong>(controls: Controls) {
    for (a, b) in pairs::<F>() {
        for c in data() {
            let Some(expected) = of_three(a, b, c) else { continue };
            for operation in [multiply_and_add, multiply_and_subtract] {
                assert_eq!(operation(c, b, a, controls), expected, "{a:x} × {b:x} + {c:x}");
            }
        }
        if let Some(expected) = of_two(a, b) {
            let division = divide_to_integer(a, b, Rounding::NearestEven, controls);
            assert_eq!(division.map(|division| division.quotient), expected);
            assert_eq!(division.map(|division| division.remainder), expected);
            let condition = division.map(|division| division.condition);
            assert!(matches!(condition, Outcome::Completed { value: 1, .. }));
        }
    }
}

#[test]
fn fused_and_divided_to_integer() {
    check_formats(|controls| {
        fused::<u32>(controls);
        fused::<u64>(controls);
    });
}

fn between<S: LongerThan<T>, T: Format>(controls: Controls) {
    let lost = S::PRECISION - T::PRECISION;
    // The first bits of the payload.
    let shortened = |nan: S| {
        let fraction = (nan.bits() & S::FRACTION) >> lost;
        T::from_bits(T::EXPONENT | T::QUIET | fraction).with_sign(nan.is_negative())
    };
    let lengthened = |nan: T| {
        let fraction = (nan.bits() & T::FRACTION) << lost;
        S::from_bits(S::EXPONENT | S::QUIET | fraction).with_sign(nan.is_negative())
    };
    for nan in data::<S>().into_iter().filter(|datum| datum.is_nan()) {
        let rounded = load_rounded::<S, T>(nan, controls);
        let expected = outcome(shortened(nan), nan.is_signaling());
        assert_eq!(rounded, expected.map(Rounded::Result), "{nan:x}");
    }
    for (a, b) in pairs::<T>() {
        let Some(expected) = of_two(a, b) else { continue };
        let expected = expected.map(lengthened);
        assert_eq!(multiply_longer::<T, S>(a, b, controls), expected, "{a:x} {b:x}");
        if a == b {
            assert_eq!(load_lengthened::<T, S>(a, controls), expected, "{a:x}");
        }
    }
}

#[test]
fn between_formats() {
    check_formats(|controls| {
        between::<u64, u32>(controls);
        between::<u128, u32>(controls);
        between::<u128, u64>(controls);
    });
}

fn compared<F: Format>(controls: Controls) {
    for (a, b) in pairs::<F>() {
        if !a.is_nan() && !b.is_nan() {
            continue;
        }
        let unordered = |invalid| {
            let flags = if invalid { Exceptions::INVALID } else { Exceptions::NONE };
            Outcome::Completed { value: 3, flags }
        };
        let signaling = a.is_signaling() || b.is_signaling();
        assert_eq!(compare(a, b, controls), unordered(signaling));
        assert_eq!(compare_and_signal(a, b, controls), unordered(true));
    }
}

#[test]
fn unordered() {
    compared::<u32>(Controls::default());
    compared::<u64>(Controls::default());
    compared::<u128>(Controls::default());
}

/// Invalid operations of operands that are no NaNs give the default NaN.
#[test]
fn default_nan() {
    fn check<F: Format>() {
        let (zero, infinity) = (F::zero(true), F::infinity(false));
        let controls = Controls::default();
        let minus = |datum: F| datum.with_sign(true);
        for result in [
            add(infinity, minus(infinity), controls),
            subtract(infinity, infinity, controls),
            multiply(zero, infinity, controls),
            divide(zero, zero, controls),
            divide(infinity, minus(infinity), controls),
            square_root(minus(infinity), controls),
        ] {
            assert_eq!(result, outcome(F::default_nan(), true));
        }
    }
    check::<u32>();
    check::<u64>();
    check::<u128>();
    assert_eq!(u32::default_nan(), 0x7fc0_0000);
    assert_eq!(u64::default_nan(), 0x7ff8 << 48);
    assert_eq!(u128::default_nan(), 0x7fff_8000 << 96);
}
