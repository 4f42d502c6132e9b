//! One test a rule of the specification, with values computed by hand from it.
//! Numbers are written as the specification writes them, not by the names of
//! the crates, so that a wrong constant is found too.

mod delivering;
mod floating;
mod injecting;
mod machine_checks;
mod masks;
mod order;
mod programs;
mod state;

use lowcore_arch::Psw;
use lowcore_interrupt::{
    Enablement, FloatingInterrupts, Injected, Kind, LocalInterrupt, LocalInterrupts, MachineCheck,
    Step,
};

/// Everything enabled: PSW bits 6, 7 and 13, all subclasses.
fn open() -> Enablement {
    Enablement {
        psw: Psw::new(0x0304_0001_8000_0000, 0x1000),
        cr0: 0x6e00,
        cr6: 0xff00_0000,
        cr14: 0x1f00_0000,
        breaking_event: 0,
    }
}

/// Everything disabled.
fn closed() -> Enablement {
    Enablement::default()
}

/// An operating CPU with nothing pending.
fn operating() -> LocalInterrupts {
    let mut local = LocalInterrupts::new();
    local.start();
    local
}

/// A CPU in the given state with `entries` recorded.
fn with(mut local: LocalInterrupts, entries: &[LocalInterrupt]) -> LocalInterrupts {
    for &entry in entries {
        assert_eq!(local.inject(entry, 0), Ok(Injected::Recorded), "{entry:?}");
    }
    local
}

/// The kind and steps of the only interrupt that `local` has.
fn only(mut local: LocalInterrupts, masks: &Enablement) -> (Kind, Vec<Step>) {
    let mut floating = FloatingInterrupts::new();
    let delivery = local.take_next(&mut floating, masks).expect("deliverable");
    assert_eq!(local.take_next(&mut floating, masks), None);
    (delivery.kind, delivery.steps.to_vec())
}

/// A machine check of a code and subclasses, with no other payload.
fn check(code: u64, cr14: u64) -> LocalInterrupt {
    LocalInterrupt::MachineCheck(MachineCheck { code, cr14, ..MachineCheck::default() })
}

fn store(offset: u16, len: u8, value: u64) -> Step {
    Step::Store { offset, len, value }
}
