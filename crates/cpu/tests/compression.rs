//! COMPRESSION CALL against a tree of strings, which is walked without any
//! dictionary, and with dictionaries written by hand (SA22-7208).

#![expect(clippy::unwrap_used, reason = "a failing set-up fails the test")]

use lowcore_arch::{Psw, bits};
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;
use std::sync::Arc;

const START: u64 = 0x1_0000;
/// The compression dictionary; the expansion dictionary is behind it.
const DICTIONARY: u64 = 0x2_0000;
const TRANSLATION: u64 = 0x880;
/// Operands that do not begin or end at the ends of pages.
const PLAIN: u64 = 0x10_0ffd;
const COMPRESSED: u64 = 0x20_0ffe;
const EXPANDED: u64 = 0x30_0fff;

const FORMAT_1: u64 = 0x200;
const EXPAND: u64 = 0x100;
const TRANSLATE: u64 = 0x1_0000;

struct Machine {
    around: Standalone,
    cpu: Cpu,
}

impl Machine {
    fn new() -> Self {
        let memory = Mapping::anonymous(8 << 20).unwrap();
        let storage = Storage::new();
        storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
        // cmpsc %r2,%r4 ; brc 1,back ; diag 0x501
        let code = [0xb2, 0x63, 0, 0x24, 0xa7, 0x14, 0xff, 0xfe, 0x83, 0, 0x05, 0x01];
        storage.view().write(START, &code).unwrap();
        let around = Standalone { storage, ..Standalone::default() };
        let cpu = Cpu::new(Arc::new(Mailbox::new(0)));
        cpu.mailbox.local.lock().start();
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

    fn entry(&self, index: u64, entry: u64) {
        self.put(DICTIONARY + 8 * index, &entry.to_be_bytes());
    }

    /// Executes it, again as long as that gives condition code 3; the
    /// operands are what registers 2 to 5 have.
    fn run(&mut self, controls: u64, place: u64) -> u8 {
        self.cpu.regs.gr[0] = controls;
        self.cpu.regs.gr[1] = place;
        self.cpu.regs.psw = Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, START);
        let end = self.cpu.run(&self.around);
        assert_eq!(end, Intercept::Instruction { ipa: 0x8300, ipb: 0x0501_0000 });
        self.cpu.regs.psw.condition_code()
    }

    fn operands(&mut self, first: (u64, usize), second: (u64, usize)) {
        let registers = [first.0, first.1 as u64, second.0, second.1 as u64];
        self.cpu.regs.gr[2..6].copy_from_slice(&registers);
    }

    fn registers(&self) -> [u64; 5] {
        self.cpu.regs.gr[1..6].try_into().unwrap()
    }

    /// Compresses and gives the index symbols.
    fn symbols(&mut self, controls: u64, text: &[u8]) -> Vec<u64> {
        self.put(PLAIN, text);
        self.operands((COMPRESSED, 0x1000), (PLAIN, text.len()));
        assert_eq!(self.run(controls, DICTIONARY | TRANSLATION), 0);
        let [place, end, ..] = self.registers();
        let length = 8 * (end - COMPRESSED) + (place & 7);
        let bytes = self.get(COMPRESSED, 0x1000);
        unpacked(&bytes, (controls >> 12 & 15) + 8, length)
    }
}

/// The numbers of `size` bits in the first `length` bits.
fn unpacked(bytes: &[u8], size: u64, length: u64) -> Vec<u64> {
    let bit = |at: u64| u64::from(bytes[bits::index(at / 8)] >> (7 - at % 8) & 1);
    (0..length / size).map(|n| (0..size).fold(0, |v, i| v << 1 | bit(n * size + i))).collect()
}

struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % limit
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// A string that an index symbol stands for.
#[derive(Clone, Default)]
struct Node {
    parent: u64,
    /// What it has more than its parent.
    own: Vec<u8>,
    string: Vec<u8>,
    children: Vec<u64>,
    /// How many children it is to have.
    wanted: usize,
}

/// A tree of strings whose children differ in the first character, by index.
struct Tree {
    nodes: Vec<Option<Node>>,
    size: u64,
    /// Siblings in one descriptor: 7 or 14.
    siblings: usize,
}

