//! What a long run has done so far, in a file that it goes on from.

use crate::error::Error;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Things that went well, in order, with the time that each took.
pub(super) struct Progress {
    path: PathBuf,
    file: File,
    done: Vec<(String, Duration)>,
}

impl Progress {
    /// Begins, or goes on with what the file has.
    pub(super) fn open(path: &Path, resume: bool) -> Result<Self, Error> {
        let error = |action| {
            let path = path.to_owned();
            move |source| Error::File { path, action, source }
        };
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        let file = options.open(path).map_err(error("written"))?;
        let mut done = Vec::new();
        if resume {
            let text = std::fs::read_to_string(path).map_err(error("read"))?;
            // A line that was cut off counts as not done.
            done.extend(text.lines().filter_map(entry));
        } else {
            file.set_len(0).map_err(error("written"))?;
        }
        Ok(Self { path: path.to_owned(), file, done })
    }

    /// Notes that something has gone well.
    pub(super) fn add(&mut self, what: &str, time: Duration) -> Result<(), Error> {
        let line = format!("{}\t{what}\n", time.as_millis());
        self.file.write_all(line.as_bytes()).map_err(|source| Error::File {
            path: self.path.clone(),
            action: "written",
            source,
        })?;
        self.done.push((what.to_owned(), time));
        Ok(())
    }

    /// How long it took, each time that it has gone well.
    pub(super) fn times(&self, what: &str) -> Vec<Duration> {
        self.done.iter().filter(|(done, _)| done == what).map(|(_, time)| *time).collect()
    }
}

fn entry(line: &str) -> Option<(String, Duration)> {
    let (time, what) = line.split_once('\t')?;
    Some((what.to_owned(), Duration::from_millis(time.parse().ok()?)))
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told: Vec<&str> = Vec::new();
        for (what, _) in &self.done {
            if told.contains(&what.as_str()) {
                continue;
            }
            told.push(what);
            let mut times = self.times(what);
            times.sort();
            let seconds = |n: usize| times.get(n).map_or(0.0, Duration::as_secs_f64);
            writeln!(
                f,
                "{:>4} times {what}: {:.1} to {:.1} s, median {:.1} s",
                times.len(),
                seconds(0),
                seconds(times.len().saturating_sub(1)),
                seconds(times.len() / 2)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_where_it_was() {
        let path = std::env::temp_dir().join(format!("lowcore-progress-{}", std::process::id()));
        let mut first = Progress::open(&path, false).expect("a file");
        first.add("boot", Duration::from_secs(3)).expect("a line");
        first.add("boot", Duration::from_secs(1)).expect("a line");
        first.add("stress", Duration::from_secs(9)).expect("a line");
        let text = first.to_string();
        assert!(text.starts_with("   2 times boot: 1.0 to 3.0 s"), "{text}");
        let mut again = Progress::open(&path, true).expect("the file");
        assert_eq!(again.to_string(), text);
        again.add("boot", Duration::from_secs(2)).expect("a line");
        assert_eq!(again.times("boot").len(), 3);
        let anew = Progress::open(&path, false).expect("the file");
        assert!(anew.times("boot").is_empty());
        std::fs::remove_file(&path).expect("it is there");
    }
}
