//! Random sequences of everything that can be asked of interrupt state, done
//! by the crate and by a slow, obvious model side by side.

mod model;
mod random;

use lowcore_arch::{ProgramCode, Psw};
use lowcore_interrupt::{
    Delivery, Enablement, FloatingInterrupt, FloatingInterrupts, Injected, IoInterruption, Kind,
    LocalInterrupt, LocalInterrupts, ProgramInterruption, Refusal, Restored, Step,
};
use model::{Action, Masks, No, Yes};
use proptest::prelude::*;
use random::Operation;

/// The crate and the model, which must not come apart.
struct Pair {
    local: LocalInterrupts,
    floating: FloatingInterrupts,
    model_local: model::Local,
    model_floating: model::Floating,
    /// What was dequeued last and may be put back.
    dequeued: Option<IoInterruption>,
}

impl Pair {
    fn new() -> Self {
        Self {
            local: LocalInterrupts::new(),
            floating: FloatingInterrupts::new(),
            model_local: model::Local::new(),
            model_floating: model::Floating::default(),
            dequeued: None,
        }
    }

    fn perform(&mut self, operation: &Operation) {
        match operation {
            Operation::Inject(interrupt, length) => self.inject(*interrupt, *length),
            Operation::InjectFloating(interrupt) => self.inject_floating(*interrupt),
            Operation::Pass { masks, clock_comparator, cpu_timer, new_psws } => {
                self.local.refresh_timers(*clock_comparator, *cpu_timer);
                self.model_local.refresh_timers(*clock_comparator, *cpu_timer);
                let mut masks = *masks;
                while let Some(loaded) = self.take(&masks) {
                    if let Some(offset) = loaded {
                        masks.psw = new_psws[usize::from((offset - 0x1a0) / 0x10)];
                    }
                }
            }
            Operation::Take(masks) => {
                self.take(masks);
            }
            Operation::Start => {
                self.local.start();
                self.model_local.stopped = false;
            }
            Operation::Stop => {
                self.local.stop();
                self.model_local.stop();
            }
            Operation::CompleteStop => {
                self.local.complete_stop();
                self.model_local.stop();
            }
            Operation::Clear => {
                self.local.clear();
                self.model_local.clear();
            }
            Operation::ClearFloating => {
                self.floating.clear();
                self.model_floating.clear();
            }
            Operation::ClearIo(id, number) => {
                let cleared = self.model_floating.dequeue_io(Some((*id, *number)), 0xff00_0000);
                assert_eq!(self.floating.clear_io(*id, *number), cleared.is_some());
            }
            Operation::DequeueIo(subchannel, cr6) => {
                self.dequeued = self.floating.dequeue_io(*subchannel, *cr6);
                assert_eq!(self.dequeued, self.model_floating.dequeue_io(*subchannel, *cr6));
            }
            Operation::Requeue => {
                if let Some(io) = self.dequeued.take() {
                    assert_eq!(self.floating.requeue(io), Ok(()));
                    self.model_floating.inject(FloatingInterrupt::Io(io));
                }
            }
            Operation::Restore(entries, length) => self.restore(entries, *length),
            Operation::RoundTrip => self.round_trip(),
        }
    }

    fn inject(&mut self, interrupt: LocalInterrupt, length: u8) {
        let before = self.local.clone();
        let expected = self.model_local.inject(interrupt, length);
        assert_eq!(self.local.inject(interrupt, length), translate(expected));
        if expected.is_err() {
            assert_eq!(self.local, before, "a refused injection changed something");
        }
    }

    fn inject_floating(&mut self, interrupt: FloatingInterrupt) {
        assert_eq!(self.floating.inject(interrupt), Ok(()));
        self.model_floating.inject(interrupt);
    }

    /// Takes one interrupt; the inner value is where its new PSW comes from.
    fn take(&mut self, masks: &Masks) -> Option<Option<u16>> {
        let expected = model::take(&mut self.model_local, &mut self.model_floating, masks);
        let taken = self.local.take_next(&mut self.floating, &enablement(masks));
        let taken = taken.map(|delivery| (delivery.kind.number(), actions(&delivery)));
        assert_eq!(taken, expected);
        self.compare(masks);
        let (_, actions) = expected?;
        Some(actions.iter().find_map(|action| match action {
            Action::Load(offset) => Some(*offset),
            _ => None,
        }))
    }

    fn restore(&mut self, entries: &[LocalInterrupt], length: u8) {
        let before = self.local.clone();
        let (store_status, result) = self.model_local.restore(entries, length);
        let expected = Restored { store_status, result: result.map_err(refusal) };
        assert_eq!(self.local.restore(entries, length), expected);
        if result == Err(No::AlreadyPending) {
            assert_eq!(self.local, before, "a refused restoration changed something");
        }
    }