impl Tree {
    fn grown(size: u64, siblings: usize, noise: &mut Noise) -> Self {
        let mut tree = Self { nodes: vec![None; 1 << size], size, siblings };
        for byte in 0..=255_u8 {
            let wanted = Self::wish(noise);
            let node = Node { own: vec![byte], string: vec![byte], wanted, ..Node::default() };
            tree.nodes[usize::from(byte)] = Some(node);
        }
        let mut free = 256;
        let mut open: Vec<u64> = (0..256).collect();
        while !open.is_empty() {
            let number = usize::try_from(noise.below(open.len() as u64)).unwrap();
            let parent = open.swap_remove(number);
            tree.grow(parent, &mut free, &mut open, noise);
        }
        tree
    }

    fn wish(noise: &mut Noise) -> usize {
        let limit = [1, 2, 7, 60, 260][bits::index(noise.below(5))];
        usize::try_from(noise.below(limit)).unwrap()
    }

    /// How many children the entry itself has.
    fn in_entry(node: &Node) -> usize {
        let extensions = node.own.len() - 1;
        if node.wanted + extensions <= 5 { node.wanted } else { 5 - extensions }
    }

    fn grow(&mut self, index: u64, free: &mut u64, open: &mut Vec<u64>, noise: &mut Noise) {
        let mut node = self.nodes[bits::index(index)].clone().unwrap();
        let here = Self::in_entry(&node);
        let descriptors = (node.wanted - here).div_ceil(self.siblings);
        if *free + (node.wanted + descriptors) as u64 > 1 << self.size {
            node.wanted = 0;
        }
        let start = noise.byte();
        for number in 0..node.wanted {
            if number >= here && (number - here).is_multiple_of(self.siblings) {
                // The descriptor's own place.
                *free += 1;
            }
            let mut wanted = if node.string.len() > 200 { 0 } else { Self::wish(noise) };
            let mut most = match wanted {
                0 => 6,
                1 => 5,
                _ => 2,
            };
            if node.string.len() > 1 {
                // An expansion entry that has a predecessor has five.
                most = most.min(5);
            }
            let mut own = vec![start.wrapping_add(u8::try_from(number % 256).unwrap())];
            own.extend((0..noise.below(most)).map(|_| noise.byte()));
            if number > 255 {
                break;
            }
            if node.string.len() + own.len() > 255 {
                wanted = 0;
            }
            let string = [&node.string[..], &own].concat();
            let child = Node { parent: index, own, string, children: Vec::new(), wanted };
            self.nodes[bits::index(*free)] = Some(child);
            node.children.push(*free);
            open.push(*free);
            *free += 1;
        }
        node.wanted = node.children.len();
        self.nodes[bits::index(index)] = Some(node);
    }

    fn node(&self, index: u64) -> &Node {
        self.nodes[bits::index(index)].as_ref().unwrap()
    }

    /// The index symbols of a text: always the longest string.
    fn symbols(&self, mut text: &[u8]) -> Vec<u64> {
        let mut symbols = Vec::new();
        while let Some(first) = text.first() {
            let mut index = u64::from(*first);
            while let Some(child) = self
                .node(index)
                .children
                .iter()
                .find(|child| text.starts_with(&self.node(**child).string))
            {
                index = *child;
            }
            symbols.push(index);
            text = &text[self.node(index).string.len()..];
        }
        symbols
    }

    /// Both dictionaries.
    fn dictionaries(&self, noise: &mut Noise) -> Vec<u8> {
        let entries = 1_usize << self.size;
        let mut all = vec![[0_u8; 8]; 2 * entries];
        for (index, node) in self.nodes.iter().enumerate() {
            let Some(node) = node else { continue };
            self.character(node, &mut all, index, noise);
            all[entries + index] = self.expansion(node);
        }
        all.concat()
    }

    /// Whether a child's entry must be looked at; if not, it still may be.
    fn examined(&self, child: u64, noise: &mut Noise) -> bool {
        let child = self.node(child);
        child.own.len() > 1 || !child.children.is_empty() || noise.below(2) == 0
    }

