//! The demonstration: a guest of our own takes every local interrupt, in
//! every state that a CPU can be in when it comes, and every refusal that the
//! specification knows is called for.
//!
//! What is shown and judged comes from guest storage or the run page; what it
//! is judged by is written from the specification. Interrupts are injected
//! from the thread that runs [`run`]; each CPU runs in a thread of its own.

mod answer;
mod case;
mod expect;
mod ignored;
pub mod image;
mod ioctls;
mod layout;
mod local;
mod machine;
mod others;
mod record;
mod refused;
pub mod report;
mod save_area;
mod stop;
mod storage;
pub mod table;
mod timers;
mod together;
mod vcpu_thread;

use image::Image;
use machine::{CPUS, Machine, Trouble};
use report::{Head, Observation, Report, Row};
use std::time::Duration;

/// Rows that may end without an answer before the demonstration is broken
/// off: a guest that has gone astray would answer none.
const MAX_UNANSWERED: usize = 3;

/// The demonstration while it runs.
struct Demo {
    image: Image,
    patience: Duration,
    fail_fast: bool,
    machine: Option<Machine>,
    rows: Vec<Row>,
    unanswered: usize,
}

/// Runs the demonstration with a guest image, waiting at most `patience` for
/// any one answer; to the end, or until a row is not as specified.
pub fn run(image: Image, patience: Duration, fail_fast: bool) -> Report {
    let guest_bytes = image.bytes.len();
    let mut demo =
        Demo { image, patience, fail_fast, machine: None, rows: Vec::new(), unanswered: 0 };
    local::run(&mut demo);
    stop::run(&mut demo);
    timers::run(&mut demo);
    together::run(&mut demo);
    others::run(&mut demo);
    ignored::run(&mut demo);
    refused::run(&mut demo);
    let gave_up = demo.gave_up();
    let ok = !gave_up && demo.rows.iter().all(|row| row.ok);
    Report { guest_bytes, cpus: CPUS.len(), rows: demo.rows, gave_up, ok }
}

impl Demo {
    fn gave_up(&self) -> bool {
        self.unanswered >= MAX_UNANSWERED
            || self.fail_fast && self.rows.last().is_some_and(|row| !row.ok)
    }

    /// Runs one row.
    fn row(
        &mut self,
        head: Head,
        body: impl FnOnce(&mut Machine, &Image) -> Result<Observation, Trouble>,
    ) {
        self.rows(vec![head], |machine, image| Ok(vec![body(machine, image)?]));
    }

    /// Runs several rows that are one experiment. A guest that does not
    /// answer is replaced by a new one, so that the next rows are judged by
    /// themselves.
    fn rows(
        &mut self,
        heads: Vec<Head>,
        body: impl FnOnce(&mut Machine, &Image) -> Result<Vec<Observation>, Trouble>,
    ) {
        if self.gave_up() {
            return;
        }
        let cpu = heads.first().map_or(0, |head| head.cpu);
        let result = self.machine().and_then(|(machine, image)| {
            let mut observations = body(machine, image)?;
            if let Some(last) = observations.last_mut() {
                last.problems.extend(machine.leftovers(cpu)?);
            }
            Ok(observations)
        });
        let observations = result.unwrap_or_else(|trouble| {
            self.machine = None;
            self.unanswered += 1;
            let problems = vec![trouble.to_string()];
            vec![Observation { problems, ..Observation::default() }; heads.len()]
        });
        self.rows.extend(heads.into_iter().zip(observations).map(|(h, o)| Row::new(h, o)));
    }

    fn machine(&mut self) -> Result<(&mut Machine, &Image), Trouble> {
        let machine = match self.machine.take() {
            Some(machine) => machine,
            None => Machine::boot(&self.image, self.patience)?,
        };
        Ok((self.machine.insert(machine), &self.image))
    }
}

/// Alternates between the CPUs, so that each takes every kind of interrupt in
/// one state or another.
fn turn(n: usize) -> u16 {
    CPUS[n % CPUS.len()]
}

/// The other CPU.
fn other(cpu: u16) -> u16 {
    CPUS[usize::from(cpu == CPUS[0])]
}
