//! What compiled code works on.

use crate::host_calls::Host;
use core::mem::offset_of;
use lowcore_cpu::Registers;

/// Registers in places that compiled code knows, and how it talks with the
/// host's side.
#[repr(C)]
pub struct State {
    gr: [u64; 16],
    cr: [u64; 16],
    ar: [u32; 16],
    /// Floating-point registers.
    fpr: [u64; 16],
    fpc: u32,
    /// Bits 0-63 of the PSW; those of the condition code are not kept up to
    /// date.
    psw_mask: u64,
    /// The address of the next instruction.
    psw_address: u64,
    /// The condition code, 0 to 3.
    cc: u64,
    breaking_event: u64,
    /// Operands and results of calls to the host's side.
    pub scratch: [u64; SCRATCH],
    /// What those calls act on.
    pub host: *mut Host<'static, 'static>,
}

/// Values that a call to the host's side can take and give.
pub const SCRATCH: usize = 16;

/// The places, as displacements.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the structure is small"
)]
pub mod place {
    use super::{State, offset_of};

    pub const fn gr(r: u8) -> i32 {
        offset_of!(State, gr) as i32 + 8 * (r & 15) as i32
    }

    pub const fn cr(r: u8) -> i32 {
        offset_of!(State, cr) as i32 + 8 * (r & 15) as i32
    }

    pub const fn ar(r: u8) -> i32 {
        offset_of!(State, ar) as i32 + 4 * (r & 15) as i32
    }

    pub const fn fpr(r: u8) -> i32 {
        offset_of!(State, fpr) as i32 + 8 * (r & 15) as i32
    }

    pub const fn scratch(n: usize) -> i32 {
        assert!(n < super::SCRATCH);
        offset_of!(State, scratch) as i32 + 8 * n as i32
    }

    pub const FPC: i32 = offset_of!(State, fpc) as i32;
    pub const PSW_MASK: i32 = offset_of!(State, psw_mask) as i32;
    pub const PSW_ADDRESS: i32 = offset_of!(State, psw_address) as i32;
    pub const CC: i32 = offset_of!(State, cc) as i32;
    pub const BREAKING_EVENT: i32 = offset_of!(State, breaking_event) as i32;
}

impl State {
    /// The state of a CPU.
    pub fn of(regs: &Registers) -> Self {
        let mut state = Self {
            gr: [0; 16],
            cr: [0; 16],
            ar: [0; 16],
            fpr: [0; 16],
            fpc: 0,
            psw_mask: 0,
            psw_address: 0,
            cc: 0,
            breaking_event: 0,
            scratch: [0; SCRATCH],
            host: core::ptr::null_mut(),
        };
        state.take(regs);
        state
    }

    /// Takes the registers over from a CPU.
    pub fn take(&mut self, regs: &Registers) {
        self.gr = regs.gr;
        self.cr = regs.cr;
        self.ar = regs.ar;
        self.fpr = core::array::from_fn(|n| regs.fpr(n));
        self.fpc = regs.fpc;
        self.psw_mask = regs.psw.mask;
        self.psw_address = regs.psw.addr;
        self.cc = regs.psw.condition_code().into();
        self.breaking_event = regs.breaking_event;
    }

    /// Gives the registers back.
    pub fn give(&self, regs: &mut Registers) {
        regs.gr = self.gr;
        regs.cr = self.cr;
        regs.ar = self.ar;
        for (n, value) in self.fpr.into_iter().enumerate() {
            regs.set_fpr(n, value);
        }
        regs.fpc = self.fpc;
        regs.psw.mask = self.psw_mask;
        regs.psw.addr = self.psw_address;
        regs.psw.set_condition_code(lowcore_arch::bits::low8(self.cc));
        regs.breaking_event = self.breaking_event;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lowcore_arch::Psw;

    #[test]
    fn registers_go_there_and_back() {
        let regs = Registers {
            psw: Psw::new(0x0705_3001_8000_0000, 0x1234),
            gr: core::array::from_fn(|n| 0x11 * n as u64),
            ar: core::array::from_fn(|n| u32::try_from(n).unwrap() << 28),
            cr: core::array::from_fn(|n| u64::MAX - n as u64),
            vr: core::array::from_fn(|n| if n < 16 { (n as u128 + 1) << 64 } else { 0 }),
            fpc: 0xf800_0077,
            breaking_event: 0x5678,
            ..Registers::default()
        };
        let state = State::of(&regs);
        assert_eq!(state.cc, 3);
        let mut back = Registers::default();
        state.give(&mut back);
        assert_eq!(format!("{back:?}"), format!("{regs:?}"));
    }
}
