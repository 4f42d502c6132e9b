//! Initial ramdisks: an archive in cpio's "newc" format, compressed.

use flate2::{Compression, write::GzEncoder};
use std::collections::BTreeSet;
use std::io::{self, Write};

const FOLDER: u32 = 0o040_755;
const EXECUTABLE: u32 = 0o100_755;

/// A ramdisk in the making. The same entries give the same bytes.
#[derive(Debug, Default)]
pub struct Ramdisk {
    entries: Vec<(String, u32, Vec<u8>)>,
    folders: BTreeSet<String>,
}

impl Ramdisk {
    /// One without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a folder, and those that it lies in.
    pub fn folder(&mut self, path: &str) -> &mut Self {
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.folder(parent);
        }
        if self.folders.insert(path.to_owned()) {
            self.entries.push((path.to_owned(), FOLDER, Vec::new()));
        }
        self
    }

    /// Adds an executable file.
    pub fn executable(&mut self, path: &str, bytes: &[u8]) -> &mut Self {
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.folder(parent);
        }
        self.entries.push((path.to_owned(), EXECUTABLE, bytes.to_vec()));
        self
    }

    /// The compressed archive.
    ///
    /// # Errors
    /// If an entry is larger than the format has room for.
    pub fn finish(&self) -> io::Result<Vec<u8>> {
        let mut archive = GzEncoder::new(Vec::new(), Compression::default());
        for (inode, (path, mode, bytes)) in (1..).zip(&self.entries) {
            let size = u32::try_from(bytes.len()).map_err(io::Error::other)?;
            let entry = cpio::newc::Builder::new(path).ino(inode).nlink(1).mode(*mode);
            let mut entry = entry.write(&mut archive, size);
            entry.write_all(bytes)?;
            entry.finish()?;
        }
        cpio::newc::trailer(&mut archive)?;
        archive.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn an_archive_has_every_entry_once_and_folders_first() {
        let mut ramdisk = Ramdisk::new();
        ramdisk.folder("a").executable("a/b/c", b"text").executable("a/b/d", b"");
        let bytes = ramdisk.finish().expect("an archive");
        assert_eq!(bytes, ramdisk.finish().expect("an archive"));
        let mut archive = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut archive).expect("gzip");
        let mut rest = &archive[..];
        let mut found = Vec::new();
        loop {
            let mut reader = cpio::NewcReader::new(rest).expect("an entry");
            if reader.entry().is_trailer() {
                break;
            }
            let (name, mode) = (reader.entry().name().to_owned(), reader.entry().mode());
            let mut content = String::new();
            reader.read_to_string(&mut content).expect("text");
            found.push((name, mode, content));
            rest = reader.finish().expect("the next entry");
        }
        let expected = [
            ("a", FOLDER, ""),
            ("a/b", FOLDER, ""),
            ("a/b/c", EXECUTABLE, "text"),
            ("a/b/d", EXECUTABLE, ""),
        ];
        let expected = expected.map(|(name, mode, text)| (name.to_owned(), mode, text.to_owned()));
        assert_eq!(found, expected);
    }
}
