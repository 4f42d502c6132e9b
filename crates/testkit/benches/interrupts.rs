//! What interruptions cost a guest, on Lowcore's engines and under QEMU's full
//! machine in one run: among its own CPUs, by its timers, and from the host.

mod table;

use lowcore_jit::CHOICES;
use lowcore_testkit::bare::{Error, Program};
use std::path::Path;
use std::time::Duration;

/// Restarts that the host asks for, in each run.
const RESTARTS: usize = 300;

fn main() -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let build = |name: &str| {
        let source = root.join("benches/guest").join(name);
        Program::build_with(&source, &root.join("bare"))
    };
    table::print(&build("interrupts.S")?.with_cpus(2))?;
    for (name, source) in [
        ("the host's restart, the CPU spins", "restart.S"),
        ("the host's restart, the CPU waits", "restart_waiting.S"),
    ] {
        let program = build(source)?;
        let theirs = median(program.restarts_on_qemu(RESTARTS)?);
        let mut ours = [0.0; CHOICES.len()];
        for (ours, choice) in ours.iter_mut().zip(CHOICES) {
            *ours = median(program.restarts_on_lowcore(choice.engines(), RESTARTS)?);
        }
        table::line(name, &ours, theirs);
    }
    Ok(())
}

/// In nanoseconds.
fn median(mut latencies: Vec<Duration>) -> f64 {
    latencies.sort();
    latencies.get(latencies.len() / 2).map_or(f64::NAN, |median| median.as_secs_f64() * 1e9)
}
