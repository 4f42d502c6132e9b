//! The floating interrupt controller, adapters, suppression.

layouts! {
    /// An adapter that interrupts.
    kvm_s390_io_adapter [8, 4] {
        /// Number, chosen by the client.
        0 id: u32,
        /// Interruption subclass.
        4 isc: u8,
        /// Whether it can be masked.
        5 maskable: u8,
        /// Whether indicators are stored with their bytes swapped.
        6 swap: u8,
        /// `KVM_S390_ADAPTER_*`.
        7 flags: u8,
    }

    /// A change of an adapter.
    kvm_s390_io_adapter_req [16, 8] {
        /// Number of the adapter.
        0 id: u32,
        /// `KVM_S390_IO_ADAPTER_*`.
        4 type_ as "type": u8,
        /// Whether it is to be masked.
        5 mask: u8,
        /// Not looked at.
        6 pad0: u16,
        /// Address of the page to map.
        8 addr: u64,
    }

    /// The suppression mode of one interruption subclass.
    kvm_s390_ais_req [4, 2] {
        /// Interruption subclass.
        0 isc: u8,
        /// Added by the compiler.
        1 _pad: [u8; 1],
        /// All (0) or single (1).
        2 mode: u16,
    }

    /// The suppression modes of all subclasses, subclass 0 in the leftmost
    /// bit.
    kvm_s390_ais_all [2, 1] {
        /// Single-interruption mode.
        0 simm: u8,
        /// No interruption, in that mode.
        1 nimm: u8,
    }
}

constants! {
    /// Groups of attributes of the controller.
    static FLIC_GROUPS: u32, "groups of attributes of the FLIC" {
        /// Read all floating interrupts.
        KVM_DEV_FLIC_GET_ALL_IRQS = 1;
        /// Make interrupts pending.
        KVM_DEV_FLIC_ENQUEUE = 2;
        /// Forget all floating interrupts.
        KVM_DEV_FLIC_CLEAR_IRQS = 3;
        /// Let the guest use pfault.
        KVM_DEV_FLIC_APF_ENABLE = 4;
        /// No more pfault; wait for what is under way.
        KVM_DEV_FLIC_APF_DISABLE_WAIT = 5;
        /// Make an adapter known.
        KVM_DEV_FLIC_ADAPTER_REGISTER = 6;
        /// Change an adapter.
        KVM_DEV_FLIC_ADAPTER_MODIFY = 7;
        /// Forget an I/O interrupt.
        KVM_DEV_FLIC_CLEAR_IO_IRQ = 8;
        /// Set a suppression mode.
        KVM_DEV_FLIC_AISM = 9;
        /// Inject an adapter interrupt.
        KVM_DEV_FLIC_AIRQ_INJECT = 10;
        /// Read or write all suppression modes.
        KVM_DEV_FLIC_AISM_ALL = 11;
    }

    /// Limits of the controller.
    static FLIC_LIMITS: u32, "limits of the FLIC" {
        /// Greatest number of floating interrupts.
        KVM_S390_MAX_FLOAT_IRQS = 266_250;
        /// Greatest length of a buffer of them in bytes.
        KVM_S390_FLIC_MAX_BUFFER = 0x0200_0000;
    }

    /// Flags of [`kvm_s390_io_adapter`].
    static ADAPTER_FLAGS: u8, "flags of an adapter" {
        /// The adapter's interrupts can be suppressed.
        KVM_S390_ADAPTER_SUPPRESSIBLE = 0x01;
    }

    /// Kinds of [`kvm_s390_io_adapter_req`].
    static ADAPTER_REQUESTS: u8, "changes of an adapter" {
        /// Mask or unmask.
        KVM_S390_IO_ADAPTER_MASK = 1;
        /// Map the page of the indicators.
        KVM_S390_IO_ADAPTER_MAP = 2;
        /// Unmap it.
        KVM_S390_IO_ADAPTER_UNMAP = 3;
    }
}
