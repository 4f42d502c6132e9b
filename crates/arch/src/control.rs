//! Control-register bits (manual, chapter 4, "Control Registers").

/// Bits of control registers 0, 6, 9 and 14, each as a 64-bit mask.
#[derive(Clone, Copy, Debug)]
pub struct ControlRegister;

impl ControlRegister {
    /// CR0 bit 10: the clock comparator compares signed values.
    pub const CR0_CLOCK_COMPARATOR_SIGN: u64 = 1 << 53;
    /// CR0 bit 35: low-address protection.
    pub const CR0_LOW_ADDRESS_PROTECTION: u64 = 1 << 28;
    /// CR0 bit 38: fetch-protection override.
    pub const CR0_FETCH_PROTECTION_OVERRIDE: u64 = 1 << 25;
    /// CR0 bit 39: storage-protection override.
    pub const CR0_STORAGE_PROTECTION_OVERRIDE: u64 = 1 << 24;
    /// CR0 bit 45: AFP registers may be used.
    pub const CR0_AFP: u64 = 1 << 18;
    /// CR0 bit 49: emergency-signal subclass.
    pub const CR0_EMERGENCY_SIGNAL: u64 = 0x4000;
    /// CR0 bit 50: external-call subclass.
    pub const CR0_EXTERNAL_CALL: u64 = 0x2000;
    /// CR0 bit 52: clock-comparator subclass.
    pub const CR0_CLOCK_COMPARATOR: u64 = 0x0800;
    /// CR0 bit 53: CPU-timer subclass.
    pub const CR0_CPU_TIMER: u64 = 0x0400;
    /// CR0 bit 54: service-signal subclass.
    pub const CR0_SERVICE_SIGNAL: u64 = 0x0200;
    /// What initial CPU reset leaves in CR0.
    pub const CR0_INITIAL: u64 = 0xe0;
    /// CR9 bit 32: PER of successful branching.
    pub const CR9_BRANCHING: u64 = 0x8000_0000;
    /// CR9 bit 33: PER of instruction fetching.
    pub const CR9_FETCHING: u64 = 0x4000_0000;
    /// CR9 bit 34: PER of storage alteration.
    pub const CR9_STORAGE_ALTERATION: u64 = 0x2000_0000;
    /// CR9 bit 36: with bit 34, PER of stores using real addresses.
    pub const CR9_REAL_STORE: u64 = 0x0800_0000;
    /// CR9 bit 40: branching counts only into the storage area.
    pub const CR9_BRANCH_ADDRESS: u64 = 0x0080_0000;
    /// CR9 bit 42: storage alteration counts only in spaces that say so.
    pub const CR9_ALTERATION_SPACE: u64 = 0x0020_0000;
    /// CR12 bits 2-61: the real address of the next trace entry.
    pub const CR12_TRACE_ENTRY_ADDRESS: u64 = 0x3fff_ffff_ffff_fffc;
    /// CR12 bit 63: explicit-trace control.
    pub const CR12_EXPLICIT_TRACE: u64 = 1;
    /// What initial CPU reset leaves in CR14.
    pub const CR14_INITIAL: u64 = 0xc200_0000;
    /// CR14 bit 35: channel-report-pending subclass.
    pub const CR14_CHANNEL_REPORT: u64 = 1 << 28;
    /// CR14 bit 36: recovery subclass.
    pub const CR14_RECOVERY: u64 = 1 << 27;
    /// CR14 bit 37: degradation subclass.
    pub const CR14_DEGRADATION: u64 = 1 << 26;
    /// CR14 bit 38: external-damage subclass.
    pub const CR14_EXTERNAL_DAMAGE: u64 = 1 << 25;
    /// CR14 bit 39: warning subclass.
    pub const CR14_WARNING: u64 = 1 << 24;

    /// The CR6 mask of I/O-interruption subclass `isc` (0 to 7).
    #[must_use]
    pub const fn cr6_subclass(isc: u8) -> u64 {
        0x8000_0000 >> (isc & 7)
    }
}
