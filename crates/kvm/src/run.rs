//! KVM_RUN (the specification, F).

use crate::instruction::{self, Handled};
use crate::sigp::Surroundings;
use crate::vcpu::{Core, VcpuShared};
use crate::vm::VmInner;
use crate::{Error, Vcpu, guest_debug};
use core::sync::atomic::Ordering;
use lowcore_abi::*;
use lowcore_cpu::{DebugEvent, Intercept, Mailbox, StatusForm};
use lowcore_host::attention::{Attention, Entry};
use lowcore_host::{float_environment, signals};
use std::sync::Arc;

/// Intercept codes, as an exit shows them.
pub mod icptcode {
    /// An instruction that user space executes.
    pub const INSTRUCTION: u8 = 0x04;
    /// A program interruption that would repeat for ever.
    pub const PROGRAM: u8 = 0x08;
    /// A timer interruption that would repeat for ever.
    pub const EXTERNAL: u8 = 0x14;
    /// A wait that nothing can end.
    pub const WAIT: u8 = 0x1c;
    /// A stop.
    pub const STOP: u8 = 0x28;
    /// An operation exception that would repeat for ever, or the instruction
    /// 0x0000.
    pub const OPERATION: u8 = 0x2c;
}

/// Why [`Vcpu::run`] returned; the run page says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// `KVM_EXIT_S390_SIEIC`: an intercept that is the client's.
    Sieic {
        /// One of [`icptcode`].
        icptcode: u8,
        /// First halfword of the instruction, for an instruction.
        ipa: u16,
        /// The rest of the instruction, left-aligned.
        ipb: u32,
    },
    /// `KVM_EXIT_S390_RESET`: the guest asks for a reset of the system.
    Reset {
        /// `KVM_S390_RESET_*`.
        flags: u64,
    },
    /// `KVM_EXIT_S390_TSCH`: TEST SUBCHANNEL. Whether an I/O interrupt of that
    /// subchannel was taken off its queue; the run page describes it.
    Tsch {
        /// Whether there was one.
        dequeued: bool,
    },
    /// `KVM_EXIT_S390_STSI`: STORE SYSTEM INFORMATION has stored its block, and
    /// the client may add to it; the run page tells which one it is.
    Stsi {
        /// Where the block lies, as a logical address.
        address: u64,
    },
    /// `KVM_EXIT_DEBUG`: a step, a breakpoint or a watchpoint of
    /// [`Vcpu::set_guest_debug`].
    Debug {
        /// The next instruction, the breakpoint or the watchpoint.
        address: u64,
        /// `KVM_SINGLESTEP`, `KVM_HW_BP` or `KVM_HW_WP_WRITE`.
        kind: u8,
    },
    /// `KVM_EXIT_INTERNAL_ERROR`: the guest needs what Lowcore does not have.
    /// A line on standard error says what, the first time.
    InternalError,
}

/// What a run ends with inside.
pub(crate) type Outcome = Result<Exit, Error>;

impl Vcpu {
    /// Runs the guest until it needs its client (`KVM_RUN`). Pending
    /// interrupts that are enabled are delivered first.
    ///
    /// # Errors
    /// [`Error::Interrupted`] (EINTR) for `immediate_exit`, a signal or a
    /// kick; [`Error::SyncFields`], [`Error::Stopped`] (EINVAL);
    /// [`Error::GuestStorage`], [`Error::StatusNotStored`] (EFAULT).
    ///
    /// The guest here is DIAGNOSE 0x501 and nothing else:
    ///
    /// ```
    /// use lowcore_arch::Psw;
    /// use lowcore_host::memory::{HostRange, Mapping};
    /// use lowcore_kvm::{Exit, System, icptcode};
    ///
    /// let vm = System::new().create_vm()?;
    /// let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
    /// memory.write(0x1_0000, &[0x83, 0x00, 0x05, 0x01]).unwrap();
    /// vm.set_user_memory_region(0, 0, 0, memory)?;
    ///
    /// let vcpu = vm.create_vcpu(0)?;
    /// vcpu.run_page().set_psw(Psw::new(0x1_8000_0000, 0x1_0000));
    /// let exit = vcpu.run()?;
    /// let Exit::Sieic { icptcode, ipa, ipb } = exit else { panic!("{exit:?}") };
    /// assert_eq!((icptcode, ipa, ipb), (icptcode::INSTRUCTION, 0x8300, 0x0501_0000));
    /// assert_eq!(vcpu.run_page().psw().addr, 0x1_0004);
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    pub fn run(&self) -> Outcome {
        let outcome = self.run_deferring_signals();
        // Nothing is locked here: a client's handlers may do what they like.
        signals::run_deferred();
        outcome
    }

    fn run_deferring_signals(&self) -> Outcome {
        let shared = &self.inner.shared;
        // Ends after the lock below is released: a client's handler must not
        // find it held.
        let _deferred = signals::defer(None);
        let mut core = self.inner.core.lock();
        let mask = core.signal_mask;
        let owner: Arc<dyn AsRef<Attention>> = Arc::<Mailbox>::clone(&shared.mailbox);
        let entry = shared
            .mailbox
            .attention
            .enter(|| signals::defer(Some(owner)).with_mask(mask), || shared.page.immediate_exit());
        match entry {
            Entry::Entered(_deferred) => self.run_entered(&mut core),
            Entry::ImmediateExit => Err(Error::Interrupted),
        }
    }

