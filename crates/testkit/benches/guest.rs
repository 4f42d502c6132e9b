//! What instructions cost a guest, on Lowcore's engines and under QEMU's full
//! machine in one run: the same bare-metal program times itself on all.

use lowcore_jit::CHOICES;
use lowcore_testkit::bare::{Error, Program, Report};
use std::collections::BTreeMap;
use std::path::Path;

/// Runs of each, in turns; the median counts.
const RUNS: usize = 5;

fn main() -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Program::build_with(&root.join("benches/guest/costs.S"), &root.join("bare"))?;
    let mut ours = CHOICES.map(|_| Figures::default());
    let mut qemu = Figures::default();
    for _ in 0..RUNS {
        for (figures, choice) in ours.iter_mut().zip(CHOICES) {
            figures.add(&program.on_lowcore(choice.engines())?);
        }
        qemu.add(&program.on_qemu()?);
    }
    print!("{:34}", "ns each, medians of 5; of QEMU's");
    for choice in CHOICES {
        print!(" {:>17}", choice.to_string());
    }
    println!(" {:>10}", "QEMU");
    for (order, ns) in &qemu.0 {
        print!("{:34}", program.text(*order));
        let theirs = median(ns);
        for figures in &ours {
            let ours = figures.0.get(order).map_or(f64::NAN, |ns| median(ns));
            print!(" {ours:10.2} {:6.2}", ours / theirs);
        }
        println!(" {theirs:10.2}");
    }
    Ok(())
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
