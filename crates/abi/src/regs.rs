//! Registers, and the state of a CPU.

layouts! {
    /// A PSW, for `KVM_S390_SET_INITIAL_PSW`.
    kvm_s390_psw [16, 8] {
        /// Bits 0-63.
        0 mask: u64,
        /// Instruction address.
        8 addr: u64,
    }

    /// General registers.
    kvm_regs [128, 8] {
        /// General registers 0-15.
        0 gprs: [u64; 16],
    }

    /// Access and control registers.
    kvm_sregs [192, 8] {
        /// Access registers 0-15.
        0 acrs: [u32; 16],
        /// Control registers 0-15.
        64 crs: [u64; 16],
    }

    /// Floating-point registers.
    kvm_fpu [136, 8] {
        /// Floating-point-control register.
        0 fpc: u32,
        /// Added by the compiler.
        4 _pad: [u8; 4],
        /// Floating-point registers 0-15.
        8 fprs: [u64; 16],
    }

    /// One register, named by number.
    kvm_one_reg [16, 8] {
        /// `KVM_REG_S390_*`.
        0 id: u64,
        /// Address of the value in the client.
        8 addr: u64,
    }

    /// What a CPU is doing.
    kvm_mp_state [4, 4] {
        /// `KVM_MP_STATE_*`.
        0 mp_state: u32,
    }
}

constants! {
    /// How the number of a register says its architecture and size.
    static REG_FIELDS: u64, "fields of register numbers" {
        /// Field of the architecture.
        KVM_REG_ARCH_MASK = 0xff00_0000_0000_0000;
        /// The architecture is s390.
        KVM_REG_S390 = 0x5000_0000_0000_0000;
        /// Lowest bit of the size, which is a power of two in bytes.
        KVM_REG_SIZE_SHIFT = 52;
        /// Field of the size.
        KVM_REG_SIZE_MASK = 0x00f0_0000_0000_0000;
        /// Four bytes.
        KVM_REG_SIZE_U32 = 0x0020_0000_0000_0000;
        /// Eight bytes.
        KVM_REG_SIZE_U64 = 0x0030_0000_0000_0000;
    }

    /// Numbers of registers, for [`kvm_one_reg`].
    static ONE_REGS: u64, "register numbers" {
        /// TOD programmable register.
        KVM_REG_S390_TODPR = KVM_REG_S390 | KVM_REG_SIZE_U32 | 1;
        /// What is added to the host's TOD clock.
        KVM_REG_S390_EPOCHDIFF = KVM_REG_S390 | KVM_REG_SIZE_U64 | 2;
        /// CPU timer.
        KVM_REG_S390_CPU_TIMER = KVM_REG_S390 | KVM_REG_SIZE_U64 | 3;
        /// Clock comparator.
        KVM_REG_S390_CLOCK_COMP = KVM_REG_S390 | KVM_REG_SIZE_U64 | 4;
        /// Pfault token.
        KVM_REG_S390_PFTOKEN = KVM_REG_S390 | KVM_REG_SIZE_U64 | 5;
        /// Pfault compare mask.
        KVM_REG_S390_PFCOMPARE = KVM_REG_S390 | KVM_REG_SIZE_U64 | 6;
        /// Pfault select mask.
        KVM_REG_S390_PFSELECT = KVM_REG_S390 | KVM_REG_SIZE_U64 | 7;
        /// Program parameter.
        KVM_REG_S390_PP = KVM_REG_S390 | KVM_REG_SIZE_U64 | 8;
        /// Breaking-event address.
        KVM_REG_S390_GBEA = KVM_REG_S390 | KVM_REG_SIZE_U64 | 9;
    }

    /// A pfault token that is none.
    static PFAULT: u64, "the pfault handshake" {
        /// No handshake has been made.
        KVM_S390_PFAULT_TOKEN_INVALID = u64::MAX;
    }

    /// Values of [`kvm_mp_state`].
    static MP_STATES: u32, "states of a CPU" {
        /// Not used on s390.
        KVM_MP_STATE_RUNNABLE = 0;
        /// Not used on s390.
        KVM_MP_STATE_UNINITIALIZED = 1;
        /// Not used on s390.
        KVM_MP_STATE_INIT_RECEIVED = 2;
        /// Not used on s390.
        KVM_MP_STATE_HALTED = 3;
        /// Not used on s390.
        KVM_MP_STATE_SIPI_RECEIVED = 4;
        /// Stopped.
        KVM_MP_STATE_STOPPED = 5;
        /// Check-stop.
        KVM_MP_STATE_CHECK_STOP = 6;
        /// Operating.
        KVM_MP_STATE_OPERATING = 7;
        /// Load.
        KVM_MP_STATE_LOAD = 8;
        /// Not used on s390.
        KVM_MP_STATE_AP_RESET_HOLD = 9;
        /// Not used on s390.
        KVM_MP_STATE_SUSPENDED = 10;
    }

    /// Arguments of `KVM_S390_STORE_STATUS` that are no address.
    static STORE_STATUS: u64, "places of the status" {
        /// The save areas at their absolute addresses.
        KVM_S390_STORE_STATUS_NOADDR = u64::MAX;
        /// The save areas of the prefix area.
        KVM_S390_STORE_STATUS_PREFIXED = u64::MAX - 1;
    }
}
