//! Debian's kernel loads itself anew.

use crate::guest;
use crate::session::Session;
use std::fs;

const SCRIPT: &str = include_str!("reboot.sh");

/// What the host has given to a process.
#[derive(Debug)]
struct Host {
    /// Resident memory, in KiB.
    memory: u64,
    threads: u64,
    files: usize,
}

impl Host {
    fn of(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
        Self { memory: field("VmRSS:"), threads: field("Threads:"), files }
    }
}

/// What a line says of storage, CPUs and machine, which stay the same.
fn size(said: &str) -> String {
    let line = said.lines().find(|line| line.starts_with("type "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    line.trim().split_once(", ").unwrap().1.to_owned()
}

/// The guest sets an IPL parameter block (DIAGNOSE 0x308, subcode 5) and loads
/// with clearing (subcode 3); the second kernel is told of the block (subcode
/// 6). The host gets the storage of the first one back.
#[test]
fn a_reboot_loads_the_kernel_again_and_nothing_is_left_of_the_first() {
    const MIB: u64 = 1024;
    let guest = guest();
    let ramdisk = guest.ramdisk_with("reboot", &[("script", SCRIPT.as_bytes())]).unwrap();
    let arguments = ["--append", "quiet", "--cpus", "2", "--cpu-model", "z196"];
    let mut session = Session::start(&guest.kernel, &ramdisk, &arguments);
    let first = session.until("it reboots");
    assert!(first.contains("type unknown"), "{first}");
    let before = Host::of(session.id());
    let second = session.until("it was loaded again");
    let after = Host::of(session.id());
    assert!(second.contains("device 0.0.4711, parameter LOWCORE1"), "{second}");
    assert!(size(&first).ends_with("CPUs 2, machine 2817"), "{first}");
    assert_eq!(size(&first), size(&second));
    assert_eq!((before.threads, before.files), (after.threads, after.files));
    println!("the host has {} KiB before, {} KiB after", before.memory, after.memory);
    assert!(after.memory + 100 * MIB < before.memory, "{after:?} after {before:?}");
    let (status, output) = session.end();
    assert_eq!(status, Some(0), "{output}");
}
