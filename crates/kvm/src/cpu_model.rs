//! The CPU model of a VM: what its guest is told of the machine. A client may
//! choose it until there are vcpus (Linux 6.12, arch/s390/kvm/kvm-s390.c:
//! `kvm_s390_set_cpu_model`, `kvm_s390_get_cpu_model`).

use crate::vm::VmInner;
use crate::{Error, Vm, facilities};
use lowcore_abi::*;
use lowcore_arch::{FacilityList, bits};
use lowcore_cpu::{PERFORM_LOCKED_FUNCTIONS, TIMING_FUNCTIONS};
use parking_lot::Mutex;
use std::sync::OnceLock;

/// The model of a VM.
#[derive(Debug)]
pub(crate) struct CpuModel {
    chosen: Mutex<Chosen>,
    /// The guest's view, from the first vcpu on.
    guest: OnceLock<GuestModel>,
}

/// What clients set and get.
#[derive(Debug)]
struct Chosen {
    processor: kvm_s390_vm_cpu_processor,
    subfunctions: kvm_s390_vm_cpu_subfunc,
}

/// The machine as a guest sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuestModel {
    /// The facilities that it has: those of the model that there are.
    pub(crate) facilities: FacilityList,
    /// The facilities that it is told of: those of the model.
    pub(crate) listed: FacilityList,
    /// What STIDP stores.
    pub(crate) cpu_id: u64,
}

impl GuestModel {
    /// The machine type, four digits.
    pub(crate) const fn machine_type(&self) -> u16 {
        bits::low16(self.cpu_id >> 16)
    }
}

impl CpuModel {
    /// All that there is.
    pub(crate) fn new() -> Self {
        let processor = kvm_s390_vm_cpu_processor {
            cpuid: facilities::CPU_ID,
            fac_list: words(&facilities::GUEST),
            ..Default::default()
        };
        let chosen = Chosen { processor, subfunctions: subfunctions() };
        Self { chosen: Mutex::new(chosen), guest: OnceLock::new() }
    }

    /// The guest's view. Nothing can change it afterwards.
    pub(crate) fn guest(&self) -> &GuestModel {
        self.guest.get_or_init(|| {
            let processor = &self.chosen.lock().processor;
            let [a, b, c, d, ..] = processor.fac_list;
            let listed = FacilityList::from_doublewords([a, b, c, d]);
            let facilities = listed.intersection(&facilities::GUEST);
            GuestModel { facilities, listed, cpu_id: processor.cpuid }
        })
    }

    /// Changes the model, if there are no vcpus.
    fn change(&self, vm: &VmInner, what: impl FnOnce(&mut Chosen)) -> Result<(), Error> {
        let _change = vm.change.lock();
        if vm.vcpu_count() != 0 {
            return Err(Error::VcpusExist);
        }
        what(&mut self.chosen.lock());
        Ok(())
    }
}

/// A list as long as the interface has it.
fn words(list: &FacilityList) -> [u64; 256] {
    let mut words = [0; 256];
    words[..4].copy_from_slice(list.doublewords());
    words
}

/// The function codes that instructions have, each of which answers to a
/// query of its own.
fn subfunctions() -> kvm_s390_vm_cpu_subfunc {
    let mut all = kvm_s390_vm_cpu_subfunc::default();
    for code in 0..bits::index(PERFORM_LOCKED_FUNCTIONS) {
        all.plo[code / 8] |= 0x80 >> (code % 8);
    }
    all.ptff[..8].copy_from_slice(&TIMING_FUNCTIONS.to_be_bytes());
    all
}

impl Vm {
    /// What is possible at most: the CPU identification of the machine, and
    /// the facilities that guests may have (`KVM_S390_VM_CPU_MACHINE`).
    #[must_use]
    pub fn cpu_machine(&self) -> kvm_s390_vm_cpu_machine {
        let list = words(&facilities::GUEST);
        kvm_s390_vm_cpu_machine {
            cpuid: facilities::MACHINE_CPU_ID,
            fac_mask: list,
            fac_list: list,
            ..Default::default()
        }
    }

