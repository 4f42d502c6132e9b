//! Memory slots and the dirty log (the specification, "Additions", and
//! `virt/kvm/kvm_main.c` of Linux 6.12).

use crate::client::{Client, NOWHERE};
use crate::guest::{CODE, DIAG_501, EXIT_501, Guest, MASKED};
use lowcore_abi::*;
use lowcore_arch::{ProgramCode, Psw};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_kvm::{Accessed, Object, System, Vm};

const MIB: u64 = 1 << 20;

struct Slots {
    client: Client,
    vm: Vm,
    memory: HostRange,
}

impl Slots {
    fn new() -> Self {
        let memory = HostRange::of(&Mapping::anonymous(8 << 20).unwrap());
        Self { client: Client::new(), vm: System::new().create_vm().unwrap(), memory }
    }

    fn region(&self, slot: u32, guest: u64, size: u64) -> kvm_userspace_memory_region {
        kvm_userspace_memory_region {
            slot,
            flags: 0,
            guest_phys_addr: guest,
            memory_size: size,
            userspace_addr: self.memory.base(),
        }
    }

    fn set(&self, region: kvm_userspace_memory_region) -> Result<i32, i32> {
        let vm = Object::Vm(self.vm.clone());
        self.client.pass(&vm, KVM_SET_USER_MEMORY_REGION, &region)
    }

    fn exists(&self, address: u64) -> bool {
        let mut byte = [0];
        self.vm.read_absolute(address, &mut byte, None).unwrap() == Accessed::Done
    }
}

#[test]
fn add_move_delete() {
    let slots = Slots::new();
    assert_eq!(slots.set(slots.region(0, 0, MIB)), Ok(0));
    assert!(slots.exists(0) && slots.exists(MIB - 1) && !slots.exists(MIB));
    // The same once more changes nothing.
    assert_eq!(slots.set(slots.region(0, 0, MIB)), Ok(0));
    assert_eq!(slots.set(slots.region(0, 4 * MIB, MIB)), Ok(0));
    assert!(!slots.exists(0) && slots.exists(4 * MIB));
    assert_eq!(slots.set(slots.region(0, 4 * MIB, 0)), Ok(0));
    assert!(!slots.exists(4 * MIB));
    assert_eq!(slots.set(slots.region(0, 4 * MIB, 0)), Err(libc::EINVAL));
}

#[test]
fn refused_regions() {
    let slots = Slots::new();
    assert_eq!(slots.set(slots.region(0, 0, 2 * MIB)), Ok(0));
    let base = slots.region(1, 2 * MIB, MIB);
    type Region = kvm_userspace_memory_region;
    let cases = [
        ("not a multiple of 1 MiB", Region { memory_size: MIB / 2, ..base }, libc::EINVAL),
        ("not a multiple of a page", Region { memory_size: MIB + 1, ..base }, libc::EINVAL),
        ("guest address", Region { guest_phys_addr: 2 * MIB + 1, ..base }, libc::EINVAL),
        ("host address", Region { userspace_addr: base.userspace_addr + 1, ..base }, libc::EINVAL),
        ("read-only", Region { flags: KVM_MEM_READONLY, ..base }, libc::EINVAL),
        ("private memory", Region { flags: KVM_MEM_GUEST_MEMFD, ..base }, libc::EINVAL),
        ("slot number", Region { slot: 32767, ..base }, libc::EINVAL),
        ("address space", Region { slot: 1 << 16, ..base }, libc::EINVAL),
        ("wraps", Region { guest_phys_addr: u64::MAX - MIB + 1, ..base }, libc::EINVAL),
        ("kernel's half", Region { userspace_addr: 1 << 63, ..base }, libc::EINVAL),
        ("too many pages", Region { memory_size: 1 << 43, ..base }, libc::EINVAL),
        ("overlap at the start", Region { guest_phys_addr: MIB, ..base }, libc::EEXIST),
        (
            "overlap of all",
            Region { guest_phys_addr: 0, memory_size: 4 * MIB, ..base },
            libc::EEXIST,
        ),
        // The overlap is found before the size.
        (
            "overlap and size",
            Region { guest_phys_addr: 0, memory_size: 0x1000, ..base },
            libc::EEXIST,
        ),
        ("other size", Region { slot: 0, guest_phys_addr: 0, ..base }, libc::EINVAL),
        (
            "other memory",
            Region {
                slot: 0,
                guest_phys_addr: 0,
                memory_size: 2 * MIB,
                userspace_addr: base.userspace_addr + MIB,
                ..base
            },
            libc::EINVAL,
        ),
    ];
    for (what, region, errno) in cases {
        assert_eq!(slots.set(region), Err(errno), "{what}");
    }
    assert!(slots.exists(2 * MIB - 1) && !slots.exists(2 * MIB));
    let vm = Object::Vm(slots.vm.clone());
    let fault = slots.client.ioctl(&vm, KVM_SET_USER_MEMORY_REGION, NOWHERE);
    assert_eq!(fault, Err(libc::EFAULT));
}