    /// D.2: what D.1 reads restores the same, on a CPU that is stopped or
    /// operating as before.
    fn round_trip(&self) {
        let mut other = LocalInterrupts::new();
        if !self.local.is_stopped() {
            other.start();
        }
        let restored = other.restore(&self.local.state(), 0);
        if self.local.pending().contains(Kind::SetPrefix) && !self.local.is_stopped() {
            // The CPU was started since; a prefix is for stopped CPUs.
            assert_eq!(restored.result, Err(Refusal::CpuNotStopped));
            return;
        }
        assert_eq!(restored, Restored { store_status: false, result: Ok(()) });
        assert_eq!(other.state(), restorable(self.local.state()));
    }

    /// Everything that can be read, and what the masks make of it.
    fn compare(&self, masks: &Masks) {
        let (local, model) = (&self.local, &self.model_local);
        let pending = model.numbers();
        assert_eq!(numbers(local.pending()), pending);
        assert_eq!(local.is_empty(), pending.is_empty());
        assert_eq!(local.is_stopped(), model.stopped);
        assert_eq!(local.state(), model.state());
        assert_eq!(local.stop_pending().is_some(), pending.contains(&2));
        if let Some(stop) = local.stop_pending() {
            let flags = u32::from(stop.store_status);
            assert!(model.state().contains(&LocalInterrupt::Stop { flags }));
        }
        assert_eq!(local.restart_pending(), pending.contains(&1));
        assert_eq!(local.external_call_pending(), pending.contains(&20));

        assert_eq!(numbers(self.floating.pending()), self.model_floating.numbers());
        let all = self.model_floating.get_all();
        assert_eq!(self.floating.get_all(), all);
        assert_eq!(self.floating.len(), all.len());
        assert_eq!(self.floating.is_empty(), all.is_empty());

        assert_eq!(
            numbers(local.deliverable(&self.floating, &enablement(masks))),
            masks.deliverable(model, &self.model_floating)
        );
    }
}

/// What of a state comes back. Two things without effect do not: the
/// repressible class beside the exigent one, as both entries carry the exigent
/// code and the guest takes them as one; and fields of code 0 under a PER
/// event, which no delivery stores.
fn restorable(mut state: Vec<LocalInterrupt>) -> Vec<LocalInterrupt> {
    let is_check = |entry: &LocalInterrupt| matches!(entry, LocalInterrupt::MachineCheck(_));
    if state.iter().filter(|entry| is_check(entry)).count() == 2 {
        let first = state.iter().position(is_check);
        state.remove(first.expect("there are two"));
    }
    for entry in &mut state {
        if let LocalInterrupt::Program(program) = entry
            && program.code == ProgramCode::PER
        {
            *program = ProgramInterruption {
                translation_exception: 0,
                monitor_code: 0,
                data_exception: 0,
                monitor_class: 0,
                exception_access: 0,
                operand_access: 0,
                ..*program
            };
        }
    }
    state
}

fn translate(result: Result<Yes, No>) -> Result<Injected, Refusal> {
    match result {
        Ok(Yes::Recorded) => Ok(Injected::Recorded),
        Ok(Yes::Nothing) => Ok(Injected::Ignored),
        Ok(Yes::StoreStatus) => Ok(Injected::StoreStatus),
        Err(no) => Err(refusal(no)),
    }
}

fn refusal(no: No) -> Refusal {
    match no {
        No::UnknownStopFlags => Refusal::UnknownStopFlags,
        No::SourceTooHigh => Refusal::NoSuchSource,
        No::NotStopped => Refusal::CpuNotStopped,
        No::StopPending => Refusal::StopPending,
        No::CallPending => Refusal::ExternalCallPending,
        No::AlreadyPending => Refusal::InterruptsPending,
    }
}

fn enablement(masks: &Masks) -> Enablement {
    let Masks { psw, cr0, cr6, cr14, breaking_event } = *masks;
    Enablement { psw, cr0, cr6, cr14, breaking_event }
}

fn numbers(pending: lowcore_interrupt::Pending) -> Vec<u32> {
    (0..32).filter(|number| pending.bits() & (1 << number) != 0).collect()
}

/// The steps of a delivery in the model's words.
fn actions(delivery: &Delivery) -> Vec<Action> {
    let action = |step: &Step| match *step {
        Step::Store { offset, len, value } => {
            let bytes = value.to_be_bytes();
            let (cut, kept) = bytes.split_at(8 - usize::from(len));
            assert!(cut.iter().all(|&byte| byte == 0), "{step:?} does not fit");
            Action::Write(offset, kept.to_vec())
        }
        Step::StoreBytes { offset, bytes } => Action::Write(offset, bytes.to_vec()),
        Step::StorePsw { offset, psw } => Action::Write(offset, psw.to_bytes().to_vec()),
        Step::LoadPsw { offset } => Action::Load(offset),
        Step::ExtendedSaveArea { code } => Action::ExtendedSaveArea(code),
        Step::StoreMachineCheckCode => Action::AdjustedCode,
        Step::SaveRegisters => Action::Registers,
        Step::SetPrefix { value } => Action::Prefix(value),
    };
    delivery.steps.iter().map(action).collect()
}

