//! What the machine has: storage and CPUs.

use super::sccb::HEADER;
use super::{Configuration, Sccb, response};
use lowcore_arch::bits;

/// Offsets in the answer to READ SCP INFORMATION.
mod scp {
    pub const INCREMENTS: usize = 8;
    pub const INCREMENT_SIZE: usize = 10;
    pub const CPUS: usize = 16;
    pub const CPUS_OFFSET: usize = 18;
    pub const LOAD_PARAMETER: usize = 24;
    pub const FACILITIES: usize = 48;
    pub const INCREMENT_SIZE_2: usize = 100;
    pub const INCREMENTS_2: usize = 104;
    pub const HIGHEST_CPU: usize = 120;
    /// Where the entries of CPUs begin.
    pub const ENTRIES: usize = 128;
}

/// Offsets in the answer to READ CPU INFORMATION.
mod cpu {
    pub const CONFIGURED: usize = 8;
    pub const CONFIGURED_OFFSET: usize = 10;
    pub const STANDBY: usize = 12;
    pub const STANDBY_OFFSET: usize = 14;
    pub const ENTRIES: usize = 24;
}

/// Bytes that describe a CPU: its address, features and type, which are zero
/// for a general-purpose CPU without any.
const ENTRY: usize = 16;
/// The facility that there is READ CPU INFORMATION.
const CPU_INFORMATION: u64 = 1 << 59;
/// A halfword holds this many increments of storage.
const MAX_INCREMENTS: u64 = 0xffff;

/// The size of storage increments, a power of two of MiB.
fn increment(memory: u64) -> u64 {
    let mut size = 1 << 20;
    while memory / size > MAX_INCREMENTS {
        size *= 2;
    }
    size
}

/// Clears everything behind the header and adds an entry for each CPU.
fn begin(configuration: &Configuration, sccb: &mut Sccb, entries: usize) -> Option<()> {
    let end = entries + ENTRY * usize::from(configuration.cpus);
    if sccb.len() < end {
        return None;
    }
    sccb.put(HEADER, &vec![0; sccb.len() - HEADER]);
    for address in 0..configuration.cpus {
        sccb.put(entries + ENTRY * usize::from(address), &[bits::low8(address.into())]);
    }
    Some(())
}

/// READ SCP INFORMATION.
pub(super) fn read_scp_information(
    configuration: &Configuration,
    load_parameter: [u8; 8],
    sccb: &mut Sccb,
) -> u16 {
    if begin(configuration, sccb, scp::ENTRIES).is_none() {
        return response::INSUFFICIENT_LENGTH;
    }
    let Configuration { memory, cpus, .. } = *configuration;
    let size = increment(memory);
    let increments = memory / size;
    let mib = size >> 20;
    sccb.put(scp::INCREMENTS, &bits::low16(increments).to_be_bytes());
    match u8::try_from(mib) {
        Ok(mib) => sccb.put(scp::INCREMENT_SIZE, &[mib]),
        // 0 refers to the wider field.
        Err(_) => sccb.put(scp::INCREMENT_SIZE_2, &bits::low32(mib).to_be_bytes()),
    }
    sccb.put(scp::INCREMENTS_2, &increments.to_be_bytes());
    sccb.put(scp::CPUS, &cpus.to_be_bytes());
    sccb.put(scp::CPUS_OFFSET, &bits::low16(scp::ENTRIES as u64).to_be_bytes());
    sccb.put(scp::LOAD_PARAMETER, &load_parameter);
    sccb.put(scp::FACILITIES, &CPU_INFORMATION.to_be_bytes());
    sccb.put(scp::HIGHEST_CPU, &cpus.saturating_sub(1).to_be_bytes());
    response::READ
}

/// READ CPU INFORMATION: all CPUs are configured.
pub(super) fn read_cpu_information(configuration: &Configuration, sccb: &mut Sccb) -> u16 {
    if begin(configuration, sccb, cpu::ENTRIES).is_none() {
        return response::INSUFFICIENT_LENGTH;
    }
    let behind = cpu::ENTRIES + ENTRY * usize::from(configuration.cpus);
    for (at, value) in [
        (cpu::CONFIGURED, usize::from(configuration.cpus)),
        (cpu::CONFIGURED_OFFSET, cpu::ENTRIES),
        (cpu::STANDBY, 0),
        (cpu::STANDBY_OFFSET, behind),
    ] {
        sccb.put(at, &bits::low16(value as u64).to_be_bytes());
    }
    response::READ
}

#[cfg(test)]
mod tests {
    use super::super::Console;
    use super::*;

    fn ask(memory: u64, cpus: u16, length: usize) -> (u16, Sccb) {
        let mut sccb = Sccb::new(vec![0xff; length]).expect("a block");
        let configuration = Configuration { memory, cpus, console: Console::Vt220 };
        (read_scp_information(&configuration, [0xd3; 8], &mut sccb), sccb)
    }

    /// As Linux computes it.
    fn memory_of(sccb: &Sccb) -> u64 {
        let [size] = *sccb.get(scp::INCREMENT_SIZE, 1).expect("a byte") else { panic!() };
        let size = match size {
            0 => u64::from(sccb.u16(scp::INCREMENT_SIZE_2 + 2).expect("a halfword")),
            size => size.into(),
        };
        (size << 20) * u64::from(sccb.u16(scp::INCREMENTS).expect("a halfword"))
    }

    #[test]
    fn storage_is_told_in_increments() {
        for memory in [64 << 20, 512 << 20, 4 << 30, 65535 << 20, 64 << 30, 16 << 40, 1 << 44] {
            let (code, sccb) = ask(memory, 1, 4096);
            assert_eq!((code, memory_of(&sccb)), (response::READ, memory));
            assert_eq!(sccb.get(scp::LOAD_PARAMETER, 8), Some(&[0xd3; 8][..]));
        }
    }

    #[test]
    fn every_cpu_has_an_entry() {
        let (_, sccb) = ask(512 << 20, 3, 4096);
        assert_eq!((sccb.u16(scp::CPUS), sccb.u16(scp::HIGHEST_CPU)), (Some(3), Some(2)));
        for address in 0..3 {
            let entry = sccb.get(scp::ENTRIES + ENTRY * address, ENTRY).expect("an entry");
            assert_eq!(usize::from(entry[0]), address);
            assert_eq!(entry[1..], [0; ENTRY - 1]);
        }
    }

    #[test]
    fn a_block_without_room_is_left_as_it_is() {
        let (code, sccb) = ask(512 << 20, 3, 128 + 3 * 16 - 1);
        assert_eq!(code, response::INSUFFICIENT_LENGTH);
        assert!(sccb.bytes().iter().all(|&byte| byte == 0xff));
        assert_eq!(ask(512 << 20, 248, 4096).0, response::READ);
    }
}
