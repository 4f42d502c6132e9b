//! The guest's image and the addresses that its header tells.

use thiserror::Error;

/// The image that `guest/build.sh` makes of `guest/guest.S`.
static EMBEDDED: &[u8] = include_bytes!("../../guest/guest.bin");

const MAGIC: &[u8; 8] = b"LOWCORE1";
const MAX_LENGTH: usize = 0x1_0000;

/// Bytes that are no guest image.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The file could not be read.
    #[error("the guest image {path} could not be read: {source}")]
    Read {
        /// As given by the user.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Too short, too long or without the magic bytes.
    #[error("the guest image is not one: it does not begin with LOWCORE1 and a header")]
    Header,
}

/// The guest's code, with where things are in it.
pub struct Image {
    /// What is loaded at [`IMAGE`](super::layout::IMAGE).
    pub bytes: Vec<u8>,
    /// Where every CPU starts.
    pub start: u64,
    /// A CPU that spins is from here ...
    pub main: u64,
    /// ... to before here.
    pub main_end: u64,
    /// The instruction address of a waiting CPU.
    pub wait_resume: u64,
    /// The instruction after the SUPERVISOR CALL.
    pub svc_resume: u64,
    /// The instruction after the invalid operation.
    pub operation_resume: u64,
    /// The instruction after the DIAGNOSE.
    pub diagnose_resume: u64,
    /// First instruction of each handler, in the order of the class numbers.
    pub handlers: [u64; 6],
}

impl Image {
    /// The image that is part of the program.
    pub fn embedded() -> Result<Self, ImageError> {
        Self::parse(EMBEDDED.to_vec())
    }

    /// An image in a file, for tests that need a broken one.
    pub fn from_file(path: &std::path::Path) -> Result<Self, ImageError> {
        let bytes = std::fs::read(path)
            .map_err(|source| ImageError::Read { path: path.display().to_string(), source })?;
        Self::parse(bytes)
    }

    fn parse(bytes: Vec<u8>) -> Result<Self, ImageError> {
        if bytes.len() > MAX_LENGTH || !bytes.starts_with(MAGIC) {
            return Err(ImageError::Header);
        }
        let words: Vec<u64> = bytes[MAGIC.len()..]
            .as_chunks()
            .0
            .iter()
            .take(15)
            .map(|word| u64::from_be_bytes(*word))
            .collect();
        let &[
            start,
            main,
            main_end,
            wait_resume,
            svc_resume,
            operation_resume,
            diagnose_resume,
            restart,
            external,
            svc,
            program,
            machine,
            io,
            _record,
            _record_end,
        ] = words.as_slice()
        else {
            return Err(ImageError::Header);
        };
        Ok(Self {
            bytes,
            start,
            main,
            main_end,
            wait_resume,
            svc_resume,
            operation_resume,
            diagnose_resume,
            handlers: [restart, external, svc, program, machine, io],
        })
    }

    /// Whether an address is in the loop of a CPU that spins.
    pub fn is_spinning(&self, address: u64) -> bool {
        (self.main..self.main_end).contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::IMAGE;
    use super::*;

    #[test]
    fn header_of_the_embedded_image() {
        let image = Image::embedded().unwrap();
        let text = IMAGE..IMAGE + image.bytes.len() as u64;
        assert!(text.contains(&image.start) && text.contains(&image.main));
        assert!(image.handlers.is_sorted());
        assert!(image.is_spinning(image.main) && !image.is_spinning(image.main_end));
    }

    #[test]
    fn other_bytes_are_refused() {
        assert!(Image::parse(vec![]).is_err());
        assert!(Image::parse(b"LOWCORE1 too short".to_vec()).is_err());
        assert!(Image::parse(vec![0; 4096]).is_err());
    }
}
