//! Kinds of interrupts, which are also their priorities, and sets of them.

use core::ops::{BitAnd, BitOr, BitOrAssign};

/// A kind of interrupt. Its [number](Kind::number) is its priority and its bit
/// in a [`Pending`] set (C.2): of several deliverable ones the highest number
/// comes first.
///
/// ```
/// use lowcore_interrupt::Kind;
/// assert_eq!(Kind::Io(0).number(), 10);
/// assert_eq!(Kind::from_number(3), Some(Kind::Io(7)));
/// assert!(Kind::Program.number() > Kind::Restart.number());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A new prefix. Delivered after everything else.
    SetPrefix,
    /// Restart.
    Restart,
    /// Stop. Pending only: it ends execution instead of being delivered (C.8).
    Stop,
    /// I/O of an interruption subclass, 0 to 7 (only the low three bits
    /// count); subclass 0 is the highest.
    Io(u8),
    /// Virtio, floating.
    Virtio,
    /// Completion of a pseudo page fault, floating.
    PfaultDone,
    /// Start of a pseudo page fault.
    PfaultInit,
    /// Service signal, the part that carries an SCCB address, floating.
    ServiceSignal,
    /// Service signal, the part that carries event bits, floating.
    ServiceEvent,
    /// CPU timer.
    CpuTimer,
    /// Clock comparator.
    ClockComparator,
    /// External call.
    ExternalCall,
    /// Emergency signal.
    EmergencySignal,
    /// Repressible machine check, local or floating.
    RepressibleMachineCheck,
    /// Program interruption.
    Program,
    /// Supervisor call. Never pending; only a CPU's own delivery has it.
    SupervisorCall,
    /// Exigent machine check.
    ExigentMachineCheck,
}

impl Kind {
    /// The number of the kind, 0 to 27.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::SetPrefix => 0,
            Self::Restart => 1,
            Self::Stop => 2,
            Self::Io(subclass) => 10 - (subclass & 7) as u32,
            Self::Virtio => 11,
            Self::PfaultDone => 12,
            Self::PfaultInit => 13,
            Self::ServiceSignal => 15,
            Self::ServiceEvent => 16,
            Self::CpuTimer => 18,
            Self::ClockComparator => 19,
            Self::ExternalCall => 20,
            Self::EmergencySignal => 21,
            Self::RepressibleMachineCheck => 24,
            Self::Program => 25,
            Self::SupervisorCall => 26,
            Self::ExigentMachineCheck => 27,
        }
    }

    /// The kind of a number; `None` for the numbers that are never used.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::SetPrefix,
            1 => Self::Restart,
            2 => Self::Stop,
            3 => Self::Io(7),
            4 => Self::Io(6),
            5 => Self::Io(5),
            6 => Self::Io(4),
            7 => Self::Io(3),
            8 => Self::Io(2),
            9 => Self::Io(1),
            10 => Self::Io(0),
            11 => Self::Virtio,
            12 => Self::PfaultDone,
            13 => Self::PfaultInit,
            15 => Self::ServiceSignal,
            16 => Self::ServiceEvent,
            18 => Self::CpuTimer,
            19 => Self::ClockComparator,
            20 => Self::ExternalCall,
            21 => Self::EmergencySignal,
            24 => Self::RepressibleMachineCheck,
            25 => Self::Program,
            26 => Self::SupervisorCall,
            27 => Self::ExigentMachineCheck,
            _ => return None,
        })
    }
}

/// A set of kinds of interrupts.
///
/// ```
/// use lowcore_interrupt::{Kind, Pending};
/// let set = Pending::of(Kind::Restart) | Pending::of(Kind::Program);
/// assert_eq!(set.highest(), Some(Kind::Program));
/// assert_eq!(set.bits(), 1 << 25 | 1 << 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pending(u32);

impl Pending {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// The set of one kind.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self(1 << kind.number())
    }

    /// The set whose members have the numbers of the one bits, LSB-0.
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The members' numbers as one bits, LSB-0.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the set has no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `kind` is in the set.
    #[must_use]
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    /// The member that is delivered first.
    #[must_use]
    pub const fn highest(self) -> Option<Kind> {
        match self.0.checked_ilog2() {
            Some(number) => Kind::from_number(number),
            None => None,
        }
    }

    /// The members, lowest number first.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        (0..u32::BITS).filter(move |n| self.0 >> n & 1 != 0).filter_map(Kind::from_number)
    }

    pub(crate) const fn insert(&mut self, kind: Kind) {
        self.0 |= Self::of(kind).0;
    }

    pub(crate) const fn remove(&mut self, kind: Kind) {
        self.0 &= !Self::of(kind).0;
    }

    /// Makes `kind` a member exactly if `present`.
    pub(crate) const fn set(&mut self, kind: Kind, present: bool) {
        if present {
            self.insert(kind);
        } else {
            self.remove(kind);
        }
    }
}

impl BitOr for Pending {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Pending {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for Pending {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
