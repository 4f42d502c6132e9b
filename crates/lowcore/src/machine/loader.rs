//! Kernels as files: raw images and ELF.

use super::Error;
use lowcore_arch::{Psw, bits};
use object::elf::{EM_S390, FileHeader64, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use std::path::{Path, PathBuf};

/// Where Linux is entered, and what it says of itself just behind.
const LINUX_ENTRY: u64 = 0x1_0000;
const LINUX_MARK: (u64, &[u8]) = (0x1_0008, b"S390EP");

/// A piece of a kernel.
#[derive(Debug)]
struct Segment {
    address: u64,
    bytes: Vec<u8>,
    /// Bytes behind it that must be zero.
    zeros: u64,
}

/// A kernel, as it is to lie in storage.
#[derive(Debug)]
pub struct Kernel {
    path: PathBuf,
    segments: Vec<Segment>,
    entry: u64,
}

impl Kernel {
    /// Reads a kernel from a file.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::NotAKernel`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read(path)?;
        let kernel = if bytes.starts_with(b"\x7fELF") { elf(&bytes) } else { raw(bytes) };
        let (segments, entry) =
            kernel.map_err(|why| Error::NotAKernel { path: path.to_owned(), why })?;
        Ok(Self { path: path.to_owned(), segments, entry })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The address of its first instruction.
    pub fn entry(&self) -> u64 {
        self.entry
    }

    /// The first address behind it.
    pub fn end(&self) -> u64 {
        let end = |s: &Segment| (s.address + s.bytes.len() as u64).saturating_add(s.zeros);
        self.segments.iter().map(end).max().unwrap_or(0)
    }

    /// Whether it is Linux, which has a parameter area.
    pub fn is_linux(&self) -> bool {
        let (address, mark) = LINUX_MARK;
        self.entry == LINUX_ENTRY && self.at(address, mark.len()) == Some(mark)
    }

    /// A doubleword of it.
    pub fn u64(&self, address: u64) -> Option<u64> {
        Some(u64::from_be_bytes(self.at(address, 8)?.try_into().ok()?))
    }

    /// Bytes of it, if they lie in one piece.
    fn at(&self, address: u64, length: usize) -> Option<&[u8]> {
        self.segments.iter().find_map(|segment| {
            let start = bits::index(address.checked_sub(segment.address)?);
            segment.bytes.get(start..start.checked_add(length)?)
        })
    }

    /// Copies it into storage.
    pub fn load(&self, storage: &super::Storage) -> Result<(), lowcore_host::Fault> {
        self.segments.iter().try_for_each(|segment| {
            storage.write(segment.address, &segment.bytes)?;
            storage.clear(segment.address + segment.bytes.len() as u64, segment.zeros)
        })
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source })
}

type Pieces = Result<(Vec<Segment>, u64), String>;

/// An image that lies from address 0 on, like what IPL reads from a device.
/// Linux has its entry at a fixed place; others begin with an IPL PSW.
fn raw(bytes: Vec<u8>) -> Pieces {
    let at = |from: usize, length| bytes.get(from..from + length);
    let (address, mark) = LINUX_MARK;
    let entry = if at(bits::index(address), mark.len()) == Some(mark) {
        LINUX_ENTRY
    } else {
        let start = at(0, 8).and_then(|start| start.try_into().ok()).map(u64::from_be_bytes);
        let psw = start.map(Psw::from_short).ok_or("it is shorter than an IPL PSW")?;
        let inside = psw.addr >= 8 && psw.addr < bytes.len() as u64;
        if !psw.is_valid() || psw.has(Psw::WAIT) || !inside {
            return Err("it is not ELF, has no mark of Linux at 0x10008, and does not begin \
                        with a PSW that leads into it"
                .into());
        }
        psw.addr
    };
    Ok((vec![Segment { address: 0, bytes, zeros: 0 }], entry))
}

