//! Kernels in C, the same source on all, on Lowcore's engines and under QEMU's
//! full machine, beside the host. The last line has geometric means.

use lowcore_jit::CHOICES;
use lowcore_testkit::bare::{Error, Report};
use lowcore_testkit::kernels::Kernels;
use std::path::Path;

/// Runs of each, in turns; the median counts.
const RUNS: usize = 3;

/// Builds the kernels of a name and prints what each takes everywhere.
///
/// # Errors
/// A kernel cannot be built, or does not do what it should.
pub fn run(name: &str) -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let guest = root.join("benches/guest");
    let kernels = Kernels::build(&guest, name, &root.join("bare"), folder, 1)?;
    let program = &kernels.program;

    let mut ours = CHOICES.map(|_| Vec::new());
    let mut qemu = Vec::new();
    for _ in 0..RUNS {
        for (reports, choice) in ours.iter_mut().zip(CHOICES) {
            reports.push(program.on_lowcore(choice.engines())?);
        }
        qemu.push(program.on_qemu()?);
    }
    print!("{:16} {:>10}", "ns each", "host");
    for choice in CHOICES {
        print!(" {:>21}", choice.to_string());
    }
    println!(" {:>21}", "QEMU");
    let mut products = [1.0; CHOICES.len() + 1];
    for (index, figure) in qemu[0].figures.iter().enumerate() {
        let name = program.text(figure.name);
        let host = median((0..RUNS).map(|_| on_host(&kernels, &name)).collect::<Result<_, _>>()?);
        print!("{name:16} {host:10.0}");
        for (reports, product) in ours.iter().chain([&qemu]).zip(&mut products) {
            let ns = median(reports.iter().map(|report| nanoseconds(report, index)).collect());
            print!(" {ns:12.0} {:8.1}", ns / host);
            *product *= ns / host;
        }
        println!();
    }
    print!("{:27}", "");
    let count = float(qemu[0].figures.len() as u64);
    for product in products {
        print!(" {:>21.2}", product.powf(1.0 / count));
    }
    println!();
    Ok(())
}

/// Nanoseconds of each execution on the host, which executes so often that it
/// takes about as long as a guest does: who else works on the machine then
/// disturbs both alike.
fn on_host(kernels: &Kernels, name: &str) -> Result<f64, Error> {
    const AS_LONG: f64 = 3e8;
    let run = |times| kernels.on_host(name, times).map(|(ns, _)| ns);
    let mut times = 1;
    loop {
        let ns = run(times)?;
        if ns.is_nan() || ns > AS_LONG {
            return Ok(ns / float(times));
        }
        times *= 2;
    }
}

fn nanoseconds(report: &Report, index: usize) -> f64 {
    let figure = report.figures.get(index);
    figure.map_or(f64::NAN, |figure| float(figure.units) / 4.096 / float(figure.times))
}

#[expect(clippy::cast_precision_loss, reason = "figures have three digits")]
fn float(value: u64) -> f64 {
    value as f64
}

fn median(mut ns: Vec<f64>) -> f64 {
    ns.sort_by(f64::total_cmp);
    ns.get(ns.len() / 2).copied().unwrap_or(f64::NAN)
}
