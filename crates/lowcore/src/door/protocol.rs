//! Requests and replies: a line of JSON each.

use super::Interrupt;
use crate::machine::{Doing, Refused, Registers};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The version of the protocol.
pub const VERSION: u64 = 1;

/// What a machine is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Who it is and what it is doing: [`MachineStatus`].
    Status {},
    /// Inject an interrupt.
    Irq {
        /// Into which CPU; the first if none is named, none for a floating one.
        #[serde(skip_serializing_if = "Option::is_none")]
        cpu: Option<u16>,
        /// The interrupt.
        interrupt: Interrupt,
    },
    /// The registers of a CPU, or of all: [`CpuList`].
    Regs {
        /// Which CPU.
        #[serde(skip_serializing_if = "Option::is_none")]
        cpu: Option<u16>,
    },
    /// Keep all CPUs from executing.
    Pause {},
    /// End a pause.
    Resume {},
    /// Ask the guest to shut down.
    Stop {
        /// End the machine, whatever its guest does.
        #[serde(default)]
        force: bool,
    },
    /// Restart a CPU.
    Nmi {
        /// Which CPU; the first if none is named.
        #[serde(default)]
        cpu: u16,
    },
}

/// What a machine says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineStatus {
    /// The name that it was given.
    pub name: String,
    /// The process that runs it.
    pub pid: u32,
    /// Storage in bytes.
    pub memory: u64,
    /// Paused or running.
    pub state: State,
    /// Its CPUs, by address.
    pub cpus: Vec<CpuStatus>,
}

/// What a machine is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its CPUs execute.
    Running,
    /// No CPU executes, until it is resumed.
    Paused,
}

/// What a CPU is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuStatus {
    /// Its address.
    pub cpu: u16,
    /// Stopped, operating, or in a wait that no interruption ends.
    pub state: Doing,
}

/// The registers of CPUs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CpuList {
    /// One entry a CPU.
    pub cpus: Vec<Registers>,
}

/// Why a request was refused, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The name of the error that the KVM interface gave, if it was that.
    pub errno: Option<String>,
    /// A sentence.
    pub message: String,
}

impl Failure {
    /// A failure that the KVM interface has no part in.
    pub fn new(message: impl Into<String>) -> Self {
        Self { errno: None, message: message.into() }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let errno = match refused {
            Refused::Kvm(error) => Some(error.errno().to_string()),
            _ => None,
        };
        Self { errno, message: refused.to_string() }
    }
}

/// A line of JSON with its end.
fn line(value: &Value) -> Vec<u8> {
    let mut line = value.to_string().into_bytes();
    line.push(b'\n');
    line
}

impl Command {
    /// Reads a request.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(line: &[u8]) -> Result<Self, Failure> {
        let wrong = |error| Failure::new(format!("The request is not understood: {error}."));
        let request: Value = serde_json::from_slice(line)
            .map_err(|error| Failure::new(format!("The line is not JSON: {error}.")))?;
        let Value::Object(mut request) = request else {
            return Err(Failure::new("A request is an object, like {\"command\":\"status\"}."));
        };
        match request.remove("version") {
            None => {}
            Some(version) if version == VERSION => {}
            Some(version) => {
                return Err(Failure::new(format!(
                    "This machine speaks version {VERSION} of the protocol, not {version}."
                )));
            }
        }
        serde_json::from_value(Value::Object(request)).map_err(wrong)
    }

    /// The request as a line.
    ///
    /// # Errors
    /// None that a request of ours can meet.
    pub fn to_line(&self) -> serde_json::Result<Vec<u8>> {
        let mut request = serde_json::to_value(self)?;
        request["version"] = VERSION.into();
        Ok(line(&request))
    }
}

/// The reply as a line.
pub fn reply_to_line(reply: &Result<Value, Failure>) -> Vec<u8> {
    line(&match reply {
        Ok(result) => json!({ "version": VERSION, "result": result }),
        Err(failure) => json!({ "version": VERSION, "error": failure }),
    })
}

/// Reads a reply; `None` if it is none.
pub fn parse_reply(line: &[u8]) -> Option<Result<Value, Failure>> {
    let mut reply: Value = serde_json::from_slice(line).ok()?;
    match reply.get_mut("error") {
        Some(failure) => Some(Err(serde_json::from_value(failure.take()).ok()?)),
        None => Some(Ok(reply.get_mut("result")?.take())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(request: &[u8]) -> String {
        Command::parse(request).unwrap_err().message
    }

    #[test]
    fn requests_are_read() {
        let read = |text: &str| Command::parse(text.as_bytes());
        assert_eq!(read(r#"{"command":"status"}"#), Ok(Command::Status {}));
        assert_eq!(read(r#" {"version":1, "command":"pause"}"#), Ok(Command::Pause {}));
        assert_eq!(read(r#"{"command":"stop"}"#), Ok(Command::Stop { force: false }));
        assert_eq!(read(r#"{"command":"nmi","cpu":3}"#), Ok(Command::Nmi { cpu: 3 }));
        let irq = r#"{"command":"irq","cpu":1,"interrupt":{"type":"restart"}}"#;
        assert_eq!(read(irq), Ok(Command::Irq { cpu: Some(1), interrupt: Interrupt::Restart {} }));
    }

    #[test]
    fn what_is_no_request_is_refused_with_a_sentence() {
        assert!(refused(b"").starts_with("The line is not JSON"));
        assert!(refused(b"\xff\x00\x01").starts_with("The line is not JSON"));
        assert!(refused(b"{\"command\":\"sta").starts_with("The line is not JSON"));
        assert!(refused(&b"[".repeat(10_000)).starts_with("The line is not JSON"));
        assert!(refused(b"{\"command\":\"pause\"} {}").starts_with("The line is not JSON"));
        assert!(refused(b"[]").starts_with("A request is an object"));
        assert!(refused(b"{}").contains("command"));
        assert!(refused(br#"{"command":"reboot"}"#).contains("reboot"));
        assert!(refused(br#"{"command":"pause","for":3}"#).contains("for"));
        assert!(refused(br#"{"command":"regs","cpu":-1}"#).contains("not understood"));
        assert!(refused(br#"{"command":"regs","cpu":70000}"#).contains("not understood"));
        assert!(refused(br#"{"command":"pause","version":2}"#).contains("version 1"));
    }

    #[test]
    fn our_own_requests_and_replies_are_read_back() {
        let command = Command::Stop { force: true };
        let line = command.to_line().unwrap();
        assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
        assert_eq!(Command::parse(&line), Ok(command));
        let failure = Failure { errno: Some("EBUSY".into()), message: "Two\nlines".into() };
        for reply in [Ok(json!({"cpus": []})), Err(failure)] {
            let line = reply_to_line(&reply);
            assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
            assert_eq!(parse_reply(&line), Some(reply));
        }
        assert_eq!(parse_reply(b"hello\n"), None);
        assert_eq!(parse_reply(b"{}\n"), None);
    }
}
