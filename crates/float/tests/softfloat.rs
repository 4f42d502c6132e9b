//! Results and flags of operations that do not trap equal those of Berkeley
//! SoftFloat, which detects tininess before rounding here.
//!
//! `PROPTEST_CASES` says how many operands each test tries.

mod common;

use common::{Soft, datum, is, pair, rounding, softly, triple, untrapped};
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

fn check<S: Strategy>(operands: S, test: impl Fn(S::Value, Rounding) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome =
        runner.run(&(operands, rounding()), |(operands, rounding)| test(operands, rounding));
    if let Err(error) = outcome {
        panic!("{error:?}");
    }
}

fn arithmetic<F: Soft>() {
    check(pair::<F>(), |(a, b), rounding| {
        let controls = untrapped(rounding);
        is(add(a, b, controls), F::softly(rounding, |mode| a.soft().add(b.soft(), mode)))?;
        is(subtract(a, b, controls), F::softly(rounding, |mode| a.soft().sub(b.soft(), mode)))?;
        is(multiply(a, b, controls), F::softly(rounding, |mode| a.soft().mul(b.soft(), mode)))?;
        is(divide(a, b, controls), F::softly(rounding, |mode| a.soft().div(b.soft(), mode)))?;
        is(square_root(a, controls), F::softly(rounding, |mode| a.soft().sqrt(mode)))
    });
}
formats!(arithmetic: short<u32>, long<u64>, extended<u128>);

fn fused<F: Soft + ShortOrLong>() {
    check(triple::<F>(), |(a, b, c), rounding| {
        let controls = untrapped(rounding);
        is(
            multiply_and_add(c, b, a, controls),
            F::softly(rounding, |mode| a.soft().fused_mul_add(b.soft(), c.soft(), mode)),
        )?;
        let negated = c.with_sign(!c.is_negative());
        is(
            multiply_and_subtract(c, b, a, controls),
            F::softly(rounding, |mode| a.soft().fused_mul_add(b.soft(), negated.soft(), mode)),
        )
    });
}
formats!(fused: short<u32>, long<u64>);

fn comparison<F: Soft>() {
    check(pair::<F>(), |(a, b), _| {
        let order = |a: F::Float, b: F::Float, signal: bool| {
            softly(
                Rounding::NearestEven,
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
        let (value, flags) = order(a.soft(), b.soft(), false);
        prop_assert_eq!(compare(a, b, Controls::default()), Outcome::Completed { value, flags });
        let (value, flags) = order(a.soft(), b.soft(), true);
        prop_assert_eq!(
            compare_and_signal(a, b, Controls::default()),
            Outcome::Completed { value, flags }
        );
        Ok(())
    });
}
formats!(comparison: short<u32>, long<u64>, extended<u128>);

/// Between formats, where SoftFloat's conversion to the format `T` is `into`.
fn rounded<S: Soft + LongerThan<T>, T: Soft>(into: fn(&S::Float, RoundingMode) -> T::Float) {
    check(datum::<S>(), |source, rounding| {
        let outcome = load_rounded::<S, T>(source, untrapped(rounding)).map(|value| match value {
            Rounded::Result(value) => value,
            Rounded::Scaled(_) => unreachable!("nothing traps"),
        });
        is(outcome, T::softly(rounding, |mode| into(&source.soft(), mode)))
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
    check(pair::<S>(), |(a, b), rounding| {
        let controls = untrapped(rounding);
        is(
            load_lengthened::<S, T>(a, controls),
            T::softly(rounding, |mode| into(&a.soft(), mode)),
        )?;
        is(
            multiply_longer::<S, T>(a, b, controls),
            T::softly(rounding, |mode| into(&a.soft(), mode).mul(into(&b.soft(), mode), mode)),
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
    check(datum::<F>(), |source, rounding| {
        let (toward_zero, invalid) =
            F::softly(Rounding::TowardZero, |mode| source.soft().round_to_integral(mode));
        let inexact = !source.is_nan() && toward_zero != source;
        let expected = if rounding == Rounding::PrepareShorter {
            // The odd integer of the two around the source.
            let one = F::hard(F::Float::from_u8(1, RoundingMode::TowardZero))
                .with_sign(source.is_negative());
            let next = F::hard(toward_zero.soft().add(one.soft(), RoundingMode::TowardZero));
            let half = F::hard(F::Float::from_u8(2, RoundingMode::TowardZero));
            let halved = F::hard(toward_zero.soft().div(half.soft(), RoundingMode::TowardZero));
            let even = F::hard(halved.soft().round_to_integral(RoundingMode::TowardZero)) == halved;
            if inexact && even { next } else { toward_zero }
        } else {
            F::softly(rounding, |mode| source.soft().round_to_integral(mode)).0
        };
        let flags = if inexact { invalid | Exceptions::INEXACT } else { invalid };
        is(load_fp_integer(source, untrapped(rounding)), (expected, flags))?;
        let silent = Controls { suppress_inexact: true, ..untrapped(rounding) };
        is(load_fp_integer(source, silent), (expected, invalid))
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
    check((any::<I>(), 0..128u32), |(source, shift), rounding| {
        // As many short integers as long ones.
        let (negative, magnitude) = source.parts();
        let source = I::from_parts(negative, magnitude >> (shift / 2)).expect("it is smaller");
        is(
            from_integer::<I, F>(source, untrapped(rounding)),
            F::softly(rounding, |mode| source.into_soft(mode)),
        )
    });
    check(datum::<F>(), |source, rounding| {
        let Outcome::Completed { value, flags } = to_integer::<F, I>(source, untrapped(rounding))
        else {
            panic!("a trap without a mask");
        };
        let (mut expected, mut raised) =
            softly(rounding, |value| value, |mode| I::from_soft(&source.soft(), mode));
        if rounding == Rounding::PrepareShorter && raised == Exceptions::INEXACT {
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
        prop_assert_eq!(flags, raised);
        Ok(())
    });
}
formats!(integer: signed_32_of_short<u32, i32>, signed_64_of_short<u32, i64>,
    unsigned_32_of_short<u32, u32>, unsigned_64_of_short<u32, u64>,
    signed_32_of_long<u64, i32>, signed_64_of_long<u64, i64>,
    unsigned_32_of_long<u64, u32>, unsigned_64_of_long<u64, u64>,
    signed_32_of_extended<u128, i32>, signed_64_of_extended<u128, i64>,
    unsigned_32_of_extended<u128, u32>, unsigned_64_of_extended<u128, u64>);
