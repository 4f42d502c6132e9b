//! The decoder over all operation codes, and disassembler and assembler
//! against GNU objdump.

use lowcore_isa::format::{Extension, Operand};
use lowcore_isa::{ROWS, Row, assemble, decode, disassemble};
use lowcore_testkit::cross::{self, Tool};
use lowcore_testkit::ins::random::Random;

/// Whether an instruction has the operation code of a row.
fn matches(row: &Row, raw: u64) -> bool {
    let opcode = match row.format.extension() {
        Extension::None => 0xff << 56,
        Extension::Second => 0xffff << 48,
        Extension::Nibble => 0xff0f << 48,
        Extension::Sixth => 0xff << 56 | 0xff << 16,
    };
    (raw ^ row.template()) & opcode == 0
}

#[test]
fn every_operation_code_has_one_row_or_none() {
    // All first halfwords with all sixth bytes, the other bits set: by their
    // definition no other bit belongs to an operation code.
    let mut reached = vec![false; ROWS.len()];
    for first in 0..=0xffff_u64 {
        for sixth in 0..=0xff_u64 {
            let raw = first << 48 | 0xffff_ffff << 16 & !(0xff << 16) | sixth << 16;
            let found = decode(raw);
            if sixth == 0 || found.is_some_and(|row| row.format.extension() == Extension::Sixth) {
                let wanted: Vec<_> = ROWS.iter().filter(|row| matches(row, raw)).collect();
                assert!(wanted.len() <= 1, "{raw:016x} has {wanted:?}");
                let names = (wanted.first().map(|r| r.mnemonic), found.map(|r| r.mnemonic));
                assert_eq!(names.0, names.1, "{raw:016x}");
            }
            if let Some(row) = found {
                assert!(matches(row, raw), "{raw:016x} is not {}", row.mnemonic);
                reached[usize::from(row.number)] = true;
            }
        }
    }
    for row in ROWS {
        assert!(reached[usize::from(row.number)], "{} is never decoded", row.mnemonic);
    }
}

#[test]
fn lengths_follow_from_the_first_bits() {
    for row in ROWS {
        let length = lowcore_isa::instruction_length(row.template());
        assert_eq!(length, row.length(), "{}", row.mnemonic);
    }
}

/// An instruction with random operands, bits that mean nothing zero.
fn random_instruction(row: &Row, random: &mut Random) -> u64 {
    row.format.operands().iter().fold(row.template(), |raw, operand| {
        let parts = match random.below(8) {
            0 => operand.parts(0),
            1 => operand.parts(u64::MAX),
            _ => operand.parts(random.bits()),
        };
        operand.place(raw, parts)
    })
}

#[test]
fn text_and_bits_are_the_same() {
    let mut random = Random::new(7);
    for row in ROWS {
        for _ in 0..50 {
            let raw = random_instruction(row, &mut random);
            let address = random.bits() & !1;
            let text = disassemble(raw, address);
            let code = assemble(&text, address).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(code.raw(), raw, "{text}");
        }
    }
}

/// Instructions that objdump does not know.
const UNKNOWN: [&str; 2] = ["servc", "chsc"];

/// What objdump calls the masks of branches. It shows extended mnemonics
/// only.
const CONDITIONS: [&str; 16] =
    ["nop", "o", "h", "nle", "l", "nhe", "lh", "ne", "e", "nlh", "he", "nl", "le", "nh", "no", ""];

/// Compare and branch, compare and trap.
fn is_comparison(row: &Row) -> bool {
    let is_trap = row.mnemonic.starts_with('c') && row.mnemonic.ends_with('t');
    is_trap
        || row.mnemonic.ends_with('j')
        || ["crb", "cgrb", "cib", "cgib", "clrb", "clgrb", "clib", "clgib"].contains(&row.mnemonic)
}

/// Operands in assembler language without the mask.
fn without_mask(row: &Row, operands: &str) -> String {
    let at = row.format.operands().iter().position(|o| matches!(o, Operand::Mask(_)));
    let parts = operands.split(',').enumerate().filter(|(i, _)| Some(*i) != at);
    parts.map(|(_, part)| part).collect::<Vec<_>>().join(",")
}

/// ROTATE THEN INSERT SELECTED BITS as objdump writes it where the remaining
/// bits become zero: bits 0-1 of the fourth operand are 10.
fn with_zeros(row: &Row, operands: &str) -> Option<String> {
    let mut parts: Vec<_> = operands.split(',').map(str::to_string).collect();
    let end: u8 = parts.get(3)?.parse().ok()?;
    parts[3] = (end & 0x3f).to_string();
    (end & 0xc0 == 0x80).then(|| format!("{}z {}", row.mnemonic, parts.join(",")))
}

/// Instructions whose last operands objdump leaves out if they are zero.
const OPTIONAL: [&str; 14] = [
    "sske", "ipte", "idte", "crdte", "troo", "trot", "trto", "trtt", "trte", "trtre", "cu12",
    "cu14", "cu21", "cu24",
];

/// Older names that objdump gives then.
const OLDER: [(&str, &str); 2] = [("cu12", "cutfu"), ("cu21", "cuutf")];

