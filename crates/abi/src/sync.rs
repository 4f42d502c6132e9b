//! The registers that the run page shares (the specification, section A.7).

layouts! {
    /// Registers in the run page.
    kvm_sync_regs [1984, 8] {
        /// Prefix register.
        0 prefix: u64,
        /// General registers.
        8 gprs: [u64; 16],
        /// Access registers.
        136 acrs: [u32; 16],
        /// Control registers.
        200 crs: [u64; 16],
        /// TOD programmable register.
        328 todpr: u64,
        /// CPU timer.
        336 cputm: u64,
        /// Clock comparator.
        344 ckc: u64,
        /// Program parameter.
        352 pp: u64,
        /// Breaking-event address.
        360 gbea: u64,
        /// Pfault token.
        368 pft: u64,
        /// Pfault select mask.
        376 pfs: u64,
        /// Pfault compare mask.
        384 pfc: u64,
        /// Vector registers, high half first.
        392 vrs: [[u64; 2]; 32],
        /// For longer vectors.
        904 reserved: [u8; 512],
        /// Floating-point-control register.
        1416 fpc: u32,
        /// The byte of the bit field: [`KVM_SYNC_REGS_BPBC`] is the kernel's
        /// `bpbc`, branch-prediction blocking.
        1420 bpbc: u8 => "__u8 bpbc : 1;\n\t__u8 reserved2 : 7",
        /// Not used.
        1421 padding1: [u8; 51],
        /// Runtime-instrumentation controls.
        1472 riccb: [u8; 64],
        /// What DIAGNOSE 0x318 set.
        1536 diag318: u64,
        /// Not used.
        1544 padding2: [u8; 184],
        /// Not used.
        1728 reserved1: [u64; 2],
        /// Guarded-storage controls.
        1744 gscb: [u64; 4],
        /// Entropy token.
        1776 etoken: u64,
        /// Entropy token, continued.
        1784 etoken_extension: u64,
        /// The rest of the state-description annex.
        1792 _rest: [u8; 192],
    } | {
        /// Floating-point registers, where there are no vector registers.
        392 "fprs" fprs set_fprs: [u64; 16],
        /// The state-description annex.
        1728 "sdnx" sdnx set_sdnx: [u8; 256],
    }
}

/// The kernel's `bpbc` in the byte of [`kvm_sync_regs::bpbc`]: a C compiler
/// puts the first bit field at the end that comes first in the byte order.
pub const KVM_SYNC_REGS_BPBC: u8 = if cfg!(target_endian = "big") { 0x80 } else { 0x01 };

constants! {
    /// Groups of registers, for `kvm_valid_regs` and `kvm_dirty_regs`.
    static SYNC_FIELDS: u64, "groups of shared registers" {
        /// Prefix.
        KVM_SYNC_PREFIX = 1 << 0;
        /// General registers.
        KVM_SYNC_GPRS = 1 << 1;
        /// Access registers.
        KVM_SYNC_ACRS = 1 << 2;
        /// Control registers.
        KVM_SYNC_CRS = 1 << 3;
        /// `todpr`, `cputm`, `ckc`, `pp` and `gbea`.
        KVM_SYNC_ARCH0 = 1 << 4;
        /// `pft`, `pfs` and `pfc`.
        KVM_SYNC_PFAULT = 1 << 5;
        /// Vector registers, and `fpc`.
        KVM_SYNC_VRS = 1 << 6;
        /// Runtime instrumentation.
        KVM_SYNC_RICCB = 1 << 7;
        /// Floating-point registers, and `fpc`.
        KVM_SYNC_FPRS = 1 << 8;
        /// Guarded storage.
        KVM_SYNC_GSCB = 1 << 9;
        /// Branch-prediction blocking.
        KVM_SYNC_BPBC = 1 << 10;
        /// Entropy token.
        KVM_SYNC_ETOKEN = 1 << 11;
        /// DIAGNOSE 0x318.
        KVM_SYNC_DIAG318 = 1 << 12;
        /// All of them.
        KVM_SYNC_S390_VALID_FIELDS = 0x1fff;
    }

    /// Sizes in the run page.
    static SYNC_SIZES: u64, "sizes in the run page" {
        /// Bytes kept for [`kvm_sync_regs`].
        SYNC_REGS_SIZE_BYTES = 2048;
        /// Length of the state-description annex as a power of two.
        SDNXC = 8;
        /// Length of the state-description annex in bytes.
        SDNXL = 256;
    }
}
