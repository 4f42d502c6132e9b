//! `cargo xtask fuzz`: random input for a bounded time.
//!
//! The logic of a fuzz target is in a library and a test replays it: a file
//! `tests/fuzz*.rs` of a crate, which by itself runs for about a second and
//! goes on for `LOWCORE_FUZZ_SECONDS` if that is set.

use std::fs;

use clap::Args;

use crate::cargo::{cargo, packages, run as run_command, workspace};
use crate::error::Error;

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub struct Arguments {
    /// How long to go on with each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only targets whose name contains this.
    target: Option<String>,
}

/// Runs every target, and fails if there is none.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let wanted = arguments.target.as_deref().unwrap_or_default();
    let mut targets = targets()?;
    targets.retain(|(package, test)| format!("{package}/{test}").contains(wanted));
    if targets.is_empty() {
        return Err(Error::NoFuzzTarget(wanted.to_owned()));
    }
    for (package, test) in targets {
        run_command(
            cargo()
                .env("LOWCORE_FUZZ_SECONDS", arguments.seconds.to_string())
                .args(["test", "--package", &package, "--test", &test])
                .args(["--", "--nocapture"]),
        )?;
    }
    Ok(())
}

/// Package and name of every fuzz target.
fn targets() -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    for (package, folder) in packages()? {
        let tests = workspace().join("crates").join(folder).join("tests");
        let Ok(files) = fs::read_dir(&tests) else { continue };
        for file in files.flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if let Some(test) = name.strip_suffix(".rs").filter(|name| name.starts_with("fuzz")) {
                found.push((package.clone(), test.to_owned()));
            }
        }
    }
    found.sort();
    Ok(found)
}
