//! Waiting for a handler's record, and judging it.

use super::expect::Expectation;
use super::image::Image;
use super::layout::CLASS_MACHINE;
use super::machine::{Machine, Trouble};
use super::record::Record;
use super::report::{Observation, Seen};
use super::save_area;
use std::time::Instant;

/// How often a CPU is tried to be caught in its wait: between its last
/// instruction and the wait there is a moment in which it still runs.
pub const TRIES: usize = 50;

/// Waits for the next record of the expected CPU. The time counts from
/// `begin`.
pub fn judge(
    machine: &mut Machine,
    image: &Image,
    expectation: &Expectation,
    begin: Instant,
) -> Result<(Observation, Record), Trouble> {
    let record = machine.record(expectation.cpu)?;
    let time = begin.elapsed();
    let mut problems = expectation.problems(&record, image);
    if expectation.class == CLASS_MACHINE {
        problems.extend(save_area::after_machine_check(machine, expectation.cpu, &record)?);
    }
    let seen = Some(Seen::recorded(&record, &expectation.fields));
    Ok((Observation { seen, time: Some(time), errno: None, problems }, record))
}
