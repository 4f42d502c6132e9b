//! Long instructions on long operands, against models that go byte by byte
//! or that are Rust's own.

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

use lowcore_arch::{Psw, bits};
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;
use std::sync::Arc;

const SUPERVISOR: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
const START: u64 = 0x1_0000;
const SIZE: u64 = 8 << 20;
/// Two areas that do not end at the ends of pages.
const FIRST: u64 = 0x10_0123;
const SECOND: u64 = 0x40_0fed;

struct Machine {
    around: Standalone,
    cpu: Cpu,
}

impl Machine {
    /// A CPU that executes `instruction` again and again while it sets
    /// condition code 3, then leaves.
    fn new(instruction: &[u8]) -> Self {
        let memory = Mapping::anonymous(bits::index(SIZE)).unwrap();
        let storage = Storage::new();
        storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
        let halfwords = u8::try_from(instruction.len() / 2).unwrap();
        let mut code = instruction.to_vec();
        // brc 1,back ; diag 0x501
        code.extend([0xa7, 0x14, 0xff, halfwords.wrapping_neg()]);
        code.extend([0x83, 0, 0x05, 0x01]);
        storage.view().write(START, &code).unwrap();
        let around = Standalone { storage, ..Standalone::default() };
        let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
        cpu.mailbox.local.lock().start();
        cpu.regs.psw = Psw::new(SUPERVISOR, START);
        Self { around, cpu }
    }

    fn put(&self, address: u64, bytes: &[u8]) {
        self.around.storage.view().write(address, bytes).unwrap();
    }

    fn get(&self, address: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.around.storage.view().read(address, &mut bytes).unwrap();
        bytes
    }

    /// Runs with these general registers and gives the condition code.
    fn run(&mut self, registers: &[(usize, u64)]) -> u8 {
        for (r, value) in registers {
            self.cpu.regs.gr[*r] = *value;
        }
        self.cpu.regs.psw = Psw::new(SUPERVISOR, START);
        assert_eq!(
            self.cpu.run(&self.around),
            Intercept::Instruction { ipa: 0x8300, ipb: 0x0501_0000 }
        );
        self.cpu.regs.psw.condition_code()
    }

    fn register(&self, r: usize) -> u64 {
        self.cpu.regs.gr[r]
    }
}

/// Bytes that look random (a linear congruential generator).
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            state.to_be_bytes()[1]
        })
        .collect()
}

const LENGTHS: [usize; 9] = [0, 1, 255, 256, 4095, 4096, 65_537, 300_001, 1_000_003];

#[test]
fn moves_of_any_length() {
    // MVCL is interruptible, MVCLE comes back with condition code 3.
    for instruction in [&[0x0e, 0x24][..], &[0xa8, 0x24, 0, 0x40][..]] {
        let mut machine = Machine::new(instruction);
        let pad = if instruction.len() == 2 { 0x4000_0000 } else { 0 };
        for (len, second_len) in LENGTHS.into_iter().flat_map(|a| LENGTHS.map(|b| (a, b))) {
            let source = noise(second_len, 5);
            machine.put(FIRST, &vec![0xee; len + 1]);
            machine.put(SECOND, &source);
            let code = machine.run(&[
                (2, FIRST),
                (3, len as u64),
                (4, SECOND),
                (5, second_len as u64 | pad),
            ]);
            let mut wanted: Vec<u8> = source.into_iter().take(len).collect();
            wanted.resize(len, 0x40);
            wanted.push(0xee);
            assert!(machine.get(FIRST, len + 1) == wanted, "{len} from {second_len}");
            let moved = len.min(second_len) as u64;
            assert_eq!(machine.register(2), FIRST + len as u64);
            assert_eq!(machine.register(3), 0);
            assert_eq!(machine.register(4), SECOND + moved);
            assert_eq!(machine.register(5), (second_len as u64 - moved) | pad);
            let wanted = match len.cmp(&second_len) {
                std::cmp::Ordering::Equal => 0,
                std::cmp::Ordering::Less => 1,
                std::cmp::Ordering::Greater => 2,
            };
            assert_eq!(code, wanted, "{len} from {second_len}");
        }
    }
}

