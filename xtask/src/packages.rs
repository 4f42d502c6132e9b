//! The Debian packages that the tests need.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo;
use crate::error::Error;

/// What says that a package is installed.
enum Sign {
    /// A program, in some folder of `PATH`.
    Program(&'static str),
    /// A file.
    File(&'static str),
}

use Sign::{File, Program};

/// Names of packages, which releases without a package of that name provide
/// by another.
const PACKAGES: &[(&str, Sign)] = &[
    ("gcc", Program("gcc")),
    ("libc6-dev", File("/usr/include/stdio.h")),
    // SoftFloat, with which floating point is compared, is built by these.
    ("cmake", Program("cmake")),
    ("make", Program("make")),
    ("gcc-s390x-linux-gnu", Program("s390x-linux-gnu-gcc")),
    ("binutils-s390x-linux-gnu", Program("s390x-linux-gnu-as")),
    ("libc6-dev-s390x-cross", File("/usr/s390x-linux-gnu/include/stdio.h")),
    ("linux-libc-dev-s390x-cross", File("/usr/s390x-linux-gnu/include/asm/kvm.h")),
    ("qemu-user", Program("qemu-s390x")),
    ("qemu-system-s390x", Program("qemu-system-s390x")),
];

impl Sign {
    fn is_there(&self) -> bool {
        match self {
            File(file) => Path::new(file).exists(),
            Program(program) => has_program(program),
        }
    }
}

/// Whether some folder of `PATH` has this program.
pub fn has_program(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file())
}

/// Makes sure that the packages are there: installs them when root, and says
/// what to run otherwise.
pub fn install() -> Result<(), Error> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if !Program("apt-get").is_there() || !is_root()? {
        return Err(Error::Packages(missing));
    }
    cargo::run(apt_get().args(["update", "--quiet"]))?;
    cargo::run(
        apt_get().args(["install", "--quiet", "--yes", "--no-install-recommends"]).args(&missing),
    )?;
    let missing = self::missing();
    if missing.is_empty() { Ok(()) } else { Err(Error::Packages(missing)) }
}

fn missing() -> Vec<&'static str> {
    PACKAGES.iter().filter(|(_, sign)| !sign.is_there()).map(|(name, _)| *name).collect()
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    command
}

fn is_root() -> Result<bool, Error> {
    Ok(cargo::output(Command::new("id").arg("-u"))?.trim() == "0")
}
