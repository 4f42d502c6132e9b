//! The CPU model of a VM (A.10; Linux 6.12, arch/s390/kvm/kvm-s390.c:
//! kvm_s390_set_cpu_model, kvm_s390_get_cpu_model).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::{Facility, FacilityList};
use lowcore_kvm::{Object, Vcpu};
use zerocopy::{FromBytes, Immutable, IntoBytes};

struct Model {
    guest: Guest,
    client: Client,
}

/// Where a guest stores what it is told.
const STORED: u64 = 0x8_0000;

impl Model {
    fn new() -> Self {
        Self { guest: Guest::new(), client: Client::new() }
    }

    fn call(&self, number: u32, attr: u64, addr: u64) -> Result<i32, i32> {
        let vm = Object::Vm(self.guest.vm.clone());
        let attribute = kvm_device_attr { flags: 0, group: KVM_S390_VM_CPU_MODEL, attr, addr };
        self.client.pass(&vm, number, &attribute)
    }

    fn set<T: IntoBytes + Immutable>(&self, attr: u64, value: &T) -> Result<i32, i32> {
        self.call(KVM_SET_DEVICE_ATTR, attr, self.client.put(0x400, value))
    }

    fn get<T: FromBytes + IntoBytes>(&self, attr: u64) -> T {
        assert_eq!(self.call(KVM_GET_DEVICE_ATTR, attr, self.client.at(0x400)), Ok(0));
        self.client.get(0x400)
    }

    fn processor(&self) -> kvm_s390_vm_cpu_processor {
        self.get(KVM_S390_VM_CPU_PROCESSOR)
    }

    /// Runs instructions on a new vcpu until its DIAGNOSE.
    fn run(&self, code: &[&[u8]]) -> Vcpu {
        self.guest.put(CODE, &[&code.concat()[..], &DIAG_501].concat());
        let vcpu = self.guest.vcpu(0, MASKED);
        vcpu.run_page().set_gpr(9, STORED);
        assert_eq!(vcpu.run(), Ok(EXIT_501));
        vcpu
    }
}

fn list(processor: &kvm_s390_vm_cpu_processor) -> FacilityList {
    FacilityList::from_doublewords(processor.fac_list[..4].try_into().unwrap())
}

/// stidp 0(%r9)
const STIDP: &[u8] = &[0xb2, 0x02, 0x90, 0x00];
/// lghi %r0,3; stfle 16(%r9)
const STFLE: &[u8] = &[0xa7, 0x09, 0x00, 0x03, 0xb2, 0xb0, 0x90, 0x10];
/// stfl 0, which stores at 200
const STFL: &[u8] = &[0xb2, 0xb1, 0x00, 0x00];
/// iilf %r0,0x10000001; lghi %r1,1; stsi 0(%r9)
const STSI_1_1_1: &[u8] = &[0xc0, 0x09, 0x10, 0, 0, 1, 0xa7, 0x19, 0, 1, 0xb2, 0x7d, 0x90, 0x00];

#[test]
fn which_exist() {
    let model = Model::new();
    for attr in 0..8 {
        assert_eq!(model.call(KVM_HAS_DEVICE_ATTR, attr, NOWHERE), Ok(0), "{attr}");
        assert_eq!(model.call(KVM_GET_DEVICE_ATTR, attr, NOWHERE), Err(libc::EFAULT), "{attr}");
        // What the machine has is not for clients to set.
        let is_machine = attr % 2 == 1;
        let error = if is_machine { libc::ENXIO } else { libc::EFAULT };
        assert_eq!(model.call(KVM_SET_DEVICE_ATTR, attr, NOWHERE), Err(error), "{attr}");
    }
    let _vcpu = model.guest.vcpu(0, MASKED);
    // Two are read before the kernel looks for vcpus, two are not.
    for (attr, error) in [(0, libc::EBUSY), (2, libc::EFAULT), (4, libc::EBUSY), (6, libc::EFAULT)]
    {
        assert_eq!(model.call(KVM_SET_DEVICE_ATTR, attr, NOWHERE), Err(error), "{attr}");
    }
}

#[test]
fn at_first_a_guest_is_told_of_all_that_there_is() {
    let model = Model::new();
    let machine: kvm_s390_vm_cpu_machine = model.get(KVM_S390_VM_CPU_MACHINE);
    let processor = model.processor();
    assert_eq!(machine.fac_mask, machine.fac_list);
    assert_eq!(processor.fac_list, machine.fac_mask);
    assert_eq!((machine.ibc, processor.ibc), (0, 0));
    // Version 0xff says that the machine is virtual.
    assert_eq!(processor.cpuid, machine.cpuid | 0xff << 56);
    for facility in [0, 1, 2, 7, 18, 45, 78].map(Facility) {
        assert!(list(&processor).has(facility), "{facility:?}");
    }
    model.run(&[STIDP, STFLE, STFL]);
    let guest = &model.guest;
    assert_eq!(guest.u64(STORED), processor.cpuid);
    for (at, word) in (STORED + 16..).step_by(8).zip(&processor.fac_list[..4]) {
        assert_eq!(guest.u64(at), *word);
    }
    assert_eq!(u64::from(guest.u32(200)), processor.fac_list[0] >> 32);
}

