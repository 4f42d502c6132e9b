//! A virtual CPU: the handle, and what other threads may touch of it.

use crate::vm::VmInner;
use crate::{Injector, RunPage};
use core::sync::atomic::AtomicBool;
use lowcore_abi::*;
use lowcore_cpu::{Cpu, DebugEvent, Mailbox, Status, StatusForm, TodClock, store_status};
use parking_lot::Mutex;
use std::sync::Arc;

/// A virtual CPU. Clones are handles to the same one.
///
/// [`Vcpu::run`] occupies it; every other method waits until it returns, but
/// for [`Vcpu::inject`], [`Vcpu::injector`], [`Vcpu::kick`] and what reads the
/// run page.
#[derive(Clone, Debug)]
pub struct Vcpu {
    pub(crate) inner: Arc<VcpuInner>,
}

/// A vcpu as its handles see it.
#[derive(Debug)]
pub(crate) struct VcpuInner {
    pub(crate) vm: Arc<VmInner>,
    pub(crate) shared: Arc<VcpuShared>,
    /// The vcpu mutex of the kernel.
    pub(crate) core: Mutex<Core>,
}

/// What the vcpu mutex protects.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) cpu: Cpu,
    /// The information of DIAGNOSE 0x318, kept for the client.
    pub(crate) diag318: u64,
    /// Signals to block during a run, as a kernel signal set.
    pub(crate) signal_mask: Option<u64>,
    /// What was said last on standard error of this CPU.
    pub(crate) told: Option<&'static str>,
}

/// What other threads may touch of a vcpu without its mutex.
#[derive(Debug)]
pub(crate) struct VcpuShared {
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) page: RunPage,
    /// The guest's clock as this vcpu has it.
    pub(crate) tod: TodClock,
    /// A debug exit that the next KVM_RUN makes before anything else.
    pub(crate) debug_exit: Mutex<Option<DebugEvent>>,
    /// Whether a thread is in KVM_RUN with it.
    pub(crate) in_run: AtomicBool,
    /// The registers that are not in the run page, as of the last run, reset
    /// or setter: what store status needs of a stopped CPU (the
    /// specification, C.9).
    registers: Mutex<Status>,
}

/// The fields that a run page of ours holds: floating-point registers, as on a
/// host without vector registers.
const VALID_FIELDS: u64 = KVM_SYNC_PREFIX
    | KVM_SYNC_GPRS
    | KVM_SYNC_ACRS
    | KVM_SYNC_CRS
    | KVM_SYNC_ARCH0
    | KVM_SYNC_PFAULT
    | KVM_SYNC_FPRS
    | KVM_SYNC_DIAG318;

impl VcpuShared {
    pub(crate) fn new(id: u16, tod: TodClock) -> std::io::Result<Self> {
        let page = RunPage::new()?;
        page.set_valid(VALID_FIELDS);
        Ok(Self {
            mailbox: Arc::new(Mailbox::new(id)),
            page,
            tod,
            debug_exit: Mutex::new(None),
            in_run: AtomicBool::new(false),
            registers: Mutex::new(Status::default()),
        })
    }

    /// What store status stores now.
    pub(crate) fn status(&self) -> Status {
        let page = &self.page;
        Status {
            gr: page.gprs(),
            ar: page.acrs(),
            fpr: page.fprs(),
            fpc: page.fpc(),
            ..self.registers.lock().clone()
        }
    }

    /// Stores the status of a CPU that is not in a run. Whether all of it was
    /// stored.
    pub(crate) fn store_status(&self, vm: &VmInner, form: StatusForm) -> bool {
        store_status(&self.status(), &vm.storage.view(), form).is_ok()
    }
}

impl Core {
    /// Shows the registers that are not in the run page to
    /// [`VcpuShared::status`].
    pub(crate) fn publish(&self, shared: &VcpuShared) {
        *shared.registers.lock() = Status::from(&self.cpu.regs);
    }
}

impl VcpuInner {
    pub(crate) fn new(vm: Arc<VmInner>, shared: Arc<VcpuShared>) -> Self {
        let cpu = Cpu::with_engine(Arc::clone(&shared.mailbox), vm.engines.engine());
        let core = Core { cpu, diag318: 0, signal_mask: None, told: None };
        Self { vm, shared, core: Mutex::new(core) }
    }
}

impl Vcpu {
    /// The id, which is the CPU address that the guest knows.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.inner.shared.mailbox.id
    }

    /// The page that the vcpu shares with its client.
    #[must_use]
    pub fn run_page(&self) -> &RunPage {
        &self.inner.shared.page
    }

    /// A handle that injects interrupts, for any thread.
    #[must_use]
    pub fn injector(&self) -> Injector {
        Injector::new(Arc::clone(&self.inner.vm), Arc::clone(&self.inner.shared))
    }

    /// Makes [`Vcpu::run`] return [`Error::Interrupted`](crate::Error), now or
    /// the next time, as a signal to its thread does under the kernel.
    /// Interrupts that are deliverable are delivered first.
    pub fn kick(&self) {
        self.inner.shared.mailbox.kick();
    }

    /// Sets the signals that are blocked during a run, as a kernel signal set
    /// (`KVM_SET_SIGNAL_MASK`); `None` leaves the thread's own mask.
    pub fn set_signal_mask(&self, mask: Option<u64>) {
        self.inner.core.lock().signal_mask = mask;
    }
}