    /// A character entry and the sibling descriptors of its children.
    fn character(&self, node: &Node, all: &mut [[u8; 8]], index: usize, noise: &mut Noise) {
        let entries = 1_usize << self.size;
        let extensions = &node.own[1..];
        let here = Self::in_entry(node);
        let more = node.children.len() > here;
        let mut entry = ((here + usize::from(more)) as u64) << 61;
        entry |= (extensions.len() as u64) << 53;
        entry |= node.children.first().copied().unwrap_or(0) << 40;
        let firsts = node.children[..here].iter().map(|child| self.node(*child).own[0]);
        for (place, byte) in extensions.iter().copied().chain(firsts).enumerate() {
            entry |= u64::from(byte) << (32 - 8 * place);
        }
        for (number, child) in node.children[..here].iter().enumerate() {
            entry |= u64::from(self.examined(*child, noise)) << (60 - number);
        }
        let is_format_1 = self.siblings == 14;
        let mut chunks = node.children[here..].chunks(self.siblings).peekable();
        let mut is_first = true;
        while let Some(chunk) = chunks.next() {
            let count = match (chunks.peek().is_some(), is_format_1) {
                (true, true) => 15,
                (true, false) => 0,
                (false, _) => chunk.len(),
            };
            let own_bits = if is_format_1 { 12 } else { 5 };
            let mut bytes = [0; 16];
            let head = if is_format_1 { 2 } else { 1 };
            let mut descriptor = (count as u64) << (if is_format_1 { 60 } else { 61 });
            for (number, child) in chunk.iter().enumerate() {
                bytes[head + number] = self.node(*child).own[0];
                let examined = u64::from(self.examined(*child, noise));
                if number < own_bits {
                    let last = if is_format_1 { 59 } else { 60 };
                    descriptor |= examined << (last - number);
                } else if is_first {
                    entry |= examined << (55 - (number - own_bits));
                }
            }
            let descriptor = descriptor.to_be_bytes();
            bytes[..head].copy_from_slice(&descriptor[..head]);
            let place = bits::index(chunk[0]) - 1;
            all[place].copy_from_slice(&bytes[..8]);
            if is_format_1 {
                all[entries + place].copy_from_slice(&bytes[8..]);
            }
            is_first = false;
        }
        all[index] = entry.to_be_bytes();
    }

    fn expansion(&self, node: &Node) -> [u8; 8] {
        let mut entry = [0; 8];
        let length = node.string.len();
        // Both forms are used where both are possible.
        if length <= 7 && (length > 5 || length % 2 == 1) {
            entry[0] = u8::try_from(length).unwrap();
            entry[1..=length].copy_from_slice(&node.string);
            return entry;
        }
        let own = node.own.len();
        let head = u16::try_from((own as u64) << 13 | node.parent).unwrap();
        entry[..2].copy_from_slice(&head.to_be_bytes());
        entry[2..2 + own].copy_from_slice(&node.own);
        entry[7] = u8::try_from(length - own).unwrap();
        entry
    }

    fn text(&self, len: usize, noise: &mut Noise) -> Vec<u8> {
        let mut text = Vec::new();
        while text.len() < len {
            match self.nodes[bits::index(noise.below(1 << self.size))].as_ref() {
                Some(node) => {
                    let part = noise.below(node.string.len() as u64) + 1;
                    let part = if noise.below(3) == 0 { part } else { node.string.len() as u64 };
                    text.extend(&node.string[..bits::index(part)]);
                }
                None => text.push(noise.byte()),
            }
        }
        text.truncate(len);
        text
    }
}

