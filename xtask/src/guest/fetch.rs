//! Debian's packages for s390x, fetched by apt with folders of its own: the
//! host needs no foreign architecture, and nobody needs to be root.

use super::{make_folder, write};
use crate::cargo::output;
use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A release of Debian, by its code name or suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release(String);

impl Release {
    /// The one with Linux 6.1.
    #[must_use]
    pub fn bookworm() -> Self {
        Self("bookworm".into())
    }

    /// The one after it.
    #[must_use]
    pub fn next() -> Self {
        Self("trixie".into())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Release {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "next" => Ok(Self::next()),
            _ if !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c == b'-') => {
                Ok(Self(text.into()))
            }
            _ => Err(format!("\"{text}\" is no release of Debian; write for example bookworm")),
        }
    }
}

/// Who wants Debian from another place says it here.
const MIRROR: &str = "LOWCORE_DEBIAN_MIRROR";
/// With what Debian signs its archive.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// The package that depends on the newest kernel.
const KERNEL: &str = "linux-image-s390x";
const BUSYBOX: &str = "busybox-static";

/// Fetches kernel and busybox of a release to the given places.
pub(super) fn fetch(
    release: &Release,
    folder: &Path,
    kernel: &Path,
    busybox: &Path,
) -> Result<(), Error> {
    println!("Fetching Debian's kernel and busybox of {} ...", release.name());
    let apt = Apt::new(release, folder.join("apt"))?;
    apt.run("apt-get", &["update", "--quiet=2"])?;
    let image = apt.download_kernel()?;
    let unpacked = folder.join("unpacked");
    remove(&unpacked)?;
    apt.run("apt-get", &["download", "--quiet=2", BUSYBOX])?;
    for package in apt.packages()? {
        output(Command::new("dpkg-deb").arg("--extract").arg(package).arg(&unpacked))?;
    }
    let version = image.trim_start_matches("linux-image-");
    // Releases differ in where they have what.
    let kernels = [format!("boot/vmlinuz-{version}"), format!("usr/lib/modules/{version}/vmlinuz")];
    copy_one(&unpacked, &["bin/busybox", "usr/bin/busybox"], busybox)?;
    copy_one(&unpacked, &kernels.each_ref().map(String::as_str), kernel)?;
    remove(&unpacked)
}

/// Copies the first file that is there.
fn copy_one(folder: &Path, places: &[&str], to: &Path) -> Result<(), Error> {
    let mut paths = places.iter().map(|place| folder.join(place));
    let Some(found) = paths.find(|path| path.is_file()) else {
        return Err(Error::Guest(format!(
            "Debian's packages have none of {}; where it is now has to be found out",
            places.join(", ")
        )));
    };
    copy(&found, to)
}

/// apt with folders of its own.
struct Apt {
    folder: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn new(release: &Release, folder: PathBuf) -> Result<Self, Error> {
        for program in ["apt-get", "apt-cache", "dpkg-deb"] {
            if !crate::packages::has_program(program) {
                return Err(Error::Guest(format!(
                    "{program} is not here; the guest is made of Debian's packages, which are \
                     fetched by the tools of a Debian host"
                )));
            }
        }
        if !Path::new(KEYRING).exists() {
            return Err(Error::Guest(format!(
                "{KEYRING} is not here, by which Debian's packages are checked; the package \
                 debian-archive-keyring has it"
            )));
        }
        for part in ["lists/partial", "cache/archives/partial", "packages"] {
            make_folder(&folder.join(part))?;
        }
        remove(&folder.join("packages"))?;
        make_folder(&folder.join("packages"))?;
        let sources = folder.join("sources.list");
        let line = format!("deb [signed-by={KEYRING}] {} {} main\n", mirror()?, release.name());
        write(&sources, line.as_bytes())?;
        write(&folder.join("status"), b"")?;
        let at = |part: &str| folder.join(part).display().to_string();
        let options = [
            ("APT::Architecture", "s390x".into()),
            ("APT::Architectures", "s390x".into()),
            ("APT::Sandbox::User", "root".into()),
            ("Acquire::Languages", "none".into()),
            ("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled", "false".into()),
            ("Dir::State::Lists", at("lists")),
            ("Dir::State::status", at("status")),
            ("Dir::Cache", at("cache")),
            ("Dir::Etc::SourceList", at("sources.list")),
            ("Dir::Etc::SourceParts", "/dev/null".into()),
        ];
        let options = options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(Self { folder, options })
    }

