//! Debugging a guest.

layouts! {
    /// What stopped a debugged guest.
    kvm_debug_exit_arch [16, 8] {
        /// Address of the breakpoint or the next instruction.
        0 addr: u64,
        /// `KVM_HW_BP`, `KVM_HW_WP_WRITE` or `KVM_SINGLESTEP`.
        8 type_ as "type": u8,
        /// Zero.
        9 pad: [u8; 7],
    }

    /// A breakpoint or watchpoint.
    kvm_hw_breakpoint [32, 8] {
        /// Guest address.
        0 addr: u64,
        /// Where that is in the client; the kernel computes it.
        8 phys_addr: u64,
        /// Length in bytes.
        16 len: u64,
        /// `KVM_HW_BP` or `KVM_HW_WP_WRITE`.
        24 type_ as "type": u8,
        /// Zero.
        25 pad: [u8; 7],
    }

    /// The s390 part of [`kvm_guest_debug`].
    kvm_guest_debug_arch [16, 8] {
        /// Number of breakpoints.
        0 nr_hw_bp: u32,
        /// Zero.
        4 pad: u32,
        /// Address of an array of [`kvm_hw_breakpoint`] in the client.
        8 hw_bp: u64 => "struct kvm_hw_breakpoint *hw_bp",
    }

    /// What to debug.
    kvm_guest_debug [24, 8] {
        /// `KVM_GUESTDBG_*`.
        0 control: u32,
        /// Not looked at.
        4 pad: u32,
        /// The s390 part.
        8 arch: kvm_guest_debug_arch,
    }
}

constants! {
    /// Flags of [`kvm_guest_debug`].
    static GUEST_DEBUG_FLAGS: u32, "flags of guest debugging" {
        /// Debug at all.
        KVM_GUESTDBG_ENABLE = 0x0000_0001;
        /// Stop after each instruction.
        KVM_GUESTDBG_SINGLESTEP = 0x0000_0002;
        /// Stop at breakpoints and watchpoints.
        KVM_GUESTDBG_USE_HW_BP = 0x0001_0000;
    }

    /// Kinds of breakpoints and of debug exits.
    static GUEST_DEBUG_KINDS: u8, "kinds of debug events" {
        /// Breakpoint.
        KVM_HW_BP = 1;
        /// Watchpoint on stores.
        KVM_HW_WP_WRITE = 2;
        /// Single step.
        KVM_SINGLESTEP = 4;
    }
}
