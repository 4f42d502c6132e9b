//! What the specification lets the guest see, and the comparison with what
//! it saw.
//!
//! The offsets and values here and in the modules that fill these types are
//! the specification's own numbers on purpose: constants shared with the
//! crates under test would hide an error in them.

use super::image::Image;
use super::layout::*;
use super::record::{Record, class_name};
use lowcore_arch::Psw;

/// What every record must agree on, whatever it is about.
pub const SPIN_MASK: u64 = 0x0304_0001_8000_0000;
/// Mask half of the PSW of a waiting CPU.
pub const WAIT_MASK: u64 = 0x0306_0001_8000_0000;
/// Mask half of the PSW of a handler, and of the masked loop.
pub const DISABLED_MASK: u64 = 0x0000_0001_8000_0000;
const CONDITION_CODE: u64 = 0x0000_3000_0000_0000;

/// Control register 0 as the guest loads it: the reset value and the
/// subclasses of emergency signal, external call, clock comparator, CPU timer
/// and service signal.
pub const CR0: u64 = 0x6ee0;
/// Control register 6: every I/O subclass.
pub const CR6: u64 = 0xff00_0000;
/// Control register 14: the five machine-check subclasses and what reset
/// leaves in it.
pub const CR14: u64 = 0xdf00_0000;

/// A field of the low core that the interruption stores.
#[derive(Clone, Debug)]
pub struct Field {
    /// As shown.
    pub name: &'static str,
    /// Real address.
    pub real: u16,
    /// Length in bytes.
    pub length: usize,
    /// The value; `None` for one that the specification leaves open, though
    /// it must be stored.
    pub value: Option<u128>,
}

impl Field {
    /// A field of `length` bytes at a real address.
    pub fn new(name: &'static str, real: u16, length: usize, value: impl Into<u128>) -> Self {
        Self { name, real, length, value: Some(value.into()) }
    }

    /// A field whose value is not specified.
    pub fn stored(name: &'static str, real: u16, length: usize) -> Self {
        Self { name, real, length, value: None }
    }

    /// The bytes of a record that hold this field; none if the record has no
    /// copy of it.
    pub fn bytes<'r>(&self, record: &'r Record) -> &'r [u8] {
        Record::place(self.real)
            .and_then(|place| record.0.get(place..place + self.length))
            .unwrap_or_default()
    }

    /// The field's value in a record.
    pub fn value_in(&self, record: &Record) -> u128 {
        self.bytes(record).iter().fold(0, |value, byte| value << 8 | u128::from(*byte))
    }

    /// A value as hexadecimal digits of the field's length.
    pub fn hex(&self, value: u128) -> String {
        format!("0x{value:0width$x}", width = self.length * 2)
    }
}

/// The PSW that an interruption must have stored.
#[derive(Clone, Copy, Debug)]
pub enum OldPsw {
    /// Exactly this.
    Same(Psw),
    /// That of a CPU that spins, moved back by some bytes.
    Spinning(u64),
    /// That of a CPU that waits, moved back by some bytes.
    Waiting(u64),
}

impl OldPsw {
    /// The same, moved back over a nullified instruction.
    pub fn rewound(self, length: u64) -> Self {
        match self {
            Self::Same(psw) => Self::Same(Psw { addr: psw.addr - length, ..psw }),
            Self::Spinning(_) => Self::Spinning(length),
            Self::Waiting(_) => Self::Waiting(length),
        }
    }

    /// What is wrong with a PSW, if anything.
    pub fn problem(self, seen: Psw, image: &Image) -> Option<String> {
        let mask = seen.mask & !CONDITION_CODE;
        match self {
            Self::Same(psw) => {
                (seen != psw).then(|| format!("old PSW {}, expected {}", show(seen), show(psw)))
            }
            Self::Spinning(back) => (mask != SPIN_MASK || !image.is_spinning(seen.addr + back))
                .then(|| {
                    format!(
                        "old PSW {}, expected {SPIN_MASK:016x} and an address in \
                         {:#x}..{:#x} minus {back}",
                        show(seen),
                        image.main,
                        image.main_end
                    )
                }),
            Self::Waiting(back) => (mask != WAIT_MASK || seen.addr + back != image.wait_resume)
                .then(|| {
                    let expected = Psw::new(WAIT_MASK, image.wait_resume - back);
                    format!("old PSW {}, expected {}", show(seen), show(expected))
                }),
        }
    }
}

/// A PSW as two hexadecimal halves, the address without leading zeros.
pub fn show(psw: Psw) -> String {
    format!("{:016x} {:#x}", psw.mask, psw.addr)
}

/// Everything that one record must show.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// `CLASS_*`.
    pub class: u32,
    /// The CPU that takes it.
    pub cpu: u16,
    /// Its prefix.
    pub prefix: u32,
    /// The interrupted PSW.
    pub old_psw: OldPsw,
    /// The fields that the interruption stores; all others must be untouched.
    pub fields: Vec<Field>,
    /// Fields of other interruptions that were delivered together with this
    /// one and whose handlers have not run yet.
    pub others: Vec<Field>,
}

