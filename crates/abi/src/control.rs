//! The version, enabling capabilities, signals, statistics.

layouts! {
    /// Turns a capability on.
    kvm_enable_cap [104, 8] {
        /// `KVM_CAP_*`.
        0 cap: u32,
        /// Zero.
        4 flags: u32,
        /// Arguments.
        8 args: [u64; 4],
        /// Not looked at.
        40 pad: [u8; 64],
    }

    /// The signals to block while the guest runs; the set follows.
    kvm_signal_mask [4, 4] {
        /// Length of the set: eight bytes.
        0 len: u32,
        /// The set.
        4 sigset: [u8; 0],
    }

    /// The numbers of a CPU's registers; they follow.
    kvm_reg_list [8, 8] {
        /// How many.
        0 n: u64,
        /// The numbers.
        8 reg: [u64; 0],
    }

    /// Where an address of the guest leads.
    kvm_translation [24, 8] {
        /// The guest's virtual address.
        0 linear_address: u64,
        /// Its absolute address.
        8 physical_address: u64,
        /// Whether there is one.
        16 valid: u8,
        /// Whether it can be stored to.
        17 writeable: u8,
        /// Whether programs may use it.
        18 usermode: u8,
        /// Not used.
        19 pad: [u8; 5],
    }

    /// An entry of the dirty ring.
    kvm_dirty_gfn [16, 8] {
        /// `KVM_DIRTY_GFN_F_*`.
        0 flags: u32,
        /// Number of the slot, and of the address space above it.
        4 slot: u32,
        /// The page in the slot.
        8 offset: u64,
    }

    /// How statistics are laid out.
    kvm_stats_header [24, 4] {
        /// Zero.
        0 flags: u32,
        /// Length of a name.
        4 name_size: u32,
        /// Number of statistics.
        8 num_desc: u32,
        /// Offset of the object's name.
        12 id_offset: u32,
        /// Offset of the descriptions.
        16 desc_offset: u32,
        /// Offset of the values.
        20 data_offset: u32,
    }
}

constants! {
    /// The interface itself.
    static INTERFACE: u32, "the interface" {
        /// The version that `KVM_GET_API_VERSION` returns.
        KVM_API_VERSION = 12;
        /// The type byte of every ioctl number.
        KVMIO = 0xae;
    }

    /// Argument of `KVM_CREATE_VM`.
    static VM_TYPES: u64, "types of VMs" {
        /// A guest whose storage and interrupts user space controls.
        KVM_VM_S390_UCONTROL = 1;
    }

    /// Pages of a CPU's mapping.
    static PAGES: u64, "pages of a CPU's mapping" {
        /// The state description of a user-controlled CPU.
        KVM_S390_SIE_PAGE_OFFSET = 1;
    }

    /// Flags of [`kvm_dirty_gfn`].
    static DIRTY_GFN_FLAGS: u32, "flags of the dirty ring" {
        /// Written by the guest.
        KVM_DIRTY_GFN_F_DIRTY = 1 << 0;
        /// Seen by the client.
        KVM_DIRTY_GFN_F_RESET = 1 << 1;
        /// All of them.
        KVM_DIRTY_GFN_F_MASK = 3;
    }
}
