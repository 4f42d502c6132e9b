//! Delivery of external interrupts (C.5).

use crate::{Delivery, Kind};
use lowcore_arch::{Psw, lowcore};

/// An external interruption: the code, the CPU address or subcode, and the
/// PSW swap. The parameters, if any, are added by the caller.
fn external(kind: Kind, code: u16, address: u16, psw: Psw) -> Delivery {
    let mut delivery = Delivery::new(kind);
    delivery.store16(lowcore::EXTERNAL_CODE, code);
    delivery.store16(lowcore::EXTERNAL_CPU_ADDRESS, address);
    delivery.swap_psw(lowcore::EXTERNAL_OLD_PSW, lowcore::EXTERNAL_NEW_PSW, psw);
    delivery
}

pub(crate) fn clock_comparator(psw: Psw) -> Delivery {
    external(Kind::ClockComparator, lowcore::external::CLOCK_COMPARATOR, 0, psw)
}

pub(crate) fn cpu_timer(psw: Psw) -> Delivery {
    external(Kind::CpuTimer, lowcore::external::CPU_TIMER, 0, psw)
}

pub(crate) fn emergency_signal(source: u16, psw: Psw) -> Delivery {
    external(Kind::EmergencySignal, lowcore::external::EMERGENCY_SIGNAL, source, psw)
}

pub(crate) fn external_call(source: u16, psw: Psw) -> Delivery {
    external(Kind::ExternalCall, lowcore::external::EXTERNAL_CALL, source, psw)
}

/// Either part of a service signal, as `kind` says.
pub(crate) fn service_signal(kind: Kind, parameter: u32, psw: Psw) -> Delivery {
    let mut delivery = external(kind, lowcore::external::SERVICE_SIGNAL, 0, psw);
    delivery.store32(lowcore::EXTERNAL_PARAMETER, parameter);
    delivery
}

pub(crate) fn pfault_init(token: u64, psw: Psw) -> Delivery {
    let subcode = lowcore::external::SUBCODE_PFAULT_INIT;
    let mut delivery = external(Kind::PfaultInit, lowcore::external::CP_SERVICE, subcode, psw);
    delivery.store64(lowcore::EXTERNAL_PARAMETER_2, token);
    delivery
}

pub(crate) fn pfault_done(token: u64, psw: Psw) -> Delivery {
    let subcode = lowcore::external::SUBCODE_PFAULT_DONE;
    let mut delivery = external(Kind::PfaultDone, lowcore::external::CP_SERVICE, subcode, psw);
    delivery.store64(lowcore::EXTERNAL_PARAMETER_2, token);
    delivery
}

pub(crate) fn virtio(parameter: u32, token: u64, psw: Psw) -> Delivery {
    let subcode = lowcore::external::SUBCODE_VIRTIO;
    let mut delivery = external(Kind::Virtio, lowcore::external::CP_SERVICE, subcode, psw);
    delivery.store32(lowcore::EXTERNAL_PARAMETER, parameter);
    delivery.store64(lowcore::EXTERNAL_PARAMETER_2, token);
    delivery
}
