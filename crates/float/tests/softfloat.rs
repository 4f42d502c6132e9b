//! Results and flags of operations that do not trap equal those of Berkeley
//! SoftFloat, which detects tininess before rounding here.
//!
//! `PROPTEST_CASES` says how many operands each test tries.

mod common;

use common::{Soft, config, datum, is, pair, softly, triple, untrapped};
use lowcore_float::{
    Controls, Exceptions, Integer, LongerThan, Outcome, Rounded, Rounding, ShortOrLong, add,
    compare, compare_and_signal, divide, from_integer, load_fp_integer, load_lengthened,
    load_rounded, multiply, multiply_and_add, multiply_and_subtract, multiply_longer, square_root,
    subtract, to_integer,
};
use proptest::prelude::*;
use softfloat_wrapper::{Float, RoundingMode};

/// The same tests for each format.
macro_rules! formats {
    ($test:ident: $($name:ident<$($format:ty),*>),*) => {
        mod $test {
            $(
                #[test]
                fn $name() {
                    super::$test::<$($format),*>();
                }
            )*
        }
    };
}

fn check<S: Strategy>(operands: S, test: impl Fn(S::Value, Controls) -> Result<(), TestCaseError>) {
    let mut runner = proptest::test_runner::TestRunner::new(config());
    let outcome =
        runner.run(&(operands, untrapped()), |(operands, controls)| test(operands, controls));
    if let Err(error) = outcome {
        panic!("{error:?}");
    }
}

fn arithmetic<F: Soft>() {
    check(pair::<F>(), |(a, b), controls| {
        is(
            add(a, b, controls),
            controls,
            F::softly(controls, |mode| a.soft().add(b.soft(), mode)),
        )?;
        is(
            subtract(a, b, controls),
            controls,
            F::softly(controls, |mode| a.soft().sub(b.soft(), mode)),
        )?;
        is(
            multiply(a, b, controls),
            controls,
            F::softly(controls, |mode| a.soft().mul(b.soft(), mode)),
        )?;
        is(
            divide(a, b, controls),
            controls,
            F::softly(controls, |mode| a.soft().div(b.soft(), mode)),
        )?;
        is(square_root(a, controls), controls, F::softly(controls, |mode| a.soft().sqrt(mode)))
    });
}
formats!(arithmetic: short<u32>, long<u64>, extended<u128>);

fn fused<F: Soft + ShortOrLong>() {
    check(triple::<F>(), |(a, b, c), controls| {
        is(
            multiply_and_add(c, b, a, controls),
            controls,
            F::softly(controls, |mode| a.soft().fused_mul_add(b.soft(), c.soft(), mode)),
        )?;
        let negated = c.with_sign(!c.is_negative());
        is(
            multiply_and_subtract(c, b, a, controls),
            controls,
            F::softly(controls, |mode| a.soft().fused_mul_add(b.soft(), negated.soft(), mode)),
        )
    });
}
formats!(fused: short<u32>, long<u64>);

fn comparison<F: Soft>() {
    check(pair::<F>(), |(a, b), controls| {
        let ordered = |signal: bool| {
            let (a, b) = (a.soft(), b.soft());
            softly(
                controls,
                |code| code,
                |_| {
                    // The signaling `<` raises invalid for any NaN, `==` for
                    // signaling ones.
                    let low = if signal { a.lt(&b) } else { a.lt_quiet(&b) };
                    match (a.eq(&b), low, b.lt_quiet(&a)) {
                        (true, _, _) => 0u8,
                        (_, true, _) => 1,
                        (_, _, true) => 2,
                        _ => 3,
                    }
                },
            )
        };
        let (value, raised) = ordered(false);
        let flags = controls.flags | raised;
        prop_assert_eq!(compare(a, b, controls), Outcome::Completed { value, flags });
        let (value, raised) = ordered(true);
        let flags = controls.flags | raised;
        prop_assert_eq!(compare_and_signal(a, b, controls), Outcome::Completed { value, flags });
        Ok(())
    });
}
formats!(comparison: short<u32>, long<u64>, extended<u128>);

/// Between formats, where SoftFloat's conversion to the format `T` is `into`.
fn rounded<S: Soft + LongerThan<T>, T: Soft>(into: fn(&S::Float, RoundingMode) -> T::Float) {
    check(datum::<S>(), |source, controls| {
        let outcome = load_rounded::<S, T>(source, controls).map(|value| match value {
            Rounded::Result(value) => value,
            Rounded::Scaled(_) => unreachable!("nothing traps"),
        });
        is(outcome, controls, T::softly(controls, |mode| into(&source.soft(), mode)))
    });
}

#[test]
fn load_rounded_of_long_to_short() {
    rounded::<u64, u32>(Float::to_f32);
}

#[test]
fn load_rounded_of_extended_to_short() {
    rounded::<u128, u32>(Float::to_f32);
}

#[test]
fn load_rounded_of_extended_to_long() {
    rounded::<u128, u64>(Float::to_f64);
}