impl Expectation {
    /// Everything in which a record differs from this.
    pub fn problems(&self, record: &Record, image: &Image) -> Vec<String> {
        let mut problems = Vec::new();
        let mut differ = |name: &str, seen: String, expected: String| {
            if seen != expected {
                problems.push(format!("{name} {seen}, expected {expected}"));
            }
        };
        differ("class", class_name(record.class()).into(), class_name(self.class).into());
        differ("CPU", record.cpu().to_string(), self.cpu.to_string());
        differ("prefix", format!("{:#x}", record.prefix()), format!("{:#x}", self.prefix));
        let (cr0, cr14) = record.control_registers();
        differ("CR0", format!("{cr0:#x}"), format!("{CR0:#x}"));
        differ("CR14", format!("{cr14:#x}"), format!("{CR14:#x}"));
        let checks = if self.class == CLASS_MACHINE { CHECK_GPRS | CHECK_CRS } else { 0 };
        differ("save-area checks", record.checks().to_string(), checks.to_string());
        for field in self.fields.iter().chain(&self.others) {
            let seen = field.value_in(record);
            match field.value {
                Some(value) => differ(field.name, field.hex(seen), field.hex(value)),
                None if field.bytes(record).iter().all(|byte| *byte == PATTERN) => {
                    differ(field.name, "not stored".into(), "stored".into());
                }
                None => {}
            }
        }
        problems.extend(self.old_psw.problem(record.old_psw(), image));
        problems.extend(self.stray_stores(record));
        problems
    }

    /// Bytes that were stored though the specification does not say so.
    fn stray_stores(&self, record: &Record) -> Option<String> {
        let mut expected = [false; REC_SIZE];
        for field in self.fields.iter().chain(&self.others) {
            if let Some(place) = Record::place(field.real) {
                expected[place..place + field.length].fill(true);
            }
        }
        let stray: Vec<String> = Record::parameter_bytes()
            .filter(|place| !expected[*place] && record.0[*place] != PATTERN)
            .map(|place| format!("{place:#x}"))
            .collect();
        (!stray.is_empty()).then(|| {
            format!("bytes were stored that should not be, in the record at {}", stray.join(" "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fill: impl FnOnce(&mut [u8; REC_SIZE])) -> Record {
        let mut bytes = [0; REC_SIZE];
        for place in Record::parameter_bytes() {
            bytes[place] = PATTERN;
        }
        bytes[REC_CR0..REC_CR0 + 8].copy_from_slice(&CR0.to_be_bytes());
        bytes[REC_CR14..REC_CR14 + 8].copy_from_slice(&CR14.to_be_bytes());
        bytes[REC_CLASS + 3] = 2;
        bytes[REC_OLD_PSW..REC_OLD_PSW + 8].copy_from_slice(&WAIT_MASK.to_be_bytes());
        fill(&mut bytes);
        Record(bytes)
    }

    fn problems(record: &Record) -> Vec<String> {
        let image = Image::embedded().unwrap();
        let expectation = Expectation {
            class: CLASS_EXTERNAL,
            cpu: 0,
            prefix: 0,
            old_psw: OldPsw::Waiting(0),
            fields: vec![Field::new("code", 0x86, 2, 0x1201u16)],
            others: vec![],
        };
        expectation.problems(record, &image)
    }

    fn good(bytes: &mut [u8; REC_SIZE]) {
        let resume = Image::embedded().unwrap().wait_resume;
        bytes[REC_OLD_PSW + 8..REC_OLD_PSW + 16].copy_from_slice(&resume.to_be_bytes());
        bytes[0x86..0x88].copy_from_slice(&[0x12, 0x01]);
    }

    #[test]
    fn a_good_record_has_no_problem() {
        assert_eq!(problems(&record(good)), Vec::<String>::new());
    }

    #[test]
    fn every_byte_of_a_record_counts() {
        let uncounted =
            [REC_SEQUENCE..REC_CLASS, REC_TOD..REC_CR0, 0x58..REC_LOGOUT, 0x70..REC_PARAMETERS];
        for place in (0..REC_SIZE).filter(|p| !uncounted.iter().any(|range| range.contains(p))) {
            let bad = record(|bytes| {
                good(bytes);
                bytes[place] ^= 1;
            });
            assert!(!problems(&bad).is_empty(), "{place:#x}");
        }
    }

    #[test]
    fn a_field_of_open_value_must_be_stored() {
        let field = Field::stored("breaking event", 0x110, 8);
        let untouched = record(|_| {});
        assert_eq!(field.bytes(&untouched), [PATTERN; 8]);
        assert_eq!(field.hex(0x12), "0x0000000000000012");
    }
}
