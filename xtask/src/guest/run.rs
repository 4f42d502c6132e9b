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

/// Which command runs guests.
#[derive(clap::Args)]
pub struct LowcoreArgs {
    /// The `lowcore` to run; if not given, one is built for speed.
    #[arg(long, value_name = "FILE")]
    lowcore: Option<PathBuf>,
}

impl LowcoreArgs {
    /// Where it is.
    pub(super) fn path(&self) -> Result<PathBuf, Error> {
        if let Some(path) = &self.lowcore {
            return Ok(path.clone());
        }
        run_command(cargo().args(["build", "--release", "--package", "lowcore"]))?;
        Ok(target()?.join("release/lowcore"))
    }
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
    /// When what it said had become this long.
    heard: Vec<(Duration, usize)>,
    /// When it ended.
    pub(super) end: Duration,
}

impl Ended {
    /// When it had said this for the first time.
    pub(super) fn said(&self, text: &str) -> Option<Duration> {
        let end = self.output.find(text)? + text.len();
        self.heard.iter().find(|(_, length)| *length >= end).map(|(when, _)| *when)
    }
}

impl Run<'_> {
    /// Runs it on Lowcore; what it said and how long it took, if it ended as a
    /// guest should. Of one that hangs, the registers are told.
    pub(super) fn succeeds(&self, lowcore: &Path, says: &str) -> Result<(String, Duration), Error> {
        let name = format!("xtask-{}", std::process::id());
        let ended = finish(self.command(lowcore, &["--name", &name]), self.patience, || {
            let registers = Command::new(lowcore).args(["regs", &name]).output();
            registers.map_or_else(
                |error| error.to_string(),
                |output| String::from_utf8_lossy(&output.stdout).into_owned(),
            )
        })?;
        if ended.code == Some(0) && ended.output.contains(says) {
            return Ok((ended.output, ended.end));
        }
        let how = ended.code.map_or("did not end".to_owned(), |code| format!("ended with {code}"));
        Err(Error::Guest(format!(
            "a guest with {} CPUs and {} MiB {how}; it said:\n{}",
            self.cpus, self.memory, ended.output
        )))
    }

    /// Runs it on Lowcore, with further options.
    pub(super) fn on_lowcore(&self, lowcore: &Path, options: &[&str]) -> Result<Ended, Error> {
        finish(self.command(lowcore, options), self.patience, String::new)
    }

    fn command(&self, lowcore: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(lowcore);
        command.args(["run", "--append", "quiet"]).args(options);
        command.arg("--kernel").arg(self.kernel).arg("--initrd").arg(self.ramdisk);
        command.args(["--memory", &self.memory.to_string(), "--cpus", &self.cpus.to_string()]);
        command
    }

    /// Runs it on QEMU, which compiles.
    pub(super) fn on_qemu(&self) -> Result<Ended, Error> {
        let mut command = Command::new("qemu-system-s390x");
        command.args(["-nographic", "-no-reboot", "-append", "quiet panic=-1"]);
        command.args(["-accel", "tcg,thread=multi"]);
        command.arg("-kernel").arg(self.kernel).arg("-initrd").arg(self.ramdisk);
        command.args(["-m", &self.memory.to_string(), "-smp", &self.cpus.to_string()]);
        finish(command, self.patience, String::new)
    }

    /// The same, begun again if it hangs: now and then QEMU loses an interrupt
    /// between its CPUs, and then waits for ever.
    pub(super) fn on_qemu_to_the_end(&self) -> Result<Ended, Error> {
        const ATTEMPTS: u32 = 3;
        for _ in 1..ATTEMPTS {
            let ended = self.on_qemu()?;
            if ended.code.is_some() {
                return Ok(ended);
            }
            println!("QEMU hung.");
        }
        self.on_qemu()
    }

    /// Whether it comes up under QEMU.
    pub(super) fn comes_up_under_qemu(&self) -> Result<bool, Error> {
        Ok(self.on_qemu()?.said(UP).is_some())
    }
}

/// Runs a command for a bounded time; what is told of one that takes longer is
/// added to what it said.
pub(super) fn finish(
    mut command: Command,
    patience: Duration,
    tell: impl FnOnce() -> String,
) -> Result<Ended, Error> {
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
    let mut heard = Vec::new();
    let mut killed = false;
    loop {
        let left = patience.saturating_sub(begin.elapsed());
        match pieces.recv_timeout(left) {
            Ok(bytes) => {
                output += &String::from_utf8_lossy(&bytes);
                heard.push((begin.elapsed(), output.len()));
            }
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                output += &tell();
                child.kill().map_err(start)?;
                killed = true;
                break;
            }
        }
    }
    let status = child.wait().map_err(start)?;
    let code = if killed { None } else { status.code() };
    Ok(Ended { code, output, heard, end: begin.elapsed() })
}
