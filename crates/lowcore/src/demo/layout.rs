//! What the guest and its host agree on: the host's half of
//! `guest/layout.inc`. A test compares the two.

macro_rules! shared {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        $($(#[$doc])* pub const $name: $type = $value;)*

        /// Name and value of each constant.
        #[cfg(test)]
        const ALL: &[(&str, u64)] = &[$((stringify!($name), $value as u64)),*];
    };
}

shared! {
    /// The parameter fields of the low core that a record copies.
    LC_PARAMETERS: usize = 0x80;
    LC_PARAMETERS_SIZE: usize = 0x80;

    CB_COMMAND: u64 = 0x00;
    CB_ACK: u64 = 0x04;
    CB_NEXT: u64 = 0x08;
    CB_FAULTS: u64 = 0x0c;
    CB_OPERAND: u64 = 0x10;
    CB_RESULT: u64 = 0x18;
    CB_SPINS: u64 = 0x20;
    CB_PREFIX_A: u64 = 0x28;
    CB_PREFIX_B: u64 = 0x30;
    CB_LOG: u64 = 0x38;
    CB_CR0: u64 = 0x40;
    CB_CR6: u64 = 0x48;
    CB_CR14: u64 = 0x50;
    CB_WITNESSES: u64 = 0x60;

    CMD_SPIN: u32 = 1;
    CMD_WAIT: u32 = 2;
    CMD_MASKED: u32 = 3;
    CMD_SVC: u32 = 4;
    CMD_OPERATION: u32 = 5;
    CMD_DIAGNOSE: u32 = 6;
    CMD_COMPARATOR: u32 = 7;
    CMD_TIMER: u32 = 8;
    CMD_SIGP: u32 = 9;

    REC_SEQUENCE: usize = 0x00;
    REC_CLASS: usize = 0x04;
    REC_PREFIX: usize = 0x08;
    REC_CPU: usize = 0x0c;
    REC_CHECKS: usize = 0x0e;
    REC_OLD_PSW: usize = 0x10;
    REC_TOD: usize = 0x20;
    REC_COMPARATOR: usize = 0x28;
    REC_TIMER: usize = 0x30;
    REC_CR0: usize = 0x38;
    REC_CR14: usize = 0x40;
    REC_BREAKING_EVENT: usize = 0x48;
    REC_PARAMETER_2: usize = 0x50;
    REC_LOGOUT: usize = 0x60;
    REC_PARAMETERS: usize = 0x80;
    REC_SIZE_SHIFT: u32 = 8;
    LOG_INDEX_MASK: u32 = 255;

    CLASS_RESTART: u32 = 1;
    CLASS_EXTERNAL: u32 = 2;
    CLASS_SVC: u32 = 3;
    CLASS_PROGRAM: u32 = 4;
    CLASS_MACHINE: u32 = 5;
    CLASS_IO: u32 = 6;

    CHECK_GPRS: u16 = 1;
    CHECK_CRS: u16 = 2;
}

/// Length of [`CB_WITNESSES`].
pub const WITNESSES_SIZE: usize = 96;
/// Length of a log record in bytes.
pub const REC_SIZE: usize = 1 << REC_SIZE_SHIFT;
/// What a field holds that nobody has stored since the last record.
pub const PATTERN: u8 = 0xee;

/// Where the image is linked and loaded.
pub const IMAGE: u64 = 0x1_0000;
/// Guest storage: one slot at absolute 0.
pub const STORAGE: usize = 0x10_0000;

/// The prefix area that CPU `n` starts with.
pub const fn prefix_a(n: u16) -> u32 {
    0x2_0000 + n as u32 * 0x8000
}

/// The prefix area that CPU `n` can be moved to.
pub const fn prefix_b(n: u16) -> u32 {
    prefix_a(n) + 0x4000
}

/// The control block of CPU `n`.
pub const fn control_block(n: u16) -> u64 {
    0x4_0000 + n as u64 * 0x1000
}

/// The log of CPU `n`.
pub const fn log(n: u16) -> u64 {
    0x8_0000 + n as u64 * 0x1_0000
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use std::collections::HashMap;

    #[test]
    fn same_as_the_assembler_has_it() {
        let source = include_str!("../../guest/layout.inc");
        let theirs: HashMap<&str, u64> = source
            .lines()
            .filter_map(|line| line.strip_prefix(".set "))
            .map(|line| {
                let line = line.split('#').next().unwrap();
                let (name, value) = line.split_once(',').unwrap();
                let value = value.trim();
                let value = match value.strip_prefix("0x") {
                    Some(hex) => u64::from_str_radix(hex, 16),
                    None => value.parse(),
                };
                (name.trim(), value.unwrap())
            })
            .collect();
        for (name, value) in ALL {
            assert_eq!(theirs.get(name), Some(value), "{name}");
        }
        for name in theirs.keys().filter(|name| !name.starts_with("LC")) {
            let guests_own = name.starts_with("SAVE") || *name == "CB_MASK";
            assert!(guests_own || ALL.iter().any(|(ours, _)| ours == name), "{name}");
        }
    }
}
