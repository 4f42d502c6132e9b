//! Which interrupt a CPU takes next, and its delivery (C.2 to C.7).

use crate::{
    Delivery, Enablement, FloatingInterrupts, Kind, LocalInterrupts, Pending, Step, external,
    program_delivery,
};
use lowcore_arch::{Psw, lowcore};

impl LocalInterrupts {
    /// The kinds, local and floating, that the CPU may take under its masks.
    /// A stop is never among them.
    #[must_use]
    pub fn deliverable(&self, floating: &FloatingInterrupts, masks: &Enablement) -> Pending {
        let pending = self.pending() | floating.pending();
        if pending.is_empty() {
            return pending;
        }
        pending & masks.allowed(self.machine_check_cr14() | floating.machine_check_cr14())
    }

    /// Removes the highest deliverable interrupt and returns its delivery;
    /// `None` if nothing is deliverable. The CPU performs the delivery and
    /// asks again with its new masks, until `None` (C.2).
    pub fn take_next(
        &mut self,
        floating: &mut FloatingInterrupts,
        masks: &Enablement,
    ) -> Option<Delivery> {
        let kind = self.deliverable(floating, masks).highest()?;
        let psw = masks.psw;
        Some(match kind {
            Kind::ExigentMachineCheck | Kind::RepressibleMachineCheck => {
                self.take_machine_checks(floating).delivery(kind, psw)
            }
            Kind::Program => program_delivery(&self.take_program(), psw, masks.breaking_event),
            Kind::EmergencySignal => external::emergency_signal(self.take_emergency_signal()?, psw),
            Kind::ExternalCall => external::external_call(self.take_external_call(), psw),
            Kind::ClockComparator => {
                self.take_kind(kind);
                external::clock_comparator(psw)
            }
            Kind::CpuTimer => {
                self.take_kind(kind);
                external::cpu_timer(psw)
            }
            Kind::ServiceEvent => {
                external::service_signal(kind, floating.take_service_event(), psw)
            }
            Kind::ServiceSignal => {
                external::service_signal(kind, floating.take_service_signal(), psw)
            }
            Kind::PfaultInit => external::pfault_init(self.take_pfault_init(), psw),
            Kind::PfaultDone => external::pfault_done(floating.take_pfault_done()?, psw),
            Kind::Virtio => {
                let (parameter, token) = floating.take_virtio()?;
                external::virtio(parameter, token, psw)
            }
            Kind::Io(subclass) => floating.take_io(subclass)?.delivery(psw),
            Kind::Restart => {
                self.take_kind(kind);
                restart(psw)
            }
            Kind::SetPrefix => set_prefix(self.take_prefix()),
            // Neither is ever deliverable.
            Kind::Stop | Kind::SupervisorCall => return None,
        })
    }

    /// The local machine check, with which floating conditions ride along even
    /// if CR14 alone would hold them back; or those alone (C.7).
    fn take_machine_checks(&mut self, floating: &mut FloatingInterrupts) -> crate::MachineCheck {
        let mut check = self.take_machine_check().unwrap_or_default();
        if let Some(conditions) = floating.take_machine_check() {
            check.cr14 |= conditions.cr14;
            check.code |= conditions.code;
        }
        check
    }
}

/// Restart and set prefix (C.10).
fn restart(psw: Psw) -> Delivery {
    let mut delivery = Delivery::new(Kind::Restart);
    delivery.swap_psw(lowcore::RESTART_OLD_PSW, lowcore::RESTART_NEW_PSW, psw);
    delivery
}

fn set_prefix(address: u32) -> Delivery {
    let mut delivery = Delivery::new(Kind::SetPrefix);
    delivery.steps.push(Step::SetPrefix { value: address & lowcore::PREFIX_MASK });
    delivery
}
