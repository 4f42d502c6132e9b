//! A virtual machine: its vcpus and what they share.

use crate::cpu_model::CpuModel;
use crate::vcpu::{VcpuInner, VcpuShared};
use crate::{Error, Vcpu};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use lowcore_arch::bits;
use lowcore_cpu::{Engines, TodClock};
use lowcore_interrupt::FloatingInterrupts;
use lowcore_storage::Storage;
use parking_lot::Mutex;
use std::sync::{Arc, OnceLock};

/// Vcpus that a VM can have; ids run from 0 to one less. That is what an s390
/// host with an extended system-control area has.
pub const MAX_VCPUS: u32 = 248;
const SLOTS: usize = MAX_VCPUS as usize;

/// A virtual machine. Clones are handles to the same one, which lives until
/// the last of them, and of the handles to its vcpus, is gone.
///
/// ```
/// use lowcore_host::memory::{HostRange, Mapping};
/// let vm = lowcore_kvm::System::new().create_vm()?;
/// let memory = Mapping::anonymous(1 << 20).unwrap();
/// vm.set_user_memory_region(0, 0, 0, HostRange::of(&memory))?;
/// let vcpu = vm.create_vcpu(0)?;
/// assert_eq!(vm.create_vcpu(0).unwrap_err(), lowcore_kvm::Error::VcpuExists);
/// # Ok::<(), lowcore_kvm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Vm {
    pub(crate) inner: Arc<VmInner>,
}

/// What vcpus share.
#[derive(Debug)]
pub(crate) struct VmInner {
    /// Makes the engines of its CPUs.
    pub(crate) engines: &'static dyn Engines,
    pub(crate) storage: Storage,
    pub(crate) floating: Mutex<FloatingInterrupts>,
    /// What the guest is told of the machine.
    pub(crate) model: CpuModel,
    /// The clock that new vcpus start with.
    pub(crate) tod: TodClock,
    /// Serialises what changes the VM as a whole: creation of vcpus, choosing
    /// its CPU model and setting the clock. No interrupt path takes it.
    pub(crate) change: Mutex<()>,
    /// Vcpus by id, each set once, so that injectors look without a lock.
    by_id: [OnceLock<Arc<VcpuShared>>; SLOTS],
    /// Vcpus in the order of their creation.
    by_index: [OnceLock<Arc<VcpuShared>>; SLOTS],
    /// How many vcpus there are.
    online: AtomicUsize,
    /// Where the search for a vcpu to kick goes on (the specification, C.12).
    pub(crate) next_kick: Mutex<usize>,
    pub(crate) user_sigp: AtomicBool,
    pub(crate) user_instr0: AtomicBool,
    pub(crate) user_stsi: AtomicBool,
    pub(crate) css_support: AtomicBool,
    /// Whether the client controls which CPUs are stopped (E.4).
    pub(crate) user_cpu_state: AtomicBool,
    pub(crate) has_flic: AtomicBool,
}

impl VmInner {
    /// The vcpu with this id.
    pub(crate) fn vcpu(&self, id: u16) -> Option<&Arc<VcpuShared>> {
        self.by_id.get(usize::from(id))?.get()
    }

    /// The vcpu that was created as number `index`.
    pub(crate) fn vcpu_at(&self, index: usize) -> Option<&Arc<VcpuShared>> {
        self.by_index.get(index)?.get()
    }

    /// How many vcpus there are.
    pub(crate) fn vcpu_count(&self) -> usize {
        self.online.load(Ordering::Acquire)
    }

    /// All vcpus in the order of their creation.
    pub(crate) fn vcpus(&self) -> impl Iterator<Item = &Arc<VcpuShared>> {
        (0..self.vcpu_count()).filter_map(|index| self.vcpu_at(index))
    }

    /// Sets the guest's clock for the VM and all its vcpus, which then look at
    /// their clock comparators anew.
    pub(crate) fn set_clock(&self, value: u64) {
        let _change = self.change.lock();
        self.tod.set(value);
        for vcpu in self.vcpus() {
            vcpu.tod.set_epoch(self.tod.epoch());
            vcpu.mailbox.notify();
        }
    }
}

impl Vm {
    pub(crate) fn new(engines: &'static dyn Engines) -> Self {
        Self {
            inner: Arc::new(VmInner {
                engines,
                storage: Storage::new(),
                floating: Mutex::new(FloatingInterrupts::new()),
                model: CpuModel::new(),
                tod: TodClock::default(),
                change: Mutex::new(()),
                by_id: [const { OnceLock::new() }; SLOTS],
                by_index: [const { OnceLock::new() }; SLOTS],
                online: AtomicUsize::new(0),
                next_kick: Mutex::new(0),
                user_sigp: AtomicBool::new(false),
                user_instr0: AtomicBool::new(false),
                user_stsi: AtomicBool::new(false),
                css_support: AtomicBool::new(false),
                user_cpu_state: AtomicBool::new(false),
                has_flic: AtomicBool::new(false),
            }),
        }
    }

    /// Creates a vcpu, stopped and with all registers zero
    /// (`KVM_CREATE_VCPU`). Its id is its CPU address and stays taken when the
    /// handle is gone.
    ///
    /// # Errors
    /// [`Error::VcpuIdOutOfRange`] (EINVAL) from [`MAX_VCPUS`] on,
    /// [`Error::VcpuExists`] (EEXIST), [`Error::HostResources`] (ENOMEM).
    pub fn create_vcpu(&self, id: u64) -> Result<Vcpu, Error> {
        let vm = &self.inner;
        if id >= u64::from(MAX_VCPUS) {
            return Err(Error::VcpuIdOutOfRange);
        }
        let _change = vm.change.lock();
        let id = bits::low16(id);
        let index = vm.vcpu_count();
        let by_index = vm.by_index.get(index).ok_or(Error::VcpuIdOutOfRange)?;
        if vm.vcpu(id).is_some() {
            return Err(Error::VcpuExists);
        }
        let tod = vm.tod.of_another_cpu();
        let shared = Arc::new(VcpuShared::new(id, tod).map_err(|_| Error::HostResources)?);
        // Both are unset, as the creation of vcpus is serialised.
        let _ = vm.by_id[usize::from(id)].set(Arc::clone(&shared));
        let _ = by_index.set(Arc::clone(&shared));
        vm.online.store(index + 1, Ordering::Release);
        Ok(Vcpu { inner: Arc::new(VcpuInner::new(Arc::clone(vm), shared)) })
    }
}
