//! Why a task failed.

use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a task failed, as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program could not be started.
    #[error("`{command}` could not be started: {source}.")]
    Start {
        /// The command line.
        command: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A program ended with a failure, which it has explained itself.
    #[error("`{command}` failed with {status}.")]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file could not be read or written.
    #[error("{} could not be {action}: {source}.", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// "read", "written" or "removed".
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Debian packages are missing and cannot be installed.
    #[error(
        "the tests need Debian packages that are not installed; run this once as root:\n    \
         apt-get update && apt-get install -y --no-install-recommends {}", .0.join(" ")
    )]
    Packages(Vec<&'static str>),
    /// A program printed something that cannot be understood.
    #[error("`{command}` printed something that cannot be understood: {reason}.")]
    Output {
        /// The command line.
        command: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A guest could not be made.
    #[error("{0}.")]
    Guest(String),
    /// No benchmark has left a result.
    #[error("no benchmark has left a result; was any run?")]
    NoFigures,
    /// There is nothing to fuzz under this name.
    #[error("there is no fuzz target whose name contains \"{0}\".")]
    NoFuzzTarget(String),
}
