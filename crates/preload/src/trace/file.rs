//! The buffer of events, and the file they are written to.
//!
//! The file is opened for each write, so that no descriptor of the program's
//! is in use in between, and written with system calls of our own.

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use lowcore_host::{clock, signals};

use super::Form;
use crate::fork;
use crate::system::{self, Errno};

/// Bytes that are worth a write.
const MANY: usize = 1 << 16;
/// How old events may get while there are others.
const OLD_NS: u64 = 200_000_000;
/// How old they may be when a run begins, which may last for ever.
pub const BEFORE_A_RUN_NS: u64 = 20_000_000;

static PATH: OnceLock<CString> = OnceLock::new();
static BUFFER: Buffer = Buffer {
    lock: AtomicU32::new(0),
    last_write: AtomicU64::new(0),
    contents: UnsafeCell::new(Contents { form: Form::Json, named: false, events: Vec::new() }),
};

/// A lock of our own, as a fork child has to break one that another thread
/// held.
struct Buffer {
    lock: AtomicU32,
    /// When the file was last written to.
    last_write: AtomicU64,
    contents: UnsafeCell<Contents>,
}

struct Contents {
    form: Form,
    /// Whether this process has told its name.
    named: bool,
    events: Vec<u8>,
}

// SAFETY: the contents are reached with the lock held only, or in a process
// of one thread.
unsafe impl Sync for Buffer {}

/// Where to write.
pub fn name(path: &Path) {
    if let Ok(path) = CString::new(path.as_os_str().as_bytes()) {
        let _ = PATH.set(path);
    }
}

fn locked<T>(change: impl FnOnce(&mut Contents) -> T) -> T {
    let deferred = signals::defer(None);
    while BUFFER.lock.compare_exchange_weak(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        std::thread::yield_now();
    }
    // SAFETY: the lock is ours, and no handler of the client's interrupts.
    let result = change(unsafe { &mut *BUFFER.contents.get() });
    BUFFER.lock.store(0, Ordering::Release);
    drop(deferred);
    result
}

/// Adds an event.
pub fn add(form: Form, event: &str, now: u64) {
    locked(|contents| {
        contents.form = form;
        if form == Form::Json {
            if !contents.named {
                contents.named = true;
                contents.events.extend_from_slice(process_name().as_bytes());
            }
            contents.events.extend_from_slice(b",\n");
        }
        contents.events.extend_from_slice(event.as_bytes());
        let age = now.saturating_sub(BUFFER.last_write.load(Ordering::Relaxed));
        if contents.events.len() >= MANY || age >= OLD_NS {
            write_out(contents);
        }
    });
}

/// The event that names the process, for the viewer; it begins a list.
fn process_name() -> String {
    let name = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name: String = name
        .chars()
        .filter(|letter| !letter.is_control() && *letter != '"' && *letter != '\\')
        .collect();
    let process = system::process();
    format!(r#",{{"name":"process_name","ph":"M","pid":{process},"args":{{"name":"{name}"}}}}"#)
}

/// Writes the events out if they are that old.
pub fn flush_if_older(ns: u64) {
    let last = BUFFER.last_write.load(Ordering::Relaxed);
    if clock::monotonic_ns().saturating_sub(last) >= ns {
        locked(write_out);
    }
}

/// Writes the events out, at the end of the process.
pub fn flush() {
    // A child that borrows its parent's memory leaves the events to it.
    if PATH.get().is_some() && fork::owns_tables() {
        locked(write_out);
    }
}

/// In a fork child: the events are the parent's, and will be written by it.
pub fn forget() {
    // SAFETY: the child has this one thread, or its others wait for it. What
    // was there is not looked at, as it may be half changed.
    unsafe {
        let events = Vec::new();
        BUFFER.contents.get().write(Contents { form: Form::Json, named: false, events });
    }
    BUFFER.lock.store(0, Ordering::Release);
}

fn write_out(contents: &mut Contents) {
    BUFFER.last_write.store(clock::monotonic_ns(), Ordering::Relaxed);
    if let Some(path) = PATH.get()
        && !contents.events.is_empty()
    {
        // A full disk must not disturb the program.
        let _ = File::open(path).and_then(|file| match contents.form {
            Form::Text => file.append(&contents.events),
            Form::Json => file.append_json(&contents.events),
        });
        contents.events.clear();
    }
}

struct File {
    fd: c_int,
}

/// What ends a complete array; events are written over it.
const END: &[u8] = b"\n]\n";

impl File {
    fn open(path: &CStr) -> Result<Self, Errno> {
        let fd = system::open(path, libc::O_RDWR | libc::O_CREAT, 0o666)
            .or_else(|_| system::open(path, libc::O_WRONLY | libc::O_CREAT, 0o666))?;
        let file = Self { fd };
        // Other processes may write to it too; the lock ends with the close.
        let _ = system::lock_file(fd);
        Ok(file)
    }

    /// The length of a regular file.
    fn length(&self) -> Option<i64> {
        let status = system::status(self.fd, c"".as_ptr(), libc::AT_EMPTY_PATH).ok()?;
        (status.st_mode & libc::S_IFMT == libc::S_IFREG).then_some(status.st_size)
    }

    fn append(&self, bytes: &[u8]) -> Result<(), Errno> {
        match self.length() {
            Some(length) => self.write_at(bytes, length),
            None => {
                system::write(self.fd, bytes);
                Ok(())
            }
        }
    }

    /// Adds events, each of which begins with a comma.
    fn append_json(&self, events: &[u8]) -> Result<(), Errno> {
        let first = |events: &[u8]| [b"[\n", events.strip_prefix(b",").unwrap_or(events)].concat();
        let Some(length) = self.length() else {
            // A pipe: the array stays open, which viewers do not mind.
            static BEGUN: AtomicU32 = AtomicU32::new(0);
            let begins = BEGUN.swap(1, Ordering::Relaxed) == 0;
            let events = if begins { first(events) } else { events.to_vec() };
            system::write(self.fd, &events);
            return Ok(());
        };
        let end = length - 3;
        let mut tail = [0; END.len()];
        let complete = end > 0 && system::read_at(self.fd, &mut tail, end) == Ok(3) && tail == END;
        let bytes =
            [if length == 0 { first(events) } else { events.to_vec() }, END.to_vec()].concat();
        self.write_at(&bytes, if complete { end } else { length })
    }

    fn write_at(&self, mut bytes: &[u8], mut offset: i64) -> Result<(), Errno> {
        while !bytes.is_empty() {
            let written = system::write_at(self.fd, bytes, offset)?;
            offset += i64::from(written);
            bytes = bytes.get(usize::try_from(written).unwrap_or(0)..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = system::close(self.fd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_array_is_complete_after_every_write() {
        let path = std::env::temp_dir().join(format!("lowcore-trace-{}", system::process()));
        let _ = fs::remove_file(&path);
        let name = CString::new(path.as_os_str().as_bytes()).unwrap();
        let append = |events: &str| {
            File::open(&name).unwrap().append_json(events.as_bytes()).unwrap();
            fs::read_to_string(&path).unwrap()
        };
        assert_eq!(append(",1,\n2"), "[\n1,\n2\n]\n");
        assert_eq!(append(",\n3"), "[\n1,\n2,\n3\n]\n");
        // What another process began, or left incomplete.
        fs::write(&path, "[\n7\n]\n").unwrap();
        assert_eq!(append(",\n8"), "[\n7,\n8\n]\n");
        fs::write(&path, "[\n7").unwrap();
        assert_eq!(append(",\n8"), "[\n7,\n8\n]\n");
        fs::remove_file(&path).unwrap();
    }
}