    /// What the guest is told (`KVM_S390_VM_CPU_PROCESSOR`): at first all that
    /// is possible, on a virtual machine.
    #[must_use]
    pub fn cpu_processor(&self) -> kvm_s390_vm_cpu_processor {
        self.inner.model.chosen.lock().processor
    }

    /// Chooses what the guest is told (`KVM_S390_VM_CPU_PROCESSOR`): STIDP and
    /// the type in STSI tell the identification, STFL and STFLE the first 256
    /// facilities. Facilities that are listed and not in the machine are not
    /// there all the same. Instructions do not go with their facility. There
    /// is no instruction-blocking control, so `ibc` is ignored, as under Linux
    /// on a machine without.
    ///
    /// ```
    /// let vm = lowcore_kvm::System::new().create_vm()?;
    /// let mut processor = vm.cpu_processor();
    /// processor.cpuid = 0xff00_0000_2817_8000;
    /// vm.set_cpu_processor(&processor)?;
    /// let _vcpu = vm.create_vcpu(0)?;
    /// assert_eq!(vm.set_cpu_processor(&processor), Err(lowcore_kvm::Error::VcpusExist));
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::VcpusExist`] (EBUSY).
    pub fn set_cpu_processor(&self, processor: &kvm_s390_vm_cpu_processor) -> Result<(), Error> {
        let kvm_s390_vm_cpu_processor { cpuid, fac_list, .. } = *processor;
        self.inner.model.change(&self.inner, |chosen| {
            chosen.processor = kvm_s390_vm_cpu_processor { cpuid, fac_list, ..Default::default() };
        })
    }

    /// Chooses features of the machine below the guest
    /// (`KVM_S390_VM_CPU_PROCESSOR_FEAT`). There are none to be chosen.
    ///
    /// # Errors
    /// [`Error::AttributeValue`] (EINVAL) if any is set; [`Error::VcpusExist`]
    /// (EBUSY).
    pub fn set_cpu_features(&self, features: &kvm_s390_vm_cpu_feat) -> Result<(), Error> {
        if features.feat.iter().any(|word| *word != 0) {
            return Err(Error::AttributeValue);
        }
        self.inner.model.change(&self.inner, |_| {})
    }

    /// The function codes that the machine's instructions have
    /// (`KVM_S390_VM_CPU_MACHINE_SUBFUNC`).
    #[must_use]
    pub fn cpu_machine_subfunctions(&self) -> kvm_s390_vm_cpu_subfunc {
        subfunctions()
    }

    /// The function codes of the model (`KVM_S390_VM_CPU_PROCESSOR_SUBFUNC`).
    #[must_use]
    pub fn cpu_subfunctions(&self) -> kvm_s390_vm_cpu_subfunc {
        self.inner.model.chosen.lock().subfunctions
    }

    /// Chooses the function codes of the model
    /// (`KVM_S390_VM_CPU_PROCESSOR_SUBFUNC`). As under Linux it is only
    /// remembered: the guest asks the instructions.
    ///
    /// # Errors
    /// [`Error::VcpusExist`] (EBUSY).
    pub fn set_cpu_subfunctions(&self, all: &kvm_s390_vm_cpu_subfunc) -> Result<(), Error> {
        self.inner.model.change(&self.inner, |chosen| chosen.subfunctions = *all)
    }

    /// Chooses features of the ultravisor
    /// (`KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST`). There is none.
    ///
    /// # Errors
    /// [`Error::AttributeValue`] (EINVAL) if any is set; [`Error::VcpusExist`]
    /// (EBUSY).
    pub fn set_ultravisor_features(&self, features: u64) -> Result<(), Error> {
        if features != 0 {
            return Err(Error::AttributeValue);
        }
        self.inner.model.change(&self.inner, |_| {})
    }
}
