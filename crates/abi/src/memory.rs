//! Guest storage: slots, the dirty log, access by the client, keys.

layouts! {
    /// A memory slot.
    kvm_userspace_memory_region [32, 8] {
        /// Number of the slot.
        0 slot: u32,
        /// `KVM_MEM_*`.
        4 flags: u32,
        /// Guest absolute address.
        8 guest_phys_addr: u64,
        /// Size in bytes; zero removes the slot.
        16 memory_size: u64,
        /// Address in the client.
        24 userspace_addr: u64,
    }

    /// A memory slot, with what guests of private memory need.
    kvm_userspace_memory_region2 [160, 8] {
        /// Number of the slot.
        0 slot: u32,
        /// `KVM_MEM_*`.
        4 flags: u32,
        /// Guest absolute address.
        8 guest_phys_addr: u64,
        /// Size in bytes; zero removes the slot.
        16 memory_size: u64,
        /// Address in the client.
        24 userspace_addr: u64,
        /// Offset in the file of private memory.
        32 guest_memfd_offset: u64,
        /// The file of private memory.
        40 guest_memfd: u32,
        /// Not used.
        44 pad1: u32,
        /// Not used.
        48 pad2: [u64; 14],
    }

    /// Reads the dirty log of a slot.
    kvm_dirty_log [16, 8] {
        /// Number of the slot.
        0 slot: u32,
        /// Not used.
        4 padding1: u32,
        /// Address of a bitmap in the client, one bit a 4 KiB page.
        8 dirty_bitmap: u64 => "void *dirty_bitmap",
    } | {
        /// The address under its other name.
        8 "padding2" padding2 set_padding2: u64,
    }

    /// Clears bits of the dirty log.
    kvm_clear_dirty_log [24, 8] {
        /// Number of the slot.
        0 slot: u32,
        /// How many pages the bitmap is about.
        4 num_pages: u32,
        /// The first of them.
        8 first_page: u64,
        /// Address of a bitmap in the client, one bit a 4 KiB page.
        16 dirty_bitmap: u64 => "void *dirty_bitmap",
    } | {
        /// The address under its other name.
        16 "padding2" padding2 set_padding2: u64,
    }

    /// Reads or writes guest storage for the client.
    kvm_s390_mem_op [64, 8] {
        /// Guest address.
        0 gaddr: u64,
        /// `KVM_S390_MEMOP_F_*`.
        8 flags: u64,
        /// Length in bytes.
        16 size: u32,
        /// `KVM_S390_MEMOP_*`.
        20 op: u32,
        /// Address of the data in the client.
        24 buf: u64,
        /// Access register, for a logical access.
        32 ar: u8,
        /// Storage key, if the flags ask for key protection.
        33 key: u8,
        /// Not looked at.
        34 pad1: [u8; 6],
        /// Address of the expected value in the client, for compare and
        /// exchange.
        40 old_addr: u64,
        /// The rest of the room.
        48 _rest: [u8; 16],
    } | {
        /// Offset in the secure-instruction data area.
        32 "sida_offset" sida_offset set_sida_offset: u32,
        /// The room for parameters.
        32 "reserved" reserved set_reserved: [u8; 32],
    }

    /// Reads or writes storage keys.
    kvm_s390_skeys [64, 8] {
        /// First guest page of 4 KiB.
        0 start_gfn: u64,
        /// Number of pages.
        8 count: u64,
        /// Address of the keys in the client, one byte each.
        16 skeydata_addr: u64,
        /// Zero.
        24 flags: u32,
        /// Not looked at.
        28 reserved: [u32; 9],
    }

    /// Reads or writes the states of pages of the collaborative memory
    /// management assist.
    kvm_s390_cmma_log [32, 8] {
        /// First guest page of 4 KiB.
        0 start_gfn: u64,
        /// Number of values.
        8 count: u32,
        /// `KVM_S390_CMMA_*`.
        12 flags: u32,
        /// How many pages are still to be read.
        16 remaining: u64,
        /// Address of the values in the client.
        24 values: u64,
    } | {
        /// Which bits to set.
        16 "mask" mask set_mask: u64,
    }

    /// Sets attributes of a range of guest storage.
    kvm_memory_attributes [32, 8] {
        /// Guest address.
        0 address: u64,
        /// Length in bytes.
        8 size: u64,
        /// The attributes.
        16 attributes: u64,
        /// Zero.
        24 flags: u64,
    }

    /// A file of private memory.
    kvm_create_guest_memfd [64, 8] {
        /// Length in bytes.
        0 size: u64,
        /// Zero.
        8 flags: u64,
        /// Not looked at.
        16 reserved: [u64; 6],
    }

    /// Maps guest storage before it is used.
    kvm_pre_fault_memory [64, 8] {
        /// Guest address.
        0 gpa: u64,
        /// Length in bytes.
        8 size: u64,
        /// Zero.
        16 flags: u64,
        /// Not looked at.
        24 padding: [u64; 5],
    }
}

