//! What a program asked of KVM, one event an ioctl.
//!
//! `LOWCORE_TRACE` names a file, an absolute one if the program changes its
//! folder. A name that ends in `.txt` gives one line of text an ioctl:
//!
//! ```text
//! 81.208514 1200/1203 vcpu 1 fd 9 KVM_S390_IRQ type=KVM_S390_INT_EMERGENCY code=3 = 0 <0.000002>
//! ```
//!
//! These are seconds of the monotonic clock, process and thread, the object
//! and its descriptor, the call with its arguments, what it returned or the
//! name of the error, and how long it took. Any other name gives the JSON
//! array of Chrome's trace-event format, which trace viewers show as a
//! time line of each thread.
//!
//! Events are kept in memory and written by whichever thread finds that they
//! are many or old, and before a run; the file is a complete JSON array after
//! each write. Processes that share the file take turns. A process that is
//! killed loses the events of its last moments. What a child of `_Fork` or of
//! a bare `clone` asks of its parent's descriptors is not noted.

mod decode;
mod file;
mod value;

use std::ffi::c_int;
use std::fmt::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

use lowcore_abi::{KVM_RUN, names};
use lowcore_host::clock;
use lowcore_host::memory::ClientMemory;
use lowcore_kvm::Object;

use crate::fork;
use crate::system::{self, Errno};
use value::{Fields, Value};

pub use file::{flush, forget};

/// How events are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Text,
}

const OFF: u8 = 0;
const JSON: u8 = 1;
const TEXT: u8 = 2;

static FORM: AtomicU8 = AtomicU8::new(OFF);

fn form() -> Option<Form> {
    match FORM.load(Ordering::Relaxed) {
        JSON => Some(Form::Json),
        TEXT => Some(Form::Text),
        _ => None,
    }
}

/// Starts to trace if the environment says so. Called when the object is
/// loaded, before the program could change its environment.
pub fn start() {
    let Some(name) = std::env::var_os("LOWCORE_TRACE").filter(|name| !name.is_empty()) else {
        return;
    };
    let path = PathBuf::from(name);
    let path = std::path::absolute(&path).unwrap_or(path);
    let text = path.extension().is_some_and(|extension| extension == "txt");
    file::name(&path);
    FORM.store(if text { TEXT } else { JSON }, Ordering::Relaxed);
}

/// An ioctl that has begun.
#[derive(Debug)]
pub struct Event {
    start: u64,
    number: u32,
    argument: u64,
    fields: Fields,
}

/// Notes an ioctl, if the process is traced. Signals are deferred until after
/// [`Event::end`].
pub fn begin(
    fd: c_int,
    object: &Object,
    number: u32,
    argument: u64,
    client: &ClientMemory,
) -> Option<Event> {
    form()?;
    if number == KVM_RUN {
        file::flush_if_older(file::BEFORE_A_RUN_NS);
    }
    let mut fields = Fields::default();
    fields.add("fd", Value::signed(fd.into()));
    decode::arguments(&mut fields, object, number, argument, client);
    Some(Event { start: clock::monotonic_ns(), number, argument, fields })
}

impl Event {
    /// Writes the event with its result.
    pub fn end(mut self, object: &Object, result: Result<c_int, Errno>, client: &ClientMemory) {
        let end = clock::monotonic_ns();
        let results = decode::results(object, self.number, self.argument, result, client);
        self.fields.append(results);
        write(&object_name(object), &self, result, end);
    }
}

/// Notes an ioctl that was refused because its descriptor is of the parent,
/// unless that needs a heap that may be locked for ever.
pub fn refused(fd: c_int, number: u32, argument: u64) {
    if form().is_none() || !fork::heap_is_whole() {
        return;
    }
    let mut fields = Fields::default();
    fields.add("fd", Value::signed(fd.into()));
    let start = clock::monotonic_ns();
    let event = Event { start, number, argument, fields };
    write("inherited", &event, Err(libc::EIO), start);
}

fn object_name(object: &Object) -> String {
    match object {
        Object::System(_) => "system".to_owned(),
        Object::Vm(_) => "vm".to_owned(),
        Object::Vcpu(vcpu) => format!("vcpu {}", vcpu.id()),
        Object::Flic(_) => "flic".to_owned(),
    }
}

fn write(object: &str, event: &Event, result: Result<c_int, Errno>, end: u64) {
    let Some(form) = form() else { return };
    let mut line = String::new();
    let written = match form {
        Form::Json => write_json(&mut line, object, event, result, end),
        Form::Text => write_text(&mut line, object, event, result, end),
    };
    // A string takes whatever is written to it.
    if written.is_ok() {
        file::add(form, &line, end);
    }
}

/// An ioctl's name, or its number.
fn call_name(number: u32) -> String {
    names::ioctl_name(number).map_or_else(|| format!("ioctl {number:#x}"), str::to_owned)
}

/// Nanoseconds with a point that many digits from the right.
fn decimal(ns: u64, unit: u64, digits: usize) -> String {
    let fraction = ns % unit / (unit / 10_u64.pow(u32::try_from(digits).unwrap_or(0)));
    format!("{}.{fraction:0digits$}", ns / unit)
}

fn write_text(
    out: &mut String,
    object: &str,
    event: &Event,
    result: Result<c_int, Errno>,
    end: u64,
) -> fmt::Result {
    const SECOND: u64 = 1_000_000_000;
    let (process, thread) = (system::process(), system::thread());
    let at = decimal(event.start, SECOND, 6);
    let (fd, rest) = event.fields.split_first();
    write!(out, "{at} {process}/{thread} {object} fd {fd} {}", call_name(event.number))?;
    for (name, value) in rest {
        write!(out, " {name}={}", value.text())?;
    }
    let took = decimal(end - event.start, SECOND, 6);
    match result {
        Ok(value) => writeln!(out, " = {value} <{took}>"),
        Err(errno) => writeln!(out, " = {} <{took}>", lowcore_kvm::Errno(errno)),
    }
}

fn write_json(
    out: &mut String,
    object: &str,
    event: &Event,
    result: Result<c_int, Errno>,
    end: u64,
) -> fmt::Result {
    const MICROSECOND: u64 = 1000;
    write!(
        out,
        r#"{{"name":"{}","cat":"{object}","ph":"X","ts":{},"dur":{},"pid":{},"tid":{},"args":{{"#,
        call_name(event.number),
        decimal(event.start, MICROSECOND, 3),
        decimal(end - event.start, MICROSECOND, 3),
        system::process(),
        system::thread(),
    )?;
    write!(out, r#""object":"{object}""#)?;
    for (name, value) in event.fields.iter() {
        write!(out, r#","{name}":{}"#, value.json())?;
    }
    match result {
        Ok(value) => write!(out, r#","result":{value}}}}}"#),
        Err(errno) => write!(out, r#","result":-1,"errno":"{}"}}}}"#, lowcore_kvm::Errno(errno)),
    }
}
