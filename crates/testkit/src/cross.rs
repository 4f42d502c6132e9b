//! The compilers and emulators that tests start.
//!
//! A tool that is missing is an error, which names the Debian package to
//! install; no test passes without having run.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// A program outside the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// C compiler for this host.
    HostCompiler,
    /// C compiler for s390x.
    Compiler,
    /// Assembler for s390x.
    Assembler,
    /// Linker for s390x.
    Linker,
    /// Copies sections of s390x object files.
    Objcopy,
    /// Disassembler for s390x.
    Objdump,
    /// Runs an s390x program under Linux.
    UserEmulator,
    /// Runs an s390x machine.
    SystemEmulator,
}

/// Why a tool did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tool is not installed.
    #[error("`{program}` is not installed; the Debian package {package} has it.")]
    Missing {
        /// Name of the program.
        program: &'static str,
        /// Debian package that has it.
        package: &'static str,
    },
    /// The tool could not be started.
    #[error("`{command}` could not be started: {source}.")]
    Start {
        /// The command.
        command: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The tool ended with a failure.
    #[error("`{command}` failed with {status} and said: {message}")]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to its standard error.
        message: String,
    },
    /// The tool did not end in time and was killed.
    #[error("`{command}` did not end within {patience:?} and was killed.")]
    Late {
        /// The command.
        command: String,
        /// How long it had.
        patience: Duration,
    },
    /// The tool printed something other than text.
    #[error("`{command}` printed something that is not UTF-8.")]
    NotText {
        /// The command.
        command: String,
    },
}

impl Tool {
    /// Name of the program.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::HostCompiler => "gcc",
            Self::Compiler => "s390x-linux-gnu-gcc",
            Self::Assembler => "s390x-linux-gnu-as",
            Self::Linker => "s390x-linux-gnu-ld",
            Self::Objcopy => "s390x-linux-gnu-objcopy",
            Self::Objdump => "s390x-linux-gnu-objdump",
            Self::UserEmulator => "qemu-s390x",
            Self::SystemEmulator => "qemu-system-s390x",
        }
    }

    /// Debian package that has it.
    #[must_use]
    pub const fn package(self) -> &'static str {
        match self {
            Self::HostCompiler => "gcc",
            Self::Compiler => "gcc-s390x-linux-gnu",
            Self::Assembler | Self::Linker | Self::Objcopy | Self::Objdump => {
                "binutils-s390x-linux-gnu"
            }
            Self::UserEmulator => "qemu-user",
            Self::SystemEmulator => "qemu-system-s390x",
        }
    }

    /// Where the program is.
    ///
    /// # Errors
    /// [`Error::Missing`] if it is in no folder of `PATH`.
    pub fn find(self) -> Result<PathBuf, Error> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|folder| folder.join(self.program()))
            .find(|file| file.is_file())
            .ok_or(Error::Missing { program: self.program(), package: self.package() })
    }

    /// A command that starts the program.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn command(self) -> Result<Command, Error> {
        Ok(Command::new(self.find()?))
    }
}

/// Runs a command without input and returns what it prints.
///
/// # Errors
/// If it cannot be started, fails, or prints something other than text.
pub fn output(command: &mut Command) -> Result<String, Error> {
    let name = describe(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::Start { command: name.clone(), source })?;
    printed(name, output)
}

/// The same of a command that is killed if it does not end in time.
///
/// # Errors
/// As of [`output`], and [`Error::Late`].
pub fn output_within(command: &mut Command, patience: Duration) -> Result<String, Error> {
    /// Between two looks.
    const PAUSE: Duration = Duration::from_millis(5);
    let name = describe(command);
    let start = |source| Error::Start { command: name.clone(), source };
    let began = Instant::now();
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(start)?;
    // A full pipe would keep it from ending.
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let stdout = scope.spawn(|| read_all(stdout));
        let stderr = scope.spawn(|| read_all(stderr));
        let status = loop {
            match child.try_wait().map_err(start)? {
                Some(status) => break Some(status),
                None if began.elapsed() >= patience => break None,
                None => std::thread::sleep(PAUSE),
            }
        };
        if status.is_none() {
            // It may have ended just now.
            let _ = child.kill();
            let _ = child.wait();
        }
        let [stdout, stderr] = [stdout, stderr].map(|reader| reader.join().unwrap_or_default());
        match status {
            Some(status) => printed(name.clone(), Output { status, stdout, stderr }),
            None => Err(Error::Late { command: name.clone(), patience }),
        }
    })
}

fn read_all(from: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        // What could be read tells enough.
        let _ = from.read_to_end(&mut bytes);
    }
    bytes
}

/// What a command that has ended printed.
fn printed(name: String, output: Output) -> Result<String, Error> {
    if !output.status.success() {
        return Err(Error::Failed {
            command: name,
            status: output.status,
            message: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    String::from_utf8(output.stdout).map_err(|_| Error::NotText { command: name })
}

/// The header files of Linux for s390x, which contain the kernel's interface.
///
/// # Errors
/// [`Error::Missing`] if they are not installed.
pub fn s390x_headers() -> Result<PathBuf, Error> {
    let folder = Path::new("/usr/s390x-linux-gnu/include");
    if folder.join("asm/kvm.h").is_file() {
        Ok(folder.to_owned())
    } else {
        Err(Error::Missing { program: "asm/kvm.h", package: "linux-libc-dev-s390x-cross" })
    }
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line =
        program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        line += " ";
        line += &argument.to_string_lossy();
    }
    line
}
