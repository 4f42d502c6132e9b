//! The machine's side: lets clients in and answers them, a thread each.
//!
//! A client cannot keep others out: when there are too many, the one that has
//! asked nothing for longest has to go. It cannot make the machine remember
//! much either: a line that is too long is thrown away as it comes.

use super::Name;
use super::answer::answer;
use super::protocol::{Failure, reply_to_line};
use super::socket::{Claim, Error};
use crate::machine::Control;
use parking_lot::Mutex;
use rustix::net::Shutdown as SocketShutdown;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The longest request in bytes, with the end of its line.
const LONGEST: usize = 1 << 16;
/// How many clients there are at once.
const CLIENTS: usize = 32;
/// How long a client may take to read a reply.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait when the host has nothing to give to another client.
const PAUSE: Duration = Duration::from_millis(100);

/// The control socket of a machine. Dropping it shuts the door: those who have
/// asked get their answers, and the socket is removed.
pub struct Door {
    claim: Claim,
    name: Name,
    clients: Arc<Clients>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// Makes the socket. Nobody is answered before [`Door::open`].
    ///
    /// # Errors
    /// A sentence that says what is in the way; nothing is left behind.
    pub fn claim(name: &Name) -> Result<Self, Error> {
        let claim = Claim::new(name)?;
        Ok(Self { claim, name: name.clone(), clients: Arc::default(), thread: None })
    }

    /// Begins to answer.
    ///
    /// # Errors
    /// The system's, for want of a thread or a file.
    pub fn open(&mut self, control: Control) -> std::io::Result<()> {
        let listener = self.claim.listener.try_clone()?;
        let (name, clients) = (self.name.clone(), Arc::clone(&self.clients));
        let thread = std::thread::Builder::new()
            .name("door".into())
            .spawn(move || let_in(&listener, &name, &control, &clients))?;
        self.thread = Some(thread);
        Ok(())
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.clients.list.lock().closed = true;
        // Ends the wait for the next client.
        let _ = rustix::net::shutdown(&self.claim.listener, SocketShutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let list = std::mem::take(&mut self.clients.list.lock().clients);
        for client in list {
            // It is answered what it has asked, and asks no more.
            let _ = client.stream.shutdown(Shutdown::Read);
            let _ = client.thread.join();
        }
    }
}

/// Those who are in.
#[derive(Default)]
struct Clients {
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    closed: bool,
    clients: Vec<Client>,
}

struct Client {
    stream: UnixStream,
    /// When it last asked for something.
    last: Arc<Mutex<Instant>>,
    thread: JoinHandle<()>,
}

fn let_in(listener: &UnixListener, name: &Name, control: &Control, clients: &Clients) {
    loop {
        let accepted = listener.accept();
        let mut list = clients.list.lock();
        if list.closed {
            return;
        }
        let started = accepted.and_then(|(stream, _)| {
            list.make_room();
            start(stream, name.clone(), control.clone())
        });
        match started {
            Ok(client) => list.clients.push(client),
            Err(_) => {
                // Too many files or threads, or the client is gone again.
                drop(list);
                std::thread::sleep(PAUSE);
            }
        }
    }
}

impl List {
    /// Forgets those who have gone, and sends one away if there are too many.
    fn make_room(&mut self) {
        self.clients.retain(|client| !client.thread.is_finished());
        if self.clients.len() < CLIENTS {
            return;
        }
        let oldest = (0..self.clients.len()).min_by_key(|&n| *self.clients[n].last.lock());
        if let Some(n) = oldest {
            let client = self.clients.swap_remove(n);
            let _ = client.stream.shutdown(Shutdown::Both);
        }
    }
}

/// Starts to answer a client.
fn start(stream: UnixStream, name: Name, control: Control) -> std::io::Result<Client> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let last = Arc::new(Mutex::new(Instant::now()));
    let (theirs, asked) = (stream.try_clone()?, Arc::clone(&last));
    let thread = std::thread::Builder::new().name("door client".into()).spawn(move || {
        let input = BufReader::new(&theirs);
        serve(input, &theirs, |line| {
            *asked.lock() = Instant::now();
            answer(&name, &control, line)
        });
        let _ = theirs.shutdown(Shutdown::Both);
    })?;
    Ok(Client { stream, last, thread })
}

