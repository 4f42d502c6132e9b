//! What the demonstration found, row by row.

use super::expect::Field;
use super::machine::State;
use super::record::{Record, class_name};
use lowcore_arch::Psw;
use serde::Serialize;
use std::time::Duration;

/// The parts of the demonstration, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// Every type in every state.
    Local,
    /// Timers: armed, then hinted.
    Timers,
    /// Several interrupts at once.
    Together,
    /// What the guest causes itself, and floating interrupts.
    Others,
    /// Accepted, with no effect, as specified.
    Ignored,
    /// Refused.
    Refused,
}

impl Section {
    /// As shown above the section's rows.
    pub fn title(self) -> &'static str {
        match self {
            Self::Local => "Local interrupts by KVM_S390_IRQ",
            Self::Timers => "Timers, armed before the hint",
            Self::Together => "Several at once: merged or in order",
            Self::Others => "By the guest itself, and floating",
            Self::Ignored => "Accepted without an effect",
            Self::Refused => "Refused, and nothing has changed",
        }
    }
}

/// What was done.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    /// The part of the demonstration.
    pub section: Section,
    /// The interrupt's type or the ioctl, under the kernel's name.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What else tells this row from others.
    pub detail: String,
    /// The CPU that it was done to.
    pub cpu: u16,
    /// What that CPU was doing.
    pub state: State,
}

impl Head {
    /// What was done, in one line.
    pub fn text(&self) -> String {
        let kind = self.kind.trim_start_matches("KVM_S390_").trim_start_matches("INT_");
        format!("{kind} {}", self.detail.trim_start()).trim_end().to_owned()
    }
}

/// A value that the guest or the run page shows.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value, hexadecimal where it has a width.
    pub value: String,
}

/// A PSW as two hexadecimal numbers.
#[derive(Clone, Debug, Serialize)]
pub struct HexPsw {
    /// Bits 0 to 63.
    pub mask: String,
    /// The instruction address.
    pub address: String,
}

impl From<Psw> for HexPsw {
    fn from(psw: Psw) -> Self {
        Self { mask: format!("{:#018x}", psw.mask), address: format!("{:#x}", psw.addr) }
    }
}

/// What became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// The handler's class, or what else was to be seen.
    pub class: String,
    /// The interruption code, if the class has one, or the intercept code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Parameter fields.
    pub parameters: Vec<Parameter>,
    /// The interrupted PSW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_psw: Option<HexPsw>,
    /// The prefix in the handler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Position of the record in its CPU's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u32>,
}

impl Seen {
    /// From a handler's record.
    pub fn recorded(record: &Record, fields: &[Field]) -> Self {
        let code = record.code();
        let is_code = |field: &&Field| field.name != "code";
        Self {
            class: class_name(record.class()).into(),
            code: code.map(|code| format!("{code:#06x}")),
            parameters: fields
                .iter()
                .filter(is_code)
                .map(|field| Parameter {
                    name: field.name,
                    value: if field.length == 1 || field.name == "length" {
                        field.value_in(record).to_string()
                    } else {
                        field.hex(field.value_in(record))
                    },
                })
                .collect(),
            old_psw: Some(record.old_psw().into()),
            prefix: Some(format!("{:#x}", record.prefix())),
            record: Some(record.sequence()),
        }
    }

    /// From something that is no record.
    pub fn observed(class: impl Into<String>, code: Option<u8>, psw: Option<Psw>) -> Self {
        Self {
            class: class.into(),
            code: code.map(|code| format!("{code:#04x}")),
            parameters: Vec::new(),
            old_psw: psw.map(HexPsw::from),
            prefix: None,
            record: None,
        }
    }

    /// With one more parameter.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push(Parameter { name, value: value.into() });
        self
    }
}

/// The result of one row.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// What was seen.
    pub seen: Option<Seen>,
    /// From the injection, or from the start of a CPU that was outside
    /// KVM_RUN, to the handler's record.
    pub time: Option<Duration>,
    /// The error, by name, where one was called for or came unexpectedly.
    pub errno: Option<String>,
    /// In what it is not as specified.
    pub problems: Vec<String>,
}

/// One row.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What was done.
    #[serde(flatten)]
    pub head: Head,
    /// What was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errno: Option<String>,
    /// Time to the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microseconds: Option<f64>,
    /// Whether all is as specified.
    pub ok: bool,
    /// What is not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

impl Row {
    /// Of a head and its result.
    pub fn new(head: Head, observation: Observation) -> Self {
        let Observation { seen, time, errno, problems } = observation;
        Self {
            head,
            seen,
            errno,
            microseconds: time.map(|time| time.as_secs_f64() * 1e6),
            ok: problems.is_empty(),
            problems,
        }
    }
}

/// Everything.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Bytes of the guest's image.
    pub guest_bytes: usize,
    /// Number of guest CPUs.
    pub cpus: usize,
    /// The rows, in the order in which they were run.
    pub rows: Vec<Row>,
    /// Whether the demonstration was broken off.
    pub gave_up: bool,
    /// Whether everything was done and was as specified.
    pub ok: bool,
}

impl Report {
    /// Rows that are not as specified.
    pub fn failed(&self) -> usize {
        self.rows.iter().filter(|row| !row.ok).count()
    }
}