    /// Fetches the newest kernel that the mirror has. While a mirror is being
    /// brought up to date, its list may be ahead of its files.
    fn download_kernel(&self) -> Result<String, Error> {
        let depends = self.depends(KERNEL)?;
        let newest = depends.iter().find(|name| name.starts_with("linux-image-"));
        let names = self.run("apt-cache", &["pkgnames", "linux-image-"])?;
        let is_kernel = |name: &&str| {
            let version = name.trim_start_matches("linux-image-");
            version.starts_with(|c: char| c.is_ascii_digit()) && version.ends_with("-s390x")
        };
        let mut older: Vec<&str> = names.lines().filter(is_kernel).collect();
        older.sort_unstable_by(|a, b| b.cmp(a));
        let mut failed = Error::Guest(format!("{KERNEL} depends on no kernel: {depends:?}"));
        for image in newest.map(String::as_str).into_iter().chain(older) {
            match self.download_image(image) {
                Ok(()) => return Ok(image.to_owned()),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// Fetches what has a kernel's file: the package itself, or since Linux 7 a
    /// package that it depends on.
    fn download_image(&self, image: &str) -> Result<(), Error> {
        let binary = image.replacen("linux-image-", "linux-binary-", 1);
        let package = if self.depends(image)?.contains(&binary) { &binary } else { image };
        self.run("apt-get", &["download", "--quiet=2", package]).map(drop)
    }

    /// What a package depends on.
    fn depends(&self, package: &str) -> Result<Vec<String>, Error> {
        let text = self.run("apt-cache", &["depends", package])?;
        let names = text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
        Ok(names.map(str::to_owned).collect())
    }

    /// Runs apt in the folder for packages.
    fn run(&self, program: &str, arguments: &[&str]) -> Result<String, Error> {
        let mut command = Command::new(program);
        command.current_dir(self.folder.join("packages"));
        command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
        command.args(arguments);
        for option in &self.options {
            command.args(["-o", option]);
        }
        output(&mut command).map_err(|error| {
            Error::Guest(format!(
                "Debian's packages for s390x could not be fetched, which takes the network or a \
                 mirror ({MIRROR}): {error}"
            ))
        })
    }

    /// The packages that were fetched.
    fn packages(&self) -> Result<Vec<PathBuf>, Error> {
        let folder = self.folder.join("packages");
        let error = |source| Error::File { path: folder.clone(), action: "read", source };
        let entries = fs::read_dir(&folder).map_err(error)?;
        entries.map(|entry| Ok(entry.map_err(error)?.path())).collect()
    }
}

/// Where this host gets Debian from.
fn mirror() -> Result<String, Error> {
    if let Ok(mirror) = std::env::var(MIRROR) {
        return Ok(mirror);
    }
    let sites = output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(SITE)",
        "Created-By: Packages",
    ]))?;
    let is_debian = |site: &&str| site.trim_end_matches('/').ends_with("/debian");
    sites.lines().find(is_debian).map(str::to_owned).ok_or_else(|| {
        Error::Guest(format!(
            "no source of this host's apt is a mirror of Debian; name one with {MIRROR}"
        ))
    })
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::File { path: folder.to_owned(), action: "removed", source })
        }
        _ => Ok(()),
    }
}

/// Copies a file so that it is there in whole or not at all.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let error = |path: &Path, action| {
        let path = path.to_owned();
        move |source| Error::File { path, action, source }
    };
    let partial = to.with_extension("partial");
    fs::copy(from, &partial).map_err(error(from, "copied"))?;
    fs::rename(&partial, to).map_err(error(to, "written"))
}
