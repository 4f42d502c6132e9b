//! Facility indications (manual, chapter 4, "Facility Indications").

/// A facility, by its bit number in the facility list. Only those that a row
/// of the instruction table or the KVM contract asks about have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facility(pub u8);

macro_rules! facilities {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Facility {
            $($(#[$doc])* pub const $name: Self = Self($bit);)*

            /// The facilities that have names here.
            pub const NAMED: &[(Self, &'static str)] = &[$((Self::$name, stringify!($name)),)*];
        }
    };
}

facilities! {
    /// Instructions that z/Architecture has always had (marked as N3 in the
    /// manual together with z/Architecture itself).
    N3 = 0;
    /// z/Architecture is installed.
    Z_ARCHITECTURE = 1;
    /// z/Architecture is active.
    Z_ARCHITECTURE_ACTIVE = 2;
    /// DAT-enhancement facility 1.
    DAT_ENHANCEMENT = 3;
    /// INVALIDATE DAT TABLE ENTRY clears by segment tables.
    IDTE_SEGMENT = 4;
    /// INVALIDATE DAT TABLE ENTRY clears by region tables.
    IDTE_REGION = 5;
    /// ASN-and-LX-reuse facility.
    ASN_AND_LX_REUSE = 6;
    /// Store-facility-list-extended facility.
    STFLE = 7;
    /// Enhanced-DAT facility 1.
    ENHANCED_DAT_1 = 8;
    /// Sense-running-status facility.
    SENSE_RUNNING_STATUS = 9;
    /// Conditional-SSKE facility.
    CONDITIONAL_SSKE = 10;
    /// Configuration-topology facility.
    TOPOLOGY = 11;
    /// IPTE-range facility.
    IPTE_RANGE = 13;
    /// Nonquiescing key-setting facility.
    NONQUIESCING_KEY_SETTING = 14;
    /// Extended-translation facility 2.
    EXTENDED_TRANSLATION_2 = 16;
    /// Message-security assist.
    MESSAGE_SECURITY_ASSIST = 17;
    /// Long-displacement facility.
    LONG_DISPLACEMENT = 18;
    /// Long-displacement facility with high performance.
    LONG_DISPLACEMENT_FAST = 19;
    /// HFP-multiply-and-add/subtract facility.
    HFP_MULTIPLY_AND_ADD = 20;
    /// Extended-immediate facility.
    EXTENDED_IMMEDIATE = 21;
    /// Extended-translation facility 3.
    EXTENDED_TRANSLATION_3 = 22;
    /// HFP-unnormalized-extensions facility.
    HFP_UNNORMALIZED = 23;
    /// ETF2-enhancement facility.
    ETF2_ENHANCEMENT = 24;
    /// Store-clock-fast facility.
    STORE_CLOCK_FAST = 25;
    /// Parsing-enhancement facility.
    PARSING_ENHANCEMENT = 26;
    /// Move-with-optional-specifications facility.
    MOVE_WITH_OPTIONAL_SPECIFICATIONS = 27;
    /// TOD-clock-steering facility.
    TOD_CLOCK_STEERING = 28;
    /// ETF3-enhancement facility.
    ETF3_ENHANCEMENT = 30;
    /// Extract-CPU-time facility.
    EXTRACT_CPU_TIME = 31;
    /// Compare-and-swap-and-store facility.
    COMPARE_AND_SWAP_AND_STORE = 32;
    /// Compare-and-swap-and-store facility 2.
    COMPARE_AND_SWAP_AND_STORE_2 = 33;
    /// General-instructions-extension facility.
    GENERAL_INSTRUCTIONS_EXTENSION = 34;
    /// Execute-extensions facility.
    EXECUTE_EXTENSIONS = 35;
    /// Enhanced-monitor facility.
    ENHANCED_MONITOR = 36;
    /// Floating-point-extension facility.
    FLOATING_POINT_EXTENSION = 37;
    /// Load-program-parameter facility.
    LOAD_PROGRAM_PARAMETER = 40;
    /// Floating-point-support-enhancement facilities.
    FLOATING_POINT_SUPPORT = 41;
    /// Decimal-floating-point facility.
    DECIMAL_FLOATING_POINT = 42;
    /// Decimal-floating-point facility with high performance.
    DECIMAL_FLOATING_POINT_FAST = 43;
    /// PFPO instruction.
    PFPO = 44;
    /// Distinct-operands, fast-BCR-serialization, high-word,
    /// interlocked-access 1, load/store-on-condition and population-count
    /// facilities.
    DISTINCT_OPERANDS = 45;
    /// CMPSC-enhancement facility.
    CMPSC_ENHANCEMENT = 47;
    /// Decimal-floating-point zoned-conversion facility.
    DECIMAL_ZONED_CONVERSION = 48;
    /// Execution-hint, load-and-trap, processor-assist and
    /// miscellaneous-instruction-extensions 1 facilities.
    MISCELLANEOUS_INSTRUCTION_EXTENSIONS = 49;
    /// Constrained transactional-execution facility.
    CONSTRAINED_TRANSACTIONS = 50;
    /// Local-TLB-clearing facility.
    LOCAL_TLB_CLEARING = 51;
    /// Interlocked-access facility 2.
    INTERLOCKED_ACCESS_2 = 52;
    /// Runtime-instrumentation facility.
    RUNTIME_INSTRUMENTATION = 64;
    /// Reset-reference-bits-multiple facility.
    RESET_REFERENCE_BITS_MULTIPLE = 66;
    /// CPU-measurement counter facility.
    MEASUREMENT_COUNTERS = 67;
    /// Adapter-interruption-suppression facility.
    ADAPTER_SUPPRESSION = 72;
    /// Transactional-execution facility.
    TRANSACTIONAL_EXECUTION = 73;
    /// Access-exception fetch/store indication facility.
    FETCH_STORE_INDICATION = 75;
    /// Enhanced-DAT facility 2.
    ENHANCED_DAT_2 = 78;
    /// BPB-control facility.
    BPB_CONTROL = 82;
    /// Vector facility.
    VECTOR = 129;
    /// Guarded-storage facility.
    GUARDED_STORAGE = 133;
    /// Multiple-epoch facility.
    MULTIPLE_EPOCH = 139;
    /// ETOKEN facility.
    ETOKEN = 156;
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

    /// The list with `facility` taken away.
    #[must_use]
    pub const fn without(mut self, facility: Facility) -> Self {
        self.0[facility.0 as usize / 64] &= !(1 << (63 - facility.0 % 64));
        self
    }

    /// Whether `facility` is in the list.
    #[must_use]
    pub const fn has(&self, facility: Facility) -> bool {
        self.0[facility.0 as usize / 64] >> (63 - facility.0 % 64) & 1 != 0
    }

    /// The list with the facilities of both.
    #[must_use]
    pub const fn union(mut self, other: &Self) -> Self {
        let mut i = 0;
        while i < self.0.len() {
            self.0[i] |= other.0[i];
            i += 1;
        }
        self
    }

    /// The list with the facilities that are in both.
    #[must_use]
    pub const fn intersection(mut self, other: &Self) -> Self {
        let mut i = 0;
        while i < self.0.len() {
            self.0[i] &= other.0[i];
            i += 1;
        }
        self
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