fn lengthened<S: Soft, T: Soft + LongerThan<S>>(into: fn(&S::Float, RoundingMode) -> T::Float) {
    check(pair::<S>(), |(a, b), controls| {
        is(
            load_lengthened::<S, T>(a, controls),
            controls,
            T::softly(controls, |mode| into(&a.soft(), mode)),
        )?;
        is(
            multiply_longer::<S, T>(a, b, controls),
            controls,
            T::softly(controls, |mode| into(&a.soft(), mode).mul(into(&b.soft(), mode), mode)),
        )
    });
}

#[test]
fn load_lengthened_of_short_to_long() {
    lengthened::<u32, u64>(Float::to_f64);
}

#[test]
fn load_lengthened_of_short_to_extended() {
    lengthened::<u32, u128>(Float::to_f128);
}

#[test]
fn load_lengthened_of_long_to_extended() {
    lengthened::<u64, u128>(Float::to_f128);
}

fn integer_in_format<F: Soft>() {
    check(datum::<F>(), |source, controls| {
        let truncating = Controls { rounding: Rounding::TowardZero, ..controls };
        let (toward_zero, invalid) =
            F::softly(truncating, |mode| source.soft().round_to_integral(mode));
        let inexact = !source.is_nan() && toward_zero != source;
        let expected = if controls.rounding == Rounding::PrepareShorter {
            // The odd integer of the two around the source.
            let small = |integer| F::Float::from_u8(integer, RoundingMode::TowardZero);
            let exactly = RoundingMode::TowardZero;
            let half = toward_zero.soft().div(small(2), exactly);
            let even = half.round_to_integral(exactly).eq(&half);
            let one = F::hard(small(1)).with_sign(source.is_negative());
            let next = F::hard(toward_zero.soft().add(one.soft(), exactly));
            if inexact && even { next } else { toward_zero }
        } else {
            F::softly(controls, |mode| source.soft().round_to_integral(mode)).0
        };
        let flags = if inexact { invalid | Exceptions::INEXACT } else { invalid };
        is(load_fp_integer(source, controls), controls, (expected, flags))?;
        let silent = Controls { suppress_inexact: true, ..controls };
        is(load_fp_integer(source, silent), silent, (expected, invalid))
    });
}
formats!(integer_in_format: short<u32>, long<u64>, extended<u128>);

/// An integer that SoftFloat converts as well.
trait SoftInteger: Integer {
    fn from_soft<F: Float>(float: &F, mode: RoundingMode) -> Self;
    fn into_soft<F: Float>(self, mode: RoundingMode) -> F;
}

macro_rules! soft_integers {
    ($($integer:ty: $from:ident $to:ident),*) => {$(
        impl SoftInteger for $integer {
            fn from_soft<F: Float>(float: &F, mode: RoundingMode) -> Self {
                float.$to(mode, true)
            }

            fn into_soft<F: Float>(self, mode: RoundingMode) -> F {
                F::$from(self, mode)
            }
        }
    )*};
}
soft_integers!(i32: from_i32 to_i32, i64: from_i64 to_i64, u32: from_u32 to_u32, u64: from_u64 to_u64);

fn integer<F: Soft, I: SoftInteger + Arbitrary>() {
    check((any::<I>(), 0..128u32), |(source, shift), controls| {
        // As many short integers as long ones.
        let (negative, magnitude) = source.parts();
        let source = I::from_parts(negative, magnitude >> (shift / 2)).expect("it is smaller");
        is(
            from_integer::<I, F>(source, controls),
            controls,
            F::softly(controls, |mode| source.into_soft(mode)),
        )
    });
    check(datum::<F>(), |source, controls| {
        let Outcome::Completed { value, flags } = to_integer::<F, I>(source, controls) else {
            panic!("a trap without a mask");
        };
        let (mut expected, mut raised) =
            softly(controls, |value| value, |mode| I::from_soft(&source.soft(), mode));
        if controls.rounding == Rounding::PrepareShorter && raised == Exceptions::INEXACT {
            // The odd integer of the two around the source, if there is one.
            match I::from_parts(source.is_negative(), expected.parts().1 | 1) {
                Some(odd) => expected = odd,
                None => raised = Exceptions::INVALID,
            }
        }
        if raised.contains(Exceptions::INVALID) {
            // Which integer that is, is not SoftFloat's to say.
            expected = match (source.is_nan(), source.is_negative()) {
                (false, false) => I::MAX,
                _ => I::MIN,
            };
            raised |= Exceptions::INEXACT;
            prop_assert_eq!(value.condition, 3);
        } else {
            prop_assert_eq!(value.condition, lowcore_float::condition(source));
        }
        prop_assert_eq!(value.value, expected);
        prop_assert_eq!(flags, controls.flags | raised);
        Ok(())
    });
}
formats!(integer: signed_32_of_short<u32, i32>, signed_64_of_short<u32, i64>,
    unsigned_32_of_short<u32, u32>, unsigned_64_of_short<u32, u64>,
    signed_32_of_long<u64, i32>, signed_64_of_long<u64, i64>,
    unsigned_32_of_long<u64, u32>, unsigned_64_of_long<u64, u64>,
    signed_32_of_extended<u128, i32>, signed_64_of_extended<u128, i64>,
    unsigned_32_of_extended<u128, u32>, unsigned_64_of_extended<u128, u64>);
