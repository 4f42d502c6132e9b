//! Running a guest to its end, on Lowcore and on QEMU.

use crate::cargo::{cargo, run as run_command, target};
use crate::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// What a guest says when it has come up.
pub(super) const UP: &str = "guest is up";

/// A script that only says so.
pub(super) fn up_script() -> String {
    format!("#!/bin/sh\necho '{UP}'\n")
}

/// The command, built for speed.
pub(super) fn lowcore() -> Result<PathBuf, Error> {
    run_command(cargo().args(["build", "--release", "--package", "lowcore"]))?;
    Ok(target()?.join("release/lowcore"))
}

/// How a guest is run.
pub(super) struct Run<'a> {
    pub(super) kernel: &'a Path,
    pub(super) ramdisk: &'a Path,
    /// In MiB.
    pub(super) memory: u64,
    pub(super) cpus: u16,
    /// It is ended after this long.
    pub(super) patience: Duration,
}

/// How it ended.
pub(super) struct Ended {
    /// The exit status; none if it had to be killed.
    pub(super) code: Option<i32>,
    /// What it said.
    pub(super) output: String,
    /// When it said that it had come up.
    pub(super) up: Option<Duration>,
    /// When it ended.
    pub(super) end: Duration,
}

impl Run<'_> {
    /// Runs it on Lowcore; what it said, if it ended as a guest should.
    pub(super) fn succeeds(&self, lowcore: &Path, says: &str) -> Result<String, Error> {
        let ended = self.on_lowcore(lowcore)?;
        if ended.code == Some(0) && ended.output.contains(says) {
            return Ok(ended.output);
        }
        let how = ended.code.map_or("did not end".to_owned(), |code| format!("ended with {code}"));
        Err(Error::Guest(format!(
            "a guest with {} CPUs and {} MiB {how}; it said:\n{}",
            self.cpus, self.memory, ended.output
        )))
    }

    /// Runs it on Lowcore.
    pub(super) fn on_lowcore(&self, lowcore: &Path) -> Result<Ended, Error> {
        let mut command = Command::new(lowcore);
        command.args(["run", "--append", "quiet"]);
        command.arg("--kernel").arg(self.kernel).arg("--initrd").arg(self.ramdisk);
        command.args(["--memory", &self.memory.to_string(), "--cpus", &self.cpus.to_string()]);
        finish(command, self.patience)
    }

    /// Runs it on QEMU, which compiles.
    pub(super) fn on_qemu(&self) -> Result<Ended, Error> {
        let mut command = Command::new("qemu-system-s390x");
        command.args(["-nographic", "-no-reboot", "-append", "quiet panic=-1"]);
        command.args(["-accel", "tcg,thread=multi"]);
        command.arg("-kernel").arg(self.kernel).arg("-initrd").arg(self.ramdisk);
        command.args(["-m", &self.memory.to_string(), "-smp", &self.cpus.to_string()]);
        finish(command, self.patience)
    }

    /// Whether it comes up under QEMU.
    pub(super) fn comes_up_under_qemu(&self) -> Result<bool, Error> {
        Ok(self.on_qemu()?.up.is_some())
    }
}

/// Runs a command for a bounded time.
fn finish(mut command: Command, patience: Duration) -> Result<Ended, Error> {
    let name = command.get_program().display().to_string();
    let start = |source| Error::Start { command: name.clone(), source };
    let begin = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(start)?;
    let (sender, pieces) = channel();
    for stream in [
        child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
    ] {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            let Some(mut stream) = stream else { return };
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut output = String::new();
    let mut up = None;
    let mut killed = false;
    loop {
        let left = patience.saturating_sub(begin.elapsed());
        match pieces.recv_timeout(left) {
            Ok(bytes) => output += &String::from_utf8_lossy(&bytes),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                child.kill().map_err(start)?;
                killed = true;
                break;
            }
        }
        if up.is_none() && output.contains(UP) {
            up = Some(begin.elapsed());
        }
    }
    let status = child.wait().map_err(start)?;
    let code = if killed { None } else { status.code() };
    Ok(Ended { code, output, up, end: begin.elapsed() })
}