    /// After the check of `immediate_exit`, which comes first (F.1).
    fn run_entered(&self, core: &mut Core) -> Outcome {
        let (vm, shared) = (&*self.inner.vm, &*self.inner.shared);
        let page = &shared.page;
        if (page.valid() | page.dirty()) & !KVM_SYNC_S390_VALID_FIELDS != 0 {
            return Err(Error::SyncFields);
        }
        if let Some(event) = shared.debug_exit.lock().take() {
            // Nothing else happens, not even to the registers.
            let outcome = Ok(debug(event));
            show(page, &outcome);
            return outcome;
        }
        {
            let mut local = shared.mailbox.local.lock();
            if !vm.user_cpu_state.load(Ordering::Acquire) {
                local.start();
            } else if local.is_stopped() {
                return Err(Error::Stopped);
            }
        }
        core.take_from(page);
        shared.in_run.store(true, Ordering::Release);
        core.cpu.regs.cpu_timer.start();
        // The thread is the client's, whose floating point may round as it likes.
        let outcome = float_environment::with_default(|| run_guest(core, vm, shared));
        core.cpu.regs.cpu_timer.stop();
        shared.in_run.store(false, Ordering::Release);
        core.give_to(page);
        core.publish(shared);
        show(page, &outcome);
        outcome
    }
}

fn run_guest(core: &mut Core, vm: &VmInner, shared: &VcpuShared) -> Outcome {
    let surroundings = Surroundings { vm, vcpu: shared };
    loop {
        let sieic = |icptcode| Ok(Exit::Sieic { icptcode, ipa: 0, ipb: 0 });
        let intercept = core.cpu.run(&surroundings);
        // What comes together with another exit is told by the next run.
        *shared.debug_exit.lock() = core.cpu.take_debug_event();
        return match intercept {
            Intercept::Instruction { ipa, ipb } => {
                match instruction::handle(core, vm, shared, ipa, ipb)? {
                    Handled::Done => match after_instruction(core, shared) {
                        Some(event) => Ok(debug(event)),
                        None => continue,
                    },
                    Handled::Exit(exit) => Ok(exit),
                }
            }
            Intercept::Operation { ipa, ipb } => {
                Ok(Exit::Sieic { icptcode: icptcode::OPERATION, ipa, ipb })
            }
            Intercept::ProgramLoop => sieic(icptcode::PROGRAM),
            Intercept::ExternalLoop { .. } => sieic(icptcode::EXTERNAL),
            Intercept::DisabledWait => sieic(icptcode::WAIT),
            Intercept::Stop => match stop(core, vm, shared)? {
                true => sieic(icptcode::STOP),
                false => continue,
            },
            Intercept::Debug(event) => Ok(debug(event)),
            Intercept::Requested => Err(Error::Interrupted),
            Intercept::HostFault => Err(Error::GuestStorage),
            Intercept::Unsupported(what) => {
                if core.told.replace(what) != Some(what) {
                    eprintln!("lowcore: vcpu {}: {what}", shared.mailbox.id);
                }
                Ok(Exit::InternalError)
            }
        };
    }
}

fn debug(event: DebugEvent) -> Exit {
    Exit::Debug { address: event.address, kind: guest_debug::number(event.kind) }
}

/// The debug exit after an instruction that was executed for the guest. A step
/// ends after the delivery of its interruption, if it has one.
fn after_instruction(core: &Core, shared: &VcpuShared) -> Option<DebugEvent> {
    let event = shared.debug_exit.lock().take();
    let comes_later = core.cpu.debug.single_step && !shared.mailbox.local.lock().is_empty();
    event.filter(|_| !comes_later)
}

/// A stop intercept (the specification, C.8). Whether a stop was pending.
fn stop(core: &Core, vm: &VmInner, shared: &VcpuShared) -> Result<bool, Error> {
    let Some(request) = shared.mailbox.local.lock().stop_pending() else {
        return Ok(false);
    };
    show_registers(core, shared);
    if request.store_status && !shared.store_status(vm, StatusForm::Absolute) {
        return Err(Error::StatusNotStored);
    }
    if !vm.user_cpu_state.load(Ordering::Acquire) {
        shared.mailbox.local.lock().complete_stop();
    }
    Ok(true)
}

/// Makes the registers visible before the CPU becomes stopped, so that whoever
/// sees it stopped can store its status.
pub(crate) fn show_registers(core: &Core, shared: &VcpuShared) {
    core.give_to(&shared.page);
    core.publish(shared);
}

/// Describes the end of a run in the run page.
fn show(page: &crate::RunPage, outcome: &Outcome) {
    match *outcome {
        Ok(Exit::Sieic { icptcode, ipa, ipb }) => {
            page.set_sieic(icptcode, ipa, ipb);
            page.set_exit_reason(KVM_EXIT_S390_SIEIC);
        }
        Ok(Exit::Reset { flags }) => {
            page.set_reset_flags(flags);
            page.set_exit_reason(KVM_EXIT_S390_RESET);
        }
        Ok(Exit::Tsch { .. }) => page.set_exit_reason(KVM_EXIT_S390_TSCH),
        Ok(Exit::Stsi { .. }) => page.set_exit_reason(KVM_EXIT_S390_STSI),
        Ok(Exit::Debug { address, kind }) => {
            page.set_debug(address, kind);
            page.set_exit_reason(KVM_EXIT_DEBUG);
        }
        Ok(Exit::InternalError) => page.set_internal_error(),
        Err(Error::Interrupted) => page.set_exit_reason(KVM_EXIT_INTR),
        // The kernel leaves the reason of an earlier exit there.
        Err(_) => {}
    }
}