/// An executable, loaded by its physical addresses.
fn elf(bytes: &[u8]) -> Pieces {
    type Header = FileHeader64<object::Endianness>;
    let broken = |error: object::Error| format!("it is ELF, but broken: {error}");
    let header = match object::FileKind::parse(bytes).map_err(broken)? {
        object::FileKind::Elf64 => Header::parse(bytes).map_err(broken)?,
        _ => return Err("it is ELF, but not of 64 bits".into()),
    };
    let endian = header.endian().map_err(broken)?;
    let machine = header.e_machine(endian);
    if machine != EM_S390 || !matches!(endian, object::Endianness::Big) {
        return Err(format!("it is ELF for another machine (number {machine})"));
    }
    let mut segments = Vec::new();
    for program in header.program_headers(endian, bytes).map_err(broken)? {
        if program.p_type(endian) != PT_LOAD || program.p_memsz(endian) == 0 {
            continue;
        }
        let data = program
            .data(endian, bytes)
            .map_err(|()| "it is ELF, but a segment lies outside the file")?;
        let address = program.p_paddr(endian);
        if address.checked_add(program.p_memsz(endian)).is_none() {
            return Err("it is ELF, but a segment lies beyond all addresses".into());
        }
        let zeros = program.p_memsz(endian).saturating_sub(data.len() as u64);
        segments.push(Segment { address, bytes: data.to_vec(), zeros });
    }
    if segments.is_empty() {
        return Err("it is ELF, but has nothing to load".into());
    }
    Ok((segments, header.e_entry(endian)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> Result<Kernel, String> {
        let pieces = if bytes.starts_with(b"\x7fELF") { elf(bytes) } else { raw(bytes.to_vec()) };
        pieces.map(|(segments, entry)| Kernel { path: PathBuf::new(), segments, entry })
    }

    fn linux() -> Vec<u8> {
        let mut image = vec![0; 0x2_0000];
        image[0x1_0008..0x1_000e].copy_from_slice(b"S390EP");
        image[0x1_0430..0x1_0438].copy_from_slice(&0x1000_u64.to_be_bytes());
        image
    }

    #[test]
    fn an_image_with_the_mark_is_linux() {
        let kernel = file(&linux()).expect("Linux");
        assert!(kernel.is_linux());
        assert_eq!((kernel.entry(), kernel.end()), (0x1_0000, 0x2_0000));
        assert_eq!(kernel.u64(0x1_0430), Some(0x1000));
        assert_eq!(kernel.u64(0x1_fffc), None);
    }

    #[test]
    fn an_image_that_begins_with_a_psw_is_entered_there() {
        let mut image = vec![0; 0x400];
        image[..8].copy_from_slice(&0x0008_0000_8000_0200_u64.to_be_bytes());
        let kernel = file(&image).expect("a kernel");
        assert_eq!((kernel.entry(), kernel.is_linux()), (0x200, false));
        // The same address, outside the file.
        assert!(file(&image[..0x200]).is_err());
    }

    #[test]
    fn what_is_no_kernel_is_refused() {
        for bytes in [&b""[..], b"short", b"#!/bin/sh\necho I am a script\n", &[0; 4096]] {
            assert!(file(bytes).is_err(), "{bytes:?}");
        }
    }

    /// An executable of one segment, and what becomes of it when a byte is
    /// another.
    #[test]
    fn elf_is_loaded_by_its_physical_addresses() {
        let mut elf = vec![0; 0x200];
        elf[..16].copy_from_slice(b"\x7fELF\x02\x02\x01\0\0\0\0\0\0\0\0\0");
        let put = |elf: &mut Vec<u8>, at: usize, bytes: &[u8]| {
            elf[at..at + bytes.len()].copy_from_slice(bytes);
        };
        put(&mut elf, 16, &[0, 2, 0, 22, 0, 0, 0, 1]);
        put(&mut elf, 24, &0x1000_u64.to_be_bytes());
        put(&mut elf, 32, &64_u64.to_be_bytes());
        put(&mut elf, 52, &[0, 64, 0, 56, 0, 1]);
        put(&mut elf, 64, &[0, 0, 0, 1, 0, 0, 0, 5]);
        let words = [0x100_u64, 0x8000_1000, 0x1000, 0x80, 0x180, 0x1000];
        for (n, word) in words.into_iter().enumerate() {
            put(&mut elf, 72 + 8 * n, &word.to_be_bytes());
        }
        let kernel = file(&elf).expect("a kernel");
        assert_eq!((kernel.entry(), kernel.end()), (0x1000, 0x1180));
        for (at, byte) in [(4, 1), (5, 1), (19, 62), (72, 0xff), (67, 2), (96, 0xff)] {
            let mut other = elf.clone();
            other[at] = byte;
            assert!(file(&other).is_err() || file(&other).is_ok_and(|k| k.end() > 1 << 56), "{at}");
        }
    }
}
