//! Registers between the run page and the CPU (the specification, A.7).

use crate::RunPage;
use crate::vcpu::Core;
use lowcore_abi::*;
use lowcore_arch::{bits, fpc};

impl Core {
    /// At the start of a run: everything that lives in the page, and of the
    /// rest what the client marked as changed.
    pub(crate) fn take_from(&mut self, page: &RunPage) {
        let dirty = page.dirty();
        let regs = &mut self.cpu.regs;
        regs.psw = page.psw();
        regs.gr = page.gprs();
        regs.ar = page.acrs();
        for (n, value) in page.fprs().into_iter().enumerate() {
            regs.set_fpr(n, value);
        }
        regs.fpc = valid_fpc(page.fpc());
        if dirty & KVM_SYNC_PREFIX != 0 {
            regs.set_prefix(page.prefix32());
        }
        if dirty & KVM_SYNC_CRS != 0 {
            regs.cr = page.crs();
        }
        if dirty & KVM_SYNC_ARCH0 != 0 {
            regs.todpr = bits::low32(page.todpr());
            regs.cpu_timer.set(page.cpu_timer());
            regs.clock_comparator = page.clock_comparator();
            regs.program_parameter = page.program_parameter();
            regs.breaking_event = page.breaking_event();
        }
        if dirty & KVM_SYNC_PFAULT != 0 {
            regs.pfault.token = page.pfault_token();
            regs.pfault.select = page.pfault_select();
            regs.pfault.compare = page.pfault_compare();
        }
        if dirty & KVM_SYNC_DIAG318 != 0 {
            self.diag318 = page.diag318();
        }
        page.set_dirty(0);
    }

    /// At the end of a run, and before others may see the CPU stopped: all of
    /// them, whatever `kvm_valid_regs` says.
    pub(crate) fn give_to(&self, page: &RunPage) {
        let regs = &self.cpu.regs;
        page.set_psw(regs.psw);
        page.set_gprs(&regs.gr);
        page.set_acrs(&regs.ar);
        for n in 0..16 {
            page.set_fpr(n, regs.fpr(n));
        }
        page.set_fpc(regs.fpc);
        page.set_prefix(regs.prefix.into());
        page.set_crs(&regs.cr);
        page.set_todpr(regs.todpr.into());
        page.set_cpu_timer(regs.cpu_timer.get());
        page.set_clock_comparator(regs.clock_comparator);
        page.set_program_parameter(regs.program_parameter);
        page.set_breaking_event(regs.breaking_event);
        page.set_pfault_token(regs.pfault.token);
        page.set_pfault_select(regs.pfault.select);
        page.set_pfault_compare(regs.pfault.compare);
        page.set_diag318(self.diag318);
        page.clear_bpbc();
    }
}

/// The register as the CPU would take it; one that it refuses becomes 0.
const fn valid_fpc(value: u32) -> u32 {
    if fpc::is_valid(value) { value } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::valid_fpc;

    #[test]
    fn an_invalid_fpc_becomes_zero() {
        assert_eq!(valid_fpc(0xfcfc_ff73), 0xfcfc_ff73);
        assert_eq!(valid_fpc(0x77), 0x77);
        for value in [0x74, 0x75, 0x76, 0x80, 0x0100_0000, 0x0001_0000] {
            assert_eq!(valid_fpc(value), 0, "{value:#x}");
        }
    }
}
