//! `lowcore kvm`: runs a program with `/dev/kvm` served by Lowcore.
//!
//! The command becomes the program, with the shared object of
//! `crates/preload` named in `LD_PRELOAD`. It looks first whether that can
//! work, since a program that ignores the object would reach the `/dev/kvm` of
//! the host, or none, without a word.

mod target;

use crate::engine::EngineArgs;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// File name of the shared object.
const OBJECT: &str = "liblowcore_preload.so";

/// Run a program with /dev/kvm served by Lowcore
#[derive(clap::Args)]
pub struct KvmArgs {
    #[command(flatten)]
    engine: EngineArgs,
    /// Write every ioctl to this file, as Chrome trace JSON, or as text if the
    /// name ends in .txt
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Why the program was not started.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Target(#[from] target::Error),
    #[error(
        "The shared object {OBJECT} is neither beside this command, nor in deps/ beside it, \
         nor in ../lib/lowcore/ of it; `cargo build` puts it beside the command."
    )]
    NoObject,
    #[error("This command does not find its own file: {0}.")]
    NoSelf(io::Error),
    #[error(
        "The folder of the shared object, {}, has a space or a colon in its name, at which \
         the dynamic loader would cut it.",
        .0.display()
    )]
    ObjectName(PathBuf),
    #[error("The trace file {} cannot be written: {source}.", path.display())]
    Trace { path: PathBuf, source: io::Error },
    #[error("{} cannot be executed: {source}.", path.display())]
    Execute { path: PathBuf, source: io::Error },
}

impl Error {
    /// As shells have it: 127 for a program that is not there, 126 for one
    /// that cannot be executed, 2 for what this command refuses.
    fn status(&self) -> u8 {
        match self {
            Self::Target(target::Error::NotFound { .. }) => 127,
            Self::Target(target::Error::NotExecutable { .. }) | Self::Execute { .. } => 126,
            _ => 2,
        }
    }
}

/// Becomes the program. Returns only if that is not possible.
pub fn run(arguments: &KvmArgs) -> ExitCode {
    let error = match become_program(arguments) {
        Ok(never) => match never {},
        Err(error) => error,
    };
    eprintln!("lowcore: {error}");
    ExitCode::from(error.status())
}

fn become_program(arguments: &KvmArgs) -> Result<std::convert::Infallible, Error> {
    let (name, rest) = arguments
        .command
        .split_first()
        .ok_or_else(|| target::Error::NotFound { name: OsString::new() })?;
    let path = target::find(name)?;
    target::check(&path)?;
    let object = object()?;

    let mut command = Command::new(&path);
    command.arg0(name).args(rest).env("LD_PRELOAD", preload(&object)?);
    if let Some(trace) = &arguments.trace {
        command.env("LOWCORE_TRACE", new_trace(trace)?);
    }
    command.env("LOWCORE_ENGINE", arguments.engine.engine.to_string());
    let source = command.exec();
    Err(Error::Execute { path, source })
}

/// Where the shared object is: beside the command or in `deps/` beside it
/// (where cargo leaves it; of two, the newer), or, when installed, in
/// `lib/lowcore/` of the same prefix.
fn object() -> Result<PathBuf, Error> {
    let command = std::env::current_exe().map_err(Error::NoSelf)?;
    let folder = command.parent().unwrap_or(Path::new("/"));
    let built = [folder.join(OBJECT), folder.join("deps").join(OBJECT)];
    let age = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    built
        .into_iter()
        .filter(|path| path.is_file())
        .max_by_key(age)
        .or_else(|| Some(folder.join("../lib/lowcore").join(OBJECT)).filter(|path| path.is_file()))
        .and_then(|path| path.canonicalize().ok())
        .ok_or(Error::NoObject)
}

/// The value of `LD_PRELOAD`: ours, then what was there.
fn preload(object: &Path) -> Result<OsString, Error> {
    let bytes = object.as_os_str().as_bytes();
    if bytes.iter().any(|byte| *byte == b':' || byte.is_ascii_whitespace()) {
        let folder = object.parent().unwrap_or(object);
        return Err(Error::ObjectName(folder.to_owned()));
    }
    let mut value = object.as_os_str().to_owned();
    if let Some(others) = std::env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
        value.push(OsStr::new(":"));
        value.push(others);
    }
    Ok(value)
}

/// An empty file, under a name that holds in every folder.
fn new_trace(path: &Path) -> Result<PathBuf, Error> {
    let failed = |source| Error::Trace { path: path.to_owned(), source };
    File::create(path).map_err(failed)?;
    std::path::absolute(path).map_err(failed)
}