/// Bits outside the machine's mask are listed all the same, and the
/// instruction-blocking control of a machine without one stays 0.
#[test]
fn what_is_chosen_is_what_the_guest_is_told() {
    let model = Model::new();
    let mut processor = model.processor();
    processor.cpuid = 0xff12_3456_2097_8000;
    processor.ibc = 0x123;
    processor.fac_list[0] &= !(1 << (63 - 45));
    processor.fac_list[1] = 1 << (127 - 71);
    assert_eq!(model.set(KVM_S390_VM_CPU_PROCESSOR, &processor), Ok(0));
    let mut expected = processor;
    expected.ibc = 0;
    assert_eq!(model.processor(), expected);
    let vcpu = model.run(&[STIDP, STFLE, STSI_1_1_1]);
    let guest = &model.guest;
    // STSI has overwritten what was stored before: the type stands at 48.
    assert_eq!(guest.bytes(STORED + 48, 4), [0xf2, 0xf0, 0xf9, 0xf7]);
    guest.put(CODE, &[STIDP, STFLE, &DIAG_501].concat());
    vcpu.run_page().set_psw(lowcore_arch::Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u64(STORED), processor.cpuid);
    assert_eq!(guest.u64(STORED + 16), processor.fac_list[0]);
    assert_eq!(guest.u64(STORED + 24), processor.fac_list[1]);

    for attr in [0, 4] {
        assert_eq!(model.set(attr, &[0_u8; 4096]), Err(libc::EBUSY));
    }
    assert_eq!(model.processor(), expected);
}

/// Without facility 8, a control bit does not make frames of 1 MiB.
#[test]
fn what_a_guest_is_not_told_of_has_no_effect() {
    for has_facility in [true, false] {
        let model = Model::new();
        if !has_facility {
            let mut processor = model.processor();
            processor.fac_list[0] &= !(1 << (63 - 8));
            assert_eq!(model.set(KVM_S390_VM_CPU_PROCESSOR, &processor), Ok(0));
        }
        // A segment table of 2048 entries, the first of which is a frame with
        // the facility, and else designates a page table with invalid entries.
        let (table, pages) = (0x4_0000, 0x5_0000);
        model.guest.put(table, &[[0x20_u8; 8].as_slice(); 2048].concat());
        model.guest.put(table, &(pages | 0x400_u64).to_be_bytes());
        model.guest.put(pages, &[[0, 0, 0, 0, 0, 0, 4, 0].as_slice(); 256].concat());
        model.guest.put(CODE, &DIAG_501);
        let vcpu = model.guest.vcpu(0, MASKED | 1 << 58);
        let mut sregs = vcpu.get_sregs();
        sregs.crs[0] = 1 << 23;
        sregs.crs[1] = table | 3;
        vcpu.set_sregs(&sregs);
        assert_eq!(vcpu.run(), Ok(EXIT_501));
        let code = model.guest.u16(0x8e);
        // The new PSW of program interruptions has translation off.
        assert_eq!(code, if has_facility { 0 } else { 0x11 }, "{has_facility}");
    }
}

/// As QEMU does it on a little-endian host: bytes with facility 0 first.
#[test]
fn a_list_of_bytes_is_understood() {
    let model = Model::new();
    let mut processor = model.processor();
    processor.fac_list[0] &= !(1 << (63 - 45));
    let expected = processor;
    processor.fac_list = processor.fac_list.map(u64::to_be);
    assert_eq!(model.set(KVM_S390_VM_CPU_PROCESSOR, &processor), Ok(0));
    assert_eq!(model.processor(), expected);
}

#[test]
fn features_and_subfunctions() {
    let model = Model::new();
    for attr in [KVM_S390_VM_CPU_PROCESSOR_FEAT, KVM_S390_VM_CPU_MACHINE_FEAT] {
        assert_eq!(model.get::<kvm_s390_vm_cpu_feat>(attr).feat, [0; 16]);
    }
    let attr = KVM_S390_VM_CPU_PROCESSOR_FEAT;
    let mut features = kvm_s390_vm_cpu_feat::default();
    assert_eq!(model.set(attr, &features), Ok(0));
    features.feat[0] = 1 << 63;
    assert_eq!(model.set(attr, &features), Err(libc::EINVAL));

    let attr = KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST;
    assert_eq!(model.set(attr, &0_u64), Ok(0));
    assert_eq!(model.set(attr, &1_u64), Err(libc::EINVAL));
    assert_eq!(model.get::<u64>(attr), 0);
    assert_eq!(model.get::<u64>(KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST), 0);

    let machine: kvm_s390_vm_cpu_subfunc = model.get(KVM_S390_VM_CPU_MACHINE_SUBFUNC);
    let attr = KVM_S390_VM_CPU_PROCESSOR_SUBFUNC;
    assert_eq!(model.get::<kvm_s390_vm_cpu_subfunc>(attr), machine);
    // The 24 functions of PERFORM LOCKED OPERATION, and four queries.
    assert_eq!(machine.plo[..4], [0xff, 0xff, 0xff, 0]);
    assert_eq!(machine.ptff[..2], [0xf0, 0]);
    assert_eq!(machine.km, [0; 16]);
    let mut other = machine;
    other.plo[2] = 0;
    assert_eq!(model.set(attr, &other), Ok(0));
    assert_eq!(model.get::<kvm_s390_vm_cpu_subfunc>(attr), other);
    let _vcpu = model.guest.vcpu(0, MASKED);
    assert_eq!(model.set(attr, &machine), Err(libc::EBUSY));
    assert_eq!(model.set(KVM_S390_VM_CPU_PROCESSOR_FEAT, &[0_u64; 16]), Err(libc::EBUSY));
}
