//! INVALIDATE PAGE TABLE ENTRY, while another CPU uses the page (manual,
//! chapter 10): once it has completed, no CPU goes by the old entry.

use crate::guest::*;
use lowcore_arch::Psw;
use lowcore_isa::assemble;

/// Translation in the primary space.
const TRANSLATED: u64 = MASKED | 0x0400_0000_0000_0000;
const WRITER: u64 = 0x1_1000;
const SEGMENTS: u64 = 0x3_0000;
const PAGES: u64 = 0x3_1000;
/// The page whose entry changes, and what it changes between.
const VIRTUAL: u64 = 0x4_0000;
const REAL: u64 = 0x5_0000;
/// The round that the writer has completed, and the one in which the reader
/// found something older.
const ROUND: u64 = 0x6_0000;
const WRONG: u64 = ROUND + 8;
const ROUNDS: u64 = 4000;

/// Assembles a program; `@n` is the address of its line `n`.
fn program(guest: &Guest, start: u64, lines: &[&str]) {
    let mut addresses = vec![start];
    for line in lines {
        let shape = line.split('@').next().unwrap();
        let whole = if shape == *line { line.to_string() } else { format!("{shape}{start:#x}") };
        let length = assemble(&whole, start).unwrap().bytes().len();
        addresses.push(addresses.last().unwrap() + length as u64);
    }
    for (line, at) in lines.iter().zip(&addresses) {
        let text = match line.split_once('@') {
            Some((shape, n)) => {
                format!("{shape}{:#x}", addresses[n.parse::<usize>().unwrap()])
            }
            None => line.to_string(),
        };
        guest.put(*at, assemble(&text, *at).unwrap().bytes());
    }
}

#[test]
fn an_invalidated_page_is_forgotten_by_all_cpus() {
    let guest = Guest::new();
    guest.put(SEGMENTS, &PAGES.to_be_bytes());
    for page in 0..256 {
        guest.put(PAGES + 8 * page, &(page << 12).to_be_bytes());
    }
    let entry = PAGES + 8 * (VIRTUAL >> 12);
    guest.put(entry, &REAL.to_be_bytes());

    // The reader begins again where the page is invalid.
    guest.psw_at(0x1d0, Psw::new(TRANSLATED, CODE));
    program(
        &guest,
        CODE,
        &[
            "lg %r3,0(%r12)",
            "lg %r4,0(%r11)",
            "stg %r10,16(%r12)",
            "clgr %r4,%r3",
            "brc 4,@8",
            "clgr %r3,%r10",
            "brc 4,@0",
            "diag %r0,%r0,1281",
            "stg %r3,8(%r12)",
            "diag %r0,%r0,1281",
        ],
    );
    // Once the reader reads, each round writes its number into the page that
    // is not in use, makes that the page, and says so.
    program(
        &guest,
        WRITER,
        &[
            "ltg %r2,16(%r12)",
            "brc 8,@0",
            "aghi %r1,1",
            "lgr %r5,%r1",
            "lghi %r2,1",
            "ngr %r5,%r2",
            "sllg %r5,%r5,12",
            "agr %r5,%r8",
            "stg %r1,0(%r5)",
            "ipte %r6,%r7,%r0,0",
            "stg %r5,0(%r9)",
            "stg %r1,0(%r12)",
            "clgr %r1,%r10",
            "brc 4,@2",
            "diag %r0,%r0,1281",
        ],
    );
    let reader = guest.vcpu(0, TRANSLATED);
    let mut sregs = reader.get_sregs();
    sregs.crs[1] = SEGMENTS;
    reader.set_sregs(&sregs);
    let writer = guest.vcpu(1, MASKED);
    writer.run_page().set_psw(Psw::new(MASKED, WRITER));
    for (vcpu, registers) in [
        (&reader, &[(10, ROUNDS), (11, VIRTUAL), (12, ROUND)][..]),
        (
            &writer,
            &[(6, PAGES), (7, VIRTUAL), (8, REAL), (9, entry), (10, ROUNDS), (12, ROUND)][..],
        ),
    ] {
        for (register, value) in registers {
            vcpu.run_page().set_gpr(*register, *value);
        }
    }
    let (reading, writing) = (start(&reader), start(&writer));
    assert_eq!(outcome(&writer, writing), Ok(EXIT_501));
    assert_eq!(outcome(&reader, reading), Ok(EXIT_501));
    assert_eq!(guest.u64(ROUND), ROUNDS);
    assert_eq!(guest.u64(WRONG), 0, "the reader went by an old entry");
}
