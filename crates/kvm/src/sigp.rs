//! The machine around a CPU: SIGNAL PROCESSOR and what else a CPU asks of its
//! configuration (the specification, E.1 and E.2).

use crate::vcpu::VcpuShared;
use crate::vm::VmInner;
use crate::{Error, inject};
use core::sync::atomic::Ordering;
use lowcore_arch::{Facility, FacilityList, lowcore};
use lowcore_cpu::{Configuration, Mailbox, Sigp, SigpRequest, StatusForm, TodClock};
use lowcore_interrupt::{FloatingInterrupts, LocalInterrupt, Refusal};
use lowcore_storage::Storage;
use parking_lot::Mutex;

/// SIGNAL PROCESSOR order codes (manual, chapter 4, "Signal-Processor
/// Orders").
mod order {
    pub(super) const SENSE: u8 = 1;
    pub(super) const EXTERNAL_CALL: u8 = 2;
    pub(super) const EMERGENCY_SIGNAL: u8 = 3;
    pub(super) const START: u8 = 4;
    pub(super) const STOP: u8 = 5;
    pub(super) const RESTART: u8 = 6;
    pub(super) const STOP_AND_STORE_STATUS: u8 = 9;
    pub(super) const INITIAL_CPU_RESET: u8 = 11;
    pub(super) const CPU_RESET: u8 = 12;
    pub(super) const SET_PREFIX: u8 = 13;
    pub(super) const STORE_STATUS_AT_ADDRESS: u8 = 14;
    pub(super) const SET_ARCHITECTURE: u8 = 18;
    pub(super) const CONDITIONAL_EMERGENCY_SIGNAL: u8 = 19;
    pub(super) const SENSE_RUNNING_STATUS: u8 = 21;
}

/// SIGNAL PROCESSOR status bits.
mod status {
    pub(super) const INVALID_ORDER: u32 = 0x2;
    pub(super) const STOPPED: u32 = 0x40;
    pub(super) const EXTERNAL_CALL_PENDING: u32 = 0x80;
    pub(super) const INVALID_PARAMETER: u32 = 0x100;
    pub(super) const INCORRECT_STATE: u32 = 0x200;
    pub(super) const NOT_RUNNING: u32 = 0x400;
}

/// Bits of a parameter that address the status of STORE STATUS AT ADDRESS.
const STATUS_ADDRESS: u32 = 0x7fff_fe00;

/// A VM as one of its vcpus sees it: the clock is the vcpu's own.
pub(crate) struct Surroundings<'a> {
    pub(crate) vm: &'a VmInner,
    pub(crate) vcpu: &'a VcpuShared,
}

impl Configuration for Surroundings<'_> {
    fn storage(&self) -> &Storage {
        &self.vm.storage
    }

    fn floating(&self) -> &Mutex<FloatingInterrupts> {
        &self.vm.floating
    }

    fn tod(&self) -> &TodClock {
        &self.vcpu.tod
    }

    fn set_clock(&self, value: u64) {
        self.vm.set_clock(value);
    }

    fn facilities(&self) -> &FacilityList {
        &self.vm.model.guest().facilities
    }

    fn listed_facilities(&self) -> &FacilityList {
        &self.vm.model.guest().listed
    }

    fn cpu_id(&self) -> u64 {
        self.vm.model.guest().cpu_id
    }

    fn user_instruction_0(&self) -> bool {
        self.vm.user_instr0.load(Ordering::Acquire)
    }

    fn quiesce(&self, sender: &Mailbox) -> u64 {
        for vcpu in self.vm.vcpus().filter(|vcpu| vcpu.mailbox.id != sender.id) {
            vcpu.mailbox.pause();
        }
        self.vm.storage.forget_translations()
    }

    fn sigp(&self, sender: &Mailbox, request: SigpRequest) -> Sigp {
        let order = request.order;
        if self.vm.user_sigp.load(Ordering::Acquire) && !is_fast(order) {
            return Sigp::Intercept;
        }
        if order == order::SET_ARCHITECTURE {
            // Every CPU is in the z/Architecture mode for good.
            return Sigp::Status(status::INVALID_PARAMETER);
        }
        match self.vm.vcpu(request.address) {
            Some(target) => signal(self.vm, target, sender.id, request),
            None => Sigp::NotOperational,
        }
    }

    fn signal(&self, sender: &Mailbox, request: SigpRequest) -> Option<Sigp> {
        is_fast(request.order).then(|| self.sigp(sender, request))
    }
}