#[test]
fn texts_become_the_longest_strings_and_come_back() {
    for (seed, size, siblings) in
        (0..3).flat_map(|seed| (9..14).flat_map(move |size| [(seed, size, 7), (seed, size, 14)]))
    {
        let mut noise = Noise(seed << 8 | size);
        let tree = Tree::grown(size, siblings, &mut noise);
        let mut machine = Machine::new();
        machine.put(DICTIONARY, &tree.dictionaries(&mut noise));
        let format = if siblings == 14 { FORMAT_1 } else { 0 };
        let controls = (size - 8) << 12 | format;
        for len in [0, 1, 2, 100, 5000, 200_001] {
            let text = tree.text(len, &mut noise);
            let wanted = tree.symbols(&text);
            let first_bit = noise.below(8);
            let length = first_bit + size * wanted.len() as u64;
            let bytes = bits::index(length.div_ceil(8));
            machine.put(COMPRESSED, &vec![0xff; bytes + 8]);
            machine.put(PLAIN, &text);
            machine.operands((COMPRESSED, bytes + 1), (PLAIN, len));
            assert_eq!(machine.run(controls, DICTIONARY | first_bit), 0);
            let end = COMPRESSED + length / 8;
            let left = (bytes + 1) as u64 - length / 8;
            let [place, ..] = machine.registers();
            assert_eq!(place, DICTIONARY | (length % 8));
            assert_eq!(machine.registers()[1..], [end, left, PLAIN + len as u64, 0]);
            let compressed = machine.get(COMPRESSED, bytes + 8);
            // What is around stays.
            let around = unpacked(&compressed, 1, 8 * compressed.len() as u64);
            assert!(around[..bits::index(first_bit)].iter().all(|bit| *bit == 1));
            assert!(around[bits::index(length)..].iter().all(|bit| *bit == 1));
            let found: Vec<u64> = around[bits::index(first_bit)..bits::index(length)]
                .chunks(bits::index(size))
                .map(|bits| bits.iter().fold(0, |value, bit| value << 1 | bit))
                .collect();
            assert!(found == wanted, "seed {seed}, {size} bits, {siblings} siblings, {len} bytes");

            machine.put(EXPANDED, &vec![0; len + 1]);
            machine.operands((EXPANDED, len + 1), (COMPRESSED, bytes));
            let expansion = DICTIONARY + (8 << size);
            assert_eq!(machine.run(controls | EXPAND, expansion | first_bit), 0);
            assert_eq!(
                machine.registers(),
                [expansion | (length % 8), EXPANDED + len as u64, 1, end, left - 1]
            );
            let mut wanted = text;
            wanted.push(0);
            assert!(machine.get(EXPANDED, len + 1) == wanted, "{seed} {size} {siblings} {len}");
        }
    }
}

#[test]
fn operands_in_pieces_give_the_same() {
    for (size, siblings) in [(9, 7), (12, 14), (13, 7)] {
        let mut noise = Noise(size);
        let tree = Tree::grown(size, siblings, &mut noise);
        let mut machine = Machine::new();
        machine.put(DICTIONARY, &tree.dictionaries(&mut noise));
        let controls = (size - 8) << 12 | if siblings == 14 { FORMAT_1 } else { 0 };
        let text = tree.text(3000, &mut noise);
        let wanted = tree.symbols(&text);
        machine.put(PLAIN, &text);
        // The first operand grows a little each time.
        machine.operands((COMPRESSED, 0), (PLAIN, text.len()));
        let mut place = DICTIONARY;
        let mut rounds = 0;
        while machine.run(controls, place) == 1 {
            place = machine.registers()[0];
            machine.cpu.regs.gr[3] += noise.below(5);
            rounds += 1;
        }
        assert!(rounds > 50, "{rounds} rounds");
        let [place, end, _, _, left] = machine.registers();
        assert_eq!(left, 0);
        let length = 8 * (end - COMPRESSED) + place % 8;
        assert_eq!(length, size * wanted.len() as u64);
        let bytes = bits::index(length.div_ceil(8));
        assert!(unpacked(&machine.get(COMPRESSED, bytes), size, length) == wanted);

        // Here both do.
        let expansion = DICTIONARY + (8 << size);
        let mut place = expansion;
        let mut codes = [0; 2];
        let (mut room, mut given) = (0, 0);
        machine.operands((EXPANDED, 0), (COMPRESSED, 0));
        loop {
            let code = machine.run(controls | EXPAND, place);
            let [now, to, _, from, _] = machine.registers();
            place = now;
            codes[usize::from(code)] += 1;
            if to == EXPANDED + text.len() as u64 {
                break;
            }
            if code == 1 {
                room += noise.below(9);
            } else {
                given = bits::index(noise.below(4) + given as u64).min(bytes);
            }
            machine.cpu.regs.gr[3] = EXPANDED + room - to;
            machine.cpu.regs.gr[5] = COMPRESSED + given as u64 - from;
        }
        assert!(codes.iter().all(|count| *count > 50), "{codes:?}");
        assert!(machine.get(EXPANDED, text.len()) == text);
    }
}

