//! What instructions cost a guest, on Lowcore and under QEMU's full machine in
//! one run: the same bare-metal program times itself on both.

use lowcore_testkit::bare::{Error, Program, Report};
use std::collections::BTreeMap;
use std::path::Path;

/// Runs of each, in turns; the median counts.
const RUNS: usize = 5;

fn main() -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Program::build_with(&root.join("benches/guest/costs.S"), &root.join("bare"))?;
    let mut lowcore = Figures::default();
    let mut qemu = Figures::default();
    for _ in 0..RUNS {
        lowcore.add(&program.on_lowcore()?);
        qemu.add(&program.on_qemu()?);
    }
    println!("{:34} {:>10} {:>10} {:>8}", "ns each, medians of 5", "Lowcore", "QEMU", "ratio");
    for (order, ns) in &lowcore.0 {
        let name = program.text(*order);
        let (ours, theirs) = (median(ns), qemu.0.get(order).map_or(f64::NAN, |ns| median(ns)));
        println!("{name:34} {ours:10.2} {theirs:10.2} {:8.2}", ours / theirs);
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
