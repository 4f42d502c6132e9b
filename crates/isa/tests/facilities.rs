//! What the table promises by the facilities that it says it has.

use lowcore_arch::{Facility, FacilityList};
use lowcore_isa::ROWS;
use lowcore_isa::facility::{PROMISES, facilities, lacking};
use std::collections::BTreeSet;

fn promised(facility: Facility) -> Option<&'static [&'static str]> {
    PROMISES.iter().find(|(promised, _)| *promised == facility).map(|(_, rows)| *rows)
}

#[test]
fn a_facility_has_one_entry_in_order() {
    assert!(PROMISES.is_sorted_by(|a, b| a.0 < b.0));
    for (facility, instructions) in PROMISES {
        let once: BTreeSet<_> = instructions.iter().collect();
        assert_eq!(once.len(), instructions.len(), "{facility:?}");
        assert!(Facility::NAMED.iter().any(|(named, _)| named == facility), "{facility:?}");
    }
}

#[test]
fn every_row_belongs_to_what_its_facility_promises() {
    for row in ROWS.iter().filter(|row| row.facility != Facility::N3) {
        let promised = promised(row.facility);
        assert!(
            promised.is_some_and(|rows| rows.contains(&row.mnemonic)),
            "{} is a row of {:?}, which does not promise it",
            row.mnemonic,
            row.facility
        );
    }
}

#[test]
fn nothing_is_claimed_that_lacks_an_instruction() {
    let list = facilities();
    let lacking = lacking();
    for (facility, missing) in &lacking {
        println!("{facility:?} lacks {}", missing.join(" "));
        assert!(!list.has(*facility), "{facility:?}");
    }
    for (facility, _) in PROMISES {
        let has_all = !lacking.iter().any(|(other, _)| other == facility);
        assert_eq!(list.has(*facility), has_all, "{facility:?}");
    }
    // And nothing without an entry.
    let entries = PROMISES.iter().fold(FacilityList::default(), |list, (f, _)| list.with(*f));
    assert_eq!(list.union(&entries), entries);
}

#[test]
fn what_zec12_has_and_this_has_not_is_known() {
    // Bits of a zEC12 as the manual names them; what is missing is one of
    // these, each for a reason that docs/limits.md gives.
    const NOT_YET: &[Facility] = &[
        Facility::ASN_AND_LX_REUSE,
        Facility::TOPOLOGY,
        Facility::MESSAGE_SECURITY_ASSIST,
        Facility::HFP_MULTIPLY_AND_ADD,
        Facility::HFP_UNNORMALIZED,
        Facility::ENHANCED_MONITOR,
        Facility::DECIMAL_FLOATING_POINT,
        Facility::DECIMAL_FLOATING_POINT_FAST,
        Facility::PFPO,
        Facility::CMPSC_ENHANCEMENT,
        Facility::DECIMAL_ZONED_CONVERSION,
        Facility::CONSTRAINED_TRANSACTIONS,
        Facility::RUNTIME_INSTRUMENTATION,
        Facility::MEASUREMENT_COUNTERS,
        Facility::TRANSACTIONAL_EXECUTION,
    ];
    for (facility, name) in Facility::NAMED.iter().filter(|(facility, _)| facility.0 < 79) {
        let entry = PROMISES.iter().any(|(promised, _)| promised == facility);
        let other = NOT_YET.contains(facility) || *facility == Facility::ADAPTER_SUPPRESSION;
        assert_ne!(entry, other, "{name}");
    }
}
