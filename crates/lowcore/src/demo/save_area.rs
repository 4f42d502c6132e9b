//! The save areas: what a machine check and a store-status leave there (the
//! specification, sections C.7 and C.9).

use super::layout::PATTERN;
use super::machine::{Machine, Trouble};
use super::record::Record;
use lowcore_kvm::RunPage;

/// Where status is stored, and the parts of it.
const BEGIN: u64 = 0x1200;
const LENGTH: usize = 0x200;
const MODE_BYTE: u64 = 0xa3;
/// CPU-timer units that may pass between two moments of one exit: a second.
const SLACK: u64 = 4_096_000_000;

/// What is wrong with the save areas after a machine check, beside the
/// registers that the guest's handler has compared and the fields that it
/// recorded.
pub fn after_machine_check(
    machine: &mut Machine,
    cpu: u16,
    record: &Record,
) -> Result<Vec<String>, Trouble> {
    let prefix = u64::from(machine.cpu(cpu).prefix);
    let storage = &machine.storage;
    let mut problems = Vec::new();
    let mut check = |name: &str, right: bool| {
        if !right {
            problems.push(format!("the save area of the {name} is wrong"));
        }
    };
    check("floating-point registers", storage.bytes(prefix + 0x1200)? == [0; 128]);
    check("prefix, which is not stored", storage.bytes(prefix + 0x1318)? == [PATTERN; 4]);
    check("floating-point control", storage.u32(prefix + 0x131c)? == 0);
    check("TOD programmable register", storage.u32(prefix + 0x1324)? == 0);
    let timer = storage.u64(prefix + 0x1328)?;
    check("CPU timer", timer.wrapping_sub(record.timer()) < SLACK);
    check("clock comparator", storage.u64(prefix + 0x1330)? == record.comparator() >> 8);
    check("breaking event, which is not stored", storage.bytes(prefix + 0x1338)? == [PATTERN; 8]);
    check("access registers", storage.bytes(prefix + 0x1340)? == [0; 64]);
    Ok(problems)
}

/// Fills the places where store-status stores, so that what it does and does
/// not store is seen.
pub fn clear_status(machine: &Machine) -> Result<(), Trouble> {
    machine.storage.write(BEGIN, &[PATTERN; LENGTH])?;
    machine.storage.write(MODE_BYTE, &[PATTERN])?;
    Ok(())
}

/// What is wrong if status was not to be stored, and was.
pub fn status_untouched(machine: &Machine) -> Result<Option<String>, Trouble> {
    let untouched = machine.storage.bytes(BEGIN)? == [PATTERN; LENGTH]
        && machine.storage.bytes(MODE_BYTE)? == [PATTERN];
    Ok((!untouched).then(|| "status was stored".into()))
}

/// What is wrong with the stored status of a CPU, by the run page.
pub fn status(machine: &Machine, page: &RunPage) -> Result<Vec<String>, Trouble> {
    let mut expected = [PATTERN; LENGTH];
    let mut put = |address: usize, bytes: &[u8]| {
        let place = address - 0x1200;
        expected[place..place + bytes.len()].copy_from_slice(bytes);
    };
    for n in 0..16 {
        put(0x1200 + n * 8, &page.fpr(n).to_be_bytes());
        put(0x1280 + n * 8, &page.gpr(n).to_be_bytes());
        put(0x1340 + n * 4, &page.acr(n).to_be_bytes());
        put(0x1380 + n * 8, &page.cr(n).to_be_bytes());
    }
    put(0x1300, &page.psw().to_bytes());
    put(0x1318, &page.prefix().to_be_bytes()[4..]);
    put(0x131c, &page.fpc().to_be_bytes());
    put(0x1324, &page.todpr().to_be_bytes()[4..]);
    put(0x1330, &(page.clock_comparator() >> 8).to_be_bytes());
    // The timer may have gone on between the status and the exit.
    let timer = machine.storage.u64(0x1328)?;
    put(0x1328, &timer.to_be_bytes());

    let stored: [u8; LENGTH] = machine.storage.bytes(BEGIN)?;
    let mut problems = Vec::new();
    if timer.wrapping_sub(page.cpu_timer()) >= SLACK {
        problems.push(format!("stored CPU timer {timer:#x}, now {:#x}", page.cpu_timer()));
    }
    let wrong: Vec<String> = (0x1200..)
        .zip(stored.iter().zip(&expected))
        .filter(|(_, (stored, expected))| stored != expected)
        .map(|(address, _): (u64, _)| format!("{address:#x}"))
        .collect();
    if !wrong.is_empty() {
        problems.push(format!("wrong bytes in the status at {}", wrong.join(" ")));
    }
    if machine.storage.bytes(MODE_BYTE)? != [1] {
        problems.push("the byte at 0xa3 is not 1".into());
    }
    Ok(problems)
}
