//! The registers of a CPU, as they are shown to people and to programs.

use super::{Shared, number};
use lowcore_abi::{KVM_REG_S390_CLOCK_COMP, KVM_REG_S390_CPU_TIMER, KVM_REG_S390_TODPR};
use lowcore_arch::{Psw, bits, lowcore};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The registers of a CPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers {
    /// The CPU's address.
    pub cpu: u16,
    /// The program-status word.
    #[serde(with = "PswForm")]
    pub psw: Psw,
    /// General registers.
    #[serde(with = "number::sixteen")]
    pub gr: [u64; 16],
    /// Control registers.
    #[serde(with = "number::sixteen")]
    pub cr: [u64; 16],
    /// Access registers.
    #[serde(with = "number::sixteen")]
    pub ar: [u32; 16],
    /// Floating-point registers.
    #[serde(with = "number::sixteen")]
    pub fpr: [u64; 16],
    /// The floating-point-control register.
    #[serde(with = "number::one")]
    pub fpc: u32,
    /// The prefix.
    #[serde(with = "number::one")]
    pub prefix: u64,
    /// The CPU timer.
    #[serde(with = "number::one")]
    pub cpu_timer: u64,
    /// The clock comparator.
    #[serde(with = "number::one")]
    pub clock_comparator: u64,
    /// The TOD clock, at about the same time.
    #[serde(with = "number::one")]
    pub tod_clock: u64,
    /// The TOD programmable register.
    #[serde(with = "number::one")]
    pub tod_programmable: u32,
    /// Where the last branch was.
    #[serde(with = "number::one")]
    pub breaking_event: u64,
    /// The last program interruption, by the low core.
    pub last_program: Option<LastProgram>,
}

/// What a low core says of the last program interruption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastProgram {
    /// The program-interruption code.
    #[serde(with = "number::one")]
    pub code: u16,
    /// The PSW that was interrupted.
    #[serde(with = "PswForm")]
    pub old_psw: Psw,
    /// Where the last branch before it was.
    #[serde(with = "number::one")]
    pub breaking_event: u64,
}

/// A PSW in JSON.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Psw")]
struct PswForm {
    #[serde(with = "number::one")]
    mask: u64,
    #[serde(with = "number::one", rename = "address")]
    addr: u64,
}

impl Registers {
    /// The PSW, as manuals write it.
    pub fn psw_text(&self) -> String {
        psw_text(self.psw)
    }
}

fn psw_text(psw: Psw) -> String {
    format!("{:016x} {:016x}", psw.mask, psw.addr)
}

impl fmt::Display for Registers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "CPU {}: PSW {}, prefix {:x}", self.cpu, self.psw_text(), self.prefix)?;
        for (name, values) in [("GR", &self.gr), ("CR", &self.cr), ("FR", &self.fpr)] {
            for (n, four) in values.chunks(4).enumerate() {
                write!(f, "{name}{:<2}", 4 * n)?;
                for value in four {
                    write!(f, " {value:016x}")?;
                }
                writeln!(f)?;
            }
        }
        for (n, eight) in self.ar.chunks(8).enumerate() {
            write!(f, "AR{:<2}", 8 * n)?;
            for value in eight {
                write!(f, " {value:08x}")?;
            }
            writeln!(f)?;
        }
        writeln!(f, "FPC {:08x}, TOD programmable {:08x}", self.fpc, self.tod_programmable)?;
        writeln!(
            f,
            "CPU timer {:016x}, clock comparator {:016x}, TOD clock {:016x}",
            self.cpu_timer, self.clock_comparator, self.tod_clock
        )?;
        writeln!(f, "last branch at {:x}", self.breaking_event)?;
        if let Some(LastProgram { code, old_psw, breaking_event }) = self.last_program {
            writeln!(
                f,
                "last program interruption: code {code:04x}, old PSW {}, last branch before at \
                 {breaking_event:x}",
                psw_text(old_psw)
            )?;
        }
        Ok(())
    }
}

impl Shared {
    /// The registers of a CPU that is outside KVM_RUN.
    pub(super) fn registers(&self, id: u16) -> Box<Registers> {
        let vcpu = &self.cpus[usize::from(id)].vcpu;
        let page = vcpu.run_page();
        let prefix = page.prefix();
        // The vcpu knows these registers.
        let one_reg = |id| vcpu.get_one_reg(id).unwrap_or_default();
        Box::new(Registers {
            cpu: id,
            psw: page.psw(),
            gr: std::array::from_fn(|n| page.gpr(n)),
            cr: std::array::from_fn(|n| page.cr(n)),
            ar: std::array::from_fn(|n| page.acr(n)),
            fpr: std::array::from_fn(|n| page.fpr(n)),
            fpc: page.fpc(),
            prefix,
            cpu_timer: one_reg(KVM_REG_S390_CPU_TIMER),
            clock_comparator: one_reg(KVM_REG_S390_CLOCK_COMP),
            tod_clock: self.vm.get_tod(),
            tod_programmable: bits::low32(one_reg(KVM_REG_S390_TODPR)),
            breaking_event: page.breaking_event(),
            last_program: self.last_program(prefix),
        })
    }

    /// What the low core says of the last program interruption, if there was
    /// one.
    fn last_program(&self, prefix: u64) -> Option<LastProgram> {
        let word = |at: u16| self.storage.u64(prefix + u64::from(at)).ok();
        let code = self.storage.u16(prefix + u64::from(lowcore::PROGRAM_CODE)).ok()?;
        let old_psw =
            Psw::new(word(lowcore::PROGRAM_OLD_PSW)?, word(lowcore::PROGRAM_OLD_PSW + 8)?);
        let breaking_event = word(lowcore::BREAKING_EVENT_ADDRESS)?;
        (old_psw != Psw::default()).then_some(LastProgram { code, old_psw, breaking_event })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_come_back_from_json() {
        let registers = Registers {
            cpu: 3,
            psw: Psw::new(0x0400_0001_8000_0000, u64::MAX),
            gr: std::array::from_fn(|n| u64::MAX - n as u64),
            fpc: 0x8800_0000,
            last_program: Some(LastProgram { code: 0x11, ..LastProgram::default() }),
            ..Registers::default()
        };
        let json = serde_json::to_string(&registers).unwrap();
        assert!(json.contains(r#""address":"0xffffffffffffffff""#), "{json}");
        assert!(json.contains(r#""fpc":"0x88000000""#), "{json}");
        assert!(json.contains(r#""code":"0x0011""#), "{json}");
        assert_eq!(serde_json::from_str::<Registers>(&json).unwrap(), registers);
    }
}
