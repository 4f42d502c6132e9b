//! Our commands' side: asks a machine.

use super::protocol::{Command, Failure, parse_reply};
use super::{Name, socket};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Why there is no answer, or not the one that was wanted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody answers to the name.
    #[error("no machine named {0} is running; `lowcore ps` lists those that are")]
    NoMachine(Name),
    /// The folder or the socket cannot be used.
    #[error(transparent)]
    Socket(#[from] socket::Error),
    /// It takes too long.
    #[error("the machine {0} does not answer; its process may be suspended")]
    Silent(Name),
    /// The connection broke.
    #[error("the machine {name} has gone away: {source}")]
    Gone {
        /// Its name.
        name: Name,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is not understood.
    #[error("what the machine {0} answers is not understood; another version of Lowcore runs it")]
    NotUnderstood(Name),
    /// The machine has refused.
    #[error("{}{}", .0.errno.as_ref().map(|errno| format!("{errno}: ")).unwrap_or_default(),
            .0.message)]
    Refused(Failure),
}

impl Error {
    /// The exit status: 1 if the machine has refused or not answered, 2 if
    /// there is none.
    pub fn status(&self) -> u8 {
        match self {
            Self::NoMachine(_) | Self::Socket(_) => 2,
            _ => 1,
        }
    }
}

/// How long a machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to a machine.
#[derive(Debug)]
pub struct Client {
    name: Name,
    stream: BufReader<UnixStream>,
}

impl Client {
    /// Connects to a machine.
    ///
    /// # Errors
    /// [`Error::NoMachine`], [`Error::Socket`].
    pub fn connect(name: &Name) -> Result<Self, Error> {
        let stream =
            socket::connect(name, PATIENCE)?.ok_or_else(|| Error::NoMachine(name.clone()))?;
        let name = name.clone();
        let timeouts =
            stream.set_read_timeout(Some(PATIENCE)).and(stream.set_write_timeout(Some(PATIENCE)));
        match timeouts {
            Ok(()) => Ok(Self { name, stream: BufReader::new(stream) }),
            Err(source) => Err(Error::Gone { name, source }),
        }
    }

    /// Asks for something.
    ///
    /// # Errors
    /// Those of [`Error`] that a machine that was there can give.
    pub fn ask<T: DeserializeOwned>(&mut self, command: &Command) -> Result<T, Error> {
        let not_understood = |name: &Name| Error::NotUnderstood(name.clone());
        let line = command.to_line().map_err(|_| not_understood(&self.name))?;
        let mut reply = Vec::new();
        let asked = self.stream.get_mut().write_all(&line);
        asked
            .and_then(|()| self.stream.read_until(b'\n', &mut reply))
            .and_then(|length| match length {
                0 => Err(ErrorKind::UnexpectedEof.into()),
                length => Ok(length),
            })
            .map_err(|source| match source.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Silent(self.name.clone()),
                _ => Error::Gone { name: self.name.clone(), source },
            })?;
        let reply = parse_reply(&reply).ok_or_else(|| not_understood(&self.name))?;
        let result: Value = reply.map_err(Error::Refused)?;
        serde_json::from_value(result).map_err(|_| not_understood(&self.name))
    }
    /// Asks for something that is only done.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub fn done(&mut self, command: &Command) -> Result<(), Error> {
        self.ask::<Value>(command).map(drop)
    }
}