/// Conversions that are written as before the floating-point-extension
/// facility if their later modifiers are zero.
fn without_modifiers(row: &Row, text: &str) -> Option<String> {
    let older = row.mnemonic.strip_suffix('a').filter(|name| name.ends_with("br"))?;
    let operands = text.split_once(' ')?.1.strip_suffix(",0")?;
    let parts: Vec<_> = operands.split(',').collect();
    let [r1, m3, r2] = parts[..] else { return None };
    let is_to_integer = older.starts_with("fi") || r1.starts_with("%r");
    match (is_to_integer, m3) {
        (true, _) => Some(format!("{older} {r1},{m3},{r2}")),
        (false, "0") => Some(format!("{older} {r1},{r2}")),
        _ => None,
    }
}

fn without_optional(row: &Row, text: String) -> String {
    if let Some(older) = without_modifiers(row, &text) {
        return older;
    }
    let mask = |text: &str| text.strip_suffix(",0").map(str::to_string);
    let Some(short) = OPTIONAL.contains(&row.mnemonic).then(|| mask(&text)).flatten() else {
        return text;
    };
    for (new, old) in OLDER {
        if row.mnemonic == new {
            return short.replace(new, old);
        }
    }
    match short.strip_suffix(",%r0") {
        // Its third register is optional, too.
        Some(shorter) if row.mnemonic == "ipte" => shorter.to_string(),
        _ => short,
    }
}

/// The way objdump writes an instruction.
fn objdump_text(row: &Row, raw: u64, address: u64) -> String {
    let text = without_optional(row, disassemble(raw, address));
    let (_, operands) = text.split_once(' ').unwrap_or((&text, ""));
    if ["risbg", "risbgn"].contains(&row.mnemonic) {
        return with_zeros(row, operands).unwrap_or(text);
    }
    let mask = row.format.operands().iter().find_map(|operand| match operand {
        Operand::Mask(_) => usize::try_from(operand.parts(raw).value).ok(),
        _ => None,
    });
    let Some(mask) = mask else { return text };
    let condition = CONDITIONS[mask];
    let rest = operands.split_once(',').map_or("", |(_, rest)| rest);
    match row.mnemonic {
        // Its optional operands end at a base register 0.
        "bc" if mask == 0 => format!("nop {}", rest.strip_suffix(",%r0)").unwrap_or(rest)),
        "bc" => format!("b{condition} {rest}"),
        "bcr" if mask == 0 && rest == "%r0" => "nopr".to_string(),
        "bcr" if mask == 0 => format!("nopr {rest}"),
        "bcr" => format!("b{condition}r {rest}"),
        "brc" => format!("j{condition} {rest}"),
        "brcl" => format!("jg{condition} {rest}"),
        _ if is_comparison(row) && mask & 1 == 0 && mask != 0 && mask != 14 => {
            // A comparison has three outcomes only.
            let condition = match condition {
                "lh" => "ne",
                "he" => "nl",
                "le" => "nh",
                other => other,
            };
            format!("{}{condition} {}", row.mnemonic, without_mask(row, operands))
        }
        _ if row.mnemonic.contains("loc") || row.mnemonic.contains("stoc") => {
            if (1..15).contains(&mask) {
                format!("{}{condition} {}", row.mnemonic, without_mask(row, operands))
            } else {
                text
            }
        }
        _ => text,
    }
}

#[test]
fn objdump_reads_the_same() {
    const START: u64 = 0x100_0000_0000;
    const EACH: u64 = 40;
    let mut random = Random::new(42);
    let mut bytes = Vec::new();
    let mut wanted = Vec::new();
    for row in ROWS.iter().filter(|row| !UNKNOWN.contains(&row.mnemonic)) {
        for _ in 0..EACH {
            let raw = random_instruction(row, &mut random);
            let address = START + bytes.len() as u64;
            wanted.push((address, objdump_text(row, raw, address)));
            bytes.extend_from_slice(&raw.to_be_bytes()[..usize::from(row.length())]);
        }
    }
    let file = std::env::temp_dir().join(format!("lowcore-decoder-{}.bin", std::process::id()));
    std::fs::write(&file, &bytes).unwrap();
    let mut command = Tool::Objdump.command().unwrap();
    command.args(["-D", "-b", "binary", "-m", "s390:64-bit", "--no-show-raw-insn"]);
    command.arg(format!("--adjust-vma={START:#x}")).arg(&file);
    let output = cross::output(&mut command);
    std::fs::remove_file(&file).unwrap();
    let output = output.unwrap();
    let mut seen = output.lines().filter_map(|line| {
        let (address, text) = line.split_once(":\t")?;
        let address = u64::from_str_radix(address.trim(), 16).ok()?;
        Some((address, text.trim().replace('\t', " ")))
    });
    let mut differences = Vec::new();
    for (address, text) in wanted {
        let theirs = seen.next();
        if theirs.as_ref() != Some(&(address, text.clone())) {
            differences.push(format!("{text}, objdump {theirs:x?}"));
        }
    }
    assert_eq!(seen.next(), None);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
