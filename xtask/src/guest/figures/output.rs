//! What the programs print (`tests/benchmarks/main.c`).

use super::Ended;
use std::time::Duration;

/// One program on one machine.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) group: String,
    pub(super) name: String,
    /// What it has computed.
    pub(super) sum: String,
    /// The shortest of its times: what disturbs a machine only adds to them.
    pub(super) time: Duration,
}

/// All programs on one machine.
pub(super) struct Measured {
    pub(super) machine: String,
    pub(super) figures: Vec<Figure>,
}

const BEGINS: &str = "bench-begins ";
const ENDS: &str = "bench-ends ";
/// A line reaches us that much later than it was printed, at most.
const DELAY: Duration = Duration::from_secs(1);

impl Measured {
    /// Reads what a machine has said, and compares its clock with the host's.
    pub(super) fn of(machine: &str, ended: &Ended) -> Result<Self, String> {
        let text = ended.output.replace('\r', "");
        let said = || format!("it said:\n{text}");
        if ended.code != Some(0) {
            return Err(format!("it did not end as it should; {}", said()));
        }
        let at = |mark: &str| {
            let (_, rest) = text.split_once(mark)?;
            let time = rest.lines().next()?.trim().parse().ok()?;
            Some((Duration::from_nanos(time), ended.said(mark)?))
        };
        let (begin, end) =
            at(BEGINS).zip(at(ENDS)).ok_or_else(|| format!("it did not finish; {}", said()))?;
        let (inside, outside) = (end.0.saturating_sub(begin.0), end.1.saturating_sub(begin.1));
        if inside.abs_diff(outside) > outside / 20 + DELAY {
            return Err(format!("its clock went {inside:.2?} in {outside:.2?} of the host's"));
        }
        let lines = text.lines().filter_map(|line| line.strip_prefix("bench "));
        let figures = lines.map(figure).collect::<Option<Vec<_>>>();
        let figures =
            figures.ok_or_else(|| format!("one of its lines is no figure; {}", said()))?;
        Ok(Self { machine: machine.to_owned(), figures })
    }
}

/// A line of group, name, sum and times.
fn figure(line: &str) -> Option<Figure> {
    let mut words = line.split(' ').map(str::to_owned);
    let (group, name, sum) = (words.next()?, words.next()?, words.next()?);
    let times = words.map(|word| word.parse().ok().map(Duration::from_nanos));
    let time = times.collect::<Option<Vec<_>>>()?.into_iter().min()?;
    Some(Figure { group, name, sum, time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_time_counts_and_another_sum_is_no_figure() {
        let read = figure("integer sort 00ff 30 20 25").expect("a figure");
        assert_eq!((read.group.as_str(), read.name.as_str()), ("integer", "sort"));
        assert_eq!((read.sum.as_str(), read.time), ("00ff", Duration::from_nanos(20)));
        for line in ["integer sort 00ff", "integer sort 00ff 30 then-00fe 20", "integer"] {
            assert_eq!(figure(line), None, "{line}");
        }
    }
}
