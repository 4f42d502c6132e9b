//! The folder of a user's control sockets, and the sockets in it.
//!
//! Only the user can enter the folder. Whoever claims or removes a name holds
//! the folder's lock, so that two machines cannot both find one abandoned.

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// The name of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// The longest name; the path of a socket has little room.
const LONGEST: usize = 32;

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if text.len() <= LONGEST && begins_well && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "a name has 1 to {LONGEST} letters, digits, points, hyphens and underscores, \
                 and begins with a letter or digit"
            ))
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else could put sockets there, or reach ours.
    #[error(
        "the folder {} for control sockets is not a folder that only you can enter; remove it, \
         or name another place in XDG_RUNTIME_DIR", .0.display()
    )]
    NotPrivate(PathBuf),
    /// The folder cannot be made or used.
    #[error("the folder {} for control sockets cannot be used: {source}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another machine answers.
    #[error(
        "a machine named {name} is running{}; give this one another --name, or end that one \
         with `lowcore stop {name}`", process(*.pid)
    )]
    InUse {
        /// The name.
        name: Name,
        /// The process that runs it, if that is known.
        pid: Option<i32>,
    },
    /// There is something else of that name.
    #[error("{} is in the way of the control socket and is no socket; remove it", .0.display())]
    NotASocket(PathBuf),
    /// The socket cannot be connected to.
    #[error("the control socket {} cannot be reached: {source}", .path.display())]
    Connect {
        /// Its path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The socket cannot be made.
    #[error("the control socket {} cannot be made: {source}", .path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

fn process(pid: Option<i32>) -> String {
    pid.map_or_else(String::new, |pid| format!(", as process {pid}"))
}

/// What the file of a socket ends in.
const SUFFIX: &str = ".sock";
/// How many clients may wait to be let in.
const BACKLOG: i32 = 16;
/// How long one of them waits before it tries again.
const TURN: Duration = Duration::from_millis(5);

/// Where the folder is: in that of the session, or else where temporary files
/// are, by the number of the user.
fn place() -> PathBuf {
    let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    match session.filter(|path| path.is_absolute() && path.is_dir()) {
        Some(session) => session.join("lowcore"),
        None => {
            let user = rustix::process::geteuid().as_raw();
            std::env::temp_dir().join(format!("lowcore-{user}"))
        }
    }
}

/// The folder, if there is one and nobody else can have put anything there.
fn existing() -> Result<Option<PathBuf>, Error> {
    let path = place();
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::Folder { path, source }),
    };
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if ours && metadata.is_dir() && metadata.mode() & 0o077 == 0 {
        Ok(Some(path))
    } else {
        Err(Error::NotPrivate(path))
    }
}

/// The folder, made if need be.
fn folder() -> Result<PathBuf, Error> {
    if let Some(path) = existing()? {
        return Ok(path);
    }
    let path = place();
    match DirBuilder::new().mode(0o700).create(&path) {
        // Another machine was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(Error::Folder { path, source }),
        Ok(()) => {}
    }
    existing()?.ok_or(Error::NotPrivate(path))
}

/// Holds the folder's lock until the file is closed.
fn lock(folder: &Path) -> io::Result<File> {
    let file = File::open(folder)?;
    file.lock()?;
    Ok(file)
}

/// The names of the sockets that there are, in order, whether or not anybody
/// answers there.
///
/// # Errors
/// The folder cannot be used.
pub fn names() -> Result<Vec<Name>, Error> {
    let Some(path) = existing()? else { return Ok(Vec::new()) };
    let entries = fs::read_dir(&path).map_err(|source| Error::Folder { path, source })?;
    let mut names: Vec<Name> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| file.strip_suffix(SUFFIX)?.parse().ok())
        .collect();
    names.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(names)
}