proptest! {
    #![proptest_config(random::config(1500))]

    #[test]
    fn the_crate_does_what_the_model_does(
        script in prop::collection::vec((random::operation(), random::masks()), 1..100),
    ) {
        let mut pair = Pair::new();
        for (operation, masks) in &script {
            pair.perform(operation);
            pair.compare(masks);
        }
    }

    /// Several CPUs take from one configuration under changing masks: each
    /// queued interrupt is delivered exactly once, and in its queue's order.
    #[test]
    fn nothing_is_lost_or_duplicated(
        script in prop::collection::vec((random::queued(), 0_usize..3, random::masks()), 1..200),
    ) {
        let mut cpus = [LocalInterrupts::new(), LocalInterrupts::new(), LocalInterrupts::new()];
        let mut floating = FloatingInterrupts::new();
        let mut injected: Vec<(u32, u64)> = Vec::new();
        let mut delivered: Vec<(u32, u64)> = Vec::new();
        for (serial, (queued, cpu, masks)) in (1_u32..).zip(&script) {
            if let Some((number, interrupt)) = queued.interrupt(serial) {
                prop_assert_eq!(floating.inject(interrupt), Ok(()));
                injected.push((number, serial.into()));
            }
            if let Some(delivery) = cpus[*cpu].take_next(&mut floating, &enablement(masks)) {
                delivered.push(serial_of(&delivery));
            }
            let known: Vec<_> = floating.get_all();
            prop_assert_eq!(known.len() + delivered.len(), injected.len());
        }
        let all_enabled = Enablement {
            psw: Psw::new(u64::MAX, 0),
            cr0: u64::MAX,
            cr6: u64::MAX,
            cr14: u64::MAX,
            breaking_event: 0,
        };
        while let Some(delivery) = cpus[0].take_next(&mut floating, &all_enabled) {
            delivered.push(serial_of(&delivery));
        }
        for number in 0..28 {
            let of_number = |list: &[(u32, u64)]| -> Vec<u64> {
                list.iter().filter(|entry| entry.0 == number).map(|entry| entry.1).collect()
            };
            prop_assert_eq!(of_number(&delivered), of_number(&injected));
        }
    }

    /// Every signal between CPUs that was accepted is delivered once, however
    /// injections and deliveries interleave; machine-check codes are delivered
    /// to the last bit.
    #[test]
    fn merged_interrupts_keep_every_bit(
        script in prop::collection::vec((random::merged(), random::masks()), 1..100),
    ) {
        let mut local = LocalInterrupts::new();
        let mut floating = FloatingInterrupts::new();
        let mut expected = std::collections::BTreeSet::new();
        let (mut injected, mut delivered) = (0, 0);
        let mut open = Enablement {
            psw: Psw::new(u64::MAX, 0),
            cr0: u64::MAX,
            cr6: u64::MAX,
            cr14: u64::MAX,
            breaking_event: 0,
        };
        let mut note = |delivery: &Delivery, expected: &mut std::collections::BTreeSet<u64>| {
            match (delivery.kind, &delivery.steps[0], &delivery.steps[1]) {
                (Kind::EmergencySignal, _, Step::Store { value, .. }) => {
                    assert!(expected.remove(value), "{value} twice, or never sent");
                }
                (_, Step::ExtendedSaveArea { code }, _) => delivered |= code,
                (kind, ..) => panic!("{kind:?} was never injected"),
            }
        };
        for (interrupt, masks) in &script {
            prop_assert_eq!(local.inject(*interrupt, 0), Ok(Injected::Recorded));
            match interrupt {
                LocalInterrupt::EmergencySignal { source } => {
                    expected.insert(u64::from(*source));
                }
                LocalInterrupt::MachineCheck(check) => injected |= check.code,
                _ => {}
            }
            if let Some(delivery) = local.take_next(&mut floating, &enablement(masks)) {
                note(&delivery, &mut expected);
            }
        }
        // One more of a class that is taken whatever CR14 says.
        let last = lowcore_interrupt::MachineCheck { code: 1 << 63, ..Default::default() };
        prop_assert_eq!(local.inject(LocalInterrupt::MachineCheck(last), 0), Ok(Injected::Recorded));
        injected |= 1 << 63;
        while let Some(delivery) = local.take_next(&mut floating, &open) {
            note(&delivery, &mut expected);
            open.psw.addr += 2;
        }
        prop_assert!(expected.is_empty());
        prop_assert_eq!(delivered, injected);
        prop_assert!(local.is_empty());
    }
}

/// The number of a delivery of a queued kind, and the serial it carries.
fn serial_of(delivery: &Delivery) -> (u32, u64) {
    let offset = if matches!(delivery.kind, Kind::Io(_)) { 0xbc } else { 0x11b8 };
    let serial = delivery.steps.iter().find_map(|step| match *step {
        Step::Store { offset: at, value, .. } if at == offset => Some(value),
        _ => None,
    });
    (delivery.kind.number(), serial.expect("a queued kind"))
}
