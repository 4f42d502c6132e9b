//! The register part of the three resets (the specification, E.5). Each does
//! what the one before it does, and more.

use crate::{Pfault, Registers};
use lowcore_arch::{ControlRegister, Psw};

impl Registers {
    /// CPU reset: the pfault handshake ends; everything else stays.
    pub fn normal_reset(&mut self) {
        self.pfault = Pfault { token: u64::MAX, ..self.pfault };
        self.psw.mask &= !Psw::RUNTIME_INSTRUMENTATION;
    }

    /// Initial CPU reset: also PSW, prefix, timers, control registers and the
    /// floating-point-control register.
    pub fn initial_reset(&mut self) {
        self.normal_reset();
        self.psw = Psw::default();
        self.prefix = 0;
        self.cpu_timer.set(0);
        self.clock_comparator = 0;
        self.todpr = 0;
        self.program_parameter = 0;
        self.breaking_event = 1;
        self.cr = [0; 16];
        self.cr[0] = ControlRegister::CR0_INITIAL;
        self.cr[14] = ControlRegister::CR14_INITIAL;
        self.fpc = 0;
    }

    /// Clear reset: also general, access and vector registers.
    pub fn clear_reset(&mut self) {
        self.initial_reset();
        self.gr = [0; 16];
        self.ar = [0; 16];
        self.vr = [0; 32];
    }
}