#[test]
fn entries_by_hand() {
    const SIZE_9: u64 = 0x1000;
    let mut machine = Machine::new();
    // One child without an entry of its own, at 0x100: "AB".
    machine.entry(0x41, 0x2001_0042_0000_0000);
    assert_eq!(machine.symbols(SIZE_9, b"ABAAB"), [0x100, 0x41, 0x100]);
    // Three children, all beginning with "C" and examined: "ACxy", "ACz",
    // "AC"; the first that fits is taken.
    machine.entry(0x41, 0x7c01_0043_4343_0000);
    machine.entry(0x100, 0x0040_0078_7900_0000);
    machine.entry(0x101, 0x0020_007a_0000_0000);
    machine.entry(0x102, 0);
    assert_eq!(
        machine.symbols(SIZE_9, b"ACxyACzACxACxACB"),
        [0x100, 0x101, 0x102, 0x78, 0x102, 0x78, 0x102, 0x42]
    );
    // Extension characters that are not there any more.
    assert_eq!(machine.symbols(SIZE_9, b"ACx"), [0x102, 0x78]);
    // "B" first: after "ACxy" did not fit no other is tried.
    machine.entry(0x41, 0x7c01_0042_4343_0000);
    machine.entry(0x100, 0);
    machine.entry(0x101, 0x0040_0078_7900_0000);
    machine.entry(0x102, 0);
    assert_eq!(machine.symbols(SIZE_9, b"ACxyACzAB"), [0x101, 0x41, 0x43, 0x7a, 0x100]);
    // An entry with an extension character and one child: "AB", "ABcD".
    machine.entry(0x41, 0x3001_0042_0000_0000);
    machine.entry(0x100, 0x2021_0163_4400_0000);
    assert_eq!(machine.symbols(SIZE_9, b"ABcDABcABD"), [0x101, 0x100, 0x41, 0x42, 0x44]);
    // Many children and an extension character (D): "ABc", then "1" to "4".
    machine.entry(0x100, 0x8021_0163_3132_3334);
    assert_eq!(machine.symbols(SIZE_9, b"ABc1ABc4ABc5"), [0x101, 0x104, 0x100, 0x35]);
}

#[test]
fn sibling_descriptors_by_hand() {
    const SIZE_10: u64 = 0x2000;
    // "A" has children "a" to "e" at 0x100 to 0x104 and a descriptor at 0x105
    // with seven more, "f" to "l" at 0x106 to 0x10c; another at 0x10d with
    // "m" at 0x10e. The last two of the first are examined by the parent's
    // word: "k" has a child "1" at 0x120, "l" has one that is not seen.
    let mut machine = Machine::new();
    machine.entry(0x41, 0xc081_0061_6263_6465);
    machine.entry(0x105, 0x0066_6768_696a_6b6c);
    machine.entry(0x10b, 0x2001_2031_0000_0000);
    machine.entry(0x10c, 0x2001_2132_0000_0000);
    machine.entry(0x10d, 0x206d_6e00_0000_0000);
    assert_eq!(
        machine.symbols(SIZE_10, b"AaAeAfAlAmAnAk1Al2"),
        [0x100, 0x104, 0x106, 0x10c, 0x10e, 0x41, 0x6e, 0x120, 0x10c, 0x32]
    );
    // Seven and no more.
    machine.entry(0x105, 0xe066_6768_696a_6b6c);
    assert_eq!(machine.symbols(SIZE_10, b"AlAm"), [0x10c, 0x41, 0x6d]);
    // Format 1: four children and an extension character would be five; the
    // descriptor at 0x105 has fourteen, "f" to "s" at 0x106 to 0x113, eight
    // of them in the expansion dictionary; the next is at 0x114: "t", at
    // 0x115, with the extension characters "u", "v". "r" is examined by the
    // parent's word.
    machine.entry(0x10b, 0);
    machine.entry(0x105, 0xf000_6667_6869_6a6b);
    machine.entry(0x505, 0x6c6d_6e6f_7071_7273);
    machine.entry(0x112, 0x2001_3031_0000_0000);
    machine.entry(0x113, 0x2001_3132_0000_0000);
    machine.entry(0x114, 0x1800_7400_0000_0000);
    machine.entry(0x115, 0x0040_0075_7600_0000);
    assert_eq!(
        machine.symbols(SIZE_10 | FORMAT_1, b"AeAfAkAlAr1As2AtuvAtu"),
        [0x104, 0x106, 0x10b, 0x10c, 0x130, 0x113, 0x32, 0x115, 0x41, 0x74, 0x75]
    );
    // Index symbols become others by the table.
    let table = DICTIONARY + (TRANSLATION << 4);
    machine.put(table + 2 * 0x115, &[0xff, 0x01]);
    machine.put(table + 2 * 0x41, &[0x01, 0x23]);
    assert_eq!(machine.symbols(SIZE_10 | FORMAT_1 | TRANSLATE, b"AtuvA"), [0x301, 0x123]);
}
