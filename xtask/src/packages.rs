//! The Debian packages that the tests need.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo;
use crate::error::Error;

/// A package, and a file whose presence says that it is installed.
struct Package {
    name: &'static str,
    file: &'static str,
}

const PACKAGES: &[Package] = &[
    Package { name: "gcc", file: "/usr/bin/gcc" },
    Package { name: "libc6-dev", file: "/usr/include/stdio.h" },
    Package { name: "gcc-s390x-linux-gnu", file: "/usr/bin/s390x-linux-gnu-gcc" },
    Package { name: "binutils-s390x-linux-gnu", file: "/usr/bin/s390x-linux-gnu-as" },
    Package { name: "libc6-dev-s390x-cross", file: "/usr/s390x-linux-gnu/include/stdio.h" },
    Package { name: "linux-libc-dev-s390x-cross", file: "/usr/s390x-linux-gnu/include/asm/kvm.h" },
    Package { name: "qemu-user", file: "/usr/bin/qemu-s390x" },
    Package { name: "qemu-system-misc", file: "/usr/bin/qemu-system-s390x" },
];

/// Makes sure that the packages are there: installs them when root, and says
/// what to run otherwise.
pub fn install() -> Result<(), Error> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let apt = Path::new("/usr/bin/apt-get").exists();
    if !apt || !is_root()? {
        return Err(Error::Packages(missing));
    }
    cargo::run(apt_get().args(["update", "--quiet"]))?;
    cargo::run(
        apt_get().args(["install", "--quiet", "--yes", "--no-install-recommends"]).args(&missing),
    )?;
    // Newer releases may carry a tool in a package of another name.
    let missing = self::missing();
    if missing.is_empty() { Ok(()) } else { Err(Error::Packages(missing)) }
}

fn missing() -> Vec<&'static str> {
    PACKAGES
        .iter()
        .filter(|package| !Path::new(package.file).exists())
        .map(|package| package.name)
        .collect()
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    command
}

fn is_root() -> Result<bool, Error> {
    Ok(cargo::output(Command::new("id").arg("-u"))?.trim() == "0")
}
