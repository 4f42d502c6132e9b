//! What guests are told of the machine.

use lowcore_arch::FacilityList;
use std::sync::LazyLock;

/// The facilities of every guest: those of which the table of instructions
/// has every instruction and the engines the behaviour.
pub(crate) static GUEST: LazyLock<FacilityList> = LazyLock::new(lowcore_isa::facility::facilities);

/// The machine type that STIDP and STSI tell: that of a zEC12, whose caches
/// and facilities these are, so far as they are there.
pub(crate) const MACHINE_TYPE: u16 = 0x2827;

/// The CPU identification that STIDP stores: version code 0xff, which says
/// that the machine is virtual, as under Linux; no serial number; the machine
/// type; format 0x8000.
pub(crate) const CPU_ID: u64 = 0xff00_0000_0000_8000 | (MACHINE_TYPE as u64) << 16;
