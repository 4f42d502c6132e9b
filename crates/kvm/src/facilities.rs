//! What guests are told of the machine.

use lowcore_arch::FacilityList;
use std::sync::LazyLock;

/// The facilities that guests may have: those of which the table of instructions
/// has every instruction and the engines the behaviour.
pub(crate) static GUEST: LazyLock<FacilityList> = LazyLock::new(lowcore_isa::facility::facilities);

/// The machine type: that of a zEC12, whose caches
/// and facilities these are, so far as they are there.
const MACHINE_TYPE: u16 = 0x2827;

/// The CPU identification of the machine: no version code and serial number;
/// the machine type; format 0x8000.
pub(crate) const MACHINE_CPU_ID: u64 = 0x8000 | (MACHINE_TYPE as u64) << 16;

/// The CPU identification that STIDP stores: with version code 0xff, which
/// says that the machine is virtual, as under Linux.
pub(crate) const CPU_ID: u64 = 0xff << 56 | MACHINE_CPU_ID;
