//! The programs of `tests/benchmarks`, for the host and for s390x.

use crate::cargo::{run, target, workspace};
use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Without what compilers do for one machine only: vectors, which guests do
/// not have, and fused operations, which change results.
const OPTIONS: [&str; 5] =
    ["-std=gnu11", "-O2", "-fno-tree-vectorize", "-ffp-contract=off", "-static"];

/// The compiled programs.
pub(super) struct Programs {
    /// The host's.
    pub(super) host: PathBuf,
    /// A guest's.
    pub(super) guests: Vec<u8>,
}

impl Programs {
    /// Compiles them.
    pub(super) fn build() -> Result<Self, Error> {
        let error = |path: &Path, action| {
            let path = path.to_owned();
            move |source| Error::File { path, action, source }
        };
        let folder = workspace().join("tests/benchmarks");
        let mut sources = Vec::new();
        for entry in fs::read_dir(&folder).map_err(error(&folder, "read"))? {
            let path = entry.map_err(error(&folder, "read"))?.path();
            if path.extension().is_some_and(|extension| extension == "c") {
                sources.push(path);
            }
        }
        sources.sort();
        let to = target()?.join("guest");
        let [host, guests] = ["host", "s390x"].map(|name| to.join(format!("programs-{name}")));
        for (compiler, program) in [("gcc", &host), ("s390x-linux-gnu-gcc", &guests)] {
            run(Command::new(compiler).args(OPTIONS).arg("-o").arg(program).args(&sources))?;
        }
        Ok(Self { host, guests: fs::read(&guests).map_err(error(&guests, "read"))? })
    }
}
