//! STORE SYSTEM INFORMATION (manual, chapter 10; arch/s390/kvm/priv.c of
//! Linux 6.12). The guest runs at level 3, under a virtual machine monitor.

use super::{Handled, Instruction};
use crate::run::Exit;
use crate::{Error, gaccess};
use core::sync::atomic::Ordering;
use lowcore_abi::kvm_run_s390_stsi;
use lowcore_arch::{ProgramCode, bits};

const BLOCK: usize = 4096;
/// Bits of general registers 0 and 1 that must be zero.
const RESERVED_0: u64 = 0x0fff_ff00;
const RESERVED_1: u64 = 0xffff_0000;
/// "KVMguest" in EBCDIC.
const NAME: [u8; 8] = [0xd2, 0xe5, 0xd4, 0x87, 0xa4, 0x85, 0xa2, 0xa3];
/// "KVM/Linux" in EBCDIC, by which guests know what they run under.
const MONITOR: [u8; 16] = [
    0xd2, 0xe5, 0xd4, 0x61, 0xd3, 0x89, 0x95, 0xa4, 0xa7, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40,
];
/// The guest has the whole of the machine's capability; and every CPU that is
/// added adds a whole one.
const ADJUSTMENT: u32 = 1000;
const ADJUSTMENT_OF_ONE: u16 = 1000;
/// The capability of one CPU, in the manual's measure of a lower number for a
/// faster CPU.
const CAPABILITY: u32 = 500;
/// The number of the logical partition in which the virtual machine is.
const PARTITION: u16 = 1;
/// Its CPUs are its own.
const DEDICATED: u8 = 0x80;

/// Capital letters, digits and blanks in EBCDIC, blanks behind.
const fn ebcdic<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0x40; N];
    let text = text.as_bytes();
    let mut i = 0;
    while i < text.len() {
        bytes[i] = match text[i] {
            letter @ b'A'..=b'I' => letter - b'A' + 0xc1,
            letter @ b'J'..=b'R' => letter - b'J' + 0xd1,
            letter @ b'S'..=b'Z' => letter - b'S' + 0xe2,
            digit @ b'0'..=b'9' => digit - b'0' + 0xf0,
            b' ' => 0x40,
            _ => panic!("not in this alphabet"),
        };
        i += 1;
    }
    bytes
}

const MANUFACTURER: [u8; 16] = ebcdic("LOWCORE");
const PARTITION_NAME: [u8; 8] = ebcdic("LOWCORE");
const MODEL: [u8; 16] = ebcdic("LOWCORE");
/// The serial number of the machine, which STIDP tells to be zero.
const SEQUENCE: [u8; 16] = ebcdic("0000000000000000");
const PLANT: [u8; 4] = ebcdic("00");

/// A machine type in EBCDIC digits.
fn digits(machine_type: u16) -> [u8; 4] {
    [12, 8, 4, 0].map(|shift| bits::low8((machine_type >> shift).into()) & 15 | 0xf0)
}

/// A block in the making.
struct Block([u8; BLOCK]);

impl Block {
    const fn new() -> Self {
        Self([0; BLOCK])
    }

    fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }
}

impl Instruction<'_> {
    /// Function 0 tells the level. The blocks below the virtual machine, of
    /// which a host would give its own, describe the machine that guests see.
    pub(super) fn store_system_information(&mut self) -> Result<Handled, Error> {
        let [gr0, gr1] = [0, 1].map(|n: usize| self.core.cpu.regs.gr[n]);
        let function = gr0 >> 28 & 0xf;
        let selector_1 = bits::low8(gr0);
        let selector_2 = bits::low16(gr1);
        if function > 3 {
            return Ok(self.set_cc(3));
        }
        if gr0 & RESERVED_0 != 0 || gr1 & RESERVED_1 != 0 {
            return self.program(ProgramCode::SPECIFICATION);
        }
        if function == 0 {
            self.core.cpu.regs.gr[0] = 3 << 28;
            return Ok(self.set_cc(0));
        }
        let address = self.operand();
        if address & 0xfff != 0 {
            return self.program(ProgramCode::SPECIFICATION);
        }
        let Some(Block(block)) = self.block(function, selector_1, selector_2) else {
            return Ok(self.set_cc(3));
        };
        let stored = {
            let regs = &self.core.cpu.regs;
            let view = self.vm.storage.view();
            let ar = self.operand_register();
            gaccess::Logical::new(self.vm, regs, &view, ar, regs.psw.key()).write(address, &block)
        };
        match stored {
            Ok(()) => {}
            Err(gaccess::Failure::Program(program)) => return self.interrupt(program),
            Err(gaccess::Failure::Host) => return Err(Error::GuestStorage),
        }
        // The client gets to see the instruction completed.
        self.core.cpu.regs.gr[0] = 0;
        let done = self.set_cc(0);
        if !self.vm.user_stsi.load(Ordering::Acquire) {
            return Ok(done);
        }
        self.shared.page.set_stsi(kvm_run_s390_stsi {
            addr: address,
            ar: self.operand_register(),
            fc: bits::low8(function),
            sel1: selector_1,
            sel2: selector_2,
            ..kvm_run_s390_stsi::default()
        });
        Ok(Handled::Exit(Exit::Stsi { address }))
    }

    /// A block, if there is one: of the machine, of the partition or of the
    /// virtual machine.
    fn block(&self, function: u64, selector_1: u8, selector_2: u16) -> Option<Block> {
        let cpus = bits::low16(self.vm.vcpu_count() as u64);
        let count = cpus.to_be_bytes();
        let address = self.shared.mailbox.id.to_be_bytes();
        let block = Block::new();
        Some(match (function, selector_1, selector_2) {
            (1, 1, 1) => block
                .with(32, &MANUFACTURER)
                .with(48, &digits(self.vm.model.guest().machine_type()))
                .with(64, &MODEL)
                .with(80, &SEQUENCE)
                .with(96, &PLANT)
                .with(100, &MODEL),
            (1, 2, 1) => block.with(80, &SEQUENCE).with(96, &PLANT).with(102, &address),
            (1, 2, 2) => {
                let capability = CAPABILITY.to_be_bytes();
                let block = block.with(32, &capability).with(36, &count).with(38, &count);
                // A factor for each number of CPUs from two on.
                (1..usize::from(cpus))
                    .fold(block, |b, n| b.with(42 + 2 * n, &ADJUSTMENT_OF_ONE.to_be_bytes()))
            }
            (2, 2, 1) => {
                block.with(80, &SEQUENCE).with(96, &PLANT).with(100, &address).with(102, &address)
            }
            (2, 2, 2) => block
                .with(32, &PARTITION.to_be_bytes())
                .with(35, &[DEDICATED])
                .with(36, &count)
                .with(38, &count)
                .with(44, &PARTITION_NAME)
                .with(52, &ADJUSTMENT.to_be_bytes())
                .with(72, &count),
            // One virtual machine, this one.
            (3, 2, 2) => block
                .with(31, &[1])
                .with(36, &count)
                .with(38, &count)
                .with(44, &NAME)
                .with(52, &ADJUSTMENT.to_be_bytes())
                .with(56, &MONITOR),
            _ => return None,
        })
    }
}
