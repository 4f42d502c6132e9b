//! Which file a program is, and whether a shared object can be loaded into it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Why nothing can be loaded into a program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The command {} was not found.", .name.display())]
    NotFound { name: OsString },
    #[error("{} is not an executable file.", .path.display())]
    NotExecutable { path: PathBuf },
    #[error("{} cannot be read, to see what kind of program it is: {source}.", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "{} is statically linked: it would not load the shared object that serves /dev/kvm. \
         Link it dynamically.",
        .path.display()
    )]
    Static { path: PathBuf },
    #[error(
        "{} is a program for another kind of processor; /dev/kvm can be served to 64-bit \
         programs of this host only.",
        .path.display()
    )]
    Architecture { path: PathBuf },
    #[error(
        "{} is linked with another C library than GNU's, {}, which cannot load the shared \
         object that serves /dev/kvm.",
        .path.display(), .interpreter.display()
    )]
    Library { path: PathBuf, interpreter: PathBuf },
    #[error(
        "{} runs with its owner's rights, and the dynamic loader then ignores the shared \
         object that serves /dev/kvm.",
        .path.display()
    )]
    Privileged { path: PathBuf },
    #[error("{} begins a chain of scripts that is too long.", .path.display())]
    Scripts { path: PathBuf },
}

/// Interpreters of scripts that are themselves scripts, as in the kernel.
const SCRIPTS: usize = 5;

/// The file that a shell would execute for this name.
pub fn find(name: &OsStr) -> Result<PathBuf, Error> {
    let not_found = || Error::NotFound { name: name.to_owned() };
    if name.as_bytes().contains(&b'/') {
        let path = PathBuf::from(name);
        return match fs::metadata(&path) {
            Err(_) => Err(not_found()),
            Ok(file) if is_executable(&file) => Ok(path),
            Ok(_) => Err(Error::NotExecutable { path }),
        };
    }
    if name.is_empty() {
        return Err(not_found());
    }
    let folders = std::env::var_os("PATH").unwrap_or_else(|| "/bin:/usr/bin".into());
    let mut other = None;
    for folder in std::env::split_paths(&folders) {
        let path = if folder.as_os_str().is_empty() {
            Path::new(".").join(name)
        } else {
            folder.join(name)
        };
        match fs::metadata(&path) {
            Ok(file) if is_executable(&file) => return Ok(path),
            Ok(file) if file.is_file() => other = other.or(Some(path)),
            _ => {}
        }
    }
    Err(other.map_or_else(not_found, |path| Error::NotExecutable { path }))
}

fn is_executable(file: &fs::Metadata) -> bool {
    file.is_file() && file.mode() & 0o111 != 0
}

/// Refuses a program, or the interpreter of a script, that would not load a
/// shared object of this host.
pub fn check(path: &Path) -> Result<(), Error> {
    let mut program = path.to_owned();
    for _ in 0..=SCRIPTS {
        let unreadable = |source| Error::Unreadable { path: program.clone(), source };
        let mut file = File::open(&program).map_err(unreadable)?;
        let mut start = Vec::new();
        file.by_ref().take(START).read_to_end(&mut start).map_err(unreadable)?;
        if start.starts_with(b"\x7fELF") {
            return check_elf(&program, &mut file, &start);
        }
        // What is neither is given to the shell.
        program = script_interpreter(&start).unwrap_or_else(|| PathBuf::from("/bin/sh"));
    }
    Err(Error::Scripts { path: path.to_owned() })
}

/// How much of a file the kernel looks at, to see what it is.
const START: u64 = 256;

/// The interpreter that the first line of a script names.
fn script_interpreter(start: &[u8]) -> Option<PathBuf> {
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let name = line.trim_ascii().split(|byte| *byte == b' ' || *byte == b'\t').next()?;
    (!name.is_empty()).then(|| PathBuf::from(OsString::from_vec(name.to_vec())))
}

/// An ELF file's header, as far as it matters here.
struct Header {
    machine: u16,
    /// Where the program headers are, their size and number.
    programs: u64,
    size: u16,
    count: u16,
}

const PT_INTERP: u32 = 3;

