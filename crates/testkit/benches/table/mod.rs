//! A table of what a bare-metal program measures of itself: nanoseconds each on
//! Lowcore's engines, as multiples of QEMU's, and on QEMU.

use lowcore_jit::CHOICES;
use lowcore_testkit::bare::{Error, Program, Report};
use std::collections::BTreeMap;

/// Runs of each, in turns; the median counts.
const RUNS: usize = 5;

/// Runs a program everywhere and prints its figures.
///
/// # Errors
/// It does not end.
pub fn print(program: &Program) -> Result<(), Error> {
    let mut ours = CHOICES.map(|_| Figures::default());
    let mut qemu = Figures::default();
    for _ in 0..RUNS {
        for (figures, choice) in ours.iter_mut().zip(CHOICES) {
            figures.add(&program.on_lowcore(choice.engines())?);
        }
        qemu.add(&on_qemu(program)?);
    }
    print!("{:34}", "ns each, medians of 5; of QEMU's");
    for choice in CHOICES {
        print!(" {:>17}", choice.to_string());
    }
    println!(" {:>10}", "QEMU");
    for (order, ns) in &qemu.0 {
        let ours = ours.each_ref().map(|of| of.0.get(order).map_or(f64::NAN, |ns| median(ns)));
        line(&program.text(*order), &ours, median(ns));
    }
    Ok(())
}

/// A run under QEMU, which now and then loses an interrupt between its CPUs and
/// then waits for ever.
fn on_qemu(program: &Program) -> Result<Report, Error> {
    const ATTEMPTS: u32 = 3;
    for _ in 1..ATTEMPTS {
        match program.on_qemu() {
            Err(Error::Hangs { .. }) => {}
            report => return report,
        }
    }
    program.on_qemu()
}

/// Prints a line.
pub fn line(name: &str, ours: &[f64], theirs: f64) {
    print!("{name:34}");
    for ours in ours {
        print!(" {ours:10.2} {:6.2}", ours / theirs);
    }
    println!(" {theirs:10.2}");
}

/// Nanoseconds by the address of the name, which is in the program's order.
#[derive(Default)]
struct Figures(BTreeMap<u64, Vec<f64>>);

impl Figures {
    fn add(&mut self, report: &Report) {
        for figure in &report.figures {
            #[expect(clippy::cast_precision_loss, reason = "a figure has three digits")]
            let (units, times) = (figure.units as f64, figure.times as f64);
            self.0.entry(figure.name).or_default().push(units / 4.096 / times);
        }
    }
}

fn median(ns: &[f64]) -> f64 {
    let mut sorted = ns.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
