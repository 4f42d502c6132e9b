//! docs/instructions.md says what the table and the test lines have.
//! `cargo xtask tables` writes it.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_arch::Facility;
use lowcore_isa::ROWS;
use lowcore_testkit::ins::all_lines;
use lowcore_testkit::oracle::{deviation, mnemonic, obstacle, system};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "# Instructions
One line for each row of the table in `crates/isa/src/table/`; `cargo xtask tables` writes this file, and a test compares it.

Operation codes: the first byte, then the digits that the format has elsewhere. The facility is the one that the instruction came with, if it is not as old as z/Architecture itself. Lines are those of `crates/testkit/ins/`, all of which run on the interpreter; of them so many are also checked by qemu-s390x (user), by qemu-system-s390x (system), or by neither, where the emulator lacks the instruction, deviates from the manual (`DEVIATIONS` in `crates/testkit/src/oracle.rs` has the rules), or cannot show the result.

| mnemonic | code | format | facility | lines | user | system | neither |
|---|---|---|---|---|---|---|---|
";

/// Lines of a mnemonic: all, checked in user mode, on the full machine.
#[derive(Clone, Copy, Default)]
struct Lines {
    all: usize,
    user: usize,
    system: usize,
}

fn lines() -> BTreeMap<&'static str, Lines> {
    let mut counts: BTreeMap<_, Lines> = BTreeMap::new();
    for (_, case) in all_lines().unwrap() {
        let count = counts.entry(mnemonic(&case)).or_default();
        count.all += 1;
        if obstacle(&case, &case.outcome).is_none() {
            count.user += 1;
        } else if system::obstacle(&case, &case.outcome).is_none()
            && deviation(&case, &case.outcome).is_none()
        {
            count.system += 1;
        }
    }
    counts
}

/// Number and name.
fn facility(facility: Facility) -> String {
    let name = Facility::NAMED.iter().find(|(named, _)| *named == facility);
    let name = name.map_or(String::new(), |(_, name)| name.to_lowercase().replace('_', " "));
    if facility == Facility::N3 { "-".to_string() } else { format!("{} {name}", facility.0) }
}

fn document() -> String {
    let counts = lines();
    let mut text = HEAD.to_string();
    let mut rows: Vec<_> = ROWS.iter().collect();
    rows.sort_by_key(|row| row.mnemonic);
    let mut sum = Lines::default();
    for row in rows {
        let count = counts.get(row.mnemonic).copied().unwrap_or_default();
        let Lines { all, user, system } = count;
        sum = Lines { all: sum.all + all, user: sum.user + user, system: sum.system + system };
        writeln!(
            text,
            "| {} | {:02X} | {:?} | {} | {all} | {user} | {system} | {} |",
            row.mnemonic,
            row.opcode,
            row.format,
            facility(row.facility),
            all - user - system
        )
        .unwrap();
    }
    let Lines { all, user, system } = sum;
    writeln!(
        text,
        "\n{} instructions, {all} lines: {user} checked in user mode, {system} on the full machine, {} by neither.",
        ROWS.len(),
        all - user - system
    )
    .unwrap();
    text
}

#[test]
fn the_list_of_instructions_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/instructions.md");
    let text = document();
    if std::env::var_os("LOWCORE_WRITE").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = current.lines().zip(text.lines()).find(|(old, new)| old != new);
    assert!(current == text, "`cargo xtask tables` writes docs/instructions.md anew: {differs:?}");
}