#[test]
fn comparisons_find_the_one_difference() {
    for instruction in [&[0x0f, 0x24][..], &[0xa9, 0x24, 0, 0][..]] {
        let mut machine = Machine::new(instruction);
        for len in LENGTHS.into_iter().skip(1) {
            let bytes = noise(len, 9);
            machine.put(FIRST, &bytes);
            machine.put(SECOND, &bytes);
            let registers = [(2, FIRST), (3, len as u64), (4, SECOND), (5, len as u64)];
            assert_eq!(machine.run(&registers), 0);
            assert_eq!(machine.register(3) | machine.register(5), 0);
            for place in [0, len / 2, len - 1] {
                machine.put(SECOND + place as u64, &[bytes[place].wrapping_add(1)]);
                let wanted = if bytes[place] == 255 { 2 } else { 1 };
                assert_eq!(machine.run(&registers), wanted, "{place} of {len}");
                assert_eq!(machine.register(2), FIRST + place as u64);
                assert_eq!(machine.register(5), (len - place) as u64);
                machine.put(SECOND + place as u64, &bytes[place..=place]);
            }
        }
    }
}

#[test]
fn checksums_of_any_length() {
    let mut machine = Machine::new(&[0xb2, 0x41, 0, 0x24]);
    for len in LENGTHS {
        let bytes = noise(len, 3);
        machine.put(SECOND, &bytes);
        // One addition with end-around carry after the other.
        let sum = bytes.chunks(4).fold(0x8000_0001_u32, |sum, chunk| {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            let (sum, carry) = sum.overflowing_add(u32::from_be_bytes(word));
            sum + u32::from(carry)
        });
        assert_eq!(machine.run(&[(2, 0x8000_0001), (4, SECOND), (5, len as u64)]), 0);
        assert_eq!(machine.register(2), u64::from(sum), "{len}");
        assert_eq!((machine.register(4), machine.register(5)), (SECOND + len as u64, 0));
    }
}

#[test]
fn translations_of_any_length() {
    let table: Vec<u8> = (0..=255_u8).map(|n| n.rotate_left(3) ^ 0x5a).collect();
    let tre = &[0xb2, 0xa5, 0, 0x24];
    let troo = &[0xb9, 0x93, 0x10, 0x26];
    for len in LENGTHS {
        let source = noise(len, 8);
        let wanted: Vec<u8> = source.iter().map(|byte| table[usize::from(*byte)]).collect();
        let mut machine = Machine::new(troo);
        machine.put(0x2_0f80, &table);
        machine.put(SECOND, &source);
        let registers = [(1, 0x2_0f80), (2, FIRST), (3, len as u64), (6, SECOND)];
        assert_eq!(machine.run(&registers), 0);
        assert!(machine.get(FIRST, len) == wanted, "TROO of {len}");
        let mut machine = Machine::new(tre);
        machine.put(0x2_0f80, &table);
        // A byte that does not occur.
        let source: Vec<u8> = source.iter().map(|byte| byte & 0x7f).collect();
        let wanted: Vec<u8> = source.iter().map(|byte| table[usize::from(*byte)]).collect();
        machine.put(FIRST, &source);
        let registers = [(0, 0xff), (2, FIRST), (3, len as u64), (4, 0x2_0f80)];
        assert_eq!(machine.run(&registers), 0);
        assert!(machine.get(FIRST, len) == wanted, "TRE of {len}");
    }
}

#[test]
fn strings_of_any_length() {
    for len in LENGTHS {
        let mut bytes: Vec<u8> = noise(len, 4).iter().map(|byte| byte | 1).collect();
        bytes.push(0);
        // SRST
        let mut machine = Machine::new(&[0xb2, 0x5e, 0, 0x24]);
        machine.put(SECOND, &bytes);
        let end = SECOND + len as u64;
        assert_eq!(machine.run(&[(0, 0), (2, end + 1), (4, SECOND)]), 1);
        assert_eq!(machine.register(2), end);
        assert_eq!(machine.run(&[(0, 0), (2, end), (4, SECOND)]), 2);
        // MVST
        let mut machine = Machine::new(&[0xb2, 0x55, 0, 0x24]);
        machine.put(SECOND, &bytes);
        assert_eq!(machine.run(&[(0, 0), (2, FIRST), (4, SECOND)]), 1);
        assert_eq!(machine.register(2), FIRST + len as u64);
        assert!(machine.get(FIRST, len + 1) == bytes);
        // CLST
        let mut machine = Machine::new(&[0xb2, 0x5d, 0, 0x24]);
        machine.put(SECOND, &bytes);
        machine.put(FIRST, &bytes);
        assert_eq!(machine.run(&[(0, 0), (2, FIRST), (4, SECOND)]), 0);
        machine.put(FIRST + len as u64, &[7]);
        assert_eq!(machine.run(&[(0, 0), (2, FIRST), (4, SECOND)]), 2);
        assert_eq!(machine.register(4), end);
    }
}

