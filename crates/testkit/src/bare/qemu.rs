//! A program on QEMU's full machine.

use super::{Error, ON_QEMU, PATIENCE, Program, Report, STORAGE, word};
use crate::cross::Tool;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that runs.
pub(super) struct Machine {
    /// The guest's storage.
    pub(super) storage: PathBuf,
    /// The emulator, whose monitor is its standard input and output.
    pub(super) emulator: Child,
}

impl Machine {
    /// Starts a program.
    pub(super) fn start(program: &Program) -> Result<Self, Error> {
        let file = program.folder.join("storage");
        let mut storage = vec![0; STORAGE];
        storage[ON_QEMU] = 1;
        std::fs::write(&file, storage)?;
        let mut emulator = Tool::SystemEmulator.command()?;
        emulator.args(["-machine", "s390-ccw-virtio,memory-backend=storage", "-cpu", "max"]);
        emulator.arg("-object").arg(format!(
            "memory-backend-file,id=storage,size={STORAGE},share=on,mem-path={}",
            file.display()
        ));
        emulator.args(["-m", &format!("{}M", STORAGE >> 20), "-nodefaults"]);
        emulator.args(["-smp", &program.cpus.to_string()]);
        emulator.args(["-display", "none", "-monitor", "stdio", "-serial", "none"]);
        emulator.args(["-no-reboot", "-kernel"]).arg(program.elf());
        Ok(Self { storage: file, emulator: spawn(&mut emulator)? })
    }
}

/// Starts the emulator. What its monitor prints goes nowhere.
fn spawn(emulator: &mut Command) -> Result<Child, Error> {
    emulator.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(emulator.spawn()?)
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

impl Program {
    /// Runs it on QEMU.
    ///
    /// # Errors
    /// If the emulator cannot be started or fails, or the program does not
    /// end.
    pub fn on_qemu(&self) -> Result<Report, Error> {
        let mut machine = Machine::start(self)?;
        let ended = wait(&mut machine.emulator)?;
        let storage = std::fs::read(&machine.storage)?;
        let report = Report::read(&|at| word(&storage, at).unwrap_or(0));
        if ended { Ok(report) } else { Err(Error::Hangs { line: report.line }) }
    }
}

/// Waits for a process.
fn wait(child: &mut Child) -> Result<bool, Error> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(true)
}
