//! Instructions that KVM leaves to its client.

use super::{Guard, Shared, State, channel, diagnose, service, sigp};
use lowcore_abi::{KVM_S390_PROGRAM_INT, kvm_s390_irq, kvm_s390_pgm_info};
use lowcore_arch::{ProgramCode, bits};
use lowcore_kvm::{Accessed, Error, LogicalAccess, RunPage, Vcpu};
use zerocopy::FromZeros;

/// How an instruction ends.
pub(super) enum End {
    /// With this condition code.
    ConditionCode(u8),
    /// Without another condition code.
    Unchanged,
    /// With a program interruption.
    Program(ProgramCode),
    /// With a program interruption that is pending already, or not at all
    /// since the CPU was reset meanwhile.
    Settled,
}

/// An intercepted instruction. The PSW is already after it.
pub(super) struct Instruction<'a> {
    pub(super) vcpu: &'a Vcpu,
    /// The first halfword.
    pub(super) ipa: u16,
    /// The rest, left-aligned.
    pub(super) ipb: u32,
}

/// Executes an instruction for CPU `id`.
pub(super) fn execute(shared: &Shared, state: &mut Guard<'_>, id: u16, ipa: u16, ipb: u32) {
    let vcpu = &shared.cpus[usize::from(id)].vcpu;
    let instruction = Instruction { vcpu, ipa, ipb };
    let end = match ipa {
        0xb220 => service::service_call(shared, state, &instruction),
        0x8300..=0x83ff => diagnose::diagnose(shared, state, id, &instruction),
        0xae00..=0xaeff => sigp::signal_processor(shared, state, id, &instruction),
        0xb230..=0xb23c | 0xb25f | 0xb274 | 0xb276 => {
            let State { channel, .. } = &mut **state;
            channel::execute(channel, &instruction)
        }
        _ => End::Program(ProgramCode::OPERATION),
    };
    match end {
        End::ConditionCode(cc) => instruction.set_condition_code(cc),
        End::Program(code) => instruction.program(code),
        End::Unchanged | End::Settled => {}
    }
}

impl Instruction<'_> {
    /// The registers.
    pub(super) fn page(&self) -> &RunPage {
        self.vcpu.run_page()
    }

    /// A register whose number stands in four bits of the first halfword.
    pub(super) fn r1(&self) -> usize {
        usize::from(self.ipa >> 4 & 15)
    }

    /// As [`Instruction::r1`], of the last four bits.
    pub(super) fn r3(&self) -> usize {
        usize::from(self.ipa & 15)
    }

    /// The two registers of an instruction with four bytes of the format RRE.
    pub(super) fn rre(&self) -> (usize, usize) {
        (bits::index(u64::from(self.ipb >> 20 & 15)), bits::index(u64::from(self.ipb >> 16 & 15)))
    }

    /// Base and displacement, which the addressing mode cuts.
    pub(super) fn address(&self) -> u64 {
        self.page().psw().wrap(self.base_and_displacement())
    }

    /// Base and displacement as a number.
    pub(super) fn base_and_displacement(&self) -> u64 {
        let base = bits::index(u64::from(self.ipb >> 28));
        let displacement = u64::from(self.ipb >> 16 & 0xfff);
        let base = if base == 0 { 0 } else { self.page().gpr(base) };
        base.wrapping_add(displacement)
    }

    /// How operands in storage are reached that register `ar` designates.
    fn access(&self, ar: usize) -> LogicalAccess {
        let ar = bits::low8(ar as u64);
        LogicalAccess { ar, key: Some(self.page().psw().key()), inject_exception: true }
    }

    /// Writes the operand that base and displacement designate; `None` if that
    /// ends in a program interruption.
    pub(super) fn write(&self, address: u64, bytes: &[u8]) -> Option<()> {
        self.write_in_register(address, bytes, bits::index(u64::from(self.ipb >> 28)))
    }

    /// As [`Instruction::write`], for an operand that register `r` designates.
    pub(super) fn write_in_register(&self, address: u64, bytes: &[u8], r: usize) -> Option<()> {
        done(self.vcpu.write_logical(address, bytes, self.access(r)))
    }

    /// Reads the operand that register `r` designates; `None` if that ends in a
    /// program interruption.
    pub(super) fn read_in_register(&self, address: u64, bytes: &mut [u8], r: usize) -> Option<()> {
        done(self.vcpu.read_logical(address, bytes, self.access(r)))
    }

    fn set_condition_code(&self, cc: u8) {
        let mut psw = self.page().psw();
        psw.set_condition_code(cc);
        self.page().set_psw(psw);
    }

    fn program(&self, code: ProgramCode) {
        let info = kvm_s390_pgm_info { code: code.0, ..FromZeros::new_zeroed() };
        // A program interruption is never refused.
        let _ = self.vcpu.inject(&kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, info));
    }
}

/// Whether an operand was accessed.
fn done(outcome: Result<Accessed, Error>) -> Option<()> {
    matches!(outcome, Ok(Accessed::Done)).then_some(())
}
