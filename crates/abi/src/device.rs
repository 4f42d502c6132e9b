//! Devices, and attributes of devices and VMs.

layouts! {
    /// Makes a device.
    kvm_create_device [12, 4] {
        /// `KVM_DEV_TYPE_*`.
        0 type_ as "type": u32,
        /// The kernel stores the new file descriptor here.
        4 fd: u32,
        /// `KVM_CREATE_DEVICE_*`.
        8 flags: u32,
    }

    /// Reads, writes or asks for an attribute.
    kvm_device_attr [24, 8] {
        /// Zero.
        0 flags: u32,
        /// Group; what it means depends on the file descriptor.
        4 group: u32,
        /// Attribute in the group.
        8 attr: u64,
        /// Address of the value in the client, or the value.
        16 addr: u64,
    }

    /// A VM's TOD clock, with its epoch index.
    kvm_s390_vm_tod_clock [16, 8] {
        /// Epoch index.
        0 epoch_idx: u8,
        /// Added by the compiler.
        1 _pad: [u8; 7],
        /// TOD clock.
        8 tod: u64,
    }
}

constants! {
    /// Types of devices.
    static DEVICE_TYPES: u32, "types of devices" {
        /// Devices passed through.
        KVM_DEV_TYPE_VFIO = 4;
        /// The floating interrupt controller.
        KVM_DEV_TYPE_FLIC = 6;
    }

    /// Flags of [`kvm_create_device`].
    static CREATE_DEVICE_FLAGS: u32, "flags of a new device" {
        /// Only say whether it would be possible.
        KVM_CREATE_DEVICE_TEST = 1;
    }

    /// Groups of attributes of a VM.
    static VM_ATTRIBUTE_GROUPS: u32, "groups of attributes of a VM" {
        /// Storage.
        KVM_S390_VM_MEM_CTRL = 0;
        /// TOD clock.
        KVM_S390_VM_TOD = 1;
        /// Cipher keys.
        KVM_S390_VM_CRYPTO = 2;
        /// CPU model.
        KVM_S390_VM_CPU_MODEL = 3;
        /// Migration.
        KVM_S390_VM_MIGRATION = 4;
        /// CPU topology.
        KVM_S390_VM_CPU_TOPOLOGY = 5;
    }

    /// Attributes of the group `KVM_S390_VM_MEM_CTRL`.
    static VM_MEM_ATTRIBUTES: u64, "attributes of a VM's storage" {
        /// Turn the collaborative memory management assist on.
        KVM_S390_VM_MEM_ENABLE_CMMA = 0;
        /// Reset its page states.
        KVM_S390_VM_MEM_CLR_CMMA = 1;
        /// Greatest size of storage.
        KVM_S390_VM_MEM_LIMIT_SIZE = 2;
    }

    /// A size of storage.
    static VM_MEM_LIMIT: u64, "limits of a VM's storage" {
        /// No limit.
        KVM_S390_NO_MEM_LIMIT = u64::MAX;
    }

    /// Attributes of the group `KVM_S390_VM_TOD`.
    static VM_TOD_ATTRIBUTES: u64, "attributes of a VM's TOD clock" {
        /// Bits 0-63 of the clock.
        KVM_S390_VM_TOD_LOW = 0;
        /// The epoch index, which must be zero.
        KVM_S390_VM_TOD_HIGH = 1;
        /// Both, as a [`kvm_s390_vm_tod_clock`].
        KVM_S390_VM_TOD_EXT = 2;
    }

    /// Attributes of the group `KVM_S390_VM_CRYPTO`.
    static VM_CRYPTO_ATTRIBUTES: u64, "attributes of a VM's cipher keys" {
        /// Make an AES wrapping key.
        KVM_S390_VM_CRYPTO_ENABLE_AES_KW = 0;
        /// Make a DEA wrapping key.
        KVM_S390_VM_CRYPTO_ENABLE_DEA_KW = 1;
        /// Forget the AES wrapping key.
        KVM_S390_VM_CRYPTO_DISABLE_AES_KW = 2;
        /// Forget the DEA wrapping key.
        KVM_S390_VM_CRYPTO_DISABLE_DEA_KW = 3;
        /// Let the guest's AP instructions run.
        KVM_S390_VM_CRYPTO_ENABLE_APIE = 4;
        /// Intercept the guest's AP instructions.
        KVM_S390_VM_CRYPTO_DISABLE_APIE = 5;
    }

    /// Attributes of the group `KVM_S390_VM_MIGRATION`.
    static VM_MIGRATION_ATTRIBUTES: u64, "attributes of a VM's migration" {
        /// End migration mode.
        KVM_S390_VM_MIGRATION_STOP = 0;
        /// Begin migration mode.
        KVM_S390_VM_MIGRATION_START = 1;
        /// Whether it is on.
        KVM_S390_VM_MIGRATION_STATUS = 2;
    }
}