#[test]
fn host_addresses_need_not_be_aligned_to_1_mib() {
    let slots = Slots::new();
    let mut region = slots.region(0, 0, MIB);
    region.userspace_addr += 0x3000;
    assert_eq!(slots.set(region), Ok(0));
    slots.memory.write(0x3000, &[7]).unwrap();
    let mut byte = [0];
    assert_eq!(slots.vm.read_absolute(0, &mut byte, None), Ok(Accessed::Done));
    assert_eq!(byte, [7]);
}

#[test]
fn the_longer_form() {
    let slots = Slots::new();
    let region = kvm_userspace_memory_region2 {
        slot: 2,
        memory_size: MIB,
        userspace_addr: slots.memory.base(),
        ..Default::default()
    };
    let vm = Object::Vm(slots.vm.clone());
    let set = |region| slots.client.pass(&vm, KVM_SET_USER_MEMORY_REGION2, &region);
    assert_eq!(set(region), Ok(0));
    assert!(slots.exists(0));
    let private = kvm_userspace_memory_region2 { flags: KVM_MEM_GUEST_MEMFD, ..region };
    assert_eq!(set(private), Err(libc::EINVAL));
}

#[test]
fn dirty_log_is_taken_and_cleared() {
    let slots = Slots::new();
    let mut region = slots.region(3, 0, MIB);
    region.flags = KVM_MEM_LOG_DIRTY_PAGES;
    assert_eq!(slots.set(region), Ok(0));
    assert_eq!(slots.vm.write_absolute(0x5000, &[1; 0x1001], None), Ok(Accessed::Done));

    let vm = Object::Vm(slots.vm.clone());
    let take = |slot, bitmap| {
        let log = kvm_dirty_log { slot, padding1: 0, dirty_bitmap: bitmap };
        slots.client.pass(&vm, KVM_GET_DIRTY_LOG, &log)
    };
    // A buffer that cannot be written loses nothing.
    assert_eq!(take(3, NOWHERE), Err(libc::EFAULT));
    assert_eq!(take(3, slots.client.at(0x1000)), Ok(0));
    let mut expected = [0_u8; 32];
    expected[0] = 1 << 5 | 1 << 6;
    assert_eq!(slots.client.bytes(0x1000, 32), expected);
    assert_eq!(take(3, slots.client.at(0x1000)), Ok(0));
    assert_eq!(slots.client.bytes(0x1000, 32), [0; 32]);

    assert_eq!(take(4, slots.client.at(0x1000)), Err(libc::ENOENT));
    assert_eq!(take(32767, slots.client.at(0x1000)), Err(libc::EINVAL));
    assert_eq!(take(1 << 16, slots.client.at(0x1000)), Err(libc::EINVAL));
    // Without the flag there is no log.
    assert_eq!(slots.set(slots.region(3, 0, MIB)), Ok(0));
    assert_eq!(take(3, slots.client.at(0x1000)), Err(libc::ENOENT));
}

#[test]
fn the_guest_dirties_what_it_stores() {
    let guest = Guest::new();
    guest.vm.set_user_memory_region(0, KVM_MEM_LOG_DIRTY_PAGES, 0, guest.memory.clone()).unwrap();
    // stg %r1,0(%r2); diag
    guest.put(CODE, &[0xe3, 0x10, 0x20, 0x00, 0x00, 0x24]);
    guest.put(CODE + 6, &DIAG_501);
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_gpr(2, 0x4_3000);
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    let log = guest.vm.get_dirty_log(0).unwrap();
    assert_eq!(log[1], 1 << 3);
    assert!(log.iter().enumerate().all(|(n, &word)| n == 1 || word == 0));
}

#[test]
fn a_guest_without_storage_at_its_low_core_faults() {
    // C.4, F.6: the PSW leads nowhere, the program interruption finds no low
    // core, and KVM_RUN fails with EFAULT.
    let vm = System::new().create_vm().unwrap();
    let vcpu = vm.create_vcpu(0).unwrap();
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run().unwrap_err().errno().0, libc::EFAULT);
}

#[test]
fn a_hole_is_an_addressing_exception() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_psw(Psw::new(MASKED, 3 << 20));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u16(0x8e), ProgramCode::ADDRESSING.0);
}

#[test]
fn memory_that_the_client_unmapped_is_efault() {
    let client = Client::new();
    let guest = Guest::new();
    guest.put(CODE, &[0xe3, 0x10, 0x20, 0x00, 0x00, 0x24]); // stg %r1,0(%r2)
    let vm = Object::Vm(guest.vm.clone());
    // Nothing is mapped at 64 KiB.
    let region = kvm_userspace_memory_region {
        slot: 1,
        flags: 0,
        guest_phys_addr: 4 * MIB,
        memory_size: MIB,
        userspace_addr: 0x1000,
    };
    assert_eq!(client.pass(&vm, KVM_SET_USER_MEMORY_REGION, &region), Ok(0));
    let vcpu = guest.vcpu(0, MASKED);
    vcpu.run_page().set_gpr(2, 4 * MIB);
    assert_eq!(vcpu.run().unwrap_err().errno().0, libc::EFAULT);
}
