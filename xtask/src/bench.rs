//! `cargo xtask bench`: figures of one run, and the ratios between them.
//!
//! A figure alone says much about the computer and little about Lowcore, so
//! each is also given as a multiple of an empty system call measured in the
//! same run.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::cargo::{cargo, packages, run as run_command, target, workspace};
use crate::error::Error;
use crate::guest::figures;

/// How the name of the benchmark ends that the others are compared with.
const REFERENCE: &str = "empty_system_call";

/// Options of `cargo xtask bench`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// Only print the figures of the last run.
    #[arg(long)]
    report_only: bool,
    /// Run only benchmarks whose name contains this.
    filter: Option<String>,
}

/// What is measured in place of the benchmarks.
#[derive(Subcommand)]
enum What {
    /// Programs in Debian's kernel, on Lowcore, under QEMU and natively.
    Guest(figures::Arguments),
}

/// Runs the benchmarks of every package that has some, then prints a table.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    if let Some(What::Guest(arguments)) = &arguments.what {
        return figures::run(arguments);
    }
    let results = target()?.join("criterion");
    if !arguments.report_only {
        if results.exists() {
            fs::remove_dir_all(&results).map_err(|source| Error::File {
                path: results.clone(),
                action: "removed",
                source,
            })?;
        }
        for (package, bench) in benches()? {
            let mut command = cargo();
            command.args(["bench", "--package", &package, "--bench", &bench]);
            if let Some(filter) = &arguments.filter {
                command.arg("--").arg(filter);
            }
            run_command(&mut command)?;
        }
    }
    let mut figures = Vec::new();
    collect(&results, &mut figures)?;
    figures.sort_by(|a, b| a.name.cmp(&b.name));
    report(&figures)
}

/// Package and name of every benchmark file.
fn benches() -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    for (package, folder) in packages()? {
        let benches = workspace().join("crates").join(folder).join("benches");
        if !benches.is_dir() {
            continue;
        }
        for file in entries(&benches)? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let bench = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                found.push((package.clone(), bench));
            }
        }
    }
    Ok(found)
}

/// The median time of one benchmark.
struct Figure {
    name: String,
    nanoseconds: f64,
}

/// Finds what criterion has left: beside each `estimates.json` is a
/// `benchmark.json` with the name.
fn collect(folder: &Path, figures: &mut Vec<Figure>) -> Result<(), Error> {
    if !folder.is_dir() {
        return Ok(());
    }
    if name(folder) == "new" {
        let estimates = read_json(&folder.join("estimates.json"))?;
        let benchmark = read_json(&folder.join("benchmark.json"))?;
        if let (Some(nanoseconds), Some(name)) =
            (estimates["median"]["point_estimate"].as_f64(), benchmark["full_id"].as_str())
        {
            figures.push(Figure { name: name.to_owned(), nanoseconds });
        }
        return Ok(());
    }
    for entry in entries(folder)? {
        collect(&entry, figures)?;
    }
    Ok(())
}

fn report(figures: &[Figure]) -> Result<(), Error> {
    if figures.is_empty() {
        return Err(Error::NoFigures);
    }
    let reference = figures.iter().find(|figure| figure.name.ends_with(REFERENCE));
    println!();
    println!("{:<52} {:>14} {:>12}", "median of", "nanoseconds", "system calls");
    for figure in figures {
        let ratio = reference.map_or_else(
            || "-".to_owned(),
            |reference| format!("{:.2}", figure.nanoseconds / reference.nanoseconds),
        );
        println!("{:<52} {:>14.1} {ratio:>12}", figure.name, figure.nanoseconds);
    }
    if reference.is_none() {
        println!("Without the benchmark {REFERENCE} there is nothing to compare with.");
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What is in a folder, in order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let error = |source| Error::File { path: folder.to_owned(), action: "read", source };
    let mut paths = fs::read_dir(folder)
        .map_err(error)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(error)?;
    paths.sort();
    Ok(paths)
}

fn read_json(path: &Path) -> Result<Value, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::File {
        path: path.to_owned(),
        action: "read",
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| Error::Output {
        command: path.display().to_string(),
        reason: error.to_string(),
    })
}