/// Connects to a machine, if there is one that listens. If many others want
/// that too, waits its turn.
///
/// # Errors
/// The folder or the socket cannot be used; nobody is let in for long.
pub fn connect(name: &Name, patience: Duration) -> Result<Option<UnixStream>, Error> {
    let Some(folder) = existing()? else { return Ok(None) };
    let path = folder.join(format!("{name}{SUFFIX}"));
    let start = Instant::now();
    loop {
        match try_connect(&path) {
            Ok(stream) => return Ok(Some(stream)),
            Err(Errno::NOENT | Errno::CONNREFUSED) => return Ok(None),
            Err(Errno::AGAIN) if start.elapsed() < patience => std::thread::sleep(TURN),
            Err(source) => return Err(Error::Connect { path, source: source.into() }),
        }
    }
}

/// Connects, and does not wait for whoever lets nobody in.
fn try_connect(path: &Path) -> rustix::io::Result<UnixStream> {
    let address = SocketAddrUnix::new(path)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&socket, &address)?;
    rustix::io::ioctl_fionbio(&socket, false)?;
    Ok(socket.into())
}

/// A socket that is ours, removed when dropped.
#[derive(Debug)]
pub struct Claim {
    /// Where clients come in.
    pub listener: UnixListener,
    folder: PathBuf,
    path: PathBuf,
    /// Device and number of the file, by which it is told from a successor's.
    file: (u64, u64),
}

impl Claim {
    /// Makes the socket of a name that no machine has.
    ///
    /// # Errors
    /// A sentence that says what is in the way. Nothing is left behind.
    pub fn new(name: &Name) -> Result<Self, Error> {
        let folder = folder()?;
        let locked = lock(&folder);
        let _lock = locked.map_err(|source| Error::Folder { path: folder.clone(), source })?;
        let path = folder.join(format!("{name}{SUFFIX}"));
        remove_abandoned(name, &path)?;
        let made = make(&path);
        let (listener, file) =
            made.map_err(|source| Error::Socket { path: path.clone(), source })?;
        Ok(Self { listener, folder, path, file })
    }
}

/// Removes a socket at which nobody answers.
fn remove_abandoned(name: &Name, path: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(Error::NotASocket(path.to_owned()));
        }
        Ok(_) => {}
    }
    let failed = |source| Error::Socket { path: path.to_owned(), source };
    match try_connect(path) {
        Err(Errno::CONNREFUSED) => fs::remove_file(path).map_err(failed),
        Err(Errno::NOENT) => Ok(()),
        Ok(stream) => {
            let peer = rustix::net::sockopt::socket_peercred(&stream).ok();
            let pid = peer.map(|peer| peer.pid.as_raw_nonzero().get());
            Err(Error::InUse { name: name.clone(), pid })
        }
        // So many wait to be let in that there must be somebody.
        Err(Errno::AGAIN) => Err(Error::InUse { name: name.clone(), pid: None }),
        Err(error) => Err(failed(error.into())),
    }
}

/// Makes a socket that only its user can connect to, from the first moment on.
fn make(path: &Path) -> io::Result<(UnixListener, (u64, u64))> {
    let address = SocketAddrUnix::new(path)?;
    let socket = rustix::net::socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    rustix::net::bind(&socket, &address)?;
    let open = || {
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        rustix::net::listen(&socket, BACKLOG)?;
        let metadata = fs::symlink_metadata(path)?;
        Ok((metadata.dev(), metadata.ino()))
    };
    match open() {
        Ok(file) => Ok((socket.into(), file)),
        Err(error) => {
            let _ = fs::remove_file(path);
            Err(error)
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Without the lock it might be a successor's; then it stays.
        let Ok(_lock) = lock(&self.folder) else { return };
        let Ok(metadata) = fs::symlink_metadata(&self.path) else { return };
        if (metadata.dev(), metadata.ino()) == self.file {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_file_names_without_surprises() {
        for good in ["a", "7", "debian", "debian-12.5_b", &"x".repeat(LONGEST)] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", ".a", "-a", "a/b", "a b", "ä", "a\n", &"x".repeat(LONGEST + 1)]
        {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
