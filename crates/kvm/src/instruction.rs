//! Instructions that the kernel executes for the guest or hands to its client
//! (the specification, F.5).

mod system_information;

use crate::run::{Exit, icptcode, show_registers};
use crate::vcpu::{Core, VcpuShared};
use crate::vm::VmInner;
use crate::{Error, gaccess};
use core::sync::atomic::Ordering;
use lowcore_abi::*;
use lowcore_arch::{ProgramCode, bits, lowcore};
use lowcore_interrupt::{IoInterruption, LocalInterrupt, ProgramInterruption};
use lowcore_storage::AccessError;

/// What became of an intercepted instruction.
pub(crate) enum Handled {
    /// It was executed, or a program interruption is pending for it.
    Done,
    /// It is the client's.
    Exit(Exit),
}

/// TEST SUBCHANNEL and TEST PENDING INTERRUPTION.
const TSCH: u16 = 0xb235;
const TPI: u16 = 0xb236;
/// STORE SYSTEM INFORMATION.
const STSI: u16 = 0xb27d;

/// An instruction, its operands taken apart as far as they are needed here.
struct Instruction<'a> {
    core: &'a mut Core,
    vm: &'a VmInner,
    shared: &'a VcpuShared,
    ipa: u16,
    ipb: u32,
}

/// Executes an instruction of a guest in the supervisor state; the PSW is
/// already after it.
pub(crate) fn handle(
    core: &mut Core,
    vm: &VmInner,
    shared: &VcpuShared,
    ipa: u16,
    ipb: u32,
) -> Result<Handled, Error> {
    let mut instruction = Instruction { core, vm, shared, ipa, ipb };
    match ipa {
        0x8300..=0x83ff => instruction.diagnose(),
        0xb230..=0xb23c | 0xb25f | 0xb274 | 0xb276 => instruction.channel_io(),
        STSI => instruction.store_system_information(),
        _ => Ok(instruction.decline()),
    }
}