constants! {
    /// Flags of a memory slot.
    static MEMORY_FLAGS: u32, "flags of a memory slot" {
        /// Keep a dirty log.
        KVM_MEM_LOG_DIRTY_PAGES = 1 << 0;
        /// The guest may not store; refused on s390.
        KVM_MEM_READONLY = 1 << 1;
        /// The slot has private memory.
        KVM_MEM_GUEST_MEMFD = 1 << 2;
    }

    /// Operations of [`kvm_s390_mem_op`].
    static MEMOP_OPERATIONS: u32, "operations on storage" {
        /// Read at a logical address.
        KVM_S390_MEMOP_LOGICAL_READ = 0;
        /// Write at a logical address.
        KVM_S390_MEMOP_LOGICAL_WRITE = 1;
        /// Read the secure-instruction data area.
        KVM_S390_MEMOP_SIDA_READ = 2;
        /// Write the secure-instruction data area.
        KVM_S390_MEMOP_SIDA_WRITE = 3;
        /// Read at an absolute address.
        KVM_S390_MEMOP_ABSOLUTE_READ = 4;
        /// Write at an absolute address.
        KVM_S390_MEMOP_ABSOLUTE_WRITE = 5;
        /// Compare and exchange at an absolute address.
        KVM_S390_MEMOP_ABSOLUTE_CMPXCHG = 6;
    }

    /// Flags of [`kvm_s390_mem_op`].
    static MEMOP_FLAGS: u64, "flags of an operation on storage" {
        /// Only say whether it would be possible.
        KVM_S390_MEMOP_F_CHECK_ONLY = 1 << 0;
        /// Inject the exception into the guest.
        KVM_S390_MEMOP_F_INJECT_EXCEPTION = 1 << 1;
        /// Check storage keys.
        KVM_S390_MEMOP_F_SKEY_PROTECTION = 1 << 2;
    }

    /// Values of `KVM_CAP_S390_MEM_OP_EXTENSION`.
    static MEMOP_EXTENSIONS: u32, "extensions of operations on storage" {
        /// Absolute accesses and key protection.
        KVM_S390_MEMOP_EXTENSION_CAP_BASE = 1 << 0;
        /// Compare and exchange.
        KVM_S390_MEMOP_EXTENSION_CAP_CMPXCHG = 1 << 1;
    }

    /// Numbers about storage keys.
    static SKEYS: u64, "storage keys" {
        /// Returned when the guest uses no keys.
        KVM_S390_GET_SKEYS_NONE = 1;
        /// Greatest number of keys in one call.
        KVM_S390_SKEYS_MAX = 1_048_576;
    }

    /// Flags of [`kvm_s390_cmma_log`].
    static CMMA_FLAGS: u32, "flags of page states" {
        /// Read without changing what is dirty.
        KVM_S390_CMMA_PEEK = 1 << 0;
    }

    /// Arguments of `KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2`.
    static DIRTY_LOG_FLAGS: u64, "flags of the dirty log" {
        /// Reading does not clear.
        KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE = 1 << 0;
        /// A new log has every bit set.
        KVM_DIRTY_LOG_INITIALLY_SET = 1 << 1;
    }

    /// Attributes of memory.
    static MEMORY_ATTRIBUTES: u64, "attributes of memory" {
        /// The guest's alone.
        KVM_MEMORY_ATTRIBUTE_PRIVATE = 1 << 3;
    }
}
