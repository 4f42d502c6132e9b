//! Guests: kernels of Debian for s390x, and initial ramdisks with busybox.
//!
//! What was fetched stays in the folder `guest` of cargo's target folder, by
//! release. Nothing of the host's package management is changed.

mod boot_times;
mod fetch;
pub mod figures;
mod progress;
mod ramdisk;
mod run;
mod soak;
mod task;

pub use fetch::Release;
pub use ramdisk::Ramdisk;
pub use task::{Arguments, run};

use crate::cargo::target;
use crate::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The script that is process 1 of every ramdisk.
const INIT: &str = include_str!("init.sh");

/// A kernel of Debian, with what goes into a ramdisk beside it.
#[derive(Clone, Debug)]
pub struct Debian {
    /// The kernel, a raw image.
    pub kernel: PathBuf,
    /// An initial ramdisk that ends at a shell.
    pub ramdisk: PathBuf,
    /// A static busybox for s390x.
    busybox: PathBuf,
    folder: PathBuf,
}

impl Debian {
    /// The kernel of a release; fetches what is not there.
    ///
    /// # Errors
    /// A sentence that says what could not be fetched or written.
    pub fn get(release: &Release) -> Result<Self, Error> {
        let folder = target()?.join("guest").join(release.name());
        make_folder(&folder)?;
        // Tests and tasks may want the same at the same time.
        let _lock = lock(&folder)?;
        let guest = Self {
            kernel: folder.join("vmlinuz"),
            ramdisk: folder.join("initrd.gz"),
            busybox: folder.join("busybox"),
            folder,
        };
        if !guest.kernel.exists() || !guest.busybox.exists() {
            fetch::fetch(release, &guest.folder, &guest.kernel, &guest.busybox)?;
        }
        let ramdisk = guest.build_ramdisk(&[])?;
        if fs::read(&guest.ramdisk).ok().as_ref() != Some(&ramdisk) {
            write(&guest.ramdisk, &ramdisk)?;
        }
        Ok(guest)
    }

    /// A ramdisk that also has the given files, executable, by their paths. One
    /// named `script` is run in place of a shell, and the guest is off after it.
    ///
    /// # Errors
    /// If the ramdisk cannot be written.
    pub fn ramdisk_with(&self, name: &str, files: &[(&str, &[u8])]) -> Result<PathBuf, Error> {
        let path = self.folder.join(format!("initrd-{name}.gz"));
        write(&path, &self.build_ramdisk(files)?)?;
        Ok(path)
    }

    fn build_ramdisk(&self, files: &[(&str, &[u8])]) -> Result<Vec<u8>, Error> {
        let busybox = fs::read(&self.busybox).map_err(|source| Error::File {
            path: self.busybox.clone(),
            action: "read",
            source,
        })?;
        let mut ramdisk = Ramdisk::new();
        for folder in ["bin", "dev", "etc", "proc", "root", "sys", "tmp"] {
            ramdisk.folder(folder);
        }
        ramdisk.executable("init", INIT.as_bytes()).executable("bin/busybox", &busybox);
        for (path, bytes) in files {
            ramdisk.executable(path, bytes);
        }
        ramdisk.finish().map_err(|source| Error::File {
            path: self.ramdisk.clone(),
            action: "made",
            source,
        })
    }
}

fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::File {
        path: path.to_owned(),
        action: "made",
        source,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|source| Error::File {
        path: path.to_owned(),
        action: "written",
        source,
    })
}

/// Locks a folder for this process, until the file is closed.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let locked = File::create(&path).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|source| Error::File { path, action: "locked", source })
}
