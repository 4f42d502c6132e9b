//! `lowcore demo`.

use crate::demo::image::Image;
use crate::demo::table::{self, Colour};
use crate::engine::{self, EngineArgs};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Inject every local interrupt into a running guest and show what it sees
#[derive(Args, Debug)]
pub struct DemoArgs {
    #[command(flatten)]
    engine: EngineArgs,

    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,

    /// Run another guest image
    #[arg(long, value_name = "FILE", hide = true)]
    guest: Option<PathBuf>,

    /// Stop at the first row that is not as specified
    #[arg(long)]
    fail_fast: bool,

    /// How long to wait for any answer of the guest, in milliseconds
    #[arg(long, value_name = "MS", hide = true)]
    patience: Option<u64>,
}

/// Exit status 0 if everything was as specified, 1 otherwise.
pub fn run(args: &DemoArgs) -> ExitCode {
    if let Err(error) = engine::choose(args.engine) {
        eprintln!("lowcore: {error}");
        return ExitCode::FAILURE;
    }
    let image = match &args.guest {
        Some(path) => Image::from_file(path),
        None => Image::embedded(),
    };
    let image = match image {
        Ok(image) => image,
        Err(error) => {
            eprintln!("lowcore: {error}");
            return ExitCode::FAILURE;
        }
    };
    let patience = Duration::from_millis(args.patience.unwrap_or(2000));
    let report = crate::demo::run(image, patience, args.fail_fast);
    if args.json {
        match serde_json::to_string_pretty(&report) {
            Ok(json) => print(&(json + "\n")),
            Err(error) => eprintln!("lowcore: the report could not be written: {error}"),
        }
    } else {
        print(&table::render(&report, Colour::for_stdout()));
    }
    engine::tell();
    if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints; a reader that has gone away does not change the result.
fn print(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
