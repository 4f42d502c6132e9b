//! Running cargo and other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The folder that cargo builds into.
pub fn target() -> Result<PathBuf, Error> {
    let mut command = cargo();
    command.args(["metadata", "--format-version", "1", "--no-deps"]);
    let text = output(&mut command)?;
    let field = serde_json::from_str::<serde_json::Value>(&text)
        .map_err(|error| error.to_string())
        .and_then(|metadata| {
            metadata["target_directory"]
                .as_str()
                .map(PathBuf::from)
                .ok_or_else(|| "there is no target_directory in it".to_owned())
        });
    field.map_err(|reason| Error::Output { command: describe(&command), reason })
}

/// Every package under crates/: its name and its folder there.
pub fn packages() -> Result<Vec<(String, String)>, Error> {
    let folder = workspace().join("crates");
    let error = |source| Error::File { path: folder.clone(), action: "read", source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(error)? {
        let folder = entry.map_err(error)?.file_name().to_string_lossy().into_owned();
        let package =
            if folder == "lowcore" { folder.clone() } else { format!("lowcore-{folder}") };
        found.push((package, folder));
    }
    found.sort();
    Ok(found)
}

/// A cargo command in the workspace, not started.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(workspace());
    command
}

/// Runs a command with our own output and waits for it to succeed.
pub fn run(command: &mut Command) -> Result<(), Error> {
    println!("$ {}", describe(command));
    let status =
        command.status().map_err(|source| Error::Start { command: describe(command), source })?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed { command: describe(command), status })
    }
}

/// Runs a command and returns what it prints.
pub fn output(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Error::Start { command: describe(command), source })?;
    if !output.status.success() {
        return Err(Error::Failed { command: describe(command), status: output.status });
    }
    String::from_utf8(output.stdout)
        .map_err(|error| Error::Output { command: describe(command), reason: error.to_string() })
}

/// The command line as a person would type it.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = String::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            line += &format!("{}={:?} ", name.to_string_lossy(), value.to_string_lossy());
        }
    }
    line += &program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    for argument in command.get_args() {
        line += " ";
        line += &argument.to_string_lossy();
    }
    line
}