/// Answers line by line until the client says no more or hears no more.
fn serve(
    mut input: impl BufRead,
    mut output: impl Write,
    mut answer: impl FnMut(&[u8]) -> Result<serde_json::Value, Failure>,
) {
    loop {
        let reply = match next_line(&mut input) {
            Ok(Line::Whole(line)) => answer(&line),
            Ok(Line::TooLong) => Err(Failure::new(format!(
                "The line is longer than a request may be, which is {LONGEST} bytes."
            ))),
            Ok(Line::End) | Err(_) => return,
        };
        if output.write_all(&reply_to_line(&reply)).is_err() {
            return;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// A line; the last one needs no end.
    Whole(Vec<u8>),
    /// One that was thrown away.
    TooLong,
    /// There are no more.
    End,
}

fn next_line(input: &mut impl BufRead) -> std::io::Result<Line> {
    let mut line = Vec::new();
    input.take(LONGEST as u64).read_until(b'\n', &mut line)?;
    match line.last() {
        None => Ok(Line::End),
        Some(b'\n') => Ok(Line::Whole(line)),
        Some(_) if line.len() < LONGEST => Ok(Line::Whole(line)),
        Some(_) => {
            skip_line(input)?;
            Ok(Line::TooLong)
        }
    }
}

/// Throws away what is left of a line.
fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let bytes = input.fill_buf()?;
        let (length, ends) = match bytes.iter().position(|&byte| byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (bytes.len(), bytes.is_empty()),
        };
        input.consume(length);
        if ends {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::protocol::{Command, parse_reply};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    /// What the client hears, by lines.
    fn replies(said: &[u8]) -> Vec<String> {
        let mut heard = Vec::new();
        serve(said, &mut heard, |line| Ok(json!(String::from_utf8_lossy(line).trim_end())));
        String::from_utf8(heard).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_line_has_one_reply() {
        let ok = |text: &str| format!(r#"{{"result":"{text}","version":1}}"#);
        assert_eq!(replies(b"a\n\nb\r\nc"), [ok("a"), ok(""), ok("b"), ok("c")]);
        assert_eq!(replies(b""), [""; 0]);
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_and_the_next_one_answered() {
        for length in [LONGEST, LONGEST + 1, 3 * LONGEST] {
            let said = [&vec![b'x'; length][..], b"\nnext\n"].concat();
            let replies = replies(&said);
            assert_eq!(replies.len(), 2, "{length}");
            assert!(replies[0].contains("longer than"), "{}", replies[0]);
            assert!(replies[1].contains("next"), "{}", replies[1]);
        }
        let longest = [&vec![b'x'; LONGEST - 1][..], b"\n"].concat();
        assert_eq!(replies(&longest).len(), 1);
        assert!(!replies(&longest)[0].contains("longer than"));
        // Without an end.
        assert_eq!(replies(&vec![b'x'; 2 * LONGEST]).len(), 1);
    }

    /// Whatever comes in, every line gets one reply, which can be read.
    fn check(said: &[u8]) {
        let mut heard = Vec::new();
        serve(said, &mut heard, |line| Command::parse(line).map(|_| json!({})));
        let ends = said.iter().filter(|&&byte| byte == b'\n').count();
        let lines = ends + usize::from(said.last().is_some_and(|&byte| byte != b'\n'));
        let replies: Vec<&[u8]> = heard.split_inclusive(|&byte| byte == b'\n').collect();
        assert_eq!(replies.len(), lines);
        assert!(replies.iter().all(|reply| parse_reply(reply).is_some()));
    }

    const REQUESTS: &str = r#"{"command":"status","version":1}
{"command":"irq","cpu":1,"interrupt":{"type":"machine-check","mcic":"0x0080000000000000"}}
{"command":"irq","interrupt":{"type":"io","isc":3,"adapter":true,"word":null}}
{"command":"stop","force":false}
"#;

    proptest! {
        // Nothing is written into the tree.
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_answered(said in vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..512)) {
            check(&said);
        }

        #[test]
        fn requests_with_errors_are_answered(
            errors in vec((0..REQUESTS.len(), any::<u8>()), 1..8),
            length in 0..=REQUESTS.len(),
        ) {
            let mut said = REQUESTS.as_bytes().to_vec();
            for (at, byte) in errors {
                said[at] = byte;
            }
            check(&said[..length]);
        }
    }
}