#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = 62;
#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = 183;

impl Header {
    /// A 64-bit little-endian file's.
    fn parse(start: &[u8]) -> Option<Self> {
        const CLASS_64: u8 = 2;
        const LITTLE_ENDIAN: u8 = 1;
        if start.get(4..6)? != [CLASS_64, LITTLE_ENDIAN] {
            return None;
        }
        Some(Self {
            machine: u16::from_le_bytes(array(start, 18)?),
            programs: u64::from_le_bytes(array(start, 32)?),
            size: u16::from_le_bytes(array(start, 54)?),
            count: u16::from_le_bytes(array(start, 56)?),
        })
    }
}

fn array<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..offset + N)?.try_into().ok()
}

fn check_elf(path: &Path, file: &mut File, start: &[u8]) -> Result<(), Error> {
    let header = Header::parse(start)
        .filter(|header| header.machine == MACHINE)
        .ok_or_else(|| Error::Architecture { path: path.to_owned() })?;
    let interpreter = interpreter(file, &header)
        .map_err(|source| Error::Unreadable { path: path.to_owned(), source })?
        .ok_or_else(|| Error::Static { path: path.to_owned() })?;
    if interpreter.as_os_str().as_bytes().windows(7).any(|part| part == b"ld-musl") {
        return Err(Error::Library { path: path.to_owned(), interpreter });
    }
    if changes_rights(path) {
        return Err(Error::Privileged { path: path.to_owned() });
    }
    Ok(())
}

/// The program that loads this one, if it is dynamically linked.
fn interpreter(file: &mut File, header: &Header) -> io::Result<Option<PathBuf>> {
    for n in 0..header.count {
        let mut entry = [0; 56];
        file.seek(SeekFrom::Start(
            header.programs.saturating_add(u64::from(n) * u64::from(header.size)),
        ))?;
        file.read_exact(&mut entry)?;
        if array(&entry, 0).map(u32::from_le_bytes) != Some(PT_INTERP) {
            continue;
        }
        let offset = array(&entry, 8).map_or(0, u64::from_le_bytes);
        let length = array(&entry, 32).map_or(0, u64::from_le_bytes);
        let mut name = Vec::new();
        file.seek(SeekFrom::Start(offset))?;
        file.take(length.min(4096)).read_to_end(&mut name)?;
        name.retain(|byte| *byte != 0);
        return Ok(Some(PathBuf::from(OsString::from_vec(name))));
    }
    Ok(None)
}

/// Whether the program gets other rights than its caller's.
fn changes_rights(path: &Path) -> bool {
    // The owner of this process's entry is its effective user.
    let (Ok(file), Ok(us)) = (fs::metadata(path), fs::metadata("/proc/self")) else {
        return false;
    };
    let user = file.mode() & 0o4000 != 0 && file.uid() != us.uid();
    let group = file.mode() & 0o2010 == 0o2010 && file.gid() != us.gid();
    user || group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_of_scripts() {
        let of = |line: &[u8]| script_interpreter(line);
        assert_eq!(of(b"#!/bin/sh\necho"), Some("/bin/sh".into()));
        assert_eq!(of(b"#! /usr/bin/env python3\n"), Some("/usr/bin/env".into()));
        assert_eq!(of(b"#!/bin/sh\t-e"), Some("/bin/sh".into()));
        assert_eq!(of(b"#!\n"), None);
        assert_eq!(of(b"echo\n"), None);
    }

    #[test]
    fn this_very_program_is_dynamic() {
        check(&std::env::current_exe().unwrap()).unwrap();
    }

    #[test]
    fn headers() {
        let mut start = vec![0; 64];
        start[..6].copy_from_slice(b"\x7fELF\x02\x01");
        start[18] = 22;
        assert_eq!(Header::parse(&start).unwrap().machine, 22);
        // 32 bits, big-endian, cut short.
        start[4] = 1;
        assert!(Header::parse(&start).is_none());
        start[4] = 2;
        start[5] = 2;
        assert!(Header::parse(&start).is_none());
        start[5] = 1;
        assert!(Header::parse(&start[..40]).is_none());
    }
}
