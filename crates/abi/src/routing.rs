//! Event file descriptors and what they lead to.

layouts! {
    /// A route to an adapter interrupt.
    kvm_irq_routing_s390_adapter [32, 8] {
        /// Guest address of the indicators.
        0 ind_addr: u64,
        /// Guest address of the summary indicator.
        8 summary_addr: u64,
        /// Bit number of the indicator.
        16 ind_offset: u64,
        /// Bit number of the summary indicator.
        24 summary_offset: u32,
        /// Number of the adapter.
        28 adapter_id: u32,
    }

    /// One route.
    kvm_irq_routing_entry [48, 8] {
        /// Number that the route is found by.
        0 gsi: u32,
        /// `KVM_IRQ_ROUTING_*`.
        4 type_ as "type": u32,
        /// Zero.
        8 flags: u32,
        /// Not looked at.
        12 pad: u32,
        /// Where it leads; words of eight bytes for the alignment of the
        /// kernel's union.
        16 u: [u64; 4],
    } | {
        /// A route to an adapter interrupt.
        16 "u.adapter" adapter set_adapter: kvm_irq_routing_s390_adapter,
        /// The words of the target.
        16 "u.pad" target_words set_target_words: [u32; 8] => "__u32 pad[8]",
    }

    /// All routes of a VM; they follow.
    kvm_irq_routing [8, 8] {
        /// How many.
        0 nr: u32,
        /// Zero.
        4 flags: u32,
        /// The routes.
        8 entries: [kvm_irq_routing_entry; 0],
    }

    /// An event file descriptor that injects an interrupt.
    kvm_irqfd [32, 4] {
        /// The file descriptor.
        0 fd: u32,
        /// The route.
        4 gsi: u32,
        /// `KVM_IRQFD_FLAG_*`.
        8 flags: u32,
        /// File descriptor to signal at the end of the interrupt.
        12 resamplefd: u32,
        /// Not looked at.
        16 pad: [u8; 16],
    }

    /// An event file descriptor that a guest signals.
    kvm_ioeventfd [64, 8] {
        /// The value that must be written.
        0 datamatch: u64,
        /// The address, or a virtio-ccw subchannel id.
        8 addr: u64,
        /// Length of the write in bytes; zero for any.
        16 len: u32,
        /// The file descriptor.
        20 fd: i32,
        /// `KVM_IOEVENTFD_FLAG_*`.
        24 flags: u32,
        /// Not looked at.
        28 pad: [u8; 36],
    }

    /// An interrupt line, for `KVM_IRQ_LINE`.
    kvm_irq_level [8, 4] {
        /// Number of the line.
        0 irq: u32,
        /// Its new level.
        4 level: u32,
    } | {
        /// What became of it.
        0 "status" status set_status: i32,
    }

    /// A message-signalled interrupt.
    kvm_msi [32, 4] {
        /// Address, low half.
        0 address_lo: u32,
        /// Address, high half.
        4 address_hi: u32,
        /// Data.
        8 data: u32,
        /// `KVM_MSI_*`.
        12 flags: u32,
        /// Device.
        16 devid: u32,
        /// Not looked at.
        20 pad: [u8; 12],
    }

    /// An address range whose writes are collected.
    kvm_coalesced_mmio_zone [16, 8] {
        /// Guest address.
        0 addr: u64,
        /// Length in bytes.
        8 size: u32,
        /// Whether it is a port.
        12 pio: u32,
    } | {
        /// The same under its older name.
        12 "pad" pad set_pad: u32,
    }
}

constants! {
    /// Types of routes.
    static ROUTE_TYPES: u32, "types of routes" {
        /// To a pin of an interrupt controller.
        KVM_IRQ_ROUTING_IRQCHIP = 1;
        /// To a message-signalled interrupt.
        KVM_IRQ_ROUTING_MSI = 2;
        /// To an adapter interrupt.
        KVM_IRQ_ROUTING_S390_ADAPTER = 3;
    }

    /// Flags of [`kvm_irqfd`].
    static IRQFD_FLAGS: u32, "flags of an irqfd" {
        /// Undo.
        KVM_IRQFD_FLAG_DEASSIGN = 1 << 0;
        /// Signal the end of the interrupt.
        KVM_IRQFD_FLAG_RESAMPLE = 1 << 1;
    }

    /// Flags of [`kvm_ioeventfd`].
    static IOEVENTFD_FLAGS: u32, "flags of an ioeventfd" {
        /// The written value must match.
        KVM_IOEVENTFD_FLAG_DATAMATCH = 1 << 0;
        /// A port.
        KVM_IOEVENTFD_FLAG_PIO = 1 << 1;
        /// Undo.
        KVM_IOEVENTFD_FLAG_DEASSIGN = 1 << 2;
        /// A virtio-ccw notification: DIAGNOSE 0x500.
        KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY = 1 << 3;
        /// Any flag that is known.
        KVM_IOEVENTFD_VALID_FLAG_MASK = 0x1f;
    }
}
