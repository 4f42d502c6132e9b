//! Facility indications (manual, chapter 4, "Facility Indications").

/// A facility, by its bit number in the facility list. Only those that a row
/// of the instruction table or the KVM contract asks about have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facility(pub u8);

impl Facility {
    /// Instructions that z/Architecture has always had (marked as N3 in the
    /// manual together with z/Architecture itself).
    pub const N3: Self = Self(0);
    /// z/Architecture is installed.
    pub const Z_ARCHITECTURE: Self = Self(1);
    /// z/Architecture is active.
    pub const Z_ARCHITECTURE_ACTIVE: Self = Self(2);
    /// Store-facility-list-extended facility.
    pub const STFLE: Self = Self(7);
    /// Sense-running-status facility.
    pub const SENSE_RUNNING_STATUS: Self = Self(9);
    /// Configuration-topology facility.
    pub const TOPOLOGY: Self = Self(11);
    /// Long-displacement facility.
    pub const LONG_DISPLACEMENT: Self = Self(18);
    /// Extended-immediate facility.
    pub const EXTENDED_IMMEDIATE: Self = Self(21);
    /// Store-clock-fast facility.
    pub const STORE_CLOCK_FAST: Self = Self(25);
    /// General-instructions-extension facility.
    pub const GENERAL_INSTRUCTIONS_EXTENSION: Self = Self(34);
    /// Execute-extensions facility.
    pub const EXECUTE_EXTENSIONS: Self = Self(35);
    /// Distinct-operands, interlocked-access 1, load/store-on-condition and
    /// their companions.
    pub const DISTINCT_OPERANDS: Self = Self(45);
    /// Runtime-instrumentation facility.
    pub const RUNTIME_INSTRUMENTATION: Self = Self(64);
    /// Adapter-interruption-suppression facility.
    pub const ADAPTER_SUPPRESSION: Self = Self(72);
    /// BPB-control facility.
    pub const BPB_CONTROL: Self = Self(82);
    /// Vector facility.
    pub const VECTOR: Self = Self(129);
    /// Guarded-storage facility.
    pub const GUARDED_STORAGE: Self = Self(133);
    /// Multiple-epoch facility.
    pub const MULTIPLE_EPOCH: Self = Self(139);
    /// ETOKEN facility.
    pub const ETOKEN: Self = Self(156);
}

/// A set of facilities, in the order of bits that STFLE stores.
///
/// ```
/// use lowcore_arch::{Facility, FacilityList};
/// let list = FacilityList::default().with(Facility(1)).with(Facility(18));
/// assert!(list.has(Facility(18)));
/// assert_eq!(list.doublewords()[0], 0x4000_2000_0000_0000);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FacilityList([u64; 4]);

impl FacilityList {
    /// The list with `facility` added.
    #[must_use]
    pub const fn with(mut self, facility: Facility) -> Self {
        self.0[facility.0 as usize / 64] |= 1 << (63 - facility.0 % 64);
        self
    }

    /// Whether `facility` is in the list.
    #[must_use]
    pub const fn has(&self, facility: Facility) -> bool {
        self.0[facility.0 as usize / 64] >> (63 - facility.0 % 64) & 1 != 0
    }

    /// The list as the doublewords that STFLE stores, facility 0 leftmost.
    #[must_use]
    pub const fn doublewords(&self) -> &[u64; 4] {
        &self.0
    }

    /// A list of the given doublewords.
    #[must_use]
    pub const fn from_doublewords(words: [u64; 4]) -> Self {
        Self(words)
    }
}
