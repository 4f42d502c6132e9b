//! Names for regions in profiles of `perf`: a line for each in the file that
//! it looks at, `/tmp/perf-PID.map`.

use std::fs::{File, OpenOptions};
use std::io::Write;

/// The file.
#[derive(Debug)]
pub struct PerfMap(File);

impl PerfMap {
    /// The file of this process; `None` if it cannot be written.
    pub fn open() -> Option<Self> {
        let path = std::env::temp_dir().join(format!("perf-{}.map", std::process::id()));
        OpenOptions::new().create(true).append(true).open(path).ok().map(Self)
    }

    /// Names code by the absolute address of its first instruction.
    pub fn add(&mut self, code: u64, bytes: usize, guest: u64) {
        // A profile can do without.
        let _ = writeln!(self.0, "{code:x} {bytes:x} guest_{guest:x}");
    }
}