/// The orders that the kernel executes itself even with
/// `KVM_CAP_S390_USER_SIGP`. They need no storage.
const fn is_fast(order: u8) -> bool {
    matches!(
        order,
        order::SENSE
            | order::EXTERNAL_CALL
            | order::EMERGENCY_SIGNAL
            | order::CONDITIONAL_EMERGENCY_SIGNAL
            | order::SENSE_RUNNING_STATUS
    )
}

/// Executes an order for a target that exists.
fn signal(vm: &VmInner, target: &VcpuShared, source: u16, request: SigpRequest) -> Sigp {
    let resets = matches!(request.order, order::INITIAL_CPU_RESET | order::CPU_RESET);
    if !resets {
        let local = target.mailbox.local.lock();
        if local.stop_pending().is_some() || local.restart_pending() {
            return Sigp::Busy;
        }
    }
    match request.order {
        order::SENSE => sense(target),
        order::EXTERNAL_CALL => {
            answer(inject::inject(vm, target, LocalInterrupt::ExternalCall { source }))
        }
        // The conditions of the second compare the sender's state, which is
        // never stopped, so they always hold under Linux.
        order::EMERGENCY_SIGNAL | order::CONDITIONAL_EMERGENCY_SIGNAL => {
            answer(inject::inject(vm, target, LocalInterrupt::EmergencySignal { source }))
        }
        order::STOP => answer(inject::inject(vm, target, LocalInterrupt::Stop { flags: 0 })),
        order::STOP_AND_STORE_STATUS => {
            answer(inject::inject(vm, target, LocalInterrupt::Stop { flags: 1 }))
        }
        order::SET_PREFIX => set_prefix(vm, target, request.parameter),
        order::STORE_STATUS_AT_ADDRESS => store_status(vm, target, request.parameter),
        order::SENSE_RUNNING_STATUS => sense_running(vm, target),
        // A stop may have come since the test above.
        order::START | order::RESTART if target.mailbox.local.lock().stop_pending().is_some() => {
            Sigp::Busy
        }
        // START, RESTART, the resets and unknown orders.
        _ => Sigp::Intercept,
    }
}

/// What the sender sees of an injection.
fn answer(outcome: Result<(), Error>) -> Sigp {
    match outcome {
        Ok(()) => Sigp::Accepted,
        Err(Error::Refused(Refusal::StopPending)) => Sigp::Busy,
        Err(Error::Refused(Refusal::ExternalCallPending)) => {
            Sigp::Status(status::EXTERNAL_CALL_PENDING)
        }
        Err(Error::Refused(Refusal::CpuNotStopped)) => Sigp::Status(status::INCORRECT_STATE),
        // Only the status that could not be stored is left.
        Err(_) => Sigp::HostFault,
    }
}

fn sense(target: &VcpuShared) -> Sigp {
    let local = target.mailbox.local.lock();
    let mut bits = 0;
    if local.external_call_pending() {
        bits |= status::EXTERNAL_CALL_PENDING;
    }
    if local.is_stopped() {
        bits |= status::STOPPED;
    }
    if bits == 0 { Sigp::Accepted } else { Sigp::Status(bits) }
}

fn set_prefix(vm: &VmInner, target: &VcpuShared, parameter: u32) -> Sigp {
    let address = parameter & lowcore::PREFIX_MASK;
    if !vm.storage.view().contains(address.into(), 1) {
        return Sigp::Status(status::INVALID_PARAMETER);
    }
    answer(inject::inject(vm, target, LocalInterrupt::SetPrefix { address }))
}

fn store_status(vm: &VmInner, target: &VcpuShared, parameter: u32) -> Sigp {
    if !target.mailbox.local.lock().is_stopped() {
        return Sigp::Status(status::INCORRECT_STATE);
    }
    let address = u64::from(parameter & STATUS_ADDRESS);
    if target.store_status(vm, StatusForm::At(address)) {
        Sigp::Accepted
    } else {
        Sigp::Status(status::INVALID_PARAMETER)
    }
}

fn sense_running(vm: &VmInner, target: &VcpuShared) -> Sigp {
    if !vm.model.guest().facilities.has(Facility::SENSE_RUNNING_STATUS) {
        return Sigp::Status(status::INVALID_ORDER);
    }
    let idle = target.mailbox.idle.load(Ordering::SeqCst);
    if target.in_run.load(Ordering::Acquire) && !idle {
        Sigp::Accepted
    } else {
        Sigp::Status(status::NOT_RUNNING)
    }
}
