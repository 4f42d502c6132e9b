//! What guests are told of the machine.

use lowcore_arch::{Facility, FacilityList};

/// The facilities of every guest. A facility is in the list only if all its
/// instructions are implemented.
pub(crate) static GUEST: FacilityList = FacilityList::from_doublewords([0; 4])
    .with(Facility::Z_ARCHITECTURE)
    .with(Facility::Z_ARCHITECTURE_ACTIVE)
    .with(Facility::STFLE)
    .with(Facility::SENSE_RUNNING_STATUS)
    .with(Facility::STORE_CLOCK_FAST)
    .with(Facility::EXECUTE_EXTENSIONS);

/// The CPU identification that STIDP stores: version code 0xff, which says
/// that the machine is virtual, as under Linux; no serial number; the machine
/// type of a z196.
pub(crate) const CPU_ID: u64 = 0xff00_0000_2817_8000;