/// Text with characters of every length in both encodings.
fn text(characters: u32) -> String {
    (0..characters)
        .filter_map(|n| match n % 7 {
            0 => char::from_u32(0x1_0000 + n % 0x10_0000),
            1 => char::from_u32(0x800 + n % 0xc000),
            2 => char::from_u32(0x80 + n % 0x700),
            _ => char::from_u32(0x20 + n % 0x5f),
        })
        .collect()
}

#[test]
fn unicode_conversions_agree_with_rusts() {
    const UTF8: usize = 0;
    const UTF16: usize = 1;
    const UTF32: usize = 2;
    for characters in [0, 1, 7, 500, 5000, 100_000] {
        let text = text(characters);
        let forms = [
            text.as_bytes().to_vec(),
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        ];
        for (opcode, from, to) in [
            (0xb2a7_1024_u32, UTF8, UTF16),
            (0xb9b0_1024, UTF8, UTF32),
            (0xb2a6_1024, UTF16, UTF8),
            (0xb9b1_1024, UTF16, UTF32),
            (0xb9b2_0024, UTF32, UTF8),
            (0xb9b3_0024, UTF32, UTF16),
        ] {
            let mut machine = Machine::new(&opcode.to_be_bytes());
            let (source, wanted) = (&forms[from], &forms[to]);
            machine.put(SECOND, source);
            let registers =
                [(2, FIRST), (3, wanted.len() as u64), (4, SECOND), (5, source.len() as u64)];
            assert_eq!(machine.run(&registers), 0, "{opcode:x}");
            assert!(machine.get(FIRST, wanted.len()) == *wanted, "{opcode:x} of {characters}");
            assert_eq!(machine.register(3) | machine.register(5), 0);
            // One byte less of room: the last character stays.
            if !wanted.is_empty() {
                let registers = [
                    (2, FIRST),
                    (3, wanted.len() as u64 - 1),
                    (4, SECOND),
                    (5, source.len() as u64),
                ];
                assert_eq!(machine.run(&registers), 1, "{opcode:x}");
            }
        }
    }
}

#[test]
fn short_moves_and_translations_overlap_byte_by_byte() {
    const AREA: u64 = 0x2_0f00;
    const LEN: usize = 0x400;
    // mvc 0(l,%r2),0(%r4) ; xc ; tr
    for operation in [0xd2_u8, 0xd7, 0xdc] {
        for (first, second, length) in (0..600_u64)
            .map(|n| (n * 37 % 0x180, n * 91 % 0x180, n * 53 % 256))
            .chain([(0x100, 0x100, 255), (0xff, 0x100, 255), (0x100, 0xff, 255)])
        {
            let before = noise(LEN, first ^ second << 8 ^ length << 20);
            let mut model = before.clone();
            let (to, from) = (bits::index(first), bits::index(second));
            for i in 0..=bits::index(length) {
                model[to + i] = match operation {
                    0xd2 => model[from + i],
                    0xd7 => model[to + i] ^ model[from + i],
                    _ => model[from + usize::from(model[to + i])],
                };
            }
            let mut machine = Machine::new(&[operation, bits::low8(length), 0x20, 0, 0x40, 0]);
            machine.cpu.regs.psw.set_condition_code(0);
            machine.put(AREA, &before);
            machine.run(&[(2, AREA + first), (4, AREA + second)]);
            let after = machine.get(AREA, LEN);
            assert!(after == model, "{operation:x} {first:x} {second:x} {length:x}");
        }
    }
}
