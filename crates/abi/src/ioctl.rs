//! ioctl numbers (the specification, section A.4).
//!
//! A number is direction, size of the argument, type byte and number, as on
//! s390, x86 and Arm. (PowerPC, MIPS and SPARC hosts count directions
//! otherwise; the numbers here are the same on every host.)

use crate::*;

const WRITE: u32 = 1;
const READ: u32 = 2;

const fn number(direction: u32, size: usize, nr: u32) -> u32 {
    assert!(size < 1 << 14 && nr < 1 << 8);
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let size = size as u32;
    direction << 30 | size << 16 | KVMIO << 8 | nr
}

/// `_IO`: no argument, or one by value.
const fn none(nr: u32) -> u32 {
    number(0, 0, nr)
}

/// `_IOW`.
const fn write<T>(nr: u32) -> u32 {
    number(WRITE, size_of::<T>(), nr)
}

/// `_IOR`.
const fn read<T>(nr: u32) -> u32 {
    number(READ, size_of::<T>(), nr)
}

/// `_IOWR`.
const fn both<T>(nr: u32) -> u32 {
    number(READ | WRITE, size_of::<T>(), nr)
}

constants! {
    /// Numbers of ioctls: those of every architecture and those of s390.
    static IOCTLS: u32, "ioctls" {
        /// System: the version of the interface.
        KVM_GET_API_VERSION = none(0x00);
        /// System: makes a VM.
        KVM_CREATE_VM = none(0x01);
        /// System and VM: asks for a capability.
        KVM_CHECK_EXTENSION = none(0x03);
        /// System: length of a CPU's mapping.
        KVM_GET_VCPU_MMAP_SIZE = none(0x04);
        /// System: gives the process page tables fit for guests.
        KVM_S390_ENABLE_SIE = none(0x06);

        /// VM: makes a CPU; its id by value.
        KVM_CREATE_VCPU = none(0x41);
        /// VM: reads a slot's dirty log.
        KVM_GET_DIRTY_LOG = write::<kvm_dirty_log>(0x42);
        /// VM: adds, moves, changes or removes a slot.
        KVM_SET_USER_MEMORY_REGION = write::<kvm_userspace_memory_region>(0x46);
        /// VM: the same, for guests of private memory too.
        KVM_SET_USER_MEMORY_REGION2 = write::<kvm_userspace_memory_region2>(0x49);
        /// CPU of a user-controlled guest: maps storage.
        KVM_S390_UCAS_MAP = write::<[u64; 3]>(0x50);
        /// CPU of a user-controlled guest: unmaps storage.
        KVM_S390_UCAS_UNMAP = write::<[u64; 3]>(0x51);
        /// CPU of a user-controlled guest: resolves a fault.
        KVM_S390_VCPU_FAULT = write::<u64>(0x52);
        /// VM: turns interrupt routes on.
        KVM_CREATE_IRQCHIP = none(0x60);
        /// VM: changes an interrupt line.
        KVM_IRQ_LINE = write::<kvm_irq_level>(0x61);
        /// VM: changes an interrupt line and says what became of it.
        KVM_IRQ_LINE_STATUS = both::<kvm_irq_level>(0x67);
        /// VM: collects writes to a range.
        KVM_REGISTER_COALESCED_MMIO = write::<kvm_coalesced_mmio_zone>(0x67);
        /// VM: no longer collects writes to a range.
        KVM_UNREGISTER_COALESCED_MMIO = write::<kvm_coalesced_mmio_zone>(0x68);
        /// VM: sets all routes.
        KVM_SET_GSI_ROUTING = write::<kvm_irq_routing>(0x6a);
        /// VM: has an event file descriptor inject an interrupt.
        KVM_IRQFD = write::<kvm_irqfd>(0x76);
        /// VM: has the guest signal an event file descriptor.
        KVM_IOEVENTFD = write::<kvm_ioeventfd>(0x79);

        /// CPU: runs the guest.
        KVM_RUN = none(0x80);
        /// CPU: reads general registers.
        KVM_GET_REGS = read::<kvm_regs>(0x81);
        /// CPU: writes general registers.
        KVM_SET_REGS = write::<kvm_regs>(0x82);
        /// CPU: reads access and control registers.
        KVM_GET_SREGS = read::<kvm_sregs>(0x83);
        /// CPU: writes access and control registers.
        KVM_SET_SREGS = write::<kvm_sregs>(0x84);
        /// CPU: translates an address.
        KVM_TRANSLATE = both::<kvm_translation>(0x85);
        /// CPU: an interrupt of other architectures.
        KVM_INTERRUPT = write::<u32>(0x86);
        /// CPU: signals to block while the guest runs.
        KVM_SET_SIGNAL_MASK = write::<kvm_signal_mask>(0x8b);
        /// CPU: reads floating-point registers.
        KVM_GET_FPU = read::<kvm_fpu>(0x8c);
        /// CPU: writes floating-point registers.
        KVM_SET_FPU = write::<kvm_fpu>(0x8d);
        /// VM and CPU: injects an interrupt, older form.
        KVM_S390_INTERRUPT = write::<kvm_s390_interrupt>(0x94);
        /// CPU: stores status; the address by value.
        KVM_S390_STORE_STATUS = write::<u64>(0x95);
        /// CPU: sets the PSW of a stopped CPU.
        KVM_S390_SET_INITIAL_PSW = write::<kvm_s390_psw>(0x96);
        /// CPU: initial CPU reset.
        KVM_S390_INITIAL_RESET = none(0x97);
        /// CPU: reads whether it is stopped.
        KVM_GET_MP_STATE = read::<kvm_mp_state>(0x98);
        /// CPU: stops or starts it.
        KVM_SET_MP_STATE = write::<kvm_mp_state>(0x99);
        /// CPU: a non-maskable interrupt of other architectures.
        KVM_NMI = none(0x9a);
        /// CPU: debugs the guest.
        KVM_SET_GUEST_DEBUG = write::<kvm_guest_debug>(0x9b);
        /// VM and CPU: turns a capability on.
        KVM_ENABLE_CAP = write::<kvm_enable_cap>(0xa3);
        /// VM: injects a message-signalled interrupt.
        KVM_SIGNAL_MSI = write::<kvm_msi>(0xa5);
        /// CPU: reads one register.
        KVM_GET_ONE_REG = write::<kvm_one_reg>(0xab);
        /// CPU: writes one register.
        KVM_SET_ONE_REG = write::<kvm_one_reg>(0xac);
        /// CPU: lists its registers.
        KVM_GET_REG_LIST = both::<kvm_reg_list>(0xb0);
        /// VM and CPU: reads or writes guest storage.
        KVM_S390_MEM_OP = write::<kvm_s390_mem_op>(0xb1);
        /// VM: reads storage keys.
        KVM_S390_GET_SKEYS = write::<kvm_s390_skeys>(0xb2);
        /// VM: writes storage keys.
        KVM_S390_SET_SKEYS = write::<kvm_s390_skeys>(0xb3);
        /// CPU: injects a local interrupt.
        KVM_S390_IRQ = write::<kvm_s390_irq>(0xb4);
        /// CPU: restores pending local interrupts.
        KVM_S390_SET_IRQ_STATE = write::<kvm_s390_irq_state>(0xb5);
        /// CPU: saves pending local interrupts.
        KVM_S390_GET_IRQ_STATE = write::<kvm_s390_irq_state>(0xb6);
        /// VM: reads page states.
        KVM_S390_GET_CMMA_BITS = both::<kvm_s390_cmma_log>(0xb8);
        /// VM: writes page states.
        KVM_S390_SET_CMMA_BITS = write::<kvm_s390_cmma_log>(0xb9);
        /// VM: clears bits of a dirty log.
        KVM_CLEAR_DIRTY_LOG = both::<kvm_clear_dirty_log>(0xc0);
        /// CPU: normal CPU reset.
        KVM_S390_NORMAL_RESET = none(0xc3);
        /// CPU: clear reset.
        KVM_S390_CLEAR_RESET = none(0xc4);
        /// VM: protected guests.
        KVM_S390_PV_COMMAND = both::<[u64; 4]>(0xc5);
        /// VM: gives entries of the dirty ring back.
        KVM_RESET_DIRTY_RINGS = none(0xc7);
        /// VM and CPU: a file of statistics.
        KVM_GET_STATS_FD = none(0xce);
        /// CPU: protected guests.
        KVM_S390_PV_CPU_COMMAND = both::<[u64; 4]>(0xd0);
        /// VM: a PCI function passed through.
        KVM_S390_ZPCI_OP = write::<[u64; 9]>(0xd1);
        /// VM: attributes of a range of storage.
        KVM_SET_MEMORY_ATTRIBUTES = write::<kvm_memory_attributes>(0xd2);
        /// VM: a file of private memory.
        KVM_CREATE_GUEST_MEMFD = both::<kvm_create_guest_memfd>(0xd4);
        /// CPU: maps storage before it is used.
        KVM_PRE_FAULT_MEMORY = both::<kvm_pre_fault_memory>(0xd5);

        /// VM: makes a device.
        KVM_CREATE_DEVICE = both::<kvm_create_device>(0xe0);
        /// System, VM and device: writes an attribute.
        KVM_SET_DEVICE_ATTR = write::<kvm_device_attr>(0xe1);
        /// System, VM and device: reads an attribute.
        KVM_GET_DEVICE_ATTR = write::<kvm_device_attr>(0xe2);
        /// System, VM and device: asks for an attribute.
        KVM_HAS_DEVICE_ATTR = write::<kvm_device_attr>(0xe3);
    }
}
