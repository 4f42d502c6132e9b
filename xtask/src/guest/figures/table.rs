//! Times and their ratios.

use super::output::Measured;
use crate::error::Error;
use std::fmt;

/// What the interpreter alone aims at being no slower in than QEMU.
const AIM: [&str; 5] = ["system-calls", "page-faults", "fork", "pipes", "signals"];

/// Figures of the host, of QEMU and of engines, pair by pair.
pub(super) struct Table {
    engines: Vec<String>,
    rows: Vec<Row>,
}

/// One program.
struct Row {
    group: String,
    name: String,
    /// Seconds, of each pair on each machine: the host, QEMU, the engines.
    pairs: Vec<Vec<f64>>,
}

const HOST: usize = 0;
const QEMU: usize = 1;
/// Where the engines begin.
const ENGINES: usize = 2;

impl Row {
    /// The median of what is computed from each pair.
    fn median(&self, what: impl Fn(&[f64]) -> f64) -> f64 {
        let mut values: Vec<f64> = self.pairs.iter().map(|pair| what(pair)).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The median of the ratios of two machines.
    fn ratio(&self, machine: usize, to: usize) -> f64 {
        self.median(|pair| pair[machine] / pair[to])
    }
}

impl Table {
    pub(super) fn new(engines: &[String]) -> Self {
        Self { engines: engines.to_vec(), rows: Vec::new() }
    }

    /// Adds a pair: what each machine has measured.
    ///
    /// # Errors
    /// If they have not computed the same.
    pub(super) fn add(&mut self, all: &[Measured]) -> Result<(), Error> {
        let Some((host, others)) = all.split_first() else { return Ok(()) };
        let mut wrong = Vec::new();
        for (n, figure) in host.figures.iter().enumerate() {
            let mut pair = vec![figure.time.as_secs_f64()];
            for other in others {
                let same = other.figures.iter().find(|f| {
                    (&f.group, &f.name, &f.sum) == (&figure.group, &figure.name, &figure.sum)
                });
                match same {
                    Some(same) => pair.push(same.time.as_secs_f64()),
                    None => wrong.push(format!(
                        "{} has not the sum {} of {} {}",
                        other.machine, figure.sum, figure.group, figure.name
                    )),
                }
            }
            if self.rows.len() == n {
                let (group, name) = (figure.group.clone(), figure.name.clone());
                self.rows.push(Row { group, name, pairs: Vec::new() });
            }
            self.rows[n].pairs.push(pair);
        }
        if wrong.is_empty() { Ok(()) } else { Err(Error::Guest(wrong.join("; "))) }
    }

    /// The machines, by their numbers: QEMU and then the engines.
    fn machines(&self) -> std::ops::Range<usize> {
        QEMU..ENGINES + self.engines.len()
    }

    /// Geometric means of the ratios of a machine to another.
    fn mean(rows: &[&Row], machine: usize, to: usize) -> f64 {
        let logarithms: Vec<f64> = rows.iter().map(|row| row.ratio(machine, to).ln()).collect();
        let count = u32::try_from(logarithms.len()).map_or(f64::NAN, f64::from);
        (logarithms.iter().sum::<f64>() / count).exp()
    }

    /// A line of ratios, with times before each if there are some.
    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        time: impl Fn(usize) -> String,
        ratio: impl Fn(usize, usize) -> f64,
    ) -> fmt::Result {
        write!(f, "  {name:<22} {:>10}", time(HOST))?;
        for machine in self.machines() {
            write!(f, " | {:>10} {:>8}", time(machine), times(ratio(machine, HOST)))?;
            if machine >= ENGINES {
                write!(f, " {:>8}", times(ratio(machine, QEMU)))?;
            }
        }
        writeln!(f)
    }

    fn line_of_means(&self, f: &mut fmt::Formatter<'_>, name: &str, rows: &[&Row]) -> fmt::Result {
        self.line(f, name, |_| String::new(), |machine, to| Self::mean(rows, machine, to))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Milliseconds, as multiples of the host's time, and of QEMU's:")?;
        write!(f, "  {:<22} {:>10} | {:>10} {:>8}", "", "host", "QEMU", "/ host")?;
        for engine in &self.engines {
            write!(f, " | {engine:>10} {:>8} {:>8}", "/ host", "/ QEMU")?;
        }
        writeln!(f)?;
        let mut group = "";
        for row in &self.rows {
            if row.group != group {
                group = &row.group;
                writeln!(f, "{group}")?;
            }
            let time = |machine: usize| format!("{:.2}", 1e3 * row.median(|pair| pair[machine]));
            self.line(f, &row.name, time, |machine, to| row.ratio(machine, to))?;
            let of_group: Vec<&Row> = self.rows.iter().filter(|row| row.group == group).collect();
            let is_last = of_group.last().is_some_and(|last| last.name == row.name);
            if is_last && of_group.len() > 1 {
                self.line_of_means(f, "geometric mean", &of_group)?;
            }
        }
        let aim: Vec<&Row> =
            self.rows.iter().filter(|row| AIM.contains(&row.group.as_str())).collect();
        if !aim.is_empty() {
            writeln!(f, "{}", AIM.join(", "))?;
            self.line_of_means(f, "geometric mean", &aim)?;
        }
        Ok(())
    }
}

/// A ratio with about three digits.
fn times(ratio: f64) -> String {
    match ratio {
        0.0..10.0 => format!("{ratio:.2}"),
        10.0..100.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::Figure;
    use super::*;
    use std::time::Duration;

    fn measured(machine: &str, sum: &str, times: [u64; 2]) -> Measured {
        let figures = ["a", "b"].into_iter().zip(times).map(|(name, time)| Figure {
            group: "fork".into(),
            name: name.into(),
            sum: sum.into(),
            time: Duration::from_millis(time),
        });
        Measured { machine: machine.into(), figures: figures.collect() }
    }

    #[test]
    fn ratios_are_medians_of_pairs_and_means_are_geometric() {
        let mut table = Table::new(&["auto".into()]);
        for engine in [[8, 20], [4, 20], [400, 20]] {
            let all = [
                measured("host", "1", [1, 10]),
                measured("QEMU", "1", [4, 10]),
                measured("auto", "1", engine),
            ];
            table.add(&all).expect("the same sums");
        }
        let rows: Vec<&Row> = table.rows.iter().collect();
        assert!((rows[0].ratio(ENGINES, QEMU) - 2.0).abs() < 1e-9);
        assert!((Table::mean(&rows, ENGINES, HOST) - 4.0).abs() < 1e-9);
        assert_eq!(table.to_string().lines().count(), 8);
    }

    #[test]
    fn another_sum_is_an_error() {
        let mut table = Table::new(&[]);
        let all = [measured("host", "1", [1, 1]), measured("QEMU", "2", [1, 1])];
        let error = table.add(&all).expect_err("another sum").to_string();
        assert!(error.contains("QEMU has not the sum 1 of fork a"), "{error}");
    }
}