impl Instruction<'_> {
    /// The instruction is the client's.
    fn decline(&self) -> Handled {
        Handled::Exit(Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: self.ipa, ipb: self.ipb })
    }

    /// The effective address of the operand in the first halfword of `ipb`,
    /// before the addressing mode cuts it.
    fn operand(&self) -> u64 {
        let base = bits::index(u64::from(self.ipb >> 28));
        let displacement = u64::from(self.ipb >> 16 & 0xfff);
        let base = if base == 0 { 0 } else { self.core.cpu.regs.gr[base] };
        base.wrapping_add(displacement)
    }

    /// The register that names the operand's space in the access-register mode.
    fn operand_register(&self) -> u8 {
        bits::low8(u64::from(self.ipb >> 28))
    }

    /// The general register whose number stands in four bits of `ipa`.
    fn register(&mut self, shift: u32) -> &mut u64 {
        &mut self.core.cpu.regs.gr[bits::index(u64::from(self.ipa >> shift & 0xf))]
    }

    /// A program interruption for this instruction.
    fn program(&self, code: ProgramCode) -> Result<Handled, Error> {
        self.interrupt(ProgramInterruption { code, ..ProgramInterruption::default() })
    }

    fn interrupt(&self, program: ProgramInterruption) -> Result<Handled, Error> {
        // The length is that of the intercept just taken.
        let _recorded = self.shared.mailbox.inject(LocalInterrupt::Program(program))?;
        Ok(Handled::Done)
    }

    fn set_cc(&mut self, cc: u8) -> Handled {
        self.core.cpu.regs.psw.set_condition_code(cc);
        Handled::Done
    }

    fn diagnose(&mut self) -> Result<Handled, Error> {
        match self.operand() & 0xffff {
            0x10 => self.release_pages(),
            // Giving up the rest of a time slice, to anyone or to one CPU.
            0x44 | 0x9c => {
                std::thread::yield_now();
                Ok(Handled::Done)
            }
            0x258 => self.page_reference_service(),
            0x308 => Ok(self.reset()),
            _ => Ok(self.decline()),
        }
    }

    /// DIAGNOSE 0x10. The guest no longer cares what the pages hold, so they
    /// keep what they hold.
    fn release_pages(&mut self) -> Result<Handled, Error> {
        const PAGE: u64 = 0x1000;
        let start = *self.register(4);
        let end = self.register(0).wrapping_add(PAGE);
        if (start | end) & (PAGE - 1) != 0 || start >= end || start < 2 * PAGE {
            return self.program(ProgramCode::SPECIFICATION);
        }
        Ok(Handled::Done)
    }

    /// DIAGNOSE 0x258: establishes or cancels the pfault handshake. No page
    /// fault of a guest is ever asynchronous here, so nothing comes of it.
    fn page_reference_service(&mut self) -> Result<Handled, Error> {
        const ALREADY_ESTABLISHED: u64 = 8;
        const NOT_ESTABLISHED: u64 = 4;
        const Z_ARCHITECTURE: u64 = 1 << 63;
        let address = *self.register(4);
        if address & 7 != 0 {
            return self.program(ProgramCode::SPECIFICATION);
        }
        let mut block = [0; 40];
        let read =
            gaccess::read_real(&self.core.cpu.regs, &self.vm.storage.view(), address, &mut block);
        match read {
            Ok(()) => {}
            Err(AccessError::Addressing) => return self.program(ProgramCode::ADDRESSING),
            Err(AccessError::Host(_)) => return Err(Error::GuestStorage),
        }
        let halfword = |n: usize| u16::from_be_bytes([block[2 * n], block[2 * n + 1]]);
        let doubleword = |n: usize| {
            block[8 * n..8 * n + 8].iter().fold(0, |value, &byte| value << 8 | u64::from(byte))
        };
        let (code, subcode, length, version) = (halfword(0), halfword(1), halfword(2), halfword(3));
        let [token, select, compare, mode] = [1, 2, 3, 4].map(doubleword);
        if code != 0x258 || length < 5 || version != 2 {
            return self.program(ProgramCode::SPECIFICATION);
        }
        let established = self.core.cpu.regs.pfault.token != KVM_S390_PFAULT_TOKEN_INVALID;
        match subcode {
            0 if established => *self.register(0) = ALREADY_ESTABLISHED,
            0 => {
                if compare & select != compare || token & 7 != 0 || mode != Z_ARCHITECTURE {
                    return self.program(ProgramCode::SPECIFICATION);
                }
                if !self.vm.storage.view().contains(token, 1) {
                    return self.program(ProgramCode::ADDRESSING);
                }
                self.core.cpu.regs.pfault = lowcore_cpu::Pfault { token, select, compare };
                *self.register(0) = 0;
            }
            1 => {
                if token | select | compare | mode != 0 {
                    return self.program(ProgramCode::SPECIFICATION);
                }
                *self.register(0) = if established { 0 } else { NOT_ESTABLISHED };
                self.core.cpu.regs.pfault.token = KVM_S390_PFAULT_TOKEN_INVALID;
            }
            _ => return Ok(self.decline()),
        }
        Ok(Handled::Done)
    }

    /// DIAGNOSE 0x308, subcodes 3 and 4: the client resets the system and
    /// loads anew. Without state control by the client, the CPU is stopped.
    fn reset(&mut self) -> Handled {
        const ALWAYS: u64 = KVM_S390_RESET_SUBSYSTEM | KVM_S390_RESET_IPL | KVM_S390_RESET_CPU_INIT;
        let flags = match *self.register(0) & 0xffff {
            3 => ALWAYS | KVM_S390_RESET_CLEAR,
            4 => ALWAYS,
            _ => return self.decline(),
        };
        if !self.vm.user_cpu_state.load(Ordering::Acquire) {
            show_registers(self.core, self.shared);
            self.shared.mailbox.local.lock().stop();
        }
        Handled::Exit(Exit::Reset { flags })
    }

    /// Channel I/O: the client's, once a vcpu has `KVM_CAP_S390_CSS_SUPPORT`;
    /// without it there are no subchannels.
    fn channel_io(&mut self) -> Result<Handled, Error> {
        if !self.vm.css_support.load(Ordering::Acquire) {
            return Ok(self.set_cc(3));
        }
        match self.ipa {
            TSCH => Ok(self.test_subchannel()),
            TPI => self.test_pending_interruption(),
            _ => Ok(self.decline()),
        }
    }

    /// Takes an interrupt of the subchannel off the queue; the client does the
    /// rest.
    fn test_subchannel(&mut self) -> Handled {
        let word = self.core.cpu.regs.gr[1];
        let subchannel = (bits::low16(word >> 16), bits::low16(word));
        let interruption = (word != 0)
            .then(|| self.vm.floating.lock().dequeue_io(Some(subchannel), u64::MAX))
            .flatten();
        let io = interruption.unwrap_or_default();
        self.shared.page.set_tsch(kvm_run_s390_tsch {
            subchannel_id: io.subchannel_id,
            subchannel_nr: io.subchannel_number,
            io_int_parm: io.parameter,
            io_int_word: io.word,
            ipb: self.ipb,
            dequeued: interruption.is_some().into(),
            ..kvm_run_s390_tsch::default()
        });
        Handled::Exit(Exit::Tsch { dequeued: interruption.is_some() })
    }

    fn test_pending_interruption(&mut self) -> Result<Handled, Error> {
        let address = self.operand();
        if address & 3 != 0 {
            return self.program(ProgramCode::SPECIFICATION);
        }
        let cr6 = self.core.cpu.regs.cr[6];
        let Some(io) = self.vm.floating.lock().dequeue_io(None, cr6) else {
            return Ok(self.set_cc(0));
        };
        match self.store_interruption_code(&io, address) {
            Ok(()) => Ok(self.set_cc(1)),
            Err(failure) => {
                // For the guest the instruction has not happened.
                self.vm.floating.lock().requeue(io)?;
                match failure {
                    gaccess::Failure::Program(program) => self.interrupt(program),
                    gaccess::Failure::Host => Err(Error::GuestStorage),
                }
            }
        }
    }

    /// Two words at `address`, or three words in the low core for address 0.
    fn store_interruption_code(
        &self,
        io: &IoInterruption,
        address: u64,
    ) -> Result<(), gaccess::Failure> {
        let mut code = [0; 12];
        code[..2].copy_from_slice(&io.subchannel_id.to_be_bytes());
        code[2..4].copy_from_slice(&io.subchannel_number.to_be_bytes());
        code[4..8].copy_from_slice(&io.parameter.to_be_bytes());
        code[8..].copy_from_slice(&io.word.to_be_bytes());
        let regs = &self.core.cpu.regs;
        let view = self.vm.storage.view();
        if address == 0 {
            let at = u64::from(regs.prefix) + u64::from(lowcore::SUBCHANNEL_ID);
            return view.write(at, &code).map_err(|_| gaccess::Failure::Host);
        }
        let ar = self.operand_register();
        gaccess::Logical::new(self.vm, regs, &view, ar, regs.psw.key()).write(address, &code[..8])
    }
}
