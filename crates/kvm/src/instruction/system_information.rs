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
/// Where the description of a virtual machine is in the block 3.2.2.
const COUNT: usize = 31;
const MACHINE: usize = 32;
/// "KVMguest" in EBCDIC.
const NAME: [u8; 8] = [0xd2, 0xe5, 0xd4, 0x87, 0xa4, 0x85, 0xa2, 0xa3];
/// "KVM/Linux" in EBCDIC, by which guests know what they run under.
const MONITOR: [u8; 16] = [
    0xd2, 0xe5, 0xd4, 0x61, 0xd3, 0x89, 0x95, 0xa4, 0xa7, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40,
];
/// The guest has the whole of the machine's capability.
const ADJUSTMENT: u32 = 1000;

impl Instruction<'_> {
    /// Function 0 tells the level, 3.2.2 the virtual machine. There is nothing
    /// to tell of the levels below: no real machine is there.
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
        if (function, selector_1, selector_2) != (3, 2, 2) {
            return Ok(self.set_cc(3));
        }
        let block = self.virtual_machines();
        let stored = {
            let regs = &self.core.cpu.regs;
            let view = self.vm.storage.view();
            let ar = self.operand_register();
            gaccess::Logical::new(regs, &view, ar, regs.psw.key()).write(address, &block)
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
            fc: bits::low8(function),
            sel1: selector_1,
            sel2: selector_2,
            ..kvm_run_s390_stsi::default()
        });
        Ok(Handled::Exit(Exit::Stsi { address }))
    }

    /// The block 3.2.2: one virtual machine, this one.
    fn virtual_machines(&self) -> [u8; BLOCK] {
        let cpus = bits::low16(self.vm.vcpu_count() as u64).to_be_bytes();
        let mut block = [0; BLOCK];
        block[COUNT] = 1;
        let mut put = |at: usize, bytes: &[u8]| {
            block[MACHINE + at..MACHINE + at + bytes.len()].copy_from_slice(bytes);
        };
        put(4, &cpus);
        put(6, &cpus);
        put(12, &NAME);
        put(20, &ADJUSTMENT.to_be_bytes());
        put(24, &MONITOR);
        block
    }
}
