//! What an operation costs, beside the host's own: over a thousand operands,
//! each result an operand of the next operation. `known` is with the inexact
//! flag already one, `unknown` with the flag zero before each operation,
//! `general` with rounding toward zero, which is never the host's.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lowcore_float::{
    Controls, Exceptions, Format, Outcome, Rounding, add, divide, load_lengthened, multiply,
    multiply_and_add, square_root,
};

const COUNT: u32 = 1000;

fn operands() -> Vec<u64> {
    (0..COUNT).map(|index| (0.75 + f64::from(index) / 2000.0).to_bits()).collect()
}

fn value<F: Format>(outcome: Outcome<F>) -> F {
    match outcome {
        Outcome::Completed { value, .. } | Outcome::Trapped { value, .. } => value,
        Outcome::Suppressed { .. } => F::default_nan(),
    }
}

fn chain<F: Format>(operands: &[F], mut operation: impl FnMut(F, F) -> F) -> F {
    operands.iter().fold(operands[0], |accumulated, &operand| operation(accumulated, operand))
}

/// One operation in all ways, `host` being the host's own.
fn measure<F: Format>(
    criterion: &mut Criterion,
    name: &str,
    operands: &[F],
    host: Option<fn(F, F) -> F>,
    operation: fn(F, F, Controls) -> Outcome<F>,
) {
    let mut group = criterion.benchmark_group(format!("float/{name}"));
    group.throughput(Throughput::Elements(COUNT.into()));
    if let Some(host) = host {
        group.bench_function("host", |bencher| {
            bencher.iter(|| chain(black_box(operands), host));
        });
    }
    let unknown = Controls::default();
    let known = Controls { flags: Exceptions::INEXACT, ..unknown };
    let general = Controls { rounding: Rounding::TowardZero, ..unknown };
    for (name, controls) in [("known", known), ("unknown", unknown), ("general", general)] {
        let controls = black_box(controls);
        group.bench_function(name, |bencher| {
            bencher.iter(|| chain(black_box(operands), |a, b| value(operation(a, b, controls))));
        });
    }
    group.finish();
}

fn arithmetic(criterion: &mut Criterion) {
    let long = operands();
    fn float(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    fn host(operation: fn(u64, u64) -> u64) -> Option<fn(u64, u64) -> u64> {
        Some(operation)
    }
    measure(criterion, "long_add", &long, host(|a, b| (float(a) + float(b)).to_bits()), add);
    measure(
        criterion,
        "long_multiply",
        &long,
        host(|a, b| (float(a) * float(b)).to_bits()),
        multiply,
    );
    measure(criterion, "long_divide", &long, host(|a, b| (float(a) / float(b)).to_bits()), divide);
    measure(
        criterion,
        "long_multiply_and_add",
        &long,
        host(|a, b| float(a).mul_add(0.5, float(b)).to_bits()),
        |a, b, controls| multiply_and_add(b, 0.5f64.to_bits(), a, controls),
    );
    measure(
        criterion,
        "long_square_root",
        &long,
        host(|a, _| float(a).sqrt().to_bits()),
        |a, _, controls| square_root(a, controls),
    );
    let extended: Vec<u128> = long
        .iter()
        .map(|&datum| value(load_lengthened::<u64, u128>(datum, Controls::default())))
        .collect();
    measure(criterion, "extended_add", &extended, None, add);
    measure(criterion, "extended_multiply", &extended, None, multiply);
    measure(criterion, "extended_divide", &extended, None, divide);
    measure(criterion, "extended_square_root", &extended, None, |a, _, controls| {
        square_root(a, controls)
    });
}

criterion_group!(benches, arithmetic);
criterion_main!(benches);
